"""What the control socket answers: the daemon's side of `siaga112 reload`, `status` and others."""

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec
import structlog

from console.control import Handler, Unfit
from console.instruction import Answered
from console.message import Request
from console.outcome import Outcome
from console.peer import Peer
from console.removal import Removal
from console.status import Status
from routing.note import CallId, Note
from siaga.instruction import Instructions, Invalid, instruction_of
from siaga.overview import Overview
from siaga.reload import Reload
from siaga.retention import Retention

log = structlog.get_logger(__name__)

NAME_S: Final = 1.0
"""For a user's name, which may be a question to a directory in the network."""


class Answers:
    """Answers requests, each by who can.

    Args:
        reload: The settings.
        overview: The whole daemon as one value.
        instructions: Has operators paused and ready.
        retention: Has what is too old removed.
        note: Takes the records.
    """

    def __init__(
        self,
        *,
        reload: Reload,
        overview: Overview,
        instructions: Instructions,
        retention: Retention,
        note: Callable[[Note], None],
    ) -> None:
        self._reload = reload
        self._overview = overview
        self._instructions = instructions
        self._retention = retention
        self._note = note

    def handlers(self) -> dict[str, Handler]:
        """What can be asked for, and what answers."""
        return {
            "reload": self._answer_reload,
            "status": self._answer_status,
            "called_back": self._answer_called_back,
            "purge": self._answer_purge,
            "pause": self._answer_instruction,
            "ready": self._answer_instruction,
        }

    async def _answer_reload(self, _request: Request, peer: Peer) -> Outcome:
        """Whoever asks may go away: the reload is not theirs alone."""
        log.info("reload_asked", by=await _name(peer), uid=peer.uid)
        return await asyncio.shield(self._reload.ask())

    async def _answer_status(self, request: Request, _peer: Peer) -> Status:
        return self._overview.status(numbers=request.numbers)

    async def _answer_called_back(self, request: Request, _peer: Peer) -> bool:
        """Takes the word of whoever may connect; whether it was taken."""
        call, by = request.call, request.by
        if not isinstance(call, str) or not isinstance(by, str):
            return False
        self._note(Note(CallId(call), "called_back", {"by": by}))
        return True

    async def _answer_purge(self, request: Request, peer: Peer) -> Removal:
        """Whoever asks may go away: what has begun is recorded all the same."""
        by = request.by if isinstance(request.by, str) else await _name(peer)
        days = request.days if isinstance(request.days, int) else None
        return await asyncio.shield(self._retention.ask(by, days, dry_run=request.dry_run is True))

    async def _answer_instruction(self, request: Request, peer: Peer) -> Answered:
        """Whose word it was is the kernel's, not that of who asks."""
        try:
            instruction = instruction_of(
                request.ask,
                request.person,
                for_s=_or(request.for_s, None),
                reason=_or(request.reason, ""),
                force=_or(request.force, other=False),
            )
        except Invalid as error:
            raise Unfit(str(error)) from error
        by: dict[str, str | int] = {"by": await _name(peer), "via": "socket", "uid": peer.uid}
        return self._instructions.follow(instruction, by)


def _or(value: object, other: object) -> object:
    return other if value is msgspec.UNSET else value


async def _name(peer: Peer) -> str:
    """The user's, or the number when it takes too long."""
    try:
        async with asyncio.timeout(NAME_S):
            return await asyncio.to_thread(peer.user)
    except (TimeoutError, OSError):
        return f"uid {peer.uid}"
