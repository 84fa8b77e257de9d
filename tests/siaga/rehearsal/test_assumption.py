"""A city's file: what it leaves out is as assumed, and what is wrong in it is told by line."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from routing.service import ServiceId
from siaga.problem import SettingsError
from siaga.rehearsal.assumption import read, tree_of
from siaga.rehearsal.city import City, Demand, Spread
from siaga.settings import Settings, load
from tests.siaga.folder import KOTA_METRO

PAGE = Path(__file__).parents[3] / "docs" / "rehearse.md"


@pytest.fixture(scope="module")
def metro() -> Settings:
    """The shipped settings."""
    return load(KOTA_METRO)


def city(folder: Path, text: str, settings: Settings) -> City:
    """The city of a file with this text."""
    path = folder / "city.yaml"
    path.write_text(text)
    return read(path, settings)


def test_the_page_shows_the_city_that_is_assumed(tmp_path: Path, metro: Settings) -> None:
    """Whoever copies the file from the documentation has every value that there is."""
    (text,) = re.findall(r"```yaml\n(calls_per_day.*?)```", PAGE.read_text(), re.DOTALL)
    assert city(tmp_path, text, metro) == City()


def test_what_is_not_written_is_as_assumed(tmp_path: Path, metro: Settings) -> None:
    """One value of one kind of callers changes, and all others stay."""
    found = city(
        tmp_path,
        "calls_per_day: 400\n"
        "callers: {prank: {share: 0.9}}\n"
        "services: {medis: {talk: {p90_s: 900}}, umum: {weight: 3}}\n",
        metro,
    )
    prank = replace(City().callers.prank, share=0.9)
    assert found.callers == replace(City().callers, prank=prank)
    assert found.services[ServiceId("medis")].talk == Spread(median_s=120, p90_s=900)
    assert found.services[ServiceId("umum")] == Demand(weight=3)
    assert replace(found, calls_per_day=290, callers=City().callers, services={}) == replace(
        City(), services={}
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("calls_per_dya: 3\n", "1:1: unknown key 'calls_per_dya'; did you mean 'calls_per_day'?"),
        ("calls_per_day: 1e3\n", "1:16: expected a number such as 15 or 0.5, found '1e3'"),
        ("calls_per_day: 0\n", "1:16: 0 is out of range; expected 0.1 to 1e+06"),
        ("wrong_key: 1.5\n", "1:12: 1.5 is out of range; expected 0 to 1"),
        ("hours: [1, 2]\n", "1:8: expected the weights of 24 hours, found 2"),
        (
            f"hours: [{', '.join(['0'] * 24)}]\n",
            "1:8: nobody ever calls: expected a weight above 0",
        ),
        ("weekdays:\n  fry: 2\n", "2:3: 'fry' is not known here; did you mean 'fri'?"),
        (
            "services:\n  medic: {weight: 2}\n",
            "2:3: unknown service 'medic'; did you mean 'medis'?",
        ),
        (
            "callers:\n  ghost: {talk: {median_s: 30, p90_s: 20}}\n",
            "2:39: 20 is less than median_s: expected 30 or more",
        ),
        (
            (
                "callers: {genuine: {share: 0}, information: {share: 0}, prank: {share: 0}, "
                "ghost: {share: 0}}\n"
            ),
            "1:10: nobody calls: expected a share above 0",
        ),
        ("operators: {misses: -0.1}\n", "1:21: -0.1 is out of range; expected 0 to 1"),
        ("- a\n", "1:1: expected keys with values, found a list"),
        ("", "1:1: this file is empty"),
    ],
)
def test_what_is_wrong_is_told_by_line(
    text: str, expected: str, tmp_path: Path, metro: Settings
) -> None:
    """File, line, column, what was found and what was expected."""
    with pytest.raises(SettingsError) as raised:
        city(tmp_path, text, metro)
    assert str(raised.value).splitlines()[0] == f"{tmp_path}/city.yaml:{expected}"


def test_a_file_that_is_not_there_is_told(tmp_path: Path, metro: Settings) -> None:
    """Not by a traceback."""
    with pytest.raises(SettingsError, match=r"nowhere\.yaml:1:1: this file"):
        read(tmp_path / "nowhere.yaml", metro)


def test_the_assumed_city_is_one_that_can_be_written() -> None:
    """Every number in the spelling that settings have."""
    tree = tree_of(City())
    assert isinstance(tree, dict)
    assert tree["calls_per_day"] == "290"
