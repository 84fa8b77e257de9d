"""The two kinds of store, each test with one of its own."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TypeAlias

import pytest

from journal.address import Address
from sandbox.database import Database
from sandbox.toolbox import open_toolbox

NUMBERS = count()

Databases: TypeAlias = Iterator[Database]


@pytest.fixture(scope="session")
def database() -> Databases:
    """A PostgreSQL for all tests of this process."""
    with Database(open_toolbox()) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Address:
    """An empty store, of each kind in turn."""
    if request.param == "sqlite":
        return Address(f"sqlite:///{tmp_path}/journal.sqlite")
    return new_database(request.getfixturevalue("database"))


def new_database(server: Database) -> Address:
    """An empty database of that server."""
    name = f"journal{next(NUMBERS)}"
    server.execute(f"CREATE DATABASE {name}")
    return Address(server.url.rpartition("/")[0] + f"/{name}")
