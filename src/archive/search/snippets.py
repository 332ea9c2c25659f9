"""Pieces of an article's own text, with what was looked for marked. Pure; the same for every engine."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from archive.search.backend import Snippet
from archive.search.query import ATTACHMENT, BODY, CAPTION, LEAD, Node, Phrase, Prefix, Word, leaves
from archive.text.vietnamese import figure_parts, fold, fold_key, normal_word, raw_spans, raw_words

LENGTH = 220
"""Characters of a snippet, about."""
WINDOW = 32
"""Words within which found words count as together."""
LIMIT = 2
"""Snippets of an article at most."""


_CACHE = 200_000
"""Chunks of text and words whose analysis is kept."""
_LOOKED_INTO = 3
"""Pieces of an article that are marked, of those that a count of chunks finds the most promising."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a raw word may be found as."""

    normal: str
    folded: str
    key: str
    parts: tuple[str, ...]


@lru_cache(maxsize=_CACHE)
def form_of(raw: str) -> Form:
    """The forms of a word as it stands in a text."""
    normal = normal_word(raw)
    return Form(normal, fold(normal), fold_key(normal), tuple(figure_parts(raw)))


class _Keys(dict[str, str]):
    """Text between spaces → the keys of its words, with a space between several."""

    def __missing__(self, chunk: str) -> str:
        forms = [form_of(raw) for raw in raw_words(chunk)]
        key = " ".join(key for form in forms for key in (form.key, *form.parts))
        if len(self) >= _CACHE:
            self.clear()
        self[chunk] = key
        return key


_KEYS = _Keys()


class Sought:
    """What a tree looks for, in the form that marking needs."""

    def __init__(self, tree: Node, exact: bool) -> None:
        self._exact = exact
        self._words: dict[str, dict[str, set[str]]] = {}
        self._prefixes: dict[str, set[str]] = {}
        self._phrases: dict[str, set[tuple[str, ...]]] = {}
        self._wanted: dict[str, set[str]] = {}
        """By field, the keys of all words, those of phrases among them."""
        for leaf in leaves(tree):
            for field in leaf.fields:
                self._add(leaf, field)

    def _add(self, leaf: Word | Phrase | Prefix, field: str) -> None:
        match leaf:
            case Word(text):
                self._want(field, (text,))
            case Prefix(text):
                self._prefixes.setdefault(field, set()).add(text)
            case Phrase(words, _, None):
                self._phrases.setdefault(field, set()).add(words)
                self._wanted.setdefault(field, set()).update(map(fold_key, words))
            case Phrase(words):
                self._want(field, words)

    def _want(self, field: str, words: tuple[str, ...]) -> None:
        for text in words:
            self._words.setdefault(field, {}).setdefault(fold_key(text), set()).add(text)
            self._wanted.setdefault(field, set()).add(fold_key(text))

    def __bool__(self) -> bool:
        """Whether there is anything to mark: filters alone look for no word."""
        return bool(self._words or self._prefixes or self._phrases)

    def promise(self, field: str, text: str) -> int:
        """How many different words of a text may be found ones: quick, and 0 only when none is."""
        wanted = self._wanted.get(field, _NONE)
        keys = set(map(_KEYS.__getitem__, text.split()))
        count = len(keys & wanted)
        for several in keys:
            if " " in several:
                count += len(wanted.intersection(several.split(" ")))
        if prefixes := self._prefixes.get(field):
            starts = tuple(fold(prefix) for prefix in prefixes)
            count += any(key.startswith(starts) for several in keys for key in several.split(" "))
        return count

    def marks(self, field: str, text: str) -> list[Mark]:
        """The found words of a text, ascending."""
        words, prefixes = self._words.get(field, {}), self._prefixes.get(field, ())
        phrases = self._phrases.get(field, ())
        if not (words or prefixes or phrases):
            return []
        if not (prefixes or phrases):
            return list(self._marked_chunks(text, words))
        found: dict[int, Mark] = {}
        spans: list[tuple[Form, int, int]] = []
        for place, (raw, start, end) in enumerate(raw_spans(text)):
            form = form_of(raw)
            spans.append((form, start, end))
            if weight := self.weight(form, words, prefixes):
                found[place] = Mark(place, start, end, form.key, weight)
        for phrase in phrases:
            for first in self.begins(phrase, [form for form, _, _ in spans]):
                for place in range(first, first + len(phrase)):
                    form, start, end = spans[place]
                    found[place] = Mark(place, start, end, form.key, 2.0)
        return [found[place] for place in sorted(found)]

    def _marked_chunks(self, text: str, words: dict[str, set[str]]) -> Iterator[Mark]:
        """As `marks` for words alone, looking into those chunks only that have one."""
        chunks = text.split(" ")
        ends = list(itertools.accumulate(map(len, chunks)))
        for place, key in enumerate(map(_KEYS.__getitem__, chunks)):
            if key not in words and " " not in key:
                continue
            begin = ends[place] - len(chunks[place]) + place
            for raw, start, end in raw_spans(chunks[place]):
                form = form_of(raw)
                if weight := self.weight(form, words, ()):
                    yield Mark(place, begin + start, begin + end, form.key, weight)

    def weight(self, form: Form, words: Mapping[str, Set[str]], prefixes: Iterable[str]) -> float:
        """How well a word fits any of these: 2 as typed, 1.5 by its beginning, 1 folded only, 0 not at all.

        :param words: `fold_key` → forms as typed.
        """
        if typed := words.get(form.key):
            if form.normal in typed or (not self._exact and form.folded in typed):
                return 2.0
            if not self._exact:
                return 1.0
        if any(part in words for part in form.parts):
            return 2.0
        for prefix in prefixes:
            if form.normal.startswith(prefix) or (not self._exact and form.folded.startswith(fold(prefix))):
                return 1.5
        return 0.0

    def begins(self, phrase: tuple[str, ...], forms: Sequence[Form]) -> Iterator[int]:
        """Where, among the words of a text, a phrase begins."""
        wanted = phrase if self._exact else tuple(fold_key(word) for word in phrase)
        have = [form.normal if self._exact else form.key for form in forms]
        for start in range(len(have) - len(wanted) + 1):
            if have[start] == wanted[0] and tuple(have[start : start + len(wanted)]) == wanted:
                yield start


_NONE: set[str] = set()


@dataclass(frozen=True, slots=True)
class Mark:
    """One found word."""

    place: int
    """Its number among the words of the text, or that of the chunk it is in: near enough for windows."""
    start: int
    end: int
    key: str
    weight: float
    """2 as typed, 1 folded only."""


def whole(field: str, text: str, sought: Sought) -> Snippet:
    """A text in full: titles."""
    return Snippet(text, _joined(text, sought.marks(field, text), 0, len(text)), field)


def best(
    lead: str, body: str, captions: Sequence[str], attachments: Sequence[str], sought: Sought
) -> tuple[Snippet, ...]:
    """The pieces of an article that show best why it was found, in reading order.

    Attachments are long: they are looked into when no piece of the article itself has a found word. Without
    any found word, how the article begins.
    """
    if not sought:
        return _beginning(lead, body)
    pieces = [(LEAD, lead), *((BODY, text) for text in body.split("\n")), *((CAPTION, c) for c in captions)]
    promises = [(-sought.promise(field, text), number) for number, (field, text) in enumerate(pieces)]
    if attachments and not any(promise for promise, _ in promises):
        for text in attachments:
            for line in text.split("\n"):
                promises.append((-sought.promise(ATTACHMENT, line), len(pieces)))
                pieces.append((ATTACHMENT, line))
    ranked = []
    for promise, number in sorted(promises)[:_LOOKED_INTO]:
        field, text = pieces[number]
        if promise and (marks := sought.marks(field, text)):
            score, first, last = _densest(marks)
            ranked.append((-score, number, first, last, marks))
    ranked.sort(key=lambda item: item[:2])
    if not ranked:
        return _beginning(lead, body) or _beginning("", next((text for _, text in pieces if text), ""))
    chosen = [item for item in ranked[:LIMIT] if item[0] <= ranked[0][0] / 2]
    result = []
    for _, number, first, last, marks in sorted(chosen, key=lambda item: item[1]):
        field, text = pieces[number]
        result.append(_snippet(field, text, marks, first, last))
    return tuple(result)


def _beginning(lead: str, body: str) -> tuple[Snippet, ...]:
    """How an article begins, when it has a text."""
    text = lead or next((line for line in body.split("\n") if line), "")
    return (Snippet(_cut(text, 0)[0], (), LEAD if lead else BODY),) if text else ()


def _densest(marks: Sequence[Mark]) -> tuple[float, Mark, Mark]:
    """Score and ends of the window with the most different found words, the closest together."""
    top = (-1.0, marks[0], marks[0])
    start = 0
    for end, mark in enumerate(marks):
        while mark.place - marks[start].place >= WINDOW:
            start += 1
        inside = marks[start : end + 1]
        weights: dict[str, float] = {}
        for item in inside:
            weights[item.key] = max(weights.get(item.key, 0.0), item.weight)
        beside = sum(b.place - a.place == 1 for a, b in itertools.pairwise(inside))
        score = sum(weights.values()) + 0.5 * min(beside, len(weights))
        if score > top[0]:
            top = (score, marks[start], mark)
    return top


def _snippet(field: str, text: str, marks: Sequence[Mark], first: Mark, last: Mark) -> Snippet:
    room = max(LENGTH - (last.end - first.start), 0)
    begin = 0 if first.start <= room else text.rfind(" ", 0, max(first.start - room // 3, 0)) + 1
    shown, end = _cut(text, begin)
    before = "… " if begin else ""
    inside = [mark for mark in marks if begin <= mark.start and mark.end <= end]
    return Snippet(before + shown, _joined(text, inside, begin - len(before), end), field)


def _cut(text: str, begin: int) -> tuple[str, int]:
    """From a place on, about `LENGTH` characters, not within a word; and where the cut is."""
    if len(text) - begin <= LENGTH * 5 // 4:
        return text[begin:], len(text)
    end = text.rfind(" ", begin, begin + LENGTH)
    end = end if end > begin else begin + LENGTH
    return f"{text[begin:end]} …", end


def _joined(text: str, marks: Sequence[Mark], shift: int, end: int) -> tuple[tuple[int, int], ...]:
    """Offsets less `shift`; words with only a space between them are one mark."""
    result: list[tuple[int, int]] = []
    for mark in marks:
        start, stop = mark.start - shift, min(mark.end, end) - shift
        if result and text[result[-1][1] + shift : mark.start] == " ":
            result[-1] = (result[-1][0], stop)
        else:
            result.append((start, stop))
    return tuple(result)
