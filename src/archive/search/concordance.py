"""Every place where a text has what a question looks for, with the words around it. Pure.

A *hit* is a stretch of a text: a word, a phrase from its first word to its last, a window that has all words
of a nearness. Found words with nothing but a space between them are one hit (as the result page marks them)
unless one of them comes again; stretches that overlap are one. Matching is the index's own: accents folded
unless `exact`, figures by their parts, no phrase across paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from archive.search.query import (
    DEFAULT_FIELDS,
    PERSON,
    PLACE,
    SITE,
    And,
    Keyword,
    Node,
    Or,
    Phrase,
    Prefix,
    Word,
    leaves,
)
from archive.search.snippets import Form, Sought, form_of
from archive.text.vietnamese import fold_key, raw_spans, whole_words

_SPACE = re.compile(r"\s+")
SORTED = 3
"""Words on each side that lines can be sorted by."""

Leaf = Word | Phrase | Prefix


@dataclass(frozen=True, slots=True)
class Context:
    """One hit and what stands around it in its paragraph."""

    start: int
    """Offset of the keyword in the paragraph."""
    left: str
    keyword: str
    right: str
    """Texts as they stand, white space made single spaces: joined they are the text again."""
    before: tuple[str, ...]
    """Up to `SORTED` words to the left, the nearest first, in the form of `normal_word`."""
    words: tuple[str, ...]
    """Those of the keyword, in that form."""
    after: tuple[str, ...]
    """Up to `SORTED` words to the right, the nearest first."""


def looked_for(tree: Node, filters: Iterable[tuple[str, str]] = ()) -> tuple[Leaf, ...]:
    """What the lines of a question are lined up on.

    That is its words, phrases and prefixes; where it has none, the people and places that it names, or else
    those that its filters do. () when there is nothing to line up on.

    :param filters: kind and name, as `SearchRequest.keywords` has them.
    """
    found = tuple(leaf for leaf in leaves(tree) if leaf.fields != (SITE,))
    if not found:
        found = _names(_keywords(tree))
    return found or _names(filters)


def _keywords(tree: Node) -> Iterator[tuple[str, str]]:
    match tree:
        case Keyword(kind, name):
            yield kind, name
        case And(children) | Or(children):
            for child in children:
                yield from _keywords(child)
        case _:
            return


def _names(keywords: Iterable[tuple[str, str]]) -> tuple[Leaf, ...]:
    words = (tuple(whole_words(name)) for kind, name in keywords if kind in (PERSON, PLACE))
    return tuple(Phrase(parts) if len(parts) > 1 else Word(parts[0]) for parts in words if parts)


class Finder:
    """Finds the hits of some leaves in texts. One instance serves any number of articles."""

    def __init__(self, wanted: Sequence[Leaf], exact: bool, width: int) -> None:
        """
        :param wanted: see `looked_for`.
        :param exact: whether words must have the accents as typed.
        :param width: words of context on each side.
        """
        self._sought = Sought(Or(tuple(wanted)), exact)
        self._exact = exact
        self._width = width
        self._by_field = {name: [leaf for leaf in wanted if name in leaf.fields] for name in DEFAULT_FIELDS}
        self.named = frozenset(leaf.fields[0] for leaf in wanted if len(leaf.fields) == 1)
        """Fields that the question itself names."""

    def contexts(self, field: str, text: str) -> Iterator[Context]:
        """The hits of one paragraph, left to right."""
        leaves_here = self._by_field.get(field, ())
        if not leaves_here or not self._sought.promise(field, text):
            return
        spans = list(raw_spans(text))
        forms = [form_of(raw) for raw, _, _ in spans]
        for first, last in self._stretches(leaves_here, text, spans, forms):
            low, high = max(first - self._width, 0), min(last + self._width, len(spans) - 1)
            start, end = spans[first][1], spans[last][2]
            # What stands before the first word and after the last belongs to the context that reaches there.
            begin = spans[low][1] if low else 0
            stop = spans[high][2] if high < len(spans) - 1 else len(text)
            yield Context(
                start,
                _plain(text[begin:start]).lstrip(),
                _plain(text[start:end]),
                _plain(text[end:stop]).rstrip(),
                tuple(form.normal for form in forms[max(first - SORTED, 0) : first][::-1]),
                tuple(form.normal for form in forms[first : last + 1]),
                tuple(form.normal for form in forms[last + 1 : last + 1 + SORTED]),
            )

    def _stretches(
        self, wanted: Sequence[Leaf], text: str, spans: Sequence[tuple[str, int, int]], forms: Sequence[Form]
    ) -> Iterator[tuple[int, int]]:
        """First and last word of each hit, ascending, none overlapping."""
        single: set[int] = set()
        keys = f" {' '.join(form.key for form in forms)} "
        found: list[tuple[int, int]] = []
        words: dict[str, set[str]] = {}
        prefixes: list[str] = []
        for leaf in wanted:
            match leaf:
                case Word(word):
                    words.setdefault(fold_key(word), set()).add(word)
                case Prefix(start):
                    prefixes.append(start)
                case Phrase(parts, _, None) if f" {' '.join(map(fold_key, parts))} " in keys:
                    found += [(at, at + len(parts) - 1) for at in self._sought.begins(parts, forms)]
                case Phrase(parts, _, int(slop)):
                    found += self._near(parts, slop, forms)
        if words or prefixes:
            single = {
                at
                for at, form in enumerate(forms)
                if (form.key in words or form.parts or prefixes)
                and self._sought.weight(form, words, prefixes)
            }
        found += _runs(sorted(single), text, spans, forms)
        found.sort()
        current: tuple[int, int] | None = None
        for first, last in found:
            if current is not None and first <= current[1]:
                current = current[0], max(current[1], last)
                continue
            if current is not None:
                yield current
            current = first, last
        if current is not None:
            yield current

    def _near(self, parts: Sequence[str], slop: int, forms: Sequence[Form]) -> Iterator[tuple[int, int]]:
        """The shortest windows, from the left, that have all the words with at most `slop` others."""
        wanted = {part if self._exact else fold_key(part) for part in parts}
        width = len(parts) + slop
        seen: dict[str, int] = {}
        after = -1
        for at, form in enumerate(forms):
            have = form.normal if self._exact else form.key
            if have not in wanted:
                continue
            seen[have] = at
            first = min(seen.values())
            if len(seen) == len(wanted) and at - first < width and first > after:
                yield first, at
                after = at
                seen.clear()


def _runs(
    places: Sequence[int], text: str, spans: Sequence[tuple[str, int, int]], forms: Sequence[Form]
) -> Iterator[tuple[int, int]]:
    """Found words side by side as one stretch, as long as none of them comes again."""
    first = last = -1
    keys: set[str] = set()
    for at in places:
        beside = last >= 0 and at == last + 1 and text[spans[last][2] : spans[at][1]] == " "
        if beside and forms[at].key not in keys:
            last = at
            keys.add(forms[at].key)
            continue
        if last >= 0:
            yield first, last
        first = last = at
        keys = {forms[at].key}
    if last >= 0:
        yield first, last


def _plain(text: str) -> str:
    """White space as single spaces; one at an end stays, for it tells `(NTM)` from `( NTM )`."""
    return _SPACE.sub(" ", text)
