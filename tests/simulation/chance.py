"""Draws a scenario by its seed: how much of each kind there is, and when it happens.

To add a kind: a function that draws one act of it, and a line in `KINDS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Final

from routing.offer import Paused, Ready, SignedOff, SignedOn
from routing.operator import PersonId, SeatId
from switch.fake.behaviour import Answer, Behaviour, Citizen, Decline, Ignore
from tests.simulation import act
from tests.simulation.act import Act, Cue, When
from tests.simulation.city import DISMISSED, OUTSIDE, SETS, SHIFT_CHANGE, TRUNK, seats
from tests.simulation.scenario import CHAOS_S, Scenario

LAST_S: Final = CHAOS_S - 15.0
"""Nothing begins later, so that a fault and its end lie within the scenario."""
EVENTFUL: Final = (
    "answered",
    "chosen",
    "queued",
    "offered",
    "operator_answered",
    "bridged",
    "operator_lost",
    "withdrawn",
    "adopted",
    "resumed",
    "asked_to_confirm",
    "ChannelStateChange Up",
    "ChannelStateChange Ringing",
    "StasisStart",
    "StasisEnd",
    "ChannelDestroyed",
)
"""Cues of faults: at such moments caller and leg, or two requests, cross."""
CUED: Final = 0.6
"""The share of faults that come by a cue."""
NTH: Final = 12
"""A cue is of the first so many at most."""
NEIGHBOUR: Final = "0725000112"
"""The neighbour's centre, behind the trunk telkom."""
CITIZENS: Final = 30
"""Mobile numbers that call: so few that some call again."""
OPERATORS: Final = tuple(person for person in seats().values() if person is not None)


def _seconds(chance: Random, least: float, most: float) -> float:
    """To the hundredth: readable when something is found."""
    return round(chance.uniform(least, most), 2)


def _moment(chance: Random) -> When:
    """When a fault comes."""
    if chance.random() >= CUED:
        return _seconds(chance, 0.0, LAST_S)
    later_s = chance.choice((0.0, round(chance.uniform(0.0, 0.02), 4), _seconds(chance, 0.0, 4.0)))
    return Cue(chance.choice(EVENTFUL), chance.randint(1, NTH), later_s)


def _behaviour(chance: Random) -> Behaviour:
    """What somebody does at one ring."""
    kind = chance.random()
    if kind < 0.6:
        talk_s = chance.choice((None, _seconds(chance, 0.0, 4.0), _seconds(chance, 3.0, 15.0)))
        return Answer(_seconds(chance, 0.0, 5.0), talk_s, vanish=chance.random() < 0.15)
    return Decline(_seconds(chance, 0.0, 4.0)) if kind < 0.8 else Ignore()


def _citizen(chance: Random) -> Citizen:
    """What a caller does."""
    keys = tuple(
        (_seconds(chance, 0.2, 14.0), chance.choice("1112340079*"))
        for _ in range(chance.choice((0, 1, 1, 1, 2, 3)))
    )
    return Citizen(
        keys=keys,
        patience_s=chance.choice((None, None, _seconds(chance, 0.0, 60.0))),
        talk_s=chance.choice((None, _seconds(chance, 0.0, 20.0))),
    )


def _calls(chance: Random) -> Act:
    citizen, when = _citizen(chance), _seconds(chance, 0.0, LAST_S)
    kind = chance.random()
    if kind < 0.05:
        return act.Calls(
            when, f"07217{chance.randrange(10_000, 99_999)}", citizen, TRUNK, DISMISSED
        )
    if kind < 0.15:
        return act.Calls(when, f"07255{chance.randrange(10_000, 99_999)}", citizen)
    return act.Calls(when, f"08120000{chance.randrange(CITIZENS):04}", citizen)


def _confused(chance: Random) -> Act:
    """A caller who presses keys that mean nothing, one in each menu."""
    keys = tuple((round(1.0 + 2.5 * number, 2), "*") for number in range(chance.randint(2, 8)))
    when, number = _seconds(chance, 0.0, LAST_S), f"08120000{chance.randrange(CITIZENS):04}"
    return act.Calls(when, number, Citizen(keys=keys))


def _gives_up(chance: Random) -> Act:
    """Early in the scenario, so that there is time for the second call's waiting too."""
    return act.GivesUp(
        when=_seconds(chance, 0.0, CHAOS_S / 4),
        number=f"08121000{chance.randrange(CITIZENS):04}",
        key=chance.choice("1234"),
        patience_s=_seconds(chance, 5.0, 15.0),
        pause_s=_seconds(chance, 0.5, 5.0),
        then=Citizen(keys=((1.0, chance.choice("1234")),)),
    )


def _moves(chance: Random) -> Act:
    """Somebody sits down at the post's phone, or pauses, early enough to be missed."""
    person = PersonId(chance.choice(OPERATORS))
    event = chance.choice((Paused(person), SignedOn(person, SeatId("pos"))))
    return act.Says(_seconds(chance, 0.0, CHAOS_S / 2), event)


def _dials(chance: Random) -> Act:
    seat = chance.choice((*seats(), *("siaga-pos",) * len(seats())))
    return act.Dials(_seconds(chance, 0.0, LAST_S), seat, _seconds(chance, 1.0, 15.0))


def _sits(chance: Random) -> Act:
    behaviours = tuple(_behaviour(chance) for _ in range(chance.randint(0, 6)))
    when = chance.choice((0.0, _seconds(chance, 0.0, LAST_S)))
    return act.Sits(when, chance.choice(tuple(seats())), behaviours, _behaviour(chance))


def _answers(chance: Random) -> Act:
    key = chance.choice(((), ((_seconds(chance, 0.5, 15.0), "1"),)))
    picks_up = Answer(_seconds(chance, 0.0, 3.0), _seconds(chance, 1.0, 30.0), keys=key)
    number = chance.choice((OUTSIDE, NEIGHBOUR))
    behaviours = (picks_up, _behaviour(chance), picks_up)
    return act.Answers(_seconds(chance, 0.0, LAST_S), number, TRUNK, behaviours)


def _says(chance: Random) -> Act:
    person = PersonId(chance.choice(OPERATORS))
    event = chance.choice(
        (Paused(person), Ready(person), SignedOn(person, SeatId("pos")), SignedOff(person))
    )
    return act.Says(_moment(chance), event)


def _weather(chance: Random) -> Act:
    share = round(chance.uniform(0.05, 0.6), 2)
    kind: dict[str, float] = chance.choice(
        (
            {"events_late_s": _seconds(chance, 0.01, 3.0)},
            {"requests_late_s": _seconds(chance, 0.01, 2.0)},
            {"lost": share},
            {"refused": share},
            {"lost": share, "events_late_s": 0.2, "requests_late_s": 0.2},
        )
    )
    return act.Weather(_moment(chance), _seconds(chance, 0.1, 12.0), **kind)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of act: how many a scenario has, and how one is drawn.

    Attributes:
        share: The share of scenarios that have any.
    """

    draw: Callable[[Random], Act]
    least: int
    most: int
    share: float = 1.0


KINDS: Final = (
    Kind(_calls, 15, 40),
    Kind(_sits, 4, 16),
    Kind(_answers, 1, 2, 0.5),
    Kind(lambda c: act.Vanishes(_moment(c), c.choice(tuple(seats()))), 1, 2, 0.4),
    Kind(
        lambda c: act.Unregisters(
            _moment(c), c.choice(tuple(seats())), c.choice((0.0, _seconds(c, 0.0, 20.0)))
        ),
        *(1, 3, 0.4),
    ),
    Kind(_says, 1, 6, 0.4),
    Kind(lambda c: act.Reloads(_moment(c), c.randrange(len(SETS))), 1, 3, 0.4),
    Kind(lambda c: act.Cut(_moment(c)), 1, 3, 0.4),
    Kind(lambda c: act.Freezes(_moment(c)), 1, 2, 0.25),
    Kind(_weather, 1, 2, 0.4),
    Kind(lambda _: act.Repeats(0.0), 1, 1, 0.2),
    Kind(lambda c: act.Kills(_moment(c), _seconds(c, 0.0, 15.0)), 1, 3, 0.4),
    Kind(
        lambda c: act.Restarts(
            _moment(c), c.choice((0.0, _seconds(c, 0.0, 10.0))), _seconds(c, 0.0, 5.0)
        ),
        *(1, 1, 0.2),
    ),
    Kind(lambda c: act.Crashes(_moment(c), _seconds(c, 0.5, 8.0)), 1, 1, 0.1),
    Kind(_confused, 1, 2, 0.3),
    Kind(_dials, 1, 8, 0.4),
    Kind(_moves, 1, 4, 0.4),
    Kind(lambda c: act.Partition(_moment(c), _seconds(c, 0.5, 5.0)), 1, 2, 0.3),
    Kind(_gives_up, 1, 3, 0.4),
)


def scenario(seed: int) -> Scenario:
    """The scenario of a seed; the same each time."""
    # What is drawn has to be the same each time, and is nothing that has to be secret.
    chance = Random(seed)  # noqa: S311
    before = timedelta(
        seconds=_seconds(chance, -3600.0, CHAOS_S) if chance.random() < 0.5 else CHAOS_S / 2
    )
    number = chance.randrange(len(SETS))
    acts: list[Act] = []
    for kind in KINDS:
        if chance.random() < kind.share:
            acts += [kind.draw(chance) for _ in range(chance.randint(kind.least, kind.most))]
    return Scenario(seed, SHIFT_CHANGE - before, number, tuple(acts))
