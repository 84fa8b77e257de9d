"""One cell of a table: what comes of a state and an event, under which conditions.

The conditions are found, not written: of all that the samples differ in, only what the outcome
depends on is named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

NOTHING = "\N{EN DASH}"
"""What a cell shows in which nothing changes."""
OTHERWISE = "otherwise"
Point: TypeAlias = tuple[str, ...]
"""By facet, the word that holds; empty where the facet does not apply."""
Term: TypeAlias = tuple[frozenset[str], ...]
"""By facet, the words of which any one holds."""


@dataclass(frozen=True, slots=True)
class Case:
    """One sample of a state, stepped with one sample of an event.

    Attributes:
        facets: What is special about the two.
        after: The name of the state after it.
        outcome: The state after it and what is to be done, in short.
    """

    facets: Mapping[str, str]
    after: str
    outcome: str


def outcomes(cases: Sequence[Case]) -> dict[str, str]:
    """Each outcome with its condition; without one where there is only one outcome.

    Raises:
        ValueError: Two samples with the same words have different outcomes: words are missing.
    """
    every: dict[str, dict[str, None]] = {}
    for case in cases:
        for facet, word in case.facets.items():
            every.setdefault(facet, {})[word] = None
    used = {facet: tuple(every[facet]) for facet in _needed(cases, every)}
    found: dict[str, set[Point]] = {}
    for case in cases:
        point = tuple(case.facets.get(facet, "") for facet in used)
        found.setdefault(case.outcome, set()).add(point)
    if len(found) == 1:
        return dict.fromkeys(found, "")
    every_point = set().union(*found.values())
    if sum(map(len, found.values())) != len(every_point):
        raise ValueError(f"the words of the samples do not decide between {', '.join(found)}")
    terms = {
        outcome: _cover(points, every_point - points, list(used.values()))
        for outcome, points in found.items()
    }
    last = max(terms, key=lambda outcome: len(terms[outcome]))
    texts = {
        outcome: "; or ".join(_words(term, every_point, list(used.values())) for term in covering)
        for outcome, covering in terms.items()
    }
    rest = OTHERWISE if len(terms[last]) > 1 else texts[last]
    return {**{o: text for o, text in texts.items() if o != last}, last: rest}


def _needed(cases: Sequence[Case], every: Mapping[str, object]) -> list[str]:
    """The facets without which the outcome would not be certain."""
    used = list(every)
    for facet in every:
        fewer = [other for other in used if other != facet]
        seen: dict[tuple[str, ...], str] = {}
        if all(
            seen.setdefault(tuple(case.facets.get(f, "") for f in fewer), case.outcome)
            == case.outcome
            for case in cases
        ):
            used = fewer
    return used


def _cover(wanted: set[Point], others: set[Point], words: Sequence[tuple[str, ...]]) -> list[Term]:
    """Terms that hold for all the wanted points and for none of the others, as wide as can be."""
    left, terms = set(wanted), list[Term]()
    while left:
        widest = max(
            (_widened(point, others, words) for point in sorted(left)),
            key=lambda term: sum(_holds(term, point) for point in left),
        )
        terms.append(widest)
        left = {point for point in left if not _holds(widest, point)}
    for term in tuple(terms):
        others_hold = [other for other in terms if other is not term]
        if all(any(_holds(other, point) for other in others_hold) for point in wanted):
            terms.remove(term)
    return terms


def _widened(point: Point, others: set[Point], words: Sequence[tuple[str, ...]]) -> Term:
    term = tuple(frozenset((word,)) for word in point)
    for place, known in enumerate(words):
        for word in known:
            wider = (*term[:place], term[place] | {word}, *term[place + 1 :])
            if not any(_holds(wider, other) for other in others):
                term = wider
    return term


def _holds(term: Term, point: Point) -> bool:
    return all(word in words for word, words in zip(point, term, strict=True))


def _words(term: Term, points: set[Point], known: Sequence[tuple[str, ...]]) -> str:
    """The condition for people; what holds in any case is not said."""
    said = []
    for place, words in enumerate(known):
        if any(point[place] not in term[place] for point in points):
            here = {point[place] for point in points if _holds(term, point)}
            said.append("/".join(word for word in words if word in here))
    return ", ".join(filter(None, said))
