"""An administrator asks the daemon while calls are on their way, and no caller notices it."""

import json
import os
import re
import signal

import pytest

from sandbox.behaviour import Answer
from sandbox.system import CALLER_TONE_HZ, System
from siaga import remedy
from tests.live.centre import MOBILE, alarms, assert_talk, dial_112, recorded, records
from tests.live.test_reload import REFUSED, change
from tests.live.trio import trio

pytestmark = pytest.mark.live

MASKED = "0812***890"


async def asked(system: System, *words: str) -> dict[str, object]:
    """The status as JSON."""
    value: dict[str, object] = json.loads(
        (await system.daemon.command("status", "--json", *words)).out
    )
    return value


async def test_callers_in_every_state_are_shown_and_outlive_reloads(patient: System) -> None:
    """Talking, ringing, in the menu: a refused set, an accepted one, and each reaches a human."""
    dishub = await patient.register("dishub-1", Answer(0.1))
    three = await trio(patient)
    status = await asked(patient)
    assert status["ready"] is True
    assert status["stages"] == {"talking": 1, "waiting": 1, "menu": 1}
    path = patient.config / "services.yaml"
    path.write_text(path.read_text() + REFUSED)
    said = await patient.daemon.command("reload")
    assert (said.exit, said.out) == (1, "")
    assert said.err.startswith(f"{path}:")
    path.write_text(path.read_text().removesuffix(REFUSED))
    change(patient, "services", "menu", "repeats", 2)
    said = await patient.daemon.command("reload")
    assert said.exit == 0
    assert all(": warning: " in line for line in said.err.splitlines())
    assert said.out == f"{patient.config}: accepted and in use: services.yaml\n"
    screen = (await patient.daemon.command("status")).out
    assert f"waiting    {MASKED}     damkar" in screen
    assert "Sri Wahyuni medis-1 112 call" in screen
    assert "Dian Lestari dishub-1 ready" in screen, screen
    assert "Nurul Hidayah satpol-1 unreachable" in screen
    assert MOBILE not in screen
    assert MOBILE in (await patient.daemon.command("status", "--numbers")).out
    await three.damkar.accept()
    await recorded(patient, "bridged", count=2)
    await three.in_menu.press("3")
    await recorded(patient, "bridged", count=3)
    await three.assert_talks(dishub)
    assert records(patient, "pulled_out") == []


async def test_who_is_paused_from_a_terminal_is_not_rung_until_it_is_over(
    crowded: System,
) -> None:
    """The colleague is; the last one only where it is meant; a pause for so long ends by itself."""
    sri = await crowded.register("medis-1", Answer(0.1))
    bayu = await crowded.register("medis-2", Answer(0.1))
    said = await crowded.daemon.command("pause", "sri", "--reason", "makan", "--for", "1h")
    assert (said.exit, said.err) == (0, "")
    assert said.out.startswith("Sri Wahyuni (sri) is paused until ")
    screen = (await crowded.daemon.command("status")).out
    assert re.search(r"Sri Wahyuni medis-1 paused \d+ s, 59 min \d+ s left \(makan\)", screen)
    caller = await dial_112(crowded, "1")
    await recorded(crowded, "bridged")
    assert (len(sri.offers), len(bayu.offers)) == (0, 1)
    await caller.hangup()
    await bayu.closed(3.0)
    said = await crowded.daemon.command("pause", "bayu", "--for", "2s")
    assert (said.exit, said.out) == (1, "")
    assert "nobody else of dinkes is on duty and there" in said.err
    said = await crowded.daemon.command("pause", "bayu", "--for", "2s", "--force")
    assert (said.exit, "its callers overflow now" in said.out) == (0, True)
    assert (await recorded(crowded, "ready")).detail == {
        "person": "bayu",
        "why": "the pause is over",
    }
    assert (await crowded.daemon.command("ready", "sri")).out == "Sri Wahyuni (sri) is ready\n"
    assert (await crowded.daemon.command("ready", "sry")).err.endswith("did you mean 'sri'?\n")
    first = records(crowded, "instructed")[0]
    assert (first.detail["via"], first.detail["uid"]) == ("socket", os.getuid())


async def test_status_follows_asterisk_away_and_back(system: System) -> None:
    """Status 1 and why, the phones unknown; then 0 again, by itself."""
    assert (await system.daemon.command("status")).exit == 0
    await system.pbx.stop()
    await recorded(system, "asterisk_down")
    said = await system.daemon.command("status")
    assert said.exit == 1
    assert said.out.startswith("in service no: Asterisk is away: ")
    assert "pos unknown" in said.out
    assert remedy.ASTERISK_DOWN in said.out
    await system.pbx.start()
    await recorded(system, "asterisk_up", count=2, limit_s=10.0)
    await system.daemon.served()
    said = await system.daemon.command("status")
    assert (said.exit, await alarms(system)) == (0, [])


async def test_of_two_daemons_each_says_which_it_is(system: System) -> None:
    """The first stands by, the second serves; each on a socket of its own."""
    second = await system.second_daemon()
    await recorded(system, "standby")
    first_said, second_said = await system.daemon.command("status"), await second.command("status")
    assert (first_said.exit, second_said.exit) == (1, 0)
    assert "in service no: standby: another daemon has the application" in first_said.out
    await second.stop()
    await recorded(system, "asterisk_up", count=3, limit_s=10.0)


async def test_a_daemon_that_drains_can_still_be_asked(system: System) -> None:
    """Told to stop, it waits for a talk: status 1 with that reason, and the last reload counts."""
    path = system.config / "siaga.yaml"
    path.write_text(path.read_text().replace("drain_s: 2", "drain_s: 60"))
    assert (await system.daemon.command("reload")).exit == 0
    phone = await system.register("medis-1", Answer(0.2))
    caller = await dial_112(system, "1")
    await recorded(system, "bridged")
    os.kill(system.daemon.pid, signal.SIGTERM)
    said = await system.daemon.command("status")
    assert said.exit == 1
    assert said.out.startswith("in service no: stopping;")
    assert "1 talking" in said.out
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    await system.daemon.stop()
    assert list(system.daemon.runtime.iterdir()) == []
