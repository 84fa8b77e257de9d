"""Records every script on a real Asterisk: `make golden`, to be reviewed as a diff.

Times and ids differ from one recording to the next; what matters is the order, and the records.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.scenario import real_stage
from tests.scenario.script import SCRIPTS
from tests.scenario.tape import Tape

FOLDER = Path(__file__).parent


def tapes() -> dict[str, Path]:
    """The golden calls, by name."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.jsonl"))}


async def record(name: str) -> Tape:
    """Plays one script and writes its file."""
    with tempfile.TemporaryDirectory(prefix="siaga-golden-") as folder:
        tape = await real_stage.perform(SCRIPTS[name], Path(folder))
    tape.write(FOLDER / f"{name}.jsonl")
    return tape


async def main(names: list[str]) -> None:
    """Records the scripts of these names, or all."""
    for name in names or SCRIPTS:
        tape = await record(name)
        sys.stdout.write(f"{name}: {len(tape.events)} events, {len(tape.records)} records\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
