"""What leaves the daemon is watched: each way that it can fail has an alarm with what to do."""

from pathlib import Path

import pytest

from journal.post import BrokerReport, Report
from siaga import remedy
from siaga.relay import Relay
from siaga.site import (
    AsteriskSettings,
    DaemonSettings,
    JournalSettings,
    MqttSettings,
    SoundSettings,
)


def relay_of(folder: Path, **mqtt: object) -> Relay:
    """A relay that is not at work."""
    settings = DaemonSettings(
        asterisk=AsteriskSettings(base_url="http://127.0.0.1:8088"),
        journal=JournalSettings(spool=folder),
        sounds=SoundSettings(folder=folder),
        mqtt=MqttSettings(**mqtt),  # type: ignore[arg-type]
    )
    return Relay(settings, folder)


def sounding(relay: Relay, **report: object) -> dict[str, str]:
    """The alarms that stand after such a report, with why."""
    relay._clerk.report = Report(**report)  # type: ignore[arg-type]
    found = {name: look() for name, look in relay.looks().items()}
    return {name: alarm.why for name, alarm in found.items() if alarm is not None}


@pytest.mark.parametrize(
    ("state", "alarm"),
    [
        ("starting", None),
        ("up", None),
        ("lost", None),
        ("away", remedy.BROKER_AWAY),
        ("refused", remedy.BROKER_REFUSES),
    ],
)
def test_a_broker_that_is_away_for_long_or_refuses_is_an_alarm(
    state: str, alarm: str | None, tmp_path: Path
) -> None:
    """With the reason, and how many records wait; a moment without it is none."""
    relay = relay_of(tmp_path, host="broker.example")
    broker = BrokerReport(state=state, why="no connection to broker.example:1883", waiting=7)
    found = sounding(relay, broker=broker)
    assert list(found) == ([] if alarm is None else [alarm])
    assert all("broker.example:1883; 7 records wait" in why for why in found.values())


def test_an_event_log_that_cannot_be_read_is_an_alarm(tmp_path: Path) -> None:
    """Where there is to be one, with the file's name."""
    relay = relay_of(tmp_path)
    assert sounding(relay, unread="/log/siaga.csv: No such file or directory") == {}
    relay._event_log = Path("/log/siaga.csv")
    why = sounding(relay, unread="/log/siaga.csv: No such file or directory")
    assert list(why) == [remedy.EVENT_LOG]
    assert "No such file" in why[remedy.EVENT_LOG]
    assert sounding(relay) == {}


def test_a_store_that_takes_nothing_is_an_alarm(tmp_path: Path) -> None:
    """Whether there is a broker or not; without one it has no alarms of its own."""
    relay = relay_of(tmp_path)
    assert list(sounding(relay, fault="full", behind=9)) == [remedy.STORE]
    assert sounding(relay) == {}
    assert sounding(relay, broker=BrokerReport(state="refused")) == {}


def test_a_broker_that_brings_no_commands_is_an_alarm_of_its_own(tmp_path: Path) -> None:
    """Publishing goes on, so the others stay silent."""
    relay = relay_of(tmp_path, host="broker.example")
    report = BrokerReport(state="up", unheard="it does not let us listen to x: Not authorized")
    found = sounding(relay, broker=report)
    assert list(found) == [remedy.UNHEARD]
    assert "Not authorized" in found[remedy.UNHEARD]
