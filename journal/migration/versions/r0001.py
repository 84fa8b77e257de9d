"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Makes them."""
    op.create_table(
        "record",
        sa.Column("position", NUMBER, nullable=False, autoincrement=False),
        sa.Column("id", WORD, nullable=False),
        sa.Column("writer", WORD, nullable=False),
        sa.Column("at", WORD, nullable=False),
        sa.Column("what", WORD, nullable=False),
        sa.Column("call", WORD),
        sa.Column("body", WORD, nullable=False),
        sa.Column("link", WORD, nullable=False),
        sa.PrimaryKeyConstraint("position", name="record_pk"),
        sa.UniqueConstraint("id", name="record_id"),
    )
    op.create_index("record_at", "record", ["what", "at"])
    op.create_index("record_call", "record", ["call"])
    op.create_table(
        "personal",
        sa.Column(
            "record", WORD, sa.ForeignKey("record.id", name="personal_record"), nullable=False
        ),
        sa.Column("name", WORD, nullable=False),
        sa.Column("salt", WORD),
        sa.Column("value", WORD),
        sa.PrimaryKeyConstraint("record", "name", name="personal_pk"),
    )
    op.create_table(
        "writer",
        sa.Column("name", WORD, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("link", WORD, nullable=False),
        sa.PrimaryKeyConstraint("name", name="writer_pk"),
    )
    op.create_table(
        "place",
        sa.Column("file", WORD, nullable=False),
        sa.Column("offset", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("file", name="place_pk"),
    )
