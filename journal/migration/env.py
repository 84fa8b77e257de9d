"""What alembic runs to migrate: on the connection that it is given, in its transaction."""

from alembic import context

from journal.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite alters a table by making another.
    render_as_batch=True,
)
context.run_migrations()
