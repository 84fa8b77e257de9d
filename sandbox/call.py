"""A call as one phone of the sandbox sees it."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class CallState(Enum):
    """Where a call is, seen from one phone."""

    RINGING = "ringing"
    TALKING = "talking"
    CLOSED = "closed"


@dataclass(slots=True)
class Call:
    """One call of one phone.

    Attributes:
        id: The call's id at the phone.
        number: The other side's number, as the display shows it.
        name: The other side's name, as the display shows it; may be empty.
        incoming: It came to this phone.
        heard: The WAV file of what the phone hears in it.
        began_at: First sign of it, `time.monotonic()`.
        state: Where it is now.
        talking_at: When it was answered; None before.
        closed_at: When it ended; None before.
        reason: Why it ended, in baresip's words, such as `486 Busy Here`.
    """

    id: str
    number: str
    name: str
    incoming: bool
    heard: Path
    began_at: float
    state: CallState = CallState.RINGING
    talking_at: float | None = None
    closed_at: float | None = None
    reason: str = ""


class CallClosed(RuntimeError):
    """The call that was to be answered has ended instead.

    Attributes:
        call: The call with its reason.
    """

    def __init__(self, call: Call) -> None:
        super().__init__(f"the call to {call.number} ended: {call.reason}")
        self.call = call
