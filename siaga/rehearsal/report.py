"""A rehearsal as one JSON value, and the sentences that people read of it."""

from collections.abc import Iterable
from datetime import datetime
from math import ceil, sqrt
from typing import Final

from journal.standard import NFPA, STANDARDS
from journal.wait import Served, Waits
from routing.operator import AgencyId, PersonId
from siaga.rehearsal.change import Change
from siaga.rehearsal.hour import Hour
from siaga.rehearsal.rehearsal import Rehearsal
from siaga.rehearsal.tally import Load
from siaga.roster.slot import DAYS

HOUR_S: Final = 3600.0
DECIDES: Final = 100
"""Calls below which a share of them says little: one call more or less is a percent."""


def as_json(done: Rehearsal) -> dict[str, object]:
    """All of it; the same for the same seed, but for `wall_s`."""
    tally, all_ = done.tally, done.tally.all
    worst = tally.hours.worst
    return {
        "from": done.span.start.isoformat(),
        "to": done.span.end.isoformat(),
        "seed": done.seed,
        "settings": done.settings.name,
        "calls": all_.calls,
        "reached_human": all_.answered.number,
        "abandoned": all_.given_up.number,
        "still_ringing": tally.ringing,
        "p50_answer_s": all_.answered.percentile(50),
        "p90_answer_s": all_.answered.percentile(90),
        "p99_answer_s": all_.answered.percentile(99),
        "max_wait_s": all_.longest,
        "virtual_hours": round(done.virtual_s / HOUR_S, 2),
        "wall_s": round(done.wall_s, 3),
        "violations": done.watch.count,
        "violation_details": [str(each) for each in done.watch.shown],
        "after_menu": served_as_json(tally.chosen),
        "marks": {mark.value: served_as_json(served) for mark, served in tally.marks.items()},
        "standards": [
            {
                "name": each.name,
                "percent": each.percent,
                "within_s": each.within_s,
                "from_arrival": rounded(all_.share_within(each.within_s)),
                "after_menu": rounded(tally.chosen.share_within(each.within_s)),
            }
            for each in STANDARDS
        ],
        "agencies": {agency: _agency(done, agency) for agency in done.settings.operators.agencies},
        "phones": {
            key: _load(load, None)
            for key, load in sorted(tally.loads.items())
            if not key.startswith("person:")
        },
        "steps": dict(sorted(tally.steps.items())),
        "shifts": [
            {"day": slot.day.value, "shift": slot.shift, "service": service}
            | served_as_json(served)
            for (slot, service), served in sorted(
                tally.slots.items(),
                key=lambda item: (DAYS.index(item[0][0].day), item[0][0].shift, item[0][1]),
            )
        ],
        "worst_hour": None if worst is None else _hour(worst),
    }


def served_as_json(served: Served) -> dict[str, object]:
    """Counts and waits of some calls."""
    return {
        "calls": served.calls,
        "reached_human": served.answered.number,
        "abandoned": served.given_up.number,
        **_percentiles(served.answered),
        "max_wait_s": served.longest,
        "within_10_s": rounded(served.share_within(NFPA.within_s)),
    }


def comparison_as_json(
    before: Rehearsal, after: Rehearsal, changes: Iterable[Change]
) -> dict[str, object]:
    """The two, and what is said of the calls that the changes concern."""
    return as_json(before) | {
        "changed": as_json(after),
        "changes": [
            {
                "change": str(change),
                "when": change.when,
                "services": sorted(change.services(before.settings)),
                "before": served_as_json(concerned(before, change)),
                "after": served_as_json(concerned(after, change)),
                "verdict": verdict(before, after, change),
            }
            for change in changes
        ],
    }


def concerned(done: Rehearsal, change: Change) -> Served:
    """The calls of the shifts and services that a change is about, together."""
    services = change.services(done.settings)
    found = Served()
    for (slot, service), served in done.tally.slots.items():
        if change.concerns(slot) and service in services:
            found.add(served)
    return found


def verdict(before: Rehearsal, after: Rehearsal, change: Change) -> str:
    """Whether the change is needed, or can be afforded, by NFPA 1225's answer time."""
    if not change.services(before.settings):
        return f"no service rings {change.agency} first: nothing can be told"
    own, other = concerned(before, change), concerned(after, change)
    first, second = own.share_within(NFPA.within_s), other.share_within(NFPA.within_s)
    if own.calls < DECIDES:
        return f"{own.calls} calls are too few to tell: rehearse with more --calls"
    give = ceil(200 * sqrt((first or 0.0) * (1 - (first or 0.0)) / own.calls))
    shares = (
        f"{percent(first)} (give or take {give} %) are answered within {NFPA.within_s} s, "
        f"{change} {percent(second)}"
    )
    was_met, is_met = NFPA.is_met(first), NFPA.is_met(second)
    target = f"the target of {NFPA.name} is {NFPA.percent} %"
    if change.adds:
        if was_met:
            return f"not needed: {shares}; {target}"
        return (
            f"needed, and enough: {shares}; {target}"
            if is_met
            else (f"not enough: {shares}; {target}")
        )
    if is_met:
        return f"can be spared: {shares}; {target}"
    return (
        f"cannot be spared: {shares}; {target}"
        if was_met
        else (f"too few already: {shares}; {target}")
    )


def why(hour: Hour) -> str:
    """Why an hour was the worst, in one sentence."""
    found = hour.worst
    if found is None:
        return "nobody waited"
    service, crush = found
    calls = sum(hour.calls.values())
    nuisance = sum(count for mark, count in hour.calls.items() if mark.is_nuisance)
    return (
        f"{counted(crush.at_once, f'{service} call')} at once, {crush.on_duty} on duty, "
        f"{counted(crush.unanswered, 'ring')} unanswered; "
        f"{nuisance} of {counted(calls, 'call')} in that hour were prank or ghost"
    )


def counted(number: int, what: str) -> str:
    """A number of things, for people."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def percent(share: float | None) -> str:
    """A share for people."""
    return "-" if share is None else f"{share:.0%}".replace("%", " %")


def rounded(share: float | None) -> float | None:
    """A share for machines."""
    return None if share is None else round(share, 4)


def busy_share(load: Load, on_duty_s: float) -> float | None:
    """The share of the time on duty that went into talks and what followed; None: never on duty."""
    return (load.talk_s + load.desk_s) / on_duty_s if on_duty_s else None


def load_of(done: Rehearsal, people: Iterable[PersonId]) -> tuple[Load, float]:
    """What some people had to do, and their seconds on duty."""
    found, on_duty_s = Load(), 0.0
    for person in people:
        found.add(done.tally.person(person))
        on_duty_s += done.on_duty_s.get(person, 0.0)
    return found, on_duty_s


def people_of(done: Rehearsal, agency: AgencyId) -> list[PersonId]:
    """The people of an agency, in the order of the settings."""
    return [id_ for id_, one in done.settings.operators.people.items() if one.agency == agency]


def _agency(done: Rehearsal, agency: AgencyId) -> dict[str, object]:
    people = people_of(done, agency)
    return _load(*load_of(done, people)) | {
        "people": {person: _load(*load_of(done, [person])) for person in people}
    }


def _load(load: Load, on_duty_s: float | None) -> dict[str, object]:
    told: dict[str, object] = {
        "calls": load.calls,
        "talk_s": round(load.talk_s, 1),
        "desk_s": round(load.desk_s, 1),
        "missed": load.missed,
    }
    if on_duty_s is not None:
        told["on_duty_h"] = round(on_duty_s / HOUR_S, 2)
        told["busy_share"] = rounded(busy_share(load, on_duty_s))
    return told


def _percentiles(waits: Waits) -> dict[str, object]:
    return {f"p{each}_s": waits.percentile(each) for each in (50, 90, 99)}


def _hour(hour: Hour) -> dict[str, object]:
    start: datetime = hour.start
    late, longest_s = hour.badness
    return {
        "from": start.isoformat(),
        "calls": sum(hour.calls.values()),
        "late": late,
        "longest_s": round(longest_s, 1),
        "why": why(hour),
    }
