"""The store as an outbox: its records after a place that is kept in the store itself.

Whoever tells others of the records moves the place when they have confirmed. So a kill, a power cut
or a broker that is away cost nothing; what was told and not confirmed is told again. Two that do it
at once tell some records twice, and none too late: each of them tells all in their order.
"""

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Final, Self

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journal.address import Address
from journal.archive import Archive
from journal.schema import outbox, record
from journal.store import Kept, Store

MQTT: Final = "mqtt"
"""The name of the place of who publishes over MQTT."""


async def open_place(store: Store, name: str) -> None:
    """There is a place of that name: a new one is after all that is there now.

    Raises:
        StoreError: The store does not answer.
    """
    async with store.turn() as connection:
        if await _place(connection, name) is None:
            newest = (await connection.execute(select(func.max(record.c.position)))).scalar() or 0
            await connection.execute(insert(outbox), [{"name": name, "position": newest}])


async def close_place(store: Store, name: str) -> None:
    """There is none: who was told of all is promised nothing any more.

    Raises:
        StoreError: The store does not answer.
    """
    async with store.turn() as connection:
        await connection.execute(delete(outbox).where(outbox.c.name == name))


class Outbox:
    """The records that somebody is to be told of; to be entered with `async with`.

    Args:
        address: The store.
        name: Of the place in it.
    """

    def __init__(self, address: Address, name: str = MQTT) -> None:
        self._address = address
        self._name = name
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self._store = await stack.enter_async_context(Store(self._address))
            self._archive = await stack.enter_async_context(Archive(self._address))
            await open_place(self._store, self._name)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def place(self) -> int:
        """The position of the last record that was confirmed.

        Raises:
            StoreError: The store does not answer.
        """
        async with self._store.turn() as connection:
            return await _place(connection, self._name) or 0

    async def after(self, position: int, limit: int) -> list[Kept]:
        """The records that follow a position, so many at most.

        Raises:
            StoreError: The store does not answer.
        """
        return await self._archive.after(position, limit)

    async def newest(self) -> int:
        """The position of the newest record.

        Raises:
            StoreError: The store does not answer.
        """
        return await self._archive.newest()

    async def move(self, position: int) -> None:
        """All up to that position is confirmed; a place never goes back.

        Raises:
            StoreError: It is not kept, and is told again.
        """
        moved = (
            update(outbox)
            .where(outbox.c.name == self._name, outbox.c.position < position)
            .values(position=position)
        )
        async with self._store.turn() as connection:
            await connection.execute(moved)
            # Another daemon on the same store, which publishes nothing, has taken the place away.
            if await _place(connection, self._name) is None:
                row = {"name": self._name, "position": position}
                await connection.execute(insert(outbox), [row])


async def _place(connection: AsyncConnection, name: str) -> int | None:
    found = await connection.execute(select(outbox.c.position).where(outbox.c.name == name))
    return found.scalar()
