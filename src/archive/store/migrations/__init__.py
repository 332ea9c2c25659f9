"""Alembic's scripts; `archive.store.migrate` runs them."""
