"""What was seen of a scenario: the phones' side, the records, and what was left.

The phones' side is Asterisk's truth; nothing in it is the centre's own word. Times are seconds
after the scenario's begin.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from journal.record import Record, encode

FLOOR_LEG = "siaga-leg-"
"""Begins the id of each leg that the floor rings; the offer's id follows."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A caller hears a human.

    Attributes:
        leg: The human's channel.
        until: None: to the end of what was seen.
        ended: The human hung up, or the human's phone died.
        normally: The human hung up.
    """

    leg: str
    since: float
    until: float | None = None
    ended: bool = False
    normally: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A call at a citizen's or an operator's phone.

    Attributes:
        phone: The citizen's number, or the operator's endpoint.
        channel: Its channel in Asterisk.
        since: When it began, or began to ring.
        until: When it was over; None if never.
        hung_up: Its own user ended it.
        talks: With whom, of a citizen.
        burnt: When the caller's fuse took the caller out of the application.
        up_at: When it was picked up; None if never.
    """

    phone: str
    channel: str
    since: float
    until: float | None = None
    hung_up: bool = False
    talks: tuple[Talk, ...] = ()
    burnt: tuple[float, ...] = ()
    up_at: float | None = None

    def ends_by(self, at: float) -> bool:
        """Whether it is over at that time."""
        return self.until is not None and self.until <= at


@dataclass(frozen=True, slots=True)
class Account:
    """One scenario, as it was seen.

    Attributes:
        start: The wall time of its begin.
        callers: The citizens' calls.
        legs: The calls at operators' phones, those of the dialplan among them.
        records: Of all centres that ran.
        errors: What was logged as one, and tasks that failed unheard.
        left: What was in progress at the end.
        over: When everybody was made to hang up.
        crashes: When Asterisk died.
        troubles: Stretches in which something was broken.
        killed: Runs that were killed, as their records' ids name them.
        devices: Each change of a device state of Asterisk's: when, of which endpoint, to what.
        sets: From when on which set of settings was in force, and was before anything else.
        prompts: When it was asked to play to which call, and what.
        absences: Stretches without a centre, or in which one came to know what there was.
        cuts: Stretches in which the centre knew that it saw nothing.
    """

    start: datetime
    callers: tuple[Call, ...] = ()
    legs: tuple[Call, ...] = ()
    records: tuple[Record, ...] = ()
    errors: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    over: float = 0.0
    crashes: tuple[float, ...] = ()
    troubles: tuple[tuple[float, float], ...] = ()
    killed: frozenset[str] = field(default_factory=frozenset)
    devices: tuple[tuple[float, str, str], ...] = ()
    sets: tuple[tuple[float, int], ...] = ((0.0, 0),)
    prompts: tuple[tuple[float, str, str], ...] = ()
    absences: tuple[tuple[float, float], ...] = ()
    cuts: tuple[tuple[float, float], ...] = ()

    @property
    def journal(self) -> bytes:
        """The records as they stand in a spool."""
        return b"".join(encode(record) for record in self.records)

    def at(self, record: Record) -> float:
        """When the record was written."""
        return (record.at - self.start).total_seconds()

    def is_quiet(
        self, since: float, until: float, but: tuple[tuple[float, float], ...] = ()
    ) -> bool:
        """Whether nothing was broken in that stretch, but for these troubles."""
        return all(
            end < since or begin > until or (begin, end) in but for begin, end in self.troubles
        )

    def crashed(self, at: float) -> bool:
        """Whether Asterisk died then."""
        return any(abs(at - crash) < INSTANT_S for crash in self.crashes)

    def runs(self) -> Iterator[tuple[str, tuple[Record, ...]]]:
        """The records by the run that wrote them."""
        by_run: dict[str, list[Record]] = {}
        for record in self.records:
            by_run.setdefault(run_of(record), []).append(record)
        return ((run, tuple(records)) for run, records in by_run.items())

    def targets(self) -> Mapping[str, str]:
        """Of each leg of the floor, whom it rang, by channel."""
        return {
            f"{FLOOR_LEG}{record.detail['offer']}": str(record.detail["target"])
            for record in self.records
            if record.what == "offered"
        }


INSTANT_S = 1e-6
"""Two times that are nearer are the same."""


def run_of(record: Record) -> str:
    """The run that wrote it."""
    return record.id.split("-")[1]
