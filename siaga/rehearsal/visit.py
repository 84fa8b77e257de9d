"""One call of a rehearsal, as it will be whoever answers it."""

from dataclasses import dataclass

from routing.mark import Mark
from routing.note import CallId
from switch.fake.behaviour import Citizen


@dataclass(frozen=True, slots=True)
class Visit:
    """A citizen's call.

    Attributes:
        call: Its id.
        at_s: When the citizen dials, in seconds after the start.
        citizen: What they do.
        number: Theirs as presented; None: withheld.
        mark: What an operator would say of the call.
        talk_s: After so many seconds the operator ends the talk; None leaves that to the citizen.
        desk_s: So long the operator's phone is in use after the talk.
        seed: Of what happens at the phones that ring for this call.
    """

    call: CallId
    at_s: float
    citizen: Citizen
    number: str | None = None
    mark: Mark = Mark.GENUINE
    talk_s: float | None = None
    desk_s: float = 0.0
    seed: str = ""
