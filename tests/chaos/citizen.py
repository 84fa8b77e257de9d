"""A caller in a round, who stays on the line until there has been a human."""

import asyncio
import time
from dataclasses import dataclass

from sandbox.audio import tone_present, tone_spans
from sandbox.call import Call, CallState
from sandbox.caller import Caller, PhoneError
from sandbox.phone import Softphone

TALK_S = 4.0
"""Longer than an operator's slip of the hand (DESIGN §4.7)."""
HEARD_S = 1.0
"""So long each side has to hear the other without a break."""
STAY_LIMIT_S = 90.0
"""Who has had no human for so long gives up."""
LEAVE_S = 5.0
"""For an operator's phone to be told that the caller has hung up."""
POLL_S = 0.1


@dataclass(slots=True)
class Fate:
    """What became of a caller.

    Attributes:
        who: What the caller was doing when the fault struck.
        number: The caller's number.
        since: When the fault concerned the caller: it struck, or the caller dialled later.
        human_at: When the caller heard a human first, `time.monotonic()`; None: nobody was heard.
        was_there: The call was there when the fault struck.
        reason: Why the caller is lost; empty when served.
        parts: How many talks it took; more than one: a talk was cut by the fault.
    """

    who: str
    number: str
    since: float
    human_at: float | None = None
    was_there: bool = False
    reason: str = "still on the line"
    parts: int = 0

    @property
    def waited_s(self) -> float | None:
        """How long the fault kept the caller from a human; None for ever."""
        return None if self.human_at is None else max(0.0, self.human_at - self.since)


class Citizen:
    """A caller with a phone, once it has dialled.

    Args:
        caller: The phone.
        phones: Those of operators and others who may answer, by name.
        fate: To be filled in.
        tone_hz: What the caller's phone sends.
    """

    def __init__(
        self, caller: Caller, phones: dict[str, Softphone], fate: Fate, tone_hz: float
    ) -> None:
        self.caller = caller
        self.fate = fate
        self._phones = phones
        self._tone_hz = tone_hz

    async def stay(self, until: asyncio.Event) -> bool:
        """Stays for a talk in which both are heard, and until `until` is set; then hangs up.

        What has become of the caller stands in the fate afterwards.

        Returns:
            Whether the line went dead instead.
        """
        give_up = time.monotonic() + STAY_LIMIT_S
        talk: Call | None = None
        while time.monotonic() < give_up:
            if self._call.state is CallState.CLOSED:
                self.fate.reason = f"the line went dead: {self._call.reason}"
                return True
            found = self._talk()
            if found is None:
                talk = None
            else:
                self.fate.parts += found[1] is not talk
                talk = found[1]
                if until.is_set() and self._lasted(talk) and await self._is_heard(*found):
                    await self._hang_up(*found)
                    return False
            await asyncio.sleep(POLL_S)
        self.fate.reason = f"no human was heard within {STAY_LIMIT_S:.0f} s"
        await self.caller.hangup()
        return False

    def _lasted(self, call: Call) -> bool:
        return call.talking_at is not None and time.monotonic() - call.talking_at >= TALK_S

    async def _is_heard(self, phone: Softphone, call: Call) -> bool:
        """Whether both have heard each other; an operator may be joined long after picking up."""
        hears = await asyncio.to_thread(tone_present, self._call.heard, phone.tone_hz, HEARD_S)
        if not hears:
            return False
        return await asyncio.to_thread(tone_present, call.heard, self._tone_hz, HEARD_S)

    @property
    def _call(self) -> Call:
        return self.caller.calls[-1]

    def _talk(self) -> tuple[Softphone, Call] | None:
        """Who talks to this caller now."""
        for phone in self._phones.values():
            for call in phone.calls:
                if call.number == self.fate.number and call.state is CallState.TALKING:
                    return phone, call
        return None

    async def _hang_up(self, phone: Softphone, call: Call) -> None:
        await self.caller.hangup()
        self.fate.human_at = await asyncio.to_thread(self._first_heard)
        try:
            await phone.ended(call, LEAVE_S)
        except (TimeoutError, PhoneError) as error:
            self.fate.reason = f"the operator was not let go: {error}"
            return
        self.fate.reason = ""

    def _first_heard(self) -> float | None:
        """When the first human was heard, to 50 ms, as the recording has it."""
        began = self._call.talking_at
        spans = (
            span
            for phone in self._phones.values()
            for span in tone_spans(self._call.heard, phone.tone_hz)
            if span.length_s >= HEARD_S
        )
        first = min(spans, key=lambda span: span.start_s, default=None)
        return None if began is None or first is None else began + first.start_s
