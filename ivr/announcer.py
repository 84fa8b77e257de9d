"""Speaks to a waiting caller: ringing is what is heard whenever nothing is to be said.

What falls due within `APART_S` is said in one breath, so that no words cut off others, and there is
ringing between them. Nothing here is waited for by anybody: a human who answers interrupts it.
"""

from dataclasses import replace

from ivr.announcement import Announcing, begin, due
from ivr.command import AskPlace, Command, Play
from ivr.prompt import HIGHEST_PLACE, Prompt, position
from ivr.state import Waiting
from routing.moment import Instant, Moment, after
from routing.note import CallId, Note
from routing.service import Announcements

APART_S = 15.0
"""From the begin of words to that of the next, at least; the longest shipped ones take about 10."""
ANSWER_S = 1.0
"""For the place to be told, which takes no time; then it is done without."""
REPLAY_PAUSE_S = 5.0
"""What ends sooner than this is broken; it is not tried again before."""
PLAYING_LIMIT_S = 60.0
"""Ringing whose end is never told counts as ended then; a whole one takes about 45 s."""


class Announcer:
    """The rules of what one call's waiting caller hears.

    Args:
        call: The call's id.
        rules: What the administrator wrote.
    """

    def __init__(self, call: CallId, rules: Announcements) -> None:
        self._call = call
        self._rules = rules

    def begin(self, *, at: Instant) -> Announcing:
        """The waiting begins, with words of its own."""
        return begin(self._rules, at=at, first_after_s=self._rules.first_after_s)

    def ended(self, state: Waiting, at: Moment) -> tuple[Waiting, tuple[Command, ...]]:
        """What was heard has ended, and all of it goes on."""
        soonest = after(state.playing_since, REPLAY_PAUSE_S)
        if at.instant < soonest:
            return replace(state, replay=soonest), ()
        return self._play(replace(state, replay=at.instant), at)

    def expired(self, state: Waiting, at: Moment) -> tuple[Waiting, tuple[Command, ...]]:
        """A deadline of the call has come, which may be one of these or not."""
        if at.instant < due(state.announcing, state.replay):
            return state, ()
        return self._play(state, at)

    def placed(
        self, state: Waiting, place: int | None, at: Moment
    ) -> tuple[Waiting, tuple[Command, ...]]:
        """The place is told; an answer that is too late means nothing."""
        return (state, ()) if state.announcing.asked is None else self._say(state, place, at)

    def turned(self, state: Waiting, at: Moment) -> Waiting:
        """Others are rung: the caller is told, once, and when the last words are heard."""
        announcing = state.announcing
        if announcing.turned or not self._rules.turned:
            return state
        turn = max(at.instant, after(announcing.spoken, APART_S))
        return replace(state, announcing=replace(announcing, turned=True, turn=turn))

    def _play(self, state: Waiting, at: Moment) -> tuple[Waiting, tuple[Command, ...]]:
        """Says what is due; if that is the place, it is asked for first."""
        announcing = state.announcing
        if announcing.asked is not None or not _is_near(announcing.position, at):
            return self._say(state, None, at)
        asking = replace(announcing, asked=after(at.instant, ANSWER_S))
        return replace(state, announcing=asking), (AskPlace(HIGHEST_PLACE + 1),)

    def _say(
        self, state: Waiting, place: int | None, at: Moment
    ) -> tuple[Waiting, tuple[Command, ...]]:
        """Words if any are due, and ringing behind them, or where there is none any more."""
        is_silent = state.replay <= at.instant
        announcing, words = self._words(state.announcing, place, at, is_silent=is_silent)
        said = replace(state, announcing=announcing)
        if not (words or is_silent):
            return said, ()
        ringing = after(at.instant, PLAYING_LIMIT_S)
        said = replace(said, playing_since=at.instant, replay=ringing)
        play = Play(state.language, (*words, Prompt.RINGBACK))
        if not words:
            return said, (play,)
        return said, (Note(self._call, "announced", {"prompts": "+".join(words)}), play)

    def _words(
        self, state: Announcing, place: int | None, at: Moment, *, is_silent: bool
    ) -> tuple[Announcing, tuple[str, ...]]:
        """What is said now, each of which has its next time then."""
        rules = self._rules
        turns, counts = _is_near(state.turn, at), _is_near(state.position, at)
        apologises = _is_near(state.apology, at) or (is_silent and rules.apology_every_s is None)
        told = _told(state.told, place) if counts else None
        words: list[str] = []
        if turns or apologises:
            words.append(Prompt.TURNED if turns else Prompt.WAITING)
        if told is not None:
            words.append(position(told))
        following = Announcing(
            spoken=at.instant if words else state.spoken,
            position=_next(state.position, rules.position_every_s, at),
            apology=_next(state.apology, rules.apology_every_s, at),
            turn=None if turns else state.turn,
            turned=state.turned,
            told=state.told if told is None else told,
        )
        return following, tuple(words)


def _is_near(when: Instant | None, at: Moment) -> bool:
    return when is not None and when <= after(at.instant, APART_S)


def _next(when: Instant | None, every_s: float | None, at: Moment) -> Instant | None:
    """An interval after it was due where it is said early, so that on average it keeps to it."""
    if when is None or every_s is None or not _is_near(when, at):
        return when
    return after(max(when, at.instant), every_s)


def _told(before: int | None, place: int | None) -> int | None:
    """The place to be told: one that is known, and not worse than what the caller was told."""
    if place is None or (before is not None and place > before):
        return None
    return place
