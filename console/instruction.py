"""What has come of an instruction, for whoever gave it: on the control socket, and elsewhere."""

from datetime import datetime

import msgspec


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What has come of pausing an operator, or having one ready.

    Attributes:
        wanted: `pause` or `ready`.
        person: The id, as it was given.
        outcome: `paused`, `ready`, `already paused`, `already ready`, `unknown operator`,
            `off duty`, `the agency's last one` or `not served`.
        holds: Whether it is now as it was wanted.
        name: As supervisors know the person; None if nobody is known by that id.
        agency: Theirs.
        until: When a pause ends by itself; None: with the turn of duty, or there is none.
        last: Nobody else of the agency is on duty and there.
        text: All of this in one line, for people.
    """

    wanted: str
    person: str
    outcome: str
    holds: bool
    name: str | None
    agency: str | None
    until: datetime | None
    last: bool
    text: str
