"""What a channel carries for another run of the daemon: variables with JSON, written and read here.

A variable that cannot be read counts as not there: its writer was of another version, or somebody's
hand was in it. Both come with every view of a channel, since ari.conf names them in `channelvars`.
"""

from collections.abc import Iterable
from typing import TypeVar

import msgspec

from ivr.adoption import Memory
from routing.note import CallId
from routing.offer import Offer, OfferId, OutsideTarget, SeatTarget, Target

STATE = "SIAGA_STATE"
"""On the caller's channel: `KeptCall`."""
SERVICE = "SIAGA_SERVICE"
"""On the caller's channel: the chosen service alone, for the dialplan."""
LEG_CAUSE = "SIAGA_LEG_CAUSE"
"""On the caller's channel: why the operator's leg ended, left there by its hangup handler."""
LEGS = "SIAGA_LEGS"
"""On the caller's channel: the ids of the operators' legs, for the dialplan, and whom they rang."""
OFFER = "SIAGA_OFFER"
"""On an operator's leg: `KeptOffer`."""


class KeptCall(msgspec.Struct, frozen=True):
    """A call; `plays` counts the playbacks so far, of which the last may still be heard."""

    memory: Memory
    plays: int = 1


class KeptOffer(msgspec.Struct, frozen=True, omit_defaults=True):
    """An offer; exactly one of `seat` and `outside` is its target."""

    offer: OfferId
    call: CallId
    ring_time_s: float
    label: str
    confirm: bool = False
    seat: SeatTarget | None = None
    outside: OutsideTarget | None = None

    def restored(self) -> Offer | None:
        """The offer; None if it has no target."""
        target: Target | None = self.seat or self.outside
        if target is None:
            return None
        return Offer(
            offer=self.offer,
            call=self.call,
            target=target,
            ring_time_s=self.ring_time_s,
            label=self.label,
            confirm=self.confirm,
        )


_Kept = TypeVar("_Kept", KeptCall, KeptOffer)


def text_of(kept: KeptCall | KeptOffer) -> str:
    """The variable's value."""
    return msgspec.json.encode(kept).decode()


def kept_of(offer: Offer) -> KeptOffer:
    """What an operator's leg carries."""
    target = offer.target
    return KeptOffer(
        offer.offer,
        offer.call,
        offer.ring_time_s,
        offer.label,
        offer.confirm,
        seat=target if isinstance(target, SeatTarget) else None,
        outside=target if isinstance(target, OutsideTarget) else None,
    )


def legs_text(legs: Iterable[str], rung: Iterable[str]) -> str:
    """The value of `LEGS`; the dialplan passes over what is no channel.

    Args:
        legs: Ids of channels.
        rung: Keys of the targets that were rung in this round of the chain (`Target.key`).
    """
    return "&".join((*legs, *rung))


def rung_of(text: str) -> tuple[str, ...]:
    """The targets' keys in a value of `LEGS`: no channel of ours has a colon in its id."""
    return tuple(entry for entry in text.split("&") if ":" in entry)


def read(text: str, kind: type[_Kept]) -> _Kept | None:
    """What was written, or None."""
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
