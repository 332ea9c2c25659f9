"""Is what was meant found? `python -m tests.eval.search [--half tune|report] [--items N]
[--opensearch opensearch+http://localhost:9200]`.

Two collections, each asked with accents and without:

- XQuAD: a question, and the passage that answers it;
- DANeS: known items. A title or lead is remembered in part: words are dropped, and, with accents, the tone
  mark stands where the other school puts it, the text is decomposed, or a name is abbreviated.

Beside ours stand SQLite FTS5 (unicode61, remove_diacritics 2, đ replaced, bm25) and Whoosh with its plain
accent folding (BM25F). Both get all words first, and any of the words where no document has all.

Half of the items, by a hash of their names, is for tuning; the other half is reported.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sqlite3
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from archive.search.backend import Batch, IndexDocument, SearchRequest
from archive.search.ranking import DEFAULT, Ranking
from archive.search.whoosh import WhooshBackend
from archive.text.vietnamese import ABBREVIATIONS, fold, raw_words, tone_normal
from tests.search.samples import doc

DATA = Path(__file__).parent / "data"
CUTOFF = 10


@dataclass(frozen=True, slots=True)
class Query:
    name: str
    text: str
    relevant: frozenset[str]


@dataclass(frozen=True, slots=True)
class Collection:
    name: str
    docs: tuple[IndexDocument, ...]
    accented: tuple[Query, ...]

    def unaccented(self) -> tuple[Query, ...]:
        """The same questions as typed on a keyboard without accents."""
        return tuple(Query(q.name, fold(tone_normal(q.text)), q.relevant) for q in self.accented)


def corpus_hash() -> str:
    """Of all the data: floors are floors for these questions only."""
    digest = hashlib.sha256()
    for path in sorted(DATA.glob("*.jsonl")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def collections(half: str, items: int) -> list[Collection]:
    """Both collections, the questions of one half, so many known items at most."""
    return [_xquad(half), _danes(half, items)]


def _rows(name: str) -> Iterator[dict[str, Any]]:
    with (DATA / name).open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _half(name: str) -> str:
    return "report" if hashlib.sha256(name.encode()).digest()[0] & 1 else "tune"


def _xquad(half: str) -> Collection:
    docs = tuple(
        doc(row["doc_id"], body=unicodedata.normalize("NFC", row["text"]))
        for row in _rows("xquad-vi-passages.jsonl")
    )
    queries = tuple(
        Query(row["qid"], row["query"], frozenset(row["doc_ids"]))
        for row in _rows("xquad-vi-queries.jsonl")
        if _half(row["qid"]) == half
    )
    return Collection("XQuAD", docs, queries)


def _danes(half: str, items: int) -> Collection:
    docs = tuple(
        doc(
            f"danes-{number}",
            " ".join(unicodedata.normalize("NFC", row["title"]).split()),
            lead=" ".join(unicodedata.normalize("NFC", row["body"]).split()),
        )
        for number, row in enumerate(_rows("danes-annotated.jsonl"))
    )
    same: dict[str, set[str]] = {}
    for item in docs:
        same.setdefault(fold(item.title), set()).add(item.id)
    queries: list[Query] = []
    for item in docs:
        if _half(item.id) == half and len(queries) < items:
            draw = random.Random(item.id)
            text = _remembered(draw, item)
            if len(text.split()) >= 3:
                queries.append(Query(item.id, text, frozenset(same[fold(item.title)])))
    return Collection("DANeS", docs, tuple(queries))


def _remembered(draw: random.Random, item: IndexDocument) -> str:
    """What a person might still know of a title or of a stretch of a lead."""
    words = raw_words(item.title) if draw.random() < 0.6 else raw_words(item.lead)
    start = draw.randrange(max(len(words) - 7, 1))
    kept = [word for word in words[start : start + 8] if draw.random() < 0.55]
    text = " ".join(kept).lower()
    match draw.randrange(4):
        case 0:
            return _other_placement(text)
        case 1:
            return unicodedata.normalize("NFD", text)
        case 2:
            return _abbreviated(text)
        case _:
            return text


def _other_placement(text: str) -> str:
    """The tone mark on the second vowel of an open oa, oe, uy, as the newer school writes."""
    result = []
    for word in text.split():
        letters = unicodedata.normalize("NFD", tone_normal(word))
        for pair in ("oa", "oe", "uy"):
            for tone in "\u0300\u0301\u0303\u0309\u0323":
                if letters.endswith(pair[0] + tone + pair[1]) and not letters.startswith("q"):
                    letters = letters.removesuffix(pair[0] + tone + pair[1]) + pair + tone
        result.append(unicodedata.normalize("NFC", letters))
    return " ".join(result)


def _abbreviated(text: str) -> str:
    for short, long in ABBREVIATIONS:
        if long in tone_normal(text):
            return tone_normal(text).replace(long, short)
    return text


# --------------------------------------------------------------------------------------------------- engines


class Engine(Protocol):
    def index(self, docs: Sequence[IndexDocument], folder: Path) -> None: ...

    def best(self, text: str) -> list[str]: ...

    def close(self) -> None: ...


class Ours:
    def __init__(self, ranking: Ranking = DEFAULT) -> None:
        self._ranking = ranking

    def index(self, docs: Sequence[IndexDocument], folder: Path) -> None:
        self._backend = WhooshBackend(folder / "ours", ranking=self._ranking)
        self._backend.apply(Batch(docs, (), 1))

    def best(self, text: str) -> list[str]:
        request = SearchRequest(q=text, size=CUTOFF, facets=False, collapse=False)
        found = self._backend.find(request)
        return [str(found.snapshot.stored(n)["id"]) for n in found.ordered.documents.tolist()]

    def close(self) -> None:
        self._backend.close()


class OpenSearch:
    """The second engine, on a node that runs."""

    def __init__(self, setting: Callable[[str], str]) -> None:
        """
        :param setting: gives the value of `search_engine` for a name.
        """
        self._setting = setting

    def index(self, docs: Sequence[IndexDocument], folder: Path) -> None:
        from archive.search.opensearch import OpenSearchBackend, parse

        address = parse(self._setting(f"eval-{len(docs)}"))
        self._backend = OpenSearchBackend(address, folder / "opensearch", seconds=20)
        self._backend.apply(Batch(docs, (), 1))

    def best(self, text: str) -> list[str]:
        request = SearchRequest(q=text, size=CUTOFF, facets=False, collapse=False)
        return [hit.id for hit in self._backend.search(request).hits]

    def close(self) -> None:
        self._backend.close()


class Fts5:
    def index(self, docs: Sequence[IndexDocument], folder: Path) -> None:
        self._db = sqlite3.connect(":memory:")
        self._db.execute(
            "CREATE VIRTUAL TABLE fts USING fts5(id UNINDEXED, title, body, "
            'tokenize="unicode61 remove_diacritics 2")'
        )
        self._db.executemany(
            "INSERT INTO fts VALUES (?, ?, ?)",
            ((d.id, _plain_d(d.title), _plain_d(f"{d.lead}\n{d.body}")) for d in docs),
        )

    def best(self, text: str) -> list[str]:
        found = [f'"{word}"' for word in raw_words(_plain_d(unicodedata.normalize("NFC", text)))]
        return self._ask(" AND ".join(found)) or self._ask(" OR ".join(found))

    def _ask(self, question: str) -> list[str]:
        statement = f"SELECT id FROM fts WHERE fts MATCH ? ORDER BY rank LIMIT {CUTOFF}"  # noqa: S608
        return [row[0] for row in self._db.execute(statement, (question,))] if question else []

    def close(self) -> None:
        self._db.close()


class PlainWhoosh:
    def index(self, docs: Sequence[IndexDocument], folder: Path) -> None:
        from whoosh.analysis import CharsetFilter, LowercaseFilter, RegexTokenizer
        from whoosh.fields import ID, TEXT, Schema
        from whoosh.filedb.filestore import RamStorage
        from whoosh.support.charset import accent_map

        analyzer = RegexTokenizer() | LowercaseFilter() | CharsetFilter(accent_map)
        schema = Schema(id=ID(stored=True), title=TEXT(analyzer=analyzer), body=TEXT(analyzer=analyzer))
        self._analyzer = analyzer
        index = RamStorage().create_index(schema)
        with index.writer() as writer:
            for item in docs:
                writer.add_document(id=item.id, title=item.title, body=f"{item.lead}\n{item.body}")
        self._searcher = index.searcher()

    def best(self, text: str) -> list[str]:
        from whoosh import query as wq

        words = [token.text for token in self._analyzer(unicodedata.normalize("NFC", text))]
        parts = [wq.Or([wq.Term("title", word), wq.Term("body", word)]) for word in words]
        for question in (wq.And(parts), wq.Or(parts)):
            if found := [hit["id"] for hit in self._searcher.search(question, limit=CUTOFF)]:
                return found
        return []

    def close(self) -> None:
        self._searcher.close()


def _plain_d(text: str) -> str:
    return text.replace("đ", "d").replace("Đ", "D")


# --------------------------------------------------------------------------------------------------- scores


@dataclass(frozen=True, slots=True)
class Score:
    mrr: float
    """Mean reciprocal rank of the first right document among ten; 0 when none is."""
    recall: float
    """Share of questions with a right document among ten."""


def score(engine: Engine, queries: Iterable[Query]) -> Score:
    """Of an engine that has indexed the collection."""
    ranks = []
    for query in queries:
        found = engine.best(query.text)
        ranks.append(next((n for n, name in enumerate(found, 1) if name in query.relevant), 0))
    count = max(len(ranks), 1)
    return Score(sum(1 / rank for rank in ranks if rank) / count, sum(1 for rank in ranks if rank) / count)


def evaluate(half: str, items: int, engines: dict[str, Engine]) -> dict[str, dict[str, Score]]:
    """`collection, accented|unaccented` → engine → score."""
    result: dict[str, dict[str, Score]] = {}
    for collection in collections(half, items):
        for name, engine in engines.items():
            with tempfile.TemporaryDirectory() as folder:
                engine.index(collection.docs, Path(folder))
                for kind, queries in (
                    ("accented", collection.accented),
                    ("unaccented", collection.unaccented()),
                ):
                    result.setdefault(f"{collection.name}, {kind}", {})[name] = score(engine, queries)
                engine.close()
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--half", choices=("tune", "report"), default="report")
    parser.add_argument(
        "--opensearch", default="", metavar="URL", help="a search_engine setting up to the name, to compare"
    )
    parser.add_argument("--items", type=int, default=100_000, help="known items at most")
    options = parser.parse_args()
    engines: dict[str, Engine] = {"ours": Ours(), "FTS5": Fts5(), "Whoosh": PlainWhoosh()}
    if options.opensearch:
        engines["OpenSearch"] = OpenSearch(lambda name: f"{options.opensearch}/{name}?replicas=0")
    print("| | " + " | ".join(f"{name} MRR@10 / recall@10" for name in engines) + " |")
    print("|---|" + "---|" * len(engines))
    for kind, scores in evaluate(options.half, options.items, engines).items():
        cells = [f"{scores[name].mrr:.3f} / {scores[name].recall:.3f}" for name in engines]
        print(f"| {kind} | " + " | ".join(cells) + " |")
    print(f"\ncorpus {corpus_hash()[:16]}")


if __name__ == "__main__":
    main()
