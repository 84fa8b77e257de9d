"""A call as it happens, in lines for people."""

from collections.abc import Callable
from typing import Any, TextIO

from journal.record import Record

Detail = dict[str, Any]
WIDTH = 10


def _sentence(text: str) -> Callable[[Detail], str]:
    return lambda detail: text.format_map(_Missing(detail))


class _Missing(dict[str, Any]):
    """Shows what a record does not say as a dash."""

    def __missing__(self, key: str) -> str:
        return "-"


LINES: dict[str, tuple[str, Callable[[Detail], str]]] = {
    "arrived": ("ring", _sentence("a caller on trunk {trunk} dialled {did}")),
    "zone": (
        "zone",
        lambda d: d["verdict"] + (f", {d['neighbour']}" if d.get("neighbour") else ""),
    ),
    "answered": ("answer", _sentence("the caller is answered")),
    "resumed": ("answer", _sentence("the caller is back from the dialplan, for {service}")),
    "prompt": ("prompt", _sentence("{prompts} in {language}")),
    "digit": ("digit", lambda d: d["digit"] + (" (means nothing now)" if d.get("ignored") else "")),
    "chosen": ("service", _sentence("{service}")),
    "queued": ("queue", _sentence("waits for {service}")),
    "offered": ("offer", _sentence("{target}")),
    "ringing": ("ringing", _sentence("{target}")),
    "offer_failed": ("no answer", _sentence("{target}: {outcome}")),
    "withdrawn": ("withdrawn", _sentence("{target}")),
    "asked_to_confirm": ("confirm", _sentence("{target} is asked to press 1")),
    "operator_answered": ("answer", _sentence("{target} picks up")),
    "bridged": ("bridge", _sentence("the caller and {target} hear each other")),
    "operator_lost": (
        "lost",
        _sentence("the operator after {talked_s} s: {why}; the caller is first"),
    ),
    "nobody_to_ring": ("nobody", _sentence("can be rung now; again in {pause_s} s")),
    "ended": ("end", _sentence("the {by} hung up after {talked_s} s of talk")),
    "abandoned": ("end", _sentence("the caller hung up {where} after {waited_s} s")),
    "pulled_out": ("end", _sentence("Asterisk took the caller to the last resort ({where})")),
    "handed_back": ("end", _sentence("to the last resort: {why}")),
    "call_failed": ("fault", _sentence("{error}")),
    "asterisk_up": ("switch", _sentence("Asterisk {version} is there")),
    "asterisk_down": ("switch", _sentence("Asterisk is away: {why}")),
    "standby": ("switch", _sentence("another daemon has the application")),
    "daemon_started": ("daemon", _sentence("started")),
    "daemon_stopped": ("daemon", _sentence("stopped")),
}
"""For each record's name: the word in the column, and the sentence."""


def lines(record: Record) -> list[str]:
    """The record in one line, and one more for each reason."""
    word, say = LINES.get(record.what, (record.what, _generic))
    offset = " " * WIDTH if record.offset_s is None else f"+{record.offset_s:8.3f} "
    clock = record.at.astimezone().strftime("%H:%M:%S")
    first = f"{clock} {offset} {word:<{WIDTH}} {say(record.detail)}"
    indent = " " * (len(clock) + 2 * WIDTH + 3)
    grounds = [
        f"{indent}why: {ground.text}" + (f" ({ground.where})" if ground.where else "")
        for ground in record.because
    ]
    return [first.rstrip(), *grounds]


def _generic(detail: Detail) -> str:
    return " ".join(f"{key}={value}" for key, value in detail.items())


class Timeline:
    """Writes records as they come.

    Args:
        stream: Where the lines go; on a terminal the reasons are dim.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._dim = ("\x1b[2m", "\x1b[0m") if stream.isatty() else ("", "")

    def show(self, record: Record) -> None:
        """Writes one record."""
        first, *grounds = lines(record)
        self._stream.write(f"{first}\n")
        for ground in grounds:
            self._stream.write(f"{self._dim[0]}{ground}{self._dim[1]}\n")
        self._stream.flush()
