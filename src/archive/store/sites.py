"""Sites as rows: written from their settings, paused and resumed."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, insert, select, update

from archive.model import Site
from archive.store import stamps
from archive.store.rows import site_settings
from archive.store.schema import articles
from archive.store.schema import sites as table


def write(connection: Connection, site: Site, sample: bool) -> None:
    """Insert or update a site's row; its first `added_at` stays."""
    values = {
        "id": site.id,
        "name": site.name,
        "start": list(site.start),
        "settings": site_settings(site),
        "sample": sample,
    }
    known = connection.execute(table.select().where(table.c.id == site.id)).first()
    if known is None:
        connection.execute(insert(table).values(**values, added_at=dt.datetime.now(dt.UTC)))
    elif any(getattr(known, name) != value for name, value in values.items()):
        connection.execute(update(table).where(table.c.id == site.id).values(**values))
        if known.name != site.name:
            stamps.renew(connection, articles.c.site == site.id)  # each record names its publisher


def pause(connection: Connection, site: str, reason: str) -> None:
    """Let a site not be crawled by schedule; "" lets it be crawled again."""
    connection.execute(update(table).where(table.c.id == site).values(paused=reason or None))


def paused(connection: Connection) -> dict[str, str]:
    """Why sites are not crawled, by site."""
    statement = select(table.c.id, table.c.paused).where(table.c.paused.is_not(None))
    return {row.id: row.paused for row in connection.execute(statement)}
