"""What was learnt of sites: numbered versions, inputs of extractions."""

from __future__ import annotations

import datetime as dt
import json

from sqlalchemy import Connection, func, insert, select

from archive.model import Capture
from archive.store.parts import PAGES_MARK
from archive.store.rows import capture_of
from archive.store.schema import articles, captures, site_knowledge, versions


def newest(connection: Connection, site: str) -> int:
    """Number of a site's newest knowledge; 0 when nothing was learnt yet."""
    statement = select(func.max(site_knowledge.c.version)).where(site_knowledge.c.site == site)
    return connection.execute(statement).scalar() or 0


def text(connection: Connection, site: str, number: int) -> str | None:
    """One version in its stored form, as JSON text; None when there is no such."""
    statement = select(site_knowledge.c.data).where(
        site_knowledge.c.site == site, site_knowledge.c.version == number
    )
    found = connection.execute(statement).scalar()
    return json.dumps(found, ensure_ascii=False) if found is not None else None


def add(connection: Connection, site: str, number: int, data: str, at: dt.datetime) -> None:
    """Keep a new version.

    :param data: its stored form, JSON text.
    :param at: time of the capture that it was learnt at.
    """
    values = {"site": site, "version": number, "at": at, "data": json.loads(data)}
    connection.execute(insert(site_knowledge).values(values))


def article_count(connection: Connection, site: str, limit: int) -> int:
    """How many articles a site has, counted up to `limit`."""
    some = select(articles.c.id).where(articles.c.site == site).limit(limit).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar() or 0


def newest_pages(connection: Connection, site: str, limit: int) -> list[Capture]:
    """The captures that brought a site's newest articles, the newest first."""
    statement = (
        select(captures)
        .join(versions, (versions.c.capture == captures.c.id) & (versions.c.number == 1))
        .join(articles, articles.c.id == versions.c.article)
        .where(articles.c.site == site)
        .order_by(articles.c.first_seen.desc(), articles.c.id)
        .limit(limit)
    )
    return [capture_of(row) for row in connection.execute(statement)]


def articles_behind(
    connection: Connection, site: str, extractor: str, name: str, after: str, limit: int
) -> list[str]:
    """Articles of a site with a version that an extractor has read with another knowledge of the site.

    :param name: what the extractor is called with the newest.
    """
    known = versions.c.shown == name
    statement = (
        select(articles.c.id)
        .join(versions, versions.c.article == articles.c.id)
        .where(articles.c.site == site, articles.c.id > after)
        .where(versions.c.shown.startswith(extractor, autoescape=True))
        .where(~known, ~versions.c.shown.startswith(f"{name}{PAGES_MARK}", autoescape=True))
        .distinct()
        .order_by(articles.c.id)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())
