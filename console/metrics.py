"""Figures for Prometheus: what has been, as a projection of the records; what is, from the status.

docs/metrics.md has each of them. Names and units follow Prometheus's own rules
(https://prometheus.io/docs/practices/naming/): base units, `_total` for what only grows.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client import Counter as Total
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from console.board import CALLS, NEW
from console.status import LinkState, OperatorShown, SeatShown, Status
from journal.record import ENDINGS, Record
from journal.standard import TIMES_S

ANSWER_BUCKETS_S: Final = (1, 2, 5, *TIMES_S, 30, 45, 60, 90, 120, 180, 300, 600)
"""The standards' times are among them: no other bound can be asked of a histogram."""
REQUEST_BUCKETS_S: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
"""A request takes about a millisecond, and is given up after five seconds."""
LAG_BUCKETS_S: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1)
"""A second is as long as a heartbeat waits."""
NONE: Final = "none"
"""The service of who has chosen none, and the verdict on who came before this process."""
STATES: Final = tuple(state.value for state in SeatShown)


class Metrics:
    """All figures of one daemon, in a registry of their own.

    Args:
        status: What is now.
    """

    def __init__(self, status: Callable[[], Status]) -> None:
        self._registry = registry = CollectorRegistry()
        self._calls: dict[str, _Call] = {}
        self._arrived = Total("siaga_arrivals", "New callers.", registry=registry)
        self._ended = Total(
            "siaga_calls",
            "Calls that this daemon has done with; answered: reached a human.",
            ("service", "zone", "outcome", "answered"),
            registry=registry,
        )
        self._answer = Histogram(
            "siaga_answer_seconds",
            "From arrival to the first human, menu included.",
            ("service",),
            buckets=ANSWER_BUCKETS_S,
            registry=registry,
        )
        self._records = Total("siaga_records", "Records, by name.", ("record",), registry=registry)
        self._request = Histogram(
            "siaga_ari_request_seconds",
            "Requests to Asterisk; result is the HTTP status, or unreachable.",
            ("method", "result"),
            buckets=REQUEST_BUCKETS_S,
            registry=registry,
        )
        self._lag = Histogram(
            "siaga_event_lag_seconds",
            "A user event's way through Asterisk and back, behind all events before it.",
            buckets=LAG_BUCKETS_S,
            registry=registry,
        )
        registry.register(_Now(status))
        ProcessCollector(registry=registry)

    def take(self, record: Record) -> None:
        """Counts a record."""
        self._records.labels(record.what).inc()
        id_ = record.call
        if id_ is None:
            return
        if record.what in {"arrived", "adopted"}:
            self._calls[id_] = _Call()
            if record.detail.get("how") == NEW:
                self._arrived.inc()
            if len(self._calls) > CALLS:
                del self._calls[next(iter(self._calls))]
        call = self._calls.get(id_)
        if call is None:
            return
        call.take(record)
        if record.what == "bridged" and not call.is_answered:
            call.is_answered = True
            if record.offset_s is not None:
                self._answer.labels(call.service).observe(record.offset_s)
        if record.what in ENDINGS:
            del self._calls[id_]
            answered = "yes" if call.is_answered else "no"
            self._ended.labels(call.service, call.zone, record.what, answered).inc()

    def take_request(self, method: str, result: str, seconds: float) -> None:
        """Counts a request to Asterisk.

        Args:
            method: HTTP's.
            result: HTTP's status, or why there is none.
            seconds: Until its answer.
        """
        self._request.labels(method, result).observe(seconds)

    def take_lag(self, seconds: float) -> None:
        """Counts an event that has come back."""
        self._lag.observe(seconds)

    def page(self) -> tuple[bytes, str]:
        """All of it in Prometheus's text form, and that form's media type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST


class _Call:
    """What a call's labels will be."""

    __slots__ = ("is_answered", "service", "zone")

    def __init__(self) -> None:
        self.service = NONE
        self.zone = NONE
        self.is_answered = False

    def take(self, record: Record) -> None:
        detail = record.detail
        match record.what:
            case "zone":
                self.zone = str(detail.get("verdict", NONE))
            case "chosen" | "queued" | "resumed" | "adopted":
                self.service = str(detail.get("service") or NONE)
                # Of who was adopted in a talk, the answer is another process's figure.
                self.is_answered |= detail.get("stage") == "talking"


class _Now(Collector):
    """What is at the moment of a scrape."""

    def __init__(self, status: Callable[[], Status]) -> None:
        self._status = status

    def describe(self) -> Iterable[Metric]:
        """Nothing in advance: there is no status before the daemon is put together."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """The gauges, from one status."""
        status = self._status()
        yield _one("siaga_ready", "1 when new callers are served by this daemon.", status.ready)
        is_up = status.asterisk.state is LinkState.UP
        yield _one("siaga_asterisk_up", "1 while Asterisk's events flow.", is_up)
        if status.heartbeat_age_s is not None:
            text = "Since Asterisk last heard that calls are served; 3 s are too long."
            yield _one("siaga_heartbeat_age_seconds", text, status.heartbeat_age_s)
        info = GaugeMetricFamily("siaga_info", "Always 1.", labels=("version", "asterisk"))
        info.add_metric((status.version, status.asterisk.version or NONE), 1)
        yield info
        yield _counted("siaga_callers", "Callers, by what they do.", "stage", status.stages)
        yield from _waiting(status)
        yield from _operators(status)
        alarms = {alarm.what: 1 for alarm in status.alarms}
        yield _counted("siaga_alarm", "1 for each alarm that stands.", "alarm", alarms)
        text = "Records in memory that are not on the disk yet."
        yield _one("siaga_spool_records", text, status.spool.waiting)
        text = "Bytes of the spool on the disk that the store does not have yet."
        yield _one("siaga_spool_behind_bytes", text, status.spool.behind)
        yield from _outbox(status)
        shed = status.spool.shed
        yield _grown("siaga_records_shed", "Records that are lost, by class.", "class", shed)
        yield from _connection(status)


def _waiting(status: Status) -> Iterator[Metric]:
    queue = [status.calls[id_] for id_ in status.queue if id_ in status.calls]
    services = Counter(call.service or NONE for call in queue)
    yield _counted("siaga_waiting_callers", "Who waits for a human.", "service", services)
    longest = max(((status.at - call.since).total_seconds() for call in queue), default=0.0)
    text = "How long ago who waits longest has arrived."
    yield _one("siaga_oldest_waiting_seconds", text, longest)


def _outbox(status: Status) -> Iterator[Metric]:
    """Nothing where nothing is published."""
    broker = status.broker
    if broker is not None:
        is_up = broker.state == "up"
        yield _one("siaga_mqtt_up", "1 while the broker takes what is published.", is_up)
        text = "Records in the store that the broker has not confirmed yet."
        yield _one("siaga_outbox_records", text, broker.waiting)


def _operators(status: Status) -> Iterator[Metric]:
    gauge = GaugeMetricFamily(
        "siaga_operators",
        "Operators on duty, by the best of their phones.",
        labels=("agency", "state"),
    )
    for id_, agency in status.agencies.items():
        states = Counter(_state_of(operator) for operator in agency.operators)
        for state in STATES:
            gauge.add_metric((id_, state), states[state])
    yield gauge
    post = {state: int(status.post.state.value == state) for state in STATES}
    yield _counted("siaga_post_phone", "1 for the state of the post's phone.", "state", post)


def _state_of(operator: OperatorShown) -> str:
    """Ready if any phone is; who has none is not to be reached."""
    states = {phone.state.value for phone in operator.phones}
    return next((state for state in STATES if state in states), SeatShown.UNREACHABLE.value)


def _connection(status: Status) -> Iterator[Metric]:
    asterisk = status.asterisk
    for name, text, value in (
        ("siaga_asterisk_connects", "Event streams that were opened.", asterisk.connects),
        ("siaga_events_unknown", "Events of no known kind.", asterisk.unknown_events),
        ("siaga_events_malformed", "Events that could not be read.", asterisk.malformed_events),
        ("siaga_fuse_renewals", "Fuses that were renewed.", status.fuse_renewals),
    ):
        yield CounterMetricFamily(name, text, value=value)


def _one(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=float(value))


def _counted(name: str, text: str, label: str, values: Mapping[str, int]) -> Metric:
    gauge = GaugeMetricFamily(name, text, labels=(label,))
    for key, value in values.items():
        gauge.add_metric((key,), value)
    return gauge


def _grown(name: str, text: str, label: str, values: Mapping[str, int]) -> Metric:
    total = CounterMetricFamily(name, text, labels=(label,))
    for key, value in values.items():
        total.add_metric((key,), value)
    return total
