"""What the simulator has found, each in few acts: scenarios that once broke a law."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from switch.fake.behaviour import Answer, Citizen, Ignore
from tests.simulation.act import Act, Calls, Cue, Cut, Kills, Restarts, Sits, Weather
from tests.simulation.city import DISMISSED, SHIFT_CHANGE, TRUNK
from tests.simulation.scenario import Scenario

CALLER: Final = Calls(1.0, "081234567890", Citizen(keys=((1.0, "1"),)))
"""Wants medis, and stays."""
SEAT: Final = "siaga-medis-2"
"""Of the operator of medis who is on duty after the shift change."""
PICKED_UP: Final = "ChannelStateChange Up"
"""First of the caller's channel, then of the operator's."""


def _scenario(*acts: Act, chance: int = 0) -> Scenario:
    return Scenario(0, SHIFT_CHANGE + timedelta(minutes=5), 0, acts, chance)


def _answers(after_s: float, talk_s: float | None = None) -> Sits:
    return Sits(0.0, SEAT, (Answer(after_s, talk_s),), Ignore())


FOUND: Final[Mapping[str, Scenario]] = {
    # The operator picks up while the daemon is dead, the fuse joins the two, and the daemon that is
    # back took the leg for nobody's.
    "a talk of the dialplan's own": _scenario(
        CALLER, _answers(3.0), Kills(Cue("ringing", 1, 0.5), 14.0)
    ),
    # The same with a daemon that had made the leg, and did not hear that it had left.
    "a leg that left unheard": _scenario(
        CALLER,
        _answers(1.0),
        Weather(Cue(PICKED_UP, 2, 0.001), 9.0, lost=0.9),
        Cut(Cue("operator_answered", 1, 7.5)),
    ),
    # The operator gives up on a silent line; nobody has talked, and the caller was let go.
    "an operator who hears nobody": _scenario(
        CALLER, _answers(1.0, talk_s=3.6), Weather(Cue(PICKED_UP, 2), 12.0, requests_late_s=9.0)
    ),
    # The answer to "add the caller" was lost, and the bridge in which both talked was made again.
    "a bridge that is there": _scenario(
        Sits(0.0, SEAT, (), Answer(0.5)), Weather(0.5, 12.0, lost=0.5), CALLER, chance=6
    ),
    # The request to end the bridge was lost.
    "a bridge that stays": _scenario(
        Sits(0.0, SEAT, (), Answer(0.5, talk_s=4.0)),
        Weather(Cue("bridged", 1, 2.0), 5.0, lost=0.9),
        CALLER,
        chance=7,
    ),
    # The fuse could not be taken off, nor the dialplan told of the leg.
    "a fuse that stays on": _scenario(
        CALLER, _answers(1.0), Weather(Cue("offered", 1), 4.0, lost=0.6), chance=14
    ),
    # A daemon that stops gives callers back, who were recorded as pulled out besides.
    "a caller who is given back": _scenario(CALLER, Restarts(8.0, 0.0, 1.0)),
    # Cancelled in the very moment in which a wait ended, a call's task lived on for ever.
    "a kill while two are joined": _scenario(
        CALLER, _answers(1.0), Kills(Cue(PICKED_UP, 2), 3.0), Kills(Cue("bridged", 1), 3.0)
    ),
    # A daemon that could not take its first look yet rang the phone of somebody who talked.
    "a daemon that has not looked": _scenario(
        CALLER,
        _answers(1.0),
        Kills(Cue("bridged", 1, 0.5), 1.0),
        Weather(Cue("bridged", 1, 1.0), 11.0, lost=0.6),
        Calls(6.0, "081234567891", Citizen(keys=((1.0, "1"),))),
        chance=1,
    ),
    # The answer to "dial" got lost, and a phone that rang and was answered was hung up on for it.
    "a phone that rings all the same": _scenario(
        CALLER,
        _answers(0.1),
        Weather(Cue("offered", 1), 3.0, lost=0.3, requests_late_s=0.2, events_late_s=0.2),
        chance=22,
    ),
    # Each request to hang up was lost; the fuse brought back whose end was recorded.
    "a caller who is not let go": _scenario(
        Calls(1.0, "0721712345", Citizen(), TRUNK, DISMISSED), Weather(8.0, 11.9, lost=0.8)
    ),
}
