"""Train the reading of lines: `python -m tests.eval.extraction_model DIR [--held-out K] [--out FILE]`.

`DIR` holds pages with truth as for `tests.eval.extraction`. A line's truth is found by aligning the
page's lines with the body of the truth. The model that is shipped learns from all pages, so how good it is
shows only with `--held-out K`: every page is then read by a model that learned from other pages.

Gradient boosting of oblivious trees on the logistic loss (Friedman 2001; Prokhorenkova et al. 2018),
histograms of at most 64 quantiles a column. A page counts the same however long it is, a line by its
words. The second look learns from what first looks thought of pages they had not learned from (stacking,
Wolpert 1992): else it would trust the first more than that deserves. Pages on which such a first look and
the truth have little in common are left out of it: most of them are pages whose truth is cut off.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from archive.extract import boost, extract
from archive.extract.boost import DOUBT, Model, Reader
from archive.extract.context import context
from archive.extract.features import features
from archive.extract.headline import find_title
from archive.extract.layout import Layout, layout
from archive.extract.lines import Line, read
from archive.extract.shape import likeliest
from archive.extract.structured import read_claims
from archive.extract.tree import parse
from archive.text.clean import decode
from tests.eval.extraction import Case, Scores, body_text, cases, score, table, words

_RUN = 4
_BINS = 64
_FOLDS = 4
_STRANGE = 0.75
"""Agreement of first look and truth below which a page teaches the second look nothing."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One page's lines as numbers, with their truth."""

    stem: str
    host: str
    rows: NDArray[np.float32]
    layout: Layout
    truth: NDArray[np.float64]
    weights: NDArray[np.float64]


def lesson(case: Case) -> Lesson | None:
    """The lesson of one page; None when nothing of its body stands in its markup."""
    root = parse(decode(case.page.body, case.page.content_type).text)
    if root is None:
        return None
    claims, reading = read_claims(root), read(root)
    title, _, headline = find_title(root, reading, claims, None)
    truth = align(reading.lines, case.truth.get("articleBody") or "")
    if not truth.any():
        return None
    sizes = np.array([len(words(line.text)) for line in reading.lines], dtype=float)
    weights = np.maximum(sizes, 1)
    laid = layout(reading)
    rows = features(reading, laid, claims, headline, title)
    host = urlsplit(case.page.url).netloc
    return Lesson(case.stem, host, rows, laid, truth, weights / np.sqrt(weights.sum()))


def align(lines: list[Line], body: str) -> NDArray[np.float64]:
    """1.0 for each line that is text of the body.

    A line of four words or more is, when most of its runs of four words occur in the body; a shorter one,
    when it stands in the body right where its neighbours have brought the reading.
    """
    tokens = words(body)
    places: dict[tuple[str, ...], list[int]] = {}
    for i in range(len(tokens) - _RUN + 1):
        places.setdefault(tuple(tokens[i : i + _RUN]), []).append(i)
    truth = np.zeros(len(lines))
    reached = 0
    seen: set[str] = set()
    for number, line in enumerate(lines):
        if len(line.text) >= 60:
            if line.text in seen:
                continue  # a copy for another screen size
            seen.add(line.text)
        own = words(line.text)
        if len(own) >= _RUN:
            hits = [places.get(tuple(own[k : k + _RUN])) for k in range(len(own) - _RUN + 1)]
            if sum(hit is not None for hit in hits) <= 0.6 * len(hits):
                continue
            truth[number] = 1.0
            offset, hit = next((k, hit) for k, hit in enumerate(hits) if hit)
            place = next((p for p in hit if p >= reached - 5), hit[-1]) - offset
            reached = place + len(own)
        elif own:
            for place in range(max(0, reached - 1), min(len(tokens) - len(own) + 1, reached + 12)):
                if tokens[place : place + len(own)] == own:
                    truth[number] = 1.0
                    reached = place + len(own)
                    break
    return truth


def learn(lessons: list[Lesson]) -> Reader:
    """Both looks, learned from lessons."""
    rows, truth, weights = _joined(lessons)
    first = train(rows, truth, weights)
    hosts = {host: number for number, host in enumerate(dict.fromkeys(item.host for item in lessons))}
    fold = np.array([hosts[item.host] % _FOLDS for item in lessons])
    parts, truths, loads = [], [], []
    for number in range(_FOLDS):
        model = train(*_joined([item for item, k in zip(lessons, fold, strict=True) if k != number]))
        for item in (item for item, k in zip(lessons, fold, strict=True) if k == number):
            thought = model.probability(item.rows)
            again = thought >= DOUBT
            if not again.any() or _agreement(item, thought) < _STRANGE:
                continue
            parts.append(np.hstack((item.rows, context(item.layout, thought)))[again])
            truths.append(item.truth[again])
            loads.append(item.weights[again])
    rows, truth, weights = np.vstack(parts), np.concatenate(truths), np.concatenate(loads)
    looks = [train(rows, truth, weights, trees=150, depth=5, rate=0.08, seed=seed) for seed in (1, 2)]
    return Reader(first, _mean(looks))


def _joined(
    lessons: list[Lesson],
) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
    return (
        np.vstack([item.rows for item in lessons]),
        np.concatenate([item.truth for item in lessons]),
        np.concatenate([item.weights for item in lessons]),
    )


def _agreement(item: Lesson, thought: NDArray[np.float64]) -> float:
    """F1 over words between the lines that a look would choose and the true ones."""
    keep, true = likeliest(thought, item.layout.words), item.truth > 0
    words = item.layout.words
    return float(2 * words[keep & true].sum() / max(words[keep].sum() + words[true].sum(), 1.0))


def _mean(models: list[Model]) -> Model:
    """One model whose log-odds are the mean of several of the same depth."""
    return Model(
        np.vstack([model.columns for model in models]),
        np.vstack([model.thresholds for model in models]),
        np.vstack([model.values for model in models]) / np.float32(len(models)),
        sum(model.base for model in models) / len(models),
    )


def train(
    rows: NDArray[np.float32],
    truth: NDArray[np.float64],
    weights: NDArray[np.float64],
    *,
    trees: int = 300,
    depth: int = 6,
    rate: float = 0.1,
    seed: int = 0,
    share: float = 0.3,
    ridge: float = 3.0,
) -> Model:
    """A model of lines with weights; the same for the same seed."""
    rng = np.random.default_rng(seed)
    weights = weights / weights.mean()
    edges = [_edges(rows[:, column]) for column in range(rows.shape[1])]
    binned = [
        np.searchsorted(edge, rows[:, column], side="left").astype(np.int32)
        for column, edge in enumerate(edges)
    ]
    usable = [column for column, edge in enumerate(edges) if len(edge)]
    rate_true = float(np.average(truth, weights=weights))
    base = float(np.log(rate_true / (1 - rate_true)))
    odds = np.full(len(truth), base)
    columns = np.zeros((trees, depth), dtype=np.intp)
    thresholds = np.zeros((trees, depth), dtype=np.float32)
    values = np.zeros((trees, 1 << depth), dtype=np.float32)
    for tree in range(trees):
        sample = np.flatnonzero(rng.random(len(truth)) < 0.5)
        chosen = rng.choice(usable, max(1, int(len(usable) * share)), replace=False)
        guess = 1 / (1 + np.exp(-odds))
        slope, curve = (truth - guess) * weights, guess * (1 - guess) * weights
        leaf = np.zeros(len(sample), dtype=np.int32)
        parts = {int(c): binned[c][sample] for c in chosen}
        for level in range(depth):
            column, cut = _best_question(parts, leaf, 1 << level, slope[sample], curve[sample], ridge)
            columns[tree, level] = column
            thresholds[tree, level] = edges[column][cut]
            leaf = leaf * 2 + (parts[column] > cut)
        sums = np.bincount(leaf, slope[sample], 1 << depth)
        curves = np.bincount(leaf, curve[sample], 1 << depth)
        values[tree] = rate * sums / (curves + ridge)
        index = np.zeros(len(truth), dtype=np.int32)
        for level in range(depth):
            index = index * 2 + (rows[:, columns[tree, level]] > thresholds[tree, level])
        odds += values[tree][index]
    return Model(columns, thresholds, values, base)


def _best_question(
    parts: dict[int, NDArray[np.int32]],
    leaf: NDArray[np.int32],
    leaves: int,
    slope: NDArray[np.float64],
    curve: NDArray[np.float64],
    ridge: float,
) -> tuple[int, int]:
    best, gain = (next(iter(parts)), 0), -1.0
    for column, bins in parts.items():
        index = leaf * _BINS + bins
        left = np.bincount(index, slope, leaves * _BINS).reshape(leaves, _BINS).cumsum(axis=1)
        left_curve = np.bincount(index, curve, leaves * _BINS).reshape(leaves, _BINS).cumsum(axis=1)
        right, right_curve = left[:, -1:] - left, left_curve[:, -1:] - left_curve
        total = (left**2 / (left_curve + ridge) + right**2 / (right_curve + ridge)).sum(axis=0)[:-1]
        cut = int(total.argmax())
        if total[cut] > gain + 1e-12:
            best, gain = (column, cut), float(total[cut])
    return best


def _edges(column: NDArray[np.float32]) -> NDArray[np.float32]:
    """Thresholds between the quantiles of a column."""
    known = np.unique(column)
    if len(known) > _BINS - 1:
        known = np.unique(np.quantile(column, np.linspace(0, 1, _BINS), method="nearest"))
        if len(known) > _BINS - 1:
            known = known[: _BINS - 1]
    return np.asarray((known[:-1] + known[1:]) / 2, dtype=np.float32)


def held_out(pages: list[Case], folds: int) -> list[Scores]:
    """The scores of every page by the whole extractor, with looks that learned from the other folds alone."""
    lessons = [lesson(case) for case in pages]
    scores = []
    for fold in range(folds):
        looks = learn([item for n, item in enumerate(lessons) if n % folds != fold and item is not None])
        mine = []
        with mock.patch.object(boost, "reader", return_value=looks):
            for case in pages[fold::folds]:
                found = extract(case.page)
                mine.append(score(case, found, body_text(found)))
        print(table({f"fold {fold}": mine}), flush=True)
        scores.extend(mine)
    return scores


def main(arguments: list[str] | None = None) -> int:
    """Train and write the model, or measure one that has not seen the pages."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.eval.extraction_model", description=__doc__.split("\n")[0]
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--held-out", type=int, metavar="K", help="write nothing: print the scores of K-fold cross-validation"
    )
    parser.add_argument("--out", type=Path, default=Path("src/archive/extract/lines.json"))
    options = parser.parse_args(arguments)
    pages = list(cases(options.folder))
    if not pages:
        print(f"No pages with truth in {options.folder}.", file=sys.stderr)
        return 2
    if options.held_out:
        print(table({"all": held_out(pages, options.held_out)}))
        return 0
    lessons = [item for case in pages if (item := lesson(case)) is not None]
    options.out.write_text(learn(lessons).to_json(), "ascii")
    print(f"Learned {sum(len(item.truth) for item in lessons)} lines of {len(lessons)} pages.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
