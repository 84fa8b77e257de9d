"""A walk through the core at random: the floor and its calls together, as the conductor joins them.

What Asterisk and people may do is drawn; what the core says is obeyed. The walk writes down each
cell of the tables that it comes through, so that a cell which no call comes to is known.
"""

import random
from collections import deque
from dataclasses import dataclass, field, replace

from ivr import adoption
from ivr.adoption import Memory
from ivr.announcement import Placed, Turned
from ivr.call import CallFlow
from ivr.command import AskPlace, Command
from ivr.dialogue import Digit, MenuDialogue, Silence, Spoken
from ivr.state import Call, CallerGone, CallEvent, Ended, InMenu, deadline
from routing.mark import Mark
from routing.note import CallId
from routing.offer import (
    Adopt,
    Confirm,
    Connect,
    Enqueue,
    Expired,
    FloorCommand,
    FloorEvent,
    Leave,
    LegAnswered,
    LegConfirmed,
    LegGone,
    LegRinging,
    Marked,
    Noticed,
    Offer,
    OfferId,
    Parted,
    Paused,
    PersonEvent,
    PlanChanged,
    Ready,
    SeatChanged,
    SeatState,
    Seen,
    Sighted,
    SignedOff,
    SignedOn,
    Unsighted,
    Withdraw,
)
from routing.operator import PersonId, SeatId
from routing.service import Strategy
from tests.ivr.test_dialogue import ID, UMUM, make_menu
from tests.matrix.call import BECAUSE, RULES, SLOWED
from tests.matrix.floor import Place, Scene, found
from tests.routing.centre import CHAIN, MEDIS, TRANSFER, Play, make_plan

CALLERS = 4
"""At the same time: more than operators, so that some wait."""
MAILBOX = 3
"""Small, so that a storm of digits sheds events here as the real mailbox does at 256."""
PLANS = (
    make_plan(),
    make_plan(people=("ani",), chain=CHAIN[3:]),
    make_plan(strategy=Strategy.LINEAR),
)
PHONES = ("ani", "budi", "dedi", "siti", "pos")


@dataclass(slots=True)
class Stay:
    """A caller: the state of the call, and what has happened that the call does not know yet."""

    flow: CallFlow
    state: Call
    mailbox: deque[CallEvent] = field(default_factory=deque)

    def post(self, event: CallEvent) -> None:
        """As `siaga.caller.Caller.post`: a full mailbox sheds digits, nothing else."""
        if not isinstance(event, Digit | Spoken) or len(self.mailbox) < MAILBOX:
            self.mailbox.append(event)


class Walk:
    """One walk; `calls`, `dialogues`, `offers` and `places` are the cells that it came through.

    Args:
        seed: The same seed takes the same way.
    """

    def __init__(self, seed: int) -> None:
        self.calls: set[tuple[str, str]] = set()
        self.dialogues: set[tuple[str, str]] = set()
        self.offers: set[tuple[str, str]] = set()
        self.places: set[tuple[str, str]] = set()
        self._draw = random.Random(seed)  # noqa: S311 - a way that can be taken again
        self._play = Play()
        self._stays: dict[CallId, Stay] = {}
        self._legs: dict[OfferId, bool] = {}
        """By offer whose leg is there, whether its callee was asked to press 1."""
        self._count = 0

    def step(self) -> None:
        """One thing happens."""
        due = self._play.floor.deadline()
        if due is not None and due <= self._play.now:
            self._tell(Expired())
        doings = (
            self._arrive,
            self._find,
            self._press,
            self._go,
            self._pass,
            *(self._listen,) * 4,
            *(self._leg,) * 4,
            self._change,
        )
        self._draw.choice(doings)()

    def _arrive(self) -> None:
        if len(self._stays) == CALLERS:
            return
        self._count += 1
        call, at = CallId(f"c{self._count}"), self._play.at
        menu = make_menu(repeats=self._draw.randrange(2))
        flow = CallFlow(call, MenuDialogue(menu, UMUM), UMUM, announcements=RULES)
        state, commands = self._draw.choice(
            (
                flow.begin(at=at),
                flow.dismiss(BECAUSE, at=at),
                flow.slow(SLOWED, at=at),
                flow.transfer(ID, TRANSFER, at=at),
                flow.resume(MEDIS, ID, at=at),
            )
        )
        self._stays[call] = Stay(flow, state)
        self._obey_call(commands, self._stays[call])

    def _find(self) -> None:
        """A caller of an earlier run is found, with a phone that rings."""
        if len(self._stays) == CALLERS:
            return
        self._count += 1
        call, at = CallId(f"c{self._count}"), self._play.at
        flow = CallFlow(call, MenuDialogue(make_menu(), UMUM), UMUM)
        state, place = adoption.waiting(Memory(ID), call, MEDIS, at, at=at, playing=True)
        leg = replace(found(self._play), offer=OfferId(f"found{self._count}"), call=call)
        self._stays[call] = Stay(flow, state)
        self._legs[leg.offer] = False
        self._tell(Adopt((leg,), (place,)))

    def _press(self) -> None:
        stay = self._somebody()
        if stay is not None:
            stay.post(
                self._draw.choice((Digit(self._draw.choice("0179")), Spoken(), Spoken(failed=True)))
            )

    def _go(self) -> None:
        stay = self._somebody()
        if stay is not None and self._draw.random() < 0.3:
            stay.post(CallerGone(16, pulled_out=self._draw.random() < 0.5))

    def _pass(self) -> None:
        """Time passes, but no deadline of the floor is passed over."""
        due = self._play.floor.deadline()
        then = self._play.now + self._draw.choice((0.1, 1.0, 4.0, 30.0))
        self._play.now = then if due is None else min(then, due)

    def _listen(self) -> None:
        """A call takes what is in its mailbox, or its deadline comes."""
        stay = self._somebody()
        if stay is None:
            return
        due = deadline(stay.state)
        if stay.mailbox:
            event = stay.mailbox.popleft()
        elif due is not None and due <= self._play.now:
            event = Silence()
        else:
            return
        self._seen(stay, event)
        stay.state, commands = stay.flow.step(stay.state, event, at=self._play.at)
        if isinstance(stay.state, Ended):
            del self._stays[stay.flow.call]
        self._obey_call(commands, stay)

    def _seen(self, stay: Stay, event: CallEvent) -> None:
        kind, now = type(event).__name__, self._play.now
        self.calls.add((type(stay.state).__name__, kind))
        if isinstance(stay.state, InMenu) and (
            isinstance(event, Digit | Spoken)
            or (isinstance(event, Silence) and stay.state.dialogue.deadline <= now)
        ):
            self.dialogues.add((type(stay.state.dialogue).__name__, kind))

    def _leg(self) -> None:
        """A leg rings, is answered, is confirmed by its callee or ends, withdrawn or not."""
        if not self._legs:
            return
        offer = self._draw.choice(list(self._legs))
        asked = self._legs[offer]
        event = self._draw.choice(
            (
                LegRinging(offer),
                LegAnswered(offer),
                LegConfirmed(offer) if asked else LegAnswered(offer),
                LegGone(offer, self._draw.choice((16, 17, 44))),
            )
        )
        if isinstance(event, LegGone):
            del self._legs[offer]
        self._tell(event)

    def _change(self) -> None:
        """A phone changes, more often than the settings."""
        if self._draw.random() < 0.2:
            self._tell(PlanChanged(self._draw.choice(PLANS)))
        elif self._draw.random() < 0.3:
            self._tell(self._said(PersonId(self._draw.choice(("ani", "budi", "dedi")))))
        elif self._draw.random() < 0.1:
            for look in (Unsighted(), Sighted()):
                self._tell(look)
        else:
            endpoint = f"siaga-{self._draw.choice(PHONES)}"
            self._tell(SeatChanged(endpoint, self._draw.choice(tuple(SeatState))))

    def _said(self, person: PersonId) -> PersonEvent:
        """What an operator says; more often that they are ready, so that calls are answered."""
        pauses = (Paused(person), Paused(person, 20.0))
        says = (*pauses, Ready(person), Ready(person), SignedOff(person))
        codes = (Seen(person), Noticed(person), Marked(person, Mark.PRANK))
        return self._draw.choice((*says, SignedOn(person, SeatId("pos")), *codes))

    def _somebody(self) -> Stay | None:
        return self._draw.choice(list(self._stays.values())) if self._stays else None

    def _tell(self, event: FloorEvent) -> None:
        kind, floor = type(event).__name__, self._play.floor
        self.offers |= {(offer.stage.name, kind) for offer in floor._board._offers.values()}
        self.places |= {(self._place(call).name, kind) for call in self._stays}
        for command in self._play.tell(event):
            self._obey_floor(command)

    def _place(self, call: CallId) -> Place:
        return Scene(self._play, "", {}, OfferId(""), caller=call).place

    def _obey_floor(self, command: FloorCommand) -> None:
        match command:
            case Offer():
                self._legs[command.offer] = False
                stay = self._stays.get(command.call)
                if command.overflow and stay is not None:
                    stay.post(Turned())
            case Confirm():
                self._legs[command.offer] = True
            case Connect() | Parted():
                stay = self._stays.get(command.call)
                if stay is not None:
                    stay.post(command)
            case Withdraw():
                assert command.offer in self._legs
            case _:
                pass

    def _obey_call(self, commands: tuple[Command, ...], stay: Stay) -> None:
        for command in commands:
            if isinstance(command, Enqueue | Leave):
                self._tell(command)
            elif isinstance(command, AskPlace):
                stay.post(Placed(self._play.floor.position(stay.flow.call, command.up_to)))


def walked(steps: int, seed: int) -> Walk:
    """A walk of so many steps."""
    walk = Walk(seed)
    for _ in range(steps):
        walk.step()
    return walk
