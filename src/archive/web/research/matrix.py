"""The picture of a co-occurrence: a matrix, the stronger the darker.

A matrix rather than a network: lengths and crossings of a network's lines say nothing and change with every
layout, labels cover each other from some twenty nodes on, and what does *not* stand together cannot be seen
in it (Ghoniem, Fekete and Castagliola, "A comparison of the readability of graphs using node-link and
matrix-based representations", 2004). Pure: addresses are given to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from archive.web.research.together import Asked, Item, Pair, value

MOST = 16
"""Rows and columns at most: what can be read on a screen."""
CELL = 38
_LETTER = 7.5
"""Width of a letter of a label, about."""
_SLANT = 0.65
"""How high a letter of a slanting label takes it: the sine of its 40 degrees."""
LEVELS = 5
"""Shades."""
_LETTERS = 28
"""Of a label; the table has it whole."""


@dataclass(frozen=True, slots=True)
class Cell:
    x: int
    y: int
    level: int
    """0 for no more together than expected, `LEVELS` for the strongest."""
    pair: Pair
    row: Item
    col: Item
    href: str


@dataclass(frozen=True, slots=True)
class Label:
    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """Where everything of the picture goes, in units of its viewBox."""

    width: int
    height: int
    rows: tuple[Label, ...]
    cols: tuple[Label, ...]
    cells: tuple[Cell, ...]
    grid: tuple[int, int, int, int]
    """Left, top, right and bottom of the cells."""


def draw(pairs: Sequence[Pair], asked: Asked, href: Callable[[Pair], str]) -> Matrix | None:
    """The matrix of the strongest pairs; None when there is none.

    :param pairs: the strongest first.
    :param href: where a pair leads.
    """
    symmetric = asked.rows == asked.cols
    rows, cols = _most(pairs, symmetric)
    if not rows:
        return None
    row_at = {item.key: place for place, item in enumerate(rows)}
    col_at = {item.key: place for place, item in enumerate(cols)}
    shown = [
        (one, other, pair)
        for pair in pairs
        for one, other in ((pair.first, pair.second), (pair.second, pair.first))[: 2 if symmetric else 1]
        if one.key in row_at and other.key in col_at
    ]
    left = 16 + round(_LETTER * max(len(_short(item.name)) for item in rows))
    top = 24 + round(_SLANT * _LETTER * max(len(_short(item.name)) for item in cols))
    highest = max(value(pair, asked.by) for _, _, pair in shown)
    cells = tuple(
        Cell(
            left + col_at[other.key] * CELL,
            top + row_at[one.key] * CELL,
            _level(value(pair, asked.by), highest),
            pair,
            one,
            other,
            href(pair),
        )
        for one, other, pair in shown
    )
    right, bottom = left + len(cols) * CELL, top + len(rows) * CELL
    return Matrix(
        width=right + round(top * 1.1),  # room for the last of the slanting labels
        height=bottom + 8,
        rows=tuple(
            Label(left - 8, top + place * CELL + CELL // 2 + 5, _short(item.name))
            for place, item in enumerate(rows)
        ),
        cols=tuple(
            Label(left + place * CELL + CELL // 2, top - 8, _short(item.name))
            for place, item in enumerate(cols)
        ),
        cells=cells,
        grid=(left, top, right, bottom),
    )


def _most(pairs: Sequence[Pair], symmetric: bool) -> tuple[list[Item], list[Item]]:
    """The items of the strongest pairs, the commonest first."""
    rows: dict[str, Item] = {}
    cols: dict[str, Item] = rows if symmetric else {}
    for pair in pairs:
        new_rows = {pair.first.key: pair.first} | ({pair.second.key: pair.second} if symmetric else {})
        new_cols = {} if symmetric else {pair.second.key: pair.second}
        if len(rows.keys() | new_rows.keys()) <= MOST and len(cols.keys() | new_cols.keys()) <= MOST:
            rows |= new_rows
            if not symmetric:
                cols |= new_cols
    return _by_count(rows), _by_count(cols)


def _by_count(items: dict[str, Item]) -> list[Item]:
    return sorted(items.values(), key=lambda item: -item.count)


def _level(found: float, highest: float) -> int:
    if found <= 0 or highest <= 0:
        return 0
    return min(1 + int(found / highest * LEVELS), LEVELS)


def _short(name: str) -> str:
    return name if len(name) <= _LETTERS else name[: _LETTERS - 1].rstrip() + "…"
