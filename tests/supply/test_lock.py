"""A lock that would let anything else be installed than what was looked at is found out."""

from pathlib import Path

import pytest

from supply import AUDIT, BUILD, DEV, RUN, lock

GOOD = "0" * 64
"""A hash as it looks."""


@pytest.mark.parametrize("path", [RUN, DEV, BUILD, AUDIT], ids=lambda path: path.name)
def test_each_requirement_of_ours_is_pinned_and_hashed_and_of_no_address(path: Path) -> None:
    """Those of the service, of developers, of the builder, and of who asks for advisories."""
    assert lock.faults(path) == []
    assert len(lock.read(path)) > 5


def test_what_is_run_is_what_was_tested() -> None:
    """Each version of the service's lock is the developers' too."""
    tested = {(each.name, each.version) for each in lock.read(DEV)}
    assert {(each.name, each.version) for each in lock.read(RUN)} <= tested


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("a==1", "a has no SHA-256 hash"),
        (f"a>=1 --hash=sha256:{GOOD}", "not pinned"),
        ("a @ file:///tmp/a.whl", "an address"),
        ("--index-url=there", "an address"),
        ("--extra-index-url there", "an address"),
        ("-i there", "an address"),
        ("-e .", "not pinned"),
        ("a==1 --hash=sha256:00ff", "a hash of the wrong length"),
        ("a==1 --hash=md5:00ff", "a has no SHA-256 hash"),
        (f"a==1 --hash=sha256:{GOOD} --hash=md5:00ff", "not SHA-256"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, wrong: str, tmp_path: Path) -> None:
    """The first line is right, and is not told of."""
    file = tmp_path / "run.txt"
    file.write_text(f"b==2 \\\n    --hash=sha256:{GOOD}\n    # via c\n{text}\n")
    (fault,) = lock.faults(file)
    assert fault.startswith("run.txt:4: ")
    assert wrong in fault


def test_a_requirement_is_read_with_all_that_it_says(tmp_path: Path) -> None:
    """Name, version, marker, hashes in their order; one for another system does not apply."""
    file = tmp_path / "run.txt"
    other = "f" * 64
    file.write_text(
        f"Ruamel.YAML[x]==1.2 ; sys_platform == 'win32' \\\n --hash=sha256:{other} \\\n"
        f" --hash=sha256:{GOOD}\n"
    )
    (found,) = lock.read(file)
    assert (found.name, found.version, found.hashes) == ("ruamel-yaml", "1.2", (GOOD, other))
    assert (found.marker, found.applies, found.line) == ("sys_platform == 'win32'", False, 1)
