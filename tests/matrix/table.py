"""A table: every state of a machine with every event that there is, each cell stepped for real."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from routing.note import Note
from tests.matrix.cell import NOTHING, Case

S = TypeVar("S")
E = TypeVar("E")
C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Step(Generic[S, E, C]):
    """One sample of a state, stepped with one sample of an event.

    Attributes:
        state: The name of the state before.
        before: The state itself.
        event: What happened.
        after: The state that came of it.
        commands: What is to be done.
        case: The same in words.
    """

    state: str
    before: S
    event: E
    after: S
    commands: tuple[C, ...]
    case: Case

    @property
    def cell(self) -> tuple[str, str]:
        """The names of the state and of the event's type."""
        return self.state, type(self.event).__name__


@dataclass(frozen=True, slots=True)
class Table(Generic[S, E, C]):
    """All cells of one machine.

    Attributes:
        title: What it is the table of.
        about: A sentence for the reader.
        states: The rows of the diagram, in the order of the code.
        events: The types of events, in the order of the code.
        begins: By the name of a beginning, the state that it leads to.
        steps: All samples.
        unreachable: Cells that no call comes to, with the reason.
    """

    title: str
    about: str
    states: tuple[str, ...]
    events: tuple[str, ...]
    begins: Mapping[str, str]
    steps: Sequence[Step[S, E, C]]
    unreachable: Mapping[tuple[str, str], str]

    def cells(self) -> Iterator[tuple[str, str]]:
        """State by state."""
        return ((state, event) for state in self.states for event in self.events)

    def of(self, cell: tuple[str, str]) -> list[Step[S, E, C]]:
        """The samples of one cell."""
        return [step for step in self.steps if step.cell == cell]

    def edges(self) -> dict[tuple[str, str], list[str]]:
        """From state to another state, by which events."""
        found: dict[tuple[str, str], list[str]] = {}
        for step in self.steps:
            if step.case.after != step.state and step.cell not in self.unreachable:
                events = found.setdefault((step.state, step.case.after), [])
                if step.cell[1] not in events:
                    events.append(step.cell[1])
        return found


def short(commands: Sequence[Any]) -> str:
    """Commands by their names, then notes by theirs; each once."""
    done = dict.fromkeys(type(c).__name__ for c in commands if not isinstance(c, Note))
    noted = dict.fromkeys(f"“{c.what}”" for c in commands if isinstance(c, Note))
    return ", ".join([*done, *noted])


def outcome(after: str, commands: Sequence[Any], *, same: bool) -> str:
    """State and commands in short; nothing, where nothing changes."""
    text = short(commands)
    if same and not text:
        return NOTHING
    return f"**{after}**: {text}" if text else f"**{after}**"
