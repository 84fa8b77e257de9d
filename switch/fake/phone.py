"""People and their phones: operators at the post, numbers outside, and citizens."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from switch.fake.behaviour import Answer, Behaviour, Citizen, Decline, Ignore

if TYPE_CHECKING:
    from switch.fake.exchange import Exchange

RTP_TIMEOUT_S = 8.0
"""`rtp_timeout` of siaga-pjsip.conf: a phone without audio is given up then."""
BUSY_HERE = 486
DIGIT_S, BETWEEN_S = 0.18, 0.3
"""How long a key is held; from key to key."""


class CallState(Enum):
    """A call as the person with the phone sees it."""

    CALLING = "calling"
    RINGING = "ringing"
    ANSWERED = "answered"
    CLOSED = "closed"


@dataclass(slots=True, eq=False)
class Talk:
    """A stretch of a call in which the user hears one and the same human.

    Attributes:
        partner: The human's call.
        since: The loop's time.
        until: The same; None while they talk.
    """

    partner: "Call"
    since: float
    until: float | None = None


class Call:
    """A call at a phone; `phone` is None where nobody answers for the number.

    Attributes:
        since: The loop's time at which it began.
        until: At which it was over; None before.
        up_at: At which it was picked up; None before.
        hung_up: It was its own user who ended it.
        talks: In their order.
        burnt: When fuses burnt that took the caller away from the application.
    """

    def __init__(self, phone: "FakePhone | None", channel: str, *, incoming: bool) -> None:
        self.phone = phone
        self.channel = channel
        self.incoming = incoming
        self.state = CallState.CALLING
        self.number = ""
        self.name = ""
        self.since = asyncio.get_running_loop().time()
        self.until: float | None = None
        self.up_at: float | None = None
        self.hung_up = False
        self.talks: list[Talk] = []
        self.burnt: list[float] = []

    @property
    def talking(self) -> bool:
        """Hears a human now."""
        return bool(self.talks) and self.talks[-1].until is None

    @property
    def talked(self) -> bool:
        """Has ever heard one."""
        return bool(self.talks)

    def answered(self) -> None:
        """The call is up."""
        self.state = CallState.ANSWERED
        self.up_at = asyncio.get_running_loop().time()
        if self.phone is not None:
            self.phone.on_answered(self)

    def together(self, partner: "Call") -> None:
        """There is somebody to hear."""
        if not self.talking:
            self.talks.append(Talk(partner, asyncio.get_running_loop().time()))
            if self.phone is not None:
                self.phone.on_together(self)

    def alone(self) -> None:
        """There is nobody to hear."""
        self._end_talk()
        if self.phone is not None:
            self.phone.stir()

    def closed(self) -> None:
        """The call is over."""
        self.state = CallState.CLOSED
        self.until = asyncio.get_running_loop().time()
        self._end_talk()
        if self.phone is not None:
            self.phone.stir()

    def _end_talk(self) -> None:
        if self.talking:
            self.talks[-1].until = asyncio.get_running_loop().time()


class FakePhone:
    """A phone with its user.

    Args:
        exchange: The Asterisk that it hangs on.
        number: What it shows as its number.
        behaviour: What the user does when it rings; may be changed at any time.

    Attributes:
        seat: The endpoint that it is registered at; empty for a phone outside.
    """

    def __init__(
        self, exchange: "Exchange", number: str = "", behaviour: Behaviour | None = None
    ) -> None:
        self.seat = ""
        self.number = number
        self.name = ""
        self.behaviour: Behaviour = behaviour or Ignore()
        self.following: deque[Behaviour] = deque()
        self.citizen = Citizen()
        self.calls: list[Call] = []
        self.alive = True
        self.on_death: Callable[[], None] = lambda: None
        self._exchange = exchange
        self._shown = 0
        self._changed = asyncio.Event()

    @property
    def offers(self) -> list[Call]:
        """All calls that came to this phone, oldest first."""
        return [call for call in self.calls if call.incoming]

    @property
    def talking(self) -> bool:
        """Whether the user hears a human now."""
        return any(call.talking for call in self.calls)

    # What Asterisk tells the phone

    def ring(self, call: Call) -> None:
        """A call comes; what the user does is what `following` says, then `behaviour`."""
        call.state = CallState.RINGING
        self.calls.append(call)
        self.stir()
        behaviour = self.following.popleft() if self.following else self.behaviour
        match behaviour:
            case Answer():
                self._later(behaviour.after_s, self._pick_up, call, behaviour)
            case Decline():
                self._later(behaviour.after_s, self._reject, call)
            case Ignore():
                pass

    def on_answered(self, call: Call) -> None:
        """The call is up; who dialled it counts the keys' times from here."""
        self.stir()
        if not call.incoming:
            for seconds, digit in self.citizen.keys:
                self._later(seconds, self._key, call, digit)

    def on_together(self, call: Call) -> None:
        """The user hears a human; who dialled counts the talk's time from here."""
        self.stir()
        if not call.incoming and self.citizen.talk_s is not None:
            self._later(self.citizen.talk_s, self._hang_up_in_talk, call)

    def _hang_up_in_talk(self, call: Call) -> None:
        if call.talking:
            self.end(call)

    def stir(self) -> None:
        """Whoever waits for something looks again."""
        self._changed.set()

    # What the user does

    def _pick_up(self, call: Call, behaviour: Answer) -> None:
        busy = any(other.state is CallState.ANSWERED for other in self.calls)
        if busy or call.state is not CallState.RINGING:
            return
        self._exchange.machine.soon(self._up, call)
        for seconds, digit in behaviour.keys:
            self._later(seconds, self._key, call, digit)
        if behaviour.talk_s is not None:
            act = self.die if behaviour.vanish else self.end
            self._later(behaviour.talk_s, act, *(() if behaviour.vanish else (call,)))

    def _up(self, call: Call) -> None:
        channel = self._exchange.channels.get(call.channel)
        if channel is not None and channel.pulled is None:
            self._exchange.up(channel)

    def _reject(self, call: Call) -> None:
        channel = self._exchange.channels.get(call.channel)
        if call.state is CallState.RINGING and channel is not None:
            self._exchange.end(channel, 17, {"cause": 17}, BUSY_HERE)

    def end(self, call: Call) -> None:
        """Hangs up; a call that is over already stays as it is."""
        channel = self._exchange.channels.get(call.channel)
        if self.alive and channel is not None and call.state is not CallState.CLOSED:
            call.hung_up = True
            # The cause is in the channel a moment before or after the event is made.
            known = {"cause": 16} if self._exchange.machine.draw() < 0.5 else {}  # noqa: PLR2004
            self._exchange.end(channel, 16, known)

    def _key(self, call: Call, digit: str) -> None:
        channel = self._exchange.channels.get(call.channel)
        if self.alive and channel is not None and call.state is CallState.ANSWERED:
            channel.digits.put_nowait(digit)
            self._exchange.tell("ChannelDtmfReceived", channel, digit=digit, duration_ms=180)

    def die(self) -> None:
        """The phone loses its power: no BYE, no word."""
        if not self.alive:
            return
        self.alive = False
        self.on_death()
        for call in self.calls:
            channel = self._exchange.channels.get(call.channel)
            if channel is not None and channel.state == "Up" and not channel.inbound:
                self._later(
                    RTP_TIMEOUT_S, self._exchange.end, channel, 44, {"cause": 1, "soft": True}
                )
        self.stir()

    def _later(self, seconds: float, act: Callable[..., object], *args: object) -> None:
        asyncio.get_running_loop().call_later(seconds, act, *args)

    # What a script does with it

    async def dial(self, number: str) -> Call:
        """Dials a feature code at a seat."""
        call = self._exchange.dial_code(self, self.seat, number)
        self.calls.append(call)
        return call

    async def accept(self) -> None:
        """Picks up the call that rings."""
        for call in self.offers:
            if call.state is CallState.RINGING:
                self._exchange.machine.soon(self._up, call)
                return

    async def press(self, digits: str) -> None:
        """Presses keys in the call that is up; each is told when it ends."""
        for place, digit in enumerate(digits):
            for call in self.calls:
                if call.state is CallState.ANSWERED:
                    self._later(DIGIT_S + BETWEEN_S * place, self._key, call, digit)

    async def hangup(self) -> None:
        """Ends every call."""
        for call in self.calls:
            if call.state is not CallState.CLOSED:
                self.end(call)

    async def kill(self) -> None:
        """The phone loses its power."""
        self.die()

    async def offered(self, deadline_s: float) -> Call:
        """The next call that came and was not yet returned here.

        Raises:
            TimeoutError: None came within `deadline_s` seconds.
        """
        await self.until(lambda: len(self.offers) > self._shown, deadline_s)
        self._shown += 1
        return self.offers[self._shown - 1]

    async def established(self, deadline_s: float) -> Call:
        """The call that is up, now or once it is.

        Raises:
            TimeoutError: None is within `deadline_s` seconds.
        """
        await self.until(lambda: self._in(CallState.ANSWERED) is not None, deadline_s)
        up = self._in(CallState.ANSWERED)
        if up is None:
            raise TimeoutError
        return up

    async def closed(self, deadline_s: float) -> None:
        """Returns when there was a call and none is left.

        Raises:
            TimeoutError: One was still there after `deadline_s` seconds.
        """
        await self.until(
            lambda: bool(self.calls) and all(c.state is CallState.CLOSED for c in self.calls),
            deadline_s,
        )

    def _in(self, state: CallState) -> Call | None:
        return next((call for call in self.calls if call.state is state), None)

    async def until(self, holds: Callable[[], bool], deadline_s: float) -> None:
        """Returns when `holds()` is true.

        Raises:
            TimeoutError: It was not within `deadline_s` seconds.
        """
        async with asyncio.timeout(deadline_s):
            while not holds():
                self._changed.clear()
                await self._changed.wait()


class FakeCaller(FakePhone):
    """A citizen behind a trunk.

    Args:
        exchange: The Asterisk that the trunk leads to.
        number: The caller's number.
        trunk: The trunk's id in the settings.
        citizen: What the caller does.

    Attributes:
        location: Comes with the call, as Asterisk's geolocation tells it: `GML:shape="Point",…`.
        access: Come with the call: values of P-Access-Network-Info.
    """

    def __init__(
        self, exchange: "Exchange", number: str, trunk: str, citizen: Citizen | None = None
    ) -> None:
        super().__init__(exchange, number)
        self._trunk = trunk
        self.citizen = citizen or Citizen()
        self.location = ""
        self.access: tuple[str, ...] = ()

    async def dial(self, number: str) -> Call:
        """Calls; returns when the INVITE is on its way."""
        return self.call(number)

    def call(self, number: str) -> Call:
        """Calls, from plain code."""
        call = self._exchange.arrive(self, self._trunk, number)
        self.calls.append(call)
        if self.citizen.patience_s is not None:
            self._later(self.citizen.patience_s, self._lose_patience, call)
        return call

    def _lose_patience(self, call: Call) -> None:
        if not call.talked:
            self.end(call)
