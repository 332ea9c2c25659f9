"""What PostgreSQL needs that SQLite does not: settings of a connection, one order of text, locks, its errors.

Imported with `archive.store.dialect`; the driver itself only when a database's address asks for it.

**Text.** SQLite compares bytes; a PostgreSQL database compares as its locale says, which would give lists,
cursors and ranges of keys another order. So every column of text has the collation "C", whatever the
database's own is. The lengths in the schema are for its reader: neither database enforces them.

**Writers.** A transaction that writes takes advisory locks first, which end with it: either the whole
archive (as the one writer of SQLite), or one site, beside writers of other sites. See `Store.begin`.
"""

from __future__ import annotations

import zlib
from typing import Any

from sqlalchemy import URL, Connection, Engine, event, text
from sqlalchemy.exc import DBAPIError

from archive.errors import ConfigError, StoreBusyError, StoreError, StoreSchemaError

OLDEST = 13
"""The oldest version of the server: `pg_current_snapshot` came with it."""
_LOCKS = 0x41726368
"""First half of the archive's advisory locks: "Arch"."""
_SITE_LOCKS, _PAYLOAD_LOCKS = _LOCKS + 1, _LOCKS + 2
_ALL, _LOG = 0, 1
_IDLE_SECONDS = 300
"""A writer that says nothing for so long within a transaction is taken for dead: its host may have frozen,
and everybody else waits for its locks."""
_ALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000}
"""After a minute without a sign from the server a connection counts as broken, and the other way round."""


def arguments(url: URL, busy_seconds: float) -> dict[str, Any]:
    """What is given to the driver with each connection, beside what the address says."""
    settings = {
        "timezone": "UTC",
        "lock_timeout": int(busy_seconds * 1000),
        "tcp_keepalives_idle": 30,
        "tcp_keepalives_interval": 10,
        "tcp_keepalives_count": 3,
        # Messages are told apart by their code, but for those before a connection stands.
        "client_encoding": "UTF8",
    }
    own = str(url.query.get("options", ""))
    options = " ".join([own, *(f"-c {name}={value}" for name, value in settings.items())]).strip()
    known = {"application_name": "archive", "connect_timeout": 10, **_ALIVE}
    return {name: value for name, value in known.items() if name not in url.query} | {"options": options}


def configure(engine: Engine) -> None:
    """Let writers take their lock as their transaction begins; readers see one moment and cannot write."""
    from psycopg.types.string import StrDumper, StrDumperUnknown

    class Text(StrDumper):
        """Text without NUL, which PostgreSQL cannot keep: behind the ingest, which cleans it."""

        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", ""))

    class TextOfNoType(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", ""))

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.adapters.register_dumper(str, Text)
        connection.adapters.register_dumper(str, TextOfNoType)

    @event.listens_for(engine, "checkin")
    def on_checkin(connection: Any, _record: object) -> None:
        # After a reader SQLAlchemy leaves it asking for "READ WRITE", which a standby refuses to begin with.
        if connection is not None:
            connection.read_only = None


def check_server(connection: Connection, place: str) -> None:
    """Whether the database can hold an archive.

    :raises StoreSchemaError: the server is too old, or the database keeps no Unicode.
    """
    version = int((connection.dialect.server_version_info or (0,))[0])
    if version < OLDEST:
        raise StoreSchemaError(
            f"The server of {place} is PostgreSQL {version}.", f"Version {OLDEST} or newer is needed."
        )
    encoding = connection.execute(text("SELECT current_setting('server_encoding')")).scalar_one()
    if encoding != "UTF8":
        raise StoreSchemaError(
            f"The database {place} has the encoding {encoding}, which cannot hold Vietnamese.",
            "Make it anew: createdb --template=template0 --encoding=UTF8 NAME",
        )


def collate(connection: Connection) -> None:
    """Give every column of text the order of bytes. To be called after each migration: a column that has it
    is left alone, and giving it to another writes no row anew."""
    columns = connection.execute(
        text(
            "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
            "WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 "
            "AND NOT a.attisdropped AND a.atttypid IN ('varchar'::regtype, 'text'::regtype) "
            "AND (a.attcollation <> '\"C\"'::regcollation OR a.atttypmod <> -1) ORDER BY 1, a.attnum"
        )
    ).all()
    tables: dict[str, list[str]] = {}
    for table, column in columns:
        tables.setdefault(table, []).append(f'ALTER COLUMN "{column}" TYPE varchar COLLATE "C"')
    for table, changes in tables.items():
        connection.execute(text(f'ALTER TABLE "{table}" {", ".join(changes)}'))


# --------------------------------------------------------------------------------------------- locks


def lock_all(connection: Connection) -> None:
    """Be the only writer until the transaction ends."""
    _lock(connection, f"pg_advisory_xact_lock({_LOCKS}, {_ALL})")


def lock_site(connection: Connection, site: str) -> None:
    """Be the only writer of one site until the transaction ends, beside those of other sites."""
    _lock(
        connection,
        f"pg_advisory_xact_lock_shared({_LOCKS}, {_ALL}), "
        f"pg_advisory_xact_lock({_SITE_LOCKS}, {_number(site)})",
    )


def lock_nothing(connection: Connection) -> None:
    """Write beside the writers of sites; the rows that are written are locked one by one."""
    _lock(connection, f"pg_advisory_xact_lock_shared({_LOCKS}, {_ALL})")


def lock_log(connection: Connection) -> None:
    """Be the only one that gives out numbers of the change log, until they are committed."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCKS}, {_LOG})")


def lock_payload(connection: Connection, digest: str) -> None:
    """Be the only one that counts a payload, until it is committed."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_PAYLOAD_LOCKS}, {_number(digest)})")


def _lock(connection: Connection, locks: str) -> None:
    connection.exec_driver_sql(
        f"SELECT set_config('idle_in_transaction_session_timeout', '{_IDLE_SECONDS}s', true), {locks}"
    )


def _number(name: str) -> int:
    """Two names with one number wait for each other, which harms nothing."""
    return zlib.crc32(name.encode()) - 2**31


# -------------------------------------------------------------------------------------------- errors


def missing_driver(error: ImportError) -> ConfigError:
    """The setting asks for PostgreSQL, and the driver is not there."""
    return ConfigError(
        f"The setting `database` asks for PostgreSQL, whose driver is not installed ({error}).",
        "Install it: pip install 'district-archive[postgres]'",
    )


_BY_CODE: dict[str, tuple[type[StoreError], str, str]] = {
    "25006": (
        StoreError,
        "The database {place} cannot be written: it is a read-only standby, or set to read-only.",
        "Point the setting `database` at the primary server; reading goes on meanwhile.",
    ),
    "53100": (
        StoreError,
        "The disk of the database {place} is full ({text}).",
        "Nothing was lost: make room on the server and start the same command again.",
    ),
    "53300": (
        StoreBusyError,
        "The server of {place} has no connection left.",
        "End what is not needed, or raise max_connections on the server (docs/postgresql.md says to what).",
    ),
    "55P03": (
        StoreBusyError,
        "The database {place} has been locked by another writer for {seconds:g} s.",
        "Wait for it, or end it, and start again.",
    ),
    "57014": (
        StoreError,
        "A question to the database {place} was cancelled on the server ({text}).",
        "Nothing of it was kept. Start again; raise statement_timeout if it was that.",
    ),
    "25P03": (
        StoreError,
        "The server of {place} ended a transaction in which nothing was said for long.",
        "Nothing of it was kept: start the same command again.",
    ),
    "40P01": (
        StoreBusyError,
        "Two writers of the database {place} waited for each other, and this one gave way.",
        "Nothing of it was kept: start the same command again.",
    ),
    "42501": (
        StoreError,
        "The database {place} does not let this user do that ({text}).",
        "Make the user its owner: ALTER DATABASE … OWNER TO …; ALTER SCHEMA public OWNER TO …",
    ),
}
_DAMAGE = frozenset({"XX001", "XX002", "58030"})
_GONE = frozenset({"57P01", "57P02", "57P03", "57P04", "57P05"})
# The driver gives no code for what the server says before a connection stands.
_BY_WORDS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        (
            "password authentication failed",
            "no password supplied",
            "pg_hba.conf",
            "peer authentication failed",
            "ident authentication failed",
        ),
        "The server of {place} does not let this user in ({text}).",
        "Check user and password in the setting `database` (or ~/.pgpass), and pg_hba.conf on the server.",
    ),
    (
        ("role", "does not exist"),
        "The server of {place} knows no such user ({text}).",
        "Make it: createuser --pwprompt NAME, or check the setting `database`.",
    ),
    (
        ("database", "does not exist"),
        "There is no database {place}.",
        "Make it: createdb --template=template0 --encoding=UTF8 --owner=USER NAME",
    ),
    (
        ("starting up", "shutting down", "recovery mode", "not yet accepting connections"),
        "The server of {place} is starting or stopping.",
        "Wait a moment and start again.",
    ),
)


def translate(error: DBAPIError, place: str, busy_seconds: float) -> StoreError:
    """A driver's error as ours, naming what mends it."""
    code = str(getattr(error.orig, "sqlstate", None) or "")
    said = " ".join(str(error.orig).split())
    words = {"place": place, "text": said[:300], "seconds": busy_seconds}
    if (
        "too many clients" in said
        or "too many connections" in said
        or "connection slots are reserved" in said
    ):
        code = "53300"
    if code in _BY_CODE:
        kind, message, mend = _BY_CODE[code]
        return kind(message.format(**words), mend)
    if code in _DAMAGE:
        return StoreSchemaError(
            f"The database {place} is damaged ({said[:300]}).",
            "Restore a backup, or make a new database and run `archive replay`: the WARC files hold all.",
        )
    if code in _GONE or (error.connection_invalidated and code):
        return StoreError(
            f"The server of {place} ended the connection ({said[:300]}).",
            "Nothing that was acknowledged is lost: start the same command again when the server runs.",
        )
    if not code:
        for parts, message, mend in _BY_WORDS:
            found = all if len(parts) == 2 and parts[1] == "does not exist" else any
            if found(part in said for part in parts):
                return StoreError(message.format(**words), mend)
        return StoreError(
            f"The server of {place} cannot be reached ({said[:300]}).",
            "Check that it runs (pg_lsclusters, pg_isready) and that host and port in the setting `database` "
            "are right. Nothing that was acknowledged is lost.",
        )
    return StoreError(f"The database {place} refused ({code}): {said[:300]}.")
