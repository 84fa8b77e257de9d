"""The store has every record once, in order, whatever comes in between, on each database alike."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from journal import engine
from journal.address import Address
from journal.archive import Archive
from journal.engine import open_engine
from journal.fault import StoreAway, StoreTooNew
from journal.record import Record
from journal.seal import first_link, next_link
from journal.store import Kept, Store
from tests.journal.sample import NOON, files, record


def told(numbers: range, writer: str = "w") -> list[Record]:
    """A writer's records of these numbers; each has a caller's number."""
    return [
        record(n, "arrived", id=f"{writer}-{n:08d}", detail={"ani": f"0812{n:08d}", "did": "112"})
        for n in numbers
    ]


async def kept(address: Address) -> list[Kept]:
    """All that is in the store, in order."""
    async with Archive(address) as archive:
        return [each async for each in archive.kept()]


async def append(address: Address, records: list[Record]) -> int:
    """Appends through a store of its own."""
    async with Store(address) as store:
        return await store.append(records, {})


def assert_chained(found: list[Kept]) -> None:
    """Each writer's links follow each other from the first one on."""
    heads: dict[str, str] = {}
    for each in found:
        before = heads.get(each.writer, first_link(each.writer))
        assert each.link == next_link(before, each.body)
        heads[each.writer] = each.link


async def test_what_is_appended_is_read_back(address: Address) -> None:
    """Personal facts and all, in the order in which it came."""
    wanted = told(range(1, 8))
    assert await append(address, wanted) == 7
    async with Archive(address) as archive:
        assert [each async for each in archive.records()] == wanted


async def test_nothing_comes_twice(address: Address) -> None:
    """A batch that is told again, in part or whole, by the same process or another, is one."""
    wanted = told(range(1, 6))
    async with Store(address) as store:
        assert await store.append(wanted[:3], {}) == 3
        assert await store.append(wanted, {}) == 2
        assert await store.append(wanted + wanted, {}) == 0
    assert await append(address, wanted) == 0
    found = await kept(address)
    assert [each.id for each in found] == [each.id for each in wanted]
    assert [each.position for each in found] == [1, 2, 3, 4, 5]
    assert_chained(found)


async def test_each_writer_has_a_chain_of_its_own(address: Address) -> None:
    """Two runs that write at the same time do not know of each other."""
    one, two = told(range(1, 5), "one"), told(range(1, 5), "two")
    await append(address, [one[0], two[0], two[1], one[1]])
    await append(address, [two[2], one[2], one[3], two[3]])
    assert_chained(await kept(address))


async def test_two_daemons_on_one_store_take_turns(address: Address) -> None:
    """Both bring all of two spools at once: each record is there once, each chain whole."""
    records = {name: told(range(1, 101), name) for name in ("one", "two")}

    async def bring(names: tuple[str, str]) -> None:
        async with Store(address) as store:
            for begin in range(0, 100, 10):
                for name in names:
                    await store.append(records[name][begin : begin + 10], {})

    async with Store(address):
        pass
    await asyncio.gather(bring(("one", "two")), bring(("two", "one")))
    found = await kept(address)
    assert sorted(each.id for each in found) == sorted(
        each.id for name in records for each in records[name]
    )
    assert [each.position for each in found] == list(range(1, 201))
    assert_chained(found)


async def test_stores_that_begin_at_once_make_the_tables_once(address: Address) -> None:
    """Migrations are one transaction, and the second finds nothing to do."""
    counts = await asyncio.gather(*(append(address, told(range(1, 4))) for _ in range(3)))
    assert sorted(counts) == [0, 0, 3]


async def test_places_go_with_the_records(address: Address) -> None:
    """How far the spool was read is known to the next process; a later word wins."""
    async with Store(address) as store:
        await store.append(told(range(1, 3)), {"a.jsonl": 100, "b.jsonl": 5})
        await store.append([], {"a.jsonl": 200})
    async with Store(address) as store:
        assert await store.places() == {"a.jsonl": 200, "b.jsonl": 5}
        await store.forget_places(["b.jsonl"])
        assert await store.places() == {"a.jsonl": 200}


async def test_half_a_batch_is_no_batch(address: Address) -> None:
    """A fault in the middle takes all of it back: records, heads and places."""
    broken = record(9, id="w-00000009", call="c" * 10, detail={"ani": "081"})
    calls = 0

    def salt() -> bytes:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise OSError("no more salt")
        return b"\0" * 16

    async with Store(address, salt) as store:
        with pytest.raises(StoreAway, match="no more salt"):
            await store.append([*told(range(1, 3)), broken], {"a.jsonl": 1})
        assert await store.places() == {}
        assert await store.heads() == {}
        assert await store.append(told(range(1, 3)), {}) == 2


@pytest.mark.parametrize(
    "odd",
    [
        record(1, call="nul\0in it", detail={"ani": "\0", "text": "\0\x1f\u2028"}),
        record(1, id="no number", call=None),
        record(1, id="w-" + "9" * 30),
        record(1, id="-5"),
        record(1, detail={"ani": 2**70, "big": 2**70, "location": ["a", {"b": None}]}),
        record(1, detail={"ani": "", "number": None, "location": "🚨 Jalan 'Sudirman'"}),
        record(1, "é" * 100, call="ü" * 100),
    ],
)
async def test_odd_records_are_kept_as_they_are(odd: Record, address: Address) -> None:
    """Nothing that can be in a spool stops the store."""
    assert await append(address, [odd]) == 1
    assert await append(address, [odd]) == 0
    async with Archive(address) as archive:
        (found,) = [each async for each in archive.records()]
    assert (found.id, found.call, found.what) == (odd.id, odd.call, odd.what)
    assert found.detail == odd.detail


async def test_a_purge_takes_values_and_leaves_records(address: Address) -> None:
    """Only what is asked for and old enough goes; the record itself stays."""
    old = record(1, "arrived", detail={"ani": "0812", "location": "here", "did": "112"})
    new = record(2, "arrived", at=NOON + timedelta(days=2), detail={"ani": "0813"})
    await append(address, [old, new])
    async with Store(address) as store:
        assert await store.purge({"ani"}, NOON + timedelta(days=1)) == 1
        assert await store.purge({"ani"}, NOON + timedelta(days=1)) == 0
    async with Archive(address) as archive:
        first, second = [each async for each in archive.records()]
    assert first.detail == {"location": "here", "did": "112"}
    assert second.detail == {"ani": "0813"}


async def test_a_purge_leaves_no_trace_in_the_files(tmp_path: Path) -> None:
    """SQLite overwrites what is purged, and its log begins anew."""
    address = Address(f"sqlite:///{tmp_path}/journal.sqlite")
    number = "081234567890"
    async with Store(address) as store:
        await store.append([record(1, detail={"ani": number})], {})
        assert traces(tmp_path, number)
        await store.purge({"ani"}, NOON + timedelta(days=1))
        assert traces(tmp_path, number) == []


def traces(folder: Path, text: str) -> list[str]:
    """The files in which the text can be found."""
    return [path.name for path in folder.iterdir() if text.encode() in path.read_bytes()]


async def test_a_store_of_a_later_release_is_left_alone(address: Address) -> None:
    """After a downgrade the records wait in the spool, and the reason is told."""
    await append(address, told(range(1, 3)))
    later = open_engine(address, writes=True)
    async with later.begin() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    await later.dispose()
    with pytest.raises(StoreTooNew, match="later release"):
        await append(address, told(range(3, 5)))


async def test_a_database_that_is_away_is_told_in_a_line(tmp_path: Path) -> None:
    """Whatever a driver says of it comes out as one fault of this house."""
    (tmp_path / "file").write_text("this is no database, but long enough to look at" * 100)
    for url in (
        "postgresql://siaga112@127.0.0.1:1/nothing",
        f"sqlite:///{tmp_path}/file",
        f"sqlite:///{tmp_path}/file/below",
        "sqlite:////proc/nothing/journal.sqlite",
    ):
        with pytest.raises(StoreAway) as caught:
            await append(Address(url), told(range(1, 3)))
        assert "\n" not in str(caught.value)
        assert str(caught.value)


async def test_who_only_reads_makes_nothing(tmp_path: Path) -> None:
    """A question before the first record is answered with what is the matter."""
    with pytest.raises(StoreAway, match="nothing has been recorded yet"):
        async with Archive(Address(f"sqlite:///{tmp_path}/none.sqlite")):
            pass
    assert files(tmp_path) == []


async def test_the_file_is_for_owner_and_group(tmp_path: Path) -> None:
    """Callers' numbers are in it."""
    await append(Address(f"sqlite:///{tmp_path}/state/journal.sqlite"), told(range(1, 2)))
    assert (tmp_path / "state" / "journal.sqlite").stat().st_mode & 0o777 == engine.FILE_MODE


async def test_who_may_only_read_the_folder_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a daemon beside, by its files; without one, nothing is made to read the store."""
    address = Address(f"sqlite:///{tmp_path}/jour%nal #1.sqlite")
    monkeypatch.setattr(engine, "_may_write", lambda _folder: False)
    async with Store(address) as store:
        await store.append(told(range(1, 4)), {})
        assert len(await kept(address)) == 3
    before = files(tmp_path)
    assert len(await kept(address)) == 3
    assert files(tmp_path) == before == ["jour%nal #1.sqlite"]
