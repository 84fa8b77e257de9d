"""The last known good settings survive typos, power cuts and damaged disks."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from siaga import known_good as module
from siaga.known_good import KEPT, SUMS, Copy, KnownGood
from siaga.settings import Settings, load
from tests.siaga.folder import TESTS, edited, laid_over

HOUSE = TESTS.parent


@pytest.fixture
def known(tmp_path: Path) -> KnownGood:
    """A store whose folder is not there yet."""
    return KnownGood(tmp_path / "state")


def named(tmp_path: Path, name: str) -> Settings:
    """Good settings that can be told apart by the name of a person."""
    folder = tmp_path / name
    return load(edited(folder, "operators.yaml", "Sri Wahyuni", name))


def found(known: KnownGood) -> Copy:
    """The newest copy that can be used."""
    copy, _ = known.newest()
    assert copy is not None
    return copy


def name_of(copy: Copy) -> str:
    """By which a copy is told apart."""
    return next(iter(copy.settings.operators.people.values())).name


def test_what_was_accepted_last_is_what_is_found(known: KnownGood, tmp_path: Path) -> None:
    """Byte by byte, also when the files were changed after they had been accepted."""
    known.keep(named(tmp_path, "Ani"))
    settings = named(tmp_path, "Budi")
    (tmp_path / "Budi" / "operators.yaml").write_text("broken")
    known.keep(settings)
    assert name_of(found(known)) == "Budi"
    assert found(known).settings.files == settings.files


def test_nothing_kept_is_nothing_found(known: KnownGood) -> None:
    """A first run has none, and nothing is wrong with that."""
    assert known.newest() == (None, ())


def test_the_same_settings_are_kept_once(known: KnownGood, tmp_path: Path) -> None:
    """Many restarts do not push out what was accepted before."""
    for _ in range(KEPT + 1):
        known.keep(named(tmp_path, "Ani"))
    assert [path.name for path in known.folder.iterdir()] == ["00000001"]


def test_a_bounded_number_is_kept(known: KnownGood, tmp_path: Path) -> None:
    """The oldest go."""
    for number in range(KEPT + 2):
        known.keep(named(tmp_path, f"N{number}"))
    assert sorted(path.name for path in known.folder.iterdir()) == [
        f"{number:08d}" for number in range(3, KEPT + 3)
    ]


def test_only_owner_and_group_read_them(known: KnownGood, tmp_path: Path) -> None:
    """Colleagues' numbers are in them."""
    known.keep(named(tmp_path, "Ani"))
    paths = [known.folder, *known.folder.rglob("*")]
    assert all(path.stat().st_mode & 0o007 == 0 for path in paths)


@pytest.mark.parametrize("damage", ["cut", "changed", "lost", "no sums", "empty folder"])
def test_a_damaged_copy_is_passed_over(known: KnownGood, tmp_path: Path, damage: str) -> None:
    """The one before it is used, and the damage is told."""
    known.keep(named(tmp_path, "Ani"))
    known.keep(named(tmp_path, "Budi"))
    newest = found(known).folder
    file = newest / "operators.yaml"
    match damage:
        case "cut":
            os.truncate(file, 40)
        case "changed":
            file.write_bytes(file.read_bytes().replace(b"Budi", b"Bud1"))
        case "lost":
            file.unlink()
        case "no sums":
            (newest / SUMS).unlink()
        case _:
            for path in newest.iterdir():
                path.unlink()
    copy, faults = known.newest()
    assert copy is not None
    assert name_of(copy) == "Ani"
    assert [f"{newest} is damaged" in fault for fault in faults] == [True]
    known.keep(named(tmp_path, "Budi"))
    assert name_of(found(known)) == "Budi", "a damaged copy does not count as kept"


def test_a_copy_that_cannot_be_read_is_not_called_damaged(known: KnownGood, tmp_path: Path) -> None:
    """The system's reason leads to the owner, or to whatever is in the way."""
    known.keep(named(tmp_path, "Ani"))
    known.keep(named(tmp_path, "Budi"))
    file = found(known).folder / "roster.yaml"
    file.unlink()
    file.mkdir()
    copy, (fault,) = known.newest()
    assert copy is not None
    assert name_of(copy) == "Ani"
    assert fault.endswith("00000002 cannot be read: Is a directory")


def test_a_copy_of_another_release_is_passed_over(
    known: KnownGood, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was accepted once may mean nothing now; the reason is told with its place."""
    known.keep(named(tmp_path, "Ani"))
    settings = named(tmp_path, "Budi")
    newer = {**settings.files, "siaga.yaml": b"weather: fine\n"}
    monkeypatch.setattr(Settings, "files", property(lambda _: newer))
    known.keep(settings)
    monkeypatch.undo()
    copy, (fault,) = known.newest()
    assert copy is not None
    assert name_of(copy) == "Ani"
    assert "00000002 does not fit this release" in fault


def test_a_half_written_copy_is_none(
    known: KnownGood, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Power that goes before the rename leaves what was there; the next copy is whole."""
    known.keep(named(tmp_path, "Ani"))

    def fail(_self: Path, _target: Path) -> Path:
        raise OSError("no power")

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OSError, match="no power"):
        known.keep(named(tmp_path, "Budi"))
    monkeypatch.undo()
    assert [path.name for path in known.folder.iterdir()] == ["00000001"], "no half is left"
    assert name_of(found(known)) == "Ani"
    known.keep(named(tmp_path, "Citra"))
    assert name_of(found(known)) == "Citra"
    assert not (known.folder / module._PART).exists()


def test_a_folder_that_cannot_be_made_is_an_error_of_the_system(tmp_path: Path) -> None:
    """Whoever keeps hears of it; whoever looks finds nothing."""
    (tmp_path / "state").write_text("in the way")
    known = KnownGood(tmp_path / "state")
    with pytest.raises(OSError, match=str(tmp_path)):
        known.keep(named(tmp_path, "Ani"))
    copy, (fault,) = known.newest()
    assert copy is None
    assert "cannot be read: Not a directory" in fault


def test_an_administrator_can_check_a_copy(known: KnownGood, tmp_path: Path) -> None:
    """`sha256sum --check` reads the sums."""
    known.keep(named(tmp_path, "Ani"))
    line = ["sha256sum", "--check", "--strict", SUMS]
    done = subprocess.run(line, cwd=found(known).folder, capture_output=True, check=False)  # noqa: S603
    assert done.returncode == 0


def test_settings_of_the_same_folder_are_told_apart(known: KnownGood, tmp_path: Path) -> None:
    """What is kept is what changed, one copy after the other."""
    folder = laid_over(tmp_path / "settings")
    known.keep(load(folder))
    path = folder / "operators.yaml"
    path.write_text(path.read_text().replace("Sri Wahyuni", "Sri"))
    known.keep(load(folder))
    assert found(known).folder.name == "00000002"


KEEPER = """
import sys
import tempfile
from pathlib import Path
from siaga.known_good import KnownGood
from siaga.settings import load
known = KnownGood(Path(sys.argv[1]))
sets = [load(Path(folder)) for folder in sys.argv[2:]]
while True:
    for settings in sets:
        known.keep(settings)
        print("kept", flush=True)
"""


@pytest.mark.parametrize("lines", [1, 2, 7, 20])
def test_a_kill_at_any_moment_leaves_a_whole_newest_copy(
    known: KnownGood, tmp_path: Path, lines: int
) -> None:
    """The next start finds what was accepted, and nothing is said to be damaged."""
    folders = [edited(tmp_path / n, "operators.yaml", "Sri Wahyuni", n) for n in ("Ani", "Budi")]
    line = [sys.executable, "-c", KEEPER, str(known.folder.parent), *map(str, folders)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, cwd=HOUSE) as keeper:  # noqa: S603
        assert keeper.stdout is not None
        for _ in range(lines):
            assert keeper.stdout.readline() == b"kept\n"
        keeper.kill()
    copy, faults = known.newest()
    assert copy is not None
    assert name_of(copy) in {"Ani", "Budi"}
    assert faults == ()
    known.keep(named(tmp_path, "Citra"))
    assert name_of(found(known)) == "Citra"


@pytest.mark.parametrize("data", [b"", b"\0" * 4096, b"weather: fine\n", b"\xff\xfe\0"])
@pytest.mark.parametrize("name", ["zones.yaml", SUMS])
def test_garbage_in_a_copy_is_damage(
    known: KnownGood, tmp_path: Path, name: str, data: bytes
) -> None:
    """A disk that returns zeros or other files' blocks is no reason to stay down."""
    known.keep(named(tmp_path, "Ani"))
    known.keep(named(tmp_path, "Budi"))
    newest = found(known).folder
    (newest / name).write_bytes(data)
    copy, (fault,) = known.newest()
    assert copy is not None
    assert name_of(copy) == "Ani"
    assert f"{newest} is damaged" in fault


def test_when_all_copies_are_damaged_each_is_told(known: KnownGood, tmp_path: Path) -> None:
    """There is nothing to start on then, and the administrator hears of every one."""
    for name in ("Ani", "Budi"):
        known.keep(named(tmp_path, name))
    for path in known.folder.glob("*/roster.yaml"):
        path.write_bytes(b"")
    copy, faults = known.newest()
    assert copy is None
    assert [fault.partition(" is damaged")[0] for fault in faults] == [
        str(known.folder / "00000002"),
        str(known.folder / "00000001"),
    ]


@pytest.mark.parametrize("name", ["notes", "1.old", ".part", "-3", "٣"])
def test_what_is_no_copy_is_left_alone(known: KnownGood, tmp_path: Path, name: str) -> None:
    """What somebody has put beside the copies is neither read nor counted; a half is no copy."""
    known.keep(named(tmp_path, "Ani"))
    (known.folder / name).mkdir()
    (known.folder / name / "operators.yaml").write_text("half")
    copy, faults = known.newest()
    assert copy is not None
    assert (name_of(copy), faults) == ("Ani", ())


READER = """
import os, sys
from pathlib import Path
from siaga.known_good import KnownGood
from siaga.settings import load
known, settings = KnownGood(Path(sys.argv[1])), load(Path(sys.argv[2]))
known.newest()
if os.geteuid() == 0:
    os.seteuid(65534)
try:
    known.keep(settings)
except OSError as error:
    print(error.strerror)
copy, faults = known.newest()
print(copy.folder.name, faults)
"""
FILLER = """
import resource, sys
from pathlib import Path
from siaga.known_good import KnownGood
from siaga.settings import load
known, settings = KnownGood(Path(sys.argv[1])), load(Path(sys.argv[2]))
resource.setrlimit(resource.RLIMIT_FSIZE, (200, resource.RLIM_INFINITY))
try:
    known.keep(settings)
except OSError as error:
    print(error.strerror)
copy, faults = known.newest()
print(copy.folder.name, faults)
"""


def said_by(program: str, *arguments: Path) -> list[str]:
    """The lines that a program of its own prints: it gives up rights that it cannot get back."""
    line = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(line, capture_output=True, text=True, cwd=HOUSE, check=True)  # noqa: S603
    return done.stdout.splitlines()


def test_a_folder_that_is_read_only_keeps_what_it_has() -> None:
    """The newest copy is found; that the new one was not kept is an error of the system."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        known = KnownGood(folder / "state")
        known.keep(named(folder, "Ani"))
        named(folder, "Budi")
        for path in (folder / "state").rglob("*"):
            path.chmod(0o555 if path.is_dir() else 0o444)
        said = said_by(READER, folder / "state", folder / "Budi")
        for path in (folder / "state").rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert said == ["Permission denied", "00000001 ()"]


def test_a_disk_that_is_full_in_mid_write_keeps_what_it_has(
    known: KnownGood, tmp_path: Path
) -> None:
    """The half is removed, since it takes room; the copy before it is whole."""
    known.keep(named(tmp_path, "Ani"))
    named(tmp_path, "Budi")
    assert said_by(FILLER, known.folder.parent, tmp_path / "Budi") == [
        "File too large",
        "00000001 ()",
    ]
    assert [path.name for path in known.folder.iterdir()] == ["00000001"]
