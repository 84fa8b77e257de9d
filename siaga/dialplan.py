"""Asterisk's files for one site: the templates of `asterisk-dialplan/` with the site's values.

A template is a whole Asterisk file in which what differs per site is written `@NAME@`. Comment
lines are left as they are. Rendered rows of who is on duty make one more file, `siaga-duty.conf`.

    DialplanError
    ├── MissingValue     a template wants a value that is not there
    ├── UnusedValue      a value that no template wants: most likely a misspelt name
    └── UnsafeValue      a value that would change the meaning of the file around it
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from siaga.file import NEW_MODE, replace, sync
from siaga.problem import alike

TEMPLATES = Path(__file__).resolve().parent.parent / "asterisk-dialplan"
"""The templates in a checkout."""
DUTY_FILE = "siaga-duty.conf"
"""Pulled in by `siaga-extensions.conf` if it is there."""
DUTY_STAMP = "SIAGA_ROWS"
"""The global that tells which rows Asterisk has read: each load of the file sets it anew."""
FOLDER_NAME = "siaga"
"""The files live in a folder of this name beside Asterisk's own, as the includes say."""
DUTY_MODE = 0o644
"""Of a new duty file: Asterisk is another user, and names of phones are no secret."""

_PLACEHOLDER = re.compile(r"@([A-Z][A-Z0-9_]*)@")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
"""Names of endpoints and services: nothing that Asterisk could read as syntax."""
_FORBIDDEN = (";", "[", "]", "${", "\\")
"""Comment, section, expression, variable and escape of Asterisk's files."""

DutyRow = tuple[int, Sequence[str]]
"""Epoch second at which the row ends (not included), and the PJSIP endpoints on duty until then."""


class DialplanError(ValueError):
    """The files cannot be made; each line of the message names a place and what is wrong there."""


class MissingValue(DialplanError):
    """A placeholder has no value."""


class UnusedValue(DialplanError):
    """No template has this placeholder."""


class UnsafeValue(DialplanError):
    """A value would be read by Asterisk as something else than a value."""


def placeholders(folder: Path = TEMPLATES) -> dict[str, str]:
    """Each placeholder of the templates with the place where it is wanted first, `file:line`."""
    found: dict[str, str] = {}
    for path in _templates(folder):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for name in _wanted(line):
                found.setdefault(name, f"{path.name}:{number}")
    return found


def render(values: Mapping[str, str], folder: Path = TEMPLATES) -> dict[str, str]:
    """The text of each file by its name, with every placeholder replaced.

    Raises:
        MissingValue: Placeholders without a value, all of them, each with file and line.
        UnusedValue: Values that nothing asks for.
        UnsafeValue: Values with a line break or with characters that mean something to Asterisk.
    """
    wanted = placeholders(folder)
    _refuse(MissingValue, _missing(wanted, values))
    _refuse(UnusedValue, _unused(wanted, values))
    _refuse(
        UnsafeValue,
        [
            f"{place}: the value of {name} {reason}"
            for name, place in wanted.items()
            if (reason := _unsafe(values[name]))
        ],
    )
    return {path.name: _fill(path.read_text(), values) for path in _templates(folder)}


def render_duty(rows: Mapping[str, Sequence[DutyRow]], generated: datetime) -> str:
    """The text of `siaga-duty.conf`: a context per service that returns who is on duty now.

    Args:
        rows: For each service the stretches of time in order, from now or earlier. An empty row
            means that nobody is on duty; after the last row nobody is known to be.
        generated: When the rows were computed, for whoever reads the file.

    Raises:
        UnsafeValue: A service or an endpoint is not a plain name.
        ValueError: The rows of a service are not in ascending order.
    """
    names = [*rows, *(name for row in rows.values() for _, group in row for name in group)]
    strange = (name for name in names if not _NAME.fullmatch(name))
    _refuse(UnsafeValue, [f"{DUTY_FILE}: {name!r} is not a plain name" for name in strange])
    lines = [
        f"; Siaga 112: who is on duty, for the last resort. Written {generated:%Y-%m-%d %H:%M %z}.",
        "; Not to be edited. A row holds until the second before its number (since 1970, UTC).",
    ]
    body = [line for service, row in rows.items() for line in _duty(service, row)]
    stamp = hashlib.sha256("\n".join(body).encode()).hexdigest()[:16]
    lines += ["", "[globals]", f"{DUTY_STAMP}={stamp}", *body]
    return "\n".join(lines) + "\n"


def duty_stamp(text: str) -> str:
    """What the rows of a rendered text are known by; it does not depend on when it was written."""
    return text.partition(f"\n{DUTY_STAMP}=")[2].partition("\n")[0]


def write(texts: Mapping[str, str], folder: Path, mode: int = NEW_MODE) -> None:
    """Puts each file in place in one step: a reader finds the old text or the new, never a part.

    Mode and owner of a file that is replaced are kept, as far as this process may; a new one gets
    `mode`.

    Raises:
        OSError: The folder is missing, full or not writable; files not yet reached are untouched.
    """
    for name, text in texts.items():
        replace(folder / name, text.encode(), mode)
    sync(folder)


def _templates(folder: Path) -> list[Path]:
    return sorted(folder.glob("siaga-*.conf"))


def _wanted(line: str) -> list[str]:
    return [] if line.lstrip().startswith(";") else _PLACEHOLDER.findall(line)


def _fill(text: str, values: Mapping[str, str]) -> str:
    lines = [
        _PLACEHOLDER.sub(lambda match: values[match[1]], line) if _wanted(line) else line
        for line in text.splitlines()
    ]
    return "\n".join(lines) + "\n"


def _missing(wanted: Mapping[str, str], values: Mapping[str, str]) -> list[str]:
    return [f"{place}: {name} has no value" for name, place in wanted.items() if name not in values]


def _unused(wanted: Mapping[str, str], values: Mapping[str, str]) -> list[str]:
    lines = []
    for name in values:
        if name not in wanted:
            near = alike(name, wanted)
            lines.append(f"no file has @{name}@" + (f"; did you mean {near}?" if near else ""))
    return lines


def _unsafe(value: str) -> str | None:
    if not value:
        return "is empty"
    if value != value.strip():
        return "begins or ends with a space"
    if not value.isprintable():
        return "has a line break or another invisible character"
    found = next((mark for mark in _FORBIDDEN if mark in value), None)
    return None if found is None else f"has {found!r}, which Asterisk would not read as part of it"


def _refuse(kind: type[DialplanError], lines: Sequence[str]) -> None:
    if lines:
        raise kind("\n".join(lines))


def _duty(service: str, rows: Sequence[DutyRow]) -> list[str]:
    if any(later[0] <= earlier[0] for earlier, later in pairwise(rows)):
        raise ValueError(f"{DUTY_FILE}: the rows of {service} are not in ascending order")
    lines = ["", f"[siaga-duty-{service}]", "exten => s,1,Set(LOCAL(now)=${EPOCH})"]
    for end, group in rows:
        phones = "&".join(f"PJSIP/{name}" for name in group)
        lines.append(f" same => n,ExecIf($[${{now}} < {end}]?Return({phones}))")
    return [*lines, " same => n,Return()"]
