"""From a database's address to an engine: which databases serve, and what is wrong with one that does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from archive.durable import make_folder
from archive.errors import ConfigError, StoreError, StoreSchemaError
from archive.store import dialect


def engine_of(url: str, *, new: bool) -> tuple[Engine, str]:
    """The engine of a database, with SQLite set up as the archive needs it, and its name for messages.

    :param url: SQLAlchemy URL, as `Settings.database_url` gives it.
    :param new: make the folder of a missing SQLite file; False: a missing file is an error.
    :raises ConfigError: the URL cannot be understood, or names a database in memory.
    :raises StoreSchemaError: the file is missing and `new` is False.
    :raises StoreError: the folder cannot be made.
    """
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except ArgumentError as error:
        raise ConfigError(
            f"The setting `database` is no database address: {url!r}.",
            "Leave it empty for SQLite, or write postgresql+psycopg://user@host/name.",
        ) from error
    place = parsed.render_as_string(hide_password=True)
    if backend == "sqlite":
        path = sqlite_path(url)
        if path is None:
            raise ConfigError(
                "A database in memory would be lost and is not shared between threads.",
                "Give a file: sqlite:///var/archive.db",
            )
        place = str(path)
        _check_file(path, new)
    engine = create_engine(parsed, json_serializer=_json, pool_size=10, max_overflow=20)
    dialect.configure(engine)
    return engine, place


def sqlite_path(url: str) -> Path | None:
    """The file of an SQLite database; None for another database, or one in memory."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return None
    return Path(parsed.database)


def _check_file(path: Path, new: bool) -> None:
    if not new and not path.is_file():
        raise StoreSchemaError(
            f"There is no database {path}.", "Run `archive crawl` first, or check the setting `var`."
        )
    try:
        make_folder(path.parent)
    except OSError as error:
        raise StoreError(
            f"The folder {path.parent} cannot be made: {error.strerror}.",
            "Give this user the right to write there, or change the setting `var`.",
        ) from error


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
