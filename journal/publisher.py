"""Publishes over MQTT: records from the store, and what is now, as long as there is a broker.

    store ──records after the place──▶ broker ──confirmed──▶ the place moves
    daemon ──states──▶ broker (retained)         broker ──commands──▶ daemon ──▶ answer

A thread with a loop of its own, in the process that keeps the store (siaga/clerk.py): no call waits
for it. Each connection is a new one (aiomqtt does not come back by itself); the tries get rarer
while the broker is away or refuses. A record counts as published when the broker has confirmed it.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import aiomqtt
import structlog

from journal.address import Address
from journal.backlog import Backlog
from journal.broker import Broker, BrokerAway, BrokerFault, BrokerRefuses, Secret
from journal.connection import Connection, Parcel, fault_of
from journal.listener import Listener
from journal.message import (
    DAEMON,
    LASTING,
    DaemonState,
    Will,
    encode,
    event,
    topic_of,
)
from journal.post import BrokerReport, Obeyed
from journal.seal import unseal
from journal.store import Kept
from routing.moment import Instant, Moment

log = structlog.get_logger(__name__)

LOOK_S: Final = 5.0
"""Between two looks at the store when nobody rings: another daemon may have written to it."""
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 15.0
"""Between two tries while there is no broker: the first, and after a while."""
STEADY_S: Final = 5.0
"""A connection that has lasted so long is no episode of a quarrel."""
AWAY_S: Final = 60.0
"""A broker that restarts is back by then; one that is away for longer is told of."""
EXPIRES_S: Final = 300
"""States that nobody refreshes are true no more."""
REFRESH_S: Final = 100.0
"""Twice in that time may fail."""
CLOSE_LIMIT_S: Final = 2.0


class Publisher:
    """Has a connection to the broker, or tries to.

    Args:
        broker: Where it is, and what it is told.
        secret: The password.
        address: The store.
        clock: Tells the time by both clocks.

    Attributes:
        listener: Takes commands; what it hands them to is to be set before the start.
    """

    def __init__(
        self,
        broker: Broker,
        secret: Secret,
        address: Address,
        clock: Callable[[], Moment],
    ) -> None:
        self.listener = Listener(broker)
        self._broker = broker
        self._secret = secret
        self._clock = clock
        self._backlog = Backlog(address)
        self._states: dict[str, bytes | None] = {}
        self._lock = threading.Lock()
        self._shown: dict[str, bytes | None] = {}
        self._published = 0
        self._fault: BrokerFault | None = None
        self._unheard: str | None = None
        self._since = self._instant()
        self._is_up = False
        self._is_over = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bell = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)

    @property
    def report(self) -> BrokerReport:
        """How it goes."""
        fault = self._fault
        if isinstance(fault, BrokerRefuses):
            state = "refused"
        elif self._is_up:
            state = "up"
        elif fault is None:
            state = "starting"
        else:
            state = "away" if self._instant() - self._since >= AWAY_S else "lost"
        return BrokerReport(
            state=state,
            why=None if fault is None else str(fault),
            published=self._published,
            waiting=self._backlog.waiting,
            unheard=self._unheard,
        )

    def _instant(self) -> Instant:
        return self._clock().instant

    def start(self) -> None:
        """Publishes from now on."""
        self._thread.start()

    def ring(self) -> None:
        """There is something new; may be called from any thread."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # it has just been closed
                loop.call_soon_threadsafe(self._bell.set)

    def show(self, states: Mapping[str, bytes | None]) -> None:
        """These states are retained from now on (None: no more); from any thread."""
        with self._lock:
            self._states = {**self._states, **states}
        self.ring()

    def take(self, obeyed: Obeyed) -> None:
        """What has come of a command; from any thread."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self.listener.take, obeyed)

    def finish(self) -> None:
        """Lets `work` come to its end; from any thread."""
        self._is_over = True
        self.ring()

    def close(self, limit_s: float = CLOSE_LIMIT_S) -> bool:
        """Publishes what is left, if there is a broker, and says good-bye; whether in time."""
        self.finish()
        self._thread.join(limit_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        asyncio.run(self.work())

    async def work(self) -> None:
        """One connection after the other, until closed: what the thread of `start` does.

        Nothing that goes wrong ends it.
        """
        self._loop = asyncio.get_running_loop()
        pause_s = FIRST_PAUSE_S
        fault: BrokerFault
        while not self._is_over:
            began = self._instant()
            try:
                await self._converse()
                break
            except (BrokerFault, aiomqtt.MqttError, OSError) as error:
                fault = fault_of(error, self._broker, self._secret)
            except Exception as error:
                log.exception("publisher_failed")
                fault = BrokerAway(f"a fault of this software, see the log: {error!r}")
            self._lose(fault)
            was_steady = self._instant() - began >= STEADY_S
            pause_s = FIRST_PAUSE_S if was_steady else pause_s
            await self._rest(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
        await self._backlog.close()

    def _lose(self, fault: BrokerFault) -> None:
        """The reason of a quarrel stands until a connection is steady."""
        if self._is_up or self._fault is None:
            self._since = self._instant()
            log.info("broker_away", error=str(fault))
        self._is_up = False
        if not isinstance(self._fault, BrokerRefuses) or isinstance(fault, BrokerRefuses):
            self._fault = fault

    async def _rest(self, pause_s: float) -> None:
        """Counts what waits; a record or a state does not make the broker come back."""
        end = self._instant() + pause_s
        await self._backlog.more()
        while not self._is_over and (left_s := end - self._instant()) > 0:
            self._bell.clear()
            await self._listen_for_bell(left_s)

    async def _listen_for_bell(self, limit_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._bell.wait()

    async def _converse(self) -> None:
        """One connection, from its begin to its end.

        Raises:
            BrokerFault: The broker does not want us.
            aiomqtt.MqttError: It is lost.
        """
        self._shown = {}
        will = Parcel(topic=self._topic(DAEMON), payload=encode(Will()), retain=True)
        async with Connection(self._broker, self._secret, will) as connection:
            fault = None
            await self._listen(connection)
            try:
                async with asyncio.TaskGroup() as group:
                    hearing = group.create_task(self.listener.hear(connection), name="commands")
                    await self._tell(connection)
                    hearing.cancel()
            except BaseExceptionGroup as faults:
                fault = _first(faults)
            if fault is not None:
                raise fault  # with its own cause
            good_bye = DaemonState(at=self._clock().wall, online=False, why="the daemon has ended")
            await connection.send([self._parcel(DAEMON, encode(good_bye))])

    async def _listen(self, connection: Connection) -> None:
        """Has commands brought; a broker that does not let us is told of everything all the same.

        Raises:
            aiomqtt.MqttError: The connection is lost.
        """
        before = self._unheard
        try:
            await self.listener.begin(connection)
        except BrokerRefuses as refusal:
            self._unheard = str(refusal)
        else:
            self._unheard = None
        if self._unheard != before:
            log.info("commands_unheard" if self._unheard else "commands_heard", why=self._unheard)

    async def _tell(self, connection: Connection) -> None:
        """Publishes what there is until it is over and nothing is left."""
        began = refreshed = self._instant()
        while True:
            is_last = self._is_over
            self._bell.clear()
            await self._tell_states(connection)
            told = await self._tell_records(connection)
            self._greet(self._instant() - began)
            if told == 0:
                if is_last:
                    return
                await self._listen_for_bell(LOOK_S)
            if self._instant() - refreshed >= REFRESH_S:
                refreshed = self._instant()
                self._shown = {}
                if self._unheard is not None:
                    await self._listen(connection)

    def _greet(self, age_s: float) -> None:
        """The broker takes what it is given; after a quarrel that has to last."""
        if self._fault is not None and (
            age_s >= STEADY_S or not isinstance(self._fault, BrokerRefuses)
        ):
            log.info("broker_takes_again", waiting=self._backlog.waiting)
            self._fault = None
        self._is_up = True

    async def _tell_states(self, connection: Connection) -> None:
        states = self._states
        changed = {
            tail: payload
            for tail, payload in states.items()
            if tail not in self._shown or self._shown[tail] != payload
        }
        if changed:
            await connection.send([self._parcel(*each) for each in changed.items()])
            self._shown = {**self._shown, **changed}

    async def _tell_records(self, connection: Connection) -> int:
        """The next records, confirmed; how many those were."""
        found = await self._backlog.more()
        if found:
            told = (self._told(each) for each in found)
            await connection.send([each for each in told if each is not None])
            self._published += len(found)
            await self._backlog.confirm(found)
        return len(found)

    def _told(self, kept: Kept) -> Parcel | None:
        """A record as it is published; None for one that somebody has spoilt in the store."""
        try:
            record = unseal(kept.body, kept.secrets)
        except ValueError:
            log.warning("not_published", record=kept.id, do="siaga112 journal verify")
            return None
        return Parcel(
            topic=topic_of(self._broker.prefix, record),
            payload=event(record, self._broker.numbers),
            what=record.what,
        )

    def _parcel(self, tail: str, payload: bytes | None) -> Parcel:
        expires_s = None if tail in LASTING or payload is None else EXPIRES_S
        return Parcel(
            topic=self._topic(tail), payload=payload or b"", retain=True, expires_s=expires_s
        )

    def _topic(self, tail: str) -> str:
        return f"{self._broker.prefix}/{tail}"


def _first(faults: BaseExceptionGroup) -> BaseException:
    return next(_leaves(faults))


def _leaves(fault: BaseException) -> Iterator[BaseException]:
    if isinstance(fault, BaseExceptionGroup):
        for each in fault.exceptions:
            yield from _leaves(each)
    else:
        yield fault
