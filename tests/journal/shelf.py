"""What is in a store, for tests that are not async; and a keeper as a process of its own.

python -m tests.journal.shelf FOLDER URL      keeps for ever, says when it begins
"""

import asyncio
import sys
import time
from pathlib import Path

import structlog

from journal import keeper
from journal.address import Address
from journal.archive import Archive
from journal.keeper import Keeper
from journal.proof import prove
from journal.record import Record
from tests.journal.sample import NOON


def written(address: Address) -> list[Record]:
    """All records, in order."""

    async def read() -> list[Record]:
        async with Archive(address) as archive:
            return [each async for each in archive.records()]

    return asyncio.run(read())


def ids(address: Address) -> list[str]:
    """The ids of all records, in order."""
    return [each.id for each in written(address)]


def proof(address: Address, anchors: Path | None = None) -> list[str]:
    """What the verification finds."""

    async def verify() -> list[str]:
        async with Archive(address) as archive:
            proof = await prove(archive, anchors or Path("/nonexistent"))
            return [str(each) for each in proof.findings]

    return asyncio.run(verify())


def main(folder: Path, url: str) -> None:
    """Keeps until it is killed."""
    vars(keeper).update(
        STEP=10, HEAD_START_S=0.0
    )  # at once, and many small batches, to be killed in and between
    Keeper(folder, Address(url), folder.parent / "anchors", lambda: NOON).start()
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    while True:
        time.sleep(1)


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(sys.stderr))
    main(Path(sys.argv[1]), sys.argv[2])
