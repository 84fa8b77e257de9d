"""Seats and trunks, and Asterisk's word for what each is doing."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from switch.fake.channel import FakeChannel
from switch.fake.phone import FakePhone


@dataclass(slots=True)
class Endpoint:
    """A seat or a trunk.

    Attributes:
        trunk: Has a fixed contact; phones behind it are known by number.
        phone: Who is registered; of a seat only.
        outside: Phones behind a trunk, by number.
        callerid: Name and number of its phone, as `callerid` in pjsip.conf.
        told: The device state that was told last.
    """

    name: str
    trunk: bool = False
    phone: FakePhone | None = None
    outside: dict[str, FakePhone] = field(default_factory=dict)
    callerid: tuple[str, str] = ("", "")
    told: str = ""

    @property
    def reachable(self) -> bool:
        """Whether it has a contact."""
        return self.trunk or self.phone is not None

    def phone_of(self, number: str) -> FakePhone | None:
        """Who answers there; None if nobody does."""
        return self.outside.get(number) if self.trunk else self.phone

    def state(self, channels: Iterable[FakeChannel]) -> str:
        """The device state with these channels of its own; a seat in any call is busy."""
        states = {channel.state for channel in channels} - {"Down", "Ring"}
        if not states:
            return "NOT_INUSE" if self.reachable else "UNAVAILABLE"
        if not self.trunk:
            return "BUSY"
        if states == {"Ringing"}:
            return "RINGING"
        return "RINGINUSE" if "Ringing" in states else "INUSE"
