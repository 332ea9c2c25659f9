"""A filled archive for `benchmarks.web`: the sample portal's articles through the real ingest and index.

Pictures are captured into real WARC files; pages are not (nothing shows their bytes), so that 50,000 articles
stand in minutes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from archive.config import Settings
from archive.errors import IndexMismatchError
from archive.ingest import Ingest
from archive.model import (
    Block,
    Byline,
    DateFact,
    Exchange,
    Extraction,
    Figure,
    Heading,
    ListBlock,
    PageKind,
    Paragraph,
    Picture,
    Quote,
    Site,
    Table,
    WarcRef,
)
from archive.search import indexer
from archive.store import Store
from archive.text.vietnamese import slug
from archive.warc import WarcWriter, Written
from tests.portal import grammar
from tests.portal.phrases import DISTRICTS, SECTIONS

START = dt.datetime(2025, 7, 1, tzinfo=dt.UTC)
_BATCH = 500
_PICTURES = 12
"""Different pictures of each portal."""


def fill(root: Path, count: int) -> Settings:
    """The archive in `root`, filled unless it is already.

    :param count: articles.
    """
    settings = Settings(var=root / "var", index=root / "index", contact="benchmark@example.org")
    store = Store.open(settings.database_url)
    have = store.totals().articles
    ingest = Ingest(store, settings.warc_dir)
    if not have:
        for district in DISTRICTS:
            _add_site(store, ingest, settings, site_of(district.name))
    for start in range(have, count, _BATCH):
        with store.begin() as connection:
            for index in range(start, min(start + _BATCH, count)):
                sample = grammar.article(1, index, count)
                site = site_of(sample.district.name)
                exchange = exchange_of(f"{site.start[0]}tin/{index}.html", index, b"%d" % index, "text/html")
                digest = digest_of(exchange)
                ref = WarcRef("benchmark.warc.gz", index * 1_000, 1_000, digest.removeprefix("sha256:"))
                written = Written(uuid.UUID(int=index).hex, ref, (index + 1) * 1_000)
                ingest.record(connection, exchange, written, digest, extraction_of(sample, site), site=site)
        print(f"\r{start + _BATCH:,} articles", end="", file=sys.stderr)
    print("\rIndexing …        ", file=sys.stderr)
    try:
        indexer.update(store, settings)
    except IndexMismatchError:
        indexer.rebuild(store, settings)
    store.close()
    return settings


def site_of(name: str) -> Site:
    return Site(slug(name), f"Cổng thông tin điện tử huyện {name}", (f"http://{slug(name)}.example/",))


def _add_site(store: Store, ingest: Ingest, settings: Settings, site: Site) -> None:
    store.put_site(site)
    writer = WarcWriter(
        settings.warc_dir, site, user_agent="benchmark", operator="", max_size=10**9, sample=False
    )
    with store.begin() as connection:
        for number in range(_PICTURES):
            shade = hashlib.sha256(f"{site.id}{number}".encode()).digest()
            out = io.BytesIO()
            Image.new("RGB", (1200, 800), (shade[0], shade[1], shade[2])).save(out, "JPEG")
            exchange = exchange_of(f"{site.start[0]}anh/{number}.jpg", 0, out.getvalue(), "image/jpeg")
            digest = digest_of(exchange)
            written = writer.write(exchange, digest=digest)
            ingest.record(connection, exchange, written, digest, None, site=site)
    writer.close()


def exchange_of(url: str, second: int, body: bytes, mime: str) -> Exchange:
    at = START + dt.timedelta(seconds=second)
    return Exchange(url, at, "GET", (), b"", 200, "", (("Content-Type", mime),), body, "192.0.2.1", 5)


def digest_of(exchange: Exchange) -> str:
    return f"sha256:{hashlib.sha256(exchange.payload).hexdigest()}"


def extraction_of(sample: grammar.SampleArticle, site: Site) -> Extraction:
    return Extraction(
        PageKind.ARTICLE,
        "benchmark-1",
        title=sample.title,
        lead=sample.lead,
        blocks=tuple(_blocks(sample, site)),
        lang="vi",
        published=DateFact(sample.published.date(), sample.published.time(), "benchmark", ""),
        section=SECTIONS[sample.section][0],
        byline=Byline(sample.authors, sample.organisation, text=sample.byline),
    )


def _blocks(sample: grammar.SampleArticle, site: Site) -> Iterator[Block]:
    for place, part in enumerate(sample.parts):
        match part:
            case grammar.Para(text):
                yield Paragraph(text)
            case grammar.Head(text):
                yield Heading(text, 2)
            case grammar.Said(text):
                yield Quote((text,))
            case grammar.Items(items):
                yield ListBlock(items, ordered=False)
            case grammar.Grid(rows):
                yield Table(rows, header=True)
            case grammar.Figure():
                url = f"{site.start[0]}anh/{(sample.index + place) % _PICTURES}.jpg"
                yield Figure((Picture(url, part.alt),), part.caption)
