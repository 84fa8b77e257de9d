"""Set-up: whatever `make run` and `make test` need, from nothing but Python, apt and git.

Standard library only. Each step says what it does and why, is skipped when it is done already, and
can be interrupted: what is half done is made anew the next time.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sandbox.toolbox import (
    BROWSER_PACKAGES,
    DATABASE_PACKAGE,
    DEBIAN_SUITE,
    LEAST_ASTERISK,
    Need,
    cache_folder,
    need,
    own_suite,
    suite,
)

HOME = Path(__file__).resolve().parent.parent
VENV = HOME / ".venv"
LOCK = HOME / "requirements" / "dev.txt"
STAMP = VENV / "siaga112.stamp"
PROGRESS_S = 5.0


class SetupError(Exception):
    """Set-up cannot go on; the message says what to do."""


def say(text: str) -> None:
    """One line for the person who waits."""
    print(f"setup: {text}", flush=True)


def run(command: Sequence[str], what: str) -> None:
    """Runs a command quietly, with a sign of life, and its output only when it fails.

    Raises:
        SetupError: It failed; with the end of what it wrote.
    """
    began = time.monotonic()
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            output = _wait(process, what, began)
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        tail = "\n  ".join(output.splitlines()[-15:])
        raise SetupError(f"{what} failed: {' '.join(command)}\n  {tail}")


def _wait(process: "subprocess.Popen[str]", what: str, began: float) -> str:
    while True:
        try:
            return process.communicate(timeout=PROGRESS_S)[0]
        except subprocess.TimeoutExpired:
            say(f"  … {what}, {time.monotonic() - began:.0f} s")


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Only one set-up at a time changes what belongs to a folder; another waits for it."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another set-up is at work; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def install(wanted: Mapping[str, str]) -> None:
    """Installs system packages, each with what it is for, through apt, as root or by sudo.

    Raises:
        SetupError: Neither is possible here.
    """
    if not wanted:
        return
    names = " ".join(wanted)
    reasons = "\n".join(f"  {name}: {why}" for name, why in wanted.items())
    if shutil.which("apt-get") is None:
        raise SetupError(f"these packages are missing, and there is no apt here:\n{reasons}")
    line = f"apt-get install --yes --no-install-recommends {names}"
    prefix = [] if os.geteuid() == 0 else ["sudo"]
    if prefix and not _may_sudo():
        raise SetupError(
            f"system packages are missing, and this user may not install any:\n{reasons}\n"
            f"  Ask an administrator to run:  apt-get update && {line}\n"
            "  then run the same command again."
        )
    say(f"installing system packages:\n{reasons}")
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    run([*prefix, *environment, "apt-get", "update"], "reading the package lists")
    run([*prefix, *environment, *line.split()], "installing packages")


def _may_sudo() -> bool:
    """Whether sudo lets this user; at a terminal it may ask for the password."""
    sudo = shutil.which("sudo")
    if sudo is None:
        return False
    if not sys.stdin.isatty():
        return not _fails([sudo, "-n", "true"])
    return subprocess.run([sudo, "--validate"], check=False).returncode == 0


def _fails(command: Sequence[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode != 0


def provide_all() -> None:
    """Everything, or nothing but a message: what the system lacks is asked for at once.

    Raises:
        SetupError: Something cannot be provided.
    """
    recipe, needed = _python_recipe(), need()
    python_there = STAMP.exists() and STAMP.read_text() == recipe
    phones_there = not needed.packages or needed.folder.is_dir()
    database_there = not needed.database or needed.database_folder.is_dir()
    browser_there = not needed.browser or needed.browser_folder.is_dir()
    packages = {}
    if not python_there and _fails([sys.executable, "-c", "import ensurepip, venv"]):
        name = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        packages[name] = "makes a Python environment of the project's own"
    if (
        not (phones_there and database_there and browser_there)
        and shutil.which("mmdebstrap") is None
    ):
        packages["mmdebstrap"] = "extracts Debian packages into a private folder"
    install(packages)
    if not python_there:
        with alone(LOCK.parent):
            _provide_python(recipe)
    if not phones_there:
        with alone(cache_folder()):
            _provide_telephony(needed)
    if not database_there:
        with alone(cache_folder()):
            _provide_database(needed)
    if not browser_there:
        with alone(cache_folder()):
            _provide_browser(needed)


def _python_recipe() -> str:
    """Changes with all that the environment is made of."""
    parts = (LOCK.read_bytes(), (HOME / "pyproject.toml").read_bytes(), sys.version.encode())
    return hashlib.sha256(b"\n".join(parts)).hexdigest()


def _provide_python(recipe: str) -> None:
    """A virtual environment with the locked, hashed requirements and this project in place."""
    if STAMP.exists() and STAMP.read_text() == recipe:
        return
    say("making the Python environment .venv (locked versions, checked by hash)")
    shutil.rmtree(VENV, ignore_errors=True)
    run([sys.executable, "-m", "venv", str(VENV)], "making .venv")
    python = str(VENV / "bin" / "python")
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    run([*pip, "--require-hashes", "-r", str(LOCK)], "installing the locked requirements")
    run([*pip, "--no-deps", "--no-build-isolation", "-e", str(HOME)], "installing this project")
    STAMP.write_text(recipe)


def _provide_telephony(needed: Need) -> None:
    """Asterisk and the phones in a private folder of Debian's packages."""
    folder = needed.folder
    if folder.is_dir():
        return
    if needed.asterisk is not None:
        say(f"this system has {needed.asterisk} (wanted: {LEAST_ASTERISK} or later)")
    if needed.programs:
        say(f"this system has no {', '.join(needed.programs)} (phones and tools of the tests)")
    say(f"so Debian's packages are extracted into {folder} (up to 560 MB; nothing is installed)")
    _extract(suite(), needed.packages, folder)


def _provide_database(needed: Need) -> None:
    """PostgreSQL in a private folder of Debian's packages."""
    folder = needed.database_folder
    if folder.is_dir():
        return
    say("this system has no PostgreSQL (the other store that the tests try)")
    say(f"so Debian's packages are extracted into {folder} (380 MB; nothing is installed)")
    _extract(own_suite(), (DATABASE_PACKAGE,), folder)


def _provide_browser(needed: Need) -> None:
    """Chromium in a private folder of Debian's packages."""
    folder = needed.browser_folder
    if folder.is_dir():
        return
    say("this system has no Chromium (the tests look at the report's page with it)")
    say(f"so Debian's packages are extracted into {folder} (560 MB; nothing is installed)")
    _extract(own_suite(), BROWSER_PACKAGES, folder)


def _extract(release: str, packages: Sequence[str], folder: Path) -> None:
    """Packages of a release, with all that they depend on, in a folder that is whole or not there.

    Raises:
        SetupError: They cannot be fetched.
    """
    for left in folder.parent.glob(f"{folder.name}.part-*"):
        say(f"removing what an interrupted set-up left: {left.name}")
        shutil.rmtree(left, ignore_errors=True)
    part = folder.with_name(f"{folder.name}.part-{os.getpid()}")
    command = [
        "mmdebstrap",
        # Nothing of what is extracted is run, so no rights are needed and no namespace.
        "--mode=chrootless",
        "--variant=extract",
        '--aptopt=APT::Install-Recommends "false"',
        '--aptopt=Acquire::Check-Valid-Until "false"',
        f"--include={','.join(packages)}",
        *([] if suite() == DEBIAN_SUITE else ["--components=main,universe"]),
        release,
        str(part),
    ]
    try:
        run(command, "fetching and extracting packages (about 20 s on a good line)")
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def main() -> int:
    """Provides everything; 0 when all is there."""
    try:
        provide_all()
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nsetup: interrupted; the next start goes on from here", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
