"""What the end of a caller's stay means, and that it is heard in any storm."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from ivr import release
from ivr.adoption import Memory
from ivr.call import CallFlow
from ivr.dialogue import Digit, MenuDialogue
from journal.record import ENDINGS
from routing.note import CallId, Note
from routing.offer import Enqueue, Leave
from siaga.caller import MAILBOX, Caller, may_be_pulled_out
from siaga.clock import SystemClock
from siaga.line import Line
from siaga.memory import KeptCall
from siaga.recorder import Recorder
from switch.asterisk import Asterisk
from switch.error import Refused
from switch.event import ChannelHangupRequest, ChannelView, StasisEnd
from switch.rest import Json
from tests.ivr.test_call import CALL
from tests.ivr.test_dialogue import ID, UMUM, make_menu

MADE = "2026-11-24T23:11:04.795+0000"


@pytest.mark.parametrize(
    ("state", "ended", "expected"),
    [
        ("Ring", "2026-11-24T23:11:04.799+0000", False),
        ("Ring", "2026-11-24T23:11:14.796+0000", True),
        ("Up", "2026-11-24T23:11:04.799+0000", True),
        ("Ring", "", True),
        ("Ring", "2026-11-24T23:11:04.799", True),
    ],
)
def test_only_the_fuse_pulls_out_who_was_not_answered(
    state: str, ended: str, *, expected: bool
) -> None:
    """Gone before it can have burnt is given up; what Asterisk's clock does not tell is not."""
    channel = ChannelView("1795.1", state=state, creationtime=MADE)
    assert may_be_pulled_out(StasisEnd(channel, ended)) is expected


class Quiet:
    """A house, and an Asterisk, in which everything is possible and nothing comes of it."""

    def __init__(self) -> None:
        self.told: list[Enqueue | Leave] = []
        self.lags = False
        self.notes: list[str] = []
        self.is_blind = False
        self.recorder = Recorder(Asterisk(self, "siaga"), None, SystemClock(), self)

    async def request(
        self, method: str, path: str, *, query: Json | None = None, body: Json | None = None
    ) -> bytes:
        """Whatever is asked is done."""
        assert (method, path, query, body) != ("", "", {}, {})
        return b""

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Runs it."""
        return asyncio.create_task(work, name=name)

    def tell_floor(self, event: Enqueue | Leave) -> None:
        """Keeps it."""
        self.told.append(event)

    def note(self, note: Note) -> None:
        """Keeps its name."""
        self.notes.append(note.what)

    def count_renewal(self) -> None:
        """Nobody asks."""

    def place(self, call: CallId, up_to: int) -> int | None:
        """Nobody waits."""
        assert (call, up_to) != ("", 0)
        return None

    def has_slept(self, due: float) -> bool:
        """Never."""
        return due < 0

    async def awake(self) -> None:
        """Always."""


async def test_a_storm_of_digits_is_shed_and_the_end_is_not() -> None:
    """The caller presses keys as fast as a machine, and hangs up: nothing is left of it."""
    house, clock = Quiet(), SystemClock()
    line = Line(Asterisk(house, "siaga"), CALL, "0812", KeptCall(Memory(ID)))
    flow = CallFlow(CALL, MenuDialogue(make_menu(), UMUM), UMUM)
    caller = Caller(line, flow, clock.now(), house, clock)
    living = asyncio.create_task(caller.live(lambda own, at: own.begin(at=at)))
    await asyncio.sleep(0)
    for _ in range(10 * MAILBOX):
        caller.post(Digit("1"))
    view = ChannelView(CALL, state="Up")
    caller.take(ChannelHangupRequest(view, cause=16))
    caller.take(StasisEnd(view))
    async with asyncio.timeout(5.0):
        await living
    assert caller.shed == 9 * MAILBOX
    assert house.told[-1] == Leave(CALL)
    assert house.notes[-1] == "abandoned"


async def test_who_is_given_back_before_being_answered_has_not_given_up() -> None:
    """One ending, and the true one: this process itself has sent the caller away."""
    house, clock = Quiet(), SystemClock()
    line = Line(Asterisk(house, "siaga"), CALL, "0812", KeptCall(Memory(ID)))
    flow = CallFlow(CALL, MenuDialogue(make_menu(), UMUM), UMUM)
    caller = Caller(line, flow, clock.now(), house, clock)
    living = asyncio.create_task(caller.live(lambda own, at: own.begin(at=at)))
    await asyncio.sleep(0)
    await caller.hand_back("the daemon stops")
    view = ChannelView(CALL, state="Ring", creationtime=MADE)
    caller.take(StasisEnd(view, "2026-11-24T23:11:04.799+0000"))
    async with asyncio.timeout(5.0):
        await living
    assert [note for note in house.notes if note in ENDINGS] == ["handed_back"]
    assert caller.is_over


class Elsewhere(Quiet):
    """The same, but the caller is in the dialplan, which nothing has told yet."""

    def __init__(self) -> None:
        super().__init__()
        self.lags = True
        self.asked: list[str] = []

    async def request(
        self, method: str, path: str, *, query: Json | None = None, body: Json | None = None
    ) -> bytes:
        """As Asterisk: a variable is for channels in the application only."""
        self.asked.append(f"{method} {path}")
        if path.endswith("/variable"):
            raise Refused("POST", 409, "Channel not in Stasis application")
        return await super().request(method, path, query=query, body=body)


@pytest.mark.parametrize("house", [Quiet(), Elsewhere()])
async def test_only_who_is_here_is_hung_up_on(house: Quiet) -> None:
    """Who may be in the dialplan, and talk to somebody there, is asked for by the fuse first."""
    clock = SystemClock()
    line = Line(Asterisk(house, "siaga"), CALL, "0812", KeptCall(Memory(ID)))
    flow = CallFlow(CALL, MenuDialogue(make_menu(), UMUM), UMUM)
    caller = Caller(line, flow, clock.now(), house, clock)
    ending = Note(CALL, "ended", {"by": "operator", "talked_s": 60.0})
    living = asyncio.create_task(caller.live(lambda _flow, at: release.begin(ending, at=at)))
    await asyncio.sleep(0.05)
    view = ChannelView(CALL, state="Up")
    caller.take(StasisEnd(view))
    async with asyncio.timeout(5.0):
        await living
    if isinstance(house, Elsewhere):
        assert house.asked[0] == f"POST /channels/{CALL}/variable"
        assert f"DELETE /channels/{CALL}" not in house.asked
    assert house.notes == ["pulled_out"]
