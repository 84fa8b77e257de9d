"""One call from its arrival to its end: a step between the states of `ivr/state.py`.

    InMenu ──decided──▶ Waiting ──connected──▶ Talking ──hung up──▶ Ended
       ▲                   ▲                      │                   ▲
    any key                └──operator was lost───┘                   │   (a caller who
       │                                                              │    hangs up: Ended)
    Dismissing ──told, and no key was pressed─────────────────────────┘

    Slowing ──pressed 1──▶ InMenu
       └──asked, and 1 was not pressed──▶ Waiting

The fuse is renewed in every state but Talking.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import TypeAlias, TypeVar, assert_never

from ivr import account
from ivr.announcement import UNWRITTEN, Placed, Turned
from ivr.announcer import PLAYING_LIMIT_S, Announcer
from ivr.command import Answer, Command, HangUp, Join, Play, RenewFuse
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
from ivr.prompt import Prompt, connecting
from ivr.state import (
    Call,
    CallerGone,
    CallEvent,
    Dismissing,
    Ended,
    InMenu,
    Slowing,
    Talking,
    Waiting,
)
from routing.cause import Cause, explain
from routing.moment import Moment, after
from routing.note import CallId, Note
from routing.offer import SHORT_TALK_S, Connect, Enqueue, Leave, Parted, Transfer
from routing.operator import Language
from routing.reason import Reason
from routing.service import Announcements, ServiceId
from routing.throttle import Slowed

FUSE_RENEWAL_S = 3.0
"""The fuse burns for 10 s: two renewals may be lost before a caller is pulled out."""

EMERGENCY_KEY = "1"
"""What the prompt `emergency` asks for."""

_Fused = TypeVar("_Fused", bound=InMenu | Dismissing | Slowing | Waiting)
Step: TypeAlias = tuple[Call, tuple[Command, ...]]


class CallFlow:
    """The rules of one call with the menu that was in force when it came in.

    Args:
        call: The call's id.
        menu: The dialogue's rules.
        default: The service of who chooses none.
        arrived: When the caller came, if that was before the call begins here.
        number: The caller's as presented; None where nobody can be told by it.
        announcements: What the caller is told while waiting.
        recorded: The services whose talks are recorded.
    """

    def __init__(
        self,
        call: CallId,
        menu: MenuDialogue,
        default: ServiceId,
        arrived: Moment | None = None,
        number: str | None = None,
        announcements: Announcements = UNWRITTEN,
        *,
        recorded: Collection[ServiceId] = (),
    ) -> None:
        self.call = call
        self._recorded = recorded
        self._number = number
        self._arrived = arrived
        self._menu = menu
        self._default = default
        self._announcer = Announcer(call, announcements)

    def records(self, service: ServiceId) -> bool:
        """Whether talks about a service are recorded, as this call's caller is told."""
        return service in self._recorded

    def begin(self, *, at: Moment, announce: bool = False) -> Step:
        """The caller is answered and hears the menu, after a word on the zone if asked for."""
        before = (str(Prompt.ZONE_ANNOUNCE),) if announce else ()
        dialogue = self._menu.begin(at=at.instant, before=before)
        state = InMenu(self._arrived or at, dialogue, after(at.instant, FUSE_RENEWAL_S))
        return state, (Answer(), self._note("answered"), *self._play(dialogue))

    def dismiss(self, because: tuple[Reason, ...], *, at: Moment) -> Step:
        """The caller is told that another centre is theirs, and hung up on unless a key comes."""
        dialogue = self._menu.announce(Prompt.ZONE_HANG_UP, at=at.instant)
        renewal = after(at.instant, FUSE_RENEWAL_S)
        state = Dismissing(self._arrived or at, dialogue, renewal, because)
        return state, (Answer(), self._note("answered"), *self._play(dialogue))

    def slow(self, slowed: Slowed, *, at: Moment, announce: bool = False) -> Step:
        """The caller is asked whether it is an emergency, after a word on the zone if asked for."""
        before = (str(Prompt.ZONE_ANNOUNCE),) if announce else ()
        dialogue = self._menu.announce(Prompt.EMERGENCY, at=at.instant, before=before)
        renewal = after(at.instant, FUSE_RENEWAL_S)
        state = Slowing(self._arrived or at, dialogue, renewal, slowed.handicap_s)
        note = Note(self.call, "slowed", slowed.detail, slowed.because)
        return state, (Answer(), self._note("answered"), note, *self._play(dialogue))

    def transfer(self, language: Language, transfer: Transfer, *, at: Moment) -> Step:
        """The caller belongs to a neighbour: its centre is rung first, then the default service."""
        state, commands = self._wait(
            self._arrived or at,
            self._default,
            language,
            at=at,
            prompt=Prompt.ZONE_TRANSFER,
            transfer=transfer,
        )
        return state, (Answer(), self._note("answered"), *commands)

    def resume(self, service: ServiceId, language: Language, *, at: Moment) -> Step:
        """A caller who comes back from the dialplan waits at once for the service chosen before."""
        prompt = connecting(service)
        arrived = self._arrived or at
        state, commands = self._wait(arrived, service, language, at=at, prompt=prompt)
        return state, (Answer(), self._note("resumed", service=service), *commands)

    def step(self, state: Call, event: CallEvent, *, at: Moment) -> Step:
        """The state after `event`, and what is to be done; what means nothing changes nothing."""
        match state:
            case InMenu():
                return self._in_menu(state, event, at)
            case Dismissing() | Slowing():
                return self._announcing(state, event, at)
            case Waiting():
                return self._waiting(state, event, at)
            case Talking():
                return self._talking(state, event, at)
            case Ended():
                return state, ()
            case _:
                assert_never(state)

    def _in_menu(self, state: InMenu, event: CallEvent, at: Moment) -> Step:
        match event:
            case CallerGone():
                return self._abandoned(event, "in the menu", state.arrived, at)
            case Digit() | Spoken():
                return self._advance(state, event, at, self._pressed(event))
            case Silence():
                renewed, commands = self._renew(state, at)
                if at.instant < state.dialogue.deadline:
                    return renewed, commands
                return self._advance(renewed, event, at, commands)
            case Connect() | Parted() | Placed() | Turned():
                return state, ()
            case _:
                assert_never(event)

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
                    self.call, "chosen", {"service": dialogue.service}, (dialogue.because,)
                )
                waiting, commands = self._wait(
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

    def _announcing(self, state: Dismissing | Slowing, event: CallEvent, at: Moment) -> Step:
        """Only who was told all of it, and pressed no such key since, is not led to the menu."""
        match event:
            case CallerGone():
                asked = isinstance(state, Slowing)
                where = "asked for an emergency" if asked else "hearing of another centre"
                return self._abandoned(event, where, state.arrived, at)
            case Digit():
                return self._objected(state, event, at)
            case Spoken():
                if event.failed:
                    return self._relent(state, at)
                heard = self._menu.announced(state.dialogue, at=at.instant)
                return replace(state, dialogue=heard), ()
            case Silence():
                renewed, commands = self._renew(state, at)
                if at.instant < state.dialogue.deadline:
                    return renewed, commands
                if isinstance(state.dialogue, Speaking):
                    return self._relent(renewed, at, commands)
                return self._told(renewed, at, commands)
            case Connect() | Parted() | Placed() | Turned():
                return state, ()
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
        return state, (self._note("digit", digit=event.digit, ignored=True),)

    def _told(self, state: Dismissing | Slowing, at: Moment, before: tuple[Command, ...]) -> Step:
        """All was heard, and nothing said to it: who is not served is let go, all others wait."""
        if isinstance(state, Dismissing):
            waited = round(at.instant - state.arrived.instant, 3)
            note = Note(self.call, "dismissed", {"waited_s": waited}, state.because)
            return Ended(), (note, HangUp())
        waiting, commands = self._wait(
            state.arrived,
            self._default,
            state.dialogue.language,
            at=at,
            prompt=connecting(self._default),
            handicap_s=state.handicap_s,
        )
        chosen = account.no_emergency(self.call, self._default)
        return replace(waiting, renewal=state.renewal), (*before, chosen, *commands)

    def _relent(
        self, state: Dismissing | Slowing, at: Moment, before: tuple[Command, ...] = ()
    ) -> Step:
        """It is the menu then; also where nobody knows what the caller has heard."""
        dialogue = self._menu.begin(at=at.instant)
        menu = InMenu(state.arrived, dialogue, state.renewal)
        return menu, (*before, *self._play(dialogue))

    def _waiting(self, state: Waiting, event: CallEvent, at: Moment) -> Step:
        match event:
            case CallerGone():
                return self._abandoned(event, "waiting", state.arrived, at)
            case Connect():
                talking = Talking(
                    state.arrived,
                    state.service,
                    state.language,
                    event.offer,
                    event.target,
                    at.instant,
                )
                return talking, (Join(event.offer),)
            case Spoken():
                return self._announcer.ended(state, at)
            case Silence():
                renewed, commands = self._renew(state, at)
                playing, more = self._announcer.expired(renewed, at)
                return playing, (*commands, *more)
            case Placed():
                return self._announcer.placed(state, event.place, at)
            case Turned():
                return self._announcer.turned(state, at), ()
            case Digit():
                return state, (self._note("digit", digit=event.digit, ignored=True),)
            case Parted():
                # The talk began and ended without this call's knowing: the place is lost with it.
                return self._lost(state, event, 0.0, at)
            case _:
                assert_never(event)

    def _talking(self, state: Talking, event: CallEvent, at: Moment) -> Step:
        match event:
            case CallerGone():
                seconds = round(at.instant - state.since, 3)
                by = "unseen" if event.cause == Cause.UNSEEN else "caller"
                ended = self._note("ended", by=by, talked_s=seconds)
                if event.pulled_out:
                    ended = self._note("pulled_out", where="talking", talked_s=seconds)
                return Ended(), (Leave(self.call), ended)
            case Parted():
                if event.offer != state.offer:
                    return state, ()
                return self._parted(state, event, at)
            case Digit():
                return state, (self._note("digit", digit=event.digit, ignored=True),)
            case Spoken() | Silence() | Connect() | Placed() | Turned():
                return state, ()
            case _:
                assert_never(event)

    def _parted(self, state: Talking, event: Parted, at: Moment) -> Step:
        """A normal end after a real talk ends the call; after all else the caller waits again."""
        seconds = round(at.instant - state.since, 3)
        if event.cause == Cause.NORMAL_CLEARING and seconds >= SHORT_TALK_S:
            return Ended(), (self._note("ended", by="operator", talked_s=seconds), HangUp())
        return self._lost(state, event, seconds, at)

    def _lost(self, state: Waiting | Talking, event: Parted, seconds: float, at: Moment) -> Step:
        """The caller goes to the head of the queue, past the operator who was lost."""
        lost = self._note("operator_lost", talked_s=seconds, why=explain(event.cause))
        waiting, commands = self._wait(
            state.arrived,
            state.service,
            state.language,
            at=at,
            prompt=Prompt.OPERATOR_LOST,
            skip=(event.target.key,),
        )
        return waiting, (RenewFuse(), lost, *commands)

    def _wait(
        self,
        arrived: Moment,
        service: ServiceId,
        language: Language,
        *,
        at: Moment,
        prompt: str,
        transfer: Transfer | None = None,
        skip: tuple[str, ...] = (),
        handicap_s: float = 0.0,
    ) -> tuple[Waiting, tuple[Command, ...]]:
        """Rings operators first of all; the caller hears what is happening meanwhile."""
        enqueue = Enqueue(
            call=self.call,
            service=service,
            arrived=arrived.wall.timestamp(),
            head=bool(skip),
            skip=skip,
            transfer=transfer,
            number=self._number,
            handicap_s=handicap_s,
            language=language,
        )
        state = Waiting(
            arrived,
            service,
            language,
            renewal=after(at.instant, FUSE_RENEWAL_S),
            playing_since=at.instant,
            replay=after(at.instant, PLAYING_LIMIT_S),
            announcing=self._announcer.begin(at=at.instant),
            head=enqueue.head,
            handicap_s=handicap_s,
        )
        # First of all: whoever is answered soon has heard it. Who comes back has heard it before.
        told = (Prompt.RECORDED,) if self.records(service) and not skip else ()
        play = Play(language, (*told, prompt, Prompt.RINGBACK))
        return state, (enqueue, play)

    def _abandoned(self, event: CallerGone, where: str, arrived: Moment, at: Moment) -> Step:
        gone = account.gone(self.call, event, where, arrived, at)
        return Ended(), (Leave(self.call), gone)

    def _play(self, dialogue: Speaking) -> tuple[Command, ...]:
        prompts = "+".join(dialogue.prompts)
        note = self._note("prompt", prompts=prompts, language=dialogue.language)
        return Play(dialogue.language, dialogue.prompts), note

    def _pressed(self, event: Digit | Spoken) -> tuple[Command, ...]:
        return (self._note("digit", digit=event.digit),) if isinstance(event, Digit) else ()

    def _renew(self, state: _Fused, at: Moment) -> tuple[_Fused, tuple[Command, ...]]:
        if at.instant < state.renewal:
            return state, ()
        renewed = replace(state, renewal=after(at.instant, FUSE_RENEWAL_S))
        return renewed, (RenewFuse(),)

    def _note(self, what: str, **detail: str | float | bool) -> Note:
        return Note(self.call, what, detail)
