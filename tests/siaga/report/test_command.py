"""`siaga112 report` on a store, in each of its forms, on each database."""

import asyncio
import csv
import io
import json
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from journal.address import Address
from journal.record import Record
from journal.store import Store
from siaga.cli import app
from siaga.period import Period, instant, of_month
from siaga.report import national
from siaga.report.figure import CALLS, VERSION, WORK
from siaga.report.report import ALL, COLUMNS, OPERATOR
from siaga.report.tally import Dimension
from tests.siaga.folder import KOTA_METRO
from tests.siaga.report.city import NUMBERS, city
from tests.siaga.report.scene import JAKARTA, NOON, abandoned, answered, by_call, settings, tally

MONTH = ("--month", "2026-10")
DAYS = 3
CITY = 400


def records() -> list[Record]:
    """Calls of a city, one of September and one of November beside them."""
    return [
        *city(settings(), CITY, DAYS)[1],
        *answered("september", NOON - timedelta(days=20), 7.0),
        *answered("november", NOON + timedelta(days=40), 7.0),
        *abandoned("also-november", NOON + timedelta(days=40), 7.0),
    ]


def home_of(folder: Path, store: Address, told: Iterable[Record]) -> Path:
    """Kota Metro's settings, with a store that has these records."""
    config = folder / "settings"
    config.mkdir()
    for file in KOTA_METRO.iterdir():
        if file.is_file():
            (config / file.name).write_bytes(file.read_bytes())
    siaga = config / "siaga.yaml"
    text = siaga.read_text().replace("/var/lib/siaga112/spool", str(folder))
    place = "  # store: postgresql://siaga112@127.0.0.1/siaga112"
    assert place in text
    siaga.write_text(text.replace(place, f"  store: {store.url}"))

    async def keep() -> None:
        async with Store(store) as opened:
            await opened.append(list(told), {})

    asyncio.run(keep())
    return config


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings of a centre with a city's calls, on SQLite."""
    folder = tmp_path_factory.mktemp("home")
    return home_of(folder, Address(f"sqlite:///{folder}/journal.sqlite"), records())


def invoke(config: Path, *words: str, width: int = 100) -> Result:
    """The outcome of `siaga112 report` with these words."""
    arguments = ["report", *words, "--config", str(config)]
    return CliRunner().invoke(app, arguments, env={"COLUMNS": str(width)})


def told(config: Path, *words: str) -> str:
    """What it writes; nothing may be wrong."""
    result = invoke(config, *words)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    return result.stdout


def as_json(config: Path, *words: str) -> dict[str, Any]:
    """What it says for machines."""
    found: dict[str, Any] = json.loads(told(config, "--json", *words))
    return found


def rows(config: Path, *words: str) -> list[dict[str, str]]:
    """What its CSV has."""
    return list(csv.DictReader(io.StringIO(told(config, "--csv", *words))))


def test_each_database_has_the_same_report(address: Address, tmp_path: Path) -> None:
    """That of a plain count of the records, in JSON and in CSV."""
    every = records()
    config = home_of(tmp_path, address, every)
    found = as_json(config, *MONTH)
    own = settings()
    count = tally(by_call(every), of_month(date(2026, 10, 1), JAKARTA), own)
    for figure in CALLS:
        assert found[ALL][figure.name] == figure.value(count.all), figure.name
    for work in WORK:
        assert found[OPERATOR]["person:sri"][work.name] == work.value(count.work["person:sri"])
    assert found[ALL]["calls"] == CITY
    month = told(config, *MONTH, "--national")
    assert f",all,all,{CITY}," in month


def test_csv_and_json_agree(home: Path) -> None:
    """Each figure is one row, and one value; the columns are those that are documented."""
    found, table = as_json(home, *MONTH), rows(home, *MONTH)
    assert tuple(table[0]) == COLUMNS
    assert {row["version"] for row in table} == {str(VERSION)} == {str(found["version"])}
    assert (
        {(row["from"], row["to"]) for row in table}
        == {("2026-10-01T00:00:00+07:00", "2026-11-01T00:00:00+07:00")}
        == {(found["from"], found["to"])}
    )
    flat = {(ALL, ALL, name): value for name, value in found[ALL].items()}
    for dimension in (*(each.value for each in Dimension), OPERATOR):
        for key, figures in found[dimension].items():
            flat |= {(dimension, key, name): value for name, value in figures.items()}
    written = {(row["dimension"], row["key"], row["figure"]): row["value"] for row in table}
    assert written == {key: "" if value is None else str(value) for key, value in flat.items()}


def test_the_national_table_is_that_of_the_month(home: Path) -> None:
    """The columns of the contract; all first, then services, then none; the same figures."""
    found = as_json(home, *MONTH)
    table = list(csv.DictReader(io.StringIO(told(home, *MONTH, "--national"))))
    assert tuple(table[0]) == national.COLUMNS
    services = [row["service"] for row in table]
    assert services == ["all", "damkar", "lalin", "medis", "tibum", "umum", "none"]
    for row in table:
        assert (row["version"], row["centre"], row["month"]) == ("1", "Kota Metro", "2026-10")
        figures = found[ALL] if row["service"] == "all" else found["service"][row["service"]]
        for name in national.FIGURES:
            assert row[name] == ("" if figures[name] is None else str(figures[name]))


def test_no_form_has_a_callers_number_and_the_national_one_has_no_person(home: Path) -> None:
    """Neither in full nor masked; in the national table nobody of the post either."""
    people = settings().operators.people
    for form in ((), ("--csv",), ("--json",), ("--html",), ("--national",)):
        text = told(home, *MONTH, *form)
        assert not any(number in text or number[:8] in text for number in NUMBERS), form
        assert "***" not in text
    text = told(home, *MONTH, "--national").lower()
    words = {word for line in text.splitlines() for word in line.split(",")}
    assert not words & {str(each) for each in people}
    assert not any(person.name.lower() in text for person in people.values())


def test_the_tables_are_for_people(home: Path) -> None:
    """Targets with their verdicts, waits, what became of calls, and who answered."""
    text = told(home, *MONTH)
    for words in (
        f"Kota Metro: {CITY} calls from Thu 01 Oct 2026 00:00 until before Sun 01 Nov 2026",
        "NFPA 1225: 90 % within 10 s",
        "NENA-STA-020: 95 % within 20 s",
        "abandoned within 10 s",
        "By agency",
        "By shift",
        "Operators",
    ):
        assert words in text
    tables = invoke(home, *MONTH, width=80).stdout.splitlines()[1:]
    assert max(len(line.rstrip()) for line in tables) <= 80


@pytest.mark.parametrize(
    ("words", "calls"),
    [
        (("--from", "2026-10-01", "--to", "2026-10-31"), CITY),
        (("--from", "2026-10-01T00:00", "--to", "2026-11-01T00:00"), CITY),
        (("--from", "2026-09-30T17:00:00+00:00", "--to", "2026-10-31T17:00:00Z"), CITY),
        (("--from", "2026-09-01", "--to", "2026-09-30"), 1),
        (("--month", "2026-11"), 2),
        (("--month", "2026-08"), 0),
        (("--from", "2020-01-01", "--to", "2026-12-31"), CITY + 3),
    ],
)
def test_a_time_is_on_the_sites_clock(words: tuple[str, ...], calls: int, home: Path) -> None:
    """A date with `--to` is included, as in `siaga112 calls`; an instant is not."""
    assert as_json(home, *words)[ALL]["calls"] == calls


def test_periods_that_follow_each_other_add_up_in_the_store(home: Path) -> None:
    """However a month is cut."""
    edges = ["2026-10-01", "2026-10-01T12:00:00", "2026-10-02T08:30:15", "2026-10-31T23:59:59"]
    parts = [
        as_json(home, "--from", first, "--to", last)[ALL]["calls"]
        for first, last in zip(edges, [*edges[1:], "2026-11-01T00:00"], strict=True)
    ]
    assert sum(parts) == CITY


def test_without_a_time_it_is_the_last_seven_days(home: Path) -> None:
    """Up to midnight, so that no day is half."""
    found = as_json(home)
    assert found["from"][11:] == found["to"][11:] == "00:00:00+07:00"
    first, last = (date.fromisoformat(found[edge][:10]) for edge in ("from", "to"))
    assert last - first == timedelta(days=7)
    assert found["complete"] is True


def test_a_period_that_is_not_over_says_so(home: Path) -> None:
    """In each form that people read, and to machines."""
    words = ("--from", "2020-01-01", "--to", "2027-12-31")
    assert as_json(home, *words)["complete"] is False
    for form in ((), ("--html",)):
        assert "The period is not over" in told(home, *words, *form)


def test_a_file_is_replaced_in_one_step(home: Path, tmp_path: Path) -> None:
    """With the bytes that standard output would have got, for owner and group only."""
    target = tmp_path / "october.csv"
    target.write_text("of before")
    target.chmod(0o600)
    said = told(home, *MONTH, "--csv", "--output", str(target))
    assert said == f"{target}: written\n"
    assert target.read_text() == told(home, *MONTH, "--csv")
    assert target.stat().st_mode & 0o777 == 0o600
    other = tmp_path / "new.html"
    told(home, *MONTH, "--html", "--output", str(other))
    assert other.stat().st_mode & 0o777 == 0o640
    assert sorted(tmp_path.iterdir()) == [other, target]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--from", "yesterday"), 2, "expected 2026-12-31 or 2026-12-31T21:00, found 'yesterday'"),
        (("--from", "1999-12-31"), 2, "out of range"),
        (("--month", "2026-13"), 2, "expected a month such as 2026-12, found '2026-13'"),
        (("--month", "october"), 2, "expected a month such as 2026-12, found 'october'"),
        (("--month", "2026-10-05"), 2, "expected a month such as 2026-12"),
        (("--month", "1999-01"), 2, "out of range"),
        ((*MONTH, "--from", "2026-10-01"), 2, "--month cannot stand with --from or --to"),
        (("--to", "2026-10-01"), 2, "--to needs --from"),
        (("--from", "2026-10-02", "--to", "2026-10-01"), 2, "is not after"),
        (("--from", "2090-10-02"), 2, "is not after"),
        (("--from", "2001-01-01", "--to", "2026-01-01"), 2, "3660 days at most"),
        ((*MONTH, "--csv", "--json"), 2, "--csv and --json cannot stand together"),
        ((*MONTH, "--html", "--national"), 2, "--html and --national cannot stand together"),
        (("--national",), 2, "--national is of a whole month: give --month"),
        ((*MONTH, "--output", "x"), 2, "--output needs --csv, --json, --html or --national"),
        ((*MONTH, "--csv", "--output", "/proc/nothing/x"), 1, "/proc/nothing"),
    ],
)
def test_what_cannot_be_done_is_told(
    words: tuple[str, ...], status: int, said: str, home: Path
) -> None:
    """In a line, with what was expected."""
    result = invoke(home, *words)
    assert result.exit_code == status
    assert said in " ".join(result.stderr.replace("│", " ").split())
    assert result.stdout == ""


def test_a_journal_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With where it was looked for."""
    config = home_of(tmp_path, Address(f"sqlite:///{tmp_path}/journal.sqlite"), [])
    (tmp_path / "journal.sqlite").unlink()
    result = invoke(config, *MONTH)
    assert result.exit_code == 1
    assert "is not there" in result.stderr


def test_a_month_has_its_own_length_and_its_own_clock() -> None:
    """Whole on the site's clock, also where that is changed within it, and over New Year."""
    berlin = ZoneInfo("Europe/Berlin")
    october = of_month(date(2026, 10, 1), berlin)
    assert october.end - october.start == timedelta(days=31, hours=1)
    assert len(october.dates) == 31
    december = of_month(date(2026, 12, 1), JAKARTA)
    assert december.end == instant(date(2027, 1, 1), JAKARTA)
    assert Period(december.end, december.end + timedelta(hours=1), JAKARTA).dates == [
        date(2027, 1, 1)
    ]
