"""A small rehearsal as it was told when it was last looked over.

    python -m tests.siaga.rehearsal.golden

writes it again, after a change that is meant to change it; review the difference.
"""

import re
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from siaga.rehearsal import screen
from siaga.rehearsal.change import changed, parsed
from siaga.rehearsal.city import City
from siaga.rehearsal.rehearsal import rehearse
from siaga.rehearsal.span import Span
from siaga.settings import load
from siaga.terminal import out
from tests.siaga.folder import edited

GOLDEN = Path(__file__).with_name("golden.txt")
START = datetime(2026, 11, 29, 17, tzinfo=UTC)
SPAN = Span(START, START + timedelta(days=2))
CALLS, SEED, COLUMNS = 400, 7, 80
OWN = re.compile(r"settings \w+, played in [\d.]+ s")
"""What depends on the machine, or is another with each comment in the settings."""
NO_SOUNDS = ("siaga.yaml", "/var/lib/siaga112/sounds", "/nowhere/sounds")
"""Prompts are as long as their texts say: whatever is rendered on this machine."""


def told() -> str:
    """What the screen shows of a small rehearsal, and of one with a second operator."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load(edited(Path(folder) / "settings", *NO_SOUNDS))
    done = rehearse(settings, City(), SPAN, CALLS, SEED)
    change = parsed("dinkes:mon", settings, adds=True)
    other = rehearse(changed(settings, [change], SPAN), City(), SPAN, CALLS, SEED)
    before, out.width = out.width, COLUMNS
    try:
        with out.capture() as captured:
            screen.show(done)
            screen.compare(done, other, [change])
    finally:
        out.width = before
    text = OWN.sub("settings ..., played in ... s", captured.get())
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


if __name__ == "__main__":
    GOLDEN.write_text(told())
