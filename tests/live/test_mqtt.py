"""Who follows the centre over MQTT hears of everything, in order, also after what breaks."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from journal.message import DAEMON, OPERATOR, QUEUE
from journal.spool import read
from sandbox.behaviour import Answer
from sandbox.broker import Mosquitto
from sandbox.system import System
from tests.journal import asyncapi
from tests.journal.follower import Follower
from tests.live.centre import MOBILE, dial_112, recorded

pytestmark = pytest.mark.live

FOLLOW_S = 30.0
"""For what happened to be told: a broker that was away is tried again after up to 15 s."""


async def until(holds: Callable[[], object]) -> None:
    """Returns when it holds."""
    async with asyncio.timeout(FOLLOW_S):
        while not holds():  # noqa: ASYNC110 - the broker tells in a thread of its own
            await asyncio.sleep(0.05)


def doing(follower: Follower, person: str = "sri") -> Any:
    """What is told of an operator."""
    return (follower.last(f"{OPERATOR}{person}") or {}).get("doing")


async def test_a_centre_is_followed_over_outages_and_asked_for_something(
    kota: Follower, followed: System, broker: Mosquitto
) -> None:
    """A call while the broker is away, states, a pause, a reload, and `kill -9` of the daemon."""
    await followed.register("medis-1", Answer(0.1))
    await followed.register("medis-2", Answer(0.1))
    await until(lambda: doing(kota) == "ready")
    await until(lambda: kota.last(DAEMON)["ready"] is True)
    caller = await dial_112(followed, "1")
    await recorded(followed, "bridged")
    await until(lambda: "in_call" in [doing(kota, person) for person in ("sri", "bayu")])
    assert kota.last(QUEUE)["waiting"] == 0
    await asyncio.to_thread(broker.stop)
    await caller.hangup()
    await recorded(followed, "ended")
    await asyncio.to_thread(broker.start)
    wanted = [record.id for record in read(followed.spool) if record.call is not None]
    await until(lambda: set(wanted) <= set(kota.ids))
    call = [each.value["id"] for each in kota.told if "/call/" in each.topic]
    assert list(dict.fromkeys(call)) == wanted

    await until(lambda: doing(kota) == "ready")
    await asyncio.to_thread(
        kota.say,
        "siaga112/command/kota/pause",
        b'{"person": "sri", "reason": "rapat"}',
        ResponseTopic="siaga112/answer/kota/1",
    )
    await until(lambda: kota.last("answer/kota/1"))
    assert kota.last("answer/kota/1")["done"] is True
    await until(lambda: doing(kota) == "paused")
    record = await recorded(followed, "instructed")
    assert (record.detail["by"], record.detail["via"]) == ("kota", "mqtt")
    await asyncio.to_thread(
        kota.say, "siaga112/command/kota/reload", b"", ResponseTopic="siaga112/answer/kota/2"
    )
    await until(lambda: kota.last("answer/kota/2"))
    assert kota.last("answer/kota/2")["outcome"] == "accepted"
    await recorded(followed, "commanded")

    await followed.daemon.kill()
    await until(lambda: kota.last(DAEMON)["online"] is False)
    await followed.daemon.start()
    await until(lambda: kota.last(DAEMON)["online"] is True)
    await followed.daemon.stop()
    wanted = [record.id for record in read(followed.spool)]
    await until(lambda: set(wanted) <= set(kota.ids))
    assert kota.last(DAEMON)["online"] is False
    told = [each for each in kota.told if "/command/" not in each.topic]
    told = [each for each in told if "/answer/" not in each.topic]
    assert [fault for each in told for fault in asyncapi.faults(each.topic, each.payload)] == []
    assert not [each for each in kota.told if MOBILE.encode() in each.payload]
    assert "rahasia" not in followed.daemon.log.read_text()
    await followed.daemon.start()
