"""`make run`: the whole system on this machine, one sample call, then yours."""

import asyncio
import contextlib
import signal
import sys
import tempfile
from pathlib import Path

from console.timeline import Timeline
from journal.record import ENDINGS
from journal.spool import follow
from routing.operator import SeatId
from sandbox.caller import Caller
from sandbox.system import FAULTS, PIN, System

SAMPLE_NUMBER = "081234567890"
SAMPLE_TALK_S = 3.0
SHARED = SeatId("bersama-1")


async def _timeline(spool: Path, call_ended: asyncio.Event) -> None:
    """Prints each record of the daemon as it is written."""
    timeline = Timeline(sys.stdout)
    async for record in follow(spool):
        timeline.show(record)
        if record.what in ENDINGS:
            call_ended.set()


async def _sample_call(system: System, ended: asyncio.Event) -> None:
    """A citizen dials 112, listens for a moment, presses 1, talks and hangs up."""
    caller: Caller = await system.caller(SAMPLE_NUMBER)
    await caller.dial("112")
    await caller.established(10.0)
    await asyncio.sleep(SAMPLE_TALK_S)
    await caller.press("1")
    await asyncio.sleep(2 * SAMPLE_TALK_S)
    await caller.hangup()
    await ended.wait()


def _invitation(system: System) -> str:
    """How to register one's own phone and dial 112."""
    seat = system.settings.operators.post
    operators = system.settings.operators
    endpoint = operators.seats[seat].endpoint
    shared = operators.seats[SHARED].endpoint
    number = next(iter(operators.numbers()))
    return f"""
The system is up. Register your own softphone as the post's phone:

    server    {system.pbx.sip_host}:{system.pbx.sip_port} (UDP)
    user      {endpoint}
    password  {system.pbx.password_of(endpoint)}

and dial 112: the menu answers, and an operator's phone (it plays a tone) takes the call.
Or register {shared} (password {system.pbx.password_of(shared)}), dial *11, and sign on
with number {number}# and PIN {PIN}#: calls for that operator ring there (docs/operator.md).
Status: .venv/bin/siaga112 status --runtime {system.daemon.runtime}
        (or http://127.0.0.1:{system.console_port}/status)
Settings: {system.config}; after a change:
        .venv/bin/siaga112 reload --runtime {system.daemon.runtime}
Log:    {system.daemon.log}
Ctrl-C stops everything that was started here.
"""


async def _serve() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    with tempfile.TemporaryDirectory(prefix="siaga-") as folder:
        async with System(Path(folder)) as system:
            print("Asterisk and the daemon are up; operators register …", flush=True)
            seats = system.seats_on_duty()
            post = system.settings.operators.post
            await asyncio.gather(*(system.register(seat) for seat in seats if seat != post))
            call_ended = asyncio.Event()
            timeline = asyncio.create_task(_timeline(system.spool, call_ended), name="timeline")
            sample = asyncio.create_task(_sample_call(system, call_ended), name="sample call")
            ended = asyncio.create_task(stop.wait(), name="stop")
            await asyncio.wait({sample, ended}, return_when=asyncio.FIRST_COMPLETED)
            if sample.done():
                sample.result()
                print(_invitation(system), flush=True)
                await ended
            for task in (sample, timeline, ended):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            print("\nStopping …", flush=True)
    print("Stopped; nothing is left running.", flush=True)


def main() -> int:
    """Runs until Ctrl-C; the exit status is 0 when everything could be started."""
    try:
        asyncio.run(_serve())
    except FAULTS as error:
        print(f"make run: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
