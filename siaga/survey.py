"""Asks Asterisk what it has, in one look that no event falls through."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import TypeVar

import structlog

from siaga.adoption import FoundCall, Seen
from siaga.echo import Echo
from siaga.line import FUSE, FUSE_S
from switch.asterisk import Asterisk
from switch.error import SwitchError, Unreachable
from switch.event import EndpointView

log = structlog.get_logger(__name__)

ECHO_LIMIT_S = 2.0
"""For the events before the look to come in; a busy Asterisk takes some 10 ms."""
ASK_LIMIT_S, ASK_PAUSE_S = 2.0, 0.1
"""For one question of a look whose answer gets lost, and between two tries: events wait so long."""
_Answer = TypeVar("_Answer")


async def _asked(question: Callable[[], Awaitable[_Answer]]) -> _Answer:
    """The answer, which may have got lost a few times.

    Raises:
        SwitchError: Asterisk is away.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + ASK_LIMIT_S
    while True:
        try:
            return await question()
        except Unreachable:
            if loop.time() + ASK_PAUSE_S > until:
                raise
        await asyncio.sleep(ASK_PAUSE_S)


async def look(switch: Asterisk, echo: Echo) -> tuple[Seen, list[EndpointView]]:
    """Channels, bridges and endpoints; the events of all that happened before have been taken.

    Raises:
        SwitchError: Asterisk is away.
        TimeoutError: Its events do not come.
    """
    channels, bridges, endpoints = await asyncio.gather(
        _asked(switch.channels), _asked(switch.bridges), _asked(switch.endpoints)
    )
    await _asked(partial(echo.sound, ECHO_LIMIT_S))
    seen = Seen({view.id: view for view in channels}, {view.id: view for view in bridges})
    return seen, endpoints


async def still_playing(switch: Asterisk, playbacks: Iterable[str]) -> frozenset[str]:
    """Those of the playbacks that are still heard.

    Raises:
        SwitchError: Asterisk is away.
    """
    asked = tuple(playbacks)
    answers = await asyncio.gather(*(_asked(switch.playback(id_).exists) for id_ in asked))
    return frozenset(id_ for id_, exists in zip(asked, answers, strict=True) if exists)


async def renew(switch: Asterisk, calls: Iterable[FoundCall]) -> None:
    """Renews the fuses of callers who may have waited for it nearly too long."""
    for outcome in await asyncio.gather(
        *(
            switch.channel(call.channel.id).set_variable(FUSE, str(FUSE_S))
            for call in calls
            if call.bridged and not call.talks
        ),
        return_exceptions=True,
    ):
        if isinstance(outcome, SwitchError):
            log.info("fuse_not_renewed", error=str(outcome))
        elif isinstance(outcome, BaseException):
            raise outcome
