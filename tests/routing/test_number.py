"""Telephone numbers: every way of writing one number is one number."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from routing.number import (
    MAX_E164,
    MAX_RAW,
    MAX_TEXT,
    Number,
    NumberKind,
    identify,
    normalise_prefix,
    shown,
)


def read(raw: str) -> Number:
    """The number as the centre of Kota Metro reads it."""
    return identify(raw, country="ID", area_code="725")


@pytest.mark.parametrize(
    "raw",
    [
        "08123456789",
        "628123456789",
        "+628123456789",
        "00628123456789",
        "8123456789",
        "0812-3456-789",
        " (0812) 345.6789 ",
        "+62 (0)812 3456789",
    ],
)
def test_a_mobile_number_is_one_however_it_is_written(raw: str) -> None:
    """Carriers differ in prefix and separators; the number is the same."""
    assert read(raw) == Number("+628123456789", NumberKind.MOBILE, "0812-3456-789")


@pytest.mark.parametrize("raw", ["0721123456", "+62721123456", "62721123456", "721123456"])
def test_a_fixed_line_number_keeps_its_area(raw: str) -> None:
    """An area code that was sent is believed, with or without the zero."""
    assert read(raw) == Number("+62721123456", NumberKind.FIXED, "(0721) 123456")


@pytest.mark.parametrize("raw", ["41234", "7850123", "21345678", "62123456"])
def test_a_subscriber_number_belongs_to_the_city(raw: str) -> None:
    """Without an area code it was dialled locally, even where it looks like another prefix."""
    assert read(raw).e164 == f"+62725{raw}"
    assert read(raw).kind is NumberKind.FIXED


def test_the_area_code_may_be_written_with_its_zero() -> None:
    """`0725` and `725` are the same city."""
    assert identify("41234", country="ID", area_code="0725") == read("41234")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("", "withheld"),
        ("  ", "withheld"),
        ("anonymous", "withheld"),
        ("Anonymous", "withheld"),
        ("<unknown>", "withheld"),
        ("unavailable", "withheld"),
        ("restricted", "withheld"),
        ("s", "s"),
        ("+", "+"),
        ("++62812", "++62812"),
        ("0", "0"),
        ("000000000", "000000000"),
        ("112", "112"),
        ("014045", "014045"),
        ("+999123456", "+999123456"),
        ("+62812345678901234567", "+62812345678901234567"),
        ("99999999999999", "99999999999999"),
        ("+6200112345678901234", "+6200112345678901234"),
        ("٠٨١٢٣٤٥٦٧٨٩", "٠٨١٢٣٤٥٦٧٨٩"),
        ("0812²345678", "0812²345678"),
        ("0812\x00\r\n3456", "08123456"),
        ("\u202e0812", "0812"),
        ("'; DROP TABLE--", "'; DROP TABLE--"),
    ],
)
def test_what_is_no_number_is_unknown_and_shown_safely(raw: str, text: str) -> None:
    """Withheld, garbage and short codes prove nothing, and cannot spoil a screen or a record."""
    assert read(raw) == Number(None, NumberKind.UNKNOWN, text)


def test_a_hostile_length_is_cut() -> None:
    """A number of a million digits is unknown, and short where it is shown."""
    number = read("8" * 1_000_000)
    assert number == Number(None, NumberKind.UNKNOWN, "8" * (MAX_TEXT - 1) + "…")
    assert read("x" * (MAX_TEXT + 1)).text == "x" * (MAX_TEXT - 1) + "…"


@pytest.mark.parametrize(
    ("raw", "e164", "kind", "text"),
    [
        ("+6598765432", "+6598765432", NumberKind.MOBILE, "+65 9876 5432"),
        ("+12125550123", "+12125550123", NumberKind.OTHER, "+1 212-555-0123"),
        ("08001234567", "+628001234567", NumberKind.OTHER, "0800 1234567"),
        ("08412345678", "+628412345678", NumberKind.OTHER, "+628412345678"),
    ],
)
def test_other_numbers_are_known_for_what_they_are(
    raw: str, e164: str, kind: NumberKind, text: str
) -> None:
    """Foreign, free-phone, and of a range that the numbering plan does not know yet."""
    assert read(raw) == Number(e164, kind, text)


def test_a_country_without_national_prefix_is_read() -> None:
    """Spain dials no zero: the digits are the national number."""
    number = identify("612345678", country="ES", area_code="91")
    assert number == Number("+34612345678", NumberKind.MOBILE, "612 34 56 78")


def test_an_unknown_country_still_reads_international_numbers() -> None:
    """A wrong setting costs local numbers, never a call."""
    assert identify("+628123456789", country="??", area_code="").kind is NumberKind.MOBILE
    assert identify("8123456789", country="??", area_code="").kind is NumberKind.UNKNOWN


DIGITS = st.text("0123456789+", max_size=MAX_RAW + 5)
HOSTILE = st.one_of(DIGITS, st.text(), st.text(st.characters(codec=None)))


@given(HOSTILE)
def test_whatever_is_received_is_answered(raw: str) -> None:
    """No text raises; an E.164 number is there exactly when the kind is known; all is bounded."""
    number = read(raw)
    assert (number.e164 is None) == (number.kind is NumberKind.UNKNOWN)
    assert len(number.text) <= MAX_TEXT
    assert number.text.isprintable()
    if number.e164 is not None:
        assert number.e164[0] == "+"
        assert number.e164[1:].isdigit()
        assert len(number.e164) <= MAX_E164


@given(DIGITS)
@example("+35500000000")
@example("+49000000")
def test_reading_a_read_number_changes_nothing(raw: str) -> None:
    """The normal form is the normal form of itself, with the same kind."""
    number = read(raw)
    if number.e164 is not None:
        again = read(number.e164)
        assert (again.e164, again.kind) == (number.e164, number.kind)


@given(st.from_regex(r"8(1[1-9]|5[1-9])[0-9]{7}", fullmatch=True))
def test_every_form_of_a_mobile_number_reads_alike(national: str) -> None:
    """Zero, plus, double zero, bare: one number."""
    forms = (f"0{national}", f"62{national}", f"+62{national}", f"0062{national}", national)
    assert {read(form).e164 for form in forms} == {f"+62{national}"}


@given(st.text())
def test_what_is_shown_is_short_and_printable(text: str) -> None:
    """Nothing untrusted reaches a screen with control or direction characters."""
    assert len(shown(text)) <= MAX_TEXT
    assert shown(text).isprintable()


@pytest.mark.parametrize(
    ("text", "country", "prefix"),
    [
        ("0721", "ID", "+62721"),
        ("+62721", "ID", "+62721"),
        ("62721", "ID", "+62721"),
        ("0062 721", "ID", "+62721"),
        ("721", "ID", "+62721"),
        ("0812-34", "ID", "+6281234"),
        ("0", "ID", "+62"),
        ("030", "DE", "+4930"),
        ("06", "IT", "+3906"),
        ("1212", "US", "+1212"),
    ],
)
def test_a_prefix_means_the_same_however_it_is_written(
    text: str, country: str, prefix: str
) -> None:
    """National, international and bare forms are one beginning of E.164 numbers."""
    assert normalise_prefix(text, country) == prefix


@pytest.mark.parametrize("text", ["", "+", "O721", "07 21x", "07*", "0" * (MAX_RAW + 1)])
def test_what_is_no_prefix_is_refused(text: str) -> None:
    """The administrator is told which text is wrong."""
    with pytest.raises(ValueError, match="is no beginning of a telephone number"):
        normalise_prefix(text, "ID")


def test_a_prefix_of_no_country_is_refused() -> None:
    """A wrong country code is told as such."""
    with pytest.raises(ValueError, match="'Indonesia' is no ISO 3166 country code"):
        normalise_prefix("0721", "Indonesia")
