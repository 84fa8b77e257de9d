"""Notes become records: with an id, both clocks, and the place of each reason."""

from journal.journal import Journal
from journal.record import Ground, Record
from routing.note import CallId, Note
from routing.reason import Reason
from tests.journal.sample import NOON, moment

CALL = CallId("c-1")


class Tray:
    """Keeps records in a list."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def append(self, record: Record) -> None:
        """Takes a record."""
        self.records.append(record)


def line_12(path: tuple[str | int, ...]) -> str:
    """Every rule is in line 12 of its file."""
    return f"{path[0]}.yaml:12"


def test_a_note_becomes_a_record() -> None:
    """The record has the note's facts, the call's own time, and where each rule is written."""
    tray = Tray()
    journal = Journal(tray, "a1b2c3", line_12)
    note = Note(
        CALL,
        "chosen",
        {"service": "medis"},
        (Reason("pressed 1", ("services", "menu", "keys", "1")), Reason("no rule")),
    )
    record = journal.note(note, at=moment(3.5), arrived=moment(0.25).instant)
    assert tray.records == [record]
    assert record.at == moment(3.5).wall
    assert record.call == "c-1"
    assert record.offset_s == 3.25
    assert record.detail == {"service": "medis"}
    assert record.because == (
        Ground("pressed 1", "services.menu.keys.1", "services.yaml:12"),
        Ground("no rule"),
    )


def test_ids_ascend_and_name_their_run() -> None:
    """Sorted by id the records are in order, those of a later run behind, and none has two."""
    tray = Tray()
    first, second = Journal(tray, "ffffff", line_12), Journal(tray, "000000", line_12)
    for seconds in range(12):
        first.note(Note(None, "x"), at=moment(-seconds), arrived=None)
    for seconds in range(1, 4):
        second.note(Note(None, "x"), at=moment(seconds), arrived=None)
    ids = [record.id for record in tray.records]
    assert ids[0] == f"{NOON:%Y%m%dT%H%M%S}-ffffff-00000001"
    assert ids == sorted(set(ids))


def test_the_whole_centre_has_a_time_of_its_own() -> None:
    """A note of no call counts from the first note; one of an unknown call has no offset."""
    journal = Journal(Tray(), "r", line_12)
    journal.note(Note(None, "daemon_started"), at=moment(1), arrived=None)
    up = journal.note(Note(None, "asterisk_up"), at=moment(3), arrived=None)
    lost = journal.note(Note(CALL, "withdrawn"), at=moment(4), arrived=None)
    assert up.offset_s == 2
    assert lost.offset_s is None


def test_a_listener_that_fails_hurts_nobody() -> None:
    """The record is kept, the other listeners hear of it, and the call goes on."""
    tray, heard = Tray(), Tray()
    journal = Journal(tray, "r", line_12)

    def fail(_record: Record) -> None:
        raise RuntimeError("the board fell off the wall")

    journal.listen(fail)
    journal.listen(heard.append)
    journal.note(Note(CALL, "arrived"), at=moment(0), arrived=moment(0).instant)
    assert heard.records == tray.records
    assert len(tray.records) == 1


def test_a_place_that_cannot_be_found_hurts_nobody() -> None:
    """A reason whose place is not found is kept without it."""

    def fail(path: tuple[str | int, ...]) -> str:
        raise KeyError(path)

    journal = Journal(Tray(), "r", fail)
    note = Note(CALL, "zone", {}, (Reason("by prefix", ("zones", "prefixes", 3)),))
    record = journal.note(note, at=moment(0), arrived=moment(0).instant)
    assert record.because == (Ground("by prefix", "zones.prefixes.3"),)
