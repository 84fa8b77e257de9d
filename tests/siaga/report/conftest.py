"""The two kinds of store, and Chromium."""

from collections.abc import Iterator

import pytest

from sandbox.browser import Browser
from sandbox.toolbox import open_toolbox
from tests.journal.conftest import address, database

__all__ = ["address", "browser", "database"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for all tests of this process."""
    with Browser(open_toolbox()) as found:
        yield found
