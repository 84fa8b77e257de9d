"""The verification finds each change of the store, and says at which record."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from journal import anchor
from journal.address import Address
from journal.archive import Archive
from journal.fault import StoreAway
from journal.proof import Finding, Flaw, Proof, prove
from journal.record import Record
from journal.seal import Head
from journal.store import Store
from tests.journal.sample import NOON, record

COUNT = 6
NAMES = ("ani", "location")


def told(number: int, writer: str = "w") -> Record:
    """A record with two personal facts."""
    facts = {"ani": f"0812{number:06d}", "location": f"rumah {number}", "did": "112"}
    return record(number, "arrived", id=f"{writer}-{number:08d}", call=f"c-{number}", detail=facts)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of two writers' records, and anchors of their heads."""
    folder = tmp_path_factory.mktemp("template")

    async def fill() -> None:
        async with Store(Address(f"sqlite:///{folder}/journal.sqlite")) as store:
            for number in range(1, COUNT + 1):
                await store.append([told(number), told(number, "k")], {})
            heads = await store.heads()
            anchor.drop(folder / anchor.FILE_NAME, await store.identity(), heads, NOON)
            await store.append([told(COUNT + 1)], {})

    asyncio.run(fill())
    return folder


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Takes copies of the template, one at a time."""
    return tmp_path_factory.mktemp("scratch") / "store"


def spoilt(template: Path, scratch: Path, spoil: Callable[[sqlite3.Connection], object]) -> Proof:
    """What is found in a copy of the template on which somebody has been at work."""
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(template, scratch)
    with closing(sqlite3.connect(scratch / "journal.sqlite")) as connection, connection:
        spoil(connection)
    return proved(scratch)


def proved(folder: Path) -> Proof:
    """What is found in the store of this folder."""

    async def verify() -> Proof:
        async with Archive(Address(f"sqlite:///{folder}/journal.sqlite")) as archive:
            return await prove(archive, folder / anchor.FILE_NAME)

    return asyncio.run(verify())


def sql(statement: str, *values: Any) -> Callable[[sqlite3.Connection], object]:
    """Somebody who does this to the database."""
    return lambda connection: connection.execute(statement, values)


def test_what_nobody_touched_holds(template: Path) -> None:
    """Everything is looked at, and nothing is found."""
    proof = proved(template)
    assert proof.findings == []
    assert (proof.records, proof.writers, proof.facts) == (2 * COUNT + 1, 2, 2 * (2 * COUNT + 1))
    assert proof.anchors == 2
    assert proof.purged == {}


CELLS = [
    ("record", "body"),
    ("record", "link"),
    ("record", "id"),
    ("record", "writer"),
    ("record", "at"),
    ("record", "what"),
    ("record", "call"),
    ("personal", "salt"),
    ("personal", "value"),
    ("personal", "name"),
    ("personal", "record"),
    ("writer", "link"),
    ("writer", "name"),
    ("writer", "number"),
]


@settings(max_examples=200, deadline=None)
@given(cell=st.sampled_from(CELLS), data=st.data())
def test_each_changed_bit_is_found(
    template: Path, scratch: Path, cell: tuple[str, str], data: st.DataObject
) -> None:
    """Any one bit of any text of any row; what is found names the record, or its neighbour."""
    table, column = cell
    touched: list[str] = []

    def spoil(connection: sqlite3.Connection) -> None:
        text_of = f"CAST({column} AS TEXT)"
        rows = connection.execute(f"SELECT rowid, {text_of} FROM {table}").fetchall()  # noqa: S608
        row, text = data.draw(st.sampled_from(rows))
        place = data.draw(st.integers(0, len(text) - 1))
        bit = 1 << data.draw(st.integers(0, 6))
        changed = text[:place] + chr(ord(text[place]) ^ bit) + text[place + 1 :]
        if table == "record":
            touched.extend(
                connection.execute("SELECT id FROM record WHERE rowid = ?", (row,)).fetchone()
            )
        try:
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (changed, row))  # noqa: S608
        except sqlite3.IntegrityError:  # SQLite itself has found it
            reject()

    proof = spoilt(template, scratch, spoil)
    assert proof.findings != []
    if column in {"body", "link", "at", "what", "call"}:
        assert not touched or touched[0] in {each.record for each in proof.findings}


@pytest.mark.parametrize("number", range(1, COUNT + 2))
def test_each_missing_record_is_found(number: int, template: Path, scratch: Path) -> None:
    """Also the first, the newest, and one whose personal facts were taken with it."""
    id_ = told(number).id
    proof = spoilt(template, scratch, sql("DELETE FROM record WHERE id = ?", id_))
    assert Finding(id_, Flaw.STRAY) in proof.findings

    def thorough(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM record WHERE id = ?", (id_,))
        connection.execute("DELETE FROM personal WHERE record = ?", (id_,))

    flaws = [each.flaw for each in spoilt(template, scratch, thorough).findings]
    assert flaws[0] is (Flaw.CUT if number == COUNT + 1 else Flaw.GAP)


@settings(max_examples=30, deadline=None)
@given(pair=st.lists(st.integers(1, 2 * COUNT + 1), min_size=2, max_size=2, unique=True))
def test_records_that_change_places_are_found(
    template: Path, scratch: Path, pair: Sequence[int]
) -> None:
    """Of one writer. Between two writers there is no order to be changed."""
    one, two = pair
    writers: set[str] = set()

    def swap(connection: sqlite3.Connection) -> None:
        for old, new in ((one, -1), (two, one), (-1, two)):
            row = connection.execute("SELECT writer FROM record WHERE position = ?", (old,))
            writers.update(row.fetchone())
            connection.execute("UPDATE record SET position = ? WHERE position = ?", (new, old))

    proof = spoilt(template, scratch, swap)
    assert proof.findings or len(writers) == 2


def test_an_end_that_is_cut_off_well_is_found_by_the_anchors(template: Path, scratch: Path) -> None:
    """Whoever also corrects the writer's head, or removes a whole writer, has the file to beat."""

    def cut(connection: sqlite3.Connection) -> None:
        for table, column in (("personal", "record"), ("record", "id")):
            connection.execute(f"DELETE FROM {table} WHERE {column} >= 'w-00000006'")  # noqa: S608
        link = connection.execute("SELECT link FROM record WHERE id = 'w-00000005'").fetchone()
        connection.execute("UPDATE writer SET number = 5, link = ? WHERE name = 'w'", link)

    def forget(connection: sqlite3.Connection) -> None:
        for table, column in (("personal", "record"), ("record", "writer"), ("writer", "name")):
            connection.execute(f"DELETE FROM {table} WHERE {column} LIKE 'k%'")  # noqa: S608

    assert spoilt(template, scratch, cut).findings == [Finding("w-00000006", Flaw.ANCHOR_MISSING)]
    assert spoilt(template, scratch, forget).findings == [
        Finding("k-00000006", Flaw.ANCHOR_MISSING)
    ]


def test_a_chain_that_is_made_anew_is_found_by_the_anchors(template: Path, scratch: Path) -> None:
    """Another store says so by itself; one under a stolen name has not the anchored record."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()

    async def forge() -> None:
        async with Store(Address(f"sqlite:///{scratch}/journal.sqlite")) as store:
            for writer in ("w", "k"):
                await store.append([told(number, writer) for number in range(1, COUNT + 2)], {})

    asyncio.run(forge())
    shutil.copy(template / anchor.FILE_NAME, scratch)
    flaws = {each.flaw for each in proved(scratch).findings}
    assert flaws == {Flaw.ANCHOR_STORE}
    identity = sql("UPDATE identity SET id = ?", identity_of(template))
    with closing(sqlite3.connect(scratch / "journal.sqlite")) as connection, connection:
        identity(connection)
    assert {each.flaw for each in proved(scratch).findings} == {Flaw.ANCHOR_OTHER}


def identity_of(folder: Path) -> str:
    """Which store it is."""
    with closing(sqlite3.connect(folder / "journal.sqlite")) as connection:
        return str(connection.execute("SELECT id FROM identity").fetchone()[0])


def test_anchors_of_another_store_are_told_apart(template: Path, scratch: Path) -> None:
    """Whoever has changed the store is told so in one line, and puts the old anchors aside."""
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(template, scratch)
    anchor.drop(scratch / anchor.FILE_NAME, "another", {"z": Head(9, "link")}, NOON)
    assert proved(scratch).findings == [Finding("another", Flaw.ANCHOR_STORE)]


def test_what_was_purged_is_no_fault(template: Path, scratch: Path) -> None:
    """It is counted by name, and the rest still holds."""
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(template, scratch)

    async def purge() -> None:
        async with Store(Address(f"sqlite:///{scratch}/journal.sqlite")) as store:
            await store.purge({"ani"}, NOON + timedelta(days=1))

    asyncio.run(purge())
    proof = proved(scratch)
    assert proof.findings == []
    assert proof.purged == {"ani": 2 * COUNT + 1}
    assert proof.facts == 2 * COUNT + 1


def test_facts_that_come_or_go_are_found(template: Path, scratch: Path) -> None:
    """A purge leaves a trace; whoever just deletes does not."""
    gone = spoilt(template, scratch, sql("DELETE FROM personal WHERE record = 'w-00000003'"))
    assert set(gone.findings) == {Finding("w-00000003", Flaw.FACT_MISSING, name) for name in NAMES}
    more = sql("INSERT INTO personal VALUES ('w-00000003', 'caller', 'aa', '\"1\"')")
    added = spoilt(template, scratch, more)
    assert added.findings == [Finding("w-00000003", Flaw.FACT_ADDED, "caller")]


async def test_a_daemon_may_go_on_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is appended while the proof is under way is no fault, nor is a writer that begins."""
    address = Address(f"sqlite:///{tmp_path}/journal.sqlite")
    async with Store(address) as store, Archive(address) as archive:
        await store.append([told(1), told(2)], {})
        heads, calls = archive.heads, 0

        async def then_appended() -> dict[str, Head]:
            nonlocal calls
            found, calls = await heads(), calls + 1
            await store.append([told(2 + calls), told(calls, "k")], {})
            return found

        monkeypatch.setattr(archive, "heads", then_appended)
        proof = await prove(archive, tmp_path / "none")
        assert proof.findings == []
        assert proof.records == 4


def test_a_finding_is_a_sentence() -> None:
    """With the record, and the fact that it is about."""
    assert str(Finding("w-00000003", Flaw.STRAY)) == (
        "w-00000003 is not there, but personal facts of it are"
    )
    assert str(Finding("w-00000003", Flaw.FACT_CHANGED, "ani")).endswith(" (ani)")


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["append", "die", "reopen", "purge"]), st.integers(0, 12), st.integers(1, 9)
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_nothing_is_lost_or_twice_in_any_interleaving(
    template: Path, scratch: Path, steps: list[tuple[str, int, int]]
) -> None:
    """Batches that overlap, die in the middle, come again: each record once, in order."""
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(template, scratch)
    address = Address(f"sqlite:///{scratch}/journal.sqlite")
    left = 0

    def salt() -> bytes:
        nonlocal left
        left -= 1
        if left == 0:
            raise OSError("dies here")
        return b"\1" * 16

    async def play() -> list[str]:
        nonlocal left
        end = 0
        store = await Store(address, salt).__aenter__()
        for what, begin, length in steps:
            # As from the spool: what comes next, or again what came before, never with a gap.
            first = min(begin, end) + 1
            batch = [told(number, "x") for number in range(first, first + length)]
            left = length if what == "die" else 0
            if what in {"append", "die"}:
                try:
                    await store.append(batch, {"x": first + length})
                    end = max(end, first + length - 1)
                except StoreAway:
                    pass
            elif what == "purge":
                await store.purge({"ani"}, NOON + timedelta(days=1))
            else:
                await store.__aexit__(None, None, None)
                store = await Store(address, salt).__aenter__()
        left = 0
        await store.append([told(number, "x") for number in range(1, end + 2)], {})
        await store.__aexit__(None, None, None)
        async with Archive(address) as archive:
            found = [each.id async for each in archive.records() if each.id.startswith("x")]
        assert found == [told(number, "x").id for number in range(1, end + 2)]
        return found

    asyncio.run(play())
    assert proved(scratch).findings == []
