"""Single questions to the database: sites, runs, captures, lists of ids."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from archive.model import Capture, Failure, Reason, Version
from archive.store.rows import Run, SiteSummary, Totals, capture_of, day, version_of
from archive.store.schema import aliases, articles, captures, frontier, runs
from archive.store.schema import sites as sites_table
from archive.store.schema import versions as versions_table


def sites(connection: Connection, site_id: str | None = None) -> list[SiteSummary]:
    """All sites by name, or the one with this id."""
    counted = select(
        articles.c.site,
        func.count().label("articles"),
        func.min(func.nullif(articles.c.published, "")).label("first"),
        func.max(func.nullif(articles.c.published, "")).label("last"),
    ).group_by(articles.c.site)
    crawled = select(runs.c.site, func.max(runs.c.started_at).label("crawled")).group_by(runs.c.site)
    if site_id is not None:
        counted = counted.where(articles.c.site == site_id)
        crawled = crawled.where(runs.c.site == site_id)
    numbers, last_runs = counted.subquery(), crawled.subquery()
    statement = (
        select(sites_table, numbers.c.articles, numbers.c.first, numbers.c.last, last_runs.c.crawled)
        .outerjoin(numbers, numbers.c.site == sites_table.c.id)
        .outerjoin(last_runs, last_runs.c.site == sites_table.c.id)
        .order_by(sites_table.c.name, sites_table.c.id)
    )
    if site_id is not None:
        statement = statement.where(sites_table.c.id == site_id)
    return [
        SiteSummary(
            id=row.id,
            name=row.name,
            start=tuple(row.start),
            articles=row.articles or 0,
            first_day=day(row.first),
            last_day=day(row.last),
            last_crawl=row.crawled,
            sample=row.sample,
        )
        for row in connection.execute(statement)
    ]


def run_list(connection: Connection, limit: int) -> list[Run]:
    """The newest runs first."""
    statement = select(runs).order_by(runs.c.id.desc()).limit(limit)
    return [
        Run(row.id, row.site, row.started_at, row.ended_at, row.result)
        for row in connection.execute(statement)
    ]


def failures(connection: Connection, site: str | None, run: int | None) -> list[Failure]:
    """Addresses whose last try failed, or that were left out, newest first."""
    statement = (
        select(frontier)
        .where(frontier.c.reason.is_not(None), frontier.c.reason != "")
        .order_by(frontier.c.last_fetch.desc(), frontier.c.id)
    )
    if site is not None:
        statement = statement.where(frontier.c.site == site)
    if run is not None:
        statement = statement.where(frontier.c.run == run)
    return [
        Failure(
            url=row.url,
            reason=Reason(row.reason),
            detail=row.detail or "",
            at=row.last_fetch,
            retry=row.state == "queued",
        )
        for row in connection.execute(statement)
    ]


def newest(connection: Connection, limit: int, site: str | None, offset: int) -> list[str]:
    """Ids by publication, newest first, undated last, ties by id."""
    statement = (
        select(articles.c.id)
        .order_by(articles.c.published.desc(), articles.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    if site is not None:
        statement = statement.where(articles.c.site == site)
    return list(connection.execute(statement).scalars())


def versions(connection: Connection, article_id: str) -> list[Version]:
    """All versions of an article, the first first."""
    table = versions_table
    statement = select(table).where(table.c.article == article_id).order_by(table.c.number)
    return [version_of(row) for row in connection.execute(statement)]


def article_by_url(connection: Connection, url: str) -> str | None:
    """The article that was last found at an address, on whichever site."""
    statement = (
        select(aliases.c.article)
        .where(aliases.c.url == url)
        .order_by(aliases.c.basis.desc(), aliases.c.number.desc(), aliases.c.since.desc())
        .limit(1)
    )
    return connection.execute(statement).scalar()


def capture(connection: Connection, capture_id: str) -> Capture | None:
    """One capture by its id."""
    row = connection.execute(select(captures).where(captures.c.id == capture_id)).first()
    return capture_of(row) if row is not None else None


def capture_by_digest(connection: Connection, digest: str) -> Capture | None:
    """The newest complete 200 capture that holds a payload itself."""
    statement = (
        select(captures)
        .where(
            captures.c.payload_digest == digest,
            captures.c.status == 200,
            captures.c.revisit_of.is_(None),
            captures.c.truncated == "",
        )
        .order_by(captures.c.at.desc())
        .limit(1)
    )
    row = connection.execute(statement).first()
    return capture_of(row) if row is not None else None


def totals(connection: Connection) -> Totals:
    """What the archive holds in all, in one query."""
    dated = func.nullif(articles.c.published, "")
    is_picture = captures.c.mime.startswith("image/", autoescape=True)
    row = connection.execute(
        select(
            select(func.count()).select_from(articles).scalar_subquery().label("articles"),
            select(func.count()).select_from(versions_table).scalar_subquery().label("versions"),
            select(func.count()).select_from(captures).scalar_subquery().label("captures"),
            select(func.count(captures.c.payload_digest.distinct()))
            .where(is_picture, captures.c.status == 200)
            .scalar_subquery()
            .label("pictures"),
            select(func.count()).select_from(sites_table).scalar_subquery().label("sites"),
            select(func.min(dated)).scalar_subquery().label("first"),
            select(func.max(dated)).scalar_subquery().label("last"),
            select(func.max(runs.c.started_at)).scalar_subquery().label("crawled"),
        )
    ).one()
    return Totals(
        articles=row.articles,
        versions=row.versions,
        captures=row.captures,
        pictures=row.pictures,
        sites=row.sites,
        first_day=day(row.first),
        last_day=day(row.last),
        last_crawl=row.crawled,
    )
