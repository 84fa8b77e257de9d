"""Who builds the wheel again gets the very same file, and so can prove what it was built from."""

import zipfile
from pathlib import Path

import pytest

from supply import HOUSE, wheel

pytestmark = pytest.mark.timeout(300)


def test_built_twice_where_all_else_differs_it_is_the_same(tmp_path: Path) -> None:
    """Other folder, times, modes, umask, time zone, language, order and seed; the same bytes."""
    first, second = wheel.build_twice(tmp_path)
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()
    assert wheel.digest(first) == wheel.digest(second)
    names = zipfile.ZipFile(first).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == set(wheel.PACKAGES)
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "another one").rglob("*.py")}
    assert modes == {0o600}, "the two places were not the same"


def test_what_cannot_be_built_is_told_with_what_the_builder_says(tmp_path: Path) -> None:
    """A checkout with a broken pyproject.toml."""
    source = tmp_path / "source"
    for name in wheel.PACKAGES:
        (source / name).mkdir(parents=True)
    for name in wheel.FILES:
        (source / name).write_bytes((HOUSE / name).read_bytes())
    (source / "pyproject.toml").write_text("[project\n")
    with pytest.raises(wheel.WheelError, match="cannot be built"):
        wheel.build_twice(tmp_path / "work", source)
