"""The wheel, built twice where everything is different that must not matter: the same bytes.

What may not leak in: the folder's name, the files' times and modes, umask, time zone, language, the
order in which a folder is read, and the seed of Python's hashes.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supply import HOUSE

FILES: Final = ("pyproject.toml", "README.md", "LICENSE", ".gitignore")
PACKAGES: Final = ("routing", "ivr", "switch", "journal", "console", "siaga")
NO_CACHE: Final = shutil.ignore_patterns("__pycache__")


class WheelError(Exception):
    """It cannot be built; with what the builder has said."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how a wheel is built.

    Attributes:
        folder: The name of the folder.
        umask: The builder's.
        mtime: Of each file, seconds since the epoch.
        environment: The builder's variables.
    """

    folder: str
    umask: int
    mtime: int
    environment: Mapping[str, str]


PLACES: Final = (
    Place("one", 0o022, 1_000_000_000, {"TZ": "UTC", "LANG": "C", "PYTHONHASHSEED": "1"}),
    Place(
        "another one",
        0o077,
        1_700_000_001,
        {"TZ": "Asia/Jakarta", "LANG": "C.UTF-8", "PYTHONHASHSEED": "2"},
    ),
)


def build_twice(work: Path, source: Path = HOUSE) -> tuple[Path, Path]:
    """The wheel of a checkout from two different places; they are to be compared by `digest`.

    Args:
        work: An empty folder.
        source: The checkout.

    Raises:
        WheelError: One of them cannot be built.
    """
    first, second = (_build(work / place.folder, place, source) for place in PLACES)
    return first, second


def digest(file: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _build(folder: Path, place: Place, source: Path) -> Path:
    checkout = folder / "checkout"
    checkout.mkdir(parents=True)
    for name in FILES:
        shutil.copyfile(source / name, checkout / name)
    # Made in another order each time, which is that in which some file systems list them.
    for name in PACKAGES if place.umask & 0o050 else reversed(PACKAGES):
        shutil.copytree(source / name, checkout / name, ignore=NO_CACHE)
    for file in sorted(checkout.rglob("*")):
        file.chmod((0o777 if file.is_dir() else 0o666) & ~place.umask)
        os.utime(file, (place.mtime, place.mtime))
    done = subprocess.run(  # noqa: S603 - the locked builder on a copy of this checkout
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")],
        cwd=checkout,
        env={"PATH": os.environ.get("PATH", os.defpath), **place.environment},
        umask=place.umask,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise WheelError(f"the wheel cannot be built:\n{done.stderr}")
    return next((folder / "dist").glob("*.whl"))
