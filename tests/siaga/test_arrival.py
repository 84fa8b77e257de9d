"""What came with a call is read as the dialplan handed it over, and never stops the call."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.zone import Evidence
from siaga.arrival import EVIDENCE_LIMIT, arrival_note, evidence_of
from switch.event import CallerId, ChannelView, StasisStart

VARIABLES = {"SIAGA_TRUNK": "seluler", "SIAGA_DID": "112"}
ANI = "081234567890"
LOCATION = 'GML:shape="Point",crs="2d",pos="-5.11 105.30"'
CELL = "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=510101234567;network-provided"


def entered(*args: str) -> StasisStart:
    """A channel that came in with these arguments of Stasis."""
    channel = ChannelView("1.1", caller=CallerId(ANI), channelvars=VARIABLES)
    return StasisStart(channel, args)


def packed(text: str | bytes) -> str:
    """As the dialplan hands a text over."""
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


def came(*args: str) -> tuple[str, str]:
    """Location and access network of a new call."""
    evidence = evidence_of(entered("new", *args))
    return evidence.location, evidence.access


def test_a_call_with_nothing_but_a_number() -> None:
    """Trunk, dialled number and the caller's number are there; of the rest nothing is known."""
    assert evidence_of(entered("new")) == Evidence("seluler", "112", ANI)
    assert evidence_of(entered()) == Evidence("seluler", "112", ANI)


def test_location_and_access_network_come_with_new() -> None:
    """The header's values come each for itself, and are one list as RFC 3261 (7.3.1) has it."""
    assert came(packed(LOCATION)) == (LOCATION, "")
    assert came("", packed(f" {CELL}")) == ("", CELL)
    assert came(packed(LOCATION), packed(CELL), packed(" IEEE-802.11")) == (
        LOCATION,
        f"{CELL}, IEEE-802.11",
    )


@pytest.mark.parametrize("text", ["", "=", "GML:", "R01M Og==", "R01MOg", "R01MOg==x", "é", "\0"])
def test_what_is_no_base64_counts_as_not_there(text: str) -> None:
    """Nobody but the dialplan hands over evidence, in one way."""
    assert came(text, text) == ("", "")


def test_more_than_the_dialplan_lets_through_counts_as_not_there() -> None:
    """A whole text or none: half of a shape would be another shape."""
    longest = "a" * (EVIDENCE_LIMIT // 4 * 3)
    assert came(packed(longest), packed(longest)) == (longest, longest)
    assert came(packed(longest + "a"), packed(longest + "a")) == ("", "")


def test_bytes_of_no_alphabet_are_replaced() -> None:
    """The rest of the text still counts."""
    assert came(packed(b"GML:\xff\xfe")) == ("GML:\ufffd\ufffd", "")


@pytest.mark.parametrize("how", ["resume", "handback", "leg"])
def test_who_comes_back_brings_no_evidence(how: str) -> None:
    """The argument of `handback` is a service; the zone was judged before."""
    evidence = evidence_of(entered(how, packed(LOCATION), packed(CELL)))
    assert (evidence.location, evidence.access) == ("", "")


@given(st.lists(st.text(), max_size=5))
def test_no_argument_stops_a_call(args: list[str]) -> None:
    """Whatever they are, a location and an access network are texts."""
    location, access = came(*args)
    assert isinstance(location, str)
    assert isinstance(access, str)


@given(st.text().map(str.strip), st.text().map(str.strip))
def test_what_was_handed_over_is_what_was_sent(location: str, access: str) -> None:
    """Quotes, commas, brackets, line breaks: no character means anything on the way."""
    assert came(packed(location), packed(access)) == (location, access)


def test_the_journal_has_it_in_full() -> None:
    """Only what came is told."""
    full = arrival_note(entered("new", packed(LOCATION), packed(CELL))).detail
    assert (full["location"], full["access"]) == (LOCATION, CELL)
    assert arrival_note(entered("new")).detail.keys() == {"trunk", "did", "ani", "how"}
