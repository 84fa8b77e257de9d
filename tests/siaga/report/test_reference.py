"""docs/report.md says what each figure, column and field is, and nothing that is not there."""

import re

from siaga.report import report
from siaga.report.figure import CALLS, VERSION, WORK
from siaga.report.tally import SHORT_S, Dimension
from tests.siaga.report import scene
from tests.siaga.report.reference import PAGE, refreshed
from tests.siaga.report.scene import DAY, NOON, period

TEXT = PAGE.read_text()


def test_the_page_is_not_stale() -> None:
    """Else: make docs."""
    assert refreshed(TEXT) == TEXT
    for name in [each.name for each in CALLS] + [each.name for each in WORK]:
        assert f"| `{name}` |" in TEXT


def test_each_field_of_the_json_is_told() -> None:
    """By its name, in the order in which it comes."""
    section = TEXT.partition("## `--json`")[2].partition("\n## ")[0]
    told = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    found = report.as_json(scene.report([], period(NOON, NOON + DAY)))
    assert told == list(found)
    assert f"version {VERSION}" in section
    standards = found["standards"]
    assert isinstance(standards, list)
    for field in standards[0]:
        assert f"`{field}`" in section


def test_each_column_and_dimension_of_the_csv_is_told() -> None:
    """And how short a short wait is."""
    section = TEXT.partition("## `--csv`")[2].partition("\n### ")[0]
    assert tuple(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == report.COLUMNS
    for dimension in (report.ALL, *(each.value for each in Dimension), report.OPERATOR):
        assert f"`{dimension}`" in section
    assert f"up to {SHORT_S} s" in TEXT
