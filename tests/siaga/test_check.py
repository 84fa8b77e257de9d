"""The check: what is worth knowing of settings before they go live."""

import hashlib
import json
import re
import wave
from datetime import UTC, datetime
from pathlib import Path

from ivr.prompt import Prompt
from siaga.check import SILENT_LIMIT_S, Report, check
from siaga.patience import confused_wait, silent_wait, slowed_wait
from siaga.settings import load
from siaga.speech import POSITIONS
from tests.siaga.folder import BAD, GOOD, KOTA_METRO, edited, laid_over

TUESDAY = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
"""Ten in the morning at Kota Metro."""


def with_prompt(folder: Path, name: str, seconds: float) -> None:
    """Puts a silent prompt of that length where the settings of `folder` look for it."""
    sounds = folder / "sounds"
    (sounds / "id").mkdir(parents=True, exist_ok=True)
    with wave.open(str(sounds / "id" / f"{name}.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * int(8000 * seconds)))


def with_own_sounds(folder: Path) -> Path:
    """The small good settings, with their prompts in the same folder."""
    return edited(folder, "siaga.yaml", "/var/lib/siaga112/sounds", str(folder / "sounds"))


def messages(report: Report) -> list[str]:
    """What is said, without places."""
    return [problem.message for problem in report.problems]


def test_the_shipped_settings_ring_a_human_within_twenty_seconds() -> None:
    """A caller who presses nothing, also one announced to be from outside, is not kept longer."""
    assert silent_wait(load(KOTA_METRO)).seconds <= SILENT_LIMIT_S


def test_a_silent_caller_hears_all_and_waits_for_the_first_digit(tmp_path: Path) -> None:
    """The worst case is the announcement, then menu and first-digit time-out for each repeat."""
    folder = with_own_sounds(tmp_path)
    with_prompt(folder, "menu", 4.0)
    with_prompt(folder, "zone_announce", 1.5)
    edited_menu = (folder / "services.yaml").read_text()
    repeated = edited_menu.replace("menu:\n", "menu:\n  repeats: 1\n  first_digit_s: 2\n")
    (folder / "services.yaml").write_text(repeated)
    wait = silent_wait(load(folder))
    assert (wait.seconds, wait.is_estimate) == (1.5 + 2 * (4.0 + 2.0), False)


def test_nobody_announced_means_no_announcement(tmp_path: Path) -> None:
    """Where no neighbour has the policy announce, its prompt counts for nothing."""
    folder = with_own_sounds(tmp_path)
    with_prompt(folder, "menu", 4.0)
    path = folder / "zones.yaml"
    path.write_text(path.read_text().replace("announce", "serve"))
    assert silent_wait(load(folder)).seconds == 4.0 + 3.0


def test_a_long_menu_is_a_warning_at_its_text(tmp_path: Path) -> None:
    """The administrator is led to the text that keeps callers waiting."""
    folder = with_own_sounds(tmp_path)
    with_prompt(folder, "menu", 25.0)
    with_prompt(folder, "zone_announce", 1.0)
    report = check(folder, at=TUESDAY)
    (warning,) = report.problems
    assert "rings a human only after 29.0 s" in warning.message
    assert "menu" in (folder / "prompts.yaml").read_text().splitlines()[warning.line - 1]
    assert report.errors == 0


def test_words_that_the_next_ones_would_cut_off_are_a_warning(tmp_path: Path) -> None:
    """Apology or turn, and the place behind it, take longer than from one begin to the next."""
    folder = with_own_sounds(tmp_path)
    path = folder / "services.yaml"
    path.write_text(f"{path.read_text()}announcements: {{position_every_s: 30, turned: true}}\n")
    path = folder / "prompts.yaml"
    texts = "".join(f"  {name}: {{id: Satu.}}\n" for name in (Prompt.TURNED, *POSITIONS))
    path.write_text(path.read_text().replace("tones:", f"{texts}tones:"))
    for name, seconds in ((Prompt.WAITING, 2.0), (Prompt.TURNED, 11.5), (POSITIONS[3], 4.0)):
        with_prompt(folder, name, seconds)
    (warning,) = check(folder, at=TUESDAY).problems
    assert warning.message == (
        "what a waiting caller is told takes 15.5 s (turned 11.5 + position 4 4.0); expected at "
        "most 15 s, after which the next may begin and cut it off: shorten these texts"
    )
    assert "waiting" in path.read_text().splitlines()[warning.line - 1]
    with_prompt(folder, Prompt.TURNED, 10.5)
    assert check(folder, at=TUESDAY).problems == ()


def test_what_is_not_rendered_yet_is_estimated() -> None:
    """Without sounds the check answers all the same, and says that it guessed."""
    report = check(GOOD, at=TUESDAY)
    assert report.outlook is not None
    assert report.outlook.silent.is_estimate
    assert "estimated" in "\n".join(report.lines())


def test_who_is_on_duty_now_is_told() -> None:
    """The report names the people of the shift at that instant."""
    report = check(KOTA_METRO, at=TUESDAY)
    assert report.outlook is not None
    assert report.outlook.on_duty == (
        "Sri Wahyuni",
        "Agus Setiawan",
        "Dian Lestari",
        "Nurul Hidayah",
    )
    assert messages(report) == []


def test_a_service_with_nobody_on_duty_is_a_warning(tmp_path: Path) -> None:
    """The first gap is told in the site's time, with the number of those that follow."""
    folder = edited(tmp_path, "roster.yaml", "start: 07:00, end: 07:00", "start: 07:00, end: 14:00")
    (message,) = messages(check(folder, at=TUESDAY))
    assert message.startswith(
        "nobody is on duty for medis (dinkes) from Tue 24 Nov 14:00 to Wed 25 Nov 07:00, "
        "and 13 times more in the next 14 days"
    )


def test_a_leave_that_nobody_stands_in_for_is_a_warning(tmp_path: Path) -> None:
    """Overrides count: a gap of one date is found."""
    leave = "overrides:\n  - {date: 2026-11-30, kind: leave, person: sri}\nweekly:"
    folder = edited(tmp_path, "roster.yaml", "weekly:", leave)
    (message,) = messages(check(folder, at=TUESDAY))
    assert "from Mon 30 Nov 07:00 to Tue 01 Dec 07:00 in the next" in message


def test_a_service_is_not_empty_while_one_of_its_agencies_is_there(tmp_path: Path) -> None:
    """Where two agencies are hunted, one of them is enough; the other is told by its own name."""
    folder = edited(tmp_path, "operators.yaml", "agencies:", "agencies:\n  bpbd: {name: BPBD}")
    path = folder / "services.yaml"
    path.write_text(path.read_text().replace("[dinkes]", "[dinkes, bpbd]"))
    assert messages(check(folder, at=TUESDAY)) == ["nobody belongs to agency 'bpbd'"]


def test_a_service_that_nobody_ever_works_for_is_one_gap(tmp_path: Path) -> None:
    """A gap without an end is told up to the end of what was looked at."""
    folder = edited(tmp_path, "operators.yaml", "agencies:", "agencies:\n  bpbd: {name: BPBD}")
    path = folder / "operators.yaml"
    text = path.read_text().replace("seats:", "  ani: {name: Ani, agency: bpbd}\nseats:")
    path.write_text(
        text.replace("  pos:", "  bpbd-1: {endpoint: siaga-bpbd-1, person: ani}\n  pos:")
    )
    path = folder / "services.yaml"
    path.write_text(path.read_text().replace("[dinkes]", "[bpbd]"))
    report = check(folder, at=TUESDAY)
    (message,) = messages(report)
    assert "for medis (bpbd) from Tue 24 Nov 10:00 to Tue 08 Dec 10:00 in the next" in message
    assert report.outlook is not None
    assert len(report.outlook.gaps) == 1


def test_wrong_keys_cost_what_they_cost(tmp_path: Path) -> None:
    """Each wrong key and each silence is a menu more, and the longest language counts."""
    folder = with_own_sounds(tmp_path)
    with_prompt(folder, "menu", 4.0)
    with_prompt(folder, "zone_announce", 1.5)
    with_prompt(folder, "wrong_key", 2.0)
    path = folder / "services.yaml"
    text = path.read_text().replace("menu:\n", "menu:\n  repeats: 1\n  wrong_key_repeats: 2\n", 1)
    path.write_text(text)
    wait = confused_wait(load(folder))
    assert wait.seconds == 1.5 + 4 * (4.0 + 3.0) + 2 * 2.0
    assert [part.what for part in wait.parts] == [
        *("zone announce", "4 x menu", "4 x silence", "2 x wrong key")
    ]


def test_a_prompt_without_end_is_cut_off(tmp_path: Path) -> None:
    """The dialogue waits no longer for it than its limit, and the report says no more."""
    folder = with_own_sounds(tmp_path)
    with_prompt(folder, "menu", 90.0)
    with_prompt(folder, "zone_announce", 0.0)
    assert silent_wait(load(folder)).seconds == 30.0 + 3.0


def test_a_slowed_caller_waits_for_the_question_and_then_for_the_menu(tmp_path: Path) -> None:
    """At worst: 1 is pressed in the last moment, and nothing in the menu; a warning if too long."""
    folder = with_own_sounds(tmp_path)
    services = folder / "services.yaml"
    services.write_text(services.read_text() + "throttle: {}\n")
    prompts = folder / "prompts.yaml"
    prompts.write_text(prompts.read_text().replace("texts:\n", "texts:\n  emergency: {id: Satu}\n"))
    for name, seconds in (("menu", 4.0), ("zone_announce", 1.5), ("emergency", 5.0)):
        with_prompt(folder, name, seconds)
    settings = load(folder)
    assert slowed_wait(settings).seconds == 1.5 + 5.0 + 3.0 + 4.0 + 3.0
    report = check(folder, at=TUESDAY)
    assert report.problems == ()
    assert report.as_json()["slowed_caller_s"] == 16.5
    with_prompt(folder, "emergency", 29.0)
    (warning,) = check(folder, at=TUESDAY).problems
    assert "slowed down rings a human only after 40.5 s" in warning.message
    assert "emergency" in prompts.read_text().splitlines()[warning.line - 1]
    assert check(GOOD, at=TUESDAY).as_json()["slowed_caller_s"] is None


def test_the_report_says_what_was_looked_at_and_what_was_not() -> None:
    """One screen: files, menu, zones, roster, waits, prompts, and what no file can tell."""
    first, *lines = check(KOTA_METRO, at=TUESDAY).lines()
    assert first.endswith("0 errors, 0 warnings; 5 services, 13 people, 15 seats")
    told = {line[2:10].strip(): line[12:] for line in lines}
    assert list(told) == [
        *("files", "menu", "zones", "", "roster", "on duty"),
        *("silent", "confused", "slowed", "mqtt", "prompts", "not seen"),
    ]
    assert re.search(r"zones.yaml [1-9][0-9.]* KiB, ", told["files"])
    assert told["menu"].startswith("4 keys in id, en, for services medis, ")
    assert told["zones"].startswith("2 trunks (telkom, seluler), ")
    assert re.fullmatch(r"\d+ ranges? of numbers, \d+ cells?, (no|a) map of boundaries", told[""])
    assert "14 days: a service is never without anybody on duty" in told["roster"]
    assert "menu" in told["silent"]
    assert "wrong key" in told["confused"]
    assert "emergency" in told["slowed"]
    assert "siaga112 prompts" in told["prompts"]
    assert "Asterisk" in told["not seen"]


MQTT = """\
mqtt:
  host: broker.metro.example
  user: siaga
  numbers: [call]
  commands: [pause]
journal"""


def test_what_is_published_is_said_and_that_it_can_be_read_on_the_way(tmp_path: Path) -> None:
    """To another machine without TLS is worth a warning, on this one it is not."""
    report = check(edited(tmp_path / "far", "siaga.yaml", "journal", MQTT), at=TUESDAY)
    assert any(
        "broker.metro.example, and the password, can be read on the way" in each
        for each in messages(report)
    )
    assert report.as_json()["mqtt"] == (
        "broker.metro.example:1883 in the clear under the name siaga, siaga112/…, "
        "numbers in full in call, commands pause"
    )
    near = MQTT.replace("broker.metro.example", "127.0.0.1")
    report = check(edited(tmp_path / "near", "siaga.yaml", "journal", near), at=TUESDAY)
    assert not any("on the way" in each for each in messages(report))
    assert check(GOOD, at=TUESDAY).as_json()["mqtt"] == "nothing is published (no mqtt.host)"


def test_the_report_for_machines_names_each_file_by_its_sum() -> None:
    """Two machines can be told to run on the same settings."""
    value = check(GOOD, at=TUESDAY).as_json()
    files = value["files"]
    assert isinstance(files, dict)
    data = (GOOD / "zones.yaml").read_bytes()
    assert files["zones.yaml"] == {
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    assert value["set"] == load(GOOD).name
    assert value["gaps"] == []


def test_errors_are_told_with_their_count() -> None:
    """Bad settings end in a line that says that they cannot be used."""
    report = check(GOOD / "nowhere", at=TUESDAY)
    assert report.errors == 1
    assert list(report.lines())[-1].endswith("1 error, 0 warnings; these settings cannot be used")


def test_the_report_for_machines_has_every_problem(tmp_path: Path) -> None:
    """JSON carries file, line, column, severity and message of each problem."""
    folder = laid_over(tmp_path, BAD / "unknown-person")
    report = check(folder, at=TUESDAY)
    value = json.loads(json.dumps(report.as_json()))
    assert value["ok"] is False
    assert value["problems"] == [
        {
            "file": str(folder / "roster.yaml"),
            "line": 7,
            "col": 19,
            "severity": "error",
            "message": "unknown person 'sry'; did you mean 'sri'?",
        }
    ]


def test_the_report_for_machines_tells_what_people_are_told() -> None:
    """Good settings come with the silent caller's wait and who is on duty."""
    value = check(GOOD, at=TUESDAY).as_json()
    assert value["ok"] is True
    assert value["on_duty"] == ["Sri Wahyuni"]
    assert value["silent_caller_is_estimate"] is True
