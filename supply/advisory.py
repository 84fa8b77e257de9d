"""Known vulnerabilities of what is locked, by pip-audit in an environment of its own.

Nothing found and nothing known are two things. pip-audit passes over a package that its source of
advisories does not have, says "No known vulnerabilities found", and ends with 0: here that is a
package of which nothing is known, and one suffices for the answer to be that.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from supply import AUDIT, HOUSE
from supply.lock import Locked

FOLDER: Final = HOUSE / ".audit"
"""pip-audit's environment; it is made again when the lock is another one."""
LIMIT_S: Final = 300.0


class NotKnown(Exception):
    """There is no answer; the message says why."""


@dataclass(frozen=True, slots=True)
class Advisory:
    """A known vulnerability.

    Attributes:
        package: Whose.
        version: That is locked.
        id: Of the advisory.
        fixed: Versions without it.
    """

    package: str
    version: str
    id: str
    fixed: tuple[str, ...]

    def __str__(self) -> str:
        fixed = ", ".join(self.fixed) or "no version"
        return f"{self.package} {self.version}: {self.id}, mended in {fixed}"


def look_up(locked: Sequence[Locked], ask: Callable[[Path], str]) -> list[Advisory]:
    """The known vulnerabilities of these requirements.

    One of them is asked for first: where nothing can be known the others are not asked for at all.

    Args:
        locked: The requirements; what does not apply here is passed over.
        ask: Has pip-audit read a file of requirements; its JSON.

    Raises:
        NotKnown: Of at least one of them nothing is known.
    """
    wanted = [each for each in locked if each.applies]
    _asked(wanted[:1], ask)
    return _asked(wanted, ask)


def parse(text: str, wanted: Sequence[Locked]) -> list[Advisory]:
    """What pip-audit's JSON says of these requirements.

    Raises:
        NotKnown: It is not understood, or says nothing of one of them.
    """
    try:
        told: Mapping[str, Any] = {each["name"]: each for each in json.loads(text)["dependencies"]}
        for each in wanted:
            if each.name not in told:
                raise NotKnown(f"nothing is said of {each.name}")
            if "vulns" not in told[each.name]:
                raise NotKnown(str(told[each.name].get("skip_reason", f"not of {each.name}")))
        return [
            Advisory(each.name, each.version, vuln["id"], tuple(vuln["fix_versions"]))
            for each in wanted
            for vuln in told[each.name]["vulns"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotKnown(f"what pip-audit says is not understood: {error!r}") from error


def pip_audit(requirements: Path) -> str:
    """pip-audit's JSON for a file.

    Raises:
        NotKnown: It cannot be installed, or does not answer.
    """
    program = FOLDER / "bin" / "pip-audit"
    if not program.exists() or _stamp().read_text(encoding="utf-8") != AUDIT.read_text("utf-8"):
        _provide()
    done = _run(
        [
            str(program),
            *("--requirement", str(requirements), "--no-deps", "--disable-pip"),
            *("--format", "json", "--progress-spinner", "off"),
        ]
    )
    if not done.stdout.strip():  # 1: there are vulnerabilities, and it says which
        raise NotKnown(_last(done.stderr) or f"pip-audit ended with {done.returncode}")
    return done.stdout


def _asked(wanted: Sequence[Locked], ask: Callable[[Path], str]) -> list[Advisory]:
    with tempfile.TemporaryDirectory(prefix="siaga112-audit-") as folder:
        file = Path(folder) / "requirements.txt"
        file.write_text("".join(f"{each.name}=={each.version}\n" for each in wanted))
        return parse(ask(file), wanted)


def _provide() -> None:
    python = FOLDER / "bin" / "python"
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(FOLDER)],
        [*pip, "--require-hashes", "-r", str(AUDIT)],
    ):
        done = _run(command)
        if done.returncode != 0:
            raise NotKnown(f"pip-audit cannot be installed: {_last(done.stderr)}")
    _stamp().write_text(AUDIT.read_text("utf-8"), encoding="utf-8")


def _stamp() -> Path:
    return FOLDER / "lock"


def _run(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(  # noqa: S603 - this environment's own programs
            command, capture_output=True, text=True, check=False, timeout=LIMIT_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotKnown(str(error)) from error


def _last(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1]
