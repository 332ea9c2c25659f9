"""What the engine offers unasked: other words, completions, articles alike."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from archive.search.backend import Completion
from archive.search.query import DEFAULT_FIELDS, TITLE, Phrase, Word
from archive.search.slips import slips
from archive.search.whoosh.arrays import Array
from archive.search.whoosh.nearness import intersect
from archive.search.whoosh.phrases import phrase
from archive.search.whoosh.segment import lower_bound
from archive.search.whoosh.snapshot import Snapshot
from archive.search.whoosh.terms import NOTHING, Scored, Terms
from archive.text.vietnamese import fold, fold_key, normal_word, raw_words, tone_normal

_MAX_SUGGESTED = 12
"""Words of a question for which another is sought."""
_TITLES_READ = 60
"""Titles with all the words that are looked into for the words as they were typed."""
_RELATED_WORDS = 12
_RELATED_TEXT = 1_500
"""Characters of lead and body that say what an article is about; the news puts that first."""


def suggestion(terms: Terms, words: Sequence[Word], found: Scored, shown: Array) -> str:
    """The question in words that are in the archive, with their accents; "" when it is so already.

    A word that no article has is replaced by the commonest one a slip away. A word typed without accents, or
    with accents that no article has, gets those that the articles shown have most.
    """
    if len(words) > _MAX_SUGGESTED or any(word.fields != DEFAULT_FIELDS for word in words):
        return ""
    bare = all(word.text.isascii() for word in words)
    result = []
    for word in words:
        variants = terms.variants(fold_key(word.text))
        if not variants:
            result.append(_nearest(terms, word.text))
        elif (bare or word.text not in variants) and not word.text.isdigit():
            here = terms.variants(fold_key(word.text), shown) if len(found) else {}
            result.append(_commonest(here) or _commonest(variants))
        else:
            result.append(word.text)
    typed = " ".join(word.text for word in words)
    text = " ".join(result)
    if text == typed or not all(result):
        return ""
    # What only deleted articles said is never offered.
    return text if terms.all_alive or all(_is_said(terms, word) for word in text.split()) else ""


def _is_said(terms: Terms, word: str) -> bool:
    return len(terms.word(word, DEFAULT_FIELDS, True)) > 0


def _commonest(variants: dict[str, int]) -> str:
    word = max(variants, key=lambda item: (variants[item], item), default="")
    return word if variants.get(word) else ""


def _nearest(terms: Terms, text: str) -> str:
    """The commonest word one slip away; two words run together; "" for none."""
    key = fold(text)
    known = [(terms.frequency(other), other) for other in set(slips(key)) if terms.has(other)]
    if known:
        return _commonest(terms.variants(max(known)[1]))
    halves = [
        (min(terms.frequency(key[:at]), terms.frequency(key[at:])), at) for at in range(2, len(key) - 1)
    ]
    count, at = max(halves, default=(0, 0))
    if not count:
        return ""
    return f"{_commonest(terms.variants(key[:at]))} {_commonest(terms.variants(key[at:]))}"


def complete(snapshot: Snapshot, terms: Terms, typed: str, limit: int) -> list[Completion]:
    """Sections, phrases of titles and titles that go on from what was typed."""
    raws = raw_words(typed)
    if not raws or limit < 1:
        return []
    start = " ".join(raws).lower() + (" " if typed[-1:].isspace() else "")
    folded = fold(start)
    if len(folded.strip()) < 2:
        return []
    sections = [
        Completion(name, "section", int(count))
        for name, count in zip(
            snapshot.section_names,
            np.bincount(snapshot.sections[snapshot.alive], minlength=len(snapshot.section_names)).tolist(),
            strict=True,
        )
        if count and fold(name).startswith(folded)
    ]
    phrases = _phrases(snapshot, start, folded, limit)
    if not terms.all_alive:
        phrases = [item for item in phrases if _is_title(snapshot, terms, item.text)]
    titles = _titles(snapshot, terms, raws, limit)
    room = limit - min(len(titles), limit // 3)
    return [*sections[:2], *phrases][:room] + titles[: limit - min(room, len(sections[:2]) + len(phrases))]


def _phrases(snapshot: Snapshot, start: str, folded: str, limit: int) -> list[Completion]:
    counts: Counter[str] = Counter()
    low, high = folded.encode(), folded.encode() + b"\xff"
    for item in snapshot.segments:
        arrays = item.arrays
        for name in ("grams", "gram_at", "gram_counts"):
            arrays.checks.whole(name)
        first = lower_bound(arrays.grams, arrays.gram_at, low)
        last = lower_bound(arrays.grams, arrays.gram_at, high)
        here = arrays.gram_counts[first:last]
        most = np.argpartition(here, -200)[-200:] if len(here) > 200 else np.arange(len(here))
        for number in (most + first).tolist():
            key = bytes(arrays.grams[arrays.gram_at[number] : arrays.gram_at[number + 1]])
            counts[key.split(b"\0")[1].decode()] += int(arrays.gram_counts[number])
    accented = {text: count for text, count in counts.items() if text.startswith(start)}
    chosen = accented if not start.isascii() and accented else counts
    ranked = sorted(chosen.items(), key=lambda item: (-item[1], -len(item[0]), item[0]))
    kept: list[tuple[str, int]] = []
    for text, count in ranked:
        # "hội đồng nhân" beside "hội đồng nhân dân" says nothing when hardly any title has only the former.
        if any(longer.startswith(text + " ") and other * 10 >= count * 8 for longer, other in ranked[:60]):
            continue
        kept.append((text, count))
        if len(kept) == limit:
            break
    return [Completion(text, "phrase", count) for text, count in kept]


def _is_title(snapshot: Snapshot, terms: Terms, text: str) -> bool:
    """Whether a phrase stands in the title of an article that is not deleted."""
    words = tuple(normal_word(raw) for raw in raw_words(text))
    return len(phrase(terms, Phrase(words, (TITLE,)), True, snapshot.alive)) > 0


def _titles(snapshot: Snapshot, terms: Terms, raws: Sequence[str], limit: int) -> list[Completion]:
    """The newest titles in which what was typed stands as it is, its last word perhaps unfinished."""
    *before, last = [normal_word(raw) for raw in raws]
    if not before and len(last) < 3:
        return []
    found = terms.prefix(last, (TITLE,), False)
    for word in before:
        found = intersect(found, terms.word(word, (TITLE,), False), snapshot.size)
    newest = found.documents[np.argsort(snapshot.newest[found.documents])[:_TITLES_READ]]
    wanted = " " + " ".join(fold(raw) for raw in raws)
    titles: dict[str, None] = {}
    for number in newest.tolist():
        title = str(snapshot.stored(number)["title"])
        if wanted in " " + " ".join(fold(raw) for raw in raw_words(title)):
            titles[title] = None
            if len(titles) == limit:
                break
    return [Completion(title, "title") for title in titles]


def related(snapshot: Snapshot, terms: Terms, number: int) -> Scored:
    """Articles with the telling words of one, scored by them."""
    doc = snapshot.stored(number)
    weights: Counter[str] = Counter()
    for text, weight in ((doc["title"], 3), (f"{doc['lead']} {doc['body']}"[:_RELATED_TEXT], 1)):
        for raw in raw_words(text):
            weights[tone_normal(raw)] += weight
    telling: list[tuple[float, str]] = []
    for word, weight in weights.items():
        common = terms.frequency_of(word)
        if common > 1:
            idf = math.log(1 + snapshot.count * 2 / common)
            telling.append((math.log1p(weight) * idf, word))
    scores = np.zeros(snapshot.size, np.float32)
    for factor, word in sorted(telling, reverse=True)[:_RELATED_WORDS]:
        part = terms.word(word, DEFAULT_FIELDS, True)
        scores[part.documents] += part.scores * np.float32(factor)
    scores[number] = 0
    if snapshot.copies[number] >= 0:
        scores[snapshot.copies == snapshot.copies[number]] = 0
    documents = np.flatnonzero(scores)
    return Scored(documents, scores[documents]) if len(documents) else NOTHING
