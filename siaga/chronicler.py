"""Finds what happened to callers while no daemon was there, in Asterisk's own rows.

A thread beside the keeper's, in the same process. It follows the file of rows, puts them together
by call, and holds each call that is over against the store. What the store lacks is told to the
daemon, which records it, and is told again until the store has it: only then the place in the file
moves on. So whoever is killed at whatever moment, nothing is lost, and nothing is told twice.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from journal.address import Address
from journal.archive import Archive
from journal.fault import StoreError
from journal.post import Untold
from siaga.belated import arrival, missing
from siaga.file import replace
from siaga.tail import Place, Tail
from siaga.visit import Visit
from switch import cel
from switch.cel import Row

if TYPE_CHECKING:
    from journal.record import Record

log = structlog.get_logger(__name__)

PLACE_FILE: Final = "rows.json"
"""In the state folder: where the next run goes on."""
LOOK_S: Final = 0.5
"""Between two looks at the file; one costs two system calls when there is nothing."""
SETTLE_S: Final = 3.0
"""After the end of a call a living daemon has long recorded it, and the store has it."""
AGAIN_S: Final = 5.0
"""Between two times that the same is told."""
AT_ONCE: Final = 200
"""Calls that are held against the store at a time."""
OLDEST_S: Final = 7 * 86_400.0
"""Calls that ended before that are let be: after a loss of the place, or a change of the store."""
ENDLESS_S: Final = 86_400.0
"""No caller has stayed on the line for a day after a row: that of the end will not come."""


@dataclass(slots=True)
class _Pending:
    """A call that is not known to be told of.

    Attributes:
        visit: What its rows say.
        place: Of its first row.
        again: When it is to be told again, monotonic.
    """

    visit: Visit
    place: Place
    again: float = 0.0


class Chronicler:
    """Reads what Asterisk has written down.

    Args:
        rows: Asterisk's file.
        state: Folder of the place.
        address: The store.
        is_stored: Whether the store has all that the daemon's runs have recorded.
        tell: Takes what the journal lacks.
        wall: Seconds since 1970.

    Attributes:
        fault: Why the rows cannot be read, or None.
    """

    def __init__(
        self,
        rows: Path,
        state: Path,
        address: Address,
        *,
        is_stored: Callable[[], bool],
        tell: Callable[[Untold], None],
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.fault: str | None = None
        self._rows = rows
        self._file = state / PLACE_FILE
        self._address = address
        self._is_stored = is_stored
        self._tell = tell
        self._wall = wall
        self._pending: dict[str, _Pending] = {}
        self._next: Place | None = None
        self._kept: Place | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="chronicler", daemon=True)

    def start(self) -> None:
        """Reads from now on."""
        self._thread.start()

    def close(self, limit_s: float = 2.0) -> None:
        """Stops; what is not told yet is read again by the next run."""
        self._stop.set()
        self._thread.join(limit_s)

    def _work(self) -> None:
        self._kept = _read(self._file)
        with Tail(self._rows, self._kept) as tail:
            while not self._stop.wait(LOOK_S):
                try:
                    while self.look(tail) and not self._stop.is_set():
                        pass
                except (OSError, StoreError) as error:
                    self._fail(error)
                except Exception as error:
                    if self.fault is None:
                        log.exception("chronicler_failed")
                    self.fault = repr(error)

    def _fail(self, error: OSError | StoreError) -> None:
        """A store that is away has an alarm of its own."""
        if isinstance(error, OSError):
            self.fault = f"{error.filename or self._rows}: {error.strerror}"

    def look(self, tail: Tail) -> bool:
        """Takes the next rows, and sees to the calls that are over; whether there may be more rows.

        Raises:
            OSError: The rows cannot be read, or the place not be kept.
            StoreError: The store does not answer.
        """
        lines = tail.more()
        self.fault = None
        for place, line in lines:
            row = cel.parse(line)
            if row is not None:
                self._take(row, place)
            self._next = msgspec.structs.replace(place, offset=place.offset + len(line) + 1)
        due = self._due()
        if due and self._is_stored():
            asyncio.run(self._hold(due))
        self._keep()
        return bool(lines)

    def _take(self, row: Row, place: Place) -> None:
        pending = self._pending.get(row.call)
        if pending is None:
            pending = self._pending[row.call] = _Pending(Visit(row.call), place)
        pending.visit.take(row)

    def _due(self) -> list[_Pending]:
        """Calls that are over for long enough, oldest first, so many at most."""
        now, wall = time.monotonic(), self._wall()
        due: deque[_Pending] = deque()
        for call, pending in list(self._pending.items()):
            if pending.visit.gone is None and wall - pending.visit.newest > ENDLESS_S:
                pending.visit.give_up()
            gone = pending.visit.gone
            if gone is not None and wall - gone.at > OLDEST_S:
                del self._pending[call]
            elif gone is not None and now >= pending.again and abs(wall - gone.at) >= SETTLE_S:
                due.append(pending)
                if len(due) == AT_ONCE:
                    break
        return list(due)

    async def _hold(self, due: list[_Pending]) -> None:
        """Holds calls against the store, and tells what it lacks."""
        async with Archive(self._address) as archive:
            found = await archive.of_calls([pending.visit.call for pending in due])
        for pending in due:
            visit = pending.visit
            records: list[Record] = found.get(visit.call, [])
            told = missing(visit, records)
            if not told:
                del self._pending[visit.call]
                continue
            pending.again = time.monotonic() + AGAIN_S
            self._tell(Untold(call=visit.call, arrived=arrival(visit, records), told=told))

    def _keep(self) -> None:
        """The next run begins with the oldest call that is not done, or after the last row."""
        oldest = next(iter(self._pending.values()), None)
        place = self._next if oldest is None else oldest.place
        if place is not None and place != self._kept:
            replace(self._file, msgspec.json.encode(place))
            self._kept = place


def _read(path: Path) -> Place | None:
    with suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode(path.read_bytes(), type=Place)
    return None
