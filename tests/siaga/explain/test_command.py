"""The command `siaga112 explain`: what it tells, what it refuses, and its exit statuses."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner, Result

from routing.mark import Mark
from routing.note import CallId
from routing.operator import PersonId, SeatId
from routing.service import GroupId
from routing.snapshot import Pause, Snapshot
from routing.throttle import Charges, Marked
from sandbox.pidf import Point, document
from siaga.cli import app
from siaga.settings import load
from tests.live.centre import DISMISSED
from tests.siaga.explain.settings import example
from tests.siaga.folder import BAD, KOTA_METRO, laid_over

FIELDS: Final = [
    *("at", "trunk", "did", "ani", "zone", "service", "priority"),
    *("targets", "skipped", "overflow", "settings"),
]
MOBILE: Final = "081234567890"
MORNING: Final = "2026-12-01T08:00"
NIGHT: Final = "2026-12-24T22:00"
"""Ratna is on leave, and Bayu stands in."""


def explained(*words: str | Path, config: Path = KOTA_METRO) -> Result:
    """The outcome of `siaga112 explain` with these arguments."""
    return CliRunner().invoke(app, ["explain", "--config", str(config), *map(str, words)])


def value(*words: str | Path, config: Path = KOTA_METRO) -> dict[str, Any]:
    """The JSON of a call on trunk seluler, unless told otherwise."""
    trunk = () if "--trunk" in words else ("--trunk", "seluler")
    result = explained(*trunk, "--from", MOBILE, *words, "--json", config=config)
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def people(found: list[dict[str, Any]]) -> list[str | None]:
    """Who is meant, in order."""
    return [each["operator"] for each in found]


def places(found: dict[str, Any]) -> list[str]:
    """Files and lines of the reasons."""
    return [reason["where"] for reason in found["because"]]


def flat(result: Result) -> str:
    """What people read, in one line."""
    return " ".join(result.stdout.split())


def changed(folder: Path, file: str, change: dict[str, Any]) -> Path:
    """The shipped settings with other values in one file, by dotted path."""
    example(folder)
    yaml = YAML()
    tree = yaml.load(folder / file)
    for path, new in change.items():
        *keys, last = path.split(".")
        at = tree
        for key in keys:
            at = at[key]
        at[last] = new
    yaml.dump(tree, folder / file)
    return folder


def test_the_json_has_these_fields() -> None:
    """Exactly those, and the settings by the name that records have."""
    found = value("--press", "1", "--at", MORNING)
    assert list(found) == FIELDS
    assert found["at"] == "2026-12-01T08:00:00+07:00"
    assert (found["trunk"], found["did"], found["ani"]) == ("seluler", "112", MOBILE)
    assert list(found["zone"]) == ["verdict", "neighbour", "because"]
    assert (found["service"], found["priority"]) == ("medis", 0)
    assert found["settings"] == load(KOTA_METRO).name


def test_a_target_has_the_rules_that_lead_to_it() -> None:
    """The key, the hunt group, the roster's row and the strategy, each with file and line."""
    (target,) = value("--press", "1", "--at", MORNING)["targets"]
    assert list(target) == ["operator", "seat", "endpoint", "because"]
    assert (target["operator"], target["seat"]) == ("sri", "medis-1")
    assert target["endpoint"] == "siaga-medis-1"
    files = [place.partition(":")[0] for place in places(target)]
    assert files == ["services.yaml", "services.yaml", "roster.yaml", "services.yaml"]
    assert target["because"][2]["text"] == "works pagi by the weekly roster"
    assert target["because"][3]["text"] == "all at once (ringall)"


def test_an_exception_of_the_roster_is_the_rule_that_won() -> None:
    """Who stands in rings by the extra; whose leave it is does not ring, and it says why."""
    found = value("--press", "1", "--at", NIGHT)
    (target,) = found["targets"]
    assert target["operator"] == "bayu"
    assert target["because"][2]["text"] == "works malam as an extra: stands in for Ratna"
    skipped = {each["operator"]: each["because"] for each in found["skipped"]}
    assert skipped.keys() == {"sri", "ratna"}
    assert skipped["ratna"][0]["text"] == "off duty: on leave: family matter"
    assert skipped["ratna"][0]["where"].startswith("roster.yaml:")


def test_the_overflow_is_the_rest_of_the_chain() -> None:
    """Each step in its turn, after what has rung before, with all whom it leads to."""
    found = value("--press", "1", "--at", MORNING)
    steps = [(each["step"], each["after_s"]) for each in found["overflow"]]
    assert steps == [
        ("supervisor", 16.0),
        ("other_agencies", 26.0),
        ("previous_shift", 41.0),
        ("post", 51.0),
        ("outside", 66.0),
    ]
    assert people(found["overflow"][1]["targets"]) == ["agus", "dian", "nurul"]
    (number,) = found["overflow"][-1]["targets"]
    assert (number["operator"], number["seat"]) == (None, None)
    assert number["endpoint"] == "0725000113@siaga-telkom"
    assert all(each["where"].startswith("services.yaml:") for each in found["overflow"])


def test_who_is_busy_is_passed() -> None:
    """By id or by name; the chain waits for them, and goes on."""
    found = value("--press", "1", "--at", MORNING, "--busy", "Sri Wahyuni", "--busy", "agus")
    assert people(found["targets"]) == ["siti"]
    assert found["skipped"][0]["operator"] == "sri"
    assert found["skipped"][0]["because"][0]["text"] == "is on a call"
    others = found["overflow"][0]
    assert people(others["targets"]) == ["dian", "nurul"]
    assert people(others["skipped"]) == ["agus"]


def test_who_has_rung_is_not_rung_again_in_the_round() -> None:
    """The one of the shift before who works on is told at that step."""
    found = value("--press", "2", "--at", "2027-01-01T08:00", "--busy", "agus")
    before = found["overflow"][1]
    assert before["step"] == "previous_shift"
    assert people(before["targets"]) == ["yudi"]
    night = value("--press", "1", "--at", "2026-12-25T08:00")
    supervisors = [each for each in night["overflow"] if each["step"] == "supervisor"]
    assert people(supervisors[0]["targets"]) == ["siti"]


@pytest.mark.parametrize(
    ("keys", "service"),
    [
        ("1", "medis"),
        ("91", "medis"),
        ("72", "damkar"),
        ("77", "umum"),
        ("0", "umum"),
        ("", "umum"),
    ],
)
def test_keys_are_pressed_one_after_the_other(keys: str, service: str) -> None:
    """As the menu of a live call takes them; silence and confusion reach a human, too."""
    found = value("--press", keys, "--at", MORNING)
    assert found["service"] == service
    assert found["targets"]


def test_a_location_a_cell_and_a_file_are_evidence(tmp_path: Path) -> None:
    """Judged as if they had come with the call."""
    path = tmp_path / "place.xml"
    path.write_text(document(Point(-5.1131, 105.3067).xml))
    inside = (
        ("--geo", "-5.1131,105.3067"),
        ("--geo=-5.1131 105.3067",),
        ("--pidf", path),
        ("--cell", "510-99-1A2B-0C0FF01"),
    )
    for words in inside:
        zone = value(*words)["zone"]
        assert (zone["verdict"], zone["neighbour"]) == ("inside", None), words
        assert zone["because"][0]["where"]


def test_a_callers_neighbour_is_rung_first() -> None:
    """The transfer of the settings, and then the default service's people."""
    found = value("--from", "0725512345", "--at", MORNING)
    assert (found["zone"]["verdict"], found["zone"]["neighbour"]) == ("outside", "lampung-tengah")
    (target,) = found["targets"]
    assert target["endpoint"] == "0725000112@siaga-telkom"
    assert found["overflow"][0]["step"] == "group"
    assert people(found["overflow"][0]["targets"]) == ["sri", "agus", "dian", "nurul"]
    assert "bayu" in people(found["skipped"])


def test_who_is_hung_up_on_has_no_targets(tmp_path: Path) -> None:
    """Unless a key is pressed."""
    config = example(tmp_path / "own")
    words = ("--trunk", "telkom", "--did", DISMISSED, "--at", MORNING)
    found = value(*words, config=config)
    assert (found["service"], found["priority"]) == (None, None)
    assert (found["targets"], found["skipped"], found["overflow"]) == ([], [], [])
    assert value(*words, "--press", "1", config=config)["service"] == "medis"
    text = flat(explained("--from", MOBILE, *words, config=config))
    assert "announce and hang up" in text
    assert "end: hung up on after the" in text
    assert "from the start again" not in text


def test_without_a_trunk_one_is_assumed_that_proves_nothing() -> None:
    """Telkom's 112 would prove that the caller is inside; whoever reads is told."""
    result = explained("--from", "0721481234", "--at", MORNING)
    assert result.exit_code == 0
    assert "trunk seluler is assumed: --trunk names another" in result.stdout
    assert "zone: outside, Kota Bandar" in result.stdout
    named = explained("--from", "0721481234", "--trunk", "telkom", "--at", MORNING)
    assert "assumed" not in named.stdout


def test_people_read_it_in_eighty_columns() -> None:
    """What happens, when, by which rule; no colours where there is no terminal."""
    result = explained("--trunk", "seluler", "--from", MOBILE, "--press", "1", "--at", NIGHT)
    lines = result.stdout.splitlines()
    assert "\x1b" not in result.stdout
    assert all(len(line) <= 80 for line in lines[1:])
    text = flat(result)
    for told in ("Bayu Pratama (bayu) at medis-2", "not Ratna Dewi (ratna)", "services.yaml:7"):
        assert told in text
    assert "from the start again" in text


def test_penalties_and_the_longest_wait_are_told(tmp_path: Path) -> None:
    """Who has a penalty and nobody before them rings; after twenty seconds all steps do at once."""
    config = changed(tmp_path / "own", "operators.yaml", {"people.agus.penalty": 5})
    yaml = YAML()
    services = yaml.load(config / "services.yaml")
    services["services"]["damkar"]["max_wait_s"] = 20
    services["hunt_groups"]["damkar"]["penalty_limit"] = {0: 0, 5: 10}
    yaml.dump(services, config / "services.yaml")
    words = ("--press", "2", "--at", MORNING)
    found = value(*words, config=config)
    (target,) = found["targets"]
    assert target["because"][-1]["text"] == "penalty 5: after those with less"
    assert target["because"][-1]["where"].startswith("operators.yaml:")
    assert [each["after_s"] for each in found["overflow"]] == [16.0, 20.0, 20.0, 20.0, 35.0]
    text = flat(explained("--trunk", "seluler", "--from", MOBILE, *words, config=config))
    assert "hurry: has waited 20" in text


def test_what_a_daemon_has_kept_is_gone_on_from(tmp_path: Path) -> None:
    """Its pauses, its seats, and whose turn it is."""
    config = changed(tmp_path / "own", "services.yaml", {"hunt_groups.semua.strategy": "rrmemory"})
    kept = Snapshot(
        pauses={PersonId("agus"): Pause(1796083200.0, automatic=False)},
        seats={SeatId("pos"): PersonId("siti")},
        rung={GroupId("semua"): PersonId("dian")},
    )
    (tmp_path / "floor.json").write_bytes(msgspec.json.encode(kept))
    words = ("--press", "0", "--at", "2026-12-01T08:00")
    before = value(*words, config=config)
    assert people(before["targets"]) == ["sri", "agus", "dian", "nurul"]
    after = value(*words, "--state", tmp_path, config=config)
    assert people(after["targets"]) == ["nurul", "sri", "dian"]
    skipped = {each["operator"]: each["because"][0]["text"] for each in after["skipped"]}
    assert skipped["agus"] == "is paused"


def test_a_slowed_number_is_asked_first(tmp_path: Path) -> None:
    """With what operators have said of its calls; by the rule that slows it."""
    at = datetime.fromisoformat(f"{MORNING}+07:00").timestamp()
    marks = tuple(Marked(CallId(str(n)), Mark.PRANK, at - 60.0 * n) for n in range(1, 4))
    (tmp_path / "floor.json").write_bytes(msgspec.json.encode(Snapshot()))
    words = ("--trunk", "seluler", "--from", MOBILE, "--at", MORNING, "--press", "1")
    assert "slowed" not in flat(explained(*words, "--state", tmp_path))
    charges = Charges({"+6281234567890": marks})
    (tmp_path / "throttle.json").write_bytes(msgspec.json.encode(charges))
    text = flat(explained(*words, "--state", tmp_path))
    assert "slowed: asked whether it is an" in text
    assert "slowed" not in flat(explained(*words))


def test_a_chain_that_rings_nobody_is_told(tmp_path: Path) -> None:
    """Whoever sits at the post's phone is on a call, too: the daemon tries again and again."""
    config = changed(tmp_path / "own", "services.yaml", {"overflow.biasa": [{"to": "post"}]})
    kept = Snapshot(seats={SeatId("pos"): PersonId("siti")})
    (tmp_path / "floor.json").write_bytes(msgspec.json.encode(kept))
    words = ("--press", "1", "--at", MORNING, "--busy", "sri", "--busy", "siti")
    found = value(*words, "--state", tmp_path, config=config)
    assert found["targets"] == []
    assert found["skipped"][0]["operator"] == "sri"
    (post,) = found["overflow"]
    assert (post["after_s"], post["targets"], people(post["skipped"])) == (None, [], ["siti"])
    text = flat(explained("--from", MOBILE, *words, "--state", tmp_path, config=config))
    assert "the post's phone: rings nobody" in text
    assert "from the start again" in text


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("--trunk", "selular"), 2, "unknown trunk 'selular'; did you mean 'seluler'?"),
        (("--busy", "sry"), 2, "unknown person 'sry'; did you mean 'sri'?"),
        (("--at", "31.12.2026"), 2, "expected a time such as 2026-12-31T21:00"),
        (("--press", "1x"), 2, "expected keys of a phone"),
        (("--geo", "north"), 2, "expected latitude and longitude in degrees"),
        (("--geo", "95,200"), 2, "a position is not on the Earth"),
        (("--did", "112\x1b[31m"), 2, "expected a number, such as 081234567890"),
        (("--did", "1\udcff"), 2, "expected a number, such as 081234567890"),
        (("--cell", "?"), 2, "expected the id of a cell"),
        (("--geo", "1,2", "--pidf", "x"), 2, "are two locations"),
        (("--pidf", "nothing.xml"), 1, "nothing.xml:1:1: this file is missing"),
        (("--state", "nowhere"), 1, "nowhere/floor.json: No such file or directory"),
        (("--state", str(BAD.parent)), 1, "floor.json: No such file or directory"),
    ],
)
def test_what_is_wrong_is_told(words: tuple[str, ...], status: int, told: str) -> None:
    """What was found, what was expected, and what may have been meant."""
    result = explained("--from", MOBILE, *words)
    assert result.exit_code == status
    assert told in " ".join(result.stderr.replace("│", " ").split())
    assert not result.stdout


def test_the_callers_number_has_to_be_told() -> None:
    """An empty one is a hidden one."""
    assert explained().exit_code == 2
    assert "a hidden number dials 112" in explained("--from", "").stdout


def test_a_state_that_is_damaged_is_told(tmp_path: Path) -> None:
    """Rather than passed over: the answer would be another one."""
    (tmp_path / "floor.json").write_text("{")
    result = explained("--from", MOBILE, "--state", tmp_path)
    assert result.exit_code == 1
    assert "this is not what a daemon keeps" in result.stderr


def test_a_location_that_the_dialplan_would_drop_is_told(tmp_path: Path) -> None:
    """Half of a shape would be another shape, so it hands over none."""
    corners = " ".join(f"-5.{number:04} 105.3" for number in range(200))
    path = tmp_path / "place.xml"
    shape = Point(-5.1, 105.3).xml.replace("-5.1 105.3", corners)
    path.write_text(document(shape))
    result = explained("--from", MOBILE, "--pidf", path)
    assert result.exit_code == 0
    assert "warning: it is too long for the dialplan" in result.stderr
    assert "no location came with the call" in flat(result)


def test_bad_settings_are_told_with_their_place(tmp_path: Path) -> None:
    """As all commands do."""
    bad = min(folder for folder in BAD.iterdir() if (folder / "services.yaml").exists())
    result = explained("--from", MOBILE, config=laid_over(tmp_path / "own", bad))
    assert result.exit_code == 1
    assert ".yaml:" in result.stderr
