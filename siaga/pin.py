"""Operators' PINs: a file that is none of the settings, with a salted digest in each line.

    sri:scrypt:16384:<salt>:<digest>

The file is read at every try, so that a new PIN counts at once. Four digits are soon guessed by
whoever has the digests: they keep a PIN from eyes, and the file's mode keeps them from others.
"""

import asyncio
import hashlib
import hmac
import os
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, Self

import structlog

from ivr.query import Verdict
from routing.operator import PersonId
from siaga.file import replace

log = structlog.get_logger(__name__)

FILE: Final = "SIAGA_PINS_FILE"
"""The variable of the environment that names the file."""
DEFAULT: Final = Path("/etc/siaga112/siaga-pins")
"""As systemd's unit says."""
PIN: Final = re.compile(r"[0-9]{4,8}")
COST: Final = 1 << 14
"""Of scrypt, with blocks of 8: some 50 ms and 16 MiB for a try (RFC 7914)."""
MOST_COST: Final = 1 << 20
"""Above it the library refuses anyway, for the memory, or cannot take the number at all."""
BLOCK: Final = 8
SALT_BYTES: Final = 16


class PinError(Exception):
    """The file cannot be used; the message says why."""


class Judge(Protocol):
    """Knows PINs."""

    async def judge(self, person: PersonId, pin: str) -> Verdict:
        """Whether it is the person's; never raises."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What is kept of a PIN."""

    cost: int
    salt: bytes
    value: bytes

    @classmethod
    def of(cls, pin: str, cost: int = COST) -> Self:
        """A new one, which differs each time."""
        salt = secrets.token_bytes(SALT_BYTES)
        return cls(cost, salt, _scrypt(pin, cost, salt))

    @classmethod
    def read(cls, text: str) -> Self:
        """What a line has after the person.

        Raises:
            ValueError: It is something else.
        """
        kind, cost, salt, value = text.split(":")
        if kind != "scrypt":
            raise ValueError(kind)
        if not 1 < int(cost) <= MOST_COST:
            raise ValueError(cost)
        return cls(int(cost), b64decode(salt, validate=True), b64decode(value, validate=True))

    @property
    def text(self) -> str:
        """As it is written."""
        salt, value = (b64encode(part).decode() for part in (self.salt, self.value))
        return f"scrypt:{self.cost}:{salt}:{value}"

    def fits(self, pin: str) -> bool:
        """Whether it is of that PIN; takes the same time if it is not."""
        return hmac.compare_digest(self.value, _scrypt(pin, self.cost, self.salt))


def _scrypt(pin: str, cost: int, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, n=cost, r=BLOCK, p=1)


class Pins:
    """Everybody's PIN.

    Args:
        file: Where they are; None: nobody has one.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.file = file

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """The file that the environment names; without a name none."""
        name = environment.get(FILE)
        return cls(Path(name) if name else None)

    async def judge(self, person: PersonId, pin: str) -> Verdict:
        """Whether it is the person's: some 50 ms beside the loop. It never raises."""
        if self.file is None:
            return Verdict.NO_PIN
        return await asyncio.to_thread(self._judge, person, pin)

    def _judge(self, person: PersonId, pin: str) -> Verdict:
        try:
            digest = self.read().get(person)
            if digest is None:
                return Verdict.NO_PIN
            return Verdict.RIGHT if digest.fits(pin) else Verdict.WRONG
        except (PinError, ValueError) as error:
            log.warning("pins_not_read", why=str(error), do="siaga112 pin makes the file anew")
            return Verdict.NO_PIN

    def read(self) -> dict[PersonId, Digest]:
        """By person; nothing where there is no file.

        Raises:
            PinError: It cannot be read, or a line of it is something else.
        """
        try:
            text = "" if self.file is None else self.file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise PinError(f"{self.file}: cannot be read: {why}") from error
        found: dict[PersonId, Digest] = {}
        for number, line in enumerate(text.splitlines(), 1):
            person, _, digest = line.partition(":")
            try:
                found[PersonId(person)] = Digest.read(digest)
            except ValueError as error:
                raise PinError(f"{self.file}:{number}: this is no line of siaga112 pin") from error
        return found

    def keep(self, person: PersonId, digest: Digest | None) -> None:
        """Writes the person's, or takes it away.

        Raises:
            PinError: The file there is something else.
            OSError: It cannot be written.
        """
        if self.file is None:
            raise PinError(f"no file is named: set {FILE}")
        known = self.read()
        known.pop(person, None)
        if digest is not None:
            known[person] = digest
        lines = (f"{who}:{kept.text}\n" for who, kept in known.items())
        replace(self.file, "".join(lines).encode())
