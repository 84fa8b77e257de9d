"""Phones outside the post: citizens behind a carrier's trunk, and numbers that a trunk leads to."""

from pathlib import Path

from sandbox.baresip import PhoneError
from sandbox.behaviour import Behaviour, Ignore
from sandbox.call import Call, CallClosed, CallState
from sandbox.handset import CODECS, Handset
from sandbox.toolbox import Toolbox

__all__ = ["Call", "CallClosed", "Caller", "OutsidePhone", "PhoneError"]


def _account(number: str, name: str, address: str) -> str:
    """An account that does not register.

    Raises:
        ValueError: Number or name would break out of their place in the line.
    """
    if not number or any(sign in '<>;@" \n' for sign in number):
        raise ValueError(f"number={number!r}: expected digits")
    if any(sign in '<>"\n' for sign in name):
        raise ValueError(f'name={name!r}: expected a name without < > "')
    display = f'"{name}" ' if name else ""
    return f"{display}<sip:{number}@{address}>;regint=0;audio_codecs={CODECS}"


class Caller(Handset):
    """A citizen: the carrier's gateway brings the call from the trunk's address.

    Args:
        toolbox: Where baresip is.
        workdir: A folder of its own; recordings stay in it.
        trunk_ip: The address that Asterisk knows the trunk by; SIP and RTP leave from it.
        server: Asterisk's SIP host and port.
        number: The caller's number, the user part of From.
        name: The caller's display name; carriers seldom send one.
        tone_hz: What the caller says, in whole Hz.
    """

    def __init__(
        self,
        toolbox: Toolbox,
        workdir: Path,
        *,
        trunk_ip: str,
        server: tuple[str, int],
        number: str,
        name: str = "",
        tone_hz: float,
    ) -> None:
        super().__init__(
            toolbox,
            workdir,
            address=trunk_ip,
            server=server,
            tone_hz=tone_hz,
            behaviour=Ignore(),
            account=_account(number, name, trunk_ip),
        )
        self.number = number

    async def press(self, digits: str) -> None:
        """Presses keys, as RFC 4733 events.

        Raises:
            PhoneError: There is no call.
        """
        await self.send_dtmf(digits)

    async def cancel(self) -> None:
        """Gives up before an answer.

        Raises:
            PhoneError: The call was answered already.
        """
        if self._in(CallState.TALKING) is not None:
            raise PhoneError("the call was answered; hang up instead")
        await self.hangup()


class OutsidePhone(Handset):
    """A number behind a trunk, such as a doctor's mobile or the neighbour's centre.

    Args:
        toolbox: Where baresip is.
        workdir: A folder of its own; recordings stay in it.
        trunk_ip: The trunk's address.
        sip_port: The port that Asterisk sends the trunk's calls to.
        server: Asterisk's SIP host and port.
        number: The number that it answers.
        tone_hz: What it says, in whole Hz.
        behaviour: What happens when it rings; may be changed at any time.
    """

    def __init__(
        self,
        toolbox: Toolbox,
        workdir: Path,
        *,
        trunk_ip: str,
        sip_port: int,
        server: tuple[str, int],
        number: str,
        tone_hz: float,
        behaviour: Behaviour,
    ) -> None:
        super().__init__(
            toolbox,
            workdir,
            address=trunk_ip,
            server=server,
            tone_hz=tone_hz,
            behaviour=behaviour,
            sip_port=sip_port,
            account=_account(number, "", trunk_ip),
        )
        self.number = number
