"""A call as it happens, in lines for people: when, whose, what, and why.

    10:42:07 +   0.000  #1  ring       0812***890 on trunk seluler dialled 112
    10:42:07 +   0.001  #1  zone       unknown
                                       why: any trunk seluler call may be far away (zones.yaml:21)

Callers' numbers are masked; callers are counted from 1 in the order in which they are first seen.
"""

from collections.abc import Callable
from datetime import tzinfo
from typing import Any, Final, TextIO

from rich.console import Console
from rich.text import Text

from journal.mask import PERSONAL, mask
from journal.record import ENDINGS, Ground, Record

Detail = dict[str, Any]
Sentence = Callable[[Detail], str]

WORD: Final = 10
"""Width of the column of words."""
CALLERS: Final = 1_000
"""Callers whose count is remembered; one who ended may still come back from the dialplan."""
CAME: Final = {"location": "a location", "access": "an access network"}
"""What may have come with a call, and is not shown."""


def lines(record: Record, caller: int | None = None, zone: tzinfo | None = None) -> list[str]:
    """The record in one line, and one more for each reason.

    Args:
        record: Any record; a name that is not known here is shown with all its facts.
        caller: The caller's count; None shows none.
        zone: Whose clock is shown; None: this machine's.
    """
    word, sentence = SENTENCES.get(record.what, (record.what, _facts))
    offset = "" if record.call is None or record.offset_s is None else f"+{record.offset_s:8.3f}"
    count = "" if caller is None else f"#{caller}"
    begin = f"{record.at.astimezone(zone):%H:%M:%S} {offset:9}  {count:3}"
    first = f"{begin} {clean(word):<{WORD}} {clean(sentence(_Facts(record.detail)))}"
    indent = " " * (len(begin) + WORD + 2)
    return [first.rstrip(), *(indent + clean(_why(ground)) for ground in record.because)]


class Timeline:
    """Writes records as they come.

    Args:
        stream: Where the lines go; on a terminal in colours.
    """

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream, soft_wrap=True, highlight=False, markup=False)
        self._callers: dict[str, int] = {}
        self._count = 0

    def show(self, record: Record) -> None:
        """Writes one record."""
        first, *grounds = lines(record, self._caller(record.call))
        self._console.print(Text(first, style=STYLES.get(record.what, "")))
        for ground in grounds:
            self._console.print(Text(ground, style="dim"))

    def _caller(self, call: str | None) -> int | None:
        if call is None:
            return None
        if call not in self._callers:
            self._count += 1
            self._callers[call] = self._count
            if len(self._callers) > CALLERS:
                del self._callers[next(iter(self._callers))]
        return self._callers[call]


def _why(ground: Ground) -> str:
    return f"why: {ground.text} ({ground.where})" if ground.where else f"why: {ground.text}"


class _Facts(dict[str, Any]):
    """A record's detail; what it does not say reads as a dash."""

    def __missing__(self, key: str) -> str:
        return "-"


def clean(text: str) -> str:
    """The text without what could steer a terminal: a caller's name comes from anywhere."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def _say(text: str) -> Sentence:
    return text.format_map


def _facts(detail: Detail) -> str:
    shown = ((key, PERSONAL.get(key, str)(str(value))) for key, value in detail.items())
    return " ".join(f"{key}={value}" for key, value in shown)


def _arrived(detail: Detail) -> str:
    number = mask(str(detail["ani"])) if detail["ani"] else "a hidden number"
    back = (
        "" if detail.get("how", "new") == "new" else f", back from the dialplan ({detail['how']})"
    )
    known = [word for key, word in CAME.items() if detail.get(key)]
    came = f", with {' and '.join(known)}" if known else ""
    return f"{number} on trunk {detail['trunk']} dialled {detail['did']}{came}{back}"


def _zone(detail: Detail) -> str:
    neighbour = detail.get("neighbour")
    return f"{detail['verdict']}, {neighbour}" if neighbour else str(detail["verdict"])


def _digit(detail: Detail) -> str:
    return str(detail["digit"]) + (" (means nothing now)" if detail.get("ignored") else "")


def _paused(detail: Detail) -> str:
    if detail["automatic"]:
        return f"{detail['person']}, after {detail['missed']} offers in a row without an answer"
    return f"{detail['person']}, as asked for"


def _ended(detail: Detail) -> str:
    if detail["by"] == "unseen":
        return f"the call was gone when it was looked for, after {detail['talked_s']} s of talk"
    return f"the {detail['by']} hung up after {detail['talked_s']} s of talk"


def _kept(detail: Detail) -> str:
    """A path that is not there has been purged, and the recording with it."""
    where = detail.get("recording") or "purged"
    doubt = "" if detail["whole"] is True else f"; may not be the whole talk: {detail['why']}"
    return f"{where}, {detail['seconds']} s{doubt}"


def _purged(detail: Detail) -> str:
    kinds = ("recordings", "numbers", "locations")
    counts = ", ".join(f"{detail[kind]} {kind}" for kind in kinds)
    fault = f"; not all of it: {detail['fault']}" if "fault" in detail else ""
    return f"{counts} that were too old, by {detail['by']}{fault}"


SENTENCES: Final[dict[str, tuple[str, Sentence]]] = {
    "arrived": ("ring", _arrived),
    "zone": ("zone", _zone),
    "advised": ("advice", _say("the dialplan is to ring {dial} for {service}")),
    "answered": ("answer", _say("the caller is answered")),
    "resumed": ("answer", _say("the caller is back from the dialplan, for {service}")),
    "adopted": ("adopted", _say("{stage}: the daemon has taken up the call again")),
    "slowed": ("slowed", _say("asked whether it is an emergency, until {until} of {marks} marks")),
    "number_slowed": ("slowed", _say("this number's calls, until {until}, of {marks} marks")),
    "number_freed": ("slowed", _say("this number's calls are not slowed down any more: {mark}")),
    "prompt": ("prompt", _say("{prompts} in {language}")),
    "digit": ("digit", _digit),
    "chosen": ("service", _say("{service}")),
    "queued": ("queue", _say("waits for {service}")),
    "offered": ("offer", _say("{target}")),
    "ringing": ("ringing", _say("{target}")),
    "offer_failed": ("no answer", _say("{target}: {outcome}")),
    "withdrawn": ("withdrawn", _say("{target}")),
    "asked_to_confirm": ("confirm", _say("{target} is asked to press 1")),
    "operator_answered": ("answer", _say("{target} picks up")),
    "bridged": ("bridge", _say("the caller and {target} hear each other")),
    "recording_begun": ("recording", _say("what they say is recorded")),
    "recording_kept": ("recording", _kept),
    "recording_not_made": ("recording", _say("there is none of this talk: {why}")),
    "announced": ("told", _say("{prompts}")),
    "operator_lost": ("lost", _say("{why}, after {talked_s} s of talk; the caller is first again")),
    "hurried": ("hurry", _say("has waited {waited_s} s: all at once who can be rung")),
    "paused": ("paused", _paused),
    "not_paused": ("present", _say("{person} did not answer, but is the agency's last one")),
    "ready": ("ready", _say("{person}: {why}")),
    "instructed": ("word", _say("{wanted} {person}, by {by} ({via}): {outcome}")),
    "commanded": ("word", _say("{command}, by {by} over MQTT: {outcome}: {why}")),
    "signed_on": ("seat", _say("{person} has signed on at {seat}")),
    "sign_on_refused": ("seat", _say("{person} cannot sign on at {seat}")),
    "signed_off": ("seat", _say("{person} has signed off")),
    "marked": ("mark", _say("{person}: {mark}")),
    "feature": ("code", _say("{code} at {seat}, {person}: {outcome}")),
    "feature_failed": ("fault", _say("{code}: {error}")),
    "nobody_to_ring": ("nobody", _say("can be rung now; again in {pause_s} s")),
    "ended": ("end", _ended),
    "abandoned": ("end", _say("the caller hung up {where}, after {waited_s} s")),
    "dismissed": ("end", _say("hung up on after the announcement, {waited_s} s from arrival")),
    "last_resort": ("dialplan", _say("the last resort has served the caller: {service}")),
    "pulled_out": ("end", _say("Asterisk took the caller to the last resort ({where})")),
    "handed_back": ("end", _say("to the last resort: {why}")),
    "let_go": ("end", _say("this daemon lets go of the call, which goes on")),
    "call_failed": ("fault", _say("{error}")),
    "called_back": ("call-back", _say("{by} has rung the caller")),
    "asterisk_up": ("switch", _say("Asterisk {version} is there")),
    "asterisk_down": ("switch", _say("Asterisk is away: {why}")),
    "purged": ("purge", _purged),
    "standby": ("switch", _say("another daemon has the application")),
    "alarm": ("alarm", _say("{alarm}: {why}; {do}")),
    "alarm_over": ("alarm", _say("{alarm} is over")),
    "settings_refused": ("settings", _say("errors: {errors}; nothing is changed")),
    "settings_reloaded": ("settings", _say("new ones are in use")),
    "reload_failed": ("fault", _say("{error}")),
    "daemon_started": ("daemon", _say("started")),
    "daemon_stopped": ("daemon", _say("stopped")),
}
"""For each record's name: the word in the column, and the sentence."""

STYLES: Final[dict[str, str]] = {
    "bridged": "green",
    **dict.fromkeys(ENDINGS, "bold"),
    **dict.fromkeys(("alarm", "settings_refused"), "yellow"),
    **dict.fromkeys(("recording_not_made",), "yellow"),
    **dict.fromkeys(("hurried", "paused", "not_paused"), "yellow"),
    **dict.fromkeys(("operator_lost", "offer_failed", "nobody_to_ring", "abandoned"), "yellow"),
    **dict.fromkeys(("call_failed", "asterisk_down", "handed_back", "pulled_out"), "red"),
}
"""On a terminal: good, an end, a worry, a fault."""
