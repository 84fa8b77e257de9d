"""What every phone of the sandbox has in common: its calls, and how its user treats them."""

import asyncio
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Self, assert_never

from sandbox.baresip import Baresip, PhoneError, PhoneEvent
from sandbox.behaviour import Answer, Behaviour, Decline, Ignore
from sandbox.call import Call, CallClosed, CallState
from sandbox.toolbox import Toolbox

CODECS = "PCMA,PCMU"
AGREE_LIMIT_S = 3.0
"""For the answer to a re-INVITE; Asterisk needs some milliseconds."""
_URI = re.compile(r"sips?:(?:([^@;]*)@)?")

BEGIN_LIMIT_S = 5.0
"""From a command to the INVITE: milliseconds, but this process may be starved for seconds."""


class Handset:
    """A phone with its user: a baresip process that follows its calls.

    Args:
        toolbox: Where baresip is.
        workdir: A folder of its own; recordings stay in it.
        address: The loopback address that its SIP and RTP leave from.
        server: Host and port that `dial()` sends to.
        tone_hz: What it sends in every call, in whole Hz.
        behaviour: What the user does when it rings; may be changed at any time.
        sip_port: Its SIP port; 0 lets the kernel choose.
        account: For a phone that does not register: a line of baresip's accounts file.
    """

    def __init__(
        self,
        toolbox: Toolbox,
        workdir: Path,
        *,
        address: str,
        server: tuple[str, int],
        tone_hz: float,
        behaviour: Behaviour,
        sip_port: int = 0,
        account: str = "",
    ) -> None:
        self.tone_hz = tone_hz
        self.behaviour = behaviour
        self.calls: list[Call] = []
        self._server = server
        self._shown = 0
        self._acts: set[asyncio.Task[None]] = set()
        self._baresip = Baresip(
            toolbox,
            workdir,
            address=address,
            tone_hz=tone_hz,
            heed=self._heed,
            sip_port=sip_port,
            account=account,
        )

    async def __aenter__(self) -> Self:
        await self._baresip.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop_acting()
        await self._baresip.stop()

    @property
    def events(self) -> list[PhoneEvent]:
        """All that happened to this phone, with monotonic times."""
        return self._baresip.events

    @property
    def pid(self) -> int:
        """The id of the phone's process."""
        return self._baresip.pid

    @property
    def offers(self) -> list[Call]:
        """All calls that came to this phone, oldest first, answered or not."""
        return [call for call in self.calls if call.incoming]

    def _in(self, state: CallState) -> Call | None:
        """The oldest call in that state."""
        return next((call for call in self.calls if call.state is state), None)

    async def offered(self, deadline_s: float) -> Call:
        """The next call that came and was not yet returned here, whatever became of it since.

        Raises:
            TimeoutError: None came within `deadline_s` seconds.
        """
        await self._baresip.until(
            lambda: len(self.offers) > self._shown, deadline_s, "no call was offered"
        )
        self._shown += 1
        return self.offers[self._shown - 1]

    async def established(self, deadline_s: float) -> Call:
        """The call that this phone talks in, now or once it does.

        Raises:
            CallClosed: The last call was dialled here and ended before an answer.
            TimeoutError: It talks in none within `deadline_s` seconds.
        """
        await self._baresip.until(
            lambda: self._in(CallState.TALKING) is not None or self._refused() is not None,
            deadline_s,
            "no call was established",
        )
        talking = self._in(CallState.TALKING)
        if talking is None:
            raise CallClosed(self.calls[-1])
        return talking

    def _refused(self) -> Call | None:
        last = self.calls[-1] if self.calls else None
        if last is None or last.incoming or last.state is not CallState.CLOSED:
            return None
        return last

    async def closed(self, deadline_s: float) -> str:
        """Why the last call ended, once no call is left; its recording is complete then.

        Raises:
            TimeoutError: A call was still there, or none had come, after `deadline_s` seconds.
        """
        await self._baresip.until(
            lambda: bool(self.calls) and all(call.state is CallState.CLOSED for call in self.calls),
            deadline_s,
            "no call was closed",
        )
        await self._settle()
        return self.calls[-1].reason

    async def ended(self, call: Call, deadline_s: float) -> None:
        """Returns when that call has ended, whatever other calls there are.

        Raises:
            TimeoutError: It had not after `deadline_s` seconds.
        """
        await self._baresip.until(
            lambda: call.state is CallState.CLOSED, deadline_s, "the call did not end"
        )

    async def _settle(self) -> None:
        """Waits until baresip has closed the files of a call that ended.

        It tells of the end before it frees the call, and obeys the next command after that.
        """
        with suppress(PhoneError):
            await self._baresip.command("listcalls")

    async def dial(self, number: str) -> Call:
        """Calls a number; returns when the INVITE is on its way.

        Raises:
            PhoneError: The phone could not send it.
        """
        host, port = self._server
        before = len(self.calls)
        await self._baresip.command("dial", f"sip:{number}@{host}:{port}")
        await self._baresip.until(
            lambda: len(self.calls) > before, BEGIN_LIMIT_S, "no call was begun"
        )
        return self.calls[-1]

    async def accept(self) -> None:
        """Picks up the call that rings.

        Raises:
            PhoneError: None rings.
        """
        await self._baresip.command("accept", self._ringing().id)

    async def accept_if_ringing(self) -> None:
        """Picks up, unless no call rings any more: the caller may have given up just before."""
        with suppress(PhoneError):
            await self.accept()

    def _ringing(self) -> Call:
        for call in self.offers:
            if call.state is CallState.RINGING:
                return call
        raise PhoneError("no call rings at this phone")

    async def hangup(self) -> None:
        """Ends every call, also one that is still being dialled; nothing to end is no error."""
        for call in self.calls:
            if call.state is not CallState.CLOSED:
                with suppress(PhoneError):
                    await self._baresip.command("hangup", call.id)
        await self._settle()

    async def send_dtmf(self, digits: str) -> None:
        """Presses keys in the call, as RFC 4733 events.

        Raises:
            PhoneError: There is no call.
        """
        await self._baresip.command("sndcode", digits)

    async def told(self, digit: str, deadline_s: float) -> None:
        """Returns when the other side has pressed that key in the call.

        Raises:
            TimeoutError: It had not after `deadline_s` seconds.
        """
        await self._baresip.until(
            lambda: any((e.kind, e.param) == ("CALL_DTMF_START", digit) for e in self.events),
            deadline_s,
            f"the key {digit} did not come",
        )

    async def hold(self) -> None:
        """Puts the other side on hold; returns when it has agreed.

        Raises:
            TimeoutError: There is no call, or the other side did not answer.
        """
        await self._renegotiate("hold")

    async def resume(self) -> None:
        """Takes the other side from hold; returns when it has agreed.

        Raises:
            TimeoutError: There is no call, or the other side did not answer.
        """
        await self._renegotiate("resume")

    async def refresh(self) -> None:
        """Sends a re-INVITE that changes nothing; returns when the other side has agreed.

        Raises:
            TimeoutError: There is no call, or the other side did not answer.
        """
        await self._renegotiate("reinvite")

    async def _renegotiate(self, command: str) -> None:
        before = self._agreements()
        with suppress(PhoneError):  # `resume` says "Invalid argument" although it has sent its own
            await self._baresip.command(command)
        await self._baresip.until(
            lambda: self._agreements() > before, AGREE_LIMIT_S, f"{command}: the other side is mute"
        )

    def _agreements(self) -> int:
        """How often the other side has answered an offer of this phone."""
        kinds = ((event.kind, event.param) for event in self.events)
        return sum(kind == ("CALL_REMOTE_SDP", "answer") for kind in kinds)

    async def kill(self) -> None:
        """Ends the phone without BYE or un-registration, as when the power fails."""
        await self._stop_acting()
        await self._baresip.kill()

    def recording(self) -> Path:
        """The WAV file of what the phone hears or heard in the call that was answered last.

        Raises:
            PhoneError: No call was answered yet, or nothing was heard before the answer.
        """
        for call in reversed(self.calls):
            if call.heard.exists() and (call.talking_at is not None or not call.incoming):
                return call.heard
        raise PhoneError("this phone has heard nothing yet")

    def _heed(self, event: PhoneEvent) -> None:
        match event.kind:
            case "CALL_CLOSED":
                call = self._call_of(event)
                call.state, call.closed_at, call.reason = CallState.CLOSED, event.at, event.param
            case "CALL_ESTABLISHED":
                call = self._call_of(event)
                call.state, call.talking_at = CallState.TALKING, event.at
                self._baresip.claim_recording(call.heard)
            case "CALL_PROGRESS":
                self._baresip.claim_recording(self._call_of(event).heard)
            case "CALL_INCOMING":
                act = asyncio.create_task(self._act(self._call_of(event)))
                self._acts.add(act)
                act.add_done_callback(self._acts.discard)
            case "PHONE_GONE":
                for call in self.calls:
                    if call.state is not CallState.CLOSED:
                        call.state, call.closed_at = CallState.CLOSED, event.at
                        call.reason = "the phone is gone"
            case _ if event.call:
                self._call_of(event)

    def _call_of(self, event: PhoneEvent) -> Call:
        for call in self.calls:
            if call.id == event.call:
                return call
        matched = _URI.match(event.peer)
        call = Call(
            id=event.call,
            number=(matched.group(1) or "") if matched else event.peer,
            name=event.name,
            incoming=event.incoming,
            heard=self._baresip.workdir / f"heard-{len(self.calls) + 1}.wav",
            began_at=event.at,
        )
        self.calls.append(call)
        return call

    async def _act(self, call: Call) -> None:
        """Does with a ringing call what the user would do."""
        behaviour = self.behaviour
        match behaviour:
            case Ignore():
                return
            case Answer() | Decline():
                await asyncio.sleep(call.began_at + behaviour.after_s - time.monotonic())
            case _:
                assert_never(behaviour)
        if call.state is not CallState.RINGING:
            return
        with suppress(PhoneError):  # the caller's CANCEL may cross it
            if isinstance(behaviour, Decline):
                await self._baresip.command("hangup", call.id)
            elif self._in(CallState.TALKING) is None:
                await self._baresip.command("accept", call.id)

    async def _stop_acting(self) -> None:
        acts = list(self._acts)
        for act in acts:
            act.cancel()
        await asyncio.gather(*acts, return_exceptions=True)
