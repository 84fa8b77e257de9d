"""All targets by name."""

from typing import Final

from tests.fuzz import file, render, wire
from tests.fuzz.target import Target

TARGETS: Final[dict[str, Target]] = {
    target.name: target for target in (*wire.TARGETS, *file.TARGETS, *render.TARGETS)
}
