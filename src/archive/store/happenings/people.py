"""Questions about people, their offices, and all that was read in an article. Nothing withheld leaves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Row, Select, bindparam, func, select

from archive.model.events import Claim, Where
from archive.store import withheld
from archive.store.happenings.events import told_of
from archive.store.happenings.forms import key
from archive.store.happenings.tables import article_places, claims, corrections, events
from archive.store.happenings.values import ClaimTold, OfArticle, Person, Told
from archive.store.schema import articles
from archive.store.withheld import Withheld


def people(
    connection: Connection, *, site: str = "", name: str = "", limit: int, offset: int = 0
) -> list[Person]:
    """People by how often they are named; `name` finds by the folded beginning of any of its words."""
    hidden = withheld.load(connection)
    number = func.count()
    statement = (
        _claims(select(claims.c.person, number))
        .where(*_named(site, name), hidden.visible())
        .group_by(claims.c.person)
        .order_by(number.desc(), claims.c.person)
        .limit(limit)
        .offset(offset)
    )
    leaders = leading(connection)
    ids = list(dict.fromkeys(leaders.get(row.person, row.person) for row in connection.execute(statement)))
    return [found for item in ids if (found := person(connection, item)) is not None]


def count_people(connection: Connection, *, site: str = "", name: str = "") -> int:
    """How many people there are, each counted once a site."""
    hidden = withheld.load(connection)
    statement = _claims(select(func.count(func.distinct(claims.c.person)))).where(
        *_named(site, name), hidden.visible()
    )
    return int(connection.execute(statement).scalar_one())


def _named(site: str, name: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if site:
        conditions.append(claims.c.site == site)
    if folded := key(name):
        conditions.append((" " + claims.c.name_key).contains(f" {folded}", autoescape=True))
    return conditions


def person(connection: Connection, identity: str) -> Person | None:
    """One person; None when nobody is known, or the name is withheld."""
    told = claims_of(connection, identity)
    if not told:
        return None
    newest = max(told, key=lambda item: (item.day, bool(item.claim.offices)))
    days_known = [item.day for item in told if item.day]
    with_office = [item for item in told if item.claim.offices] or [newest]
    return Person(
        id=leading(connection).get(identity, identity),
        name=newest.claim.name,
        sites=tuple(dict.fromkeys(item.site for item in told)),
        claims=len(told),
        articles=len({item.article for item in told}),
        offices=max(with_office, key=lambda item: item.day).claim.offices,
        first=min(days_known, default=""),
        last=max(days_known, default=""),
    )


def claims_of(connection: Connection, identity: str, limit: int = 2_000) -> list[ClaimTold]:
    """What is said of a person and of those who an admin says are the same, by day."""
    hidden = withheld.load(connection)
    leaders = leading(connection)
    leader = leaders.get(identity, identity)
    same = [leader, *(other for other, lead in leaders.items() if lead == leader)]
    statement = _claims(select(claims)).where(claims.c.person.in_(same), hidden.visible())
    rows = connection.execute(statement.order_by(claims.c.day, claims.c.id).limit(limit))
    return [told for row in rows if (told := _claim_of(row, hidden)) is not None]


def namesakes(connection: Connection, found: Person) -> list[str]:
    """Ids of people of the same name on other sites, who are kept apart."""
    leaders = leading(connection)
    statement = select(claims.c.person).where(claims.c.name_key == key(found.name)).distinct()
    ids = {leaders.get(row.person, row.person) for row in connection.execute(statement)}
    return sorted(ids - {found.id})


def leading(connection: Connection) -> dict[str, str]:
    """Who is the same as whom, as corrections in force say: person → the one they are shown as."""
    statement = select(corrections.c.target, corrections.c.data).where(
        corrections.c.action == "same", corrections.c.lifted_at.is_(None)
    )
    leaders: dict[str, str] = {}
    for row in connection.execute(statement.order_by(corrections.c.id)):
        lead = str(row.data["with"])
        lead = leaders.get(lead, lead)
        if lead != row.target:
            leaders[row.target] = lead
            leaders = {who: lead if whom == row.target else whom for who, whom in leaders.items()}
    return leaders


def _claims(statement: Select[Any]) -> Select[Any]:
    return statement.select_from(claims).join(articles, articles.c.id == claims.c.article)


def _claim_of(row: Row[Any], hidden: Withheld) -> ClaimTold | None:
    data = dict(row.data)
    mask = hidden.mask() if hidden.names else None
    if mask is not None:
        if mask.text(data["name"]) != data["name"]:
            return None
        data["sentence"] = mask.text(data["sentence"])
    claim = Claim(**{**data, "offices": tuple(data["offices"]), "where": Where(**data["where"])})
    return ClaimTold(row.person, row.article, row.site, row.day, claim)


_IDS: BindParameter[str] = bindparam("ids", expanding=True)
_EVENTS = (
    select(events)
    .where(events.c.article.in_(_IDS), events.c.hidden.is_(False))
    .order_by(events.c.day, events.c.id)
)
_CLAIMS = select(claims).where(claims.c.article.in_(_IDS)).order_by(claims.c.id)
_PLACES = select(article_places).where(article_places.c.article.in_(_IDS)).order_by(article_places.c.key)


def of_articles(connection: Connection, ids: Iterable[str]) -> dict[str, OfArticle]:
    """What was read out of each of some articles; none of it for those that are withheld."""
    hidden = withheld.load(connection)
    wanted = [item for item in ids if item not in hidden.articles]
    told: dict[str, list[Told]] = {}
    said: dict[str, list[ClaimTold]] = {}
    named: dict[str, list[str]] = {}
    mine = {"ids": wanted}
    for row in connection.execute(_EVENTS, mine):
        told.setdefault(row.article, []).append(told_of(row, hidden))
    for row in connection.execute(_CLAIMS, mine):
        if (claim := _claim_of(row, hidden)) is not None:
            said.setdefault(row.article, []).append(claim)
    for row in connection.execute(_PLACES, mine):
        named.setdefault(row.article, []).append(row.name)
    return {
        item: OfArticle(tuple(told.get(item, ())), tuple(said.get(item, ())), tuple(named.get(item, ())))
        for item in wanted
    }
