"""All that differs between SQLite and PostgreSQL, and the translation of their errors into ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Table, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import Insert

from archive.errors import StoreBusyError, StoreError, StoreSchemaError
from archive.store import seal

BUSY_SECONDS = 30
WRITE = "archive_write"
"""Execution option of a connection that will write."""


def configure(engine: Engine) -> None:
    """Make transactions explicit and durable on SQLite; PostgreSQL's defaults are already so."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own habit of opening transactions would leave DDL outside of them.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        cursor.execute("PRAGMA foreign_keys = ON")
        # A commit is fsynced: what is acknowledged survives a power cut.
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA cache_size = -32000")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # IMMEDIATE takes the write lock at once: a transaction that reads first and writes later could
        # otherwise fail half-way because another process wrote in between.
        write = connection.get_execution_options().get(WRITE)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def prepare_new(connection: Connection) -> None:
    """Settings that the database file itself keeps; outside of a transaction."""
    if connection.dialect.name == "sqlite":
        # Through the driver: SQLAlchemy would begin a transaction, in which the mode cannot be changed.
        cursor = connection.connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.close()


def hold_still(connection: Connection) -> None:
    """Let all that a reader asks be answered from one state, however long it takes; as the first question.

    A transaction of SQLite is so by itself.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def upsert(
    connection: Connection,
    table: Table,
    values: dict[str, Any],
    keys: Sequence[str],
    *,
    keep: Sequence[str] = (),
) -> Insert:
    """`INSERT … ON CONFLICT (keys) DO UPDATE` of the other values.

    :param keep: columns that a row which is already there keeps.
    """
    changed = [name for name in values if name not in keys and name not in keep]
    if connection.dialect.name == "postgresql":
        on_postgresql = postgresql.insert(table).values(values)
        return on_postgresql.on_conflict_do_update(
            index_elements=list(keys), set_={name: on_postgresql.excluded[name] for name in changed}
        )
    on_sqlite = sqlite.insert(table).values(values)
    return on_sqlite.on_conflict_do_update(
        index_elements=list(keys), set_={name: on_sqlite.excluded[name] for name in changed}
    )


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Turn a driver's error into ours, naming what mends it.

    :param place: the database, as an operator knows it.
    """
    try:
        yield
    except DBAPIError as error:
        if moved_to := seal.said(str(error.orig)):
            raise StoreError(
                f"The database {place} was moved to {moved_to} and is not written any more.",
                "Set `database` to that one and start again.",
            ) from error
        raise _error(str(error.orig), place) from error
    except sqlite3.Error as error:  # of a pragma, which is given to the driver directly
        raise _error(str(error), place) from error


def _error(text: str, place: str) -> StoreError:
    lower = text.lower()
    if "database is locked" in lower or "lock timeout" in lower:
        return StoreBusyError(
            f"The database {place} has been locked by another process for {BUSY_SECONDS} s.",
            "Wait for that process, or end it, and start again.",
        )
    if "disk is full" in lower or "no space left" in lower or "disk i/o error" in lower:
        return StoreError(
            f"The disk of the database {place} is full or failing ({text}).",
            "Nothing was lost: make room and start the same command again.",
        )
    if "readonly" in lower or "read-only" in lower:
        return StoreError(
            f"The database {place} cannot be written: it or its folder is read-only.",
            "Give this user the right to write there.",
        )
    if "unable to open database" in lower:
        return StoreError(
            f"The database {place} cannot be opened.",
            "Check that its folder exists, has room, and that this user has the right to write there.",
        )
    if "malformed" in lower or "not a database" in lower:
        return StoreSchemaError(
            f"The database {place} is damaged ({text}).",
            "Move it away and run `archive replay`: it is made again from the WARC files.",
        )
    return StoreError(f"The database {place} refused: {text}.")
