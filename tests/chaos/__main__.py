"""`make chaos`: each fault so many times, a line for each, and JSON on request.

The exit status is 0 when nobody was lost, nothing was left over, and the daemon served again.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

from tests.chaos.catalogue import FAULTS, play
from tests.chaos.round import Outcome
from tests.chaos.table import HEAD, LEGEND, figures, line, report, stories

SEED = 112


async def _play(names: list[str], rounds: int, seed: int, jobs: int) -> list[Outcome]:
    """The rounds of each fault, a few at a time; a line as soon as a fault's are over."""
    places = asyncio.Semaphore(jobs)

    async def one(name: str, number: int) -> Outcome:
        async with places:
            with tempfile.TemporaryDirectory(prefix="siaga-") as folder:
                try:
                    return await play(name, seed + number, Path(folder))
                except (RuntimeError, TimeoutError, OSError, ExceptionGroup) as error:
                    # A machine so busy that no daemon starts, say: no result, and no good one.
                    return Outcome(name, seed + number, left=[f"not played: {error!r}"])

    async def all_of(name: str) -> list[Outcome]:
        outcomes = await asyncio.gather(*(one(name, number) for number in range(rounds)))
        print(line(name, figures(outcomes)), flush=True)
        for outcome in outcomes:
            for story in (*outcome.told, *stories(outcome)):
                print(f"  {story}", flush=True)
        return outcomes

    done = await asyncio.gather(*(all_of(name) for name in names))
    return [outcome for outcomes in done for outcome in outcomes]


def main() -> int:
    """Plays and prints; 0 when all is well."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1, help="of each fault (ROUNDS)")
    parser.add_argument("--seed", type=int, default=SEED, help="of the first round (SEED)")
    parser.add_argument("--jobs", type=int, default=1, help="rounds side by side (JOBS)")
    parser.add_argument("--json", type=Path, help="a file that takes the same as JSON (JSON)")
    parser.add_argument("faults", nargs="*", metavar="FAULT", help="only these (FAULTS)")
    given = parser.parse_args()
    unknown = [name for name in given.faults if name not in FAULTS]
    if unknown:
        known = "\n".join(f"  {name:<16} {fault.about}" for name, fault in FAULTS.items())
        print(f"no such fault: {', '.join(unknown)}; there are\n{known}", file=sys.stderr)
        return 2
    print(f"{LEGEND}\n\n{HEAD}", flush=True)
    names = given.faults or list(FAULTS)
    outcomes = asyncio.run(_play(names, given.rounds, given.seed, given.jobs))
    if given.json:
        before = json.loads(given.json.read_text()) if given.json.exists() else {}
        given.json.write_text(json.dumps(report(FAULTS, outcomes, before), indent=2) + "\n")
    good = all(outcome.is_good for outcome in outcomes)
    print("nobody lost, nothing left" if good else "not all is well: see above")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
