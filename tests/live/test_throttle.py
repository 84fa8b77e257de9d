"""Numbers that are slowed down, with real phones: asked first, and answered by a human always."""

import asyncio
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from ruamel.yaml import YAML

from routing.mark import Mark
from routing.note import CallId
from routing.throttle import Charges, Marked
from sandbox.audio import prompt_heard
from sandbox.behaviour import Answer, Ignore
from sandbox.phone import Softphone
from sandbox.sound import FOLDER
from sandbox.system import CALLER_TONE_HZ, System
from siaga.notebook import THROTTLE_FILE
from tests.live.centre import MOBILE, assert_talk, quick_settings, recorded, records

pytestmark = pytest.mark.live

E164, OTHER = "+6281234567890", "081234567891"
HOUR_S, SOON_S = 3600, 30
"""How long it lasts: for the whole test, or so long that a daemon starts meanwhile."""
FIRST_DIGIT_S = 5
"""A daemon is killed and started, and a key is pressed in this time, on a busy machine."""
ASKING_S = 1.5
"""In the middle of the question."""
CODE_S = 15.0
"""For what came of a code to be told."""
TURN_S = 25.0
"""For the question, the silence after it and a phone to be picked up, on a busy machine."""


def charged(folder: Path, lasts_s: int = HOUR_S) -> Path:
    """Quick settings, and a state folder in which the caller's number has three pranks, of now."""
    settings = quick_settings(folder / "settings")
    yaml = YAML()
    services = yaml.load(settings / "services.yaml")
    services["throttle"]["lasts_s"] = lasts_s
    services["menu"]["first_digit_s"] = FIRST_DIGIT_S
    yaml.dump(services, settings / "services.yaml")
    marks = tuple(Marked(CallId(f"{n}.{n}"), Mark.PRANK, time.time()) for n in range(3))
    (folder / "state").mkdir()
    file = folder / "state" / THROTTLE_FILE
    file.write_bytes(msgspec.json.encode(Charges({E164: marks})))
    return settings


async def slowed(system: System) -> list[dict[str, Any]]:
    """Numbers that are slowed down, as the status shows them."""
    shown: list[dict[str, Any]] = (await system.daemon.status())["slowed"]
    return shown


async def test_who_presses_1_has_the_menu_and_the_operator_of_a_choice(tmp_path: Path) -> None:
    """The caller hears the question, and goes on as everybody."""
    async with System(tmp_path, charged(tmp_path)) as system:
        (shown,) = await slowed(system)
        assert (shown["number"], shown["marks"]) == ("+628***890", 3)
        phone = await system.register("medis-1", Answer(0.2))
        caller = await system.caller(MOBILE)
        await caller.dial("112")
        await caller.established(5.0)
        note = await recorded(system, "slowed")
        assert [ground.where.split(":")[0] for ground in note.because] == ["services.yaml"] * 2
        await asyncio.sleep(ASKING_S)
        await caller.press("1")
        assert (await recorded(system, "prompt", 2)).detail["prompts"] == "menu"
        await caller.press("1")
        await phone.established(5.0)
        assert phone.offers[-1].name == "112 MEDIS"
        await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
        await system.empty()


async def test_who_is_silent_hears_the_question_and_reaches_a_human(tmp_path: Path) -> None:
    """All of it, in both languages; the phone rings for the default service."""
    async with System(tmp_path, charged(tmp_path)) as system:
        phone = await system.register("medis-1", Answer(0.2))
        caller = await system.caller(MOBILE)
        await caller.dial("112")
        await phone.established(TURN_S)
        assert phone.offers[-1].name == "112 UMUM"
        await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
        heard = caller.recording()
        assert prompt_heard(heard, FOLDER / "id" / "emergency.wav")
        assert not prompt_heard(heard, FOLDER / "id" / "menu.wav")
        await system.empty()


async def test_another_number_is_asked_nothing(tmp_path: Path) -> None:
    """It has the menu from the first moment."""
    async with System(tmp_path, charged(tmp_path)) as system:
        phone = await system.register("medis-1", Answer(0.2))
        caller = await system.caller(OTHER)
        await caller.dial("112")
        await caller.established(5.0)
        assert (await recorded(system, "prompt")).detail["prompts"] == "menu"
        await caller.press("1")
        await phone.established(5.0)
        await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
        assert records(system, "slowed") == []
        await system.empty()


async def test_it_ends_by_itself(tmp_path: Path) -> None:
    """The number has the menu again, without anybody's doing."""
    async with System(tmp_path, charged(tmp_path, SOON_S)) as system:
        async with asyncio.timeout(SOON_S + 5.0):
            while await slowed(system):  # noqa: ASYNC110 - another process knows
                await asyncio.sleep(0.2)
        phone = await system.register("medis-1", Answer(0.2))
        caller = await system.caller(MOBILE)
        await caller.dial("112")
        await caller.established(5.0)
        assert (await recorded(system, "prompt")).detail["prompts"] == "menu"
        await caller.press("1")
        await phone.established(5.0)
        await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
        await system.empty()


async def test_it_survives_a_kill_in_the_middle_of_the_question(tmp_path: Path) -> None:
    """The caller is still asked, a key is still an answer, and the number is slowed down still."""
    async with System(tmp_path, charged(tmp_path)) as system:
        phone = await system.register("medis-1", Answer(0.2))
        caller = await system.caller(MOBILE)
        await caller.dial("112")
        await caller.established(5.0)
        await recorded(system, "slowed")
        await asyncio.sleep(ASKING_S)
        await system.daemon.kill()
        await system.daemon.start()
        await recorded(system, "adopted")
        await caller.press("1")
        assert (await recorded(system, "prompt", 2)).detail["prompts"] == "menu"
        await caller.press("1")
        await phone.established(5.0)
        assert phone.offers[-1].name == "112 MEDIS"
        await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
        assert len(await slowed(system)) == 1
        await system.empty()


async def test_a_place_behind_others_survives_a_kill(tmp_path: Path) -> None:
    """Whoever calls after the restart goes first, and the slowed caller is answered next."""
    async with System(tmp_path, charged(tmp_path)) as system:
        phone = await system.register("medis-1", Ignore())
        caller = await system.caller(MOBILE)
        await caller.dial("112")
        await recorded(system, "queued", limit_s=TURN_S)
        await system.daemon.kill()
        await system.daemon.start()
        await recorded(system, "queued", 2)
        other = await system.caller(OTHER)
        await other.dial("112")
        await other.established(5.0)
        await other.press("0")
        await recorded(system, "queued", 3)
        queue = (await system.daemon.status())["queue"]
        calls = [record.call for record in records(system, "arrived")]
        assert queue == calls[::-1]
        phone.behaviour = Answer(0.2)
        await recorded(system, "bridged", limit_s=TURN_S)
        for one in (other, caller):
            await one.hangup()
        await system.empty()


async def test_the_marks_of_an_operator_slow_a_number_down_and_free_it(tmp_path: Path) -> None:
    """By code from the phone: the third prank does, and a mark that is corrected undoes it."""
    settings = quick_settings(tmp_path / "settings")
    async with System(tmp_path, settings) as system:
        phone = await system.register("medis-1", Answer(0.1))
        caller = await system.caller(MOBILE)
        for count in range(1, 4):
            await caller.dial("112")
            await caller.established(5.0)
            await caller.press("1")
            await recorded(system, "bridged", count)
            await caller.hangup()
            await phone.closed(3.0)
            await dial_code(phone, "*23")
            await recorded(system, "marked", count)
        (shown,) = await slowed(system)
        assert (shown["number"], shown["marks"]) == ("+628***890", 3)
        await recorded(system, "number_slowed")
        await caller.dial("112")
        await recorded(system, "slowed")
        await caller.hangup()
        await dial_code(phone, "*21")
        await recorded(system, "number_freed")
        assert await slowed(system) == []
        await system.empty()


async def dial_code(phone: Softphone, code: str) -> None:
    """The operator dials it and hears what came of it."""
    await phone.dial(code)
    await phone.established(5.0)
    await phone.closed(CODE_S)
