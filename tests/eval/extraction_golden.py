"""Scores over the golden pages: `python -m tests.eval.extraction_golden [--pin] [--show N]`.

`golden/NN-name.html` is a page laid out by hand as a family of portals does it, `NN-name.json` what a
perfect reader finds in it. A page without its JSON is read by the extractor once, and the JSON it writes
says `"read": false`: it counts as failed until somebody has read it, corrected it and set the mark.

`pins.json` holds the scores that must not fall and the hash of the corpus that they were measured on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from archive.extract import extract
from archive.model import Attachment, Extraction, Figure, Page, PageKind
from tests.eval.extraction import f1, shingles

FOLDER = Path(__file__).parent / "golden"
PINS = FOLDER / "pins.json"
FIELDS = ("kind", "title", "body", "captions", "date", "byline")


class UnreadGoldenError(Exception):
    """A golden was generated and nobody has read it yet."""


def corpus_hash() -> str:
    """Hex SHA-256 over the names and contents of all golden files."""
    digest = hashlib.sha256()
    for path in sorted(FOLDER.iterdir()):
        if path.suffix in (".html", ".json") and path != PINS:
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def stems() -> list[str]:
    """The names of all golden pages."""
    return sorted(path.stem for path in FOLDER.glob("*.html"))


def load(stem: str) -> tuple[Page, dict[str, Any]]:
    """A golden page and its truth.

    :raises UnreadGoldenError: when the truth was missing (it is written now) or has not been read.
    """
    body = (FOLDER / f"{stem}.html").read_bytes()
    path = FOLDER / f"{stem}.json"
    if not path.exists():
        page = Page("https://example.org/", body, "text/html")
        path.write_text(json.dumps(draft(page), ensure_ascii=False, indent=1) + "\n", "utf-8")
    truth: dict[str, Any] = json.loads(path.read_text("utf-8"))
    if not truth.get("read"):
        raise UnreadGoldenError(f'{path.name} was generated: read it, correct it, and set "read": true.')
    return Page(truth["url"], body, truth.get("content_type", "text/html")), truth


def draft(page: Page) -> dict[str, Any]:
    """What the extractor finds, in the form of a golden that nobody has read."""
    found = extract(page)
    return {
        "url": page.url,
        "read": False,
        "kind": found.kind.value,
        "title": found.title,
        "body": texts(found),
        "captions": [
            {"caption": block.caption, "pictures": [p.url for p in block.pictures]}
            for block in found.blocks
            if isinstance(block, Figure) and block.caption
        ],
        "date": found.published.iso()[:16] if found.published else None,
        "authors": list(found.byline.authors),
        "organisation": found.byline.organisation,
    }


def texts(extraction: Extraction) -> list[str]:
    """Lead and body as one list of texts."""
    return [*([extraction.lead] if extraction.lead else []), *extraction.body()]


def score(truth: dict[str, Any], found: Extraction) -> dict[str, float]:
    """One page's scores for the fields that its truth names, each between 0 and 1."""
    scores = {"kind": float(found.kind.value == truth["kind"])}
    if truth["kind"] != PageKind.ARTICLE.value:
        return scores
    scores["title"] = float(found.title == truth["title"])
    scores["body"] = f1(shingles("\n".join(truth["body"])), shingles("\n".join(texts(found))))[2]
    if "captions" in truth:
        scores["captions"] = f1(
            Counter((item["caption"], *item["pictures"]) for item in truth["captions"]),
            Counter(
                (block.caption, *(picture.url for picture in block.pictures))
                for block in found.blocks
                if isinstance(block, Figure) and block.caption
            ),
        )[2]
    if "date" in truth:
        given = found.published.iso() if found.published is not None else None
        wanted = truth["date"]
        scores["date"] = float(given is None if wanted is None else (given or "").startswith(wanted))
    parts = [
        float(
            getattr(found.byline, name)
            == (tuple(truth[name]) if isinstance(truth[name], list) else truth[name])
        )
        for name in ("authors", "organisation", "photographers", "source")
        if name in truth
    ]
    if parts:
        scores["byline"] = sum(parts) / len(parts)
    for name, values in (
        ("pictures", [picture.url for picture in found.pictures()]),
        ("attachments", [block.url for block in found.blocks if isinstance(block, Attachment)]),
        ("parts", list(found.parts)),
        ("part_of", found.part_of),
    ):
        if name in truth:
            scores[name] = float(truth[name] == values)
    if "section" in truth:
        scores["section"] = float(found.section == truth["section"])
    return scores


def run() -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """The means over all pages by field, and every page's scores."""
    pages = {}
    for stem in stems():
        page, truth = load(stem)
        pages[stem] = score(truth, extract(page))
    fields: dict[str, list[float]] = {}
    for scores in pages.values():
        for name, value in scores.items():
            fields.setdefault(name, []).append(value)
    return {name: round(sum(values) / len(values), 4) for name, values in sorted(fields.items())}, pages


def main(arguments: list[str] | None = None) -> int:
    """Print the scores; 1 when one is below its pin."""
    parser = argparse.ArgumentParser(prog="python -m tests.eval.extraction_golden")
    parser.add_argument("--pin", action="store_true", help="write the scores as the new pins")
    parser.add_argument("--show", action="store_true", help="list every page with a score below 1")
    options = parser.parse_args(arguments)
    means, pages = run()
    print(f"{len(pages)} pages, corpus {corpus_hash()[:12]}")
    pins = json.loads(PINS.read_text("utf-8"))["scores"] if PINS.exists() else {}
    for name, value in means.items():
        print(f"{name:<12}{value:.4f}" + (f"  pinned {pins[name]:.4f}" if name in pins else ""))
    if options.show:
        for stem, scores in pages.items():
            if low := {name: round(value, 3) for name, value in scores.items() if value < 1}:
                print(stem, low)
    if options.pin:
        PINS.write_text(json.dumps({"corpus": corpus_hash(), "scores": means}, indent=1) + "\n", "utf-8")
    return int(any(means.get(name, 0) < value for name, value in pins.items()))


if __name__ == "__main__":
    sys.exit(main())
