"""A whole centre for each test, and the proof that nothing is left in it."""

import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from journal.kind import faults
from journal.spool import read
from sandbox.broker import Mosquitto
from sandbox.daemon import loaded as loaded_daemon
from sandbox.database import Database
from sandbox.port import free_tcp_port
from sandbox.system import System
from sandbox.toolbox import open_toolbox
from tests.journal.follower import Follower
from tests.live.centre import (
    ON_DUTY,
    RING_S,
    amend_neighbour,
    lay_over,
    quick_settings,
)

LONG_RING_S = 20
"""Longer than a start of the daemon, a cut or a sleep."""
LOAD_PER_S = 1000
"""Records beside those of the calls."""
PHONE_IS_GONE = (
    "Is endpoint registered and reachable?",
    "Failed to create outgoing session to endpoint",
)
"""Asterisk's complaint when a phone is rung in the moment in which its registration expires."""

UNREADABLE = (
    # All that the geolocation has to say: of a body that is no location, or that is not there.
    "res_pjsip_geolocation.c: ",
    "geoloc_eprofile.c: ",
    # The part of the body that should be the last one is not.
    "sip_multipart.c Failed to find end-delimiter",
    # A header is longer than Asterisk's dialplan functions read.
    "res_pjsip_header_funcs.c: Not enough buffer space",
)
"""Asterisk's complaints of evidence that cannot be read."""

CROWDED = (
    "http.c: HTTP session count exceeded",
    # /ws is there without the module that would take SIP by it.
    "could not be accepted - did not request WebSocket",
)
"""Asterisk's complaints of who knocks at its HTTP server and is not wanted there."""

NO_SIP = (
    # The parser's own.
    "pjproject: ",
    # A carrier's address asks for what it may not have.
    "res_pjsip_registrar.c: AOR",
    "res_pjsip_pubsub.c: ",
)
"""Asterisk's complaints of what is no SIP."""


def _descriptors() -> int:
    """How many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


@asynccontextmanager
async def _centre(
    folder: Path,
    people: Sequence[str] = ON_DUTY,
    *,
    make: Callable[[Path, Path], System] = System,
    ring_s: int = RING_S,
    expected: tuple[str, ...] = (),
    transfer: Mapping[str, object] | None = None,
    siaga: Mapping[str, Mapping[str, object] | str] | None = None,
) -> AsyncIterator[System]:
    before = _descriptors()
    settings = quick_settings(folder / "settings", people, ring_s=ring_s)
    lay_over(settings, siaga or {})
    amend_neighbour(settings, "lampung-tengah", **(transfer or {}))
    async with make(folder, settings) as running:
        yield running
        await running.empty()
        complaints = running.pbx.complaints()
        assert [line for line in complaints if not any(known in line for known in expected)] == []
        assert [fault for record in read(running.spool) for fault in faults(record)] == []
        assert list((running.pbx.workdir / "spool" / "recording").iterdir()) == []
    assert _descriptors() <= before, "a file is left open"


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    """Asterisk and the daemon on quick settings; at the end no channel, bridge or task is left."""
    async with _centre(tmp_path) as running:
        yield running


@pytest.fixture
async def deserted(tmp_path: Path) -> AsyncIterator[System]:
    """The same with nobody on duty at any hour."""
    async with _centre(tmp_path, ()) as running:
        yield running


@pytest.fixture
async def crowded(tmp_path: Path) -> AsyncIterator[System]:
    """The same with five people on duty, two of them of one agency."""
    async with _centre(tmp_path, (*ON_DUTY, "bayu")) as running:
        yield running


@pytest.fixture
async def patient(tmp_path: Path) -> AsyncIterator[System]:
    """The same; phones ring for longer than a daemon needs to start, even on a busy machine."""
    async with _centre(tmp_path, ring_s=LONG_RING_S) as running:
        yield running


@pytest.fixture
async def cabled(tmp_path: Path) -> AsyncIterator[System]:
    """The same; what connects daemon and Asterisk can be cut."""
    make = partial(System, by_cable=True)
    async with _centre(tmp_path, make=make, ring_s=LONG_RING_S) as running:
        yield running


@pytest.fixture
async def stepped(tmp_path: Path) -> AsyncIterator[System]:
    """The same; the clock of Asterisk and daemon can be put forward and back.

    A step forward expires every registration, at a moment of Asterisk's own choice.
    """
    make = partial(System, stepped=True)
    async with _centre(tmp_path, make=make, ring_s=LONG_RING_S, expected=PHONE_IS_GONE) as running:
        yield running


@pytest.fixture
async def pestered(tmp_path: Path) -> AsyncIterator[System]:
    """The same; callers send evidence that Asterisk cannot read, and it says so."""
    async with _centre(tmp_path, expected=UNREADABLE) as running:
        yield running


@pytest.fixture
async def tortured(tmp_path: Path) -> AsyncIterator[System]:
    """The same; what comes by SIP is no SIP, and Asterisk says so."""
    async with _centre(tmp_path, expected=NO_SIP) as running:
        yield running


@pytest.fixture
async def listening(tmp_path: Path) -> AsyncIterator[System]:
    """The same, with every door that a daemon can have; some knock at Asterisk's without end."""
    siaga = {"agi": {"host": "127.0.0.1", "port": free_tcp_port()}}
    async with _centre(tmp_path, siaga=siaga, expected=CROWDED) as running:
        yield running


@pytest.fixture
async def trusting(tmp_path: Path) -> AsyncIterator[System]:
    """The same; the neighbour's centre need not press 1."""
    async with _centre(tmp_path, transfer={"confirm": False}) as running:
        yield running


@pytest.fixture
def database() -> Iterator[Database]:
    """A PostgreSQL of this test alone, whose user has to say a password."""
    with Database(open_toolbox(), password="rahasia") as running:  # noqa: S106 - of a moment
        yield running


@pytest.fixture
async def archived(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[System]:
    """The same; the journal is kept in that PostgreSQL."""
    monkeypatch.setenv("SIAGA_STORE_PASSWORD", "rahasia")
    async with _centre(tmp_path, siaga={"journal": {"store": database.url}}) as running:
        yield running


@pytest.fixture
def broker() -> Iterator[Mosquitto]:
    """A broker with TLS that lets in the daemon, and who follows it; each does what it may."""
    passwords = {"siaga112": "rahasia", "kota": "lain"}
    access = """
user siaga112
topic readwrite siaga112/#
user kota
topic read siaga112/#
pattern write siaga112/command/%u/+
"""
    with Mosquitto(open_toolbox(), passwords=passwords, access=access, tls=True) as running:
        yield running


@pytest.fixture
def kota(broker: Mosquitto) -> Iterator[Follower]:
    """Another system of the city, which follows the centre."""
    follower = Follower(broker.port, user=("kota", "lain"), authority=broker.authority)
    with follower as following:
        yield following


def mqtt_to(broker: Mosquitto) -> Mapping[str, object]:
    """The settings with which the daemon reaches that broker."""
    return {
        "host": "127.0.0.1",
        "port": broker.port,
        "user": "siaga112",
        "tls": {"ca": str(broker.authority)},
        "commands": ["pause", "reload"],
    }


@pytest.fixture
async def followed(
    tmp_path: Path, broker: Mosquitto, kota: Follower, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[System]:
    """The same, with two of an agency on duty, followed over MQTT."""
    assert kota.is_there.is_set()
    monkeypatch.setenv("SIAGA_MQTT_PASSWORD", "rahasia")
    people = (*ON_DUTY, "bayu")
    siaga = {"mqtt": mqtt_to(broker)}
    async with _centre(tmp_path, people, ring_s=LONG_RING_S, siaga=siaga) as running:
        yield running


@pytest.fixture
async def loaded(
    tmp_path: Path, broker: Mosquitto, kota: Follower, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[System]:
    """The same, followed; a thousand records a second can come beside those of its calls."""
    assert kota.is_there.is_set()
    monkeypatch.setenv("SIAGA_MQTT_PASSWORD", "rahasia")
    make = partial(System, program=loaded_daemon(LOAD_PER_S))
    async with _centre(tmp_path, make=make, siaga={"mqtt": mqtt_to(broker)}) as running:
        yield running


@pytest.fixture
async def talkative(
    tmp_path: Path,
    database: Database,
    broker: Mosquitto,
    kota: Follower,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[System]:
    """The same, at debug level, followed, with a program for alarms and a umask without guard."""
    assert kota.is_there.is_set()
    monkeypatch.setenv("SIAGA_STORE_PASSWORD", "rahasia")
    monkeypatch.setenv("SIAGA_MQTT_PASSWORD", "rahasia")
    program = tmp_path / "alarm"
    program.write_text(f"#!/bin/sh\n{{ cat; env; }} >> {tmp_path}/alarms\n")
    program.chmod(0o755)
    siaga: dict[str, Mapping[str, object] | str] = {
        "log_level": "debug",
        "alarm_command": {"run": [str(program)]},
        "journal": {"store": database.url},
        "mqtt": mqtt_to(broker),
    }
    before = os.umask(0)
    try:
        async with _centre(tmp_path, (*ON_DUTY, "bayu"), siaga=siaga) as running:
            yield running
    finally:
        os.umask(before)
