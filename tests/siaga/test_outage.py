"""Who has to mend it is told what is wrong by what Asterisk answers."""

import pytest

from siaga import outage, remedy
from siaga.site import AsteriskSettings
from switch.credential import Credential
from switch.error import Refused, Unreachable

ASTERISK = AsteriskSettings(base_url="http://127.0.0.1:8088")
CREDENTIAL = Credential("siaga", "secret", "/etc/siaga112/siaga-ari")
ASKED = "POST /events/user/siaga_echo"


@pytest.mark.parametrize(
    ("fault", "why", "do"),
    [
        (Refused(ASKED, 401, ""), "/etc/siaga112/siaga-ari (401)", "module reload res_ari.so"),
        (Refused(ASKED, 403, ""), "does not let the user 'siaga'", "read_only=no"),
        (Refused(ASKED, 500, "Allocation failed"), "500 Allocation failed", "Asterisk's log"),
        (Unreachable(ASKED, "TimeoutError"), "TimeoutError", "core show taskprocessors"),
        (TimeoutError(), "no echo within 1 s", "core show taskprocessors"),
    ],
)
def test_each_fault_has_its_remedy(fault: Exception, why: str, do: str) -> None:
    """A password, a right, a fault of Asterisk, and slowness; the password itself is not told."""
    alarm = outage.no_heartbeat(fault, ASTERISK, CREDENTIAL)
    assert alarm.what == remedy.HEARTBEAT
    assert why in alarm.why
    assert do in alarm.do
    assert CREDENTIAL.password not in alarm.why + alarm.do


def test_who_stops_asterisk_gracefully_is_told_how_to_take_it_back() -> None:
    """The phones are named; that one alone is refused is no alarm."""
    alarm = outage.no_channels(("PJSIP/siaga-medis-1", "PJSIP/siaga-pos"))
    assert alarm.what == remedy.NO_CHANNELS
    assert "PJSIP/siaga-medis-1, PJSIP/siaga-pos" in alarm.why
    assert "core abort shutdown" in alarm.do
