"""What must never be, whoever calls and whoever answers; looked for while a city is played.

It believes nothing that the floor says of itself: it counts the legs that the stand-in holds and
the callers who have come and gone.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from routing.floor import Floor
from routing.moment import Moment
from routing.note import CallId, Note
from routing.offer import Enqueue, Offer, OfferId, SeatTarget
from routing.service import ServiceId

SHOWN: Final = 20
"""Violations that are kept with their details; all are counted."""
ENDINGS: Final = frozenset({"ended", "abandoned", "dismissed", "pulled_out"})
"""Notes of which each call has exactly one."""


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must never be.

    Attributes:
        at: When, by the wall clock.
        law: Which law is broken.
        detail: By whom.
    """

    at: datetime
    law: str
    detail: str

    def __str__(self) -> str:
        return f"{self.at:%a %d %b %Y %H:%M:%S} {self.law}: {self.detail}"


@dataclass(slots=True)
class _Waiting:
    """A caller without a human: when they came, for what, and who rings or has rung."""

    service: ServiceId
    place: tuple[bool, float]
    rung: set[str]
    ringing: int = 0


class Watch:
    """Holds the laws.

    Attributes:
        count: Violations so far.
        shown: The first of them.
    """

    def __init__(self) -> None:
        self.count = 0
        self.shown: list[Violation] = []
        self._held: dict[str, OfferId] = {}
        self._waiting: dict[CallId, _Waiting] = {}
        self._endings: Counter[CallId] = Counter()
        self._by_group = False

    def arrives(self, call: CallId) -> None:
        """A call begins, and has no ending yet."""
        self._endings[call] = 0

    def waits(self, event: Enqueue) -> None:
        """A caller joins the queue."""
        place = (not event.head, event.arrived)
        self._waiting[event.call] = _Waiting(event.service, place, set(event.skip))

    def offers(self, offer: Offer, at: Moment) -> None:
        """A phone is to ring: it must be free, its caller must wait, and nobody be passed."""
        target = offer.target
        phone = target.endpoint if isinstance(target, SeatTarget) else target.key
        for held in (target.key, phone):
            other = self._held.setdefault(held, offer.offer)
            if other != offer.offer:
                self._break(at, "two calls at one phone", f"{held} for {offer.call}")
        own = self._waiting.get(offer.call)
        if own is None:
            self._break(at, "a phone rings for nobody", f"{target.key} for {offer.call}")
            return
        if self._by_group and target.key not in own.rung:
            self._is_in_turn(offer, own, at)
        own.rung.add(target.key)
        own.ringing += 1

    def gone(self, offer: Offer) -> None:
        """Asterisk knows the leg no more."""
        target = offer.target
        phone = target.endpoint if isinstance(target, SeatTarget) else target.key
        for held in (target.key, phone):
            if self._held.get(held) == offer.offer:
                del self._held[held]
        own = self._waiting.get(offer.call)
        if own is not None:
            own.ringing = max(0, own.ringing - 1)

    def hears(self, note: Note, at: Moment) -> None:
        """What the core says has happened."""
        call = note.call
        if call is None:
            return
        if note.what == "offered":  # the offer itself follows at once
            self._by_group = note.because[0].path[:2] == ("services", "hunt_groups")
        if note.what == "operator_answered" or note.what in ENDINGS:
            self._waiting.pop(call, None)
        if note.what not in ENDINGS:
            return
        if call in self._endings:
            self._endings[call] += 1
        if self._endings.get(call) != 1:
            self._break(at, "a call ends once", f"{call} has ended before")

    def leaves(self, call: CallId, at: Moment) -> None:
        """A call is over: nothing more can come of it."""
        if self._endings.pop(call, 0) != 1:
            self._break(at, "a call ends once", f"{call} is over and has no ending")

    def stuck(self, at: Moment) -> None:
        """The floor wants a deadline again and again that has come, and does nothing at it."""
        self._break(at, "a deadline is taken", "the floor asks for one that has come")

    def close(self, floor: Floor, at: Moment) -> None:
        """Nothing more will happen: who is still here is still ringing, and nobody else is."""
        for call, own in self._waiting.items():
            if not own.ringing and floor.deadline() is None:
                self._break(at, "who stays reaches a human", f"nothing rings for {call}")
        here: Collection[CallId] = self._endings
        for key, call in floor.taken().items():
            if call not in here:
                self._break(at, "a phone rings for nobody", f"{key} is held for {call}")
        for waiting in floor.waiting():
            if waiting.call not in here:
                self._break(at, "a call ends once", f"{waiting.call} waits after its end")

    def _is_in_turn(self, offer: Offer, own: _Waiting, at: Moment) -> None:
        """Nobody of the same service who came earlier waits for the same operator, unrung.

        Only of the hunt group: the overflow is reached by each caller in their own time.
        """
        for call, other in self._waiting.items():
            if (
                other.service == own.service
                and other.place < own.place
                and not other.ringing
                and offer.target.key not in other.rung
            ):
                self._break(at, "first come, first served", f"{offer.call} goes before {call}")

    def _break(self, at: Moment, law: str, detail: str) -> None:
        self.count += 1
        if len(self.shown) < SHOWN:
            self.shown.append(Violation(at.wall, law, detail))
