"""Captures made by hand: any address, header fields, time and status, through the real writer and store."""

from __future__ import annotations

import datetime as dt
import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from flask.testing import FlaskClient

from archive.config import Settings
from archive.ingest import Ingest
from archive.model import Exchange, Extraction, Headers, Site
from archive.store import Store
from archive.warc import WarcWriter
from archive.web import create_app
from tests.web.library import article

PORTAL = "http://portal.example"
SITE = Site("dam-ha", "Cổng TTĐT huyện Đầm Hà", (f"{PORTAL}/",), scope=("portal.example",))
BASE = "http://127.0.0.1:8000"


def at(stamp: str) -> dt.datetime:
    """`20220928083000` as a moment."""
    return dt.datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC)


@dataclass
class Scene:
    """An archive of one portal."""

    settings: Settings
    store: Store

    @classmethod
    def at(cls, root: Path) -> Self:
        settings = Settings(var=root / "var", index=root / "index", contact="luu@example.org")
        store = Store.open(settings.database_url)
        store.put_site(SITE)
        return cls(settings, store)

    def capture(
        self,
        url: str,
        stamp: str,
        body: bytes = b"",
        *,
        status: int = 200,
        mime: str = "text/html",
        headers: Headers = (),
        said: Extraction | None = None,
        gzipped: bool = False,
    ) -> str:
        """Capture one answer; the id of the article that it shows, or "". Known bytes become a revisit."""
        fields = headers if any(name.lower() == "content-type" for name, _ in headers) else (
            *((("Content-Type", mime),) if mime else ()), *headers
        )  # fmt: skip
        payload = body
        if gzipped:
            packer = zlib.compressobj(wbits=31)
            payload = packer.compress(body) + packer.flush()
            fields = (*fields, ("Content-Encoding", "gzip"))
        exchange = Exchange(
            url if url.startswith("http") else PORTAL + url,
            at(stamp), "GET", (), b"", status, "", fields, payload, "192.0.2.1", 5,
        )  # fmt: skip
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        holder = self.store.holder(digest) if status == 200 and body else None
        writer = WarcWriter(
            self.settings.warc_dir, SITE, user_agent="test", operator="", max_size=10**9, sample=False
        )
        try:
            written = writer.write(exchange, digest=digest, revisit=holder)
        finally:
            writer.close()
        ingest = Ingest(self.store, self.settings.warc_dir)
        with self.store.begin() as connection:
            outcome = ingest.record(connection, exchange, written, digest, said, site=SITE)
        ingest.close()
        return outcome.article or ""

    def article(self, path: str, stamp: str, title: str, *paragraphs: str, **fields: object) -> str:
        """Capture an article's page, and what an extractor would say of it."""
        body = "".join(f"<p>{text}</p>" for text in paragraphs)
        page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>"
        return self.capture(path, stamp, page.encode(), said=article(title, *paragraphs, **fields))

    def client(self) -> FlaskClient:
        app = create_app(self.settings)
        app.testing = True
        return app.test_client()
