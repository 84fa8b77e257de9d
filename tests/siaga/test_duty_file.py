"""The file of who is on duty is current, and Asterisk has read it; both without needless work."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.moment import Instant, Moment
from routing.operator import PersonId
from routing.override import Leave
from routing.plan import Plan
from siaga import dialplan, remedy
from siaga.alarm import Alarm
from siaga.duty import endpoints_on_duty
from siaga.duty_file import AGAIN_S, DutyFile, duty_text
from siaga.holiday import roster_of
from siaga.settings import load
from switch.client import Down, Link, Standby, Up
from switch.error import Refused, Unreachable

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
"""In Kota Metro: shift pagi of a Monday."""
PLAN = load(Path(__file__).parents[2] / "config").plan()
DAY = timedelta(days=1)


class Pbx:
    """An Asterisk that reads the file when it is told to, and keeps what it has read."""

    def __init__(self, folder: Path) -> None:
        self.link: Link = Up("22")
        self.path = folder / dialplan.DUTY_FILE
        self.includes = True
        self.refuses: Exception | None = None
        self.stamp = ""
        self.reloads = 0

    async def get_global(self, name: str) -> str:
        """Only the stamp is asked for."""
        assert name == dialplan.DUTY_STAMP
        return self.stamp

    async def reload_module(self, name: str) -> None:
        """What `dialplan reload` does."""
        assert name == "pbx_config.so"
        if self.refuses is not None:
            raise self.refuses
        self.reloads += 1
        self.read()

    def read(self) -> None:
        """As at a start of Asterisk."""
        if self.includes:
            self.stamp = dialplan.duty_stamp(self.path.read_text())


class Desk:
    """A duty file on a clock that a test puts forward, and the alarms that stand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pbx = Pbx(folder)
        self.at = NOON
        self.alarms: dict[str, Alarm] = {}
        self.file = DutyFile(self.pbx, self, PLAN, folder, self._turn)

    def now(self) -> Moment:
        """Both clocks go alike."""
        return Moment(Instant((self.at - NOON).total_seconds()), self.at)

    def _turn(self, what: str, alarm: Alarm | None) -> None:
        if alarm is None:
            self.alarms.pop(what, None)
        else:
            self.alarms[what] = alarm

    async def look(self, after: timedelta = timedelta(minutes=1)) -> tuple[int, str]:
        """After that time one look is taken: how many reloads there were, and the file."""
        self.at += after
        await self.file.look()
        path = self.folder / dialplan.DUTY_FILE
        return self.pbx.reloads, path.read_text() if path.exists() else ""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Nothing is written yet."""
    return Desk(tmp_path)


def with_leave(plan: Plan, person: str) -> Plan:
    """The roster with somebody away today."""
    leave = Leave(kind="leave", date=date(2026, 11, 23), person=PersonId(person))
    changed = replace(plan.roster.plan, overrides=(*plan.roster.plan.overrides, leave))
    return replace(plan, roster=roster_of(changed, plan.operators))


async def test_it_is_written_and_read_once_a_day(desk: Desk) -> None:
    """Looks of the same day change nothing, across a change of shift too; the next day does."""
    reloads, first = await desk.look()
    assert (reloads, desk.pbx.stamp) == (1, dialplan.duty_stamp(first))
    assert await desk.look() == (1, first)
    assert await desk.look(timedelta(hours=3)) == (1, first)
    reloads, second = await desk.look(DAY)
    assert reloads == 2
    assert second != first
    assert desk.alarms == {}


async def test_a_new_roster_is_written_at_once_and_the_same_one_again_is_not(desk: Desk) -> None:
    """Only rows that have changed cost Asterisk a reload."""
    _, before = await desk.look()
    desk.file.refresh(load(Path(__file__).parents[2] / "config").plan())
    assert await desk.look() == (1, before)
    desk.file.refresh(with_leave(PLAN, "sri"))
    reloads, after = await desk.look()
    assert reloads == 2
    assert before.count("PJSIP/siaga-medis-1") > after.count("PJSIP/siaga-medis-1") > 0


async def test_an_asterisk_that_has_read_it_at_its_start_is_not_reloaded(desk: Desk) -> None:
    """A daemon that starts finds its own file, and an Asterisk that knows it."""
    _, text = await desk.look()
    desk.pbx.stamp = ""
    desk.pbx.read()
    again = DutyFile(desk.pbx, desk, PLAN, desk.folder, desk._turn)
    await again.look()
    assert desk.pbx.reloads == 1
    assert (desk.folder / dialplan.DUTY_FILE).read_text() == text


async def test_a_file_that_was_written_but_never_read_is_read(desk: Desk) -> None:
    """A daemon that is killed between the two leaves work for the next one."""
    await desk.look()
    desk.pbx.stamp = "of yesterday"
    again = DutyFile(desk.pbx, desk, PLAN, desk.folder, desk._turn)
    await again.look()
    assert desk.pbx.reloads == 2


async def test_a_file_that_others_change_is_put_right(desk: Desk) -> None:
    """A stale one from a backup does not last."""
    _, text = await desk.look()
    (desk.folder / dialplan.DUTY_FILE).write_text("[siaga-duty-gone]\n")
    assert (await desk.look())[1] == text


@pytest.mark.parametrize("link", [Down("gone"), Standby()])
async def test_without_an_asterisk_of_its_own_it_leaves_the_file_alone(
    desk: Desk, link: Link
) -> None:
    """Two daemons do not write in turns."""
    desk.pbx.link = link
    assert await desk.look() == (0, "")
    assert desk.alarms == {}


async def test_a_folder_that_is_not_there_is_an_alarm_until_it_is(desk: Desk) -> None:
    """It says what to do, and Asterisk is left in peace."""
    desk.folder.rmdir()
    assert await desk.look() == (0, "")
    assert list(desk.alarms) == [remedy.DUTY_FILE]
    alarm = desk.alarms[remedy.DUTY_FILE]
    assert f"{desk.folder}: No such file or directory" in alarm.why
    assert "systemd-tmpfiles --create" in alarm.do
    desk.folder.mkdir()
    assert (await desk.look())[0] == 1
    assert desk.alarms == {}


async def test_rows_that_asterisk_does_not_take_are_an_alarm_and_no_loop_of_reloads(
    desk: Desk,
) -> None:
    """They are offered again after an hour; a reload by hand ends the alarm within a minute."""
    desk.pbx.includes = False
    await desk.look()
    assert list(desk.alarms) == [remedy.DUTY_ROWS]
    for _ in range(5):
        assert (await desk.look())[0] == 1
    assert (await desk.look(timedelta(seconds=AGAIN_S)))[0] == 2
    assert list(desk.alarms) == [remedy.DUTY_ROWS]
    desk.pbx.includes = True
    desk.pbx.read()
    assert (await desk.look())[0] == 2
    assert desk.alarms == {}


async def test_a_reload_that_is_refused_is_an_alarm_with_asterisks_words(desk: Desk) -> None:
    """Such as for a user who may only read."""
    desk.pbx.refuses = Refused("PUT /asterisk/modules/pbx_config.so", 403, "read only")
    await desk.look()
    assert "403 read only" in desk.alarms[remedy.DUTY_ROWS].why
    desk.pbx.refuses = None
    await desk.look(timedelta(seconds=AGAIN_S))
    assert desk.alarms == {}


async def test_an_asterisk_that_goes_away_in_between_is_no_alarm_of_its_own(desk: Desk) -> None:
    """When it is back, it has read the file by itself."""
    desk.pbx.refuses = Unreachable("PUT /asterisk/modules/pbx_config.so", "reset")
    await desk.look()
    assert desk.alarms == {}


async def test_without_a_folder_nothing_is_done(tmp_path: Path) -> None:
    """The setting is not a must."""
    desk = Desk(tmp_path)
    desk.file = DutyFile(desk.pbx, desk, PLAN, None, desk._turn)
    assert await desk.look() == (0, "")


async def test_it_runs_on_through_a_fault_and_looks_when_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong in a look, the next one is taken."""

    def broken(*_: object) -> str:
        raise RuntimeError("of a library")

    with monkeypatch.context() as patch:
        patch.setattr("siaga.duty_file.duty_text", broken)
        running = asyncio.create_task(desk.file.run())
        await asyncio.sleep(0.05)  # the first look has failed, or fails now
    desk.file.refresh()
    async with asyncio.timeout(5.0):
        while desk.pbx.reloads == 0:  # noqa: ASYNC110 - the other side has no event to wait for
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


FULL_DISK = """
import resource, sys
from pathlib import Path
from siaga import dialplan
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    dialplan.write({dialplan.DUTY_FILE: "x" * 5000}, Path(sys.argv[1]), 0o644)
except OSError as error:
    print(error.strerror)
"""


def test_a_disk_that_fills_up_in_mid_file_leaves_the_old_file_whole(tmp_path: Path) -> None:
    """Asterisk never reads a part: the new text is written beside the old one, and then renamed."""
    (tmp_path / dialplan.DUTY_FILE).write_text("old")
    line = [sys.executable, "-c", FULL_DISK, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    told = subprocess.run(  # noqa: S603 - a program of this file
        line, capture_output=True, text=True, check=True, env=environment
    )
    assert told.stdout == "File too large\n"
    files = [(path.name, path.read_text()) for path in tmp_path.iterdir()]
    assert files == [(dialplan.DUTY_FILE, "old")]


WRITER = """
import sys
from pathlib import Path
from siaga import dialplan
count = 0
while True:
    count += 1
    text = f"{count}\\n" * 20_000
    dialplan.write({dialplan.DUTY_FILE: text}, Path(sys.argv[1]), 0o644)
    print(count, flush=True)
"""


def test_a_writer_that_is_killed_leaves_a_whole_file(tmp_path: Path) -> None:
    """At whatever moment: old or new, never a part; what it left beside is read by nobody."""
    line = [sys.executable, "-c", WRITER, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    for number in range(8):
        with subprocess.Popen(line, stdout=subprocess.PIPE, env=environment) as writer:  # noqa: S603 - of this file
            assert writer.stdout is not None
            for _ in range(number + 1):
                writer.stdout.readline()
            writer.kill()
        lines = (tmp_path / dialplan.DUTY_FILE).read_text().splitlines()
        assert (len(lines), len(set(lines))) == (20_000, 1)
    assert [path.name for path in tmp_path.glob("*") if not path.name.startswith(".")] == [
        dialplan.DUTY_FILE
    ]


def test_a_new_file_can_be_read_by_asterisk(tmp_path: Path) -> None:
    """Whose user is another one; whatever the umask of the unit is."""
    old = os.umask(0o027)
    try:
        dialplan.write({dialplan.DUTY_FILE: "rows"}, tmp_path, dialplan.DUTY_MODE)
    finally:
        os.umask(old)
    assert (tmp_path / dialplan.DUTY_FILE).stat().st_mode & 0o777 == 0o644


def rows(text: str, service: str) -> Iterator[tuple[int, str]]:
    """The rows of a service as Asterisk goes through them."""
    section = text.partition(f"[siaga-duty-{service}]")[2].partition("[")[2]
    for line in section.partition("\n[")[0].splitlines():
        head, question, tail = line.partition("?Return(")
        if question:
            yield int(head.rpartition("< ")[2].rstrip("]")), tail.removesuffix("))").rstrip(")")


@given(st.integers(0, 31 * 86_400 - 1), st.sampled_from(sorted(PLAN.catalogue.services)))
def test_at_every_second_of_the_days_ahead_the_row_is_the_roster(second: int, service: str) -> None:
    """From the begin of the day to the end of the last one, boundaries included."""
    at = NOON.replace(hour=17) - DAY + timedelta(seconds=second)  # local midnight
    ends = rows(TEXT, service)
    phones = next((phones for end, phones in ends if at.timestamp() < end), None)
    expected = endpoints_on_duty(PLAN, service, at)  # type: ignore[arg-type]
    assert phones == "&".join(f"PJSIP/{endpoint}" for endpoint in expected)


TEXT = duty_text(PLAN, NOON)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 86_399))
def test_the_text_of_a_day_is_the_same_at_each_of_its_seconds(second: int) -> None:
    """But for the date in its first line; so Asterisk reads it once a day."""
    at = NOON.replace(hour=17) - DAY + timedelta(seconds=second)
    assert duty_text(PLAN, at).splitlines()[1:] == TEXT.splitlines()[1:]
