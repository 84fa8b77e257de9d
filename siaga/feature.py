"""Feature calls: what operators dial at their phones is done, and told.

Nothing of such a call is kept for another run of the daemon but wrong PINs. What was done is in the
floor's notebook, and a phone that is still in one is sent to the dialplan's apology.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import structlog

from ivr.feature import FeatureFlow
from ivr.guard import Guard, Tries
from ivr.menu import Menu
from ivr.query import Done, Verdict
from routing.feature import Feature, Outcome, decide
from routing.floor import Floor
from routing.note import Note
from routing.offer import Noticed, PersonEvent, Seen, SignedOff, SignedOn
from routing.operator import PersonId
from routing.plan import Plan
from routing.presence import Presence
from routing.talk import Talk
from siaga.clock import Clock
from siaga.notebook import Notebook
from siaga.pin import Judge, Pins
from siaga.query import FeatureCall, channel_of_playback
from switch.asterisk import Asterisk
from switch.error import SwitchError
from switch.event import StasisStart

log = structlog.get_logger(__name__)

CONTEXT, APOLOGY = "siaga-feature", "maaf"
"""Where in the dialplan a phone hears that nobody serves it."""


class House(Protocol):
    """What feature calls need of the conductor."""

    on_marked: Callable[[Talk], None]
    """Takes each talk that was marked."""

    @property
    def floor(self) -> Floor:
        """To be looked at."""

    @property
    def plan(self) -> Plan:
        """The accepted settings of routing."""

    @property
    def menu(self) -> Menu:
        """The accepted menu; operators hear its first language."""

    def tell_floor(self, event: PersonEvent) -> None:
        """Steps the floor and sends out what it wants done."""

    def note(self, note: Note) -> None:
        """Writes to the journal."""

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Runs a task of the conductor's."""


class Features:
    """The feature calls of one Asterisk.

    Args:
        switch: Asterisk.
        clock: The only clock.
        house: Floor, settings, journal and tasks.
        notebook: Wrong PINs, of another run and for the next one.

    Attributes:
        calls: Those in progress, by channel.
        pins: Everybody's; to be replaced by who knows them.
        on_seated: Called when somebody may sit elsewhere; to be replaced by who wants to know.
    """

    def __init__(
        self, switch: Asterisk, clock: Clock, house: House, notebook: Notebook[Tries]
    ) -> None:
        self.calls: dict[str, FeatureCall] = {}
        self.pins: Judge = Pins()
        self.on_seated: Callable[[], None] = lambda: None
        self._switch = switch
        self._clock = clock
        self._house = house
        self._guard = Guard()
        self._notebook = notebook

    def open(self) -> None:
        """This process serves from now on: what was tried before at another one counts."""
        kept = self._notebook.read()
        if kept is not None:
            self._guard.restore(kept, self._clock.now())

    def welcome(self, event: StasisStart) -> None:
        """A phone has dialled a code; one that means nothing to this release is apologised for."""
        id_ = event.channel.id
        code, endpoint = (*event.args[1:3], "", "")[:2]
        try:
            feature = Feature(code)
        except ValueError:
            log.warning("code_not_known", code=code, endpoint=endpoint)
            self._house.spawn(self.apologise(id_), f"apology {id_}")
            return
        call = FeatureCall(self._switch, self._clock, id_, feature, endpoint, self)
        self.calls[id_] = call
        self._house.spawn(self._attend(call, feature, endpoint), f"feature {id_}")

    async def _attend(self, call: FeatureCall, feature: Feature, endpoint: str) -> None:
        id_ = call.channel.id
        try:
            await call.live(self._flow(feature, endpoint))
        except Exception as error:
            log.exception("feature_failed", endpoint=endpoint)
            detail = {"code": feature.value, "error": type(error).__name__}
            self._house.note(Note(None, "feature_failed", detail))
            await self.apologise(id_)
        finally:
            self.calls.pop(id_, None)

    def _flow(self, feature: Feature, endpoint: str) -> FeatureFlow:
        """Whoever dials is there: an automatic pause has ended before anything is told of it."""
        presence = self._presence(endpoint)
        if presence is not None and presence.person is not None:
            self._house.tell_floor(Seen(presence.person))
            presence = self._presence(endpoint)
        numbers = self._house.plan.operators.numbers()
        return FeatureFlow(feature, presence, numbers, self._house.menu.languages[0])

    def _presence(self, endpoint: str) -> Presence | None:
        return self._house.floor.presence(endpoint, self._clock.now())

    def know_spoken(self, playback_id: str, *, failed: bool) -> None:
        """A playback has ended."""
        call = self.calls.get(channel_of_playback(playback_id))
        if call is not None:
            call.know_spoken(playback_id, failed=failed)

    async def apologise(self, channel: str) -> None:
        """Sends a phone to the dialplan's apology; if even that fails, the fuse does."""
        try:
            await self._switch.channel(channel).continue_in_dialplan(CONTEXT, APOLOGY)
        except SwitchError as error:
            log.info("not_apologised", channel=channel, error=str(error))

    async def drain(self) -> None:
        """No phone is left with a daemon that stops."""
        await asyncio.gather(*(self.apologise(channel) for channel in tuple(self.calls)))

    def act(self, feature: Feature, endpoint: str, proved: PersonId | None) -> Done:
        """Does what was asked for; nothing happens between the decision and the deed."""
        before = self._presence(endpoint)
        decision = decide(feature, before, proved)
        if decision.event is not None:
            self._house.tell_floor(decision.event)
        if isinstance(decision.event, SignedOn | SignedOff):
            self.on_seated()
        now = self._presence(endpoint)
        if decision.outcome is Outcome.MARKED:
            self._tell_marked(before, now)
        return Done(decision.outcome, now)

    def _tell_marked(self, before: Presence | None, now: Presence | None) -> None:
        """A mark that was there already is not told again."""
        talk = None if now is None else now.talk
        if talk is not None and before is not None and talk != before.talk:
            self._house.on_marked(talk)

    async def prove(self, person: PersonId, endpoint: str, pin: str) -> Verdict:
        """Judges a PIN, unless there were too many wrong ones."""
        if not self._guard.admits(person, endpoint, self._clock.now().instant):
            return Verdict.LOCKED
        self._keep()
        verdict = await self.pins.judge(person, pin)
        if verdict is Verdict.RIGHT:
            self._guard.passed(person, endpoint)
            self._keep()
        return verdict

    def _keep(self) -> None:
        self._notebook.write(self._guard.kept(self._clock.now()))

    def tell(self, command: Noticed | Note) -> None:
        """What a call wants told that concerns no phone."""
        if isinstance(command, Note):
            self._house.note(command)
        else:
            self._house.tell_floor(command)
