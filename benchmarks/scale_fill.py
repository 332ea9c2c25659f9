"""Filling an archive for `benchmarks.scale`: by the way of a crawl, and in bulk.

The bulk way writes with COPY, past `Ingest`, the rows that the way of a crawl would have written for the same
articles: captures, articles, addresses, versions, extractions, titles, lines of the change log, tallies. All
constraints are checked as they go in. `tests/store/test_bulk_fill.py` holds the two ways to the same rows.
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import sys
import time
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import text

from archive import wire
from archive.extract import title_key
from archive.ingest import Ingest
from archive.ingest.decide import article_id
from archive.model import Exchange, Extraction, Site, WarcRef
from archive.store import Connection, Store, ledger, stamps
from archive.store.titles import LENGTH
from archive.urls import surt
from archive.warc import Written
from benchmarks.scale_articles import articles, portals
from benchmarks.web_store import digest_of, exchange_of

_BATCH = 500
_FILE = "scale.warc.gz"
_RECORD = 1_000
"""Bytes that a capture is said to have in it."""
COLUMNS = {
    "captures": "id, site, url, urlkey, at, method, status, mime, payload_digest, size, warc_file, "
    "warc_offset, warc_length, warc_sha256, truncated, robots, via, kind, article, source",
    "articles": "id, site, url, first_seen, last_seen, state, versions, current, published, recorded_at",
    "aliases": "site, url, number, article, basis, since",
    "versions": "article, number, capture, at, content_hash, extractor, shown",
    "extractions": "capture, extractor, content_hash, data",
    "article_titles": "site, title, article",
    "changes": "article, kind, at",
}
"""By table, in the order in which its rows may go in."""


def _captured(index: int, site: Site) -> tuple[Exchange, str, Written]:
    exchange = exchange_of(f"{site.start[0]}tin/{index}.html", index, b"%d" % index, "text/html")
    digest = digest_of(exchange)
    ref = WarcRef(_FILE, index * _RECORD, _RECORD, digest.removeprefix("sha256:"))
    return exchange, digest, Written(uuid.UUID(int=index).hex, ref, (index + 1) * _RECORD)


def record(store: Store, warc_dir: Path, start: int, stop: int) -> None:
    """Articles `start` up to `stop` by the way of a crawl."""
    with closing(Ingest(store, warc_dir)) as ingest:
        for site in portals():
            store.put_site(site)
        for first in range(start, stop, _BATCH):
            with store.begin() as connection:
                for index, site, extraction in articles(first, min(first + _BATCH, stop)):
                    exchange, digest, written = _captured(index, site)
                    ingest.record(connection, exchange, written, digest, extraction, site=site)
            _tell(min(first + _BATCH, stop))
    print(file=sys.stderr)


def copy(url: str, start: int, stop: int, processes: int) -> None:
    """Articles `start` up to `stop` in bulk, into a PostgreSQL that has its sites.

    :param url: of the database.
    :param processes: that write at once; memory does not grow with the number of articles.
    """
    parts = [(url, first, min(first + _BATCH, stop)) for first in range(start, stop, _BATCH)]
    # Numbers of the change log must be given out in order of commit only while somebody follows it.
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        began = time.monotonic()
        for done, _ in enumerate(pool.imap_unordered(_copied, parts), 1):
            if done % 20 == 0 or done == len(parts):
                rate = done * _BATCH / (time.monotonic() - began)
                _tell(min(start + done * _BATCH, stop), f", {rate:,.0f} a second")
    print(file=sys.stderr)
    with closing(Store.open(url)) as store, store.begin() as connection:
        _account(connection, stop)


_STORES: dict[str, Store] = {}
"""Of a process that copies: one connection for all its parts."""


def _copied(part: tuple[str, int, int]) -> None:
    url, start, stop = part
    store = _STORES.setdefault(url, Store.open(url, migrate=False)) if url not in _STORES else _STORES[url]
    moment = dt.datetime.now(dt.UTC).replace(microsecond=0) + stamps.AHEAD
    rows = [_rows(index, site, extraction, moment) for index, site, extraction in articles(start, stop)]
    with store.begin_rows() as connection:
        driver: Any = connection.connection.driver_connection
        for table, columns in COLUMNS.items():
            statement = f"COPY {table} ({columns}) FROM STDIN"
            with driver.cursor() as cursor, cursor.copy(statement) as into:
                for row in rows:
                    into.write_row(row[table])


def _rows(index: int, site: Site, extraction: Extraction, moment: dt.datetime) -> dict[str, tuple[Any, ...]]:
    """What `Ingest.record` writes for an article that is new."""
    exchange, digest, written = _captured(index, site)
    url, at, ref = exchange.url, exchange.at, written.ref
    article, capture = article_id(site.id, url, 0), written.capture_id
    content, by = wire.content_hash(extraction), extraction.extractor
    published = ledger.published_text(extraction)
    return {
        "captures": (
            capture, site.id, url, surt(url), at, "GET", 200, "text/html", digest, len(exchange.payload),
            ref.file, ref.offset, ref.length, ref.sha256, "", "", "", "article", article, "",
        ),
        "articles": (article, site.id, url, at, at, "live", 1, 1, published, moment),
        "aliases": (site.id, url, 0, article, ledger.FETCHED, at),
        "versions": (article, 1, capture, at, content, by, by),
        "extractions": (capture, by, content, wire.dumps(extraction)),
        "article_titles": (site.id, title_key(extraction.title)[:LENGTH], article),
        "changes": (article, "upsert", at),
    }  # fmt: skip


def _account(connection: Connection, stop: int) -> None:
    """The numbers that are kept beside the rows, and what the planner knows of them."""
    counted = "SELECT count(*) FROM captures WHERE captures.site = tallies.site"
    connection.execute(text(f"UPDATE tallies SET value = ({counted}) WHERE name = 'captures'"))
    end = {"name": _FILE, "end": stop * _RECORD}
    connection.execute(text("UPDATE warc_files SET committed = :end WHERE name = :name"), end)
    connection.execute(text("ANALYZE"))


def _tell(done: int, more: str = "") -> None:
    print(f"\r{done:,} articles stored{more}  ", end="", file=sys.stderr, flush=True)
