"""A search backend in a dictionary: the second implementation that the contract suite runs over.

It answers by looking at every article, with none of the engine's code beneath it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from archive.search import snippets
from archive.search.backend import (
    Batch,
    Completion,
    Damage,
    DocumentWriter,
    FacetValue,
    Hint,
    HintKind,
    IndexDocument,
    SearchHit,
    SearchPage,
    SearchRequest,
    Sort,
)
from archive.search.document import POSITION_GAP, field_texts, id_key, keyword_form, text_key
from archive.search.expand import expand
from archive.search.grammar import parse
from archive.search.query import (
    KEYWORDS,
    And,
    DateRange,
    Everything,
    Keyword,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
    leaves,
    parts,
    to_text,
)
from archive.text.vietnamese import fold, fold_key, whole_words, words

Placed = tuple[str, int]
"""A word and its position."""


class Indexed:
    """One article with its words."""

    def __init__(self, doc: IndexDocument) -> None:
        self.doc = doc
        self.words: dict[str, list[Placed]] = {}
        for field in field_texts(doc):
            self.words[field.field] = list(self._placed(field.pieces))
        self.words["site"] = [*self._placed((doc.site, doc.site_name))]

    @staticmethod
    def _placed(pieces: tuple[str, ...]) -> Iterator[Placed]:
        position = 0
        for piece in pieces:
            whole_end = 0
            for word, _, end in words(piece):
                if end > whole_end:  # else it is a part of a figure, and shares its place
                    position += 1
                    whole_end = end
                yield word, position
            position += POSITION_GAP

    def has(self, node: Node, exact: bool) -> bool:
        match node:
            case Word(text, fields):
                return any(_same(text, word, exact) for field in fields for word, _ in self.words[field])
            case Prefix(text, fields):
                found = (word for field in fields for word, _ in self.words[field])
                return any(w.startswith(text) if exact else fold(w).startswith(fold(text)) for w in found)
            case Phrase(parts, fields, slop):
                return any(_phrase(self.words[field], parts, slop, exact) for field in fields)
            case Keyword(kind, name):
                return any(_named(given, kind, name, exact) for given in self.doc.keywords)
            case DateRange(start, end):
                day = self.doc.published
                return day is not None and (start is None or day >= start) and (end is None or day <= end)
            case And(children):
                return all(self.has(child, exact) for child in children)
            case Or(children):
                return any(self.has(child, exact) for child in children)
            case Not(child):
                return not self.has(child, exact)
            case Everything():
                return True

    def score(self, node: Node) -> float:
        """Words as typed weigh more than folded ones, those of attachments least: all that the contract
        says of relevance."""
        have = {word for field, found in self.words.items() if field != "attachment" for word, _ in found}
        typed = [leaf.text for leaf in leaves(node) if isinstance(leaf, Word)]
        return 1.0 + sum(word in have for word in typed)


def _named(given: tuple[str, str], kind: str, name: str, exact: bool) -> bool:
    if exact and " ".join(whole_words(given[1])) != " ".join(whole_words(name)):
        return False
    return given[0] == kind and keyword_form(given[1]) == keyword_form(name)


def _same(typed: str, word: str, exact: bool) -> bool:
    if exact:
        return word == typed
    return fold_key(word) == fold_key(typed)


def _phrase(placed: list[Placed], parts: tuple[str, ...], slop: int | None, exact: bool) -> bool:
    places = [{place for word, place in placed if _same(part, word, exact)} for part in parts]
    if slop is None:
        return any(all(start + n in places[n] for n in range(len(parts))) for start in places[0])
    width = len(parts) + slop
    starts = {place for found in places for place in found}
    return any(all(any(s <= place < s + width for place in found) for found in places) for s in starts)


@lru_cache(maxsize=1_000)
def _indexed(doc: IndexDocument) -> Indexed:
    """Tests put the same samples into many backends."""
    return Indexed(doc)


class MemoryBackend:
    """Implements `archive.search.backend.SearchBackend`."""

    def __init__(self) -> None:
        self._all: dict[str, Indexed] = {}
        self._hidden: frozenset[str] = frozenset()
        self._cursor = 0
        self._generation = 1

    @property
    def _articles(self) -> dict[str, Indexed]:
        return {key: item for key, item in self._all.items() if key not in self._hidden}

    def cursor(self) -> int:
        return self._cursor

    def apply(self, batch: Batch) -> None:
        for doc in batch.upserts:
            self.add(doc)
        for article_id in batch.deletions:
            self._all.pop(article_id, None)
        self._cursor = batch.cursor

    def rebuild(self, fill: Callable[[DocumentWriter], int], check: Callable[[int], None]) -> None:
        fresh = MemoryBackend()
        cursor = fill(fresh)
        check(len(fresh._all))
        self._all, self._cursor, self._generation = fresh._all, cursor, self._generation + 1

    def add(self, doc: IndexDocument) -> None:
        self._all[doc.id] = _indexed(doc)

    def discard(self) -> None:
        self._all, self._cursor = {}, 0

    def damage(self) -> Sequence[Damage]:
        return ()

    def generation(self) -> str:
        return str(self._generation)

    def count(self) -> int:
        return len(self._articles)

    def hide(self, ids: Collection[str]) -> None:
        self._hidden = frozenset(ids)

    def close(self) -> None:
        self._all = {}

    def search(self, request: SearchRequest) -> SearchPage:
        reading = parse(request.q)
        hints = list(reading.hints)
        tree = expand(reading.tree)
        found = [item for item in self._articles.values() if item.has(tree, request.exact)]
        wanted, others = parts(reading.tree)
        if not found and len(wanted) > 1:
            fits = [
                i for i in self._articles.values() if all(i.has(other, request.exact) for other in others)
            ]
            have = {i: sum(i.has(expand(part), request.exact) for part in wanted) for i in fits}
            best = max(have.values(), default=0)
            found = [item for item, count in have.items() if best and count >= best / 2]
            if found:
                hints.append(Hint(HintKind.RELAXED))
        passed = [item for item in found if all(_passes(self, item, request).values())]
        sort = request.sort if any(True for _ in leaves(tree)) else Sort.NEWEST
        if request.sort is Sort.OLDEST:
            sort = Sort.OLDEST
        passed.sort(key=lambda item: _key(item, sort, tree))
        shown, copies = _collapsed(passed) if request.collapse else (passed, {})
        start = max(request.page - 1, 0) * request.size
        sought = snippets.Sought(tree, request.exact)
        hits = tuple(
            _hit(item, sought, item.score(tree), copies) for item in shown[start : start + request.size]
        )
        months = Counter(f"{i.doc.published:%Y-%m}" for i in passed if i.doc.published)
        return SearchPage(
            total=len(passed),
            hits=hits,
            facets={name: _facet(self, found, request, name) for name in self._facets()}
            if request.facets
            else {},
            months=dict(sorted(months.items())) if request.facets else {},
            undated=sum(i.doc.published is None for i in passed) if request.facets else 0,
            hints=tuple(hints),
            reading=to_text(reading.tree),
            distinct=len(shown),
        )

    def ids(self, request: SearchRequest) -> list[str]:
        every = replace(request, page=1, size=len(self._articles) + 1, facets=False)
        return [hit.id for hit in self.search(every).hits]

    def complete(self, prefix: str, limit: int) -> list[Completion]:
        start = fold(prefix.strip())
        titles = [item.doc.title for item in self._articles.values()]
        found = [title for title in titles if start and f" {start}" in " " + fold(title)]
        return [Completion(title, "title") for title in found[:limit]]

    def related(self, article_id: str, limit: int) -> list[SearchHit]:
        item = self._articles.get(article_id)
        if item is None:
            return []
        title = {word for word, _ in item.words["title"]}
        others = [o for o in self._articles.values() if o is not item and not _copies(o, item)]
        others.sort(key=lambda other: -len(title & {word for word, _ in other.words["title"]}))
        sought = snippets.Sought(Everything(), False)
        return [_hit(other, sought, 1.0, {}) for other in others[:limit]]

    def _facets(self) -> tuple[str, ...]:
        kinds = {kind for item in self._articles.values() for kind, _ in item.doc.keywords}
        return (*_FACETS, *(kind for kind in KEYWORDS if kind in kinds))

    def article(self, article_id: str) -> Indexed | None:
        return self._articles.get(article_id)


_FACETS = ("site", "section", "year", "media", "status")


def _value(doc: IndexDocument, name: str) -> str:
    match name:
        case "site":
            return doc.site
        case "section":
            return doc.section
        case "year":
            return str(doc.published.year) if doc.published else ""
        case "media":
            return "1" if doc.has_pictures else "0"
        case _:
            return doc.status


def _values(doc: IndexDocument, name: str) -> tuple[str, ...]:
    if name not in KEYWORDS:
        return (_value(doc, name),)
    return tuple(dict.fromkeys(value for kind, value in doc.keywords if kind == name))


def _passes(backend: MemoryBackend, item: Indexed, request: SearchRequest) -> dict[str, bool]:
    doc, day = item.doc, item.doc.published
    original = backend.article(request.copies_of) if request.copies_of else None
    return {
        "site": not request.sites or doc.site in request.sites,
        "section": not request.sections or doc.section in request.sections,
        "year": not request.years or (day is not None and day.year in request.years),
        "media": request.media is None or doc.has_pictures is request.media,
        "status": not request.status or doc.status in request.status,
        **{kind: _has_name(doc, kind, request) for kind in KEYWORDS},
        "from": request.date_from is None or (day is not None and day >= request.date_from),
        "to": request.date_to is None or (day is not None and day <= request.date_to),
        "copies": not request.copies_of
        or (original is not None and (original is item or _copies(original, item))),
    }


def _has_name(doc: IndexDocument, kind: str, request: SearchRequest) -> bool:
    wanted = {keyword_form(name) for other, name in request.keywords if other == kind}
    return not wanted or any(k == kind and keyword_form(name) in wanted for k, name in doc.keywords)


def _facet(
    backend: MemoryBackend, found: list[Indexed], request: SearchRequest, name: str
) -> tuple[FacetValue, ...]:
    counts: Counter[str] = Counter()
    for item in found:
        passes = _passes(backend, item, request)
        passes.pop(name)
        if all(passes.values()):
            counts.update(_values(item.doc, name))
    if name == "year":
        return tuple(FacetValue(value, counts[value]) for value in sorted(counts, reverse=True))
    return tuple(FacetValue(v, counts[v]) for v in sorted(counts, key=lambda value: (-counts[value], value)))


def _key(item: Indexed, sort: Sort, tree: Node) -> tuple[float, ...]:
    doc = item.doc
    day = doc.published.toordinal() if doc.published else 0
    minute = (
        int(doc.published_text[11:13]) * 60 + int(doc.published_text[14:16])
        if len(doc.published_text) > 10
        else 0
    )
    newest = (-day, -minute, id_key(doc.id))
    match sort:
        case Sort.NEWEST:
            return newest
        case Sort.OLDEST:
            return (day == 0, day, minute, id_key(doc.id))
        case _:
            return (-item.score(tree), *newest)


def _copies(one: Indexed, other: Indexed) -> bool:
    return text_key(one.doc) != 0 and text_key(one.doc) == text_key(other.doc)


def _collapsed(found: list[Indexed]) -> tuple[list[Indexed], dict[int, int]]:
    counts = Counter(key for item in found if (key := text_key(item.doc)))
    shown, seen = [], set()
    for item in found:
        key = text_key(item.doc)
        if not key or key not in seen:
            shown.append(item)
        seen.add(key)
    return shown, dict(counts)


def _hit(item: Indexed, sought: snippets.Sought, score: float, copies: dict[int, int]) -> SearchHit:
    doc = item.doc
    return SearchHit(
        id=doc.id,
        score=score,
        title=snippets.whole("title", doc.title, sought),
        snippets=snippets.best(doc.lead, doc.body, doc.captions, doc.attachments, sought),
        site=doc.site,
        site_name=doc.site_name,
        section=doc.section,
        published=doc.published_text,
        url=doc.url,
        picture=doc.picture,
        status=doc.status,
        slug=doc.slug,
        copies=copies.get(text_key(doc), 1),
    )
