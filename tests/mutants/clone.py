"""A copy of the house in which one rule is broken; the house itself is never touched."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.mutants.mutant import Mutant

HOUSE = Path(__file__).parent.parent.parent
ROOMS = (
    *("routing", "ivr", "switch", "journal", "console", "siaga", "sandbox"),
    *("config", "asterisk-dialplan", "tests"),
)
"""What the simulator imports and reads."""


@contextmanager
def clone(mutant: Mutant | None) -> Iterator[Path]:
    """The folder of a copy, which is gone afterwards; without a mutant it is a faithful one.

    Raises:
        Stale: The mutant does not fit the code.
    """
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        folder = Path(name)
        for room in ROOMS:
            # With the compiled files, which stay true: a copy is as old as what it was made of.
            shutil.copytree(HOUSE / room, folder / room)
        if mutant is not None:
            edited = folder / mutant.file
            edited.write_text(mutant.applied(edited.read_text(encoding="utf-8")), encoding="utf-8")
            for compiled in (edited.parent / "__pycache__").glob(f"{edited.stem}.*.pyc"):
                compiled.unlink()
        yield folder
