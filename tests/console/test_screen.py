"""What an administrator sees at three in the morning."""

from collections.abc import Mapping
from datetime import timedelta
from io import StringIO
from typing import Any, Literal

import pytest
from msgspec.structs import replace
from rich.console import Console

from console import screen as module
from console.screen import lines
from console.status import (
    AlarmShown,
    LinkState,
    OperatorShown,
    PauseShown,
    RefusalShown,
    SeatShown,
    SlowedShown,
    SpoolShown,
    Status,
)
from tests.console.sample import ALARM, MORNING, PHONE, QUIET, TYPO, status, waiting
from tests.journal.sample import NOON


def shown(value: Status) -> str:
    """As it is written to a file."""
    return "\n".join(line.plain for line in lines(value))


def row(value: Status, name: str) -> str:
    """What stands behind a name in the first column, with the lines that belong to it."""
    found: list[str] = []
    begun = False
    for line in shown(value).splitlines():
        first = line[: module.WIDTH].strip()
        begun = first == name if first else begun
        if begun:
            found.append(line[module.WIDTH :])
    return "\n".join(found)


def test_a_quiet_day_is_one_screen() -> None:
    """All of it, as it stands; what is good is said in one line each."""
    text = shown(QUIET)
    assert text.splitlines()[:2] == [
        "in service yes: new calls are answered by this daemon",
        "Asterisk   up for 5 h 00 min, 22.10.1, heartbeat 0.4 s ago",
    ]
    assert row(QUIET, "calls") == "none\nsince the start 0, 0 answered, 0 abandoned"
    assert row(QUIET, "on duty").splitlines() == [
        "medis        Sri Wahyuni medis-1 ready",
        "damkar       nobody",
    ]
    assert row(QUIET, "post") == "pos ready"
    assert row(QUIET, "alarms") == "none"
    assert row(QUIET, "records") == "written, 0 in memory"
    assert row(QUIET, "daemon") == "0.1.0, up for 5 h 00 min, process 112"
    assert len(text.splitlines()) <= 24


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"state": LinkState.DOWN, "why": "cannot connect: refused"}, "refused"),
        ({"state": LinkState.STANDBY}, "another daemon has the application 'siaga'"),
    ],
)
def test_why_it_is_not_in_service_is_on_top(changes: Mapping[str, Any], expected: str) -> None:
    """First that calls are not served, then what is wrong with Asterisk."""
    link = replace(QUIET.asterisk, version=None, **changes)
    value = status(ready=False, why="it is so", asterisk=link)
    assert shown(value).splitlines()[0].startswith("in service no: it is so;")
    assert expected in row(value, "Asterisk")


def test_before_the_first_heartbeat_it_says_so() -> None:
    """Up, and not yet in service."""
    assert "no heartbeat yet" in row(status(heartbeat_age_s=None), "Asterisk")


def test_a_refused_set_is_shown_with_its_lines() -> None:
    """Beside what is used instead: those before, or the last known good ones."""
    refused = RefusalShown(at=MORNING, problems=(TYPO,) * 12)
    value = status(
        settings=replace(
            QUIET.settings,
            known_good="/var/lib/siaga112/settings/00000007",
            refused=refused,
            restart_needed={"console.port": "siaga.yaml:9:3"},
            warnings=(TYPO,),
        )
    )
    text = row(value, "settings")
    assert text.startswith("last known good: /var/lib/siaga112/settings/00000007, accepted ")
    assert "refused 5 h 00 min ago, those in /etc/siaga112:" in text
    assert text.count(TYPO.text) == module.SHOWN
    assert "and 2 more: siaga112 check" in text
    assert "wait for a restart: console.port (siaga.yaml:9:3)" in text
    assert "1 warning: siaga112 check" in text


def test_who_waits_is_shown_in_the_order_of_the_queue() -> None:
    """The next one first, with number, service and time; the rest is counted."""
    calls = {f"c-{n}": waiting(100.0 + n, f"0812***{n:03}") for n in range(12)}
    value = status(
        calls=calls | {"c-12": replace(waiting(3.0), service=None, number="")},
        queue=("c-7", "gone", "c-2"),
        stages={"waiting": 13, "strange": 1, "menu": 2},
    )
    assert row(value, "calls").startswith("2 menu, 13 waiting, 1 strange\n")
    text = row(value, "waiting").splitlines()
    assert text[0] == "0812***007     medis        1 min 47 s"
    assert text[1].startswith("0812***002 ")
    assert text[-1] == "and 3 more"
    alone = status(calls={"c": replace(waiting(3.0), service=None, number="")})
    assert row(alone, "waiting") == "no number      -            3 s"


def test_operators_are_shown_with_their_phones() -> None:
    """Who rings or talks, who cannot be reached, who has no seat, and who has two."""
    other = replace(PHONE, seat="medis-2", state=SeatShown.UNREACHABLE)
    busy = replace(PHONE, state=SeatShown.BUSY, call="c-1")
    sri: OperatorShown = QUIET.agencies["medis"].operators[0]
    people = (replace(sri, phones=(busy, other)), replace(sri, name="Budi", phones=()))
    medis = replace(QUIET.agencies["medis"], operators=people)
    value = status(agencies={"medis": medis})
    expected = "Sri Wahyuni medis-1 112 call, medis-2 unreachable · Budi no seat"
    assert row(value, "on duty") == f"{'medis':<12} {expected}"


def test_an_alarm_says_what_to_do() -> None:
    """Name and age, why, and the remedy."""
    later = AlarmShown(what="standby", why="w", do="d", since=MORNING)
    assert row(status(alarms=(ALARM, later)), "alarms").splitlines()[:4] == [
        "disk_full for 5 h 00 min",
        "  no room on /var",
        "  do: make room",
        "standby for 5 h 00 min",
    ]


def test_records_that_wait_or_are_lost_are_shown() -> None:
    """Why the disk does not take them, and how many are gone."""
    spool = SpoolShown(waiting=120, fault="No space left", shed={"other": 3})
    assert row(status(spool=spool), "records") == "120 wait in memory; 3 lost: No space left"
    after = SpoolShown(waiting=0, fault=None, shed={"other": 3})
    assert row(status(spool=after), "records") == "0 wait in memory; 3 lost: written again"


def test_nobodys_number_moves_the_cursor() -> None:
    """What a caller's phone sends is text to be shown, never a command to the terminal."""
    text = shown(status(calls={"c": waiting(1.0, "08\x1b[2J\x1b]0;owned\x07\r\n12")}))
    assert all(c.isprintable() or c == "\n" for c in text)
    assert "08·[2J·]0;owned···12" in text


@pytest.mark.parametrize("terminal", [True, False])
def test_colours_are_for_terminals_only(*, terminal: bool) -> None:
    """A file or a pipe gets plain text."""
    file = StringIO()
    system: Literal["standard", "auto"] = "standard" if terminal else "auto"
    console = Console(file=file, force_terminal=terminal, color_system=system, soft_wrap=True)
    for line in lines(QUIET):
        console.print(line)
    assert ("\x1b[" in file.getvalue()) is terminal


def test_records_that_wait_for_the_store_are_told_of() -> None:
    """Not those of the last second."""
    spool = SpoolShown(waiting=3, fault=None, shed={}, behind=5_000)
    assert row(status(spool=spool), "records") == "written, 3 in memory"
    spool = replace(spool, behind=1_048_576)
    assert row(status(spool=spool), "records") == (
        "written, 3 in memory, 1024 KiB not in the store yet"
    )


def test_numbers_that_are_slowed_down_are_counted() -> None:
    """Masked, with the time that is left; the row is not there on other days."""
    assert row(QUIET, "slowed") == ""
    until = QUIET.at + timedelta(minutes=2)
    slowed = SlowedShown(number="+628***890", marks=3, until=until)
    one, two = row(status(slowed=(slowed,)), "slowed"), row(status(slowed=(slowed,) * 2), "slowed")
    assert one.startswith("1 number, the last until ")
    assert one.splitlines()[1] == "+628***890     3 marks, for 2 min 00 s"
    assert two.startswith("2 numbers")


@pytest.mark.parametrize(
    ("operator", "told"),
    [
        (
            PauseShown(
                since=NOON - timedelta(minutes=12),
                until=NOON + timedelta(minutes=3),
                automatic=False,
                reason="makan siang",
            ),
            "medis-1 paused 12 min 00 s, 3 min 00 s left (makan siang)",
        ),
        (
            PauseShown(since=None, until=None, automatic=True, reason=""),
            "medis-1 paused (did not answer)",
        ),
        (
            PauseShown(since=NOON, until=None, automatic=False, reason=""),
            "medis-1 paused 0 s",
        ),
    ],
)
def test_who_is_paused_is_shown_so(operator: PauseShown, told: str) -> None:
    """For how long, what is left, and why; a phone that talks still talks."""
    agency = QUIET.agencies["medis"]
    (sri,) = agency.operators
    paused = replace(agency, operators=(replace(sri, pause=operator),))
    value = status(agencies={"medis": paused})
    assert row(value, "on duty") == f"medis        Sri Wahyuni {told}"
    talking = replace(sri, pause=operator, phones=(replace(PHONE, call="1"),))
    value = status(agencies={"medis": replace(agency, operators=(talking,))})
    assert "medis-1 112 call paused" in row(value, "on duty")


def test_who_is_in_wrap_up_is_shown_so() -> None:
    """With what is left of it."""
    agency = QUIET.agencies["medis"]
    (sri,) = agency.operators
    value = status(agencies={"medis": replace(agency, operators=(replace(sri, wrap_up_s=19.5),))})
    assert row(value, "on duty") == "medis        Sri Wahyuni medis-1 ready wrap-up 19 s"
