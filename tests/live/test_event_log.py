"""Asterisk writes down what happens to callers, whatever they call themselves."""

import asyncio
import socket
from contextlib import closing
from pathlib import Path

import pytest

from sandbox import asterisk
from sandbox.behaviour import Answer
from sandbox.site import TRUNK_ADDRESS
from switch.cel import Came, Gone, Resort, Row, parse
from tests.live.post import Post, make_sounds, open_post

pytestmark = pytest.mark.live

LIMIT_S = 8.0
NUMBER = '08",\n"siaga-gone"}${3'
IN_SIP = "08%22,%0a%22siaga-gone%22%7d$%7b3"
NAME = r"a\"b,c${EPOCH}"
SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.11\r\ns=-\r\nc=IN IP4 127.0.0.11\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 8\r\n"
)


def invite(port: int) -> bytes:
    """From a caller whose name and number would break a file of texts."""
    head = (
        "INVITE sip:112@127.0.0.1 SIP/2.0",
        f"Via: SIP/2.0/UDP {TRUNK_ADDRESS['telkom']}:{port};branch=z9hG4bK1",
        f'From: "{NAME}" <sip:{IN_SIP}@x>;tag=1',
        "To: <sip:112@127.0.0.1>",
        "Call-ID: 1",
        "CSeq: 1 INVITE",
        f"Contact: <sip:x@{TRUNK_ADDRESS['telkom']}:{port}>",
        "Max-Forwards: 70",
        "Content-Type: application/sdp",
        f"Content-Length: {len(SDP)}",
    )
    return ("\r\n".join(head) + "\r\n\r\n" + SDP).encode()


async def rows(post: Post, last: type[Row]) -> list[Row]:
    """All rows, once there is one of that kind."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            path = post.pbx.event_log
            lines = path.read_bytes().splitlines() if path.exists() else []
            found = [row for line in lines if (row := parse(line)) is not None]
            if any(isinstance(row, last) for row in found):
                return found
            await asyncio.sleep(0.05)


async def test_no_caller_breaks_a_row_and_other_events_have_no_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a PBX that logs events of its own, in a time format of its own, until now switched off."""
    own = "[general]\nenable=no\nevents=CHAN_START,ANSWER\ndateformat=%F %T\n"
    monkeypatch.setitem(asterisk.MAIN_FILES, "cel.conf", own)
    async with open_post(tmp_path, make_sounds(tmp_path / "sounds")) as post:
        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as phone:
            phone.bind((TRUNK_ADDRESS["telkom"], 0))
            message = invite(phone.getsockname()[1])
            phone.sendto(message, (post.pbx.sip_host, post.pbx.sip_port))
            await rows(post, Resort)
            await post.pbx.cli("channel request hangup all")
            came, resort, gone = await rows(post, Gone)
        assert isinstance(came, Came)
        assert (came.number, came.trunk, came.did) == (NUMBER, "telkom", "112")
        assert isinstance(resort, Resort)
        assert isinstance(gone, Gone)
        assert came.call == resort.call == gone.call
        written = post.pbx.event_log.read_text()
        assert '"CHAN_START",""' in written
        assert len([line for line in written.splitlines() if "siaga-" in line]) == 3
        assert post.pbx.complaints() == []


async def test_without_the_module_nothing_is_written_and_the_caller_is_served(
    tmp_path: Path,
) -> None:
    """An application that is missing would end the call, if it were not only tried."""
    async with open_post(tmp_path, make_sounds(tmp_path / "sounds")) as post:
        await post.pbx.cli("module unload app_celgenuserevent.so")
        medis = await post.seat("medis-1", Answer())
        caller = await post.citizen()
        await caller.dial("112")
        await medis.established(12.0)
        await caller.hangup()
        await medis.closed(3.0)
        assert post.pbx.event_log.read_text() == ""
