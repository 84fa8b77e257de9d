"""The daemon's command line with the records of a busy city beside those of its own calls.

    python sandbox/loaded.py RECORDS_A_SECOND run --config FOLDER

SIGUSR1 begins the load; SIGUSR2 ends it, when the calls that were begun are told to their end. Its
calls are records only, and there is nothing else that is not real: each one goes the daemon's own
way, from the journal on its event loop to whoever listens there, the spool, the store, the broker.
"""

import asyncio
import signal
import sys
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Final

from routing.moment import Instant, Moment
from routing.note import CallId, Detail, Note
from routing.reason import Reason
from siaga import cli
from siaga.centre import Centre
from siaga.clock import SystemClock

PREFIX: Final = "load-"
"""Begins the ids of its calls; Asterisk's begin with a number."""
STEP_S: Final = 0.002
"""Between two looks at what is due: records come one or two at a time, as calls make them."""
AT_ONCE: Final = 20
"""Calls whose records come by turns."""
FIRST_NUMBER: Final = 89_000_000_000
PERSON: Final = "person:sri"
WHY: Final = (Reason("a clause of why, as long as most", ("services", "hunt_groups", "medis")),)
STEPS: Final[tuple[tuple[str, Mapping[str, Detail], tuple[Reason, ...]], ...]] = (
    ("arrived", {"trunk": "seluler", "did": "112", "how": "new"}, ()),
    ("zone", {"verdict": "unknown", "neighbour": None}, WHY),
    ("answered", {}, ()),
    ("prompt", {"prompts": "menu", "language": "id"}, ()),
    ("digit", {"digit": "1"}, ()),
    ("chosen", {"service": "medis"}, WHY),
    ("queued", {"service": "medis", "waiting": 1}, ()),
    ("offered", {"target": PERSON}, WHY),
    ("ringing", {"target": PERSON}, ()),
    ("operator_answered", {"target": PERSON}, ()),
    ("bridged", {"target": PERSON}, ()),
    ("ended", {"by": "caller", "talked_s": 1.0}, ()),
)
OFFERS: Final = frozenset({"offered", "ringing", "operator_answered", "bridged"})


def notes(first: int) -> Iterator[Note]:
    """What is told of AT_ONCE calls from their arrivals to their ends, by turns."""
    for what, detail, because in STEPS:
        for number in range(first, first + AT_ONCE):
            own: dict[str, Detail] = {}
            if what == "arrived":
                own = {"ani": f"0{FIRST_NUMBER + number}"}
            elif what in OFFERS:
                own = {"offer": f"{PREFIX}{number}-1"}
            yield Note(CallId(f"{PREFIX}{number}"), what, {**detail, **own}, because)


class Load:
    """Has records made at a rate while it is wanted.

    Args:
        rate: Records a second.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._wanted = asyncio.Event()
        self._groups = count(0, AT_ONCE)

    async def run(self, centre: Centre) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, self._wanted.set)
        loop.add_signal_handler(signal.SIGUSR2, self._wanted.clear)
        while True:
            await self._wanted.wait()
            began, sent = loop.time(), 0
            while self._wanted.is_set():
                sent = await self._tell(centre, began, sent)

    async def _tell(self, centre: Centre, began: float, sent: int) -> int:
        """One group of calls to their end; how many records there were since `began`."""
        loop, clock = asyncio.get_running_loop(), SystemClock()
        arrived = clock.now().instant
        for note in notes(next(self._groups)):
            while sent >= (loop.time() - began) * self._rate:  # noqa: ASYNC110 - the rate is it
                await asyncio.sleep(STEP_S)
            _keep(centre, note, clock.now(), arrived)
            sent += 1
        return sent


def _keep(centre: Centre, note: Note, at: Moment, arrived: Instant) -> None:
    centre.journal.note(note, at=at, arrived=arrived)


def main() -> None:
    """Runs `siaga112` with the load beside its centre."""
    rate, run = int(sys.argv.pop(1)), Centre.run

    async def loaded(centre: Centre) -> None:
        async with asyncio.TaskGroup() as group:
            beside = group.create_task(Load(rate).run(centre), name="load")
            await run(centre)
            beside.cancel()

    Centre.run = loaded  # type: ignore[method-assign, assignment]
    cli.main()


if __name__ == "__main__":
    main()
