"""A small archive under test: real WARC files, a real database, the real extractor."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import html
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from archive.config import Settings
from archive.ingest import Ingest, Outcome, page_of
from archive.ingest.page import decoded
from archive.model import Capture, Exchange, Headers, Site
from archive.store import Store
from archive.warc import WarcWriter, Written, capture_files

BASE = "http://dam-ha.example"
SITE = Site("dam-ha", "Cổng TTĐT huyện Đầm Hà", (f"{BASE}/",))
START = dt.datetime(2022, 9, 28, 8, 0, tzinfo=dt.UTC)

BODY = (
    "Sáng ngày 28/9, Ủy ban nhân dân huyện Đầm Hà tổ chức lễ phát động phong trào thi đua xây dựng nông thôn "
    "mới nâng cao giai đoạn 2022 - 2025, với sự tham gia của đông đảo cán bộ và nhân dân các xã.",
    "Phát biểu tại buổi lễ, đồng chí Chủ tịch Ủy ban nhân dân huyện nhấn mạnh vai trò của mỗi người dân "
    "trong việc giữ gìn vệ sinh môi trường, phát triển kinh tế hộ gia đình và xây dựng đời sống văn hóa.",
    "Kết thúc buổi lễ, các đại biểu cùng nhân dân ra quân làm vệ sinh đường làng ngõ xóm, trồng hơn 500 cây "
    "xanh dọc tuyến đường liên xã Đầm Hà - Quảng Tân.",
)
OTHER_BODY = (
    "Chiều 15/10, Trung tâm Y tế tiếp nhận ba máy thở do một doanh nghiệp tại thành phố Hạ Long trao tặng, "
    "phục vụ công tác điều trị bệnh nhân nặng trong những tháng cuối năm.",
    "Đại diện bệnh viện cảm ơn tấm lòng của doanh nghiệp và cam kết sử dụng thiết bị đúng mục đích, hiệu "
    "quả, góp phần nâng cao chất lượng khám chữa bệnh tại tuyến cơ sở.",
)
TITLE = "Đầm Hà phát động phong trào thi đua xây dựng nông thôn mới"
OTHER_TITLE = "Trung tâm Y tế tiếp nhận máy thở từ nhà hảo tâm"
NOT_FOUND = "<html><head><title>404</title></head><body><h1>404 Not Found</h1></body></html>"


def article_html(
    title: str = TITLE,
    body: Sequence[str] = BODY,
    *,
    published: str = "2022-09-28",
    canonical: str = "",
    pictures: Sequence[tuple[str, str]] = (),
) -> str:
    """A page as a WordPress portal has it."""
    link = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    figures = "".join(
        f'<figure class="wp-caption"><img src="{url}" width="800" height="600">'
        f'<figcaption class="wp-caption-text">{html.escape(caption)}</figcaption></figure>'
        for url, caption in pictures
    )
    paragraphs = "".join(f"<p>{html.escape(text)}</p>" for text in body)
    return (
        f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta property="og:type" content="article">'
        f'<meta property="article:published_time" content="{published}T09:00:00+07:00">{link}</head>'
        f'<body><article class="post"><h1 class="entry-title">{html.escape(title)}</h1>'
        f'<div class="entry-content">{paragraphs}{figures}</div></article></body></html>'
    )


def list_html(titles: Sequence[str] = (TITLE, OTHER_TITLE)) -> str:
    """A front page with links to articles."""
    items = "".join(
        f'<li><h3><a href="/bai-{number}.html">{html.escape(title)}</a></h3><span>28/09/2022</span></li>'
        for number, title in enumerate([*titles] * 6)
    )
    return (
        '<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>Trang chủ</title></head>'
        f'<body><ul class="news-list">{items}</ul></body></html>'
    )


class Scene:
    """Feeds exchanges through writer and ingest as a crawl does; the clock moves an hour each time."""

    def __init__(self, settings: Settings, site: Site = SITE, *, max_size: int = 1_000_000) -> None:
        self.settings = settings
        self.site = site
        self.store = Store.open(settings.database_url)
        self.store.put_site(site)
        self.files = capture_files(settings)
        self.ingest = Ingest(self.store, self.files)
        self.max_size = max_size
        self.writer = self._writer()
        self.now = START
        self.bodies: dict[str, bytes] = {}
        """Decoded payloads by digest, as far as they were sent whole."""

    @property
    def warcs(self) -> Path:
        return self.settings.warc_dir

    def close(self) -> None:
        self.writer.close()
        self.ingest.close()
        self.store.close()

    def next_crawl(self) -> None:
        """Another crawl: a new writer, hence a new file."""
        self.writer.close()
        self.writer = self._writer()

    def get(
        self,
        path: str,
        body: str | bytes = "",
        *,
        status: int = 200,
        content_type: str = "text/html; charset=utf-8",
        location: str = "",
        compressed: bool = False,
        hops: str = "L",
        via: str = "",
        revisit: Capture | None = None,
    ) -> Outcome:
        """One exchange, written and recorded."""
        exchange = self.exchange(
            path, body, status=status, content_type=content_type, location=location, compressed=compressed,
            hops=hops, via=via,
        )  # fmt: skip
        digest = digest_of(exchange)
        self.bodies[digest] = decoded(exchange) or b""
        return self.record(exchange, self.writer.write(exchange, digest=digest, revisit=revisit), revisit)

    def exchange(
        self,
        path: str,
        body: str | bytes = "",
        *,
        status: int = 200,
        content_type: str = "text/html; charset=utf-8",
        location: str = "",
        compressed: bool = False,
        hops: str = "L",
        via: str = "",
    ) -> Exchange:
        """An exchange at the next hour of the scene's clock."""
        self.now += dt.timedelta(hours=1)
        payload = body.encode() if isinstance(body, str) else body
        headers: Headers = (("Content-Type", content_type),)
        if location:
            headers += (("Location", location),)
        if compressed:
            payload = gzip.compress(payload, mtime=int(self.now.timestamp()))
            headers += (("Content-Encoding", "gzip"),)
        return Exchange(
            url=path if path.startswith("http") else BASE + path,
            at=self.now,
            method="GET",
            request_headers=(("User-Agent", "test"), ("Host", "dam-ha.example")),
            request_body=b"",
            status=status,
            reason={200: "OK", 304: "Not Modified", 404: "Not Found", 410: "Gone"}.get(status, "Found"),
            headers=headers,
            payload=payload,
            ip="127.0.0.1",
            elapsed_ms=12,
            robots="allowed",
            via=via,
            hops=hops,
        )

    def record(self, exchange: Exchange, written: Written, revisit: Capture | None = None) -> Outcome:
        """Record an exchange that stands in a file, as the crawl does."""
        page = page_of(exchange)
        digest = digest_of(exchange)
        if exchange.status == 304 and revisit is not None:
            digest = revisit.payload_digest
        with self.begin() as connection:
            extraction = self.ingest.pages.read(connection, self.site, page) if page is not None else None
            return self.ingest.record(connection, exchange, written, digest, extraction, site=self.site)

    def begin(self) -> AbstractContextManager:  # type: ignore[type-arg]
        return self.store.begin()

    def _writer(self) -> WarcWriter:
        return WarcWriter(
            self.files, self.site, user_agent="test/1.0", operator="Tester", max_size=self.max_size
        )


def digest_of(exchange: Exchange) -> str:
    body = decoded(exchange)
    return f"sha256:{hashlib.sha256(exchange.payload if body is None else body).hexdigest()}"
