"""The rules of `operators.yaml`."""

import re
from typing import Final

from routing.operator import Operators, Person, PersonId
from siaga.problem import SettingsPath
from siaga.rule.finding import MAX_PENALTY, Findings
from siaga.rule.zone import ENDPOINT

NUMBER: Final = re.compile(r"[0-9]{1,8}")
"""A personnel number: what a telephone's keys can say before the hash."""


def check(operators: Operators, findings: Findings) -> None:
    """Adds what is wrong with agencies, people and seats."""
    for key in ("agencies", "people", "seats"):
        findings.ids(("operators", key), getattr(operators, key))
    for person_id, person in operators.people.items():
        _check_person(person_id, person, operators, findings)
    with_people = {person.agency for person in operators.people.values()}
    for agency in operators.agencies:
        if agency not in with_people:
            message = f"nobody belongs to agency {agency!r}"
            findings.unused(("operators", "agencies", agency), message)
    _check_numbers(operators, findings)
    _check_seats(operators, findings)


def _check_numbers(operators: Operators, findings: Findings) -> None:
    whose: dict[str, str] = {}
    for person_id, person in operators.people.items():
        if person.number is None:
            continue
        path: SettingsPath = ("operators", "people", person_id, "number")
        if not NUMBER.fullmatch(person.number):
            message = f"{person.number!r} cannot be a personnel number; expected 1 to 8 digits"
            findings.error(path, message)
        first = whose.setdefault(person.number, person_id)
        if first != person_id:
            findings.error(path, f"{person.number!r} is the number of {first!r} already")


def _check_person(
    person_id: PersonId, person: Person, operators: Operators, findings: Findings
) -> None:
    path: SettingsPath = ("operators", "people", person_id)
    if not operators.seats_of(person_id) and not _may_sign_on(person, operators):
        message = f"{person_id!r} has no seat, so no phone rings for them; expected one in seats"
        findings.error(path, message, of_key=True)
    if not person.languages:
        findings.error((*path, "languages"), "expected at least one language")
    findings.within((*path, "penalty"), person.penalty, (0, MAX_PENALTY))


def _may_sign_on(person: Person, operators: Operators) -> bool:
    """Whether there is a shared seat, and the person has a number to sign on with."""
    shared = (id_ for id_, seat in operators.seats.items() if seat.person is None)
    return person.number is not None and any(id_ != operators.post for id_ in shared)


def _check_seats(operators: Operators, findings: Findings) -> None:
    seat_of: dict[str, str] = {}
    for seat_id, seat in operators.seats.items():
        path: SettingsPath = ("operators", "seats", seat_id)
        first = seat_of.setdefault(seat.endpoint, seat_id)
        if first != seat_id:
            message = f"{seat.endpoint!r} is the endpoint of seat {first!r} already"
            findings.error((*path, "endpoint"), message)
        if not ENDPOINT.fullmatch(seat.endpoint):
            message = f"{seat.endpoint!r} cannot be an endpoint; expected letters, digits, - and _"
            findings.error((*path, "endpoint"), message)
    post = operators.seats.get(operators.post)
    if post is not None and post.person is not None:
        message = f"the post's phone is fixed to {post.person!r}; anybody should pick it up"
        findings.warning(("operators", "post"), message)
