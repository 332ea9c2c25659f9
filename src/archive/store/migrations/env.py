"""Alembic's entry point: runs within the connection and transaction of `archive.store.migrate`."""

from __future__ import annotations

from alembic import context

from archive.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite alters tables by copying them.
    render_as_batch=True,
)
context.run_migrations()
