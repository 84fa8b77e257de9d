"""Whoever is told of the records is told of all from a place on, which the store keeps."""

from pathlib import Path

from journal.address import Address
from journal.backlog import STEP, Backlog
from journal.outbox import MQTT, Outbox, close_place, open_place
from journal.store import Store
from sandbox.database import Database
from tests.journal.conftest import new_database
from tests.journal.sample import record


async def test_it_begins_with_what_comes_from_then_on(address: Address) -> None:
    """A store of years is not published when somebody begins to follow."""
    async with Store(address) as store:
        await store.append([record(1), record(2)], {})
        await open_place(store, MQTT)
        await store.append([record(3)], {})
        await open_place(store, MQTT)  # the next process
    async with Outbox(address) as outbox:
        place = await outbox.place()
        found = await outbox.after(place, 10)
        assert [each.id for each in found] == [record(3).id]
        assert await outbox.newest() == found[0].position


async def test_a_place_is_kept_and_never_goes_back(address: Address) -> None:
    """Of two who publish at once, the slower one undoes nothing."""
    async with Outbox(address) as outbox:
        await outbox.move(7)
        await outbox.move(5)
    async with Outbox(address) as outbox:
        assert await outbox.place() == 7


async def test_who_is_not_told_any_more_is_promised_nothing(address: Address) -> None:
    """Switched off and on again, it begins anew."""
    async with Store(address) as store:
        await open_place(store, MQTT)
        await close_place(store, MQTT)
        await store.append([record(1)], {})
        await open_place(store, MQTT)
    async with Outbox(address) as outbox:
        assert await outbox.place() == 1


async def test_a_place_that_another_daemon_takes_away_comes_back(address: Address) -> None:
    """One that publishes nothing on the same store costs the one that does no record."""
    async with Outbox(address) as outbox, Store(address) as store:
        await close_place(store, MQTT)
        await outbox.move(9)
    async with Outbox(address) as outbox:
        assert await outbox.place() == 9


async def test_each_store_has_a_name_of_its_own(address: Address, tmp_path: Path) -> None:
    """Which it keeps."""
    async with Store(address) as store:
        name = await store.identity()
    async with Store(address) as store:
        assert await store.identity() == name
    async with Store(Address(f"sqlite:///{tmp_path}/another.sqlite")) as another:
        assert await another.identity() != name


async def test_a_backlog_is_the_same_until_it_is_confirmed(address: Address) -> None:
    """And counted."""
    async with Store(address) as store:
        await open_place(store, MQTT)
        await store.append([record(number) for number in range(1, STEP + 11)], {})
    backlog = Backlog(address)
    first = await backlog.more()
    assert (len(first), backlog.waiting) == (STEP, STEP + 10)
    assert await backlog.more() == first
    await backlog.confirm(first)
    assert [each.id for each in await backlog.more()] == [
        record(number).id for number in range(STEP + 1, STEP + 11)
    ]
    await backlog.close()
    again = Backlog(address)
    assert len(await again.more()) == 10
    await again.close()


async def test_a_store_that_goes_away_costs_a_backlog_nothing(database: Database) -> None:
    """What was confirmed meanwhile is not told again, and its place is kept later."""
    address = new_database(database)
    async with Store(address) as store:
        await open_place(store, MQTT)
        await store.append([record(1), record(2)], {})
    backlog = Backlog(address)
    first = await backlog.more()
    database.stop()
    try:
        await backlog.confirm(first[:1])
        assert await backlog.more() == []
    finally:
        database.start()
    second = await backlog.more()
    assert second == first[1:]
    await backlog.confirm(second)
    await backlog.close()
    async with Outbox(address) as outbox:
        assert await outbox.place() == second[0].position
