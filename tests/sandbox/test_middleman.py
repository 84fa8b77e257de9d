"""Who stands between daemon and Asterisk hands on what he is told, and does what a test says."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest

from sandbox.middleman import Middleman
from switch.client import Down, Switch, Up
from switch.error import Refused
from switch.event import ChannelUserevent
from tests.switch.wire import CREDENTIAL, Ear, Wire, open_switch, open_wire

LATE_S = 0.3


@asynccontextmanager
async def between() -> AsyncIterator[tuple[Wire, Middleman, Ear, Switch]]:
    """A server, somebody in between, and a client that has connected."""
    ear = Ear()
    async with (
        open_wire() as wire,
        Middleman(urlsplit(wire.url).port or 0) as middleman,
        open_switch(middleman.url, ear) as switch,
    ):
        await ear.link(Up)
        yield wire, middleman, ear, switch


def named(name: str) -> str:
    """An event."""
    return json.dumps({"type": "ChannelUserevent", "eventname": name, "userevent": {}})


async def heard(ear: Ear) -> str:
    """The name of the next event."""
    event = await ear.event()
    assert isinstance(event, ChannelUserevent)
    return event.eventname


async def heard_soon(ear: Ear) -> str:
    """The same, if it comes soon."""
    async with asyncio.timeout(LATE_S):
        return await heard(ear)


async def test_what_is_said_is_handed_on() -> None:
    """Requests with query, body and proof; events in their order; the end of the stream."""
    async with between() as (wire, middleman, ear, switch):
        await switch.channel("a/b").set_variable("x", "ä")
        asked = wire.requests[-1]
        assert (asked.method, asked.body) == ("POST", {"variable": "x", "value": "ä"})
        assert asked.authorization == CREDENTIAL.header
        assert wire.asked("/events")[0].query == {"app": "siaga", "subscribeAll": "false"}
        for name in "12":
            await wire.streams[0].send_str(named(name))
        assert [await heard(ear), await heard(ear)] == ["1", "2"]
        assert middleman.streams == 1
        await wire.streams[0].close()
        await ear.link(Down)


async def test_requests_are_refused_and_delayed() -> None:
    """Who is refused was not heard by the other side; who is late was."""
    async with between() as (wire, middleman, _ear, switch):
        before = len(wire.requests)
        middleman.status = 500
        with pytest.raises(Refused) as refused:
            await switch.channel("x").answer()
        assert (refused.value.status, len(wire.requests)) == (500, before)
        middleman.status, middleman.requests_late_s = None, LATE_S
        asked = time.monotonic()
        await switch.channel("x").answer()
        assert time.monotonic() - asked >= LATE_S
        assert len(wire.requests) == before + 1


async def test_events_are_late_repeated_invented_and_swallowed() -> None:
    """Each as it is told, and a stream that is opened later is a good one."""
    async with between() as (wire, middleman, ear, switch):
        middleman.events_late_s, sent = LATE_S, time.monotonic()
        await wire.streams[0].send_str(named("late"))
        assert await heard(ear) == "late"
        assert time.monotonic() - sent >= LATE_S
        middleman.events_late_s, middleman.times = 0.0, 2
        await wire.streams[0].send_str(named("twice"))
        assert [await heard(ear), await heard(ear)] == ["twice", "twice"]
        middleman.times = 1
        await middleman.invent(named("invented"))
        assert await heard(ear) == "invented"
        middleman.deafen()
        await wire.streams[0].send_str(named("swallowed"))
        switch.drop("deaf")
        await ear.link(Down)
        await ear.link(Up)
        await wire.streams[-1].send_str(named("heard"))
        assert await heard(ear) == "heard"


async def test_events_wait_while_nobody_reads() -> None:
    """They come when somebody does."""
    async with between() as (wire, middleman, ear, _switch):
        middleman.pause()
        for name in "123":
            await wire.streams[0].send_str(named(name))
        assert await heard(ear) == "1"  # it was waited for when the pause began
        with pytest.raises(TimeoutError):
            await heard_soon(ear)
        middleman.resume()
        assert [await heard(ear), await heard(ear)] == ["2", "3"]
