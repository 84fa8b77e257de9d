"""Answers a dialplan that keeps its calls, over FastAGI: where the caller is, and whom to ring.

The answer is that of the floor (`routing/advice.py`), and a record with its reasons. Nothing is
reserved by it: the phones are taken when Asterisk rings them, which is a moment later.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from routing.advice import Advice, advise
from routing.note import CallId, Note
from routing.number import WITHHELD, shown
from routing.offer import Target
from routing.reason import Reason
from routing.zone import Evidence
from siaga.clock import Clock
from siaga.conductor import Conductor
from switch.agi import Request

SCRIPT: Final = "route"
"""The path of the URL."""
TRUNK, DID, TRIED = "SIAGA_TRUNK", "SIAGA_DID", "SIAGA_TRIED"
WANTED: Final = (TRUNK, DID, TRIED)
"""Variables of the channel that are asked for; the last one is this module's own, of an earlier
answer."""
FROM: Final = "siaga-from-"
"""A context of this name tells the trunk, as in siaga-extensions.conf."""
DIAL_CHARS: Final = 4000
"""Of a dial string, and of all that were dialled for one call: Asterisk reads 8,192 of a line."""
BECAUSE_CHARS: Final = 1000
ID_CHARS: Final = 149
"""Of a channel's unique id (AST_MAX_PUBLIC_UNIQUEID)."""
UNSEEN: Final = Reason("Asterisk's events are not heard now, so every phone counts as free")
AGAIN: Final = Reason("all of the chain have been rung: it starts over")

_PLAIN: Final = re.compile(r"PJSIP/(?:\+?[0-9*#]+@)?[A-Za-z0-9][A-Za-z0-9_.-]*", re.ASCII)
"""What may get into a dial string: an endpoint, or a number at one; no option of Dial()."""


class Adviser:
    """Takes requests of FastAGI.

    Args:
        conductor: Knows the settings and the phones.
        clock: The only clock.
        note: Takes a record of each answer.
        where: Turns a settings path into `file:line`, or "".
    """

    def __init__(
        self,
        conductor: Conductor,
        clock: Clock,
        note: Callable[[Note], None],
        where: Callable[[tuple[str | int, ...]], str],
    ) -> None:
        self._conductor = conductor
        self._clock = clock
        self._note = note
        self._where = where

    def answer(self, request: Request, values: Mapping[str, str]) -> dict[str, str] | None:
        """The variables for the channel, SIAGA_DIAL last; None for another script."""
        if request.script != SCRIPT:
            return None
        tried = [dial for dial in values.get(TRIED, "").split("&") if _PLAIN.fullmatch(dial)]
        evidence = evidence_of(request, values)
        advice = advise(
            self._conductor.plan,
            request.parameters.get("service", ""),
            evidence,
            tried=frozenset(tried),
            is_free=self._is_free,
            at=self._clock.now().wall,
        )
        dials = _within(target.dial for target in advice.targets)
        because = self._because(advice)
        self._note(_note(request, evidence, advice, dials, because))
        verdict = advice.verdict
        return {
            "SIAGA_ZONE": verdict.finding.value,
            "SIAGA_NEIGHBOUR": verdict.neighbour or "",
            "SIAGA_SERVICE": advice.service,
            "SIAGA_LABEL": advice.label,
            "SIAGA_STEP": advice.step or "",
            "SIAGA_RING": str(round(advice.ring_time_s)),
            TRIED: "&".join(_latest([] if advice.starts_over else tried, dials)),
            "SIAGA_BECAUSE": self._told(because),
            "SIAGA_DIAL": "&".join(dials),
        }

    def _is_free(self, target: Target) -> bool:
        return bool(_PLAIN.fullmatch(target.dial)) and self._conductor.is_free(target)

    def _because(self, advice: Advice) -> tuple[Reason, ...]:
        unseen = (UNSEEN,) if self._conductor.is_blind else ()
        again = (AGAIN,) if advice.starts_over else ()
        return (*advice.because, *again, *unseen)

    def _told(self, because: Iterable[Reason]) -> str:
        """The reasons in one line, each with the place of its rule."""
        places = ((reason.text, self._where(reason.path)) for reason in because)
        text = "; ".join(f"{text} ({place})" if place else text for text, place in places)
        return text if len(text) <= BECAUSE_CHARS else f"{text[: BECAUSE_CHARS - 1]}…"


def evidence_of(request: Request, values: Mapping[str, str]) -> Evidence:
    """What the dialplan says of the call: its arguments first, then variables, then the channel."""
    context = request.environment.get("context", "")
    trunk = context.removeprefix(FROM) if context.startswith(FROM) else ""
    did = request.environment.get("dnid", "")
    ani = request.environment.get("callerid", "")
    return Evidence(
        trunk=request.parameters.get("trunk") or values.get(TRUNK, "") or trunk,
        did=request.parameters.get("did") or values.get(DID, "") or _presented(did),
        ani=_presented(ani),
    )


def _presented(number: str) -> str:
    """Asterisk writes `unknown` for a number that it does not have."""
    return "" if number in WITHHELD else number


def _note(
    request: Request,
    evidence: Evidence,
    advice: Advice,
    dials: Iterable[str],
    because: tuple[Reason, ...],
) -> Note:
    id_ = request.environment.get("uniqueid", "")
    is_one = 0 < len(id_) <= ID_CHARS and id_.isascii() and id_.isprintable()
    detail = {
        "asked": shown(request.parameters.get("service", "")),
        "service": advice.service,
        "verdict": advice.verdict.finding.value,
        "neighbour": advice.verdict.neighbour,
        "step": advice.step,
        "dial": "&".join(dials),
        "trunk": shown(evidence.trunk),
        "did": shown(evidence.did),
        "ani": shown(evidence.ani),
    }
    return Note(CallId(id_) if is_one else None, "advised", detail, because)


def _within(dials: Iterable[str]) -> list[str]:
    """As many as fit into a dial string, the first ones."""
    kept: list[str] = []
    length = 0
    for dial in dict.fromkeys(dials):
        length += len(dial) + 1
        if length > DIAL_CHARS:
            break
        kept.append(dial)
    return kept


def _latest(tried: Iterable[str], dials: Iterable[str]) -> list[str]:
    """As many of what has been dialled as fit, the last ones: the oldest may be rung again."""
    every = dict.fromkeys((*tried, *dials))
    return _within(reversed(list(every)))[::-1]
