"""Channels, bridges and endpoints, and what happens to them: the inside of Asterisk."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import Any

from switch.fake.application import Application
from switch.fake.bridge import FakeBridge, FakePlayback, MediaLength, Player
from switch.fake.channel import FakeChannel, Place, Pull
from switch.fake.endpoint import Endpoint
from switch.fake.machine import MILLISECOND_S, Machine
from switch.fake.phone import Call, FakeCaller, FakePhone
from switch.fake.refusal import Refusal
from switch.fake.snoop import Snoop

NORMAL, USER_BUSY, NO_USER_RESPONSE, NO_ANSWER, LOST = 16, 17, 18, 19, 44
"""Q.850 causes; the last one is what Asterisk gives for a phone that sends no audio any more."""
SOFT = 32
"""Not a cause of Q.850: Asterisk's own word for a hang-up that was asked for inside."""
CAUSE_TEXT = {
    NORMAL: "Normal Clearing",
    USER_BUSY: "User busy",
    NO_USER_RESPONSE: "No user responding",
    NO_ANSWER: "User alerting, no answer",
    26: "Answered elsewhere",
    LOST: "Circuit/channel not available",
}
CODE_PRIORITY = 4
"""Of Stasis() in siaga-feature."""
DECLINE, BUSY_HERE = 603, 486
"""SIP statuses."""


class Exchange:
    """The inside of one Asterisk.

    Args:
        app: The application.
        machine: What it runs on.
        media_s: Seconds of a medium.

    Attributes:
        recorded: Files that recordings have left, by name, with their seconds.
        may_record: Whether a file for a recording can be made.
    """

    def __init__(
        self,
        app: Application,
        machine: Machine,
        media_s: MediaLength,
    ) -> None:
        self.app = app
        self.machine = machine
        self.media_s = media_s
        self.channels: dict[str, FakeChannel] = {}
        self.bridges: dict[str, FakeBridge] = {}
        self.playbacks: dict[str, tuple[FakePlayback, Player]] = {}
        self.endpoints: dict[str, Endpoint] = {}
        self.globals: dict[str, str] = {}
        self.snoops: dict[str, Snoop] = {}
        self.recorded: dict[str, float] = {}
        self.may_record = True
        self.run_handler: Callable[[FakeChannel, str], None] = lambda _channel, _handler: None
        self.run_dialplan: Callable[[FakeChannel], Coroutine[Any, Any, None]] | None = None
        self._counts: Counter[str] = Counter()

    def next_name(self, endpoint: str) -> tuple[str, str]:
        """An id and a name for another channel."""
        number = self._counts["channel"]
        self._counts["channel"] += 1
        return f"{self.machine.epoch()}.{number}", f"PJSIP/{endpoint}-{number:08x}"

    # Events

    def tell(self, kind: str, channel: FakeChannel, **fields: Any) -> None:
        """An event of a channel that the application hears of."""
        if channel.in_stasis or channel.heard:
            self.app.emit(kind, channel=channel.view(), **fields)

    def tell_dial(self, channel: FakeChannel, status: str) -> None:
        """Progress of a dialled channel."""
        if channel.heard:
            self.app.emit("Dial", peer=channel.view(), dialstatus=status)

    def tell_playback(self, kind: str, playback: FakePlayback) -> None:
        """A playback has begun or ended; one that has ended is forgotten."""
        if kind == "PlaybackFinished":
            self.playbacks.pop(playback.id, None)
        self.app.emit(kind, playback=playback.view())

    def tell_device(self, name: str) -> None:
        """The endpoint's device state, if it is another than before."""
        endpoint = self.endpoints[name]
        state = self.device_state(endpoint)
        if state != endpoint.told:
            endpoint.told = state
            self.app.device(f"PJSIP/{name}", state)

    def device_state(self, endpoint: Endpoint) -> str:
        """Asterisk's word for what the endpoint is doing."""
        return endpoint.state(self.on(endpoint.name))

    def on(self, endpoint: str) -> Iterator[FakeChannel]:
        """The channels of an endpoint."""
        return (c for c in self.channels.values() if c.endpoint == endpoint)

    # Ways in

    def arrive(self, phone: FakeCaller, trunk: str, did: str) -> Call:
        """A call comes in by a trunk, and the dialplan takes it."""
        endpoint = f"siaga-{trunk}"
        id_, name = self.next_name(endpoint)
        call = Call(phone, id_, incoming=False)
        channel = FakeChannel(
            id=id_,
            name=name,
            endpoint=endpoint,
            place=Place("siaga-112"),
            created=self.machine.stamp(),
            call=call,
            caller=(phone.name, phone.number),
            inbound=True,
            state="Ring",
            variables={"SIAGA_TRUNK": trunk, "SIAGA_DID": did},
            location=phone.location,
            access=phone.access,
        )
        self.channels[id_] = channel
        if self.run_dialplan is not None:
            self.machine.spawn(self.run_dialplan(channel), f"dialplan {id_}")
        return call

    def dial_code(self, phone: FakePhone, endpoint: str, code: str) -> Call:
        """A phone at a seat dials a feature code, and the dialplan takes it."""
        id_, name = self.next_name(endpoint)
        call = Call(phone, id_, incoming=False)
        self.channels[id_] = channel = FakeChannel(
            id=id_,
            name=name,
            endpoint=endpoint,
            place=Place("siaga-feature", code, CODE_PRIORITY),
            created=self.machine.stamp(),
            call=call,
            caller=self.endpoints[endpoint].callerid,
            inbound=True,
            state="Ring",
        )
        self.tell_device(endpoint)
        if self.run_dialplan is not None:
            self.machine.spawn(self.run_dialplan(channel), f"dialplan {id_}")
        return call

    def create(
        self, dial: str, id_: str | None = None, variables: dict[str, str] | None = None
    ) -> FakeChannel:
        """Makes the channel of an endpoint, not yet dialled.

        Raises:
            Refusal: The id is taken, or the endpoint has no contact.
        """
        if id_ is not None and id_ in self.channels:
            raise Refusal(409, "Channel with given unique ID already exists")
        number, _, name = dial.removeprefix("PJSIP/").rpartition("@")
        endpoint = self.endpoints.get(name)
        if endpoint is None or not endpoint.reachable:
            raise Refusal(500, "Allocation failed")
        own_id, shown = self.next_name(name)
        context = name.replace("siaga-", "siaga-from-", 1) if endpoint.trunk else "siaga-operator"
        channel = FakeChannel(
            id=id_ or own_id,
            name=shown,
            endpoint=name,
            place=Place(context),
            created=self.machine.stamp(),
            caller=endpoint.callerid,
            call=Call(endpoint.phone_of(number), id_ or own_id, incoming=True),
            heard=id_ is not None,
        )
        self.channels[channel.id] = channel
        for variable, value in (variables or {}).items():
            channel.set(variable, value, self.burn)
        return channel

    def enter(self, channel: FakeChannel, args: list[str]) -> None:
        """The channel comes into the application."""
        if channel.gone:
            return
        channel.in_stasis = True
        place = channel.place
        place.app_name, place.app_data = "Stasis", ",".join([self.app.name, *args])
        self.tell("StasisStart", channel, args=args)

    # From dialling to an answer

    def dial(self, channel: FakeChannel, timeout_s: float) -> None:
        """Sends the INVITE; the phone rings a moment later, for so many seconds."""
        channel.dialled = True
        self.tell_dial(channel, "")
        if channel.call.phone is not None and channel.call.phone.alive:
            self.machine.soon(self._ring, channel, limit_s=2 * MILLISECOND_S)
        asyncio.get_running_loop().call_later(timeout_s, self._give_up, channel)

    def _ring(self, channel: FakeChannel) -> None:
        if channel.gone or channel.call.phone is None:
            return
        channel.state = "Ringing"
        self.tell("ChannelStateChange", channel)
        self.tell_dial(channel, "RINGING")
        self.tell_device(channel.endpoint)
        channel.call.number, channel.call.name = channel.connected[1], channel.connected[0]
        channel.call.phone.ring(channel.call)

    def _give_up(self, channel: FakeChannel) -> None:
        if channel.state != "Up":
            silent = channel.state == "Down"
            cause, tech = (NO_USER_RESPONSE, 408) if silent else (NO_ANSWER, 480)
            self.end(channel, cause, {"cause": SOFT, "soft": True}, tech)

    def up(self, channel: FakeChannel) -> None:
        """The call is answered, by whichever side was to answer it."""
        if channel.gone or channel.state == "Up":
            return
        channel.state = "Up"
        self.tell("ChannelStateChange", channel)
        if not channel.inbound:
            self.tell_dial(channel, "ANSWER")
        self.tell_device(channel.endpoint)
        channel.call.answered()
        if channel.bridge is not None:
            self.tell_talks(channel.bridge)

    # Bridges

    def join(self, bridge: FakeBridge, channel: FakeChannel) -> None:
        """Brings a channel in, from wherever it was."""
        if channel.bridge is bridge:
            return
        if channel.bridge is not None:
            self.leave(channel, stays=True)
        bridge.channels.append(channel)
        channel.bridge = bridge
        if bridge.by_app:
            bridge.heard += 1
            self.app.emit("ChannelEnteredBridge", bridge=bridge.view(), channel=channel.view())
        self.tell_talks(bridge)

    def leave(self, channel: FakeChannel, *, stays: bool) -> None:
        """Takes a channel out; `stays` if it goes on in the application."""
        bridge = channel.bridge
        if bridge is None:
            return
        channel.bridge = None
        bridge.channels.remove(channel)
        bridge.heard -= stays
        if bridge.by_app:
            self.app.emit("ChannelLeftBridge", bridge=bridge.view(), channel=channel.view())
        channel.call.alone()
        self.tell_talks(bridge)
        if not bridge.channels:
            self.machine.soon(self._unheard, bridge)

    def _unheard(self, bridge: FakeBridge) -> None:
        """Prompts fail when everybody has left; they are not told of if the bridge ends before."""
        if not bridge.channels and bridge.id in self.bridges:
            bridge.player.fail()

    def tell_talks(self, bridge: FakeBridge) -> None:
        """Tells the people on its channels whether they hear somebody."""
        for channel in tuple(bridge.channels):
            partner = bridge.partner_of(channel)
            if partner is None:
                channel.call.alone()
            else:
                channel.call.together(partner.call)

    def destroy(self, bridge: FakeBridge) -> None:
        """Ends a bridge; its channels stay where they are."""
        for channel in tuple(bridge.channels):
            heard = bridge.heard
            self.leave(channel, stays=True)
            bridge.heard = heard
        bridge.player.closed = True
        for playback in bridge.player.drop():
            self.playbacks.pop(playback.id, None)
        self.bridges.pop(bridge.id, None)
        if bridge.by_app and bridge.heard > 0:
            self.app.emit("BridgeDestroyed", bridge=bridge.view())

    # Playing

    def player_of(self, channel: FakeChannel) -> Player:
        """The player of a single channel."""
        if channel.player is None:
            channel.player = Player(self, self.media_s)
        return channel.player

    def play(self, playback: FakePlayback, player: Player) -> None:
        """Plays it as soon as its turn comes."""
        if player.closed:
            return
        self.playbacks[playback.id] = (playback, player)
        player.add(playback)

    # Recording

    def snoop(self, spied: FakeChannel, id_: str, args: list[str]) -> FakeChannel:
        """A channel that hears another one; it comes into the application a moment later.

        Raises:
            Refusal: The id is taken.
        """
        if id_ in self.channels:
            raise Refusal(500, "Snoop channel could not be created")
        number = self._counts["snoop"]
        self._counts["snoop"] += 1
        channel = FakeChannel(
            id=id_,
            name=f"Snoop/{spied.id}-{number:08x}",
            endpoint="",
            place=Place("", "", 0),
            created=self.machine.stamp(),
            call=Call(None, id_, incoming=True),
            state="Up",
        )
        self.channels[id_] = channel
        self.snoops[id_] = Snoop(channel, spied)
        self.machine.soon(self.enter, channel, args)
        return channel

    def record(self, snoop: Snoop, name: str) -> None:
        """Records what is heard; a moment later it does.

        Raises:
            Refusal: There is such a file, or none can be made.
        """
        names = {other.recording for other in self.snoops.values()}
        if name in names or name in self.recorded:
            raise Refusal(409, f"Recording '{name}' already exists and can not be overwritten")
        if not self.may_record:
            raise Refusal(500, "Internal Server Error")
        snoop.recording = name
        self.machine.soon(self._begin_recording, snoop)

    def _begin_recording(self, snoop: Snoop) -> None:
        if not snoop.channel.gone:
            snoop.since = asyncio.get_running_loop().time()
            self.app.emit("RecordingStarted", recording=snoop.view("recording"))

    def end_snoop(self, snoop: Snoop, *, asked: bool) -> None:
        """The channel ends, and what it records with it; `asked`: by ARI."""
        if self.snoops.pop(snoop.channel.id, None) is None:
            return
        channel = snoop.channel
        if asked:
            self.tell("ChannelHangupRequest", channel, cause=SOFT, soft=True)
        if snoop.recording is not None:
            self.recorded[snoop.recording] = snoop.seconds
            self.app.emit("RecordingFinished", recording=snoop.view("done"))
        self.tell("StasisEnd", channel)
        channel.in_stasis = False
        channel.end()
        del self.channels[channel.id]

    # Ends

    def burn(self, channel: FakeChannel) -> None:
        """A fuse has burnt down: a caller goes to the dialplan's T, a leg ends."""
        if channel.inbound:
            if channel.in_stasis:
                channel.call.burnt.append(asyncio.get_running_loop().time())
            channel.pull(Pull.BURNT)
        else:
            self.end(channel, NORMAL, None)

    def end(
        self,
        channel: FakeChannel,
        cause: int,
        request: dict[str, Any] | None,
        tech_cause: int | None = None,
    ) -> None:
        """Ends a channel.

        Args:
            channel: Which.
            cause: Q.850.
            request: What `ChannelHangupRequest` says; None if there is none.
            tech_cause: The SIP status, where the phone gave one.
        """
        if channel.gone or channel.pulled is Pull.HUNG_UP:
            return
        if request is not None:
            extra = {"tech_cause": tech_cause} if tech_cause == BUSY_HERE else {}
            self.tell("ChannelHangupRequest", channel, **request, **extra)
        channel.cause, channel.tech_cause = cause, tech_cause
        channel.pull(Pull.HUNG_UP)
        if not channel.inbound:
            self.machine.soon(self._end_leg, channel)

    def _end_leg(self, channel: FakeChannel) -> None:
        if channel.gone:
            return
        if channel.player is not None:
            channel.player.closed = True
            channel.player.fail()
        self.leave(channel, stays=False)
        if channel.in_stasis:
            self.tell("StasisEnd", channel)
            channel.in_stasis = False
        if not channel.dialled:
            # There is no dialog to end yet, and PJSIP says so by a second request.
            channel.tech_cause = DECLINE
            self.tell("ChannelHangupRequest", channel, cause=channel.cause, tech_cause=DECLINE)
        self.forget(channel)

    def forget(self, channel: FakeChannel) -> None:
        """The channel's last: handlers, `ChannelDestroyed`, the phone is free."""
        channel.end()
        del self.channels[channel.id]
        for snoop in [snoop for snoop in self.snoops.values() if snoop.spied is channel]:
            self.machine.soon(partial(self.end_snoop, snoop, asked=False))
        for handler in channel.handlers:
            self.run_handler(channel, handler)
        place = channel.place
        place.app_name = place.app_data = ""
        if channel.heard:
            tech = {} if channel.tech_cause is None else {"tech_cause": channel.tech_cause}
            self.app.emit(
                "ChannelDestroyed",
                channel=channel.view(),
                cause=channel.cause,
                cause_txt=CAUSE_TEXT.get(channel.cause, "Unknown"),
                **tech,
            )
        self.tell_device(channel.endpoint)
        channel.call.closed()
