"""A whole centre for each test, and the proof that nothing is left in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
    async with _whole(tmp_path, by_cable=False) as running:
        yield running


@pytest.fixture
async def cabled(tmp_path: Path) -> AsyncIterator[System]:
    """The same; what connects daemon and Asterisk can be cut."""
    async with _whole(tmp_path, by_cable=True) as running:
        yield running


@asynccontextmanager
async def _whole(folder: Path, *, by_cable: bool) -> AsyncIterator[System]:
    before = _descriptors()
    async with System(folder, quick_settings(folder / "settings"), by_cable=by_cable) as running:
        yield running
        await running.empty()
        assert running.pbx.complaints() == []
    assert _descriptors() <= before, "a file is left open"
