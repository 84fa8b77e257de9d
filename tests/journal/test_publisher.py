"""Whoever follows over MQTT hears of everything, each call's records in their order (mosquitto)."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import ClassVar, Self

import pytest
from structlog.testing import capture_logs

from journal import connection, keeper, listener, publisher
from journal.address import Address
from journal.broker import Broker, Secret
from journal.connection import Connection
from journal.message import DAEMON, QUEUE
from journal.post import Command, Refusal
from sandbox.broker import Mosquitto
from sandbox.toolbox import open_toolbox
from tests.journal.follower import Follower, Told
from tests.journal.post import CALLS, Post, broker_at, posting
from tests.journal.reticent import GRANTED_QOS_1, Reticent
from tests.journal.sample import until

QUICK_S = 0.02
# When TLS is refused, paho leaves its socket to the garbage collector, which complains.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks and tries follow each other fast."""
    monkeypatch.setattr(keeper, "LOOK_S", QUICK_S)
    monkeypatch.setattr(publisher, "FIRST_PAUSE_S", QUICK_S)
    monkeypatch.setattr(publisher, "LONGEST_PAUSE_S", 5 * QUICK_S)
    monkeypatch.setattr(publisher, "STEADY_S", 0.3)
    monkeypatch.setattr(publisher, "LOOK_S", 0.1)
    monkeypatch.setattr(publisher, "AWAY_S", 0.5)


@pytest.fixture
def mosquitto() -> Iterator[Mosquitto]:
    """A broker that lets everybody in."""
    with Mosquitto(open_toolbox()) as running:
        yield running


def heard_of_all(post: Post, follower: Follower) -> None:
    """Every record came, and each call's in its order."""
    until(lambda: len(follower.ids) >= len(post.wanted))
    assert sorted(follower.ids) == sorted(post.wanted)
    in_order(follower)


def in_order(follower: Follower) -> None:
    """Each call's records came first in the order in which they happened."""
    for call in range(CALLS):
        told = [each.value["id"] for each in follower.heard(f"/call/{call}.0")]
        first = list(dict.fromkeys(told))
        assert first == sorted(first)


def test_a_broker_that_is_away_for_a_while_loses_nothing(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    """Stopped and started: what waited follows; what was confirmed is not told again."""
    with (
        Follower(mosquitto.port) as follower,
        posting(tmp_path, broker_at(mosquitto.port)) as post,
    ):
        post.write(*range(1, 300))
        until(lambda: post.publisher.report.published == 299)
        mosquitto.stop()
        post.until("lost")
        post.write(*range(300, 900))
        post.until("away")
        assert "no connection" in str(post.publisher.report.why)
        until(lambda: post.publisher.report.waiting == 600)
        mosquitto.start()
        post.until("up")
        heard_of_all(post, follower)
        until(lambda: post.publisher.report.waiting == 0)
        assert post.publisher.report.published == 899


def has_heard(follower: Follower, count: int) -> bool:
    """Whether so many records came."""
    return len(follower.ids) >= count


def has_heard_of(follower: Follower, wanted: list[str]) -> bool:
    """Whether all of these records came."""
    return set(wanted) <= set(follower.ids)


class Patient(Connection):
    """Connects when the follower is there: who comes later has missed what came before."""

    follower: ClassVar[Follower]

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.follower.is_there.wait)
        return await super().__aenter__()


def test_kill_9_of_the_broker_in_the_middle_loses_nothing(
    tmp_path: Path, mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it has not confirmed is told again. What it has, and forgets, is a broker's own loss."""
    monkeypatch.setattr(publisher, "Connection", Patient)
    with Follower(mosquitto.port) as follower:
        Patient.follower = follower
        with posting(tmp_path, broker_at(mosquitto.port)) as post:
            for begin in (1, 1001, 2001):
                post.write(*range(begin, begin + 1000))
                until(partial(has_heard, follower, begin + 300))
                mosquitto.kill()
                post.until("lost")
                until(lambda: not follower.is_there.is_set())
                confirmed = post.publisher.report.published
                mosquitto.start()
                until(partial(has_heard_of, follower, post.wanted[confirmed:]))
                assert post.publisher.report.published > confirmed
            in_order(follower)


def test_a_broker_that_hangs_is_noticed(
    tmp_path: Path, mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its connection stays open, and nothing is confirmed: what was sent is sent again."""
    monkeypatch.setattr(connection, "ANSWER_S", 0.3)
    with (
        Follower(mosquitto.port) as follower,
        posting(tmp_path, broker_at(mosquitto.port)) as post,
    ):
        post.until("up")
        with mosquitto.frozen():
            post.write(*range(1, 100))
            post.until("lost")
            assert post.publisher.report.published == 0
        heard_of_all(post, follower)


def test_a_slow_consumer_holds_up_nobody(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """The broker queues for it: who reads at once hears at once, the slow one all in the end."""
    go_on = threading.Event()

    def hold(_told: Told) -> None:
        go_on.wait()

    with (
        Follower(mosquitto.port, "slow", on_told=hold) as slow,
        Follower(mosquitto.port, "quick") as quick_one,
        posting(tmp_path, broker_at(mosquitto.port)) as post,
    ):
        try:
            post.write(*range(1, 1500))
            heard_of_all(post, quick_one)
            until(lambda: post.publisher.report.waiting == 0)
            assert len(slow.told) <= 1
        finally:
            go_on.set()
        heard_of_all(post, slow)


def test_a_broker_that_takes_few_messages_at_a_time_gets_no_more(tmp_path: Path) -> None:
    """Whoever sends more than its Receive Maximum is thrown out (MQTT 5, 3.3.4)."""
    with (
        Mosquitto(open_toolbox(), options="max_inflight_messages 2") as mosquitto,
        Follower(mosquitto.port) as follower,
        posting(tmp_path, broker_at(mosquitto.port)) as post,
    ):
        post.write(*range(1, 300))
        heard_of_all(post, follower)
        assert "siaga112 disconnected" not in mosquitto.said()


def test_another_client_of_our_id_is_told_of_and_outlasted(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    """Each takes the connection from the other; we come back ever more rarely, and lose nothing."""
    with (
        Follower(mosquitto.port) as follower,
        posting(tmp_path, broker_at(mosquitto.port)) as post,
    ):
        post.until("up")
        with Follower(mosquitto.port, "siaga112", "nothing/at/all"):
            post.until("refused")
            assert "another client" in str(post.publisher.report.why)
            assert "'siaga112'" in str(post.publisher.report.why)
            post.write(*range(1, 100))
        post.until("up")
        heard_of_all(post, follower)


LIST = """
user siaga
topic write metro/112/call/#
topic write metro/112/state/#
user follower
topic read #
"""


@pytest.fixture(scope="module")
def guarded() -> Iterator[Mosquitto]:
    """A broker with TLS, passwords and an access list."""
    passwords = {"siaga": "kata sandi", "follower": "lain"}
    with Mosquitto(open_toolbox(), passwords=passwords, access=LIST, tls=True) as running:
        yield running


def guarded_at(broker: Mosquitto, **fields: object) -> Broker:
    """How it is reached."""
    first = {"user": "siaga", "prefix": "metro/112", "tls": True, "ca": str(broker.authority)}
    return broker_at(broker.port, **{**first, **fields})


RIGHT = Secret("kata sandi", "SIAGA_MQTT_PASSWORD")


def test_tls_password_and_access_list_that_are_right(tmp_path: Path, guarded: Mosquitto) -> None:
    """The broker's certificate is believed for the address that it is reached by."""
    follower = Follower(guarded.port, user=("follower", "lain"), authority=guarded.authority)
    with follower, posting(tmp_path, guarded_at(guarded), RIGHT) as post:
        post.write(*range(1, 50))
        heard_of_all(post, follower)


@pytest.mark.parametrize(
    ("fields", "secret", "why"),
    [
        (
            {},
            Secret("falsch", "/etc/siaga112/siaga-mqtt"),
            "password from /etc/siaga112/siaga-mqtt",
        ),
        ({}, Secret(None, "nowhere: …"), "password from nowhere"),
        ({"user": "nobody"}, RIGHT, "refuses the user 'nobody'"),
        ({"ca": None}, RIGHT, "certificate verify failed"),
        ({"ca": "/nonexistent.crt"}, RIGHT, "/nonexistent.crt cannot be used for TLS"),
        ({"host": "localhost"}, RIGHT, "Hostname mismatch"),
        ({"prefix": "other"}, RIGHT, "does not take other/"),
    ],
)
def test_what_is_refused_is_told_of_and_waits(
    fields: dict[str, object], secret: Secret, why: str, tmp_path: Path, guarded: Mosquitto
) -> None:
    """Nothing counts as published that the broker throws away; the password is never told."""
    with (
        capture_logs() as logs,
        posting(tmp_path, guarded_at(guarded, **fields), secret) as post,
    ):
        post.write(1, 2, 3, call=None)
        post.until("refused")
        until(lambda: why in str(post.publisher.report.why))
        assert (post.publisher.report.published, post.state) == (0, "refused")
        until(lambda: post.publisher.report.waiting == 3)
        assert "kata sandi" not in str(post.publisher.report)
    assert "kata sandi" not in str(logs)
    assert [each["event"] for each in logs].count("broker_away") == 1


def test_a_plain_port_is_no_tls_and_the_other_way_round(
    tmp_path: Path, mosquitto: Mosquitto, guarded: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Either is told of."""
    monkeypatch.setattr(connection, "ANSWER_S", 0.5)
    with posting(tmp_path / "one", guarded_at(mosquitto, ca=None)) as post:
        post.until("refused", "lost")
    with posting(tmp_path / "two", broker_at(guarded.port)) as post:
        post.until("refused", "lost")
        assert str(post.publisher.report.why).startswith("no connection to")


def test_what_is_now_is_retained_and_true_after_each_reconnect(
    tmp_path: Path, mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also at a broker that has forgotten all; what is gone is taken away; it ends with a word."""
    monkeypatch.setattr(publisher, "REFRESH_S", 0.1)
    with posting(tmp_path, broker_at(mosquitto.port)) as post:
        post.publisher.show({QUEUE: b'{"waiting":1}', "state/operator/sri": b"{}"})
        post.publisher.show({QUEUE: b'{"waiting":2}', DAEMON: b'{"online":true}'})
        post.until("up")
        mosquitto.kill()
        post.until("lost")
        post.publisher.show({QUEUE: b'{"waiting":3}', "state/operator/sri": None})
        mosquitto.start()
        post.until("up")
        with Follower(mosquitto.port, topic="siaga112/state/#") as late:
            until(lambda: late.last(QUEUE) == {"waiting": 3} and late.last(DAEMON))
            first = late.heard(QUEUE)[0]
            assert first.retained
            assert 0 < first.properties.MessageExpiryInterval <= publisher.EXPIRES_S
            assert not hasattr(late.heard(DAEMON)[0].properties, "MessageExpiryInterval")
            assert not [each for each in late.heard("operator/sri") if each.payload]
            until(lambda: len(late.heard(QUEUE)) > 1)  # refreshed
            post.publisher.close()
            until(lambda: late.last(DAEMON)["online"] is False)


def test_a_broker_that_lets_nobody_listen_is_told_of_and_published_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands are not heard, and that is said once; when it lets us, that is seen by itself."""
    monkeypatch.setattr(publisher, "REFRESH_S", 0.1)
    with (
        capture_logs() as logs,
        Reticent() as broker,
        posting(tmp_path, broker_at(broker.port, commands=("pause",))) as post,
    ):
        post.publisher.show({QUEUE: b'{"waiting":0}'})
        post.write(*range(1, 100))
        until(lambda: post.publisher.report.published == 99)
        until(lambda: broker.asked > 3)
        report = post.publisher.report
        assert (report.state, report.why) == ("up", None)
        assert "siaga112/command/+/+: Not authorized" in str(report.unheard)
        assert f"siaga112/{QUEUE}" in broker.topics
        assert len([topic for topic in broker.topics if "/call/" in topic]) == len(post.wanted)
        broker.answer = GRANTED_QOS_1
        until(lambda: post.publisher.report.unheard is None)
    assert [each["event"] for each in logs].count("commands_unheard") == 1
    assert [each["event"] for each in logs].count("broker_away") == 0


def test_the_store_may_be_away_as_well(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """States go on; records follow when the store is back."""
    blocked = tmp_path / "state"
    blocked.write_text("in the way")
    address = Address(f"sqlite:///{blocked}/journal.sqlite")
    with (
        Follower(mosquitto.port) as follower,
        posting(tmp_path, broker_at(mosquitto.port), address=address) as post,
    ):
        post.publisher.show({QUEUE: b'{"waiting":0}'})
        until(lambda: follower.last(QUEUE) == {"waiting": 0})
        post.write(*range(1, 20))
        blocked.unlink()
        heard_of_all(post, follower)


def test_a_record_that_was_spoilt_in_the_store_holds_up_nothing(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    """It is told of in the log; `journal verify` finds it."""
    mosquitto.stop()
    with capture_logs() as logs, posting(tmp_path, broker_at(mosquitto.port)) as post:
        post.write(1, 2, 3)
        until(lambda: post.publisher.report.waiting == 3)
        with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as store, store:
            store.execute("UPDATE record SET body = 'spoilt' WHERE id = 'w-00000002'")
        mosquitto.start()
        with Follower(mosquitto.port):
            until(lambda: post.publisher.report.waiting == 0)
    assert [each["record"] for each in logs if each["event"] == "not_published"] == ["w-00000002"]


class TestCommands:
    """Who may, asks; who may not, hears why; both are handed to the daemon."""

    def test_one_that_is_allowed_is_answered_where_it_was_asked(
        self, tmp_path: Path, mosquitto: Mosquitto
    ) -> None:
        """With the correlation data that came with it."""
        broker = broker_at(mosquitto.port, commands=("pause",))
        with (
            Follower(mosquitto.port, topic="siaga112/answer/#") as console,
            posting(tmp_path, broker) as post,
        ):
            post.until("up")
            console.say(
                "siaga112/command/dinkes/pause",
                b'{"person": "sri", "for_s": 60, "reason": "rapat"}',
                ResponseTopic="siaga112/answer/dinkes/7",
                CorrelationData=b"\x007",
            )
            until(lambda: console.told)
            assert console.told[0].value == {
                "schema": 1,
                "command": "pause",
                "done": True,
                "outcome": "paused",
                "text": "is paused",
            }
            assert console.told[0].properties.CorrelationData == b"\x007"
            wish = Command(
                id=1, command="pause", by="dinkes", person="sri", for_s=60.0, reason="rapat"
            )
            assert post.handed == [wish]
            console.say("siaga112/command/dinkes/pause", b'{"person": "sri"}')
            until(lambda: len(post.handed) == 2)

    def test_all_else_is_refused_with_a_reason(self, tmp_path: Path, mosquitto: Mosquitto) -> None:
        """And where an answer is wanted at another's place, nothing is written there."""
        broker = broker_at(mosquitto.port, commands=("pause",))
        said: list[tuple[str, bytes, str]] = [
            ("x/pause", b"{", "malformed"),
            ("x/pause", b'{"person": 7}', "malformed"),
            ("x/pause", b'{"person": "sri", "pin": "1"}', "malformed"),
            ("x/pause", b'{"person": "' + 3000 * b"s" + b'"}', "too_large"),
            ("x/ready", b'{"person": "sri"}', "not_allowed"),
            ("x/halt", b"", "unknown_command"),
        ]
        with Follower(mosquitto.port) as console, posting(tmp_path, broker) as post:
            post.until("up")
            for topic, payload, _ in said:
                console.say(f"siaga112/command/{topic}", payload, ResponseTopic="siaga112/answer/x")
            until(lambda: len(console.heard("answer/x")) == len(said))
            assert [each.value["outcome"] for each in console.heard("answer/x")] == [
                outcome for _, _, outcome in said
            ]
            console.say(
                "siaga112/command/x/pause", b'{"person": "a"}', ResponseTopic="siaga112/state/queue"
            )
            until(lambda: len(post.handed) == len(said) + 1)
        assert all(isinstance(each, Refusal) and each.by == "x" for each in post.handed)
        assert console.heard("state/queue") == []

    def test_what_was_asked_for_long_ago_is_not_done(
        self, tmp_path: Path, mosquitto: Mosquitto
    ) -> None:
        """While nobody listened, or for ever: a pause that comes late is a wrong one."""
        broker = broker_at(mosquitto.port, commands=("pause", "reload"))
        with Follower(mosquitto.port) as console:
            console.say("siaga112/command/x/pause", b'{"person": "sri"}', retain=True)
            console.say("siaga112/command/x/pause", b'{"person": "agus"}')
            with posting(tmp_path, broker) as post:
                post.until("up")
                console.say("siaga112/command/x/reload", b"")
                until(lambda: post.handed)
        assert [each.command for each in post.handed] == ["reload"]

    def test_a_daemon_that_does_not_answer_is_no_silence(
        self, tmp_path: Path, mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whoever asked hears that nothing is known."""
        monkeypatch.setattr(listener, "OBEY_S", 0.1)
        broker = broker_at(mosquitto.port, commands=("reload",))
        with (
            Follower(mosquitto.port, topic="siaga112/answer/#") as console,
            posting(tmp_path, broker) as post,
        ):
            post.obeys = False
            post.until("up")
            console.say("siaga112/command/x/reload", b"", ResponseTopic="siaga112/answer/x")
            until(lambda: console.told)
        assert console.told[0].value["outcome"] == "no_answer"
