"""The store's tables, brought to the newest revision.

All of it is one transaction, begun by whoever calls: a start that is killed in the middle leaves
the store as it was. Two that start at once come one after the other, and the second finds nothing
to do.
"""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from journal.fault import StoreTooNew
from journal.schema import REVISION

TABLE = "alembic_version"


def upgrade(connection: Connection) -> None:
    """Makes the tables what `journal.schema` says.

    Raises:
        StoreTooNew: They are of a revision that this release does not know.
    """
    if revision_of(connection) == REVISION:
        return
    # Alembic takes 0.2 s and 15 MB to load, and is needed once for each revision.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        found = revision_of(connection)
        if found is None:
            raise
        raise StoreTooNew(found) from error


def revision_of(connection: Connection) -> str | None:
    """The revision of the tables; None of an empty store."""
    if not inspect(connection).has_table(TABLE):
        return None
    found: str | None = connection.execute(text(f"SELECT version_num FROM {TABLE}")).scalar()  # noqa: S608 - a constant
    return found
