"""The service manager is told what it has to know, over a real socket."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest

from siaga.readiness import Notifier

LIMIT_S = 5.0


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """What systemd would be: a socket, and its address as in NOTIFY_SOCKET."""
    address = str(tmp_path / "notify") if request.param == "path" else f"@siaga-{uuid4()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.settimeout(LIMIT_S)
        listener.bind("\0" + address[1:] if address.startswith("@") else address)
        yield address, listener


def test_each_message_has_its_form(manager: tuple[str, socket.socket]) -> None:
    """The words are those of sd_notify(3), one datagram each, in order."""
    address, listener = manager
    notifier = Notifier.from_environment({"NOTIFY_SOCKET": address})
    notifier.ready()
    notifier.status("serving, Asterisk 22")
    notifier.ping()
    notifier.stopping()
    found = [listener.recv(1000) for _ in range(4)]
    assert found == [b"READY=1", b"STATUS=serving, Asterisk 22", b"WATCHDOG=1", b"STOPPING=1"]


def test_a_status_is_one_line(manager: tuple[str, socket.socket]) -> None:
    """No text can smuggle in a second assignment."""
    address, listener = manager
    Notifier(address).status("Asterisk is away:\nREADY=1")
    assert listener.recv(1000) == b"STATUS=Asterisk is away: READY=1"


def fill(filler: socket.socket) -> None:
    """Sends until there is no room."""
    with suppress(BlockingIOError):
        while True:
            filler.send(b"x")


def test_it_knows_a_systemd_that_does_not_want_to_be_told() -> None:
    """Started by systemd itself, and no socket: `Type=notify` is missing. By hand: nothing is."""
    mine, other = str(os.getpid()), "1"
    assert Notifier.from_environment({"SYSTEMD_EXEC_PID": mine}).is_forgotten
    assert not Notifier.from_environment({"SYSTEMD_EXEC_PID": other}).is_forgotten
    assert not Notifier.from_environment({}).is_forgotten
    told = Notifier.from_environment({"SYSTEMD_EXEC_PID": mine, "NOTIFY_SOCKET": "@x"})
    assert (told.is_forgotten, told.is_given) == (False, True)


@pytest.mark.parametrize("address", ["", "/nonexistent/notify", "@nobody-listens-here"])
def test_without_a_service_manager_nothing_happens(address: str) -> None:
    """Started by hand, or by a manager that has gone, the daemon runs as well."""
    notifier = Notifier(address)
    notifier.ready()
    notifier.ping()


def test_a_service_manager_that_does_not_read_is_not_waited_for(tmp_path: Path) -> None:
    """Its queue is full after some datagrams; each more costs a moment, and no exception."""
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        listener.setblocking(False)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as filler:
            filler.setblocking(False)
            filler.connect(address)
            fill(filler)
        began = time.monotonic()
        Notifier(address).ping()
        assert time.monotonic() - began < LIMIT_S


@pytest.mark.parametrize(
    ("environment", "interval_s"),
    [
        ({"WATCHDOG_USEC": "4000000"}, 2.0),
        ({"WATCHDOG_USEC": "4000000", "WATCHDOG_PID": str(os.getpid())}, 2.0),
        ({"WATCHDOG_USEC": "4000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "²"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_pinged_at_half_its_time(
    environment: dict[str, str], interval_s: float | None
) -> None:
    """Half of what systemd allows; never when it watches another process or none."""
    assert Notifier.from_environment(environment).watchdog_interval_s == interval_s
