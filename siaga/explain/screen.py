"""A story as people read it: a table of what happens, second by second, and by which rule."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from rich import box
from rich.table import Table
from rich.text import Text

from console.timeline import SENTENCES
from routing import hunt
from routing.hunt import GroupStep
from routing.note import Note
from routing.offer import OutsideTarget, Target, Transfer
from routing.operator import PersonId
from routing.reason import Reason
from routing.zone import Finding
from siaga.explain.story import STRATEGIES, Stop, Story, name_of
from siaga.terminal import out

SKIPS: Final = 12
"""People of a step who are named; --json has all."""
STEPS: Final = {
    "neighbour": "the neighbour's centre",
    "supervisor": "the agency's supervisor",
    "other_agencies": "other agencies on duty",
    "previous_shift": "the previous shift",
    "wrap_up": "the agency's operators in wrap-up",
    "post": "the post's phone",
    "outside": "a number outside",
}
BEFORE: Final = frozenset({"answered", "prompt", "digit", "slowed", "chosen", "dismissed"})
"""Notes of the dialogue that are told; the floor's are in the steps."""
LATER: Final = frozenset({"hurried", "nobody_to_ring"})
ZONES: Final = {
    Finding.INSIDE: "inside: served",
    Finding.UNKNOWN: "unknown: served, as if inside",
}


class Row(NamedTuple):
    """A line of the table: when, what, by which rule, and how it looks on a terminal."""

    after_s: float | None
    what: str
    why: str = ""
    style: str = ""


def show(story: Story, *, assumed: str) -> None:
    """All of a story.

    Args:
        story: What is told.
        assumed: What was not given and had to be assumed; "" for nothing.
    """
    seen = story.seen
    evidence, at = seen.question.evidence, seen.question.at
    caller = evidence.ani or "a hidden number"
    line = f"{at:%a %d %b %Y %H:%M:%S %z}: {caller} dials {evidence.did} on trunk {evidence.trunk}"
    out.print(Text(f"{line}, settings {seen.settings.name}"))
    if assumed:
        out.print(Text(assumed, style="yellow"))
    out.print()
    out.print(_table(story), soft_wrap=False)


def _table(story: Story) -> Table:
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    grid.add_column("after", justify="right", no_wrap=True)
    grid.add_column("what happens, if nobody answers", overflow="fold")
    grid.add_column("why", overflow="fold")
    shown = ""
    for row in _rows(story):
        after = shown if row.after_s is None else f"{row.after_s:.0f} s"
        time = "" if after == shown else after
        shown = after
        grid.add_row(time, Text(row.what, style=row.style), Text(row.why, style=row.style))
    return grid


def _rows(story: Story) -> Iterator[Row]:
    yield from _zone(story)
    for after_s, note in story.seen.notes:
        if note.what in BEFORE:
            yield _said(after_s, note)._replace(why=_why(story, note.because[:1]))
    if story.seen.place is None:
        return
    services = story.seen.settings.catalogue.services
    service = story.seen.place.service
    yield Row(
        None,
        f"waits for {service} ({services[service].label}), priority {story.priority}",
        story.seen.settings.where(("services", "services", service)),
    )
    yield from _chain(story)
    if story.seen.over_s is not None:
        yield Row(story.seen.over_s, "from the start again, until somebody answers", "", "bold")


def _zone(story: Story) -> Iterator[Row]:
    verdict, zones = story.seen.verdict, story.seen.settings.zones
    told = ZONES.get(verdict.finding, "outside: of no known neighbour, served")
    neighbour = None
    if verdict.finding is Finding.OUTSIDE and verdict.neighbour is not None:
        neighbour = zones.neighbours.get(verdict.neighbour)
    if neighbour is not None:
        hang_up = neighbour.hang_up and not verdict.by_number_only
        told = f"outside, {neighbour.name}: {neighbour.policy}{' and hang up' if hang_up else ''}"
    first, *others = verdict.because
    yield Row(0.0, f"zone: {told}", _why(story, (first,)), "bold")
    if neighbour is not None:
        path = ("zones", "neighbours", str(verdict.neighbour), "policy")
        yield Row(None, "", _why(story, (Reason(f"policy {neighbour.policy}", path),)))
    for reason in others:
        yield Row(None, "", _why(story, (reason,)), "dim")


def _chain(story: Story) -> Iterator[Row]:
    """The steps, and what the floor says meanwhile, as it comes."""
    later = [each for each in story.seen.notes if each[1].what in LATER]
    for stop in story.stops:
        while later and stop.rings and later[0][0] <= stop.rings[0].after_s:
            yield _said(*later.pop(0))
        yield from _stop(story, stop)
    yield from (_said(*each) for each in later)


def _said(after_s: float, note: Note) -> Row:
    word, sentence = SENTENCES[note.what]
    return Row(after_s, f"{word}: {sentence(dict(note.detail))}")


def _stop(story: Story, stop: Stop) -> Iterator[Row]:
    seconds = f"{hunt.ring_time_of(stop.step):g} s"
    title = STEPS.get(name_of(stop.step), "")
    if isinstance(stop.step, GroupStep):
        title = f"hunt group {stop.step.id}, {STRATEGIES[stop.step.group.strategy]}"
    after_s = stop.rings[0].after_s if stop.rings else None
    what = f"{title}: {seconds}" if stop.rings else f"{title}: rings nobody"
    yield Row(after_s, what, story.seen.settings.where(stop.path), "bold")
    for ring in stop.rings:
        own = [
            reason
            for reason in story.grounds(ring, stop.step)
            if reason.path[:4] not in {stop.path, (*stop.path, "strategy")}
            and reason not in story.chosen
        ]
        extra = ", who has to press 1" if ring.offer.confirm else ""
        yield Row(
            ring.after_s,
            f"  {_who(story, ring.offer.target)}{extra}",
            _why(story, own[:1] if isinstance(stop.step, Transfer) else own),
        )
    for skip in stop.skips[:SKIPS]:
        name = _named(story, skip.person)
        yield Row(None, f"  not {name}", _why(story, skip.because[:1]), "dim")
    if len(stop.skips) > SKIPS:
        yield Row(None, f"  and not {len(stop.skips) - SKIPS} others", "--json has all", "dim")


def _who(story: Story, target: Target) -> str:
    if isinstance(target, OutsideTarget):
        return f"{target.number} by trunk {target.trunk}"
    return f"{_named(story, target.person)} at {target.seat}"


def _named(story: Story, person: PersonId | None) -> str:
    if person is None:
        return "whoever is in the room"
    return f"{story.seen.settings.operators.people[person].name} ({person})"


def _why(story: Story, because: Iterable[Reason]) -> str:
    return "; ".join(_ground(story, reason) for reason in because)


def _ground(story: Story, reason: Reason) -> str:
    where = story.seen.settings.where(reason.path)
    return f"{reason.text} ({where})" if where else reason.text
