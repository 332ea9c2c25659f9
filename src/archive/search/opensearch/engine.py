"""The cluster's face: a request → an answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from archive.errors import IndexMissingError, SearchError
from archive.search import snippets
from archive.search.backend import (
    Batch,
    Completion,
    Damage,
    DocumentWriter,
    Hint,
    HintKind,
    SearchHit,
    SearchPage,
    SearchRequest,
    Sort,
)
from archive.search.document import id_key
from archive.search.expand import expand
from archive.search.grammar import parse
from archive.search.hits import hit
from archive.search.lock import write_lock
from archive.search.opensearch import narrow, suggest
from archive.search.opensearch.address import Address
from archive.search.opensearch.analysis import signed
from archive.search.opensearch.bulk import BulkWriter
from archive.search.opensearch.connection import DISK_SECONDS, WRITE_SECONDS, Connection
from archive.search.opensearch.indices import Indices, State
from archive.search.opensearch.pages import REACH, Listing, Place, page, walk
from archive.search.opensearch.patience import patiently
from archive.search.opensearch.questions import Clause, nearness, question
from archive.search.opensearch.relax import most
from archive.search.opensearch.view import Search, View, counted, shown
from archive.search.query import KEYWORDS, And, Everything, Node, Word, leaves, parts, plain_words, to_text
from archive.search.ranking import DEFAULT, Ranking

_T = TypeVar("_T")

MAX_SIZE = 1_000
"""Hits of a page at most."""
_FRESH = 1.0
"""Seconds for which what the alias names is believed without asking again."""
_EXACT_COPIES = REACH
"""Articles found, up to which the number of different texts among them is exact and not estimated."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as it is put to the engine."""

    read: Node
    """As the question was read."""
    tree: Node
    """With the other forms of abbreviations."""
    clause: Clause
    filters: narrow.Filters
    listing: Listing
    hints: tuple[Hint, ...]


class OpenSearchBackend:
    """An index in a cluster. Implements `archive.search.backend.SearchBackend`.

    Opening asks nothing yet: the first call does. One instance serves one thread at a time.
    """

    def __init__(
        self, address: Address, root: Path, *, seconds: float = 2.0, ranking: Ranking = DEFAULT
    ) -> None:
        """
        :param root: a folder for the lock that keeps two processes of one machine from writing at once.
        :param seconds: after so long a question is answered with what has been found.
        """
        self._connection = Connection(address, seconds)
        self._indices = Indices(self._connection)
        self._root = root
        self._seconds = seconds
        self._ranking = ranking
        self._hidden: frozenset[str] = frozenset()
        self._state: tuple[State, float] | None = None
        self._kinds: tuple[tuple[State, frozenset[str]], tuple[str, ...]] | None = None

    # ------------------------------------------------------------------------------------------ writing

    def apply(self, batch: Batch) -> None:
        """See `SearchBackend`; creates the index when there is none.

        Readers see a batch whole, shard by shard, before its cursor; interrupted in between, it is applied
        again.

        :raises IndexBusyError: another process of this machine is writing. Writers of several machines do no
            harm: what stands later in the change log wins.
        :raises IndexMismatchError: it was written with another schema or analysis.
        :raises SearchError: the cluster does not answer or takes nothing.
        """
        with write_lock(self._root):
            try:
                state = self._indices.matching()
            except IndexMissingError:
                state = self._indices.create()
            with BulkWriter(self._connection, state.index, batch.cursor) as writer:
                for doc in batch.upserts:
                    writer.add(doc)
                for article_id in batch.deletions:
                    writer.delete(article_id)
            patiently(lambda: self._refresh(state.index))
            patiently(lambda: self._indices.set_cursor(state.index, batch.cursor))
            self._state = None

    def rebuild(self, fill: Callable[[DocumentWriter], int], check: Callable[[int], None]) -> None:
        """See `SearchBackend`."""
        with write_lock(self._root):
            index = self._indices.begin()
            try:
                with BulkWriter(self._connection, index, 1) as writer:
                    cursor = fill(writer)
                patiently(lambda: self._refresh(index, DISK_SECONDS))
                check(self._connection.do("GET", f"/{index}/_count")["count"])
                self._indices.finish(index, cursor)
                self._indices.swap(index)
            except BaseException:
                with suppress(SearchError):
                    self._indices.discard(index)
                raise
            self._state = None

    def discard(self) -> None:
        """See `SearchBackend`."""
        with write_lock(self._root):
            self._indices.retire()
            self._state = None

    def damage(self) -> Sequence[Damage]:
        """See `SearchBackend`: a cluster keeps checksums of its own, and recovers from its other copies."""
        return ()

    def _refresh(self, index: str, seconds: float = WRITE_SECONDS) -> None:
        answer = self._connection.do("POST", f"/{index}/_refresh", seconds=seconds)
        self._connection.check_whole(answer)

    # ------------------------------------------------------------------------------------------ reading

    def cursor(self) -> int:
        """See `SearchBackend`."""
        self._state = None
        return self._current().cursor

    def generation(self) -> str:
        """See `SearchBackend`."""
        return self._current().index

    def count(self) -> int:
        """See `SearchBackend`."""
        return self._read(lambda view: self._total(view, view.visible()))

    def hide(self, ids: Collection[str]) -> None:
        """See `SearchBackend`."""
        self._hidden = frozenset(ids)

    def close(self) -> None:
        """See `SearchBackend`."""
        self._connection.close()

    def search(self, request: SearchRequest) -> SearchPage:
        """See `SearchBackend`."""
        return self._read(lambda view: self._search(view, request))

    def _search(self, view: View, request: SearchRequest) -> SearchPage:
        began = time.perf_counter()
        size = min(max(request.size, 0), MAX_SIZE)
        start = max(request.page - 1, 0) * size
        asked = self._asked(view, request)
        kinds = self._kinds_of(view) if request.facets else ()
        answers = view.ask(
            [asked.listing.first(start, size), *self._facets(view, asked, kinds, request)], request.q
        )
        if not answers[0]["hits"]["total"]["value"] and (relaxed := self._relaxed(view, asked, request)):
            asked = relaxed
            answers = view.ask(
                [asked.listing.first(start, size), *self._facets(view, asked, kinds, request)], request.q
            )
        total = answers[0]["hits"]["total"]["value"]
        places = page(view, asked.listing, answers[0], start, size) if size else []
        words = plain_words(asked.read) if request.page <= 1 else ()
        vocabulary = suggest.vocabulary(words)
        searches = [_documents(places), _copies(view, asked.listing, places, total)]
        if vocabulary:
            searches.append(view.counts(vocabulary))
        details = view.ask(searches)
        docs = {item["fields"]["key"][0]: item["_source"]["shown"] for item in details[0]["hits"]["hits"]}
        copies, distinct = _copies_told(details[1], total, request.collapse)
        sought = snippets.Sought(asked.tree, request.exact)
        hits = [
            hit(docs[place.key], place.score, copies.get(place.copy, 1) if request.collapse else 1, sought)
            for place in places
            if place.key in docs
        ]
        suggestion = ""
        if vocabulary:
            found = [docs[place.key] for place in places if place.key in docs]
            suggestion = suggest.suggestion(view, words, counted(details[2]), found)
        late = any(answer["timed_out"] for answer in (*answers, *details))
        by_month, undated = narrow.months(answers[1]["aggregations"]) if request.facets else ({}, 0)
        return SearchPage(
            total=total,
            hits=tuple(hits),
            facets=narrow.facets(answers[1]["aggregations"], kinds) if request.facets else {},
            months=by_month,
            undated=undated,
            hints=(*asked.hints, *([Hint(HintKind.CUT_OFF)] if late else ())),
            reading=to_text(asked.read),
            suggestion=suggestion,
            milliseconds=(time.perf_counter() - began) * 1000,
            distinct=distinct,
        )

    def ids(self, request: SearchRequest) -> Sequence[str]:
        """See `SearchBackend`."""
        return self._read(lambda view: self._ids(view, request))

    def _ids(self, view: View, request: SearchRequest) -> list[str]:
        asked = self._asked(view, request)
        if not self._total(view, asked.listing.query):
            asked = self._relaxed(view, asked, request) or asked
        return [place.id for place in walk(view, asked.listing)]

    def complete(self, prefix: str, limit: int) -> list[Completion]:
        """See `SearchBackend`."""
        return self._read(lambda view: suggest.complete(view, prefix, limit))

    def related(self, article_id: str, limit: int) -> list[SearchHit]:
        """See `SearchBackend`."""
        return self._read(lambda view: self._related(view, article_id, limit))

    def _related(self, view: View, article_id: str, limit: int) -> list[SearchHit]:
        if (found := self._stored(view, article_id)) is None or limit < 1:
            return []
        key, copy = found["fields"]["key"][0], found["fields"]["copy"][0]
        (answer,) = view.ask([suggest.related(view, found["_source"]["shown"], key, copy, limit)])
        sought = snippets.Sought(Everything(), False)
        return [
            hit(doc, item["sort"][0], 1, sought)
            for item, doc in zip(answer["hits"]["hits"], shown(answer), strict=True)
        ]

    # ------------------------------------------------------------------------------------------ parts

    def _current(self) -> State:
        if self._state is None or time.monotonic() > self._state[1] + _FRESH:
            self._state = self._indices.matching(), time.monotonic()
        return self._state[0]

    def _read(self, answer: Callable[[View], _T]) -> _T:
        try:
            return answer(self._view())
        except IndexMissingError:
            # Built anew in between, and the old one is gone.
            self._state = None
            return answer(self._view())

    def _view(self) -> View:
        keys = [signed(id_key(article_id)) for article_id in sorted(self._hidden)]
        hidden: tuple[Clause, ...] = ({"terms": {"key": keys}},) if keys else ()
        return View(self._connection, self._current().index, hidden, self._seconds)

    def _asked(self, view: View, request: SearchRequest) -> _Asked:
        reading = parse(request.q)
        tree = expand(reading.tree)
        copy = None
        if request.copies_of and (original := self._stored(view, request.copies_of)):
            copy = original["fields"]["copy"][0]
        filters = narrow.Filters(request, copy)
        words = [word.text for word in plain_words(reading.tree)]
        meant = {}
        if not request.exact and self._ranking.likely and all(map(str.isascii, words)):
            meant = suggest.likely(view, words)
        put = question(tree, request.exact, self._ranking, meant)
        sort = request.sort
        if sort is Sort.RELEVANCE and next(leaves(tree), None) is None:
            sort = Sort.NEWEST
        hints = (*reading.hints, *([Hint(HintKind.CUT_OFF)] if put.cut_off else ()))
        near = self._near(reading.tree, request.exact) if sort is Sort.RELEVANCE else []
        listing = Listing(view.visible(put.clause, filters.all()), sort, request.collapse, near)
        return _Asked(reading.tree, tree, put.clause, filters, listing, hints)

    def _near(self, tree: Node, exact: bool) -> list[Clause]:
        children = tree.children if isinstance(tree, And) else ()
        words = [child.text for child in children if isinstance(child, Word)]
        return nearness(words, exact, self._ranking) if len(words) > 1 else []

    def _relaxed(self, view: View, asked: _Asked, request: SearchRequest) -> _Asked | None:
        """The articles with most of what was asked for, when no article has all of it."""
        wanted, others = parts(asked.read)
        if len(wanted) < 2:
            return None
        if asked.filters.all() and self._total(view, view.visible(asked.clause)):
            return None  # The filters leave none.
        clause = most(view, [expand(part) for part in wanted], others, request.exact, self._ranking)
        if clause is None:
            return None
        listing = replace(asked.listing, query=view.visible(clause, asked.filters.all()))
        return replace(asked, clause=clause, listing=listing, hints=(*asked.hints, Hint(HintKind.RELAXED)))

    def _facets(
        self, view: View, asked: _Asked, kinds: tuple[str, ...], request: SearchRequest
    ) -> list[Search]:
        """Counts stand in a search of their own, without hits: the engine keeps its answer until something
        changes."""
        if not request.facets:
            return []
        query = view.visible(filters=[asked.clause])
        body = {"query": query, "size": 0, "aggs": narrow.aggregations(asked.filters, kinds)}
        return [Search({**body, "track_total_hits": False})]

    def _kinds_of(self, view: View) -> tuple[str, ...]:
        """Kinds of names that any article has."""
        key = self._current(), self._hidden
        if self._kinds is None or self._kinds[0] != key:
            answers = view.ask([Search(body) for body in narrow.kinds_asked(list(view.hidden))])
            self._kinds = (
                key,
                tuple(
                    kind
                    for kind, answer in zip(KEYWORDS, answers, strict=True)
                    if answer["hits"]["total"]["value"]
                ),
            )
        return self._kinds[1]

    @staticmethod
    def _total(view: View, query: Clause) -> int:
        (answer,) = view.ask([Search({"query": query, "size": 0, "track_total_hits": True})])
        total: int = answer["hits"]["total"]["value"]
        return total

    @staticmethod
    def _stored(view: View, article_id: str) -> Any:
        """The article with an id, unless it is hidden."""
        query = view.visible(filters=[{"term": {"key": signed(id_key(article_id))}}])
        body = {"query": query, "size": 1, "_source": ["shown"], "docvalue_fields": ["key", "copy"]}
        (answer,) = view.ask([Search(body)])
        return next(iter(answer["hits"]["hits"]), None)


def _documents(places: Sequence[Place]) -> Search:
    query: Clause = {"terms": {"key": [place.key for place in places]}}
    return Search(
        {
            "query": {"bool": {"filter": [query]}},
            "size": len(places),
            "_source": ["shown"],
            "docvalue_fields": ["key"],
            "track_total_hits": False,
        }
    )


def _copies(view: View, listing: Listing, places: Sequence[Place], total: int) -> Search:
    """How many of the articles found have each text that a page shows, and how many texts there are."""
    if total <= _EXACT_COPIES:
        # All texts that several have: counted, not estimated.
        terms: dict[str, Any] = {
            "field": "copy",
            "size": _EXACT_COPIES,
            "shard_size": _EXACT_COPIES,
            "min_doc_count": 2,
        }
        aggs: dict[str, Any] = {"copies": {"terms": terms}}
    else:
        counts = {str(place.copy): {"term": {"copy": place.copy}} for place in places}
        aggs = {
            "shown": {"filters": {"filters": counts or {"0": {"match_none": {}}}}},
            "different": {"cardinality": {"field": "copy", "precision_threshold": 40_000}},
        }
    body = {"query": {"bool": {"filter": [listing.query]}}, "size": 0, "track_total_hits": False}
    return Search({**body, "aggs": aggs if listing.collapse else {}})


def _copies_told(answer: Any, total: int, collapse: bool) -> tuple[dict[int, int], int]:
    """By text, how many have it; and the number of different texts."""
    if not collapse:
        return {}, total
    told = answer["aggregations"]
    if "copies" in told:
        copies = {bucket["key"]: bucket["doc_count"] for bucket in told["copies"]["buckets"]}
        return copies, total - sum(count - 1 for count in copies.values())
    copies = {int(key): bucket["doc_count"] for key, bucket in told["shown"]["buckets"].items()}
    return copies, min(int(told["different"]["value"]), total)
