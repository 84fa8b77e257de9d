"""Looks for faults of parsers, and shows the smallest example of each that it finds.

python -m tests.fuzz --minutes 10 --seed 5
python -m tests.fuzz --examples 20000 evidence agi
python -m tests.fuzz --replay AXicc2Rw evidence
"""

import argparse
import random
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from itertools import count

from tests.fuzz.table import TARGETS
from tests.fuzz.target import Fault, Target, search

ROUND = 300
"""Examples of a target before it is the next one's turn."""
MOST_SEED = 1_000_000


def rounds(asked: argparse.Namespace) -> Iterator[tuple[int, int]]:
    """Seed and number of examples of each round."""
    end = None if asked.minutes is None else time.monotonic() + 60.0 * asked.minutes
    left = asked.examples
    for seed in count(asked.seed):
        if (end is not None and time.monotonic() >= end) or left <= 0:
            return
        yield seed, min(ROUND, left)
        left -= ROUND if end is None else 0


def shown(target: Target, seed: int | None, fault: Fault) -> str:
    """A fault, for who mends it."""
    told = "".join(traceback.format_exception(fault.error, limit=-8))
    return (
        f"\nFAULT of {target.name}, seed {seed}\n"
        f"example: {fault.example!r}\n{told}"
        f"again: python -m tests.fuzz --replay '{fault.blob}' {target.name}\n"
    )


def replayed(names: Sequence[str], blob: str) -> int:
    """Tries one example again."""
    if len(names) != 1:
        print("expected one target", file=sys.stderr)
        return 2
    fault = search(TARGETS[names[0]], 1, blob=blob)
    if fault is None:
        print("no fault any more")
        return 0
    print(shown(TARGETS[names[0]], None, fault))
    return 1


def main(words: Sequence[str] | None = None) -> int:
    """The exit status: 1 if there is a fault, 2 if the command line is wrong."""
    asked = _parser().parse_args(words)
    names = asked.targets or list(TARGETS)
    unknown = [name for name in names if name not in TARGETS]
    if unknown:
        print(f"no target {unknown[0]!r}; known: {', '.join(TARGETS)}", file=sys.stderr)
        return 2
    if asked.replay is not None:
        return replayed(names, asked.replay)
    print(f"{len(names)} targets, from seed {asked.seed} on")
    faults: dict[str, Fault] = {}
    tried = 0
    for seed, examples in rounds(asked):
        for name in names:
            if name in faults:
                continue
            fault = search(TARGETS[name], examples, seed)
            tried += max(1, round(examples * TARGETS[name].share))
            if fault is not None:
                faults[name] = fault
                print(shown(TARGETS[name], seed, fault), flush=True)
    print(f"{tried} examples at most, faults in {len(faults)} of {len(names)} targets")
    return 1 if faults else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="all, without any")
    parser.add_argument("--examples", type=int, default=2000, help="of each target")
    parser.add_argument("--minutes", type=float, help="of all together, in place of --examples")
    parser.add_argument(
        "--seed", type=int, default=random.SystemRandom().randrange(MOST_SEED), help="of the first"
    )
    parser.add_argument("--replay", metavar="BLOB", help="only the example that was shown")
    return parser


if __name__ == "__main__":
    sys.exit(main())
