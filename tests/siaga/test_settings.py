"""Settings: what is read from a folder, and what is said of a bad one."""

import os
import tempfile
from collections.abc import Iterator
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.prompt import Prompt
from routing.service import ChainId, OutsideStep, ServiceId, TrunkId
from routing.zone import Finding, Policy
from siaga.problem import Severity
from siaga.settings import STEMS, Settings, SettingsError, load
from siaga.speech import needed_texts
from tests.siaga.folder import BAD, GOOD, KOTA_METRO, edited, laid_over

TELKOM = TrunkId("telkom")
NOBODY = 65534
"""The user without rights, on every Linux."""
CASES = sorted(folder.name for folder in BAD.iterdir())


def problems_of(folder: Path) -> list[str]:
    """What is said of a bad folder, without the folder's own name."""
    with pytest.raises(SettingsError) as raised:
        load(folder)
    return [str(problem).removeprefix(f"{folder}/") for problem in raised.value.problems]


@pytest.fixture(scope="module")
def metro() -> Settings:
    """The shipped example."""
    return load(KOTA_METRO)


@pytest.mark.parametrize("case", CASES)
def test_all_that_is_wrong_is_said_with_its_place(case: str, tmp_path: Path) -> None:
    """Each bad folder gets exactly the messages that are written beside it."""
    folder = laid_over(tmp_path, BAD / case)
    assert problems_of(folder) == (BAD / case / "expected.txt").read_text().splitlines()


def test_the_shipped_example_has_no_fault(metro: Settings) -> None:
    """Kota Metro's settings load without a warning."""
    assert metro.warnings == ()


def test_the_small_example_has_no_fault() -> None:
    """What the bad cases are laid over is good."""
    assert load(GOOD).warnings == ()


def test_the_shipped_example_is_kota_metro(metro: Settings) -> None:
    """Five services, four agencies with three people each, three shifts, two trunks."""
    people = metro.operators.people.values()
    agencies = [person.agency for person in people if person.name != "Siti Rahmawati"]
    assert set(metro.catalogue.services) == {"medis", "damkar", "lalin", "tibum", "umum"}
    assert {agency: agencies.count(agency) for agency in agencies} == {
        "dinkes": 3,
        "bpbd": 3,
        "dishub": 3,
        "satpolpp": 3,
    }
    assert len(metro.roster.shifts) == 3
    assert set(metro.zones.trunks) == {"telkom", "seluler"}
    policies = {neighbour.policy for neighbour in metro.zones.neighbours.values()}
    assert policies == set(Policy)


def test_every_prompt_is_spoken_in_every_language(metro: Settings) -> None:
    """No caller meets a missing file, whatever language and service they choose."""
    for name in needed_texts(metro.catalogue.services, hang_up=True):
        assert metro.prompts.texts[name].keys() == {"id", "en"}
    assert Prompt.RINGBACK in metro.prompts.tones


def test_digits_keep_their_zeros(metro: Settings) -> None:
    """Prefixes, DIDs, keys and outside numbers are the text that was written, quoted or not."""
    zones, menu = metro.zones, metro.menu
    last = metro.catalogue.overflow[ChainId("biasa")][-1]
    assert zones.prefixes[0].prefix == "0725"
    assert [(number, did.zone) for number, did in zones.trunks[TELKOM].dids.items()] == [
        ("112", Finding.INSIDE)
    ]
    assert menu.keys["1"] == ServiceId("medis")
    assert (menu.human_key, menu.language_key) == ("0", "9")
    assert isinstance(last, OutsideStep)
    assert last.number == "0725000113"


@pytest.mark.parametrize("written", ["0725", "'0725'", '"0725"'])
def test_quotes_make_no_difference(written: str, tmp_path: Path) -> None:
    """A number reads the same with either quote and without."""
    folder = edited(tmp_path, "zones.yaml", "{prefix: 0725,", f"{{prefix: {written},")
    assert load(folder).zones.prefixes[0].prefix == "0725"


@pytest.mark.parametrize("word", ["on", "no", "1.10", "0x1F", "1_000", "2026-12-31", "~x"])
def test_words_stay_words(word: str, tmp_path: Path) -> None:
    """No text is taken for a truth value, number or date where a word is expected."""
    folder = edited(tmp_path, "zones.yaml", "name: Telkom", f"name: {word}")
    assert load(folder).zones.trunks[TELKOM].name == word


def test_times_are_times_of_day(metro: Settings) -> None:
    """07:00 is seven o'clock, never 420 as in YAML 1.1."""
    shift = next(iter(metro.roster.shifts.values()))
    assert (shift.start, shift.end) == (time(7), time(14))


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    """Files saved by editors that write one are read."""
    path = laid_over(tmp_path) / "roster.yaml"
    path.write_text(path.read_text(), encoding="utf-8-sig")
    assert load(tmp_path).warnings == ()


def test_line_ends_of_other_systems_are_no_fault(tmp_path: Path) -> None:
    """Carriage returns do not become part of a value."""
    path = laid_over(tmp_path) / "zones.yaml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert load(tmp_path) == load(GOOD)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """Each file that is not there is said to be missing."""
    (laid_over(tmp_path) / "roster.yaml").unlink()
    assert problems_of(tmp_path) == ["roster.yaml:1:1: this file is missing"]


def test_a_missing_folder_is_one_problem(tmp_path: Path) -> None:
    """A wrong path is not reported six times."""
    with pytest.raises(SettingsError) as raised:
        load(tmp_path / "nowhere")
    assert [problem.file for problem in raised.value.problems] == [str(tmp_path / "nowhere")]


@pytest.fixture
def closed_folder(tmp_path: Path) -> Iterator[Path]:
    """Good settings, and a test that has no right to read them."""
    folder = laid_over(tmp_path / "settings")
    folder.chmod(0)
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    yield folder
    os.seteuid(before)
    folder.chmod(0o700)


def test_a_folder_without_the_right_to_read_is_one_problem(closed_folder: Path) -> None:
    """The reason is said once, not for each file."""
    with pytest.raises(SettingsError) as raised:
        load(closed_folder)
    assert [problem.message for problem in raised.value.problems] == [
        "this folder cannot be read: Permission denied; this daemon's user needs the right to"
    ]


def test_the_files_are_kept_as_they_were_accepted(tmp_path: Path) -> None:
    """What is written over them afterwards does not change what was read."""
    folder = laid_over(tmp_path)
    settings = load(folder)
    (folder / "roster.yaml").write_text("broken")
    assert settings.files == {path.name: path.read_bytes() for path in GOOD.glob("*.yaml")}


def test_a_file_that_is_a_folder_is_no_file(tmp_path: Path) -> None:
    """What cannot be opened is a problem, with the system's reason."""
    path = laid_over(tmp_path) / "siaga.yaml"
    path.unlink()
    path.mkdir()
    assert problems_of(tmp_path) == ["siaga.yaml:1:1: this file cannot be read: Is a directory"]


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    """A file that was put there by mistake does not fill the memory."""
    with (laid_over(tmp_path) / "zones.yaml").open("a") as file:
        file.write("#" * (1 << 20))
    assert problems_of(tmp_path) == ["zones.yaml:1:1: this file is larger than 1 MiB"]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("zones", "prefixes", 1), "  - {prefix: 0721, zone: outside, neighbour: bandar-lampung}"),
        (("zones", "trunks", "telkom", "dids", "112"), "      112: {zone: inside}"),
        (("zones", "trunks", "telkom", "zone"), "  telkom:"),
        (("services", "menu", "keys", "1"), "    1: medis"),
        (("services", "menu", "repeats"), "menu:"),
        (("services", "overflow", "biasa", 1), "    - {to: post}"),
        (("roster", "weekly", 0), "  - days: [mon, tue, wed, thu, fri, sat, sun]"),
    ],
)
def test_a_rule_is_found_in_its_line(path: tuple[str | int, ...], line: str) -> None:
    """A reason's path leads to the line of its rule, or to what is around an unwritten default."""
    place = load(GOOD).locate(path)
    assert place is not None
    assert Path(place.file).read_text().splitlines()[place.line - 1] == line
    assert line[place.col - 1 :].strip()


@pytest.mark.parametrize("path", [(), ("weather", "today")])
def test_what_is_no_rule_is_nowhere(path: tuple[str, ...]) -> None:
    """A reason without a rule has no place."""
    assert load(GOOD).locate(path) is None


def test_warnings_leave_the_settings_usable(tmp_path: Path) -> None:
    """What is probably a slip is told, and the settings are used."""
    folder = edited(tmp_path, "zones.yaml", "{prefix: 0721,", "{prefix: 0722,")
    folder = edited(folder, "operators.yaml", "siaga-pos}", "siaga-pos, person: sri}")
    (warning,) = load(folder).warnings
    assert warning.severity is Severity.WARNING
    assert "anybody should pick it up" in warning.message


def test_accepted_settings_compile(metro: Settings) -> None:
    """What passed the rules is a plan for routing."""
    assert metro.plan().operators is metro.operators


@settings(deadline=None)
@given(stem=st.sampled_from(STEMS), text=st.text(max_size=200))
def test_no_text_breaks_the_reader(stem: str, text: str) -> None:
    """Whatever is in a file, the answer is settings or problems with a place in that file."""
    with tempfile.TemporaryDirectory() as name:
        folder = laid_over(Path(name))
        (folder / f"{stem}.yaml").write_text(text, encoding="utf-8", errors="surrogatepass")
        with pytest.raises(SettingsError) as raised:
            load(folder)
        lines = text.count("\n") + text.count("\r") + text.count("\x85") + 2
        for problem in raised.value.problems:
            if problem.file.endswith(f"{stem}.yaml"):
                assert 1 <= problem.line <= lines + text.count("\u2028") + text.count("\u2029")


@settings(deadline=None)
@given(
    stem=st.sampled_from(STEMS),
    start=st.integers(0, 400),
    length=st.integers(0, 40),
    text=st.text(alphabet="abz019 :-,[]{}&*!|>'\"#%@\t\n~?", max_size=12),
)
def test_no_slip_breaks_the_reader(stem: str, start: int, length: int, text: str) -> None:
    """A good file with any piece replaced is accepted or refused, never a crash."""
    with tempfile.TemporaryDirectory() as name:
        path = laid_over(Path(name)) / f"{stem}.yaml"
        good = path.read_text()
        path.write_text(good[:start] + text + good[start + length :])
        try:
            load(Path(name)).plan()
        except SettingsError as error:
            refusal = error
        else:
            return
    assert any(problem.severity is Severity.ERROR for problem in refusal.problems)
