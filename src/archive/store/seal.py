"""A database that was moved elsewhere refuses to be written, in every process, and says where it went.

By triggers: processes that have it open learn of it at their next write, and reading goes on.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Table, text

SAYS = "archive moved to "
"""Begins the error that a write raises; the new place follows."""
_NAME = "archive_moved"
_ACTS = ("INSERT", "UPDATE", "DELETE")


def hold(connection: Connection, tables: Sequence[Table]) -> None:
    """Keep all writers out until the transaction ends; on SQLite that is what a write transaction does."""
    if connection.dialect.name == "postgresql":
        names = ", ".join(_quoted(connection, table) for table in tables)
        connection.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))


def close(connection: Connection, tables: Sequence[Table], place: str) -> None:
    """Seal: no row is written any more once the transaction of `connection` is committed.

    :param place: where the rows are now.
    """
    said = (SAYS + place).replace("'", "''")
    if connection.dialect.name == "postgresql":
        body = f"BEGIN RAISE EXCEPTION '{said.replace('%', '%%')}'; END"
        made = f"CREATE FUNCTION {_NAME}() RETURNS trigger LANGUAGE plpgsql AS $archive${body}$archive$"
        connection.exec_driver_sql(made.replace("%", "%%"))
    for table in tables:
        name = _quoted(connection, table)
        if connection.dialect.name == "postgresql":
            connection.execute(
                text(
                    f"CREATE TRIGGER {_NAME} BEFORE {' OR '.join(_ACTS)} ON {name} "
                    f"FOR EACH STATEMENT EXECUTE FUNCTION {_NAME}()"
                )
            )
            continue
        for act in _ACTS:
            connection.exec_driver_sql(
                f"CREATE TRIGGER {_NAME}_{table.name}_{act.lower()} BEFORE {act} ON {name} "
                f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
            )


def reopen(connection: Connection, tables: Sequence[Table]) -> None:
    """Take the seal off."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"DROP FUNCTION IF EXISTS {_NAME}() CASCADE"))
        return
    for table in tables:
        for act in _ACTS:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {_NAME}_{table.name}_{act.lower()}")


def moved_to(connection: Connection) -> str:
    """Where a sealed database's rows are now; "" when it is not sealed."""
    if connection.dialect.name == "postgresql":
        found = connection.execute(
            # A sign of percent stands twice in what a function raises.
            text("SELECT replace(prosrc, '%%', '%') FROM pg_proc WHERE proname = :name"),
            {"name": _NAME},
        ).scalar()
    else:
        found = connection.execute(
            text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE :name LIMIT 1"),
            {"name": f"{_NAME}_%"},
        ).scalar()
    return said(str(found)) if found else ""


def said(message: str) -> str:
    """The place that an error or a trigger names; "" when it names none."""
    _, found, rest = message.partition(SAYS)
    return rest.split("'", 1)[0].split("\n", 1)[0].strip() if found else ""


def _quoted(connection: Connection, table: Table) -> str:
    return connection.dialect.identifier_preparer.format_table(table)
