"""A request → the articles of a page, or all of them, in their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from archive.search.backend import Sort
from archive.search.opensearch.narrow import order
from archive.search.opensearch.questions import Clause
from archive.search.opensearch.view import Search, View
from archive.search.ranking import WINDOW

REACH = 10_000
"""Places that can be asked for directly; those beyond are walked to."""
_STEP = 5_000
_KEEP_ALIVE = "2m"


@dataclass(frozen=True, slots=True)
class Place:
    """One article in the order of the answer."""

    id: str
    key: int
    copy: int
    score: float


@dataclass(frozen=True, slots=True)
class Listing:
    """What is to be listed, and how."""

    query: Clause
    """With filters, without what is hidden."""
    sort: Sort
    collapse: bool
    near: Sequence[Clause]
    """What closeness of words adds to the best `WINDOW` articles, which keep their places above the rest; []
    for nothing."""

    def ranked(self) -> bool:
        return self.sort is Sort.RELEVANCE

    def search(self, start: int, size: int) -> Search:
        """The search for so many articles from a place on, closeness apart."""
        body: dict[str, Any] = {
            "query": self.query,
            "sort": order(self.sort),
            "track_total_hits": True,
            "track_scores": True,
            "from": start,
            "size": size,
            **_BARE,
        }
        if self.collapse:
            body["collapse"] = {"field": "copy"}
        return Search(body, self.ranked())

    def first(self, start: int, size: int) -> Search:
        """The search that `page` reads a page from, as far as it can."""
        if start + size > REACH:
            return self.search(0, 0)
        if self.near and start < WINDOW:
            return self.search(0, max(WINDOW, start + size))
        return self.search(start, size)


_BARE = {"_source": False, "stored_fields": "_none_", "docvalue_fields": ["id", "key", "copy"]}


def page(view: View, listing: Listing, answer: Any, start: int, size: int) -> list[Place]:
    """The articles from a place on.

    :param answer: to `listing.first`.
    """
    found = _places(answer)
    if start + size > REACH:
        if start >= answer["hits"]["total"]["value"]:
            return []
        places = walk(view, listing)
        return [place for number, place in zip(range(start + size), places, strict=False) if number >= start]
    if not listing.near or start >= WINDOW:
        return found
    return (_by_nearness(view, listing, found[:WINDOW]) + found[WINDOW:])[start : start + size]


def walk(view: View, listing: Listing) -> Iterator[Place]:
    """All articles in their order, from one state of the index."""
    opened = view.connection.ask("POST", f"/{view.index}/_search/point_in_time", keep_alive=_KEEP_ALIVE)
    pit = opened["pit_id"]
    try:
        seen: set[int] = set()
        head: set[int] = set()
        if listing.near:
            found = _places(_at(view, pit, listing.search(0, WINDOW).body))
            for place in _by_nearness(view, listing, found, pit):
                head.add(place.key)
                seen.add(place.copy)
                yield place
        body = {**listing.search(0, _STEP).body, "track_total_hits": False}
        # Collapsing and going on from a place exclude each other in the engine.
        body.pop("collapse", None)
        while hits := (answer := _at(view, pit, body))["hits"]["hits"]:
            for place in _places(answer):
                if place.key not in head and not (listing.collapse and place.copy in seen):
                    seen.add(place.copy)
                    yield place
            body["search_after"] = hits[-1]["sort"]
    finally:
        view.connection.do("DELETE", "/_search/point_in_time", {"pit_id": [pit]})


def _at(view: View, pit: str, body: dict[str, Any]) -> Any:
    answer = view.connection.do(
        "POST",
        "/_search",
        {**body, "pit": {"id": pit, "keep_alive": _KEEP_ALIVE}},
        search_type="dfs_query_then_fetch",
    )
    view.connection.check_whole(answer)
    return answer


def _places(answer: Any) -> list[Place]:
    return [
        Place(
            hit["fields"]["id"][0],
            hit["fields"]["key"][0],
            hit["fields"]["copy"][0],
            float(hit["_score"] or 0.0),
        )
        for hit in answer["hits"]["hits"]
    ]


def _by_nearness(view: View, listing: Listing, found: list[Place], pit: str = "") -> list[Place]:
    """The articles in the order of words and closeness together; those that tie keep theirs."""
    if len(found) < 2:
        return found
    keys: list[Clause] = [{"terms": {"key": [place.key for place in found]}}]
    query: Clause = {"bool": {"filter": keys, "should": list(listing.near)}}
    body = {"query": query, "size": len(found), "track_total_hits": False, **_BARE}
    answer = _at(view, pit, body) if pit else view.ask([Search(body, ranked=True)])[0]
    added = {hit["fields"]["key"][0]: float(hit["_score"] or 0.0) for hit in answer["hits"]["hits"]}
    scored = [replace(place, score=place.score + added.get(place.key, 0.0)) for place in found]
    return sorted(scored, key=lambda place: -place.score)
