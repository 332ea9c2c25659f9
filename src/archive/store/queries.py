"""Single questions to the database: sites, runs, captures, lists of ids."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    ScalarSelect,
    bindparam,
    cast,
    func,
    or_,
    select,
    tuple_,
    type_coerce,
)

from archive.model import Capture, Failure, Reason, Site, Version
from archive.store import withheld
from archive.store.rows import (
    Listed,
    OnDay,
    Run,
    SiteSummary,
    Totals,
    capture_of,
    day,
    site_from_settings,
    version_of,
)
from archive.store.schema import aliases, articles, captures, extractions, frontier, runs, tallies
from archive.store.schema import sites as sites_table
from archive.store.schema import versions as versions_table
from archive.store.withheld import Withheld


def sites(connection: Connection, site_id: str | None = None) -> list[SiteSummary]:
    """All sites by name, or the one with this id."""
    # Correlated, so that each end of the dates is one step into an index.
    mine = (articles.c.site == sites_table.c.id) & withheld.load(connection).visible()
    dated = articles.c.published != ""
    crawled = select(func.max(runs.c.started_at)).where(runs.c.site == sites_table.c.id)
    statement = select(
        sites_table,
        select(func.count()).select_from(articles).where(mine).scalar_subquery().label("articles"),
        select(func.min(articles.c.published)).where(mine, dated).scalar_subquery().label("first"),
        select(func.max(articles.c.published)).where(mine, dated).scalar_subquery().label("last"),
        crawled.scalar_subquery().label("crawled"),
    ).order_by(sites_table.c.name, sites_table.c.id)
    if site_id is not None:
        statement = statement.where(sites_table.c.id == site_id)
    return [
        SiteSummary(
            id=row.id,
            name=row.name,
            start=tuple(row.start),
            articles=row.articles,
            first_day=day(row.first),
            last_day=day(row.last),
            last_crawl=row.crawled,
            sample=row.sample,
        )
        for row in connection.execute(statement)
    ]


def site_entries(connection: Connection) -> list[Site]:
    """All sites as their entries were when last crawled."""
    rows = connection.execute(select(sites_table.c.settings).order_by(sites_table.c.id)).scalars()
    return [site_from_settings(settings) for settings in rows]


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


def newest(
    connection: Connection, limit: int, site: str | None, offset: int, published: str = ""
) -> list[str]:
    """Ids by publication, newest first, undated last, ties by id.

    :param published: beginning of the date: `2022`, `2022-09`.
    """
    statement = (
        select(articles.c.id)
        .where(withheld.load(connection).visible())
        .order_by(articles.c.published.desc(), articles.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    if site is not None:
        statement = statement.where(articles.c.site == site)
    if published:
        statement = statement.where(_beginning(published))
    return list(connection.execute(statement).scalars())


def _beginning(published: str) -> ColumnElement[bool]:
    """Dates that begin so, as a range that the index answers.

    `z` sorts behind all that may follow, whatever a database thinks of the order of signs.
    """
    return articles.c.published.between(published, f"{published}z")


def months(connection: Connection, site: str) -> dict[str, int]:
    """`YYYY-MM` → number of articles of a site, in order of time; undated ones left out."""
    month = func.substr(articles.c.published, 1, 7).label("month")
    statement = (
        select(month, func.count())
        .where(articles.c.site == site, articles.c.published != "", withheld.load(connection).visible())
        .group_by(month)
        .order_by(month)
    )
    return {row[0]: row[1] for row in connection.execute(statement)}


def on_days(connection: Connection, days: Sequence[dt.date]) -> list[OnDay]:
    """Those of these days on which something was published, newest first."""
    if not days:
        return []
    # Ids joined to dates, so that one pass gives the newest of each day too.
    last = func.max(articles.c.published + " " + articles.c.id).label("last")
    which = func.substr(articles.c.published, 1, 10).label("day")
    statement = (
        select(which, func.count().label("articles"), last)
        .where(or_(*(_beginning(item.isoformat()) for item in days)), withheld.load(connection).visible())
        .group_by(which)
        .order_by(which.desc())
    )
    return [
        OnDay(dt.date.fromisoformat(row.day), row.articles, row.last.split(" ")[1])
        for row in connection.execute(statement)
    ]


def listed(connection: Connection, limit: int, offset: int) -> list[Listed]:
    """All articles in order of id, a page at a time, with the titles of their newest versions."""
    data = extractions.c.data
    source = cast(data, JSON) if connection.dialect.name == "postgresql" else type_coerce(data, JSON)
    hidden = withheld.load(connection)
    page = (
        select(articles.c.id, hidden.shown_number().label("number"))
        .where(hidden.visible())
        .order_by(articles.c.id)
        .limit(limit)
        .offset(offset)
    )
    some = page.subquery()
    statement = (
        select(some.c.id, versions_table.c.at, source["title"].as_string().label("title"))
        .join(
            versions_table,
            (versions_table.c.article == some.c.id) & (versions_table.c.number == some.c.number),
        )
        .join(
            extractions,
            (extractions.c.capture == versions_table.c.capture)
            & (extractions.c.extractor == versions_table.c.shown),
        )
        .order_by(some.c.id)
    )
    mask = hidden.mask()
    return [Listed(row.id, mask.text(row.title or ""), row.at) for row in connection.execute(statement)]


_VERSIONS = (
    select(versions_table)
    .where(versions_table.c.article == bindparam("article"))
    .order_by(versions_table.c.at, versions_table.c.number)
)


def versions(connection: Connection, article_id: str) -> list[Version]:
    """All versions of an article that may be shown, the oldest first: an import may bring such as are
    older than number 1."""
    hidden = withheld.load(connection)
    if article_id in hidden.articles:
        return []
    found = (version_of(row) for row in connection.execute(_VERSIONS, {"article": article_id}))
    return [item for item in found if (article_id, item.number) not in hidden.versions]


def has_version(connection: Connection, article_id: str, number: int) -> bool:
    """Whether there is such a version, withheld or not."""
    table = versions_table
    statement = select(table.c.number).where(table.c.article == article_id, table.c.number == number)
    return connection.execute(statement).first() is not None


def article_by_url(connection: Connection, url: str) -> str | None:
    """The article that was last found at an address, on whichever site."""
    statement = (
        select(aliases.c.article)
        .where(aliases.c.url == url)
        .order_by(aliases.c.basis.desc(), aliases.c.number.desc(), aliases.c.since.desc())
        .limit(1)
    )
    found = connection.execute(statement).scalar()
    return None if found in withheld.load(connection).articles else found


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
    """What the archive holds in all."""
    hidden = withheld.load(connection)
    visible = hidden.visible()
    dated = (articles.c.published != "") & visible
    counted = counts(connection)
    row = connection.execute(
        select(
            select(func.count()).select_from(articles).where(visible).scalar_subquery().label("articles"),
            select(func.count()).select_from(versions_table).scalar_subquery().label("versions"),
            _withheld_versions(hidden).label("withheld"),
            select(func.count()).select_from(sites_table).scalar_subquery().label("sites"),
            select(func.min(articles.c.published)).where(dated).scalar_subquery().label("first"),
            select(func.max(articles.c.published)).where(dated).scalar_subquery().label("last"),
            select(func.max(runs.c.started_at)).scalar_subquery().label("crawled"),
        )
    ).one()
    return Totals(
        articles=row.articles,
        versions=row.versions - row.withheld,
        captures=counted.get("captures", 0),
        pictures=counted.get("pictures", 0) - _withheld_pictures(connection, hidden),
        sites=row.sites,
        first_day=day(row.first),
        last_day=day(row.last),
        last_crawl=row.crawled,
    )


def counts(connection: Connection) -> dict[str, int]:
    """The tallies, over all sites."""
    statement = select(tallies.c.name, func.sum(tallies.c.value).label("value")).group_by(tallies.c.name)
    return {row.name: int(row.value) for row in connection.execute(statement)}


def _withheld_versions(hidden: Withheld) -> ScalarSelect[int]:
    """How many versions readers cannot see."""
    table = versions_table
    some = [item for item in hidden.versions if item[0] not in hidden.articles]
    which = table.c.article.in_(list(hidden.articles)) | tuple_(table.c.article, table.c.number).in_(some)
    return select(func.count()).select_from(table).where(which).scalar_subquery()


def _withheld_pictures(connection: Connection, hidden: Withheld) -> int:
    if not hidden.pictures:
        return 0
    statement = select(func.count(captures.c.payload_digest.distinct())).where(
        captures.c.payload_digest.in_(list(hidden.pictures)),
        captures.c.mime.startswith("image/"),
        captures.c.status == 200,
    )
    return connection.execute(statement).scalar_one()
