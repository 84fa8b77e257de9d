"""What a rehearsal costs: calls per second of this process's own time, and its memory.

One seed and the shipped settings; 10,000 calls are to take 10 s at most, and memory is not to grow
with the number of calls.
"""

import argparse
import resource
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from siaga.rehearsal.city import City
from siaga.rehearsal.rehearsal import days_of, rehearse
from siaga.rehearsal.span import Span
from siaga.settings import load

START = datetime(2027, 1, 3, 17, 0, tzinfo=UTC)
SHIPPED = Path(__file__).parent.parent / "config"


def main() -> None:
    """Prints one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000)
    calls = parser.parse_args().calls
    settings, city = load(SHIPPED), City()
    span = Span(START, START + timedelta(days=days_of(city, calls)))
    began = time.process_time()
    done = rehearse(settings, city, span, calls)
    seconds = time.process_time() - began
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{calls:,} calls in {seconds:.1f} s ({seconds / calls * 1000:.3f} ms each), "
        f"{mib:.0f} MiB at most, {done.watch.count} violations"
    )


if __name__ == "__main__":
    main()
