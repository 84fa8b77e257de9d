"""What the store lacks of a call is told until the store has it; only then the place moves on."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from journal import address
from journal.post import Untold
from journal.record import Record
from journal.store import Store
from siaga import chronicler as module
from siaga.chronicler import ENDLESS_S, OLDEST_S, PLACE_FILE, SETTLE_S, Chronicler
from siaga.tail import Place, Tail

T = 1_796_095_943


def row(kind: str, at: float, words: str = "", call: str = "c.0") -> bytes:
    """A row as Asterisk writes it."""
    middle = f"{words} " if words else ""
    extra = f"{at:.3f} {middle}{call}"
    return f'"siaga-{kind}","MDgxMjk5","{{""extra"":""{extra}""}}"\n'.encode()


def visit(begin: float, call: str = "c.0") -> bytes:
    """The rows of a caller who gave up in the last resort after 20 s."""
    return (
        row("came", begin, "seluler 112", call)
        + row("resort", begin, "medis", call)
        + row("gone", begin + 20, "caller medis", call)
    )


class Desk:
    """A chronicler at a folder, at a time of the test's, and what it has told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows = folder / "siaga.csv"
        self.told: list[Untold] = []
        self.wall = float(T)
        self.is_stored = True
        self.store = address.find(None, folder)
        self._number = 0
        self.begin()
        self.record()

    def begin(self) -> None:
        """Another process, which knows what is on the disk."""
        self.chronicler = Chronicler(
            self.rows,
            self.folder,
            self.store,
            is_stored=lambda: self.is_stored,
            tell=self.told.append,
            wall=lambda: self.wall,
        )
        self.tail = Tail(self.rows, module._read(self.folder / PLACE_FILE))

    def write(self, data: bytes) -> None:
        """As Asterisk does."""
        with self.rows.open("ab") as file:
            file.write(data)

    def look(self) -> list[Untold]:
        """What is told at a look."""
        self.told.clear()
        self.chronicler.look(self.tail)
        return list(self.told)

    def record(self, *untold: Untold) -> None:
        """The daemon appends what it was told, and the store has it."""
        records = [
            Record(
                id=f"w-{self._number + number:08d}",
                at=datetime.fromtimestamp(each.at, UTC),
                what=each.what,
                call=one.call,
                detail={**each.detail, "reconstructed": True},
            )
            for number, (one, each) in enumerate((one, each) for one in untold for each in one.told)
        ]
        self._number += len(records)

        async def append() -> None:
            async with Store(self.store) as store:
                await store.append(records, {})

        asyncio.run(append())

    @property
    def place(self) -> int:
        """Where another one would go on."""
        return msgspec.json.decode((self.folder / PLACE_FILE).read_bytes(), type=Place).offset


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """One that tells again at once."""
    monkeypatch.setattr(module, "AGAIN_S", 0.0)
    return Desk(tmp_path)


def test_what_the_store_lacks_is_told_until_it_has_it(desk: Desk) -> None:
    """The place waits for it."""
    desk.write(visit(T - 60))
    (untold,) = desk.look()
    assert [each.what for each in untold.told] == ["arrived", "last_resort", "abandoned"]
    assert desk.look() == [untold]
    assert desk.place == 0
    desk.record(untold)
    assert desk.look() == []
    assert desk.place == desk.rows.stat().st_size


def test_another_process_goes_on_where_the_last_one_was(desk: Desk) -> None:
    """What was told and not stored is told again; what was stored is not, even from the begin."""
    desk.write(visit(T - 60) + b'"ANSWER","","{""extra"":1}"\n')
    (untold,) = desk.look()
    desk.begin()
    assert desk.look() == [untold]
    desk.record(untold)
    desk.begin()
    assert desk.look() == []
    (desk.folder / PLACE_FILE).write_text("spoilt")
    desk.begin()
    assert desk.look() == []


def test_a_call_that_goes_on_is_not_told_and_keeps_the_place(desk: Desk) -> None:
    """Others behind it are told; when it ends it is, too."""
    desk.write(row("came", T - 60, "seluler 112", "c.1") + visit(T - 50, "c.2"))
    (untold,) = desk.look()
    assert untold.call == "c.2"
    desk.record(untold)
    assert desk.look() == []
    assert desk.place == 0
    desk.write(row("gone", T - 10, "caller ", "c.1"))
    assert [each.call for each in desk.look()] == ["c.1"]


def test_a_living_daemon_has_time_to_tell_it_itself(desk: Desk) -> None:
    """Some seconds, and all that is in the spool."""
    desk.write(visit(T - 20))
    desk.wall = T + SETTLE_S - 0.1
    assert desk.look() == []
    desk.wall, desk.is_stored = T + SETTLE_S, False
    assert desk.look() == []
    desk.is_stored = True
    assert len(desk.look()) == 1


def test_what_is_too_old_is_let_be(desk: Desk) -> None:
    """A call that ended long ago does not keep the place."""
    desk.write(visit(T - OLDEST_S - 30))
    assert desk.look() == []
    assert desk.place == desk.rows.stat().st_size


def test_a_call_whose_asterisk_died_is_told_a_day_later(desk: Desk) -> None:
    """No row of its end will come: who waited is to be rung, who talked was answered."""
    came = T - ENDLESS_S - 60
    desk.write(row("came", came, "seluler 112", "c.3") + row("resort", came, "medis", "c.3"))
    desk.write(row("came", came, "seluler 112", "c.4") + row("resort", came, "medis", "c.4"))
    desk.write(row("served", came + 9, "siaga-medis-1 ", "c.4"))
    waited, talked = desk.look()
    assert [each.what for each in waited.told] == ["arrived", "last_resort", "abandoned"]
    assert [each.what for each in talked.told] == ["arrived", "last_resort", "bridged", "ended"]
    assert talked.told[-1].detail["by"] == "unseen"
    desk.record(waited, talked)
    assert desk.look() == []
    assert desk.place == desk.rows.stat().st_size


def test_many_calls_at_once_are_all_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many at a time."""
    monkeypatch.setattr(module, "AT_ONCE", 3)
    monkeypatch.setattr(module, "AGAIN_S", 60.0)
    for number in range(10):
        desk.write(visit(T - 60, f"c.{number}"))
    told = [untold for _ in range(5) for untold in desk.look()]
    assert sorted(untold.call for untold in told) == [f"c.{number}" for number in range(10)]


def test_a_file_that_is_not_there_is_a_fault(desk: Desk) -> None:
    """Until it is."""
    with pytest.raises(FileNotFoundError):
        desk.look()
    desk.write(visit(T - 60))
    assert len(desk.look()) == 1
