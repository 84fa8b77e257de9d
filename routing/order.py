"""In which order a hunt group's operators are rung: the strategies of Asterisk's `app_queue`.

As its `calc_metric` does, penalties come first and the strategy decides among equals; `wrandom` has
only the penalty as its weight. Where this differs from Asterisk, and why:

* `ringall` rings everybody whom the penalty limit lets, not only those of the lowest penalty: a
  caller in need is not to wait out a ring time for a preference. Who is to be spared has a limit.
* `linear` and `ringall` go by the group's agencies first: that is the order of the settings.
* Last talk and number of talks are a person's, not a group's, and the number is counted from the
  begin of the turn of duty: who comes back from leave is not given every call for days.
* Who speaks the caller's language goes before who does not, whatever the penalties; nobody is left
  out for a language, and a group that rings all at once rings all of them.
* Who was rung and did not answer is passed over until the chain starts over, with all strategies.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, assert_never

from routing.draw import Draw
from routing.history import History
from routing.hunt import Candidate
from routing.operator import Language, Person, PersonId
from routing.service import GroupId, Strategy

Rank: TypeAlias = tuple[float, float]
"""Who has the lower one is rung first: mostly penalty, then what the strategy goes by."""


class Order:
    """Puts the operators of a group in order.

    Args:
        history: What they have done so far.
        draw: For `random` and `wrandom`.
    """

    def __init__(self, history: History, draw: Draw) -> None:
        self._history = history
        self._draw = draw

    def sort(
        self,
        group: GroupId,
        strategy: Strategy,
        everybody: Sequence[Candidate],
        free: Sequence[Candidate],
        people: Mapping[PersonId, Person],
        language: Language | None = None,
    ) -> Sequence[Candidate]:
        """Those who are free, first to be rung first.

        Args:
            group: The hunt group, for the memory of `rrmemory`.
            strategy: How it rings.
            everybody: All of the group who are on duty, in the order of the settings.
            free: Those of them who can be rung now, in the same order.
            people: Their penalties and languages.
            language: The caller's; who speaks it goes before who does not.
        """
        if len(free) < 2:  # noqa: PLR2004 - one is in order
            return free
        ranked = self._ranked(group, strategy, everybody, free, people)
        if language is None or strategy is Strategy.RINGALL:
            return ranked
        return sorted(ranked, key=lambda candidate: not speaks(candidate, language, people))

    def _ranked(
        self,
        group: GroupId,
        strategy: Strategy,
        everybody: Sequence[Candidate],
        free: Sequence[Candidate],
        people: Mapping[PersonId, Person],
    ) -> Sequence[Candidate]:
        rank_of = self._ranking(group, strategy, everybody)
        if rank_of is None:
            return free
        ranks: dict[PersonId | None, Rank] = {}
        for candidate in free:
            if candidate.person not in ranks:
                penalty = 0 if candidate.person is None else people[candidate.person].penalty
                ranks[candidate.person] = rank_of(candidate, penalty)
        return sorted(free, key=lambda candidate: ranks[candidate.person])

    def _ranking(
        self, group: GroupId, strategy: Strategy, everybody: Sequence[Candidate]
    ) -> Callable[[Candidate, int], Rank] | None:
        """The rank of a candidate with a penalty; None: the order of the settings."""
        match strategy:
            case Strategy.RINGALL | Strategy.LINEAR:
                return None
            case Strategy.RRMEMORY:
                places = _places_after(self._history.rung_last(group), everybody)
                return lambda candidate, penalty: (penalty, places[candidate.person])
            case Strategy.LEASTRECENT:
                return lambda candidate, penalty: (penalty, self._last(candidate))
            case Strategy.FEWESTCALLS:
                return lambda candidate, penalty: (penalty, self._calls(candidate))
            case Strategy.RANDOM:
                return lambda _, penalty: (penalty, self._draw())
            case Strategy.WRANDOM:
                return lambda _, penalty: ((1 + penalty) * self._draw(), 0)
            case _:
                assert_never(strategy)

    def _last(self, candidate: Candidate) -> float:
        return 0.0 if candidate.person is None else self._history.work_of(candidate.person).last

    def _calls(self, candidate: Candidate) -> int:
        duty = candidate.duty
        return 0 if duty is None else self._history.calls_of(duty.person, duty.start.timestamp())


def speaks(
    candidate: Candidate, language: Language | None, people: Mapping[PersonId, Person]
) -> bool:
    """Whether the operator speaks it; of an unknown language or person nothing else is known."""
    person = candidate.person
    return language is None or person is None or language in people[person].languages


def _places_after(
    last: PersonId | None, everybody: Sequence[Candidate]
) -> dict[PersonId | None, int]:
    """By person, how far behind who was rung last; from the front if that one is not on duty."""
    people = list(dict.fromkeys(candidate.person for candidate in everybody))
    first = people.index(last) + 1 if last in people else 0
    return {person: place for place, person in enumerate((*people[first:], *people[:first]))}
