"""A caller who is to be hung up on: asked for until it is done, and recorded when it is.

A request can get lost. Who stays on the line all the same is not at the end of the call yet: the
next request ends it, or, for who carries a fuse, Asterisk brings the caller back by it.
"""

from typing import Final, assert_never

from ivr.announcement import Placed, Turned
from ivr.command import HangUp
from ivr.dialogue import Digit, Silence, Spoken
from ivr.state import CallerGone, CallEvent, Ended, LettingGo, Step
from routing.moment import Moment, after
from routing.note import Note
from routing.offer import Connect, Parted

AGAIN_S: Final = 1.0
"""Between two requests to hang up; a channel that was reached has ended within milliseconds."""

_SECONDS: Final = frozenset({"waited_s", "talked_s"})


def begin(ending: Note, *, at: Moment) -> Step:
    """The caller is hung up on; `ending` is what will be recorded of it."""
    return LettingGo(ending, after(at.instant, AGAIN_S)), (HangUp(),)


def step(state: LettingGo, event: CallEvent, *, at: Moment) -> Step:
    """The state after `event`, and what is to be done; nothing else can keep the call."""
    match event:
        case CallerGone():
            return Ended(), (_pulled_out(state.ending) if event.pulled_out else state.ending,)
        case Silence():
            return LettingGo(state.ending, after(at.instant, AGAIN_S)), (HangUp(),)
        case Digit() | Spoken() | Connect() | Parted() | Placed() | Turned():
            return state, ()
        case _:
            assert_never(event)


def _pulled_out(ending: Note) -> Note:
    """It was no ending: Asterisk has the caller, who comes back or is in the last resort."""
    seconds = {key: value for key, value in ending.detail.items() if key in _SECONDS}
    return Note(ending.call, "pulled_out", {"where": "being let go", **seconds})
