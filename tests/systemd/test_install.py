"""A server gets the service, a newer one, the older one again, and loses it, in a folder."""

import hashlib
import os
import shutil
import stat
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.toolbox import open_toolbox
from systemd import install as module
from systemd.install import COMMAND, ETC, HOUSE, OPT, UNITS, VAR, Installation, InstallError, main

pytestmark = pytest.mark.timeout(600)  # the first test waits for a whole installation

THRESHOLD = 15
"""Tenths of systemd's own measure of exposure, from 0 to 100."""
TARGETS = ("sysinit", "basic", "network", "multi-user", "shutdown")
"""What every server has, and a folder that stands for one has not."""
REFUSED = "\nsudah: makan\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A server onto which `make install` has put the service."""
    root = tmp_path_factory.mktemp("server")
    make("install", root)
    return root


@pytest.fixture
def there(root: Path) -> Iterator[Installation]:
    """The same server; a test leaves the settings as they were."""
    kept = (root / "etc/siaga112/services.yaml").read_bytes()
    yield Installation(root)
    (root / "etc/siaga112/services.yaml").write_bytes(kept)


def make(target: str, root: Path, *words: str) -> str:
    """What `make` says."""
    command = ["make", "--silent", target, f"DESTDIR={root}", f"PYTHON={sys.executable}", *words]
    environment = {key: value for key, value in os.environ.items() if key != "MAKEFLAGS"}
    done = subprocess.run(  # noqa: S603 - the project's own make
        command, cwd=HOUSE, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def another_release(there: Installation, name: str) -> None:
    """As if one more release had been made, which takes as long as the first."""
    folder = there.at(OPT) / "releases"
    shutil.copytree(folder / str(there.current), folder / name, symlinks=True)
    there._switch(name)


def test_everything_is_where_the_unit_looks_for_it(root: Path) -> None:
    """Programs, settings, units, and the folders of records."""
    current = root / "opt/siaga112/current"
    assert (current / "bin/siaga112").is_file()
    assert (root / "etc/siaga112/siaga.yaml").is_file()
    assert stat.S_IMODE((root / "etc/siaga112/operators.yaml").stat().st_mode) == 0o640
    for path in UNITS.values():
        assert (root / path.relative_to("/")).is_file()
    assert (root / VAR.relative_to("/")).is_dir()
    assert (current / "share/siaga112/asterisk-dialplan/siaga-extensions.conf").is_file()
    link = root / COMMAND.relative_to("/")
    assert link.readlink() == OPT / "current/bin/siaga112"


def test_no_script_names_the_folder_that_stood_for_the_server(root: Path) -> None:
    """They run from where they will be."""
    scripts = [path for path in (root / "opt/siaga112/current/bin").iterdir() if path.is_file()]
    assert [path for path in scripts if str(root).encode() in path.read_bytes()] == []
    first = (root / "opt/siaga112/current/bin/siaga112").read_text().splitlines()[0]
    assert first.startswith(f"#!{OPT}/releases/")


def test_the_installed_program_runs_without_this_checkout(root: Path, tmp_path: Path) -> None:
    """From another folder, by the environment's own Python."""
    python = root / "opt/siaga112/current/bin/python"
    done = subprocess.run(  # noqa: S603 - what was just installed
        [python, "-I", "-m", "siaga.entry", "check", "--config", root / "etc/siaga112"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_systemd_finds_nothing_wrong_and_little_exposed(root: Path, tmp_path: Path) -> None:
    """`verify` is clean, and the exposure is at most 1.5 of 10, of each unit."""
    server = tmp_path / "server"
    units = [name for name in UNITS if name.endswith(".service")]
    assert len(units) == 2
    shutil.copytree(root / "etc/systemd", server / "etc/systemd")
    program = server / "opt/siaga112/current/bin/siaga112"
    program.parent.mkdir(parents=True)
    shutil.copyfile(root / "opt/siaga112/current/bin/siaga112", program)
    program.chmod(0o755)
    echo = server / "bin/echo"
    echo.parent.mkdir()
    shutil.copyfile("/bin/true", echo)
    echo.chmod(0o755)
    for target in TARGETS:
        (server / f"etc/systemd/system/{target}.target").write_text("[Unit]\nDescription=There\n")
    verified = analyze("verify", "--man=no", f"--root={server}", *units)
    assert (verified.returncode, verified.stderr) == (0, "")
    for unit in units:
        file = HOUSE / "systemd" / unit
        secure = analyze("security", "--offline=yes", f"--threshold={THRESHOLD}", file)
        assert secure.returncode == 0, secure.stdout


def analyze(*words: str | Path) -> "subprocess.CompletedProcess[str]":
    """What systemd itself says of a unit."""
    command = [*open_toolbox().argv("systemd-analyze"), *map(str, words)]
    environment = {**os.environ, "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0"}
    return subprocess.run(  # noqa: S603 - systemd's own program
        command, env=environment, capture_output=True, text=True, check=False
    )


def test_settings_that_people_wrote_are_never_written_again(there: Installation) -> None:
    """An upgrade brings no example over them."""
    path = there.at(ETC) / "services.yaml"
    path.write_text(path.read_text() + "# ours\n")
    there._bring_settings()
    assert path.read_text().endswith("# ours\n")


def test_a_release_that_cannot_use_the_settings_does_not_take_over(
    there: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that runs runs on, and nothing is left of the new one."""
    before = there.current, there.releases()
    source = there.at(OPT) / "releases" / str(there.current)

    def made() -> str:
        shutil.copytree(source, source.with_name("9.9"), symlinks=True)
        return "9.9"

    monkeypatch.setattr(there, "_make", made)
    path = there.at(ETC) / "services.yaml"
    path.write_text(path.read_text() + REFUSED)
    with pytest.raises(InstallError, match=r"services\.yaml:\d+:1: unknown key 'sudah'"):
        there.install()
    assert (there.current, there.releases()) == before


def test_a_rollback_goes_back_and_another_one_forth(there: Installation) -> None:
    """Each in one step of a link."""
    first = there.current
    another_release(there, "9.1")
    assert (there.current, there.previous) == ("9.1", first)
    assert there.rollback() == first
    assert (there.current, there.previous) == (first, "9.1")
    assert there.rollback() == "9.1"
    there.rollback()


def test_old_releases_go_and_the_two_that_count_stay(there: Installation) -> None:
    """The disk does not fill up with them."""
    first = there.current
    for name in ("9.2", "9.3", "9.4", "9.5"):
        another_release(there, name)
    there._prune()
    assert {"9.4", "9.5"} <= set(there.releases())
    assert len(there.releases()) == module.KEPT
    folder = there.at(OPT) / "releases"
    (folder / "9.5").rename(folder / str(first))
    there._link("current", str(first))


def test_without_a_release_before_there_is_no_way_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said, with an exit status."""
    assert main(["rollback", "--destdir", str(tmp_path)]) == 1
    assert "no release to go back to" in capsys.readouterr().err


def test_only_root_changes_the_server_itself(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody else is told how to try it in a folder."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert main(["remove"]) == 1
    assert "DESTDIR" in capsys.readouterr().err


def test_a_removal_keeps_settings_and_records(root: Path, tmp_path: Path) -> None:
    """Unless their removal is asked for by name."""
    server = tmp_path / "server"
    shutil.copytree(root, server, symlinks=True)
    assert "stay" in make("uninstall", server)
    assert not (server / "opt/siaga112").exists()
    assert [path for path in UNITS.values() if (server / path.relative_to("/")).exists()] == []
    assert (server / "etc/siaga112/siaga.yaml").is_file()
    make("uninstall", server, "PURGE=yes")
    assert not (server / "etc/siaga112").exists()
    assert not (server / "var/lib/siaga112").exists()


def test_the_wheel_is_built_by_what_the_project_says() -> None:
    """The lock file of the build has the same requirements as pyproject.toml."""
    requires = tomllib.loads((HOUSE / "pyproject.toml").read_text())["build-system"]["requires"]
    lines = (HOUSE / "requirements" / "build.in").read_text().splitlines()
    names = sorted(line.partition(">")[0] for line in lines if not line.startswith("#"))
    assert names == sorted(requires)


def tiny_wheel(folder: Path) -> str:
    """A package that needs nothing, as a file; its SHA-256."""
    about = "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"
    kind = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    file = folder / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as wheel:
        wheel.writestr("tiny.py", "")
        wheel.writestr("tiny-1.0.dist-info/METADATA", about)
        wheel.writestr("tiny-1.0.dist-info/WHEEL", kind)
        wheel.writestr("tiny-1.0.dist-info/RECORD", "tiny.py,,\ntiny-1.0.dist-info/RECORD,,\n")
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("hashed", "refusal"),
    [
        ("--hash=sha256:{right}", ""),
        ("--hash=sha256:{wrong}", "DO NOT MATCH THE HASHES"),
        ("", "Hashes are required"),
    ],
)
def test_only_what_has_its_hash_is_installed(
    hashed: str, refusal: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is another one than was locked, or that nobody has locked, is refused."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    lock = tmp_path / "run.txt"
    lock.write_text(f"tiny==1.0 {hashed}\n".format(right=tiny_wheel(tmp_path), wrong="0" * 64))
    folder = tmp_path / "environment"
    if refusal:
        with pytest.raises(InstallError, match=refusal):
            module._environment(folder, lock)
    else:
        module._environment(folder, lock)
    assert bool(list(folder.rglob("tiny.py"))) is not bool(refusal)
