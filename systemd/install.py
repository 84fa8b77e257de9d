"""Puts Siaga 112 onto a Debian server, upgrades it, goes back, and takes it off again.

    /opt/siaga112/releases/<release>/   a Python environment with locked, hashed requirements
    /opt/siaga112/current               the release that runs; changed in one step
    /opt/siaga112/previous              the one before, for `rollback`
    /etc/siaga112/                      the settings: made once, never written again
    /var/lib/siaga112/                  records, last known good settings, recordings

A new release looks at the settings before it takes over: if it cannot use them, nothing changes.
Calls in progress outlive the restart that follows, which is left to the administrator.

Standard library only: it runs with the system's own Python, before anything is installed.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

HOUSE: Final = Path(__file__).resolve().parent.parent
OPT: Final = Path("/opt/siaga112")
ETC: Final = Path("/etc/siaga112")
VAR: Final = Path("/var/lib/siaga112")
DUTY: Final = Path("/var/lib/siaga112-dialplan")
COMMAND: Final = Path("/usr/local/bin/siaga112")
"""So that people find `siaga112`: a link to the release that runs."""
UNITS: Final = {
    "siaga112.service": Path("/etc/systemd/system/siaga112.service"),
    "siaga112-failed.service": Path("/etc/systemd/system/siaga112-failed.service"),
    "siaga112.sysusers": Path("/etc/sysusers.d/siaga112.conf"),
    "siaga112.tmpfiles": Path("/etc/tmpfiles.d/siaga112.conf"),
}
USER: Final = "siaga112"
KEPT: Final = 3
"""Releases that stay: the current one, the one before, and one more."""
SETTINGS_MODE: Final = 0o640
"""Colleagues' numbers are in the settings: root writes, the daemon's group reads."""
UNIT_MODE: Final = 0o644
LEAST_PYTHON: Final = (3, 11)


class InstallError(Exception):
    """It cannot go on; the message says why and what to do. What ran before runs on."""


def say(text: str) -> None:
    """One line for the person who waits."""
    print(f"siaga112: {text}", flush=True)


def run(command: Sequence[str | Path], what: str) -> str:
    """What a command says on standard output.

    Raises:
        InstallError: It failed; with the end of what it wrote.
    """
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        tail = "\n  ".join((done.stdout + done.stderr).splitlines()[-15:])
        raise InstallError(f"{what} failed: {' '.join(words)}\n  {tail}")
    return done.stdout


class Installation:
    """One Siaga 112 on a server, or below a folder that stands for one.

    Args:
        root: The folder; `/` is the server itself.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    @property
    def is_real(self) -> bool:
        """Whether it is this server's own."""
        return self._root == Path("/")

    def at(self, path: Path) -> Path:
        """Where a path of the server is."""
        return self._root / path.relative_to("/")

    @property
    def current(self) -> str | None:
        """The name of the release that runs."""
        return self._linked("current")

    @property
    def previous(self) -> str | None:
        """The name of the release before."""
        return self._linked("previous")

    def releases(self) -> list[str]:
        """The names of all releases, the oldest first."""
        folder = self.at(OPT) / "releases"
        return sorted(path.name for path in folder.glob("*")) if folder.is_dir() else []

    def install(self) -> str:
        """A new release of this checkout takes over; returns its name.

        Raises:
            InstallError: It cannot be made, or cannot use the settings; nothing has changed.
        """
        release = self._make()
        try:
            self._bring_settings()
            self._try_settings(release)
        except InstallError:
            shutil.rmtree(self._folder(release))
            raise
        self._bring_units()
        self._switch(release)
        self._prune()
        return release

    def rollback(self) -> str:
        """The release before takes over; another rollback undoes it. Returns its name.

        Raises:
            InstallError: There is none, or it cannot use the settings.
        """
        before = self.previous
        if before is None or not self._folder(before).is_dir():
            raise InstallError("there is no release to go back to")
        self._try_settings(before)
        self._switch(before)
        return before

    def remove(self, *, purge: bool) -> None:
        """Takes programs and units off; settings and records only if `purge` is set."""
        for path in (COMMAND, *UNITS.values()):
            self.at(path).unlink(missing_ok=True)
        gone = [OPT, *((ETC, VAR, DUTY) if purge else ())]
        for folder in gone:
            shutil.rmtree(self.at(folder), ignore_errors=True)

    # One release

    def _folder(self, release: str) -> Path:
        return self.at(OPT) / "releases" / release

    def _make(self) -> str:
        """A Python environment with the wheel of this checkout."""
        with tempfile.TemporaryDirectory(prefix="siaga112-") as work:
            wheel = build(Path(work))
            version = wheel.name.split("-")[1]
            release = f"{version}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
            folder = self._folder(release)
            if folder.exists():
                raise InstallError(f"{folder} exists already; try again in a second")
            say(f"making {folder} (locked requirements, checked by hash)")
            try:
                _environment(folder, HOUSE / "requirements" / "run.txt")
                python = folder / "bin" / "python"
                run([*_pip(python), "--no-deps", wheel], "installing the wheel")
                self._settle(folder, release)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
        return release

    def _settle(self, folder: Path, release: str) -> None:
        """Scripts name the place where they will run, and samples lie beside the program."""
        final = OPT / "releases" / release
        for script in (folder / "bin").iterdir():
            if script.is_file() and not script.is_symlink():
                text = script.read_bytes()
                script.write_bytes(text.replace(str(folder).encode(), str(final).encode()))
        for name in ("config", "asterisk-dialplan", "docs"):
            shutil.copytree(HOUSE / name, folder / "share" / "siaga112" / name)

    def _try_settings(self, release: str) -> None:
        say(f"release {release} looks at the settings in {self.at(ETC)}")
        python = self._folder(release) / "bin" / "python"
        command = "-m", "siaga.entry", "check", "--config", self.at(ETC)
        told = run(
            [python, *command], f"the settings in {self.at(ETC)} cannot be used by {release}: check"
        )
        say(told.strip().splitlines()[-1] if told.strip() else "the settings can be used")

    def _switch(self, release: str) -> None:
        before = self.current
        if before not in {None, release}:
            self._link("previous", str(before))
        self._link("current", release)

    def _link(self, name: str, release: str) -> None:
        """In one step: whoever starts meanwhile gets the one or the other."""
        link = self.at(OPT) / name
        new = link.with_name(f".{name}.new")
        new.unlink(missing_ok=True)
        new.symlink_to(Path("releases") / release)
        new.replace(link)

    def _linked(self, name: str) -> str | None:
        link = self.at(OPT) / name
        return link.readlink().name if link.is_symlink() else None

    def _prune(self) -> None:
        wanted = {self.current, self.previous}
        for release in self.releases()[:-KEPT]:
            if release not in wanted:
                shutil.rmtree(self._folder(release))

    # What lies around it

    def _bring_settings(self) -> None:
        """The example, where there are no settings yet; what an administrator wrote stays."""
        folder = self.at(ETC)
        if (folder / "siaga.yaml").exists():
            return
        say(f"no settings yet: the example of Kota Metro goes to {folder}")
        folder.mkdir(parents=True, exist_ok=True)
        for file in (HOUSE / "config").iterdir():
            shutil.copyfile(file, folder / file.name)
            (folder / file.name).chmod(SETTINGS_MODE)

    def _bring_units(self) -> None:
        for name, path in UNITS.items():
            target = self.at(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(HOUSE / "systemd" / name, target)
            target.chmod(UNIT_MODE)
        command = self.at(COMMAND)
        command.parent.mkdir(parents=True, exist_ok=True)
        command.unlink(missing_ok=True)
        command.symlink_to(OPT / "current" / "bin" / "siaga112")
        if self.is_real:
            run(["systemd-sysusers"], "making the user")
            run(["systemd-tmpfiles", "--create", "siaga112.conf"], "making the folders")
            for file in self.at(ETC).iterdir():
                if file.suffix in {".yaml", ".csv", ".geojson"}:
                    shutil.chown(file, "root", USER)
            run(["systemctl", "daemon-reload"], "telling systemd")
        else:
            for folder in (VAR, DUTY):
                self.at(folder).mkdir(parents=True, exist_ok=True)


def build(work: Path) -> Path:
    """The wheel of this checkout, made in an environment that is thrown away.

    Raises:
        InstallError: It cannot be made.
    """
    say("building the wheel")
    _environment(work / "build", HOUSE / "requirements" / "build.txt")
    python = work / "build" / "bin" / "python"
    pip = [python, "-m", "pip", "--disable-pip-version-check", "wheel", "-q"]
    run(
        [*map(str, pip), "--no-deps", "--no-build-isolation", "-w", work, HOUSE],
        "building the wheel",
    )
    return next(work.glob("siaga112-*.whl"))


def _environment(folder: Path, lock: Path) -> None:
    run([sys.executable, "-m", "venv", folder], "making a Python environment")
    pip = _pip(folder / "bin" / "python")
    run([*pip, "--require-hashes", "-r", lock], f"installing {lock.name}")


def _pip(python: Path) -> list[str | Path]:
    return [python, "-m", "pip", "--disable-pip-version-check", "install", "-q"]


def _install(there: Installation, _options: argparse.Namespace) -> None:
    before = there.current
    release = there.install()
    say(f"release {release} is in" + (f", in place of {before}" if before else ""))
    if not there.is_real:
        return
    if before is None:
        say(
            "next: put your values into /etc/siaga112 and Asterisk's password into "
            "/etc/siaga112/siaga-ari (docs/admin.md), then: systemctl enable --now siaga112"
        )
    else:
        say("next: systemctl restart siaga112 (calls go on; make rollback goes back)")


def _rollback(there: Installation, _options: argparse.Namespace) -> None:
    release = there.rollback()
    say(f"release {release} is in again")
    if there.is_real:
        say("next: systemctl restart siaga112")


def _remove(there: Installation, options: argparse.Namespace) -> None:
    if there.is_real:
        run(["systemctl", "disable", "--now", "siaga112"], "stopping the service")
    there.remove(purge=options.purge)
    if there.is_real:
        run(["systemctl", "daemon-reload"], "telling systemd")
    say("removed" if options.purge else f"removed; {ETC} and {VAR} stay (PURGE=yes removes them)")


ACTIONS: Final[Mapping[str, Callable[[Installation, argparse.Namespace], None]]] = {
    "install": _install,
    "rollback": _rollback,
    "remove": _remove,
}


def _can_begin(there: Installation) -> None:
    if sys.version_info < LEAST_PYTHON:
        raise InstallError("Python 3.11 or later is needed")
    if there.is_real and os.geteuid() != 0:
        raise InstallError("only root can do this; or give DESTDIR a folder")


def main(arguments: Sequence[str] | None = None) -> int:
    """Does what is asked for; 0 when it is done."""
    parser = argparse.ArgumentParser(prog="systemd.install", description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=ACTIONS)
    parser.add_argument("--destdir", default="", help="a folder that stands for the server")
    parser.add_argument("--purge", action="store_true", help="settings and records go, too")
    options = parser.parse_args(arguments)
    there = Installation(Path(options.destdir or "/"))
    try:
        _can_begin(there)
        ACTIONS[options.action](there, options)
    except InstallError as error:
        print(f"siaga112: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
