"""The schemas for editors: they take what the loader takes, and know the same keys."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode
from typer.testing import CliRunner

from routing.service import OutsideStep
from routing.zone import Trunk
from siaga import json_schema
from siaga.cli import app
from siaga.schema import choices_of, hints_of
from siaga.settings import SCHEMA, STEMS
from tests.siaga.folder import BAD, GOOD, KOTA_METRO

SEEN = {"int": 1, "float": 1.5, "bool": True, "null": None}
"""What an editor takes a scalar for (YAML 1.2, core schema); its value is of no interest."""
MARKED = {
    "duplicate-menu-key": None,  # editors mark it without a schema
    "prefix-twice": None,  # rules, not types
    "log-level": "siaga",
    "missing-key": "zones",
    "password-in-settings": "siaga",
    "step-without-its-keys": "services",
    "text-where-a-list-belongs": "operators",
    "times-of-other-kinds": "roster",
    "unknown-key": "services",
    "unknown-key-at-the-top": "services",
    "unknown-step": "services",
    "whole-numbers-spelt-oddly": "services",
    "word-not-known": "roster",
    "words-of-yaml-1-1": "services",
}
"""Bad folders, and the file that an editor marks because of its schema."""


PLAIN = {"to", "start", "end", "date", "name", "days", "shift", "people", "ring_time_s"}
"""Keys that may say by themselves what they are."""


def seen(node: Node) -> Any:
    """A file as an editor's YAML reader hands it to the schema."""
    match node:
        case MappingNode():
            return {str(key.value): seen(value) for key, value in node.value}
        case SequenceNode():
            return [seen(item) for item in node.value]
        case _:
            kind = str(node.tag).rpartition(":")[2]
            return SEEN.get(kind, str(node.value))


def faults(path: Path) -> list[str]:
    """What an editor says of a file."""
    root = YAML(typ="safe", pure=True).compose(path.read_text())
    validator = Draft202012Validator(json_schema.of_file(path.stem))
    return [error.message for error in validator.iter_errors(seen(root))]


@pytest.mark.parametrize("stem", STEMS)
def test_each_schema_is_one(stem: str) -> None:
    """It keeps to the draft that it names, and is JSON."""
    schema = json.loads(json.dumps(json_schema.of_file(stem)))
    Draft202012Validator.check_schema(schema)
    assert schema["title"].startswith(f"{stem}.yaml")


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize("folder", [KOTA_METRO, GOOD])
def test_nothing_good_is_marked(folder: Path, stem: str) -> None:
    """Editors have nothing to say of settings that are accepted, numbers with zeros included."""
    assert faults(folder / f"{stem}.yaml") == []


@pytest.mark.parametrize("case", [case for case, stem in MARKED.items() if stem is not None])
def test_what_the_schema_knows_is_marked(case: str) -> None:
    """Misspelt and missing keys, words that are not known, values of another kind."""
    assert faults(BAD / case / f"{MARKED[case]}.yaml") != []


@pytest.mark.parametrize("case", [case for case, stem in MARKED.items() if stem is None])
def test_what_only_rules_know_is_not_marked(case: str) -> None:
    """Nothing is said twice, and nothing is said that is not so."""
    assert [fault for path in (BAD / case).glob("*.yaml") for fault in faults(path)] == []


def dataclasses_of(type_: object) -> Iterator[type]:
    """The dataclasses of the schema that are reached from one."""
    if hasattr(type_, "__dataclass_fields__") and isinstance(type_, type):
        yield type_
        for hint in hints_of(type_).values():
            yield from dataclasses_of(hint)
    for inner in getattr(type_, "__args__", ()):
        yield from dataclasses_of(inner)


ALL = {type_.__name__: type_ for top in SCHEMA.values() for type_ in dataclasses_of(top)}
SHOWN = {
    name: shown
    for stem in STEMS
    for name, shown in (
        (SCHEMA[stem].__name__, json_schema.of_file(stem)),
        *json_schema.of_file(stem)["$defs"].items(),
    )
}


def refusals(type_: type, tree: dict[str, object], kind: str) -> set[str]:
    """The keys that the loader complains of in that way."""
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(type_).validate_python(tree)
    return {str(e["loc"][0]) for e in raised.value.errors() if e["type"] == kind}


@pytest.mark.parametrize("name", sorted(ALL))
def test_schema_and_loader_know_the_same_keys(name: str) -> None:
    """Asked for every key of the whole schema, and for one that is none, they agree."""
    words = {"weather", *(key for shown in SHOWN.values() for key in shown["properties"])}
    unknown = refusals(ALL[name], dict.fromkeys(words), "unexpected_keyword_argument")
    assert words - unknown == SHOWN[name]["properties"].keys()
    assert refusals(ALL[name], {"weather": ""}, "missing") == set(SHOWN[name]["required"])


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_key_is_explained(name: str) -> None:
    """What an editor shows of a key is what the dataclass's docstring says of it."""
    silent = {key for key, shown in SHOWN[name]["properties"].items() if "description" not in shown}
    assert silent - PLAIN == set()


def test_an_explanation_may_go_over_lines() -> None:
    """It is one sentence again."""
    assert json_schema.attributes(OutsideStep)["confirm"] == (
        "Counts as reached only when the callee presses 1: it may be a voicemail."
    )


def test_a_default_is_shown() -> None:
    """Editors fill in what the loader would take."""
    properties = json_schema.of_file("services")["$defs"]["HuntGroup"]["properties"]
    assert properties["strategy"]["default"] == "ringall"
    assert properties["ring_time_s"]["default"] == 15.0


def test_a_type_without_a_schema_is_a_fault_of_the_program() -> None:
    """A new kind of value in the dataclasses cannot be forgotten here."""
    with pytest.raises(TypeError, match="no JSON Schema is known"):
        json_schema._of(complex, {})


def test_steps_are_told_apart_by_their_word() -> None:
    """All kinds of step are there, each with its own word."""
    steps = json_schema.of_file("services")["$defs"]
    overflow = hints_of(SCHEMA["services"])["overflow"]
    words = choices_of(overflow.__args__[1].__args__[0])  # type: ignore[attr-defined]
    assert {word: steps[name]["properties"]["to"]["enum"] for word, name in words.items()} == {
        word: [word] for word in words
    }


def test_the_command_prints_one_or_writes_all(tmp_path: Path) -> None:
    """A file's name with or without its suffix; a folder that is made; the line for editors."""
    for name in ("zones", "zones.yaml", "/etc/siaga112/zones.yaml"):
        printed = CliRunner().invoke(app, ["schema", name])
        assert json.loads(printed.stdout) == json_schema.of_file("zones")
    written = CliRunner().invoke(app, ["schema", "--out", str(tmp_path / "schema")])
    path = tmp_path / "schema" / "zones.schema.json"
    assert f"# yaml-language-server: $schema={path}" in written.stdout
    assert json.loads(path.read_text()) == json_schema.of_file("zones")
    assert len(list(path.parent.iterdir())) == len(STEMS)


@pytest.mark.parametrize("arguments", [["zone"], []])
def test_the_command_says_what_it_needs(arguments: list[str]) -> None:
    """A misspelt file or nothing to do is a wrong command line."""
    result = CliRunner().invoke(app, ["schema", *arguments])
    assert result.exit_code == 2
    assert "zones" in result.stderr or "--out" in result.stderr


def test_a_trunk_is_written_as_before() -> None:
    """A schema of one dataclass, whole, to be read."""
    assert SHOWN["Trunk"] == {
        "description": "A carrier's trunk.",
        "type": "object",
        "properties": SHOWN["Trunk"]["properties"],
        "required": ["name", "endpoint"],
        "additionalProperties": False,
    }
    assert SHOWN["Trunk"]["properties"].keys() == hints_of(Trunk).keys()
