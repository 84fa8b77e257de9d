"""A broker that is away for an hour loses nothing, and costs nothing meanwhile."""

import asyncio
import gc
import threading
import tracemalloc
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import pairwise
from pathlib import Path
from time import monotonic, sleep
from typing import Self

import aiomqtt
import msgspec
import pytest
from structlog.testing import capture_logs

from journal import keeper, publisher
from journal.address import Address
from journal.broker import Broker, Secret
from journal.connection import Connection, Parcel
from journal.message import QUEUE
from journal.publisher import FIRST_PAUSE_S, LONGEST_PAUSE_S, Publisher
from journal.seal import seal
from journal.store import Kept
from sandbox.broker import Mosquitto
from sandbox.port import free_tcp_port
from sandbox.toolbox import open_toolbox
from siaga import virtual
from siaga.virtual import VirtualClock
from tests.journal.follower import Follower
from tests.journal.post import NOBODY, broker_at, posting
from tests.journal.sample import NOON, record

pytestmark = pytest.mark.timeout(300)  # a limit of waiting, on a machine that has other work

HOUR_S = 3600.0
RECORDS = 50_000
"""Of an hour in a very busy city: 2,500 calls of twenty records; in virtual time."""
REAL_RECORDS = 30_000
"""The same with processes: 1,500 calls, some 20 s of publishing."""
OF_A_CALL = 20
STEP = 1_000
"""Records that are written at a time."""
TRIES = 244
"""In an hour: pauses of 0.5, 1, 2, 4 and 8 s, then one of 15 s after the other."""
FOLLOW_S = 120.0
"""For a broker to be told of an hour, on a busy machine; it takes some 20 s."""
QUICK_S = 0.005
WARM, GROWTH_BYTES = 60, 50_000
"""What memory may grow by in all tries after so many: 200 bytes a try would be too much."""


class Ledger:
    """A store in memory, as the publisher reads it.

    Attributes:
        waiting: As the backlog's.
        most: Records that were asked for at a time, at most.
    """

    def __init__(self) -> None:
        self.waiting = self.most = 0
        self._kept: list[Kept] = []
        self._confirmed = 0

    def add(self, numbers: Sequence[int]) -> None:
        """These records happen."""
        for number in numbers:
            told = record(number, call=f"{number // OF_A_CALL}.0", detail={})
            body = seal(told).body
            self._kept.append(
                Kept(number, told.id, "w", str(told.at), told.what, told.call, body, "", ())
            )

    async def more(self) -> list[Kept]:
        """The next ones; the same again until they are confirmed."""
        found = self._kept[self._confirmed : self._confirmed + 200]
        self.waiting = len(self._kept) - self._confirmed
        self.most = max(self.most, len(found))
        return found

    async def confirm(self, told: Sequence[Kept]) -> None:
        """They are published."""
        self._confirmed += len(told)
        self.waiting = len(self._kept) - self._confirmed

    async def close(self) -> None:
        """Nothing is open."""


class Exchange:
    """What stands for broker and network: it refuses connections until it is up.

    Attributes:
        is_up: It takes them.
        tries: When somebody wanted one, seconds of the loop's clock.
        told: What it was given.
        states: What is retained at it, by topic.
    """

    def __init__(self) -> None:
        self.is_up = False
        self.tries: list[float] = []
        self.told: list[Parcel] = []
        self.states: dict[str, bytes] = {}

    def connection(self, _broker: Broker, _secret: Secret, _will: Parcel) -> "Wire":
        """One that somebody may enter."""
        return Wire(self)

    @property
    def ids(self) -> list[str]:
        """Of the records that it was told, in their order."""
        payloads = (each.payload for each in self.told if "/call/" in each.topic)
        return [msgspec.json.decode(payload)["id"] for payload in payloads]


class Wire:
    """A connection to an exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def __aenter__(self) -> Self:
        self._exchange.tries.append(asyncio.get_running_loop().time())
        if not self._exchange.is_up:
            raise aiomqtt.MqttError("[Errno 111] Connection refused")
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def send(self, parcels: Sequence[Parcel]) -> None:
        """All of them arrive."""
        self._exchange.told += parcels
        for each in parcels:
            if each.retain:
                self._exchange.states[each.topic] = each.payload

    @property
    async def messages(self) -> AsyncIterator[aiomqtt.Message]:
        """Nobody says anything."""
        await asyncio.Event().wait()
        yield  # type: ignore[misc]


def waits(seconds: float) -> bytes:
    """A state that is another one each time."""
    return msgspec.json.encode({"waiting": round(seconds)})


async def hour_of(exchange: Exchange, ledger: Ledger) -> Publisher:
    """An hour without a broker in which a city calls; then the broker is there until all is told.

    Everything about the publisher is its own, but for the network and the disk.
    """
    loop = asyncio.get_running_loop()
    clock = VirtualClock(loop, NOON)
    ours = Publisher(broker_at(1), NOBODY, Address("sqlite://"), clock.now)
    working = asyncio.create_task(ours.work())
    began, number = loop.time(), 0
    while (passed_s := loop.time() - began) < HOUR_S:
        due = int(RECORDS * passed_s / HOUR_S)
        ledger.add(range(number, due))
        number = due
        ours.show({QUEUE: waits(passed_s)})
        state = ours.report.state
        assert state == ("starting" if passed_s == 0 else "lost" if passed_s < 60 else "away")
        await asyncio.sleep(1)
    ledger.add(range(number, RECORDS))
    ours.show({QUEUE: waits(HOUR_S)})
    exchange.is_up = True
    while ours.report.published < RECORDS:  # noqa: ASYNC110 - of virtual time
        await asyncio.sleep(1)
    assert ours.report.waiting == 0
    ours.finish()
    await working
    return ours


def test_an_hour_of_refused_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """In virtual time: tries that get rarer, two lines in the log, all told once and in order."""
    exchange, ledger = Exchange(), Ledger()
    monkeypatch.setattr(publisher, "Connection", exchange.connection)
    monkeypatch.setattr(publisher, "Backlog", lambda _address: ledger)
    with capture_logs() as logs:
        virtual.run(hour_of(exchange, ledger), debug=False)
    pauses = [later - earlier for earlier, later in pairwise(exchange.tries)]
    wanted = [FIRST_PAUSE_S * 2**n for n in range(5)]
    assert pauses[:5] == pytest.approx(wanted)
    assert pauses[5:] == pytest.approx([LONGEST_PAUSE_S] * len(pauses[5:]))
    assert len(pauses) == TRIES
    assert [each["event"] for each in logs] == ["broker_away", "broker_takes_again"]
    assert exchange.ids == [f"w-{number:08d}" for number in range(RECORDS)]
    assert ledger.most == 200, "the rest stays in the store"
    assert exchange.states[f"siaga112/{QUEUE}"] == waits(HOUR_S)
    assert len(exchange.states) == 2, "the queue, and that the daemon has ended"


def test_as_many_refused_connections_leave_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real network: no socket, thread or memory for each of an hour's tries, two log lines."""
    monkeypatch.setattr(publisher, "FIRST_PAUSE_S", QUICK_S)
    monkeypatch.setattr(publisher, "LONGEST_PAUSE_S", QUICK_S)
    counted = Counted()
    monkeypatch.setattr(publisher, "Connection", counted.make)
    tracemalloc.start()
    try:
        with capture_logs() as logs, posting(tmp_path, broker_at(free_tcp_port())):
            counted.until(WARM)
            before = used()
            counted.until(WARM + TRIES)
            after = used()
    finally:
        tracemalloc.stop()
    assert after[0] - before[0] < GROWTH_BYTES
    assert after[1] <= before[1] + 1, "the one that is being tried"
    assert after[2] <= before[2] + 1
    assert [each["event"] for each in logs].count("broker_away") == 1


class Counted:
    """Makes the publisher's own connections, and counts them."""

    def __init__(self) -> None:
        self.count = 0

    def make(self, broker: Broker, secret: Secret, will: Parcel) -> Connection:
        """A connection as any other."""
        self.count += 1
        return Connection(broker, secret, will)

    def until(self, count: int) -> None:
        """Returns when there were so many."""
        in_time(lambda: self.count >= count)


def used() -> tuple[int, int, int]:
    """What this process has: bytes of memory, files and sockets that are open, and threads."""
    gc.collect()
    files = len(list(Path("/proc/self/fd").iterdir()))
    return tracemalloc.get_traced_memory()[0], files, threading.active_count()


def in_time(holds: Callable[[], object]) -> None:
    """Returns when it holds; fails when it does not within FOLLOW_S."""
    end = monotonic() + FOLLOW_S
    while not holds():
        assert monotonic() < end, "it did not happen in time"
        sleep(0.05)


def test_an_hour_of_a_busy_city_follows_when_mosquitto_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thirty thousand records: each arrives, those of a call in order, and states as they are."""
    monkeypatch.setattr(publisher, "LONGEST_PAUSE_S", 0.5)
    monkeypatch.setattr(keeper, "LOOK_S", QUICK_S)
    with (
        Mosquitto(open_toolbox()) as mosquitto,
        Follower(mosquitto.port) as follower,
        posting(tmp_path, broker_at(mosquitto.port)) as post,
    ):
        post.until("up")
        post.publisher.show({QUEUE: waits(0), "state/operator/sri": b"{}"})
        in_time(lambda: follower.last("operator/sri") == {})
        mosquitto.stop()
        post.until("lost")
        for first in range(0, REAL_RECORDS, STEP):
            post.write_calls(range(first, first + STEP), OF_A_CALL)
        post.publisher.show({QUEUE: waits(HOUR_S), "state/operator/sri": None})
        in_time(lambda: post.publisher.report.waiting == REAL_RECORDS)
        assert post.publisher.report.published == 0
        mosquitto.start()
        in_time(lambda: post.publisher.report.waiting == 0)
        assert post.publisher.report.published == REAL_RECORDS
        in_time(lambda: len(follower.told) >= REAL_RECORDS)
        in_time(lambda: len(follower.ids) == REAL_RECORDS)
        assert sorted(follower.ids) == post.wanted
        assert in_order(follower)
        with Follower(mosquitto.port, "late", "siaga112/state/#") as late:
            in_time(lambda: late.last(QUEUE))
            assert late.heard(QUEUE)[0].payload == waits(HOUR_S)
            assert late.heard("operator/sri") == []


def in_order(follower: Follower) -> bool:
    """Whether each call's records came first in the order in which they happened."""
    newest: dict[str, str] = {}
    seen: set[str] = set()
    for each in follower.told:
        if "/call/" in each.topic:
            id_ = each.value["id"]
            if id_ not in seen and id_ < newest.get(each.topic, ""):
                return False
            seen.add(id_)
            newest[each.topic] = max(id_, newest.get(each.topic, ""))
    return True
