"""The caller's line leaves nothing in Asterisk, in whatever moment the caller goes."""

import asyncio
from collections.abc import Mapping

import pytest

from ivr.adoption import Memory
from ivr.command import Answer, Play
from routing.note import CallId
from routing.operator import Language
from siaga.line import Line
from siaga.memory import KeptCall
from switch.asterisk import Asterisk
from switch.error import Gone, Refused, Unreachable
from switch.rest import Json, Requests


class GoneCaller:
    """An Asterisk in which the caller's channel has just gone, and which is slow with bridges."""

    def __init__(self) -> None:
        self.bridges: set[str] = set()

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Json | None = None,
    ) -> bytes:
        """Makes and ends bridges; knows no channel."""
        if not path.startswith("/bridges/"):
            raise Gone(f"{method} {path}", 404, f"{query} {body}")
        for _ in range(3):
            await asyncio.sleep(0)
        if method == "POST":
            self.bridges.add(path)
        elif method == "DELETE":
            self.bridges.remove(path)
        return b""


def line_on(asterisk: Requests) -> Line:
    """A caller's, on that Asterisk."""
    return Line(Asterisk(asterisk, "siaga"), CallId("c"), "0812", KeptCall(Memory(Language("id"))))


async def test_a_caller_who_goes_while_being_answered_leaves_no_bridge() -> None:
    """The bridge is made beside the answer: it is there, though there was nobody to answer."""
    asterisk = GoneCaller()
    line = line_on(asterisk)
    with pytest.raises(Gone):
        await line.perform(Answer())
    await line.close()
    assert asterisk.bridges == set()
    assert asyncio.all_tasks() == {asyncio.current_task()}


class LateAsterisk:
    """An Asterisk that is not reached at first."""

    def __init__(self) -> None:
        self.away = True
        self.done: list[str] = []

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Json | None = None,
    ) -> bytes:
        """Done, once it is there."""
        if self.away:
            raise Unreachable(f"{method} {path}", f"{query} {body}")
        self.done.append(f"{method} {path}")
        return b""


class FailingAsterisk:
    """An Asterisk that says no to whatever is asked, as long as it has a status."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.done: list[str] = []

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Json | None = None,
    ) -> bytes:
        """Done, or refused."""
        if self.status is not None:
            raise Refused(f"{method} {path}", self.status, f"{query} {body}")
        self.done.append(f"{method} {path}")
        return b""


async def test_who_could_not_be_answered_on_arrival_is_answered_with_the_next_prompt() -> None:
    """The connection was cut when the caller came: no prompt is played to an empty bridge."""
    asterisk = LateAsterisk()
    line = line_on(asterisk)
    with pytest.raises(Unreachable):
        await line.perform(Answer())
    asterisk.away = False
    await line.perform(Play(Language("id"), ("menu",)))
    await line.perform(Play(Language("id"), ("waiting",)))
    assert asterisk.done[2:5] == [
        "POST /bridges/siaga-bridge-c/addChannel",
        "POST /bridges/siaga-bridge-c/play",
        "POST /bridges/siaga-bridge-c/play",
    ]
    assert sorted(asterisk.done[:2]) == [
        "POST /bridges/siaga-bridge-c",
        "POST /channels/c/answer",
    ]


async def test_a_bridge_that_cannot_be_ended_now_is_ended_later() -> None:
    """The request gets lost: nothing of the line is left all the same."""
    asterisk = LateAsterisk()
    asterisk.away = False
    line = line_on(asterisk)
    await line.perform(Answer())
    asterisk.away = True
    closing = asyncio.create_task(line.close())
    await asyncio.sleep(0.01)
    assert not closing.done()
    asterisk.away = False
    await closing
    assert asterisk.done[-1] == "DELETE /bridges/siaga-bridge-c"


async def test_a_bridge_that_asterisk_will_not_end_now_is_ended_later() -> None:
    """An Asterisk that fails, or does not know the password for a while, is asked again."""
    asterisk = FailingAsterisk()
    line = line_on(asterisk)
    await line.perform(Answer())
    closing = asyncio.create_task(line.close())
    for status in (500, 401):
        asterisk.status = status
        await asyncio.sleep(0.01)
        assert not closing.done()
    asterisk.status = None
    await closing
    assert asterisk.done[-1] == "DELETE /bridges/siaga-bridge-c"


async def test_a_bridge_that_is_refused_for_good_is_left() -> None:
    """Whoever asks again and again for what is wrong never ends."""
    asterisk = FailingAsterisk()
    line = line_on(asterisk)
    await line.perform(Answer())
    asterisk.status = 409
    with pytest.raises(Refused):
        await line.close()


class LossyAsterisk:
    """An Asterisk that has the bridge, and whose answer to the caller's joining gets lost once."""

    def __init__(self) -> None:
        self.done: list[str] = []

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Json | None = None,
    ) -> bytes:
        """Refuses a bridge that is there."""
        asked = f"{method} {path}"
        is_again = asked in self.done
        self.done.append(asked)
        if asked == "POST /bridges/siaga-bridge-c" and is_again:
            raise Refused(asked, 409, f"{query} {body}")
        if path.endswith("/addChannel") and not is_again:
            raise Unreachable(asked, "server disconnected")
        return b""


async def test_a_bridge_of_its_own_is_never_made_again() -> None:
    """The caller is in it though the answer was lost, and may talk there."""
    asterisk = LossyAsterisk()
    line = line_on(asterisk)
    with pytest.raises(Unreachable):
        await line.perform(Answer())
    await line.perform(Play(Language("id"), ("menu",)))
    assert "DELETE /bridges/siaga-bridge-c" not in asterisk.done
    assert asterisk.done[-1] == "POST /bridges/siaga-bridge-c/play"
