"""A PostgreSQL database as a whole: made beside the one in use, copied, brought back.

Copies are made by PostgreSQL's own `pg_dump`, in its custom format, and brought back by `pg_restore`: both
are part of every installation of the server, and of Debian's package `postgresql-client`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy import Connection, create_engine, inspect, select, text
from sqlalchemy.engine import make_url

from archive.errors import ConfigError, StoreError
from archive.store import dialect, ledger
from archive.store.address import dsn, engine_of, without_password
from archive.store.schema import captures, sites
from archive.store.store import Store

_BESIDE = "archive_beside"
"""Schema in which a database is made anew before it takes the place of the one in use."""


@contextlib.contextmanager
def beside(url: str) -> Iterator[str]:
    """An address at which an empty archive can be filled. It takes the place of what is at `url` when the
    block ends well; else nothing has changed.

    :raises StoreError: the server refuses.
    """
    with _transaction(url) as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {_BESIDE} CASCADE"))
        connection.execute(text(f"CREATE SCHEMA {_BESIDE}"))
    try:
        yield _with_search_path(url)
    except BaseException:
        with contextlib.suppress(StoreError), _transaction(url) as connection:
            connection.execute(text(f"DROP SCHEMA IF EXISTS {_BESIDE} CASCADE"))
        raise
    with _transaction(url) as connection:
        place = connection.execute(text("SELECT current_schema()")).scalar_one()
        connection.execute(text(f'DROP SCHEMA "{place}" CASCADE'))
        connection.execute(text(f'ALTER SCHEMA {_BESIDE} RENAME TO "{place}"'))
        connection.execute(text(f'GRANT USAGE ON SCHEMA "{place}" TO PUBLIC'))


def _with_search_path(url: str) -> str:
    parsed = make_url(url)
    options = f"{parsed.query.get('options', '')} -c search_path={_BESIDE}".strip()
    return parsed.update_query_dict({"options": options}).render_as_string(hide_password=False)


@contextlib.contextmanager
def _transaction(url: str) -> Iterator[Connection]:
    engine, place = engine_of(url, new=True)
    try:
        with dialect.translated(place), engine.connect() as connection, connection.begin():
            yield connection
    finally:
        engine.dispose()


def is_filled(url: str) -> bool:
    """Whether a database holds more than the empty tables of an archive."""
    with _transaction(url) as connection:
        names = set(inspect(connection).get_table_names())
        if not names or "captures" not in names:
            return bool(names)
        return any(connection.execute(select(table).limit(1)).first() for table in (captures, sites))


def dump(store: Store, url: str, target: Path) -> Mapping[str, int]:
    """Copy a database of one moment to a file, while it is written to.

    :returns: bytes of each capture file whose exchanges have rows in the copy.
    :raises ConfigError: `pg_dump` is missing.
    :raises StoreError: it fails; what is wrong with the server is in its own words.
    """
    with store.read() as connection:
        moment = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        _run(
            url,
            ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={moment}",
             f"--file={target}"],
        )  # fmt: skip
        return ledger.committed(connection)


def load(url: str, source: Path) -> None:
    """Fill an empty database from a copy, all of it or nothing.

    :raises ConfigError: `pg_restore` is missing.
    :raises StoreError: it fails.
    """
    _run(
        url,
        ["pg_restore", "--single-transaction", "--no-owner", "--no-privileges", "--exit-on-error", "--clean",
         "--if-exists", str(source)],
    )  # fmt: skip
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    engine.dispose()


def _run(url: str, command: list[str]) -> None:
    program = _program(command[0])
    address = dsn(url)
    assert address is not None  # noqa: S101 - callers ask first
    parsed = make_url(address)
    # The password is no argument, which every user of the host could read.
    environment = {**os.environ, "PGPASSWORD": parsed.password} if parsed.password else dict(os.environ)
    shown = parsed.set(password=None).render_as_string(hide_password=False)
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program, with arguments of ours
        [program, *command[1:], f"--dbname={shown}"], env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace", check=False,
    )  # fmt: skip
    if done.returncode:
        raise StoreError(
            f"{command[0]} could not copy the database {without_password(url)}: {done.stderr.strip()[-600:]}",
            "Nothing was changed. It must be of the server's version or newer: apt-get install "
            "postgresql-client.",
        )


def _program(name: str) -> str:
    """The newest one that Debian installed, for `pg_dump` refuses a server newer than itself."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4].split(".")[0])
    )
    found = str(versions[-1]) if versions else shutil.which(name)
    if found is None:
        raise ConfigError(
            f"The program {name} is not installed, which copies a PostgreSQL database.",
            "Install it: apt-get install postgresql-client",
        )
    return found
