"""What an export asks of the database: captures by file and place, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, false, func, or_, select, true, tuple_

from archive.model import Capture
from archive.store import withheld
from archive.store.rows import capture_of
from archive.store.schema import aliases, articles, captures, versions

_PAGE = 1000
_CHUNK = 400


@dataclass(frozen=True, slots=True)
class Selected:
    """A capture of an export, with what was made of it."""

    capture: Capture
    kind: str
    """Page kind; "" when not extracted."""
    article: str | None


def captures_of(
    connection: Connection, *, site: str | None = None, ids: Sequence[str] | None = None
) -> Iterator[Selected]:
    """Captures that may be handed out, by file and place.

    Those that a revisit among them rests on come with them, unless they are withheld; a revisit whose payload
    is withheld is so itself.

    :param site: of one site only.
    :param ids: these captures only; sorted in memory, so for the captures of some articles.
    """
    if ids is not None:
        yield from _chosen(connection, ids)
        return
    last = ("", -1)
    condition: ColumnElement[bool] = captures.c.site == site if site is not None else true()
    while True:
        after = (captures.c.warc_file > last[0]) | (
            (captures.c.warc_file == last[0]) & (captures.c.warc_offset > last[1])
        )
        statement = (
            select(captures)
            .where(condition, after)
            .order_by(captures.c.warc_file, captures.c.warc_offset)
            .limit(_PAGE)
        )
        rows = [Selected(capture_of(row), row.kind, row.article) for row in connection.execute(statement)]
        if not rows:
            return
        yield from visible(connection, rows)
        last = (rows[-1].capture.ref.file, rows[-1].capture.ref.offset)


def visible(connection: Connection, items: Sequence[Selected]) -> list[Selected]:
    """Without the captures that are withheld."""
    hidden = withheld.captured(connection, [item.capture for item in items])
    return [item for item in items if item.capture.id not in hidden]


def _chosen(connection: Connection, ids: Sequence[str]) -> Iterator[Selected]:
    wanted = dict.fromkeys(ids)
    found: dict[str, Selected] = {}
    while wanted:
        missing = [item for item in wanted if item not in found]
        wanted = {}
        for start in range(0, len(missing), _CHUNK):
            chosen = captures.c.id.in_(missing[start : start + _CHUNK])
            for row in connection.execute(select(captures).where(chosen)):
                found[row.id] = Selected(capture_of(row), row.kind, row.article)
                if row.revisit_of is not None and row.revisit_of not in found:
                    wanted[row.revisit_of] = None
    everything = sorted(found.values(), key=lambda item: (item.capture.ref.file, item.capture.ref.offset))
    yield from visible(connection, everything)


def sites_with_articles(connection: Connection) -> list[str]:
    """Ids of the sites of which articles may be shown."""
    visible = withheld.load(connection).visible()
    statement = select(articles.c.site).where(visible).distinct().order_by(articles.c.site)
    return list(connection.execute(statement).scalars())


def years_of(connection: Connection, site: str) -> list[str]:
    """Years in which articles of a site were published that may be shown; "" when there are undated ones."""
    year = func.substr(articles.c.published, 1, 4)
    visible = withheld.load(connection).visible()
    statement = select(year).where(articles.c.site == site, visible).distinct().order_by(year)
    return list(connection.execute(statement).scalars())


def ids_of(
    connection: Connection, site: str, year: str, limit: int, after: tuple[str, str] = ("", "")
) -> list[tuple[str, str]]:
    """Date and id of articles of a site and a year that may be shown, in this order, after a place in it.

    :param year: "" for undated ones.
    """
    published, visible = articles.c.published, withheld.load(connection).visible()
    # `z` sorts behind all that may follow a year.
    of_year = published.between(year, f"{year}z") if year else published == ""
    statement = (
        select(published, articles.c.id)
        .where(articles.c.site == site, of_year, visible, tuple_(published, articles.c.id) > tuple_(*after))
        .order_by(published, articles.c.id)
        .limit(limit)
    )
    return [(row.published, row.id) for row in connection.execute(statement)]


def holders_elsewhere(connection: Connection, site: str) -> list[Selected]:
    """Captures of other sites that revisits of a site rest on."""
    holder = captures.alias()
    statement = (
        select(captures)
        .where(
            captures.c.id.in_(select(holder.c.revisit_of).where(holder.c.site == site)),
            captures.c.site != site,
        )
        .order_by(captures.c.warc_file, captures.c.warc_offset)
    )
    rows = [Selected(capture_of(row), row.kind, row.article) for row in connection.execute(statement)]
    return visible(connection, rows)


def article_captures(connection: Connection, article: str, media: Sequence[str]) -> list[str]:
    """Ids of the captures of an article: of its pages at any time, of its pictures and attachments.

    :param media: URL keys of its pictures and attachments, at any version.
    """
    named: ColumnElement[bool] = false()
    for start in range(0, len(media), _CHUNK):
        named = or_(named, captures.c.urlkey.in_(media[start : start + _CHUNK]))
    site = select(articles.c.site).where(articles.c.id == article).scalar_subquery()
    at_address = captures.c.url.in_(select(aliases.c.url).where(aliases.c.article == article))
    read_from = captures.c.id.in_(select(versions.c.capture).where(versions.c.article == article))
    statement = select(captures.c.id).where(
        or_(
            captures.c.article == article,
            read_from,
            named & (captures.c.status == 200),
            (captures.c.site == site) & at_address & captures.c.redirect_to.is_not(None),
        )
    )
    return list(connection.execute(statement).scalars())
