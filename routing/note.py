"""What the core wants remembered: one note per thing that happened or was decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NewType, TypeAlias

from routing.reason import Reason

CallId = NewType("CallId", str)
"""The caller's channel id in Asterisk: it names the call everywhere."""

Detail: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Note:
    """A line for the journal; the shell adds the clocks.

    Attributes:
        call: The call that it belongs to; None when it is about the whole centre.
        what: A stable snake_case name.
        detail: Flat facts; keys are part of the name's contract.
        because: The grounds, where it was a decision.
    """

    call: CallId | None
    what: str
    detail: Mapping[str, Detail] = field(default_factory=dict)
    because: tuple[Reason, ...] = ()
