"""The last resort knows the roster for days ahead, from a file that the daemon has kept current."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

from sandbox.behaviour import Answer, Ignore
from sandbox.phone import Softphone
from sandbox.system import CALLER_TONE_HZ, CONFIG, System
from siaga import dialplan
from siaga.duty_file import DAYS
from tests.live.centre import (
    LAST_RESORT,
    RING_S,
    alarmed,
    assert_talk,
    dial_112,
    quick_settings,
    reachable,
    recorded,
    records,
)

pytestmark = pytest.mark.live

JAKARTA = ZoneInfo("Asia/Jakarta")
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
REGISTERED = timedelta(seconds=15)
"""Before the instant of a test, for phones to register: shorter than their registrations last."""
READ_LIMIT_S = 10.0
"""For the daemon to write new rows, and Asterisk to read them; it takes some 0.2 s."""
DUTY_GLOBALS = ("SIAGA_HB", dialplan.DUTY_STAMP, "SIAGA_DUTY_")
"""What is meant to change while a test looks at Asterisk's globals."""


@pytest.fixture
async def rostered(tmp_path: Path) -> AsyncIterator[System]:
    """Kota Metro's three shifts with short ring times, on a clock that can be put and stopped.

    There are no prompts, since they would not go on while the clock stands still.
    """
    settings = quick_settings(tmp_path / "settings", ring_s=RING_S)
    shutil.copy(CONFIG / "roster.yaml", settings)
    (tmp_path / "silence").mkdir()
    async with System(tmp_path, settings, sounds=tmp_path / "silence", stepped=True) as system:
        await rows_read(system)
        yield system
        system.step_clock(0)
        await system.empty()


def day_ahead(days: int, hour: int) -> datetime:
    """So many days from now, at that hour of Kota Metro."""
    return (datetime.now(JAKARTA) + days * DAY).replace(  # noqa: TID251 - of the machine that it runs on
        hour=hour, minute=0, second=0, microsecond=0
    )


def change_roster(system: System, **sections: Any) -> None:
    """Puts other sections into the roster, and asks the daemon to read it."""
    yaml, path = YAML(), system.config / "roster.yaml"
    tree = yaml.load(path)
    tree.update(sections)
    yaml.dump(tree, path)
    system.daemon.reload()


async def rows_read(system: System, other_than: str = "") -> str:
    """The stamp of the rows that Asterisk has, once they are others."""
    async with asyncio.timeout(READ_LIMIT_S):
        while True:
            stamp = await global_of(system, dialplan.DUTY_STAMP)
            if stamp not in {"", other_than}:
                return stamp
            await asyncio.sleep(0.05)


async def globals_of(system: System) -> dict[str, str]:
    """Asterisk's globals."""
    lines = (await system.pbx.cli("dialplan show globals")).splitlines()
    pairs = (line.strip().partition("=") for line in lines if "=" in line)
    return {name: value for name, _, value in pairs}


async def global_of(system: System, name: str) -> str:
    """One of them; empty if there is none."""
    return (await globals_of(system)).get(name, "")


def reloads(system: System) -> int:
    """How often the daemon has had the dialplan reloaded so far."""
    lines = system.daemon.log.read_text().splitlines()
    return [json.loads(line)["event"] for line in lines].count("dialplan_reloaded")


async def alone(system: System, at: datetime, seats: Sequence[str]) -> list[Softphone]:
    """The machine has been off until just now: no daemon, no globals; phones register.

    Their states come while the clock goes; then it stands still at that instant.
    """
    await system.daemon.kill()
    shortly_before = at - datetime.now(JAKARTA) - REGISTERED  # noqa: TID251 - of this machine
    system.step_clock(round(shortly_before.total_seconds()))
    await system.pbx.restart()
    kept = await globals_of(system)
    assert not [name for name in kept if name.startswith(("SIAGA_HB", "SIAGA_DUTY"))]
    phones = [await system.register(seat, Answer()) for seat in seats]
    for seat in seats:
        await reachable(system, f"siaga-{seat}")
    system.stop_clock(at)
    return phones


async def assert_rung(
    system: System, wanted: Sequence[Softphone], others: Sequence[Softphone]
) -> None:
    """A caller who says nothing rings these phones of the post; the others stay silent."""
    caller = await dial_112(system)
    for phone in wanted:
        assert (await phone.offered(5.0)).name == LAST_RESORT
    await caller.hangup()
    for phone in wanted:
        await phone.closed(3.0)
    assert [offer for phone in others for offer in phone.offers] == []


@pytest.mark.parametrize(("second", "shift"), [(-1, "pagi"), (0, "siang")])
async def test_the_boundary_of_a_shift_is_exact_to_the_second(
    rostered: System, second: int, shift: str
) -> None:
    """At 13:59:59 the old shift is rung, at 14:00:00 the new one, three days after the daemon."""
    at = day_ahead(3, hour=14) + second * SECOND
    morning, noon = await alone(rostered, at, ("medis-1", "medis-2"))
    on, off = (morning, noon) if shift == "pagi" else (noon, morning)
    await assert_rung(rostered, [on], [off])
    assert [line for line in rostered.pbx.complaints() if "siaga/id/" not in line] == []


async def test_an_exception_of_the_day_is_known_to_the_last_resort(rostered: System) -> None:
    """Who has leave on that day is not rung, who stands in is."""
    stamp = await rows_read(rostered)
    date = day_ahead(5, hour=9).date()
    change_roster(
        rostered,
        overrides=[
            {"date": date, "kind": "leave", "person": "sri"},
            {"date": date, "kind": "extra", "person": "bayu", "shift": "pagi"},
        ],
    )
    await rows_read(rostered, other_than=stamp)
    usual, stand_in = await alone(rostered, day_ahead(5, hour=9), ("medis-1", "medis-2"))
    await assert_rung(rostered, [stand_in], [usual])


async def test_a_holiday_has_its_own_people(rostered: System) -> None:
    """The holiday roster wins over the week in the last resort too, on that day and no other."""
    stamp = await rows_read(rostered)
    holiday = {
        "add": [{"date": day_ahead(4, hour=9).date(), "name": "Hari Jadi Kota Metro"}],
        "rows": [{"shift": "pagi", "agency": "dinkes", "people": ["ratna"]}],
    }
    change_roster(rostered, holidays=holiday)
    await rows_read(rostered, other_than=stamp)
    seats = ("medis-1", "medis-3")
    usual, festive = await alone(rostered, day_ahead(4, hour=9), seats)
    await assert_rung(rostered, [festive], [usual])


async def test_after_the_last_row_everybody_is_rung(rostered: System) -> None:
    """A daemon that has been away for longer than the rows reach: anybody may be there."""
    at = day_ahead(DAYS + 1, hour=9)
    phones = await alone(rostered, at, ("medis-2", "damkar-3"))
    await assert_rung(rostered, phones, [])


async def test_a_service_that_is_no_more_leaves_no_rows(rostered: System) -> None:
    """The file is replaced as a whole; whoever still presses its key rings everybody."""
    stamp = await rows_read(rostered)
    yaml, path = YAML(), rostered.config / "services.yaml"
    tree = yaml.load(path)
    del tree["services"]["medis"], tree["menu"]["keys"][1]
    yaml.dump(tree, path)
    rostered.daemon.reload()
    await rows_read(rostered, other_than=stamp)
    shown = await rostered.pbx.cli("dialplan show siaga-duty-medis")
    assert "There is no existence of 'siaga-duty-medis' context" in shown
    assert "siaga-duty-umum" in await rostered.pbx.cli("dialplan show siaga-duty-umum")
    phones = await alone(rostered, day_ahead(1, hour=9), ("medis-2", "satpol-3"))
    await assert_rung(rostered, phones, [])


async def test_new_rows_cost_no_call_and_no_global(system: System) -> None:
    """While one caller talks and one waits the dialplan is reloaded under them, five times."""
    medis = await system.register("medis-1", Answer(0.1))
    damkar = await system.register("damkar-1", Ignore())
    await system.pbx.set_global("SIAGA_TEST", "kept")
    stamp = await rows_read(system)
    talking = await dial_112(system, "1")
    await recorded(system, "bridged")
    waiting = await dial_112(system, "2")
    await damkar.offered(5.0)
    before, first = await globals_of(system), reloads(system)
    for days in range(1, 6):
        date = day_ahead(days, hour=9).date()
        change_roster(system, overrides=[{"date": date, "kind": "leave", "person": "sri"}])
        stamp = await rows_read(system, other_than=stamp)
    assert reloads(system) == first + 5
    after = await globals_of(system)
    assert _others(after) == _others(before)
    assert after["SIAGA_TEST"] == "kept"
    damkar.behaviour = Answer(0.1)
    await damkar.established(20.0)
    assert records(system, "pulled_out") == []
    await assert_talk(waiting, damkar, (CALLER_TONE_HZ, damkar.tone_hz))
    await assert_talk(talking, medis, (CALLER_TONE_HZ, medis.tone_hz))


def _others(found: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in found.items() if not name.startswith(DUTY_GLOBALS)}


async def test_settings_that_change_no_rows_cost_no_reload(system: System) -> None:
    """Nor does a daemon that starts again."""
    await rows_read(system)
    before = reloads(system)
    yaml, path = YAML(), system.config / "services.yaml"
    for count in range(1, 4):
        tree = yaml.load(path)
        tree["menu"]["first_digit_s"] = count + 1
        yaml.dump(tree, path)
        system.daemon.reload()
        await recorded(system, "settings_reloaded", count)
    await system.daemon.stop()
    await system.daemon.start()
    await rows_read(system)
    assert reloads(system) == before


async def test_a_folder_that_cannot_be_written_costs_no_call(system: System) -> None:
    """It is an alarm that says what to do, until it is mended; the last resort keeps its rows."""
    stamp = await rows_read(system)
    folder = system.pbx.duty_folder
    aside = folder.with_name("aside")
    medis = await system.register("medis-1", Answer(0.1))
    folder.rename(aside)
    change_roster(
        system, overrides=[{"date": day_ahead(1, 9).date(), "kind": "leave", "person": "sri"}]
    )
    await alarmed(system, "duty_file_not_written")
    caller = await dial_112(system, "1")
    await medis.established(5.0)
    await assert_talk(caller, medis, (CALLER_TONE_HZ, medis.tone_hz))
    assert await rows_read(system) == stamp
    aside.rename(folder)
    system.daemon.reload()
    await rows_read(system, other_than=stamp)
    await alarmed(system, "duty_file_not_written", over=True)
