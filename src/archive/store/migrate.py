"""The schema's version, and its migration: by itself, in one transaction, never downward."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from archive.errors import StoreSchemaError

HEAD = "0012"
"""The newest revision in `migrations/versions`."""

_FOLDER = Path(__file__).parent / "migrations"


def revision(connection: Connection) -> str | None:
    """The revision that the database is at; None when it is empty.

    :raises StoreSchemaError: there are tables, but not the archive's.
    """
    names = set(inspect(connection).get_table_names())
    if "alembic_version" in names:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return str(found) if found else None
    if names:
        raise StoreSchemaError(
            f"{connection.engine.url.render_as_string()} holds tables that are not the archive's "
            f"({', '.join(sorted(names)[:5])}).",
            "Point the setting `database` at a database of the archive, or at an empty one.",
        )
    return None


def check(found: str | None, place: str) -> bool:
    """Whether the database is at this program's revision.

    :returns: False when it is older (or empty) and can be migrated.
    :raises StoreSchemaError: it was written by a newer program.
    """
    if found == HEAD:
        return True
    if found is not None and found > HEAD:
        raise StoreSchemaError(
            f"The database {place} has schema {found}, newer than this program's {HEAD}.",
            "Update the program; it will not touch what it does not know.",
        )
    return False


def upgrade(connection: Connection, target: str = "head") -> None:
    """Migrate inside the transaction of `connection`: all of it happens, or nothing.

    :param target: a revision; another than the newest is of use to tests only.
    """
    # Imported here: a web worker never migrates and need not load Alembic.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, target)
