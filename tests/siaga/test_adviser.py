"""What a dialplan that keeps its calls is answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.floor import Floor
from routing.moment import Instant, Moment
from routing.note import Note
from routing.offer import SeatChanged, SeatState, Target
from routing.operator import SeatId
from routing.plan import Plan
from siaga.adviser import BECAUSE_CHARS, DIAL_CHARS, WANTED, Adviser, evidence_of
from siaga.conductor import Conductor
from siaga.settings import load
from switch.agi import COMMAND_BYTES, Dialogue, Request
from tests.siaga.folder import KOTA_METRO

SETTINGS = load(KOTA_METRO)
PLAN = SETTINGS.plan()
MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""08:00 in Kota Metro: shift pagi."""
NOW = Moment(Instant(1.0), MORNING)
METRO = {"callerid": "0725412345", "dnid": "112", "uniqueid": "1795849199.7", "context": "x"}
ALL_SEATS = [seat.endpoint for seat in PLAN.operators.seats.values()]


@dataclass
class House:
    """Settings and phones as a conductor has them."""

    plan: Plan = PLAN
    is_blind: bool = False
    floor: Floor = field(default_factory=lambda: Floor(PLAN, "t", lambda: 0.5))

    def is_free(self, target: Target) -> bool:
        """By the floor, as it is for calls."""
        return self.is_blind or self.floor.is_free(target, NOW)

    def use(self, *endpoints: str) -> None:
        """These phones are on a call."""
        for endpoint in endpoints:
            self.floor.step(SeatChanged(endpoint, SeatState.BUSY), at=NOW)


class Clock:
    """Stands still."""

    def now(self) -> Moment:
        """08:00."""
        return NOW


@dataclass
class Asked:
    """An adviser, and what it has recorded."""

    house: House = field(default_factory=House)
    notes: list[Note] = field(default_factory=list)

    def ask(
        self,
        values: Mapping[str, str] | None = None,
        *,
        script: str = "route",
        environment: Mapping[str, str] = METRO,
        **parameters: str,
    ) -> dict[str, str]:
        """The variables that a channel gets."""
        conductor = cast("Conductor", self.house)
        adviser = Adviser(
            conductor, Clock(), self.notes.append, lambda path: "x.yaml:1" if path else ""
        )
        request = Request(script, parameters, environment)
        return adviser.answer(request, values or {}) or {}


@pytest.fixture
def asked() -> Asked:
    """All phones are free."""
    return Asked()


def test_the_operator_on_duty_is_named_with_zone_service_and_reasons(asked: Asked) -> None:
    """What the issue promises, and what a dialplan needs besides."""
    assert asked.ask(service="medis", trunk="telkom") == {
        "SIAGA_ZONE": "inside",
        "SIAGA_NEIGHBOUR": "",
        "SIAGA_SERVICE": "medis",
        "SIAGA_LABEL": "112 MEDIS",
        "SIAGA_STEP": "group",
        "SIAGA_RING": "15",
        "SIAGA_TRIED": "PJSIP/siaga-medis-1",
        "SIAGA_BECAUSE": asked.ask(service="medis", trunk="telkom")["SIAGA_BECAUSE"],
        "SIAGA_DIAL": "PJSIP/siaga-medis-1",
    }
    because = asked.ask(service="medis", trunk="telkom")["SIAGA_BECAUSE"]
    assert "hunt group medis (x.yaml:1); works pagi by the weekly roster (x.yaml:1)" in because


def test_the_answer_is_a_record_with_its_reasons(asked: Asked) -> None:
    """Under the caller's channel id, as all records of a call."""
    asked.ask(service="medis", trunk="telkom")
    (note,) = asked.notes
    assert (note.call, note.what) == ("1795849199.7", "advised")
    assert note.detail["dial"] == "PJSIP/siaga-medis-1"
    assert note.detail["ani"] == "0725412345"
    assert [reason.path for reason in note.because if reason.path]


def test_one_call_asks_again_and_again_until_somebody_answers(asked: Asked) -> None:
    """Each answer is the next step of the chain, kept on the channel; then it starts over."""
    values: dict[str, str] = {}
    steps = []
    for _ in range(7):
        values = asked.ask({"SIAGA_TRIED": values.get("SIAGA_TRIED", "")}, service="medis")
        steps.append(values["SIAGA_STEP"])
    assert steps == [
        "group",
        "supervisor",
        "other_agencies",
        "previous_shift",
        "post",
        "outside",
        "group",
    ]
    assert "all of the chain have been rung: it starts over" in values["SIAGA_BECAUSE"]
    assert values["SIAGA_TRIED"] == values["SIAGA_DIAL"]


def test_busy_phones_are_passed_over(asked: Asked) -> None:
    """By the same states as for calls that are handed over."""
    asked.house.use("siaga-medis-1", "siaga-koordinator")
    answered = asked.ask(service="medis")
    assert answered["SIAGA_STEP"] == "other_agencies"
    assert (
        answered["SIAGA_DIAL"] == "PJSIP/siaga-damkar-1&PJSIP/siaga-dishub-1&PJSIP/siaga-satpol-1"
    )


def test_with_nobody_at_the_post_a_number_outside_is_named(asked: Asked) -> None:
    """Every caller reaches a human."""
    asked.house.use(*ALL_SEATS)
    answered = asked.ask(service="medis")
    assert answered["SIAGA_STEP"] == "outside"
    assert answered["SIAGA_DIAL"] == "PJSIP/0725000113@siaga-telkom"


def test_without_asterisks_events_the_roster_answers(asked: Asked) -> None:
    """Stale states take nobody away; Dial() finds out who is there."""
    asked.house.use(*ALL_SEATS)
    asked.house.is_blind = True
    answered = asked.ask(service="medis")
    assert answered["SIAGA_DIAL"] == "PJSIP/siaga-medis-1"
    assert "every phone counts as free" in answered["SIAGA_BECAUSE"]


def test_another_script_is_not_answered(asked: Asked) -> None:
    """And leaves no record."""
    assert asked.ask(script="other") == {}
    assert asked.notes == []


@pytest.mark.parametrize(
    ("parameters", "values", "environment", "expected"),
    [
        ({"trunk": "a", "did": "1"}, {"SIAGA_TRUNK": "b", "SIAGA_DID": "2"}, METRO, ("a", "1")),
        ({}, {"SIAGA_TRUNK": "b", "SIAGA_DID": "2"}, METRO, ("b", "2")),
        ({}, {}, {**METRO, "context": "siaga-from-telkom"}, ("telkom", "112")),
        ({}, {}, {"dnid": "unknown", "callerid": "unknown"}, ("", "")),
        ({}, {}, {}, ("", "")),
    ],
)
def test_arguments_win_over_variables_and_those_over_the_channel(
    parameters: dict[str, str],
    values: dict[str, str],
    environment: dict[str, str],
    expected: tuple[str, str],
) -> None:
    """What a dialplan writes out is meant."""
    evidence = evidence_of(Request("route", parameters, environment), values)
    assert (evidence.trunk, evidence.did) == expected
    assert evidence.ani == environment.get("callerid", "").replace("unknown", "")


def test_an_endpoint_that_is_no_plain_name_gets_into_no_dial_string(asked: Asked) -> None:
    """The settings refuse it; should one slip through, it is passed over."""
    seats = dict(PLAN.operators.seats)
    seats[SeatId("medis-1")] = replace(seats[SeatId("medis-1")], endpoint="a,60,G(x^y^1)")
    asked.house.plan = replace(PLAN, operators=replace(PLAN.operators, seats=seats))
    assert asked.ask(service="medis")["SIAGA_DIAL"] == "PJSIP/siaga-koordinator"


@given(
    service=st.text(max_size=60) | st.sampled_from(["medis", "damkar", "umum"]),
    tried=st.text(max_size=300)
    | st.lists(st.sampled_from(ALL_SEATS)).map(lambda seats: "&".join(f"PJSIP/{s}" for s in seats)),
    environment=st.dictionaries(
        st.sampled_from(["callerid", "dnid", "context", "uniqueid", "x"]), st.text(max_size=300)
    ),
    busy=st.lists(st.sampled_from(ALL_SEATS)),
)
def test_whatever_is_asked_the_answer_fits_and_somebody_is_named(
    service: str, tried: str, environment: dict[str, str], busy: list[str]
) -> None:
    """Each variable is one command that Asterisk takes; no phone in use is in the dial string."""
    asked = Asked()
    asked.house.use(*busy)
    answered = asked.ask({"SIAGA_TRIED": tried}, environment=environment, service=service)
    assert answered["SIAGA_DIAL"]
    assert not {f"PJSIP/{seat}" for seat in busy} & set(answered["SIAGA_DIAL"].split("&"))
    assert list(answered)[-1] == "SIAGA_DIAL"
    for name, value in answered.items():
        dialogue = Dialogue()
        dialogue.receive(b"agi_request: agi://h/route\n\n")
        assert len(dialogue.set_variable(name, value)) < COMMAND_BYTES
    assert len(asked.notes) == 1


def test_what_was_dialled_for_a_call_has_a_bound(asked: Asked) -> None:
    """However many phones there are; the oldest are forgotten first."""
    many = "&".join(f"PJSIP/phone-{number:05}" for number in range(1000))
    answered = asked.ask({"SIAGA_TRIED": many}, service="medis")
    tried = answered["SIAGA_TRIED"]
    assert len(tried) <= DIAL_CHARS
    assert tried.endswith("&PJSIP/phone-00999&PJSIP/siaga-medis-1")
    assert len(answered["SIAGA_BECAUSE"]) <= BECAUSE_CHARS
    assert "SIAGA_TRIED" in WANTED
