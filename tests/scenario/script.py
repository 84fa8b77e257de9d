"""The scripts: given these operators, when a caller does this, then that.

Each is a plain function on a stage; what happened is compared by its trace, so a script says only
how far it has to come.
"""

from collections.abc import Mapping

from sandbox.behaviour import Answer, Decline, Ignore
from sandbox.pidf import Circle, Point
from tests.live.centre import MOBILE
from tests.scenario import code, neighbour
from tests.scenario.act import CHAIN_S, SLIP_S, SOON_S, TALK_S, call, talk
from tests.scenario.stage import Script, Stage

OUTSIDE = "0725000113"
"""The last step of each overflow chain in the shipped settings."""
HOME = Circle(Point(-5.1131, 105.3067), 50.0)
CELL = "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=5101012345678901;network-provided"
"""In the middle of Kota Metro."""
SECOND_MOBILE = "081234567891"


def key(digit: str, seat: str) -> Script:
    """A key reaches its agency's operator on duty."""

    async def script(stage: Stage) -> None:
        operator = await stage.operator(seat, Answer(0.5))
        await talk(stage, await call(stage, digit), operator)

    return script


async def silence(stage: Stage) -> None:
    """A caller who presses nothing reaches whoever is there."""
    operator = await stage.operator("dishub-1", Answer(0.5))
    await talk(stage, await call(stage, ""), operator)


async def wrong_keys(stage: Stage) -> None:
    """One wrong key is forgiven, the second leads to a human."""
    operator = await stage.operator("medis-1", Answer(0.5))
    caller = await call(stage, "7")
    await stage.recorded("prompt", 2, SOON_S)
    await stage.pause(1.0)
    await caller.press("8")
    await talk(stage, caller, operator)


async def language(stage: Stage) -> None:
    """The menu in English, then a key."""
    operator = await stage.operator("medis-1", Answer(0.5))
    caller = await call(stage, "9")
    await stage.recorded("prompt", 2, SOON_S)
    await stage.pause(1.0)
    await caller.press("1")
    await talk(stage, caller, operator)


async def declined(stage: Stage) -> None:
    """The supervisor is rung at once."""
    await stage.operator("medis-1", Decline(0.3))
    supervisor = await stage.operator("koordinator", Answer(0.5))
    await talk(stage, await call(stage), supervisor)


async def unanswered(stage: Stage) -> None:
    """After the ring time the supervisor is rung."""
    await stage.operator("medis-1", Ignore())
    supervisor = await stage.operator("koordinator", Answer(0.5))
    await talk(stage, await call(stage), supervisor)


async def unregistered(stage: Stage) -> None:
    """Nobody of the agency has a phone there: another agency's operator is rung at once."""
    other = await stage.operator("damkar-1", Answer(0.5))
    await talk(stage, await call(stage), other)


async def second_caller(stage: Stage) -> None:
    """The first caller's operator is busy: the second is offered to another."""
    first_operator = await stage.operator("medis-1", Answer(0.3))
    other = await stage.operator("damkar-1", Answer(0.3))
    first = await call(stage)
    await first_operator.established(SOON_S)
    second = await call(stage, number=SECOND_MOBILE)
    await talk(stage, second, other)
    await talk(stage, first, first_operator)


async def freed(stage: Stage) -> None:
    """Nobody else is there: the second caller rings when the first has gone."""
    operator = await stage.operator("medis-1", Answer(0.3))
    first = await call(stage)
    await operator.established(SOON_S)
    second = await call(stage, number=SECOND_MOBILE)
    await stage.recorded("offered", 2, SOON_S)
    await stage.pause(0.7)
    await first.hangup()
    await stage.recorded("bridged", 2, SOON_S)
    await talk(stage, second, operator)


async def hangs_up_in_menu(stage: Stage) -> None:
    """Abandoned, in the middle of the prompt."""
    caller = await call(stage, "")
    await stage.pause(1.0)
    await caller.hangup()
    await stage.recorded("abandoned", 1, SOON_S)


async def hangs_up_while_ringing(stage: Stage) -> None:
    """Abandoned; the phone stops ringing."""
    operator = await stage.operator("medis-1", Ignore())
    caller = await call(stage)
    await operator.offered(SOON_S)
    await stage.pause(0.7)
    await caller.hangup()
    await operator.closed(SOON_S)


async def hangs_up_in_talk(stage: Stage) -> None:
    """The operator is free at once."""
    operator = await stage.operator("satpol-1", Answer(0.5))
    caller = await call(stage, "4")
    await operator.established(SOON_S)
    await stage.pause(TALK_S)
    await caller.hangup()
    await operator.closed(SOON_S)


async def two_answer(stage: Stage) -> None:
    """Key 0 rings all; of two who pick up in one instant one talks."""
    await stage.operator("medis-1", Answer(0.5))
    await stage.operator("damkar-1", Answer(0.5))
    caller = await call(stage, "0")
    await stage.recorded("bridged", 1, SOON_S)
    await stage.pause(1.0)
    await caller.hangup()


async def slip(stage: Stage) -> None:
    """An operator who hangs up at once has not answered."""
    operator = await stage.operator("medis-1", Answer(0.3))
    supervisor = await stage.operator("koordinator", Answer(0.5))
    caller = await call(stage)
    await stage.recorded("bridged", 1, SOON_S)
    await stage.pause(SLIP_S)
    await operator.hangup()
    await talk(stage, caller, supervisor)


async def operator_ends(stage: Stage) -> None:
    """Both have finished: the caller's channel ends too."""
    operator = await stage.operator("medis-1", Answer(0.3))
    caller = await call(stage)
    await operator.established(SOON_S)
    await stage.pause(TALK_S)
    await operator.hangup()
    await caller.closed(SOON_S)


async def phone_dies(stage: Stage) -> None:
    """No BYE, no audio: the caller rings at another operator."""
    operator = await stage.operator("medis-1", Answer(0.3))
    supervisor = await stage.operator("koordinator", Answer(0.5))
    caller = await call(stage)
    await stage.recorded("bridged", 1, SOON_S)
    await stage.pause(1.0)
    await operator.kill()
    await talk(stage, caller, supervisor)


async def nobody_then_somebody(stage: Stage) -> None:
    """The number outside rings in vain; the phone that registers meanwhile rings at once."""
    caller = await call(stage)
    await stage.recorded("offered", 1, SOON_S)
    await stage.pause(0.7)
    operator = await stage.operator("medis-1", Answer(0.5))
    await talk(stage, caller, operator)


async def outside_confirms(stage: Stage) -> None:
    """The callee outside presses 1."""
    outside = await stage.outside(OUTSIDE, Answer(0.5))
    caller = await call(stage)
    await stage.recorded("asked_to_confirm", 1, SOON_S)
    await stage.pause(1.0)
    await outside.press("1")
    await stage.recorded("bridged", 1, SOON_S)
    await talk(stage, caller, outside)


async def outside_is_a_voicemail(stage: Stage) -> None:
    """Nobody presses 1: the chain starts over, and rings who is there by then."""
    outside = await stage.outside(OUTSIDE, Answer(0.5))
    caller = await call(stage)
    await stage.recorded("asked_to_confirm", 1, SOON_S)
    outside.behave(Ignore())
    await outside.closed(CHAIN_S)
    await stage.pause(0.7)
    operator = await stage.operator("medis-1", Answer(0.5))
    await talk(stage, caller, operator)


async def located(stage: Stage) -> None:
    """What the INVITE tells of the caller's place comes as it was sent, and in full."""
    operator = await stage.operator("medis-1", Answer(0.5))
    caller = await stage.located(MOBILE, "seluler", HOME, (CELL, 'IEEE-802.11;"a,b",${EPOCH}'))
    await caller.dial("112")
    await caller.established(SOON_S)
    await talk(stage, caller, operator)


SCRIPTS: Mapping[str, Script] = {
    "key-1": key("1", "medis-1"),
    "key-2": key("2", "damkar-1"),
    "key-3": key("3", "dishub-1"),
    "key-4": key("4", "satpol-1"),
    "key-0": key("0", "medis-1"),
    "silence": silence,
    "wrong-keys": wrong_keys,
    "language": language,
    "declined": declined,
    "unanswered": unanswered,
    "unregistered": unregistered,
    "second-caller": second_caller,
    "freed": freed,
    "hangs-up-in-menu": hangs_up_in_menu,
    "hangs-up-while-ringing": hangs_up_while_ringing,
    "hangs-up-in-talk": hangs_up_in_talk,
    "two-answer": two_answer,
    "slip": slip,
    "operator-ends": operator_ends,
    "phone-dies": phone_dies,
    "nobody-then-somebody": nobody_then_somebody,
    "outside-confirms": outside_confirms,
    "outside-is-a-voicemail": outside_is_a_voicemail,
    "neighbour": neighbour.takes,
    "neighbour-busy": neighbour.fails(Decline(0.3)),
    "neighbour-silent": neighbour.fails(Ignore()),
    "neighbour-voicemail": neighbour.fails(Answer(0.5)),
    "neighbour-hangs-up": neighbour.hangs_up,
    "neighbour-slips": neighbour.slips,
    "neighbour-in-vain": neighbour.in_vain,
    "dismissed": neighbour.dismissed,
    "dismissed-in-danger": neighbour.dismissed_in_danger,
    "located": located,
    "code-mark": code.mark,
    "code-pause": code.pause,
    "code-sign-on": code.sign_on,
    "code-hangs-up": code.hangs_up,
}
"""By the name of their golden file."""
