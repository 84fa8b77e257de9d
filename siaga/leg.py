"""One offer's leg in Asterisk: the operator's channel from its creation to its end.

    creating ──StasisStart──▶ dialling ──Up──▶ answered ──▶ gone
                                 found ┴────────▶┘ └─joined by the dialplan─▶ left ──▶ gone

Whatever happens, `LegGone` is reported exactly once and last: the floor frees the phone only then.
A leg of an earlier run that was found in Asterisk begins where it is.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from ivr.prompt import Prompt
from routing.cause import Cause
from routing.offer import LegAnswered, LegConfirmed, LegGone, LegRinging, Offer, OfferId
from siaga.memory import OFFER, kept_of, text_of
from switch.asterisk import Asterisk
from switch.error import Refused, SwitchError, Unreachable, is_passing
from switch.event import (
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelHangupRequest,
    ChannelStateChange,
    Event,
    StasisEnd,
    StasisStart,
)

log = structlog.get_logger(__name__)

ENTER_LIMIT_S = 5.0
"""From a created channel to its `StasisStart`, which comes within milliseconds."""
SIGN_LIMIT_S = 2.0
"""For a phone to show that it was dialled, when that answer got lost; it takes some 100 ms."""
FUSE_MARGIN_S = 20.0
"""The leg's own fuse outlasts its ring time by this: confirmation and bridging fit into it."""
DIALPLAN_GRACE_S = 1.0
"""For the dialplan, when it has the caller, to join the two or to end the leg: it takes 10 ms."""
RETRY_S = 0.5
"""Between two tries to end a leg or a bridge while Asterisk does not obey."""
CONFIRM_REPEATS = 3
"""The callee outside hears the announcement this often."""
HANDLER = "siaga-leg-gone,s,1"
"""The dialplan's hangup handler of a talking leg; its arguments are the caller's channel and the
second since 1970 from which they talk."""


@dataclass(frozen=True, slots=True)
class LegEntered:
    """The channel is there, and is being dialled."""

    offer: OfferId


LegReport = LegEntered | LegRinging | LegAnswered | LegConfirmed | LegGone


class Caller(Protocol):
    """What a leg needs to know of the caller that it is for."""

    @property
    def channel_id(self) -> str:
        """The caller's channel."""

    @property
    def number(self) -> str:
        """The caller's number as received, for the operator's display."""

    @property
    def pulled_out(self) -> bool:
        """Whether Asterisk has taken the caller to the last resort, and answered legs with it."""


class Leg:
    """Makes, watches and ends the channel of one offer.

    Args:
        offer: What the floor asked for.
        channel_id: The id that the channel will have.
        caller: Whom it is for.
        switch: Asterisk.
        report: Takes what becomes of the leg, `LegGone` exactly once and last.
        language: Folder of the announcement that a callee outside hears.
        found: The leg is there already, of an earlier run.

    Attributes:
        joined: It is in the caller's bridge.
        refused: Asterisk would not make the channel.
    """

    def __init__(
        self,
        offer: Offer,
        channel_id: str,
        caller: Caller,
        switch: Asterisk,
        report: Callable[[LegReport], None],
        *,
        language: str,
        found: bool = False,
    ) -> None:
        self.offer = offer
        self.channel = switch.channel(channel_id)
        self.caller = caller
        self.answered = False
        self.joined = False
        self.refused = False
        self._found = found
        self._switch = switch
        self._report = report
        self._language = language
        self._entered = asyncio.Event()
        if found:
            self._entered.set()
        self._rung = asyncio.Event()
        self._withdrawn = asyncio.Event()
        self._left = asyncio.Event()
        self._gone = asyncio.Event()
        self._hung_up = False
        self._reason = "normal"
        self._cause = 0
        self._confirming = self._confirmed = False

    async def run(self) -> None:
        """Lives as long as the channel; never raises."""
        structlog.contextvars.bind_contextvars(call_id=self.offer.call)
        try:
            await self._live()
        except SwitchError as error:
            # An endpoint without contact is refused without a cause (500, Allocation failed).
            self._cause = self._cause or Cause.NO_USER_RESPONSE
            self.refused = isinstance(error, Refused) and not self._entered.is_set()
            log.info("leg_failed", offer=self.offer.offer, error=str(error))
            await self._end()
        except Exception:
            log.exception("leg_failed", offer=self.offer.offer)
            await self._end()
        finally:
            self._report(LegGone(self.offer.offer, self._ending()))

    async def _live(self) -> None:
        if self._found:
            await self._first(None, None)
        else:
            await self._dial()
        if not self._gone.is_set():
            await self._end()

    def _ending(self) -> int:
        """Why it ended: an operator who hung up before hearing the caller has not answered."""
        is_taken = self._confirmed if self.offer.confirm else self.answered
        unheard = is_taken and not self.joined
        return Cause.NO_ANSWER if unheard and self._cause == Cause.NORMAL_CLEARING else self._cause

    async def _dial(self) -> None:
        """Makes the channel, dials it once it has entered, and waits for its end."""
        offer = self.offer
        await self.channel.create(
            offer.target.dial,
            args=("leg", offer.offer),
            variables={
                "TIMEOUT(absolute)": str(int(offer.ring_time_s + FUSE_MARGIN_S)),
                "CONNECTEDLINE(name,i)": offer.label,
                "CONNECTEDLINE(num,i)": self.caller.number,
                OFFER: text_of(kept_of(offer)),
            },
            originator=self.caller.channel_id,
        )
        if await self._first(self._entered, ENTER_LIMIT_S):
            self._report(LegEntered(offer.offer))
            if await self._is_dialled():
                await self._first(None, None)

    async def _is_dialled(self) -> bool:
        """Whether the phone rings or will ring; of who may, for the answer got lost, a sign tells.

        Raises:
            SwitchError: Asterisk refuses to dial it.
        """
        try:
            # The floor keeps the ring time; Asterisk's own is only a second net.
            await self.channel.dial(timeout_s=int(self.offer.ring_time_s) + 2)
        except Unreachable as error:
            log.info("leg_may_ring", offer=self.offer.offer, error=str(error))
            self._cause = Cause.NO_USER_RESPONSE
            return await self._first(self._rung, SIGN_LIMIT_S)
        return True

    async def _first(self, wanted: asyncio.Event | None, limit_s: float | None) -> bool:
        """Waits for `wanted`, a withdrawal or the end; whether it was `wanted`."""
        events = [self._withdrawn, self._gone] + ([] if wanted is None else [wanted])
        await _any_of(events, limit_s)
        ended = self._withdrawn.is_set() or self._gone.is_set()
        return wanted is not None and wanted.is_set() and not ended

    async def _end(self) -> None:
        """Hangs up; Asterisk then reports the end, or does not know the channel any more.

        A leg that the dialplan has joined with the caller is not ours to end.
        """
        if self.caller.pulled_out and self.answered:
            await _any_of([self._left, self._gone], DIALPLAN_GRACE_S)
        if self._left.is_set():
            await self._gone.wait()
            return
        while not self._gone.is_set():
            try:
                if await self.channel.hangup(reason=self._reason):
                    # It was there: a look that does not see it any more tells of its end.
                    self._entered.set()
                    async with asyncio.timeout(ENTER_LIMIT_S):
                        await self._gone.wait()
            except (SwitchError, TimeoutError) as error:
                if isinstance(error, SwitchError) and is_passing(error):
                    # The channel may be there or not: the phone is not free before that is known.
                    log.info("leg_not_ended", offer=self.offer.offer, error=str(error))
                    await _any_of([self._gone], RETRY_S)
                    continue
                log.warning("leg_not_ended", offer=self.offer.offer, error=repr(error))
            return

    def withdraw(self, *, answered_elsewhere: bool) -> None:
        """Ends the leg as soon as that can be done without leaving a channel behind."""
        self._reason = "answered_elsewhere" if answered_elsewhere else "normal"
        self._withdrawn.set()

    @property
    def has_left(self) -> bool:
        """Whether the dialplan has joined it with the caller."""
        return self._left.is_set()

    def leave(self) -> None:
        """The dialplan has joined it with the caller."""
        self._left.set()

    def lost(self, cause: int) -> None:
        """Asterisk has no such channel any more, or not yet: only one that was there is lost."""
        if self._entered.is_set():
            self._cause = cause
            self._gone.set()

    def take(self, event: Event) -> None:
        """An event of this leg's channel."""
        match event:
            case StasisStart():
                self._entered.set()
            case ChannelStateChange():
                self.know(event.channel.state)
            case ChannelHangupRequest():
                self._hung_up = True
            case StasisEnd() if not self._hung_up:
                self.leave()
            case ChannelDtmfReceived(digit="1") if self._confirming:
                self._confirmed = True
                self._report(LegConfirmed(self.offer.offer))
            case ChannelDestroyed():
                self._cause = event.cause
                self._gone.set()
            case _:
                pass

    def know(self, state: str) -> None:
        """The channel's state, of which only the first answer counts."""
        if state in {"Ringing", "Up"}:
            self._rung.set()
        if state == "Ringing":
            self._report(LegRinging(self.offer.offer))
        elif state == "Up" and not self.answered:
            self.answered = True
            self._report(LegAnswered(self.offer.offer))

    async def ask_to_confirm(self) -> None:
        """Asks the callee to press 1; what cannot be played or is not answered, the floor ends."""
        self._confirming = True
        prompt = f"sound:siaga/{self._language}/{Prompt.OUTSIDE_CONFIRM}"
        media = [prompt] * CONFIRM_REPEATS
        try:
            if self._found:
                await self._switch.playback(self._announcement).stop()
            await self.channel.play(media, playback_id=self._announcement)
        except SwitchError as error:
            log.warning("confirmation_not_played", offer=self.offer.offer, error=str(error))

    @property
    def _announcement(self) -> str:
        return f"{self.channel.id}-confirm"

    async def to_be_joined(self) -> None:
        """Nothing plays on the leg, and its hang-up will be noticed even without this process.

        Raises:
            SwitchError: The leg has gone meanwhile.
        """
        if self._confirming:
            self._confirming = False
            await self._switch.playback(self._announcement).stop()

    async def guard(self, since: float) -> None:
        """Pushes the hangup handler and takes off the leg's fuse: from now on it talks.

        Args:
            since: When the talk began, in seconds since 1970.

        Raises:
            SwitchError: The leg has gone meanwhile.
        """
        handler = f"{HANDLER}({self.caller.channel_id},{int(since)})"
        await self.channel.set_variable("CHANNEL(hangup_handler_push)", handler)
        await self.channel.set_variable("TIMEOUT(absolute)", "0")


async def _any_of(events: list[asyncio.Event], limit_s: float | None) -> None:
    """Waits until one of them is set, or for so long."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
