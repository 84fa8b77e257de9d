"""Access networks: read from headers that anybody may have written, and looked up exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.cell import IDS, MAX_ID, MAX_TEXT, Access, CellTable, normalise_id, read
from routing.zone import Finding, Row

LTE = "3GPP-E-UTRAN-FDD; utran-cell-id-3gpp=510991a2b0c0ff01"
CELL = "510991A2B0C0FF01"
IN, OUT = Row(Finding.INSIDE), Row(Finding.OUTSIDE)


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        (LTE, [Access(CELL, is_checked=False)]),
        (f"{LTE};network-provided", [Access(CELL, is_checked=True)]),
        (f"{LTE} ; NETWORK-PROVIDED ", [Access(CELL, is_checked=True)]),
        ('3GPP-GERAN;cgi-3gpp="51099 1A2B 0C0F"', [Access("510991A2B0C0F", is_checked=False)]),
        ("3GPP-NR-TDD;utran-cell-id-3gpp=51099ABCDEF012345678", None),
        ('IEEE-802.11;i-wlan-node-id="00-11-22:33:44:55"', [Access("001122334455", False)]),
        ("3GPP2-1X;ci-3gpp2=1234;cgi-3gpp=5678", [Access("5678", is_checked=False)]),
        ("3GPP-UTRAN-FDD;cgi-3gpp=1;cgi-3gpp=2", [Access("1", is_checked=False)]),
        ("", []),
        ("3GPP-NR", []),
        ("3GPP-NR;network-provided", []),
        ("3GPP-NR;cgi-3gpp=", []),
        ('3GPP-NR;cgi-3gpp="5', []),
        ('3GPP-NR;cgi-3gpp="5\\"1"', []),
        ('3GPP-NR;cgi-3gpp="', []),
        (f"3GPP-NR;cgi-3gpp={'5' * (MAX_ID + 1)}", []),
        (LTE.ljust(MAX_TEXT + 1), []),
    ],
)
def test_a_header_names_cells(header: str, cells: list[Access] | None) -> None:
    """Tokens and quoted strings, of any access type; what is malformed names none."""
    expected = [Access("51099ABCDEF012345678", is_checked=False)] if cells is None else cells
    assert list(read(header)) == expected


def test_what_the_network_provided_comes_first() -> None:
    """Of several networks, in one header or in more; what is quoted divides nothing."""
    phone = 'X;note="a,b;c\\",";cgi-3gpp=1'
    assert read(f"{phone},Y;cgi-3gpp=2;network-provided, Z;cgi-3gpp=3") == (
        Access("2", is_checked=True),
        Access("1", is_checked=False),
        Access("3", is_checked=False),
    )


def test_a_quote_that_stays_open_takes_in_the_rest() -> None:
    """What it hides is not known then, and the caller is served; nothing it hides is checked."""
    assert read('X;cgi-3gpp=1,Y;note=";cgi-3gpp=2,Z;cgi-3gpp=3') == (Access("1", is_checked=False),)


@given(st.text(st.characters(codec=None)) | st.text('3GP;="\\,cgi-3gpp= network-provided'))
def test_no_header_breaks_the_reader(header: str) -> None:
    """Whatever it is; and only the parameter makes a cell checked."""
    for access in read(header):
        assert 0 < len(access.cell) <= MAX_ID
        assert not access.is_checked or "network-provided" in header.lower()


@given(st.sampled_from(IDS), st.text("0123456789abcdefABCDEF", min_size=1, max_size=MAX_ID))
def test_what_is_written_is_read(name: str, cell: str) -> None:
    """Each kind of id, as a token and quoted."""
    for value in (cell, f'"{cell}"'):
        assert read(f"T;{name}={value}") == (Access(cell.upper(), is_checked=False),)


def test_the_longest_beginning_counts() -> None:
    """An exact id goes before all beginnings."""
    table = CellTable(["51*", "5109*", "5109"], [OUT, IN, OUT], [2, 3, 4])
    assert table.find("5109") == (OUT, 4)
    assert table.find("51090") == (IN, 3)
    assert table.find("5100") == (OUT, 2)
    assert table.find("51") == (OUT, 2)
    assert table.find("5") is None
    assert table.rows == (OUT, IN, OUT)


@given(
    st.lists(st.from_regex(r"[01]{1,4}\*?", fullmatch=True), unique=True, max_size=8),
    st.text("01", max_size=5),
)
def test_a_cell_is_found_as_by_a_search(ids: list[str], cell: str) -> None:
    """The table answers as trying all of them would."""
    table = CellTable(ids, [Row(Finding.INSIDE, note=id_) for id_ in ids], list(range(len(ids))))
    fitting = [id_ for id_ in ids if id_.endswith("*") and cell.startswith(id_[:-1])]
    best = cell if cell in ids else max(fitting, key=len, default=None)
    found = table.find(cell)
    assert (None if found is None else found[0].note) == best


def test_ids_are_compared_without_separators() -> None:
    """As carriers print them, with dashes, blanks and small letters."""
    assert normalise_id("510-99 1a2b:0c0ff01") == CELL
