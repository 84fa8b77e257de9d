"""One of ARI's requests, taken apart, and the body of an answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

NAMED = frozenset({"channels", "bridges", "playbacks", "applications", "endpoints"})
"""Collections whose second word is an id."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: what is wanted, the id in its path, and arguments from query and body.

    Attributes:
        what: The method and the path, with `{}` where the id is.
        id: Empty where the path has none.
        query: Arguments of the URL.
        body: Arguments of the JSON body.
    """

    what: str
    id: str
    query: Mapping[str, str]
    body: Mapping[str, Any]

    def get(self, name: str, default: str = "") -> str:
        """An argument, wherever it was given."""
        return str(self.query.get(name, self.body.get(name, default)))


def read(method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any]) -> Asked:
    """The request; arguments may be in the path's own query, too."""
    path, _, more = path.partition("?")
    words = [unquote(word) for word in path.strip("/").split("/")]
    id_ = ""
    if words[0] == "endpoints":
        words[1:] = ["/".join(words[1:])] if words[1:] else []
    if words[0] in NAMED and len(words) > 1 and words[1:] != ["create"]:
        id_, words[1] = words[1], "{}"
    if words[:2] == ["events", "user"]:
        id_, words[2] = words[2], "{}"
    return Asked(f"{method} {'/'.join(words)}", id_, {**query, **dict(parse_qsl(more))}, body)


def encode(answer: object) -> bytes:
    """An answer's body."""
    return b"" if answer is None else json.dumps(answer).encode()
