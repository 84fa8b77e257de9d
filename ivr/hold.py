"""How a caller comes to wait: the place in the queue, and what is heard there."""

from collections.abc import Collection

from ivr.announcer import PLAYING_LIMIT_S, Announcer
from ivr.command import Command, Play
from ivr.fuse import FUSE_RENEWAL_S
from ivr.prompt import Prompt
from ivr.state import Waiting
from routing.moment import Moment, after
from routing.note import CallId
from routing.offer import Enqueue, Transfer
from routing.operator import Language
from routing.service import ServiceId


class Hold:
    """The waiting of one call.

    Args:
        call: The call's id.
        number: The caller's as presented; None where nobody can be told by it.
        announcer: Says what the caller is told meanwhile.
        recorded: The services whose talks are recorded.
    """

    def __init__(
        self,
        call: CallId,
        number: str | None,
        announcer: Announcer,
        recorded: Collection[ServiceId] = (),
    ) -> None:
        self._call = call
        self._recorded = recorded
        self._number = number
        self._announcer = announcer

    def begin(
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
        """Rings operators first of all; the caller hears what is happening meanwhile.

        Args:
            arrived: From when the place in the queue counts.
            service: Whose operators are rung.
            language: The caller's.
            at: Now.
            prompt: What is said before the ringing.
            transfer: A neighbour's centre, which is rung first.
            skip: Targets that lost this caller: the place is before everybody else then.
            handicap_s: How much later than `arrived` the place counts, in seconds.
        """
        enqueue = Enqueue(
            call=self._call,
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
        told = (Prompt.RECORDED,) if service in self._recorded and not skip else ()
        return state, (enqueue, Play(language, (*told, prompt, Prompt.RINGBACK)))
