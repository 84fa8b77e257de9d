"""Faults of Asterisk: it ends, reloads, is not reached, refuses, is late, or says nonsense.

Each leaves Asterisk and its connection whole.
"""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp

from sandbox.caller import Caller
from sandbox.farewell import unregister
from sandbox.system import System
from switch.credential import Credential
from tests.chaos.fault import Fault, Ground, Scene
from tests.live.centre import recorded

CABLE, MIDDLEMAN = Ground(by_cable=True), Ground(by_middleman=True)
BLINK_S, GAP_S, LONG_S = 0.0, 5.0, 20.0
HALF_OPEN_S = 3.0
"""As long as a daemon takes to notice it; the fuse is renewed each 3 s and burns for 10."""
AWAY_S = 4.0
"""At most; from Asterisk's end to its next start."""
LEAVE_LIMIT_S = 30.0
"""For an Asterisk that ends when the last call has."""
THERE = 5
"""So many callers are there when a fault strikes."""
SHOWN = 3
"""Last digits of a number that is masked."""
STORED_LIMIT_S = 10.0
"""From a record to the store that commands read."""
SLOW_REQUESTS_S, LATE_EVENTS_S = 5.0, 2.0
DEAF_S = 10.0
OTHER_PASSWORD = "another-password-of-ari"  # noqa: S105 - of a sandbox
BIG_BYTES, BIG_EVENTS = 30_000, 400
"""Of one event (Asterisk takes requests of 40,960 bytes), and so many of them."""
DROPPED = "Problem occurred during websocket write"
MIB = 1 << 20
DARK_S, DARK_LONG_S = 6.0, 20.0
"""Shorter and longer than the endpoint's `rtp_timeout` of 8 s."""
HEARD_AGAIN_S = 2.5
"""For both sides of a talk that goes on to hear each other again, before anybody hangs up."""


# It ends, and is started again


async def _dead_lines(scene: Scene) -> None:
    """All who talk or wait hear nothing any more, and hang up; so do operators."""
    people = [*scene.phones.values(), *scene.callers]
    await asyncio.gather(*(one.hangup() for one in people))


async def _kill(scene: Scene) -> None:
    pbx = scene.system.pbx
    await pbx.kill()
    await asyncio.gather(_dead_lines(scene), asyncio.sleep(scene.draw.uniform(0.0, AWAY_S)))
    await pbx.start()


async def _restart_now(scene: Scene) -> None:
    pbx = scene.system.pbx
    await pbx.cli("core stop now")
    await pbx.ended(LEAVE_LIMIT_S)
    await _dead_lines(scene)
    await pbx.start()


def _was_helped(scene: Scene, caller: Caller) -> bool:
    """Whether an operator had the caller before the line went dead."""
    dead_at = caller.calls[0].closed_at or 0.0
    calls = [call for phone in scene.phones.values() for call in phone.calls]
    talks = [call.talking_at for call in calls if call.number == caller.number]
    return any(at is not None and at < dead_at for at in talks)


async def _on_call_back_list(scene: Scene) -> list[str]:
    """Whose call ended with Asterisk before a human had it is to be rung, or has dialled again."""
    waited = {one.number[-SHOWN:] for one in scene.callers[:THERE] if not _was_helped(scene, one)}
    for _ in range(round(STORED_LIMIT_S)):
        said = await scene.system.daemon.look_up("calls", "--abandoned", "--json")
        listed = {str(call["number"])[-SHOWN:] for call in json.loads(said.out or "[]")}
        if waited <= listed:
            return []
        await asyncio.sleep(1.0)
    return [f"…{number} is not on the list for call-back" for number in waited - listed]


@asynccontextmanager
async def _asked(system: System, command: str) -> AsyncIterator[None]:
    """A command of the console that answers only when it is done."""
    asking = asyncio.create_task(system.pbx.cli(command))
    try:
        yield
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


async def _stop_gracefully(scene: Scene) -> None:
    """What an administrator does, sees that nobody is rung any more, and takes back."""
    async with _asked(scene.system, "core stop gracefully"):
        await asyncio.sleep(LONG_S)
        await scene.system.pbx.cli("core abort shutdown")


async def _stop_when_convenient(scene: Scene) -> None:
    async with _asked(scene.system, "core stop when convenient"):
        await asyncio.sleep(GAP_S)


async def _starts_again(scene: Scene) -> list[str]:
    """Asterisk has ended with the last call, is started, and the daemon serves again."""
    await scene.system.pbx.ended(LEAVE_LIMIT_S)
    await scene.system.pbx.start()
    await asyncio.sleep(1.0)
    await scene.system.daemon.served()
    return []


def _reloads(*commands: str) -> Callable[[Scene], Awaitable[None]]:
    async def strike(scene: Scene) -> None:
        for command in commands:
            await scene.system.pbx.cli(command)
            await asyncio.sleep(scene.draw.uniform(0.2, 1.0))

    return strike


# The connection


def _cut(for_s: float) -> Callable[[Scene], Awaitable[None]]:
    async def strike(scene: Scene) -> None:
        await scene.system.cable.cut()
        await asyncio.sleep(for_s)
        scene.system.cable.mend()

    return strike


def _stalled(for_s: float) -> Callable[[Scene], Awaitable[None]]:
    async def strike(scene: Scene) -> None:
        scene.system.cable.stall()
        await asyncio.sleep(for_s)
        scene.system.cable.mend()

    return strike


async def _unread(scene: Scene) -> None:
    """The reader stands still while Asterisk has much to say, until Asterisk has had enough."""
    middleman = scene.system.middleman
    middleman.pause()
    try:
        await _flood(scene.system)
        async with asyncio.timeout(LEAVE_LIMIT_S):
            while DROPPED not in scene.system.pbx.log.read_text(errors="replace"):  # noqa: ASYNC110 - another process writes
                await asyncio.sleep(0.02)
    finally:
        middleman.resume()
    await recorded(scene.system, "asterisk_up", 2, LEAVE_LIMIT_S)


async def _flood(system: System) -> None:
    """More events than the buffers of both ends hold."""
    pbx = system.pbx
    login = {"Authorization": Credential(pbx.ari_user, pbx.ari_password).header}
    body = {"variables": {"text": "x" * BIG_BYTES}}
    url = f"{pbx.ari_url}/ari/events/user/flood"
    async with aiohttp.ClientSession(headers=login, raise_for_status=True) as session:
        for _ in range(BIG_EVENTS):
            async with session.post(url, params={"application": "siaga"}, json=body) as response:
                await response.read()


# What is said


def _answers(status: int, for_s: float) -> Callable[[Scene], Awaitable[None]]:
    async def strike(scene: Scene) -> None:
        scene.system.middleman.status = status
        await asyncio.sleep(for_s)
        scene.system.middleman.status = None

    return strike


async def _slow_requests(scene: Scene) -> None:
    scene.system.middleman.requests_late_s = SLOW_REQUESTS_S
    await asyncio.sleep(LONG_S)
    scene.system.middleman.requests_late_s = 0.0


async def _late_events(scene: Scene) -> None:
    scene.system.middleman.events_late_s = LATE_EVENTS_S
    await asyncio.sleep(LONG_S)
    scene.system.middleman.events_late_s = 0.0


async def _deaf(scene: Scene) -> None:
    """The stream is open and answers pings, and no event comes."""
    scene.system.middleman.deafen()
    await asyncio.sleep(DEAF_S)


async def _repeated(scene: Scene) -> None:
    scene.system.middleman.times = 2
    await asyncio.sleep(LONG_S)
    scene.system.middleman.times = 1


STRANGE: tuple[str | bytes, ...] = (
    '{"type": "ChannelAteItsTail", "channel": {"id": "1"}}',
    '{"type": "StasisStart"}',
    '{"type": "StasisStart", "channel": null, "args": {}}',
    '{"type": "ChannelDestroyed", "channel": {"id": 7}, "cause": "sixteen"}',
    '{"type": "ChannelDtmfReceived", "digit": 5, "channel": []}',
    '{"type": "DeviceStateChanged", "device_state": {"name": "x", "state": "y", "z": [1]}}',
    '{"type": ["StasisStart"]}',
    '{"kind": "StasisStart"}',
    "[]",
    "null",
    "",
    '{"type": "StasisEnd", ',
    "\x00\x01",
    "[" * 100_000,
    '{"type": "ChannelUserevent", "eventname": "siaga_echo", "userevent": {"run": 1}}',
    b"\x00\xff\xfe",
    b'{"type": "StasisStart"}',
    json.dumps({"type": "ChannelUserevent", "eventname": "x", "userevent": {"x": "x" * MIB}}),
)


async def _nonsense(scene: Scene) -> None:
    for message in STRANGE:
        await scene.system.middleman.invent(message)
        await asyncio.sleep(0.1)


# The password


async def _set_password(system: System, password: str) -> None:
    system.pbx.set_ari_password(password)
    await system.pbx.cli("module reload res_ari.so")


async def _password_and_back(scene: Scene) -> None:
    before = scene.system.pbx.ari_password
    await _set_password(scene.system, OTHER_PASSWORD)
    await asyncio.sleep(LONG_S)
    await _set_password(scene.system, before)


async def _password_for_good(scene: Scene) -> None:
    """The daemon is given the new one by a restart."""
    await _set_password(scene.system, OTHER_PASSWORD)
    await asyncio.sleep(GAP_S)
    await scene.system.daemon.stop()
    await scene.system.daemon.launch()


# Phones and carriers


async def _unregistered(scene: Scene) -> None:
    """Asterisk knows of no phone any more; after a while they register by themselves."""
    pbx, phones = scene.system.pbx, scene.phones.values()
    for phone in phones:
        await unregister(pbx.sip_port, phone.user, pbx.password_of(phone.user))
    await asyncio.sleep(GAP_S)
    for phone in phones:
        await phone.register()
    for phone in phones:
        await phone.registered(LEAVE_LIMIT_S)


def _silent(*, who: Callable[[Scene], list[int]], for_s: float) -> Callable[..., Awaitable[None]]:
    """Their network is down: nothing goes in or out, and nobody is told."""

    async def strike(scene: Scene) -> None:
        pids = who(scene)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(for_s)
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)
        await asyncio.sleep(HEARD_AGAIN_S)

    return strike


def _phones(scene: Scene) -> list[int]:
    return [phone.pid for phone in scene.phones.values()]


def _carrier(scene: Scene) -> list[int]:
    return [caller.pid for caller in scene.callers]


async def _phone_dies(scene: Scene) -> None:
    """Of the operator who talks: the power fails."""
    await scene.phones["medis-1"].kill()
    await asyncio.sleep(GAP_S)


EARLY = "registered during operation"
"""An INVITE has come to an Asterisk that had not loaded all of its modules yet."""
SHUTTING_DOWN = (
    "Refusing due to active shutdown",
    "Failed to allocate new PJSIP channel",
    "Unable to allocate owner channel",
)
"""What an Asterisk that is to end gracefully says of each channel that it does not make."""
INACTIVE = "Stasis app 'siaga' not active"
"""Asterisk tells of a channel while nobody listens: a caller comes, or the fuse burns, in a cut."""
UNREADY = "websocket is not ready"
"""The same in the instant in which the next stream is being opened."""
CUT_OFF = (INACTIVE, UNREADY)
FAULTS = {
    "pbx-killed": Fault(
        "Asterisk: kill -9, started again within 4 s",
        _kill,
        ends_calls=True,
        complaints=(EARLY,),
        afterwards=_on_call_back_list,
    ),
    "pbx-restart-now": Fault(
        "Asterisk: core restart now",
        _restart_now,
        ends_calls=True,
        complaints=(EARLY,),
        afterwards=_on_call_back_list,
    ),
    "pbx-gracefully": Fault(
        "Asterisk: core restart gracefully, taken back after 20 s",
        _stop_gracefully,
        refuses=True,
        complaints=SHUTTING_DOWN,
    ),
    "pbx-convenient": Fault(
        "Asterisk: core restart when convenient",
        _stop_when_convenient,
        in_place=True,
        afterwards=_starts_again,
    ),
    "pbx-reload": Fault(
        "core reload, dialplan reload, module reload of res_pjsip, res_ari, http",
        _reloads(
            "dialplan reload",
            "module reload res_pjsip.so",
            "module reload res_ari.so",
            "module reload http",
            "core reload",
        ),
        in_place=True,
    ),
    "cut-once": Fault(
        "all connections reset, once",
        _cut(BLINK_S),
        in_place=True,
        ground=CABLE,
        complaints=CUT_OFF,
    ),
    "cut-5": Fault(
        "connections reset for 5 s",
        _cut(GAP_S),
        in_place=True,
        ground=CABLE,
        complaints=CUT_OFF,
    ),
    "cut-20": Fault("connections refused for 20 s", _cut(LONG_S), ground=CABLE, complaints=CUT_OFF),
    "half-open-3": Fault(
        "half-open for 3 s",
        _stalled(HALF_OPEN_S),
        in_place=True,
        ground=CABLE,
        complaints=CUT_OFF,
    ),
    "half-open-20": Fault("half-open for 20 s", _stalled(LONG_S), ground=CABLE, complaints=CUT_OFF),
    "unread": Fault(
        "the reader stops, Asterisk drops it by its write time-out",
        _unread,
        in_place=True,
        ground=MIDDLEMAN,
        complaints=CUT_OFF,
    ),
    "answers-401": Fault("401 for 20 s", _answers(401, LONG_S), ground=MIDDLEMAN),
    "answers-500": Fault("500 for 20 s", _answers(500, LONG_S), ground=MIDDLEMAN),
    "answers-500-5": Fault("500 for 5 s", _answers(500, GAP_S), in_place=True, ground=MIDDLEMAN),
    "slow-requests": Fault(
        "each request 5 s late, for 20 s",
        _slow_requests,
        ground=MIDDLEMAN,
        complaints=("rung for ",),  # a phone that was free when it was asked for, 5 s before
    ),
    "late-events": Fault("each event 2 s late, for 20 s", _late_events, ground=MIDDLEMAN),
    "deaf": Fault("the event stream is open, and brings nothing", _deaf, ground=MIDDLEMAN),
    "repeated": Fault("each event twice, for 20 s", _repeated, in_place=True, ground=MIDDLEMAN),
    "nonsense": Fault(
        "events of unknown shape, no JSON, binary, 1 MiB",
        _nonsense,
        in_place=True,
        ground=MIDDLEMAN,
    ),
    "password": Fault("ARI's password changed, and back after 20 s", _password_and_back),
    "password-new": Fault(
        "ARI's password changed, the daemon restarted with it after 5 s", _password_for_good
    ),
    "carrier-silent": Fault(
        "the carrier's side is silent for 6 s", _silent(who=_carrier, for_s=DARK_S)
    ),
    "phones-dark-6": Fault("all phones are silent for 6 s", _silent(who=_phones, for_s=DARK_S)),
    "phones-dark-20": Fault(
        "all phones are silent for 20 s", _silent(who=_phones, for_s=DARK_LONG_S)
    ),
    "unregistered": Fault("all phones unregistered for 5 s", _unregistered),
    "phone-dies": Fault("the phone of who talks dies", _phone_dies),
}
