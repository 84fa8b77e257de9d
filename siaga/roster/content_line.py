"""The content lines of a calendar (RFC 5545, 3.1): what they hold, before any library expands it.

A rule of repetition is a program: `FREQ=SECONDLY` makes thirty million events a year, and a rule
that never comes true is searched for until the year 9999. So only rules that a roster needs are
let through, and each of their steps is an event.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from siaga.problem import Problem
from siaga.roster.directory import quoted
from siaga.roster.schedule import MAX_ENTRIES, ScheduleError

_COMMON: Final = {
    "FREQ": "[A-Z]+",
    "COUNT": "[1-9][0-9]{0,5}",
    "UNTIL": "[0-9]{8}(T[0-9]{6}Z?)?",
    "WKST": "(MO|TU|WE|TH|FR|SA|SU)",
}
_STEPS: Final = {**_COMMON, "INTERVAL": "[1-9][0-9]{0,2}"}
PARTS: Final = {
    "VEVENT": {
        "DAILY": _STEPS,
        "WEEKLY": {**_STEPS, "BYDAY": "(MO|TU|WE|TH|FR|SA|SU)(,(MO|TU|WE|TH|FR|SA|SU)){0,6}"},
    },
    "VTIMEZONE": {
        "YEARLY": {
            **_COMMON,
            "BYMONTH": "[0-9]{1,2}",
            "BYMONTHDAY": "[0-9,-]{1,40}",
            "BYDAY": "[+-]?[0-9]?(MO|TU|WE|TH|FR|SA|SU)",
        },
    },
}
"""What the parts of a rule (RFC 5545, 3.3.10) may be with each FREQ, by component."""
MAX_DEPTH: Final = 10
"""VCALENDAR, VTIMEZONE, STANDARD are three; the library descends once for each."""
MAX_ZONES: Final = 50
"""A calendar needs one or two; each is computed."""


@dataclass(slots=True)
class Outline:
    """Which events a calendar has.

    Attributes:
        events: The line on which each begins.
        repeating: How many of them are repeated by a rule.
        endless: The lines of the rules without COUNT and UNTIL.
    """

    events: list[int]
    repeating: int
    endless: list[int]


def outline(content: str, path: Path) -> Outline:
    """The outline of a calendar.

    Raises:
        ScheduleError: It is nested too deep, has too many events, or rules that are not let
            through; each with its line.
    """
    found = Outline([], 0, [])
    problems: list[Problem] = []
    around: list[str] = []
    zones = 0
    for line, content_line in _unfolded(content):
        name, _, value = content_line.partition(":")
        name = name.partition(";")[0].strip().upper()
        value = value.strip().upper()
        fault = None
        match name:
            case "BEGIN":
                around.append(value)
                if value == "VEVENT":
                    found.events.append(line)
                zones += value == "VTIMEZONE"
            case "END":
                del around[-1:]
            case "RRULE":
                fault = _fault_of(value, around)
                if "VEVENT" in around:
                    found.repeating += 1
                    if "COUNT=" not in value and "UNTIL=" not in value:
                        found.endless.append(line)
            case "EXRULE":
                fault = "EXRULE is no part of iCalendar any more (RFC 5545, A.3)"
        if len(around) > MAX_DEPTH or len(found.events) > MAX_ENTRIES or zones > MAX_ZONES:
            fault = "too many events or zones, or nested too deep"
            raise ScheduleError([Problem(str(path), line, 1, fault)])
        if fault is not None:
            problems.append(Problem(str(path), line, 1, fault))
    if problems:
        raise ScheduleError(problems)
    return found


def _fault_of(rule: str, around: list[str]) -> str | None:
    """Why a rule is not let through."""
    pairs = [part.partition("=") for part in rule.split(";")]
    parts = {name: value for name, _, value in pairs}
    allowed = next((PARTS[name] for name in reversed(around) if name in PARTS), None)
    if allowed is None:
        return None
    freq = parts.get("FREQ", "")
    if freq not in allowed:
        known = " or ".join(f"FREQ={name}" for name in allowed)
        return f"a repetition of {quoted(freq)} is not taken; expected {known}"
    for name, value in parts.items():
        pattern = allowed[freq].get(name)
        if pattern is None or not re.fullmatch(pattern, value):
            return f"{quoted(f'{name}={value}')} is not taken in a repetition with FREQ={freq}"
    return None


def _unfolded(content: str) -> Iterator[tuple[int, str]]:
    """Each content line with the line of the file that it begins on."""
    start, parts = 1, [""]
    for number, line in enumerate(content.replace("\r\n", "\n").split("\n"), 1):
        if line[:1] in {" ", "\t"}:
            parts.append(line[1:])
            continue
        yield start, "".join(parts)
        start, parts = number, [line]
    yield start, "".join(parts)
