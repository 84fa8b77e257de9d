"""The store follows from the spool: in order, once, and never in the way of calls.

A thread reads what the spool's files have got and appends it to the store. It keeps nothing that
the store does not say: after a fault, a kill or an outage of days it asks the store how far it is,
and goes on there. While the store is away nothing is read, the records wait in their files, and
the tries get rarer.

The daemon has it in a process of its own (siaga/clerk.py). During a backlog it rests as long as it
works, so that it never has a whole core.
"""

import asyncio
import contextlib
import fcntl
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from journal import anchor
from journal.address import Address
from journal.fault import StoreError
from journal.outbox import MQTT, close_place, open_place
from journal.reader import SUFFIX, Reader
from journal.seal import Head
from journal.store import Store

log = structlog.get_logger(__name__)

LOOK_S: Final = 0.2
"""Between two looks at the spool: what happened is in the store a moment later."""
STEP: Final = 200
"""Records in one transaction: some 5 ms of Python's time, then others have their turn."""
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 10.0
"""Between two tries while the store is away: the first, and after a while."""
ANCHOR_S: Final = 900.0
"""Between two anchors of a chain that grows: what was in the store for longer cannot be changed
unseen, and a year's anchors are 10 MB."""
TIDY_S: Final = 600.0
"""Between two looks for files of the spool that are not needed any more."""
KEEP_S: Final = 86_400.0
"""Files that the store has stay for a day: a power cut may cost it its last seconds, a mistake its
last hours."""
CLOSE_LIMIT_S: Final = 5.0


class Keeper:
    """Brings the spool's records into the store.

    Args:
        folder: The spool's.
        address: The store.
        anchors: File of the anchors.
        clock: Tells the wall-clock time.
        has_outbox: Somebody is told of all records; else nobody is promised anything.

    Attributes:
        on_stored: Called when there is something new in the store; to be replaced.
        on_anchored: Takes the store's name and the heads of its chains, each time that they are
            anchored; to be replaced.
    """

    def __init__(
        self,
        folder: Path,
        address: Address,
        anchors: Path,
        clock: Callable[[], datetime],
        *,
        has_outbox: bool = False,
    ) -> None:
        self.fault: str | None = None
        self.on_stored: Callable[[], None] = lambda: None
        self.on_anchored: Callable[[str, Mapping[str, Head]], None] = lambda _store, _heads: None
        self._has_outbox = has_outbox
        self.stored = 0
        self._folder = folder
        self._address = address
        self._anchors = anchors
        self._clock = clock
        self._reader = Reader(folder)
        self._is_taking = False
        self._told: dict[str, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="keeper", daemon=True)

    @property
    def behind(self) -> int:
        """Bytes of the spool that are not in the store yet."""
        return self._reader.behind

    @property
    def is_level(self) -> bool:
        """Whether the store has all that was in the spool a moment ago."""
        # In this order: what is read and not yet stored is not behind any more, but being taken.
        return self.behind == 0 and not self._is_taking and self.fault is None

    def start(self) -> None:
        """Follows from now on."""
        self._thread.start()

    def close(self, limit_s: float = CLOSE_LIMIT_S) -> bool:
        """Takes what is left, if the store is there; whether that was done in time."""
        self._stop.set()
        self._thread.join(limit_s)
        return not self._thread.is_alive() and self.fault is None

    def _work(self) -> None:
        """Tries until it is told to stop; after that no more."""
        pause_s = FIRST_PAUSE_S
        is_over = False
        while not is_over:
            before = self.stored
            try:
                asyncio.run(self._follow())
            except (StoreError, OSError) as error:
                self._fail(str(error))
            except Exception as error:
                if self.fault is None:
                    log.exception("keeper_failed")
                self._fail(repr(error))
            pause_s = FIRST_PAUSE_S if self.stored > before else pause_s
            is_over = self._stop.wait(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    def _fail(self, why: str) -> None:
        if self.fault is None:
            log.info("store_away", error=why)
        self.fault = why

    async def _follow(self) -> None:
        """Until it is told to stop and has taken what was there then.

        Raises:
            StoreError: The store is away; what was not taken is taken the next time.
        """
        async with Store(self._address) as store:
            # Before the first record of this run comes in, so that whoever is told is told of it.
            await (open_place if self._has_outbox else close_place)(store, MQTT)
            self._told = await store.places()
            self._reader = Reader(self._folder, self._told, STEP)
            anchored = self._anchored(await store.identity())
            anchor_at = tidy_at = time.monotonic()
            while True:
                is_last = self._stop.is_set()
                count = await self._take(store)
                now = time.monotonic()
                if now >= anchor_at or (is_last and count == 0):
                    await self._drop_anchors(store, anchored)
                    anchor_at = now + ANCHOR_S
                if now >= tidy_at:
                    await self._tidy(store)
                    tidy_at = now + TIDY_S
                if is_last and count == 0:
                    return

    async def _take(self, store: Store) -> int:
        """Appends what comes next, and rests; how many records there were."""
        began = time.thread_time()
        self._is_taking = True
        records = self._reader.more()
        if records:
            self.stored += await store.append(records, self._news())
            self.on_stored()
        self._is_taking = False
        if self.fault is not None:
            log.info("store_takes_again")
            self.fault = None
        took_s = time.thread_time() - began
        rest_s = took_s if len(records) >= STEP else LOOK_S
        if not self._stop.is_set():
            self._stop.wait(rest_s)
        return len(records)

    def _news(self) -> Mapping[str, int]:
        """The places that have changed since the store was told."""
        told, self._told = self._told, dict(self._reader.places)
        return {name: place for name, place in self._told.items() if told.get(name) != place}

    def _anchored(self, store_id: str) -> dict[str, int]:
        with contextlib.suppress(OSError):
            return anchor.newest(self._anchors, store_id)
        return {}

    async def _drop_anchors(self, store: Store, anchored: dict[str, int]) -> None:
        """Anchors each chain that has grown."""
        heads, store_id = await store.heads(), await store.identity()
        grown = {name: head for name, head in heads.items() if head.number > anchored.get(name, -1)}
        for name, head in grown.items():
            # To the system's log: an anchor that whoever changes our files does not reach.
            log.info(
                "journal_anchor", store=store_id, writer=name, newest=head.number, link=head.link
            )
        self.on_anchored(store_id, heads)
        try:
            anchor.drop(self._anchors, store_id, grown, self._clock())
        except OSError as error:
            log.warning("not_anchored", file=str(self._anchors), error=error.strerror)
            return
        anchored.update({name: head.number for name, head in grown.items()})

    async def _tidy(self, store: Store) -> None:
        """Removes files that the store has had for long and nobody writes to any more."""
        removed = []
        for path in sorted(self._folder.glob(f"*{SUFFIX}")):
            if self._is_done(path):
                path.unlink(missing_ok=True)
                removed.append(path.name)
        if removed:
            log.info("spool_tidied", files=removed)
        gone = {name for name in self._reader.places if not (self._folder / name).exists()}
        if gone:
            await store.forget_places(gone)
            for name in gone:
                del self._reader.places[name]

    def _is_done(self, path: Path) -> bool:
        """Half a line at its end is no record, and will be none: who wrote it is dead."""
        try:
            with path.open("rb") as file:
                state = path.stat()
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                file.seek(self._reader.places.get(path.name, 0))
                is_read = not file.readline().endswith(b"\n")
        except OSError:  # a living process has it, or it cannot be known
            return False
        age_s = self._clock().timestamp() - state.st_mtime
        return is_read and age_s > KEEP_S
