"""`python -m tests.mutants`: which law of the simulator catches which mutant."""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.mutants.mutant import Mutant, mutants, uncaught
from tests.mutants.trial import Trial, attempt

SEEDS = 120
"""Scenarios that a mutant is given to survive in, if the command line says nothing else."""
JOBS = 2
"""Mutants at a time; each is one busy process."""


def main(words: Sequence[str]) -> int:
    """The exit status: 0 if all were caught, 1 if one survived, 2 if nothing can be said."""
    asked = _parser().parse_args(words)
    chosen = list(mutants())
    if asked.only is not None:
        chosen = [each for each in (*chosen, *uncaught()) if each.name == asked.only]
    if not chosen:
        sys.stderr.write(f"there is no mutant {asked.only}\n")
        return 2
    sound = attempt(None, seeds=asked.seeds, first=asked.first)
    if sound.catch is not None:
        sys.stdout.write(f"the house itself is caught: {_told(sound)}\n")
        return 2
    width = max(len(mutant.name) for mutant in chosen)
    survivors: list[str] = []

    def play(mutant: Mutant) -> Trial:
        return attempt(mutant, seeds=asked.seeds, first=asked.first)

    with ThreadPoolExecutor(asked.jobs) as pool:
        for mutant, trial in zip(chosen, pool.map(play, chosen), strict=True):
            sys.stdout.write(f"{mutant.name:{width}}  {_told(trial)}\n")
            sys.stdout.write(f"{'':{width}}  breaks: {mutant.rule}\n")
            sys.stdout.flush()
            if trial.catch is None:
                survivors.append(mutant.name)
    caught = len(chosen) - len(survivors)
    sys.stdout.write(f"{caught} of {len(chosen)} mutants caught in {asked.seeds} seeds\n")
    if survivors:
        sys.stdout.write(f"survived: {', '.join(survivors)}\n")
    return 1 if survivors else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="scenarios for each mutant")
    parser.add_argument("--first", type=int, default=0, help="the first scenario's seed")
    parser.add_argument("--only", metavar="NAME", help="this mutant alone")
    parser.add_argument("--jobs", type=int, default=JOBS, help="mutants at a time")
    return parser


def _told(trial: Trial) -> str:
    catch = trial.catch
    if catch is None:
        return f"SURVIVED  {trial.seconds:.0f} s"
    where = "" if catch.seed is None else f" at seed {catch.seed}"
    return f"caught by {catch.law!r}{where}  {trial.seconds:.0f} s"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
