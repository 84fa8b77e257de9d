"""A whole centre for each test, and the proof that nothing is left in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.system import System
from tests.live.centre import quick_settings


def _descriptors() -> int:
    """How many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    """Asterisk and the daemon on quick settings; at the end no channel, bridge or task is left."""
    before = _descriptors()
    async with System(tmp_path, quick_settings(tmp_path / "settings")) as running:
        yield running
        await running.empty()
        assert running.pbx.complaints() == []
    assert _descriptors() <= before, "a file is left open"
