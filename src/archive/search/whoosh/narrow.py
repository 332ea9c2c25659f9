"""Filters, facets, orders and the collapsing of copies: everything done with columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from archive.search.backend import FacetValue, SearchRequest, Sort
from archive.search.document import id_key
from archive.search.whoosh.arrays import Array
from archive.search.whoosh.keywords import Keywords
from archive.search.whoosh.segment import STATUSES
from archive.search.whoosh.snapshot import Snapshot
from archive.search.whoosh.terms import Scored

FACETS = ("site", "section", "year", "media", "status")
FACET_VALUES = 100
"""Values of one facet at most, the commonest."""
_ALL = "all"
_SORTED_WHOLE = 2_000
"""So few are put in order sooner than the best of them are picked out."""


class Filters:
    """The filters of a request as masks over documents, one for each facet, so that a facet can be counted
    without its own."""

    def __init__(self, snapshot: Snapshot, keywords: Callable[[], Keywords], request: SearchRequest) -> None:
        """
        :param keywords: gives the names of the snapshot; not asked when no filter is on them.
        """
        self._masks: dict[str, Array] = {}
        if request.sites:
            codes = [n for n, (site, _) in enumerate(snapshot.site_names) if site in request.sites]
            self._masks["site"] = np.isin(snapshot.sites, codes)
        if request.sections:
            codes = [n for n, name in enumerate(snapshot.section_names) if name in request.sections]
            self._masks["section"] = np.isin(snapshot.sections, codes)
        if request.years:
            self._masks["year"] = np.isin(snapshot.years, request.years)
        if request.media is not None:
            self._masks["media"] = snapshot.media == int(request.media)
        if request.status:
            self._masks["status"] = np.isin(
                snapshot.status, [snapshot.status_code(s) for s in request.status]
            )
        for kind in {kind for kind, _ in request.keywords}:
            names = [name for other, name in request.keywords if other == kind]
            self._masks[kind] = keywords().having(kind, names, exact=False)
        if request.date_from or request.date_to:
            first = request.date_from.toordinal() if request.date_from else 1
            last = request.date_to.toordinal() if request.date_to else 1 << 30
            self._masks[_ALL] = (snapshot.days >= first) & (snapshot.days <= last)
        if request.copies_of:
            self._add(_same_text(snapshot, request.copies_of))

    def _add(self, mask: Array) -> None:
        self._masks[_ALL] = self._masks[_ALL] & mask if _ALL in self._masks else mask

    def keep(self, documents: Array, but: str = "") -> Array | None:
        """bool by place in `documents`: passes every filter but one; None when all do."""
        result = None
        for name, mask in self._masks.items():
            if name != but:
                passed = mask[documents]
                result = passed if result is None else result & passed
        return result

    def applied(self, name: str) -> bool:
        """Whether there is a filter on a facet."""
        return name in self._masks


def _same_text(snapshot: Snapshot, article_id: str) -> Array:
    number = snapshot.number(id_key(article_id))
    mask = np.zeros(snapshot.size, bool)
    if number is None:
        return mask
    if snapshot.copies[number] >= 0:
        mask |= snapshot.copies == snapshot.copies[number]
    mask[number] = True
    return mask


def facets(
    snapshot: Snapshot, keywords: Keywords, documents: Array, filtered: Array, filters: Filters
) -> dict[str, tuple[FacetValue, ...]]:
    """Counts of every facet.

    :param documents: what the question found; `filtered`: what the filters leave of it.
    """
    result = {}
    for name in (*FACETS, *keywords.kinds):
        among = filtered
        if filters.applied(name):
            keep = filters.keep(documents, but=name)
            among = documents if keep is None else documents[keep]
        if name in FACETS:
            result[name] = _counts(snapshot, name, among)
        else:
            result[name] = keywords.counts(name, among, FACET_VALUES)
    return result


def _counts(snapshot: Snapshot, name: str, documents: Array) -> tuple[FacetValue, ...]:
    match name:
        case "site":
            merged: dict[str, int] = {}
            counts = np.bincount(snapshot.sites[documents], minlength=len(snapshot.site_names))
            for (site, _), count in zip(snapshot.site_names, counts.tolist(), strict=True):
                merged[site] = merged.get(site, 0) + count
            return _commonest(merged.items())
        case "section":
            counts = np.bincount(snapshot.sections[documents], minlength=len(snapshot.section_names))
            return _commonest(zip(snapshot.section_names, counts.tolist(), strict=True))
        case "year":
            counts = np.bincount(snapshot.years[documents])
            years = np.flatnonzero(counts)[::-1].tolist()
            return tuple(FacetValue(str(year) if year else "", int(counts[year])) for year in years)
        case "media":
            counts = np.bincount(snapshot.media[documents], minlength=2)
            return _commonest([("1", int(counts[1])), ("0", int(counts[0]))])
        case _:
            counts = np.bincount(snapshot.status[documents], minlength=len(STATUSES))
            return _commonest(zip(STATUSES, counts.tolist(), strict=True))


def _commonest(counts: Iterable[tuple[str, int]]) -> tuple[FacetValue, ...]:
    found = sorted(((value, count) for value, count in counts if count), key=lambda item: (-item[1], item[0]))
    return tuple(FacetValue(value, count) for value, count in found[:FACET_VALUES])


def months(snapshot: Snapshot, documents: Array) -> tuple[dict[str, int], int]:
    """`YYYY-MM` → number of articles, ascending, and the number of undated ones."""
    found = snapshot.months[documents]
    if not len(found):
        return {}, 0
    dated = found[found > 0]
    undated = len(found) - len(dated)
    if not len(dated):
        return {}, undated
    first = int(dated.min())
    counts = np.bincount(dated - first).tolist()
    table = {
        f"{(first + n) // 12:04}-{(first + n) % 12 + 1:02}": count for n, count in enumerate(counts) if count
    }
    return table, undated


@dataclass(frozen=True, slots=True)
class Ordered:
    """Documents in the order of the answer, copies left out."""

    documents: Array
    scores: Array
    distinct: int
    """How many there are, beyond those listed."""
    copies: dict[int, int]
    """Number of a text (as in `Snapshot.copies`) → how many of the found articles have it."""


def order(snapshot: Snapshot, found: Scored, sort: Sort, *, collapse: bool, start: int, stop: int) -> Ordered:
    """The documents from place `start` to `stop`. No two compare as equal: no page repeats or skips one."""
    documents, scores = found.documents, found.scores
    keys = _keys(snapshot, documents, scores, sort)
    copies: dict[int, int] = {}
    if collapse and snapshot.copy_groups:
        keep, copies = _first_copies(snapshot.copies[documents], keys, snapshot.copy_groups)
        documents, scores, keys = documents[keep], scores[keep], keys[keep]
    distinct = len(documents)
    if start >= distinct:
        empty = np.zeros(0, np.int64)
        return Ordered(empty, empty.astype(np.float32), distinct, copies)
    if distinct > _SORTED_WHOLE and stop * 4 < distinct:
        best = np.argpartition(keys, stop)[:stop]
        chosen = best[np.argsort(keys[best])][start:]
    else:
        chosen = np.argsort(keys)[start:stop]
    return Ordered(documents[chosen], scores[chosen], distinct, copies)


def _keys(snapshot: Snapshot, documents: Array, scores: Array, sort: Sort) -> Array:
    """uint64, each different, ascending in the order of the answer."""
    match sort:
        case Sort.NEWEST:
            return snapshot.newest[documents].astype(np.uint64)
        case Sort.OLDEST:
            return snapshot.oldest[documents].astype(np.uint64)
        case _:
            # The bits of a float that is not negative, as no score is, order as the float does.
            falling = (~scores.view(np.uint32)).astype(np.uint64)
            return falling << np.uint64(32) | snapshot.newest[documents]


def _first_copies(groups: Array, keys: Array, number: int) -> tuple[Array, dict[int, int]]:
    """Which documents stay when of each text only the first is kept, and how many each text had."""
    shared = np.flatnonzero(groups >= 0)
    counts = np.bincount(groups[shared], minlength=number)
    keep = np.ones(len(groups), bool)
    in_order = shared[np.argsort(keys[shared])]
    _, first = np.unique(groups[in_order], return_index=True)
    keep[shared] = False
    keep[in_order[first]] = True
    several = np.flatnonzero(counts > 1)
    return keep, dict(zip(several.tolist(), counts[several].tolist(), strict=True))
