"""New settings while calls are on their way: all of a set or nothing, and no caller pays for it."""

import asyncio

import pytest
from ruamel.yaml import YAML

from routing.operator import SeatId
from sandbox.behaviour import Answer
from sandbox.system import CALLER_TONE_HZ, System
from siaga import remedy
from tests.live.centre import MOBILE, alarms, assert_talk, outside_rung, recorded, records

pytestmark = pytest.mark.live

REFUSED = "\nsudah: makan\n"
"""A key that no file of the settings has."""


def change(system: System, stem: str, key: str, name: str, value: object) -> None:
    """Writes one value into a file of the running daemon's settings."""
    yaml, path = YAML(), system.config / f"{stem}.yaml"
    tree = yaml.load(path)
    tree[key][name] = value
    yaml.dump(tree, path)


async def test_a_call_keeps_its_dialogue_and_the_next_one_has_the_new_menu(system: System) -> None:
    """A typo changes nothing; then key 1 is another service, but not for who is in the menu."""
    medis, damkar = (
        await system.register("medis-1", Answer(0.2)),
        await system.register("damkar-1", Answer(0.2)),
    )
    caller = await system.caller(MOBILE)
    await caller.dial("112")
    await caller.established(5.0)
    change(system, "services", "menu", "keys", {"1": "damkar", "2": "medis"})
    path = system.config / "services.yaml"
    path.write_text(path.read_text() + REFUSED)
    system.daemon.reload()
    refused = await recorded(system, "settings_refused")
    assert f"{path}:" in refused.detail["problems"]
    status = await system.daemon.status()
    assert status["ready"] is True
    assert await alarms(system) == [remedy.SETTINGS]
    path.write_text(path.read_text().removesuffix(REFUSED))
    system.daemon.reload()
    await recorded(system, "settings_reloaded")
    await caller.press("1")
    await medis.established(5.0)
    await assert_talk(caller, medis, (CALLER_TONE_HZ, medis.tone_hz))
    second = await system.caller(MOBILE)
    await second.dial("112")
    await second.established(5.0)
    await second.press("1")
    assert (await damkar.offered(5.0)).name == "112 DAMKAR"
    await second.hangup()
    assert await alarms(system) == []


async def test_a_caller_who_waits_is_offered_to_who_is_new_on_duty(system: System) -> None:
    """The roster counts at once, for those who wait already, and for the last resort as well."""
    phone = await system.register("medis-2", Answer(0.2))
    caller = await system.caller(MOBILE)
    await caller.dial("112")
    await caller.established(5.0)
    await caller.press("1")
    await outside_rung(system)
    assert phone.offers == []
    person = system.settings.operators.seats[SeatId("medis-2")].person
    assert person is not None
    path = system.config / "roster.yaml"
    path.write_text(path.read_text().replace("sri", person))
    system.daemon.reload()
    await phone.established(5.0)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    assert records(system, "settings_refused") == []
    assert "SIAGA_DUTY_medis=PJSIP/siaga-medis-2" in await system.pbx.cli("dialplan show globals")


async def test_a_crash_beside_a_typo_costs_no_caller(system: System) -> None:
    """The next daemon runs on the last known good settings, and takes up who waits."""
    async with asyncio.timeout(5.0):
        while not list(system.daemon.state.glob("settings/0*")):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)
    caller = await system.caller(MOBILE)
    await caller.dial("112")
    await caller.established(5.0)
    await caller.press("1")
    await recorded(system, "queued")
    for path in system.config.glob("*.yaml"):
        path.write_text(path.read_text() + REFUSED)
    await system.daemon.kill()
    await system.daemon.start()
    status = await system.daemon.status()
    assert status["ready"] is True
    assert await alarms(system) == [remedy.SETTINGS]
    phone = await system.register("medis-1", Answer(0.2))
    assert (await phone.offered(8.0)).name == "112 MEDIS"
    await phone.established(5.0)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
