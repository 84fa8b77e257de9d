"""Plays scenario after scenario, and shows the smallest one that breaks a law.

python -m tests.simulation --seeds 1000 --jobs 2 --stop
python -m tests.simulation --first 17 --keep 2,5,9 --chance 1
"""

import argparse
import hashlib
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

from tests.simulation.chance import scenario
from tests.simulation.law import broken
from tests.simulation.minimum import minimum
from tests.simulation.performance import play
from tests.simulation.scenario import Scenario

CHUNK = 8
"""Seeds that a process is given at once."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one seed."""

    seed: int
    calls: int
    breaches: tuple[str, ...]


def tried(seed: int) -> Outcome:
    """Plays the scenario of a seed."""
    account = play(scenario(seed))
    return Outcome(seed, len(account.callers), broken(account))


def outcomes(seeds: Iterable[int], jobs: int) -> Iterator[Outcome]:
    """Of each seed, in their order."""
    if jobs == 1:
        yield from map(tried, seeds)
        return
    with ProcessPoolExecutor(jobs) as pool:
        try:
            yield from pool.map(tried, seeds, chunksize=CHUNK)
        finally:
            pool.shutdown(cancel_futures=True)


def smallest(whole: Scenario, breaches: tuple[str, ...]) -> str:
    """The smallest scenario that breaks one of the same laws, as it is shown."""
    laws = {breach.partition(":")[0] for breach in breaches}

    def fails(smaller: Scenario) -> bool:
        return any(breach.partition(":")[0] in laws for breach in broken(play(smaller)))

    found, kept = minimum(whole, fails)
    places = ",".join(str(place) for place in kept)
    command = f"--first {whole.seed} --keep {places or 'none'} --chance {found.chance}"
    return "\n".join([str(found), *broken(play(found)), f"python -m tests.simulation {command}"])


def replayed(asked: argparse.Namespace) -> int:
    """Plays one part of one scenario, and shows its records."""
    whole = replace(scenario(asked.first), chance=asked.chance)
    places = [] if asked.keep == "none" else [int(place) for place in asked.keep.split(",")]
    part = whole.keep(places)
    account = play(part)
    sys.stdout.write(account.journal.decode())
    breaches = broken(account)
    print(part, *breaches, hashlib.sha256(account.journal).hexdigest(), sep="\n", file=sys.stderr)
    return 1 if breaches else 0


def main(words: list[str] | None = None) -> int:
    """The exit status: 1 if a law is broken."""
    asked = _parser().parse_args(words)
    if asked.keep is not None:
        return replayed(asked)
    began, failing, calls = time.perf_counter(), 0, 0
    for outcome in outcomes(range(asked.first, asked.first + asked.seeds), asked.jobs):
        calls += outcome.calls
        if not outcome.breaches:
            continue
        failing += 1
        print(f"seed {outcome.seed} breaks:", *outcome.breaches, sep="\n  ")
        if not asked.quick:
            print("smallest:", smallest(scenario(outcome.seed), outcome.breaches), sep="\n")
        sys.stdout.flush()
        if asked.stop:
            break
    seconds = time.perf_counter() - began
    print(f"{asked.seeds} seeds, {calls} calls, {failing} failing, {seconds:.0f} s")
    return 1 if failing else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first one")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--stop", action="store_true", help="at the first failing one")
    parser.add_argument("--quick", action="store_true", help="do not look for the smallest")
    parser.add_argument("--keep", help="play only these acts of the first seed, and show all of it")
    parser.add_argument("--chance", type=int, default=0, help="the seed of the latencies")
    return parser


if __name__ == "__main__":
    sys.exit(main())
