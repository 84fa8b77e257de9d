"""The command `siaga112 explain`, for who wants to know before going live who gets a call, and why.

Exit statuses are those of all commands (siaga.cli).
"""

import base64
import re
from pathlib import Path
from typing import Annotated, Final, TypeVar

import msgspec
import typer

from routing.cell import MAX_ID, normalise_id
from routing.location import Unread
from routing.location import read as read_location
from routing.number import shown
from routing.operator import PersonId
from routing.service import TrunkId
from routing.snapshot import Snapshot
from routing.throttle import Charges
from routing.zone import Evidence, Finding, Trusted, Zones
from siaga.problem import SettingsError, suggestion
from siaga.roster.command import AtOption, instant_of, person_of
from siaga.settings import Settings
from siaga.terminal import (
    CONFIG,
    EXIT_USAGE,
    ConfigOption,
    JsonOption,
    explained,
    fail,
    first_folder,
    load_settings,
    print_json,
    print_problem,
)

T = TypeVar("T")
DID: Final = "112"
KEYS: Final = re.compile(r"[0-9*#A-D]*")
PAIR: Final = re.compile(r"\s*([+-]?[0-9.]+)\s*[, ]\s*([+-]?[0-9.]+)\s*")
CELL: Final = re.compile(r"[A-Za-z0-9 :-]+")
FLOOR_FILE: Final = "floor.json"
THROTTLE_FILE: Final = "throttle.json"
"""As siaga.notebook names them, whose libraries take a moment to load."""
HANDED_OVER: Final = 2000
"""Characters of a location in base64 that the dialplan hands over (siaga-extensions.conf)."""


def explain_command(  # noqa: PLR0913 - each option is an argument
    config: ConfigOption = CONFIG,
    *,
    ani: Annotated[
        str, typer.Option("--from", metavar="NUMBER", help='The caller\'s; "" for a hidden one.')
    ],
    did: Annotated[str, typer.Option("--did", metavar="NUMBER", help="What is dialled.")] = DID,
    trunk: Annotated[
        str | None, typer.Option(metavar="ID", help="Over which; else one that proves nothing.")
    ] = None,
    pidf: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A PIDF-LO that comes with the call.")
    ] = None,
    geo: Annotated[
        str | None, typer.Option(metavar="LAT,LON", help="A location that comes with the call.")
    ] = None,
    cell: Annotated[
        str | None, typer.Option(metavar="ID", help="A radio cell that the network vouches for.")
    ] = None,
    press: Annotated[
        str, typer.Option(metavar="KEYS", help="One a second, such as 91; without it, silence.")
    ] = "",
    at: AtOption = None,
    busy: Annotated[
        list[str] | None, typer.Option(metavar="PERSON", help="Is on a call; repeatable.")
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="A daemon's state folder: go on from pauses, seats and marks."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say who gets a call, in which order, and by which rules; nobody is called.

    The settings are asked, in advance: zone, menu, hunting and roster decide as they do in the
    daemon, on a floor of which nothing is known but what is said here. All phones work, and nobody
    answers, so that the whole chain is seen. The running daemon is not asked; --state reads what it
    has written down of pauses, wrap-ups, sign-ons and turns.

    Without --at it is now; a time without an offset is the site's. A person may be given by id or
    name.

    siaga112 explain --trunk seluler --from 081234567890 --press 1 --at 2026-12-31T21:00 --busy sri

    Exit statuses: 0 told. 1 the settings or the PIDF-LO cannot be used. 2 the command line is
    wrong: no such trunk or person, no such time.
    """
    # What plays the core takes a moment to load, and no other command needs it.
    from siaga.explain import screen  # noqa: PLC0415
    from siaga.explain.foresight import Question, foresee  # noqa: PLC0415
    from siaga.explain.story import Story  # noqa: PLC0415

    if pidf is not None and geo is not None:
        fail("--pidf and --geo are two locations; expected one", EXIT_USAGE)
    settings = load_settings(config)
    location = _geo(geo) if pidf is None else _pidf(pidf)
    access = "" if cell is None else _access(cell)
    came: dict[Trusted, str] = {"location": location, "cell": access}
    chosen = _trunk(settings.zones, trunk, did, [kind for kind, text in came.items() if text])
    folder = None if state is None else first_folder(state)
    question = Question(
        evidence=Evidence(chosen, _number("--did", did), _number("--from", ani), location, access),
        at=instant_of(settings, at),
        keys=_keys(press),
        busy=frozenset(_people(settings, busy or [])),
        kept=None if folder is None else _kept(folder, FLOOR_FILE, Snapshot),
        charges=None if folder is None else _charges(folder),
    )
    story = Story(foresee(settings, question))
    if as_json:
        print_json(story.as_json())
        return
    known = trunk is not None or len(settings.zones.trunks) == 1
    screen.show(story, assumed="" if known else f"trunk {chosen} is assumed: --trunk names another")


def _kept(folder: Path, name: str, kind: type[T]) -> T:
    """What a daemon has written down there."""
    path = folder / name
    with explained(OSError):
        data = path.read_bytes()
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        fail(f"{path}: this is not what a daemon keeps: {error}")


def _charges(folder: Path) -> Charges | None:
    """There are none before an operator has marked a call."""
    is_there = (folder / THROTTLE_FILE).exists()
    return _kept(folder, THROTTLE_FILE, Charges) if is_there else None


def _people(settings: Settings, busy: list[str]) -> list[PersonId]:
    return [person_of(settings, written) for written in busy]


def _number(option: str, written: str) -> str:
    """Any text, as a trunk may present it, that can be printed."""
    if not written.isprintable():
        fail(f"{option} {shown(written)!r}: expected a number, such as 081234567890", EXIT_USAGE)
    return written


def _keys(written: str) -> str:
    if not KEYS.fullmatch(written):
        message = f"--press {written!r}: expected keys of a phone, 0 to 9, * and #, such as 1 or 91"
        fail(message, EXIT_USAGE)
    return written


def _trunk(zones: Zones, written: str | None, did: str, needed: list[Trusted]) -> TrunkId:
    """The one that was named, or else one that is trusted for what comes and proves nothing."""
    if written is not None:
        if written not in zones.trunks:
            meant = suggestion(written, zones.trunks, "trunks")
            fail(f"unknown trunk {written!r}{meant}", EXIT_USAGE)
        return TrunkId(written)

    def badness(id_: TrunkId) -> tuple[int, bool]:
        trunk = zones.trunks[id_]
        zone = trunk.dids[did].zone if did in trunk.dids else trunk.zone
        return sum(each not in trunk.trust for each in needed), zone is not Finding.UNKNOWN

    return min(zones.trunks, key=badness, default=TrunkId(""))


def _geo(written: str | None) -> str:
    """A point, as Asterisk hands it over."""
    if written is None:
        return ""
    pair = PAIR.fullmatch(written)
    location = "" if pair is None else f'GML:shape="Point",crs="2d",pos="{pair[1]} {pair[2]}"'
    found = read_location(location) if location else Unread("it is no pair of numbers")
    if isinstance(found, Unread):
        expected = "latitude and longitude in degrees, such as -5.1131,105.3067"
        fail(f"--geo {written!r}: expected {expected}: {found.why}", EXIT_USAGE)
    return location


def _pidf(path: Path) -> str:
    from siaga.explain.pidf import read  # noqa: PLC0415 - hardly ever needed

    try:
        location = read(path)
    except SettingsError as error:
        for problem in error.problems:
            print_problem(str(problem))
        return fail(f"the location in {path} cannot be used")
    if len(base64.b64encode(location.encode())) > HANDED_OVER:
        line = f"{path}:1:1: warning: it is too long for the dialplan, which hands over nothing"
        print_problem(line)
        return ""
    return location


def _access(written: str) -> str:
    """The header of a call from that cell, with the network's word for it (RFC 7315)."""
    id_ = normalise_id(written)
    if not CELL.fullmatch(written) or not 0 < len(id_) <= MAX_ID:
        expected = "the id of a cell as in the table, such as 510-99-1A2B-0C0FF01"
        fail(f"--cell {written!r}: expected {expected}", EXIT_USAGE)
    return f"3GPP-E-UTRAN-FDD;utran-cell-id-3gpp={id_};network-provided"
