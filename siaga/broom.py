"""Removes personal facts and recordings that are too old; a process that is there and gone.

The daemon starts it each night, or when it is asked to. It is a process of its own, as the keeper
is: who waits for the store waits here, and no call does. It may work beside the keeper, since
whoever writes takes turns; each step is a transaction, and after a broken one another goes on.

A recording's file goes first and the record of its path after it: a file whose path is forgotten
would stay for ever.
"""

import asyncio
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from console.removal import Removal
from journal import address
from journal.fault import StoreError
from journal.seal import NUMBERS, PLACES, RECORDINGS
from journal.store import Store
from siaga import shelf


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be removed.

    Attributes:
        spool: The journal's.
        store: The store's URL, as the settings have it.
        talks: The folder of recordings; None where there is none.
        zone: The site's time zone, by which a day begins.
        dry_run: Only count.
        recordings_before: Recordings that are older; None: none.
        numbers_before: The same of numbers.
        locations_before: The same of locations.
    """

    spool: str
    store: str | None
    talks: str | None
    zone: str
    dry_run: bool
    recordings_before: datetime | None = None
    numbers_before: datetime | None = None
    locations_before: datetime | None = None


ORDER: Final = msgspec.json.Decoder(Order)


async def sweep(order: Order) -> Removal:
    """Removes it; how much that was, and what has kept it from going on, if anything."""
    removal = Removal(
        dry_run=order.dry_run,
        recordings_before=order.recordings_before,
        numbers_before=order.numbers_before,
        locations_before=order.locations_before,
    )
    try:
        async with Store(address.find(order.store, Path(order.spool))) as store:
            if order.recordings_before is not None:
                gone, fault = await _recordings(store, order, order.recordings_before)
                removal = msgspec.structs.replace(removal, recordings=gone, fault=fault)
            numbers = await _facts(store, NUMBERS, order.numbers_before, order)
            removal = msgspec.structs.replace(removal, numbers=numbers)
            places = await _facts(store, PLACES, order.locations_before, order)
            removal = msgspec.structs.replace(removal, locations=places)
    except (StoreError, OSError) as error:
        removal = msgspec.structs.replace(removal, fault=str(error))
    return removal


async def _facts(store: Store, names: Iterable[str], before: datetime | None, order: Order) -> int:
    if before is None:
        return 0
    if order.dry_run:
        return await store.count_aged(tuple(names), before)
    return await store.purge(tuple(names), before)


async def _recordings(store: Store, order: Order, before: datetime) -> tuple[int, str | None]:
    """Files that the journal knows, and files of days that are over: how many, and what was wrong.

    Only what has no file any more is forgotten.
    """
    known = [msgspec.json.decode(value, type=str) for value in await store.aged(RECORDINGS, before)]
    if order.talks is None:
        if known:
            return 0, "siaga.yaml does not say any more where recordings are (recording.folder)"
        return 0, None
    folder, day = Path(order.talks), before.astimezone(ZoneInfo(order.zone)).date()
    paths = dict.fromkeys([*known, *shelf.aged(folder, day)])
    if order.dry_run:
        return sum(shelf.is_there(folder, path) for path in paths), None
    gone = 0
    try:
        for path in paths:
            gone += shelf.remove(folder, path)
    except OSError as error:
        return gone, f"{error.filename}: {error.strerror}"
    await store.purge(RECORDINGS, before)
    return gone, None


def main(words: list[str]) -> None:
    """Does what the order in the only word says; tells on standard output what came of it."""
    removal = asyncio.run(sweep(ORDER.decode(words[0])))
    sys.stdout.write(msgspec.json.encode(removal).decode())


if __name__ == "__main__":
    main(sys.argv[1:])
