"""Folders of settings for tests: the small good one, with other files laid over it."""

import shutil
from pathlib import Path

TESTS = Path(__file__).parent.parent
GOOD = TESTS / "config" / "good" / "minimal"
BAD = TESTS / "config" / "bad"
KOTA_METRO = TESTS.parent / "config"


def laid_over(folder: Path, overlay: Path | None = None) -> Path:
    """A copy of the small good settings in `folder`, the overlay's files in place of theirs."""
    folder.mkdir(exist_ok=True)
    for source in (GOOD, overlay):
        for file in () if source is None else source.iterdir():
            if file.name != "expected.txt":
                shutil.copy(file, folder)
    return folder


def edited(folder: Path, file: str, old: str, new: str) -> Path:
    """A copy of the small good settings in `folder`, with one text of one file replaced."""
    path = laid_over(folder) / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return folder
