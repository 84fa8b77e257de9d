"""What a script needs of the place that it is played on."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from sandbox.behaviour import Behaviour
from sandbox.pidf import Place
from switch.rest import Requests


class Handset(Protocol):
    """A phone with its user; every wait ends with `TimeoutError` at its deadline."""

    def behave(self, behaviour: Behaviour) -> None:
        """What the user does from the next call on."""

    async def offered(self, deadline_s: float) -> object:
        """The next call that came here and was not yet returned."""

    async def established(self, deadline_s: float) -> object:
        """Returns when a call is up here."""

    async def closed(self, deadline_s: float) -> object:
        """Returns when there was a call and none is left."""

    async def dial(self, number: str) -> object:
        """Calls a number."""

    async def press(self, digits: str) -> None:
        """Presses keys."""

    async def hangup(self) -> None:
        """Ends every call."""

    async def kill(self) -> None:
        """The phone loses its power."""


class Stage(Protocol):
    """An Asterisk with the centre on it, and nobody there yet."""

    @property
    def requests(self) -> Requests:
        """Carries requests to Asterisk, past the centre."""

    def expect_leg(self, id_: str) -> None:
        """The centre is to leave the leg of this id alone: the script makes it."""

    async def operator(self, seat: str, behaviour: Behaviour) -> Handset:
        """A registered phone at a seat."""

    async def outside(self, number: str, behaviour: Behaviour) -> Handset:
        """Who answers for a number behind the trunk telkom."""

    async def citizen(self, number: str, trunk: str) -> Handset:
        """A citizen behind a trunk."""

    async def located(
        self, number: str, trunk: str, place: Place | None, access: Sequence[str]
    ) -> Handset:
        """A citizen whose place and access networks come with the call, and who presses nothing."""

    def slow(self, number: str) -> None:
        """Operators have said of several calls from that number that they were pranks."""

    def spoil_recordings(self) -> None:
        """From now on Asterisk can make no file for a recording."""

    async def recorded(self, what: str, count: int, limit_s: float) -> None:
        """Returns when there are `count` records of that name."""

    async def pause(self, seconds: float) -> None:
        """People take their time."""


Script = Callable[[Stage], Awaitable[None]]
"""What people do on a stage."""
