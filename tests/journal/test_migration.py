"""The tables that migrations make are those that the code believes in."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from journal import migration
from journal.address import Address
from journal.engine import open_engine
from journal.schema import REVISION, metadata
from journal.store import Store


def script() -> ScriptDirectory:
    """The migrations."""
    config = Config()
    config.set_main_option("script_location", str(Path(migration.__file__).parent))
    return ScriptDirectory.from_config(config)


def differences(connection: Connection) -> list[object]:
    """What alembic would migrate from these tables to those of the code."""
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    found: list[object] = compare_metadata(context, metadata)
    return found


async def test_a_migrated_store_has_the_tables_of_the_code(address: Address) -> None:
    """On each database, to the type of the last column and each index."""
    async with Store(address):
        pass
    engine = open_engine(address, writes=True)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
        assert await connection.run_sync(migration.revision_of) == REVISION
    await engine.dispose()


async def test_a_migration_that_is_cut_off_has_done_nothing(address: Address) -> None:
    """Whatever ends it: the tables are made in the transaction of who called."""
    engine = open_engine(address, writes=True)
    async with engine.connect() as connection:
        await connection.run_sync(migration.upgrade)
        await connection.rollback()
    async with engine.connect() as connection:
        tables = await connection.run_sync(lambda each: inspect(each).get_table_names())
        assert tables == []
    await engine.dispose()
    async with Store(address) as store:
        assert await store.heads() == {}


def test_there_is_one_newest_revision() -> None:
    """It is the one that the code asks for, and none is lost on the way."""
    assert script().get_heads() == [REVISION]
    assert [each.revision for each in script().walk_revisions()] == [
        f"{number:04d}" for number in range(int(REVISION), 0, -1)
    ]
