"""Which part of the page is the article, and which lines within it are not.

Each line gets a weight: how many words of article it is likely to be, negative when it looks like
something else. The article is the container with the greatest sum, so that a body split over sibling
containers is found whole in the one around them as long as what stands between them weighs less. Within
it, every part whose own sum is negative is cut out again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from archive.extract.lines import Container, Line, Reading
from archive.extract.roles import Role
from archive.extract.structured import Claims
from archive.extract.tree import Element

_SENTENCE_END = re.compile(r"[.!?…:;。！？]['\"”’»)\]]*$")
_AWAY = int(
    Role.NAV | Role.FORM | Role.COMMENTS | Role.RELATED | Role.SHARE | Role.AD | Role.SUBSCRIBE | Role.DIALOG
)
_ASIDE = int(Role.ASIDE | Role.TAGS | Role.TEASER | Role.TOC | Role.AUTHOR)
_EDGE = int(Role.FOOTER | Role.HEADER)


@dataclass(slots=True)
class Content:
    """The article's part of a page."""

    container: Container
    keep: NDArray[np.bool_]
    """For each line of the page, whether it belongs to the article."""
    weights: NDArray[np.float64]
    rule: str


def weigh(reading: Reading, claims: Claims, headline: int) -> NDArray[np.float64]:
    """For each line, the words of article it is expected to hold."""
    return np.array([_weight(line) for line in reading.lines], dtype=np.float64)


def _weight(line: Line) -> float:
    text = line.text
    size = len(text)
    words = size / 6
    if line.tag == "figcaption" or line.near & Role.CAPTION:
        return 0.0
    density = line.linked / size
    score = -1.0 + min(words, 40) / 8 - 4.5 * density
    if _SENTENCE_END.search(text):
        score += 1.2
    if line.tag in ("p", "blockquote", "pre"):
        score += 0.8
    roles = line.roles
    if roles & _AWAY:
        score -= 3.0
    if roles & _EDGE:
        score -= 1.5
    if roles & _ASIDE:
        score -= 1.5
    if roles & Role.CONTENT:
        score += 1.0
    if line.tag in ("h2", "h3", "h4") and density < 0.5:
        score += 0.6
    certainty = 2 / (1 + float(np.exp(-score))) - 1
    return certainty * min(words, 120)


def choose(reading: Reading, weights: NDArray[np.float64], forced: Element | None = None) -> Content | None:
    """The container with the greatest sum of weights, the smallest of equals.

    :param forced: take this element when it holds lines (a profile or structured data named it).
    """
    if not reading.containers or not len(weights):
        return None
    sums = np.concatenate(([0.0], np.cumsum(weights)))
    best: Container | None = None
    rule = "shape: greatest weight"
    if forced is not None:
        best = next((c for c in reading.containers if c.element is forced), None)
    if best is not None:
        rule = "forced"
    else:
        top = -1.0e9
        for container in reading.containers:  # children come before parents, so ties go to the smaller
            total = sums[container.end] - sums[container.start]
            if total > top + 1e-9:
                top, best = total, container
    if best is None:
        return None
    keep = np.zeros(len(weights), dtype=bool)
    keep[best.start : best.end] = True
    for container in reversed(reading.containers):  # parents first
        if container is best or container.start < best.start or container.end > best.end:
            continue
        if not keep[container.start : container.end].any():
            continue
        total = sums[container.end] - sums[container.start]
        if total < -2.0 and container.own & (_AWAY | _ASIDE | _EDGE):
            keep[container.start : container.end] = False
    return Content(best, keep, weights, rule)
