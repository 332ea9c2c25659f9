"""The engine's face: a request → an answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from archive.search import snippets
from archive.search.backend import (
    Batch,
    Completion,
    Damage,
    DocumentWriter,
    FacetValue,
    Hint,
    HintKind,
    SearchHit,
    SearchPage,
    SearchRequest,
    Sort,
)
from archive.search.document import id_key
from archive.search.expand import expand
from archive.search.grammar import Reading, parse
from archive.search.hits import hit
from archive.search.lock import unwritable, write_lock
from archive.search.query import And, Everything, Node, Word, leaves, parts, plain_words, to_text
from archive.search.ranking import DEFAULT, WINDOW, Ranking
from archive.search.whoosh import suggest
from archive.search.whoosh.accents import likely
from archive.search.whoosh.arrays import DamagedArraysError
from archive.search.whoosh.check import damage
from archive.search.whoosh.evaluate import Evaluation
from archive.search.whoosh.generations import (
    building,
    discard,
    new_generation,
    read_matching_pointer,
    remove_others,
    write_pointer,
)
from archive.search.whoosh.narrow import Filters, Ordered, facets, months, order
from archive.search.whoosh.nearness import nearness
from archive.search.whoosh.snapshot import Reader, Snapshot, index_exists
from archive.search.whoosh.terms import Scored, Terms
from archive.search.whoosh.writer import IndexWriter, create

MAX_SIZE = 1_000
"""Hits of a page at most."""

_WARMING = 12
"""Words asked for when an index is opened."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a request found, before it is shown."""

    snapshot: Snapshot
    terms: Terms
    read: Node
    """As the question was read."""
    tree: Node
    """As it was evaluated: with the other forms of abbreviations."""
    all: Scored
    filtered: Scored
    filters: Filters
    ordered: Ordered
    """The documents of the page asked for."""
    hints: tuple[Hint, ...]


class WhooshBackend:
    """An index in a folder. Implements `archive.search.backend.SearchBackend`.

    Opening does nothing yet: the first call reads the index. One instance serves one thread at a time.
    """

    def __init__(self, root: Path, *, seconds: float = 2.0, ranking: Ranking = DEFAULT) -> None:
        """
        :param root: the index folder, which holds generations and `CURRENT`.
        :param seconds: after so long no further part of a question is evaluated.
        """
        self._root = root
        self._seconds = seconds
        self._ranking = ranking
        self._reader = Reader(root)
        self._terms: tuple[Snapshot, Terms] | None = None
        self._hidden: frozenset[str] = frozenset()
        self._whole: Snapshot | None = None
        """The snapshot of which `_terms` shows all but what is hidden."""

    # ------------------------------------------------------------------------------------------ writing

    def apply(self, batch: Batch) -> None:
        """See `SearchBackend`; creates the index when there is none.

        :raises IndexBusyError: another process is writing.
        :raises IndexMismatchError: it was written with another schema or analysis.
        :raises SearchError: the disk is full or the folder read-only.
        """
        with write_lock(self._root):
            try:
                if not index_exists(self._root):
                    pointer = new_generation(self._root)
                    create(pointer.folder(self._root))
                    write_pointer(self._root, pointer)
                    remove_others(self._root, pointer)
                writer = IndexWriter(read_matching_pointer(self._root).folder(self._root))
                for doc in batch.upserts:
                    writer.add(doc)
                for article_id in batch.deletions:
                    writer.delete(article_id)
                writer.commit(batch.cursor)
            except OSError as error:
                raise unwritable(self._root, error) from error

    def rebuild(self, fill: Callable[[DocumentWriter], int], check: Callable[[int], None]) -> None:
        """See `SearchBackend`.

        :raises SearchError: the disk is full or the folder read-only.
        """
        with write_lock(self._root):
            try:
                with building(self._root) as pointer:
                    folder = pointer.folder(self._root)
                    create(folder)
                    writer = IndexWriter(folder)
                    writer.commit(fill(writer), whole=True)
                    check(writer.count)
                    write_pointer(self._root, pointer)
                remove_others(self._root, pointer)
            except OSError as error:
                raise unwritable(self._root, error) from error

    # ------------------------------------------------------------------------------------------ reading

    def cursor(self) -> int:
        """See `SearchBackend`."""
        return self._reader.snapshot().cursor

    def discard(self) -> None:
        """See `SearchBackend`."""
        discard(self._root)

    def damage(self) -> Sequence[Damage]:
        """See `SearchBackend`."""
        return damage(self._root)

    def generation(self) -> str:
        """See `SearchBackend`."""
        return self._reader.pointer().generation

    def count(self) -> int:
        """See `SearchBackend`."""
        return self._open()[0].count

    def hide(self, ids: Collection[str]) -> None:
        """See `SearchBackend`."""
        if self._hidden != (hidden := frozenset(ids)):
            self._hidden, self._terms = hidden, None

    def close(self) -> None:
        """See `SearchBackend`."""
        self._reader.close()
        self._terms = self._whole = None

    def search(self, request: SearchRequest) -> SearchPage:
        """See `SearchBackend`."""
        began = time.perf_counter()
        found = self.find(request)
        snapshot, ordered = found.snapshot, found.ordered
        hits = _hits(snapshot, ordered, snippets.Sought(found.tree, request.exact))
        words = plain_words(found.read)
        suggestion = ""
        if request.page <= 1 and words:
            suggestion = suggest.suggestion(found.terms, words, found.filtered, ordered.documents)
        counts: dict[str, tuple[FacetValue, ...]] = {}
        by_month: dict[str, int] = {}
        undated = 0
        if request.facets:
            counts = facets(
                snapshot,
                found.terms.keywords,
                found.all.documents,
                found.filtered.documents,
                found.filters,
            )
            by_month, undated = months(snapshot, found.filtered.documents)
        return SearchPage(
            total=len(found.filtered),
            hits=tuple(hits),
            facets=counts,
            months=by_month,
            undated=undated,
            hints=found.hints,
            reading=to_text(found.read),
            suggestion=suggestion,
            milliseconds=(time.perf_counter() - began) * 1000,
            distinct=ordered.distinct,
        )

    def ids(self, request: SearchRequest) -> Sequence[str]:
        """See `SearchBackend`."""
        found = self.find(request, whole=True)
        return [found.snapshot.article(number) for number in found.ordered.documents.tolist()]

    def find(self, request: SearchRequest, *, whole: bool = False) -> Found:
        """The articles of one page by number, or of all pages, with all that their showing needs."""
        snapshot, terms = self._open()
        reading, tree = _read(request.q)
        hints = list(reading.hints)
        meant = {} if request.exact or not self._ranking.likely else _meant(terms, reading.tree)
        deadline = time.monotonic() + self._seconds
        evaluation = Evaluation(snapshot, terms, request.exact, deadline, meant)
        found = evaluation.evaluate(tree)
        if not len(found):
            wanted, others = parts(reading.tree)
            if len(wanted) > 1:
                found = evaluation.most([expand(part) for part in wanted], others)
                if len(found):
                    hints.append(Hint(HintKind.RELAXED))
        if evaluation.cut_off:
            hints.append(Hint(HintKind.CUT_OFF))
        filters = Filters(snapshot, lambda: terms.keywords, request)
        passed = filters.keep(found.documents)
        filtered = found if passed is None else Scored(found.documents[passed], found.scores[passed])
        sort = request.sort
        if sort is Sort.RELEVANCE and next(leaves(tree), None) is None:
            sort = Sort.NEWEST
        if sort is Sort.RELEVANCE and not evaluation.cut_off:
            filtered = self._by_nearness(snapshot, terms, reading.tree, filtered, request.exact)
        size = min(max(request.size, 0), MAX_SIZE)
        start = 0 if whole else max(request.page - 1, 0) * size
        stop = len(filtered) if whole else start + size
        ordered = order(snapshot, filtered, sort, collapse=request.collapse, start=start, stop=stop)
        return Found(snapshot, terms, reading.tree, tree, found, filtered, filters, ordered, tuple(hints))

    def complete(self, prefix: str, limit: int) -> list[Completion]:
        """See `SearchBackend`."""
        snapshot, terms = self._open()
        return suggest.complete(snapshot, terms, prefix, limit)

    def related(self, article_id: str, limit: int) -> list[SearchHit]:
        """See `SearchBackend`."""
        snapshot, terms = self._open()
        number = snapshot.number(id_key(article_id))
        if number is None:
            return []
        found = suggest.related(snapshot, terms, number)
        ordered = order(snapshot, found, Sort.RELEVANCE, collapse=True, start=0, stop=limit)
        return list(_hits(snapshot, ordered, snippets.Sought(Everything(), False)))

    # ------------------------------------------------------------------------------------------ parts

    def _open(self) -> tuple[Snapshot, Terms]:
        whole = self._reader.snapshot()
        if self._terms is None or self._whole is not whole:
            first = self._whole is None
            shown = whole.without([id_key(item) for item in self._hidden]) if self._hidden else whole
            self._whole, self._terms = whole, (shown, Terms(shown, self._ranking))
            if first:
                self._warm_up(whole)
        return self._terms

    def _warm_up(self, snapshot: Snapshot) -> None:
        """Ask for a few words, about a millisecond's worth: a process's first questions take several times
        as long as later ones, until interpreter and NumPy have met each step."""
        # What is damaged is told to whom it concerns: others are answered.
        with suppress(DamagedArraysError):
            for item in snapshot.segments[:1]:
                for number in range(0, item.arrays.words, item.arrays.words // _WARMING + 1):
                    self.find(SearchRequest(q=item.arrays.key(number).split(b"\0")[1].decode()))

    def _by_nearness(
        self, snapshot: Snapshot, terms: Terms, tree: Node, found: Scored, exact: bool
    ) -> Scored:
        """The best articles by words get what the closeness of the words adds."""
        children = tree.children if isinstance(tree, And) else ()
        words = [child.text for child in children if isinstance(child, Word)]
        ranking = self._ranking
        if len(words) < 2 or not len(found) or not (ranking.ordered or ranking.near):
            return found
        best = np.arange(len(found))
        if len(found) > WINDOW:
            best = np.sort(np.argpartition(-found.scores, WINDOW)[:WINDOW])
        added = nearness(terms, words, exact, found.documents[best], snapshot.size, ranking)
        scores = found.scores.copy()
        scores[best] += added.astype(np.float32)
        return Scored(found.documents, scores)


@lru_cache(maxsize=256)
def _read(text: str) -> tuple[Reading, Node]:
    """A question as read, and with the other forms of abbreviations; pages and filters ask it again."""
    reading = parse(text)
    return reading, expand(reading.tree)


def _meant(terms: Terms, tree: Node) -> dict[str, str]:
    """The accents that are probably meant by a question of words typed without any."""
    words = [word.text for word in plain_words(tree)]
    return likely(terms, words) if all(map(str.isascii, words)) else {}


def _hits(snapshot: Snapshot, ordered: Ordered, sought: snippets.Sought) -> list[SearchHit]:
    return [
        hit(snapshot.stored(number), score, ordered.copies.get(int(snapshot.copies[number]), 1), sought)
        for number, score in zip(ordered.documents.tolist(), ordered.scores.tolist(), strict=True)
    ]
