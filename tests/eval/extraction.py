"""How good extraction is on any folder of pages with truth.

`python -m tests.eval.extraction DIR [--dump OUT.json] [--worst N]`

`DIR` holds `*.html` (or `*.html.gz`) with a `*.json` of the same stem: `articleBody` alone will do;
`title`, `author`, `publish_date`/`date`, `captions` (texts) and `url` are used when they are there.
Scores:

- word F1: precision and recall over the multiset of words of each page's body, averaged page by page;
- shingle F1: the same over runs of four words, as the public article-extraction benchmark counts;
- title and date: exact (titles without case and punctuation), author: overlap of the names' words.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.extract import extract
from archive.model import Extraction, Page

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Case:
    """One page with its truth."""

    stem: str
    page: Page
    truth: dict[str, Any]


@dataclass(slots=True)
class Scores:
    """The scores of one page or the means over many."""

    words: float = 0.0
    precision: float = 0.0
    recall: float = 0.0
    shingles: float = 0.0
    title: float | None = None
    date: float | None = None
    author: float | None = None
    captions: float | None = None
    dumped: str = field(default="", repr=False)


def cases(folder: Path) -> Iterator[Case]:
    """The pages of a folder that have a truth beside them, by name."""
    for path in sorted([*folder.glob("*.html"), *folder.glob("*.html.gz")]):
        stem = path.name.split(".html")[0]
        truth = folder / f"{stem}.json"
        if not truth.exists():
            continue
        data = json.loads(truth.read_text("utf-8"))
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        yield Case(stem, Page(data.get("url") or "https://example.org/", body, "text/html"), data)


def body_text(extraction: Extraction) -> str:
    """The body as benchmarks mean it: no captions; the lead when it is part of the text."""
    parts = list(extraction.body())
    lead_rule = next((t.rule for t in extraction.trace if t.field == "lead"), "")
    if extraction.lead and "first paragraph" in lead_rule:
        parts.insert(0, extraction.lead)
    return "\n\n".join(parts)


def f1(truth: Counter[Any], found: Counter[Any]) -> tuple[float, float, float]:
    """Precision, recall and F1 of two multisets; two empty ones agree."""
    if not truth and not found:
        return 1.0, 1.0, 1.0
    common = (truth & found).total()
    precision = common / found.total() if found else 0.0
    recall = common / truth.total() if truth else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if common else 0.0


def words(text: str) -> list[str]:
    """The words of a text, without case."""
    return _WORD.findall(text.lower())


def shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    """Runs of `size` words; a shorter text is one run."""
    tokens = words(text)
    if not tokens:
        return Counter()
    return Counter(tuple(tokens[i : i + size]) for i in range(max(1, len(tokens) - size + 1)))


def score(case: Case, extraction: Extraction, dumped: str) -> Scores:
    """One page's scores."""
    gold = case.truth.get("articleBody") or ""
    precision, recall, value = f1(Counter(words(gold)), Counter(words(dumped)))
    result = Scores(value, precision, recall, f1(shingles(gold), shingles(dumped))[2], dumped=dumped)
    if title := case.truth.get("title"):
        result.title = float(_key(title) == _key(extraction.title))
    if date := case.truth.get("publish_date") or case.truth.get("date"):
        result.date = float(
            extraction.published is not None and extraction.published.day.isoformat() == str(date)[:10]
        )
    if author := case.truth.get("author"):
        names = " ".join(author) if isinstance(author, list) else author
        found = " ".join(
            [
                *extraction.byline.authors,
                extraction.byline.organisation if not extraction.byline.authors else "",
            ]
        )
        result.author = f1(Counter(words(names)), Counter(words(found)))[2]
    if (captions := case.truth.get("captions")) is not None:
        result.captions = f1(Counter(map(_key, captions)), Counter(map(_key, extraction.captions())))[2]
    return result


def mean(scores: list[Scores]) -> Scores:
    """The mean of each measure over the pages that have it."""
    result = Scores()
    for name in ("words", "precision", "recall", "shingles", "title", "date", "author", "captions"):
        values = [value for item in scores if (value := getattr(item, name)) is not None]
        setattr(result, name, sum(values) / len(values) if values else None)
    return result


def evaluate(folder: Path, run: Callable[[Page], Extraction] = extract) -> dict[str, Scores]:
    """The scores of every page of a folder, by stem."""
    results = {}
    for case in cases(folder):
        extraction = run(case.page)
        results[case.stem] = score(case, extraction, body_text(extraction))
    return results


def table(groups: dict[str, list[Scores]]) -> str:
    """Means of groups of pages as lines of text."""
    lines = [
        f"{'pages':<12}{'n':>5}{'words':>8}{'prec':>8}{'recall':>8}{'4-gram':>8}{'title':>8}{'date':>8}{'author':>8}{'capt':>8}"
    ]
    for name, scores in groups.items():
        m = mean(scores)
        cells = [m.words, m.precision, m.recall, m.shingles, m.title, m.date, m.author, m.captions]
        lines.append(
            f"{name:<12}{len(scores):>5}" + "".join(f"{'-' if c is None else f'{c:.4f}':>8}" for c in cells)
        )
    return "\n".join(lines)


def _key(text: str) -> str:
    return "".join(words(text))


def main(arguments: list[str] | None = None) -> int:
    """Print the scores; 2 when the folder holds no pages with truth."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.eval.extraction", description=__doc__.split("\n")[0]
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dump", type=Path, help="write {stem: {articleBody}} here")
    parser.add_argument(
        "--worst", type=int, default=0, metavar="N", help="list the N pages with the lowest word F1"
    )
    options = parser.parse_args(arguments)
    results = evaluate(options.folder)
    if not results:
        print(f"No *.html with a *.json beside it in {options.folder}.", file=sys.stderr)
        return 2
    stems = list(results)
    print(
        table(
            {
                "all": list(results.values()),
                "even": [results[s] for n, s in enumerate(stems) if n % 2 == 0],
                "odd": [results[s] for n, s in enumerate(stems) if n % 2],
            }
        )
    )
    for stem in sorted(results, key=lambda s: results[s].words)[: options.worst]:
        item = results[stem]
        print(f"{stem}  words {item.words:.3f}  precision {item.precision:.3f}  recall {item.recall:.3f}")
    if options.dump:
        data = {stem: {"articleBody": item.dumped} for stem, item in results.items()}
        options.dump.write_text(json.dumps(data, ensure_ascii=False, indent=1), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
