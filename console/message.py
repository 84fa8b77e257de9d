"""The language of the control socket: one line of JSON asks, one line of JSON answers.

    {"siaga112": 1, "ask": "reload"}
    {"siaga112": 1, "value": {"outcome": "accepted", …}}
    {"siaga112": 1, "error": {"kind": "unknown_request", "message": "…", "known": ["reload", …]}}

A connection is for one request. `siaga112` is the version of this language: a change that old
readers would misread is a new one.
"""

from enum import StrEnum
from typing import Final

import msgspec

VERSION: Final = 1
SOCKET: Final = "control.sock"
"""The socket's name in the runtime folder."""
REQUEST_BYTES: Final = 4096
"""A request has some 50; a program that sends more means something else."""
REQUEST_S: Final = 2.0
"""From connecting to the end of the request; it is there within a millisecond."""
ANSWER_S: Final = 45.0
"""To find out what is asked: a reload reads and compiles the settings, which takes about a second,
and syncs a copy to a disk that may be slow. Below systemd's limit for a reload (the unit has 60 s).
"""
TAKE_S: Final = 5.0
"""For whoever asks to take the answer."""
ANSWER_BYTES: Final = 64 * 1024 * 1024
"""The longest answer, with ten thousand calls on the board, is about 3 MB."""


class Kind(StrEnum):
    """What is wrong with a request, or with the answer to it."""

    MALFORMED = "malformed"
    TOO_LONG = "too_long"
    TOO_SLOW = "too_slow"
    WRONG_VERSION = "wrong_version"
    UNKNOWN_REQUEST = "unknown_request"
    UNFIT = "unfit"
    TOO_MANY = "too_many"
    NO_ANSWER = "no_answer"
    FAILED = "failed"


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked.

    Attributes:
        siaga112: The version of the language.
        ask: What for.
        numbers: Callers' numbers are wanted in full.
        call: Which call it is about.
        by: Who has done what is told, or wants what is asked.
        days: How old something is at least.
        dry_run: Nothing is to be changed.
        person: Which operator it is about.
        for_s: Seconds that it is to last.
        reason: Why, for people.
        force: It is meant, whatever speaks against it.
    """

    siaga112: int
    ask: str
    numbers: bool = False
    call: str | msgspec.UnsetType = msgspec.UNSET
    by: str | msgspec.UnsetType = msgspec.UNSET
    days: int | msgspec.UnsetType = msgspec.UNSET
    dry_run: bool | msgspec.UnsetType = msgspec.UNSET
    person: str | msgspec.UnsetType = msgspec.UNSET
    for_s: float | msgspec.UnsetType = msgspec.UNSET
    reason: str | msgspec.UnsetType = msgspec.UNSET
    force: bool | msgspec.UnsetType = msgspec.UNSET


class Fault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why there is no answer.

    Attributes:
        kind: For programs.
        message: For people.
        known: What could have been asked, where that helps.
    """

    kind: Kind
    message: str
    known: tuple[str, ...] = ()


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is answered: a value or a fault.

    Attributes:
        siaga112: The version of the language; the only field that each of them will have.
        value: As JSON.
        error: None when there is a value.
    """

    siaga112: int
    value: msgspec.Raw = msgspec.Raw(b"null")
    error: Fault | None = None
