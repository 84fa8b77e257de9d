"""Each line of a file is read once, whatever happens to the file meanwhile."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siaga.tail import READ_BYTES, Place, Tail


def all_of(tail: Tail) -> list[bytes]:
    """Every line that can be read now."""
    found: list[bytes] = []
    while lines := tail.more():
        found += [line for _, line in lines]
    return found


def append(path: Path, data: bytes) -> None:
    """Writes as Asterisk does."""
    with path.open("ab") as file:
        file.write(data)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file, which is not there yet."""
    return tmp_path / "rows.csv"


def test_a_file_that_is_not_there_is_a_fault_until_it_is(path: Path) -> None:
    """Then it is read from its begin."""
    with Tail(path, None) as tail:
        with pytest.raises(FileNotFoundError):
            tail.more()
        append(path, b"1\n2\n")
        assert all_of(tail) == [b"1", b"2"]


def test_half_a_line_waits_for_its_end(path: Path) -> None:
    """It is read when it is whole."""
    append(path, b"1\n2")
    with Tail(path, None) as tail:
        assert all_of(tail) == [b"1"]
        append(path, b"2\n")
        assert all_of(tail) == [b"22"]


def test_what_was_renamed_is_read_to_its_end_first(path: Path) -> None:
    """Nothing is lost that was written just before the rotation."""
    append(path, b"1\n")
    with Tail(path, None) as tail:
        assert all_of(tail) == [b"1"]
        append(path, b"2\n")
        path.rename(f"{path}.1")
        append(path, b"3\n")
        assert all_of(tail) == [b"2", b"3"]


def test_a_place_is_found_again_after_rotations(path: Path) -> None:
    """A reader that was away goes on in the renamed file, and reads those that came after it."""
    append(path, b"1\n2\n")
    with Tail(path, None) as tail:
        (_, _), (place, line) = tail.more()
    assert line == b"2"
    path.rename(f"{path}.2")
    append(path, b"3\n")
    path.rename(f"{path}.1")
    append(path, b"4\n")
    with Tail(path, place) as tail:
        assert all_of(tail) == [b"2", b"3", b"4"]


def test_a_file_that_was_cut_is_read_from_its_begin(path: Path) -> None:
    """Also by a reader that was not there, and finds more in it than before."""
    append(path, b"1\n2\n")
    with Tail(path, None) as tail:
        (_, _), (place, _) = tail.more()
        path.write_bytes(b"")
        assert all_of(tail) == []
        append(path, b"3\n")
        assert all_of(tail) == [b"3"]
    append(path, b"4\n5\n")
    with Tail(path, place) as tail:
        assert all_of(tail) == [b"3", b"4", b"5"]


def test_a_place_in_a_file_that_is_gone_is_no_place(path: Path) -> None:
    """The current one is read from its begin, and none that is older."""
    append(Path(f"{path}.1"), b"0\n")
    append(path, b"1\n")
    nowhere = Place(inode=1, head="31", offset=2)
    with Tail(path, nowhere) as tail:
        assert all_of(tail) == [b"1"]


def test_a_line_without_end_is_passed_over(path: Path) -> None:
    """What comes after it is read."""
    append(path, b"x" * (2 * READ_BYTES) + b"\n1\n")
    with Tail(path, None) as tail:
        assert all_of(tail)[-1] == b"1"


LINES = st.binary(max_size=5).map(lambda data: data.replace(b"\n", b"-"))


@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("line"), LINES),
            st.tuples(st.just("rotate"), st.just(b"")),
            st.tuples(st.just("read"), st.just(b"")),
            st.tuples(st.just("restart"), st.just(b"")),
        ),
        max_size=25,
    )
)
def test_every_line_is_read_once_in_order(steps: list[tuple[str, bytes]]) -> None:
    """Over any course of lines, rotations, looks, and readers that begin where the last one was."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        written: list[bytes] = []
        read: list[bytes] = []
        append(path, b"first\n")
        written.append(b"first")
        place: Place | None = None
        tail = Tail(path, place)

        def look() -> None:
            nonlocal place
            while lines := tail.more():
                read.extend(line for _, line in lines)
                last, line = lines[-1]
                place = Place(inode=last.inode, head=last.head, offset=last.offset + len(line) + 1)

        rotations = 0
        for step, data in steps:
            if step == "line":
                # Numbered, so that no file begins as another one does.
                line = b"%d %s" % (len(written), data)
                append(path, line + b"\n")
                written.append(line)
            elif step == "rotate":
                look()
                rotations += 1
                path.rename(f"{path}.{rotations}")
                append(path, b"%d\n" % len(written))
                written.append(b"%d" % len(written))
            elif step == "read":
                look()
            else:
                look()
                tail.close()
                tail = Tail(path, place)
        look()
        tail.close()
        assert read == written
