"""All articles of a search, in the order of the screen, without holding more than a few of them."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from archive.model import ArticleView
from archive.preserve.exporting import tables
from archive.search.backend import SearchRequest
from archive.store import Store
from archive.web import citation, links
from archive.web.resources import resources, settings

_BATCH = 100
"""Articles read from the store at once."""
_GROUP = 500
"""Rows of a group of a Parquet file."""
_SEPARATOR = "; "
_CSV_COLUMNS = (
    "id", "permalink", "site", "site_name", "section", "published", "title", "lead", "authors",
    "organisation", "state", "url", "captured_at", "version", "content_hash", "text",
)  # fmt: skip
# A cell that begins with one of these is a formula to a spreadsheet (OWASP: CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def found(request: SearchRequest) -> Sequence[str]:
    """Ids of all that a search finds, in its order, from one state of the index.

    :raises SearchError: the index is missing or damaged.
    """
    return resources().ids(request)


def views(store: Store, ids: Sequence[str]) -> Iterator[ArticleView]:
    """The articles of these ids, in this order; what was withheld meanwhile is left out."""
    for start in range(0, len(ids), _BATCH):
        yield from store.articles(ids[start : start + _BATCH])


def as_csv(articles: Iterable[ArticleView]) -> Iterator[bytes]:
    """CSV (RFC 4180) with a byte order mark, so that spreadsheets read the accents; no cell is a formula."""
    yield "\ufeff".encode()
    yield csv_line(_CSV_COLUMNS)
    base = settings().public_base
    for view in articles:
        row = tables.row(view, base)
        yield csv_line([row[name] for name in _CSV_COLUMNS])


def csv_line(values: Sequence[Any]) -> bytes:
    """A line of CSV, each value as `cell` has it."""
    line = io.StringIO()
    csv.writer(line).writerow([cell(value) for value in values])
    return line.getvalue().encode("utf-8", "replace")


def cell(value: Any) -> str:
    """A value as a cell of CSV: a list in one cell, and never a formula."""
    text = "" if value is None else _SEPARATOR.join(value) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def as_jsonl(articles: Iterable[ArticleView]) -> Iterator[bytes]:
    """One JSON object a line, the same as `archive export` writes."""
    base = settings().public_base
    for view in articles:
        yield json.dumps(tables.row(view, base), ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def as_ris(articles: Iterable[ArticleView]) -> Iterator[bytes]:
    """RIS, for a reference manager."""
    name = settings().name
    for view in articles:
        permalink = links.absolute(links.version_path(view.article.id, view.version.number))
        yield citation.ris(citation.of(view, permalink, name)).encode("utf-8", "replace")


def as_parquet(articles: Iterable[ArticleView]) -> Iterator[bytes]:
    """Parquet, a few hundred rows a group."""
    import pyarrow as pa  # 60 MB, and needed here only
    import pyarrow.parquet as pq

    base, schema, out = settings().public_base, tables.schema(), _Drained()
    with pq.ParquetWriter(pa.PythonFile(out, mode="w"), schema, compression="zstd") as writer:
        rest = iter(articles)
        while some := list(itertools.islice(rest, _GROUP)):
            writer.write_table(pa.Table.from_pylist([tables.row(view, base) for view in some], schema=schema))
            yield out.drain()
    yield out.drain()


class _Drained(io.RawIOBase):
    """A file whose bytes are taken out as they come, so that none of it is held."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._at = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._at += len(part)
        return len(part)

    def tell(self) -> int:
        return self._at

    def drain(self) -> bytes:
        """What was written since the last call."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data


Writer = Callable[[Iterable[ArticleView]], Iterator[bytes]]

FORMS: dict[str, tuple[Writer, str]] = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "jsonl": (as_jsonl, "application/jsonl; charset=utf-8"),
    "ris": (as_ris, "application/x-research-info-systems; charset=utf-8"),
    "parquet": (as_parquet, "application/vnd.apache.parquet"),
}
"""Ending → how it is written, and its media type."""
