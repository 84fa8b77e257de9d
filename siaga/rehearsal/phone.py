"""The phones of a rehearsal: they ring, are picked up or not, and are put down."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, assert_never

from routing.cause import Cause
from routing.moment import Moment
from routing.offer import (
    FloorEvent,
    LegAnswered,
    LegConfirmed,
    LegGone,
    LegRinging,
    Offer,
    OfferId,
    OutsideTarget,
    SeatChanged,
    SeatState,
    Withdraw,
)
from siaga.rehearsal.agenda import Agenda
from siaga.rehearsal.visit import Visit
from siaga.rehearsal.watch import Watch
from switch.fake import behaviour
from switch.fake.behaviour import Behaviour, Decline, Ignore

RING_S: Final = 0.004
"""From an offer to the ringing phone: INVITE and 180 on a local network (measured 2 to 6 ms)."""
GONE_S: Final = 0.004
"""From the end of a leg to its being known (measured 2.5 to 4.9 ms)."""


class People(Protocol):
    """Whoever sits at a phone."""

    def rings(self, offer: Offer, visit: Visit, at: Moment, times: int) -> Behaviour:
        """What is done about this ring, `times` having rung there for this call before."""

    def desk_s(self, offer: Offer, visit: Visit) -> float:
        """Seconds for which the phone stays in use after the talk."""


@dataclass(slots=True)
class Leg:
    """A phone that rings or talks for a caller, for as long as Asterisk knows it."""

    offer: Offer
    visit: Visit
    rung: dict[str, int]
    answered: bool = False
    talking: bool = False
    ending: bool = False


class Phones:
    """All phones.

    Args:
        agenda: What comes next.
        people: Whoever sits at them.
        tell: Steps the floor.
        watch: Looks for what must never be.
    """

    def __init__(
        self,
        agenda: Agenda,
        people: People,
        tell: Callable[[FloorEvent], None],
        watch: Watch,
    ) -> None:
        self._agenda = agenda
        self._people = people
        self._tell = tell
        self._watch = watch
        self._legs: dict[OfferId, Leg] = {}

    def __len__(self) -> int:
        """Legs that Asterisk would know."""
        return len(self._legs)

    def ring(self, offer: Offer, visit: Visit, rung: dict[str, int]) -> None:
        """A phone is rung for a caller; `rung` counts the call's rings, by target."""
        leg = self._legs[offer.offer] = Leg(offer, visit, rung)
        self._agenda.later(RING_S, self._alert, leg)

    def join(self, offer: OfferId) -> bool:
        """Whether the phone and the caller hear each other: its leg has not ended meanwhile."""
        leg = self._legs.get(offer)
        if leg is not None:
            leg.talking = True
        return leg is not None

    def withdraw(self, command: Withdraw) -> None:
        """The phone stops ringing, if it has not stopped itself."""
        leg = self._legs.get(command.offer)
        if leg is not None:
            elsewhere = command.answered_elsewhere
            self._hang_up(leg, Cause.ANSWERED_ELSEWHERE if elsewhere else Cause.NORMAL_CLEARING)

    def _alert(self, leg: Leg) -> None:
        if leg.ending:
            return
        offer = leg.offer
        self._use(leg, SeatState.BUSY)
        self._tell(LegRinging(offer.offer))
        key = offer.target.key
        times = leg.rung[key] = leg.rung.get(key, -1) + 1
        does = self._people.rings(offer, leg.visit, self._agenda.now, times)
        match does:
            case behaviour.Answer():
                self._agenda.later(does.after_s, self._pick_up, (leg, does))
            case Decline():
                self._agenda.later(does.after_s, self._decline, leg)
            case Ignore():
                pass
            case _:
                assert_never(does)

    def _pick_up(self, given: tuple[Leg, behaviour.Answer]) -> None:
        leg, does = given
        if leg.ending:
            return
        leg.answered = True
        for seconds, digit in does.keys:
            if digit == "1":
                self._agenda.later(seconds, self._confirm, leg)
        if does.talk_s is not None:
            self._agenda.later(does.talk_s, self._part, leg)
        self._tell(LegAnswered(leg.offer.offer))

    def _confirm(self, leg: Leg) -> None:
        if not leg.ending:
            self._tell(LegConfirmed(leg.offer.offer))

    def _decline(self, leg: Leg) -> None:
        if not leg.answered:
            self._hang_up(leg, Cause.USER_BUSY)

    def _part(self, leg: Leg) -> None:
        self._hang_up(leg, Cause.NORMAL_CLEARING)

    def _hang_up(self, leg: Leg, cause: int) -> None:
        if not leg.ending:
            leg.ending = True
            self._agenda.later(GONE_S, self._gone, (leg, cause))

    def _gone(self, given: tuple[Leg, int]) -> None:
        leg, cause = given
        offer = leg.offer
        del self._legs[offer.offer]
        self._watch.gone(offer)
        self._tell(LegGone(offer.offer, cause))
        desk_s = self._people.desk_s(offer, leg.visit) if leg.talking else 0.0
        self._agenda.later(desk_s, self._put_down, leg)

    def _put_down(self, leg: Leg) -> None:
        self._use(leg, SeatState.READY)

    def _use(self, leg: Leg, state: SeatState) -> None:
        target = leg.offer.target
        if not isinstance(target, OutsideTarget):
            self._tell(SeatChanged(target.endpoint, state))
