"""An operator's softphone: registers, rings, shows who calls, and is picked up or not."""

from pathlib import Path
from typing import Self

from sandbox.baresip import PhoneError
from sandbox.behaviour import Answer, Behaviour, Decline, Ignore
from sandbox.call import Call
from sandbox.handset import CODECS, Handset
from sandbox.toolbox import Toolbox

__all__ = ["Answer", "Behaviour", "Call", "Decline", "Ignore", "PhoneError", "Softphone"]

REGISTER_EVERY_S = 60
"""Asterisk's `minimum_expiration`: it takes no shorter one."""


class Softphone(Handset):
    """A phone at a seat: registered to Asterisk by user and password.

    Args:
        toolbox: Where baresip is.
        workdir: A folder of its own; recordings stay in it.
        server: Asterisk's SIP host and port.
        user: The endpoint's name, which is the user too.
        password: For the digest.
        tone_hz: What it sends in every call, in whole Hz.
        behaviour: What the operator does when it rings; may be changed at any time.
        address: The loopback address that it is bound to.
    """

    def __init__(
        self,
        toolbox: Toolbox,
        workdir: Path,
        *,
        server: tuple[str, int],
        user: str,
        password: str,
        tone_hz: float,
        behaviour: Behaviour,
        address: str = "127.0.0.1",
    ) -> None:
        super().__init__(
            toolbox, workdir, address=address, server=server, tone_hz=tone_hz, behaviour=behaviour
        )
        self.user = user
        self._aor = f"sip:{user}@{server[0]}:{server[1]}"
        self._password = password

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        await self.register()
        return self

    async def register(self) -> None:
        """Sends the first REGISTER; `registered()` waits for its outcome.

        Raises:
            PhoneError: The phone is gone.
        """
        await self._baresip.command(
            "uanew",
            f"<{self._aor}>;auth_pass={self._password};regint={REGISTER_EVERY_S}"
            f";audio_codecs={CODECS}",
        )

    async def registered(self, deadline_s: float) -> None:
        """Returns when Asterisk has accepted the registration.

        Raises:
            PhoneError: Asterisk refused it.
            TimeoutError: No answer came within `deadline_s` seconds.
        """
        await self._baresip.until(
            lambda: self._registration() in {"REGISTER_OK", "REGISTER_FAIL", "PHONE_GONE"},
            deadline_s,
            "not registered",
        )
        if self._registration() != "REGISTER_OK":
            last = self.events[-1]
            raise PhoneError(f"{self.user} could not register: {last.kind} {last.param}")

    def _registration(self) -> str:
        """The last event that tells of the registration."""
        kinds = (event.kind for event in reversed(self.events))
        return next((kind for kind in kinds if "REGISTER" in kind or kind == "PHONE_GONE"), "")

    async def unregister(self) -> None:
        """Takes the registration back; returns when the request is on its way to Asterisk.

        Calls of this phone end. `register()` brings it back.

        Raises:
            PhoneError: It was not registered.
        """
        await self._baresip.command("uadel", self._aor)
