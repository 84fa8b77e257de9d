"""What makes a later change to the store show: one chain per writer, and commitments.

A record is kept as a text, its body. Each body has a link: the SHA-256 of the link before it and
of the body itself; the first one follows a link that is made of the writer's name. So a record that
is changed, taken out, put in or moved breaks the chain at its place.

Personal facts do not stand in the body. They are put aside, each with a salt of its own, and the
body has a commitment: the SHA-256 of salt, name and value. When salt and value are removed, as a
law may ask, the body and so the chain still hold, and nobody can guess the value from the
commitment: without its salt all numbers of the world are equally likely.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from journal.mask import PERSONAL
from journal.record import VERSION, Record, encode

NUMBERS: Final = frozenset({"ani", "number", "caller"})
RECORDINGS: Final = frozenset({"recording"})
PLACES: Final = frozenset(PERSONAL) - NUMBERS
ASIDE: Final = NUMBERS | PLACES | RECORDINGS
"""Names of the facts that are put aside; each class of them may be kept for another time."""
SALT_BYTES: Final = 16
"""128 bits: as many as nobody can try."""
NUMBER_DIGITS: Final = 18
"""Of a record's number in its writer: more do not fit into 64 bits, and are no number of ours."""

Salt = Callable[[], bytes]


def fresh_salt() -> bytes:
    """A salt that nobody can know."""
    return secrets.token_bytes(SALT_BYTES)


@dataclass(frozen=True, slots=True)
class Secret:
    """A personal fact, put aside.

    Attributes:
        name: Of the fact, such as `ani`.
        salt: In hexadecimal digits; None when it has been purged.
        value: As JSON; None when it has been purged.
    """

    name: str
    salt: str | None
    value: str | None


@dataclass(frozen=True, slots=True)
class Sealed:
    """A record as it is kept.

    Attributes:
        body: All but the personal facts, as JSON; this very text is what the chain covers.
        secrets: The personal facts.
    """

    body: str
    secrets: tuple[Secret, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """Where a writer's chain goes on.

    Attributes:
        number: Of its newest record.
        link: Of that record.
    """

    number: int
    link: str


class Body(Record, frozen=True, kw_only=True):
    """A record without its personal facts.

    Attributes:
        version: Of the schema of records that it was written by.
        aside: For each personal fact its commitment.
    """

    version: int
    aside: dict[str, str] = msgspec.field(default_factory=dict)


_BODY: Final = msgspec.json.Decoder(Body)
_ANY: Final = msgspec.json.Decoder(Any)


def writer_of(id_: str) -> tuple[str, int]:
    """A record's writer and its number there, which only ever grows.

    An id that is not made like this is a writer of one record.
    """
    writer, _, number = id_.rpartition("-")
    if writer and number.isascii() and number.isdecimal() and len(number) <= NUMBER_DIGITS:
        return writer, int(number)
    return id_, 0


def stamp(at: datetime) -> str:
    """A time as the store has it: UTC, of one length, so that text sorts as time does."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def seal(record: Record, salt: Salt = fresh_salt) -> Sealed:
    """The record with its personal facts put aside."""
    aside = {name: value for name, value in record.detail.items() if name in ASIDE and value}
    kept = tuple(_put_aside(name, value, salt()) for name, value in aside.items())
    body = Body(
        version=VERSION,
        id=record.id,
        at=record.at,
        what=record.what,
        call=record.call,
        offset_s=record.offset_s,
        detail={name: value for name, value in record.detail.items() if name not in aside},
        because=record.because,
        aside={each.name: _commitment(each) for each in kept},
    )
    return Sealed(encode(body).decode().rstrip("\n"), kept)


def unseal(body: str, secrets_: tuple[Secret, ...]) -> Record:
    """The record with what is left of its personal facts, at the end of its detail.

    Raises:
        ValueError: The body is none.
    """
    found = read_body(body)
    detail = dict(found.detail)
    for secret in secrets_:
        if secret.value is not None:
            detail[secret.name] = _ANY.decode(secret.value)
    return Record(
        id=found.id,
        at=found.at,
        what=found.what,
        call=found.call,
        offset_s=found.offset_s,
        detail=detail,
        because=found.because,
    )


def read_body(body: str) -> Body:
    """The body of that text.

    Raises:
        ValueError: It is none.
    """
    return _BODY.decode(body)


def holds(body: Body, secret: Secret) -> bool:
    """Whether the body has the commitment of just this fact."""
    return body.aside.get(secret.name) == _commitment(secret)


def first_link(writer: str) -> str:
    """What the first record of a writer follows."""
    return hashlib.sha256(f"siaga112 journal {writer}".encode()).hexdigest()


def next_link(before: str, body: str) -> str:
    """The link of a body that follows another."""
    return hashlib.sha256(f"{before}\n{body}".encode()).hexdigest()


def _put_aside(name: str, value: object, salt: bytes) -> Secret:
    return Secret(name, salt.hex(), msgspec.json.encode(value).decode())


def _commitment(secret: Secret) -> str:
    text = f"{secret.salt}\n{secret.name}\n{secret.value}"
    return hashlib.sha256(text.encode()).hexdigest()
