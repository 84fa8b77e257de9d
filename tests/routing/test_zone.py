"""Zone: only evidence puts a caller outside, the strongest decides, and every verdict says why."""

from dataclasses import dataclass, replace
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.cell import CellTable
from routing.judge import Tables, ZoneMap
from routing.range import RangeSheet, number_range
from routing.reason import Reason
from routing.service import TrunkId
from routing.shape import Area, Sight
from routing.zone import (
    City,
    Did,
    Evidence,
    Finding,
    Neighbour,
    NeighbourId,
    Policy,
    PrefixRule,
    Row,
    Source,
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


HERE, THERE = 'GML:shape="Point",pos="-5.11 105.30"', 'GML:shape="Point",pos="-5.11 105.80"'
BESIDE, FAR_AWAY = 'GML:shape="Point",pos="-5.11 105.40"', 'GML:shape="Point",pos="3.1 101.7"'
BOW_TIE = 'GML:shape="Polygon",posList="0 0 1 1 0 2 1 0 0 0"'


@dataclass(frozen=True, slots=True)
class Map:
    """Boundaries along meridians: the city to 105.35, a strip beside it, Lampung Tengah behind."""

    neighbours: frozenset[NeighbourId] = frozenset({TENGAH})

    def sight(self, area: Area) -> Sight | None:
        """How the area's centre lies to them; polygons cross themselves."""
        if area.shape == "polygon":
            return None
        lon = area.centre.lon
        is_there = 105.5 < lon < 106
        return Sight(
            lon <= 105.35 and lon > 105, not 105 < lon < 105.5, TENGAH if is_there else None
        )


CELLS = CellTable(
    ["IN1", "IN2", "OUT1", "OUT2", "ANY*"],
    [
        Row(INSIDE, note="Metro Pusat"),
        Row(INSIDE, note="Metro Barat"),
        Row(OUTSIDE, TENGAH),
        Row(OUTSIDE, BANDAR),
        Row(UNKNOWN),
    ],
    [2, 3, 4, 5, 6],
)
SHEET = RangeSheet()
SHEET.add(number_range("+62725600", "+62725649"), Row(OUTSIDE, TENGAH, "Gunung Sugih"), 7)
TABLES = Tables(cells=CELLS, ranges=SHEET, atlas=Map())
EVERYTHING: tuple[Source, ...] = ("location", "cell", "trunk", "number")
BELIEVED = Trunk(
    name="Believed",
    endpoint="siaga-believed",
    trust=("location", "cell", "phone-cell", "number"),
    dids={"114": Did(zone=OUTSIDE), "115": Did(zone=OUTSIDE, neighbour=TENGAH)},
)
DOUBTED = Trunk(name="Doubted", endpoint="siaga-doubted", trust=())
CHECKED = Trunk(name="Checked", endpoint="siaga-checked", trust=("cell",))
WHOLE = replace(
    ZONES,
    order=EVERYTHING,
    trunks={
        **TRUNKS,
        TrunkId("believed"): BELIEVED,
        TrunkId("doubted"): DOUBTED,
        TrunkId("checked"): CHECKED,
    },
    city=City(names=("Kota Metro", "Metro"), boundary="metro.geojson"),
    cells="cells.csv",
    ranges="ranges.csv",
    neighbours={
        BANDAR: Neighbour(name="Bandar Lampung", policy=Policy.ANNOUNCE, names=("Bandar Lampung",)),
        TENGAH: Neighbour(name="Lampung Tengah", policy=Policy.SERVE, names=("Lampung Tengah",)),
    },
)
ALL = ZoneMap(WHOLE, TABLES)
PHONE, NETWORK = "3GPP;cgi-3gpp={}", "3GPP;cgi-3gpp={};network-provided"


def judge_all(
    *, location: str = "", access: str = "", did: str = "", ani: str = "", trunk: str = "believed"
) -> Verdict:
    """The verdict of all kinds of evidence, on a trunk that is trusted for everything."""
    return ALL.judge(Evidence(trunk, did, ani, location, access))


@pytest.mark.parametrize(
    ("location", "finding", "neighbour", "text", "path"),
    [
        (
            HERE,
            INSIDE,
            None,
            "caller's location, a point, is inside of the city's boundary",
            ("zones", "city", "boundary"),
        ),
        (
            BESIDE,
            UNKNOWN,
            None,
            "caller's location, a point, is on the city's boundary or beside it: it proves nothing",
            ("zones", "city", "boundary"),
        ),
        (
            THERE,
            OUTSIDE,
            TENGAH,
            "caller's location, a point, is outside, in the boundary of lampung-tengah",
            ("zones", "neighbours", TENGAH, "boundary"),
        ),
        (
            FAR_AWAY,
            OUTSIDE,
            None,
            "caller's location, a point, is outside, in no neighbour's boundary",
            ("zones", "city", "boundary"),
        ),
        (
            'GML:shape="Circle",pos="-5.11 105.80",radius="5001"',
            UNKNOWN,
            None,
            "caller's location is a circle that reaches 5001 m; above 5000 m it proves nothing",
            ("zones", "location", "max_reach_m"),
        ),
        (
            'GML:shape="Polygon",posList="0 0 0.01 0.01 0 0.01 0.02 0 0 0"',
            UNKNOWN,
            None,
            "caller's location says nothing: the polygon crosses itself",
            (),
        ),
        (
            "GML:?",
            UNKNOWN,
            None,
            "caller's location says nothing: it cannot be read: it is no list of names and values",
            (),
        ),
        ("", UNKNOWN, None, "no location came with the call", ()),
        (
            'civicAddress:country="ID",A1="Lampung",A2="KOTA  METRO",A3="Metro"',
            INSIDE,
            None,
            "caller's address is inside: Metro",
            ("zones", "city", "names", 1),
        ),
        (
            'civicAddress:A2="lampung tengah"',
            OUTSIDE,
            TENGAH,
            "caller's address is outside: Lampung Tengah",
            ("zones", "neighbours", TENGAH, "names", 0),
        ),
        (
            'civicAddress:A2="Lampung Tengah",A3="Metro"',
            UNKNOWN,
            None,
            "caller's address has names of different areas",
            (),
        ),
        (
            'civicAddress:A2="Metro Kibang"',
            UNKNOWN,
            None,
            "caller's address names no area of the settings",
            (),
        ),
        (
            'civicAddress:country="US",A1="Metro"',
            UNKNOWN,
            None,
            "caller's address is in another country",
            (),
        ),
    ],
)
def test_a_location_is_held_against_boundaries_and_names(
    location: str,
    finding: Finding,
    neighbour: NeighbourId | None,
    text: str,
    path: tuple[str | int, ...],
) -> None:
    """Inside, outside, or nothing that anybody could be sure of; and the rule's place is told."""
    verdict = judge_all(location=location)
    assert_judged(verdict, finding, neighbour)
    assert verdict.because[0] == Reason(text, path)


def test_without_a_boundary_a_point_shows_nothing() -> None:
    """Addresses can be judged all the same."""
    city = ZoneMap(WHOLE, replace(TABLES, atlas=None))
    verdict = city.judge(Evidence("believed", "", "", HERE))
    assert_judged(verdict, UNKNOWN)
    assert verdict.because[0] == Reason(
        "caller's location is a point, and no boundary is there to compare", ("zones", "city")
    )
    assert city.judge(Evidence("believed", "", "", 'civicAddress:A2="Metro"')).finding is INSIDE


@pytest.mark.parametrize(
    ("access", "finding", "neighbour", "text", "path"),
    [
        (
            NETWORK.format("IN1"),
            INSIDE,
            None,
            "caller's cell is inside, Metro Pusat",
            ("cells.csv", 2),
        ),
        (PHONE.format("OUT1"), OUTSIDE, TENGAH, "caller's cell is outside", ("cells.csv", 4)),
        (PHONE.format("ANY7"), UNKNOWN, None, "caller's cell is anywhere", ("cells.csv", 6)),
        (PHONE.format("99"), UNKNOWN, None, "caller's cell is not in the table", ()),
        ("3GPP", UNKNOWN, None, "caller's access network names no cell that can be read", ()),
        ("", UNKNOWN, None, "no access network came with the call", ()),
        (
            f"{PHONE.format('IN1')},{NETWORK.format('OUT1')}",
            OUTSIDE,
            TENGAH,
            "caller's cell is outside",
            ("cells.csv", 4),
        ),
        (
            f"{NETWORK.format('99')},{PHONE.format('IN1')}",
            INSIDE,
            None,
            "caller's cell is inside, Metro Pusat",
            ("cells.csv", 2),
        ),
        (
            f"{NETWORK.format('IN1')},{NETWORK.format('IN2')}",
            INSIDE,
            None,
            "caller's cell is inside, Metro Pusat",
            ("cells.csv", 2),
        ),
        (
            f"{NETWORK.format('OUT2')},{NETWORK.format('OUT1')}",
            UNKNOWN,
            None,
            "caller's cells are of different areas",
            ("cells.csv", 5),
        ),
    ],
)
def test_a_cell_is_looked_up(
    access: str,
    finding: Finding,
    neighbour: NeighbourId | None,
    text: str,
    path: tuple[str | int, ...],
) -> None:
    """The network's word goes before the phone's; what contradicts itself shows nothing."""
    verdict = judge_all(access=access)
    assert_judged(verdict, finding, neighbour)
    assert Reason(text, path) in verdict.because


@pytest.mark.parametrize(
    ("trunk", "access", "text"),
    [
        ("doubted", NETWORK.format("OUT1"), "a cell came with the call"),
        ("checked", PHONE.format("OUT1"), "a cell, which only the phone names, came with the call"),
        ("seluler", NETWORK.format("OUT1"), "a cell came with the call"),
        (
            "atlantis",
            PHONE.format("OUT1"),
            "a cell, which only the phone names, came with the call",
        ),
    ],
)
def test_a_trunk_that_is_not_trusted_proves_nothing(trunk: str, access: str, text: str) -> None:
    """Neither its cell nor its location; not told is not trusted, and so is who is not known."""
    verdict = judge_all(trunk=trunk, access=access, location=THERE)
    assert_judged(verdict, UNKNOWN)
    path = ("zones", "trunks", *((trunk, "trust") if trunk in WHOLE.trunks else ()))
    assert [reason for reason in verdict.because if "not trusted" in reason.text] == [
        Reason(f"{what}, but trunk {trunk!r} is not trusted for it", path)
        for what in ("a location came with the call", text)
    ]


def test_a_number_counts_only_where_the_trunk_is_trusted_for_it() -> None:
    """A carrier that lets callers write their number themselves is not believed."""
    assert_judged(judge_all(trunk="doubted", ani=FAR), UNKNOWN)
    assert_judged(judge_all(trunk="seluler", ani=FAR), OUTSIDE, BANDAR)
    assert_judged(judge_all(trunk="checked", access=NETWORK.format("IN1")), INSIDE)


def test_a_row_of_the_ranges_counts_like_a_prefix() -> None:
    """The most specific one of both files, with its place in the file."""
    verdict = judge_all(ani="0725 625123")
    assert_judged(verdict, OUTSIDE, TENGAH)
    assert verdict.because[0] == Reason(
        "caller's number is in a range that is outside, Gunung Sugih", ("ranges.csv", 7)
    )
    assert_judged(judge_all(ani="0725 655123"), UNKNOWN)


def test_whatever_is_stronger_decides_and_other_neighbours_are_told() -> None:
    """Location before cell before trunk before number."""
    verdict = judge_all(location=THERE, access=PHONE.format("OUT2"), ani="41234")
    assert_judged(verdict, OUTSIDE, TENGAH)
    assert [reason.text.partition(":")[0] for reason in verdict.because[1:]] == [
        "weaker evidence is of another neighbour",
        "calls on trunk believed come from anywhere",
        "weaker evidence contradicts",
    ]


def test_a_neighbour_whose_boundary_is_elsewhere_is_not_named_by_weaker_evidence() -> None:
    """In no neighbour's boundary is also: not in this one's. One without boundary can be it."""
    assert_judged(judge_all(location=FAR_AWAY, access=PHONE.format("OUT1")), OUTSIDE, None)
    assert_judged(judge_all(location=FAR_AWAY, access=PHONE.format("OUT2")), OUTSIDE, BANDAR)


@pytest.mark.parametrize(
    ("evidence", "by_number_only"),
    [
        ({"ani": FAR}, True),
        ({"ani": FAR, "did": "114"}, True),
        ({"ani": FAR, "did": "115"}, False),
        ({"did": "114"}, False),
        ({"ani": FAR, "access": PHONE.format("OUT2")}, False),
        ({"ani": FAR, "location": 'civicAddress:A2="Bandar Lampung"'}, False),
        ({"ani": FAR, "location": BESIDE}, True),
        ({"ani": FAR, "location": HERE}, False),
        ({"ani": MOBILE}, False),
    ],
)
def test_a_number_alone_is_told_apart(evidence: dict[str, str], by_number_only: bool) -> None:  # noqa: FBT001 - a parameter
    """True where nothing but the number says outside, or says of which neighbour."""
    assert judge_all(**evidence).by_number_only is by_number_only


HOSTILE = st.one_of(
    ANY_TEXT,
    st.text('GMLcivicAddress:shape="Point",pos= -5.11 105.30nanradius1e9;network-provided'),
    st.sampled_from([HERE, THERE, BESIDE, FAR_AWAY, BOW_TIE, PHONE.format("OUT1")]),
)


@given(HOSTILE, HOSTILE, EVIDENCE)
def test_location_and_cell_are_judged_with_reasons_whatever_they_are(
    location: str, access: str, evidence: Evidence
) -> None:
    """Nothing raises; there is one reason for each kind of evidence, in one line."""
    verdict = ALL.judge(replace(evidence, trunk="believed", location=location, access=access))
    assert len(verdict.because) == len(EVERYTHING)
    assert all(reason.text.isprintable() for reason in verdict.because)
    assert verdict.neighbour is None or verdict.finding is OUTSIDE
    assert verdict.finding is OUTSIDE or not verdict.by_number_only


@given(HOSTILE, HOSTILE, EVIDENCE)
def test_what_shows_nothing_changes_nothing(location: str, access: str, evidence: Evidence) -> None:
    """Evidence that is unknown by itself never changes the verdict of all the rest."""
    told = replace(evidence, trunk="believed", location=location, access=access)
    bare = Evidence("believed", told.did, told.ani)
    alone = ZoneMap(replace(WHOLE, order=("location", "cell")), TABLES).judge(told)
    if alone.finding is UNKNOWN:
        with_it, without = ALL.judge(told), ALL.judge(bare)
        assert (with_it.finding, with_it.neighbour) == (without.finding, without.neighbour)
        assert with_it.by_number_only == without.by_number_only


@given(HOSTILE, HOSTILE, EVIDENCE, st.permutations(EVERYTHING))
def test_only_evidence_puts_a_caller_outside(
    location: str, access: str, evidence: Evidence, order: tuple[Source, ...]
) -> None:
    """Outside is only who one kind of evidence alone puts outside, in whatever order."""
    told = replace(evidence, trunk="believed", location=location, access=access)
    verdict = ZoneMap(replace(WHOLE, order=tuple(order)), TABLES).judge(told)
    alone = {
        source: ZoneMap(replace(WHOLE, order=(source,)), TABLES).judge(told).finding
        for source in order
    }
    telling = [finding for source in order if (finding := alone[source]) is not UNKNOWN]
    assert verdict.finding is (telling[0] if telling else UNKNOWN)


@given(HOSTILE, HOSTILE, EVIDENCE)
def test_who_is_not_trusted_for_anything_is_judged_by_the_trunk_alone(
    location: str, access: str, evidence: Evidence
) -> None:
    """Whatever is written into such a call changes nothing."""
    told = replace(evidence, trunk="doubted", location=location, access=access)
    assert ALL.judge(told).finding is UNKNOWN
