"""SIP that nobody would send, from a carrier's address and from elsewhere: callers are served."""

import asyncio
import random
from collections.abc import Iterator

import pytest

from sandbox.behaviour import Answer
from sandbox.site import TRUNK_ADDRESS
from sandbox.stranger import SDP, Request, Stranger
from sandbox.system import CALLER_TONE_HZ, System
from tests.live.centre import assert_talk, dial_112, recorded, records

pytestmark = pytest.mark.live

ELSEWHERE = "127.0.0.66"
"""An address that Asterisk does not know."""
NOBODY = "999"
"""No number of the centre: what of this a carrier's request comes to is a 404."""
NUMBERS = ("112", "081234567890", "6101", "*11", "s", "T", "resume", "siaga-medis-1", NOBODY)
FOREIGN = tuple(number for number in NUMBERS if number not in {"112", "s"})
"""What is no 112 for a carrier; `s` is a call without a number, which is served as one."""
NAMES = ("081234567890", "siaga-medis-1", "siaga-telkom", "siaga", "anonymous")
METHODS = ("REGISTER", "SUBSCRIBE", "MESSAGE", "REFER", "NOTIFY", "PUBLISH", "OPTIONS", "INFO")
GARBAGE = 20
"""Datagrams of noise."""


def edited(stranger: Stranger) -> Iterator[bytes]:
    """An INVITE with one thing wrong each (RFC 4475 has most of them)."""
    request = Request("INVITE", NOBODY, body=SDP)
    whole = request.data(stranger)
    for place in (0, 1, 7, 40, 90, 200, len(whole) - 200, len(whole) - 20, len(whole) - 1):
        yield whole[:place]
    lines = request.lines(stranger)
    body = request.body.format(host=stranger.host)

    def sent(changed: list[str], end: str = body) -> bytes:
        return ("\r\n".join(changed) + "\r\n\r\n" + end).encode("utf-8", "surrogateescape")

    for name in ("Via", "From", "To", "Call-ID", "CSeq", "Max-Forwards", "Contact", "Content-"):
        yield sent([line for line in lines if not line.startswith(name)])
        yield sent([*lines, *(line for line in lines if line.startswith(name))])
        yield sent(
            [line if not line.startswith(name) else f"{name}: \udcff\0;;;" for line in lines]
        )
    for length in ("0", "1", "-1", "99999", "4294967297", "9" * 40, "x", ""):
        yield sent([*lines[:-1], f"Content-Length: {length}"])
    for first in (
        *("INVITE sip:999@127.0.0.1 SIP/7.0", "INVITE  SIP/2.0", "INVITE <sip:999> SIP/2.0"),
        *("INVITE tel:999 SIP/2.0", "INVITE unknown:x SIP/2.0", "NEWMETHOD sip:112@a SIP/2.0"),
        *("INVITE sip:" + "9" * 5000 + "@127.0.0.1 SIP/2.0", "INVITE sip:%00%0d%0a@a SIP/2.0"),
        *("SIP/2.0 200 OK", "SIP/2.0 4294967301 better not", "GET / HTTP/1.1", "\0" * 50),
    ):
        yield sent([first, *lines[1:]])
    yield sent([*lines[:8], *(f"X-{number}: y" for number in range(2000)), *lines[8:]])
    yield sent([*lines[:8], "X-Long: " + "y" * 60_000, *lines[8:]])
    yield sent([*lines[:8], "Subject: a\r\n b\r\n\tc", "Contact: *", "Expires: 99999999999"])
    for text in ("\0" * 400, "v=0\r\n" * 2000, "m=audio", body + "m=video 1 x 1\r\n" * 500):
        yield sent([*lines[:-1], f"Content-Length: {len(text)}"], text)


def torture(stranger: Stranger) -> Iterator[bytes]:
    """All of it, and noise; the same bytes in each run but for the ids."""
    yield from edited(stranger)
    draw = random.Random(112)  # noqa: S311 - noise, the same each time
    for size in (0, 1, 2, 4, *[1400] * GARBAGE, 65_507):
        yield draw.randbytes(size)
    yield b"\r\n\r\n" * 200
    for method in ("BYE", "ACK", "CANCEL", "UPDATE", "PRACK", "INFO", "NOTIFY", "REFER"):
        request = Request(method, "112", to_tag=";tag=none", extra=["Refer-To: <sip:112@a>"])
        yield request.data(stranger)


async def thrown(system: System) -> int:
    """Everything, from a carrier and from elsewhere; how many datagrams it was."""
    count = 0
    for address in (TRUNK_ADDRESS["seluler"], ELSEWHERE):
        async with Stranger(address, (system.pbx.sip_host, system.pbx.sip_port)) as stranger:
            for datagram in torture(stranger):
                await stranger.throw(datagram)
                count += 1
                await asyncio.sleep(0)
    return count


async def calls_processed(system: System) -> int:
    """How many channels Asterisk has made since its start."""
    lines = (await system.pbx.cli("core show channels count")).splitlines()
    return next(int(line.split()[0]) for line in lines if "processed" in line)


async def test_callers_are_served_during_and_after_torture(tortured: System) -> None:
    """One who talks goes on to talk, the next one is served, and no call comes of all of it."""
    medis = await tortured.register("medis-1", Answer(0.2))
    for place in (1, 2):
        caller = await dial_112(tortured, "1")
        await medis.established(5.0)
        assert await thrown(tortured) > 150
        await assert_talk(caller, medis, (CALLER_TONE_HZ, medis.tone_hz))
        assert len(records(tortured, "arrived")) == place
    assert await thrown(tortured) > 150
    status = await tortured.daemon.status()
    assert (status["ready"], status["figures"]["calls"]) == (True, 2)


async def test_from_elsewhere_nothing_is_had(system: System) -> None:
    """Nobody is called, registered, watched, told or transferred, whoever they say they are."""
    async with Stranger(ELSEWHERE, (system.pbx.sip_host, system.pbx.sip_port)) as stranger:
        for number in NUMBERS:
            for name in NAMES:
                request = Request("INVITE", number, sender=name, body=SDP)
                assert await stranger.ask(request) in {401, 403}, (number, name)
        for method in METHODS:
            for name in NAMES:
                extra = ["Expires: 60", "Event: presence", f"Refer-To: <sip:{NAMES[0]}@a>"]
                request = Request(method, "siaga-medis-1", sender=name, extra=extra)
                assert await stranger.ask(request) >= 400, (method, name)
    assert await calls_processed(system) == 0
    assert records(system, "arrived") == []
    assert "siaga-medis-1/" not in await system.pbx.cli("pjsip show contacts")


async def test_from_a_carriers_address_there_is_112_and_nothing_else(tortured: System) -> None:
    """No registration, no message, no subscription, no transfer; a talk's REFER is refused too."""
    medis = await tortured.register("medis-1", Answer(0.1))
    trunk = TRUNK_ADDRESS["seluler"]
    async with Stranger(trunk, (tortured.pbx.sip_host, tortured.pbx.sip_port)) as carrier:
        for method in METHODS:
            for user in ("siaga-medis-2", "siaga-seluler", "112"):
                extra = ["Expires: 60", "Event: presence", f"Refer-To: <sip:{NAMES[0]}@a>"]
                request = Request(method, user, sender=user, extra=extra)
                status = await carrier.ask(request)
                # OPTIONS asks whether the other side is there; it is.
                assert status >= 400 or method == "OPTIONS", (method, user, status)
        for number in FOREIGN:
            assert await carrier.ask(Request("INVITE", number, body=SDP)) == 404
        assert await calls_processed(tortured) == 0
        call = Request("INVITE", "112", body=SDP)
        await carrier.throw(call.data(carrier))
        told = await carrier.heard(call.call)
        await carrier.throw(call.then("ACK", told).data(carrier))
        refer = call.then("REFER", told, [f"Refer-To: <sip:{NAMES[0]}@{tortured.pbx.sip_host}>"])
        assert await carrier.ask(refer) >= 400
        bye = call.then("BYE", told)
        bye.cseq += 1
        assert await carrier.ask(bye) == 200
    assert (await recorded(tortured, "abandoned")).detail["where"] == "in the menu"
    assert (medis.offers, len(records(tortured, "arrived"))) == ([], 1)
