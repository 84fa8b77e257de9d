"""The access network that a call came from: the radio cell, the access point or the line.

P-Access-Network-Info (RFC 7315, clause 5.4; values by 3GPP TS 24.229, clause 7.2A.4) is a list of
`access-type;name=value;…`. Whoever writes it can write anything; what the network itself added or
checked has the parameter `network-provided`.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from routing.zone import Row

MAX_TEXT: Final = 4_096
"""Characters; a value has about 80, and the dialplan hands over less than this."""
MAX_ID: Final = 64
"""Characters of a cell's id; 3GPP's longest has 21."""
IDS: Final = (
    "utran-cell-id-3gpp",
    "cgi-3gpp",
    "utran-sai-3gpp",
    "ci-3gpp2",
    "ci-3gpp2-femto",
    "i-wlan-node-id",
    "dsl-location",
    "eth-location",
    "fiber-location",
    "gstn-location",
)
"""Parameters that say where, in the order in which they are looked for. The first one is that of
4G and 5G, too."""
CHECKED: Final = "network-provided"
WILDCARD: Final = "*"
"""At the end of an id in a table: all ids that begin so."""
_SEPARATORS: Final = str.maketrans("", "", " -:")


@dataclass(frozen=True, slots=True)
class Access:
    """One access network that a call names.

    Attributes:
        cell: Its id, normalised.
        is_checked: The network provided it, not the phone.
    """

    cell: str
    is_checked: bool


class CellTable:
    """Zones by id of the cell; an exact id goes before a beginning, a longer one before a shorter.

    Args:
        ids: Normalised, at their end `*` for all ids that begin so; each one once.
        rows: What each of them says.
        lines: Where each of them is written.
    """

    def __init__(
        self, ids: Sequence[str] = (), rows: Sequence[Row] = (), lines: Sequence[int] = ()
    ) -> None:
        self._rows = tuple(rows)
        self._lines = array("i", lines)
        self._at = {id_: index for index, id_ in enumerate(ids)}
        self._lengths = sorted({len(id_) for id_ in ids if id_.endswith(WILDCARD)}, reverse=True)

    @property
    def rows(self) -> tuple[Row, ...]:
        """What is said of the cells, one by one."""
        return self._rows

    def find(self, cell: str) -> tuple[Row, int] | None:
        """What is said of a cell, and in which line; None when nothing is.

        Args:
            cell: A normalised id.
        """
        found = self._at.get(cell)
        for length in self._lengths:
            if found is not None:
                break
            if length <= len(cell) + 1:
                found = self._at.get(cell[: length - 1] + WILDCARD)
        return None if found is None else (self._rows[found], self._lines[found])


def read(header: str) -> tuple[Access, ...]:
    """The access networks that a header names; whatever it is, this answers and never raises.

    Those that the network provided come first.

    Args:
        header: As received: untrusted, of any length; several headers are joined by commas.
    """
    if len(header) > MAX_TEXT:
        return ()
    found = [access for text in _split(header, ",") for access in _read_one(text)]
    return tuple(sorted(found, key=lambda access: not access.is_checked))


def normalise_id(text: str) -> str:
    """A cell's id without blanks, dashes and colons, and in capitals: `510-10-01A2-0B3C4D5`."""
    return text.translate(_SEPARATORS).upper()


def _read_one(text: str) -> Iterator[Access]:
    """At most one: of several ids the first one in the order of `IDS`."""
    _, *parameters = _split(text, ";")
    values: dict[str, str] = {}
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        values.setdefault(name.strip().lower(), _unquoted(value.strip()))
    for name in IDS:
        cell = normalise_id(values.get(name, ""))
        if 0 < len(cell) <= MAX_ID:
            yield Access(cell, CHECKED in values)
            return


def _split(text: str, separator: str) -> Iterator[str]:
    """The parts between separators that are not quoted; an open quote takes in all the rest."""
    start, is_quoted, is_escaped = 0, False, False
    for at, letter in enumerate(text):
        if is_escaped:
            is_escaped = False
        elif letter == '"':
            is_quoted = not is_quoted
        elif is_quoted:
            is_escaped = letter == "\\"
        elif letter == separator:
            yield text[start:at]
            start = at + 1
    yield text[start:]


def _unquoted(value: str) -> str:
    """A token, or the text of a quoted string (RFC 3261, clause 25.1); else nothing."""
    if not value.startswith('"'):
        return value
    inner = value[1:-1]
    is_whole = len(value) > 1 and value.endswith('"') and '"' not in inner and "\\" not in inner
    return inner if is_whole else ""
