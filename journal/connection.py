"""One connection to the broker, with what aiomqtt does not tell by itself.

aiomqtt passes over the reason in a PUBACK: a broker whose access list forbids a topic confirms the
message and throws it away. Here that is a fault, so nothing counts as published that is not.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Self

import aiomqtt
from paho.mqtt.client import Client as Paho
from paho.mqtt.client import ConnectFlags
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from journal.broker import Broker, BrokerAway, BrokerFault, BrokerRefuses, Secret, tls_context

WINDOW: Final = 20
"""Messages on their way at a time: what mosquitto lets be (max_inflight_messages)."""
ANSWER_S: Final = 10.0
"""For the broker to confirm; it takes a millisecond nearby."""
KEEPALIVE_S: Final = 15
"""Without a word for half as long again, the broker publishes the last will (MQTT 5, 3.1.2.10)."""
LETTERS: Final = 64
"""Commands that wait; what comes beyond is dropped."""
QOS: Final = 1
JSON: Final = "application/json"
CLOSED_BY_TAKEOVER: Final = 0x8E
OURS_TO_MEND: Final = frozenset(
    {0x84, 0x85, 0x86, 0x87, 0x8A, 0x8C, CLOSED_BY_TAKEOVER, 0x90, 0x95, 0x98, 0x99, 0x9B, 0x9C}
)
"""Reasons that stay until somebody mends settings: bad password, not authorized … (MQTT 5, 2.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A message that is to be published.

    Attributes:
        topic: Where.
        payload: What; empty takes away what is retained.
        retain: It is kept for who comes later.
        expires_s: Seconds after which it is nobody's any more.
        what: A word for who does not look into the payload.
        correlation: Of an answer.
    """

    topic: str
    payload: bytes
    retain: bool = False
    expires_s: int | None = None
    what: str | None = None
    correlation: bytes | None = None


@dataclass(slots=True)
class _Batch:
    """Messages that are waited for together."""

    left: int
    done: asyncio.Event = field(default_factory=asyncio.Event)
    refused: ReasonCode | None = None


class Connection(aiomqtt.Client):
    """A connection; to be entered with `async with`, once.

    Args:
        broker: Where, and as whom.
        secret: The password.
        will: What the broker publishes when we are gone without a word.

    Raises:
        BrokerRefuses: The files for TLS cannot be used.
    """

    def __init__(self, broker: Broker, secret: Secret, will: Parcel) -> None:
        self._window = WINDOW
        self._unconfirmed: dict[int, _Batch] = {}
        super().__init__(
            broker.host,
            broker.port,
            identifier=broker.client,
            username=broker.user,
            password=secret.word if broker.user is not None else None,
            protocol=aiomqtt.ProtocolVersion.V5,
            # The store is our session: it knows what is not confirmed, and a command that nobody
            # heard is not obeyed an hour later.
            clean_start=True,
            will=aiomqtt.Will(will.topic, will.payload, QOS, will.retain, _properties(will)),
            timeout=ANSWER_S,
            keepalive=KEEPALIVE_S,
            max_queued_incoming_messages=LETTERS,
            max_inflight_messages=WINDOW,
            tls_context=tls_context(broker),
            # Else a window of small messages waits 40 ms for the other side's kernel.
            socket_options=((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),),
            logger=_SILENT,
        )

    async def __aenter__(self) -> Self:
        try:
            return await super().__aenter__()
        except BaseException:
            # A broker that says nothing would leave us a socket at each try.
            self._client.disconnect()
            raise

    async def send(self, parcels: Sequence[Parcel]) -> None:
        """Publishes in this order; returns when the broker has confirmed all.

        Raises:
            BrokerRefuses: It does not let us.
            aiomqtt.MqttError: The connection is lost, or nothing is confirmed.
        """
        # The library keeps to WINDOW by itself, and sends on with each confirmation.
        step = max(1, len(parcels) if self._window >= WINDOW else self._window)
        for begin in range(0, len(parcels), step):
            await self._send(parcels[begin : begin + step])

    async def _send(self, parcels: Sequence[Parcel]) -> None:
        """As `send`. One wait for all of them: a task for each would cost as much as the rest."""
        batch = _Batch(len(parcels))
        for each in parcels:
            info = self._client.publish(
                each.topic, each.payload, QOS, each.retain, _properties(each)
            )
            if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
                raise aiomqtt.MqttCodeError(info.rc)
            self._unconfirmed[info.mid] = batch
        try:
            async with asyncio.timeout(ANSWER_S):
                await batch.done.wait()
        except TimeoutError:
            raise aiomqtt.MqttError(f"nothing was confirmed within {ANSWER_S:g} s") from None
        if batch.refused is not None:
            first = parcels[0].topic
            topics = first if len(parcels) == 1 else f"{first} or what came after it"
            raise BrokerRefuses(f"it does not take {topics}: {batch.refused}")

    async def listen(self, topic: str) -> None:
        """Has the broker bring what comes there from now on.

        Raises:
            BrokerRefuses: It does not let us.
            aiomqtt.MqttError: The connection is lost.
        """
        options = SubscribeOptions(qos=QOS, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND)
        for reason in await self.subscribe(topic, options=options):
            if isinstance(reason, ReasonCode) and reason.is_failure:
                raise BrokerRefuses(f"it does not let us listen to {topic}: {reason}")

    def _on_connect(
        self,
        client: Paho,
        userdata: Any,
        flags: ConnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        self._window = getattr(properties, "ReceiveMaximum", WINDOW)
        super()._on_connect(client, userdata, flags, reason_code, properties)

    def _on_publish(
        self, client: Paho, userdata: Any, mid: int, reason_code: ReasonCode, properties: Properties
    ) -> None:
        batch = self._unconfirmed.pop(mid, None)
        if batch is None:
            super()._on_publish(client, userdata, mid, reason_code, properties)
            return
        batch.left -= 1
        if reason_code.is_failure:
            batch.refused = reason_code
        if batch.left == 0:
            batch.done.set()


def fault_of(error: BaseException, broker: Broker, secret: Secret) -> BrokerFault:
    """What a fault of the library means."""
    if isinstance(error, BrokerFault):
        return error
    reason = _reason_of(error)
    cause = error.__context__
    if reason is None:
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError):
            return BrokerRefuses(f"no encrypted connection to {broker}: {cause}")
        return BrokerAway(f"no connection to {broker}: {error}")
    if reason.value not in OURS_TO_MEND:
        return BrokerAway(f"{broker} has ended the connection: {reason}")
    if reason.value == CLOSED_BY_TAKEOVER:
        return BrokerRefuses(f"another client of {broker} has the client id {broker.client!r}")
    who = "nobody" if broker.user is None else repr(broker.user)
    return BrokerRefuses(
        f"{broker} refuses the user {who} with the password from {secret.origin}: {reason}"
    )


def _reason_of(error: BaseException | None) -> ReasonCode | None:
    """The reason that the broker gave, somewhere below a fault."""
    while error is not None:
        reason = getattr(error, "rc", None)
        if isinstance(reason, ReasonCode):
            return reason
        error = error.__cause__
    return None


def _properties(parcel: Parcel) -> Properties:
    if parcel.correlation is None:
        return _shared(parcel.what, parcel.expires_s, is_json=bool(parcel.payload))
    properties = _made(parcel.what, parcel.expires_s, is_json=bool(parcel.payload))
    properties.CorrelationData = parcel.correlation
    return properties


def _made(what: str | None, expires_s: int | None, *, is_json: bool) -> Properties:
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    if is_json:
        properties.ContentType = JSON
    if expires_s is not None:
        properties.MessageExpiryInterval = expires_s
    if what is not None:
        properties.UserProperty = ("what", what)
    return properties


_shared: Final = lru_cache(maxsize=128)(_made)
"""Of records of one name they are the same, and a fifth of what a record costs."""

_SILENT: Final = logging.getLogger("siaga112.mqtt")
"""What the library says of each message and each fault; faults are told by who meets them."""
_SILENT.setLevel(logging.CRITICAL)
