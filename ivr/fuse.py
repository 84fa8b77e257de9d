"""A caller's fuse is renewed for as long as no human has answered (DESIGN §8)."""

from dataclasses import replace
from typing import Final, TypeVar

from ivr.command import RenewFuse
from ivr.state import Dismissing, InMenu, Slowing, Waiting
from routing.moment import Moment, after

FUSE_RENEWAL_S: Final = 3.0
"""The fuse burns for 10 s: two renewals may be lost before a caller is pulled out."""

_Fused = TypeVar("_Fused", bound=InMenu | Dismissing | Slowing | Waiting)


def renewed(state: _Fused, at: Moment) -> tuple[_Fused, tuple[RenewFuse, ...]]:
    """The state with its next renewal, and the one that is due now, if any."""
    if at.instant < state.renewal:
        return state, ()
    return replace(state, renewal=after(at.instant, FUSE_RENEWAL_S)), (RenewFuse(),)
