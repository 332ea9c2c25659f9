"""What the archive has under addresses like one: the question of the finder of old links."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from archive.model import Capture
from archive.store import ledger, withheld
from archive.store.rows import capture_of
from archive.store.schema import aliases, articles, captures

_ROWS = 2_000
"""Captures looked at for one question."""
_TAILS = 20


@dataclass(frozen=True, slots=True)
class Held:
    """One address and what is held of it."""

    url: str
    best: Capture
    """The newest capture that brought something; of an address that never did, the newest."""
    captures: int
    article: str | None
    """The article that was captured there last."""


def by_keys(connection: Connection, keys: Sequence[str]) -> list[Held]:
    """Addresses whose URL keys, in lower case, are among these; in the order of the keys."""
    statement = (
        select(captures)
        .where(func.lower(captures.c.urlkey).in_(list(keys)), captures.c.method == "GET")
        .order_by(captures.c.at.desc())
        .limit(_ROWS)
    )
    rows = connection.execute(statement).all()
    found = [(capture_of(row), row.article) for row in rows]
    hidden = withheld.captured(connection, [capture for capture, _ in found])
    held = _held((capture, article) for capture, article in found if capture.id not in hidden)
    order = {key: place for place, key in enumerate(keys)}
    return sorted(held, key=lambda item: order[item.best.urlkey.lower()])


def claimed(connection: Connection, urls: Sequence[str]) -> list[str]:
    """Ids of articles whose pages name one of these addresses as another of their own."""
    statement = (
        select(aliases.c.article)
        .join(articles, articles.c.id == aliases.c.article)
        .where(aliases.c.url.in_(list(urls)), withheld.load(connection).visible())
        .order_by(aliases.c.number.desc())
    )
    return list(dict.fromkeys(connection.execute(statement).scalars()))


def by_tail(connection: Connection, tail: str) -> list[tuple[str, str]]:
    """Article and address of the articles whose address ends with this name, whatever host and folder.

    Reads all addresses of articles: to be asked when all else has found nothing.
    """
    safe = tail.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    statement = (
        select(aliases.c.article, aliases.c.url)
        .join(articles, articles.c.id == aliases.c.article)
        .where(func.lower(aliases.c.url).like(f"%/{safe}%", escape="\\"), withheld.load(connection).visible())
        .order_by(aliases.c.since)
        .limit(_TAILS)
    )
    return [(row.article, row.url) for row in connection.execute(statement)]


def known_host(connection: Connection, urlkey: str) -> tuple[int, str] | None:
    """How many articles a host has, and the id of their site; None for an unknown host."""
    host = urlkey.partition(")")[0] + ")"
    # `)` + 1 is `*`: all keys of the host lie between.
    statement = (
        select(captures.c.site, func.count(func.distinct(captures.c.article)))
        .where(captures.c.urlkey >= host, captures.c.urlkey < host[:-1] + "*")
        .group_by(captures.c.site)
        .order_by(func.count().desc())
        .limit(1)
    )
    row = connection.execute(statement).first()
    return (row[1], row[0]) if row is not None else None


def permanent(connection: Connection, site: str, after: str, limit: int) -> list[tuple[str, str]]:
    """Old address and article of a site's articles, in order of address, a page at a time.

    Of several articles that stood at one address the last; what is withheld is left out.

    :param after: the last address of the page before; "" for the first page.
    """
    statement = (
        select(aliases.c.url, aliases.c.article)
        .join(articles, articles.c.id == aliases.c.article)
        .where(aliases.c.site == site, aliases.c.url > after, ~ledger.overtaken())
        .where(withheld.load(connection).visible())
        .order_by(aliases.c.url)
        .limit(limit)
    )
    return [(row.url, row.article) for row in connection.execute(statement)]


def _held(rows: Iterable[tuple[Capture, str | None]]) -> list[Held]:
    """:param rows: newest first."""
    grouped: dict[str, list[tuple[Capture, str | None]]] = {}
    for capture, article in rows:
        grouped.setdefault(capture.url, []).append((capture, article))
    return [
        Held(
            url=url,
            best=next((capture for capture, _ in some if capture.status < 400), some[0][0]),
            captures=len(some),
            article=next((article for _, article in some if article is not None), None),
        )
        for url, some in grouped.items()
    ]
