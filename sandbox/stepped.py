"""The daemon's command line on a clock that is put forward or back while it runs.

    python sandbox/stepped.py OFFSET_FILE run --config FOLDER

Asterisk's own clock is stepped by libfaketime from the same file. The daemon reads its clock in one
place only, so that is where it is stepped here: a preloaded library would have to fit this Python.
"""

import sys
from datetime import timedelta
from pathlib import Path

from routing.moment import Moment
from siaga import cli
from siaga.clock import SystemClock


def main() -> None:
    """Runs `siaga112` on the other clock; the monotonic one stays as it is."""
    offset, read = Path(sys.argv.pop(1)), SystemClock.now

    def now(clock: SystemClock) -> Moment:
        instant, wall = read(clock)
        return Moment(instant, wall + timedelta(seconds=int(offset.read_text())))

    SystemClock.now = now  # type: ignore[method-assign, assignment]
    cli.main()


if __name__ == "__main__":
    main()
