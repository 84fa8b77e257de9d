"""`make demo`: a call for each way through the menu, each proven by what both sides heard.

Ends with a verdict line; the exit status is 0 when every call reached a human, 1 otherwise.
"""

import asyncio
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from routing.operator import AgencyId, SeatId
from sandbox.audio import tone_present
from sandbox.caller import Caller
from sandbox.phone import Softphone
from sandbox.system import CALLER_TONE_HZ, FAULTS, System

REACH_LIMIT_S = 30.0
"""From INVITE to a human; a silent caller hears the whole menu first."""
TALK_S = 2.0
"""Long enough to find a tone in both recordings."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One call of the demonstration.

    Attributes:
        title: What the caller does.
        number: The caller's number.
        trunk: The carrier that brings the call.
        press: The key that is pressed, or None for silence.
        agency: Whose operator has to answer; None means anybody's.
    """

    title: str
    number: str
    trunk: str
    press: str | None
    agency: AgencyId | None


SCENES = (
    Scene("presses 1, medical", "081234567801", "seluler", "1", AgencyId("dinkes")),
    Scene("presses 2, fire and disaster", "081234567802", "seluler", "2", AgencyId("bpbd")),
    Scene("presses 3, traffic", "081234567803", "seluler", "3", AgencyId("dishub")),
    Scene("presses 4, public order", "081234567804", "seluler", "4", AgencyId("satpolpp")),
    Scene("presses 0, a human at once", "081234567805", "seluler", "0", None),
    Scene("presses nothing", "081234567806", "seluler", None, None),
    Scene("calls from outside the zone", "0721481234", "seluler", None, None),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one call; `fault` is None when a human was reached and both sides heard."""

    scene: Scene
    fault: str | None
    seat: SeatId | None
    seconds: float


async def _first_established(system: System) -> SeatId:
    """The seat whose phone is in a call first."""
    waits = {
        asyncio.create_task(phone.established(REACH_LIMIT_S)): seat
        for seat, phone in system.phones.items()
    }
    try:
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        first = next(iter(done))
        first.result()
        return waits[first]
    finally:
        for task in waits:
            task.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


def _agency_of(system: System, seat: SeatId) -> AgencyId | None:
    operators = system.settings.operators
    person = operators.seats[seat].person
    return None if person is None else operators.people[person].agency


def _heard(caller: Caller, phone: Softphone) -> str | None:
    """What is missing in the two recordings, if anything."""
    if not tone_present(phone.recording(), CALLER_TONE_HZ):
        return "the operator did not hear the caller"
    if not tone_present(caller.recording(), phone.tone_hz):
        return "the caller did not hear the operator"
    return None


async def _play(system: System, scene: Scene) -> Outcome:
    clock: Callable[[], float] = asyncio.get_running_loop().time
    caller = await system.caller(scene.number, scene.trunk)
    started = clock()
    reached = asyncio.create_task(_first_established(system))
    try:
        await caller.dial("112")
        await caller.established(10.0)
        if scene.press is not None:
            await caller.press(scene.press)
        seat = await reached
    except TimeoutError:
        reached.cancel()
        await caller.hangup()
        return Outcome(scene, "no human was reached", None, clock() - started)
    seconds = clock() - started
    phone = system.phones[seat]
    await asyncio.sleep(TALK_S)
    await caller.hangup()
    await phone.closed(5.0)
    fault = _heard(caller, phone)
    if fault is None and scene.agency not in {None, _agency_of(system, seat)}:
        fault = f"{seat} is of another agency than {scene.agency}"
    return Outcome(scene, fault, seat, seconds)


async def _demonstrate() -> bool:
    with tempfile.TemporaryDirectory(prefix="siaga-") as folder:
        async with System(Path(folder)) as system:
            seats = system.seats_on_duty()
            await asyncio.gather(*(system.register(seat) for seat in seats))
            print(f"up: Asterisk, the daemon and {len(seats)} operators' phones", flush=True)
            good = 0
            for scene in SCENES:
                outcome = await _play(system, scene)
                good += outcome.fault is None
                verdict = outcome.fault or f"{outcome.seat}, both sides heard each other"
                mark = "ok  " if outcome.fault is None else "FAIL"
                seconds = f"{outcome.seconds:5.1f} s"
                print(f"{mark} {scene.title:<30} {seconds}  {verdict}", flush=True)
            await system.empty()
    passed = good == len(SCENES)
    print(f"{'PASSED' if passed else 'FAILED'}: {good} of {len(SCENES)} callers reached a human")
    return passed


def main() -> int:
    """Plays all scenes; 0 when all went well."""
    try:
        return 0 if asyncio.run(_demonstrate()) else 1
    except FAULTS as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
