"""Where the broker is, as whom it is spoken to, and with what password."""

from pathlib import Path

import pytest

from journal.broker import BrokerRefuses, Secret, find_secret, tls_context
from siaga.site import MqttSettings, TlsSettings
from tests.journal.post import broker_at


def test_the_password_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    """The variable first, then the file that one names, then systemd's; each says where."""
    file = tmp_path / "siaga-mqtt"
    file.write_text("dari berkas\n")
    by_systemd = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert find_secret(by_systemd) == Secret("dari berkas", str(file))
    named = {**by_systemd, "SIAGA_MQTT_PASSWORD_FILE": str(tmp_path / "other")}
    assert find_secret(named) == Secret("dari berkas", str(file))
    (tmp_path / "other").write_text("lain")
    assert find_secret(named) == Secret("lain", str(tmp_path / "other"))
    told = {**named, "SIAGA_MQTT_PASSWORD": "kata"}
    assert find_secret(told) == Secret("kata", "SIAGA_MQTT_PASSWORD")


def test_without_one_it_is_said_where_it_was_looked_for() -> None:
    """A broker that wants none is content."""
    found = find_secret({})
    assert found.word is None
    assert "SIAGA_MQTT_PASSWORD" in found.origin
    assert "siaga-mqtt" in found.origin


def test_a_password_is_never_shown() -> None:
    """Not in a log, not in a traceback."""
    assert "kata" not in repr(Secret("kata", "here"))


def test_files_for_tls_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    """Without tls nothing is looked at."""
    assert tls_context(broker_at(1, ca="/nonexistent")) is None
    (tmp_path / "ca.crt").write_text("this is no certificate")
    for fields in (
        {"ca": "/nonexistent"},
        {"ca": str(tmp_path / "ca.crt")},
        {"certificate": str(tmp_path / "ca.crt"), "key": str(tmp_path / "key")},
    ):
        with pytest.raises(BrokerRefuses, match="cannot be used for TLS"):
            tls_context(broker_at(1, tls=True, **fields))


def test_ports_are_those_of_the_protocol_unless_said_otherwise() -> None:
    """And without a host there is no broker."""
    assert MqttSettings().broker is None
    plain = MqttSettings(host="127.0.0.1").broker
    assert plain is not None
    assert (plain.port, plain.tls, plain.client, plain.prefix) == (
        1883,
        False,
        "siaga112",
        "siaga112",
    )
    guarded = MqttSettings(host="b", tls=TlsSettings(ca=Path("/ca.crt"))).broker
    assert guarded is not None
    assert (guarded.port, guarded.tls, guarded.ca) == (8883, True, "/ca.crt")
    other = MqttSettings(host="b", port=1234, tls=TlsSettings()).broker
    assert other is not None
    assert other.port == 1234
