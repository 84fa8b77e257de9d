"""What `siaga-extensions.conf` does with a caller, step by step, in small.

Names are those of its contexts. Prompts of the last resort take no time here, and its rows are
only the globals that the daemon left and the seats of the post.
"""

import asyncio
import base64
from collections.abc import Awaitable
from typing import Any

from switch.fake.bridge import FakeBridge, Player
from switch.fake.channel import FakeChannel, Place, Pull
from switch.fake.exchange import NORMAL, Exchange
from switch.fake.machine import MILLISECOND_S
from switch.fake.refusal import Refusal

FUSE_S, AT_ONCE_S = "10", "0.01"
FRESH_S = 3
MENU_S, RING_S, OUTSIDE_RING_S, APOLOGY_S = 8.0, 15.0, 25.0, 3.0
"""The backup menu with its time-out, and how long each step of the last resort rings."""
SERVICES = {"1": "medis", "2": "damkar", "3": "lalin", "4": "tibum"}
FEATURE, FEATURE_FUSE_S, CODE_FAILED_S = "siaga-feature", "30", 5.0
"""The context of feature codes, its fuse, and the length of its apology."""
OPERATOR = "siaga-operator"
"""The context of the seats; a leg on a trunk may be a voicemail and does not count."""
JUST_ENDED_S = 7
SHORT_TALK_S = 3.0
EVIDENCE_BYTES, EVIDENCE_CHARS, EVIDENCE_VALUES = 1500, 2000, 4
"""Limits of siaga-evidence: of each text, of its base64, and how often a header counts."""


class Dialplan:
    """Runs callers through it.

    Args:
        exchange: The Asterisk.
        outside: Number and trunk endpoint of the last resort's last step; None for no such step.
    """

    def __init__(self, exchange: Exchange, outside: tuple[str, str] | None) -> None:
        self._exchange = exchange
        self._outside = outside

    async def run(self, channel: FakeChannel) -> None:
        """A caller from the trunk to the end of the channel, or a phone with a feature code."""
        if channel.place.context == FEATURE:
            await self._feature(channel)
            self._exchange.forget(channel)
            return
        channel.handlers.append("siaga-caller-gone,s,1")
        step = "112" if self._beats() else "last resort"
        args = ["new", *_evidence(channel)]
        while step != "end":
            match step:
                case "112":
                    self._fuse(channel, FUSE_S)
                    step = await self._stasis(channel, args)
                case "T":
                    step, args = await self._burnt(channel)
                case _:
                    step = await self._last_resort(channel)
        self._exchange.forget(channel)

    async def _feature(self, channel: FakeChannel) -> None:
        """siaga-feature: the daemon, or else the apology."""
        step = "last resort"
        if self._beats():
            self._fuse(channel, FEATURE_FUSE_S)
            step = await self._stasis(channel, ["feature", channel.place.exten, channel.endpoint])
        if step != "end":
            self._fuse(channel, "0")
            channel.place = Place(FEATURE, "maaf")
            self._exchange.up(channel)
            await self._pause(channel, asyncio.sleep(CODE_FAILED_S))

    def handle(self, channel: FakeChannel, handler: str) -> None:
        """A hangup handler: siaga-caller-gone, siaga-leg-gone, siaga-leg-ended."""
        exchange = self._exchange
        name, _, rest = handler.partition(",")
        caller_id, _, since = rest.partition("(")[2].rstrip(")").partition(",")
        caller = exchange.channels.get(caller_id)
        if name == "siaga-caller-gone":
            for id_ in filter(None, channel.variables.get("SIAGA_LEGS", "").split("&")):
                if id_ in exchange.channels:
                    self._fuse(exchange.channels[id_], AT_ONCE_S)
        elif name == "siaga-leg-gone" and caller is not None:
            ended = exchange.machine.epoch()
            is_short = ended - int(since or 0) < SHORT_TALK_S
            caller.variables["SIAGA_LEG_CAUSE"] = "0" if is_short else str(channel.cause)
            caller.variables["SIAGA_LEG_END"] = str(ended)
            self._fuse(caller, "5" if self._beats() else "0.1")
        elif name == "siaga-leg-ended" and caller is not None and channel.state == "Up":
            caller.variables["SIAGA_LEG_CAUSE"] = str(channel.cause)

    def _beats(self) -> bool:
        """siaga-heartbeat: whether it is fresh."""
        digits = "".join(c for c in self._exchange.globals.get("SIAGA_HB", "") if c.isdigit())
        return abs(self._exchange.machine.epoch() - int(digits or "0")) <= FRESH_S

    def _fuse(self, channel: FakeChannel, seconds: str) -> None:
        channel.set("TIMEOUT(absolute)", seconds, self._exchange.burn)

    async def _stasis(self, channel: FakeChannel, args: list[str]) -> str:
        """A stay in the application; the step that follows."""
        exchange = self._exchange
        if not exchange.app.active:
            return "last resort"
        if args[0] == "resume":
            channel.place = Place("siaga-112", "resume", 3)
        elif args[0] == "new":
            channel.place = Place("siaga-112", "s", 6)
        elif args[0] != "feature":
            channel.place = Place("siaga-home")
        if channel.pulled is not Pull.HUNG_UP:
            channel.pulled = None
        await asyncio.sleep(exchange.machine.draw() * MILLISECOND_S)
        if channel.pulled is Pull.HUNG_UP:
            return "end"
        exchange.enter(channel, args)
        pull = await channel.pulled_away()
        await asyncio.sleep(exchange.machine.draw() * MILLISECOND_S)
        if channel.player is not None:
            channel.player.closed = True
            channel.player.fail()
        exchange.leave(channel, stays=False)
        exchange.tell("StasisEnd", channel)
        if pull is Pull.HUNG_UP:
            channel.in_stasis = False
            exchange.tell("ChannelHangupRequest", channel, cause=NORMAL, soft=True)
            return "end"
        channel.in_stasis = False
        channel.place.app_name = channel.place.app_data = ""
        return "T" if pull is Pull.BURNT else "last resort"

    async def _burnt(self, channel: FakeChannel) -> tuple[str, list[str]]:
        """Extension T of siaga-fuse."""
        exchange = self._exchange
        self._fuse(channel, "0")
        leg = self._answered_leg(channel)
        if leg is not None:
            return await self._talk(channel, leg), []
        ended = int(channel.variables.get("SIAGA_LEG_END") or 0)
        if (
            channel.variables.get("SIAGA_LEG_CAUSE") == str(NORMAL)
            and exchange.machine.epoch() - ended <= JUST_ENDED_S
        ):
            return "end", []
        if not self._beats() or channel.variables.get("SIAGA_RESUMED") == "1":
            return "last resort", []
        channel.variables["SIAGA_RESUMED"] = "1"
        return "112", ["resume"]

    def _answered_leg(self, channel: FakeChannel) -> FakeChannel | None:
        """siaga-legs: the first leg that has answered; the others are ended."""
        exchange, found = self._exchange, None
        for id_ in filter(None, channel.variables.pop("SIAGA_LEGS", "").split("&")):
            leg = exchange.channels.get(id_)
            if leg is None:
                continue
            if found is None and leg.state == "Up" and leg.place.context == OPERATOR:
                found = leg
            else:
                self._fuse(leg, AT_ONCE_S)
        return found

    async def _talk(self, channel: FakeChannel, leg: FakeChannel) -> str:
        """siaga-joined and the end of Dial(): the two talk until one hangs up."""
        exchange = self._exchange
        channel.variables["SIAGA_LEGS"] = leg.id
        channel.variables.pop("SIAGA_LEG_CAUSE", None)
        self._fuse(leg, "0")
        leg.handlers.append(f"siaga-leg-ended,s,1({channel.id})")
        exchange.up(channel)
        bridge = FakeBridge(
            f"basic-{channel.id}",
            "basic",
            "",
            exchange.machine.stamp(),
            Player(exchange, exchange.media_s),
            by_app=False,
        )
        exchange.bridges[bridge.id] = bridge
        exchange.leave(leg, stays=False)
        if leg.in_stasis:  # Bridge() takes it from there, but its place is shown as before
            exchange.tell("StasisEnd", leg)
            leg.in_stasis = False
        exchange.join(bridge, channel)
        exchange.join(bridge, leg)
        began = asyncio.get_running_loop().time()
        over = asyncio.ensure_future(leg.ended.wait())
        gone = await self._first(channel, over)
        exchange.leave(channel, stays=False)
        exchange.bridges.pop(bridge.id, None)
        if gone:
            self._fuse(leg, AT_ONCE_S)
            return "end"
        short = asyncio.get_running_loop().time() - began < SHORT_TALK_S and not leg.heard
        normal = channel.variables.get("SIAGA_LEG_CAUSE") == str(NORMAL)
        return "end" if normal and not short else "last resort"

    async def _first(self, channel: FakeChannel, other: "asyncio.Future[Any]") -> bool:
        """Waits for `other` or the caller's hang-up; whether it was the hang-up."""
        pulled = asyncio.ensure_future(channel.pulled_away())
        try:
            await asyncio.wait((pulled, other), return_when=asyncio.FIRST_COMPLETED)
            return pulled.done() and pulled.result() is Pull.HUNG_UP
        finally:
            for future in (pulled, other):
                future.cancel()

    async def _pause(self, channel: FakeChannel, waited: Awaitable[object]) -> bool:
        """Waits; whether the caller hung up meanwhile."""
        return await self._first(channel, asyncio.ensure_future(waited))

    async def _last_resort(self, channel: FakeChannel) -> str:
        """Rounds until a human, the caller's hang-up, or a living daemon."""
        exchange = self._exchange
        self._fuse(channel, "0")
        channel.place = Place("siaga-last-resort")
        exchange.up(channel)
        if not channel.variables.get("SIAGA_SERVICE") and await self._menu(channel):
            return "end"
        while True:
            for phones, seconds in self._round(channel):
                step = await self._ring(channel, phones, seconds)
                if step == "on":
                    step = await self._home(channel, is_round=False)
                if step != "on":
                    return step
            if await self._pause(channel, asyncio.sleep(APOLOGY_S)):
                return "end"
            step = await self._home(channel, is_round=True)
            if step != "on":
                return step

    async def _home(self, channel: FakeChannel, *, is_round: bool) -> str:
        """siaga-home: to a daemon that lives again; once, and after each round. "on": not there."""
        has_tried = channel.variables.get("SIAGA_TRIED_HOME") == "1"
        if (has_tried and not is_round) or not self._beats():
            return "on"
        channel.variables["SIAGA_TRIED_HOME"] = "1"
        channel.variables.pop("SIAGA_LEG_CAUSE", None)
        self._fuse(channel, FUSE_S)
        step = await self._stasis(channel, ["handback", channel.variables["SIAGA_SERVICE"]])
        self._fuse(channel, "0")
        return step if step in ("end", "T") else "on"

    def _round(self, channel: FakeChannel) -> list[tuple[list[str], float]]:
        service = channel.variables["SIAGA_SERVICE"]
        duty = self._exchange.globals.get(f"SIAGA_DUTY_{service}", "").split("&")
        seats = [f"PJSIP/{e.name}" for e in self._exchange.endpoints.values() if not e.trunk]
        round_ = [(duty, RING_S), (seats, RING_S)]
        if self._outside is not None:
            number, trunk = self._outside
            round_.append(([f"PJSIP/{number}@{trunk}"], OUTSIDE_RING_S))
        return round_

    async def _menu(self, channel: FakeChannel) -> bool:
        """siaga-backup-menu: a key, or none; whether the caller hung up."""
        while not channel.digits.empty():
            channel.digits.get_nowait()
        key = asyncio.ensure_future(_key(channel))
        gone = await self._first(channel, key)
        pressed = key.result() if key.done() and not key.cancelled() else ""
        channel.variables["SIAGA_SERVICE"] = SERVICES.get(pressed, "umum")
        return gone

    async def _ring(self, channel: FakeChannel, phones: list[str], seconds: float) -> str:
        """siaga-ring: "on" if no human came of it."""
        exchange, legs = self._exchange, []
        channel.variables.pop("SIAGA_LEG_CAUSE", None)
        for phone in filter(None, phones):
            endpoint = exchange.endpoints.get(phone.rpartition("/")[2].rpartition("@")[2])
            if endpoint is None:
                continue
            if not endpoint.trunk and exchange.device_state(endpoint) != "NOT_INUSE":
                continue
            try:
                leg = exchange.create(phone)
            except Refusal:
                continue
            leg.connected = ("112 CADANGAN", channel.caller[1])
            exchange.dial(leg, seconds)
            legs.append(leg)
        gone = await self._rung(channel, legs)
        winner = None if gone else next((leg for leg in legs if leg.state == "Up"), None)
        for leg in legs:
            if leg is not winner:
                exchange.end(leg, 16 if gone else 26, None)
        if gone:
            return "end"
        return "on" if winner is None else self._on(await self._talk(channel, winner))

    def _on(self, step: str) -> str:
        return "on" if step == "last resort" else step

    async def _rung(self, channel: FakeChannel, legs: list[FakeChannel]) -> bool:
        """Waits until one answers or none rings any more; whether the caller hung up."""
        while any(not leg.gone for leg in legs):
            if any(leg.state == "Up" and not leg.gone for leg in legs):
                return False
            if await self._pause(channel, asyncio.sleep(0.02)):
                return True
        return channel.pulled is Pull.HUNG_UP


async def _key(channel: FakeChannel) -> str:
    """A key, or nothing for who presses none."""
    try:
        async with asyncio.timeout(MENU_S):
            return await channel.digits.get()
    except TimeoutError:
        return ""


def _evidence(channel: FakeChannel) -> list[str]:
    """siaga-evidence: what follows "new" in Stasis()."""
    location = ""
    if channel.location:
        kind, _, where = channel.location.partition(":")
        location = _packed(f"{kind}:".encode() + where.encode()[:EVIDENCE_BYTES])
    access = ""
    for value in channel.access[:EVIDENCE_VALUES]:
        access += "," + _packed(b" " + value.encode()[:EVIDENCE_BYTES])
        if len(access) > EVIDENCE_CHARS:
            access = ""
            break
    location = "" if len(location) > EVIDENCE_CHARS else location
    return f"{location}{access}".split(",") if location or access else []


def _packed(text: bytes) -> str:
    return base64.b64encode(text).decode()
