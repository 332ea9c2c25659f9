"""The engines that `benchmarks.search` measures, each behind the same four steps.

`ask` answers one question of a class and returns the exact total: it finds the best ten (or the newest, or
the counts) as the engine does it. Only "whole page" reads texts.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol, Self

from archive.search.backend import Batch, IndexDocument, SearchRequest, Sort
from archive.search.document import FieldText, field_texts
from archive.search.query import DEFAULT_FIELDS
from archive.search.whoosh import WhooshBackend
from archive.search.whoosh.narrow import facets, months
from archive.text.vietnamese import fold

FROM, TO = dt.date(2018, 1, 1), dt.date(2020, 12, 31)


_BETWEEN = " zzzz "
"""A word between paragraphs, so that no engine's phrases reach across."""


def _joined(field: FieldText) -> str:
    return _BETWEEN.join(field.pieces)


class Engine(Protocol):
    @classmethod
    def build(cls, folder: Path, docs: Iterable[IndexDocument]) -> None: ...

    @classmethod
    def open(cls, folder: Path) -> Self: ...

    def ask(self, kind: str, words: Sequence[str]) -> int: ...

    def add(self, docs: Sequence[IndexDocument]) -> bool:
        """Add articles and find them; False when the engine is not asked to."""
        ...


class Ours:
    def __init__(self, folder: Path) -> None:
        self._backend = WhooshBackend(folder)

    @classmethod
    def build(cls, folder: Path, docs: Iterable[IndexDocument]) -> None:
        def fill(writer: Any) -> int:
            for doc in docs:
                writer.add(doc)
            return 1

        WhooshBackend(folder).rebuild(fill, lambda count: None)

    @classmethod
    def open(cls, folder: Path) -> Self:
        return cls(folder)

    def ask(self, kind: str, words: Sequence[str]) -> int:
        text = " ".join(words)
        request = SearchRequest(q=text, size=10, collapse=False)
        match kind:
            case "OR of 3":
                request = SearchRequest(q=" OR ".join(words), size=10, collapse=False)
            case "phrase of 2" | "phrase of 4":
                request = SearchRequest(q=f'"{text}"', size=10, collapse=False)
            case "prefix":
                request = SearchRequest(q=f"{text}*", size=10, collapse=False)
            case "AND + dates":
                request = SearchRequest(q=text, date_from=FROM, date_to=TO, size=10, collapse=False)
            case "newest first":
                request = SearchRequest(q=text, sort=Sort.NEWEST, size=10, collapse=False)
            case "whole page":
                return self._backend.search(SearchRequest(q=text, size=20)).total
        found = self._backend.find(request)
        if kind == "facets":
            facets(
                found.snapshot,
                found.terms.keywords,
                found.all.documents,
                found.filtered.documents,
                found.filters,
            )
            months(found.snapshot, found.filtered.documents)
        return len(found.filtered)

    def add(self, docs: Sequence[IndexDocument]) -> bool:
        self._backend.apply(Batch(docs, (), 2))
        hits = self._backend.search(SearchRequest(q=f'"{docs[0].title}"', size=50)).hits
        return docs[0].id in [hit.id for hit in hits]


class Fts5:
    """unicode61 with remove_diacritics 2, which leaves đ: it is replaced before."""

    def __init__(self, folder: Path) -> None:
        self._db = sqlite3.connect(folder / "fts.db")

    @classmethod
    def build(cls, folder: Path, docs: Iterable[IndexDocument]) -> None:
        db = sqlite3.connect(folder / "fts.db")
        db.execute("PRAGMA journal_mode=WAL")
        db.execute(
            f"CREATE VIRTUAL TABLE fts USING fts5({', '.join(DEFAULT_FIELDS)}, "
            'tokenize="unicode61 remove_diacritics 2")'
        )
        db.execute(
            "CREATE TABLE doc(rowid INTEGER PRIMARY KEY, id TEXT UNIQUE, day TEXT, site TEXT, section TEXT, "
            "media INTEGER, status TEXT, body TEXT)"
        )
        cls._insert(db, docs)
        db.commit()
        db.execute("CREATE INDEX by_day ON doc(day)")
        db.execute("INSERT INTO fts(fts) VALUES ('optimize')")
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()

    @staticmethod
    def _insert(db: sqlite3.Connection, docs: Iterable[IndexDocument]) -> None:
        for doc in docs:
            row = db.execute(
                "INSERT INTO doc(id, day, site, section, media, status, body) VALUES (?,?,?,?,?,?,?)",
                (
                    doc.id,
                    doc.published.isoformat() if doc.published else None,
                    doc.site,
                    doc.section,
                    doc.has_pictures,
                    doc.status,
                    doc.body,
                ),
            ).lastrowid
            texts = [_joined(f).replace("đ", "d").replace("Đ", "D") for f in field_texts(doc)]
            db.execute(
                f"INSERT INTO fts(rowid, {', '.join(DEFAULT_FIELDS)}) VALUES (?{', ?' * len(texts)})",
                (row, *texts),
            )

    @classmethod
    def open(cls, folder: Path) -> Self:
        return cls(folder)

    def ask(self, kind: str, words: Sequence[str]) -> int:
        text = " ".join(words)
        match kind:
            case "OR of 3":
                text = " OR ".join(words)
            case "phrase of 2" | "phrase of 4":
                text = f'"{text}"'
            case "prefix":
                text = f"{text}*"
        joined, values = "fts", [text]
        where = "fts MATCH ?"
        if kind == "AND + dates":
            joined = "fts JOIN doc ON doc.rowid = fts.rowid"
            where += " AND doc.day BETWEEN ? AND ?"
            values += [FROM.isoformat(), TO.isoformat()]
        if kind == "newest first":
            self._db.execute(
                "SELECT doc.rowid FROM fts JOIN doc ON doc.rowid = fts.rowid WHERE fts MATCH ? "
                "ORDER BY doc.day DESC LIMIT 10",
                values,
            ).fetchall()
        elif kind == "whole page":
            self._db.execute(
                "SELECT fts.rowid, snippet(fts, -1, '<', '>', '…', 30), highlight(fts, 0, '<', '>') "
                f"FROM {joined} WHERE {where} ORDER BY rank LIMIT 20",
                values,
            ).fetchall()
        else:
            self._db.execute(
                f"SELECT fts.rowid FROM {joined} WHERE {where} ORDER BY rank LIMIT 10", values
            ).fetchall()
        if kind in ("facets", "whole page"):
            for column in ("site", "doc.section", "substr(day,1,4)", "media", "status", "substr(day,1,7)"):
                self._db.execute(
                    f"SELECT {column}, count(*) FROM fts JOIN doc ON doc.rowid = fts.rowid "
                    "WHERE fts MATCH ? GROUP BY 1",
                    values,
                ).fetchall()
        return int(self._db.execute(f"SELECT count(*) FROM {joined} WHERE {where}", values).fetchone()[0])

    def add(self, docs: Sequence[IndexDocument]) -> bool:
        with self._db:
            self._insert(self._db, docs)
        return self.ask("phrase of 4", fold(docs[0].title).split()[:4]) > 0


class Tantivy:
    """Folded text in tantivy's default tokenizer."""

    def __init__(self, folder: Path) -> None:
        import tantivy

        self._index = tantivy.Index.open(str(folder))
        self._index.reload()
        self._searcher = self._index.searcher()

    @staticmethod
    def _schema() -> Any:
        import tantivy

        builder = tantivy.SchemaBuilder()
        for name in DEFAULT_FIELDS:
            builder.add_text_field(name, stored=name in ("title", "body"))
        builder.add_integer_field("day", stored=False, indexed=True, fast=True)
        for name in ("site", "category", "year", "month", "status"):
            builder.add_text_field(name, tokenizer_name="raw", fast=True)
        return builder.build()

    @classmethod
    def build(cls, folder: Path, docs: Iterable[IndexDocument]) -> None:
        import tantivy

        index = tantivy.Index(cls._schema(), path=str(folder))
        writer = index.writer(heap_size=200_000_000, num_threads=1)
        for doc in docs:
            values = {f.field: fold(_joined(f)) for f in field_texts(doc)}
            day = doc.published
            writer.add_document(
                tantivy.Document(
                    **values,
                    day=day.toordinal() if day else 0,
                    site=doc.site,
                    category=doc.section,
                    year=str(day.year) if day else "",
                    month=f"{day:%Y-%m}" if day else "",
                    status=doc.status,
                )
            )
        writer.commit()
        writer.wait_merging_threads()

    @classmethod
    def open(cls, folder: Path) -> Self:
        return cls(folder)

    def ask(self, kind: str, words: Sequence[str]) -> int:
        import tantivy

        fields = list(DEFAULT_FIELDS)
        schema = self._index.schema
        must, should = tantivy.Occur.Must, tantivy.Occur.Should
        phrase = kind.startswith("phrase")
        if kind == "prefix":
            query = tantivy.Query.boolean_query(
                [(should, tantivy.Query.regex_query(schema, name, f"{words[0]}.*")) for name in fields]
            )
        else:
            texts = [f'"{" ".join(words)}"'] if phrase else list(words)
            occur = should if kind == "OR of 3" else must
            query = tantivy.Query.boolean_query([(occur, self._index.parse_query(t, fields)) for t in texts])
        if kind == "AND + dates":
            dates = tantivy.Query.range_query(
                schema, "day", tantivy.FieldType.Integer, FROM.toordinal(), TO.toordinal()
            )
            query = tantivy.Query.boolean_query([(must, query), (must, dates)])
        if kind in ("facets", "whole page"):
            for name in ("site", "category", "year", "month", "status"):
                self._searcher.aggregate(query, {name: {"terms": {"field": name, "size": 300}}})
        order: dict[str, Any] = {"order_by_field": "day"} if kind == "newest first" else {}
        size = 20 if kind == "whole page" else 10
        result: Any = self._searcher.search(query, size, count=True, **order)
        if kind == "whole page":
            makers = [
                tantivy.SnippetGenerator.create(self._searcher, query, schema, name)
                for name in ("title", "body")
            ]
            for _, address in result.hits:
                doc = self._searcher.doc(address)
                for maker in makers:
                    maker.snippet_from_doc(doc).to_html()
        return int(result.count)

    def add(self, docs: Sequence[IndexDocument]) -> bool:
        return False


class Whoosh:
    """Whoosh's own index and searcher, one TEXT field each, folded words."""

    def __init__(self, folder: Path) -> None:
        from whoosh import index

        self._searcher = index.open_dir(str(folder)).searcher()

    @staticmethod
    def _analyzer() -> Any:
        from whoosh.analysis import LowercaseFilter, RegexTokenizer

        # Its own pattern keeps "3.950" and "28.9" as one word each, where the others make two of them.
        return RegexTokenizer(r"\w+") | LowercaseFilter()

    @classmethod
    def build(cls, folder: Path, docs: Iterable[IndexDocument]) -> None:
        from whoosh import index
        from whoosh.fields import ID, NUMERIC, TEXT, Schema

        columns = {name: ID(sortable=True) for name in ("site", "category", "year", "month", "status")}
        texts = {name: TEXT(analyzer=cls._analyzer()) for name in DEFAULT_FIELDS}
        schema = Schema(id=ID(stored=True), day=NUMERIC(sortable=True), **columns, **texts)
        writer = index.create_in(str(folder), schema).writer(limitmb=256)
        for doc in docs:
            day = doc.published
            writer.add_document(
                id=doc.id,
                day=day.toordinal() if day else 0,
                site=doc.site,
                category=doc.section,
                year=str(day.year) if day else "",
                month=f"{day:%Y-%m}" if day else "",
                status=doc.status,
                **{f.field: fold(_joined(f)) for f in field_texts(doc)},
            )
        writer.commit()

    @classmethod
    def open(cls, folder: Path) -> Self:
        return cls(folder)

    def ask(self, kind: str, words: Sequence[str]) -> int:
        from whoosh import query as wq

        def anywhere(make: Any) -> Any:
            return wq.Or([make(name) for name in DEFAULT_FIELDS])

        if kind.startswith("phrase"):
            query = anywhere(lambda name: wq.Phrase(name, list(words)))
        elif kind == "prefix":
            query = anywhere(lambda name: wq.Prefix(name, words[0]))
        else:
            parts = [anywhere(lambda name, word=word: wq.Term(name, word)) for word in words]
            query = wq.Or(parts) if kind == "OR of 3" else wq.And(parts)
        options: dict[str, Any] = {"limit": 20 if kind == "whole page" else 10}
        if kind == "AND + dates":
            options["filter"] = wq.NumericRange("day", FROM.toordinal(), TO.toordinal())
        if kind == "newest first":
            options |= {"sortedby": "day", "reverse": True}
        if kind in ("facets", "whole page"):
            options["groupedby"] = ["site", "category", "year", "month", "status"]
        return len(self._searcher.search(query, **options))

    def add(self, docs: Sequence[IndexDocument]) -> bool:
        return False


ENGINES: dict[str, type[Any]] = {"ours": Ours, "fts5": Fts5, "tantivy": Tantivy, "whoosh": Whoosh}
