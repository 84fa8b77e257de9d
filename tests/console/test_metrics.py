"""The figures are true, bounded, and those that dashboard, alerts and page speak of."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from console import metrics as module
from console.metrics import Metrics
from console.status import LinkState, SeatShown, Status
from tests.console.sample import ALARM, PHONE, QUIET, status, waiting
from tests.journal.sample import NOON, record

DOCS = Path(__file__).parents[2] / "docs"
NAME = re.compile(r"\b(?:siaga|process)_[a-z_]+\b")
Step: TypeAlias = tuple[str, str, float, Mapping[str, object]]


def figures(metrics: Metrics) -> dict[str, dict[frozenset[tuple[str, str]], float]]:
    """What a scrape finds: values by name and labels."""
    body, media_type = metrics.page()
    assert media_type.startswith("text/plain")
    found: dict[str, dict[frozenset[tuple[str, str]], float]] = {}
    for family in text_string_to_metric_families(body.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[frozenset(sample.labels.items())] = sample.value
    return found


def figure(metrics: Metrics, name: str, **labels: str) -> float | None:
    """One of them; None when there is none."""
    return figures(metrics).get(name, {}).get(frozenset(labels.items()))


def counted(*steps: Step, of: Status = QUIET) -> Metrics:
    """Figures after these records: name, call, offset, facts."""
    metrics = Metrics(lambda: of)
    for number, (what, call, offset_s, detail) in enumerate(steps):
        metrics.take(
            record(number, what, at=NOON, call=call, offset_s=offset_s, detail=dict(detail))
        )
    return metrics


ARRIVED = ("arrived", "a", 0.0, {"how": "new"})
ZONE = ("zone", "a", 0.0, {"verdict": "inside"})
CHOSEN = ("chosen", "a", 4.0, {"service": "medis"})
BRIDGED = ("bridged", "a", 9.5, {"target": "person:sri"})
ENDED = ("ended", "a", 60.0, {"by": "caller"})


def test_a_call_is_counted_once_with_service_zone_and_outcome() -> None:
    """When this daemon has done with it."""
    metrics = counted(ARRIVED, ZONE, CHOSEN, BRIDGED)
    assert figure(metrics, "siaga_arrivals_total") == 1
    assert "siaga_calls_total" not in figures(metrics)
    whole = counted(ARRIVED, ZONE, CHOSEN, BRIDGED, ENDED)
    labels = {"service": "medis", "zone": "inside", "outcome": "ended", "answered": "yes"}
    assert figure(whole, "siaga_calls_total", **labels) == 1
    assert figure(whole, "siaga_records_total", record="bridged") == 1


def test_the_answer_time_is_that_of_the_first_human() -> None:
    """A second operator, after the first one was lost, is no second answer."""
    lost: Step = ("operator_lost", "a", 20.0, {})
    again = ("bridged", "a", 25.0, {"target": "person:bayu"})
    metrics = counted(ARRIVED, CHOSEN, BRIDGED, lost, again, ENDED)
    assert figure(metrics, "siaga_answer_seconds_count", service="medis") == 1
    assert figure(metrics, "siaga_answer_seconds_sum", service="medis") == pytest.approx(9.5)
    for bound, count in (("5.0", 0), ("10.0", 1), ("15.0", 1), ("20.0", 1)):
        name = "siaga_answer_seconds_bucket"
        assert figure(metrics, name, service="medis", le=bound) == count


def test_who_hangs_up_in_the_menu_has_no_service_and_no_answer() -> None:
    """The abandoned are counted all the same."""
    metrics = counted(ARRIVED, ZONE, ("abandoned", "a", 2.0, {}))
    labels = {"service": "none", "zone": "inside", "outcome": "abandoned", "answered": "no"}
    assert figure(metrics, "siaga_calls_total", **labels) == 1
    assert "siaga_answer_seconds_count" not in figures(metrics)


def test_who_was_adopted_in_a_talk_was_answered_before() -> None:
    """Their answer time is not this process's to tell."""
    adopted = ("adopted", "a", 90.0, {"stage": "talking", "service": "lalin"})
    metrics = counted(adopted, BRIDGED, ENDED)
    labels = {"service": "lalin", "zone": "none", "outcome": "ended", "answered": "yes"}
    assert figure(metrics, "siaga_calls_total", **labels) == 1
    assert figure(metrics, "siaga_arrivals_total") == 0
    assert "siaga_answer_seconds_count" not in figures(metrics)


def test_calls_whose_end_is_never_told_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest is forgotten."""
    monkeypatch.setattr(module, "CALLS", 2)
    arrived = [("arrived", str(number), 0.0, {"how": "new"}) for number in range(5)]
    metrics = counted(*arrived, ("ended", "0", 1.0, {}), ("ended", "4", 1.0, {}))
    assert figure(metrics, "siaga_arrivals_total") == 5
    assert sum(figures(metrics)["siaga_calls_total"].values()) == 1


def test_a_record_of_no_call_is_counted_by_name() -> None:
    """As the daemon's start is."""
    metrics = Metrics(lambda: QUIET)
    metrics.take(record(1, "daemon_started", at=NOON, call=None))
    assert figure(metrics, "siaga_records_total", record="daemon_started") == 1


def test_what_is_now_is_that_of_the_status() -> None:
    """Who waits and how long, who is ready, what is wrong."""
    busy = replace(
        status(alarms=(ALARM,), fuse_renewals=7),
        calls={"a": waiting(40.0), "b": waiting(5.0, service="damkar"), "c": waiting(1.0)},
        stages={"waiting": 3},
        queue=("a", "b", "c"),
    )
    metrics = Metrics(lambda: busy)
    assert figure(metrics, "siaga_waiting_callers", service="medis") == 2
    assert figure(metrics, "siaga_waiting_callers", service="damkar") == 1
    assert figure(metrics, "siaga_oldest_waiting_seconds") == pytest.approx(40.0)
    assert figure(metrics, "siaga_callers", stage="waiting") == 3
    assert figure(metrics, "siaga_operators", agency="medis", state="ready") == 1
    assert figure(metrics, "siaga_operators", agency="medis", state="busy") == 0
    assert figure(metrics, "siaga_alarm", alarm="disk_full") == 1
    assert figure(metrics, "siaga_fuse_renewals_total") == 7
    assert figure(metrics, "siaga_post_phone", state="ready") == 1
    assert figure(Metrics(lambda: QUIET), "siaga_oldest_waiting_seconds") == 0


def test_an_operator_is_as_ready_as_the_best_phone() -> None:
    """Who has no phone at all cannot be reached."""
    agency = QUIET.agencies["medis"]
    off = replace(PHONE, state=SeatShown.UNREACHABLE)
    for phones, state in (((off, PHONE), "ready"), ((off,), "unreachable"), ((), "unreachable")):
        person = replace(agency.operators[0], phones=phones)
        agencies = {"medis": replace(agency, operators=(person,))}
        metrics = counted(of=status(agencies=agencies))
        assert figure(metrics, "siaga_operators", agency="medis", state=state) == 1


def test_an_asterisk_that_is_away_shows() -> None:
    """No heartbeat is no figure: an age of nothing would look like a fresh one."""
    away = status(
        ready=False,
        asterisk=replace(QUIET.asterisk, state=LinkState.DOWN, version=None),
        heartbeat_age_s=None,
    )
    metrics = Metrics(lambda: away)
    assert figure(metrics, "siaga_ready") == figure(metrics, "siaga_asterisk_up") == 0
    assert "siaga_heartbeat_age_seconds" not in figures(metrics)
    assert figure(metrics, "siaga_info", version="0.1.0", asterisk="none") == 1


def test_requests_and_lag_are_histograms() -> None:
    """By method and result."""
    metrics = Metrics(lambda: QUIET)
    metrics.take_request("POST", "204", 0.0015)
    metrics.take_request("POST", "unreachable", 5.0)
    metrics.take_lag(0.004)
    name = "siaga_ari_request_seconds_count"
    assert figure(metrics, name, method="POST", result="204") == 1
    assert figure(metrics, name, method="POST", result="unreachable") == 1
    assert figure(metrics, "siaga_event_lag_seconds_bucket", le="0.005") == 1


@pytest.fixture
def names() -> frozenset[str]:
    """All that a scrape can find, of a daemon to which everything has happened."""
    of = status(
        calls={"a": waiting(1.0)},
        stages={"waiting": 1},
        queue=("a",),
        alarms=(ALARM,),
        spool=replace(QUIET.spool, shed={"other": 1}),
    )
    metrics = counted(ARRIVED, ZONE, CHOSEN, BRIDGED, ENDED, of=of)
    metrics.take_request("GET", "200", 0.001)
    return frozenset(name for name in figures(metrics) if not name.endswith("_created"))


def expressions() -> Iterator[str]:
    """What dashboard and alerts ask for."""
    dashboard = json.loads((DOCS / "monitoring" / "dashboard.json").read_text())
    for panel in dashboard["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    rules = YAML(typ="safe").load(DOCS / "monitoring" / "alerts.yaml")
    for group in rules["groups"]:
        yield from (rule["expr"] for rule in group["rules"])


def test_dashboard_and_alerts_ask_for_what_there_is(names: frozenset[str]) -> None:
    """A figure that was renamed leaves no panel empty, and no alert silent."""
    asked = {name for expression in expressions() for name in NAME.findall(expression)}
    assert len(asked) > 15
    assert asked - names == set()


def test_each_figure_has_its_line_in_the_page(names: frozenset[str]) -> None:
    """And the page has none that does not exist."""
    page = (DOCS / "metrics.md").read_text()
    told = {name for name in NAME.findall(page) if not name.startswith("process_")}
    own = {re.sub(r"_(bucket|sum|count)$", "", name) for name in names if name.startswith("siaga")}
    assert told == own


def test_alerts_say_what_to_do() -> None:
    """Each has a severity, a summary and an action."""
    rules = YAML(typ="safe").load(DOCS / "monitoring" / "alerts.yaml")
    for rule in rules["groups"][0]["rules"]:
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert {"summary", "action"} <= rule["annotations"].keys()
