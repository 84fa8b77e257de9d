"""Whatever a carrier says of who calls, the caller is served, and the text stays text."""

from dataclasses import dataclass
from urllib.parse import unquote

import pytest

from journal.reader import SUFFIX
from journal.record import ENDINGS
from journal.spool import read
from sandbox import scenario
from sandbox.behaviour import Answer
from sandbox.site import TRUNK_ADDRESS
from sandbox.system import System
from tests.live.centre import MOBILE, recorded, records, sipp_callers

pytestmark = pytest.mark.live

CALL_LIMIT_S = 10.0
HOST = TRUNK_ADDRESS["seluler"]
PRESS_S, PICK_UP_S = 0.2, 0.2
MOST_NUMBER = 79
"""Characters of a number that Asterisk takes."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a carrier sends of a caller, and the number that is to come of it.

    Attributes:
        number: What the record has.
        party: What stands before the tag in From.
        asserted: The party of P-Asserted-Identity; empty for no such header.
        privacy: RFC 3323: `id` asks that the number be withheld.
    """

    number: str
    party: str
    asserted: str = ""
    privacy: str = "none"

    def line(self, place: int) -> str:
        """The fields of the scenario's origin: a mark, From, and two more headers."""
        asserted = f"P-Asserted-Identity: {self.asserted}" if self.asserted else "X-Asserted: none"
        return ";".join((f"caller-{place}", self.party, asserted, f"Privacy: {self.privacy}"))


ORIGIN = scenario.Origin("From: [field1];tag=[pid]c[call_number]", "[field2]\n[field3]\n")


def _user(user: str, number: str) -> Sent:
    return Sent(number, f"<sip:{user}@{HOST}>")


def _name(name: str) -> Sent:
    return Sent(MOBILE, f'"{name}" <sip:{MOBILE}@{HOST}>')


ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>'
SENT = (
    # Withheld, withheld but told to the emergency service, and missing.
    Sent("anonymous", ANONYMOUS),
    Sent(MOBILE, ANONYMOUS, f'"Sri" <sip:{MOBILE}@{HOST}>', "id"),
    Sent("", f"<sip:{HOST}>"),
    Sent(MOBILE, f"<tel:{MOBILE}>"),
    # Text of other languages in the number: SQL, dialplan, headers, bytes of no alphabet.
    _user("%20", " "),
    _user("0725%20OR%201=1", "0725 OR 1=1"),
    _user("08'%22%5C%3C%3E", "08'\"\\<>"),
    _user("$%7BSHELL(id)%7D$%5B1+1%5D", "${SHELL(id)}$[1+1]"),
    _user("08&PJSIP%2Fsiaga-pos,1)", "08&PJSIP/siaga-pos,1)"),
    _user("0812%0D%0AX-Siaga%3A%201%0D%0A", "0812\r\nX-Siaga: 1\r\n"),
    _user("0812%FF%FE", ""),
    _user("0812%00345", "0812"),
    _user("%E7%81%AB0812", "火0812"),
    _user("9" * 400, "9" * MOST_NUMBER),
    # The same in the name.
    _name("${SHELL(id)}$[1+1]&PJSIP/siaga-pos,1|^~"),
    _name('Sri \\"the\\\\ quote\\" ]]'),
    _name("Śrî Wahyuni 火 \u202e"),
    _name("x" * 600),
    Sent("${EXTEN},1", f"<sip:{MOBILE}@{HOST}>", f'"a\\"b" <sip:$%7BEXTEN%7D,1@{HOST}>'),
)


async def test_every_caller_is_served_and_shown_whatever_the_identity(system: System) -> None:
    """The operator sees label and number, the record has it as it came, and nothing of it was run.

    The number on the phone is escaped as SIP wants it; each record is one line.
    """
    phone = await system.register("medis-1", Answer())
    named = await system.register("pos", Answer())
    text = scenario.caller("112", digit="1", cued=True, origin=ORIGIN)
    lines = [sent.line(place) for place, sent in enumerate(SENT, 1)]
    async with sipp_callers(system, lines, text) as callers:
        for place, sent in enumerate(SENT, 1):
            offer = await phone.offered(5.0)
            shown = unquote(offer.number).strip()
            assert (offer.name, shown) == ("112 MEDIS", sent.number.strip())
            await recorded(system, "bridged", count=place)
            callers.cue(place)
        outcome = await callers.finished(CALL_LIMIT_S)
    assert (outcome.succeeded, outcome.failed) == (len(SENT), 0)
    assert named.offers == []
    await recorded(system, "ended", count=len(SENT))
    arrived = [record.detail["ani"] for record in records(system, "arrived")]
    assert arrived == [sent.number for sent in SENT]
    assert [r.what for r in read(system.spool) if r.what in ENDINGS] == ["ended"] * len(SENT)
    written = [
        line for file in system.spool.glob(f"*{SUFFIX}") for line in file.read_bytes().splitlines()
    ]
    assert len(written) == len(list(read(system.spool)))


async def test_the_last_resort_runs_nothing_of_an_identity(system: System) -> None:
    """Plain dialplan serves the same callers, and shows the number that it was given."""
    phone = await system.register("medis-1", Answer(PICK_UP_S))
    named = await system.register("pos", Answer())
    await system.daemon.stop()
    sent = [one for one in SENT if "$" in f"{one.party}{one.number}" or "&" in one.party]
    text = scenario.caller("112", digit="1", press_after_s=PRESS_S, cued=True, origin=ORIGIN)
    lines = [one.line(place) for place, one in enumerate(sent, 1)]
    async with sipp_callers(system, lines, text) as callers:
        for place, one in enumerate(sent, 1):
            offer = await phone.offered(5.0)
            assert (offer.name, unquote(offer.number)) == ("112 CADANGAN", one.number)
            assert await phone.established(5.0) is offer
            callers.cue(place)
            await phone.ended(offer, 3.0)
        outcome = await callers.finished(CALL_LIMIT_S)
    assert (outcome.succeeded, outcome.failed) == (len(sent), 0)
    assert named.offers == []
