"""The rules of `siaga.yaml`."""

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from journal import address
from siaga.problem import SettingsPath
from siaga.rule.finding import ID, Findings
from siaga.site import (
    LEAST_DAYS,
    AlarmCommandSettings,
    DaemonSettings,
    MqttSettings,
    TlsSettings,
)

DRAIN_S: Final = (0.0, 3600.0)
PORT: Final = (1, 65535)
HOST_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
"""Without a port and a star (RFC 1123, clause 2.1)."""
MIN_FREE_MIB: Final = (1, 999_999_999)
"""Never 0: a disk that is full to the last byte takes no record of a call either."""
KEPT_DAYS: Final = (LEAST_DAYS, 36_500)
AGAIN_S: Final = (0.0, 86_400.0)
PER_HOUR: Final = (1, 3600)
LIMIT_S: Final = (1.0, 300.0)
PREFIX_CHARS: Final = 100
"""Of a topic, which has at most 65,535 bytes; a call's id takes some of them."""
CLIENT_CHARS: Final = 128
"""Brokers take at least 23 (MQTT 5, 3.1.3.1), and all that are in use take more."""


def check(daemon: DaemonSettings, findings: Findings) -> None:
    """Adds what is wrong with the daemon's own settings."""
    _check_url(daemon.asterisk.base_url, findings)
    if not ID.fullmatch(daemon.asterisk.app):
        message = (
            f"{daemon.asterisk.app!r} cannot be an application's name; expected one such as siaga"
        )
        findings.error(("siaga", "asterisk", "app"), message)
    findings.within(("siaga", "drain_s"), daemon.drain_s, DRAIN_S)
    findings.within(("siaga", "console", "port"), daemon.console.port, PORT)
    for index, name in enumerate(daemon.console.names):
        if not HOST_NAME.fullmatch(name):
            message = f"{name!r} is no host's name; expected one such as pos.metro.example"
            findings.error(("siaga", "console", "names", index), message)
    findings.once(("siaga", "console", "names"), daemon.console.names)
    if daemon.agi.port is not None:
        findings.within(("siaga", "agi", "port"), daemon.agi.port, PORT)
        if not _is_loopback(daemon.agi.host):
            message = (
                f"whoever reaches {daemon.agi.host} can ask who is on duty; expected an address of "
                "this machine only, such as 127.0.0.1, unless Asterisk is elsewhere"
            )
            findings.warning(("siaga", "agi", "host"), message)
        if daemon.agi.port == daemon.console.port:
            message = f"{daemon.agi.port} is the port of the console already; expected another one"
            findings.error(("siaga", "agi", "port"), message)
    if daemon.alarm_command is not None:
        _check_alarm_command(daemon.alarm_command, findings)
    _check_store(daemon.journal.store, findings)
    _check_mqtt(daemon.mqtt, findings)
    _check_recordings(daemon, findings)
    tls = daemon.mqtt.tls or TlsSettings()
    folders: dict[SettingsPath, object] = {
        ("siaga", "asterisk", "dialplan"): daemon.asterisk.dialplan,
        ("siaga", "asterisk", "event_log"): daemon.asterisk.event_log,
        ("siaga", "journal", "spool"): daemon.journal.spool,
        ("siaga", "sounds", "folder"): daemon.sounds.folder,
        ("siaga", "sounds", "recordings"): daemon.sounds.recordings,
        ("siaga", "mqtt", "tls", "ca"): tls.ca,
        ("siaga", "mqtt", "tls", "certificate"): tls.certificate,
        ("siaga", "mqtt", "tls", "key"): tls.key,
    }
    if daemon.recording is not None:
        folders["siaga", "recording", "folder"] = daemon.recording.folder
        folders["siaga", "recording", "spool"] = daemon.recording.spool
    for path, folder in folders.items():
        if folder is not None and not str(folder).startswith("/"):
            findings.error(
                path, f"expected a path from the root, beginning with /, found {str(folder)!r}"
            )


def _check_recordings(daemon: DaemonSettings, findings: Findings) -> None:
    if daemon.recording is not None:
        path: SettingsPath = ("siaga", "recording")
        findings.within((*path, "min_free_mib"), daemon.recording.min_free_mib, MIN_FREE_MIB)
        if daemon.recording.folder in {daemon.recording.spool, daemon.sounds.recordings}:
            message = f"{daemon.recording.folder} has other files; expected a folder of its own"
            findings.error((*path, "folder"), message)
    for name in ("recordings_days", "numbers_days", "locations_days"):
        days = getattr(daemon.retention, name)
        if days is not None:
            findings.within(("siaga", "retention", name), days, KEPT_DAYS)


def _check_alarm_command(command: AlarmCommandSettings, findings: Findings) -> None:
    path: SettingsPath = ("siaga", "alarm_command")
    if not command.run:
        findings.error((*path, "run"), "expected a program, and its arguments if it has some")
    elif not command.run[0].startswith("/"):
        message = (
            f"expected a program's path from the root, beginning with /, found {command.run[0]!r}; "
            "no shell looks for it"
        )
        findings.error((*path, "run", 0), message)
    findings.within((*path, "again_s"), command.again_s, AGAIN_S)
    findings.within((*path, "per_hour"), command.per_hour, PER_HOUR)
    findings.within((*path, "limit_s"), command.limit_s, LIMIT_S)


def _check_store(url: str | None, findings: Findings) -> None:
    if url is not None:
        try:
            address.check(url)
        except address.AddressError as error:
            findings.error(("siaga", "journal", "store"), str(error))


def _check_mqtt(mqtt: MqttSettings, findings: Findings) -> None:
    if mqtt.host is None:
        return
    if not mqtt.host or not mqtt.host.isprintable() or set("/ @") & set(mqtt.host):
        message = f"{mqtt.host!r} is no name of a machine; expected one such as 127.0.0.1"
        findings.error(("siaga", "mqtt", "host"), message)
    if mqtt.port is not None:
        findings.within(("siaga", "mqtt", "port"), mqtt.port, PORT)
    if not _is_topic(mqtt.prefix):
        message = (
            f"{mqtt.prefix!r} cannot begin a topic; expected one such as siaga112 or metro/112, "
            "without + and #, no slash or $ at its beginning and no slash at its end"
        )
        findings.error(("siaga", "mqtt", "prefix"), message)
    if not mqtt.client or not mqtt.client.isprintable() or len(mqtt.client) > CLIENT_CHARS:
        message = f"a client id has 1 to {CLIENT_CHARS} printable characters"
        findings.error(("siaga", "mqtt", "client"), message)
    if mqtt.tls is None:
        if not _is_loopback(mqtt.host):
            message = (
                f"what is published to {mqtt.host}, and the password, can be read on the way; "
                "expected tls, unless the broker is on this machine"
            )
            findings.warning(("siaga", "mqtt", "host"), message)
    elif (mqtt.tls.key is None) is not (mqtt.tls.certificate is None):
        message = "expected certificate and key, both or none"
        findings.error(("siaga", "mqtt", "tls"), message)


def _is_topic(prefix: str) -> bool:
    is_short = 0 < len(prefix) <= PREFIX_CHARS
    ends = prefix.startswith(("/", "$")) or prefix.endswith("/")
    return is_short and not ends and prefix.isprintable() and not set("+#") & set(prefix)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_url(text: str, findings: Findings) -> None:
    path: SettingsPath = ("siaga", "asterisk", "base_url")
    expected = "expected one such as http://127.0.0.1:8088"
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        findings.error(path, f"this is no URL; {expected}")
        return
    if url.username is not None or url.password is not None:
        findings.error(path, "no password in settings: it comes from the environment or a file")
    elif url.scheme not in {"http", "https"} or not url.hostname or port == 0:
        findings.error(path, f"{text!r} is no URL of an HTTP server; {expected}")
    elif url.path.rstrip("/").endswith("/ari"):
        findings.error(path, f"leave out /ari; {expected}")
    elif url.query or url.fragment:
        findings.error(path, f"a URL without ? and #; {expected}")
