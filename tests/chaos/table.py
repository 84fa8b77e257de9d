"""What rounds have shown, for people and for machines."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.chaos.fault import Fault
from tests.chaos.gust import Storm
from tests.chaos.round import Outcome

HEAD = (
    f"{'fault':<16} {'rounds':>6} {'tried':>5} {'served':>6} {'lost':>5} {'ended':>5} "
    f"{'recover s':>9} {'slowest s':>9} {'resort':>6} {'again':>5} {'left':>5}"
)
LEGEND = """\
tried      callers who were to reach a human, whatever broke
ended      callers whose call could not outlive the fault: Asterisk was killed, say
recover s  from the end of the fault until the daemon serves new calls, at most
slowest s  from the fault, or from dialling after it, until a human, at most
resort     talks that the dialplan has made alone
again      a phone was rung anew for a caller it had been rung for
left       channels, bridges, tasks, files left over, complaints of Asterisk, laws broken"""


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The sums of one fault's rounds."""
    fates = [fate for outcome in outcomes for fate in outcome.fates]
    waits = [fate.waited_s for fate in fates if fate.waited_s is not None]
    recovered = [outcome.recovered_s for outcome in outcomes if outcome.recovered_s is not None]
    return {
        "rounds": len(outcomes),
        "tried": len(fates),
        "served": sum(not fate.reason for fate in fates),
        "lost": sum(bool(fate.reason) for fate in fates),
        "ended": sum(len(outcome.ended) for outcome in outcomes),
        "recovered": len(recovered),
        "recover_s": round(max(recovered), 2) if recovered else None,
        "slowest_s": round(max(waits), 2) if waits else None,
        "by_last_resort": sum(outcome.by_last_resort for outcome in outcomes),
        "rung_again": sum(outcome.rung_again for outcome in outcomes),
        "left": sum(len(outcome.left) for outcome in outcomes),
    }


def line(name: str, sums: Mapping[str, Any]) -> str:
    """A row of the table."""
    return (
        f"{name:<16} {sums['rounds']:>6} {sums['tried']:>5} {sums['served']:>6} {sums['lost']:>5} "
        f"{sums['ended']:>5} {_number(sums['recover_s']):>9} {_number(sums['slowest_s']):>9} "
        f"{sums['by_last_resort']:>6} {sums['rung_again']:>5} {sums['left']:>5}"
    )


def _number(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f}"


def stories(outcome: Outcome) -> Iterator[str]:
    """What went wrong in a round, line by line; nothing when nothing did."""
    place = f"{outcome.fault}, seed {outcome.seed}"
    for fate in outcome.lost:
        yield f"{place}: lost, {fate.who}: {fate.reason}"
    for left in outcome.left:
        yield f"{place}: {left}"
    if outcome.recovered_s is None:
        yield f"{place}: the daemon was not seen to serve again"


def report(
    faults: Mapping[str, Fault | Storm], outcomes: Sequence[Outcome], before: Mapping[str, Any]
) -> dict[str, Any]:
    """All of it, for machines; what was not played now stays as it was told before."""
    told: dict[str, Any] = dict(before)
    for name in dict.fromkeys(outcome.fault for outcome in outcomes):
        own = [outcome for outcome in outcomes if outcome.fault == name]
        wrong = [story for outcome in own for story in stories(outcome)]
        said = [each for outcome in own for each in outcome.told]
        told[name] = {"about": faults[name].about, **figures(own), "told": said, "wrong": wrong}
    return {name: told[name] for name in faults if name in told}
