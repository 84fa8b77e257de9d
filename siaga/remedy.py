"""For each fault that an administrator can put right: what is wrong, and what to do about it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from journal.address import Address
from journal.broker import Broker
from routing.operator import PersonId, SeatId
from routing.service import ServiceId, TrunkId
from siaga.alarm import Alarm
from siaga.known_good import Copy, KnownGood
from siaga.problem import Problem, Severity
from siaga.site import AgiSettings, AsteriskSettings, ConsoleSettings

ASTERISK_DOWN: Final = "asterisk_down"
HEARTBEAT: Final = "no_heartbeat"
NO_CHANNELS: Final = "no_channels"
STANDBY: Final = "standby"
CONSOLE: Final = "console_not_bound"
CONTROL: Final = "control_not_bound"
SPOOL: Final = "records_not_written"
STORE: Final = "journal_not_stored"
EVENT_LOG: Final = "event_log_not_read"
BROKER_AWAY: Final = "mqtt_away"
BROKER_REFUSES: Final = "mqtt_refused"
UNHEARD: Final = "mqtt_commands_refused"
PROMPTS: Final = "prompts_missing"
RECORDING: Final = "talks_not_recorded"
PURGE: Final = "not_purged"
SETTINGS: Final = "settings_refused"
RESTART: Final = "restart_needed"
NOT_KEPT: Final = "settings_not_kept"
DAMAGED: Final = "known_good_damaged"
UNSUPERVISED: Final = "not_supervised"
AGI: Final = "agi_not_bound"
DUTY_FILE: Final = "duty_file_not_written"
DUTY_ROWS: Final = "duty_rows_not_taken"
DESERTED: Final = "nobody_on_duty"
UNREACHED: Final = "nobody_reachable"
POST: Final = "post_unreachable"
TRUNK: Final = "trunk_down"
FLOOR: Final = "floor_not_written"
THROTTLE: Final = "throttle_not_written"
COMMAND: Final = "alarm_command_failed"
SHOWN: Final = 5
"""Errors that an alarm quotes; the log has each of them in a line of its own."""


def standby(asterisk: AsteriskSettings) -> Alarm:
    """Another process has the calls."""
    return Alarm(
        STANDBY,
        f"another process has taken the application {asterisk.app!r} and serves the calls",
        "stop one of the two; this one waits, and serves again when the other has gone",
    )


def console_not_bound(console: ConsoleSettings, error: str) -> Alarm:
    """Health and status cannot be asked for; calls go on."""
    return Alarm(
        CONSOLE,
        f"health and status are not served on {console.host}:{console.port}: {error}",
        "stop what listens there (a second siaga112?), or give console.host and console.port in "
        "siaga.yaml other values and restart; calls go on, the port is tried again",
    )


def control_not_bound(path: Path, error: str) -> Alarm:
    """The daemon cannot be asked for a reload or its status; calls go on."""
    return Alarm(
        CONTROL,
        f"siaga112 reload and status cannot be asked on {path}: {error}",
        "make its folder writable for this daemon's user, stop another daemon that has it, or "
        "give this one a folder of its own (--runtime); calls go on, SIGHUP still reloads, the "
        "socket is tried again every few seconds",
    )


def records_not_written(folder: Path, error: str) -> Alarm:
    """Records wait in memory; calls go on."""
    return Alarm(
        SPOOL,
        f"records cannot be written to {folder}: {error}",
        "make the folder writable for this daemon's user, or make room on the disk; calls go on, "
        "and the records wait in memory, in order",
    )


def journal_not_stored(address: Address, error: str, behind: int) -> Alarm:
    """Records wait in the spool's files; calls go on."""
    do = "start PostgreSQL, or correct journal.store in siaga.yaml or the password (siaga-store)"
    if address.file is not None:
        do = "make its folder writable for this daemon's user, or make room on the disk"
    return Alarm(
        STORE,
        f"records do not come into {address}: {error}; {behind} bytes wait in the spool",
        f"{do}; calls go on, nothing is lost, and the records follow in order by themselves",
    )


def event_log_not_read(path: Path, error: str) -> Alarm:
    """What the last resort does without the daemon is not recorded; calls go on."""
    return Alarm(
        EVENT_LOG,
        f"what Asterisk has written down of calls cannot be read: {error}",
        f"see that Asterisk writes {path} (cel.conf, cel_custom.conf: cel show status) and that "
        "this daemon's user may read it and its folders, or correct asterisk.event_log in "
        "siaga.yaml; what is there is recorded as soon as it can be read",
    )


def mqtt_away(broker: Broker, why: str, waiting: int) -> Alarm:
    """Records wait in the store; calls go on."""
    return Alarm(
        BROKER_AWAY,
        f"nobody can follow the centre over MQTT: {why}; {waiting} records wait",
        f"start the broker, or correct mqtt.host and mqtt.port in siaga.yaml ({broker}) and "
        "restart this daemon; calls go on, nothing is lost, and the records follow in order",
    )


def mqtt_refused(broker: Broker, why: str, waiting: int) -> Alarm:
    """The same, and no patience helps."""
    return Alarm(
        BROKER_REFUSES,
        f"nobody can follow the centre over MQTT: {why}; {waiting} records wait",
        f"correct mqtt in siaga.yaml or the password (siaga-mqtt) and restart this daemon, or the "
        f"users, access list and other clients of the broker ({broker}), and it goes on by "
        "itself; calls go on, nothing is lost, and the records follow in order",
    )


def commands_refused(broker: Broker, why: str) -> Alarm:
    """The broker takes what it is told, and brings no commands."""
    return Alarm(
        UNHEARD,
        f"no command over MQTT is heard: {broker} refuses it: {why}",
        f"let the broker's access list have this daemon's user read {broker.prefix}/command/#, "
        "and it is asked again within two minutes, or take commands out of mqtt in siaga.yaml and "
        "restart; records and states are published all the same",
    )


def floor_not_written(file: Path, error: str) -> Alarm:
    """Pauses, sign-ons and shares of the calls are known to this process alone."""
    return Alarm(
        FLOOR,
        f"what operators have said and done cannot be written to {file}: {error}",
        "make its folder writable for this daemon's user, or make room on the disk; calls go on, "
        "and a restart meanwhile forgets pauses, sign-ons and wrap-ups",
    )


def throttle_not_written(file: Path, error: str) -> Alarm:
    """What operators said of numbers is known to this process alone."""
    return Alarm(
        THROTTLE,
        f"which numbers are slowed down cannot be written to {file}: {error}",
        "make its folder writable for this daemon's user, or make room on the disk; calls go on, "
        "and a restart meanwhile forgets the newest marks",
    )


def talks_not_recorded(why: str) -> Alarm:
    """Talks go on, and leave no recording, or one that is not in its place yet."""
    return Alarm(
        RECORDING,
        f"talks are not recorded, or recordings not kept: {why}",
        "make room on the disk, or make both folders of siaga.yaml's recording writable for this "
        "daemon's user and Asterisk's (docs/recording.md); calls go on, and what is in Asterisk's "
        "folder is kept later",
    )


def not_purged(why: str) -> Alarm:
    """Personal facts are kept for longer than the settings say."""
    return Alarm(
        PURGE,
        f"what is older than siaga.yaml's retention could not be removed, or not all of it: {why}",
        "put right what it says, then siaga112 purge; calls go on, and it is tried again each hour",
    )


def prompts_missing(missing: Sequence[str], folder: Path, config: Path) -> Alarm:
    """Callers hear silence instead; they are served all the same."""
    return Alarm(
        PROMPTS,
        f"not found in {folder}: {', '.join(missing)}",
        f"siaga112 prompts --config {config}; calls go on, callers do not hear these",
    )


def settings_refused(config: Path, problems: Sequence[Problem], copy: Copy | None) -> Alarm:
    """The settings in the folder are not those that are used.

    Args:
        config: The folder.
        problems: What is wrong.
        copy: The last known good ones, when the daemon has started on them; None when it goes on
            with those that it has.
    """
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    quoted = "; ".join(str(problem) for problem in errors[:SHOWN])
    more = f"; and {len(errors) - SHOWN} more" if len(errors) > SHOWN else ""
    used = "those accepted before stay in use"
    if copy is not None:
        used = f"in use are those accepted on {copy.accepted:%Y-%m-%d %H:%M} UTC, in {copy.folder}"
    return Alarm(
        SETTINGS,
        f"the settings in {config} cannot be used, {used}: {quoted}{more}",
        f"correct them (siaga112 check --config {config} says all), then siaga112 reload",
    )


def restart_needed(changed: Mapping[str, str]) -> Alarm:
    """Some of the accepted settings wait for a restart; the rest are in use.

    Args:
        changed: By name, where each is written.
    """
    written = ", ".join(f"{name} ({place})" for name, place in changed.items())
    return Alarm(
        RESTART,
        f"changed, and not in use before a restart: {written}; all other changes are in use",
        f"systemctl restart siaga112, for {', '.join(changed)}; talks in progress go on",
    )


def settings_not_kept(known_good: KnownGood, error: OSError) -> Alarm:
    """A start with a typo would find older settings, or none."""
    return Alarm(
        NOT_KEPT,
        f"the accepted settings cannot be kept in {known_good.folder}: {error.strerror or error}",
        "make it writable for this daemon's user, or give another with --state; until then a "
        "start with a typo in the settings finds older ones, or fails",
    )


def known_good_damaged(faults: Sequence[str]) -> Alarm:
    """Copies were passed over."""
    return Alarm(
        DAMAGED,
        "; ".join(faults),
        "look at their owner and at the disk (dmesg), and remove them; older ones are used",
    )


def not_supervised() -> Alarm:
    """A freeze would last."""
    return Alarm(
        UNSUPERVISED,
        "systemd runs this daemon without Type=notify: nobody restarts it if it freezes",
        "use the unit in systemd/, or set Type=notify, WatchdogSec=4s and Restart=always",
    )


def duty_file_not_written(folder: Path, error: Exception) -> Alarm:
    """The last resort goes on with the rows that it has."""
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return Alarm(
        DUTY_FILE,
        f"who is on duty in the days ahead cannot be written to {folder}: {why}",
        "make the folder with systemd-tmpfiles --create siaga112.conf and restart this daemon, or "
        "make it writable for this daemon's user, or correct asterisk.dialplan in siaga.yaml; "
        "calls go on, and the last resort rings by the rows that it has",
    )


def duty_rows_not_taken(folder: Path, why: str) -> Alarm:
    """Asterisk goes on with the rows that it has."""
    return Alarm(
        DUTY_ROWS,
        f"Asterisk has not taken the rows of who is on duty in {folder}: {why}",
        "see that siaga-extensions.conf has #tryinclude with this folder, that Asterisk's user can "
        "read the file there, and what asterisk -rx 'dialplan reload' complains of; calls go on",
    )


def agi_not_bound(agi: AgiSettings, error: str) -> Alarm:
    """Dialplans that ask get no answer, and do what they do without one."""
    return Alarm(
        AGI,
        f"FastAGI is not served on {agi.host}:{agi.port}: {error}",
        "stop what listens there (a second siaga112?), or give agi.host and agi.port in siaga.yaml "
        "other values and restart; calls go on, the port is tried again",
    )


def nobody_on_duty(services: Sequence[ServiceId]) -> Alarm:
    """The roster has nobody for them now; whoever asks for one gets the overflow chain at once."""
    return Alarm(
        DESERTED,
        f"nobody is on duty for {', '.join(services)}: such callers overflow at once",
        "write into roster.yaml who is here (siaga112 roster show --now), then: siaga112 reload",
    )


def nobody_reachable(services: Sequence[ServiceId], people: Sequence[PersonId]) -> Alarm:
    """Who is on duty for them has no phone that works; their callers overflow at once."""
    return Alarm(
        UNREACHED,
        f"on duty for {', '.join(services)} and at no phone that works: {', '.join(people)}; such "
        "callers overflow at once",
        "see which phones are off (siaga112 status; asterisk -rx 'pjsip show contacts'), and that "
        "whoever sits at a shared seat has signed on",
    )


def post_unreachable(seat: SeatId, endpoint: str) -> Alarm:
    """The phone that rings when nobody else answers does not."""
    return Alarm(
        POST,
        f"the post's phone {endpoint} (seat {seat}) is not registered, or does not answer: it "
        "cannot ring when nobody else does",
        f"switch it on, or see why it does not register (asterisk -rx 'pjsip show endpoint "
        f"{endpoint}'); the chain goes on to what follows it",
    )


def trunk_down(trunks: Mapping[TrunkId, str]) -> Alarm:
    """A carrier, or the way to it, is away: who calls by it is not heard of at all.

    Args:
        trunks: Each with its endpoint.
    """
    names = ", ".join(f"{trunk} ({endpoint})" for trunk, endpoint in trunks.items())
    return Alarm(
        TRUNK,
        f"Asterisk gets no answer from trunk {names}: citizens who call by it are not heard of, "
        "and numbers outside cannot be dialled by it",
        "see whether the carrier's address can be reached (asterisk -rx 'pjsip show contacts'), "
        "then ask the carrier; other trunks are tried for numbers outside",
    )


def alarm_command_failed(program: str, why: str) -> Alarm:
    """Nobody is told of alarms in that way."""
    return Alarm(
        COMMAND,
        f"{program} was run for an alarm and has failed: {why}",
        "siaga112 alarm runs it once and shows what it says; correct it, or alarm_command in "
        "siaga.yaml; calls go on, and it is run again for the next alarm",
    )
