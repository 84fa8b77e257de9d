"""People by the names that other programs know them by."""

from dataclasses import replace

import pytest

from routing.operator import AgencyId, Operators, Person, PersonId
from siaga.roster.directory import Directory, quoted
from siaga.settings import load
from tests.siaga.roster.centre import centre


@pytest.fixture(scope="module")
def operators(tmp_path_factory: pytest.TempPathFactory) -> Operators:
    """The people of the small centre."""
    return load(centre(tmp_path_factory.mktemp("centre"))).operators


@pytest.mark.parametrize(
    "names",
    [
        ("sri",),
        ("SRI",),
        ("Sri Wahyuni",),
        ("  sri   wahyuni ",),
        ("sri@metro.example",),
        ("malam", "Sri Wahyuni"),
        ("sri", "agus"),
    ],
)
def test_a_person_is_found_by_id_name_or_address(
    operators: Operators, names: tuple[str, ...]
) -> None:
    """Capitals and spaces do not matter, and the first name that is somebody's counts."""
    assert Directory(operators).find(names) == "sri"


@pytest.mark.parametrize("names", [(), ("",), ("@metro.example",), ("sry",), ("wahyuni",)])
def test_nobody_is_guessed(operators: Operators, names: tuple[str, ...]) -> None:
    """A part of a name, or one that is only alike, is nobody's."""
    assert Directory(operators).find(names) is None


def test_a_name_that_two_people_have_finds_neither(operators: Operators) -> None:
    """Their ids still do; and an id goes before a name that is written like it."""
    twin = Person(name="Sri Wahyuni", agency=AgencyId("bpbd"))
    named = Person(name="agus", agency=AgencyId("bpbd"))
    more = {PersonId("sri2"): twin, PersonId("other"): named}
    directory = Directory(replace(operators, people={**operators.people, **more}))
    assert directory.find(["Sri Wahyuni"]) is None
    assert directory.find(["sri2"]) == "sri2"
    assert directory.find(["agus"]) == "agus"


def test_an_unknown_name_is_told_with_who_may_have_been_meant(operators: Operators) -> None:
    """By name or by id; where nobody is alike, those there are."""
    directory = Directory(operators)
    assert directory.unknown("Sri Wahyuno") == (
        "unknown person 'Sri Wahyuno'; did you mean 'sri wahyuni'?"
    )
    assert directory.unknown("zzz").startswith("unknown person 'zzz'; people: sri, bayu, ratna")


def test_a_foreign_text_cannot_draw_on_a_terminal() -> None:
    """Nothing invisible is repeated, and nothing long."""
    assert quoted("\x1b[31mred\n") == "'[31mred'"
    assert len(quoted("x" * 10_000)) < 40
