"""Calls drawn at random, and what a daemon's records say of one as far as it can be foreseen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from journal.record import Ground, Record
from routing.operator import PersonId
from routing.reason import Reason
from routing.zone import Evidence
from siaga.explain.foresight import Foresight
from siaga.explain.story import Story

LOCATIONS: Final = (
    'GML:shape="Point",crs="2d",pos="-5.1131 105.3067"',
    'GML:shape="Circle",crs="2d",pos="-5.42 105.09",radius="500"',
    'GML:shape="Circle",crs="2d",pos="-5.1131 105.3067",radius="20000"',
    'civicAddress:lang="id",country="ID",A2="Kota Bandar Lampung"',
    'civicAddress:lang="id",country="ID",A2="Kota Metro"',
    *("", "", "", ""),
)
CELLS: Final = ("510-99-1A2B-0C0FF01", "510-99-2F01-0C0FF01", "510101234567890", "")
BEGINNINGS: Final = ("0812", "0812", "0725 4", "0725 5", "0725 6", "0721 4", "0721 7", "0999", "")
"""Of numbers: mobile ones, and fixed lines of five areas; the last one is withheld."""
DIALLED: Final = (("seluler", "112"), ("telkom", "112"), ("telkom", "0721112"), ("seluler", "0725"))
KEYS: Final = ("1", "1", "2", "3", "4", "0", "91", "72", "77", "99991", "")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A call.

    Attributes:
        evidence: What comes with it.
        keys: What the caller presses.
        busy: Who is on a call.
    """

    evidence: Evidence
    keys: str
    busy: frozenset[PersonId]


@dataclass(frozen=True, slots=True)
class Told:
    """What was decided of a call.

    Attributes:
        zone: Verdict, neighbour, and the reasons.
        service: For which the caller waits; None for one who does not.
        chosen: Why.
        targets: The phones that ring, in order, each with the reasons.
    """

    zone: tuple[object, ...]
    service: object
    chosen: tuple[str, ...]
    targets: tuple[tuple[str, tuple[str, ...]], ...]


def access_of(cell: str) -> str:
    """The header of a call from that cell."""
    id_ = cell.replace("-", "")
    return f"3GPP-E-UTRAN-FDD;utran-cell-id-3gpp={id_};network-provided" if id_ else ""


def drawn(draw: Random, number: int, people: Sequence[PersonId]) -> Drawn:
    """A call; its number is one that no other call has.

    Args:
        draw: Of all of it.
        number: Of the call.
        people: Who may be on a call.
    """
    trunk, did = draw.choice(DIALLED)
    beginning = draw.choice(BEGINNINGS).replace(" ", "")
    ani = f"{beginning}{number:0{11 - len(beginning)}}" if beginning else ""
    evidence = Evidence(
        trunk, did, ani, draw.choice(LOCATIONS), access_of(draw.choice((*CELLS, "", "")))
    )
    most = draw.choice((0, 0, 1, 3, len(people)))
    busy = frozenset(draw.sample(people, draw.randrange(most + 1)))
    return Drawn(evidence, draw.choice(KEYS), busy)


def recorded(records: Iterable[Record]) -> Told:
    """What the records of a call say, until its chain starts over."""
    zone: tuple[object, ...] = ()
    service: object = None
    chosen: tuple[str, ...] = ()
    targets: dict[str, tuple[str, ...]] = {}
    for record in records:
        detail = record.detail
        texts = tuple(_shown(ground) for ground in record.because)
        match record.what:
            case "zone":
                zone = (detail["verdict"], detail["neighbour"], texts)
            case "chosen":
                chosen = texts
            case "queued":
                service = detail["service"]
            case "offered":
                target = str(detail["target"])
                if target in targets:
                    break
                targets[target] = texts
            case "nobody_to_ring":
                break
            case _:
                pass
    return Told(zone, service, chosen, tuple(targets.items()))


def foreseen(seen: Foresight, *, placed: bool) -> Told:
    """The same of a foresight; `placed`: with the file and line of each rule."""
    verdict = seen.verdict

    def texts(because: Iterable[Reason]) -> tuple[str, ...]:
        return tuple(
            _shown(
                Ground(
                    reason.text,
                    ".".join(map(str, reason.path)),
                    seen.settings.where(reason.path) if placed else "",
                )
            )
            for reason in because
        )

    return Told(
        (verdict.finding.value, verdict.neighbour, texts(verdict.because)),
        None if seen.place is None else seen.place.service,
        texts(Story(seen).chosen),
        tuple((ring.offer.target.key, texts(ring.because)) for ring in seen.rings),
    )


def begun(seen: Told, live: Told) -> Told:
    """As much of what was foreseen as a caller sees who hangs up before the end."""
    targets = seen.targets[: len(live.targets)]
    if live.service is None:
        return replace(seen, service=None, chosen=(), targets=targets)
    return replace(seen, targets=targets)


def _shown(ground: Ground) -> str:
    return f"{ground.text} [{ground.path}] ({ground.where})"
