"""Phrases: words side by side by the index of pairs, words near each other by their occurrences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from archive.search.query import DEFAULT_FIELDS, Phrase
from archive.search.whoosh.arrays import Array, distinct
from archive.search.whoosh.nearness import common, intersect
from archive.search.whoosh.pairs import WORD_BITS
from archive.search.whoosh.segment import BLOCK_BITS, FIELD_BITS, FIELD_SLOTS, SegmentArrays
from archive.search.whoosh.snapshot import Opened
from archive.search.whoosh.terms import NOTHING, POSITION_BITS, Forms, Scored, Terms, slots_of


def _in_time() -> bool:
    return False


def phrase(
    terms: Terms, node: Phrase, exact: bool, alive: Array, late: Callable[[], bool] = _in_time
) -> Scored:
    """Documents in which the words stand as the phrase says, scored as if the phrase were one word.

    An occurrence counts the more, the more of its words have the accents as typed.

    :param alive: bool by document: not deleted.
    :param late: whether time is up: further words are then left out.
    """
    if node.slop is not None:
        return _near(terms, node, exact, alive, late)
    codes, weights = [], []
    for item in terms.segments:
        found = _side_by_side(terms, item, node, exact)
        if found is not None:
            keep = _kept(terms, item, found, node.fields, alive)
            codes.append(found.codes[keep] + np.uint32(item.base << FIELD_BITS))
            weights.append(found.weights[keep])
    if not codes:
        return NOTHING
    return terms.score_occurrences(np.concatenate(codes), np.concatenate(weights))


# ----------------------------------------------------------------------------------------- side by side


@dataclass(frozen=True, slots=True)
class _Found:
    """Occurrences of a phrase in one segment, ascending."""

    codes: Array
    """Within the segment."""
    weights: Array
    """How much each counts."""


@dataclass(frozen=True, slots=True)
class _Link:
    """Two neighbours of a phrase: where they stand side by side, in one list for each spelling."""

    place: int
    """Of the first of the two in the phrase."""
    lists: list[Array]
    """Addresses of the first, ascending; no address is in two lists."""
    typed: tuple[list[bool], list[bool]]
    """For each list, whether the first, the second word has the accents as typed."""

    @property
    def size(self) -> int:
        return sum(map(len, self.lists))


def _side_by_side(terms: Terms, item: Opened, node: Phrase, exact: bool) -> _Found | None:
    forms = [terms.forms(item, text, exact) for text in node.words]
    links = []
    for place in range(len(forms) - 1):
        link = _link(item.arrays, place, forms[place], forms[place + 1])
        if not link.lists:
            return None
        links.append(link)
    cover = _cover(links)
    first = cover[0]
    keys = _merged(first.lists)
    keys = keys[np.searchsorted(keys, first.place) :] - np.uint32(first.place)
    for link in cover[1:]:
        keys = keys[_members(keys + np.uint32(link.place), link.lists)]
    if not len(keys):
        return None
    weights = _likeness(terms, node, exact, cover, keys)
    blocks = keys >> BLOCK_BITS
    item.arrays.checks.use("blocks", int(blocks[0]), int(blocks[-1]) + 1)
    return _Found(item.arrays.blocks[blocks], weights)


def _link(arrays: SegmentArrays, place: int, left: Forms, right: Forms) -> _Link:
    link = _Link(place, [], ([], []))
    if not left.tiers or not right.tiers:
        return link
    ranges = (left.low, left.high), (right.low, right.high)
    for first, second, begin, end in neighbours(arrays, *ranges):
        link.lists.append(arrays.part("places", begin, end))
        link.typed[0].append(left.tiers[first - left.low] == 0)
        link.typed[1].append(right.tiers[second - right.low] == 0)
    return link


def neighbours(
    arrays: SegmentArrays, left: tuple[int, int], right: tuple[int, int]
) -> Iterator[tuple[int, int, int, int]]:
    """The pairs of a word of one range and a word of another: both numbers, and where in `places` the
    pair's addresses begin and end.

    :param left: number of the first word and that after the last; `right` likewise.
    """
    lows = np.arange(*left, dtype=np.uint64) << np.uint64(WORD_BITS)
    bounds = np.concatenate((lows | np.uint64(right[0]), lows | np.uint64(right[1])))
    ends = np.searchsorted(arrays.pairs, bounds).tolist()
    for end in ends:
        # As read, the pair before the place found is smaller and that at it is not: if both are what was
        # written, so is the place, whatever the search met on its way.
        arrays.checks.use("pairs", max(end - 1, 0), min(end + 1, len(arrays.pairs)))
    for number, (begin, end) in enumerate(zip(ends[: len(lows)], ends[len(lows) :], strict=True), left[0]):
        if begin < end:
            at = arrays.part("pair_at", begin, end + 1).tolist()
            seconds = (arrays.part("pairs", begin, end) & np.uint64((1 << WORD_BITS) - 1)).tolist()
            for place, second in enumerate(seconds):
                yield number, second, at[place], at[place + 1]


def _cover(links: Sequence[_Link]) -> list[_Link]:
    """So many of the links, the rarest first, that every word of the phrase is in one."""
    chosen: list[_Link] = []
    covered: set[int] = set()
    for link in sorted(links, key=lambda item: item.size):
        both = {link.place, link.place + 1}
        if not both <= covered:
            chosen.append(link)
            covered |= both
    return chosen


def _merged(lists: Sequence[Array]) -> Array:
    if len(lists) == 1:
        return lists[0]
    merged = np.concatenate(lists)
    merged.sort()
    return merged


def _members(wanted: Array, lists: Sequence[Array]) -> Array:
    """bool by place in `wanted`, which is ascending: in one of the lists."""
    result = np.zeros(len(wanted), bool)
    if not len(wanted):
        return result
    for found in lists:
        if len(found) <= len(wanted) * 16:
            both = common(wanted, found)
            result[np.searchsorted(wanted, both)] = True
        else:
            at = np.minimum(np.searchsorted(found, wanted), len(found) - 1)
            result |= found[at] == wanted
    return result


def _likeness(terms: Terms, node: Phrase, exact: bool, links: Sequence[_Link], keys: Array) -> Array:
    """For each occurrence, how much of it has the accents as typed: `ranking.folded` to 1."""
    have = np.ones(len(keys))
    if exact:
        return have
    least, count = terms.ranking.folded, len(node.words)
    for place, text in enumerate(node.words):
        if text.isascii():
            continue
        link = next(link for link in links if place - link.place in (0, 1))
        typed = link.typed[place - link.place]
        if all(typed):
            continue
        lists = [found for found, as_typed in zip(link.lists, typed, strict=True) if as_typed]
        other = ~_members(keys + np.uint32(link.place), lists)
        have[other] -= (1 - least) / count
    return have


def _kept(terms: Terms, item: Opened, found: _Found, fields: tuple[str, ...], alive: Array) -> Array | slice:
    keep: Array | slice = slice(None)
    if fields != DEFAULT_FIELDS:
        keep = slots_of(fields)[found.codes & np.uint32(FIELD_SLOTS - 1)]
    if not terms.all_alive:
        living = alive[(found.codes >> FIELD_BITS) + np.uint32(item.base)]
        keep = living if isinstance(keep, slice) else keep & living
    return keep


# ------------------------------------------------------------------------------------------------ near


def _near(terms: Terms, node: Phrase, exact: bool, alive: Array, late: Callable[[], bool]) -> Scored:
    """The words in any order, at most `slop` others among them."""
    texts = list(dict.fromkeys(node.words))
    together = terms.word(texts[0], node.fields, exact)
    read = [texts[0]]
    for text in texts[1:]:
        if not len(together) or late():
            break
        together = intersect(together, terms.word(text, node.fields, exact), len(alive))
        read.append(text)
    among = np.zeros(len(alive), bool)
    among[together.documents] = True
    places: list[Array] = []
    for text in read:
        if places and late():
            break
        places.append(terms.occurrences(text, node.fields, exact, among))
    keys = _within(places, len(node.words) + (node.slop or 0))
    if not len(keys):
        return NOTHING
    return terms.score_occurrences((keys >> POSITION_BITS).astype(np.uint32), np.ones(len(keys)))


def _within(places: Sequence[Array], width: int) -> Array:
    """Keys where a window of so many words begins that has each of the words, in any order."""
    starts = distinct(np.concatenate(places))
    for keys in places:
        if not len(keys):
            return keys
        at = np.searchsorted(keys, starts)
        following = keys[np.minimum(at, len(keys) - 1)]
        starts = starts[(at < len(keys)) & (following < starts + width)]
    return starts
