"""What the tests of whole crawls share: a small site made of a dictionary, a recording reporter, a run."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from archive.config import Settings
from archive.model import Failure, Site
from archive.preserve import verify
from archive.store import Store
from crawler import SiteResult, crawl, failures
from tests.portal.server import SiteServer

TEXT = (
    "Sáng ngày 28/9, Ủy ban nhân dân huyện tổ chức lễ phát động thi đua số {number} với sự tham gia của "
    "đông đảo cán bộ và nhân dân các xã, thị trấn trên địa bàn. Phát biểu tại buổi lễ, đồng chí chủ tịch đề "
    "nghị các đơn vị tiếp tục thực hiện tốt các chỉ tiêu đã đề ra trong năm. "
)


def article(number: int, *, extra: str = "", head: str = "") -> str:
    """A page that holds an article."""
    paragraphs = "".join(f"<p>{TEXT.format(number=number * 10 + n)}</p>" for n in range(4))
    title = f"Lễ phát động thi đua lần thứ {number} của huyện nhà"
    kind = '<meta charset="utf-8"><meta property="og:type" content="article">'
    return (
        f"<html><head>{kind}<title>{title}</title>{head}</head><body><article><h1>{title}</h1>"
        '<time datetime="2022-09-28T15:30:00+07:00">28/09/2022</time>'
        f"{paragraphs}{extra}</article></body></html>"
    )


def listing(paths: Sequence[str], *, more: str = "") -> str:
    """A page that lists articles by path."""
    title = "Lễ phát động thi đua lần thứ {} của huyện nhà"
    items = "".join(f'<h3><a href="{path}">{title.format(n)}</a></h3>' for n, path in enumerate(paths))
    return f'<html><head><meta charset="utf-8"><title>Tin tức</title></head><body>{items}{more}</body></html>'


def path_of(number: int) -> str:
    return f"/le-phat-dong-thi-dua-cua-huyen-{number:03}/"


Answer = str | bytes | tuple[str, dict[str, str], bytes | str]


@dataclass
class Pages:
    """A site made of a dictionary from path (with query) to a page, or to (status, headers, body)."""

    pages: dict[str, Answer] = field(default_factory=dict)
    otherwise: Callable[[str], Answer | None] = lambda path: None
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        path = environ["PATH_INFO"].encode("latin-1").decode()
        if environ.get("QUERY_STRING"):
            path += "?" + environ["QUERY_STRING"]
        self.asked.append(path)
        self.headers.append({name[5:]: value for name, value in environ.items() if name.startswith("HTTP_")})
        answer = self.pages.get(path) or self.otherwise(path) or ("404 Not Found", {}, "Không tìm thấy")
        status, headers, body = answer if isinstance(answer, tuple) else ("200 OK", {}, answer)
        data = body.encode() if isinstance(body, str) else body
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(data))} | headers
        start(status, list(headers.items()))
        return [data]

    def pages_asked(self) -> list[str]:
        """What was asked for, but robots.txt and the guess at a sitemap."""
        return [path for path in self.asked if path not in ("/robots.txt", "/sitemap.xml")]


@contextlib.contextmanager
def served(pages: Pages) -> Iterator[str]:
    """Serve pages for the block; gives the address without a last slash."""
    server = SiteServer(pages)
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.close()


class Recorder:
    """A reporter that remembers, and can stop the crawl."""

    def __init__(self, stop: threading.Event | None = None, after: int = 10**9) -> None:
        self.visits: list[tuple[str, str]] = []
        self.remarks: list[str] = []
        self._stop, self._after = stop, after

    def started(self, site: str, name: str, known: int) -> None:
        """Not recorded."""

    def visited(self, result: SiteResult, queued: int, delay: float, url: str, what: str) -> None:
        self.visits.append((url, what))
        if self._stop is not None and len(self.visits) >= self._after:
            self._stop.set()

    def remark(self, site: str, text: str) -> None:
        self.remarks.append(text)

    def finished(self, result: SiteResult) -> None:
        """Not recorded."""


def site_at(start: str, **values: Any) -> Site:
    site = Site(id="huyen", name="Huyện", start=(start,), allow_private=True)
    return dataclasses.replace(site, **values)


@dataclass
class Ran:
    """A crawl that is over."""

    results: list[SiteResult]
    visits: list[tuple[str, str]]
    remarks: list[str]
    failures: list[Failure]

    @property
    def result(self) -> SiteResult:
        return self.results[0]

    def reasons(self) -> dict[str, str]:
        """Path of each failure with its reason."""
        return {item.url.partition("//")[2].partition("/")[2]: item.reason.value for item in self.failures}


def run(
    settings: Settings,
    sites: Sequence[Site],
    *,
    recheck: bool = False,
    limit: int | None = None,
    stop_after: int = 10**9,
    **more: Any,
) -> Ran:
    """Crawl and see that every record verifies."""
    stop = threading.Event()
    recorder = Recorder(stop, stop_after)
    store = Store.open(settings.database_url)
    try:
        results = crawl(
            settings, sites, store=store, reporter=recorder, recheck=recheck, limit=limit, stop=stop, **more
        )
        report = verify(store, settings.warc_dir)
        assert report.findings == []
        assert report.pending == []
        listed = [item.failure for item in failures(store)]
    finally:
        store.close()
    return Ran(results, recorder.visits, recorder.remarks, listed)


def contents(settings: Settings) -> dict[str, tuple[str, int, str, int]]:
    """All articles: address to title, number of versions, state, captured pictures."""
    store = Store.open(settings.database_url)
    try:
        views = store.newest(10**6)
        return {
            view.article.url: (
                view.extraction.title,
                view.versions,
                view.article.state.value,
                len(view.pictures),
            )
            for view in views
        }
    finally:
        store.close()
