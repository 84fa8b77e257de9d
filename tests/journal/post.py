"""A keeper and a publisher at work, and records for them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Final

from journal.address import Address
from journal.broker import Broker, Secret
from journal.keeper import Keeper
from journal.post import Command, Obeyed, Refusal
from journal.publisher import Publisher
from journal.record import Record
from journal.spool import Spool
from routing.moment import Instant, Moment
from sandbox.broker import HOST
from tests.journal.sample import NOON, record, until

NOBODY: Final = Secret(None, "nowhere")
CALLS: Final = 5
"""Calls that go on at a time."""


def broker_at(port: int, **fields: object) -> Broker:
    """A broker on this machine."""
    first = {"host": HOST, "port": port, "client": "siaga112", "prefix": "siaga112"}
    return Broker(**{**first, **fields})  # type: ignore[arg-type]


@dataclass
class Post:
    """A spool, with keeper and publisher behind it.

    Attributes:
        keeper: Brings records into the store.
        publisher: Publishes them.
        wanted: The ids of all records so far.
        handed: What came for the daemon.
    """

    folder: Path
    keeper: Keeper
    publisher: Publisher
    wanted: list[str] = field(default_factory=list)
    handed: list[Command | Refusal] = field(default_factory=list)
    obeys: bool = True
    _spools: Iterator[int] = field(default_factory=count)

    def write(self, *numbers: int, what: str = "digit", **fields: object) -> None:
        """These records happen, those of some calls in turn."""
        calls = (f"{number % CALLS}.0" for number in numbers)
        self._append(
            record(number, what, **{"call": call, "detail": {}, **fields})
            for number, call in zip(numbers, calls, strict=True)
        )

    def write_calls(self, numbers: Iterable[int], length: int) -> None:
        """These records happen, so many of one call after the other."""
        self._append(record(each, call=f"{each // length}.0", detail={}) for each in numbers)

    def _append(self, records: Iterable[Record]) -> None:
        spool = Spool(self.folder / "spool", NOON + timedelta(seconds=next(self._spools)))
        for told in records:
            spool.append(told)
            self.wanted.append(told.id)
        assert spool.close()

    @property
    def state(self) -> str:
        """How publishing goes."""
        return self.publisher.report.state

    def until(self, *states: str) -> None:
        """Returns when publishing goes like this."""
        until(lambda: self.state in states)

    def hand(self, wish: Command | Refusal) -> None:
        """What a daemon does that obeys everything."""
        self.handed.append(wish)
        if isinstance(wish, Command) and self.obeys:
            self.publisher.take(Obeyed(id=wish.id, done=True, outcome="paused", text="is paused"))


@contextmanager
def posting(
    folder: Path, broker: Broker, secret: Secret = NOBODY, address: Address | None = None
) -> Iterator[Post]:
    """A keeper and a publisher; at the end they have done what they could."""
    where = address or Address(f"sqlite:///{folder}/journal.sqlite")
    keeper = Keeper(folder / "spool", where, folder / "anchors", lambda: NOON, has_outbox=True)
    publisher = Publisher(broker, secret, where, lambda: Moment(Instant(monotonic()), NOON))
    post = Post(folder, keeper, publisher)
    publisher.listener.on_wish = post.hand
    keeper.on_stored = publisher.ring
    publisher.start()
    keeper.start()
    try:
        yield post
    finally:
        keeper.close()
        publisher.close()
