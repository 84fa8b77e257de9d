"""What is kept of a call with its channel, and how another run of the daemon goes on from it.

What was lost with the old run costs no caller the place: who was in the menu is listened to or
spoken to, and so is who was asked whether it is an emergency; who waited waits on with the place of
the arrival, and who talks goes on talking.
"""

from dataclasses import dataclass
from typing import assert_never

from ivr.announcement import UNWRITTEN, begin
from ivr.announcer import PLAYING_LIMIT_S
from ivr.dialogue import MenuDialogue, Tries
from ivr.prompt import Prompt
from ivr.state import Call, Dismissing, Ended, InMenu, LettingGo, Slowing, Talking, Waiting
from routing.moment import Instant, Moment, after
from routing.note import CallId
from routing.offer import Enqueue, OfferId, Target
from routing.operator import Language
from routing.service import Announcements, ServiceId

NOTHING_TRIED = Tries()


@dataclass(frozen=True, slots=True)
class Memory:
    """What is kept with the caller's channel while the call is not over.

    Attributes:
        language: The caller's.
        service: What was chosen; None while in the menu.
        head: Goes before everybody else in the queue.
        tries: What was tried in the menu.
        told: The place in the queue that the caller was told last.
        handicap_s: Of the place in the queue; before that, of who is asked whether it is an
            emergency, and does not say so.
    """

    language: Language
    service: ServiceId | None = None
    head: bool = False
    tries: Tries = NOTHING_TRIED
    told: int | None = None
    handicap_s: float = 0.0


def memory_of(call: Call) -> Memory | None:
    """What is to be kept now; None where what is kept already still holds, or does not matter."""
    match call:
        case InMenu() | Dismissing():
            return Memory(call.dialogue.language, tries=call.dialogue.tries)
        case Slowing():
            return Memory(call.dialogue.language, handicap_s=call.handicap_s)
        case Waiting():
            return Memory(
                call.language,
                call.service,
                call.head,
                handicap_s=call.handicap_s,
                told=call.announcing.told,
            )
        case Talking() | LettingGo() | Ended():
            return None
        case _:
            assert_never(call)


def menu(
    memory: Memory, arrived: Moment, dialogue: MenuDialogue, *, at: Moment, playing: bool
) -> InMenu | Slowing:
    """The caller goes on hearing the menu, or is listened to; the fuse is renewed at once.

    So does who is asked whether it is an emergency.
    """
    asked = memory.handicap_s > 0
    state = dialogue.resume(
        memory.language,
        memory.tries,
        at=at.instant,
        speaking=playing,
        prompt=Prompt.EMERGENCY if asked else Prompt.MENU,
    )
    if asked:
        return Slowing(arrived, state, at.instant, memory.handicap_s)
    return InMenu(arrived, state, renewal=at.instant)


def waiting(
    memory: Memory,
    call: CallId,
    service: ServiceId,
    arrived: Moment,
    *,
    at: Moment,
    playing: bool,
    number: str | None = None,
    announcements: Announcements = UNWRITTEN,
) -> tuple[Waiting, Enqueue]:
    """The caller waits on, with the old place in the queue; the fuse is renewed at once.

    Who hears nothing is spoken to at once, others as if they had begun to wait now.
    """
    place = Enqueue(
        call=call,
        service=service,
        arrived=arrived.wall.timestamp(),
        head=memory.head,
        number=number,
        handicap_s=memory.handicap_s,
        language=memory.language,
    )
    replay = after(at.instant, PLAYING_LIMIT_S if playing else 0.0)
    announcing = begin(
        announcements,
        at=at.instant,
        first_after_s=announcements.first_after_s if playing else 0.0,
        told=memory.told,
    )
    state = Waiting(
        arrived,
        service,
        memory.language,
        renewal=at.instant,
        playing_since=at.instant,
        replay=replay,
        announcing=announcing,
        head=memory.head,
        handicap_s=memory.handicap_s,
    )
    return state, place


def talking(
    memory: Memory,
    service: ServiceId,
    arrived: Moment,
    *,
    offer: OfferId,
    target: Target,
    since: Instant,
) -> Talking:
    """The caller and the human go on talking."""
    return Talking(arrived, service, memory.language, offer, target, since)
