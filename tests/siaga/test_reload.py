"""A reload takes all of a set or nothing, and says what it did; processes are in test_start.py."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from console.outcome import Accepted, Failed, Refused
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
    """A hand on the key starts no queue, and everybody is told what has come of it."""
    async with serving(house):
        outcomes = await asyncio.gather(*(asyncio.shield(house.reload.ask()) for _ in range(100)))
        assert {id(outcome) for outcome in outcomes} == {id(outcomes[0])}
        again = await house.reload.ask()
    assert isinstance(outcomes[0], Accepted)
    assert isinstance(again, Accepted)
    assert len(house.used) == 2


async def test_who_asks_while_one_is_read_gets_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first set was read before the edit: its outcome would be a lie about the second."""
    begun, go_on = threading.Event(), threading.Event()

    def slow(folder: Path) -> Settings:
        settings = load(folder)
        begun.set()
        assert go_on.wait(LIMIT_S)
        return settings

    monkeypatch.setattr("siaga.reload.load", slow)
    async with serving(house):
        first = house.reload.ask()
        assert await asyncio.to_thread(begun.wait, LIMIT_S)
        house.replace("operators.yaml", "people:", "peple:")
        second, third = house.reload.ask(), house.reload.ask()
        go_on.set()
        assert isinstance(await first, Accepted)
        refused = await second
        assert await third is refused
    assert isinstance(refused, Refused)
    assert any("peple" in problem.message for problem in refused.problems)
    assert len(house.used) == 1


async def test_who_asks_and_goes_away_costs_nobody_the_answer(house: House) -> None:
    """Even one who cancels what all wait for."""
    async with serving(house):
        house.reload.ask().cancel()
        assert isinstance(await house.reload.ask(), Accepted)
        last = house.reload.ask()
        last.cancel()
        await house.noted("settings_reloaded", 2)
        assert isinstance(await house.reload.ask(), Accepted)


async def test_the_outcome_names_what_was_changed(house: House) -> None:
    """The files that are others now, and what waits for a restart; also when shown later."""
    async with serving(house):
        nothing = await house.reload.ask()
        assert isinstance(nothing, Accepted)
        assert (nothing.changed, nothing.restart_needed, nothing.kept) == ((), {}, True)
        house.replace("operators.yaml", "Sri Wahyuni", "Sri")
        house.replace("siaga.yaml", "asterisk: {", "asterisk: {app: other, ")
        before = house.reload.shown.accepted
        outcome = await house.reload.ask()
        assert isinstance(outcome, Accepted)
        assert outcome.changed == ("siaga.yaml", "operators.yaml")
        assert list(outcome.restart_needed) == ["asterisk.app"]
        shown = house.reload.shown
        assert shown.restart_needed == outcome.restart_needed
        assert shown.accepted > before
        assert house.reload.settings.daemon.asterisk.app == "siaga"


async def test_what_cannot_be_kept_is_used_and_told(house: House) -> None:
    """The set is in use; that a start would not find it is part of the answer."""
    (house.folder / "state").write_text("in the way")
    async with serving(house):
        outcome = await house.reload.ask()
    assert isinstance(outcome, Accepted)
    assert not outcome.kept
    assert house.alarms.names == (remedy.NOT_KEPT,)


async def test_what_was_refused_is_shown_until_it_is_mended(house: House) -> None:
    """Each problem with its place, when it was read, and that those before are used."""
    async with serving(house):
        house.replace("operators.yaml", "people:", "peple:")
        accepted = house.reload.shown.accepted
        outcome = await house.reload.ask()
        assert isinstance(outcome, Refused)
        assert outcome.in_use_since == accepted
        path = house.folder / "settings" / "operators.yaml"
        assert outcome.problems[0].text.startswith(f"{path}:{outcome.problems[0].line}:")
        shown = house.reload.shown
        assert shown.refused is not None
        assert shown.refused.problems == outcome.problems
        assert (shown.accepted, shown.known_good) == (accepted, None)
        house.replace("operators.yaml", "peple:", "people:")
        assert isinstance(await house.reload.ask(), Accepted)
        assert house.reload.shown.refused is None


async def test_a_start_on_the_last_known_good_shows_both(house: House) -> None:
    """The copy that is used and its age, and what is wrong with the folder; until it is mended."""
    house.basis.known_good.keep(house.basis.settings)
    house.replace("operators.yaml", "people:", "peple:")
    later = House(house.folder)
    copy = later.basis.copy
    assert copy is not None
    shown = later.reload.shown
    assert (shown.known_good, shown.accepted) == (str(copy.folder), copy.accepted)
    assert shown.refused is not None
    async with serving(later):
        assert isinstance(await later.reload.ask(), Refused)
        assert str(copy.folder) in later.alarms.shown[0].why
        later.replace("operators.yaml", "peple:", "people:")
        await later.reload.ask()
    assert (later.reload.shown.known_good, later.reload.shown.refused) == (None, None)


async def test_a_fault_of_the_daemon_ends_no_reload(house: House) -> None:
    """It is in the log and in the records, and the next reload is tried as any other."""
    async with serving(house):
        house.fault = RuntimeError("boom")
        assert await house.reload.ask() == Failed(why="RuntimeError('boom')")
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


def test_a_section_that_comes_or_goes_needs_a_restart(tmp_path: Path) -> None:
    """The shelf is made at the start; until then nothing is recorded, and nothing is lost."""
    old = load(laid_over(tmp_path / "old"))
    folder = tmp_path / "new"
    folder.mkdir()
    new = load(edited(folder, "siaga.yaml", "journal:", "recording: {folder: /talks}\njournal:"))
    for before, after in ((old, new), (new, old)):
        in_use, changed = fixed(before, after)
        assert list(changed) == ["recording"]
        assert in_use.daemon.recording == before.daemon.recording
    other = load(edited(folder, "siaga.yaml", "journal:", "recording: {folder: /more}\njournal:"))
    assert list(fixed(new, other)[1]) == ["recording.folder"]


def test_unchanged_settings_need_no_restart(tmp_path: Path) -> None:
    """The same values in other words are the same."""
    old = load(laid_over(tmp_path / "old"))
    new = load(edited(tmp_path / "new", "siaga.yaml", "asterisk: {", "asterisk: {app: siaga, "))
    assert fixed(old, new)[1] == {}
