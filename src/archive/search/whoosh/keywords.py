"""Names of which an article has any number (people, places, kinds of events): found whole, counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from archive.search.backend import FacetValue
from archive.search.document import keyword_form
from archive.search.query import KEYWORDS
from archive.search.whoosh.arrays import Array
from archive.search.whoosh.segment import unpack
from archive.search.whoosh.snapshot import Snapshot
from archive.text.vietnamese import whole_words


@dataclass(frozen=True, slots=True)
class _Kind:
    """All names of one kind over all segments."""

    names: list[str]
    """As readers see them, sorted by their folded forms."""
    numbers: dict[str, list[int]]
    """Folded form → places in `names`."""
    documents: Array
    """One list a name after another."""
    at: Array
    """int64: where each name's documents begin."""


class Keywords:
    """The names of a snapshot, made ready when they are first asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._size = snapshot.size
        found: dict[bytes, list[Array]] = {}
        for item in snapshot.segments:
            arrays = item.arrays
            at = arrays.keyword_document_at.tolist()
            for number, key in enumerate(unpack(arrays.keywords, arrays.keyword_at)):
                here = arrays.keyword_documents[at[number] : at[number + 1]] + np.uint32(item.base)
                # A name that only deleted or hidden articles have is no name of the archive.
                here = here[snapshot.alive[here]]
                if len(here):
                    found.setdefault(key, []).append(here)
        self._kinds = {kind: table for kind in KEYWORDS if (table := _kind(kind, found)).names}

    @property
    def kinds(self) -> tuple[str, ...]:
        """Those that any article has a name of."""
        return tuple(self._kinds)

    def having(self, kind: str, names: Sequence[str], exact: bool) -> Array:
        """bool by document: with any of these names.

        :param exact: with the accents as given.
        """
        mask = np.zeros(self._size, bool)
        table = self._kinds.get(kind)
        if table is not None:
            for name in names:
                for number in table.numbers.get(keyword_form(name), ()):
                    if not exact or _plain(table.names[number]) == _plain(name):
                        mask[table.documents[table.at[number] : table.at[number + 1]]] = True
        return mask

    def counts(self, kind: str, documents: Array, limit: int) -> tuple[FacetValue, ...]:
        """The commonest names among some documents.

        :param kind: one of `kinds`.
        """
        table = self._kinds[kind]
        mask = np.zeros(self._size, np.int32)
        mask[documents] = 1
        counts = np.add.reduceat(mask[table.documents], table.at[:-1])
        best = np.flatnonzero(counts)
        if len(best) > limit:
            # With all that tie for the last place, so that the order decides which of them stay.
            least = np.partition(counts[best], -limit)[-limit]
            best = best[counts[best] >= least]
        found = sorted(((table.names[n], int(counts[n])) for n in best.tolist()), key=lambda i: (-i[1], i[0]))
        return tuple(FacetValue(name, count) for name, count in found[:limit])


def _kind(kind: str, found: dict[bytes, list[Array]]) -> _Kind:
    start = f"{kind}\0".encode()
    names: list[str] = []
    numbers: dict[str, list[int]] = {}
    lists: list[Array] = []
    for key in sorted(key for key in found if key.startswith(start)):
        _, folded, name = key.decode().split("\0")
        numbers.setdefault(folded, []).append(len(names))
        names.append(name)
        lists.append(np.concatenate(found[key]))
    at = np.zeros(len(lists) + 1, np.int64)
    np.cumsum([len(item) for item in lists], out=at[1:])
    documents = np.concatenate(lists) if lists else np.zeros(0, np.uint32)
    return _Kind(names, numbers, documents, at)


def _plain(name: str) -> str:
    return " ".join(whole_words(name))
