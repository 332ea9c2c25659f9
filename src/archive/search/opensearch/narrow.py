"""Filters, facets, months and orders as the engine counts them."""

from __future__ import annotations

from typing import Any

from archive.search.backend import FacetValue, SearchRequest, Sort
from archive.search.opensearch.analysis import name_key
from archive.search.opensearch.questions import ALL, Clause, days
from archive.search.query import KEYWORDS

FACETS = ("site", "section", "year", "media", "status")
FACET_VALUES = 100
"""Values of one facet at most, the commonest."""
_PER_SHARD = 1_000
"""Values of one facet that each shard offers: the more, the surer are counts added up over shards."""
_MONTHS = 10_000
_UNDATED = 0


class Filters:
    """The filters of a request, one for each facet, so that a facet can be counted without its own."""

    def __init__(self, request: SearchRequest, copy: int | None) -> None:
        """
        :param copy: the text that `request.copies_of` has; None when that article is not indexed.
        """
        self.always: list[Clause] = []
        """Those that belong to no facet."""
        self.by_facet: dict[str, Clause] = {}
        if request.sites:
            self.by_facet["site"] = {"terms": {"site": list(request.sites)}}
        if request.sections:
            self.by_facet["section"] = {"terms": {"section": list(request.sections)}}
        if request.years:
            self.by_facet["year"] = {"terms": {"year": list(request.years)}}
        if request.media is not None:
            self.by_facet["media"] = {"term": {"media": request.media}}
        if request.status:
            self.by_facet["status"] = {"terms": {"status": list(request.status)}}
        for kind in dict.fromkeys(kind for kind, _ in request.keywords):
            names = [name_key(name) for other, name in request.keywords if other == kind]
            self.by_facet[kind] = {"terms": {f"{kind}_key": names}}
        if request.date_from or request.date_to:
            first, last = request.date_from, request.date_to
            self.always.append(days(first.toordinal() if first else None, last.toordinal() if last else None))
        if request.copies_of:
            self.always.append({"match_none": {}} if copy is None else {"term": {"copy": copy}})

    def all(self, but: str = "") -> list[Clause]:
        """Every filter but that of one facet."""
        return self.always + [clause for name, clause in self.by_facet.items() if name != but]


def aggregations(filters: Filters, kinds: tuple[str, ...]) -> dict[str, Any]:
    """The counts of every facet and of the months, over all that a question finds.

    :param kinds: the kinds of names that any article has.
    """
    asked = {name: _values(name) for name in (*FACETS, *kinds)}
    found = {name: _filtered(filters.all(but=name), values) for name, values in asked.items()}
    months = {"terms": {"field": "month", "missing": _UNDATED, "size": _MONTHS, "order": {"_key": "asc"}}}
    return {**found, "months": _filtered(filters.all(), months)}


def _filtered(clauses: list[Clause], values: dict[str, Any]) -> dict[str, Any]:
    return {"filter": {"bool": {"filter": clauses}} if clauses else ALL, "aggs": {"values": values}}


def _values(name: str) -> dict[str, Any]:
    if name == "year":
        return {"terms": {"field": "year", "missing": _UNDATED, "size": _MONTHS, "order": {"_key": "desc"}}}
    order: Any = [{"_count": "desc"}, {"_key": "asc"}]
    return {"terms": {"field": name, "size": FACET_VALUES, "shard_size": _PER_SHARD, "order": order}}


def facets(answer: dict[str, Any], kinds: tuple[str, ...]) -> dict[str, tuple[FacetValue, ...]]:
    """The facets of an answer to `aggregations`."""
    return {
        name: tuple(
            FacetValue(_label(name, bucket["key"]), bucket["doc_count"])
            for bucket in answer[name]["values"]["buckets"]
        )
        for name in (*FACETS, *kinds)
    }


def _label(name: str, key: Any) -> str:
    return "" if name == "year" and key == _UNDATED else str(key)


def months(answer: dict[str, Any]) -> tuple[dict[str, int], int]:
    """`YYYY-MM` → number of articles, ascending, and the number of undated ones."""
    counts = {bucket["key"]: bucket["doc_count"] for bucket in answer["months"]["values"]["buckets"]}
    undated = counts.pop(_UNDATED, 0)
    return {f"{month // 100:04}-{month % 100:02}": count for month, count in counts.items()}, undated


def order(sort: Sort) -> list[Any]:
    """The engine's order: no two articles compare as equal."""
    newest = [{"moment": {"order": "desc", "missing": "_last"}}, {"key": "asc"}]
    match sort:
        case Sort.NEWEST:
            return newest
        case Sort.OLDEST:
            return [{"moment": {"order": "asc", "missing": "_last"}}, {"key": "asc"}]
        case _:
            return [{"_score": "desc"}, *newest]


def kinds_asked(hidden: list[Clause]) -> list[dict[str, Any]]:
    """Searches that tell, one a kind of names, whether any article has one."""
    return [
        {
            "size": 0,
            "terminate_after": 1,
            "query": {"bool": {"filter": [{"exists": {"field": kind}}], "must_not": hidden}},
        }
        for kind in KEYWORDS
    ]
