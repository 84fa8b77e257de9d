"""Records of a rehearsed city: what the core really says of thousands of calls, with real times."""

from datetime import UTC, datetime, timedelta
from random import Random

from journal.journal import Journal
from journal.record import Record
from routing.mark import Mark
from routing.moment import Instant, Moment
from routing.note import CallId, Note
from siaga.rehearsal.city import City
from siaga.rehearsal.rehearsal import Rehearsal, rehearse
from siaga.rehearsal.span import Span
from siaga.settings import Settings

START = datetime(2026, 9, 30, 17, 0, tzinfo=UTC)
"""The begin of October in Lampung."""
VERDICTS = ("inside", "inside", "inside", "unknown", "outside")
NUMBERS = tuple(f"0812000{n:05d}" for n in range(100))


class Kept(list[Record]):
    """A spool in memory."""


class Scribe:
    """Writes down what the core says, and what Asterisk and operators would add to it."""

    def __init__(self, seed: int) -> None:
        self.records = Kept()
        self._journal = Journal(self.records, "a1b2c3", lambda _: "")
        self._arrived: dict[CallId, Instant] = {}
        self._talker: dict[CallId, str] = {}
        self._random = Random(seed)  # noqa: S311 - the same each time

    def hear(self, note: Note, at: Moment) -> None:
        """Takes a note of the core."""
        call = note.call
        if call is None:
            self._journal.note(note, at=at, arrived=None)
            return
        detail = dict(note.detail)
        if note.what == "arrived":
            self._arrived[call] = at.instant
            number = self._random.choice(NUMBERS)
            detail |= {"ani": number, "trunk": "seluler", "did": "112", "how": "new"}
        self._say(Note(call, note.what, detail, note.because), at)
        if note.what == "arrived":
            verdict = self._random.choice(VERDICTS)
            self._say(Note(call, "zone", {"verdict": verdict, "neighbour": None}), at)
        if note.what == "operator_answered":
            self._talker[call] = str(detail["target"])
            self._say(Note(call, "bridged", detail), at)
        if note.what == "ended":
            self._mark(call, at)

    def _mark(self, call: CallId, at: Moment) -> None:
        kind, _, person = self._talker[call].partition(":")
        if kind == "person" and self._random.random() < 0.8:
            weights = (15, 10, 20, 55)
            mark = self._random.choices(list(Mark), weights)[0]
            self._say(Note(call, "marked", {"person": person, "mark": mark.value}), at)

    def _say(self, note: Note, at: Moment) -> None:
        assert note.call is not None
        self._journal.note(note, at=at, arrived=self._arrived[note.call])


def city(settings: Settings, calls: int, days: float, seed: int = 112) -> tuple[Rehearsal, Kept]:
    """A rehearsal and its records."""
    scribe = Scribe(seed)
    span = Span(START, START + timedelta(days=days))
    return rehearse(settings, City(), span, calls, seed, hear=scribe.hear), scribe.records
