"""Scripts in which the caller's number is slowed down, for the fake Asterisk and the real one."""

from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML

from routing.mark import Mark
from routing.note import CallId
from sandbox.behaviour import Answer
from siaga.centre import Centre
from tests.live.centre import MOBILE
from tests.scenario.act import MENU_S, SOON_S, call, talk
from tests.scenario.stage import Script, Stage

QUESTION_S, FIRST_DIGIT_S = 5.5, 8.0
"""How long the question takes, about, and how long an answer to it is waited for."""


def patient(settings: Path) -> Path:
    """Settings that give time for an answer, and that nobody has read yet."""
    yaml = YAML()
    services = yaml.load(settings / "services.yaml")
    services["menu"]["first_digit_s"] = FIRST_DIGIT_S
    yaml.dump(services, settings / "services.yaml")
    return settings


def slow(centre: Centre, number: str) -> None:
    """As many pranks as the shipped settings ask for."""
    for name in ("prank 1", "prank 2", "prank 3"):
        centre.conductor.throttle.mark(number, Mark.PRANK, CallId(name))


async def says_so(stage: Stage) -> None:
    """It is an emergency: the menu, and the operator of what is chosen there."""
    stage.slow(MOBILE)
    operator = await stage.operator("medis-1", Answer(0.5))
    caller = await call(stage, "1")
    await stage.recorded("prompt", 2, SOON_S)
    await stage.pause(1.0)
    await caller.press("1")
    await talk(stage, caller, operator)


async def says_nothing(stage: Stage) -> None:
    """Another key is no answer, and silence leads to a human."""
    stage.slow(MOBILE)
    operator = await stage.operator("dishub-1", Answer(0.5))
    caller = await call(stage, "2")
    await stage.recorded("bridged", 1, MENU_S)
    await talk(stage, caller, operator)


async def hangs_up(stage: Stage) -> None:
    """In the silence behind the question: within it, Asterisk may still begin the menu, unheard."""
    stage.slow(MOBILE)
    caller = await call(stage, "")
    await stage.pause(QUESTION_S + FIRST_DIGIT_S / 2)
    await caller.hangup()
    await stage.recorded("abandoned", 1, SOON_S)


PRANKS: Mapping[str, Script] = {
    "says-so": says_so,
    "says-nothing": says_nothing,
    "hangs-up": hangs_up,
}
