"""What an INVITE tells of the caller's place reaches the daemon, or costs nothing at all."""

from typing import Any

import pytest

from journal.record import Record
from sandbox import pidf, scenario
from sandbox.pidf import GEOLOCATION, Circle, Civic, Place, Point, Polygon, document, voice
from sandbox.scenario import FROM, VOICE, Origin, Voice
from sandbox.system import System
from tests.live.centre import MOBILE, recorded, records, sipp_callers

pytestmark = pytest.mark.live

STAY_S = 0.4
"""Long enough to hear the menu begin."""
CALL_LIMIT_S = 10.0
ROOM = Point(-5.1131, 105.3067)
FAR = Point(-5.42, 105.09)
"""In the boundary of the neighbour whose callers are hung up on."""
FOREIGN_CELL = "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=510992F010C0FF01"
CELL = "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=5101012345678901;network-provided"
STREET = Civic({"country": "ID", "A1": "Lampung", "A3": "Kota Metro", "RD": "Jl. Kenanga (No. 1)"})
LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha">' for n in range(10)
)
FILE = '<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY u SYSTEM "http://127.0.0.1:9/">'
INJECTION = "):0\"${EPOCH},),Hangup(1);$[1+1]\\'"
TOLD = ("zone", "prompt")
LONGEST, HUGE = 1_500, 60_000
"""Bytes that the dialplan hands over, and about what one UDP packet takes."""


def with_entities(definitions: str, entities: str) -> str:
    """A location whose numbers are entities."""
    head, body = document(ROOM.xml).split("?>", 1)
    own = body.replace("-5.1131 105.307", entities)
    return f"{head}?><!DOCTYPE presence [{definitions}]>{own}"


def head(*lines: str) -> Origin:
    """An INVITE with these lines besides."""
    return Origin(extra="".join(f"{line}\n" for line in lines))


def network(*values: str) -> Origin:
    """An INVITE that tells of these access networks."""
    return pidf.origin(located=False, access=values)


def located(place: Place) -> tuple[Origin, Voice]:
    """An INVITE with a place in its body."""
    return Origin(extra=GEOLOCATION), voice(document(place.xml))


async def ring(system: System, origin: Origin, offer: Voice = VOICE) -> list[Record]:
    """The records of a call that is answered, hears the menu and gives up."""
    before = len(records(system, "arrived"))
    text = scenario.caller("112", talk_s=STAY_S, origin=origin, voice=offer)
    async with sipp_callers(system, [MOBILE], text) as callers:
        outcome = await callers.finished(CALL_LIMIT_S)
    assert (outcome.succeeded, outcome.failed) == (1, 0), "the call was not served"
    arrived = await recorded(system, "arrived", before + 1)
    await recorded(system, "abandoned", before + 1)
    return [record for record in records(system) if record.call == arrived.call]


def came(call: list[Record]) -> dict[str, Any]:
    """What the journal says of the place that came with a call."""
    detail = call[0].detail
    return {key: detail[key] for key in ("location", "access") if key in detail}


@pytest.mark.parametrize(
    "place",
    [
        ROOM,
        Circle(ROOM, 500.0),
        Polygon([Point(-5.1, 105.3), Point(-5.2, 105.3), Point(-5.2, 105.4), Point(-5.1, 105.3)]),
        STREET,
    ],
    ids=lambda place: type(place).__name__.lower(),
)
async def test_a_place_in_the_body_is_handed_over(system: System, place: Place) -> None:
    """SDP and PIDF-LO in one body (RFC 6442): the shape or the names, as Asterisk tells them."""
    assert came(await ring(system, *located(place))) == {"location": place.told}


async def test_a_place_by_reference_is_told_and_not_fetched(system: System) -> None:
    """The address is evidence of nothing; no connection is made to it."""
    call = await ring(system, head("Geolocation: <https://127.0.0.1:9/place>"))
    assert came(call) == {"location": 'URI:URI="https://127.0.0.1:9/place"'}
    (zone,) = [record for record in call if record.what == "zone"]
    assert zone.detail["verdict"] == "unknown"


async def test_access_networks_are_handed_over_in_their_order(system: System) -> None:
    """Several headers are one list (RFC 3261, 7.3.1); a place may come beside them."""
    origin = Origin(extra=GEOLOCATION + network(CELL, "IEEE-802.11").extra)
    call = await ring(system, origin, voice(document(ROOM.xml)))
    assert came(call) == {"location": ROOM.told, "access": f"{CELL}, IEEE-802.11"}
    assert came(await ring(system, network(f"{CELL}, IEEE-802.11"))) == {
        "access": f"{CELL}, IEEE-802.11"
    }


async def test_no_character_of_it_means_anything_on_the_way(system: System) -> None:
    """Commas, quotes, brackets, variables: they are text, from the INVITE to the journal."""
    names = {"A3": 'a,b";c', "RD": "${EPOCH}$[1+1]", "LMK": "é)(", "NAM": "Hangup(1)&x|y\\"}
    place = Civic(names)
    # What is sent as ISO 8859-1 has to say so.
    text = document(place.xml).replace("UTF-8", "ISO-8859-1")
    call = await ring(system, Origin(extra=GEOLOCATION), voice(text))
    assert came(call) == {"location": place.told}
    value = '3GPP;x="a,b";${EPOCH};$[1+1](&|\\'
    assert came(await ring(system, network(value))) == {"access": value}


@pytest.mark.parametrize(
    ("place", "verdict", "neighbour", "heard"),
    [
        (ROOM, "inside", None, "menu"),
        (Circle(FAR, 500.0), "outside", "pesawaran", "zone_hang_up"),
        (Circle(ROOM, 20_000.0), "unknown", None, "menu"),
        (Civic({"country": "ID", "A2": "Kota Metro"}), "inside", None, "menu"),
        (
            Civic({"country": "ID", "A2": "Kota Bandar Lampung"}),
            "outside",
            "bandar-lampung",
            "zone_announce+menu",
        ),
    ],
    ids=["point inside", "circle outside", "circle too wide", "city's name", "neighbour's name"],
)
async def test_a_place_is_judged_and_the_caller_gets_what_was_agreed(
    system: System, place: Place, verdict: str, neighbour: str | None, heard: str
) -> None:
    """From the body of an INVITE to the prompt that the caller hears first."""
    zone, prompt, *_ = (r.detail for r in await ring(system, *located(place)) if r.what in TOLD)
    assert (zone["verdict"], zone["neighbour"]) == (verdict, neighbour)
    assert prompt["prompts"] == heard


@pytest.mark.parametrize(
    ("access", "verdict", "neighbour"),
    [
        (f"{FOREIGN_CELL};network-provided", "outside", "bandar-lampung"),
        (FOREIGN_CELL, "unknown", None),
        ("3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=510991A2B0C0FF01;network-provided", "inside", None),
    ],
    ids=["of the network", "of the phone", "of the city"],
)
async def test_a_cell_is_judged(
    system: System, access: str, verdict: str, neighbour: str | None
) -> None:
    """The network's word counts; what only the phone says is told as such."""
    call = {record.what: record for record in await ring(system, network(access))}
    zone = call["zone"].detail
    assert (zone["verdict"], zone["neighbour"]) == (verdict, neighbour)


async def test_reasons_hold_no_place(system: System) -> None:
    """Where the caller is stands in the call's first record, and nowhere else."""
    origin = Origin(extra=GEOLOCATION + network(FOREIGN_CELL).extra)
    call = await ring(system, origin, voice(document(ROOM.xml)))
    assert came(call) == {"location": ROOM.told, "access": FOREIGN_CELL}
    for record in call[1:]:
        assert "105.3" not in repr(record)
        assert "2F01" not in repr(record)
    log = system.daemon.log.read_text()
    assert "105.3" not in log
    assert "2F01" not in log


NOTHING: dict[str, tuple[Origin, Voice]] = {
    "broken XML": (Origin(extra=GEOLOCATION), voice(document(ROOM.xml)[:-40])),
    "a billion laughs": (Origin(extra=GEOLOCATION), voice(with_entities(LAUGHS, "&l9;"))),
    "nested without end": (Origin(extra=GEOLOCATION), voice(document("<a>" * 15_000))),
    "binary garbage": (Origin(extra=GEOLOCATION), voice("".join(map(chr, range(1, 256))) * 20)),
    "an empty part": (Origin(extra=GEOLOCATION), voice("")),
    "no location in it": (Origin(extra=GEOLOCATION), voice(document(""))),
    "another content id": (Origin(extra=GEOLOCATION), voice(document(ROOM.xml), content_id="x@y")),
    "no body of that name": (Origin(extra=GEOLOCATION), VOICE),
    "a number of 60 kB": (
        Origin(extra=GEOLOCATION),
        voice(document(ROOM.xml.replace("-5", "9" * HUGE))),
    ),
    "thousands of corners": (
        Origin(extra=GEOLOCATION),
        voice(document(Polygon([ROOM] * 1_600).xml)),
    ),
    "no address in the header": (head("Geolocation: cid:x"), VOICE),
    "a header that injects": (head(f"Geolocation: {pidf.literal(INJECTION)}<cid:x>"), VOICE),
    "a header of 5 kB": (head(f"Geolocation: <https://{'a' * 5_000}>"), VOICE),
    "300 addresses": (head("Geolocation: " + ",".join(["<cid:x@y>"] * 300)), VOICE),
    "an empty network": (head("P-Access-Network-Info:"), VOICE),
    "a network that injects": (network(INJECTION), VOICE),
    "a network that is too long": (network("a" * (LONGEST + 1)), VOICE),
    "a network of 5 kB": (network("a" * 5_000), VOICE),
}
"""Evidence that is none."""


async def test_hostile_and_broken_evidence_costs_nothing(pestered: System) -> None:
    """Each such call is served as one with which nothing came, step by step, and Asterisk lives."""
    pid = pestered.pbx.pid
    plain = story(await ring(pestered, Origin(line=FROM)))
    assert [what for what, *_ in plain] == ["arrived", "zone", "answered", "prompt", "abandoned"]
    for name, sent in NOTHING.items():
        assert story(await ring(pestered, *sent)) == plain, name
    assert pestered.pbx.pid == pid
    assert "Asterisk" in await pestered.pbx.cli("core show version")


def story(call: list[Record]) -> list[tuple[str, str, str]]:
    """What happened in a call, in order and with its reasons, but for times."""
    return [
        (
            record.what,
            str({k: v for k, v in record.detail.items() if not k.endswith("_s")}),
            str([ground.text for ground in record.because]),
        )
        for record in call
    ]


async def test_what_is_only_odd_is_told_as_it_is(pestered: System) -> None:
    """No file is read for an external entity; of many networks the first four count."""
    entities = voice(with_entities(FILE, "&f;&u;"))
    call = await ring(pestered, Origin(extra=GEOLOCATION), entities)
    assert came(call) == {"location": 'GML:shape="Point",crs="2d",pos=""'}
    many = network(*(f"{CELL};x={n}" for n in range(30)))
    assert came(await ring(pestered, many)) == {
        "access": ", ".join(f"{CELL};x={n}" for n in range(4))
    }
    # With the end of the body its offer is lost too: Asterisk makes one, which nobody accepts.
    unclosed = voice(document(ROOM.xml), close=False)
    assert came(await ring(pestered, Origin(extra=GEOLOCATION), unclosed)) == {}
    binary = network("3GPP;\xff\xfe\x80")
    assert came(await ring(pestered, binary)) == {"access": "3GPP;\ufffd\ufffd\ufffd"}
