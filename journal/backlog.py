"""The records that the broker has not confirmed yet, whether the store answers or not."""

import contextlib
from collections.abc import Sequence
from typing import Final

import structlog

from journal.address import Address
from journal.fault import StoreError
from journal.outbox import Outbox
from journal.store import Kept

log = structlog.get_logger(__name__)

STEP: Final = 200
"""Records that are read at a time."""


class Backlog:
    """Reads on from the place that the store keeps. While the store is away there is nothing.

    Attributes:
        waiting: Records that are not confirmed, as far as is known.

    Args:
        address: The store.
    """

    def __init__(self, address: Address) -> None:
        self.waiting = 0
        self._address = address
        self._outbox: Outbox | None = None
        self._place = 0
        self._is_away = False

    async def more(self) -> list[Kept]:
        """The next records; the same again until they are confirmed."""
        try:
            outbox = await self._open()
            found = await outbox.after(self._place, STEP)
            # The store's own count: positions have no gaps.
            self.waiting = max(0, await outbox.newest() - self._place)
        except StoreError as error:
            await self._lose(error)
            return []
        self._is_away = False
        return found

    async def confirm(self, told: Sequence[Kept]) -> None:
        """They are told; where the store does not take it, it is said again with the next ones."""
        self._place = told[-1].position
        self.waiting = max(0, self.waiting - len(told))
        try:
            outbox = await self._open()
            await outbox.move(self._place)
        except StoreError as error:
            await self._lose(error)

    async def close(self) -> None:
        """Lets go of the store."""
        outbox, self._outbox = self._outbox, None
        if outbox is not None:
            with contextlib.suppress(StoreError):
                await outbox.__aexit__(None, None, None)

    async def _open(self) -> Outbox:
        """The outbox.

        Raises:
            StoreError: The store is away.
        """
        if self._outbox is None:
            outbox = Outbox(self._address)
            await outbox.__aenter__()
            self._outbox = outbox
            # What was told while the store was away is not told again.
            self._place = max(self._place, await outbox.place())
        return self._outbox

    async def _lose(self, error: StoreError) -> None:
        """The keeper has told already what is wrong with the store."""
        if not self._is_away:
            log.info("outbox_away", error=str(error))
        self._is_away = True
        await self.close()
