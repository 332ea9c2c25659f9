"""What the ingest reads and writes inside one transaction: captures, articles, aliases, versions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from archive import wire
from archive.model import Article, ArticleState, Capture, Extraction, Version
from archive.store import edits
from archive.store.dialect import lock_payload, upsert
from archive.store.rows import article_of, capture_of, capture_values, version_of
from archive.store.schema import aliases, articles, captures, extractions, tallies, versions, warc_files

FETCHED = "fetched"
CLAIMED = "claimed"


@dataclass(frozen=True, slots=True)
class Alias:
    """An address and the article that stands there."""

    site: str
    url: str
    number: int
    """0 for the first article found at the address; the highest is the present one. Below 0: stood there
    before, and was learnt of later, by an import."""
    article: str
    basis: str
    """`FETCHED`, or `CLAIMED` when only a `rel=canonical` names it."""
    gone_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A capture with what the ingest made of it."""

    capture: Capture
    kind: str
    """Page kind; "" when it was not extracted."""
    article: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """An article with its newest version, by date, as readers see it."""

    article: Article
    version: Version
    versions: int
    """How many there are: the next one is numbered one more."""
    shown: str
    """The extractor whose extraction is shown."""
    extraction: Extraction
    capture: Capture


# -------------------------------------------------------------------------------------------- captures


def add_capture(connection: Connection, capture: Capture, *, kind: str, article: str | None) -> None:
    """Insert the row of a capture, and count it."""
    if capture.mime.startswith("image/") and capture.status == 200:
        lock_payload(connection, capture.payload_digest)
        known = select(captures.c.id).where(
            captures.c.payload_digest == capture.payload_digest, captures.c.status == 200
        )
        if connection.execute(known.limit(1)).first() is None:
            _count(connection, capture.site, "pictures")
    _count(connection, capture.site, "captures")
    connection.execute(insert(captures).values(capture_values(capture, kind=kind, article=article)))


def attribute(connection: Connection, capture: str, article: str) -> None:
    """Note which article an earlier capture showed, known only now."""
    connection.execute(update(captures).where(captures.c.id == capture).values(article=article))


def _count(connection: Connection, site: str, name: str) -> None:
    """A row for each site, so that crawls of several need not wait for each other."""
    mine = (tallies.c.site == site) & (tallies.c.name == name)
    if connection.execute(update(tallies).where(mine).values(value=tallies.c.value + 1)).rowcount == 0:
        connection.execute(insert(tallies).values(site=site, name=name, value=1))


def commit_file(connection: Connection, name: str, site: str, end: int, at: dt.datetime) -> None:
    """Note that all exchanges of a file up to a byte have their rows."""
    values = {"name": name, "site": site, "committed": end, "created_at": at}
    connection.execute(upsert(connection, warc_files, values, ["name"], keep=["site", "created_at"]))


def committed(connection: Connection, site: str | None = None) -> dict[str, int]:
    """Bytes of each file whose exchanges have rows."""
    statement = select(warc_files.c.name, warc_files.c.committed)
    if site is not None:
        statement = statement.where(warc_files.c.site == site)
    return {row.name: row.committed for row in connection.execute(statement)}


def last_judged(connection: Connection, site: str, url: str, *, answered: bool = False) -> Judged | None:
    """The newest capture at an address.

    :param answered: only those that brought its content or vouched for it (200, 304).
    """
    statement = select(captures).where(captures.c.site == site, captures.c.url == url)
    if answered:
        statement = statement.where(captures.c.status.in_((200, 304)), captures.c.method == "GET")
    row = connection.execute(statement.order_by(captures.c.at.desc()).limit(1)).first()
    return Judged(capture_of(row), row.kind, row.article) if row is not None else None


def judged(connection: Connection, capture_id: str) -> Judged | None:
    """A capture by id, with what was made of it."""
    row = connection.execute(select(captures).where(captures.c.id == capture_id)).first()
    return Judged(capture_of(row), row.kind, row.article) if row is not None else None


def judged_with_payload(connection: Connection, site: str, url: str, digest: str) -> Judged | None:
    """The newest capture of an address that was read and had a payload."""
    statement = select(captures).where(
        captures.c.site == site,
        captures.c.url == url,
        captures.c.payload_digest == digest,
        captures.c.kind != "",
    )
    row = connection.execute(statement.order_by(captures.c.at.desc()).limit(1)).first()
    return Judged(capture_of(row), row.kind, row.article) if row is not None else None


def captures_of(
    connection: Connection, article: str, url: str, since: dt.datetime, limit: int = 3
) -> list[Capture]:
    """Captures that brought an article's page at an address after a time, the newest first."""
    statement = (
        select(captures)
        .where(captures.c.article == article, captures.c.url == url, captures.c.at > since)
        .where(captures.c.status == 200, captures.c.kind == "article")
        .order_by(captures.c.at.desc())
        .limit(limit)
    )
    return [capture_of(row) for row in connection.execute(statement)]


def next_capture(connection: Connection, site: str, url: str, after: dt.datetime) -> dt.datetime | None:
    """The time of the first capture of an address after a moment."""
    statement = select(func.min(captures.c.at)).where(
        captures.c.site == site, captures.c.url == url, captures.c.at > after
    )
    return connection.execute(statement).scalar()


# --------------------------------------------------------------------------------------------- aliases


def alias(connection: Connection, site: str, url: str) -> Alias | None:
    """Who stands at an address now (or stood last)."""
    statement = (
        select(aliases)
        .where(aliases.c.site == site, aliases.c.url == url)
        .order_by(aliases.c.number.desc())
        .limit(1)
    )
    row = connection.execute(statement).first()
    return Alias(row.site, row.url, row.number, row.article, row.basis, row.gone_at) if row else None


@dataclass(frozen=True, slots=True)
class Since:
    """An address of an article, and since when it was known there."""

    alias: Alias
    since: dt.datetime


def aliases_at(connection: Connection, site: str, url: str) -> list[Since]:
    """Everybody who was found at an address; numbers below zero were learnt of after those above."""
    statement = (
        select(aliases)
        .where(aliases.c.site == site, aliases.c.url == url, aliases.c.basis == FETCHED)
        .order_by(aliases.c.number)
    )
    return [
        Since(Alias(row.site, row.url, row.number, row.article, row.basis, row.gone_at), row.since)
        for row in connection.execute(statement)
    ]


def overtaken() -> ColumnElement[bool]:
    """That another article was found later at the address of a row of `aliases`."""
    later = aliases.alias()
    return (
        select(later.c.number)
        .where(
            later.c.site == aliases.c.site, later.c.url == aliases.c.url, later.c.number > aliases.c.number
        )
        .exists()
    )


def article_aliases(connection: Connection, article: str) -> list[Alias]:
    """All addresses where an article was fetched and is the present one."""
    statement = (
        select(aliases)
        .where(aliases.c.article == article, aliases.c.basis == FETCHED, ~overtaken())
        .order_by(aliases.c.url)
    )
    return [
        Alias(row.site, row.url, row.number, row.article, row.basis, row.gone_at)
        for row in connection.execute(statement)
    ]


def put_alias(connection: Connection, item: Alias, since: dt.datetime) -> None:
    """Insert an address, or change the basis and absence of one."""
    values = {
        "site": item.site,
        "url": item.url,
        "number": item.number,
        "article": item.article,
        "basis": item.basis,
        "since": since,
        "gone_at": item.gone_at,
    }
    keys = ["site", "url", "number"]
    connection.execute(upsert(connection, aliases, values, keys, keep=["article", "since"]))


def redirecting_here(
    connection: Connection, site: str, url: str, *, basis: str = FETCHED
) -> list[tuple[Alias, int]]:
    """Addresses of articles whose newest answer is a redirect to `url`, with its status.

    :param basis: of the addresses that are looked at.
    """
    later = captures.alias()
    newer = (
        select(later.c.id)
        .where(later.c.site == captures.c.site, later.c.url == captures.c.url, later.c.at > captures.c.at)
        .exists()
    )
    statement = (
        select(aliases, captures.c.status)
        .join(captures, (captures.c.site == aliases.c.site) & (captures.c.url == aliases.c.url))
        .where(
            captures.c.redirect_to == url,
            captures.c.site == site,
            captures.c.article == aliases.c.article,
            aliases.c.basis == basis,
            aliases.c.gone_at.is_(None),
            ~newer,
        )
        .order_by(aliases.c.url, aliases.c.number)
    )
    return [
        (Alias(row.site, row.url, row.number, row.article, row.basis, row.gone_at), row.status)
        for row in connection.execute(statement)
    ]


# -------------------------------------------------------------------------------------------- articles


def standing(connection: Connection, article: str) -> Standing | None:
    """An article with its newest version."""
    statement = (
        select(articles, versions, captures, extractions.c.data)
        .join(versions, (versions.c.article == articles.c.id) & (versions.c.number == articles.c.current))
        .join(captures, captures.c.id == versions.c.capture)
        .join(
            extractions,
            (extractions.c.capture == versions.c.capture) & (extractions.c.extractor == versions.c.shown),
        )
        .where(articles.c.id == article)
    )
    row = connection.execute(statement).first()
    if row is None:
        return None
    return Standing(
        article=article_of(row),
        version=version_of(row),
        versions=row._mapping[articles.c.versions],
        shown=row._mapping[versions.c.shown],
        extraction=wire.loads(row._mapping[extractions.c.data]),
        capture=capture_of(row),
    )


def article_with_content(connection: Connection, site: str, content_hash: str) -> str | None:
    """The first article of a site that once said exactly this."""
    statement = (
        select(articles.c.id)
        .join(versions, versions.c.article == articles.c.id)
        .where(versions.c.content_hash == content_hash, articles.c.site == site)
        .order_by(articles.c.first_seen, articles.c.id)
        .limit(1)
    )
    return connection.execute(statement).scalar()


def add_article(connection: Connection, article: Article) -> None:
    """Insert an article; its first version follows."""
    connection.execute(
        insert(articles).values(
            id=article.id,
            site=article.site,
            url=article.url,
            first_seen=article.first_seen,
            last_seen=article.last_seen,
            state=article.state.value,
            gone_at=article.gone_at,
            versions=0,
            current=0,
            published="",
        )
    )


def add_version(
    connection: Connection, version: Version, extraction: Extraction, *, newest: bool = True
) -> None:
    """Insert a version with its extraction.

    :param newest: it is the article's newest by date, and the one that readers see from now on.
    """
    connection.execute(
        insert(versions).values(
            article=version.article,
            number=version.number,
            capture=version.capture,
            at=version.at,
            content_hash=version.content_hash,
            extractor=version.extractor,
            shown=version.extractor,
        )
    )
    put_extraction(connection, version.capture, extraction)
    _update_article(connection, version.article, versions=version.number)
    if newest:
        _update_article(
            connection, version.article, current=version.number, published=published_text(extraction)
        )
    if version.number > 1:
        edits.judge(connection, version.article)


def versions_shown(connection: Connection, article: str) -> list[tuple[Version, str]]:
    """All versions of an article, each with the extractor whose extraction readers see."""
    rows = connection.execute(
        select(versions).where(versions.c.article == article).order_by(versions.c.number)
    )
    return [(version_of(row), row._mapping[versions.c.shown]) for row in rows]


def extraction(connection: Connection, capture: str, extractor: str) -> Extraction | None:
    """What one extractor read in one capture."""
    data = connection.execute(
        select(extractions.c.data).where(
            extractions.c.capture == capture, extractions.c.extractor == extractor
        )
    ).scalar()
    return wire.loads(data) if data is not None else None


def show(connection: Connection, version: Version, extraction: Extraction, *, newest: bool = True) -> None:
    """Let readers of a version see the extraction of another extractor.

    :param newest: it is the article's newest version, whose date of publication the article takes.
    """
    put_extraction(connection, version.capture, extraction)
    connection.execute(
        update(versions)
        .where(versions.c.article == version.article, versions.c.number == version.number)
        .values(shown=extraction.extractor)
    )
    if newest:
        _update_article(connection, version.article, published=published_text(extraction))
    if version.number > 1 or not newest:
        edits.judge(connection, version.article)


def put_extraction(connection: Connection, capture: str, extraction: Extraction) -> None:
    """Keep an extraction of a capture."""
    values = {
        "capture": capture,
        "extractor": extraction.extractor,
        "content_hash": wire.content_hash(extraction),
        "data": wire.dumps(extraction),
    }
    connection.execute(upsert(connection, extractions, values, ["capture", "extractor"]))


def seen(connection: Connection, article: str, at: dt.datetime) -> None:
    """Note when an article was last found."""
    _update_article(connection, article, last_seen=at)


def seen_before(connection: Connection, article: str, at: dt.datetime) -> None:
    """Note that an article was found at a time that may be earlier than all that was known."""
    connection.execute(
        update(articles).where(articles.c.id == article, articles.c.first_seen > at).values(first_seen=at)
    )


def set_state(connection: Connection, article: str, state: ArticleState, gone_at: dt.datetime | None) -> None:
    """Note how the original stands."""
    _update_article(connection, article, state=state.value, gone_at=gone_at)


def published_text(extraction: Extraction) -> str:
    """The value of `articles.published`."""
    return extraction.published.iso() if extraction.published else ""


def _update_article(connection: Connection, article: str, **values: object) -> None:
    connection.execute(update(articles).where(articles.c.id == article).values(**values))
