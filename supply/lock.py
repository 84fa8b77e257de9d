"""The locked requirements: each one with its version, its hashes, and where it applies."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.markers import Marker
from packaging.utils import canonicalize_name

PINNED: Final = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(\[[^]]*\])?==(?P<version>[^\s;]+)")
HASH: Final = re.compile(r"--hash=(?P<algorithm>[a-z0-9]+):(?P<digest>[0-9a-f]+)")
SHA256_DIGITS: Final = 64
ADDRESS: Final = re.compile(
    r"[a-z+]+://|^\s*(-i|-f|--(extra-)?index-url|--find-links|--trusted-host)\b", re.IGNORECASE
)
"""Where something is to be fetched from: the machine says that, not the lock."""


@dataclass(frozen=True, slots=True)
class Locked:
    """One locked requirement.

    Attributes:
        name: Of the package, canonical.
        version: The only one that is installed.
        hashes: SHA-256 of each file that may be, sorted.
        marker: Where it applies; empty: everywhere.
        line: Where it is written, from 1.
    """

    name: str
    version: str
    hashes: tuple[str, ...]
    marker: str
    line: int

    @property
    def applies(self) -> bool:
        """Whether this Python, on this machine, takes it."""
        return not self.marker or Marker(self.marker).evaluate()


def read(path: Path) -> tuple[Locked, ...]:
    """The requirements of a lock, in its order; what is none is passed over (`faults` tells).

    Raises:
        OSError: It cannot be read.
    """
    return tuple(filter(None, (_locked(number, text) for number, text in _entries(path))))


def faults(path: Path) -> list[str]:
    """What is wrong with a lock, each with its line; nothing when all of it can be trusted.

    Raises:
        OSError: It cannot be read.
    """
    found = []
    for number, text in _entries(path):
        where = f"{path.name}:{number}"
        if ADDRESS.search(text):
            found.append(f"{where}: an address of a registry or file; the machine gives that")
            continue
        locked = _locked(number, text)
        if locked is None:
            found.append(f"{where}: not pinned: expected name==version, found {text.split()[0]!r}")
        elif not locked.hashes:
            found.append(f"{where}: {locked.name} has no SHA-256 hash")
        elif any(len(digest) != SHA256_DIGITS for digest in locked.hashes):
            found.append(f"{where}: {locked.name} has a hash of the wrong length")
        elif any(each["algorithm"] != "sha256" for each in HASH.finditer(text)):
            found.append(f"{where}: {locked.name} has a hash that is not SHA-256")
    return found


def _entries(path: Path) -> Iterator[tuple[int, str]]:
    """Each requirement or option as one text, with the line that it begins in."""
    entry, first = "", 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text = line.partition(" #")[0].strip()
        if not entry and (not text or text.startswith("#")):
            continue
        first = first if entry else number
        entry += " " + text.removesuffix("\\").strip()
        if not text.endswith("\\"):
            yield first, entry.strip()
            entry = ""
    if entry:
        yield first, entry.strip()


def _locked(number: int, text: str) -> Locked | None:
    found = PINNED.match(text)
    if found is None:
        return None
    head = text.partition("--hash=")[0]
    hashes = (each["digest"] for each in HASH.finditer(text) if each["algorithm"] == "sha256")
    return Locked(
        name=canonicalize_name(found["name"]),
        version=found["version"],
        hashes=tuple(sorted(hashes)),
        marker=head.partition(";")[2].strip(),
        line=number,
    )
