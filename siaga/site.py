"""The daemon's own settings: where Asterisk is, where files go (`siaga.yaml`)."""

from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import ClassVar, Final, Literal

from journal.broker import Allowed, Broker, Numbers
from routing.operator import STRICT

PLAIN_PORT: Final = 1883
TLS_PORT: Final = 8883
"""As IANA has them for MQTT."""
LEAST_DAYS: Final = 7
"""So long everything is kept: the spool's files have records for up to three days, and who has
abandoned a call is to be rung within a week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskSettings:
    """How Asterisk's REST Interface is reached; the credential is not here.

    Attributes:
        base_url: Of its HTTP server, without `/ari`.
        app: The Stasis application.
        dialplan: Folder that `siaga-duty.conf` is kept current in, for the last resort; None: it is
            rendered by other means.
        event_log: File in which Asterisk writes down what happens to callers; None: it is not read,
            and what the last resort does without the daemon is not in the journal.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    base_url: str
    app: str = "siaga"
    dialplan: Path | None = None
    event_log: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalSettings:
    """Where the records go.

    Attributes:
        spool: Folder that every record is written to first.
        store: Where the records are kept, `sqlite:////…` or `postgresql://user@host/name`, never
            with a password; None: the file `journal.sqlite` in the spool's folder.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    spool: Path
    store: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundSettings:
    """Where the prompts are.

    Attributes:
        folder: The folder `siaga` in Asterisk's sounds; has one folder for each language.
        recordings: Human recordings, `<language>/<name>.wav`, which win over the synthetic voice.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    folder: Path
    recordings: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSettings:
    """Where health and status are served.

    Attributes:
        host: Address that is listened on.
        port: TCP port.
        names: Names that monitors ask for it by, besides addresses, `localhost`, and this machine's
            name; what is asked for under another one is refused.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    host: str = "127.0.0.1"
    port: int = 8112
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgiSettings:
    """Where dialplans that keep their calls may ask whom to ring (FastAGI).

    Attributes:
        host: Address that is listened on.
        port: TCP port; None: nobody asks, and nothing is listened on.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    host: str = "127.0.0.1"
    port: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingSettings:
    """Where recordings of talks go.

    Attributes:
        folder: Where they are kept, as `YYYY/MM/DD/<call>-<n>.wav`.
        spool: Asterisk's folder of recordings, `recording` in `astspooldir` of its asterisk.conf.
        min_free_mib: Nothing is recorded while less is free on the disk of either folder.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    folder: Path
    spool: Path = Path("/var/spool/asterisk/recording")
    min_free_mib: int = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionSettings:
    """For how many days personal facts are kept; what is left out here is kept for ever.

    Attributes:
        recordings_days: Recordings of talks, and where they lie.
        numbers_days: Callers' numbers in the journal.
        locations_days: Callers' locations and access networks in the journal.
        at: When, each day, what is older is removed; the site's time.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    recordings_days: int | None = None
    numbers_days: int | None = None
    locations_days: int | None = None
    at: time = time(3, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmCommandSettings:
    """A program that is run for each alarm that is raised or over.

    Attributes:
        run: The program, with its arguments; no shell reads them.
        again_s: Seconds in which one alarm is raised at most once.
        per_hour: So many runs in an hour at most, of all alarms together.
        limit_s: Seconds after which a run is killed.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    run: tuple[str, ...]
    again_s: float = 300.0
    per_hour: int = 30
    limit_s: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSettings:
    """How the connection to the broker is encrypted.

    Attributes:
        ca: File of the authorities whose word for the broker is believed; None: the system's.
        certificate: File of the daemon's own certificate, for a broker that wants one.
        key: File of its key.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttSettings:
    """Where others follow what happens, over MQTT 5 (docs/mqtt.md); the password is not here.

    Attributes:
        host: The broker's name or address; None: nothing is published.
        port: Its TCP port; None: 8883 with TLS, 1883 without.
        user: The name that the broker knows the daemon by; None: it asks for none.
        client: The client id: no other client of the broker has the same.
        prefix: Begins every topic.
        tls: The connection is encrypted; None: it is not.
        numbers: Topics that have numbers and places of callers in full: `call`, `centre`.
        commands: What may be asked for over MQTT: `pause`, `ready`, `reload`.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    host: str | None = None
    port: int | None = None
    user: str | None = None
    client: str = "siaga112"
    prefix: str = "siaga112"
    tls: TlsSettings | None = None
    numbers: tuple[Numbers, ...] = ()
    commands: tuple[Allowed, ...] = ()

    @property
    def broker(self) -> Broker | None:
        """The broker, for who publishes; None where nobody does."""
        if self.host is None:
            return None
        tls = self.tls or TlsSettings()
        return Broker(
            host=self.host,
            port=self.port or (PLAIN_PORT if self.tls is None else TLS_PORT),
            client=self.client,
            prefix=self.prefix,
            user=self.user,
            tls=self.tls is not None,
            ca=_text(tls.ca),
            certificate=_text(tls.certificate),
            key=_text(tls.key),
            numbers=self.numbers,
            commands=self.commands,
        )


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonSettings:
    """All of `siaga.yaml`.

    Attributes:
        asterisk: The switch.
        journal: The records.
        sounds: The prompts.
        console: Health and status.
        agi: FastAGI.
        recording: Recordings of talks; None: no service's talks are recorded.
        retention: How long personal facts are kept.
        alarm_command: What is run for each alarm; None: nothing.
        mqtt: The broker that others follow the centre by.
        drain_s: Seconds that calls in progress have to end after SIGTERM.
        log_level: The least that is logged.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    asterisk: AsteriskSettings
    journal: JournalSettings
    sounds: SoundSettings
    console: ConsoleSettings = field(default_factory=ConsoleSettings)
    agi: AgiSettings = field(default_factory=AgiSettings)
    recording: RecordingSettings | None = None
    retention: RetentionSettings = field(default_factory=RetentionSettings)
    alarm_command: AlarmCommandSettings | None = None
    mqtt: MqttSettings = field(default_factory=MqttSettings)
    drain_s: float = 60.0
    log_level: Literal["debug", "info", "warning", "error"] = "info"
