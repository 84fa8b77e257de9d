"""A reload takes all of a set or nothing, and says what it did; processes are in test_start.py."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from routing.note import Note
from routing.plan import Plan
from siaga import basis, remedy
from siaga.alarm import Alarms
from siaga.clock import SystemClock
from siaga.reload import Reload, fixed
from siaga.settings import Settings, load
from tests.journal.sample import LIMIT_S
from tests.siaga.folder import edited, laid_over


class House:
    """What a reload is told to, and what it puts into use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.used: list[tuple[Settings, Plan]] = []
        self.notes: list[Note] = []
        self.fault: Exception | None = None
        self.alarms = Alarms(self.notes.append, SystemClock(), {}, lambda: None)
        self.basis = basis.find(folder / "settings", folder / "state")
        self.reload = Reload(
            self.basis,
            clock=SystemClock(),
            alarms=self.alarms,
            note=self.notes.append,
            use=self._use,
        )

    def _use(self, settings: Settings, plan: Plan) -> None:
        if self.fault is not None:
            raise self.fault
        self.used.append((settings, plan))

    def replace(self, file: str, old: str, new: str) -> None:
        """An administrator edits a file."""
        path = self.folder / "settings" / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    async def noted(self, what: str, count: int = 1) -> Note:
        """The `count`-th note of that name, once it is there."""
        async with asyncio.timeout(LIMIT_S):
            while len(found := [n for n in self.notes if n.what == what]) < count:  # noqa: ASYNC110 - a list tells nobody
                await asyncio.sleep(0.005)
        return found[count - 1]


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A daemon's surroundings, with the small good settings in use."""
    laid_over(tmp_path / "settings")
    return House(tmp_path)


@asynccontextmanager
async def serving(house: House) -> AsyncIterator[None]:
    """The reload runs; it must still run at the end."""
    task = asyncio.create_task(house.reload.run())
    yield
    assert not task.done()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_good_set_is_used_compiled_and_kept(house: House) -> None:
    """What routing gets is the plan of the very settings that were accepted."""
    async with serving(house):
        house.replace("operators.yaml", "Sri Wahyuni", "Sri")
        house.reload.ask()
        await house.noted("settings_reloaded")
        async with asyncio.timeout(LIMIT_S):
            while len(list(house.basis.known_good.folder.iterdir())) < 2:  # noqa: ASYNC110 - on the disk
                await asyncio.sleep(0.005)
    ((settings, plan),) = house.used
    assert plan.operators is settings.operators
    assert next(person.name for person in settings.operators.people.values()) == "Sri"
    assert house.alarms.names == ()


async def test_a_bad_set_changes_nothing_and_says_all(house: House) -> None:
    """Each error is a line of the log; all are one record and one alarm; mended, it is over."""
    async with serving(house):
        house.replace("operators.yaml", "people:", "peple:")
        house.replace("roster.yaml", "weekly:", "weekli:")
        with capture_logs() as logs:
            house.reload.ask()
            note = await house.noted("settings_refused")
        told = [entry["problem"] for entry in logs if entry["event"] == "settings_error"]
        assert str(note.detail["problems"]).splitlines() == told
        assert any("operators.yaml" in line for line in told)
        assert any("roster.yaml" in line for line in told)
        assert house.used == []
        (alarm,) = house.alarms.shown
        assert alarm.what == remedy.SETTINGS
        assert alarm.do.endswith("then siaga112 reload")
        house.replace("operators.yaml", "peple:", "people:")
        house.replace("roster.yaml", "weekli:", "weekly:")
        house.reload.ask()
        await house.noted("settings_reloaded")
    assert len(house.used) == 1
    assert house.alarms.names == ()


async def test_asked_many_times_it_is_done_once(house: House) -> None:
    """A hand on the key starts no queue."""
    async with serving(house):
        for _ in range(100):
            house.reload.ask()
        await house.noted("settings_reloaded")
        house.reload.ask()
        await house.noted("settings_reloaded", 2)
    assert len(house.used) == 2


async def test_a_fault_of_the_daemon_ends_no_reload(house: House) -> None:
    """It is in the log and in the records, and the next reload is tried as any other."""
    async with serving(house):
        house.fault = RuntimeError("boom")
        house.reload.ask()
        assert "boom" in str((await house.noted("reload_failed")).detail["error"])
        house.fault = None
        house.reload.ask()
        await house.noted("settings_reloaded")


async def test_a_warning_is_told_and_the_set_is_used(house: House) -> None:
    """What is probably a slip does not hold a reload up."""
    async with serving(house):
        house.replace("operators.yaml", "siaga-pos}", "siaga-pos, person: sri}")
        with capture_logs() as logs:
            house.reload.ask()
            await house.noted("settings_reloaded")
    (warning,) = [entry for entry in logs if entry["event"] == "settings_warning"]
    assert "operators.yaml:" in warning["problem"]


def test_what_needs_a_restart_stays_and_the_rest_is_used(tmp_path: Path) -> None:
    """Asterisk, records and console are the old ones; each change is named with its place."""
    old = load(laid_over(tmp_path / "old"))
    folder = edited(tmp_path / "new", "siaga.yaml", "asterisk: {", "asterisk: {app: other, ")
    with (folder / "siaga.yaml").open("a") as file:
        file.write("drain_s: 5\n")
    in_use, changed = fixed(old, load(folder))
    assert in_use.daemon.asterisk == old.daemon.asterisk
    assert in_use.daemon.drain_s == 5.0
    (place,) = changed.values()
    assert list(changed) == ["asterisk.app"]
    line = (folder / "siaga.yaml").read_text().splitlines()[int(place.split(":")[-2]) - 1]
    assert "app: other" in line


def test_unchanged_settings_need_no_restart(tmp_path: Path) -> None:
    """The same values in other words are the same."""
    old = load(laid_over(tmp_path / "old"))
    new = load(edited(tmp_path / "new", "siaga.yaml", "asterisk: {", "asterisk: {app: siaga, "))
    assert fixed(old, new)[1] == {}
