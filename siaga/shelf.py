"""Where recordings of talks are kept: one folder a day, one file a talk, whole or not there at all.

    <folder>/2026/11/30/1764543210.12-1.wav

The day is that of the talk's begin, in the site's time zone; the number counts the talks of a call.
A file is copied under a hidden name, synced and renamed: Asterisk's folder may be on another disk,
and a daemon under systemd sees it by a mount of its own, where nothing can be moved in one step.
"""

import asyncio
import hashlib
import os
import re
import shutil
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import BinaryIO, Final, Protocol, Self
from zoneinfo import ZoneInfo

from siaga.file import FOLDER_MODE, NEW_MODE, sync
from siaga.settings import Settings

SUFFIX: Final = ".wav"
OURS: Final = "siaga"
"""In Asterisk's folder of recordings: where this software has its own."""
CHUNK_BYTES: Final = 1024 * 1024
HEADER_BYTES: Final = 44
"""Of a WAV file as Asterisk's format_wav writes it."""
RIFF_AT, DATA_AT, BYTES_A_SECOND_AT = 4, 40, 28
"""Where the header has the length of all that follows, that of the samples, and bytes a second."""
STILL_S: Final = 5.0
"""A file that Asterisk has not written to for so long is nobody's any more: it writes 50 times a
second, but not while nobody sends anything; who is recorded is known besides."""
MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """A recording on the shelf.

    Attributes:
        path: Below the folder.
        size: In bytes.
        seconds: How long it is to be listened to.
        sha256: Of the file, in hexadecimal digits.
        fault: What was wrong with the file; it was mended as far as that goes.
    """

    path: str
    size: int
    seconds: float
    sha256: str
    fault: str | None = None


class Shelf(Protocol):
    """Keeps recordings; every coroutine may raise OSError."""

    async def fault(self) -> str | None:
        """Why nothing is to be recorded; never raises."""

    async def keep(self, name: str, call: str, began: datetime) -> Kept | None:
        """A copy of Asterisk's file is on the shelf when this returns; None: there is no file."""

    async def clear(self, name: str) -> None:
        """Removes Asterisk's file."""

    async def left(self) -> list[str]:
        """Names of Asterisk's files that are not written to any more."""


class FileShelf:
    """The shelf in a folder.

    Args:
        folder: The shelf's; made when it does not exist.
        spool: Asterisk's folder of recordings.
        min_free_mib: With less room than this on either disk nothing is recorded.
        zone: The site's.
    """

    def __init__(self, folder: Path, spool: Path, *, min_free_mib: int, zone: tzinfo) -> None:
        self.folder = folder
        self._spool = spool
        self._min_free_mib = min_free_mib
        self._zone = zone

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """The one that settings describe; None where nothing is recorded."""
        where = settings.daemon.recording
        if where is None:
            return None
        zone = ZoneInfo(settings.roster.timezone)
        return cls(where.folder, where.spool, min_free_mib=where.min_free_mib, zone=zone)

    async def fault(self) -> str | None:
        """Why nothing is to be recorded."""
        return await asyncio.to_thread(self._fault)

    async def keep(self, name: str, call: str, began: datetime) -> Kept | None:
        """A copy of Asterisk's file is on the shelf when this returns; None: there is no file."""
        return await asyncio.to_thread(self._keep, name, call, began)

    async def clear(self, name: str) -> None:
        """Removes Asterisk's file."""
        await asyncio.to_thread(self._source(name).unlink, missing_ok=True)

    async def left(self) -> list[str]:
        """Names of Asterisk's files that are not written to any more."""
        return await asyncio.to_thread(self._left)

    def _source(self, name: str) -> Path:
        return self._spool / f"{name}{SUFFIX}"

    def _fault(self) -> str | None:
        ours = self._spool / OURS
        try:
            self.folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            for folder in (self.folder, ours if ours.exists() else self._spool):
                free_mib = shutil.disk_usage(folder).free // MIB
                if free_mib < self._min_free_mib:
                    return f"{free_mib} MiB are free in {folder}, less than {self._min_free_mib}"
        except OSError as error:
            return f"{error.filename}: {error.strerror}"
        for folder in (self.folder, ours):
            if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
                return f"{folder}: this daemon's user may not write there"
        return None

    def _left(self) -> list[str]:
        folder, now = self._spool / OURS, time.time()
        if not folder.is_dir():
            return []
        files = sorted(path for path in folder.iterdir() if path.suffix == SUFFIX)
        still = [path for path in files if now - path.stat().st_mtime >= STILL_S]
        return [f"{OURS}/{path.stem}" for path in still]

    def _keep(self, name: str, call: str, began: datetime) -> Kept | None:
        source = self._source(name)
        self.folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        day = self.folder / f"{began.astimezone(self._zone):%Y/%m/%d}"
        for folder in (day.parent.parent, day.parent, day):  # parents would get another mode
            folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
        try:
            file = source.open("rb")
        except FileNotFoundError:
            return None
        part = day / f".{source.name}.part"
        try:
            with file:
                seconds, fault = self._copy(file, part)
            digest, size = _digest(part), part.stat().st_size
            final = self._place(part, day, _plain(call), digest)
        finally:
            part.unlink(missing_ok=True)
        for folder in (day, *day.parents[:3]):
            sync(folder)
        return Kept(str(final.relative_to(self.folder)), size, seconds, digest, fault)

    def _copy(self, file: BinaryIO, part: Path) -> tuple[float, str | None]:
        """The file with a header that is true of it; how long it is, and what was wrong."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        with os.fdopen(os.open(part, flags, NEW_MODE), "wb") as copy:
            header, seconds, fault = _mended(file)
            copy.write(header)
            shutil.copyfileobj(file, copy, CHUNK_BYTES)
            copy.flush()
            os.fsync(copy.fileno())
        return seconds, fault

    def _place(self, part: Path, day: Path, call: str, digest: str) -> Path:
        """Its name on the shelf: the next of the call, or the one that it has had already."""
        number = 1
        while True:
            final = day / f"{call}-{number}{SUFFIX}"
            try:
                # A link is refused where a file is: nothing is ever written over.
                os.link(part, final)
            except FileExistsError:
                if _digest(final) == digest:
                    return final
                number += 1
            else:
                return final


def is_there(folder: Path, path: str) -> bool:
    """Whether a path leads to a recording on a shelf, and not out of it.

    By its words: a folder of old days that is a link to another disk is still of the shelf.
    """
    file = Path(os.path.normpath(folder / path))
    is_inside = file.is_relative_to(os.path.normpath(folder))
    return is_inside and file.suffix == SUFFIX and file.is_file()


def remove(folder: Path, path: str) -> bool:
    """Removes one recording from a shelf; whether it was there.

    Days without recordings go, too.

    Raises:
        OSError: It cannot be removed.
    """
    if not is_there(folder, path):
        return False
    file = folder / path
    file.unlink()
    with suppress(OSError):  # not empty
        for parent in file.parents[:3]:
            parent.rmdir()
    return True


def aged(folder: Path, before: date) -> list[str]:
    """The recordings on a shelf whose day is before that one, recorded or not."""
    found = []
    for path in sorted(folder.glob(f"[0-9]*/[0-9]*/[0-9]*/*{SUFFIX}")):
        relative = path.relative_to(folder)
        with suppress(ValueError):
            if date(*map(int, relative.parts[:3])) < before:
                found.append(str(relative))
    return found


def _plain(call: str) -> str:
    """A call's id as a file's name."""
    return re.sub(r"[^A-Za-z0-9.-]", "-", call)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _mended(file: BinaryIO) -> tuple[bytes, float, str | None]:
    """The header as it should be, the seconds, and what is wrong.

    Asterisk writes the lengths when it closes the file: after a crash they are not there.
    """
    size = os.fstat(file.fileno()).st_size
    header = bytearray(file.read(HEADER_BYTES))
    if len(header) < HEADER_BYTES or header[:4] != b"RIFF":
        return bytes(header), 0.0, "it is no whole WAV file"
    length = size - HEADER_BYTES
    (told,) = struct.unpack_from("<I", header, DATA_AT)
    (bytes_a_second,) = struct.unpack_from("<I", header, BYTES_A_SECOND_AT)
    seconds = round(length / bytes_a_second, 3) if bytes_a_second else 0.0
    if told == length:
        return bytes(header), seconds, None
    struct.pack_into("<I", header, RIFF_AT, size - 8)
    struct.pack_into("<I", header, DATA_AT, length)
    return bytes(header), seconds, "Asterisk has not closed the file"
