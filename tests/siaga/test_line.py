"""The caller's line leaves nothing in Asterisk, in whatever moment the caller goes."""

import asyncio
from collections.abc import Mapping

import pytest

from ivr.adoption import Memory
from ivr.command import Answer
from routing.note import CallId
from routing.operator import Language
from siaga.line import Line
from siaga.memory import KeptCall
from switch.asterisk import Asterisk
from switch.error import Gone
from switch.rest import Json


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


async def test_a_caller_who_goes_while_being_answered_leaves_no_bridge() -> None:
    """The bridge is made beside the answer: it is there, though there was nobody to answer."""
    asterisk = GoneCaller()
    line = Line(Asterisk(asterisk, "siaga"), CallId("c"), "0812", KeptCall(Memory(Language("id"))))
    with pytest.raises(Gone):
        await line.perform(Answer())
    await line.close()
    assert asterisk.bridges == set()
    assert asyncio.all_tasks() == {asyncio.current_task()}
