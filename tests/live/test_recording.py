"""Recordings by ear, by the records and on the disk, whatever dies meanwhile."""

import asyncio
import json
import resource
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.audio import prompt_heard, tone_present
from sandbox.behaviour import Answer
from sandbox.sound import FOLDER
from sandbox.system import CALLER_TONE_HZ, System
from siaga import remedy
from siaga.shelf import OURS
from tests.live.centre import TALK_S, assert_talk, dial_112, recorded, records
from tests.scenario.test_recording import settings_of

pytestmark = pytest.mark.live

FOUND_S = 25.0
"""Until a file that was left is found: it has to be still, and it is looked for every 10 s."""
FULL_BYTES = 48_000
"""No file of Asterisk's grows beyond three seconds of sound, as on a disk that is full."""
LONG_S = 5.0
"""Asterisk writes to the disk in blocks of two seconds of sound."""
PICK_UP_S = 2.5
"""Longer than the words that tell of the recording."""


@pytest.fixture
async def recording(tmp_path: Path) -> AsyncIterator[System]:
    """A centre that records talks about medis; at the end nothing is left in Asterisk's folder."""
    async with System(tmp_path, settings_of(tmp_path / "settings")) as running:
        yield running
        await running.empty()
        ours = running.pbx.recordings / OURS
        assert not ours.is_dir() or list(ours.iterdir()) == []


async def kept(system: System, count: int) -> dict[str, object]:
    """What the `count`-th record of a kept recording says."""
    async with asyncio.timeout(FOUND_S):
        while len(records(system, "recording_kept")) < count:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)
    return records(system, "recording_kept")[count - 1].detail


def file_of(system: System, detail: dict[str, object]) -> Path:
    """The recording that a record tells of."""
    return system.talks / str(detail["recording"])


async def test_a_talk_is_recorded_whatever_dies(recording: System) -> None:
    """The daemon in the talk; then the daemon, and the talk ends without it; then Asterisk."""
    phone = await recording.register("medis-1", Answer(PICK_UP_S))
    caller = await dial_112(recording, "1")
    await recorded(recording, "recording_begun")
    await recording.daemon.kill()
    await asyncio.sleep(TALK_S)
    await recording.daemon.start()
    await recorded(recording, "adopted")
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    assert prompt_heard(caller.recording(), FOLDER / "id" / "recorded.wav")
    first = await kept(recording, 1)
    assert first["whole"] is True
    assert float(str(first["seconds"])) > 2 * TALK_S
    for hz in (CALLER_TONE_HZ, phone.tone_hz):
        assert tone_present(file_of(recording, first), hz)

    phone.behaviour = Answer(0.2)
    await caller.dial("112")
    await caller.established(5.0)
    await recorded(recording, "prompt", 2)
    await caller.press("1")
    await recorded(recording, "recording_begun", 2)
    await recording.daemon.kill()
    await caller.hangup()
    await phone.closed(5.0)
    await recording.daemon.start()
    second = await kept(recording, 2)
    assert (second["whole"], second["found"]) == (False, True)

    await caller.dial("112")
    await caller.established(5.0)
    await recorded(recording, "prompt", 3)
    await caller.press("1")
    await recorded(recording, "recording_begun", 3)
    await asyncio.sleep(LONG_S)
    await recording.pbx.kill()
    await recording.pbx.start()
    third = await kept(recording, 3)
    assert third["whole"] is False
    assert float(str(third["seconds"])) >= LONG_S / 2
    with wave.open(str(file_of(recording, third))) as file:
        assert file.getnframes() / file.getframerate() == third["seconds"]
    await caller.hangup()
    await phone.hangup()

    call = records(recording, "recording_kept")[0].call
    said = await recording.daemon.look_up("calls", str(call), "--json")
    (told,) = json.loads(said.out)["recordings"]
    assert (told["path"], told["whole"]) == (first["recording"], True)


async def test_a_full_disk_ends_the_recording_and_not_the_talk(recording: System) -> None:
    """Asterisk can write no more: what it has written is kept, and both hear each other on."""
    phone = await recording.register("medis-1", Answer(0.2))
    caller = await dial_112(recording, "1")
    await recorded(recording, "recording_begun")
    limits = resource.prlimit(recording.pbx.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(recording.pbx.pid, resource.RLIMIT_FSIZE, (FULL_BYTES, limits[1]))
    detail = await kept(recording, 1)
    assert (detail["whole"], detail["why"]) == (False, "Asterisk ended it during the talk")
    assert detail["bytes"] == FULL_BYTES
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    await recorded(recording, "ended")
    resource.prlimit(recording.pbx.pid, resource.RLIMIT_FSIZE, limits)


async def test_a_disk_without_room_costs_no_call(recording: System) -> None:
    """The shelf cannot be written to in the middle of a talk: both go on hearing each other."""
    phone = await recording.register("medis-1", Answer(0.2))
    caller = await dial_112(recording, "1")
    await recorded(recording, "recording_begun")
    recording.talks.rename(recording.talks.with_name("away"))
    recording.talks.write_text("in the way")
    alarm = await recorded(recording, "alarm")
    assert alarm.detail["alarm"] == remedy.RECORDING
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    assert records(recording, "recording_kept") == []
    recording.talks.unlink()
    recording.talks.with_name("away").rename(recording.talks)
    detail = await kept(recording, 1)
    assert (detail["whole"], detail["found"]) == (False, True)
    await recorded(recording, "alarm_over")
