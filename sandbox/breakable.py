"""The daemon's command line with faults of its own that signals set off.

    python sandbox/breakable.py run --config FOLDER

SIGUSR1 lets the event loop do nothing for BLOCK_S; SIGUSR2 lets every third step of the core, of
whatever call or of the floor, raise for FAIL_S.
"""

import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from ivr.call import CallFlow
from routing.floor import Floor
from siaga import cli

BLOCK_S, FAIL_S, NTH = 5.0, 3.0, 3


class Breaker:
    """Lets steps fail for a while."""

    def __init__(self) -> None:
        self._until = 0.0
        self._count = 0

    def set_off(self, _number: int, _frame: FrameType | None) -> None:
        """From now on, for FAIL_S."""
        self._until = time.monotonic() + FAIL_S

    def broken(self, step: Callable[..., Any]) -> Callable[..., Any]:
        """The same step, which may fail."""

        def attempt(*args: Any, **kwargs: Any) -> Any:
            if time.monotonic() < self._until:
                self._count += 1
                if self._count % NTH == 0:
                    raise RuntimeError("this step was made to fail")
            return step(*args, **kwargs)

        return attempt


def main() -> None:
    """Runs `siaga112`; it is whole until it gets a signal."""
    breaker = Breaker()
    CallFlow.step = breaker.broken(CallFlow.step)  # type: ignore[method-assign]
    Floor.step = breaker.broken(Floor.step)  # type: ignore[method-assign]
    signal.signal(signal.SIGUSR1, lambda *_: time.sleep(BLOCK_S))
    signal.signal(signal.SIGUSR2, breaker.set_off)
    cli.main()


if __name__ == "__main__":
    main()
