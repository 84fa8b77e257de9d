"""The small nouns of routing: operators and seats, moments, reasons, causes."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.cause import EXPLANATION, Cause, explain
from routing.moment import Instant, Moment, after, earliest
from routing.operator import Agency, AgencyId, Operators, Person, PersonId, Seat, SeatId
from routing.reason import Reason

OPERATORS = Operators(
    agencies={AgencyId("dinkes"): Agency(name="Dinas Kesehatan")},
    people={
        PersonId("sari"): Person(name="Sari", agency=AgencyId("dinkes"), number="0101"),
        PersonId("dewi"): Person(name="Dewi", agency=AgencyId("dinkes")),
    },
    seats={
        SeatId("medis-2"): Seat(endpoint="siaga-medis-2", person=PersonId("sari")),
        SeatId("pos"): Seat(endpoint="siaga-pos"),
        SeatId("medis-1"): Seat(endpoint="siaga-medis-1", person=PersonId("sari")),
    },
    post=SeatId("pos"),
)


def test_a_person_sits_at_their_seats_in_the_order_of_the_settings() -> None:
    """The seats of a person are those fixed to them, as written; a free phone is nobody's."""
    assert OPERATORS.seats_of(PersonId("sari")) == ("medis-2", "medis-1")


def test_a_person_without_a_seat_has_none() -> None:
    """Somebody unknown, or known and not seated, has no phone to ring."""
    assert OPERATORS.seats_of(PersonId("budi")) == ()


def test_who_signs_on_is_found_by_number() -> None:
    """Zeros in front are part of it; who has none signs on nowhere."""
    assert OPERATORS.numbers() == {"0101": "sari"}


def test_every_cause_has_words() -> None:
    """No cause of ours is recorded by its bare number."""
    assert set(EXPLANATION) == set(Cause)
    assert explain(Cause.USER_BUSY) == "busy"


@given(st.integers())
def test_any_cause_is_explained(cause: int) -> None:
    """A cause that nobody has heard of is told by its number, never an error."""
    assert explain(cause) == EXPLANATION.get(cause, f"cause {cause}")  # type: ignore[call-overload]


def test_a_reason_tells_where_its_rule_is() -> None:
    """People read the clause, and the settings path when a rule gave it."""
    assert str(Reason("on leave", ("roster", "overrides", 0))) == "on leave (roster.overrides.0)"
    assert str(Reason("nobody asked")) == "nobody asked"


def test_a_moment_reads_both_clocks() -> None:
    """Time-outs and rosters are judged by one reading, each by its own clock."""
    moment = Moment(Instant(5.0), datetime(2026, 1, 1, tzinfo=UTC))
    assert after(moment.instant, 2.5) == pytest.approx(7.5)


@given(st.lists(st.one_of(st.none(), st.floats(allow_nan=False))))
def test_the_earliest_deadline_is_the_least_of_those_there_are(values: list[float | None]) -> None:
    """Deadlines that are not set do not count; none at all is None."""
    deadlines = [None if value is None else Instant(value) for value in values]
    there = [deadline for deadline in deadlines if deadline is not None]
    assert earliest(*deadlines) == (min(there) if there else None)
