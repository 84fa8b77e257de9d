"""Settings: what is read from a folder, and what is said of a bad one."""

import itertools
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import time
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.prompt import Prompt
from routing.service import ChainId, OutsideStep, OverflowStep, ServiceId, TrunkId
from routing.zone import Finding, Policy
from siaga import document
from siaga.document import Document
from siaga.problem import Severity
from siaga.schema import hints_of
from siaga.settings import READS, STEMS, Settings, SettingsError, load
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


def replace(path: Path, old: str, new: str) -> None:
    """One text of a file becomes another."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


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
    for name in needed_texts(metro.catalogue, hang_up=True):
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


NUMBERS = ["0725", "+62725", "00725", "62725", "0725000113", "1"]


@pytest.mark.parametrize("quote", ["", "'", '"'])
@pytest.mark.parametrize("number", NUMBERS)
def test_quotes_make_no_difference(number: str, quote: str, tmp_path: Path) -> None:
    """A number reads the same with either quote and without, wherever there can be one."""
    did, other = f"{quote}{number}{quote}", f"{quote}{number}8{quote}"
    folder = laid_over(tmp_path)
    for file, old, new in (
        ("zones.yaml", "{prefix: 0725,", f"{{prefix: {did},"),
        ("zones.yaml", "      112:", f"      {did}: {{zone: unknown}}\n      112:"),
        ("zones.yaml", "policy: announce", f"policy: announce, number: {other}"),
        (
            "services.yaml",
            "{to: other_agencies}",
            f"{{to: outside, number: {other}, trunk: telkom}}",
        ),
        ("services.yaml", "label: 112 MEDIS", f"label: {did}"),
    ):
        replace(folder / file, old, new)
    settings = load(folder)
    zones, catalogue = settings.zones, settings.catalogue
    step = catalogue.overflow[ChainId("biasa")][0]
    (neighbour,) = zones.neighbours.values()
    (service,) = catalogue.services.values()
    assert zones.prefixes[0].prefix == number
    assert list(zones.trunks[TELKOM].dids) == [number, "112"]
    assert isinstance(step, OutsideStep)
    assert [step.number, neighbour.number, service.label] == [f"{number}8", f"{number}8", number]


def test_a_file_that_says_it_is_older_yaml_reads_the_same(tmp_path: Path) -> None:
    """The directive of YAML 1.1 turns no word into a truth value and no time into a number."""
    for path in laid_over(tmp_path).glob("*.yaml"):
        path.write_text(f"%YAML 1.1\n---\n{path.read_text()}")
    replace(tmp_path / "zones.yaml", "name: Telkom", "name: on")
    settings = load(tmp_path)
    assert settings.zones.trunks[TELKOM].name == "on"
    assert settings.roster == load(GOOD).roster


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
    assert problems_of(tmp_path) == ["siaga.yaml:1:1: this file is a folder, not a regular file"]


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("pipe", "this file is a pipe, not a regular file"),
        ("socket", "this file is a socket, not a regular file"),
        ("device", "this file is a device, not a regular file"),
        ("endless device", "this file is a device, not a regular file"),
        ("link to itself", "this file cannot be read: Too many levels of symbolic links"),
        ("link to nothing", "this file is a link to a file that is missing"),
        ("link to a folder", "this file is a folder, not a regular file"),
    ],
)
def test_what_is_no_file_keeps_nobody_waiting(tmp_path: Path, what: str, message: str) -> None:
    """A reload that waited for a pipe's writer, or for a device's end, would be the last one."""
    path = laid_over(tmp_path) / "roster.yaml"
    path.unlink()
    with closing(socket.socket(socket.AF_UNIX)) as end:
        match what:
            case "pipe":
                os.mkfifo(path)
            case "socket":
                end.bind(str(path))
            case "device":
                path.symlink_to("/dev/null")
            case "endless device":
                path.symlink_to("/dev/zero")
            case "link to itself":
                path.symlink_to(path)
            case "link to nothing":
                path.symlink_to(tmp_path / "nowhere")
            case _:
                path.symlink_to(tmp_path)
        assert problems_of(tmp_path) == [f"roster.yaml:1:1: {message}"]


def test_a_link_to_a_file_is_a_file(tmp_path: Path) -> None:
    """Administrators may keep the files elsewhere."""
    path = laid_over(tmp_path) / "roster.yaml"
    path.rename(tmp_path / "elsewhere")
    path.symlink_to("elsewhere")
    assert load(tmp_path) == load(GOOD)


@pytest.fixture
def closed_file() -> Iterator[Path]:
    """Good settings of which one file is only for somebody else."""
    with tempfile.TemporaryDirectory() as name:
        folder = laid_over(Path(name))
        load(folder)  # another user may not read what Python still has to import
        folder.chmod(0o755)
        (folder / "roster.yaml").chmod(0)
        before = os.geteuid()
        if before == 0:
            os.seteuid(NOBODY)
        yield folder
        os.seteuid(before)


def test_a_file_without_the_right_to_read_is_named(closed_file: Path) -> None:
    """The reason is the system's own, and the other files are judged all the same."""
    assert problems_of(closed_file) == [
        "roster.yaml:1:1: this file cannot be read: Permission denied"
    ]


def test_a_file_that_vanishes_while_others_are_read_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the folder and the reading anything can happen."""
    folder, read = laid_over(tmp_path), document.read

    def read_and_remove(path: Path, data: bytes | None = None) -> Document:
        (folder / "roster.yaml").unlink(missing_ok=True)
        return read(path, data)

    monkeypatch.setattr(document, "read", read_and_remove)
    assert problems_of(folder) == ["roster.yaml:1:1: this file is missing"]


def replacing(folder: Path, monkeypatch: pytest.MonkeyPatch, *, most: int) -> None:
    """While zones.yaml is read somebody saves roster.yaml, which was not, so many times."""
    path, read = folder / "operators.yaml", document.read
    saved = itertools.count(1)

    def read_and_save(file: Path, data: bytes | None = None) -> Document:
        found = read(file, data)
        if file.name == "roster.yaml" and (number := next(saved)) <= most:
            new = path.with_suffix(".new")
            new.write_text(path.read_text().replace("Sri Wahyuni", f"Sri {number}"))
            new.replace(path)
        return found

    monkeypatch.setattr(document, "read", read_and_save)


def test_files_that_are_saved_meanwhile_are_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is accepted was together in the folder at one time, not half of it before a change."""
    folder = laid_over(tmp_path)
    replacing(folder, monkeypatch, most=1)
    people = load(folder).operators.people
    assert [person.name for person in people.values()] == ["Sri 1"]


def test_files_that_never_rest_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy into the folder that is still running is no set of settings."""
    folder = laid_over(tmp_path)
    replacing(folder, monkeypatch, most=READS)
    (problem,) = problems_of(folder)
    assert problem.startswith("operators.yaml:1:1: this file is being written to; expected one")


def test_no_chain_can_refer_to_a_chain() -> None:
    """An overflow loop cannot be written: each step rings somebody, and none is another chain."""
    steps = get_args(OverflowStep)
    assert len(steps) == 6
    for step in steps:
        assert ChainId not in hints_of(step).values()


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


def test_that_talks_are_recorded_has_to_be_said_or_denied(tmp_path: Path) -> None:
    """There is no default: callers have a right to somebody who has thought of it."""
    folder = edited(tmp_path, "services.yaml", "    record: false\n", "")
    with pytest.raises(SettingsError) as raised:
        load(folder)
    assert [str(problem) for problem in raised.value.problems] == [
        f"{folder}/services.yaml:7:3: 'record' is missing"
    ]


RECORDING = "recording:\n  folder: /var/lib/siaga112/talks\njournal:"


def test_recorded_talks_need_a_folder_and_words(tmp_path: Path) -> None:
    """Who is recorded is told so, in each language; and somebody has said where to."""
    folder = edited(tmp_path, "services.yaml", "record: false", "record: true")
    with pytest.raises(SettingsError) as raised:
        load(folder)
    assert [str(problem) for problem in raised.value.problems] == [
        f"{folder}/prompts.yaml:3:1: prompt 'recorded' has no text in language 'id'",
        f"{folder}/services.yaml:10:13: siaga.yaml has no recording: expected its folder there",
    ]
    for file, old, new in (
        ("siaga.yaml", "journal:", RECORDING),
        ("prompts.yaml", "texts:\n", "texts:\n  recorded: {id: Direkam.}\n"),
    ):
        path = folder / file
        path.write_text(path.read_text().replace(old, new, 1))
    settings = load(folder)
    assert settings.warnings == ()
    assert settings.catalogue.recorded == {"medis"}


def test_warnings_leave_the_settings_usable(tmp_path: Path) -> None:
    """What is probably a slip is told, and the settings are used."""
    folder = edited(tmp_path, "zones.yaml", "{prefix: 0721,", "{prefix: 0722,")
    folder = edited(folder, "operators.yaml", "siaga-pos}", "siaga-pos, person: sri}")
    (warning,) = load(folder).warnings
    assert warning.severity is Severity.WARNING
    assert "anybody should pick it up" in warning.message


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("127.0.0.1", 0),
        ("::1", 0),
        ("localhost", 0),
        ("0.0.0.0", 1),  # noqa: S104 - what is warned of
        ("10.1.2.3", 1),
        ("asterisk.example", 1),
    ],
)
def test_a_dialplan_asks_from_this_machine_or_it_is_told(
    tmp_path: Path, host: str, told: int
) -> None:
    """Whoever reaches FastAGI learns who is on duty; where nobody is served, nothing is said."""
    laid_over(tmp_path)
    path = tmp_path / "siaga.yaml"
    text = path.read_text()
    path.write_text(f"{text}agi: {{host: '{host}', port: 4573}}\n")
    assert len(load(tmp_path).warnings) == told
    path.write_text(f"{text}agi: {{host: '{host}'}}\n")
    assert load(tmp_path).warnings == ()


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
