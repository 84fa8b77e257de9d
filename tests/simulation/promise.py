"""What is promised to a caller: laws on the menu, the prompts, the place, and the longest wait."""

from collections.abc import Iterator
from typing import Final

from journal.record import Record
from tests.simulation.account import FLOOR_LEG, Account
from tests.simulation.post import Post
from tests.simulation.wait import Wait, waits

SAME_S: Final = 1e-4
"""Records that are nearer were written in one step."""
RECOVERY_S: Final = 5.0
"""After a trouble the centre is itself again."""
LATE_S: Final = 1.0
"""What has to come by a time has come so much later."""
WAITED_S: Final = 2.0
"""Who has waited less has hardly earned anything."""
NEAR_S: Final = 4.0
"""A caller's arrival is known to this: the event of it may have been late."""
TWICE: Final = 2
"""Calls of somebody who has called again."""
ALONE_S: Final = 15.0
"""So long after a talk a caller is served again, by the fuse at the latest."""
JOINED_S: Final = 1.0
"""The dialplan joins a caller with who has answered, as soon as the fuse has burnt."""
CONNECTING: Final = "connecting"
CONFIRMED: Final = ("outside:",)


def phones_ring_before_the_caller_hears_so(account: Account) -> Iterator[str]:
    """Whoever is told to be connected is in the queue already, when that is asked of Asterisk."""
    queued: dict[str, list[float]] = {}
    for record in account.records:
        if record.what in {"queued", "adopted"} and record.call is not None:
            queued.setdefault(record.call, []).append(account.at(record))
    for at, call, media in account.prompts:
        if CONNECTING in media and not any(since <= at + SAME_S for since in queued.get(call, ())):
            yield f"{call} hears {media} at {at:.3f}, before any phone can ring"


def the_menu_comes_to_an_end(account: Account) -> Iterator[str]:
    """Who presses nothing, or wrong keys, hears the menu no more often than the settings say."""
    for call, records in _stays(account):
        menu = 1 + sum(r.what == "digit" and r.detail["digit"] == "9" for r in records)
        heard = sum(r.what == "prompt" for r in records)
        most = menu + MENUS_MORE
        if heard > most:
            yield f"{call} hears the menu {heard} times, and not {most} at most"


MENUS_MORE: Final = 2
"""After silence, after one wrong key, and after a word on the zone whose end is not told."""


def _stays(account: Account) -> Iterator[tuple[str, list[Record]]]:
    """The records of each stay."""
    stays: dict[str, list[Record]] = {}
    for record in account.records:
        if record.call is None:
            continue
        if record.what == "arrived" and record.call in stays:
            yield record.call, stays.pop(record.call)
        stays.setdefault(record.call, []).append(record)
    yield from stays.items()


def who_presses_a_key_is_served(account: Account) -> Iterator[str]:
    """Who presses any key while hearing that another centre is theirs is not hung up on."""
    for call, records in _stays(account):
        pressed = any(record.what == "digit" for record in records)
        if pressed and any(record.what == "dismissed" for record in records):
            yield f"{call} has pressed a key, and was hung up on"


def nobody_is_left_alone(account: Account) -> Iterator[str]:
    """Whom an operator has left waits again or is let go, and does not listen to silence."""
    everybody = waits(account)
    for caller in account.callers:
        for number, talk in enumerate(caller.talks):
            if talk.until is None or not talk.leg.startswith(FLOOR_LEG):
                continue
            last = talk.until + ALONE_S
            if not account.is_quiet(last - 2 * RECOVERY_S, last):
                continue
            following = caller.talks[number + 1 : number + 2]
            if (
                (caller.until is None or caller.until > last)
                and not (following and following[0].since < last)
                # Whom the dialplan has joined, it serves.
                and not any(talk.since - JOINED_S <= at <= last for at in caller.burnt)
                and not any(
                    wait.call == caller.channel and wait.since < last and wait.until > talk.until
                    for wait in everybody
                )
            ):
                yield f"{caller.channel} hears nobody from {talk.until:.3f} to {last:.3f}"


def a_voicemail_is_no_human(account: Account) -> Iterator[str]:
    """Who is rung outside the post has been asked to press 1 before it counts as an answer."""
    asked = {r.detail["offer"] for r in account.records if r.what == "asked_to_confirm"}
    for record in account.records:
        if (
            record.what == "operator_answered"
            and str(record.detail["target"]).startswith(CONFIRMED)
            and record.detail["offer"] not in asked
        ):
            yield f"{record.detail['target']} is a human for {record.call} by picking up"


def the_longest_wait_is_kept(account: Account) -> Iterator[str]:
    """Who has waited the most that the service allows is taken to what always rings."""
    post = Post(account)
    hurried = {r.call for r in account.records if r.what == "hurried"}
    for wait in waits(account):
        service = wait.service
        catalogue = post.plan(wait.since).catalogue
        most_s = next(s.max_wait_s for id_, s in catalogue.services.items() if id_ == service)
        if most_s is None or wait.call in hurried:
            continue
        last = wait.since + most_s + LATE_S
        if wait.until > last and post.is_steady(wait.since - RECOVERY_S, last):
            yield f"{wait.call} has waited longer than {most_s} s at {last:.3f}"


def who_calls_again_keeps_the_place(account: Account) -> Iterator[str]:
    """Who gave up waiting and dials again soon has the time waited before put to the credit."""
    post, everybody = Post(account), waits(account)
    gave_up = {
        (r.call, round(account.at(r), 3))
        for r in account.records
        if r.what == "abandoned" and r.detail["where"] == "waiting"
    }
    for wait in everybody:
        own = [other for other in everybody if other.number == wait.number]
        if wait.credit_s or len(own) < TWICE or not wait.number.isdecimal():
            continue
        before = own[own.index(wait) - 1] if own.index(wait) else None
        # Who called from two phones at once, and comes to wait now, has the place of that arrival.
        if before is None or before.until > wait.place or before.call == wait.call:
            continue
        catalogue = post.plan(wait.since).catalogue
        if (
            (before.call, round(before.until, 3)) in gave_up
            and before.until - before.since > WAITED_S
            and wait.since - before.until < catalogue.redial_credit_s
            and account.is_quiet(before.since - RECOVERY_S, wait.since)
            # Of two calls, one that went through the dialplan came before what it has waited.
            and wait.earliest > before.place
            and not any(_overlap(other, before) for other in own if other is not before)
        ):
            yield f"{wait.call} begins anew at {wait.since:.3f}, as if {before.call} had never been"


def _overlap(one: Wait, other: Wait) -> bool:
    return one.since <= other.until and other.since <= one.until


def the_wait_is_told_truly(account: Account) -> Iterator[str]:
    """Who gave up is told to have been there as long as that was, whoever served meanwhile."""
    since = {caller.channel: caller.since for caller in account.callers}
    for call, records in _stays(account):
        begun = since.get(call)
        for record in records:
            if (
                begun is None
                or records[0].what != "arrived"
                or records[0].detail.get("how") != "new"
            ):
                continue
            waited_s = record.detail.get("waited_s")
            if record.what == "abandoned" and waited_s is not None:
                true_s = account.at(record) - begun
                if abs(true_s - float(waited_s)) > NEAR_S:
                    yield f"{call} has waited {true_s:.3f} s, and not {waited_s} s"


def the_last_one_is_not_paused(account: Account) -> Iterator[str]:
    """Nobody is paused for not answering who is the last of an agency."""
    post = Post(account)
    for record in account.records:
        if record.what == "paused" and record.detail["automatic"]:
            person, at = str(record.detail["person"]), account.at(record)
            if post.colleagues(person, at - SAME_S) == 0 and post.colleagues(person, at) == 0:
                yield f"{person} is paused at {at:.3f}, and nobody of the agency is left"


PROMISES: Final = (
    who_presses_a_key_is_served,
    nobody_is_left_alone,
    phones_ring_before_the_caller_hears_so,
    the_menu_comes_to_an_end,
    a_voicemail_is_no_human,
    the_longest_wait_is_kept,
    who_calls_again_keeps_the_place,
    the_wait_is_told_truly,
    the_last_one_is_not_paused,
)
