"""What is too old is gone, from store and disk; what remains is proved, on each database alike."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from journal.address import Address
from journal.archive import Archive
from journal.proof import Flaw, Proof, prove
from journal.record import Record
from journal.store import Store
from siaga import broom, shelf
from siaga.broom import ORDER, Order, sweep
from tests.journal.conftest import address, database
from tests.journal.sample import record

__all__ = ["address", "database"]

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
YEAR = timedelta(days=365)
PATH = "recording"
NUMBER, PLACE = "081234567890", "GML: <circle/>"


def told(days: int, serial: int, **facts: object) -> Record:
    """A record of so many days ago."""
    at = NOON - timedelta(days=days)
    id_ = f"w-{serial:08d}"
    what = "recording_kept" if PATH in facts else "arrived"
    return record(serial, what, id=id_, at=at, call=f"{serial}.0", detail=facts)


class House:
    """A store with calls of a year and of yesterday, and a shelf."""

    def __init__(self, base: Path, address: Address) -> None:
        self.base, self.address = base, address
        self.talks = base / "talks"
        self.old = self.put("2025/11/20/1.0-1.wav")
        self.new = self.put("2026/11/23/2.0-1.wav")
        self.strange = self.put("2025/01/01/9.0-1.wav")
        self.records = [
            told(369, 1, ani=NUMBER, location=PLACE, trunk="telkom"),
            told(369, 2, recording=self.old, seconds=1.0),
            told(1, 3, ani=NUMBER, location=PLACE, access="cell"),
            told(1, 4, recording=self.new, seconds=1.0),
            told(0, 5, ani=NUMBER),
        ]

    def put(self, path: str) -> str:
        """A recording on the shelf."""
        file = self.talks / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(path.encode())
        return path

    def files(self) -> list[str]:
        """What is on the shelf."""
        found = self.talks.rglob("*.wav")
        return sorted(str(path.relative_to(self.talks)) for path in found)

    def order(self, *, dry_run: bool = False, days: int | None = 365) -> Order:
        """All that is older."""
        before = None if days is None else NOON - timedelta(days=days)
        return Order(
            spool=str(self.base / "spool"),
            store=self.address.url,
            talks=str(self.talks),
            zone="Asia/Jakarta",
            dry_run=dry_run,
            recordings_before=before,
            numbers_before=before,
            locations_before=before,
        )

    async def left(self) -> list[dict[str, object]]:
        """The details of all records, as they can be read now."""
        async with Archive(self.address) as archive:
            return [each.detail async for each in archive.records()]

    async def proof(self) -> Proof:
        """What can be proved of the store."""
        async with Archive(self.address) as archive:
            return await prove(archive, self.base / "anchors.jsonl")


@pytest.fixture
async def house(tmp_path: Path, address: Address) -> House:
    """One on each database in turn."""
    house = House(tmp_path, address)
    async with Store(address) as store:
        await store.append(house.records, {})
    return house


async def test_a_purge_takes_what_is_older_and_nothing_else(house: House) -> None:
    """Numbers, places and recordings; the rest of each record stays, and all of it is proved."""
    removal = await sweep(house.order())
    assert (removal.recordings, removal.numbers, removal.locations) == (2, 1, 1)
    assert removal.fault is None
    assert await house.left() == [
        {"trunk": "telkom"},
        {"seconds": 1.0},
        *(each.detail for each in house.records[2:]),
    ]
    assert house.files() == [house.new]
    proof = await house.proof()
    assert proof.findings == []
    assert proof.purged == {"ani": 1, "location": 1, "recording": 1}
    again = await sweep(house.order())
    assert (again.recordings, again.numbers, again.locations) == (0, 0, 0)


async def test_a_dry_run_tells_the_same_and_changes_nothing(house: House) -> None:
    """Store and shelf are byte by byte as before."""
    before, files = await house.left(), house.files()
    foretold = await sweep(house.order(dry_run=True))
    assert await house.left() == before
    assert house.files() == files
    assert (await house.proof()).purged == {}
    done = await sweep(house.order())
    assert foretold.dry_run
    counts = [(r.recordings, r.numbers, r.locations) for r in (foretold, done)]
    assert counts[0] == counts[1]


async def test_what_is_kept_for_ever_is_kept(house: House) -> None:
    """Without a time nothing of a kind is touched."""
    removal = await sweep(house.order(days=None))
    assert (removal.recordings, removal.numbers, removal.locations) == (0, 0, 0)
    assert house.files() == sorted([house.old, house.new, house.strange])


async def test_what_was_changed_or_cut_out_is_still_found_after_a_purge(house: House) -> None:
    """A purge is no cover: a record that was changed, one that is missing, a number swapped."""
    await sweep(house.order())
    async with Store(house.address) as store, store._engine.begin() as connection:
        for statement in (
            "UPDATE record SET body = replace(body, 'telkom', 'other') WHERE position = 1",
            "DELETE FROM personal WHERE record = 'w-00000004'",
            "DELETE FROM record WHERE position = 4",
            "UPDATE personal SET value = '\"0811\"' WHERE record = 'w-00000005'",
        ):
            await connection.exec_driver_sql(statement)
    findings = {(f.record, f.flaw) for f in (await house.proof()).findings}
    assert findings == {
        ("w-00000001", Flaw.CHANGED),
        ("w-00000005", Flaw.GAP),
        ("w-00000005", Flaw.FACT_CHANGED),
    }


async def test_a_purge_takes_turns_with_the_keeper(house: House) -> None:
    """Records come in while facts go: nothing is lost, and the chain holds."""
    more = [told(400, 10 + n, ani=NUMBER) for n in range(600)]

    async def append() -> None:
        async with Store(house.address) as store:
            for begin in range(0, len(more), 20):
                await store.append(more[begin : begin + 20], {})

    writing = asyncio.create_task(append())
    purged = 0
    while not writing.done():
        purged += (await sweep(house.order())).numbers
        await asyncio.sleep(0)
    await writing
    purged += (await sweep(house.order())).numbers
    assert purged == 1 + len(more)
    proof = await house.proof()
    assert proof.findings == []
    assert proof.records == len(house.records) + len(more)


async def test_a_file_that_stays_keeps_its_record(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path is forgotten only when nothing is there any more; the rest is removed."""

    def refuse(folder: Path, path: str) -> bool:
        raise PermissionError(1, "Operation not permitted", str(folder / path))

    monkeypatch.setattr(shelf, "remove", refuse)
    removal = await sweep(house.order())
    assert removal.fault == f"{house.talks / house.old}: Operation not permitted"
    assert (removal.recordings, removal.numbers, removal.locations) == (0, 1, 1)
    assert (await house.left())[1]["recording"] == house.old


async def test_a_shelf_that_is_not_known_any_more_is_told(house: House) -> None:
    """Somebody has taken recording out of the settings, and the files are still there."""
    order = house.order()
    removal = await sweep(ORDER.decode(_without_talks(order)))
    assert removal.fault is not None
    assert "recording.folder" in removal.fault
    assert removal.numbers == 1
    assert (await house.left())[1]["recording"] == house.old


def _without_talks(order: Order) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(order, talks=None))


async def test_a_store_that_is_away_is_told(tmp_path: Path) -> None:
    """Nothing is removed, not even a file."""
    (tmp_path / "in-the-way").touch()
    address = Address(f"sqlite:///{tmp_path}/in-the-way/journal.sqlite")
    house = House(tmp_path, address)
    removal = await sweep(house.order())
    assert removal.fault is not None
    assert len(house.files()) == 3
    assert hashlib.sha256((house.talks / house.old).read_bytes()).digest()


def test_the_process_tells_what_it_has_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One JSON object, for the daemon."""
    house = House(tmp_path, Address(f"sqlite:///{tmp_path}/journal.sqlite"))
    broom.main([msgspec.json.encode(house.order()).decode()])
    told = msgspec.json.decode(capsys.readouterr().out)
    assert (told["recordings"], told["numbers"], told["fault"]) == (2, 0, None)
