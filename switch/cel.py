"""What Asterisk writes down by itself of each caller: rows of its channel event log.

The dialplan tells of a caller's steps by `CELGenUserEvent`, and cel_custom makes a row of each at
once, in a file that needs no daemon (asterisk-dialplan/siaga-cel_custom.conf):

    "siaga-came","MDgxMjk5","{""extra"":""1796095943.284 telkom 112 1796095943.0""}"

name, the number in base64, and a JSON text: the time, what belongs to the name, and the caller's
channel, which is the call's id. Nothing that a caller may write stands there as it is, so no row
can be broken or forged from outside. Rows of other events of the same PBX are nobody's here.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Final, TypeAlias

ROW_BYTES: Final = 4096
"""Of a row; the longest ones have some 300. What is longer is none."""
_BEGIN: Final = b'"siaga-'
_ROW: Final = re.compile(rb'"siaga-([a-z]+)","([A-Za-z0-9+/=]*)","((?:[^"]|"")*)"\r?')
_TIME: Final = re.compile(r"[0-9]{1,10}\.[0-9]{1,6}")
"""Until the year 2286."""


@dataclass(frozen=True, slots=True)
class Came:
    """A caller has come in.

    Attributes:
        call: The caller's channel.
        at: Seconds since 1970; so of each row.
        trunk: Over which the call came.
        did: What was dialled there.
        number: The caller's; empty when it was withheld.
    """

    call: str
    at: float
    trunk: str
    did: str
    number: str


@dataclass(frozen=True, slots=True)
class Resort:
    """The caller is in the last resort; `service` is empty while none is chosen."""

    call: str
    at: float
    service: str


@dataclass(frozen=True, slots=True)
class Served:
    """A human has answered there.

    Attributes:
        call: The caller's channel.
        at: When.
        endpoint: Of the phone, or of the trunk.
        number: That was dialled there; empty for a phone of the post.
    """

    call: str
    at: float
    endpoint: str
    number: str


@dataclass(frozen=True, slots=True)
class Parted:
    """That talk is over, and the caller is still there."""

    call: str
    at: float


@dataclass(frozen=True, slots=True)
class Home:
    """The caller is given to a daemon that lives again."""

    call: str
    at: float
    service: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The call is over; `by` is `caller` or `operator`."""

    call: str
    at: float
    by: str
    service: str


Row: TypeAlias = Came | Resort | Served | Parted | Home | Gone


def parse(line: bytes) -> Row | None:
    """The row of a line; None for what is no row of ours.

    In front of it may stand half a row: Asterisk was killed while it wrote that.
    """
    if len(line) > ROW_BYTES:
        return None
    begin = line.rfind(_BEGIN)
    found = None if begin < 0 else _ROW.fullmatch(line.rstrip(b"\n"), begin)
    if found is None:
        return None
    extra = _extra(found[3])
    words = extra.split(" ")
    call = words[-1]
    if len(words) == 1 or not call or not _TIME.fullmatch(words[0]):
        return None
    return _row(found[1].decode(), call, float(words[0]), words[1:-1], found[2])


def _row(name: str, call: str, at: float, words: list[str], number: bytes) -> Row | None:
    match name, words:
        case "came", [trunk, did]:
            return Came(call, at, trunk, did, _plain(number))
        case "resort", [service]:
            return Resort(call, at, service)
        case "served", [endpoint, dialled]:
            return Served(call, at, endpoint, dialled)
        case "parted", []:
            return Parted(call, at)
        case "home", [service]:
            return Home(call, at, service)
        case "gone", [by, service]:
            return Gone(call, at, by, service)
        case _:
            return None


def _extra(text: bytes) -> str:
    """What the dialplan has told."""
    try:
        extra = json.loads(text.replace(b'""', b'"')).get("extra")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return extra if isinstance(extra, str) else ""


def _plain(number: bytes) -> str:
    """A number that cannot be read counts as withheld."""
    try:
        return base64.b64decode(number, validate=True).decode(errors="replace").strip()
    except (binascii.Error, ValueError):
        return ""
