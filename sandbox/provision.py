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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sandbox.toolbox import DEBIAN_SUITE, LEAST_ASTERISK, Need, cache_folder, need, suite

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
def alone(path: Path) -> Iterator[None]:
    """Only one set-up at a time does what is inside; another waits for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another set-up is at work; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install(packages: Sequence[str], why: str) -> None:
    """Installs system packages through apt, as root or by sudo.

    Raises:
        SetupError: Neither is possible here.
    """
    line = f"apt-get install --yes --no-install-recommends {' '.join(packages)}"
    if shutil.which("apt-get") is None:
        raise SetupError(f"{why} needs the packages {' '.join(packages)}, and there is no apt here")
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if prefix and (shutil.which("sudo") is None or _fails([*prefix, "true"])):
        raise SetupError(
            f"{why} needs system packages, and this user may not install any.\n"
            f"  Ask an administrator to run:  {line}\n  then run the same command again."
        )
    say(f"installing {', '.join(packages)} ({why})")
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    run([*prefix, *environment, "apt-get", "update"], "reading the package lists")
    run([*prefix, *environment, *line.split()], "installing packages")


def _fails(command: Sequence[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode != 0


def provide_python() -> None:
    """A virtual environment with the locked, hashed requirements and this project in place."""
    wanted = hashlib.sha256(
        b"\n".join(
            [LOCK.read_bytes(), (HOME / "pyproject.toml").read_bytes(), sys.version.encode()]
        )
    ).hexdigest()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    if _fails([sys.executable, "-c", "import ensurepip, venv"]):
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        install([f"python{version}-venv"], "a Python environment of the project's own")
    say("making the Python environment .venv (locked versions, checked by hash)")
    shutil.rmtree(VENV, ignore_errors=True)
    run([sys.executable, "-m", "venv", str(VENV)], "making .venv")
    pip = [
        str(VENV / "bin" / "python"),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        "-q",
    ]
    run([*pip, "--require-hashes", "-r", str(LOCK)], "installing the locked requirements")
    run([*pip, "--no-deps", "--no-build-isolation", "-e", str(HOME)], "installing this project")
    STAMP.write_text(wanted)


def provide_telephony() -> None:
    """Asterisk and the phones: the system's, or a private folder of Debian's packages."""
    needed = need()
    if not needed.packages or needed.folder.is_dir():
        return
    with alone(cache_folder() / "lock"):
        if not needed.folder.is_dir():
            _extract(needed)


def _extract(needed: Need) -> None:
    if needed.asterisk is not None:
        say(f"this system has {needed.asterisk} (wanted: {LEAST_ASTERISK} or later)")
    if needed.programs:
        say(f"this system has no {', '.join(needed.programs)} (phones and tools of the tests)")
    folder = needed.folder
    say(f"so Debian's packages are extracted into {folder} (up to 560 MB; nothing is installed)")
    if shutil.which("mmdebstrap") is None:
        install(["mmdebstrap"], "extracting Debian packages into a folder")
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
        f"--include={','.join(needed.packages)}",
        *([] if suite() == DEBIAN_SUITE else ["--components=main,universe"]),
        suite(),
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
        provide_python()
        provide_telephony()
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nsetup: interrupted; the next start goes on from here", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
