"""docs/asyncapi.yaml, drawn from the code, and held to messages (-m tests.journal.asyncapi)."""

import io
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from ruamel.yaml import YAML

from journal import message
from journal.command import FORMS
from journal.kind import KINDS, OPTIONAL, TYPES, Kind
from journal.message import (
    AlarmsState,
    AnchorState,
    Answer,
    DaemonState,
    Event,
    OperatorState,
    QueueState,
    Will,
)
from journal.publisher import EXPIRES_S
from siaga.json_schema import attributes

Schema: TypeAlias = dict[str, Any]

PAGE: Final = Path(__file__).parents[2] / "docs" / "asyncapi.yaml"
HEAD: Final = """\
# What Siaga 112 publishes and takes over MQTT 5. docs/mqtt.md says it to people.
#
# Drawn from the code: python -m tests.journal.asyncapi. A test holds both to each other.
"""
_JSON: Final = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}
_STATES: Final[Mapping[str, tuple[str, tuple[type, ...], str]]] = {
    "daemon": (message.DAEMON, (DaemonState, Will), "Whether anybody is here; the last will, too."),
    "operator": (f"{message.OPERATOR}{{person}}", (OperatorState,), "What an operator does."),
    "queue": (message.QUEUE, (QueueState,), "Who waits for a human."),
    "alarms": (message.ALARMS, (AlarmsState,), "What an administrator has to put right."),
    "anchor": (message.ANCHOR, (AnchorState,), "Heads of the journal's chains (docs/journal.md)."),
}
_PARAMETERS: Final = {
    "prefix": "`mqtt.prefix` of siaga.yaml; `siaga112` if it is not written there.",
    "call": "The call's id, %-encoded where a topic cannot have it.",
    "person": "The operator's id.",
    "who": "A user of the broker, whose access list lets nobody else write here.",
}


def document() -> Schema:
    """All of it."""
    channels: Schema = {
        "call": _records("call/{call}", "The records of a call, in their order.", of_call=True),
        "centre": _records("centre", "The records of the whole centre.", of_call=False),
    }
    operations: Schema = {
        name: _sends(name, "Records, once at least: leave out those whose id you know.")
        for name in channels
    }
    messages = {name: _kind(name, kind) for name, kind in KINDS.items()}
    schemas: Schema = {}
    for name, (tail, types, text) in _STATES.items():
        channels[name] = _channel(tail, text, [type_.__name__ for type_ in types])
        expires_s = None if tail in message.LASTING else EXPIRES_S
        operations[name] = _sends(name, text, retain=True, expires_s=expires_s)
    for command, form in FORMS.items():
        channels[command] = _channel(f"command/{{who}}/{command}", _first(form), [form.__name__])
        operations[command] = _receives(command, form)
    channels["answer"] = {
        "address": None,
        "description": "The response topic of the command: PREFIX/answer/WHO, or below it.",
        "messages": _references(["Answer"]),
    }
    told = (*(type_ for _, types, _ in _STATES.values() for type_ in types), Answer)
    for type_ in (*told, *FORMS.values()):
        messages[type_.__name__] = {
            "name": type_.__name__,
            "summary": _first(type_),
            "payload": {"$ref": f"#/components/schemas/{type_.__name__}"},
        }
    _describe((Event, *told, *FORMS.values()), schemas)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Siaga 112 over MQTT",
            "version": str(message.VERSION),
            "description": "A field or a record that comes along is no new version: pass over "
            "what you do not know. Numbers and places of callers are masked unless `mqtt.numbers` "
            "opens the topic.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "broker": {
                "host": "broker.example:8883",
                "protocol": "secure-mqtt",
                "protocolVersion": "5.0",
                "description": "The broker of the site: `mqtt` of siaga.yaml.",
            }
        },
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }


def _records(tail: str, text: str, *, of_call: bool) -> Schema:
    names = [name for name, kind in KINDS.items() if kind.of_call in {of_call, None}]
    return _channel(tail, text, names)


def _channel(tail: str, text: str, messages: Iterable[str]) -> Schema:
    address = f"{{prefix}}/{tail}"
    return {
        "address": address,
        "description": text,
        "parameters": {
            name: {"description": _PARAMETERS[name]} for name in re.findall(r"{(\w+)}", address)
        },
        "messages": _references(messages),
    }


def _references(names: Iterable[str]) -> Schema:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}


def _sends(
    channel: str, text: str, *, retain: bool = False, expires_s: int | None = None
) -> Schema:
    mqtt: Schema = {"qos": 1, "retain": retain, "bindingVersion": "0.2.0"}
    if expires_s is not None:
        mqtt["messageExpiryInterval"] = expires_s
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": text,
        "bindings": {"mqtt": mqtt},
    }


def _receives(channel: str, form: type) -> Schema:
    return {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": f"{_first(form)} Where mqtt.commands has it.",
        "bindings": {"mqtt": {"qos": 1, "retain": False, "bindingVersion": "0.2.0"}},
        "reply": {
            "address": {
                "description": "MQTT 5's response topic: PREFIX/answer/WHO, or below it.",
                "location": "$message.header#/responseTopic",
            },
            "channel": {"$ref": "#/channels/answer"},
        },
    }


def _kind(name: str, kind: Kind) -> Schema:
    """A record of that name."""
    required = [fact for fact in kind.facts if not fact.endswith(OPTIONAL)]
    facts = {
        fact.removesuffix(OPTIONAL): {"type": _types(type_), "description": text}
        for fact, (type_, text) in kind.facts.items()
    }
    call = {True: "string", False: "null", None: ["string", "null"]}[kind.of_call]
    return {
        "name": name,
        "summary": kind.meaning,
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/Event"},
                {
                    "properties": {
                        "what": {"const": name},
                        "call": {"type": call},
                        "detail": {"type": "object", "properties": facts, "required": required},
                        **({} if kind.decides else {"because": {"maxItems": 0}}),
                    }
                },
            ]
        },
    }


def _types(words: str) -> str | list[str]:
    found = [_JSON[type_] for word in words.split(" or ") for type_ in TYPES[word][-1:]]
    return found[0] if len(found) == 1 else found


def _describe(types: Iterable[type], into: Schema) -> None:
    """The schemas of these types and of all that they have."""
    _, found = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    named = {type_.__name__: type_ for type_ in vars(message).values() if isinstance(type_, type)}
    named |= {type_.__name__: type_ for type_ in types}
    for name, schema in sorted(found.items()):
        type_ = named.get(name)
        if type_ is not None:
            schema["description"] = _first(type_)
            for field, text in attributes(type_).items():
                if field in schema.get("properties", {}):
                    schema["properties"][field]["description"] = text
        into[name] = schema


def _first(type_: type) -> str:
    return (type_.__doc__ or "").strip().partition("\n")[0]


def page() -> str:
    """The file."""
    yaml = YAML()
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(msgspec.json.decode(msgspec.json.encode(document())), out)
    return HEAD + out.getvalue()


@cache
def read() -> Schema:
    """What the file says."""
    found: Schema = YAML(typ="safe").load(PAGE.read_text())
    return found


def faults(topic: str, payload: bytes) -> list[str]:
    """What of a message is not as the file has it; for a prefix of one level."""
    found = read()
    for name, channel in found["channels"].items():
        address = channel["address"]
        if address and re.fullmatch(re.sub(r"{\w+}", "[^/+#]+", address), topic):
            return _faults(found, name, payload)
    return [f"{topic}: no such channel"]


def _faults(found: Schema, name: str, payload: bytes) -> list[str]:
    messages = found["channels"][name]["messages"]
    if not payload:
        retains = found["operations"][name]["bindings"]["mqtt"]["retain"]
        return [] if retains else [f"{name}: nothing"]
    value = msgspec.json.decode(payload)
    what = value.get("what")
    if what is not None and what not in messages:
        return [f"{name}: no message {what}"]
    payloads = [
        found["components"]["messages"][each]["payload"]
        for each in ([what] if what is not None else messages)
    ]
    schema = {"anyOf": payloads, "components": found["components"]}
    return [str(error.message) for error in Draft202012Validator(schema).iter_errors(value)]


if __name__ == "__main__":
    PAGE.write_text(page())
