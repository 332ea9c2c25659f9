"""The learned reading of a line: boosted oblivious trees, evaluated with NumPy alone.

An oblivious tree (the form of CatBoost) asks the same few questions of every line, so its answers are the
bits of an index into its table of values, and all trees are evaluated for all lines of a page in a few
array operations. Two models stand one on the other: the first judges a line by its own numbers, the
second by these and by what the first thought of everything around it. `tests/eval/extraction_model.py`
trains them; docs/decisions/ tells why they are learned.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.extract.context import CONTEXT, context
from archive.extract.features import NAMES, Floats
from archive.extract.layout import Layout

DOUBT = 0.01
"""Lines that the first look finds less probable than this are not looked at again."""
_PART = 512
"""Lines that are evaluated at a time: bounds memory on pages of thousands of lines."""


@dataclass(frozen=True, slots=True)
class Model:
    """Trees of one depth over named columns."""

    columns: NDArray[np.intp]
    """Trees × depth: which column each question is about."""
    thresholds: NDArray[np.float32]
    """Trees × depth: the answer is yes above this."""
    values: NDArray[np.float32]
    """Trees × 2^depth: what a tree adds to the log-odds."""
    base: float
    """The log-odds before any tree."""
    _questions: tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.intp]] = field(init=False, repr=False)
    """The column and the threshold of each different question; depth × trees: which one a tree asks."""

    def __post_init__(self) -> None:
        pairs = np.stack((self.columns.ravel(), self.thresholds.ravel())).astype(float)
        different, asked = np.unique(pairs, axis=1, return_inverse=True)
        columns, thresholds = different[0].astype(np.intp), different[1].astype(np.float32)[:, None]
        questions = columns, thresholds, asked.reshape(self.columns.shape).T.copy()
        object.__setattr__(self, "_questions", questions)

    def probability(self, rows: Floats) -> NDArray[np.float64]:
        """For each line, the probability that it is text of the article."""
        odds = np.full(len(rows), self.base)
        columns, thresholds, asked = self._questions
        trees, depth = self.columns.shape
        trunks = (np.arange(trees) << depth)[:, None]
        values = self.values.ravel()
        for start in range(0, len(rows), _PART):
            part = np.ascontiguousarray(rows[start : start + _PART].T)  # a column in one piece: fast to fetch
            # Trees share their questions: each is asked once, and its answers fetched as single bytes.
            answers = (part.take(columns, axis=0) > thresholds).view(np.uint8)
            leaves = answers.take(asked[0], axis=0)
            for questions in asked[1:]:
                leaves <<= 1
                leaves |= answers.take(questions, axis=0)
            odds[start : start + _PART] += values.take(leaves + trunks, mode="clip").sum(axis=0)
        return np.asarray(1.0 / (1.0 + np.exp(-odds)))

    def to_data(self) -> dict[str, Any]:
        """The stored form: numbers short enough to be small, long enough to decide the same."""
        return {
            "base": round(self.base, 4),
            "columns": self.columns.tolist(),
            "thresholds": [[float(f"{value:.5g}") for value in row] for row in self.thresholds.tolist()],
            "values": [[round(value, 4) for value in row] for row in self.values.tolist()],
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Model:
        """What `to_data` wrote."""
        return cls(
            np.array(data["columns"], dtype=np.intp),
            np.array(data["thresholds"], dtype=np.float32),
            np.array(data["values"], dtype=np.float32),
            float(data["base"]),
        )


@dataclass(frozen=True, slots=True)
class Reader:
    """The two models, one after the other."""

    first: Model
    """Over `features.NAMES`."""
    second: Model
    """Over `features.NAMES` and `context.CONTEXT`."""

    def probability(self, rows: Floats, layout: Layout) -> NDArray[np.float64]:
        """For each line of a page, the probability that it is text of the article.

        :param rows: the page's `features`.
        """
        probability = self.first.probability(rows)
        again = probability >= DOUBT
        if again.any():
            around = context(layout, probability)
            probability[again] = self.second.probability(np.hstack((rows[again], around[again])))
        return probability

    def to_json(self) -> str:
        """The stored form: the same text for the same models."""
        data = {
            "names": [*NAMES, *CONTEXT],
            "first": self.first.to_data(),
            "second": self.second.to_data(),
        }
        return json.dumps(data, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Reader:
        """What `to_json` wrote.

        :raises ValueError: when it was trained on other columns than this program computes.
        """
        data = json.loads(text)
        if data["names"] != [*NAMES, *CONTEXT]:
            raise ValueError(
                "The model of lines was trained on other features: run `python -m"
                " tests.eval.extraction_model`."
            )
        return cls(Model.from_data(data["first"]), Model.from_data(data["second"]))


@cache
def reader() -> Reader:
    """The models that come with the package."""
    return Reader.from_json((resources.files("archive.extract") / "lines.json").read_text("ascii"))
