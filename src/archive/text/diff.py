"""What changed between two texts, part by part and word by word. Pure, and bounded in time.

The edit script is the shortest one of E. W. Myers, "An O(ND) difference algorithm and its variations",
Algorithmica 1 (1986), run over the parts (paragraphs, captions …) and then over the words of those that
belong together. Its cost grows with the square of the number of edits, so all steps are counted: when they
are used up, what is left is shown as taken out and put in whole, which is still true.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

STEPS = 1_000_000
"""Comparisons in all for one pair of texts: about half a second."""
_ALIKE = 0.35
"""Two parts that share less of their words are two parts, not one that was edited."""
_MAX_PAIRS = 2_500
"""Possible pairs in one place beyond which parts are not paired."""
# A number with its signs and a word with its hyphen are one word: "17,5%", "28/9", "GD-ĐT".
_TOKEN = re.compile(r"\w+(?:[.,/:&-]\w+)*%?|\s+|[^\w\s]")
_WORD = re.compile(r"\w")


class Kind(StrEnum):
    """What became of a piece of text, or of a part as a whole."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    CHANGED = "changed"
    """Of a part only: some of its words were."""


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph, a caption … of a text."""

    role: str
    """What it is; only parts of one role are compared with each other."""
    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Words in a row that share one fate: `SAME`, `REMOVED` or `ADDED`."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A part in both texts, or in one."""

    role: str
    kind: Kind
    pieces: tuple[Piece, ...]

    def old(self) -> tuple[Piece, ...]:
        """What the first text said."""
        return tuple(piece for piece in self.pieces if piece.kind is not Kind.ADDED)

    def new(self) -> tuple[Piece, ...]:
        """What the second text says."""
        return tuple(piece for piece in self.pieces if piece.kind is not Kind.REMOVED)


class _Effort:
    """Steps that may still be taken."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def half(self) -> _Effort:
        """No single part may use up what all others need."""
        return _Effort(self.left // 2)


def compare(old: Sequence[Part], new: Sequence[Part], steps: int = STEPS) -> list[Row]:
    """Each part of both texts once, in reading order."""
    effort = _Effort(steps)
    rows: list[Row] = []
    i = j = 0
    for at, to in (*_matches(old, new, effort), (len(old), len(new))):
        rows += _between(old[i:at], new[j:to], effort)
        if at < len(old):
            rows.append(_whole(old[at], Kind.SAME))
        i, j = at + 1, to + 1
    return rows


def single(role: str, old: str, new: str) -> Row | None:
    """A part of which there is one, as a title: always compared with its like. None when both are empty."""
    if not old or not new:
        kind = Kind.REMOVED if old else Kind.ADDED
        return _whole(Part(role, old or new), kind) if old or new else None
    return _edited(Part(role, old), Part(role, new), _Effort(STEPS))


def words(old: str, new: str) -> tuple[Piece, ...]:
    """The shortest way from one text to the other, in whole words."""
    return _words(old, new, _Effort(STEPS))


# ---------------------------------------------------------------------------------------------- parts


def _whole(part: Part, kind: Kind) -> Row:
    return Row(part.role, kind, (Piece(kind, part.text),))


def _edited(old: Part, new: Part, effort: _Effort) -> Row:
    if old == new:
        return _whole(new, Kind.SAME)
    return Row(new.role, Kind.CHANGED, _words(old.text, new.text, effort))


def _between(old: Sequence[Part], new: Sequence[Part], effort: _Effort) -> Iterator[Row]:
    """Parts that became one another, in order, with the greatest likeness in sum; the others alone."""
    pairs = _alike(old, new) if len(old) * len(new) <= _MAX_PAIRS else []
    i = j = 0
    for at, to in (*pairs, (len(old), len(new))):
        yield from (_whole(part, Kind.REMOVED) for part in old[i:at])
        yield from (_whole(part, Kind.ADDED) for part in new[j:to])
        if at < len(old):
            yield _edited(old[at], new[to], effort)
        i, j = at + 1, to + 1


def _alike(old: Sequence[Part], new: Sequence[Part]) -> list[tuple[int, int]]:
    bags = [[Counter(_TOKEN.findall(part.text)) for part in parts] for parts in (old, new)]
    rows, columns = len(old), len(new)
    likeness = {
        (i, j): value
        for i in range(rows)
        for j in range(columns)
        if old[i].role == new[j].role and (value := _likeness(bags[0][i], bags[1][j])) >= _ALIKE
    }
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in reversed(range(rows)):
        for j in reversed(range(columns)):
            paired = best[i + 1][j + 1] + likeness[i, j] if (i, j) in likeness else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    found = []
    i = j = 0
    while i < rows and j < columns:
        if (i, j) in likeness and best[i][j] == best[i + 1][j + 1] + likeness[i, j]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    """Dice's coefficient over words, signs and spaces left out."""
    size = sum(n for word, n in (*one.items(), *other.items()) if _WORD.match(word))
    shared = sum(min(n, other[word]) for word, n in one.items() if _WORD.match(word))
    return 2 * shared / size if size else 0.0


# ---------------------------------------------------------------------------------------------- words


def _words(old: str, new: str, effort: _Effort) -> tuple[Piece, ...]:
    one, other = _TOKEN.findall(old), _TOKEN.findall(new)
    pieces: list[Piece] = []
    i = j = 0
    share = effort.half()
    before = share.left
    matches = _matches(one, other, share)
    effort.left -= before - share.left
    for at, to in (*matches, (len(one), len(other))):
        pieces += (Piece(Kind.REMOVED, text) for text in one[i:at])
        pieces += (Piece(Kind.ADDED, text) for text in other[j:to])
        if at < len(one):
            pieces.append(Piece(Kind.SAME, one[at]))
        i, j = at + 1, to + 1
    return tuple(_smooth(pieces))


def _smooth(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Neighbours joined; a space or comma that stayed between two changes goes with them: "the old words"
    then "the new words" is read at once, a word of each in turn is not.
    """
    runs = [
        (changed, list(group))
        for changed, group in groupby(pieces, lambda piece: piece.kind is not Kind.SAME)
    ]
    removed = added = ""
    for place, (changed, group) in enumerate(runs):
        text = "".join(piece.text for piece in group)
        inner = 0 < place < len(runs) - 1
        if changed:
            removed += "".join(piece.text for piece in group if piece.kind is Kind.REMOVED)
            added += "".join(piece.text for piece in group if piece.kind is Kind.ADDED)
        elif inner and not _WORD.search(text):
            removed, added = removed + text, added + text
        else:
            yield from _replaced(removed, added)
            removed = added = ""
            yield Piece(Kind.SAME, text)
    yield from _replaced(removed, added)


def _replaced(removed: str, added: str) -> Iterator[Piece]:
    if removed:
        yield Piece(Kind.REMOVED, removed)
    if added:
        yield Piece(Kind.ADDED, added)


# ------------------------------------------------------------------------------------------ edit script


def _matches(
    old: Sequence[str] | Sequence[Part], new: Sequence[str] | Sequence[Part], effort: _Effort
) -> list[tuple[int, int]]:
    """Places of what both have, in order."""
    shorter = min(len(old), len(new))
    head = 0
    while head < shorter and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < shorter - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle = _script(old[head : len(old) - tail], new[head : len(new) - tail], effort)
    return [
        *((place, place) for place in range(head)),
        *((head + i, head + j) for i, j in middle),
        *((len(old) - back, len(new) - back) for back in range(tail, 0, -1)),
    ]


def _script(
    old: Sequence[str] | Sequence[Part], new: Sequence[str] | Sequence[Part], effort: _Effort
) -> list[tuple[int, int]]:
    """Myers' greedy algorithm; [] when it would take more steps than are left."""
    rows, columns = len(old), len(new)
    if not rows or not columns:
        return []
    # On diagonal k = x - y, the furthest x that d edits reach; one copy for each d, to walk back.
    furthest = {1: 0}
    trace = []
    d = 0
    while effort.left >= 0:
        trace.append(furthest.copy())
        effort.left -= len(furthest)
        for k in range(-d, d + 1, 2):
            down = k == -d or (k != d and furthest[k - 1] < furthest[k + 1])
            start = x = furthest[k + 1] if down else furthest[k - 1] + 1
            while x < rows and x - k < columns and old[x] == new[x - k]:
                x += 1
            furthest[k] = x
            effort.left -= x - start
            if x >= rows and x - k >= columns:
                return _walk(trace, rows, columns)
        d += 1
    return []


def _walk(trace: Sequence[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    """The matches on the way that the trace took, from its end."""
    found = []
    for d in range(len(trace) - 1, -1, -1):
        furthest, k = trace[d], x - y
        down = k == -d or (k != d and furthest[k - 1] < furthest[k + 1])
        came_x = furthest[k + 1] if down else furthest[k - 1]
        came_y = came_x - (k + 1 if down else k - 1)
        while x > max(came_x, 0) and y > max(came_y, 0):
            x, y = x - 1, y - 1
            found.append((x, y))
        x, y = came_x, came_y
    return found[::-1]
