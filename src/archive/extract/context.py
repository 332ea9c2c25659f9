"""The second look at a page's lines: what the first look thought of each, and of everything around it.

A line by itself may be anything: a heading belongs to the article when what follows it does, a list entry
when its sisters do. So the probabilities of the first look (`features`, `boost`) are gathered over
neighbours, containers, sections and lines of the same look, and judged once more together with the
line's own numbers (stacking, Wolpert 1992).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from archive.extract.layout import LEVELS, Layout

_OFFSETS = (-4, -3, -2, -1, 1, 2, 3, 4)
_WIDTHS = (3, 8, 20)
_SURE = 0.7
"""Probability from which on a line of the first look is a landmark."""
_MAIN = (0.6, 0.9)
"""Shares of the expected words: the smallest containers that hold them are the article's core and hull."""

CONTEXT: tuple[str, ...] = (
    "first.odds",
    *(f"first.odds@{offset}" for offset in _OFFSETS),
    *(f"first.mean±{width}" for width in _WIDTHS),
    "first.words",
    "first.confidence",
    "first.above_cut",
    "first.share_before",
    "first.share_likelier",
    *(f"first.box{level}.{name}" for level in range(LEVELS) for name in ("mean", "share")),
    *(f"first.{name}{share}" for share in _MAIN for name in ("inside", "mean", "before", "after", "apart")),
    "first.since_sure",
    "first.until_sure",
    "first.sure_before",
    "first.sure_after",
    "first.alike_mean",
    "first.alike_lines",
    "first.alike_words",
    "first.section_mean",
    "first.section_words",
    "first.heading_odds",
    "first.next_section_mean",
)
"""Names of the columns, in order."""


def context(layout: Layout, first: NDArray[np.float64]) -> NDArray[np.float32]:
    """One row of `CONTEXT` for each line.

    :param first: the first look's probability of each line.
    """
    sizes = layout.words
    count = len(sizes)
    odds = np.log(np.clip(first, 1e-4, 1 - 1e-4) / np.clip(1 - first, 1e-4, 1 - 1e-4))
    expected = first * sizes
    total = max(expected.sum(), 1.0)
    gain = np.concatenate(([0.0], np.cumsum(expected)))
    mass = np.concatenate(([0.0], np.cumsum(sizes)))
    index = np.arange(count)
    columns: list[NDArray[np.float64]] = [odds]
    for offset in _OFFSETS:
        shifted = np.full(count, -12.0)
        if abs(offset) < count:
            if offset < 0:
                shifted[-offset:] = odds[:offset]
            else:
                shifted[:-offset] = odds[offset:]
        columns.append(shifted)
    for width in _WIDTHS:
        low, high = np.maximum(index - width, 0), np.minimum(index + width + 1, count)
        columns.append((gain[high] - gain[low]) / (mass[high] - mass[low]))
    cut, confidence, likelier = _cut(first, sizes, expected)
    columns += [
        np.full(count, total),
        np.full(count, confidence),
        first - cut,
        gain[:-1] / total,
        likelier,
    ]
    columns += _boxes(layout, gain, mass, total)
    columns += _sure(first, sizes)
    columns += _alike(layout.alike, sizes, expected)
    columns += _sections(layout.headings, odds, gain, mass)
    return np.column_stack(columns).astype(np.float32)


def _cut(
    first: NDArray[np.float64], sizes: NDArray[np.float64], expected: NDArray[np.float64]
) -> tuple[float, float, NDArray[np.float64]]:
    """The threshold of greatest expected F1, that F1, and for each line the share of likelier words."""
    order = np.argsort(-first, kind="stable")
    reached = np.cumsum(expected[order])
    scores = 2 * reached / (np.cumsum(sizes[order]) + max(expected.sum(), 1e-9))
    best = int(scores.argmax())
    likelier = np.empty(len(first))
    likelier[order] = (reached - expected[order]) / max(expected.sum(), 1e-9)
    return float(first[order[best]]), float(scores[best]), likelier


def _boxes(
    layout: Layout, gain: NDArray[np.float64], mass: NDArray[np.float64], total: float
) -> list[NDArray[np.float64]]:
    """The containers around each line, nearest first, and where it stands to the article's core and hull."""
    start, end = layout.start, layout.end
    words = mass[end] - mass[start]
    share = (gain[end] - gain[start]) / total
    mean = (gain[end] - gain[start]) / np.maximum(words, 1.0)
    columns = []
    for level in range(LEVELS):
        chosen = layout.around[:, level]
        columns.append(np.where(chosen >= 0, mean[chosen], -1.0))
        columns.append(np.where(chosen >= 0, share[chosen], -1.0))
    index = np.arange(len(layout.words))
    for least in _MAIN:
        enough = np.flatnonzero(share >= least)
        core = int(enough[np.argmin(words[enough])]) if len(enough) else len(start) - 1
        apart = np.zeros(len(index))
        step, box = 1, int(layout.parent[core])
        low, high = int(start[core]), int(end[core])
        while box >= 0:  # how far up from the core the first container is that holds the line as well
            apart[start[box] : low] = step
            apart[high : end[box]] = step
            low, high = int(start[box]), int(end[box])
            step, box = step + 1, int(layout.parent[box])
        columns += [
            ((index >= start[core]) & (index < end[core])).astype(float),
            np.full(len(index), mean[core]),
            np.clip(start[core] - index, -1, 99).astype(float),
            np.clip(index - end[core] + 1, -1, 99).astype(float),
            apart,
        ]
    return columns


def _sure(first: NDArray[np.float64], sizes: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """How far the sure lines are, and how many words of them stand before and after."""
    count = len(first)
    index = np.arange(count)
    marks = (first >= _SURE) & (sizes >= 8)
    last = np.maximum.accumulate(np.where(marks, index, -1000))
    following = np.minimum.accumulate(np.where(marks, index, count + 1000)[::-1])[::-1]
    words = np.cumsum(np.where(marks, sizes, 0.0))
    return [
        np.minimum(index - last, 99).astype(float),
        np.minimum(following - index, 99).astype(float),
        words,
        words[-1] - words,
    ]


def _alike(
    groups: NDArray[np.intp], sizes: NDArray[np.float64], expected: NDArray[np.float64]
) -> list[NDArray[np.float64]]:
    """What the first look thought of the lines of the same look."""
    words = np.bincount(groups, sizes)
    means = np.bincount(groups, expected) / words
    lines = np.bincount(groups)
    return [means[groups], lines[groups].astype(float), words[groups] / max(sizes.sum(), 1.0)]


def _sections(
    headings: NDArray[np.bool_],
    odds: NDArray[np.float64],
    gain: NDArray[np.float64],
    mass: NDArray[np.float64],
) -> list[NDArray[np.float64]]:
    """What the first look thought of the section a line stands in, its heading, and the section after it."""
    number = np.cumsum(headings)
    starts = np.concatenate(([0], np.flatnonzero(headings)))
    ends = np.concatenate((np.flatnonzero(headings), [len(headings)]))
    words = mass[ends] - mass[starts]
    means = (gain[ends] - gain[starts]) / np.maximum(words, 1.0)
    heads = np.concatenate(([-12.0], odds[headings]))
    following = np.append(means[1:], -1.0)
    return [means[number], words[number], heads[number], following[number]]
