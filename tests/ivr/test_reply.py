"""What a phone hears after a code."""

from dataclasses import replace

import pytest

from ivr.reply import CodePrompt, reply
from routing.feature import Feature, Outcome
from routing.operator import PersonId, SeatId
from routing.presence import Presence
from routing.snapshot import Pause

SRI = PersonId("sri")
HERE = Presence(seat=SeatId("medis-1"), is_post=False, owner=SRI, person=SRI, is_on_duty=True)
OFF = replace(HERE, is_on_duty=False)


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("presence", [None, HERE])
def test_every_outcome_is_told(outcome: Outcome, presence: Presence | None) -> None:
    """No phone is hung up on without a word."""
    assert reply(Feature.PRANK, outcome, presence)


def test_each_mark_is_told_by_its_name() -> None:
    """So that a slip of the finger is noticed."""
    features = (Feature.GENUINE, Feature.INFORMATION, Feature.PRANK, Feature.GHOST)
    assert [reply(feature, Outcome.MARKED, HERE) for feature in features] == [
        (CodePrompt.GENUINE,),
        (CodePrompt.INFORMATION,),
        (CodePrompt.PRANK,),
        (CodePrompt.GHOST,),
    ]


@pytest.mark.parametrize(
    ("presence", "sentences"),
    [
        (HERE, (CodePrompt.ON_DUTY, CodePrompt.READY)),
        (OFF, (CodePrompt.OFF_DUTY,)),
        (replace(HERE, pause=Pause(0.0, automatic=False)), (CodePrompt.ON_DUTY, CodePrompt.PAUSED)),
        (replace(HERE, wrap_up_s=3.0), (CodePrompt.ON_DUTY, CodePrompt.WRAP_UP)),
        (
            replace(HERE, is_elsewhere=True),
            (CodePrompt.ON_DUTY, CodePrompt.ELSEWHERE, CodePrompt.READY),
        ),
        (replace(OFF, is_noticed=True), (CodePrompt.NOTICE, CodePrompt.OFF_DUTY)),
    ],
)
def test_ones_state_is_told_in_sentences(
    presence: Presence, sentences: tuple[CodePrompt, ...]
) -> None:
    """Duty, seat, and whether callers are offered; after signing on the same."""
    assert reply(Feature.STATE, Outcome.STATE, presence) == sentences
    begin = (CodePrompt.SIGNED_ON,)
    heard = reply(Feature.SIGN_ON, Outcome.SIGNED_ON, replace(presence, is_noticed=False))
    assert heard == (*begin, *(s for s in sentences if s is not CodePrompt.NOTICE))


def test_the_last_one_who_pauses_hears_so() -> None:
    """It is allowed, and not done unknowingly."""
    assert reply(Feature.PAUSE, Outcome.PAUSED, HERE) == (CodePrompt.PAUSED,)
    last = replace(HERE, is_last=True)
    assert reply(Feature.PAUSE, Outcome.PAUSED, last) == (CodePrompt.PAUSED, CodePrompt.LAST)
