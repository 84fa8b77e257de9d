"""What `siaga112 check` says of a folder of settings, before it goes live."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from ivr.prompt import Prompt
from routing.operator import Language
from routing.zone import Policy
from siaga.problem import Place, Problem, SettingsError, SettingsPath, Severity
from siaga.prompt import seconds_of
from siaga.roster.coverage import Shortage, shortages
from siaga.roster.inspection import short_of
from siaga.settings import Settings, load

SILENT_LIMIT_S: Final = 20.0
"""NENA-STA-020.1: 95 % of calls answered within 20 s; a silent caller's phone rings by then."""
AHEAD: Final = timedelta(days=14)
"""So far the roster is looked at for agencies with nobody on duty."""
LETTERS_PER_WORD: Final = 3.6
"""Of espeak-ng's speed, measured on menus full of digits: an estimate, rather long than short."""


@dataclass(frozen=True, slots=True)
class Wait:
    """How long a caller who presses nothing waits until a human's phone rings.

    Attributes:
        seconds: From arrival.
        is_estimate: The prompts are not rendered yet; their length was guessed from the texts.
    """

    seconds: float
    is_estimate: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What is wrong with a folder of settings, and what is worth knowing of it.

    Attributes:
        folder: As it was given.
        problems: Errors and warnings, by file and line.
        settings: None when there are errors.
        silent: The longest wait of a silent caller; None without settings.
        on_duty: The names of who is on duty now.
    """

    folder: Path
    problems: tuple[Problem, ...]
    settings: Settings | None = None
    silent: Wait | None = None
    on_duty: tuple[str, ...] = ()

    @property
    def errors(self) -> int:
        """How many errors there are; with any the settings cannot be used."""
        return sum(problem.severity is Severity.ERROR for problem in self.problems)

    @property
    def warnings(self) -> int:
        """How many warnings there are."""
        return len(self.problems) - self.errors

    def as_json(self) -> dict[str, object]:
        """The report for machines: values that `json` can write."""
        silent = self.silent
        return {
            "folder": str(self.folder),
            "ok": self.errors == 0,
            "errors": self.errors,
            "warnings": self.warnings,
            "problems": [
                {
                    "file": problem.file,
                    "line": problem.line,
                    "col": problem.col,
                    "severity": str(problem.severity),
                    "message": problem.message,
                }
                for problem in self.problems
            ],
            "silent_caller_s": None if silent is None else round(silent.seconds, 1),
            "silent_caller_is_estimate": None if silent is None else silent.is_estimate,
            "on_duty": list(self.on_duty),
        }

    def lines(self) -> Iterator[str]:
        """The report for people: the problems, each with its place, then what is worth knowing."""
        yield from (str(problem) for problem in self.problems)
        count = f"{_counted(self.errors, 'error')}, {_counted(self.warnings, 'warning')}"
        if self.settings is None or self.silent is None:
            yield f"{self.folder}: {count}; these settings cannot be used"
            return
        catalogue, operators = self.settings.catalogue, self.settings.operators
        yield (
            f"{self.folder}: {count}; {_counted(len(catalogue.services), 'service')}, "
            f"{len(operators.people)} people, {_counted(len(operators.seats), 'seat')}"
        )
        guess = (
            " (estimated; not rendered yet: siaga112 prompts)" if self.silent.is_estimate else ""
        )
        yield f"a caller who presses nothing rings a human after {self.silent.seconds:.1f} s{guess}"
        yield f"on duty now: {', '.join(self.on_duty) or 'nobody'}"


def check(folder: Path, *, at: datetime) -> Report:
    """The report on the settings of a folder, as of that instant; it never raises for bad ones."""
    try:
        settings = load(folder)
    except SettingsError as error:
        return Report(folder, error.problems)
    plan = settings.plan()
    silent = silent_wait(settings)
    found = [
        *settings.warnings,
        *_too_long(settings, silent),
        *_missing(settings, shortages(plan, settings.roster.staffing, at, at + AHEAD)),
    ]
    people = settings.operators.people
    on_duty = tuple(people[duty.person].name for duty in plan.roster.on_duty(at))
    return Report(folder, tuple(sorted(found)), settings, silent, on_duty)


def silent_wait(settings: Settings) -> Wait:
    """The longest time from arrival until a human's phone rings for a caller who presses nothing.

    A caller who is announced to be from outside hears that first, and the menu then.
    """
    menu = settings.menu
    spoken = [_length(settings, menu.languages[0], Prompt.MENU)]
    seconds = (spoken[0].seconds + menu.first_digit_s) * (menu.repeats + 1)
    policies = {neighbour.policy for neighbour in settings.zones.neighbours.values()}
    if Policy.ANNOUNCE in policies:
        spoken.append(_length(settings, menu.languages[0], Prompt.ZONE_ANNOUNCE))
        seconds += spoken[1].seconds
    return Wait(seconds, any(prompt.is_estimate for prompt in spoken))


def _length(settings: Settings, language: Language, name: str) -> Wait:
    rendered = seconds_of(settings.daemon.sounds.folder, language, name)
    if rendered is not None:
        return Wait(rendered, is_estimate=False)
    text = settings.prompts.texts[name][language]
    per_second = settings.prompts.voices[language].speed_wpm * LETTERS_PER_WORD / 60
    return Wait(len(text) / per_second, is_estimate=True)


def _too_long(settings: Settings, silent: Wait) -> Iterator[Problem]:
    if silent.seconds > SILENT_LIMIT_S:
        message = (
            f"a caller who presses nothing rings a human only after {silent.seconds:.1f} s; "
            f"expected at most {SILENT_LIMIT_S:g} s: shorten this text, first_digit_s or repeats"
        )
        yield _warning(settings, ("prompts", "texts", str(Prompt.MENU)), message)


def _missing(settings: Settings, found: tuple[Shortage, ...]) -> Iterator[Problem]:
    """One warning for each agency with its first gap: the later ones mostly repeat it."""
    gaps = [shortage for shortage in found if not shortage.present]
    for agency in dict.fromkeys(gap.agency for gap in gaps):
        first, *more = (gap for gap in gaps if gap.agency == agency)
        times = f", and {_counted(len(more), 'time')} more" if more else ""
        message = (
            f"{short_of(first)}{times} in the next {AHEAD.days} days: its callers overflow at once"
        )
        yield _warning(settings, ("roster", "weekly"), message)


def _warning(settings: Settings, path: SettingsPath, message: str) -> Problem:
    place = settings.locate(path) or Place(str(path[0]), 1, 1)
    return Problem(*place, message, Severity.WARNING)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
