"""Take out of the article's part what the reading of the page does not count to it, before it is parsed again."""

from __future__ import annotations

import numpy as np

from archive.extract.items import MARK
from archive.extract.lines import Container, Reading
from archive.extract.roles import Role
from archive.extract.shape import Content
from archive.extract.tree import Element, remove
from archive.model import Trace

_ELSEWHERE = int(
    Role.RELATED
    | Role.COMMENTS
    | Role.SUBSCRIBE
    | Role.AD
    | Role.NAV
    | Role.FORM
    | Role.SHARE
    | Role.DIALOG
    | Role.FOOTER
    | Role.AUTHOR
)
_SHOWN = ("img", "iframe", "video")


def prune(reading: Reading, content: Content) -> list[Trace]:
    """Remove parts without a kept line, and mark or blank single lines that are not kept.

    A line beside a picture stays in the tree, marked: it may be the picture's caption. Returns what was
    thrown away.
    """
    start, end = content.container.start, content.container.end
    lines, keep = reading.lines, content.keep
    beside = _beside_pictures(reading)
    kept = np.flatnonzero(keep)
    first, last = int(kept[0]), int(kept[-1])
    gone: set[Element] = set()
    for container in reversed(reading.containers):  # parents first
        if container.start < start or container.end > end or container is content.container:
            continue
        if keep[container.start : container.end].any() or _within(container.element, gone):
            continue
        if _worth_keeping(reading, container, beside, first, last):
            continue
        gone.add(container.element)
        remove(container.element)
    dropped: list[Trace] = []
    for index in range(start, end):
        if keep[index]:
            continue
        line = lines[index]
        if len(dropped) < 200:
            dropped.append(Trace("body", f"shape: {content.probability[index]:.2f}", line.text[:160]))
        if line.alone:
            line.element.set(MARK, "drop")
        elif index not in beside:
            for element, tail in line.nodes:
                if tail:
                    element.tail = " "
                else:
                    element.text = None
    return dropped


def _beside_pictures(reading: Reading) -> set[int]:
    return {index + step for index, _ in reading.images for step in (0, 1, 2)}


def _within(element: Element, gone: set[Element]) -> bool:
    return bool(gone) and any(ancestor in gone for ancestor in element.iterancestors())


def _worth_keeping(reading: Reading, container: Container, beside: set[int], first: int, last: int) -> bool:
    """Whether a part without a kept line may hold a picture or a caption of the article."""
    lines = reading.lines[container.start : container.end]
    shown = next(container.element.iter(*_SHOWN), None) is not None
    if not shown:
        return (
            any(index in beside for index in range(container.start, container.end))
            and first <= container.start <= last + 2
        )
    if container.own & _ELSEWHERE or container.start > last + 3:
        return False
    size = sum(len(line.text) for line in lines)
    return sum(line.linked for line in lines) * 2 <= size and size < 1_500
