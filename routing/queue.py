"""The queue: who waits, in which order, and what those had earned who gave up."""

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from itertools import islice
from operator import attrgetter, itemgetter

from routing.credit import Credit, Credits
from routing.entry import Entry, Place
from routing.hunt import Chain
from routing.moment import Instant, Moment, after
from routing.note import CallId
from routing.offer import Enqueue
from routing.reminder import Reminders
from routing.service import Catalogue


class Queue:
    """The waiting callers.

    Attributes:
        touched: Who is another one since the present step; they are looked at before it ends.
        roused: For whom others are; the same, but one of each lane will do.
        revision: Another number whenever the credits are others.
    """

    def __init__(self) -> None:
        self.touched: set[CallId] = set()
        self.roused: set[CallId] = set()
        self.revision = 0
        self._entries: dict[CallId, Entry] = {}
        self._line: list[tuple[Place, Entry]] = []
        self._reminders = Reminders()
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
            handicap_s=event.handicap_s,
            language=event.language,
            ani=event.number,
            credit=credit,
        )
        self._entries[event.call] = entry
        insort(self._line, (entry.place, entry))
        self.touched.add(event.call)
        return entry

    def leave(self, call: CallId) -> Entry | None:
        """The caller does not wait any more."""
        entry = self._entries.pop(call, None)
        if entry is None:
            return None
        del self._line[self._index(entry)]
        self._reminders.remind(call, None)
        if entry.credit is not None:
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
        return [entry for _, entry in self._line]

    def concerned(self) -> list[Entry]:
        """The same, of those only whom the present step concerns."""
        found = [self.get(call) for call in self.touched | self.roused]
        return sorted((each for each in found if each is not None), key=attrgetter("place"))

    def reorder(self) -> None:
        """Priorities are others."""
        self._line = [(entry.place, entry) for entry in self]
        self._line.sort()

    def position(self, call: CallId, up_to: int) -> int | None:
        """The caller's place among those who wait for the same people, the first being 1.

        Args:
            call: Who asks.
            up_to: No more than so many are counted.

        Returns:
            None for who does not wait.
        """
        entry = self.get(call)
        if entry is None:
            return None
        people, place = frozenset(entry.chain.hunted.group.agencies), 1
        for _, ahead in islice(self._line, self._index(entry)):
            if place == up_to:
                break
            if not people.isdisjoint(ahead.chain.hunted.group.agencies):
                place += 1
        return place

    def served(self, entry: Entry, at: Instant) -> None:
        """The caller has just been served, and may be in another lane; who is alone needs none."""
        entry.lane = entry.lane_at(at) if len(self._entries) > 1 else None
        self._reminders.remind(entry.call, entry.due)

    def due(self, at: Instant) -> set[CallId]:
        """Those whose own time has come."""
        return self._reminders.due(at)

    def deadline(self) -> Instant | None:
        """When somebody's own time comes."""
        return self._reminders.earliest()

    def touch_all(self) -> None:
        """Everybody is looked at."""
        self.touched.update(self._entries)

    def rouse_all(self) -> None:
        """Somebody is looked at for everybody."""
        self.roused.update(self._entries)

    def rouse_unrung(self, but: CallId | None = None) -> None:
        """The same for those for whom nothing rings, all but one."""
        self.roused.update(e.call for e in self if not e.offers and e.call != but)

    def _index(self, entry: Entry) -> int:
        return bisect_left(self._line, entry.place, key=itemgetter(0))
