"""Every program of the sandbox is found and starts."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.port import free_tcp_port, free_udp_block, free_udp_port
from sandbox.toolbox import NotProvisioned, open_toolbox

HOME = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("program", "option", "word"),
    [
        ("asterisk", "-V", "Asterisk"),
        ("sipp", "-v", "SIPp"),
        ("baresip", "-h", "baresip"),
        ("mosquitto", "-h", "mosquitto"),
        ("espeak-ng", "--voices=id", "id"),
        ("sox", "--version", "SoX"),
        ("tshark", "-v", "TShark"),
    ],
)
def test_each_program_starts(program: str, option: str, word: str) -> None:
    """From the extracted folder or the system, with what it needs in its environment."""
    toolbox = open_toolbox()
    done = subprocess.run(  # noqa: S603 - the sandbox's own programs
        [*toolbox.argv(program), option],
        env={**os.environ, **toolbox.env(program)},
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    assert word.lower() in (done.stdout + done.stderr).lower()


def test_modules_and_data_are_there() -> None:
    """Asterisk's modules and documentation, baresip's modules."""
    toolbox = open_toolbox()
    assert (toolbox.asterisk_modules / "res_ari.so").exists()
    assert (toolbox.asterisk_data / "documentation").is_dir()
    assert (toolbox.baresip_modules / "ctrl_tcp.so").exists()


def test_a_program_that_is_not_there_says_what_to_do() -> None:
    """The message names it and the command that helps."""
    with pytest.raises(NotProvisioned, match=r"no-such-program.*make setup"):
        open_toolbox().argv("no-such-program")


def test_an_empty_cache_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before set-up there is nothing, unless the system has all of it."""
    monkeypatch.setenv("SIAGA_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sandbox.toolbox.system_is_enough", lambda: False)
    with pytest.raises(NotProvisioned, match="make setup"):
        open_toolbox()


def test_set_up_without_apt_and_sudo_says_what_to_ask_for(tmp_path: Path) -> None:
    """An ordinary user gets the exact line for an administrator, and a status that is not 0."""
    script = (
        "import os, sys\n"
        "os.geteuid = lambda: 1000\n"
        "from sandbox import provision\n"
        "provision.provide_python = lambda: None\n"
        "provision.system_is_enough = lambda: False\n"
        "sys.exit(provision.main())\n"
    )
    (tmp_path / "apt-get").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "apt-get").chmod(0o755)
    done = subprocess.run(  # noqa: S603 - this Python
        [sys.executable, "-c", script],
        cwd=HOME,
        env={"PATH": str(tmp_path), "SIAGA_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    assert done.returncode == 1
    assert "apt-get install --yes --no-install-recommends mmdebstrap" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "cache").glob("tools*"))


def test_ports_are_free_and_rtp_begins_even() -> None:
    """Each can be bound at once, a block as a whole."""
    first = free_udp_block(10)
    assert first % 2 == 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", first + 9))
    with socket.socket() as two:
        two.bind(("127.0.0.1", free_tcp_port()))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as three:
        three.bind(("127.0.0.12", free_udp_port("127.0.0.12")))
