"""Zone: only evidence puts a caller outside, the strongest decides, and every verdict says why."""

from dataclasses import replace
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.judge import ZoneMap
from routing.reason import Reason
from routing.service import TrunkId
from routing.zone import (
    Did,
    Evidence,
    Finding,
    Neighbour,
    NeighbourId,
    Policy,
    PrefixRule,
    Trunk,
    Verdict,
    Zones,
)

INSIDE, OUTSIDE, UNKNOWN = Finding.INSIDE, Finding.OUTSIDE, Finding.UNKNOWN
BANDAR = NeighbourId("bandar-lampung")
TENGAH = NeighbourId("lampung-tengah")

TRUNKS = {
    TrunkId("telkom"): Trunk(
        name="Telkom",
        endpoint="siaga-telkom",
        zone=INSIDE,
        dids={
            "112": Did(zone=INSIDE),
            "0725112": Did(zone=OUTSIDE, neighbour=TENGAH),
            "113": Did(zone=UNKNOWN),
            "114": Did(zone=OUTSIDE),
        },
    ),
    TrunkId("seluler"): Trunk(name="Seluler", endpoint="siaga-seluler"),
}
PREFIXES = (
    PrefixRule(prefix="0721", zone=OUTSIDE, neighbour=BANDAR),
    PrefixRule(prefix="0725", zone=UNKNOWN, note="shared by three districts"),
    PrefixRule(prefix="+62 725 41", zone=INSIDE),
    PrefixRule(prefix="0812", zone=OUTSIDE, neighbour=BANDAR),
    PrefixRule(prefix="08127", zone=INSIDE, neighbour=BANDAR),
    PrefixRule(prefix="0800", zone=OUTSIDE, neighbour=BANDAR),
    PrefixRule(prefix="62721", zone=INSIDE),
)
ZONES = Zones(
    country="ID",
    area_code="725",
    order=("trunk", "number"),
    trunks=TRUNKS,
    prefixes=PREFIXES,
    neighbours={BANDAR: Neighbour(name="Bandar Lampung", policy=Policy.TRANSFER)},
)
CITY = ZoneMap(ZONES)
NUMBER_FIRST = ZoneMap(replace(ZONES, order=("number", "trunk")))
MOBILE = "0813456789"
FAR = "0721123456"


def judge(*, trunk: str = "seluler", did: str = "112", ani: str = "") -> Verdict:
    """The verdict of the shipped order: trunk, then number."""
    return CITY.judge(Evidence(trunk, did, ani))


def assert_judged(verdict: Verdict, finding: Finding, neighbour: NeighbourId | None = None) -> None:
    """The verdict is this one, and gives its reasons."""
    assert (verdict.finding, verdict.neighbour) == (finding, neighbour)
    assert verdict.because


def test_the_settings_and_neighbours_can_be_asked_for() -> None:
    """The compiled rules know their settings; a neighbour that is not there is None."""
    assert CITY.zones is ZONES
    assert CITY.neighbour(BANDAR) is ZONES.neighbours[BANDAR]
    assert CITY.neighbour(NeighbourId("atlantis")) is None
    assert CITY.neighbour(None) is None


def test_the_trunk_says_where_its_calls_come_from() -> None:
    """A call on the city's own fixed-line trunk comes from inside, by that setting."""
    verdict = judge(trunk="telkom", did="999", ani="anonymous")
    assert_judged(verdict, INSIDE)
    assert verdict.because == (
        Reason("calls on trunk telkom come from inside", ("zones", "trunks", "telkom", "zone")),
        Reason("caller's number is withheld or unreadable"),
    )


def test_the_dialled_number_says_more_than_its_trunk() -> None:
    """A DID that a carrier uses for a neighbour's area puts its callers there."""
    verdict = judge(trunk="telkom", did="0725112")
    assert_judged(verdict, OUTSIDE, TENGAH)
    assert verdict.because[0] == Reason(
        "calls to 0725112 on trunk telkom come from outside",
        ("zones", "trunks", "telkom", "dids", "0725112"),
    )


def test_a_dialled_number_can_be_of_anywhere() -> None:
    """A DID whose zone is unknown proves nothing, whatever its trunk says of other numbers."""
    assert_judged(judge(trunk="telkom", did="113"), UNKNOWN)


def test_an_unknown_trunk_is_a_reason_not_an_error() -> None:
    """A dialplan that tags calls with a trunk nobody configured still gets its callers served."""
    verdict = judge(trunk="satelit\n")
    assert_judged(verdict, UNKNOWN)
    assert verdict.because[0] == Reason(
        "trunk 'satelit' is not in the settings", ("zones", "trunks")
    )


def test_a_fixed_line_of_another_area_is_outside() -> None:
    """0721 is Bandar Lampung: a fixed line does not travel."""
    verdict = judge(ani=FAR)
    assert_judged(verdict, OUTSIDE, BANDAR)
    assert verdict.because == (
        Reason("caller's number begins with 0721: outside", ("zones", "prefixes", 0)),
        Reason("calls on trunk seluler come from anywhere", ("zones", "trunks", "seluler", "zone")),
    )


def test_the_longest_prefix_wins() -> None:
    """0725 is shared and proves nothing; 0725-41 is the city's exchange."""
    assert_judged(judge(ani="0725 41234"), INSIDE)
    assert_judged(judge(ani="41234"), INSIDE)
    verdict = judge(ani="0725 78501")
    assert_judged(verdict, UNKNOWN)
    assert verdict.because[1] == Reason(
        "caller's number begins with 0725: anywhere, shared by three districts",
        ("zones", "prefixes", 1),
    )


def test_of_two_rules_for_one_prefix_the_first_stands() -> None:
    """A rule written again in another form changes nothing."""
    assert_judged(judge(ani="+62721123456"), OUTSIDE, BANDAR)


def test_a_mobile_number_never_proves_outside() -> None:
    """People travel: an outside rule that a mobile number meets is told, and does not count."""
    verdict = judge(ani="08123456789")
    assert_judged(verdict, UNKNOWN)
    assert verdict.because[1] == Reason(
        "caller's number begins with 0812: outside; "
        "but it is a mobile one, and people travel, so it proves nothing",
        ("zones", "prefixes", 3),
    )


def test_a_number_of_unknown_kind_never_proves_outside() -> None:
    """Free-phone and the like have no place."""
    verdict = judge(ani="08001234567")
    assert_judged(verdict, UNKNOWN)
    assert "not known to be a fixed line" in verdict.because[1].text


def test_an_inside_rule_counts_for_a_mobile_number_too() -> None:
    """Whoever the administrator writes as inside is inside, and of no neighbour."""
    assert_judged(judge(ani="08127456789"), INSIDE, None)


@pytest.mark.parametrize(
    ("ani", "text"),
    [
        (MOBILE, "caller's number is a mobile one: it may be anywhere"),
        ("0711123456", "no rule for the caller's fixed-line number"),
        ("+12125550123", "no rule for the caller's number"),
        ("\x00", "caller's number is withheld or unreadable"),
    ],
)
def test_a_number_without_rule_is_unknown(ani: str, text: str) -> None:
    """Each kind of number says in its own words that it shows nothing."""
    verdict = judge(ani=ani)
    assert_judged(verdict, UNKNOWN)
    assert verdict.because[1] == Reason(text)


def test_the_strongest_evidence_wins_and_the_contradiction_is_told() -> None:
    """The order of the settings decides between a trunk and a number that disagree."""
    evidence = Evidence("telkom", "112", FAR)
    verdict = CITY.judge(evidence)
    assert_judged(verdict, INSIDE)
    assert verdict.because[1] == Reason(
        "weaker evidence contradicts: caller's number begins with 0721: outside",
        ("zones", "prefixes", 0),
    )
    verdict = NUMBER_FIRST.judge(evidence)
    assert_judged(verdict, OUTSIDE, BANDAR)
    assert verdict.because[1] == Reason(
        "weaker evidence contradicts: calls to 112 on trunk telkom come from inside",
        ("zones", "trunks", "telkom", "dids", "112"),
    )


def test_weaker_evidence_names_the_neighbour_that_stronger_leaves_open() -> None:
    """Outside by the dialled number, and the caller's number tells whose area it is."""
    verdict = judge(trunk="telkom", did="114", ani=FAR)
    assert_judged(verdict, OUTSIDE, BANDAR)
    assert not any("contradicts" in reason.text for reason in verdict.because)
    assert_judged(judge(trunk="telkom", did="114", ani=MOBILE), OUTSIDE, None)
    assert_judged(judge(trunk="telkom", did="114", ani="41234"), OUTSIDE, None)


def test_no_evidence_configured_is_unknown_with_a_reason() -> None:
    """Settings that look at nothing serve everybody, and say so."""
    verdict = ZoneMap(replace(ZONES, order=())).judge(Evidence("telkom", "112", FAR))
    assert verdict == Verdict(
        UNKNOWN, None, (Reason("no kind of evidence is looked at", ("zones", "order")),)
    )


def test_a_prefix_that_cannot_be_read_is_refused() -> None:
    """Rules are compiled before they are used; what cannot be is an error then, not at a call."""
    zones = replace(ZONES, prefixes=(PrefixRule(prefix="seven", zone=INSIDE),))
    with pytest.raises(ValueError, match="'seven' is no beginning of a telephone number"):
        ZoneMap(zones)


ORDER = st.lists(st.sampled_from(("trunk", "number")), unique=True).map(tuple)
ANY_TEXT = st.one_of(
    st.text(st.characters(codec=None)), st.text("0123456789+ "), st.sampled_from((FAR, MOBILE))
)
EVIDENCE = st.builds(
    Evidence,
    trunk=st.one_of(ANY_TEXT, st.sampled_from(list(TRUNKS))),
    did=st.one_of(ANY_TEXT, st.sampled_from(list(TRUNKS[TrunkId("telkom")].dids))),
    ani=ANY_TEXT,
)


@given(ORDER, EVIDENCE)
def test_whatever_comes_with_a_call_is_judged_with_reasons(
    order: tuple[Literal["trunk", "number"], ...], evidence: Evidence
) -> None:
    """No evidence raises; each verdict has reasons; a neighbour goes with outside only."""
    verdict = ZoneMap(replace(ZONES, order=order)).judge(evidence)
    assert len(verdict.because) == max(1, len(order))
    assert verdict.neighbour is None or verdict.finding is OUTSIDE
    assert all(reason.text.isprintable() for reason in verdict.because)


@given(st.from_regex(r"(\+62|62|0)8(1[1-9]|5[1-9])[0-9]{7}", fullmatch=True))
def test_no_mobile_number_is_outside_by_itself(ani: str) -> None:
    """Not by any rule, in any form."""
    rules = tuple(PrefixRule(prefix=p, zone=OUTSIDE, neighbour=BANDAR) for p in ("0", "08", ani))
    verdict = ZoneMap(replace(ZONES, prefixes=rules)).judge(Evidence("seluler", "112", ani))
    assert verdict.finding is UNKNOWN


@given(st.lists(st.from_regex(r"07[0-9]{1,6}", fullmatch=True), min_size=1, max_size=8))
def test_the_rule_that_decides_is_the_longest_that_fits(prefixes: list[str]) -> None:
    """The compiled table answers as a search through all rules would."""
    rules = tuple(PrefixRule(prefix=prefix, zone=INSIDE) for prefix in prefixes)
    table = ZoneMap(replace(ZONES, prefixes=rules, order=("number",)))
    for prefix in prefixes:
        ani = f"{prefix:7<11}"
        (reason,) = table.judge(Evidence("", "", ani)).because
        fitting = [rule for rule in prefixes if ani.startswith(rule)]
        assert reason.path == ("zones", "prefixes", prefixes.index(max(fitting, key=len)))


@given(st.text("0123456789", min_size=10))
def test_reasons_keep_the_caller_s_number_to_themselves(ani: str) -> None:
    """Reasons go where numbers must not: no more of it than the rule's own prefix is told."""
    assert not any(ani in reason.text for reason in judge(ani=ani).because)
