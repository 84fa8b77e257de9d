"""The event stream: always there again, never in the way, and never in a fight."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from switch.client import (
    RETRY_FIRST_S,
    RETRY_MAX_S,
    STANDBY_POLL_S,
    Down,
    Standby,
    Switch,
    Up,
)
from switch.error import Unreadable
from switch.event import ChannelUserevent, Event
from tests.switch.wire import CREDENTIAL, Ear, Wire, never, open_switch, open_wire

FILTER, SUBSCRIPTION = "/applications/siaga/eventFilter", "/applications/siaga/subscription"


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    """A server."""
    async with open_wire() as wire:
        yield wire


def user_event(name: str) -> str:
    """A message that is an event."""
    return json.dumps({"type": "ChannelUserevent", "eventname": name, "userevent": {}})


async def test_filter_and_subscription_are_set_on_every_connect(wire: Wire) -> None:
    """Also on the second one, after the socket was closed in the middle."""
    ear = Ear()
    async with open_switch(wire.url, ear) as switch:
        assert await ear.link(Up) == Up("22.10.1")
        await (await wire.opened.get()).close()
        assert isinstance(await ear.link(Down), Down)
        await ear.link(Up)
        assert switch.connects == 2
    assert len(wire.asked(FILTER)) == len(wire.asked(SUBSCRIPTION)) == 2
    assert {"type": "ChannelVarset"} in wire.asked(FILTER)[0].body["disallowed"]
    assert wire.asked("/events")[0].query == {"app": "siaga", "subscribeAll": "false"}
    assert wire.asked("/events")[0].authorization == CREDENTIAL.header


async def test_events_come_in_order_and_others_are_counted(wire: Wire) -> None:
    """Unknown and broken messages end nothing."""
    ear = Ear()
    async with open_switch(wire.url, ear) as switch:
        await ear.link(Up)
        socket = wire.streams[0]
        for text in (user_event("1"), '{"type": "New"}', "{broken", user_event("2")):
            await socket.send_str(text)
        await socket.send_bytes(b"\x00")
        await socket.send_str(user_event("3"))
        names = [
            event.eventname
            for event in [await ear.event() for _ in "123"]
            if isinstance(event, ChannelUserevent)
        ]
        assert names == ["1", "2", "3"]
        assert switch.unknown == {"New": 1, "": 1}
        assert switch.malformed == 1


async def test_a_stream_that_is_given_up_is_opened_again(wire: Wire) -> None:
    """The reason is told, and the next stream brings events."""
    ear = Ear()
    async with open_switch(wire.url, ear) as switch:
        await ear.link(Up)
        switch.drop("no event comes")
        down = await ear.link(Down)
        assert isinstance(down, Down)
        assert down.reason == "no event comes"
        await ear.link(Up)
        await wire.streams[-1].send_str(user_event("heard"))
        await ear.event()
        assert switch.connects == 2


async def test_a_fault_of_the_listener_does_not_end_the_stream(wire: Wire) -> None:
    """The event that it could not take is lost; the next one comes."""
    ear = Ear()

    def fail_once(event: Event) -> None:
        ear.on_event = ear.events.put_nowait
        raise RuntimeError(type(event).__name__)

    async with open_switch(wire.url, ear):
        await ear.link(Up)
        ear.on_event = fail_once
        await wire.streams[0].send_str(user_event("lost"))
        await wire.streams[0].send_str(user_event("next"))
        event = await ear.event()
        assert isinstance(event, ChannelUserevent)
        assert event.eventname == "next"


async def test_events_flow_while_requests_wait(wire: Wire) -> None:
    """A slow answer to a request holds no event up."""
    ear = Ear()
    async with open_switch(wire.url, ear) as switch:
        await ear.link(Up)
        wire.delay_s = 2.0
        slow = asyncio.create_task(switch.channel("x").answer())
        await wire.streams[0].send_str(user_event("now"))
        await ear.event()
        assert not slow.done()
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)


async def test_a_half_open_socket_is_noticed(wire: Wire) -> None:
    """The other side neither closes nor answers pings."""
    ear = Ear()
    wire.deaf = True
    async with open_switch(wire.url, ear, ping_s=0.2):
        await ear.link(Up)
        wire.deaf = False
        await ear.link(Down)
        await ear.link(Up)


async def test_it_waits_for_an_asterisk_that_is_away() -> None:
    """Nobody listens, then a server comes up on that very port."""
    ear = Ear()
    async with open_wire() as wire:
        url = wire.url
    async with open_switch(url, ear):
        down = await ear.link(Down)
        assert isinstance(down, Down)
        assert down.reason
        assert CREDENTIAL.password not in down.reason


async def test_a_closed_port_is_told_in_the_systems_words() -> None:
    """Without the library's own details."""
    ear = Ear()
    async with open_wire() as wire:
        url = wire.url
    async with open_switch(url, ear):
        assert await ear.link(Down) == Down("cannot connect: Connection refused")


@pytest.mark.parametrize("status", [401, 403, 404, 500, 200])
async def test_an_answer_that_is_no_stream_keeps_its_status(wire: Wire, status: int) -> None:
    """Whoever explains it to people can tell a wrong password from a missing ARI."""
    ear = Ear()
    wire.no_stream = status
    async with open_switch(wire.url, ear):
        assert await ear.link(Down) == Down(f"HTTP {status} for the event stream", status)


@pytest.mark.parametrize(("status", "kept"), [(403, 403), (404, None)])
async def test_a_stream_whose_filter_is_refused_is_none(
    wire: Wire, status: int, kept: int | None
) -> None:
    """A user without the right to write is told; an application that has gone is tried again."""
    ear = Ear()
    wire.answers[f"PUT {FILTER}"] = (status, {"message": "no"})
    async with open_switch(wire.url, ear):
        down = await ear.link(Down)
    assert isinstance(down, Down)
    assert down.status == kept


async def test_a_refused_user_is_not_tried_each_second(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People correct a password; until then few requests come, and it works at once after."""
    monkeypatch.setattr("switch.client.RETRY_FIRST_S", 0.01)
    monkeypatch.setattr("switch.client.RETRY_MAX_S", 0.01)
    monkeypatch.setattr("switch.client.RETRY_REFUSED_S", 0.5)
    ear = Ear()
    wire.no_stream = 401
    async with open_switch(wire.url, ear):
        await ear.link(Down)
        wire.no_stream = None
        await ear.link(Up)
    assert len(wire.asked("/events")) == 2


async def test_a_lost_application_means_standby_until_it_is_free(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not fight back: no connection is tried while the other has it."""
    monkeypatch.setattr("switch.client.STANDBY_POLL_S", STANDBY_POLL_S / 20)
    ear, free = Ear(), asyncio.Event()
    async with open_switch(wire.url, ear, free=free.is_set) as switch:
        await ear.link(Up)
        await wire.streams[0].send_str('{"type": "ApplicationReplaced"}')
        await ear.link(Standby)
        await asyncio.sleep(STANDBY_POLL_S / 5)
        assert switch.connects == 1
        free.set()
        await ear.link(Up)
        assert switch.connects == 2


@pytest.mark.parametrize("draw", [0.0, 0.5, 0.999])
def test_reconnects_are_spread_and_never_far_apart(draw: float) -> None:
    """Doubling from the first pause to the longest, between half of it and all of it."""
    switch = Switch(
        base_url="http://127.0.0.1:1",
        credential=CREDENTIAL,
        app="siaga",
        on_event=lambda _: None,
        on_link=lambda _: None,
        draw=lambda: draw,
        is_free=never,
    )
    pauses = [switch._pause_s(failures) for failures in (0, 1, 2, 5, 1000)]
    assert pauses[0] == RETRY_FIRST_S * (0.5 + draw / 2)
    assert pauses == sorted(pauses)
    assert pauses[-1] == RETRY_MAX_S * (0.5 + draw / 2)


@pytest.mark.parametrize("body", [b"<html>", b"", b"[1]", b"null", b"\xff", b"[" * 100_000])
async def test_another_programs_answer_is_an_error_of_the_switch(wire: Wire, body: bytes) -> None:
    """It is told as such, and whoever has the port is asked again until it is Asterisk."""
    ear = Ear()
    paths = ("channels", "bridges", "endpoints", "asterisk/variable", "asterisk/info")
    wire.answers.update({f"GET /{path}": (200, body) for path in paths})
    async with open_switch(wire.url, ear) as switch:
        down = await ear.link(Down)
        assert isinstance(down, Down)
        assert "no answer of Asterisk's: " in down.reason
        for ask in (switch.channels, switch.bridges, switch.endpoints):
            with pytest.raises(Unreadable, match="no answer of Asterisk's: "):
                await ask()
        with pytest.raises(Unreadable):
            await switch.get_global("SIAGA_HB")
        del wire.answers["GET /asterisk/info"]
        await ear.link(Up)


async def test_lists_and_globals_are_typed(wire: Wire) -> None:
    """A global that was never set is empty."""
    ear = Ear()
    wire.answers["GET /channels"] = (200, [{"id": "a", "state": "Up"}])
    wire.answers["GET /bridges"] = (200, [{"id": "b", "channels": ["a"]}])
    wire.answers["GET /endpoints"] = (
        200,
        [{"technology": "PJSIP", "resource": "siaga-pos", "state": "online", "channel_ids": []}],
    )
    wire.answers["GET /asterisk/variable"] = (404, {"message": "Variable not found"})
    async with open_switch(wire.url, ear) as switch:
        assert (await switch.channels())[0].id == "a"
        assert (await switch.bridges())[0].channels == ("a",)
        assert (await switch.endpoints())[0].resource == "siaga-pos"
        assert await switch.get_global("SIAGA_HB") == ""
        wire.answers["GET /asterisk/variable"] = (200, {"value": "7"})
        assert await switch.get_global("SIAGA_HB") == "7"
        await switch.set_global("SIAGA_HB", "8")
        await switch.user_event("beat", {"sent": "1"})
    assert wire.asked("/asterisk/variable")[-1].body == {"variable": "SIAGA_HB", "value": "8"}
    assert wire.asked("/events/user/beat")[0].body == {"variables": {"sent": "1"}}
