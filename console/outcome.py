"""What has come of a reload, for whoever asked for it."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

import msgspec


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with the settings, and its place.

    Attributes:
        file: As it was opened.
        line: From 1.
        col: From 1.
        severity: `error`, or `warning` when it can be lived with.
        message: What is wrong, what was expected, what may have been meant.
        text: All of this in one line, as `siaga112 check` writes it.
    """

    file: str
    line: int
    col: int
    severity: str
    message: str
    text: str


class Accepted(msgspec.Struct, frozen=True, kw_only=True, tag_field="outcome", tag="accepted"):
    """The set is in use.

    Attributes:
        folder: Where it was read.
        changed: The names of the files that are others than those used before.
        restart_needed: What is changed and waits for a restart: where it is written, by name.
        warnings: What can be lived with.
        kept: Whether it is the last known good set now, too.
    """

    folder: str
    changed: tuple[str, ...]
    restart_needed: Mapping[str, str]
    warnings: tuple[Finding, ...]
    kept: bool


class Refused(msgspec.Struct, frozen=True, kw_only=True, tag_field="outcome", tag="refused"):
    """The set cannot be used, and nothing has changed.

    Attributes:
        folder: Where it was read.
        problems: All that is wrong with it.
        in_use_since: When those were accepted that stay in use.
    """

    folder: str
    problems: tuple[Finding, ...]
    in_use_since: datetime


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag_field="outcome", tag="failed"):
    """The daemon could not find out; nothing has changed, unless its log says so.

    Attributes:
        why: What went wrong.
    """

    why: str


Outcome: TypeAlias = Accepted | Refused | Failed
