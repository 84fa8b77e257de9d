"""Of what comes over MQTT only that is let through which is meant, allowed and in form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.command import BYTES, FORMS, Letter, read
from journal.post import Command, Refusal
from tests.journal.post import broker_at

BROKER = broker_at(1883, commands=("pause", "reload"))


def said(words: str, payload: bytes = b"", answer_to: str | None = None) -> Command | Refusal:
    """What is made of a message."""
    return read(Letter(f"siaga112/command/{words}", payload, answer_to), BROKER, 7)


def test_a_command_says_who_and_what() -> None:
    """Who is the topic's, since the broker lets each user write to topics of their own."""
    wanted = Command(id=7, command="pause", by="dinkes", person="sri", for_s=900, reason="rapat")
    payload = b'{"person": "sri", "for_s": 900, "reason": "rapat"}'
    assert said("dinkes/pause", payload, "siaga112/answer/dinkes") == wanted
    assert said("dinkes/reload") == Command(id=7, command="reload", by="dinkes")


@pytest.mark.parametrize(
    ("words", "payload", "error"),
    [
        ("x/ready", b'{"person": "sri"}', "not_allowed"),
        ("x/halt", b"", "unknown_command"),
        ("x", b"", "unknown_command"),
        ("x/pause", b"", "malformed"),
        ("x/pause", b"[]", "malformed"),
        ("x/pause", b'{"person": "sri", "force": 1}', "malformed"),
        ("x/pause", b'{"person": "\xff"}', "malformed"),
        ("x/reload", b'{"folder": "/tmp"}', "malformed"),
        ("x/reload", b" " * (BYTES + 1), "too_large"),
    ],
)
def test_all_else_is_refused_with_a_word(words: str, payload: bytes, error: str) -> None:
    """And with a line for people."""
    refusal = said(words, payload)
    assert isinstance(refusal, Refusal)
    assert (refusal.error, refusal.by) == (error, "x")
    assert refusal.why


@pytest.mark.parametrize(
    "topic",
    [
        "siaga112/state/queue",
        "siaga112/answer/other",
        "siaga112/answer/xy",
        "siaga112/answer/x/#",
        "siaga112/answer/+/x",
        "siaga112/answer/x/" + "y" * 300,
    ],
)
def test_an_answer_goes_to_who_asks_and_nowhere_else(topic: str) -> None:
    """Nobody has the daemon write to its own states or to others' answers."""
    refusal = said("x/reload", b"", topic)
    assert isinstance(refusal, Refusal)
    assert refusal.error == "bad_response_topic"


@given(st.text(), st.binary(max_size=3 * BYTES), st.none() | st.text())
def test_nothing_that_can_be_said_is_a_fault(words: str, payload: bytes, topic: str | None) -> None:
    """It is a command of a known name, or refused."""
    found = said(words, payload, topic)
    assert isinstance(found, Refusal) or found.command in FORMS
    assert len(found.by) <= 64
