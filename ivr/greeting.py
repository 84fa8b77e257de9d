"""What a caller hears before waiting: the menu, that another centre is theirs, or a question.

InMenu ──decided──▶ Waiting
   ▲
any key
   │
Dismissing ──told, and no key was pressed──▶ LettingGo

Slowing ──pressed 1──▶ InMenu
   └──asked, and 1 was not pressed──▶ Waiting
"""

from dataclasses import replace
from typing import Final, assert_never

from ivr import account, release
from ivr.announcement import Placed, Turned
from ivr.command import Answer, Command, Play
from ivr.dialogue import (
    Decided,
    Dialogue,
    DialogueEvent,
    Digit,
    Listening,
    MenuDialogue,
    Silence,
    Speaking,
    Spoken,
)
from ivr.fuse import FUSE_RENEWAL_S, renewed
from ivr.hold import Hold
from ivr.prompt import Prompt, connecting
from ivr.state import (
    CallerGone,
    CallEvent,
    Dismissing,
    Greeted,
    InMenu,
    Slowing,
    Step,
)
from routing.moment import Moment, after
from routing.note import CallId, Note
from routing.offer import Connect, Parted
from routing.reason import Reason
from routing.service import ServiceId
from routing.throttle import Slowed

EMERGENCY_KEY: Final = "1"
"""What the prompt `emergency` asks for."""


class Greeting:
    """The rules of one call until it waits, with the menu that was in force when it came in.

    Args:
        call: The call's id.
        menu: The dialogue's rules.
        default: The service of who chooses none.
        hold: How the call comes to wait.
    """

    def __init__(self, call: CallId, menu: MenuDialogue, default: ServiceId, hold: Hold) -> None:
        self._call = call
        self._menu = menu
        self._default = default
        self._hold = hold

    def menu(self, arrived: Moment, *, at: Moment, announce: bool) -> Step:
        """The caller is answered and hears the menu, after a word on the zone if asked for."""
        dialogue = self._menu.begin(at=at.instant, before=_before(announce=announce))
        state = InMenu(arrived, dialogue, after(at.instant, FUSE_RENEWAL_S))
        return state, (*self._answered(), *self._play(dialogue))

    def dismiss(self, arrived: Moment, because: tuple[Reason, ...], *, at: Moment) -> Step:
        """The caller is told that another centre is theirs, and hung up on unless a key comes."""
        dialogue = self._menu.announce(Prompt.ZONE_HANG_UP, at=at.instant)
        state = Dismissing(arrived, dialogue, after(at.instant, FUSE_RENEWAL_S), because)
        return state, (*self._answered(), *self._play(dialogue))

    def slow(self, arrived: Moment, slowed: Slowed, *, at: Moment, announce: bool) -> Step:
        """The caller is asked whether it is an emergency, after a word on the zone if asked for."""
        before = _before(announce=announce)
        dialogue = self._menu.announce(Prompt.EMERGENCY, at=at.instant, before=before)
        renewal = after(at.instant, FUSE_RENEWAL_S)
        state = Slowing(arrived, dialogue, renewal, slowed.handicap_s)
        note = Note(self._call, "slowed", slowed.detail, slowed.because)
        return state, (*self._answered(), note, *self._play(dialogue))

    def step(self, state: Greeted, event: CallEvent, *, at: Moment) -> Step:
        """The state after `event`, and what is to be done; what means nothing changes nothing."""
        match event:
            case CallerGone():
                return account.abandoned(self._call, event, _where(state), state.arrived, at)
            case Connect() | Parted() | Placed() | Turned():
                return state, ()
            case Digit() | Spoken() | Silence():
                if isinstance(state, InMenu):
                    return self._in_menu(state, event, at)
                return self._announcing(state, event, at)
            case _:
                assert_never(event)

    def _in_menu(self, state: InMenu, event: DialogueEvent, at: Moment) -> Step:
        if not isinstance(event, Silence):
            return self._advance(state, event, at, self._pressed(event))
        fused, commands = renewed(state, at)
        if at.instant < state.dialogue.deadline:
            return fused, commands
        return self._advance(fused, event, at, commands)

    def _advance(
        self, state: InMenu, event: DialogueEvent, at: Moment, before: tuple[Command, ...]
    ) -> Step:
        dialogue: Dialogue = self._menu.step(state.dialogue, event, at=at.instant)
        match dialogue:
            case Speaking():
                return replace(state, dialogue=dialogue), (*before, *self._play(dialogue))
            case Listening():
                return replace(state, dialogue=dialogue), before
            case Decided():
                chosen = Note(
                    self._call, "chosen", {"service": dialogue.service}, (dialogue.because,)
                )
                waiting, commands = self._hold.begin(
                    state.arrived,
                    dialogue.service,
                    dialogue.language,
                    at=at,
                    prompt=connecting(dialogue.service),
                )
                # The fuse that burns is the menu's: its renewal falls due when it did before.
                waiting = replace(waiting, renewal=state.renewal)
                return waiting, (*before, chosen, *commands)
            case _:
                assert_never(dialogue)

    def _announcing(
        self, state: Dismissing | Slowing, event: Digit | Spoken | Silence, at: Moment
    ) -> Step:
        """Only who was told all of it, and pressed no such key since, is not led to the menu."""
        match event:
            case Digit():
                return self._objected(state, event, at)
            case Spoken():
                if event.failed:
                    return self._relent(state, at)
                heard = self._menu.announced(state.dialogue, at=at.instant)
                return replace(state, dialogue=heard), ()
            case Silence():
                fused, commands = renewed(state, at)
                if at.instant < state.dialogue.deadline:
                    return fused, commands
                if isinstance(state.dialogue, Speaking):
                    return self._relent(fused, at, commands)
                return self._told(fused, at, commands)
            case _:
                assert_never(event)

    def _objected(self, state: Dismissing | Slowing, event: Digit, at: Moment) -> Step:
        """Any key keeps the call of who would be hung up on; one is the answer to a question."""
        pressed = self._pressed(event)
        if isinstance(state, Dismissing):
            menu = InMenu(state.arrived, state.dialogue, state.renewal)
            return self._advance(menu, event, at, pressed)
        if event.digit == EMERGENCY_KEY:
            return self._relent(state, at, pressed)
        return state, (account.ignored(self._call, event.digit),)

    def _told(self, state: Dismissing | Slowing, at: Moment, before: tuple[Command, ...]) -> Step:
        """All was heard, and nothing said to it: who is not served is let go, all others wait."""
        if isinstance(state, Dismissing):
            waited = round(at.instant - state.arrived.instant, 3)
            ending = Note(self._call, "dismissed", {"waited_s": waited}, state.because)
            return release.begin(ending, at=at)
        waiting, commands = self._hold.begin(
            state.arrived,
            self._default,
            state.dialogue.language,
            at=at,
            prompt=connecting(self._default),
            handicap_s=state.handicap_s,
        )
        chosen = account.no_emergency(self._call, self._default)
        return replace(waiting, renewal=state.renewal), (*before, chosen, *commands)

    def _relent(
        self, state: Dismissing | Slowing, at: Moment, before: tuple[Command, ...] = ()
    ) -> Step:
        """It is the menu then; also where nobody knows what the caller has heard."""
        dialogue = self._menu.begin(at=at.instant)
        menu = InMenu(state.arrived, dialogue, state.renewal)
        return menu, (*before, *self._play(dialogue))

    def _answered(self) -> tuple[Command, ...]:
        return Answer(), Note(self._call, "answered", {})

    def _play(self, dialogue: Speaking) -> tuple[Command, ...]:
        detail = {"prompts": "+".join(dialogue.prompts), "language": dialogue.language}
        return Play(dialogue.language, dialogue.prompts), Note(self._call, "prompt", detail)

    def _pressed(self, event: DialogueEvent) -> tuple[Command, ...]:
        if not isinstance(event, Digit):
            return ()
        return (Note(self._call, "digit", {"digit": event.digit}),)


def _before(*, announce: bool) -> tuple[str, ...]:
    return (str(Prompt.ZONE_ANNOUNCE),) if announce else ()


def _where(state: Greeted) -> str:
    match state:
        case InMenu():
            return "in the menu"
        case Dismissing():
            return "hearing of another centre"
        case Slowing():
            return "asked for an emergency"
        case _:
            assert_never(state)
