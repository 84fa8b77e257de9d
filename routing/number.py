"""Telephone numbers: the many ways in which carriers write them, brought into one.

The numbering plans come from the `phonenumbers` library (libphonenumber), which only computes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationResult

LEAST_DIGITS: Final = 7
"""Of a number that tells a caller; what is shorter is an extension, a service, or incomplete."""
MAX_RAW: Final = 40
"""Characters read of a number as received: E.164's 15 digits, prefix and separators fit twice."""
MAX_E164: Final = 16
"""Characters of an E.164 number: the plus and 15 digits (ITU-T E.164, clause 6)."""
MAX_TEXT: Final = 32
"""Characters of an unreadable number that are shown to people."""
SEPARATORS: Final = str.maketrans("", "", " -.()/\t")
"""What people and switches put between digits (RFC 3966 `visual-separator`, and blanks)."""
WITHHELD: Final = frozenset(
    {"", "anonymous", "private", "restricted", "unavailable", "unknown", "withheld"}
)
"""What carriers and Asterisk send in place of a number that is not presented, in lower case."""


class NumberKind(StrEnum):
    """What a number tells of the place of its phone: fixed lines stay, mobile ones travel."""

    MOBILE = "mobile"
    FIXED = "fixed"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Number:
    """A telephone number, read.

    Attributes:
        e164: `+` and at most 15 digits; None exactly when the kind is unknown.
        kind: Mobile or fixed; other for the rest (free-phone, satellite, a range not yet assigned);
            unknown when no number can be read: withheld, garbage, a short code.
        text: For people: printable, at most 32 characters; it may hold the caller's full number.
    """

    e164: str | None
    kind: NumberKind
    text: str


def identify(raw: str, *, country: str, area_code: str) -> Number:
    """The number that `raw` stands for; whatever `raw` is, this answers and never raises.

    Read are `+62812…`, `0062812…`, `62812…`, `0812…`, `812…`, and subscriber numbers without an
    area code. Where a number without any prefix can be read in two ways, a mobile one goes first,
    then the local one: somebody around the corner is not put elsewhere by a guess.

    Args:
        raw: As received from the network: untrusted, of any length.
        country: ISO 3166 code of the centre's country.
        area_code: Of the centre's city, for subscriber numbers (`725` or `0725`).
    """
    digits = raw[: MAX_RAW + 1].translate(SEPARATORS)
    if len(raw) <= MAX_RAW and _is_dialable(digits):
        told = tuple(_parsed(_told(digits, country)))
        guessed = sorted(_parsed(_guessed(digits, country, area_code)), key=_may_stay)
        for number in (*told, *guessed):
            if phonenumbers.is_valid_number(number):
                return Number(_e164(number), _kind(number), _text(number, country))
        if told and _has_possible_length(told[0]) and _is_settled(told[0]):
            return Number(_e164(told[0]), NumberKind.OTHER, _e164(told[0]))
    text = shown(raw)
    is_withheld = text.strip("<>").lower() in WITHHELD
    return Number(None, NumberKind.UNKNOWN, "withheld" if is_withheld else text)


def normalise_prefix(text: str, country: str) -> str:
    """The beginning of E.164 numbers that a written prefix stands for: `0721` is `+62721`.

    International forms (`+62721`, `0062721`, `62721`) and the bare area code (`721`) mean the same.

    Args:
        text: As an administrator writes it; blanks, dashes and brackets do not matter.
        country: ISO 3166 code of the country whose national prefixes are meant.

    Raises:
        ValueError: It is not a prefix, or the country is unknown.
    """
    digits = text.translate(SEPARATORS)
    if not _is_dialable(digits) or len(digits) > MAX_RAW:
        expected = "expected digits such as 0725 or +62725"
        message = f"{shown(text)!r} is no beginning of a telephone number; {expected}"
        raise ValueError(message)
    calling_code = _calling_code(country)
    if not calling_code:
        message = f"{shown(country)!r} is no ISO 3166 country code; expected one such as ID"
        raise ValueError(message)
    if digits.startswith("+"):
        return digits
    if digits.startswith("00"):
        return f"+{digits.removeprefix('00')}"
    if digits.startswith(calling_code):
        return f"+{digits}"
    return _national(digits, country)


def presented(raw: str) -> str | None:
    """The number as received, if a caller can be told by it: not withheld, not an extension."""
    digits = raw.removeprefix("+")
    whole = digits.isascii() and digits.isdecimal() and len(digits) >= LEAST_DIGITS
    return raw if whole else None


def shown(text: str) -> str:
    """What a screen or a record can show of untrusted text: printable, at most 32 characters."""
    head = "".join(letter for letter in text[:MAX_RAW] if letter.isprintable()).strip()
    fits = len(head) <= MAX_TEXT and len(text) <= MAX_RAW
    return head if fits else f"{head[: MAX_TEXT - 1]}…"


def _is_dialable(digits: str) -> bool:
    """Digits of ASCII (`isdigit` alone takes all scripts'), at least one, perhaps after a plus."""
    bare = digits.removeprefix("+")
    return bare.isascii() and bare.isdigit()


def _told(digits: str, country: str) -> Iterator[str]:
    """The international form that the digits' own prefix tells."""
    national_prefix = phonenumbers.ndd_prefix_for_region(country, strip_non_digits=True)
    calling_code = _calling_code(country)
    if digits.startswith("+"):
        yield digits
    elif digits.startswith("00"):
        yield f"+{digits.removeprefix('00')}"
    elif national_prefix and digits.startswith(national_prefix):
        yield _national(digits, country)
    elif calling_code and digits.startswith(calling_code):
        yield f"+{digits}"


def _guessed(digits: str, country: str, area_code: str) -> Iterator[str]:
    """What digits without plus or zero may be besides: a subscriber of the city, or national."""
    calling_code = _calling_code(country)
    if calling_code and not digits.startswith(("+", "0")):
        yield _national(area_code, country) + digits
        yield f"+{calling_code}{digits}"


def _parsed(forms: Iterator[str]) -> Iterator[PhoneNumber]:
    """Those that have a calling code and no more digits than E.164 allows."""
    for form in forms:
        try:
            number = phonenumbers.parse(form, None)
        except phonenumbers.NumberParseException:
            continue
        if len(_e164(number)) <= MAX_E164:
            yield number


def _has_possible_length(number: PhoneNumber) -> bool:
    """Whether it may be a range that this version of the numbering plan does not know yet."""
    return phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE


def _is_settled(number: PhoneNumber) -> bool:
    """Whether its E.164 form is read as itself; some plans lose a leading zero each time."""
    return [_e164(again) for again in _parsed(iter((_e164(number),)))] == [_e164(number)]


def _national(digits: str, country: str) -> str:
    """National digits, with or without the national prefix, in international form."""
    prefix = phonenumbers.ndd_prefix_for_region(country, strip_non_digits=True) or ""
    return f"+{_calling_code(country)}{digits.removeprefix(prefix)}"


def _calling_code(country: str) -> str:
    """The digits after the plus, such as `62`; empty for an unknown country."""
    code = phonenumbers.country_code_for_region(country)
    return str(code) if code else ""


def _kind(number: PhoneNumber) -> NumberKind:
    """Mobile and fixed as the plan says; one that may be either (North America) is other."""
    match phonenumbers.number_type(number):
        case PhoneNumberType.MOBILE:
            return NumberKind.MOBILE
        case PhoneNumberType.FIXED_LINE:
            return NumberKind.FIXED
        case _:
            return NumberKind.OTHER


def _may_stay(number: PhoneNumber) -> bool:
    """Sorts mobile numbers first."""
    return _kind(number) is not NumberKind.MOBILE


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _text(number: PhoneNumber, country: str) -> str:
    """As people of this country write it: national at home, international else."""
    at_home = str(number.country_code) == _calling_code(country)
    form = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)
