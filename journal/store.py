"""The journal's store: every record once, in order, each writer's in one chain.

A batch is one transaction: records, chain heads, and how far the spool's files have been taken. So
a process that is killed at any point, a power cut, a database that goes away leave all of a batch
or nothing of it, and whoever comes next goes on from what the store itself says. A record whose
number is not above its writer's head is here already.

Whoever appends holds the store for the time of the batch; two daemons on one store take turns.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self

from sqlalchemy import Insert, Select, delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import migration
from journal.address import Address
from journal.engine import open_engine, translated
from journal.record import Record
from journal.schema import identity, personal, place, record, writer
from journal.seal import (
    Head,
    Salt,
    Secret,
    first_link,
    fresh_salt,
    next_link,
    seal,
    stamp,
    writer_of,
)

LOCK: Final = 112_112
"""PostgreSQL's advisory lock of whoever appends: any number, always the same."""

PURGE_STEP: Final = 1_000
"""Facts that are purged in one transaction: some 10 ms, in which nobody else appends."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """A record as it lies in the store.

    Attributes:
        position: Its place in the order in which records were taken.
        id: The record's.
        writer: Who wrote it.
        at: Its time, as `stamp` writes it.
        what: Its name.
        call: Its call.
        body: All but the personal facts.
        link: Of the chain.
        secrets: The personal facts, with or without their values.
    """

    position: int
    id: str
    writer: str
    at: str
    what: str
    call: str | None
    body: str
    link: str
    secrets: tuple[Secret, ...]


def key_of(call: str | None) -> str | None:
    """A call's id as a text that each database takes: PostgreSQL's has no NUL."""
    return None if call is None else call.replace("\0", "")


class Store:
    """Appends records; to be entered with `async with`, which brings the tables up to date.

    Args:
        address: Where it is.
        salt: Draws a salt for each personal fact.
    """

    def __init__(self, address: Address, salt: Salt = fresh_salt) -> None:
        self._engine = open_engine(address, writes=True)
        self._salt = salt

    async def __aenter__(self) -> Self:
        try:
            async with self.turn() as connection:
                await connection.run_sync(migration.upgrade)
        except BaseException:
            await self._engine.dispose()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._engine.dispose()

    async def append(self, records: Sequence[Record], places: Mapping[str, int]) -> int:
        """Takes what is not here yet, all or nothing; how many records that were.

        Args:
            records: Of each writer in its order.
            places: How far each file of the spool has been read, up to these records.

        Raises:
            StoreError: Nothing of it is taken.
        """
        async with self.turn() as connection:
            taken = await self._append(connection, records) if records else 0
            await _put(
                connection,
                place.insert(),
                "file",
                [{"file": file, "offset": offset} for file, offset in places.items()],
            )
        return taken

    async def places(self) -> dict[str, int]:
        """How far each file of the spool has been taken.

        Raises:
            StoreError: The store does not answer.
        """
        async with self.turn() as connection:
            rows = await connection.execute(select(place.c.file, place.c.offset))
            return {row.file: row.offset for row in rows}

    async def forget_places(self, files: Collection[str]) -> None:
        """Files that are no more have no place.

        Raises:
            StoreError: The store does not answer.
        """
        async with self.turn() as connection:
            await connection.execute(delete(place).where(place.c.file.in_(files)))

    async def heads(self) -> dict[str, Head]:
        """Each writer's newest record.

        Raises:
            StoreError: The store does not answer.
        """
        async with self.turn() as connection:
            return await _heads(connection)

    async def identity(self) -> str:
        """Which store this is: of each that was ever made another one.

        Raises:
            StoreError: The store does not answer.
        """
        async with self.turn() as connection:
            return str((await connection.execute(select(identity.c.id))).scalar())

    async def aged(self, names: Collection[str], before: datetime) -> list[str]:
        """The values of these facts in the records before that time, as JSON.

        Raises:
            StoreError: The store does not answer.
        """
        async with self.turn() as connection:
            rows = await connection.execute(_aged(names, before).order_by(personal.c.record))
            return [row.value for row in rows]

    async def count_aged(self, names: Collection[str], before: datetime) -> int:
        """How many of these facts are in the records before that time.

        Raises:
            StoreError: The store does not answer.
        """
        counted = select(func.count()).select_from(_aged(names, before).subquery())
        async with self.turn() as connection:
            return (await connection.execute(counted)).scalar_one()

    async def purge(self, names: Collection[str], before: datetime) -> int:
        """Removes these facts from the records before that time; how many that were.

        The records stay, and their chain holds. It is done in steps, so that whoever appends has
        a turn in between.

        Raises:
            StoreError: Not all of them are removed; another purge goes on.
        """
        purged = 0
        while (step := await self._purge_some(names, before)) > 0:
            purged += step
        if purged and self._engine.dialect.name == "sqlite":
            await self._empty_log()
        return purged

    async def _purge_some(self, names: Collection[str], before: datetime) -> int:
        async with self.turn() as connection:
            found = await connection.execute(_aged(names, before).limit(PURGE_STEP))
            ids = {row.record for row in found}
            if not ids:
                return 0
            purged = (
                update(personal)
                .where(personal.c.name.in_(names), personal.c.value.is_not(None))
                .where(personal.c.record.in_(ids))
                .values(salt=None, value=None)
            )
            return (await connection.execute(purged)).rowcount

    async def _empty_log(self) -> None:
        """SQLite's log beside the file has what was there before, until it begins anew."""
        with translated():
            async with self._engine.connect() as connection:
                driver = (await connection.get_raw_connection()).driver_connection
                if driver is not None:
                    await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[AsyncConnection]:
        """A transaction in which nobody else appends.

        Raises:
            StoreError: Nothing of it is done.
        """
        with translated():
            async with self._engine.begin() as connection:
                if self._engine.dialect.name == "postgresql":
                    await connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
                yield connection

    async def _append(self, connection: AsyncConnection, records: Sequence[Record]) -> int:
        heads = await _heads(connection, {writer_of(each.id)[0] for each in records})
        position = (await connection.execute(select(func.max(record.c.position)))).scalar() or 0
        rows: list[Row] = []
        secrets: list[Row] = []
        for each in records:
            name, number = writer_of(each.id)
            head = heads.get(name) or Head(-1, first_link(name))
            if number <= head.number:
                continue
            sealed = seal(each, self._salt)
            link = next_link(head.link, sealed.body)
            heads[name] = Head(number, link)
            rows.append(
                {
                    "position": position + len(rows) + 1,
                    "id": each.id,
                    "writer": name,
                    "at": stamp(each.at),
                    "what": each.what,
                    "call": key_of(each.call),
                    "body": sealed.body,
                    "link": link,
                }
            )
            secrets += (
                {"record": each.id, "name": one.name, "salt": one.salt, "value": one.value}
                for one in sealed.secrets
            )
        if not rows:
            return 0
        await connection.execute(insert(record), rows)
        if secrets:
            await connection.execute(insert(personal), secrets)
        await _put(
            connection,
            writer.insert(),
            "name",
            [
                {"name": name, "number": head.number, "link": head.link}
                for name, head in heads.items()
            ],
        )
        return len(rows)


def _aged(names: Collection[str], before: datetime) -> Select[tuple[str, str]]:
    """These facts of the records before that time, as far as they are still there."""
    return (
        select(personal.c.record, personal.c.value)
        .join(record, record.c.id == personal.c.record)
        .where(personal.c.name.in_(names), personal.c.value.is_not(None))
        .where(record.c.at < stamp(before))
    )


async def _put(connection: AsyncConnection, into: Insert, key: str, rows: list[Row]) -> None:
    """Rows in place of those of the same key."""
    if rows:
        column = into.table.c[key]
        await connection.execute(delete(into.table).where(column.in_([row[key] for row in rows])))
        await connection.execute(into, rows)


async def _heads(
    connection: AsyncConnection, names: Collection[str] | None = None
) -> dict[str, Head]:
    wanted = select(writer.c.name, writer.c.number, writer.c.link)
    if names is not None:
        wanted = wanted.where(writer.c.name.in_(names))
    rows = await connection.execute(wanted)
    return {name: Head(number, link) for name, number, link in rows}
