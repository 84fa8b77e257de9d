"""Requests that Asterisk refuses, or answers in a way of its own: asked on both, word by word."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.behaviour import Ignore
from switch.error import Refused
from switch.rest import Requests
from tests.live.centre import MOBILE
from tests.scenario.act import SOON_S
from tests.scenario.stage import Script, Stage

NOWHERE: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("GET", "/channels/none", {}),
    ("DELETE", "/channels/none", {}),
    ("POST", "/channels/none/answer", {}),
    ("POST", "/channels/none/dial", {}),
    ("POST", "/channels/none/continue", {}),
    ("POST", "/channels/none/play", {"media": "sound:x", "playbackId": "p"}),
    ("GET", "/channels/none/variable", {"variable": "X"}),
    ("POST", "/channels/none/variable", {"variable": "X", "value": "1"}),
    ("GET", "/bridges/none", {}),
    ("DELETE", "/bridges/none", {}),
    ("POST", "/bridges/none/addChannel", {"channel": "x"}),
    ("POST", "/bridges/none/removeChannel", {"channel": "x"}),
    ("POST", "/bridges/none/play", {"media": "sound:x", "playbackId": "p"}),
    ("GET", "/playbacks/none", {}),
    ("DELETE", "/playbacks/none", {}),
    ("GET", "/applications/none", {}),
    ("GET", "/asterisk/variable", {"variable": "NEVER_SET"}),
    ("POST", "/events/user/beat", {"application": "none"}),
)
"""About things that do not exist."""
CALL, LEG = "{call}", "by-hand"


class Desk:
    """Asks, and writes down what is answered.

    Args:
        requests: Carries the requests.
        answers: Takes the answers.
    """

    def __init__(self, requests: Requests, answers: list[str]) -> None:
        self._requests = requests
        self._answers = answers
        self.call = ""

    async def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> object:
        """One question; `{call}` stands for the caller's channel."""
        own = {key: self._full(value) for key, value in (query or {}).items()}
        try:
            answer = await self._requests.request(method, self._full(path), query=own, body=body)
            told = json.loads(answer) if answer else None
            said = sorted(told) if isinstance(told, dict) else type(told).__name__
        except Refused as refused:
            reason = refused.reason.replace(self.call or CALL, CALL)
            told, said = None, f"{refused.status} {reason}"
        self._answers.append(f"{method} {path} {sorted((query or {}).values())}: {said}")
        return told

    def _full(self, text: str) -> str:
        return text.replace(CALL, self.call)


def questions(answers: list[str]) -> Script:
    """A script that asks them all, and leaves nothing."""

    async def script(stage: Stage) -> None:
        desk = Desk(stage.requests, answers)
        for method, path, query in NOWHERE:
            await desk.ask(method, path, query)
        await stage.operator("medis-1", Ignore())
        caller = await stage.citizen(MOBILE, "seluler")
        await caller.dial("112")
        await caller.established(SOON_S)
        await stage.recorded("prompt", 1, SOON_S)
        await stage.pause(0.5)
        channels = await desk.ask("GET", "/channels")
        desk.call = channels[0]["id"] if isinstance(channels, list) else ""
        await _of_a_leg(desk, stage)
        await _of_a_caller(desk, stage)
        await caller.hangup()

    return script


def _create(seat: str, id_: str = LEG) -> dict[str, str]:
    return {"endpoint": f"PJSIP/{seat}", "app": "siaga", "appArgs": "leg,x", "channelId": id_}


async def _of_a_leg(desk: Desk, stage: Stage) -> None:
    await desk.ask("POST", "/channels/create", _create("siaga-medis-2"), {})
    await desk.ask("POST", "/channels/create", _create("siaga-nowhere"), {})
    stage.expect_leg(LEG)
    await desk.ask("POST", "/channels/create", _create("siaga-medis-1"), {"variables": {"A": "1"}})
    await stage.pause(0.1)
    await desk.ask("POST", "/channels/create", _create("siaga-medis-1"), {})
    await desk.ask("GET", f"/channels/{LEG}")
    await desk.ask("GET", f"/channels/{LEG}/variable", {"variable": "A"})
    await desk.ask("GET", f"/channels/{LEG}/variable", {"variable": "B"})
    await desk.ask("POST", f"/channels/{LEG}/dial", {"timeout": "5"})
    await stage.pause(0.3)
    await desk.ask("POST", f"/channels/{LEG}/dial", {"timeout": "5"})
    await desk.ask("DELETE", f"/channels/{LEG}", {"reason": "normal"})
    await stage.pause(0.3)
    await desk.ask("DELETE", f"/channels/{LEG}", {"reason": "normal"})


async def _of_a_caller(desk: Desk, stage: Stage) -> None:
    bridge = f"/bridges/siaga-bridge-{CALL}"
    playback = {"media": "sound:siaga/id/waiting", "playbackId": "own"}
    await desk.ask("GET", f"/channels/{CALL}")
    await desk.ask("GET", f"/channels/{CALL}/variable", {"variable": "SIAGA_TRUNK"})
    await desk.ask("POST", f"/channels/{CALL}/variables", body={"variables": {"A": "1", "B": "2"}})
    await desk.ask("GET", f"/channels/{CALL}/variables", {"variables": "A,B"})
    await desk.ask("GET", f"/channels/{CALL}/variables", {"variables": "A,NEVER_SET"})
    await desk.ask("GET", f"/channels/{CALL}/variable", {"variable": "TIMEOUT(absolute)"})
    await desk.ask("GET", f"/channels/{CALL}/variable", {"variable": "CHANNEL(state)"})
    await desk.ask("GET", "/endpoints/PJSIP/siaga-medis-1")
    await desk.ask("GET", "/endpoints/PJSIP/siaga-nowhere")
    await desk.ask("GET", bridge)
    await desk.ask("POST", bridge, {"type": "mixing"})
    await desk.ask("POST", f"{bridge}/addChannel", {"channel": "none"})
    await desk.ask("POST", f"{bridge}/removeChannel", {"channel": "none"})
    await desk.ask("POST", f"{bridge}/play", playback)
    await stage.pause(0.1)
    await desk.ask("GET", "/playbacks/own")
    await desk.ask("DELETE", "/playbacks/own")
    await stage.pause(0.1)
    await desk.ask("DELETE", "/playbacks/own")
    await desk.ask("POST", f"{bridge}/removeChannel", {"channel": CALL})
    await stage.pause(0.1)
    await desk.ask("POST", f"{bridge}/removeChannel", {"channel": CALL})
    back = {"context": "siaga-last-resort", "extension": "s", "priority": "1"}
    await desk.ask("POST", f"/channels/{CALL}/continue", back)
    await stage.pause(0.3)
    await desk.ask("POST", "/bridges/another", {"type": "mixing"})
    await desk.ask("POST", "/bridges/another/addChannel", {"channel": CALL})
    await desk.ask("DELETE", "/bridges/another")
    await desk.ask("POST", f"/channels/{CALL}/answer")
    await desk.ask("POST", f"/channels/{CALL}/dial")
    await desk.ask("POST", f"/channels/{CALL}/continue", back)
    await desk.ask("POST", f"/channels/{CALL}/play", playback)
    await desk.ask("POST", f"/channels/{CALL}/variable", {"variable": "X", "value": "1"})
