"""Whose turn it is: laws on who is rung, for whom, and when."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from routing.service import Strategy
from tests.simulation.account import Account
from tests.simulation.post import FREE, KEPT_S, PERSON, Post, leg_of
from tests.simulation.wait import Ring, Wait, waits

NOTICED_S: Final = 0.3
"""What is known is acted on within this; most of it is Asterisk's device states on their way."""
SAME_S: Final = 1e-4
"""Records that are nearer were written in one step."""
BEFORE_S: Final = 1.5
"""One place is before another by more than this: credits are recorded in whole seconds."""
RECOVERY_S: Final = 5.0
"""After a trouble the centre is itself again."""
CROSSED_S: Final = 0.5
"""An answer and a withdrawal that are nearer may have crossed."""
LOOK_S: Final = 8.0
"""Somebody busy is waited for 2 s, and the pause between two rounds takes 5 s."""
GROUP: Final = "services.hunt_groups."
RINGS_ON_S: Final = 1.0
"""After its time a phone may ring so long: the leg has to be ended."""


def who_is_rung_may_be(account: Account) -> Iterator[str]:
    """Nobody is rung who is paused, in wrap-up, in a call, or by a shift that is over."""
    post = Post(account)
    for wait in waits(account):
        for ring in wait.rings:
            if not ring.target.startswith(PERSON):
                continue
            person, at = ring.target.removeprefix(PERSON), ring.since
            what = f"{wait.call} rings {person} at {at:.3f}, who"
            if post.is_paused(person, at) and post.is_paused(person, at - NOTICED_S):
                yield f"{what} is paused"
            steady = post.is_steady(at - RECOVERY_S, at)
            if steady and post.is_wrapping_up(person, at + NOTICED_S):
                yield f"{what} is in wrap-up"
            if (
                steady
                and not post.may_sit_elsewhere(person, at)
                and _is_in_a_call(post, person, at)
            ):
                yield f"{what} is in a call"
            if steady and ring.path.startswith(GROUP) and not _is_on_duty(post, person, wait, at):
                yield f"{what} is not on duty"


def _is_in_a_call(post: Post, person: str, at: float) -> bool:
    """Whether a phone of the person's was in use before the ring, and some time before that."""
    return any(
        post.was(phone, frozenset({"BUSY"}), at - NOTICED_S, at - SAME_S)
        for phone in post.phones(person, at)
    )


def _is_on_duty(post: Post, person: str, wait: Wait, at: float) -> bool:
    return any(person in post.on_duty(wait.service, when) for when in (at - NOTICED_S, at + SAME_S))


def who_is_free_is_rung(account: Account) -> Iterator[str]:
    """While nothing rings for a caller, nobody is free who is on duty and was not rung for it."""
    post, everybody = Post(account), waits(account)
    for wait in everybody:
        for since, until in _unrung(wait):
            at = max(since, wait.since) + NOTICED_S
            while at < until:
                idle = _idle(post, wait, everybody, at)
                if idle is not None:
                    yield f"nothing rings for {wait.call} at {at:.3f}, and {idle} is free"
                    break
                at += NOTICED_S


def _unrung(wait: Wait) -> Iterator[tuple[float, float]]:
    """The stretches in which nothing rings for the caller."""
    at = wait.since
    for ring in sorted(wait.rings, key=lambda ring: ring.since):
        if ring.since > at:
            yield at, ring.since
        at = max(at, ring.until)
    yield at, wait.until


def _idle(post: Post, wait: Wait, everybody: tuple[Wait, ...], at: float) -> str | None:
    """Somebody who could have been rung for the caller since a moment before, and was not yet."""
    if not post.is_steady(at - RECOVERY_S, at):
        return None
    before = set(post.on_duty(wait.service, at - NOTICED_S))
    for person in post.on_duty(wait.service, at):
        if (
            person in before
            and not wait.has_rung(f"{PERSON}{person}", at)
            and post.is_free(person, at - NOTICED_S, at)
            and not _is_held(f"{PERSON}{person}", everybody, at)
        ):
            return person
    return None


def _is_held(target: str, everybody: tuple[Wait, ...], at: float) -> bool:
    """Whether an offer holds the target: a phone without power does not ring, and is in no use."""
    return any(
        ring.target == target and ring.since <= at and at - NOTICED_S <= ring.until
        for wait in everybody
        for ring in wait.rings
    )


def first_come_first_served(account: Account) -> Iterator[str]:
    """Nobody is rung for a caller while one with an earlier place waits for them, unrung."""
    post, everybody = Post(account), waits(account)
    for wait in everybody:
        for ring in wait.rings:
            if ring.target.startswith(PERSON) and post.is_steady(
                ring.since - RECOVERY_S, ring.since
            ):
                yield from _passed(post, wait, ring, everybody)


def _passed(post: Post, wait: Wait, ring: Ring, everybody: tuple[Wait, ...]) -> Iterator[str]:
    at, person = ring.since, ring.target.removeprefix(PERSON)
    for other in everybody:
        if (
            other.since < at - SAME_S
            and at + SAME_S < other.until
            and _is_before(post, other, wait, at)
            and other.is_unrung(at - SAME_S)
            and other.is_unrung(at + SAME_S)
            and not other.has_rung(ring.target, at)
            and person in post.on_duty(other.service, at)
            # In need, somebody is rung out of the wrap-up; others need not have come to that.
            and not post.may_wrap_up(person, at)
        ):
            yield f"{person} is rung for {wait.call} at {at:.3f}, before {other.call}"


def _is_before(post: Post, one: Wait, other: Wait, at: float) -> bool:
    if (one.lost is None) != (other.lost is None):
        return one.lost is not None
    catalogue = post.plan(at).catalogue

    def head_start_s(wait: Wait) -> float:
        priority = next(s.priority for id_, s in catalogue.services.items() if id_ == wait.service)
        return priority * catalogue.ageing_s

    return one.place - head_start_s(one) < other.earliest - head_start_s(other) - BEFORE_S


def nobody_is_rung_twice_before_all_are(account: Account) -> Iterator[str]:
    """Who did not answer is rung again only after the post's phone, which always rings."""
    post = Post(account)
    for wait in waits(account):
        for number, ring in enumerate(wait.rings):
            before = [other for other in wait.rings[:number] if other.target == ring.target]
            if not before or not ring.path.startswith(GROUP):
                continue
            since = before[-1].since
            if _is_post_spared(account, post, wait, since, ring.since):
                yield f"{ring.target} is rung again for {wait.call} at {ring.since:.3f}"


def _is_post_spared(account: Account, post: Post, wait: Wait, since: float, at: float) -> bool:
    """Whether the post's phone was free all the time, and did not ring for the caller."""
    operators = post.plan(at).operators
    endpoint = operators.seats[operators.post].endpoint
    return (
        post.was(endpoint, frozenset({FREE}), since - RECOVERY_S, at)
        and post.is_steady(since - RECOVERY_S, at, account.absences)
        and all(begun > since + KEPT_S for begun, _ in account.absences if begun > since)
        and not any(r.what.startswith("signed_") for r in account.records)
        and not any(r.target == f"seat:{operators.post}" and r.since < at for r in wait.rings)
    )


def one_after_the_other(account: Account) -> Iterator[str]:
    """A group that does not ring all at once rings one of its operators for a caller."""
    post = Post(account)
    for wait in waits(account):
        rings = [ring for ring in wait.rings if ring.path.startswith(GROUP)]
        for first, second in pairwise(rings):
            if (
                first.until > second.since + SAME_S
                and post.group(wait.service, second.since).strategy is not Strategy.RINGALL
                and post.is_steady(first.since - RECOVERY_S, second.since + SAME_S)
            ):
                yield f"{first.target} and {second.target} ring for {wait.call}"


def no_phone_rings_too_long(account: Account) -> Iterator[str]:
    """Who does not answer is rung for the ring time, and then somebody else's turn comes."""
    post = Post(account)
    until = {leg.channel: leg.until for leg in account.legs}
    talked = {talk.leg for caller in account.callers for talk in caller.talks}
    for wait in waits(account):
        for ring in wait.rings:
            gone, channel = until.get(leg_of(ring.id)), leg_of(ring.id)
            if channel in talked or gone is None or not ring.target.startswith((PERSON, "seat:")):
                continue
            longest = ring.since + post.group(wait.service, ring.since).ring_time_s + RINGS_ON_S
            if gone > longest and post.is_steady(ring.since - RECOVERY_S, longest):
                yield f"{ring.target} rings for {wait.call} until {gone:.3f}, from {ring.since:.3f}"


def who_picks_up_gets_the_caller(account: Account) -> Iterator[str]:
    """A phone that is picked up is not let go without a word, unless another one was faster.

    So was one that was put down again before the two could be brought together.
    What happened in a cut or while no daemon was there is learnt before anything is done.
    """
    callers = {caller.channel: caller for caller in account.callers}
    talked = {talk.leg for caller in account.callers for talk in caller.talks}
    legs = {leg.channel: leg for leg in account.legs}
    for wait in waits(account):
        caller = callers.get(wait.call)
        if caller is None:
            continue
        rung = {ring.id: legs.get(leg_of(ring.id)) for ring in wait.rings}
        put_down = {leg.channel: leg.up_at for leg in rung.values() if leg and leg.hung_up}
        for ring in wait.rings:
            leg = rung[ring.id]
            if leg is None or leg.up_at is None or leg.until is None or leg.channel in talked:
                continue
            since, until = leg.since - CROSSED_S, leg.until + CROSSED_S
            others = (at for channel, at in put_down.items() if channel != leg.channel)
            talks = (talk.since for talk in caller.talks)
            elsewhere = (*caller.burnt, caller.until, *talks, *others)
            if (
                ring.target.startswith((PERSON, "seat:"))
                and not leg.hung_up
                and leg.until - leg.up_at > CROSSED_S
                and not any(at is not None and since <= at <= until for at in elsewhere)
                and account.is_quiet(
                    leg.since - RECOVERY_S, until, (*account.cuts, *account.absences)
                )
            ):
                yield f"{ring.target} picks up for {wait.call} at {leg.up_at:.3f}, and is let go"


def the_chain_goes_on(account: Account) -> Iterator[str]:
    """While nothing rings for a caller, somebody is looked for again and again."""
    post = Post(account)
    looks: dict[str, list[float]] = {}
    for record in account.records:
        if record.what in {"nobody_to_ring", "queued", "offered", "hurried"}:
            looks.setdefault(str(record.call), []).append(account.at(record))
    for wait in waits(account):
        for since, until in _unrung(wait):
            looked = [at for at in looks.get(wait.call, ()) if since <= at <= until]
            for before, after in pairwise((since, *looked, until)):
                if after - before > LOOK_S and post.is_steady(before - RECOVERY_S, before + LOOK_S):
                    yield f"nobody is looked for, for {wait.call}, from {before:.3f} to {after:.3f}"


HUNTS: Final = (
    the_chain_goes_on,
    who_picks_up_gets_the_caller,
    who_is_rung_may_be,
    who_is_free_is_rung,
    first_come_first_served,
    nobody_is_rung_twice_before_all_are,
    one_after_the_other,
    no_phone_rings_too_long,
)
