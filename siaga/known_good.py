"""The settings that were accepted last, kept for a start that finds only invalid ones.

    <state>/settings/00000007/   the six files, those of data that they name, and SHA256SUMS as
                                 `sha256sum --check` reads it

A copy is written beside the others, synced and then renamed: a power cut leaves a whole one or
none. A copy that does not match its sums, or that this release cannot use, is passed over.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from siaga.file import FOLDER_MODE, NEW_MODE, sync
from siaga.problem import SettingsError
from siaga.settings import Settings, load

FOLDER: Final = "settings"
"""In the state folder."""
KEPT: Final = 5
"""Copies; the oldest goes. One is enough unless the disk damages it."""
SUMS: Final = "SHA256SUMS"
_PART: Final = ".part"


@dataclass(frozen=True, slots=True)
class Copy:
    """A set of settings that was accepted once.

    Attributes:
        folder: Where it is.
        accepted: When.
        settings: Read from it, so that places point into it.
    """

    folder: Path
    accepted: datetime
    settings: Settings


class KnownGood:
    """The copies in a state folder, numbered in the order in which they were accepted.

    Args:
        state: The state folder; made when it does not exist.

    Attributes:
        state: The same.
        folder: Where the copies are.
    """

    def __init__(self, state: Path) -> None:
        self.state = state
        self.folder = state / FOLDER

    def keep(self, settings: Settings) -> None:
        """Makes these the last known good ones; blocks until they are on the disk.

        Settings that are the newest copy already are not written again: a daemon that is
        restarted many times does not push the older ones out.

        Raises:
            OSError: The disk does not take them; the copies that were there are untouched.
        """
        self.folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        with self._locked():
            numbers = self._numbers()
            if numbers and _holds(self._path(numbers[-1]), settings.files):
                return
            number = numbers[-1] + 1 if numbers else 1
            self._write(number, settings.files)
            for old in [*numbers, number][:-KEPT]:
                shutil.rmtree(self._path(old), ignore_errors=True)

    def newest(self) -> tuple[Copy | None, tuple[str, ...]]:
        """The newest copy that can be used, and what is wrong with the newer ones.

        It never raises: a folder that cannot be read holds no copy.
        """
        faults: list[str] = []
        try:
            numbers = self._numbers()
        except FileNotFoundError:
            return None, ()
        except OSError as error:
            return None, (f"{self.folder} cannot be read: {error.strerror}",)
        for number in reversed(numbers):
            path = self._path(number)
            try:
                return self._copy(path), tuple(faults)
            except OSError as error:
                faults.append(f"{path} cannot be read: {error.strerror}")
            except ValueError as error:
                faults.append(f"{path} is damaged: {error}")
            except SettingsError as error:
                faults.append(f"{path} does not fit this release: {error.problems[0]}")
        return None, tuple(faults)

    def _copy(self, path: Path) -> Copy:
        """Raises OSError, ValueError or SettingsError when it cannot be used."""
        if not _is_whole(path):
            raise ValueError(f"its files do not match {SUMS}")
        accepted = datetime.fromtimestamp((path / SUMS).stat().st_mtime, UTC)
        return Copy(path, accepted, load(path))

    def _write(self, number: int, files: Mapping[str, bytes]) -> None:
        part = self.folder / _PART
        shutil.rmtree(part, ignore_errors=True)
        try:
            _write(part, files)
            part.rename(self._path(number))
        except OSError:
            # A disk that is full has no room for halves.
            shutil.rmtree(part, ignore_errors=True)
            raise
        sync(self.folder)

    def _numbers(self) -> list[int]:
        names = (path.name for path in self.folder.iterdir())
        return sorted(int(name) for name in names if name.isascii() and name.isdecimal())

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:08d}"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Holds the folder against another daemon that was given the same one."""
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _holds(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Whether a copy is whole, and of these files."""
    try:
        return _read(folder) == files and _is_whole(folder)
    except OSError:
        return False


def _is_whole(folder: Path) -> bool:
    """Whether the files of a copy are as they were written; OSError when nobody can say."""
    try:
        return (folder / SUMS).read_bytes() == _sums(_read(folder))
    except FileNotFoundError:
        return False


def _read(folder: Path) -> dict[str, bytes]:
    """All files of a copy but the sums."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != SUMS}


def _sums(files: Mapping[str, bytes]) -> bytes:
    lines = (
        f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items())
    )
    return "".join(lines).encode()


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(mode=FOLDER_MODE)
    for name, data in {**files, SUMS: _sums(files)}.items():
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with open(os.open(folder / name, flags, NEW_MODE), "wb") as file:  # noqa: PTH123 - has a mode
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    sync(folder)
