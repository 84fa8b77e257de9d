"""Connections to the store's database.

Every fault of SQLAlchemy, its drivers and the file system comes out as one of `journal.fault`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from journal.address import Address
from journal.fault import StoreAway

BUSY_S: Final = 5.0
"""How long SQLite waits for another process that has the file."""
CONNECT_S: Final = 5.0
ANSWER_S: Final = 30.0
"""For one statement of PostgreSQL; a batch takes some 10 ms."""
FOLDER_MODE: Final = 0o750
FILE_MODE: Final = 0o640
"""Numbers of callers are in it: for the owner and the group only."""
SIGNIFICANT: Final = 300
"""Characters of a fault that are told: the rest is the statement's parameters."""


def open_engine(address: Address, *, writes: bool) -> AsyncEngine:
    """An engine that connects when it is first asked.

    Args:
        address: The store.
        writes: SQLite's file is made if it is not there, and a transaction takes it at its begin.

    Raises:
        StoreError: SQLite's file cannot be made, or is not there to be read.
    """
    file = address.file
    if file is None:
        return create_async_engine(_postgresql_url(address), connect_args=_POSTGRESQL)
    if writes:
        with translated():
            _make(file)
    elif not file.exists():
        raise StoreAway(f"{file} is not there: nothing has been recorded yet, or elsewhere")
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=_uri(file, writes=writes), query={"uri": "true"}),
        # Each connection is a thread.
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1,
        max_overflow=0,
        connect_args={"isolation_level": None, "timeout": BUSY_S},
    )
    _set_up_sqlite(engine, writes=writes)
    return engine


@contextmanager
def translated() -> Iterator[None]:
    """Turns the faults of libraries into this house's."""
    try:
        yield
    except DBAPIError as error:
        raise StoreAway(_told(error.orig or error)) from error
    except (TimeoutError, SQLAlchemyError, OSError) as error:
        raise StoreAway(_told(error)) from error


def _told(error: BaseException) -> str:
    if isinstance(error, OSError) and error.filename is not None and error.strerror is not None:
        return f"{error.filename}: {error.strerror}"
    text = " ".join(str(error).split())
    name = type(error).__name__
    return (text if text and name == "OperationalError" else f"{name}: {text}")[:SIGNIFICANT]


def _make(file: Path) -> None:
    """An empty file of the right mode, which is an empty database."""
    file.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE))


def _uri(file: Path, *, writes: bool) -> str:
    """How SQLite is told to open the file.

    To read beside a writer needs files of SQLite's own beside it. Who may not make them, when there
    is no writer, reads the file as one that does not change.
    """
    log = file.with_name(f"{file.name}-wal")
    still = not writes and not log.exists() and not _may_write(file.parent)
    return f"file:{quote(str(file))}?mode={'ro&immutable=1' if still else 'rw'}"


def _may_write(folder: Path) -> bool:
    return os.access(folder, os.W_OK)


def _set_up_sqlite(engine: AsyncEngine, *, writes: bool) -> None:
    """The driver begins no transactions of its own; ours begin where SQLAlchemy says."""
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        if writes:
            # Readers read on while a writer writes. What a power cut takes is in the spool.
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=NORMAL")
            # What is purged is overwritten, not just forgotten.
            cursor.execute("PRAGMA secure_delete=ON")
            cursor.execute("PRAGMA foreign_keys=ON")
        else:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Any) -> None:
        connection.exec_driver_sql(begin)


_POSTGRESQL: Final = {
    "timeout": CONNECT_S,
    "command_timeout": ANSWER_S,
    "server_settings": {"application_name": "siaga112"},
}


def _postgresql_url(address: Address) -> URL:
    url = make_url(address.url).set(drivername="postgresql+asyncpg")
    return url if address.password is None else url.set(password=address.password)
