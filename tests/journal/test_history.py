"""A time's calls are read from the store once each, whatever comes in between, on each database."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from journal import archive as module
from journal.address import Address
from journal.archive import Archive
from journal.record import Record
from journal.store import Store
from tests.journal.sample import NOON, record

HOUR = timedelta(hours=1)


def calls(number: int) -> list[Record]:
    """So many calls, one an hour from noon on, three of them at the same time; told in between."""
    hours = [max(0, each - 2) for each in range(number)]
    parts = ("arrived", "digit", "bridged", "ended")
    return [
        record(
            place * number + each + 1,
            what,
            at=NOON + hour * HOUR + timedelta(seconds=place),
            call=f"c-{each}",
            offset_s=float(place),
            detail={"ani": f"0812{each:08d}"} if what == "arrived" else {},
        )
        for place, what in enumerate(parts)
        for each, hour in enumerate(hours)
    ]


async def told(address: Address, first: int, last: int) -> dict[str, list[Record]]:
    """The calls that may have arrived from one hour after noon to another."""
    found: dict[str, list[Record]] = {}
    async with Archive(address) as archive:
        async for history in archive.histories(
            NOON + first * HOUR, NOON + last * HOUR, {"bridged", "ended"}
        ):
            call = history[0].call or ""
            assert call not in found
            found[call] = history
    return found


async def keep(address: Address, records: list[Record]) -> None:
    """Puts them into the store."""
    async with Store(address) as store:
        await store.append(records, {})


@pytest.mark.parametrize("page", [1, 2, 3, 7, 200])
async def test_each_call_comes_once_however_many_are_read_at_a_time(
    page: int, address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the records that are wanted, in their order, and without what is personal."""
    monkeypatch.setattr(module, "CALLS", page)
    await keep(address, calls(8))
    found = await told(address, 0, 100)
    assert sorted(found) == [f"c-{each}" for each in range(8)]
    for history in found.values():
        assert [each.what for each in history] == ["arrived", "bridged", "ended"]
        assert history[0].detail == {}


async def test_calls_of_another_time_are_not_read(address: Address) -> None:
    """But for those of a day more, in which a call may be adopted that arrived before."""
    await keep(address, calls(60))
    found = await told(address, 10, 20)
    assert sorted(found) == sorted(f"c-{each + 2}" for each in range(10, 20 + 24))


async def test_a_call_that_comes_back_or_is_adopted_comes_where_it_first_arrived(
    address: Address,
) -> None:
    """In one time, and in no other, so that times that follow each other add up."""
    back = [
        record(1, "arrived", at=NOON),
        record(2, "pulled_out", at=NOON + HOUR),
        record(3, "arrived", at=NOON + 2 * HOUR, detail={"how": "resume"}),
        record(4, "adopted", at=NOON + 3 * HOUR),
        record(5, "adopted", at=NOON + 4 * HOUR, call="c-2", offset_s=60.0),
    ]
    await keep(address, back)
    found = await told(address, 0, 1)
    assert [each.what for each in found["c-1"]] == ["arrived", "arrived", "adopted"]
    assert list(await told(address, 1, 3)) == ["c-2"]
    assert list(await told(address, 3, 5)) == ["c-2"]


async def test_a_purge_changes_nothing_of_it(address: Address) -> None:
    """What is personal is not looked at."""
    await keep(address, calls(4))
    before = await told(address, 0, 9)
    async with Store(address) as store:
        assert await store.purge({"ani"}, NOON + 100 * HOUR) == 4
    assert await told(address, 0, 9) == before


CROWD, PAGE = 3_000, 20
"""Calls, and how many are read at a time: the share that a page of 200 has of 30,000 calls. Of a
few calls in a small table PostgreSQL reads all, and is right."""


async def test_a_report_goes_by_the_indexes_however_long_the_journal_is(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database's own word: for no page of calls does it read the whole store."""
    monkeypatch.setattr(module, "CALLS", PAGE)
    await keep(address, calls(CROWD))
    if not address.url.startswith("sqlite"):  # which nobody has look at its tables
        async with Store(address) as store, store.turn() as connection:
            await connection.exec_driver_sql("ANALYZE")  # as autovacuum does by itself
    asked: list[tuple[str, Any]] = []
    async with Archive(address) as archive:
        engine = archive._engine

        def ask(_c: object, _u: object, statement: str, values: Any, *_: object) -> None:
            if statement.startswith("SELECT"):
                asked.append((statement, values))

        event.listen(engine.sync_engine, "before_cursor_execute", ask)
        async for _ in archive.histories(
            NOON + 1000 * HOUR, NOON + 1100 * HOUR, {"bridged", "ended"}
        ):
            pass
        event.remove(engine.sync_engine, "before_cursor_execute", ask)
        plans = [await plan(engine, statement, values) for statement, values in asked]
    assert len(plans) > 6, "arrivals and histories, page by page"
    for (statement, _), told_ in zip(asked, plans, strict=True):
        index = "record_call" if "record.body" in statement else "record_at"
        assert index in told_, told_
        assert "SCAN record" not in told_, told_
        assert "Seq Scan on record" not in told_, told_


async def plan(engine: AsyncEngine, statement: str, values: Any) -> str:
    """How the database would answer."""
    word = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    async with engine.connect() as connection:
        rows = await connection.exec_driver_sql(f"{word} {statement}", values)
        return "\n".join(str(row[-1]) for row in rows)
