"""What a verdict on the origin zone costs: 100,000 ranges, cells, and a boundary of 5,000 corners.

One process without Asterisk. Each figure is the median of rounds, of the processor's time, since
the machine does other things, too. The bar is 5 µs for the lookup of a number; what its
normalisation costs is told apart.
"""

import json
import math
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.usage import memory_kib
from routing.cell import read as read_access
from routing.judge import prefix_ranges
from routing.location import read as read_location
from routing.number import identify
from routing.range import RangeTable
from routing.zone import Evidence
from siaga.settings import Settings, load

ROWS = 100_000
CORNERS = 5_000
CALLS = 20_000
ROUNDS = 5
BAR_US = 5.0
CONFIG = Path(__file__).parent.parent / "config"
SEED = 112


def _settings(folder: Path) -> Path:
    """Kota Metro's settings with large files of data."""
    shutil.copytree(CONFIG, folder)
    blocks = random.Random(SEED).sample(range(10**7), ROWS)  # noqa: S311 - a benchmark
    # Among them is a hundredth that lies in another one.
    rows = [f"07{block:07},,inside,," for block in blocks]
    rows[: ROWS // 100] = [f"07{block:07}00,07{block:07}49,unknown,," for block in blocks[-1000:]]
    (folder / "ranges.csv").write_text("from,to,zone,neighbour,note\n" + "\n".join(rows) + "\n")
    cells = [f"51099{each:011X},inside,," for each in range(ROWS)]
    (folder / "cells.csv").write_text("cell,zone,neighbour,note\n" + "\n".join(cells) + "\n")
    ring = [_corner(each) for each in range(CORNERS)]
    area = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    (folder / "kota-metro.geojson").write_text(json.dumps(area))
    return folder


def _corner(each: int) -> list[float]:
    """Of a coast with bays, 4 to 5 km around the middle of the city."""
    turn = math.tau * each / CORNERS
    away = 0.040 + 0.004 * math.sin(97 * turn)
    return [105.307 + away * math.cos(turn), -5.113 + away * math.sin(turn)]


def _us(work: Callable[[int], object], calls: int = CALLS) -> float:
    """Microseconds of the processor for one call."""
    took: list[float] = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for each in range(calls):
            work(each)
        took.append((time.process_time() - began) / calls * 1e6)
    return statistics.median(took)


def _loaded(folder: Path) -> Settings:
    before, began = memory_kib(_pid()), time.process_time()
    settings = load(folder)
    took = time.process_time() - began
    print(f"load all settings      {took:9.2f} s  {(memory_kib(_pid()) - before) / 1024:8.1f} MiB")
    return settings


def _pid() -> int:
    return int(Path("/proc/self").readlink().name)


def main() -> None:
    """Prints the figures; those of a number's lookup beside their bar."""
    with tempfile.TemporaryDirectory() as name:
        settings = _loaded(_settings(Path(name) / "settings"))
    began, before = time.process_time(), memory_kib(_pid())
    zones = settings.plan().zones
    took = time.process_time() - began
    print(f"compile the plan       {took:9.2f} s  {(memory_kib(_pid()) - before) / 1024:8.1f} MiB")
    table = RangeTable([*prefix_ranges(settings.zones), *settings.tables.ranges])
    draw = random.Random(SEED)  # noqa: S311 - a benchmark
    numbers = [f"+627{draw.randrange(10**9):09}" for _ in range(CALLS)]
    lookup = _us(lambda each: table.find(numbers[each]))
    print(f"number, lookup         {lookup:9.2f} µs (bar {BAR_US} µs)")
    normal = _us(lambda each: identify(numbers[each], country="ID", area_code="725"), 2_000)
    print(f"number, normalisation  {normal:9.2f} µs")
    ids = [f"51099{draw.randrange(2 * ROWS):011X}" for _ in range(CALLS)]
    cells = settings.tables.cells
    print(f"cell, lookup           {_us(lambda each: cells.find(ids[each])):9.2f} µs")
    headers = [f"3GPP-E-UTRAN-FDD;utran-cell-id-3gpp={id_};network-provided" for id_ in ids]
    print(f"cell, reading          {_us(lambda each: read_access(headers[each]), 2_000):9.2f} µs")
    for what, radius in (("point", 0), ("circle", 500)):
        places = [
            f'GML:shape="{what.title()}",crs="2d",'
            f'pos="{-5.2 + draw.random() / 5:.5f} {105.2 + draw.random() / 5:.5f}"'
            + (f',radius="{radius}"' if radius else "")
            for _ in range(2_000)
        ]
        reading = _us(lambda each, places=places: read_location(places[each]), 2_000)  # type: ignore[misc]
        print(f"{f'{what}, reading':22} {reading:9.2f} µs")
        calls = [Evidence("seluler", "112", "", each) for each in places]
        judging = _us(lambda each, calls=calls: zones.judge(calls[each]), 2_000)  # type: ignore[misc]
        print(f"{f'{what}, whole verdict':22} {judging:9.2f} µs")
    whole = [
        Evidence("seluler", "112", number, "", header)
        for number, header in zip(numbers, headers, strict=True)
    ]
    print(f"cell and number, whole {_us(lambda each: zones.judge(whole[each]), 2_000):9.2f} µs")
    for what, hostile in (
        ("8 KiB of positions", 'GML:shape="Polygon",posList="' + "1 1 " * 2_040 + '"'),
        ("1 MiB of quotes", 'GML:shape="' + '"' * (1 << 20)),
    ):
        took = _us(lambda _, hostile=hostile: zones.judge(Evidence("seluler", "", "", hostile)), 20)  # type: ignore[misc]
        print(f"{what:22} {took:9.2f} µs")


if __name__ == "__main__":
    main()
