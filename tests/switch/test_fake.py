"""The Asterisk in memory: what is refused, what waits for what, whom the dialplan rings."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

import pytest

from siaga.virtual import VirtualClock, run
from switch.asterisk import Asterisk
from switch.error import Gone, Refused, Unreachable
from switch.event import (
    ChannelDestroyed,
    ChannelHangupRequest,
    ChannelUserevent,
    Event,
    PlaybackFinished,
    StasisEnd,
    StasisStart,
    Unknown,
    decode,
)
from switch.fake.asterisk import FakeAsterisk
from switch.fake.behaviour import Answer, Citizen, Ignore
from switch.fake.stream import Stream

E = TypeVar("E", bound=Event)
START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SEAT, DIAL = "siaga-medis-1", "PJSIP/siaga-medis-1"
FUSE = "TIMEOUT(absolute)"


class Luck:
    """Draws what a test says next; zero otherwise: all takes its shortest time."""

    def __init__(self) -> None:
        self.next: deque[float] = deque()

    def __call__(self) -> float:
        """The next number in [0, 1)."""
        return self.next.popleft() if self.next else 0.0


class Post:
    """An Asterisk whose application is read here, and hands on its REST interface."""

    def __init__(self, draw: Callable[[], float]) -> None:
        clock = VirtualClock(asyncio.get_running_loop(), START)
        self.asterisk = FakeAsterisk(
            draw=draw,
            wall=lambda: clock.now().wall,
            seats={SEAT: ("Medis 1", "6101")},
            outside=("0811", "siaga-telkom"),
        )
        self.hands = Asterisk(self.asterisk, "siaga")
        self.events: asyncio.Queue[Event] = asyncio.Queue()
        self._clock = clock

    async def read(self, stream: Stream) -> None:
        """Takes all events of a stream."""
        while True:
            event = decode(await stream.receive())
            assert not isinstance(event, Unknown), event
            self.events.put_nowait(event)

    async def event(self, kind: type[E]) -> E:
        """The next event of that kind, after any others."""
        async with asyncio.timeout(60.0):
            while True:
                event = await self.events.get()
                if isinstance(event, kind):
                    return event

    async def beat(self, age_s: int = 0) -> None:
        """Writes a heartbeat of that age."""
        epoch = int(self._clock.now().wall.timestamp())
        await self.hands.set_global("SIAGA_HB", str(epoch - age_s))

    async def entered(self) -> str:
        """The channel that enters next."""
        return (await self.event(StasisStart)).channel.id


def play(
    script: Callable[[Post], Awaitable[None]], draw: Callable[[], float] | None = None
) -> None:
    """Runs a script on a post; nothing may be left at its end."""

    async def whole() -> None:
        post = Post(draw or Luck())
        reader = asyncio.create_task(post.read(await post.asterisk.connect()))
        await script(post)
        await asyncio.sleep(5.0)
        reader.cancel()
        assert post.asterisk.left() == []

    run(whole())


def test_a_leg_is_of_use_only_after_it_has_entered() -> None:
    """Before StasisStart it is refused: to a bridge with 422, to be dialled with 409."""
    luck = Luck()

    async def script(post: Post) -> None:
        post.asterisk.register(SEAT, Ignore())
        bridge, leg = post.hands.bridge("b"), post.hands.channel("leg")
        await bridge.create()
        luck.next.extend([0.0, 0.99, 0.0])  # the request, the entrance, the answer
        await leg.create(DIAL, args=("leg",))
        with pytest.raises(Refused, match="422 Channel not in Stasis"):
            await bridge.add(leg)
        with pytest.raises(Refused, match="409 Channel not in Stasis"):
            await leg.dial(timeout_s=5)
        assert await post.entered() == "leg"
        await bridge.add(leg)
        await leg.dial(timeout_s=5)
        assert await leg.hangup()
        assert await bridge.destroy()

    play(script, luck)


def test_a_prompt_on_a_channel_blocks_its_other_requests() -> None:
    """A variable is set when the prompt has ended, and a deleted prompt ends at once."""

    async def script(post: Post) -> None:
        post.asterisk.register(SEAT, Answer())
        leg, loop = post.hands.channel("leg"), asyncio.get_running_loop()
        await leg.create(DIAL)
        await post.entered()
        await leg.dial(timeout_s=5)
        await asyncio.sleep(1.0)
        await leg.play(["sound:a"], playback_id="p")
        await asyncio.sleep(0.1)
        began = loop.time()
        await leg.set_variable("A", "1")
        assert loop.time() - began > 3.0
        playback = await leg.play(["sound:a", "sound:b"], playback_id="q")
        await asyncio.sleep(0.1)
        began = loop.time()
        _, stopped = await asyncio.gather(leg.set_variable("A", "2"), playback.stop())
        assert stopped
        assert loop.time() - began < 0.1
        assert await leg.hangup()

    play(script)


def test_a_medium_that_is_not_there_fails() -> None:
    """PlaybackFinished with the state failed, at once."""

    async def script(post: Post) -> None:
        post.asterisk.exchange.media_s = lambda _: None
        bridge = post.hands.bridge("b")
        await bridge.create()
        await bridge.play(["sound:none"], playback_id="p")
        finished = await post.event(PlaybackFinished)
        assert isinstance(finished, PlaybackFinished)
        assert finished.playback.state == "failed"
        await bridge.destroy()

    play(script)


def test_a_leg_ends_at_its_own_fuse_without_a_request() -> None:
    """StasisEnd and ChannelDestroyed, and nobody has asked for it."""

    async def script(post: Post) -> None:
        post.asterisk.register(SEAT, Answer())
        leg = post.hands.channel("leg")
        await leg.create(DIAL, variables={FUSE: "2"})
        await post.entered()
        await leg.dial(timeout_s=5)
        seen: list[str] = []
        while not seen or seen[-1] != ChannelDestroyed.__name__:
            seen.append(type(await post.events.get()).__name__)
        assert StasisEnd.__name__ in seen
        assert ChannelHangupRequest.__name__ not in seen
        with pytest.raises(Gone):
            await leg.answer()

    play(script)


def test_a_burnt_fuse_leads_back_once_and_then_to_the_last_resort() -> None:
    """With a fresh heartbeat `resume`; the second time the phone on duty shows 112 CADANGAN."""

    async def script(post: Post) -> None:
        phone = post.asterisk.register(SEAT, Answer(1.0, talk_s=5.0))
        await post.hands.set_global("SIAGA_DUTY_medis", DIAL)
        await post.beat()
        caller = post.asterisk.caller("0812")
        caller.call("112")
        channel = post.hands.channel(await post.entered())
        await channel.set_variable("SIAGA_SERVICE", "medis")
        await post.beat()
        await channel.set_variable(FUSE, "0.5")
        again = await post.event(StasisStart)
        assert isinstance(again, StasisStart)
        assert again.args == ("resume",)
        await channel.set_variable(FUSE, "0.5")
        await caller.closed(30.0)
        assert [call.name for call in phone.offers] == ["112 CADANGAN"]

    play(script)


def test_a_burnt_fuse_joins_the_operator_who_has_answered() -> None:
    """The dialplan finds the leg in SIAGA_LEGS; the operator's hang-up ends the call."""

    async def script(post: Post) -> None:
        phone = post.asterisk.register(SEAT, Answer(0.5))
        await post.beat()
        caller = post.asterisk.caller("0812")
        caller.call("112")
        channel, leg = post.hands.channel(await post.entered()), post.hands.channel("leg")
        await leg.create(DIAL, originator=channel.id)
        await post.entered()
        await leg.dial(timeout_s=9)
        await channel.set_variable("SIAGA_LEGS", "leg")
        await phone.established(5.0)
        await channel.set_variable(FUSE, "0.1")
        await caller.until(lambda: caller.talking, 5.0)
        await asyncio.sleep(4.0)
        await phone.hangup()
        await caller.closed(5.0)

    play(script)


def test_a_caller_without_a_heartbeat_is_served_by_the_dialplan() -> None:
    """The backup menu takes the key; who is on duty is rung, later the number outside."""

    async def script(post: Post) -> None:
        post.asterisk.register(SEAT, Ignore())
        outside = post.asterisk.outside("0811", "telkom", Answer(2.0, talk_s=5.0))
        await post.hands.set_global("SIAGA_DUTY_damkar", DIAL)
        await post.beat(age_s=10)
        caller = post.asterisk.caller("0812", citizen=Citizen(keys=((1.0, "2"),)))
        caller.call("112")
        await caller.until(lambda: caller.talking, 90.0)
        assert len(outside.offers) == 1
        await caller.closed(10.0)
        assert post.events.empty()

    play(script)


def test_a_phone_without_power_is_given_up_after_a_while() -> None:
    """Eight seconds without audio, then cause 44; soon it is not registered either."""

    async def script(post: Post) -> None:
        phone = post.asterisk.register(SEAT, Answer())
        leg, loop = post.hands.channel("leg"), asyncio.get_running_loop()
        await leg.create(DIAL)
        await leg_dialled(post)
        await phone.established(5.0)
        began = loop.time()
        phone.die()
        destroyed = await post.event(ChannelDestroyed)
        assert isinstance(destroyed, ChannelDestroyed)
        assert destroyed.cause == 44
        assert loop.time() - began == pytest.approx(8.0, abs=0.1)
        with pytest.raises(Refused, match="500 Allocation failed"):
            await post.hands.channel("next").create(DIAL)

    async def leg_dialled(post: Post) -> None:
        await post.entered()
        await post.hands.channel("leg").dial(timeout_s=5)

    play(script)


def test_an_asterisk_that_is_away_answers_nothing() -> None:
    """Requests and connections fail until it is back, empty."""

    async def script(post: Post) -> None:
        await post.hands.set_global("A", "1")
        post.asterisk.crash()
        with pytest.raises(Unreachable):
            await post.hands.channels()
        with pytest.raises(Unreachable):
            await post.asterisk.connect()
        post.asterisk.boot()
        assert await post.hands.get_global("A") == ""
        assert await post.hands.channels() == []

    async def whole() -> None:
        post = Post(Luck())
        await script(post)

    run(whole())


def test_a_request_that_gets_lost_may_have_been_heard() -> None:
    """On the way there nothing has happened; on the way back it has."""
    luck = Luck()

    async def script(post: Post) -> None:
        post.asterisk.exchange.machine.wire.lost = 0.5
        bridge = post.hands.bridge("b")
        luck.next.extend((0.0, 0.1))  # the trip there, and the loss
        with pytest.raises(Unreachable):
            await bridge.create()
        assert post.asterisk.exchange.bridges == {}
        luck.next.extend((0.0, 0.9, 0.0, 0.1))  # there, heard, and back, lost
        with pytest.raises(Unreachable):
            await bridge.create()
        assert list(post.asterisk.exchange.bridges) == ["b"]
        post.asterisk.exchange.machine.wire.clear()
        await bridge.destroy()

    play(script, luck)


def test_what_cannot_be_made_is_refused_without_anybodys_fault() -> None:
    """500, Allocation failed; what is there already goes on."""

    async def script(post: Post) -> None:
        bridge = post.hands.bridge("b")
        await bridge.create()
        post.asterisk.exchange.machine.wire.refused = 1.0
        with pytest.raises(Refused, match="500 Allocation failed"):
            await post.hands.bridge("c").create()
        await bridge.destroy()

    play(script)


def test_what_is_late_on_the_wire_keeps_its_order() -> None:
    """Seconds more for an event, and those behind it wait; as long for requests."""
    luck = Luck()

    async def script(post: Post) -> None:
        wire = post.asterisk.exchange.machine.wire
        wire.events_late_s = 4.0
        began = asyncio.get_running_loop().time()
        luck.next.extend((0.0, 0.5, 0.0, 0.0))
        post.asterisk.app.emit("ChannelUserevent", eventname="a", userevent={})
        post.asterisk.app.emit("ChannelUserevent", eventname="b", userevent={})
        names = [(await post.event(ChannelUserevent)).eventname for _ in range(2)]
        assert names == ["a", "b"]
        assert asyncio.get_running_loop().time() - began >= 2.0
        wire.clear()

    play(script, luck)


def test_a_leg_that_the_dialplan_joins_has_left_the_application() -> None:
    """StasisEnd for both; they are in a bridge of the dialplan's, and the leg looks as before."""

    async def script(post: Post) -> None:
        phone = post.asterisk.register(SEAT, Answer(0.5))
        caller = post.asterisk.caller("0812")
        await post.beat()
        caller.call("112")
        channel, leg = post.hands.channel(await post.entered()), post.hands.channel("leg")
        await channel.answer()
        await leg.create(DIAL, args=("leg", "1"))
        await post.entered()
        await leg.dial(timeout_s=5)
        await phone.established(5.0)
        await channel.set_variable("SIAGA_LEGS", "leg")
        await channel.set_variable(FUSE, "0.5")
        ended = [(await post.event(StasisEnd)).channel.id for _ in range(2)]
        assert ended == [channel.id, "leg"]
        assert caller.talking
        (bridge,) = await post.hands.bridges()
        assert bridge.channels == (channel.id, "leg")
        seen = {view.id: view.dialplan.app_data for view in await post.hands.channels()}
        assert seen["leg"] == "siaga,leg,1"
        await caller.hangup()
        await phone.closed(5.0)

    play(script)
