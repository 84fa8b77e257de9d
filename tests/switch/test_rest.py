"""Requests: asked once, with typed errors and Asterisk's own reason."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from switch import rest as rest_module
from switch.error import Gone, Refused, SwitchError, Unreachable
from switch.handle import Bridge, Channel, Playback
from switch.rest import Rest
from tests.switch.wire import CREDENTIAL, Wire, open_wire


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    """A server."""
    async with open_wire() as wire:
        yield wire


@pytest.fixture
async def rest(wire: Wire) -> AsyncIterator[Rest]:
    """A pool of connections to it."""
    rest = Rest(wire.url, CREDENTIAL)
    yield rest
    await rest.close()


@pytest.mark.parametrize(
    ("status", "body", "kind", "reason"),
    [
        (404, {"message": "Channel not found"}, Gone, "Channel not found"),
        (409, {"message": "Channel not in Stasis"}, Refused, "Channel not in Stasis"),
        (500, {"error": "Allocation failed"}, Refused, "Allocation failed"),
        (401, b"<html>", Refused, "Unauthorized"),
        (503, ["a list"], Refused, "Service Unavailable"),
    ],
)
async def test_an_error_has_its_type_and_asterisks_reason(
    wire: Wire, rest: Rest, status: int, body: Any, kind: type[Refused], reason: str
) -> None:
    """The password is in no message."""
    wire.answers["POST /channels/x/answer"] = (status, body)
    with pytest.raises(kind) as caught:
        await Channel(rest, "siaga", "x").answer()
    assert (caught.value.status, caught.value.reason) == (status, reason)
    assert caught.value.request == "POST /channels/x/answer"
    assert CREDENTIAL.password not in str(caught.value)
    assert len(wire.requests) == 1


async def test_each_request_is_told_with_its_result_and_time(wire: Wire, rest: Rest) -> None:
    """Whatever became of it."""
    told: list[tuple[str, str, float]] = []
    rest.observe = lambda *request: told.append(request)
    wire.answers["POST /channels/x/answer"] = (409, {})
    with pytest.raises(Refused):
        await Channel(rest, "siaga", "x").answer()
    ((method, result, seconds),) = told
    assert (method, result) == ("POST", "409")
    assert 0 < seconds < rest_module.REQUEST_LIMIT_S


async def test_a_server_that_is_not_there_is_unreachable() -> None:
    """Nobody listens on that port."""
    async with open_wire() as wire:
        url = wire.url
    rest = Rest(url, CREDENTIAL)
    results: list[str] = []
    rest.observe = lambda _method, result, _seconds: results.append(result)
    with pytest.raises(Unreachable):
        await Channel(rest, "siaga", "x").answer()
    assert results == [rest_module.UNREACHABLE]
    await rest.close()


async def test_a_server_that_does_not_answer_is_unreachable(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the limit; the request is not repeated."""
    monkeypatch.setattr(rest_module, "REQUEST_LIMIT_S", 0.1)
    wire.delay_s = 0.5
    rest = Rest(wire.url, CREDENTIAL)
    with pytest.raises(Unreachable):
        await Channel(rest, "siaga", "x").answer()
    assert len(wire.requests) == 1
    await rest.close()


async def test_the_credential_is_in_the_header_only(wire: Wire, rest: Rest) -> None:
    """Not in path, query or body."""
    await Channel(rest, "siaga", "x").answer()
    (request,) = wire.requests
    assert request.authorization == CREDENTIAL.header
    assert request.query == {}


async def test_a_channel_is_made_under_the_id_chosen_here(wire: Wire, rest: Rest) -> None:
    """Variables go in the body, where they may be long and of any characters."""
    channel = Channel(rest, "siaga", "leg-1")
    value = 'ü&="' * 1000
    await channel.create(
        "PJSIP/siaga-medis-1", args=("leg", "o1"), variables={"X": value}, originator="caller"
    )
    await channel.dial(timeout_s=15, caller="caller")
    create, dial = wire.requests
    assert create.query == {
        "endpoint": "PJSIP/siaga-medis-1",
        "app": "siaga",
        "appArgs": "leg,o1",
        "channelId": "leg-1",
        "originator": "caller",
    }
    assert create.body == {"variables": {"X": value}}
    assert (dial.path, dial.query) == (
        "/channels/leg-1/dial",
        {"timeout": "15", "caller": "caller"},
    )


async def test_bridge_and_playback_have_ids_chosen_here(wire: Wire, rest: Rest) -> None:
    """Several media go in one request, in order."""
    bridge, channel = Bridge(rest, "b"), Channel(rest, "siaga", "c")
    await bridge.create(name="call")
    await bridge.add(channel, Channel(rest, "siaga", "d"))
    await bridge.play(["sound:a", "sound:b"], playback_id="p")
    await channel.play(["sound:c"], playback_id="q")
    await channel.set_variable("V", "1")
    await channel.continue_in_dialplan("siaga-last-resort")
    paths = [(request.method, request.path) for request in wire.requests]
    assert paths == [
        ("POST", "/bridges/b"),
        ("POST", "/bridges/b/addChannel"),
        ("POST", "/bridges/b/play"),
        ("POST", "/channels/c/play"),
        ("POST", "/channels/c/variable"),
        ("POST", "/channels/c/continue"),
    ]
    assert wire.requests[1].query == {"channel": "c,d"}
    assert wire.requests[2].query == {"media": "sound:a,sound:b", "playbackId": "p"}


async def test_ending_what_has_gone_is_no_fault(wire: Wire, rest: Rest) -> None:
    """It is told whether it was still there; any other refusal is a fault."""
    bridge, channel = Bridge(rest, "b"), Channel(rest, "siaga", "c")
    playback = Playback(rest, "p")
    assert await channel.hangup("answered_elsewhere")
    assert wire.requests[0].query == {"reason": "answered_elsewhere"}
    assert await bridge.destroy()
    assert await bridge.remove(channel)
    assert await playback.stop()
    for path in ("DELETE /channels/c", "DELETE /bridges/b", "DELETE /playbacks/p"):
        wire.answers[path] = (404, {"message": "gone"})
    wire.answers["POST /bridges/b/removeChannel"] = (404, {"message": "gone"})
    assert not await channel.hangup()
    assert not await bridge.destroy()
    assert not await bridge.remove(channel)
    assert not await playback.stop()
    wire.answers["DELETE /channels/c"] = (500, {"message": "no"})
    with pytest.raises(SwitchError):
        await channel.hangup()
