"""One mutant before the simulator: which law catches it, at which seed."""

import re
import resource
import subprocess
import sys
import time
from dataclasses import dataclass

from tests.mutants.clone import clone
from tests.mutants.mutant import Mutant

SEED_LIMIT_S = 20.0
"""Of one seed, on a machine that has other things to do; a sound one takes well under a second."""
START_LIMIT_S = 60.0
"""For the interpreter and the settings."""
MEMORY = 4 << 30
"""Bytes that a mutant may ask for: one that loops for ever may collect for ever, too."""
CAUGHT = re.compile(r"^seed (?P<seed>\d+) breaks:\n +(?P<law>\w+):", re.MULTILINE)
"""What the simulator says of the first scenario that breaks a law."""


@dataclass(frozen=True, slots=True)
class Catch:
    """What gave the mutant away.

    Attributes:
        law: The simulator's, that did not hold.
        seed: The first at which it did not; None where the run did not come to an end.
    """

    law: str
    seed: int | None


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a mutant; not caught is survived."""

    mutant: Mutant | None
    catch: Catch | None
    seconds: float


def attempt(mutant: Mutant | None, *, seeds: int, first: int) -> Trial:
    """Plays scenarios on a copy of the house with the mutant in it, until one gives it away.

    Args:
        mutant: None for the house as it is, which nothing may give away.
        seeds: How many scenarios.
        first: The seed of the first one.

    Raises:
        Stale: The mutant does not fit the code.
    """
    began = time.monotonic()
    with clone(mutant) as folder:
        arguments = ["--seeds", str(seeds), "--first", str(first), "--stop", "--quick"]
        with subprocess.Popen(  # noqa: S603 - our own interpreter and words
            [sys.executable, "-m", "tests.simulation", *arguments],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
            try:
                said, _ = process.communicate(timeout=START_LIMIT_S + seeds * SEED_LIMIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                said = None
    seconds = time.monotonic() - began
    if said is None:
        return Trial(mutant, Catch("does not come to an end", None), seconds)
    return Trial(mutant, _catch(said, process.returncode), seconds)


def _catch(said: str, status: int) -> Catch | None:
    if status == 0:
        return None
    found = CAUGHT.search(said)
    if found is None:
        return Catch(f"no verdict, exit status {status}", None)
    return Catch(found["law"], int(found["seed"]))
