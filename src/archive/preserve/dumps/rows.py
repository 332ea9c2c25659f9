"""Events and claims as flat rows; those of articles are the same as `archive export` writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from archive.model.events import Where
from archive.preserve.exporting import tables
from archive.store.happenings.values import ClaimTold, OfArticle, Told

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]

ARTICLES, EVENTS, PEOPLE = "articles", "events", "people"
TABLES = (ARTICLES, EVENTS, PEOPLE)

_LISTS = frozenset({"places", "people", "offices"})
_NUMBERS = frozenset({"where_start", "where_end"})
_TRUTHS = frozenset({"pictured"})
_EVENT = (
    "id", "gathering", "article", "site", "sort", "kind", "name", "start", "end", "precision", "part", "time",
    "basis", "lunar", "date_text", "places", "organiser", "people", "sentence", "where_part", "where_start",
    "where_end", "rule",
)  # fmt: skip
_CLAIM = (
    "person", "name", "offices", "courtesy", "article", "site", "published", "sentence", "pictured",
    "where_part", "where_start", "where_end", "rule",
)  # fmt: skip


def schemas() -> dict[str, pa.Schema]:
    """The columns of each table as Parquet has them."""
    return {ARTICLES: tables.schema(), EVENTS: _schema(_EVENT), PEOPLE: _schema(_CLAIM)}


def _schema(names: tuple[str, ...]) -> pa.Schema:
    import pyarrow as pa  # 60 MB, and needed here only

    def kind(name: str) -> Any:
        if name in _LISTS:
            return pa.list_(pa.string())
        return pa.int64() if name in _NUMBERS else pa.bool_() if name in _TRUTHS else pa.string()

    return pa.schema([(name, kind(name)) for name in names])


def events(told: OfArticle) -> Iterator[Row]:
    """What an article's newest version tells of events, a row each."""
    yield from (_event(item) for item in told.events)


def people(told: OfArticle, leaders: Mapping[str, str]) -> Iterator[Row]:
    """Who is named in an article's newest version, with which offices, a row each.

    :param leaders: who an admin says is the same person: id → the id under which both are shown.
    """
    yield from (_claim(item, leaders) for item in told.claims)


def _event(told: Told) -> Row:
    event, when = told.event, told.event.when
    return {
        "id": told.id,
        "gathering": told.gathering,
        "article": told.article,
        "site": told.site,
        "sort": event.sort.value,
        "kind": event.kind,
        "name": event.name,
        "start": when.start.isoformat() if when.start else None,
        "end": when.end.isoformat() if when.end else None,
        "precision": when.precision,
        "part": when.part or None,
        "time": when.time.isoformat("minutes") if when.time else None,
        "basis": when.basis,
        "lunar": when.lunar or None,
        "date_text": when.text,
        "places": list(event.places),
        "organiser": event.organiser,
        "people": list(event.people),
        "sentence": event.sentence,
        **_where(event.where),
        "rule": event.rule,
    }


def _claim(told: ClaimTold, leaders: Mapping[str, str]) -> Row:
    claim = told.claim
    return {
        "person": leaders.get(told.person, told.person),
        "name": claim.name,
        "offices": list(claim.offices),
        "courtesy": claim.courtesy,
        "article": told.article,
        "site": told.site,
        "published": told.day or None,
        "sentence": claim.sentence,
        "pictured": claim.pictured,
        **_where(claim.where),
        "rule": claim.rule,
    }


def _where(where: Where) -> Row:
    return {"where_part": where.part, "where_start": where.start, "where_end": where.end}
