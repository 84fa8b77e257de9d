"""What the journal lacks is found by Asterisk's rows, and what it has is not told again."""

from datetime import UTC, datetime
from typing import Any

import pytest

from journal.post import Belated
from journal.record import Record
from siaga.belated import missing
from siaga.visit import Visit
from switch.cel import Came, Gone, Home, Parted, Resort, Row, Served

CALL, NUMBER = "1796095943.0", "081234567890"
T = 1_796_095_943.0
CAME = Came(CALL, T, "seluler", "112", NUMBER)
RESORT = Resort(CALL, T, "")


def served(seconds: float, endpoint: str = "siaga-medis-1", number: str = "") -> Served:
    """A human has answered."""
    return Served(CALL, T + seconds, endpoint, number)


def gone(seconds: float, by: str = "caller", service: str = "medis") -> Gone:
    """The end."""
    return Gone(CALL, T + seconds, by, service)


def visit_of(*rows: Row) -> Visit:
    """A call with these rows."""
    visit = Visit(CALL)
    for row in rows:
        visit.take(row)
    return visit


def known(*told: tuple[float, str, dict[str, Any]]) -> list[Record]:
    """What the journal has of it."""
    return [
        Record(
            id=f"w-{number:08d}",
            at=datetime.fromtimestamp(T + seconds, UTC),
            what=what,
            call=CALL,
            offset_s=seconds,
            detail=detail,
        )
        for number, (seconds, what, detail) in enumerate(told)
    ]


def as_recorded(told: tuple[Belated, ...]) -> list[Record]:
    """What was told, as the journal has it afterwards."""
    return known(
        *((each.at - T, each.what, {**each.detail, "reconstructed": True}) for each in told)
    )


def names(told: tuple[Belated, ...]) -> list[str]:
    """Of the records."""
    return [each.what for each in told]


ARRIVED = (0.0, "arrived", {"how": "new", "ani": NUMBER})
BRIDGED = (5.0, "bridged", {"offer": "1", "target": "person:sri"})


def test_a_caller_of_the_last_resort_has_a_story() -> None:
    """Arrival, last resort, talk, end."""
    told = missing(visit_of(CAME, RESORT, served(8), gone(68, "operator")), [])
    assert names(told) == ["arrived", "last_resort", "bridged", "ended"]
    assert told[0].detail == {"trunk": "seluler", "did": "112", "ani": NUMBER, "how": "new"}
    assert told[1].detail == {"service": "medis"}
    assert told[2] == Belated(
        at=T + 8,
        what="bridged",
        detail={"offer": "", "endpoint": "siaga-medis-1", "number": ""},
    )
    assert told[3] == Belated(at=T + 68, what="ended", detail={"by": "operator", "talked_s": 60.0})


def test_who_gives_up_there_has_abandoned() -> None:
    """After the time that was waited."""
    told = missing(visit_of(CAME, RESORT, gone(31.5)), [])
    assert names(told) == ["arrived", "last_resort", "abandoned"]
    assert (told[2].detail["where"], told[2].detail["waited_s"]) == ("in the last resort", 31.5)


@pytest.mark.parametrize("what", ["ended", "abandoned", "dismissed"])
def test_what_a_daemon_has_told_to_its_end_is_not_told(what: str) -> None:
    """Every call that a living daemon has served."""
    assert missing(visit_of(CAME, gone(60)), known(ARRIVED, BRIDGED, (60, what, {}))) == ()


def test_who_was_with_a_daemon_that_died_gets_the_rest() -> None:
    """Pulled out by the fuse, served by the last resort; the arrival is known."""
    resort = Resort(CALL, T + 12, "")
    told = missing(visit_of(CAME, resort, served(20), gone(50)), known(ARRIVED))
    assert names(told) == ["last_resort", "bridged", "ended"]


def test_who_hung_up_on_a_dead_daemon_without_the_last_resort_has_abandoned() -> None:
    """The fuse had not burnt yet."""
    (told,) = missing(visit_of(CAME, gone(4)), known(ARRIVED))
    assert (told.what, told.detail["where"]) == ("abandoned", "while no daemon was there")


def test_a_talk_that_outlived_its_daemon_ends() -> None:
    """It was an answer; the talk is as long as it was."""
    told = missing(visit_of(CAME, gone(65, "operator")), known(ARRIVED, BRIDGED))
    assert told == (Belated(at=T + 65, what="ended", detail={"by": "operator", "talked_s": 60.0}),)
    adopted = (30.0, "adopted", {"target": "person:sri"})
    (told_,) = missing(visit_of(CAME, gone(65)), known(ARRIVED, BRIDGED, adopted))
    assert told_.detail["talked_s"] == 60.0


def test_a_talk_that_broke_off_in_the_last_resorts_hands_ends_there() -> None:
    """The waiting that followed was no talk."""
    visit = visit_of(CAME, Resort(CALL, T + 25, "medis"), gone(65))
    (_, ended) = missing(visit, known(ARRIVED, BRIDGED))
    assert ended.detail == {"by": "caller", "talked_s": 20.0}
    lost = (25.0, "operator_lost", {"talked_s": 20.0})
    (_, ended) = missing(visit, known(ARRIVED, BRIDGED, lost))
    assert ended.detail == {"by": "caller"}


def test_a_slip_of_an_operator_is_no_answer_and_a_callers_is() -> None:
    """Within three seconds, as everywhere."""
    slip = visit_of(CAME, RESORT, served(8), Parted(CALL, T + 9), gone(30))
    assert names(missing(slip, known(ARRIVED))) == ["last_resort", "abandoned"]
    short = visit_of(CAME, RESORT, served(8), gone(9))
    assert names(missing(short, known(ARRIVED))) == ["last_resort", "bridged", "ended"]


def test_a_phone_that_died_is_followed_by_another() -> None:
    """Two talks, and who was lost."""
    rows = CAME, RESORT, served(8), Parted(CALL, T + 28), served(40, "siaga-telkom", "0812")
    told = missing(visit_of(*rows, gone(60)), known(ARRIVED))
    assert names(told) == ["last_resort", "bridged", "operator_lost", "bridged", "ended"]
    assert told[2].detail["talked_s"] == 20.0
    assert told[3].detail["number"] == "0812"
    assert told[4].detail["talked_s"] == 20.0


def test_who_gave_up_after_a_talk_that_broke_off_was_answered() -> None:
    """The end has no talk of its own."""
    rows = CAME, RESORT, served(8), Parted(CALL, T + 28), gone(60)
    told = missing(visit_of(*rows), known(ARRIVED))
    assert told[-1] == Belated(at=T + 60, what="ended", detail={"by": "caller"})


def test_a_caller_who_came_home_has_the_daemons_end() -> None:
    """Only the part before is told."""
    rows = CAME, RESORT, Home(CALL, T + 15, "medis"), gone(60)
    back = (15.0, "arrived", {"how": "handback"})
    told = missing(visit_of(*rows), known(back, (60, "ended", {"by": "caller"})))
    assert names(told) == ["arrived", "last_resort"]


def test_each_stay_in_the_last_resort_is_told() -> None:
    """It came back to it; what only goes on in it is one."""
    again = Resort(CALL, T + 25, "medis")
    rows = CAME, RESORT, again, Home(CALL, T + 35, "medis"), Resort(CALL, T + 45, "medis")
    told = missing(visit_of(*rows, gone(60)), known(ARRIVED))
    assert [each.at - T for each in told] == [0.0, 45.0, 60.0]


@pytest.mark.parametrize(
    "rows",
    [
        (CAME, RESORT, served(8.4567), gone(68.123)),
        (CAME, RESORT, gone(31.5)),
        (CAME, RESORT, served(8), Parted(CALL, T + 28.001), served(40), gone(60, "operator")),
        (RESORT, gone(31.5)),
    ],
)
def test_what_was_told_is_not_told_again(rows: tuple[Row, ...]) -> None:
    """Nor the rest a second time, when the half of it was recorded and the daemon killed."""
    visit = visit_of(*rows)
    told = missing(visit, [])
    for cut in range(len(told) + 1):
        assert missing(visit, as_recorded(told[:cut])) == told[cut:]


def test_a_call_without_its_first_row_arrived_as_the_journal_has_it() -> None:
    """The file was begun anew in the middle of it."""
    (_, told) = missing(visit_of(RESORT, gone(31.5)), known(ARRIVED))
    assert told.detail["waited_s"] == 31.5
    arrived, *_, last = missing(visit_of(RESORT, gone(31.5)), [])
    assert arrived.detail == {"trunk": "", "did": "", "ani": "", "how": "new"}
    assert last.detail["waited_s"] == 31.5
