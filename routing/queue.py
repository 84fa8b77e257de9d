"""The queue: who waits, in which order, and what those had earned who gave up."""

from collections.abc import Iterator, Mapping

from routing.credit import Credit, Credits
from routing.entry import Entry
from routing.hunt import Chain
from routing.moment import Instant, Moment, after, earliest
from routing.note import CallId
from routing.offer import Enqueue
from routing.service import Catalogue


class Queue:
    """The waiting callers.

    Attributes:
        touched: Whom the present step concerns; they are looked at before it ends.
        revision: Another number whenever the credits are others.
    """

    def __init__(self) -> None:
        self.touched: set[CallId] = set()
        self.revision = 0
        self._entries: dict[CallId, Entry] = {}
        self._credits = Credits()

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __getitem__(self, call: CallId) -> Entry:
        return self._entries[call]

    def get(self, call: CallId) -> Entry | None:
        """The caller's place; None for who does not wait."""
        return self._entries.get(call)

    def join(self, event: Enqueue, chain: Chain, number: int, at: Moment) -> Entry:
        """The caller waits from now on, in the place of the arrival or of an earlier call.

        Args:
            event: Who, and for what.
            chain: The way along which phones are rung.
            number: Higher than that of anybody before.
            at: Now.
        """
        now = at.wall.timestamp()
        credit = None if event.number is None else self._credits.take(event.number, now)
        earned = event.arrived if credit is None else credit.place_of(event.arrived)
        entry = Entry(
            call=event.call,
            service=event.service,
            arrived=event.arrived,
            earned=earned,
            began=after(at.instant, min(0.0, earned - now)),
            head=event.head,
            number=number,
            chain=chain,
            transfer=event.transfer,
            step=0,
            step_since=at.instant,
            round_since=at.instant,
            skipped=set(event.skip),
            ani=event.number,
            credit=credit,
        )
        self._entries[event.call] = entry
        self.touched.add(event.call)
        return entry

    def leave(self, call: CallId) -> Entry | None:
        """The caller does not wait any more."""
        entry = self._entries.pop(call, None)
        if entry is not None and entry.credit is not None:
            self.revision += 1
        return entry

    def credit(self, entry: Entry, catalogue: Catalogue, at: Moment) -> None:
        """The caller has given up: the next call from that number goes on from here.

        Not if others may be behind the number: it is known to be shared, or waits once more.
        """
        if entry.ani is None or entry.ani in catalogue.shared_numbers:
            return
        if any(other.ani == entry.ani for other in self):
            return
        until = at.wall.timestamp() + catalogue.redial_credit_s
        self._credits.keep(entry.ani, Credit(entry.earned, at.instant - entry.began, until))
        self.revision += 1

    def credits(self, now: float) -> Mapping[str, Credit]:
        """What callers had earned who gave up, by number, as it is kept.

        Also of who waits with it now: it is not on the channel, so another run needs it again.
        """
        used = {
            entry.ani: entry.credit
            for entry in self
            if entry.ani is not None and entry.credit is not None and entry.credit.until > now
        }
        return {**used, **self._credits.kept(now)}

    def restore(self, credits_: Mapping[str, Credit], latest: float) -> None:
        """Goes on from what was kept; none counts for longer than until `latest`."""
        self._credits.restore(credits_, latest)

    def in_order(self) -> list[Entry]:
        """First to be served first."""
        entries = list(self)
        if len(entries) > 1:
            entries.sort(key=lambda entry: entry.place)
        return entries

    def position(self, call: CallId) -> int | None:
        """The caller's place, the first being 1; None for who does not wait."""
        entry = self.get(call)
        if entry is None:
            return None
        return 1 + sum(other.place < entry.place for other in self)

    def deadline(self) -> Instant | None:
        """When somebody's own time comes."""
        return earliest(*[entry.look_at for entry in self._entries.values()])

    def touch_due(self, at: Instant) -> None:
        """Those whose own time has come are looked at."""
        due = [(e.call, e.look_at) for e in self._entries.values()]
        self.touched.update(call for call, when in due if when is not None and when <= at)

    def touch_all(self) -> None:
        """Everybody is looked at."""
        self.touched.update(self._entries)

    def touch_unrung(self, but: CallId | None = None) -> None:
        """Those are looked at for whom nothing rings, all but one."""
        self.touched.update(e.call for e in self if not e.offers and e.call != but)
