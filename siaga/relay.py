"""What leaves the daemon: records to the store, and both records and states to the broker."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

from console.outcome import Outcome
from journal import address, anchor
from journal.broker import Broker
from journal.post import Report
from routing.note import Note
from siaga import remedy
from siaga.afterword import Afterword
from siaga.alarm import Alarm, Alarms, Look
from siaga.bidding import Bidding
from siaga.bulletin import Bulletin
from siaga.centre import Centre
from siaga.clerk import Clerk
from siaga.clock import Clock
from siaga.instruction import Instructions
from siaga.site import DaemonSettings

AWAY: Final = "away"
REFUSED: Final = "refused"


class Relay:
    """The keeper's and publisher's process, and what it is told and asked by.

    Args:
        settings: Where spool, store and broker are.
        state: Folder of the anchors.
    """

    def __init__(self, settings: DaemonSettings, state: Path) -> None:
        journal = settings.journal
        self._address = address.find(journal.store, journal.spool)
        self._broker = settings.mqtt.broker
        self._bulletin: Bulletin | None = None
        self._event_log = settings.asterisk.event_log
        self._clerk = Clerk(
            journal.spool,
            journal.store,
            state / anchor.FILE_NAME,
            self._broker,
            self._event_log,
        )

    @property
    def report(self) -> Report:
        """How storing and publishing go."""
        return self._clerk.report

    def looks(self) -> Mapping[str, Look]:
        """What finds out whether the alarms of store and broker stand."""
        return {
            remedy.STORE: self._look_at_store,
            remedy.EVENT_LOG: self._look_at_event_log,
            remedy.BROKER_AWAY: lambda: self._look_at_broker(AWAY, remedy.mqtt_away),
            remedy.BROKER_REFUSES: lambda: self._look_at_broker(REFUSED, remedy.mqtt_refused),
            remedy.UNHEARD: self._look_at_commands,
        }

    def serve(
        self,
        centre: Centre,
        *,
        alarms: Alarms,
        clock: Clock,
        fault: Callable[[], str | None],
        reload: Callable[[], Awaitable[Outcome]],
        note: Callable[[Note], None],
    ) -> None:
        """What is recorded afterwards; what is published of the centre, and obeyed by it."""
        afterword = Afterword(centre)
        centre.journal.listen(afterword.know)
        self._clerk.on_untold = afterword.take
        if self._broker is None:
            return
        follow = Instructions(centre.conductor, clock).follow
        bidding = Bidding(reload=reload, follow=follow, note=note)
        self._clerk.on_command, self._clerk.on_refusal = bidding.obey, bidding.refuse
        self._bulletin = Bulletin(
            centre, alarms=alarms, clock=clock, fault=fault, show=self._clerk.show
        )

    async def run(self) -> None:
        """Relays until cancelled; what is left goes with `close`."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._clerk.run(), name="clerk")
            if self._bulletin is not None:
                group.create_task(self._bulletin.run(), name="bulletin")

    async def close(self) -> None:
        """Has the last records stored and published, if that can be in time."""
        await self._clerk.close()

    def _look_at_store(self) -> Alarm | None:
        report = self.report
        if report.fault is None:
            return None
        return remedy.journal_not_stored(self._address, report.fault, report.behind)

    def _look_at_event_log(self) -> Alarm | None:
        if self._event_log is None or self.report.unread is None:
            return None
        return remedy.event_log_not_read(self._event_log, self.report.unread)

    def _look_at_broker(
        self, state: str, told: Callable[[Broker, str, int], Alarm]
    ) -> Alarm | None:
        broker, report = self._broker, self.report.broker
        if broker is None or report is None or report.state != state:
            return None
        return told(broker, str(report.why), report.waiting)

    def _look_at_commands(self) -> Alarm | None:
        broker, report = self._broker, self.report.broker
        if broker is None or report is None or report.unheard is None:
            return None
        return remedy.commands_refused(broker, report.unheard)
