"""A small archive, filled by hand through the real WARC writer, store and index."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from PIL import Image

from archive.config import Settings
from archive.ingest import Ingest
from archive.model import (
    Byline,
    DateFact,
    Exchange,
    Extraction,
    Figure,
    PageKind,
    Paragraph,
    Picture,
    Site,
)
from archive.search import indexer
from archive.store import Store
from archive.warc import WarcWriter

PORTAL = "http://portal.example"
SITE = Site("dam-ha", "Cổng TTĐT huyện Đầm Hà", (f"{PORTAL}/",))
START = dt.datetime(2026, 11, 20, 15, 12, tzinfo=dt.UTC)


def jpeg(width: int = 1200, height: int = 800, colour: str = "teal") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "JPEG")
    return out.getvalue()


def article(title: str, *paragraphs: str, **fields: object) -> Extraction:
    blocks = tuple(Paragraph(text) for text in paragraphs)
    made = Extraction(PageKind.ARTICLE, "by-hand-1", title=title, blocks=blocks, lang="vi")
    return replace(made, **fields)  # type: ignore[arg-type]


def on(year: int, month: int, day: int, time: dt.time | None = None) -> DateFact:
    return DateFact(dt.date(year, month, day), time, "test", "")


@dataclass
class Library:
    """An archive that tests put things into."""

    settings: Settings
    store: Store
    clock: dt.datetime = START

    @classmethod
    def at(cls, root: Path, **settings: object) -> Self:
        made = Settings(var=root / "var", index=root / "index", contact="luu@example.org")
        made = replace(made, **settings)  # type: ignore[arg-type]
        store = Store.open(made.database_url)
        store.put_site(SITE)
        return cls(made, store)

    def put(
        self,
        path: str,
        body: bytes,
        extraction: Extraction | None = None,
        *,
        status: int = 200,
        mime: str = "text/html",
    ) -> str:
        """Capture one answer an hour after the last; returns the id of the article that it shows, or ""."""
        self.clock += dt.timedelta(hours=1)
        exchange = Exchange(
            PORTAL + path,
            self.clock,
            "GET",
            (),
            b"",
            status,
            "",
            (("Content-Type", mime),),
            body,
            "192.0.2.1",
            5,
        )
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        writer = WarcWriter(
            self.settings.warc_dir, SITE, user_agent="test", operator="", max_size=10**9, sample=False
        )
        try:
            written = writer.write(exchange, digest=digest)
        finally:
            writer.close()
        with self.store.begin() as connection:
            ingest = Ingest(self.store, self.settings.warc_dir)
            outcome = ingest.record(connection, exchange, written, digest, extraction, site=SITE)
        return outcome.article or ""

    def add(self, path: str, extraction: Extraction) -> str:
        """Capture an article whose bytes name its whole content."""
        return self.put(path, repr(extraction).encode(), extraction)

    def picture(self, path: str, body: bytes, mime: str = "image/jpeg") -> Picture:
        self.put(path, body, mime=mime)
        return Picture(PORTAL + path)

    def index(self) -> None:
        indexer.update(self.store, self.settings)


def real_article(library: Library) -> Extraction:
    """Shaped as the article of 28/9/2022: lead, caption, byline of two authors and their organisation."""
    return article(
        "Phát động đợt thi đua đặc biệt huyện Đầm Hà",
        "Dự Lễ phát động có đồng chí Đỗ Thị Ninh Hường, Tỉnh ủy viên, Bí thư Huyện ủy.",
        lead="Sáng ngày 28/9, huyện Đầm Hà đã tổ chức Lễ phát động đợt thi đua đặc biệt.",
        published=on(2022, 9, 28, dt.time(15, 30)),
        section="Tin trong huyện",
        byline=Byline(
            ("Mai Thắm", "Quốc Nghị"), "Trung tâm TT&VH", text="Mai Thắm – Quốc Nghị (Trung tâm TT&VH)"
        ),
        blocks=(
            Paragraph("Dự Lễ phát động có đồng chí Đỗ Thị Ninh Hường, Tỉnh ủy viên, Bí thư Huyện ủy."),
            Figure((library.picture("/anh/1.jpg", jpeg()),), "Đại biểu dự Lễ phát động"),
        ),
    )
