"""Our search beside Whoosh's own searcher, SQLite FTS5 and tantivy, on the same articles and questions.

::

    .venv/bin/pip install tantivy
    .venv/bin/python -m benchmarks.search --articles 10000 50000

The articles are the sample portal's. Each engine is built and asked in a process of its own, one after the
other; the questions are drawn from the corpus (`questions`), and totals are compared. "first" is the first
time an engine meets a question, in a fresh process with the files in the page cache; "warm" the median of
five more. Times of building and answering are processor time, so that other work on the machine counts as
little as may be; an idle machine shows the same on the clock. Whoosh builds some 200 articles a second, so it
is left out above `--whoosh-limit`.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
import random
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from archive.search.backend import IndexDocument
from archive.text.vietnamese import fold, fold_key, raw_words
from benchmarks import search_engines
from tests.search.samples import sample

CLASSES = (
    "common term",
    "rare term",
    "AND of 3",
    "OR of 3",
    "phrase of 2",
    "phrase of 4",
    "prefix",
    "AND + dates",
    "newest first",
    "facets",
    "whole page",
)


@dataclass(frozen=True, slots=True)
class Question:
    kind: str
    words: tuple[str, ...]
    """Folded."""


def articles(count: int) -> Iterator[IndexDocument]:
    """Articles of the sample portal."""
    return (sample(index, count) for index in range(count))


def questions(count: int, each: int, seed: int = 7) -> list[Question]:
    """Questions of every class, drawn from a corpus of so many articles.

    Words of letters only, none that i and y or an abbreviation give a second form: other engines do not
    know these, and totals are to agree.
    """
    draw = random.Random(seed)
    texts = [
        fold(f"{d.title}\n{d.lead}\n{d.body}")
        for d in (sample(i, count) for i in draw.sample(range(count), min(count, 2_000)))
    ]
    frequency = Counter(word for text in texts for word in set(raw_words(text)) if _plain(word))
    common = [word for word, n in frequency.most_common(150) if len(word) > 1]
    rare = [w for w, n in Counter(w for text in texts for w in set(raw_words(text))).items() if _rare(w, n)]
    middling = [word for word, n in frequency.items() if n > len(texts) // 20 and len(word) > 1]
    runs = [
        tuple(words[at : at + 4])
        for text in texts
        for words in [raw_words(line) for line in text.split("\n")]
        for at in range(len(words) - 3)
        if all(_plain(word) for word in words[at : at + 4])
    ]
    found: list[Question] = []
    for _ in range(each):
        three = tuple(draw.sample(middling, 3))
        run = draw.choice(runs)
        two = draw.choice(runs)[:2]
        one = draw.choice(common)
        stem = draw.choice([word for word in middling if len(word) > 3])[:3]
        found += [
            Question("common term", (one,)),
            Question("rare term", (draw.choice(rare),)),
            Question("AND of 3", three),
            Question("OR of 3", tuple(draw.sample(middling, 3))),
            Question("phrase of 2", two),
            Question("phrase of 4", run),
            Question("prefix", (stem,)),
            Question("AND + dates", tuple(draw.sample(middling, 2))),
            Question("newest first", (draw.choice(common),)),
            Question("facets", (draw.choice(common),)),
            Question("whole page", run[:3]),
        ]
    return found


def _rare(word: str, found: int) -> bool:
    """Numbers: the grammar's words are all common."""
    return found <= 3 and word.isdigit() and 3 <= len(word) <= 6


_ODD = {fold_key(word) for word in ("ubnd", "hdnd", "ntm", "bch", "btv", "tuv")}


def _plain(word: str) -> bool:
    return word.isalpha() and word.isascii() and fold_key(word) == word and word not in _ODD


@dataclass(frozen=True, slots=True)
class Measured:
    """What one engine did."""

    build_seconds: float
    """Of processor time, so that a busy machine does not count; one core each."""
    peak_mb: float
    """Of the process that built."""
    size_mb: float
    open_seconds: float
    private_mb: float
    """Memory of the process that answered, files mapped from disk apart, after all questions."""
    totals: list[int]
    first: list[float]
    """Milliseconds of processor time, one a question."""
    warm: list[float]
    add_seconds: float
    """Ten more articles until they are found."""


def _measure(name: str, count: int, asked: list[Question], folder: Path) -> Measured:
    built = _in_process(_build, name, count, folder)
    asked_of = _in_process(_ask, name, count, asked, folder)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    return Measured(**built, **asked_of, size_mb=size)


def _in_process(function: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def _build(name: str, count: int, folder: Path) -> dict[str, Any]:
    made = list(articles(min(count, 2_000)))  # the grammar's own time is measured and taken off
    began = time.process_time()
    for _ in articles(len(made)):
        pass
    grammar = (time.process_time() - began) / len(made) * count
    del made
    began = time.process_time()
    search_engines.ENGINES[name].build(folder, articles(count))
    seconds = time.process_time() - began - grammar
    return {
        "build_seconds": max(seconds, 0.001),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }


def _ask(name: str, count: int, asked: list[Question], folder: Path) -> dict[str, Any]:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                while file.read(1 << 22):  # into the page cache, for all alike
                    pass
    began = time.perf_counter()
    engine = search_engines.ENGINES[name].open(folder)
    engine.ask("rare term", ("khongcotunay",))
    opened = time.perf_counter() - began
    first, warm, totals = [], [], []
    for question in asked:
        began = time.process_time()
        totals.append(engine.ask(question.kind, question.words))
        first.append((time.process_time() - began) * 1e3)
    for question in asked:
        times = []
        for _ in range(5):
            began = time.process_time()
            engine.ask(question.kind, question.words)
            times.append((time.process_time() - began) * 1e3)
        warm.append(float(np.median(times)))
    private = _private_mb()
    began = time.perf_counter()
    added = engine.add([sample(index, count + 10, seed=2) for index in range(count, count + 10)])
    return {
        "open_seconds": opened,
        "private_mb": private,
        "totals": totals,
        "first": first,
        "warm": warm,
        "add_seconds": time.perf_counter() - began if added else float("nan"),
    }


def _private_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1e3
    return float("nan")


def _report(count: int, asked: list[Question], measured: dict[str, Measured]) -> None:
    print(f"\n## {count:,} articles\n")
    names = list(measured)
    print("| | " + " | ".join(names) + " |\n|---|" + "---|" * len(names))
    rows: list[tuple[str, Callable[[Measured], str]]] = [
        ("articles built a second of processor time", lambda m: f"{count / m.build_seconds:,.0f}"),
        ("peak memory of building, MB", lambda m: f"{m.peak_mb:,.0f}"),
        ("index, MB", lambda m: f"{m.size_mb:,.0f}"),
        ("opening and first question, s", lambda m: f"{m.open_seconds:.3f}"),
        ("private memory after all, MB", lambda m: f"{m.private_mb:,.0f}"),
        ("ten articles added and found, s", lambda m: f"{m.add_seconds:.2f}"),
    ]
    for title, value in rows:
        print(f"| {title} | " + " | ".join(value(measured[name]) for name in names) + " |")
    print(
        "\nMilliseconds of processor time, median / 95th percentile, warm; in brackets "
        "the 95th percentile of first use.\n"
    )
    print("| class | " + " | ".join(names) + " | p95: ours / fts5 | p95: ours / tantivy |")
    print("|---|" + "---|" * (len(names) + 2))
    for kind in CLASSES:
        places = [n for n, question in enumerate(asked) if question.kind == kind]
        cells, tails = [], {}
        for name in names:
            warm = [measured[name].warm[n] for n in places]
            first = [measured[name].first[n] for n in places]
            tails[name] = float(np.percentile(warm, 95))
            cells.append(f"{np.median(warm):.2f} / {tails[name]:.2f} ({np.percentile(first, 95):.1f})")
        ratios = [
            f"{tails['ours'] / tails[peer]:.2f}" if peer in tails else "" for peer in ("fts5", "tantivy")
        ]
        print(f"| {kind} | " + " | ".join(cells) + " | " + " | ".join(ratios) + " |")
    _compare_totals(asked, measured)


def _compare_totals(asked: list[Question], measured: dict[str, Measured]) -> None:
    ours = measured["ours"].totals
    for name, other in measured.items():
        differ = [n for n, total in enumerate(other.totals) if total != ours[n]]
        print(f"\nTotals of {name}: {len(asked) - len(differ)} of {len(asked)} equal ours", end="")
        for n in differ[:5]:
            print(f"; {asked[n].kind} {' '.join(asked[n].words)}: {other.totals[n]}, ours {ours[n]}", end="")
    print()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--articles", type=int, nargs="+", default=[10_000])
    parser.add_argument("--questions", type=int, default=20, help="of each class")
    parser.add_argument("--engines", nargs="+", default=list(search_engines.ENGINES))
    parser.add_argument("--whoosh-limit", type=int, default=10_000)
    parser.add_argument("--json", type=Path, help="also write what was measured to this file")
    options = parser.parse_args(arguments)
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}")
    results: dict[int, Any] = {}
    for count in options.articles:
        asked = questions(count, options.questions)
        measured = {}
        for name in options.engines:
            if name == "whoosh" and count > options.whoosh_limit:
                continue
            folder = Path(tempfile.mkdtemp(prefix="bench-search-"))
            try:
                measured[name] = _measure(name, count, asked, folder)
                print(f"{count} {name}: built in {measured[name].build_seconds:.1f} s", file=sys.stderr)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        _report(count, asked, measured)
        results[count] = {name: vars_of(item) for name, item in measured.items()}
    if options.json:
        options.json.write_text(json.dumps(results))
    return 0


def vars_of(item: Measured) -> dict[str, Any]:
    """A measurement as JSON takes it."""
    return {name: getattr(item, name) for name in Measured.__slots__}


if __name__ == "__main__":
    raise SystemExit(main())
