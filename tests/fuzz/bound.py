"""What one example may cost: processor time and memory, by its size."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

CPU_S: Final = 4.0
"""Of processor time for an example of any kind; the slowest, a set of settings, takes 0.4 s."""
CPU_S_PER_BYTE: Final = 2e-5
"""More for long ones: a parser that takes the square of the length is found with 100 KB."""
MEMORY_BYTES: Final = 768 << 20
"""Of address space above what the process has; threads and libraries take some of it."""
AGAIN_S: Final = 0.25
"""The signal is sent again: what was interrupted may have caught it."""
PAGE: Final = resource.getpagesize()


class Costly(BaseException):
    """The time is over; no parser catches this by mistake."""


class TooSlow(AssertionError):
    """An example takes more processor time than its size allows."""


@contextmanager
def bounded(size: int) -> Iterator[None]:
    """Ends what takes too long, and refuses it more memory (which is then a MemoryError).

    Args:
        size: Of the example, in bytes.

    Raises:
        TooSlow: The time was over.
    """

    def end(_number: int, _frame: FrameType | None) -> None:
        raise Costly

    limit_s = CPU_S + CPU_S_PER_BYTE * size
    before = signal.signal(signal.SIGPROF, end)
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_taken() + MEMORY_BYTES, hard))
    signal.setitimer(signal.ITIMER_PROF, limit_s, AGAIN_S)
    try:
        yield
    except Costly:
        raise TooSlow(f"more than {limit_s:.1f} s of processor time for {size} bytes") from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        signal.signal(signal.SIGPROF, before)


def _taken() -> int:
    """Bytes of address space that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * PAGE
