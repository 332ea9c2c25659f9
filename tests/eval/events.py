"""How well events and people are read: scores against sentences and articles labelled by hand.

    python -m tests.eval.events            the scores, by field
    python -m tests.eval.events --wrong    and every difference, to look at

A gold line is JSON: `text` (or `title`, `lead`, `body`, `captions` for an article), `page` (the page's date,
or null), `events` (`sort`, `kind`, `start`, `end`, `part`, `places`), `people` (`name`, `offices`). What is
right follows from the text alone; `tests/eval/data/events/README.md` has the rules of labelling.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.events import read
from archive.model.extraction import Block, DateFact, Extraction, Figure, PageKind, Paragraph
from archive.text.vietnamese import fold, whole_words

FOLDER = Path(__file__).parent / "data" / "events"
FILES = ("sentences.jsonl", "articles.jsonl")


@dataclass
class Tally:
    """Right, wrong and missed of one field."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


@dataclass
class Scores:
    """The tallies by field, and what differed."""

    fields: dict[str, Tally] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def add(self, name: str, gold: Iterable[Any], found: Iterable[Any], where: str) -> None:
        """Compare two bags of values of one field."""
        wanted, had = Counter(gold), Counter(found)
        tally = self.fields.setdefault(name, Tally())
        tally.right += (wanted & had).total()
        tally.wrong += (had - wanted).total()
        tally.missed += (wanted - had).total()
        for value in (had - wanted).elements():
            self.wrong.append(f"{where}: {name}: not there: {value}")
        for value in (wanted - had).elements():
            self.wrong.append(f"{where}: {name}: missed: {value}")


def corpus(name: str) -> list[dict[str, Any]]:
    """The gold lines of a file."""
    return [json.loads(line) for line in (FOLDER / name).read_text("utf-8").splitlines() if line.strip()]


def corpus_hash() -> str:
    """Changes with any gold line: floors hold for one corpus only."""
    data = b"".join((FOLDER / name).read_bytes() for name in FILES)
    return hashlib.sha256(data).hexdigest()[:16]


def extraction(gold: dict[str, Any]) -> Extraction:
    """The page of a gold line as an extractor would have read it."""
    day = dt.date.fromisoformat(gold["page"]) if gold.get("page") else None
    blocks: tuple[Block, ...] = (
        *(Paragraph(text) for text in gold.get("body", ())),
        *(Figure((), caption) for caption in gold.get("captions", ())),
    )
    return Extraction(
        PageKind.ARTICLE,
        "gold",
        title=gold.get("title", ""),
        lead=gold.get("text", gold.get("lead", "")),
        blocks=blocks,
        published=DateFact(day, None, "gold", "") if day else None,
    )


def score(lines: Iterable[dict[str, Any]]) -> Scores:
    """Read each gold line and compare."""
    scores = Scores()
    for number, gold in enumerate(lines, 1):
        reading = read(extraction(gold))
        where = gold.get("id", str(number))
        events = [(item.sort.value, _iso(item.when.start), _iso(item.when.end)) for item in reading.events]
        wanted = [(item["sort"], item.get("start") or "", item.get("end") or "") for item in gold["events"]]
        scores.add("event date", wanted, events, where)
        kinds = [(*key, item.kind) for key, item in zip(events, reading.events, strict=True)]
        wanted_kinds = [(*key, item["kind"]) for key, item in zip(wanted, gold["events"], strict=True)]
        scores.add("event kind", wanted_kinds, kinds, where)
        places = [
            (key[1], _key(item.places[0]))
            for key, item in zip(events, reading.events, strict=True)
            if item.places
        ]
        wanted_places = [
            (key[1], _key(item["places"][0]))
            for key, item in zip(wanted, gold["events"], strict=True)
            if item.get("places")
        ]
        scores.add("event place", wanted_places, places, where)
        parts = [
            (key[1], item.when.part)
            for key, item in zip(events, reading.events, strict=True)
            if item.when.part
        ]
        wanted_parts = [
            (key[1], item["part"])
            for key, item in zip(wanted, gold["events"], strict=True)
            if item.get("part")
        ]
        scores.add("part of the day", wanted_parts, parts, where)
        names = {claim.name for claim in reading.people}
        scores.add(
            "person", {_key(item["name"]) for item in gold["people"]}, {_key(name) for name in names}, where
        )
        offices = {(_key(claim.name), _key(office)) for claim in reading.people for office in claim.offices}
        wanted_offices = {
            (_key(item["name"]), _key(office)) for item in gold["people"] for office in item["offices"]
        }
        scores.add("office", wanted_offices, offices, where)
    return scores


def _iso(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


def _key(name: str) -> str:
    return " ".join(fold(word) for word in whole_words(name))


def _lines() -> Iterator[str]:
    for name in FILES:
        scores = score(corpus(name))
        yield f"{name}: {len(corpus(name))} labelled, corpus {corpus_hash()}"
        for label, tally in scores.fields.items():
            yield (
                f"  {label:<16} precision {tally.precision:.3f}  recall {tally.recall:.3f}"
                f"  ({tally.right} right, {tally.wrong} not there, {tally.missed} missed)"
            )
        if "--wrong" in sys.argv:
            yield from (f"    {line}" for line in scores.wrong)


if __name__ == "__main__":
    print("\n".join(_lines()))
