"""`siaga112 calls` and `siaga112 journal` on a store of two days."""

import asyncio
import csv
import io
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from journal import anchor
from journal.address import Address
from journal.record import Ground, Record
from journal.store import Store
from siaga.cli import app
from siaga.clock import SystemClock
from tests.siaga.folder import edited

NOON = datetime(2026, 3, 24, 5, 0, 0, tzinfo=UTC)
"""In Lampung."""
NUMBER = "081234567890"


def journal(folder: Path) -> list[Record]:
    """What happened: one answered call, one abandoned and redialled, one abandoned, one of now."""
    found: list[Record] = []

    def happened(call: str, at: datetime, s: float, what: str, **detail: Any) -> None:
        because = (Ground("so it is", "zones.order", "zones.yaml:3"),) if what == "zone" else ()
        found.append(
            Record(
                id=f"w-{len(found) + 1:08d}",
                at=at + timedelta(seconds=s),
                what=what,
                call=call,
                offset_s=s,
                detail=detail,
                because=because,
            )
        )

    def call(call: str, at: datetime, number: str, service: str, answered: str | None) -> None:
        happened(call, at, 0, "arrived", ani=number, trunk="telkom", did="112", how="new")
        happened(call, at, 0, "zone", verdict="inside", neighbour=None)
        happened(call, at, 2, "chosen", service=service)
        if answered is None:
            happened(call, at, 9, "abandoned", where="waiting", waited_s=9.0, why="normal")
        else:
            happened(call, at, 4.5, "bridged", offer="o", target=answered)
            if service == "lalin":
                recorded(call, at)
            happened(call, at, 64.5, "ended", by="caller", talked_s=60.0)

    def recorded(call: str, at: datetime) -> None:
        path = "2025/12/01/six-1.wav"
        for _ in range(2):  # as after a death between record and removal
            happened(call, at, 70, "recording_kept", recording=path, seconds=60.0, whole=True)

    call("six", NOON - timedelta(days=99), "085799999999", "lalin", "person:agus")
    call("one", NOON, NUMBER, "medis", "person:sri")
    call("two", NOON + timedelta(hours=1), "085700000001", "medis", None)
    call("three", NOON + timedelta(hours=2), "085700000001", "medis", "person:agus")
    call("four", NOON + timedelta(days=1), "=cmd|' /C calc'!A0", "medis", None)
    call("five", SystemClock().now().wall - timedelta(minutes=5), "", "medis", "seat:pos")

    async def keep() -> None:
        async with Store(Address(f"sqlite:///{folder}/journal.sqlite")) as store:
            await store.append(found, {})
            heads = await store.heads()
            anchor.drop(folder / anchor.FILE_NAME, await store.identity(), heads, NOON)

    asyncio.run(keep())
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Settings whose spool's folder has the store, and the anchors beside it."""
    folder = tmp_path_factory.mktemp("home")
    config = edited(
        folder / "settings", "siaga.yaml", "/var/lib/siaga112/spool", str(folder / "spool")
    )
    assert config.is_dir()
    (folder / "spool").mkdir()
    journal(folder / "spool")
    return folder


def invoke(home: Path, *arguments: str) -> Result:
    """The outcome of `siaga112` with these arguments."""
    return CliRunner().invoke(
        app, [*arguments, "--config", str(home / "settings")], env={"COLUMNS": "200"}
    )


def calls(home: Path, *arguments: str) -> list[str]:
    """The ids of the calls that are found."""
    result = invoke(home, "calls", *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return [row["call"] for row in json.loads(result.stdout)]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ((), "five"),
        (("--from", "2026-03-24", "--to", "2026-03-24"), "one two three"),
        (("--from", "2026-03-24T12:00:00", "--to", "2026-03-24T13:00:00"), "one"),
        (("--from", "2026-03-24T05:00:00+00:00", "--to", "2026-03-24T14:00"), "one two"),
        (("--from", "2026-03-25", "--to", "2026-03-26"), "four"),
        (("--number", NUMBER), "one"),
        (("--number", "+62 812-3456-7890"), "one"),
        (("--number", "0001"), "two three"),
        (("--from", "2026-01-01", "--outcome", "abandoned"), "two four"),
        (("--from", "2026-01-01", "--operator", "agus"), "three"),
        (("--from", "2026-01-01", "--operator", "pos"), "five"),
        (("--from", "2026-01-01", "--service", "medis"), "one two three four five"),
        (("--abandoned", "--from", "2026-03-24"), "two four"),
        (("--abandoned", "--from", "2026-03-24", "--to", "2026-03-24"), "two"),
        (("--abandoned",), ""),
    ],
)
def test_calls_are_found(arguments: tuple[str, ...], found: str, home: Path) -> None:
    """By time on the site's clock, number, outcome, person; without a time those of a day."""
    assert calls(home, *arguments) == found.split()


def test_a_row_tells_the_call(home: Path) -> None:
    """When, whose, where from, for what, after how long by whom, how long; the number masked."""
    row = invoke(home, "calls", "--from", "2026-03-24").stdout.splitlines()[1]
    for word in ("Tue 24 Mar 12:00:00", "0812***890", "inside", "medis", "answered", "4.5 s"):
        assert word in row
    assert "sri" in row
    assert "60.0 s" in row


def test_numbers_are_in_full_when_they_are_asked_for(home: Path) -> None:
    """In the table, the JSON and the CSV; else nowhere."""
    for form in ((), ("--json",), ("--csv",), ("one", "--json"), ("one",)):
        assert NUMBER not in invoke(home, "calls", "--from", "2026-03-24", *form).stdout
        assert NUMBER in invoke(home, "calls", "--from", "2026-03-24", "--numbers", *form).stdout


def test_a_calls_recordings_are_listed(home: Path) -> None:
    """Each once, with what proves it; to people in its place among what happened."""
    told = json.loads(invoke(home, "calls", "six", "--json").stdout)
    (kept,) = told["recordings"]
    assert (kept["path"], kept["seconds"], kept["whole"]) == ("2025/12/01/six-1.wav", 60.0, True)
    assert "recording  2025/12/01/six-1.wav, 60.0 s" in invoke(home, "calls", "six").stdout
    assert json.loads(invoke(home, "calls", "one", "--json").stdout)["recordings"] == []


def test_the_csv_is_a_table_that_no_spreadsheet_runs(home: Path) -> None:
    """A caller's phone can call itself anything."""
    result = invoke(home, "calls", "--from", "2026-01-01", "--csv", "--numbers")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["call"] for row in rows] == ["one", "two", "three", "four", "five"]
    assert rows[0]["answered_s"] == "4.5"
    assert rows[3]["number"].startswith("'=cmd")


def test_abandoned_calls_have_what_became_of_them(home: Path) -> None:
    """Dialled again and answered, or to be rung back."""
    lines = invoke(home, "calls", "--abandoned", "--from", "2026-03-24").stdout.splitlines()
    assert "dialled again, answered by agus 24 Mar 14:00" in lines[1]
    assert "to be called back" in lines[2]
    table = invoke(home, "calls", "--abandoned", "--from", "2026-03-24", "--csv").stdout
    assert [row["sequel"] for row in csv.DictReader(io.StringIO(table))] == ["redialled", "open"]


def test_one_call_is_told_as_it_happened(home: Path) -> None:
    """A line for each record with its offset, and the reasons."""
    lines = invoke(home, "calls", "one").stdout.splitlines()
    assert lines[0] == "one  Tue 24 Mar 2026  caller 0812***890"
    assert lines[1].startswith("12:00:00 +   0.000")
    assert "why: so it is (zones.yaml:3)" in lines[3]
    told = json.loads(invoke(home, "calls", "one", "--json").stdout)
    assert told["call"]["outcome"] == "answered"
    assert [record["what"] for record in told["records"]] == [
        *("arrived", "zone", "chosen", "bridged", "ended"),
    ]


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("calls", "nine"), 1, "the journal has no call 'nine'"),
        (("calls", "--service", "medik"), 2, "did you mean 'medis'?"),
        (("calls", "--number", "08"), 2, "3 digits"),
        (("calls", "--csv", "--json"), 2, "cannot stand together"),
        (("calls", "--from", "yesterday"), 2, "expected 2026-12-31 or 2026-12-31T21:00"),
        (("calls", "--outcome", "lost"), 2, "last_resort"),
    ],
)
def test_what_cannot_be_answered_is_told(
    arguments: tuple[str, ...], status: int, told: str, home: Path
) -> None:
    """With what was expected."""
    result = invoke(home, *arguments)
    assert result.exit_code == status
    assert told in " ".join(result.stderr.replace("│", " ").split())


def test_without_a_journal_it_says_so(tmp_path: Path) -> None:
    """Before the first start of the daemon there is none, and asking makes none."""
    edited(tmp_path / "settings", "siaga.yaml", "/var/lib/siaga112/spool", str(tmp_path / "spool"))
    for command in (("calls",), ("journal", "verify")):
        result = invoke(tmp_path, *command)
        assert result.exit_code == 1
        assert "journal.sqlite cannot be read" in result.stderr
        assert "nothing has been recorded yet" in result.stderr
    assert not (tmp_path / "spool").exists()


def test_what_holds_is_status_0(home: Path) -> None:
    """With what was looked at."""
    result = invoke(home, "journal", "verify", "--state", str(home / "spool"))
    assert result.exit_code == 0
    assert "30 records of 1 writers: all is as it was written" in result.stdout
    assert "7 proved; purged: none" in result.stdout
    told = json.loads(
        invoke(home, "journal", "verify", "--json", "--state", str(home / "spool")).stdout
    )
    assert (told["holds"], told["anchors"], told["findings"]) == (True, 1, [])


def test_what_does_not_hold_is_status_1_and_named(home: Path, tmp_path: Path) -> None:
    """The record, and what is wrong with it, on standard error."""
    edited(tmp_path / "settings", "siaga.yaml", "/var/lib/siaga112/spool", str(tmp_path))
    for path in (home / "spool").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as connection, connection:
        connection.execute("DELETE FROM record WHERE id = 'w-00000004'")
    result = invoke(tmp_path, "journal", "verify", "--state", str(tmp_path))
    assert result.exit_code == 1
    assert "w-00000005 does not follow the one before it" in result.stderr
    assert "29 records of 1 writers: 1 faults" in result.stdout


def test_without_anchors_it_says_what_is_not_seen(home: Path, tmp_path: Path) -> None:
    """Whoever believes the verdict knows how far it goes."""
    result = invoke(home, "journal", "verify", "--state", str(tmp_path))
    assert "an end that was cut off would not be seen" in result.stdout


@pytest.mark.parametrize(
    ("call", "by", "status", "told"),
    [
        ("nine", "sri", 1, "the journal has no call 'nine'"),
        ("one", "sri", 1, "no abandoned call 'one'"),
        ("four", " ", 2, "id or the name of a person"),
        ("four", "s" * 101, 2, "id or the name of a person"),
        ("four", "sri", 4, "no daemon listens"),
    ],
)
def test_who_was_not_to_be_rung_is_not_called_back(
    call: str, by: str, status: int, told: str, home: Path
) -> None:
    """Only an abandoned call can be closed, and only by a daemon that runs."""
    result = invoke(home, "called-back", call, "--by", by, "--runtime", str(home / "run"))
    assert result.exit_code == status
    assert told in " ".join(result.stderr.split())
