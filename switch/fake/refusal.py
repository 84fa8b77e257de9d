"""Asterisk says no."""


class Refusal(Exception):
    """A request is refused.

    Attributes:
        status: The HTTP status.
        reason: Asterisk's own words.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
