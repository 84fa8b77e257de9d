"""One call from its arrival to its end: a step between the states of `ivr/state.py`.

    greeting ─────▶ Waiting ──connected──▶ Talking ──hung up──▶ LettingGo ──gone──▶ Ended
       │               ▲                      │                    ▲
       │               └──operator was lost───┘                    │   (a caller who
       └──not served, told, and no key was pressed─────────────────┘    hangs up: Ended)

`ivr/greeting.py` has what comes before waiting, `ivr/hold.py` how waiting begins, `ivr/release.py`
the end. The fuse burns, and is renewed, until a human has answered.
"""

from collections.abc import Collection
from typing import assert_never

from ivr import account, release
from ivr.announcement import UNWRITTEN, Placed, Turned
from ivr.announcer import Announcer
from ivr.command import Answer, Join, RenewFuse
from ivr.dialogue import Digit, MenuDialogue, Silence, Spoken
from ivr.fuse import renewed
from ivr.greeting import Greeting
from ivr.hold import Hold
from ivr.prompt import Prompt, connecting
from ivr.state import (
    Call,
    CallerGone,
    CallEvent,
    Dismissing,
    Ended,
    InMenu,
    LettingGo,
    Slowing,
    Step,
    Talking,
    Waiting,
)
from routing.cause import Cause, explain
from routing.moment import Moment
from routing.note import CallId, Note
from routing.offer import SHORT_TALK_S, Connect, Leave, Parted, Transfer
from routing.operator import Language
from routing.reason import Reason
from routing.service import Announcements, ServiceId
from routing.throttle import Slowed


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
        self._arrived = arrived
        self._default = default
        self._announcer = Announcer(call, announcements)
        self._hold = Hold(call, number, self._announcer, recorded)
        self._greeting = Greeting(call, menu, default, self._hold)

    def records(self, service: ServiceId) -> bool:
        """Whether talks about a service are recorded, as this call's caller is told."""
        return service in self._recorded

    def begin(self, *, at: Moment, announce: bool = False) -> Step:
        """The caller is answered and hears the menu, after a word on the zone if asked for."""
        return self._greeting.menu(self._arrived or at, at=at, announce=announce)

    def dismiss(self, because: tuple[Reason, ...], *, at: Moment) -> Step:
        """The caller is told that another centre is theirs, and hung up on unless a key comes."""
        return self._greeting.dismiss(self._arrived or at, because, at=at)

    def slow(self, slowed: Slowed, *, at: Moment, announce: bool = False) -> Step:
        """The caller is asked whether it is an emergency, after a word on the zone if asked for."""
        return self._greeting.slow(self._arrived or at, slowed, at=at, announce=announce)

    def transfer(self, language: Language, transfer: Transfer, *, at: Moment) -> Step:
        """The caller belongs to a neighbour: its centre is rung first, then the default service."""
        state, commands = self._hold.begin(
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
        state, commands = self._hold.begin(arrived, service, language, at=at, prompt=prompt)
        return state, (Answer(), self._note("resumed", service=service), *commands)

    def step(self, state: Call, event: CallEvent, *, at: Moment) -> Step:
        """The state after `event`, and what is to be done; what means nothing changes nothing."""
        match state:
            case InMenu() | Dismissing() | Slowing():
                return self._greeting.step(state, event, at=at)
            case Waiting():
                return self._waiting(state, event, at)
            case Talking():
                return self._talking(state, event, at)
            case LettingGo():
                return release.step(state, event, at=at)
            case Ended():
                return state, ()
            case _:
                assert_never(state)

    def _waiting(self, state: Waiting, event: CallEvent, at: Moment) -> Step:
        match event:
            case CallerGone():
                return account.abandoned(self.call, event, "waiting", state.arrived, at)
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
                fused, commands = renewed(state, at)
                playing, more = self._announcer.expired(fused, at)
                return playing, (*commands, *more)
            case Placed():
                return self._announcer.placed(state, event.place, at)
            case Turned():
                return self._announcer.turned(state, at), ()
            case Digit():
                return state, (account.ignored(self.call, event.digit),)
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
                return state, (account.ignored(self.call, event.digit),)
            case Spoken() | Silence() | Connect() | Placed() | Turned():
                return state, ()
            case _:
                assert_never(event)

    def _parted(self, state: Talking, event: Parted, at: Moment) -> Step:
        """A normal end after a real talk ends the call; after all else the caller waits again."""
        seconds = round(at.instant - state.since, 3)
        if event.cause == Cause.NORMAL_CLEARING and seconds >= SHORT_TALK_S:
            ended = self._note("ended", by="operator", talked_s=seconds)
            return release.begin(ended, at=at)
        return self._lost(state, event, seconds, at)

    def _lost(self, state: Waiting | Talking, event: Parted, seconds: float, at: Moment) -> Step:
        """The caller goes to the head of the queue, past the operator who was lost."""
        lost = self._note("operator_lost", talked_s=seconds, why=explain(event.cause))
        waiting, commands = self._hold.begin(
            state.arrived,
            state.service,
            state.language,
            at=at,
            prompt=Prompt.OPERATOR_LOST,
            skip=(event.target.key,),
        )
        return waiting, (RenewFuse(), lost, *commands)

    def _note(self, what: str, **detail: str | float | bool) -> Note:
        return Note(self.call, what, detail)
