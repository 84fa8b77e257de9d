"""A client of the broker that writes down what it is told."""

import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import msgspec
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from sandbox.broker import HOST
from tests.journal.sample import until

QOS: Final = 1
WEEK_S: Final = 604_800


class Told(msgspec.Struct, frozen=True):
    """A message that came.

    Attributes:
        topic: Where.
        payload: As it came.
        retained: It was there before the follower was.
        properties: MQTT 5's.
    """

    topic: str
    payload: bytes
    retained: bool
    properties: Any = None

    @property
    def value(self) -> Any:
        """The payload, read."""
        return msgspec.json.decode(self.payload)


class Follower:
    """Connects again whenever it can; to be entered with `with`.

    Attributes:
        told: What came, in its order.
        is_there: The broker brings what is published from now on.

    Args:
        port: The broker's, on this machine.
        name: Its client id; the broker keeps for it what comes while it is away.
        topic: What it wants to hear.
        user: Name and password.
        authority: File of the authority, for TLS.
        on_told: Called with each message, in the client's thread.
    """

    def __init__(
        self,
        port: int,
        name: str = "follower",
        topic: str = "#",
        *,
        user: tuple[str, str] | None = None,
        authority: Path | None = None,
        on_told: Callable[[Told], None] = lambda _: None,
    ) -> None:
        self.told: list[Told] = []
        self.is_there = threading.Event()
        self._topic = topic
        self._on_told = on_told
        self._client = client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=name, protocol=paho.MQTTv5
        )
        client.reconnect_delay_set(1, 1)
        client.on_connect = self._subscribe
        client.on_subscribe = lambda *_: self.is_there.set()
        client.on_disconnect = lambda *_: self.is_there.clear()
        client.on_message = self._take
        if user is not None:
            client.username_pw_set(*user)
        if authority is not None:
            client.tls_set(str(authority))
        kept = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        kept.SessionExpiryInterval = WEEK_S
        client.connect(HOST, port, keepalive=5, clean_start=False, properties=kept)

    def __enter__(self) -> Self:
        self._client.loop_start()
        assert self.is_there.wait(10), "the broker has not taken the subscription"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def heard(self, tail: str) -> list[Told]:
        """What came at topics with that end."""
        return [each for each in self.told if each.topic.endswith(tail)]

    def last(self, tail: str) -> Any:
        """The newest value of such a topic; None when nothing came."""
        heard = self.heard(tail)
        return heard[-1].value if heard and heard[-1].payload else None

    @property
    def ids(self) -> list[str]:
        """The ids of the records, each once, in the order in which they came first."""
        events = (
            each.value for each in self.told if "/call/" in each.topic or "/centre" in each.topic
        )
        return list(dict.fromkeys(each["id"] for each in events))

    def say(self, topic: str, payload: bytes, *, retain: bool = False, **properties: Any) -> None:
        """Publishes; returns when the broker has it."""
        told = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        for key, value in properties.items():
            setattr(told, key, value)
        info = self._client.publish(topic, payload, QOS, retain, told)
        until(info.is_published)

    def _subscribe(self, client: paho.Client, *_: Any) -> None:
        client.subscribe(self._topic, options=SubscribeOptions(qos=QOS))

    def _take(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        told = Told(message.topic, bytes(message.payload), message.retain, message.properties)
        self.told.append(told)
        self._on_told(told)
