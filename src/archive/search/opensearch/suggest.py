"""What the engine offers unasked: accents, other words, completions, articles alike.

The engine has no list of its words that can be asked, so which forms of a word the archive writes is read off
the best articles that have the word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from archive.search import accents
from archive.search.backend import Completion, Sort
from archive.search.opensearch.analysis import EXACT, FOLDED, term, tokens
from archive.search.opensearch.narrow import FACET_VALUES, order
from archive.search.opensearch.questions import Clause
from archive.search.opensearch.schema import WHITESPACE
from archive.search.opensearch.view import Search, View, counted, shown
from archive.search.query import DEFAULT_FIELDS, Word
from archive.search.slips import slips
from archive.text.vietnamese import fold, fold_key, normal_word, raw_words

_MAX_SUGGESTED = 12
"""Words of a question for which another is sought."""
_MAX_UNKNOWN = 3
"""Words that no article has for which one a slip away is sought: some 600 are looked up for each."""
_READ = 40
"""Articles whose texts tell how the archive writes words."""
_TITLES_READ = 300
"""Titles that what was typed is completed from, the newest."""
_GRAM_LENGTHS = (2, 3, 4)
_RELATED_WORDS = 12
_RELATED_TEXT = 1_500
"""Characters of lead and body that say what an article is about; the news puts that first."""


def _has(key: str) -> Clause:
    return {"term": {"any": term(FOLDED, key)}}


# --------------------------------------------------------------------------------------------- accents


def likely(view: View, words: Sequence[str]) -> dict[str, str]:
    """See `archive.search.accents.likely`: by what the articles write that have most of the words.

    :param words: in a row, without accents.
    """
    row = list(words[: accents.MAX_WORDS])
    if len(row) < 2:
        return {}
    query = view.visible({"bool": {"should": [_scored(word) for word in dict.fromkeys(row)]}})
    (answer,) = view.ask([view.documents(query, _READ)])
    keys = {fold_key(word) for word in row}
    forms: dict[str, Counter[str]] = {key: Counter() for key in keys}
    pairs: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    total = 0
    for line in _lines(shown(answer)):
        found = [(word, fold_key(word)) for word in map(normal_word, raw_words(line))]
        total += len(found)
        for word, key in found:
            if key in keys:
                forms[key][word] += 1
        for (left, left_key), (right, right_key) in pairwise(found):
            if left_key in keys and right_key in keys:
                pairs.setdefault((left_key, right_key), Counter())[left, right] += 1
    return accents.likely(
        row,
        [forms[fold_key(word)] for word in row],
        [pairs.get((fold_key(left), fold_key(right)), Counter()) for left, right in pairwise(row)],
        total,
    )


def _scored(word: str) -> Clause:
    """A word wherever it is likely to be, cheaply: for finding articles to read."""
    fields = ("title", "lead", "body")
    return {"dis_max": {"queries": [{"term": {f"w.{name}": term(FOLDED, word)}} for name in fields]}}


def _lines(docs: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for doc in docs:
        yield doc["title"]
        yield doc["lead"]
        yield from doc["body"].split("\n")


# ---------------------------------------------------------------------------------------- did you mean


def vocabulary(words: Sequence[Word]) -> list[Clause]:
    """What `suggestion` must know of a question's words: clauses whose counts it is given. [] when there is
    nothing to suggest."""
    if not words or len(words) > _MAX_SUGGESTED or any(word.fields != DEFAULT_FIELDS for word in words):
        return []
    return [
        clause for word in words for clause in (_has(word.text), {"term": {"any": term(EXACT, word.text)}})
    ]


def suggestion(
    view: View, words: Sequence[Word], known: Sequence[int], found: Sequence[Mapping[str, Any]]
) -> str:
    """The question in words that are in the archive, with their accents; "" when it is so already.

    A word that no article has is replaced by the commonest one a slip away. A word typed without accents, or
    with accents that no article has, gets those that the articles shown have most.

    :param known: counts of `vocabulary`.
    :param found: the documents shown.
    """
    bare = all(word.text.isascii() for word in words)
    texts = [word.text for word in words]
    result = list(texts)
    unknown = [place for place in range(len(words)) if not known[2 * place]]
    if len(unknown) > _MAX_UNKNOWN:
        return ""
    for place in unknown:
        result[place] = _nearest(view, texts[place])
        if not result[place]:
            return ""
    here = _forms(found, {fold_key(text) for text in texts})
    missing: dict[int, str] = {}
    for place, text in enumerate(texts):
        if place not in unknown and (bare or not known[2 * place + 1]) and not text.isdigit():
            if form := _commonest(here[fold_key(text)]):
                result[place] = form
            else:
                missing[place] = fold_key(text)
    accented = _written(view, set(missing.values()))
    for place, key in missing.items():
        result[place] = accented.get(key) or result[place]
    typed, text = " ".join(texts), " ".join(result)
    return "" if text == typed else text


def _forms(docs: Iterable[Mapping[str, Any]], keys: set[str]) -> dict[str, Counter[str]]:
    """For each key, the words filed under it with the number of places that have them."""
    counts: dict[str, Counter[str]] = {key: Counter() for key in keys}
    for doc in docs:
        places = (doc["title"], doc["lead"], doc["body"], " ".join(doc.get("captions", ())))
        for text in places:
            for word in set(map(normal_word, raw_words(text))):
                if (key := fold_key(word)) in counts:
                    counts[key][word] += 1
    return counts


def _commonest(counts: Mapping[str, int]) -> str:
    return max(counts, key=lambda word: (counts[word], word), default="")


def _written(view: View, keys: set[str]) -> dict[str, str]:
    """How the best articles that have them write words."""
    ordered = sorted(keys)
    answers = view.ask(
        [
            view.documents(view.visible({"bool": {"filter": [_has(key)], "should": [_scored(key)]}}), _READ)
            for key in ordered
        ]
    )
    found = {}
    for key, answer in zip(ordered, answers, strict=True):
        found[key] = _commonest(_forms(shown(answer), {key})[key])
    return found


def _nearest(view: View, text: str) -> str:
    """The commonest word one slip away; two words run together; "" for none."""
    key = fold(text)
    near = sorted(set(slips(key)))
    parts = sorted({part for at in range(2, len(key) - 1) for part in (key[:at], key[at:])}) if near else []
    if not near:
        return ""
    (answer,) = view.ask([view.counts([_has(word) for word in (*near, *parts)])])
    counts = dict(zip((*near, *parts), counted(answer), strict=True))
    count, word = max((counts[slip], slip) for slip in near)
    if count:
        return _written(view, {fold_key(word)}).get(fold_key(word), "")
    halves = [(min(counts[key[:at]], counts[key[at:]]), at) for at in range(2, len(key) - 1)]
    count, at = max(halves, default=(0, 0))
    if not count:
        return ""
    written = _written(view, {key[:at], key[at:]})
    return " ".join(written.get(part, "") for part in (key[:at], key[at:])).strip()


# ------------------------------------------------------------------------------------------ completion


def complete(view: View, typed: str, limit: int) -> list[Completion]:
    """Sections, phrases of titles and titles that go on from what was typed."""
    raws = raw_words(typed)
    if not raws or limit < 1:
        return []
    start = " ".join(raws).lower() + (" " if typed[-1:].isspace() else "")
    folded = fold(start)
    if len(folded.strip()) < 2:
        return []
    sections = {
        "query": view.visible(filters=[{"prefix": {"section_start": folded}}]),
        "size": 0,
        "aggs": {"section": {"terms": {"field": "section", "size": FACET_VALUES}}},
    }
    titles = {
        "query": view.visible(filters=_titles_with(raws, unfinished=not typed[-1:].isspace())),
        "size": _TITLES_READ,
        "sort": order(Sort.NEWEST),
        "_source": ["shown.title"],
        "track_total_hits": False,
    }
    by_section, by_title = view.ask([Search(sections), Search(titles)])
    found = [
        Completion(bucket["key"], "section", bucket["doc_count"])
        for bucket in by_section["aggregations"]["section"]["buckets"]
    ]
    read = [doc["title"] for doc in shown(by_title)]
    phrases = _phrases(view, read, start, folded, limit)
    whole = _titles(read, raws, limit)
    room = limit - min(len(whole), limit // 3)
    first = [*found[:2], *phrases]
    return first[:room] + whole[: limit - min(room, len(first))]


def _titles_with(raws: Sequence[str], *, unfinished: bool) -> list[Clause]:
    """Titles that have the words side by side and, somewhere, one that begins as the last does."""
    *before, last = [term(FOLDED, normal_word(raw)) for raw in raws]
    begins: Clause = {"prefix": {"w.title": fold(raws[-1])}}
    alternatives = [begins, {"term": {"w.title": last}}] if unfinished else [{"term": {"w.title": last}}]
    clauses: list[Clause] = [{"bool": {"should": alternatives, "minimum_should_match": 1}}]
    if before:
        clauses.append({"match_phrase": {"w.title": {"query": " ".join(before), "analyzer": WHITESPACE}}})
    return clauses


def _phrases(view: View, titles: Sequence[str], start: str, folded: str, limit: int) -> list[Completion]:
    counts: Counter[str] = Counter()
    for title in titles:
        found = [raw.lower() for raw in raw_words(title)]
        grams = {
            " ".join(found[at : at + length])
            for length in _GRAM_LENGTHS
            for at in range(len(found) - length + 1)
        }
        counts.update(gram for gram in grams if fold(gram).startswith(folded))
    accented = {text: count for text, count in counts.items() if text.startswith(start)}
    chosen = accented if not start.isascii() and accented else dict(counts)
    ranked = sorted(chosen.items(), key=lambda item: (-item[1], -len(item[0]), item[0]))
    kept: list[str] = []
    for text, count in ranked:
        # "hội đồng nhân" beside "hội đồng nhân dân" says nothing when hardly any title has only the former.
        if any(longer.startswith(text + " ") and other * 10 >= count * 8 for longer, other in ranked[:60]):
            continue
        kept.append(text)
        if len(kept) == limit:
            break
    if len(titles) < _TITLES_READ or not kept:
        return [Completion(text, "phrase", chosen[text]) for text in kept]
    (answer,) = view.ask([view.counts([_in_title(text) for text in kept])])
    return [Completion(text, "phrase", count) for text, count in zip(kept, counted(answer), strict=True)]


def _in_title(text: str) -> Clause:
    query = " ".join(term(EXACT, normal_word(raw)) for raw in raw_words(text))
    return {"match_phrase": {"w.title": {"query": query, "analyzer": WHITESPACE}}}


def _titles(titles: Sequence[str], raws: Sequence[str], limit: int) -> list[Completion]:
    """The newest titles in which what was typed stands as it is, its last word perhaps unfinished."""
    if len(raws) < 2 and len(raws[0]) < 3:
        return []
    wanted = " " + " ".join(fold(raw) for raw in raws)
    having = dict.fromkeys(
        title for title in titles if wanted in " " + " ".join(fold(raw) for raw in raw_words(title))
    )
    return [Completion(title, "title") for title in list(having)[:limit]]


# --------------------------------------------------------------------------------------------- related


def related(view: View, doc: Mapping[str, Any], key: int, copy: int, limit: int) -> Search:
    """A search for articles with the telling words of one, itself and its copies not among them."""
    text = f"{doc['title']} " * 3 + f"{doc['lead']} {doc['body']}"[:_RELATED_TEXT]
    words = [form for word in tokens(text).split() for form in word.split("|") if form.startswith(EXACT)]
    alike: Clause = {
        "more_like_this": {
            "fields": [f"w.{name}" for name in ("title", "lead", "body")],
            "like": [" ".join(words)],
            "analyzer": WHITESPACE,
            "max_query_terms": _RELATED_WORDS,
            "min_term_freq": 1,
            "min_doc_freq": 2,
            "minimum_should_match": 1,
            "boost_terms": 1.0,
        }
    }
    itself: list[Clause] = [{"term": {"key": key}}, {"term": {"copy": copy}}]
    return Search(
        {
            "query": {"bool": {"must": [alike], "must_not": [*view.hidden, *itself]}},
            "size": limit,
            "sort": order(Sort.RELEVANCE),
            "collapse": {"field": "copy"},
            "_source": ["shown"],
            "track_total_hits": False,
        },
        ranked=True,
    )
