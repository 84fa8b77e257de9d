"""Every program of the sandbox is found and starts."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.database import Database
from sandbox.port import free_tcp_port, free_udp_block, free_udp_port
from sandbox.toolbox import (
    ASTERISK_PACKAGES,
    SYSTEM,
    Need,
    NotProvisioned,
    Toolbox,
    asterisk_fault,
    asterisk_version,
    need,
    needed_modules,
    open_toolbox,
)

HOME = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("program", "option", "word"),
    [
        ("asterisk", "-V", "Asterisk"),
        ("sipp", "-v", "SIPp"),
        ("baresip", "-h", "baresip"),
        ("mosquitto", "-h", "mosquitto version"),
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


def bare_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system on which no program of ours is installed."""
    monkeypatch.setenv("SIAGA_CACHE", str(tmp_path))
    monkeypatch.setattr("shutil.which", lambda _name, **_where: None)


def test_an_empty_cache_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before set-up there is nothing, unless the system has all of it."""
    bare_system(tmp_path, monkeypatch)
    with pytest.raises(NotProvisioned, match="make setup"):
        open_toolbox()


def test_a_bare_system_needs_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asterisk and the phones are extracted together."""
    bare_system(tmp_path, monkeypatch)
    needed = need()
    assert needed.asterisk == "no Asterisk"
    assert {"asterisk", "sip-tester", "baresip-core"} <= set(needed.packages)
    assert (needed.toolbox.asterisk, needed.toolbox.phones) == (needed.folder, needed.folder)


def test_the_systems_asterisk_is_used_beside_extracted_phones() -> None:
    """Only what is missing is extracted, into a folder of its own."""
    needed = Need(None, ("sipp",))
    assert not set(ASTERISK_PACKAGES) & set(needed.packages)
    assert needed.toolbox == Toolbox(SYSTEM, needed.folder)
    assert needed.folder != Need("no Asterisk", ("sipp",)).folder


def test_a_system_with_all_needs_nothing() -> None:
    """Then nothing is extracted."""
    assert Need(None, ()).packages == ()
    assert Need(None, ()).toolbox == Toolbox(SYSTEM, SYSTEM)


@pytest.mark.parametrize(
    ("told", "version"),
    [
        ("Asterisk 22.10.1~dfsg+~cs6.15.60671435-1", 22),
        ("Asterisk 18.10.0~dfsg+~cs6.10.40431411-2", 18),
        ("Asterisk GIT-20-1b5a8d9", 20),
        ("Asterisk certified/20.7-cert2", 20),
        ("something else", None),
        ("", None),
    ],
)
def test_versions_are_read(told: str, version: int | None, tmp_path: Path) -> None:
    """Of packages, of builds from source, and of what is no Asterisk."""
    assert asterisk_version([fake_asterisk(tmp_path, told)]) == version


def test_what_does_not_start_has_no_version(tmp_path: Path) -> None:
    """A program that cannot be run is no reason to fail."""
    assert asterisk_version([str(tmp_path / "asterisk")]) is None


def fake_asterisk(folder: Path, told: str) -> str:
    """A program that tells this version."""
    program = folder / "asterisk"
    program.write_text(f"#!/bin/sh\necho '{told}'\n")
    program.chmod(0o755)
    return str(program)


@pytest.mark.parametrize(
    ("told", "modules", "fault"),
    [
        ("Asterisk 18.2", "all", "Asterisk 18, older than 20"),
        ("Asterisk 20.9", "none", "Asterisk 20 without pbx_config.so"),
        ("a riddle", "all", "does not tell its version"),
        ("Asterisk 20.9", "all", None),
    ],
)
def test_a_systems_asterisk_is_looked_at(
    told: str, modules: str, fault: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is used if it is new enough and has what is loaded; else it is said why not."""
    program = fake_asterisk(tmp_path, told)
    folder = tmp_path / "usr" / "lib" / "asterisk" / "modules"
    folder.mkdir(parents=True)
    for name in needed_modules() if modules == "all" else ():
        (folder / name).touch()
    monkeypatch.setattr("shutil.which", lambda _name, **_where: program)
    monkeypatch.setattr(Toolbox, "asterisk_modules", folder)
    found = asterisk_fault(Toolbox(SYSTEM, SYSTEM))
    assert (found is None) if fault is None else (found is not None and fault in found)


def test_set_up_without_apt_and_sudo_says_what_to_ask_for(tmp_path: Path) -> None:
    """An ordinary user gets the exact line for an administrator, and a status that is not 0."""
    script = (
        "import os, sys\n"
        "os.geteuid = lambda: 1000\n"
        "from sandbox import provision, toolbox\n"
        "provision._fails = lambda _command: True\n"
        "provision.STAMP = provision.HOME / 'no such stamp'\n"
        "provision.need = lambda: toolbox.Need('no Asterisk', ('sipp',))\n"
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
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    line = f"apt-get install --yes --no-install-recommends {version}-venv mmdebstrap"
    assert f"apt-get update && {line}" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "cache").glob("tools*"))


def test_a_system_without_postgresql_needs_its_own_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is extracted apart from the phones, and found in its folder with its libraries."""
    monkeypatch.setenv("SIAGA_CACHE", str(tmp_path))
    needed = Need(None, (), database=True)
    assert needed.packages == ()
    for version in ("9.6", "15", "17"):
        folder = needed.database_folder / "usr" / "lib" / "postgresql" / version / "bin"
        folder.mkdir(parents=True)
        (folder / "initdb").touch()
    library = needed.database_folder / "usr" / "lib" / "x86_64-linux-gnu" / "libpq.so.5"
    library.parent.mkdir()
    library.touch()
    toolbox = needed.toolbox
    assert toolbox.database_program("initdb").parent.parent.name == "17"
    assert toolbox.database_env == {"LD_LIBRARY_PATH": str(library.parent)}
    with pytest.raises(NotProvisioned, match="make setup"):
        toolbox.database_program("postgres")


def test_a_database_is_private_and_leaves_nothing() -> None:
    """It starts, stops, starts with what it had, and its folder goes with it."""
    with Database(open_toolbox(), password="rahasia") as database:  # noqa: S106 - of a moment
        database.execute("CREATE TABLE one (number integer)")
        database.stop()
        with pytest.raises(subprocess.CalledProcessError):
            database.execute("SELECT 1")
        database.start()
        database.execute("INSERT INTO one VALUES (1)")
        folder = database.folder
        assert folder.is_dir()
    assert not folder.exists()


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
