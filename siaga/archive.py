"""The store of the settings, opened for a command that only reads it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from journal import address
from journal.fault import StoreError
from journal.record import Record
from siaga.settings import Settings
from siaga.terminal import fail

if TYPE_CHECKING:
    from journal.archive import Archive

T = TypeVar("T")


def consult(settings: Settings, ask: "Callable[[Archive], Awaitable[T]]") -> T:
    """What is found in the store; when it cannot be read, says why and exits."""
    # The database's libraries take a third of a second to load, and few commands need them.
    from journal.archive import Archive  # noqa: PLC0415

    daemon = settings.daemon
    where = address.find(daemon.journal.store, daemon.journal.spool)

    async def answer() -> T:
        async with Archive(where) as archive:
            return await ask(archive)

    try:
        return asyncio.run(answer())
    except StoreError as error:
        fail(f"the journal in {where} cannot be read: {error}")


def records_of(settings: Settings, call: str) -> list[Record]:
    """A call's records in their order; none when there is no such call."""

    async def ask(archive: "Archive") -> list[Record]:
        return (await archive.of_calls([call])).get(call, [])

    return consult(settings, ask)
