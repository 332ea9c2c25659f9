"""The change log and the list of articles: what an index follows."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, func, insert, select

from archive.model import Change, ChangeKind
from archive.store import dialect, stamps, withheld
from archive.store.schema import articles
from archive.store.schema import changes as table

PENDING = "archive_changes"
"""Execution option of a transaction of `Store.begin`: the lines that it will have appended."""


def append(connection: Connection, article: str, kind: ChangeKind, at: dt.datetime) -> None:
    """Add one line, within the transaction that changes the article, and have the article stamped anew. Both
    are written as the transaction's last acts."""
    pending: list[dict[str, object]] = connection.get_execution_options()[PENDING]
    pending.append({"article": article, "kind": kind.value, "at": at})
    stamps.renew(connection, articles.c.id == article)


def write(connection: Connection) -> None:
    """Write the pending lines, right before the commit.

    Whoever follows the log remembers the last number that it saw, so a number must never become visible after
    a greater one. A database gives out numbers when asked, not when it commits: of two writers at once the
    one with the smaller number may commit last. So numbers are given out under a lock that ends with the
    transaction; it is taken last, and held for no longer than a commit takes.
    """
    pending: list[dict[str, object]] = connection.get_execution_options()[PENDING]
    if pending:
        dialect.lock_log(connection)
        connection.execute(insert(table), pending)


def changes(connection: Connection, after: int, limit: int) -> list[Change]:
    """Lines after a sequence number, in order. Sequence numbers rise in order of commit."""
    rows = connection.execute(select(table).where(table.c.seq > after).order_by(table.c.seq).limit(limit))
    return [Change(row.seq, row.article, ChangeKind(row.kind), row.at) for row in rows]


def changed_since(connection: Connection, seq: int) -> set[str]:
    """Articles that have lines after a sequence number."""
    return set(connection.execute(select(table.c.article).where(table.c.seq > seq)).scalars())


def last(connection: Connection) -> int:
    """The newest sequence number, or 0."""
    return connection.execute(select(func.max(table.c.seq))).scalar() or 0


def article_ids(connection: Connection, after: str, limit: int, site: str = "") -> list[str]:
    """Ids of articles that may be shown, greater than `after`, in order."""
    visible = withheld.load(connection).visible()
    statement = select(articles.c.id).where(articles.c.id > after, visible)
    if site:
        statement = statement.where(articles.c.site == site)
    statement = statement.order_by(articles.c.id).limit(limit)
    return list(connection.execute(statement).scalars())


def article_count(connection: Connection) -> int:
    """How many articles there are that may be shown."""
    visible = withheld.load(connection).visible()
    return connection.execute(select(func.count()).select_from(articles).where(visible)).scalar_one()
