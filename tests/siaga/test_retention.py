"""Each day what is too old is removed, once, and a record says so; who asks is told the same."""

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from journal import address
from journal.record import Record
from journal.store import Store
from routing.moment import Instant, Moment
from routing.note import Note
from siaga import remedy, retention
from siaga.alarm import Alarm
from siaga.cli import app
from siaga.clock import SystemClock
from siaga.retention import AGAIN_S, NIGHTLY, Retention
from siaga.settings import Settings, load
from tests.siaga.folder import edited
from tests.siaga.service import Site, started

ZONE = ZoneInfo("Asia/Jakarta")
RULE = "retention: {recordings_days: 30, numbers_days: 60, at: 03:30}\njournal:"
NIGHT = datetime(2026, 11, 24, 3, 29, tzinfo=ZONE)


class Hand:
    """A clock that is set by hand."""

    def __init__(self, wall: datetime) -> None:
        self.wall = wall.astimezone(UTC)
        self._instant = 1000.0

    def now(self) -> Moment:
        """Both clocks."""
        return Moment(Instant(self._instant), self.wall)

    def forward(self, by: timedelta) -> None:
        """Time passes."""
        self.wall += by
        self._instant += by.total_seconds()


class House:
    """Retention with nothing around it."""

    def __init__(self, settings: Settings, wall: datetime = NIGHT) -> None:
        self.settings, self.clock = settings, Hand(wall)
        self.notes: list[Note] = []
        self.alarms: dict[str, Alarm | None] = {}
        self.retention = Retention(
            self.clock, lambda: self.settings, self.notes.append, self.alarms.__setitem__
        )


def settings_with(folder: Path, rule: str = RULE, spool: str = "spool") -> Settings:
    """The small good ones, with a rule, and records below the folder."""
    edited(folder, "siaga.yaml", "journal:", rule)
    path = folder / "siaga.yaml"
    path.write_text(path.read_text().replace("/var/lib/siaga112/spool", str(folder / spool)))
    return load(folder)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """At 03:29, with nothing in the store."""
    return House(settings_with(tmp_path))


async def test_it_is_done_once_a_day_at_its_time(house: House) -> None:
    """Also when nothing was there to remove: so the journal shows that somebody looks."""
    await house.retention.look()
    assert house.notes == []
    for _ in range(5):
        house.clock.forward(timedelta(minutes=1))
        await house.retention.look()
    (note,) = house.notes
    assert note.what == "purged"
    assert note.detail == {
        "by": NIGHTLY,
        "recordings": 0,
        "numbers": 0,
        "locations": 0,
        "recordings_before": "2026-10-24T20:30:00+00:00",
        "numbers_before": "2026-09-24T20:30:00+00:00",
        "locations_before": None,
    }
    assert house.alarms == {remedy.PURGE: None}
    house.clock.forward(timedelta(days=1))
    await house.retention.look()
    assert len(house.notes) == 2


async def test_a_machine_that_was_off_at_night_does_it_by_day(tmp_path: Path) -> None:
    """Once it is there."""
    house = House(settings_with(tmp_path), datetime(2026, 11, 24, 9, 0, tzinfo=ZONE))
    await house.retention.look()
    await house.retention.look()
    assert len(house.notes) == 1


async def test_without_a_rule_nothing_is_done(tmp_path: Path) -> None:
    """All is kept for ever; a rule that comes with a reload counts from then on."""
    house = House(settings_with(tmp_path, "journal:"), datetime(2026, 11, 24, 9, 0, tzinfo=ZONE))
    await house.retention.look()
    assert house.notes == []
    house.settings = settings_with(tmp_path)
    await house.retention.look()
    assert len(house.notes) == 1


async def test_a_store_that_is_away_is_an_alarm_and_tried_again(tmp_path: Path) -> None:
    """Each hour, until it is done."""
    (tmp_path / "wall").touch()
    house = House(settings_with(tmp_path, spool="wall/spool"), NIGHT + timedelta(minutes=1))
    await house.retention.look()
    await house.retention.look()
    assert [bool(note.detail.get("fault")) for note in house.notes] == [True]
    alarm = house.alarms[remedy.PURGE]
    assert alarm is not None
    assert "wall" in alarm.why
    house.settings = settings_with(tmp_path)
    house.clock.forward(timedelta(seconds=AGAIN_S))
    await house.retention.look()
    assert house.alarms[remedy.PURGE] is None
    assert "fault" not in house.notes[-1].detail


async def test_a_dry_run_is_no_record(house: House) -> None:
    """Nothing has happened."""
    removal = await house.retention.purge("sri", 30, dry_run=True)
    assert removal.dry_run
    assert removal.locations_before is not None
    assert house.notes == []
    assert house.alarms == {}


async def test_nobody_asks_for_less_than_a_week(house: House) -> None:
    """Whatever comes over the socket."""
    removal = await house.retention.ask("sri", 1, dry_run=True)
    assert removal.numbers_before == house.clock.wall - timedelta(days=7)


async def test_a_process_that_cannot_be_is_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that does not begin, and one that ends without a word."""
    for program, told in (("/nowhere/python", "No such file"), ("/bin/false", "has ended with 1")):
        monkeypatch.setattr(sys, "executable", program)
        fault = (await house.retention.purge("sri")).fault
        assert fault is not None
        assert told in fault


async def test_it_goes_on_whatever_happens(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in it ends neither the daemon nor the next night's."""
    monkeypatch.setattr(retention, "LOOK_S", 0.001)
    looks: list[int] = []

    async def fail() -> None:
        looks.append(1)
        raise RuntimeError("a fault of this software")

    monkeypatch.setattr(house.retention, "look", fail)
    running = asyncio.create_task(house.retention.run())
    async with asyncio.timeout(10.0):
        while len(looks) < 3:  # noqa: ASYNC110 - another task counts
            await asyncio.sleep(0.001)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


# The command, and a daemon


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A machine whose settings keep numbers for a week."""
    site = Site.make(tmp_path)
    site.write("siaga", retention={"numbers_days": 7})
    return site


def asked(site: Site, *words: str) -> tuple[int, dict[str, object]]:
    """What the command says, in JSON."""
    line = ["purge", "--runtime", str(site.runtime), "--json", *words]
    result = CliRunner().invoke(app, line)
    return result.exit_code, json.loads(result.stdout)


def arrival(at: datetime) -> Record:
    """A caller, some days ago."""
    return Record(
        id=f"{at:%Y%m%dT%H%M%S}-aaaaaa-00000001",
        at=at,
        what="arrived",
        call="1.0",
        detail={"ani": "081234567890", "trunk": "telkom", "did": "112", "how": "new"},
    )


async def test_the_daemon_removes_what_it_is_asked_to(site: Site) -> None:
    """Dry run, purge, record; the number is in no file any more, and the journal is proved."""
    old = arrival(SystemClock().now().wall - timedelta(days=9))
    async with Store(address.find(None, site.spool)) as store:
        await store.append([old], {})
    async with started(site) as service:
        await service.told("control_bound")
        status, foretold = await asyncio.to_thread(asked, site, "--dry-run")
        assert (status, foretold["numbers"], foretold["dry_run"]) == (0, 1, True)
        assert site.records("purged") == []
        status, removal = await asyncio.to_thread(asked, site, "--by", "Bagian Hukum")
        assert (status, removal["numbers"], removal["recordings_before"]) == (0, 1, None)
        await service.until(lambda: site.records("purged"))
    (purged,) = site.records("purged")
    assert purged.detail["by"] == "Bagian Hukum"
    assert purged.detail["numbers"] == 1
    kept = [path for path in site.home.rglob("*") if path.is_file()]
    assert not [path for path in kept if b"081234567890" in path.read_bytes()]
    words = ["journal", "verify", "--config", str(site.config)]
    proved = await asyncio.to_thread(CliRunner().invoke, app, words)
    assert proved.exit_code == 0, proved.stderr


@pytest.mark.parametrize("words", [("--older-than", "6d"), ("--older-than", "x"), ("--by", " ")])
def test_a_wrong_command_line_changes_nothing(words: tuple[str, ...]) -> None:
    """A week is the least, and somebody has to have wanted it."""
    assert CliRunner().invoke(app, ["purge", *words]).exit_code == 2


def test_without_a_daemon_nothing_is_removed(tmp_path: Path) -> None:
    """Only the daemon writes."""
    result = CliRunner().invoke(app, ["purge", "--runtime", str(tmp_path)])
    assert result.exit_code == 4
