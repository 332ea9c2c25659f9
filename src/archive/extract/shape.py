"""Which lines of the page are the article, and which part of the tree holds them.

Each line has a probability of being text of the article (`boost`, or set by a profile or by what is known of
the site). Which lines to keep is then decided for the page as a whole: the set with the greatest expected
F1, so that a page that is unlike what was learned still yields its likeliest part, and one that is clear
yields no doubtful lines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from archive.extract import boost
from archive.extract.features import features
from archive.extract.layout import layout
from archive.extract.lines import Container, Reading
from archive.extract.structured import Claims
from archive.extract.tree import Element

_WITHIN_PROFILE = 0.06
"""What a profile names as the body is believed; only what looks nothing like text of an article goes."""


_LONG = 60
"""Characters from which on a text does not stand twice in an article by chance."""


@dataclass(slots=True)
class Content:
    """The article's part of a page."""

    container: Container
    keep: NDArray[np.bool_]
    """For each line of the page, whether it belongs to the article."""
    probability: NDArray[np.float64]
    rule: str

    def bounds(self) -> tuple[int, int]:
        """The first kept line, and one past the last."""
        kept = np.flatnonzero(self.keep)
        return int(kept[0]), int(kept[-1]) + 1


def weigh(reading: Reading, claims: Claims, headline: int, title: str) -> NDArray[np.float64]:
    """For each line, the probability that it is text of the article."""
    if not reading.lines:
        return np.zeros(0)
    laid = layout(reading)
    return boost.reader().probability(features(reading, laid, claims, headline, title), laid)


def choose(reading: Reading, probability: NDArray[np.float64]) -> Content | None:
    """The lines with the greatest expected F1, and the smallest container around them."""
    if not len(probability):
        return None
    keep = likeliest(probability, np.array([1 + line.text.count(" ") for line in reading.lines], dtype=float))
    _drop_repeats(reading, keep)
    return _content(reading, probability, keep, "shape: greatest expected F1")


def within(
    reading: Reading, probability: NDArray[np.float64], elements: list[Element], rule: str
) -> Content | None:
    """The lines that stand in elements which a profile names; None when these hold none."""
    inside = np.zeros(len(probability), dtype=bool)
    for container in reading.containers:
        if container.element in elements:
            inside[container.start : container.end] = True
    return _content(reading, probability, inside & (probability > _WITHIN_PROFILE), rule)


def likeliest(probability: NDArray[np.float64], sizes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The lines above the threshold that maximises expected F1 (Lewis 1995), found by trying all."""
    order = np.argsort(-probability, kind="stable")
    gain = probability * sizes
    scores = np.cumsum(gain[order]) / (np.cumsum(sizes[order]) + gain.sum())
    return np.asarray(probability >= probability[order[int(scores.argmax())]])


def _drop_repeats(reading: Reading, keep: NDArray[np.bool_]) -> None:
    """Keep a text once: pages repeat whole articles for other screen sizes.

    A short text goes with the repeat it follows, when it stood before as well.
    """
    seen: set[str] = set()
    repeating = False
    for index in np.flatnonzero(keep).tolist():
        text = reading.lines[index].text
        repeated = text in seen and (len(text) >= _LONG or repeating)
        if repeated:
            keep[index] = False
        if len(text) >= _LONG:
            repeating = repeated
        seen.add(text)


def _content(
    reading: Reading, probability: NDArray[np.float64], keep: NDArray[np.bool_], rule: str
) -> Content | None:
    kept = np.flatnonzero(keep)
    if not len(kept):
        return None
    first, last = int(kept[0]), int(kept[-1])
    around = next((box for box in reading.containers if box.start <= first and last < box.end), None)
    return Content(around, keep, probability, rule) if around is not None else None
