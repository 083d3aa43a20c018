"""Alembic runs this file. The connection, with its lock and its transaction, is handed in."""

from alembic import context

from adapters.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters tables by copying them
    transaction_per_migration=False,  # all or nothing, behind one lock
)
context.run_migrations()
