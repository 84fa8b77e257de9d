"""Chain heads, noted outside of the store.

Who can change the store can make a whole chain anew, or cut its end off. What cannot be made anew
is a head that was noted elsewhere: here in a file of lines that is only appended to, and by
whoever else is told, such as the system's log.
"""

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from journal.seal import Head, stamp

FILE_NAME: Final = "journal-anchors.jsonl"
FOLDER_MODE: Final = 0o750
FILE_MODE: Final = 0o640


class Anchor(msgspec.Struct, frozen=True):
    """One writer's head at one time.

    Attributes:
        at: When it was noted.
        writer: Whose chain it is.
        number: Of the newest record.
        link: Of that record.
        store: Which store's; empty in a line of an earlier release.
    """

    at: str
    writer: str
    number: int
    link: str
    store: str = ""


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Anchor)


def read(file: Path) -> Iterator[Anchor]:
    """The anchors of a file, oldest first; none when there is no file.

    A line that was torn by a power cut is passed over.

    Raises:
        OSError: The file cannot be read.
    """
    try:
        lines = file.open("rb")
    except FileNotFoundError:
        return
    with lines:
        for line in lines:
            try:
                yield _DECODER.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue


def newest(file: Path, store: str) -> dict[str, int]:
    """By writer, the number of the newest record of that store that is anchored.

    Raises:
        OSError: The file cannot be read.
    """
    return {each.writer: each.number for each in read(file) if each.store == store}


def drop(file: Path, store: str, heads: Mapping[str, Head], at: datetime) -> list[Anchor]:
    """Notes these heads of a store at the end of the file, on the disk; what was noted.

    Raises:
        OSError: The disk does not take them.
    """
    anchors = [
        Anchor(stamp(at), name, head.number, head.link, store) for name, head in heads.items()
    ]
    if not anchors:
        return []
    file.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    descriptor = os.open(file, flags, FILE_MODE)
    try:
        # A line that was torn before ends here.
        begin = b"" if os.fstat(descriptor).st_size == 0 else b"\n"
        os.write(descriptor, begin + b"\n".join(map(_ENCODER.encode, anchors)))
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)
    return anchors
