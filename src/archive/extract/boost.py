"""The learned reading of a line: boosted oblivious trees, evaluated with NumPy alone.

An oblivious tree (the form of CatBoost) asks the same few questions of every line, so its answers are the
bits of an index into its table of values, and all trees are evaluated for all lines of a page in four
array operations. `tests/eval/extraction_model.py` trains the model; docs/decisions/ tells why it is learned.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from archive.extract.features import NAMES, Floats


@dataclass(frozen=True, slots=True)
class Model:
    """Trees of one depth over the columns of `features.NAMES`."""

    columns: NDArray[np.intp]
    """Trees × depth: which column each question is about."""
    thresholds: NDArray[np.float32]
    """Trees × depth: the answer is yes above this."""
    values: NDArray[np.float32]
    """Trees × 2^depth: what a tree adds to the log-odds."""
    base: float
    """The log-odds before any tree."""

    def probability(self, rows: Floats) -> NDArray[np.float64]:
        """For each line, the probability that it is text of the article."""
        trees, depth = self.columns.shape
        odds = np.full(len(rows), self.base)
        weights = 1 << np.arange(depth)[::-1]
        offsets = np.arange(trees) * (1 << depth)
        flat = self.values.ravel()
        for start in range(0, len(rows), 512):  # bounds memory on pages of thousands of lines
            part = rows[start : start + 512]
            answers = part[:, self.columns] > self.thresholds
            leaves = answers @ weights
            odds[start : start + 512] += flat[leaves + offsets].sum(axis=1)
        return np.asarray(1.0 / (1.0 + np.exp(-odds)))

    def to_json(self) -> str:
        """The stored form: readable, and the same text for the same model."""
        return json.dumps(
            {
                "names": list(NAMES),
                "base": round(self.base, 5),
                "columns": self.columns.tolist(),
                "thresholds": [[float(f"{value:.6g}") for value in row] for row in self.thresholds.tolist()],
                "values": [[round(value, 5) for value in row] for row in self.values.tolist()],
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str) -> Model:
        """What `to_json` wrote.

        :raises ValueError: when it was trained on other columns than this program computes.
        """
        data = json.loads(text)
        if data["names"] != list(NAMES):
            raise ValueError(
                "The model of lines was trained on other features: run `python -m"
                " tests.eval.extraction_model`."
            )
        return cls(
            np.array(data["columns"], dtype=np.intp),
            np.array(data["thresholds"], dtype=np.float32),
            np.array(data["values"], dtype=np.float32),
            float(data["base"]),
        )


@cache
def model() -> Model:
    """The model that comes with the package."""
    return Model.from_json((resources.files("archive.extract") / "lines.json").read_text("ascii"))
