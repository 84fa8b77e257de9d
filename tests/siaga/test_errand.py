"""Programs of others, as they are: slow, failing, missing, chatty, hanging. None does any harm."""

import asyncio
import os
from pathlib import Path

import pytest

from siaga.errand import GIVEN_BYTES, PATH, SAID_BYTES, Ran, run
from tests.siaga.service import LIMIT_S


def script(folder: Path, text: str) -> list[str]:
    """A program of an administrator's."""
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return [str(path)]


async def ran(words: list[str], given: bytes = b"", limit_s: float = LIMIT_S, **more: str) -> Ran:
    """How it went."""
    return await run(words, more, given, limit_s)


def children() -> list[str]:
    """What this process has started and not heard the end of; some is of other tests."""
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()


@pytest.fixture
def before() -> list[str]:
    """What it had started before."""
    return children()


def descriptors() -> int:
    """How many this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def is_alive(pid: int) -> bool:
    """Whether there is such a process, and it is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_it_gets_its_arguments_its_environment_and_its_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing of the daemon's: neither its secrets nor its folder. No shell reads a word."""
    monkeypatch.setenv("SIAGA_ARI_PASSWORD", "secret")
    words = [*script(tmp_path, 'pwd; echo "$1"; cat; env | sort'), "$(echo no shell)"]
    said = (await ran(words, b"given\n", FACT="as it is")).said
    assert said.startswith("/ $(echo no shell) given FACT=as it is ")
    assert f"PATH={PATH}" in said
    assert "secret" not in said
    assert "SIAGA" not in said


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("exit 0", None),
        ("echo alas >&2; exit 3", "exit status 3"),
        ("kill -9 $$", "it was ended by signal 9"),
    ],
)
async def test_how_it_ended_is_said(
    before: list[str], tmp_path: Path, text: str, fault: str | None
) -> None:
    """With what it has written last, on either output."""
    how = await ran(script(tmp_path, text))
    assert how.fault == fault
    assert how.said == ("alas" if "alas" in text else "")
    assert children() == before


@pytest.mark.parametrize("name", ["/nowhere/at/all", "folder", "no-program"])
async def test_what_cannot_be_started_is_a_fault_and_no_more(
    before: list[str], tmp_path: Path, name: str
) -> None:
    """Missing, a folder, or without the right to be run."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "no-program").write_text("text")
    how = await ran([str(tmp_path / name)])
    assert how.fault is not None
    assert "cannot be started" in how.fault
    assert (await ran(["/bin/true", "a\0b"])).fault is not None
    assert children() == before


async def test_what_hangs_is_killed_with_all_that_it_has_started(
    before: list[str], tmp_path: Path
) -> None:
    """Also what ignores every signal that can be ignored; nothing of it is left."""
    text = "trap '' TERM INT HUP; sleep 600 & echo $!; while :; do sleep 600; done"
    how = await ran(script(tmp_path, text), limit_s=1.0)
    assert how.fault == "it took longer than 1 s, and was killed"
    assert children() == before
    async with asyncio.timeout(LIMIT_S):
        while is_alive(int(how.said)):  # noqa: ASYNC110 - another process is ended by the kernel
            await asyncio.sleep(0.02)


async def test_what_is_left_running_ends_with_it(tmp_path: Path) -> None:
    """Who goes on behind its back holds neither this process nor its outputs."""
    how = await ran(script(tmp_path, "sleep 600 & echo $!"))
    assert how.fault is None
    async with asyncio.timeout(LIMIT_S):
        while is_alive(int(how.said)):  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.02)


async def test_what_talks_for_ever_is_heard_in_part(tmp_path: Path) -> None:
    """The end of it, in one line of printable text; memory does not grow with it."""
    how = await ran(script(tmp_path, "yes 'bla bla' | head -c 3000000; printf '\\033[2Jend'"))
    assert how.fault is None
    assert how.said.endswith("·[2Jend")
    assert len(how.said) <= SAID_BYTES
    endless = await ran([*script(tmp_path, "exec yes")], limit_s=1.0)
    assert endless.fault is not None
    assert len(endless.said) <= SAID_BYTES


async def test_input_that_nobody_reads_holds_nothing(tmp_path: Path) -> None:
    """What is longer than a pipe is cut off."""
    assert (await ran(script(tmp_path, "exit 0"), b"x" * 1_000_000)).fault is None
    how = await ran(script(tmp_path, "wc -c"), b"x" * 1_000_000)
    assert how.said == str(GIVEN_BYTES)


async def test_who_is_cancelled_leaves_nothing(before: list[str], tmp_path: Path) -> None:
    """The daemon stops: its program does."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    work = asyncio.create_task(ran(script(tmp_path, f"echo $$ > {pipe}; exec sleep 600")))
    pid = int(await asyncio.to_thread(pipe.read_text))
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert not is_alive(pid)
    assert children() == before


async def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    """However it ends."""
    before = descriptors()
    for text in ("exit 0", "exit 1", "sleep 600 &", "sleep 600"):
        await ran(script(tmp_path, text), limit_s=0.5)
    await ran([str(tmp_path / "nowhere")])
    assert descriptors() == before
