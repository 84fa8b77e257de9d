"""The store's tables.

    record      every record's body, in the order in which it was taken, with its link of the chain
    personal    the facts that were put aside from bodies; salt and value go when they are purged
    writer      each chain's head: where the next record of that writer goes on
    place       how far each file of the spool has been taken
    outbox      by name, how far somebody has been told of the records, of those who are told of all
    identity    one row: which store this is, among all that there are and have been

The columns of `record` beside body and link repeat what is in the body, to be searched by. Who
changes a table writes a migration (journal/migration); a test holds the two to each other.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

REVISION: Final = "0002"
"""The newest migration."""

WORD: Final = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that is compared byte by byte, on each database alike."""
NUMBER: Final = BigInteger().with_variant(Integer, "sqlite")
"""64 bits; SQLite's own row number has another name for it."""

metadata = MetaData()

record = Table(
    "record",
    metadata,
    Column("position", NUMBER, nullable=False, autoincrement=False),
    Column("id", WORD, nullable=False),
    Column("writer", WORD, nullable=False),
    Column("at", WORD, nullable=False),
    Column("what", WORD, nullable=False),
    Column("call", WORD),
    Column("body", WORD, nullable=False),
    Column("link", WORD, nullable=False),
    PrimaryKeyConstraint("position", name="record_pk"),
    UniqueConstraint("id", name="record_id"),
)
Index("record_at", record.c.what, record.c.at)
Index("record_call", record.c.call)

personal = Table(
    "personal",
    metadata,
    Column("record", WORD, ForeignKey("record.id", name="personal_record"), nullable=False),
    Column("name", WORD, nullable=False),
    Column("salt", WORD),
    Column("value", WORD),
    PrimaryKeyConstraint("record", "name", name="personal_pk"),
)

writer = Table(
    "writer",
    metadata,
    Column("name", WORD, nullable=False),
    Column("number", NUMBER, nullable=False),
    Column("link", WORD, nullable=False),
    PrimaryKeyConstraint("name", name="writer_pk"),
)

place = Table(
    "place",
    metadata,
    Column("file", WORD, nullable=False),
    Column("offset", NUMBER, nullable=False),
    PrimaryKeyConstraint("file", name="place_pk"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("name", WORD, nullable=False),
    Column("position", NUMBER, nullable=False),
    PrimaryKeyConstraint("name", name="outbox_pk"),
)

identity = Table(
    "identity",
    metadata,
    Column("id", WORD, nullable=False),
    PrimaryKeyConstraint("id", name="identity_pk"),
)
