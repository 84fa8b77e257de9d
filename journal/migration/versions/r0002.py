"""Who is told of the records, and which store this is."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
ID_BYTES = 6
"""Enough to tell the stores of a country apart, and short enough to be read out."""


def upgrade() -> None:
    """Makes them; each store gets a name that no other one has."""
    op.create_table(
        "outbox",
        sa.Column("name", WORD, nullable=False),
        sa.Column("position", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("name", name="outbox_pk"),
    )
    identity = op.create_table(
        "identity",
        sa.Column("id", WORD, nullable=False),
        sa.PrimaryKeyConstraint("id", name="identity_pk"),
    )
    op.bulk_insert(identity, [{"id": secrets.token_hex(ID_BYTES)}])
