"""The MQTT broker: where it is, as whom it is spoken to, and what is wrong when it is not.

BrokerFault
├── BrokerAway       it cannot be reached, or does not answer: the same may work later
└── BrokerRefuses    it does not let us do it: somebody has to mend settings, here or there

The password comes from the environment or a credentials file, never from settings.
"""

import os
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

import msgspec

PASSWORD: Final = "SIAGA_MQTT_PASSWORD"  # noqa: S105 - the name of a variable
FILE: Final = "SIAGA_MQTT_PASSWORD_FILE"
DIRECTORY: Final = "CREDENTIALS_DIRECTORY"
"""Set by systemd for units with `LoadCredential=siaga-mqtt:…` (systemd.exec(5))."""
DIRECTORY_FILE: Final = "siaga-mqtt"

Numbers: TypeAlias = Literal["call", "centre"]
"""Topics that may have numbers and places of callers in full."""
Allowed: TypeAlias = Literal["pause", "ready", "reload"]
"""Commands that a site may allow."""


class Broker(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be known of the broker and of what it is told.

    Attributes:
        host: Its name or address.
        port: Its TCP port.
        client: The client id; the broker knows one connection by it.
        prefix: Begins every topic, without a slash at its end.
        user: The user's name; None: nobody's.
        tls: The connection is encrypted, and the broker's certificate is looked at.
        ca: File of the authorities that are believed; None: the system's.
        certificate: File of our own certificate, if the broker wants one.
        key: File of its key.
        numbers: Topics in which numbers stand in full.
        commands: Those that are obeyed; none: nothing is listened to.
    """

    host: str
    port: int
    client: str
    prefix: str
    user: str | None = None
    tls: bool = False
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None
    numbers: tuple[Numbers, ...] = ()
    commands: tuple[Allowed, ...] = ()

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class BrokerFault(Exception):
    """The broker does not take what it is given; the message is for the administrator."""


class BrokerAway(BrokerFault):
    """It cannot be reached, or does not answer."""


class BrokerRefuses(BrokerFault):
    """It does not let us do it."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A password, and where it came from; it is never shown.

    Attributes:
        word: The password; None: there is none.
        origin: For whoever has to correct it.
    """

    word: str | None
    origin: str

    def __repr__(self) -> str:
        return f"Secret(origin={self.origin!r})"


def find_secret(environment: Mapping[str, str] = os.environ) -> Secret:
    """The password for the broker, from the first place that has one."""
    if PASSWORD in environment:
        return Secret(environment[PASSWORD], PASSWORD)
    files = []
    if FILE in environment:
        files.append(Path(environment[FILE]))
    if DIRECTORY in environment:
        files.append(Path(environment[DIRECTORY]) / DIRECTORY_FILE)
    for file in files:
        # A broker that wants one says so, and then this origin is told.
        with suppress(OSError, UnicodeDecodeError):
            return Secret(file.read_text(encoding="utf-8").strip(), str(file))
    looked = f"neither {PASSWORD} nor the credentials file {DIRECTORY_FILE} gives one"
    return Secret(None, f"nowhere: {looked}")


def tls_context(broker: Broker) -> ssl.SSLContext | None:
    """How the connection is encrypted; None when it is not.

    Raises:
        BrokerRefuses: A file that the settings name cannot be used.
    """
    if not broker.tls:
        return None
    try:
        context = ssl.create_default_context(cafile=broker.ca)
        if broker.certificate is not None:
            context.load_cert_chain(broker.certificate, broker.key)
    except OSError as error:  # ssl.SSLError is one
        named = [each for each in (broker.ca, broker.certificate, broker.key) if each is not None]
        why = error.strerror or str(error)
        raise BrokerRefuses(f"{' or '.join(named)} cannot be used for TLS: {why}") from error
    return context
