"""A stand-in for Asterisk, thin and without I/O, around the core itself.

The floor, the calls' dialogues and the roster are those of the daemon, object for object; what the
shell does between them and Asterisk (siaga.caller, siaga.ringer, siaga.leg) is done here and by the
phones (siaga.rehearsal.phone), in virtual time, without tasks and messages. ADR 25 says why, and
which test holds it to the whole daemon on the Asterisk in memory.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, assert_never

from ivr.announcement import Placed, Turned
from ivr.call import CallFlow
from ivr.command import Answer, AskPlace, Command, HangUp, Join, Play, RenewFuse
from ivr.dialogue import Digit, MenuDialogue, Silence, Spoken
from ivr.menu import Menu
from ivr.state import Call, CallerGone, CallEvent, Ended, Step, Talking, deadline
from routing.cause import Cause
from routing.floor import Floor
from routing.moment import Instant, Moment
from routing.note import CallId, Note
from routing.offer import (
    Confirm,
    Connect,
    Enqueue,
    Expired,
    FloorCommand,
    FloorEvent,
    Leave,
    Offer,
    OfferId,
    Parted,
    Withdraw,
)
from routing.service import Catalogue
from siaga.rehearsal.agenda import Agenda
from siaga.rehearsal.phone import People, Phones
from siaga.rehearsal.visit import Visit
from siaga.rehearsal.watch import Watch

DRAIN_S: Final = 3600.0
"""After the last arrival, for who never gives up: whoever waits then is still ringing."""
STUCK, STUCK_PAUSE_S = 100, 1.0
"""A floor that asks for one deadline so often does not take it; it is asked less often then."""


@dataclass(slots=True)
class Line:
    """A caller's end.

    Attributes:
        due: When `Silence` is told, unless the call's state changes before.
        playing: Tells the end of what is heard now from that of what was replaced.
        talked: A human was heard.
        over: The caller has left, or was hung up on.
        rung: How often each target has rung for this call, beyond the first time.
    """

    visit: Visit
    flow: CallFlow
    state: Call
    due: Instant | None = None
    playing: int = 0
    talked: bool = False
    over: bool = False
    rung: dict[str, int] = field(default_factory=dict)


def _served(flow: CallFlow, at: Moment) -> Step:
    return flow.begin(at=at)


class Stage:
    """Plays visits on one floor.

    Args:
        floor: A new one.
        menu: The accepted menu.
        catalogue: The accepted services.
        start: The wall time at second 0.
        people: Whoever sits at the phones.
        media_s: Seconds of a prompt, by language and name.
        hear: Takes every note of the core, as the journal does.
        watch: Looks for what must never be.
    """

    def __init__(
        self,
        floor: Floor,
        menu: Menu,
        catalogue: Catalogue,
        *,
        start: datetime,
        people: People,
        media_s: Callable[[str, str], float],
        hear: Callable[[Note, Moment], None],
        watch: Watch,
    ) -> None:
        self._begin: Callable[[CallFlow, Moment], Step] = _served
        self._default = catalogue.default_service
        self._announcements = catalogue.announcements
        self._recorded = catalogue.recorded
        self._dialogue = MenuDialogue(menu, catalogue.default_service)
        self._agenda = Agenda(start)
        self._phones = Phones(self._agenda, people, self._tell, watch)
        self._media_s = media_s
        self._hear = hear
        self._watch = watch
        self._floor = floor
        self._floor_due: Instant | None = None
        self._expired = Instant(-1.0)
        self._again = 0
        self._coming = False
        self._last_s = 0.0
        self._lines: dict[CallId, Line] = {}
        self._mail: deque[tuple[Line, CallEvent]] = deque()

    @property
    def now(self) -> Moment:
        """The virtual time."""
        return self._agenda.now

    def play(
        self,
        visits: Iterator[Visit],
        *,
        begin: Callable[[CallFlow, Moment], Step] | None = None,
        until: Callable[[], bool] = bool,
    ) -> None:
        """All visits from the first to the end of the last, or to `DRAIN_S` after it began.

        Args:
            visits: In the order in which they come.
            begin: The first step of each; without it no zone is judged, and all are served.
            until: Whether enough has been seen; without it never.
        """
        self._begin = begin or _served
        self._next(visits)
        while (self._coming or self._lines or self._phones) and not until():
            seconds = self._agenda.next_s
            if seconds is None or (seconds > self._last_s + DRAIN_S and not self._coming):
                break
            self._agenda.advance()
            while self._mail:
                line, event = self._mail.popleft()
                self._advance(line, event)
        self._watch.close(self._floor, self.now)

    # Callers

    def _next(self, visits: Iterator[Visit]) -> None:
        visit = next(visits, None)
        self._coming = visit is not None
        if visit is not None:
            self._last_s = visit.at_s
            self._agenda.later(visit.at_s - self.now.instant, self._arrive, (visit, visits))

    def _arrive(self, given: tuple[Visit, Iterator[Visit]]) -> None:
        visit, visits = given
        at, citizen = self.now, visit.citizen
        flow = CallFlow(
            visit.call,
            self._dialogue,
            self._default,
            at,
            visit.number,
            self._announcements,
            recorded=self._recorded,
        )
        state, commands = self._begin(flow, at)
        line = self._lines[visit.call] = Line(visit, flow, state)
        self._watch.arrives(visit.call)
        self._hear(Note(visit.call, "arrived"), at)
        if citizen.patience_s is not None:
            self._agenda.later(citizen.patience_s, self._lose_patience, line)
        for seconds, digit in citizen.keys:
            self._agenda.later(seconds, self._press, (line, digit))
        self._perform(line, commands)
        self._arm(line)
        self._next(visits)

    def _press(self, given: tuple[Line, str]) -> None:
        line, digit = given
        if not line.over:
            self._mail.append((line, Digit(digit)))

    def _lose_patience(self, line: Line) -> None:
        if not line.talked:
            self._leave(line)

    def _finish_talk(self, line: Line) -> None:
        if isinstance(line.state, Talking):
            self._leave(line)

    def _leave(self, line: Line) -> None:
        """The caller hangs up; the floor knows before the dialogue does, as in siaga.caller."""
        if line.over:
            return
        line.over = True
        self._mail.append((line, CallerGone(Cause.NORMAL_CLEARING)))
        self._tell(Leave(line.visit.call))

    def _silence(self, given: tuple[Line, Instant]) -> None:
        line, due = given
        if line.due == due:
            line.due = None
            self._mail.append((line, Silence()))

    def _spoken(self, given: tuple[Line, int]) -> None:
        line, playing = given
        if line.playing == playing:
            self._mail.append((line, Spoken()))

    def _advance(self, line: Line, event: CallEvent) -> None:
        if isinstance(line.state, Ended):
            return
        line.state, commands = line.flow.step(line.state, event, at=self.now)
        self._perform(line, commands)
        if isinstance(line.state, Ended):
            self._end(line)
        else:
            self._arm(line)

    def _arm(self, line: Line) -> None:
        due = deadline(line.state)
        if due is not None and due != line.due:
            self._agenda.later(max(0.0, due - self.now.instant), self._silence, (line, due))
        line.due = due

    def _end(self, line: Line) -> None:
        line.over = True
        line.due = None
        line.playing = -1
        self._lines.pop(line.visit.call, None)
        self._watch.leaves(line.visit.call, self.now)

    def _perform(self, line: Line, commands: tuple[Command, ...]) -> None:
        """What is asked of Asterisk takes no time here, so the order is that of the core."""
        for command in commands:
            match command:
                case Enqueue():
                    self._watch.waits(command)
                    self._tell(command)
                case Leave():
                    self._tell(command)
                case Note():
                    self._watch.hears(command, self.now)
                    self._hear(command, self.now)
                case AskPlace(up_to):
                    place = self._floor.position(line.visit.call, up_to)
                    self._mail.append((line, Placed(place)))
                case Play():
                    line.playing += 1
                    seconds = sum(self._media_s(command.language, one) for one in command.prompts)
                    self._agenda.later(seconds, self._spoken, (line, line.playing))
                case Join():
                    self._join(line, command.offer)
                case HangUp():
                    line.over = True
                    self._mail.append((line, CallerGone(Cause.NORMAL_CLEARING)))
                case Answer() | RenewFuse():
                    pass
                case _:
                    assert_never(command)

    def _join(self, line: Line, offer: OfferId) -> None:
        """Both hear each other, unless the leg has ended meanwhile."""
        line.playing += 1
        if not self._phones.join(offer):
            return
        line.talked = True
        if line.visit.citizen.talk_s is not None:
            self._agenda.later(line.visit.citizen.talk_s, self._finish_talk, line)

    # Floor

    def _tell(self, event: FloorEvent, least_s: float = 0.0) -> None:
        """Steps the floor and does what it wants; its deadline comes in `least_s` or later."""
        for command in self._floor.step(event, at=self.now):
            self._obey(command)
        due = self._floor.deadline()
        if due is not None and due != self._floor_due:
            self._agenda.later(max(least_s, due - self.now.instant), self._expire, due)
        self._floor_due = due

    def _expire(self, due: Instant) -> None:
        if due != self._floor_due:
            return
        self._floor_due = None
        self._again = self._again + 1 if due <= self._expired else 0
        self._expired = due
        if self._again == STUCK:
            self._watch.stuck(self.now)
        self._tell(Expired(), STUCK_PAUSE_S if self._again >= STUCK else 0.0)

    def _obey(self, command: FloorCommand) -> None:
        match command:
            case Note():
                self._watch.hears(command, self.now)
                self._hear(command, self.now)
            case Offer():
                self._watch.offers(command, self.now)
                line = self._lines.get(command.call)
                if line is not None:
                    self._phones.ring(command, line.visit, line.rung)
                    if command.overflow:
                        self._mail.append((line, Turned()))
            case Withdraw():
                self._phones.withdraw(command)
            case Confirm():
                pass  # the callee's keys come by themselves, each so long after picking up
            case Connect() | Parted():
                line = self._lines.get(command.call)
                if line is not None:
                    self._mail.append((line, command))
            case _:
                assert_never(command)
