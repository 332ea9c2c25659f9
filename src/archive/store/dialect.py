"""All that differs between SQLite and PostgreSQL, and the translation of their errors into ours.

What only PostgreSQL needs stands in `archive.store.postgresql`.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, event, func, select, text
from sqlalchemy.dialects import postgresql as on_postgresql
from sqlalchemy.dialects import sqlite as on_sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.sql.dml import Insert

from archive.errors import StoreBusyError, StoreError, StoreSchemaError
from archive.store import postgresql, seal

BUSY_SECONDS = 30
WRITE = "archive_write"
"""Execution option of a connection that will write: `ALL`, `ROWS`, or the id of the one site written to."""
ALL, ROWS = "*", "-"
READ_OPTIONS: dict[str, dict[str, Any]] = {
    # One statement more or less must not change what a page is made of.
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
"""Execution options of a connection that will only read."""


def configure(engine: Engine) -> None:
    """Make transactions explicit and durable, and let writers take turns."""
    if engine.dialect.name == "postgresql":
        postgresql.configure(engine)
        event.listen(engine, "begin", _begin_on_postgresql)
    else:
        _configure_sqlite(engine)


def _begin_on_postgresql(connection: Connection) -> None:
    match connection.get_execution_options().get(WRITE):
        case None:
            pass
        case "*":
            postgresql.lock_all(connection)
        case "-":
            postgresql.lock_nothing(connection)
        case site:
            postgresql.lock_site(connection, site)


def _configure_sqlite(engine: Engine) -> None:
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


def prepare_new(connection: Connection, place: str) -> None:
    """Settings that the database file itself keeps, outside of a transaction; whether a server can hold it.

    :raises StoreSchemaError: it cannot.
    """
    if connection.dialect.name == "postgresql":
        postgresql.check_server(connection, place)
    else:
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
        theirs = on_postgresql.insert(table).values(values)
        return theirs.on_conflict_do_update(
            index_elements=list(keys), set_={name: theirs.excluded[name] for name in changed}
        )
    ours = on_sqlite.insert(table).values(values)
    return ours.on_conflict_do_update(
        index_elements=list(keys), set_={name: ours.excluded[name] for name in changed}
    )


def insert_missing(
    connection: Connection, table: Table, rows: Sequence[dict[str, Any]], keys: Sequence[str]
) -> None:
    """Insert the rows that are not there yet."""
    if rows:
        made = on_postgresql if connection.dialect.name == "postgresql" else on_sqlite
        connection.execute(made.insert(table).on_conflict_do_nothing(index_elements=list(keys)), list(rows))


def greatest(connection: Connection, *values: ColumnElement[Any] | int) -> ColumnElement[Any]:
    """The greatest of several values of one row."""
    return func.max(*values) if connection.dialect.name == "sqlite" else func.greatest(*values)


def is_of_one_kernel(connection: Connection) -> bool:
    """Whether all processes that use the database run on one kernel: SQLite's locks do not hold otherwise."""
    return connection.dialect.name == "sqlite"


def now(connection: Connection) -> dt.datetime:
    """The time that all processes of an archive share: the server's; on SQLite, the one host's."""
    if connection.dialect.name == "sqlite":
        return dt.datetime.now(dt.UTC)
    found: dt.datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return found.astimezone(dt.UTC)


def lock_log(connection: Connection) -> None:
    """Be the only one that appends to the change log, until the transaction ends; SQLite's writer is."""
    if connection.dialect.name == "postgresql":
        postgresql.lock_log(connection)


def lock_payload(connection: Connection, digest: str) -> None:
    """Be the only one that counts a payload, until the transaction ends; SQLite's writer is."""
    if connection.dialect.name == "postgresql":
        postgresql.lock_payload(connection, digest)


def file_size(connection: Connection) -> int | None:
    """Bytes of a database that is kept by a server; None for a file, which its folder tells."""
    if connection.dialect.name == "sqlite":
        return None
    return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())


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
        if isinstance(error.orig, sqlite3.Error):
            raise _sqlite_error(str(error.orig), place) from error
        raise postgresql.translate(error, place, BUSY_SECONDS) from error
    except sqlite3.Error as error:  # of a pragma, which is given to the driver directly
        raise _sqlite_error(str(error), place) from error
    except PoolTimeoutError as error:
        raise StoreBusyError(
            f"All connections of this process to the database {place} are in use.",
            "Let it crawl fewer sites at once (the setting `crawls_at_once`).",
        ) from error


def _sqlite_error(text: str, place: str) -> StoreError:
    lower = text.lower()
    if "database is locked" in lower:
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
