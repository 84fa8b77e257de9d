"""All faults, by name."""

from collections.abc import Mapping
from typing import Final

from tests.chaos import around, asterisk, daemon
from tests.chaos.fault import Fault

FAULTS: Final[Mapping[str, Fault]] = {**daemon.FAULTS, **around.FAULTS, **asterisk.FAULTS}
SLICE: Final = ("killed-2", "frozen-60", "terminated", "pbx-killed")
"""What is struck on every run of the tests."""
