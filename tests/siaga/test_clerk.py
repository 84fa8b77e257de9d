"""The keeper's process works beside the daemon, is replaced when it dies, and goes with it."""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from journal import anchor
from journal.broker import Broker
from journal.message import ALARMS, ANCHOR, DAEMON, QUEUE
from journal.post import Command, Obeyed, Refusal
from journal.spool import Spool
from sandbox.broker import Mosquitto
from sandbox.port import free_tcp_port
from sandbox.toolbox import open_toolbox
from siaga import clerk as module
from siaga.clerk import Clerk
from tests.journal import asyncapi
from tests.journal.follower import Follower
from tests.journal.post import broker_at
from tests.journal.sample import NOON, record

LIMIT_S = 20.0
"""For a process to start on a busy machine; it takes half a second."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins at once."""
    monkeypatch.setattr(module, "HEAD_START_S", 0.0)
    monkeypatch.setattr(module, "AGAIN_S", 0.05)


@asynccontextmanager
async def working(
    folder: Path, store: str | None = None, broker: Broker | None = None
) -> AsyncIterator[Clerk]:
    """A clerk at work, and none afterwards."""
    clerk = Clerk(folder, store, folder.parent / anchor.FILE_NAME, broker)
    running = asyncio.create_task(clerk.run())
    try:
        yield clerk
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await clerk.close()


async def until(holds: Callable[[], object]) -> None:
    """Returns when it holds."""
    async with asyncio.timeout(LIMIT_S):
        while not holds():  # noqa: ASYNC110 - another process works
            await asyncio.sleep(0.02)


def spool_of(folder: Path, *numbers: int) -> None:
    """A closed spool with these records."""
    spool = Spool(folder, NOON)
    for number in numbers:
        spool.append(record(number))
    assert spool.close()


def threads_of(process: int) -> list[int]:
    """The ids of its threads."""
    return [int(each.name) for each in Path(f"/proc/{process}/task").iterdir()]


def count(folder: Path) -> int:
    """How many records the store has."""
    with closing(sqlite3.connect(folder / "journal.sqlite")) as connection:
        (number,) = connection.execute("SELECT count(*) FROM record").fetchone()
    return int(number)


async def test_records_come_into_the_store_and_are_told_of(tmp_path: Path) -> None:
    """What is left at the end comes too, and the chains are anchored."""
    folder = tmp_path / "spool"
    spool_of(folder, 1, 2, 3)
    async with working(folder) as clerk:
        await until(lambda: clerk.report.stored == 3)
        assert (clerk.report.fault, clerk.report.behind) == (None, 0)
        spool_of(folder, 4, 5)
    assert count(folder) == 5
    assert [each.number for each in anchor.read(tmp_path / anchor.FILE_NAME)][-1] == 5


async def test_its_process_gives_way_to_calls(tmp_path: Path) -> None:
    """Each of its threads asks for the processor after the daemon's: for callers nobody waits."""
    folder = tmp_path / "spool"
    spool_of(folder, 1)
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    async with working(folder, broker=broker_at(free_tcp_port())) as clerk:
        await until(lambda: clerk.report.stored == 1)
        assert clerk._process is not None
        threads = threads_of(clerk._process.pid)
        assert len(threads) > 2, "its own, the keeper's, the publisher's"
        nice = {os.getpriority(os.PRIO_PROCESS, each) for each in threads}
        assert nice == {min(19, ours + module.NICE)}
    assert os.getpriority(os.PRIO_PROCESS, 0) == ours


async def test_a_fault_of_the_store_is_told(tmp_path: Path) -> None:
    """Until it is over."""
    spool_of(tmp_path / "spool", 1)
    (tmp_path / "state").write_text("in the way")
    async with working(tmp_path / "spool", f"sqlite:///{tmp_path}/state/a.sqlite") as clerk:
        await until(lambda: clerk.report.fault)
        assert clerk.report.behind > 0
        (tmp_path / "state").unlink()
        await until(lambda: clerk.report.stored == 1)
        assert clerk.report.fault is None


async def test_a_process_that_dies_is_followed_by_another(tmp_path: Path) -> None:
    """Meanwhile it is a fault; the next one goes on where the store is."""
    folder = tmp_path / "spool"
    spool_of(folder, 1)
    async with working(folder) as clerk:
        await until(lambda: clerk.report.stored == 1)
        assert clerk._process is not None
        os.kill(clerk._process.pid, signal.SIGKILL)
        await until(lambda: clerk.report.fault)
        assert "exit status -9" in str(clerk.report.fault)
        spool_of(folder, 2)
        await until(lambda: clerk.report.fault is None and clerk.report.stored == 1)
    assert count(folder) == 2


async def test_one_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that is to stop stops."""
    monkeypatch.setattr(module, "CLOSE_LIMIT_S", 0.2)
    (tmp_path / "spool").mkdir()
    async with working(tmp_path / "spool") as clerk:
        await until(lambda: clerk._process)
        process = clerk._process
        assert process is not None
        process.send_signal(signal.SIGSTOP)
    assert process.returncode == -signal.SIGKILL


async def test_no_process_is_a_fault_and_no_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried for ever."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    async with working(tmp_path / "spool") as clerk:
        await until(lambda: clerk.report.fault)
        assert "nothing" in str(clerk.report.fault)


async def test_one_that_talks_nonsense_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that it says harms the daemon."""
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho nonsense\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    async with working(tmp_path / "spool") as clerk:
        await until(lambda: clerk.report.fault)
        assert "not understood" in str(clerk.report.fault)


async def test_it_goes_with_the_daemon_and_not_with_a_signal(tmp_path: Path) -> None:
    """A service manager's SIGTERM is for the daemon, which has records left to be taken."""
    folder = tmp_path / "spool"
    spool_of(folder, 1)
    words = (str(folder), str(tmp_path / "anchors"), "", "", "")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "siaga.clerk", *words),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    async with asyncio.timeout(LIMIT_S):
        while b'"stored":1' not in await process.stdout.readline():
            pass
        process.terminate()
        spool_of(folder, 2)
        process.stdin.close()
        assert await process.wait() == 0
    assert count(folder) == 2


class TestPublishing:
    """The process publishes, too: it is killed, asked, and ends with a word."""

    async def test_kill_9_costs_no_record_and_is_seen_by_all(self, tmp_path: Path) -> None:
        """The last will says so; the next process goes on, with the newest states."""
        folder = tmp_path / "spool"
        with Mosquitto(open_toolbox()) as mosquitto, Follower(mosquitto.port) as follower:
            async with working(folder, broker=broker_at(mosquitto.port)) as clerk:
                clerk.show({DAEMON: b'{"online":true}', QUEUE: b'{"waiting":1}'})
                await until(lambda: follower.last(QUEUE) == {"waiting": 1})
                spool_of(folder, *range(1, 2_000))
                await until(lambda: len(follower.ids) > 100)
                assert clerk._process is not None
                os.kill(clerk._process.pid, signal.SIGKILL)
                clerk.show({QUEUE: b'{"waiting":2}', "state/operator/sri": None})
                await until(lambda: (follower.last(DAEMON) or {}).get("online") is False)
                assert follower.last(DAEMON)["why"] == "the connection to the broker is lost"
                assert (
                    asyncapi.faults(f"siaga112/{DAEMON}", follower.heard(DAEMON)[-1].payload) == []
                )
                await until(lambda: follower.last(DAEMON) == {"online": True})
                await until(lambda: follower.last(QUEUE) == {"waiting": 2})
                await until(lambda: len(follower.ids) == 1_999)
                assert clerk.report.broker is not None
                await until(lambda: clerk.report.broker and clerk.report.broker.waiting == 0)
            await until(lambda: (follower.last(DAEMON) or {}).get("online") is False)
        assert follower.ids == [record(number).id for number in range(1, 2_000)]
        assert follower.last(DAEMON)["why"] == "the daemon has ended"

    async def test_the_last_records_are_published_before_it_goes(self, tmp_path: Path) -> None:
        """And the heads of the chains are retained, with the store that they are of."""
        folder = tmp_path / "spool"
        with Mosquitto(open_toolbox()) as mosquitto, Follower(mosquitto.port) as follower:
            async with working(folder, broker=broker_at(mosquitto.port)) as clerk:
                await until(lambda: clerk.report.broker and clerk.report.broker.state == "up")
                spool_of(folder, 1, 2, 3)
            assert len(follower.ids) == 3
            await until(lambda: follower.last(ANCHOR) and follower.last(ANCHOR)["heads"])
            (head,) = follower.last(ANCHOR)["heads"]
            noted = list(anchor.read(tmp_path / anchor.FILE_NAME))[-1]
            assert (head["writer"], head["number"], head["link"]) == ("w", 3, noted.link)
            assert follower.last(ANCHOR)["store"] == noted.store
            told = [each for each in follower.told if "/call/" not in each.topic]
            assert [
                fault for each in told for fault in asyncapi.faults(each.topic, each.payload)
            ] == []

    async def test_a_command_goes_to_the_daemon_and_its_answer_back(self, tmp_path: Path) -> None:
        """One that fails is answered, too; one that is refused is handed over."""
        refused: list[Refusal] = []

        async def obey(command: Command) -> Obeyed:
            if command.person == "nobody":
                raise LookupError(command.person)
            return Obeyed(id=command.id, done=True, outcome="paused", text="is paused")

        broker = broker_at(1, commands=("pause",))
        with Mosquitto(open_toolbox()) as mosquitto, Follower(mosquitto.port) as follower:
            broker = broker_at(mosquitto.port, commands=("pause",))
            async with working(tmp_path / "spool", broker=broker) as clerk:
                clerk.on_command, clerk.on_refusal = obey, refused.append
                await until(lambda: clerk.report.broker and clerk.report.broker.state == "up")
                for person in ("sri", "nobody"):
                    payload = f'{{"person": "{person}"}}'.encode()
                    answer = "siaga112/answer/x"
                    follower.say("siaga112/command/x/pause", payload, ResponseTopic=answer)
                follower.say("siaga112/command/x/ready", b"{}")
                await until(lambda: len(follower.heard("answer/x")) == 2 and refused)
        assert [each.value["outcome"] for each in follower.heard("answer/x")] == [
            "paused",
            "failed",
        ]
        assert [each.error for each in refused] == ["not_allowed"]

    async def test_states_that_nobody_takes_are_replaced_by_newer_ones(
        self, tmp_path: Path
    ) -> None:
        """A process that hangs has the daemon hold one state of each, and no more."""
        with Mosquitto(open_toolbox()) as mosquitto, Follower(mosquitto.port) as follower:
            broker = broker_at(mosquitto.port)
            async with working(tmp_path / "spool", broker=broker) as clerk:
                await until(lambda: clerk.report.broker and clerk.report.broker.state == "up")
                process = clerk._process
                assert process is not None
                assert process.stdin is not None
                process.send_signal(signal.SIGSTOP)
                for number in range(2_000):
                    clerk.show({ALARMS: f'{{"number":{number},"text":"{"x" * 900}"}}'.encode()})
                assert process.stdin.transport.get_write_buffer_size() < 2_000
                process.send_signal(signal.SIGCONT)
                await until(lambda: follower.heard(ALARMS))
                clerk.show({ALARMS: b'{"number":2000}'})

                def is_newest() -> bool:
                    clerk.show({})  # as the bulletin does each second
                    return bool(follower.last(ALARMS) == {"number": 2_000})

                await until(is_newest)
