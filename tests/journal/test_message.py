"""What is published is what docs/asyncapi.yaml says, and shows no more of callers than it may."""

from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.broker import Numbers
from journal.kind import KINDS, OPTIONAL
from journal.mask import PERSONAL
from journal.message import (
    ALARMS,
    ANCHOR,
    DAEMON,
    OPERATOR,
    QUEUE,
    TEXT_CHARS,
    AlarmsState,
    AnchorState,
    DaemonState,
    Doing,
    OperatorState,
    QueueState,
    Will,
    encode,
    event,
    level,
    topic_of,
)
from journal.record import Ground, Record
from journal.seal import ASIDE
from tests.journal import asyncapi
from tests.journal.sample import NOON, record
from tests.scenario.tape import Tape

TAPES: Final = sorted((Path(__file__).parents[1] / "replay").glob("*.jsonl"))
NUMBER: Final = "081234567890"
CALL: Final[tuple[Numbers, ...]] = ("call",)
CENTRE: Final[tuple[Numbers, ...]] = ("centre",)
VALUES: Final[dict[str, Any]] = {
    "text": "x",
    "whole": 1,
    "number": 1.5,
    "truth": True,
    "null": None,
}


def sample(name: str, *, whole: bool) -> Record:
    """A record of that name, with all of its facts or only with those that it must have."""
    kind = KINDS[name]
    facts = {
        fact.removesuffix(OPTIONAL): VALUES[type_.partition(" ")[0]]
        for fact, (type_, _) in kind.facts.items()
        if whole or not fact.endswith(OPTIONAL)
    }
    call = None if kind.of_call is False else "1795573048.0"
    because = (Ground("a reason", "services.menu", "services.yaml:7"),) if kind.decides else ()
    return record(1, name, call=call, detail=facts, because=because)


def test_the_file_is_drawn_from_the_code() -> None:
    """Else: python -m tests.journal.asyncapi."""
    assert asyncapi.PAGE.read_text() == asyncapi.page()


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("whole", [False, True])
def test_each_record_has_its_message(name: str, *, whole: bool) -> None:
    """With the facts that journal/kind.py knows, in the topic of calls or of the centre."""
    told = sample(name, whole=whole)
    assert asyncapi.faults(topic_of("siaga112", told), event(told, ())) == []


def test_what_is_not_described_is_found() -> None:
    """Another name, another type, another topic."""
    told = sample("ended", whole=True)
    odd = msgspec.structs.replace(told, detail={"by": 5})
    assert asyncapi.faults("siaga112/call/1", event(odd, ()))
    unknown = msgspec.structs.replace(told, what="unheard_of")
    assert asyncapi.faults("siaga112/call/1", event(unknown, ())) == ["call: no message unheard_of"]
    assert asyncapi.faults("siaga112/elsewhere", b"{}") == ["siaga112/elsewhere: no such channel"]
    assert asyncapi.faults("siaga112/call/1", b"") == ["call: nothing"]


@pytest.mark.parametrize("tape", TAPES, ids=lambda path: path.stem)
def test_the_records_of_real_calls_are_messages_as_described(tape: Path) -> None:
    """As they were told by a real Asterisk."""
    for each in Tape.read(tape).records:
        assert asyncapi.faults(topic_of("siaga112", each), event(each, ())) == []


@pytest.mark.parametrize(
    ("tail", "state"),
    [
        (DAEMON, DaemonState(at=NOON, online=True, ready=True, version="1", started=NOON)),
        (DAEMON, Will()),
        (QUEUE, QueueState(at=NOON, waiting=0, services={}, oldest=None, callers=())),
        (ALARMS, AlarmsState(at=NOON, alarms=())),
        (ANCHOR, AnchorState(at=NOON, store="s", heads=())),
        (
            f"{OPERATOR}sri",
            OperatorState(
                at=NOON,
                person="sri",
                agency="dinkes",
                doing=Doing.READY,
                call=None,
                seats=("medis-1",),
                shift="pagi",
                until=NOON,
            ),
        ),
    ],
)
def test_each_state_has_its_message(tail: str, state: msgspec.Struct) -> None:
    """And can be taken away again."""
    assert asyncapi.faults(f"siaga112/{tail}", encode(state)) == []
    assert asyncapi.faults(f"siaga112/{tail}", b"") == []


@pytest.mark.parametrize("name", sorted(ASIDE))
def test_personal_facts_are_masked_unless_the_topic_is_opened(name: str) -> None:
    """Of numbers a part is shown, of places and recordings nothing."""
    told = record(1, "arrived", detail={name: NUMBER})
    masked = msgspec.json.decode(event(told, CENTRE))["detail"][name]
    assert masked == (PERSONAL[name](NUMBER) if name in PERSONAL else "***")
    assert msgspec.json.decode(event(told, CALL))["detail"][name] == NUMBER
    assert msgspec.json.decode(event(record(1, detail={name: ""}), ()))["detail"][name] == ""


def test_numbers_outside_the_post_are_masked_too() -> None:
    """They are somebody's, if no caller's."""
    target = record(1, "offered", detail={"offer": "a-1", "target": f"outside:{NUMBER}@seluler"})
    shown = msgspec.json.decode(event(target, ()))["detail"]
    assert shown == {"offer": "a-1", "target": "outside:0812***890@seluler"}
    dial = record(1, "advised", call=None, detail={"dial": f"PJSIP/{NUMBER}@telkom&PJSIP/medis-1"})
    assert NUMBER not in event(dial, ()).decode()
    assert NUMBER in event(dial, CENTRE).decode()


def test_no_text_is_so_long_that_a_broker_refuses_it() -> None:
    """All errors of a bad set of settings are in the journal."""
    told = record(1, "settings_refused", call=None, detail={"problems": "x" * 10**6, "errors": 1})
    assert len(event(told, ())) < TEXT_CHARS + 500
    assert len(event(told, CENTRE)) < TEXT_CHARS + 500


@given(st.text(min_size=1))
def test_any_call_has_a_topic_of_its_own(call: str) -> None:
    """Without wildcards, further levels or NUL, and no two calls share one."""
    found = level(call)
    assert found
    assert not {"+", "#", "/", "\0"} & set(found)
    assert found != level(f"{call}x")
    found.encode()


def test_an_asterisk_id_stands_as_it_is() -> None:
    """So that people can subscribe to it."""
    assert topic_of("metro/112", record(1, call="pbx-1795573048.0")) == (
        "metro/112/call/pbx-1795573048.0"
    )
    assert topic_of("siaga112", record(1, call=None)) == "siaga112/centre"
