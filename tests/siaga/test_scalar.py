"""One spelling for each kind of value; everything else is a slip."""

from datetime import date, time
from typing import NewType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from siaga.scalar import GRAMMARS, grammar_of

TAKEN = {
    int: ["0", "7", "-1", "+5", "999999999"],
    float: ["0", "15", "0.5", "-1", "+2.25"],
    bool: ["true", "false"],
    time: ["00:00", "07:00", "23:59", "07:00:30"],
    date: ["2026-12-31", "2000-01-01"],
}
REFUSED = {
    int: ["", "007", "1_000", "0x10", "0o7", "1e3", "1.0", " 5", "5 ", "٣", "1234567890", "~"],
    float: ["", "007.5", "1_0.5", "1e3", ".5", "5.", ".inf", "nan", "0x1p3", "1,5", "٣.5"],
    bool: ["", "yes", "no", "on", "off", "y", "t", "1", "0", "True", "TRUE"],
    time: ["", "7:00", "24:00", "07:60", "0700", "25200", "07:00Z", "07:00+07:00", "07:00:30.5"],
    date: ["", "2026-1-1", "31-12-2026", "20261231", "1999-12-31", "2026-13-01", "2026-12-31T00"],
}
Seconds = NewType("Seconds", float)


@pytest.mark.parametrize(("type_", "text"), [(t, text) for t in TAKEN for text in TAKEN[t]])
def test_what_is_taken_is_read(type_: type, text: str) -> None:
    """The grammar lets nothing through that the loader cannot read afterwards."""
    assert GRAMMARS[type_].takes(text)
    TypeAdapter(type_).validate_python(text)


@pytest.mark.parametrize(("type_", "text"), [(t, text) for t in REFUSED for text in REFUSED[t]])
def test_other_spellings_are_refused(type_: type, text: str) -> None:
    """Some of them Python or an older YAML would read, as something that nobody meant."""
    assert not GRAMMARS[type_].takes(text)


@given(number=st.integers(-999_999_999, 999_999_999))
def test_every_whole_number_has_its_spelling(number: int) -> None:
    """As Python writes it."""
    assert GRAMMARS[int].takes(str(number))
    assert GRAMMARS[float].takes(str(number))


@given(at=st.times().map(lambda t: t.replace(microsecond=0)), day=st.dates(date(2000, 1, 1)))
def test_every_time_and_every_day_has_its_spelling(at: time, day: date) -> None:
    """ISO 8601, to the second, from the year 2000 to 2999."""
    assert GRAMMARS[time].takes(at.isoformat())
    assert GRAMMARS[date].takes(day.isoformat()) == (day.year < 3000)


def test_the_grammar_is_that_of_the_type_inside() -> None:
    """A value that may be left out, or has a name of its own, is written like any other."""
    assert grammar_of(int | None) is GRAMMARS[int]
    assert grammar_of(Seconds) is GRAMMARS[float]
    assert grammar_of(Seconds | None) is GRAMMARS[float]
    assert grammar_of(str) is grammar_of(int | str) is grammar_of(None) is None
