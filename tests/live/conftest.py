"""A whole centre for each test, and the proof that nothing is left in it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandbox.system import System
from tests.live.centre import ON_DUTY, quick_settings


def _descriptors() -> int:
    """How many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


@asynccontextmanager
async def _centre(
    folder: Path, people: Sequence[str] = ON_DUTY, *, by_cable: bool = False
) -> AsyncIterator[System]:
    before = _descriptors()
    settings = quick_settings(folder / "settings", people)
    async with System(folder, settings, by_cable=by_cable) as running:
        yield running
        await running.empty()
        assert running.pbx.complaints() == []
    assert _descriptors() <= before, "a file is left open"


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    """Asterisk and the daemon on quick settings; at the end no channel, bridge or task is left."""
    async with _centre(tmp_path) as running:
        yield running


@pytest.fixture
async def deserted(tmp_path: Path) -> AsyncIterator[System]:
    """The same with nobody on duty at any hour."""
    async with _centre(tmp_path, ()) as running:
        yield running


@pytest.fixture
async def crowded(tmp_path: Path) -> AsyncIterator[System]:
    """The same with five people on duty, two of them of one agency."""
    async with _centre(tmp_path, (*ON_DUTY, "bayu")) as running:
        yield running


@pytest.fixture
async def cabled(tmp_path: Path) -> AsyncIterator[System]:
    """The same; what connects daemon and Asterisk can be cut."""
    async with _centre(tmp_path, by_cable=True) as running:
        yield running
