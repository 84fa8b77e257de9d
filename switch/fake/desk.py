"""Answers ARI's requests about the exchange, with Asterisk's own refusals.

Source: `rest-api/api-docs` of Asterisk, branch 22; statuses and reasons as 22.10.1 gave them.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar

from switch.fake.application import Application
from switch.fake.bridge import FakeBridge, FakePlayback, Player
from switch.fake.channel import FakeChannel, Pull
from switch.fake.exchange import NORMAL, SOFT, Exchange
from switch.fake.refusal import Refusal
from switch.fake.request import Asked

REASONS = {
    "normal": NORMAL,
    "busy": 17,
    "congestion": 34,
    "no_answer": 19,
    "timeout": 18,
    "rejected": 21,
    "unallocated": 1,
    "normal_unspecified": 31,
    "failure": 27,
    "answered_elsewhere": 26,
}
"""Of DELETE /channels/{id}, as Q.850."""
MAKING = frozenset(
    {
        "POST channels/create",
        "POST bridges/{}",
        "POST bridges/{}/play",
        "POST bridges/{}/addChannel",
        "POST channels/{}/snoop",
        "POST channels/{}/record",
    }
)
"""Requests that can fail without any fault of who asks: Asterisk has no means left."""
VERSION = "22.10.1"


class Desk:
    """Answers requests.

    Args:
        exchange: What they are about.
        app: The application that they name.
    """

    def __init__(self, exchange: Exchange, app: Application) -> None:
        self._exchange = exchange
        self._app = app

    async def answer(self, asked: Asked) -> object:
        """What Asterisk answers; None is an empty body.

        Raises:
            Refusal: It refuses.
        """
        act = self._ACTS.get(asked.what)
        if act is None:
            raise Refusal(404, "Resource not found")
        if asked.what in MAKING and self._exchange.machine.wire.refuses():
            raise Refusal(500, "Allocation failed")
        return await act(self, asked)

    def _channel(self, id_: str, reason: str = "Channel not found") -> FakeChannel:
        channel = self._exchange.channels.get(id_)
        if channel is None:
            raise Refusal(404, reason)
        return channel

    async def _usable(self, id_: str) -> FakeChannel:
        """A channel of the application, as soon as no prompt on it is in the way."""
        channel = self._channel(id_)
        if not channel.in_stasis:
            raise Refusal(409, "Channel not in Stasis application")
        if channel.player is not None:
            await channel.player.idle.wait()
        return self._channel(id_)

    def _bridge(self, id_: str) -> FakeBridge:
        bridge = self._exchange.bridges.get(id_)
        if bridge is None:
            raise Refusal(404, "Bridge not found")
        return bridge

    # Channels

    async def _list_channels(self, _: Asked) -> object:
        return [channel.view() for channel in self._exchange.channels.values()]

    async def _get_channel(self, asked: Asked) -> object:
        return self._channel(asked.id).view()

    async def _create(self, asked: Asked) -> object:
        exchange = self._exchange
        id_ = asked.get("channelId") or exchange.next_name("")[0]
        channel = exchange.create(asked.get("endpoint"), id_, asked.body.get("variables", {}))
        originator = exchange.channels.get(asked.get("originator"))
        if originator is not None:
            originator.heard = True
        exchange.machine.soon(exchange.enter, channel, asked.get("appArgs").split(","))
        return channel.view()

    async def _dial(self, asked: Asked) -> object:
        channel = self._channel(asked.id)
        if not channel.in_stasis:
            raise Refusal(409, "Channel not in Stasis application")
        if channel.dialled:
            raise Refusal(409, "Channel is not in the 'Down' state")
        self._exchange.dial(channel, float(asked.get("timeout", "30")))
        return None

    async def _answer(self, asked: Asked) -> object:
        channel = await self._usable(asked.id)
        if channel.pulled is None:
            self._exchange.up(channel)
        return None

    async def _hang_up(self, asked: Asked) -> object:
        cause = REASONS.get(asked.get("reason", "normal"), NORMAL)
        channel = self._channel(asked.id)
        snoop = self._exchange.snoops.get(channel.id)
        if snoop is not None:
            self._exchange.end_snoop(snoop, asked=True)
        else:
            self._exchange.end(channel, cause, {"cause": SOFT, "soft": True})
        return None

    async def _snoop(self, asked: Asked) -> object:
        spied, args = self._channel(asked.id), asked.get("appArgs").split(",")
        return self._exchange.snoop(spied, asked.get("snoopId"), args).view()

    async def _record(self, asked: Asked) -> object:
        channel = self._channel(asked.id)
        snoop = self._exchange.snoops.get(channel.id)
        if snoop is None or not channel.in_stasis:
            raise Refusal(409, "Channel not in Stasis application")
        self._exchange.record(snoop, asked.get("name"))
        return snoop.view("queued")

    async def _get_variable(self, asked: Asked) -> object:
        channel = self._channel(asked.id, "Provided channel was not found")
        return {"value": _known(channel, asked.get("variable"))}

    async def _get_variables(self, asked: Asked) -> object:
        channel = self._channel(asked.id, "Provided channel was not found")
        names = asked.get("variables").split(",")
        return {"variables": {name: _known(channel, name) for name in names}}

    async def _set_variables(self, asked: Asked) -> object:
        channel = await self._usable(asked.id)
        for name, value in dict(asked.body.get("variables", {})).items():
            channel.set(name, value, self._exchange.burn)
        return None

    async def _set_variable(self, asked: Asked) -> object:
        channel = await self._usable(asked.id)
        channel.set(asked.get("variable"), asked.get("value"), self._exchange.burn)
        return None

    async def _continue(self, asked: Asked) -> object:
        channel = await self._usable(asked.id)
        if channel.inbound:
            channel.pull(Pull.CONTINUED)
        else:
            self._exchange.end(channel, NORMAL, None)
        return None

    async def _play_to_channel(self, asked: Asked) -> object:
        channel = self._channel(asked.id)
        if not channel.in_stasis:
            raise Refusal(409, "Channel not in Stasis application")
        return self._play(asked, self._exchange.player_of(channel), f"channel:{channel.id}")

    def _play(self, asked: Asked, player: Player, target: str) -> object:
        id_, media = asked.get("playbackId"), asked.get("media").split(",")
        if id_ in self._exchange.playbacks:
            raise Refusal(409, "Playback with given unique ID already exists")
        playback = FakePlayback(id_, media, target)
        shown = playback.view()
        self._exchange.machine.soon(self._exchange.play, playback, player)
        return shown

    # Bridges and playbacks

    async def _list_bridges(self, _: Asked) -> object:
        return [bridge.view() for bridge in self._exchange.bridges.values()]

    async def _get_bridge(self, asked: Asked) -> object:
        return self._bridge(asked.id).view()

    async def _make_bridge(self, asked: Asked) -> object:
        exchange = self._exchange
        if asked.id in exchange.bridges:
            raise Refusal(409, f"Bridge with id '{asked.id}' already exists")
        player = Player(exchange, exchange.media_s)
        bridge = FakeBridge(
            asked.id,
            asked.get("type", "mixing"),
            asked.get("name"),
            exchange.machine.stamp(),
            player,
        )
        exchange.bridges[bridge.id] = bridge
        return bridge.view()

    async def _destroy(self, asked: Asked) -> object:
        self._exchange.destroy(self._bridge(asked.id))
        return None

    async def _add(self, asked: Asked) -> object:
        bridge = self._bridge(asked.id)
        for id_ in asked.get("channel").split(","):
            if id_ not in self._exchange.channels:
                raise Refusal(400, "Channel not found")
            channel = self._exchange.channels[id_]
            if not channel.in_stasis:
                raise Refusal(422, "Channel not in Stasis application")
            if channel.player is not None:
                await channel.player.idle.wait()
            if channel.pulled is None and not channel.gone and bridge.id in self._exchange.bridges:
                self._exchange.join(bridge, channel)
        return None

    async def _remove(self, asked: Asked) -> object:
        bridge = self._bridge(asked.id)
        for id_ in asked.get("channel").split(","):
            if id_ not in self._exchange.channels:
                raise Refusal(400, "Channel not found")
            channel = self._exchange.channels[id_]
            if channel.bridge is not bridge:
                raise Refusal(422, "Channel not in this bridge")
            self._exchange.leave(channel, stays=True)
        return None

    async def _play_to_bridge(self, asked: Asked) -> object:
        bridge = self._bridge(asked.id)
        return self._play(asked, bridge.player, f"bridge:{bridge.id}")

    def _playback(self, id_: str) -> tuple[FakePlayback, Player]:
        found = self._exchange.playbacks.get(id_)
        if found is None:
            raise Refusal(404, "Playback not found")
        return found

    async def _get_playback(self, asked: Asked) -> object:
        return self._playback(asked.id)[0].view()

    async def _stop(self, asked: Asked) -> object:
        playback, player = self._playback(asked.id)
        player.stop(playback)
        return None

    # Endpoints, application, globals

    async def _list_endpoints(self, _: Asked) -> object:
        return [self._endpoint(name) for name in self._exchange.endpoints]

    async def _get_endpoint(self, asked: Asked) -> object:
        if asked.id.removeprefix("PJSIP/") not in self._exchange.endpoints:
            raise Refusal(404, "Endpoint not found")
        return self._endpoint(asked.id.removeprefix("PJSIP/"))

    def _endpoint(self, name: str) -> dict[str, object]:
        endpoint = self._exchange.endpoints[name]
        return {
            "technology": "PJSIP",
            "resource": name,
            "state": "online" if endpoint.reachable else "offline",
            "channel_ids": [channel.id for channel in self._exchange.on(name)],
        }

    async def _get_application(self, asked: Asked) -> object:
        """Without a connection it lasts as long as channels in it, or bridges that it heard of."""
        inside = [c for c in self._exchange.channels.values() if c.in_stasis]
        bridges = [b for b in self._exchange.bridges.values() if b.heard > 0]
        if asked.id != self._app.name or not (self._app.active or inside or bridges):
            raise Refusal(404, "Application not found")
        return {
            "name": asked.id,
            "channel_ids": [channel.id for channel in inside],
            "bridge_ids": [bridge.id for bridge in bridges],
            "endpoint_ids": [],
            "device_names": ["__AST_DEVICE_STATE_ALL_TOPIC"]
            if self._app.active and self._app.devices
            else [],
            "events_allowed": [],
            "events_disallowed": [{"type": kind} for kind in sorted(self._app.disallowed)],
        }

    async def _filter(self, asked: Asked) -> object:
        self._app.disallowed = frozenset(e["type"] for e in asked.body.get("disallowed", []))
        return await self._get_application(asked)

    async def _subscribe(self, asked: Asked) -> object:
        if asked.get("eventSource").startswith("deviceState:"):
            self._app.devices = True
        return await self._get_application(asked)

    async def _info(self, _: Asked) -> object:
        return {"system": {"version": VERSION, "entity_id": "00:00:00:00:00:00"}}

    async def _get_global(self, asked: Asked) -> object:
        return {"value": self._exchange.globals.get(asked.get("variable"), "")}

    async def _set_global(self, asked: Asked) -> object:
        self._exchange.globals[asked.get("variable")] = asked.get("value")
        return None

    async def _user_event(self, asked: Asked) -> object:
        if asked.get("application") != self._app.name or not self._app.active:
            raise Refusal(404, "Application not found")
        variables = dict(asked.body.get("variables", {}))
        told = {"eventname": asked.id, **variables}
        self._app.emit("ChannelUserevent", eventname=asked.id, userevent=told)
        return None

    _ACTS: ClassVar[Mapping[str, Callable[["Desk", Asked], Awaitable[object]]]] = {
        "GET channels": _list_channels,
        "POST channels/create": _create,
        "GET channels/{}": _get_channel,
        "DELETE channels/{}": _hang_up,
        "POST channels/{}/dial": _dial,
        "POST channels/{}/answer": _answer,
        "POST channels/{}/continue": _continue,
        "POST channels/{}/play": _play_to_channel,
        "POST channels/{}/snoop": _snoop,
        "POST channels/{}/record": _record,
        "GET channels/{}/variable": _get_variable,
        "POST channels/{}/variable": _set_variable,
        "GET channels/{}/variables": _get_variables,
        "POST channels/{}/variables": _set_variables,
        "GET bridges": _list_bridges,
        "GET bridges/{}": _get_bridge,
        "POST bridges/{}": _make_bridge,
        "DELETE bridges/{}": _destroy,
        "POST bridges/{}/addChannel": _add,
        "POST bridges/{}/removeChannel": _remove,
        "POST bridges/{}/play": _play_to_bridge,
        "GET playbacks/{}": _get_playback,
        "DELETE playbacks/{}": _stop,
        "GET endpoints": _list_endpoints,
        "GET endpoints/{}": _get_endpoint,
        "GET applications/{}": _get_application,
        "PUT applications/{}/eventFilter": _filter,
        "POST applications/{}/subscription": _subscribe,
        "GET asterisk/info": _info,
        "GET asterisk/variable": _get_global,
        "POST asterisk/variable": _set_global,
        "POST events/user/{}": _user_event,
    }


def _known(channel: FakeChannel, name: str) -> str:
    value = channel.get(name)
    if value is None:
        raise Refusal(404, "Provided variable was not found")
    return value
