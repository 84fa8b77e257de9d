"""What an imported schedule changes: the overrides that make the roster say what the file says."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from routing.operator import PersonId
from routing.override import Extra, Leave
from routing.roster import Roster
from siaga import file
from siaga.holiday import roster_of
from siaga.problem import Place, Problem, SettingsError, suggestion
from siaga.roster.directory import Directory, quoted
from siaga.roster.manuscript import Unwritable, rewritten
from siaga.roster.schedule import MAX_DAYS, Dates, Entry, Schedule, ScheduleError, fault
from siaga.roster.staffing import RosterSettings
from siaga.roster.timetable import Slot, Timetable
from siaga.roster.turn import Post, posts
from siaga.settings import Settings, load

NOTE: Final = "imported"
"""Of the overrides that an import writes; a later one may strike them out again."""
STEM: Final = "roster"
NEAREST: Final = 3
"""Shifts that are told where none has the times of an event."""
BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What of a file is taken, and of what it is the whole truth.

    Attributes:
        dates: The dates; None: those that the file is about.
        people: Whose turns; None: those whom the file is about.
        everyone: Whom the file does not name has no turn at all.
    """

    dates: Dates | None = None
    people: frozenset[PersonId] | None = None
    everyone: bool = False


@dataclass(frozen=True, slots=True)
class Revision:
    """The change of `roster.yaml`.

    Attributes:
        dates: Which dates it is about.
        on: Who works from now on.
        off: Who does not any more.
        left_out: Turns of the file that are outside of what was asked for.
        path: The file.
        old: What it holds.
        new: What it is to hold; checked as a whole, with the other files of the settings.
    """

    dates: Dates
    on: tuple[Post, ...]
    off: tuple[Post, ...]
    left_out: int
    path: Path
    old: bytes
    new: bytes

    def write(self) -> None:
        """Puts the file in place in one step, if it is still the one that was read.

        Raises:
            ScheduleError: Somebody else has changed it meanwhile; nothing is written.
            OSError: It cannot be written; the old one is untouched.
        """
        if self.path.read_bytes() != self.old:
            raise fault(self.path, 1, "this file was changed meanwhile; try again")
        file.replace(self.path, self.new)
        file.sync(self.path.resolve().parent)


def revise(
    settings: Settings, folder: Path, source: Path, told: Schedule, scope: Scope
) -> Revision:
    """The change that makes the roster what the schedule says.

    Args:
        settings: Those of `folder`.
        folder: Where the settings are.
        source: The imported file, as messages name it.
        told: What it says.
        scope: What of it is taken.

    Raises:
        ScheduleError: People or shifts that do not exist, colleagues who would silently lose their
            turns, or a result that is no valid roster.
    """
    wanted, found = _understood(settings, told)
    people = scope.people if scope.people is not None else _people(settings, told)
    dates = scope.dates or told.dates or _dates(found, people, source)
    if len(dates) > MAX_DAYS:
        raise fault(source, 1, f"more than {MAX_DAYS} days; expected a nearer --from and --to")
    roster = _compiled(settings)
    desired = {post for post in wanted if post[0] in dates and post[2] in people}
    before = posts(roster, dates)
    current = {post for post in before if post[2] in people}
    is_silent = told.dates is None and not any(post[0] in dates for post in wanted)
    if current and is_silent and not scope.everyone:
        raise _nothing_left(source, dates, len(current))
    is_said = scope.everyone or scope.people is not None or told.people is not None
    if not is_said:
        _require_all(current, desired, dates, source)
    expected = (before - current) | desired
    path = folder / f"{STEM}.yaml"
    old = settings.files[path.name]
    struck = _in_the_way(settings, current ^ desired)
    new = old if current == desired else _text(settings, old, struck, dates, expected)
    revision = Revision(
        dates,
        tuple(sorted(desired - current)),
        tuple(sorted(current - desired)),
        len(wanted - desired),
        path,
        old,
        new,
    )
    if new != old:
        _require_right(folder, revision, expected, _without(settings, struck).roster)
    return revision


def _understood(settings: Settings, told: Schedule) -> tuple[set[Post], dict[Post, Slot]]:
    """Who works which shift, for each entry that means somebody and a shift."""
    directory, timetable = Directory(settings.operators), Timetable(settings.roster)
    found: dict[Post, Slot] = {}
    problems: list[Problem] = []
    for entry in told.entries:
        person = directory.find(entry.names)
        if person is None:
            name = entry.names[0] if entry.names else ""
            problems.append(Problem(*entry.place, f"{entry.title}: {directory.unknown(name)}"))
            continue
        slot = _slot(entry, timetable, settings)
        if isinstance(slot, str):
            problems.append(Problem(*entry.place, f"{entry.title}: {slot}"))
        else:
            found[slot.date, slot.shift, person] = slot
    if problems:
        raise ScheduleError(problems)
    return set(found), found


def _slot(entry: Entry, timetable: Timetable, settings: Settings) -> Slot | str:
    """The shift that an entry is, or why it is none."""
    if entry.shift is not None and entry.shift not in settings.roster.shifts:
        near = suggestion(entry.shift, settings.roster.shifts, "shifts")
        return f"unknown shift {quoted(entry.shift)}{near}"
    slots = timetable.at(entry.start, entry.end)
    fits = [slot for slot in slots if entry.shift in {None, slot.shift}]
    if fits:
        return fits[0]
    start, end = (time.astimezone(timetable.zone) for time in (entry.start, entry.end))
    near = ", ".join(map(str, timetable.nearest(entry.start, entry.end, NEAREST)))
    what = "no shift" if entry.shift is None else f"not shift {entry.shift!r}"
    times = f"{start:%a %d %b %Y %H:%M:%S} to {end:%a %d %b %Y %H:%M:%S}"
    return f"{times} is {what}; the nearest are {near}"


def _people(settings: Settings, told: Schedule) -> frozenset[PersonId]:
    """Whom the file is about; people whom the settings do not know any more have no turns."""
    known = settings.operators.people
    return frozenset(id_ for id_ in known if told.people is None or id_ in told.people)


def _dates(found: Iterable[Post], people: frozenset[PersonId], source: Path) -> Dates:
    days = [day for day, _, person in found if person in people]
    if not days:
        raise fault(source, 1, "there are no turns in it; expected some, or --from and --to")
    return Dates(min(days), max(days))


def _nothing_left(source: Path, dates: Dates, turns: int) -> ScheduleError:
    """A file of another month, or a mistyped date, must not empty this one."""
    message = (
        f"there are no turns in it from {dates}, where the roster has {turns}; "
        "expected some, or --everyone to take all of those away"
    )
    return fault(source, 1, message)


def _require_all(current: set[Post], desired: set[Post], dates: Dates, source: Path) -> None:
    """A file of one agency must not take the others off duty because nobody thought of it."""
    named = {person for _, _, person in desired}
    missing = sorted({person for _, _, person in current} - named)
    if missing:
        message = (
            f"{', '.join(missing)} have turns from {dates}, and the file says nothing of them; "
            "say whose turns it tells with --person or --agency, or --everyone to take them away"
        )
        raise fault(source, 1, message)


def _in_the_way(settings: Settings, changed: set[Post]) -> frozenset[int]:
    """The overrides, by index, by which an earlier import said the opposite."""
    return frozenset(
        index
        for index, override in enumerate(settings.roster.overrides)
        if isinstance(override, Leave | Extra)
        and (override.note, override.until) == (NOTE, None)
        and (override.date, override.shift, override.person) in changed
    )


def _text(
    settings: Settings, old: bytes, struck: Collection[int], dates: Dates, expected: Iterable[Post]
) -> bytes:
    """The new file: what is in the way is struck out, what is missing is added."""
    now = posts(_compiled(_without(settings, struck)), dates)
    wanted = frozenset(expected)
    lines = [(post, "extra") for post in wanted - now] + [(post, "leave") for post in now - wanted]
    bom, body = (BOM, old[len(BOM) :]) if old.startswith(BOM) else (b"", old)
    place = settings.locate((STEM, "overrides")) or Place(f"{STEM}.yaml", 1, 1)
    try:
        added = [_line(*line) for line in sorted(lines)]
        return bom + rewritten(body.decode(), struck, added).encode()
    except Unwritable as error:
        message = f"{error}; expected 'overrides:' with one '- {{date: …}}' in each line below"
        raise ScheduleError([Problem(*place, message)]) from error


def _without(settings: Settings, struck: Collection[int]) -> Settings:
    overrides = enumerate(settings.roster.overrides)
    kept = tuple(override for index, override in overrides if index not in struck)
    return replace(settings, roster=replace(settings.roster, overrides=kept))


def _compiled(settings: Settings) -> Roster:
    return roster_of(settings.roster, settings.operators)


def _line(post: Post, kind: str) -> str:
    day, shift, person = post
    return (
        f"{{date: {day}, kind: {kind}, person: {_scalar(person)}, "
        f"shift: {_scalar(shift)}, note: {NOTE}}}"
    )


def _scalar(id_: str) -> str:
    """An id in YAML; all of them are plain words, but `null` is no word at all."""
    return f"'{id_}'" if id_ == "null" else id_


def _require_right(
    folder: Path, revision: Revision, expected: Iterable[Post], kept: RosterSettings
) -> None:
    """The new file makes valid settings, says what it is to say, and all that it said before."""
    try:
        settings = load(folder, {STEM: revision.new})
    except SettingsError as error:
        raise ScheduleError(error.problems) from error
    rest = settings.roster.overrides[: len(kept.overrides)]
    is_kept = replace(settings.roster, overrides=rest) == kept
    if not is_kept or posts(_compiled(settings), revision.dates) != frozenset(expected):
        message = (
            "the overrides of the import cannot be added here so that they, and no others, act"
        )
        raise fault(revision.path, 1, message)
