"""A process of its own that writes a spool, to be killed or starved of disk.

    python -m tests.journal.writer FOLDER flood       appends for ever, says each number
    python -m tests.journal.writer FOLDER starve N    may write N bytes into a file, until a line
                                                      comes on standard input

`starve` appends 100 records and says the longest time that one took, in seconds; says how many
still wait when the disk refuses; when it may write again, closes and says whether all was written.
"""

import resource
import sys
import time
from pathlib import Path

import structlog

from journal.spool import Spool
from tests.journal.sample import NOON, record, until

COUNT = 100
PACE_S = 0.001


def say(*words: object) -> None:
    """One line to the test."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def flood(spool: Spool) -> None:
    """One record a millisecond, for ever."""
    number = 0
    while True:
        number += 1
        spool.append(record(number))
        say(number, time.monotonic())
        time.sleep(PACE_S)


def starve(spool: Spool, limit: int) -> None:
    """A disk that is full, and then is not."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    longest_s = 0.0
    for number in range(1, COUNT + 1):
        began = time.perf_counter()
        spool.append(record(number))
        longest_s = max(longest_s, time.perf_counter() - began)
    until(lambda: spool.fault is not None)
    say(longest_s)
    say(spool.waiting)
    sys.stdin.readline()
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    say(spool.close())


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(sys.stderr))
    ours = Spool(Path(sys.argv[1]), NOON)
    if sys.argv[2] == "flood":
        flood(ours)
    else:
        starve(ours, int(sys.argv[3]))
