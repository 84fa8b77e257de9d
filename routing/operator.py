"""People and seats: who may talk to callers, and the phones that they sit at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, NewType

AgencyId = NewType("AgencyId", str)
PersonId = NewType("PersonId", str)
SeatId = NewType("SeatId", str)
Language = NewType("Language", str)
"""A language tag such as `id` or `en` (RFC 5646), also the name of its prompts' folder."""

STRICT: dict[str, object] = {"extra": "forbid"}
"""pydantic's settings for dataclasses that are read from YAML: an unknown key is an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """One of the city's agencies (OPD) that answer 112.

    Attributes:
        name: As people know it.
        supervisor: Who is rung when none of the agency's operators on duty answers.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: str
    supervisor: PersonId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An operator: a person, of one agency, whoever's phone they sit at.

    Attributes:
        name: As supervisors know them.
        agency: Whose calls they take.
        languages: What they speak, best first.
        penalty: Hunted later when higher, as in Asterisk's queues; 0 and up.
        number: The personnel number that they sign on with; None: they sign on nowhere.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: str
    agency: AgencyId
    languages: tuple[Language, ...] = (Language("id"),)
    penalty: int = 0
    number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A phone at the post.

    Attributes:
        endpoint: Its PJSIP endpoint in Asterisk, such as `siaga-medis-1`.
        person: Who always sits there; None for a phone that anybody signs on to, or the post's.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    endpoint: str
    person: PersonId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operators:
    """Everybody and every phone of the centre (`operators.yaml`).

    Attributes:
        agencies: The agencies by id.
        people: The operators by id.
        seats: The phones by id.
        post: The seat that rings when nobody else answers; anybody at the post picks it up.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    agencies: Mapping[AgencyId, Agency]
    people: Mapping[PersonId, Person]
    seats: Mapping[SeatId, Seat]
    post: SeatId

    def numbers(self) -> dict[str, PersonId]:
        """Whose each personnel number is."""
        people = self.people.items()
        return {person.number: id_ for id_, person in people if person.number is not None}

    def seats_of(self, person: PersonId) -> tuple[SeatId, ...]:
        """The seats that are fixed to this person, in the order of the settings."""
        return tuple(id_ for id_, seat in self.seats.items() if seat.person == person)
