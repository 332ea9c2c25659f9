"""Under which titles articles are known: how another view of one is found at another address."""

from __future__ import annotations

from sqlalchemy import Column, Connection, ForeignKey, String, Table, insert, select

from archive.store.schema import articles, metadata, sites

table = Table(
    "article_titles",
    metadata,
    Column("site", String(80), ForeignKey(sites.c.id), primary_key=True, comment="crawl: its site"),
    Column("title", String(200), primary_key=True, comment="extract: letters and digits, folded, cut off"),
    Column("article", String(16), ForeignKey(articles.c.id), primary_key=True, comment="ingest: which"),
    comment="Titles that articles bear or bore.",
)

LENGTH = 200
"""Characters of a title's key that are kept."""


def put(connection: Connection, site: str, title: str, article: str) -> None:
    """Note a title of an article.

    :param title: its key (`extract.title_key`); "" is not noted.
    """
    values = {"site": site, "title": title[:LENGTH], "article": article}
    known = select(table).filter_by(**values)
    if title and connection.execute(known).first() is None:
        connection.execute(insert(table).values(values))


def articles_titled(connection: Connection, site: str, title: str, limit: int) -> list[str]:
    """Articles of a site that bear or bore a title, the newest first: one that recurs does so day by day."""
    statement = (
        select(table.c.article)
        .join(articles, articles.c.id == table.c.article)
        .where(table.c.site == site, table.c.title == title[:LENGTH])
        .order_by(articles.c.first_seen.desc(), articles.c.id)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())
