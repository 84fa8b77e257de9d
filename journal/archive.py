"""What the store has, for who only reads it."""

from collections.abc import AsyncIterator, Collection, Iterable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import migration
from journal.address import Address
from journal.engine import open_engine, translated
from journal.fault import StoreAway, StoreTooNew
from journal.record import Record, in_order
from journal.schema import REVISION, identity, personal, record, writer
from journal.seal import NUMBERS, Head, Secret, stamp, unseal
from journal.store import Kept, key_of

PAGE: Final = 1_000
"""Records that are read at a time."""
CALLS: Final = 200
"""Calls whose records are asked for at a time."""
ARRIVALS: Final = ("arrived", "adopted")
"""The records with which a call begins; several of them when it comes back, or is adopted."""
BELATED: Final = timedelta(days=1)
"""So long after its arrival a call may be adopted: no caller has stayed on the line for a day."""

_KEPT: Final = select(
    record.c.position,
    record.c.id,
    record.c.writer,
    record.c.at,
    record.c.what,
    record.c.call,
    record.c.body,
    record.c.link,
)
_SECRETS: Final = select(personal.c.record, personal.c.name, personal.c.salt, personal.c.value)


class Archive:
    """Reads a store, while a daemon may append to it; to be entered with `async with`.

    Args:
        address: Where it is.
    """

    def __init__(self, address: Address) -> None:
        self._engine = open_engine(address, writes=False)

    async def __aenter__(self) -> Self:
        try:
            with translated():
                async with self._engine.connect() as connection:
                    _look_at(await connection.run_sync(migration.revision_of))
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

    async def kept(self) -> AsyncIterator[Kept]:
        """Everything, as it lies there, in the order in which it was taken."""
        after = -1
        while True:
            page = await self.after(after, PAGE)
            for each in page:
                yield each
            if len(page) < PAGE:
                return
            after = page[-1].position

    async def after(self, position: int, limit: int) -> list[Kept]:
        """What follows that place, as it lies there, so many at most."""
        wanted = _KEPT.where(record.c.position > position).order_by(record.c.position)
        return await self._page(wanted.limit(limit))

    async def newest(self) -> int:
        """The place of what was taken last; 0 when there is nothing."""
        with translated():
            async with self._engine.connect() as connection:
                wanted = select(func.max(record.c.position))
                return (await connection.execute(wanted)).scalar() or 0

    async def identity(self) -> str:
        """Which store this is."""
        with translated():
            async with self._engine.connect() as connection:
                return str((await connection.execute(select(identity.c.id))).scalar())

    async def records(self) -> AsyncIterator[Record]:
        """Everything, in the order in which it was taken."""
        async for each in self.kept():
            yield unseal(each.body, each.secrets)

    async def calls(
        self, since: datetime | None, until: datetime | None, digits: str = ""
    ) -> list[str]:
        """The ids of the calls that arrived in `[since, until)`, in that order.

        Args:
            since: None: from the first one.
            until: None: to the last one.
            digits: Of the caller's number; without them any caller's.
        """
        arrivals = select(record.c.call).where(record.c.what.in_(ARRIVALS))
        if since is not None:
            arrivals = arrivals.where(record.c.at >= stamp(since))
        if until is not None:
            arrivals = arrivals.where(record.c.at < stamp(until))
        if digits:
            # A number is kept as JSON, and digits mean nothing to LIKE.
            arrivals = arrivals.join(personal, personal.c.record == record.c.id)
            arrivals = arrivals.where(personal.c.value.like(f"%{digits}%"))
            arrivals = arrivals.where(personal.c.name.in_(NUMBERS))
        with translated():
            async with self._engine.connect() as connection:
                rows = await connection.execute(arrivals.order_by(record.c.at, record.c.position))
                return list(dict.fromkeys(row.call for row in rows if row.call is not None))

    async def of_calls(self, calls: list[str]) -> dict[str, list[Record]]:
        """By call, its records in their order; a call that is not there has none."""
        found: dict[str, list[Record]] = {call: [] for call in calls}
        for begin in range(0, len(calls), CALLS):
            some = [key_of(call) for call in calls[begin : begin + CALLS]]
            wanted = _KEPT.where(record.c.call.in_(some)).order_by(record.c.position)
            for each in await self._page(wanted):
                found.setdefault(each.call or "", []).append(unseal(each.body, each.secrets))
        return {call: in_order(records) for call, records in found.items()}

    async def histories(
        self, since: datetime, until: datetime, names: Collection[str]
    ) -> AsyncIterator[list[Record]]:
        """Each call that may have arrived in `[since, until)` once, its records in their order.

        They come without their personal facts, in no order of the calls, and so that a million of
        them take no more memory than some hundred. Some arrived shortly before or after that time:
        of who was adopted, the first record comes later than the arrival.

        Args:
            since: The earliest arrival.
            until: No arrival from here on.
            names: Of the records that are wanted; those of `ARRIVALS` always are.
        """
        wanted = {*names, *ARRIVALS}
        for what in ARRIVALS:
            async for page in self._arrivals(what, since, until + BELATED):
                keys = {key for key, _ in page}
                firsts = {id_ for _, id_ in page}
                for history in await self._histories(keys, wanted):
                    first = next((each for each in history if each.what in ARRIVALS), None)
                    if first is not None and first.id in firsts:
                        yield history

    async def _arrivals(
        self, what: str, since: datetime, until: datetime
    ) -> AsyncIterator[list[tuple[str, str]]]:
        """The calls and ids of the records of that name, page by page."""
        at, position = stamp(since), -1
        while True:
            wanted = (
                select(record.c.call, record.c.id, record.c.at, record.c.position)
                .where(record.c.what == what, record.c.at >= at, record.c.at < stamp(until))
                .where(or_(record.c.at > at, record.c.position > position))
                .order_by(record.c.at, record.c.position)
                .limit(CALLS)
            )
            with translated():
                async with self._engine.connect() as connection:
                    rows = (await connection.execute(wanted)).all()
            if rows:
                yield [(row.call, row.id) for row in rows if row.call is not None]
            if len(rows) < CALLS:
                return
            at, position = rows[-1].at, rows[-1].position

    async def _histories(
        self, calls: Iterable[str], names: Collection[str]
    ) -> Iterable[list[Record]]:
        found: dict[str, list[Record]] = {}
        wanted = (
            # Names are picked here: SQLite would go by their index, through the whole store.
            select(record.c.call, record.c.what, record.c.body)
            .where(record.c.call.in_(calls))
            .order_by(record.c.position)
        )
        with translated():
            async with self._engine.connect() as connection:
                for row in await connection.execute(wanted):
                    if row.what in names:
                        found.setdefault(row.call, []).append(unseal(row.body, ()))
        return [in_order(records) for records in found.values()]

    async def of_name(self, what: str, since: datetime | None) -> list[Record]:
        """The records of that name, from a time on if there is one, in their order."""
        wanted = _KEPT.where(record.c.what == what)
        if since is not None:
            wanted = wanted.where(record.c.at >= stamp(since))
        page = await self._page(wanted.order_by(record.c.position))
        return [unseal(each.body, each.secrets) for each in page]

    async def heads(self) -> dict[str, Head]:
        """Each writer's head, as the store remembers it."""
        with translated():
            async with self._engine.connect() as connection:
                rows = await connection.execute(
                    select(writer.c.name, writer.c.number, writer.c.link)
                )
                # SQLite keeps whatever somebody has put there; a head of -1 is never met.
                numbers = {row: row.number if isinstance(row.number, int) else -1 for row in rows}
                return {row.name: Head(number, row.link) for row, number in numbers.items()}

    async def strays(self) -> list[str]:
        """Records that are not there, and of which personal facts are."""
        wanted = (
            select(personal.c.record)
            .outerjoin(record, record.c.id == personal.c.record)
            .where(record.c.id.is_(None))
            .distinct()
        )
        with translated():
            async with self._engine.connect() as connection:
                return list((await connection.execute(wanted)).scalars())

    async def _page(self, wanted: "Select[Any]") -> list[Kept]:
        with translated():
            # Records and secrets of one moment: what is purged in between is gone from both.
            async with self._engine.connect() as connection:
                rows = (await connection.execute(wanted)).mappings().all()
                secrets = await _secrets(connection, [row["id"] for row in rows])
        return [Kept(**row, secrets=tuple(secrets.get(row["id"], ()))) for row in rows]


def _look_at(revision: str | None) -> None:
    if revision is None:
        raise StoreAway("the store is empty: nothing has been recorded yet")
    if revision > REVISION:
        raise StoreTooNew(revision)
    if revision < REVISION:
        raise StoreAway("the store is of an earlier release: start the daemon once")


async def _secrets(connection: AsyncConnection, ids: list[str]) -> dict[str, list[Secret]]:
    found: dict[str, list[Secret]] = {}
    for begin in range(0, len(ids), PAGE):
        some = ids[begin : begin + PAGE]
        wanted = _SECRETS.where(personal.c.record.in_(some)).order_by(personal.c.name)
        for row in await connection.execute(wanted):
            found.setdefault(row.record, []).append(Secret(row.name, row.salt, row.value))
    return found
