"""Events are typed; what is not known is counted, never fatal."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.event import ChannelDtmfReceived, StasisStart, Unknown, decode

CHANNEL = {
    "id": "1795.1",
    "name": "PJSIP/siaga-telkom-1",
    "state": "Ring",
    "caller": {"number": "0812", "name": ""},
    "dialplan": {"context": "siaga-112", "exten": "s", "priority": 5},
    "channelvars": {"SIAGA_TRUNK": "telkom"},
    "language": "id",
    "something_new": {"of": ["a", "later", "version"]},
}


def test_a_known_event_is_its_own_type() -> None:
    """Fields that nobody reads, and those of later versions, are passed over."""
    event = decode(json.dumps({"type": "StasisStart", "args": ["new"], "channel": CHANNEL}))
    assert isinstance(event, StasisStart)
    assert (event.args, event.channel.channelvars) == (("new",), {"SIAGA_TRUNK": "telkom"})
    digit = decode(json.dumps({"type": "ChannelDtmfReceived", "digit": "1", "channel": CHANNEL}))
    assert isinstance(digit, ChannelDtmfReceived)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ('{"type": "ChannelTeleported"}', Unknown("ChannelTeleported")),
        ('{"type": "StasisStart"}', Unknown("StasisStart", malformed=True)),
        ('{"type": "StasisStart", "channel": 7}', Unknown("StasisStart", malformed=True)),
        ("{}", Unknown("")),
        ("[]", Unknown("", malformed=True)),
        ("not json", Unknown("", malformed=True)),
        ("", Unknown("", malformed=True)),
        (b"\xff\xfe", Unknown("", malformed=True)),
        ("[" * 100_000, Unknown("", malformed=True)),
    ],
)
def test_anything_else_is_unknown(raw: str | bytes, expected: Unknown) -> None:
    """Unknown types, missing fields, other JSON and no JSON at all."""
    assert decode(raw) == expected


@given(st.binary())
def test_no_message_is_fatal(raw: bytes) -> None:
    """Whatever comes over the socket, decoding it raises nothing."""
    decode(raw)
