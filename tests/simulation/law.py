"""What must never be, whoever calls, whoever answers and whatever breaks.

Each law looks at an account and tells what breaks it. They believe the phones; of the centre's own
word, its records, they ask that it be complete and agree with them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Final, TypeAlias

from routing.offer import SHORT_TALK_S
from siaga.line import FUSE_S
from tests.simulation.account import FLOOR_LEG, Account, Call
from tests.simulation.hunt import HUNTS
from tests.simulation.promise import PROMISES
from tests.simulation.turn import order_is_kept

Law: TypeAlias = Callable[[Account], Iterator[str]]
LET_GO_S: Final = 10.0
"""From an operator's hang-up to the end of the caller's channel, by the fuse at the latest."""
JOIN_S: Final = 0.1
"""From an operator's answer, from which the talk counts, until the two hear each other."""
AGAIN_S: Final = 1.0
"""The dialplan takes a talk over without a gap that anybody would hear."""
RECOVERY_S: Final = 5.0
"""After a trouble the centre is itself again."""
ENDINGS: Final = frozenset(
    {"ended", "abandoned", "dismissed", "pulled_out", "handed_back", "let_go"}
)
"""Records of which each stay has exactly one."""
LAST: Final = frozenset({"ended", "abandoned", "dismissed"})
"""Those that end the call and not only the stay."""
BEGINNINGS: Final = frozenset({"arrived", "adopted"})


def one_call_a_phone(account: Account) -> Iterator[str]:
    """No phone, and no person or number, is rung by or talks in two of the floor's calls."""
    targets = account.targets()
    ours = [leg for leg in account.legs if leg.channel.startswith(FLOOR_LEG)]
    named = ((targets.get(leg.channel, leg.phone), leg) for leg in ours)
    yield from _overlaps((leg.phone, leg) for leg in ours)
    yield from _overlaps((key, leg) for key, leg in named if key != leg.phone)


def _overlaps(calls: Iterable[tuple[str, Call]]) -> Iterator[str]:
    by_key: dict[str, list[Call]] = {}
    for key, call in calls:
        by_key.setdefault(key, []).append(call)
    for key, own in by_key.items():
        own.sort(key=lambda call: call.since)
        for first, second in pairwise(own):
            if not first.ends_by(second.since):
                yield f"{key} has {first.channel} and {second.channel} at {second.since:.3f}"


def who_stays_reaches_a_human(account: Account) -> Iterator[str]:
    """A caller without a human has hung up, before everybody was made to, or Asterisk has died."""
    for caller in account.callers:
        ends = account.over if caller.until is None else caller.until
        gave_up = caller.hung_up and ends < account.over
        if caller.talks or gave_up or account.crashed(ends) or _is_dismissed(caller, account):
            continue
        yield f"{caller.channel} ({caller.phone}) has reached nobody by {ends:.3f}"


def nobody_is_hung_up_on(account: Account) -> Iterator[str]:
    """A call ends by the caller, by an operator who has talked, or with Asterisk."""
    for caller in account.callers:
        if caller.until is None or caller.hung_up or not caller.talks:
            continue
        last = caller.talks[-1]
        gap_s = caller.until - (caller.until if last.until is None else last.until)
        by_human = last.normally and gap_s <= LET_GO_S
        if not by_human and not account.crashed(caller.until):
            at = f"{caller.until:.3f}, {gap_s:.3f} s after a talk"
            yield f"{caller.channel} was hung up on at {at}"


def a_slip_is_no_talk(account: Account) -> Iterator[str]:
    """Who was hung up on by an operator at once stays and is served by another."""
    for caller in account.callers:
        if caller.until is None or caller.hung_up or not caller.talks:
            continue
        last = caller.talks[-1]
        seconds = (caller.until if last.until is None else last.until) - last.since
        # Bad weather keeps the two apart after the answer, from which the time counts.
        is_plain = account.is_quiet(last.since - RECOVERY_S, caller.until)
        if is_plain and last.leg.startswith(FLOOR_LEG) and seconds < SHORT_TALK_S - JOIN_S:
            yield f"{caller.channel} was let go after a talk of {seconds:.3f} s"


def talks_go_on(account: Account) -> Iterator[str]:
    """A talk ends by one of the two who talk, or with Asterisk."""
    for caller in account.callers:
        for number, talk in enumerate(caller.talks):
            if talk.until is None or talk.ended or account.crashed(talk.until):
                continue
            if caller.hung_up and caller.until is not None and caller.until - talk.until < AGAIN_S:
                continue
            following = caller.talks[number + 1 : number + 2]
            if (
                not following
                or following[0].leg != talk.leg
                or following[0].since - talk.until > AGAIN_S
            ):
                yield f"{caller.channel} and {talk.leg} were parted at {talk.until:.3f}"


def each_stay_ends_once(account: Account) -> Iterator[str]:
    """By the records: a stay begins, and has exactly one ending unless the daemon was killed."""
    last: Counter[str] = Counter()
    for run, records in account.runs():
        begun: Counter[str] = Counter()
        ended: Counter[str] = Counter()
        for record in records:
            if record.call is None:
                continue
            begun[record.call] += record.what in BEGINNINGS
            ended[record.call] += record.what in ENDINGS
            last[record.call] += record.what in LAST
            if ended[record.call] > begun[record.call]:
                yield f"{record.call} has a second ending in {run}: {record.what} ({record.id})"
        if run not in account.killed:
            for call in begun:
                if ended[call] < begun[call]:
                    yield f"{call} has no ending in {run}"
    yield from (f"{call} has {count} endings for good" for call, count in last.items() if count > 1)


def talks_are_recorded(account: Account) -> Iterator[str]:
    """Whom a caller heard for a moment while all was well is in the records, and nobody else."""
    bridged = {
        (record.call, f"{FLOOR_LEG}{record.detail['offer']}"): account.at(record)
        for record in account.records
        if record.what == "bridged"
    }
    heard = {(caller.channel, talk.leg) for caller in account.callers for talk in caller.talks}
    for caller in account.callers:
        for talk in caller.talks:
            until = account.over if talk.until is None else talk.until
            is_plain = account.is_quiet(talk.since - RECOVERY_S, talk.since + AGAIN_S)
            is_ours = talk.leg.startswith(FLOOR_LEG) and until - talk.since > AGAIN_S
            if is_plain and is_ours and (caller.channel, talk.leg) not in bridged:
                yield f"{caller.channel} and {talk.leg} talk at {talk.since:.3f} without a record"
    for (call, leg), at in bridged.items():
        if (call, leg) not in heard:
            yield f"{call} and {leg} are bridged by the records at {at:.3f}, and did not talk"


def recordings_are_kept(account: Account) -> Iterator[str]:
    """A recording that has begun comes to the shelf, whatever dies meanwhile."""
    offers = {r.detail["offer"] for r in account.records if r.what == "recording_kept"}
    for record in account.records:
        if record.what == "recording_begun" and record.detail["offer"] not in offers:
            yield f"the recording of {record.call} begun at {account.at(record):.3f} is not kept"


def no_fuse_burns(account: Account) -> Iterator[str]:
    """While daemon, Asterisk and wire are well no caller is pulled out of the application."""
    for caller in account.callers:
        for at in caller.burnt:
            if account.is_quiet(at - FUSE_S - RECOVERY_S, at):
                yield f"the fuse of {caller.channel} burnt at {at:.3f}"


def nothing_is_left(account: Account) -> Iterator[str]:
    """No channel, bridge, playback, task, place or offer is left when everybody has hung up."""
    yield from account.left


def nothing_fails_unheard(account: Account) -> Iterator[str]:
    """No error is logged, and no task has failed."""
    yield from account.errors


def _is_dismissed(caller: Call, account: Account) -> bool:
    return any(r.what == "dismissed" and r.call == caller.channel for r in account.records)


LAWS: Final[tuple[Law, ...]] = (
    one_call_a_phone,
    who_stays_reaches_a_human,
    nobody_is_hung_up_on,
    a_slip_is_no_talk,
    talks_go_on,
    order_is_kept,
    each_stay_ends_once,
    talks_are_recorded,
    recordings_are_kept,
    no_fuse_burns,
    nothing_is_left,
    nothing_fails_unheard,
    *HUNTS,
    *PROMISES,
)


def broken(account: Account) -> tuple[str, ...]:
    """Every breach of every law, with the law's name."""
    return tuple(f"{law.__name__}: {breach}" for law in LAWS for breach in law(account))
