"""What is written for others to parse: Asterisk, spreadsheets, terminals, clients of HTTP."""

import asyncio
import csv
import io
import re
from collections.abc import Sequence
from contextlib import redirect_stdout, suppress
from datetime import UTC, datetime
from functools import cache
from typing import Final

import typer
from hypothesis import strategies as st

from console.metrics import Metrics
from console.server import ConsoleServer
from journal.address import AddressError, check
from journal.record import Record
from journal.story import Story, tell
from sandbox.port import free_tcp_port
from siaga import dialplan
from siaga.dialplan import DialplanError, UnsafeValue
from siaga.formula import BEGINS
from siaga.period import moment, month
from siaga.sheet import Look, show_call, show_calls
from tests.console.sample import QUIET
from tests.fuzz.mutation import noise, text
from tests.fuzz.target import Target

AT: Final = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
ROW: Final = re.compile(
    r" same => n,ExecIf\(\$\[\$\{now\} < (-?[0-9]+)\]\?"
    r"Return\(((?:PJSIP/[\w.-]+(?:&PJSIP/[\w.-]+)*)?)\)\)",
    re.ASCII,
)
"""A row, as its writer means it: no name can be read as anything but a name."""
HEADS: Final = (
    b"GET /status HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n",
    b"GET /metrics?a=1&a=2;b=%00 HTTP/1.1\r\nHost: localhost:8112\r\nOrigin: http://x\r\n\r\n",
    b"POST /healthz HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 4\r\n\r\nabcd",
    b"GET /readyz HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    b"GET /status HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
)
END_S: Final = 60.0
"""For an answer, on a machine that has other things to do; the console ends it after 5 s."""


def asterisk_lines(written: str) -> list[str]:
    """A configuration file as Asterisk's reader has it: comments are gone, also blocks of them."""
    lines: list[str] = []
    for line in written.split("\n"):
        assert not line.startswith(";--"), "a block of comments"
        lines.append(re.sub(r"(?<!\\);.*", "", line).rstrip())
    return [line for line in lines if line]


def duty(rows: dict[str, list[tuple[int, list[str]]]]) -> None:
    """Any names: refused, or each is in its row and means nothing else there."""
    ordered = {service: sorted(dict(own).items()) for service, own in rows.items()}
    written = dialplan.render_duty(ordered, AT)
    _, stamp, *lines = asterisk_lines(written)
    assert stamp.startswith(f"{dialplan.DUTY_STAMP}=")
    for service, own in ordered.items():
        assert lines[:2] == [
            f"[siaga-duty-{service}]",
            "exten => s,1,Set(LOCAL(now)=${EPOCH})",
        ]
        for end, names in own:
            found = ROW.fullmatch(lines[2])
            assert found is not None, lines[2]
            assert found[2].split("&") == ([f"PJSIP/{name}" for name in names] or [""])
            assert int(found[1]) == end
            del lines[2]
        assert lines[2] == " same => n,Return()"
        del lines[:3]
    assert lines == []


def site(value: str) -> None:
    """Any value of the site: refused, or as long as its template's line, and in its place."""
    texts = dialplan.render(dict.fromkeys(dialplan.placeholders(), value))
    for name, written in texts.items():
        template = (dialplan.TEMPLATES / name).read_text().split("\n")
        for line, wanted in zip(written.split("\n"), template, strict=True):
            if not wanted.lstrip().startswith(";"):
                begin = wanted.partition("@")[0] if re.search("@[A-Z0-9_]+@", wanted) else wanted
                assert line.startswith(begin)
                assert re.search(r"(?<!\\);", line.removeprefix(begin)) is None or begin == wanted


def _records(number: str) -> Sequence[Record]:
    def record(place: int, what: str, **detail: object) -> Record:
        return Record(id=f"w-{place}", at=AT, what=what, call="c", offset_s=1.0, detail=detail)

    return [
        record(1, "arrived", ani=number, trunk=number, did=number, how=number),
        record(2, "zone", verdict=number, neighbour=number),
        record(3, "bridged", offer=number, target=f"seat:{number}@{number}"),
        record(4, "ended", by=number, talked_s=1.0),
    ]


def cells(number: str) -> None:
    """What a carrier says, in every form of `siaga112 calls`: text, one line a call, no formula."""
    story = tell("c", _records(number))
    assert isinstance(story, Story)
    look = {
        name: Look(UTC, numbers=True, as_json=False, as_csv=name == "csv") for name in ("", "csv")
    }
    with redirect_stdout(io.StringIO()) as out:
        show_calls([story], look["csv"])
    _, row = csv.reader(io.StringIO(out.getvalue()))
    for cell in row:
        assert cell.isprintable()
        assert not cell.startswith(BEGINS) or (cell[0] in "+-" and cell[1:].isdecimal())
    with redirect_stdout(io.StringIO()) as out:
        show_calls([story], look[""])
    assert len(out.getvalue().split("\n")) == 3
    with redirect_stdout(io.StringIO()) as out:
        show_call("c", _records(number), look[""])
    assert all(char.isprintable() or char == "\n" for char in out.getvalue())


@cache
def _page() -> Metrics:
    return Metrics(lambda: QUIET)


async def _http(chunks: list[bytes]) -> bytes:
    bound = asyncio.Event()
    port = free_tcp_port()
    server = ConsoleServer(
        "127.0.0.1",
        port,
        status=lambda: QUIET,
        fault=lambda: None,
        alarms=lambda: (),
        metrics=_page().page,
        on_bound=lambda fault: None if fault else bound.set(),
    )
    running = asyncio.create_task(server.run())
    told = b""
    try:
        async with asyncio.timeout(END_S):
            await bound.wait()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            with suppress(ConnectionError):
                for chunk in chunks:
                    writer.write(chunk)
                    await writer.drain()
                writer.write_eof()
            with suppress(ConnectionError):
                while part := await reader.read(65_536):
                    told += part
            writer.close()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return told


def http(chunks: list[bytes]) -> None:
    """The console answers once at most, with a status of its own, and is over."""
    told = asyncio.run(_http(chunks))
    assert not told or re.match(rb"HTTP/1\.[01] (200|400|404|405|417|421|501|505) ", told), told[
        :99
    ]
    assert len(re.findall(rb"^HTTP/1\.[01] [0-9]{3} ", told, re.MULTILINE)) <= 1


def word(written: str) -> None:
    """A time, a month, a store's address of the command line: understood or told to be none."""
    with suppress(typer.BadParameter):
        moment(written)
    with suppress(typer.BadParameter):
        month(written)
    with suppress(AddressError):
        check(written)


NAME: Final = st.sampled_from(("siaga-medis-1", "a.b_c", "x")) | text(("siaga-medis-1",))
ROWS: Final = st.dictionaries(
    st.sampled_from(("medis", "umum")) | text(("medis",)),
    st.lists(st.tuples(st.integers(-(2**63), 2**63), st.lists(NAME, max_size=3)), max_size=3),
    max_size=3,
)
TIMES: Final = ("2026-12-31", "2026-12-31T21:00", "2026-12", "sqlite:////x/y", "postgresql://a@b/c")

TARGETS: Final[tuple[Target, ...]] = (
    Target("duty", ROWS, duty, (UnsafeValue,)),
    Target(
        "site", text(("10.1.2.3:5060", "s3cret", "siaga-udp")), site, (DialplanError,), share=0.3
    ),
    Target("calls", text(("081234567890", "anonymous", "=cmd()", "[b]0812[/b]")), cells, share=0.5),
    Target("console", st.lists(noise(HEADS), min_size=1, max_size=3), http, share=0.2),
    Target("words", text(TIMES), word),
)
