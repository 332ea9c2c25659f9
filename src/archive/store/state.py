"""Whether anything was committed to the database since: what a cache of pages hangs on."""

from __future__ import annotations

import threading
from contextlib import suppress

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import PoolProxiedConnection

_QUESTIONS = {
    # Differs between two looks through one connection when any other connection committed between them,
    # in whichever process. Answered from shared memory in microseconds.
    "sqlite": "PRAGMA data_version",
    # The transactions that are visible: differs with every commit that wrote something.
    "postgresql": "SELECT pg_current_snapshot()::text",
}


class StateReader:
    """Keeps one connection of its own, which never writes; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._question = _QUESTIONS[engine.dialect.name]
        self._lock = threading.Lock()
        self._connection: PoolProxiedConnection | None = None
        self._opened = 0

    def state(self) -> tuple[int, str]:
        """A value that differs from an earlier one when anything was committed between the two.

        It may differ without a commit too: after the connection had to be opened anew, or while the database
        cannot be read, which the next question will say better.
        """
        with self._lock:
            try:
                if self._connection is None:
                    self._opened += 1
                    # Through the driver: asked at every request, SQLAlchemy's way costs several times more.
                    self._connection = self._engine.raw_connection()
                cursor = self._connection.cursor()
                try:
                    cursor.execute(self._question)
                    row = cursor.fetchone()
                finally:
                    cursor.close()
                # PostgreSQL's driver has begun a transaction.
                self._connection.rollback()
            except (DBAPIError, self._engine.dialect.loaded_dbapi.Error):
                self._forget()
                self._opened += 1
                return self._opened, ""
            return self._opened, str(row[0] if row else "")

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        if self._connection is not None:
            with suppress(Exception):
                self._connection.close()
            self._connection = None
