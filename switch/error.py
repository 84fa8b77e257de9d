"""What can go wrong between this process and Asterisk.

SwitchError
├── Unreachable     no answer: Asterisk is away, restarts, or does not respond in time
├── Unreadable      an answer that is none of Asterisk's: something else has its port
└── Refused         Asterisk answered, and said no; `status` and `reason` are its own
    └── Gone        404: the channel, bridge or playback does not exist (any more)
"""

SERVER_FAULT = 500


class SwitchError(Exception):
    """A request to Asterisk did not succeed.

    Attributes:
        request: Method and path, without query and body: they may hold numbers.
    """

    def __init__(self, request: str, message: str) -> None:
        super().__init__(f"{request}: {message}")
        self.request = request


class Unreachable(SwitchError):
    """Asterisk did not answer; whether it acted is not known."""


class Unreadable(SwitchError):
    """What answered said nothing that Asterisk could have said."""


class Refused(SwitchError):
    """Asterisk answered with an error.

    Attributes:
        status: The HTTP status.
        reason: Asterisk's own words.
    """

    def __init__(self, request: str, status: int, reason: str) -> None:
        super().__init__(request, f"{status} {reason}")
        self.status = status
        self.reason = reason


def is_passing(error: SwitchError) -> bool:
    """Whether it tells of Asterisk's state and nothing of what was asked: the same may do later.

    No answer came, or the server fails (5xx), or does not know this user now (401, 403).
    """
    if isinstance(error, Refused):
        return error.status in {401, 403} or error.status >= SERVER_FAULT
    return True


class Gone(Refused):
    """What the request was about does not exist in Asterisk."""
