"""Why Asterisk does not serve this daemon, and what to do about it, by what it answers."""

from collections.abc import Sequence
from typing import Final

from siaga import remedy
from siaga.alarm import Alarm
from siaga.site import AsteriskSettings
from switch.client import Down
from switch.credential import Credential
from switch.error import Refused

UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 401, 403, 404
ONE_PHONE: Final = 1
"""So many phones may be refused for a reason of their own, such as no registration."""


def asterisk_down(link: Down, asterisk: AsteriskSettings, credential: Credential) -> Alarm:
    """Asterisk does not serve this daemon; callers are with the dialplan's last resort."""
    match link.status:
        case None:
            why = f"no event stream from {asterisk.base_url}: {link.reason}"
            do = (
                "start Asterisk, or correct http.conf (enabled, bindaddr, bindport) or "
                "asterisk.base_url in siaga.yaml; tried again each second"
            )
        case code if code == UNAUTHORIZED:
            why = (
                f"{asterisk.base_url} refuses the user {credential.user!r} with the password "
                f"from {credential.origin} (401)"
            )
            do = (
                "make it the same in Asterisk's ari.conf (then: module reload res_ari.so), or "
                "correct it there and restart this daemon; tried again every few seconds"
            )
        case code if code == FORBIDDEN:
            why = f"{asterisk.base_url} does not let the user {credential.user!r} do it (403)"
            do = (
                "write read_only=no for this user in Asterisk's ari.conf (then: module reload "
                "res_ari.so), and look at acl and permit there"
            )
        case code if code == NOT_FOUND:
            why = f"{asterisk.base_url} answers, but has no /ari (404)"
            do = (
                "wait if Asterisk is starting; else enabled=yes in its ari.conf, module load "
                "res_ari.so and res_http_websocket.so, no prefix in http.conf"
            )
        case code:
            why = f"{asterisk.base_url} does not open an event stream ({code})"
            do = "see whether Asterisk's HTTP server is what answers there (http.conf)"
    return Alarm(remedy.ASTERISK_DOWN, why, do)


def no_heartbeat(fault: Exception, asterisk: AsteriskSettings, credential: Credential) -> Alarm:
    """Events come, but requests are refused or too slow: new callers are with the last resort."""
    if isinstance(fault, Refused) and fault.status in {UNAUTHORIZED, FORBIDDEN}:
        down = asterisk_down(Down(str(fault), fault.status), asterisk, credential)
        return Alarm(remedy.HEARTBEAT, down.why, down.do)
    if isinstance(fault, Refused):
        why = f"{asterisk.base_url} refuses what this daemon asks: {fault}"
        do = "see Asterisk's log for the reason; if there is none, restart Asterisk when it is idle"
    else:
        why = f"{asterisk.base_url} answers or tells too late: {str(fault) or 'no echo within 1 s'}"
        do = (
            "see what slows Asterisk or the network down (load, disk, `core show taskprocessors`); "
            "new callers are with the last resort meanwhile"
        )
    return Alarm(remedy.HEARTBEAT, why, do)


def no_channels(phones: Sequence[str]) -> Alarm:
    """Nobody can be rung: Asterisk makes no channel to any phone, and takes no new call either."""
    return Alarm(
        remedy.NO_CHANNELS,
        f"Asterisk makes no channel to {', '.join(phones)}: waiting callers reach nobody",
        "`asterisk -rx 'core abort shutdown'` if it was told to stop or restart gracefully, which "
        "refuses all calls (`when convenient` does not); else see its log, and `pjsip show "
        "contacts` for these phones",
    )
