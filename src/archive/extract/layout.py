"""How a page's lines lie in its containers, as arrays: computed once, asked by both looks at the lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from archive.extract.lines import Line, Reading

LEVELS = 5
"""Containers around a line that are looked at, nearest first."""

Indexes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Layout:
    """Numbers about one page's lines and containers."""

    words: NDArray[np.float64]
    """Words of each line."""
    start: Indexes
    """First line of each container."""
    end: Indexes
    """One past each container's last line."""
    parent: Indexes
    """The container around each container, -1 for the outermost."""
    innermost: Indexes
    """The innermost container of each line."""
    around: Indexes
    """Lines × `LEVELS`: containers that hold more than the one below, nearest first; -1 for none."""
    alike: Indexes
    """A number for each line: lines of the same tag, class and parent's class share it."""
    headings: NDArray[np.bool_]
    """Which lines are headings."""


def layout(reading: Reading) -> Layout:
    """The layout of a page that has lines."""
    boxes = reading.containers
    count = len(reading.lines)
    levels: list[tuple[int, ...]] = [()] * len(boxes)
    innermost = np.full(count, -1, dtype=np.intp)
    for number in range(len(boxes) - 1, -1, -1):  # parents first, so that the innermost stays
        box = boxes[number]
        innermost[box.start : box.end] = number
        above = levels[box.parent] if box.parent >= 0 else ()
        size = box.end - box.start
        fresh = size > 1 and not (above and size == boxes[above[0]].end - boxes[above[0]].start)
        levels[number] = (number, *above[: LEVELS - 1]) if fresh else above
    filled = np.array([(*level, *_NONE[len(level) :]) for level in levels], dtype=np.intp)
    return Layout(
        words=np.array([1.0 + line.text.count(" ") for line in reading.lines]),
        start=np.array([box.start for box in boxes], dtype=np.intp),
        end=np.array([box.end for box in boxes], dtype=np.intp),
        parent=np.array([box.parent for box in boxes], dtype=np.intp),
        innermost=innermost,
        around=filled[innermost],
        alike=_alike(reading.lines),
        headings=np.array([line.tag in _HEADINGS for line in reading.lines]),
    )


_NONE = (-1,) * LEVELS
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


def _alike(lines: list[Line]) -> Indexes:
    numbers: dict[tuple[str, str, str, str], int] = {}
    groups = []
    for line in lines:
        element = line.element
        parent = element.getparent()
        sign = (
            line.tag,
            element.get("class") or "",
            "" if parent is None else parent.tag,
            "" if parent is None else parent.get("class") or "",
        )
        groups.append(numbers.setdefault(sign, len(numbers)))
    return np.array(groups, dtype=np.intp)
