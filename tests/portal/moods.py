"""How a whole portal can change from one night to the next: what the alarms must notice.

A mood is set with `Portal.set_mood(site, name)` or `python -m tests.portal clock --mood SITE=NAME`. Two of them change the
articles themselves (`Newsroom.mood`); the others rewrite what the site answers.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from wsgiref.types import StartResponse, WSGIEnvironment

from tests.portal.grammar import Figure, Para, SampleArticle

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SLOW_SECONDS = 0.8
ELSEWHERE = "http://parked.invalid/"

_ARTICLE = re.compile(
    r"^/(vi/news/[^/]+/[^/]+\.html|Trang/ChiTietTinTuc\.aspx|(?!category|lich|gioi-thieu|feed|vi/)[^/.]+/)$",
    re.I,
)
_DATES = re.compile(
    r"<time\b.*?</time>|\d{4}-\d\d-\d\d(T[\d:]+)?(\+07(:00)?)?|\b\d{1,2}/\d{1,2}/\d{4}|[Nn]gày \d+[/-]\d+([/-]\d+)?|"
    r"(Thứ \w+|Chủ Nhật) ?[-,]? ?|\b(19|20)\d\d\b",
    re.S,
)
_TITLES = re.compile(
    r"<h1\b.*?</h1>|<meta property=\"og:title\"[^>]*>|<script type=\"application/ld\+json\">.*?</script>",
    re.S,
)
_BODY = re.compile(r"<body.*</body>", re.S)
_MARKUP = re.compile(
    r"\b(class|id|itemprop|itemtype|itemscope|name)=\"[^\"]*\"|<meta name=\"generator\"[^>]*>|wp-content/uploads|<!--.*?-->",
    re.S,
)

Page = tuple[str, str]
"""Status line and HTML."""
_MOODS: dict[str, Callable[[str, str], Page]] = {}


def names() -> list[str]:
    """All moods."""
    return sorted([*_MOODS, *_OF_ARTICLES, "slow", "moved"])


def _mood(act: Callable[[str, str], Page]) -> Callable[[str, str], Page]:
    _MOODS[act.__name__.replace("_", "-")] = act
    return act


@_mood
def no_dates(path: str, html: str) -> Page:
    """No page shows a date any more."""
    return "200 OK", _DATES.sub("", html)


@_mood
def no_titles(path: str, html: str) -> Page:
    """Articles have no heading, and every page has the same title."""
    html = re.sub(r"<title>.*?</title>", "<title></title>", html, flags=re.S)
    return "200 OK", _TITLES.sub("", html) if _ARTICLE.match(path) else html


@_mood
def script_only(path: str, html: str) -> Page:
    """Articles come as an empty page that a script fills."""
    app = "<body><div id='app'></div><script src='/app.js'></script><noscript>Hãy bật JavaScript.</noscript></body>"
    return "200 OK", _BODY.sub(app, html) if _ARTICLE.match(path) else html


@_mood
def new_template(path: str, html: str) -> Page:
    """The same texts in other markup: another system, of which no name is left."""
    return "200 OK", _MARKUP.sub("", html) if _ARTICLE.match(path) else html


@_mood
def bot_check(path: str, html: str) -> Page:
    """Every page sets a cookie by script and loads itself again."""
    return (
        "200 OK",
        "<html><body><script>document.cookie='D1N=5f2b; path=/';window.location.reload(true);</script></body></html>",
    )


@_mood
def refused(path: str, html: str) -> Page:
    """Articles are forbidden to us."""
    return (
        ("403 Forbidden", "<html><body><h1>403</h1></body></html>")
        if _ARTICLE.match(path)
        else ("200 OK", html)
    )


@_mood
def errors(path: str, html: str) -> Page:
    """Every other article is an error of the server."""
    broken = _ARTICLE.match(path) and sum(path.encode()) % 2
    return ("500 Internal Server Error", "<html><body>Lỗi</body></html>") if broken else ("200 OK", html)


@_mood
def soft_404(path: str, html: str) -> Page:
    """Articles are not found, with status 200."""
    page = "<html><head><title>Không tìm thấy</title><meta name='robots' content='noindex'></head><body><h1>Không tìm thấy trang</h1></body></html>"
    return "200 OK", page if _ARTICLE.match(path) else html


@_mood
def missing(path: str, html: str) -> Page:
    """Articles are gone."""
    return ("404 Not Found", "<html><body>404</body></html>") if _ARTICLE.match(path) else ("200 OK", html)


@_mood
def bare_lists(path: str, html: str) -> Page:
    """Lists come without their articles: a script fetches them now."""
    if _ARTICLE.match(path):
        return "200 OK", html
    return "200 OK", _BODY.sub("<body><p>Đang tải danh sách bài viết của trang, xin chờ.</p></body>", html)


@_mood
def parked(path: str, html: str) -> Page:
    """The name was sold: one friendly page for every address, with status 200."""
    return (
        "200 OK",
        "<html><head><title>Tên miền</title></head><body><h1>Chào bạn</h1><p>Tên miền này đang được bán.</p></body></html>",
    )


def _no_captions(sample: SampleArticle) -> SampleArticle:
    """Pictures have no captions any more."""
    parts = tuple(
        replace(part, form=6, caption="") if isinstance(part, Figure) else part for part in sample.parts
    )
    return replace(sample, parts=parts)


def _short(sample: SampleArticle) -> SampleArticle:
    """Only the first lines of each article are shown."""
    first = next((part.text for part in sample.parts if isinstance(part, Para)), sample.lead)
    return replace(sample, lead="", parts=(Para(first[:160]),))


_OF_ARTICLES = {"no-captions": _no_captions, "short": _short}


def article_in(mood: str, sample: SampleArticle) -> SampleArticle:
    """An article as a portal in this mood has it."""
    change = _OF_ARTICLES.get(mood)
    return change(sample) if change is not None else sample


def moody(app: WSGIApplication, mood: Callable[[], str]) -> WSGIApplication:
    """An application that answers as the mood of the moment has it."""

    def wrapped(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        now = mood()
        path = environ["PATH_INFO"]
        is_page = not path.endswith((".txt", ".jpg", ".gif"))
        if now == "slow" and is_page:
            time.sleep(SLOW_SECONDS)
        if now == "moved" and is_page:
            start_response("302 Found", [("Location", ELSEWHERE), ("Content-Length", "0")])
            return [b""]
        act = _MOODS.get(now)
        if act is None:
            return app(environ, start_response)
        environ.pop("HTTP_IF_NONE_MATCH", None)
        started: list[Any] = []

        def hold(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], object]:
            started[:] = [status, headers]
            return lambda data: None

        body = b"".join(app(environ, hold))
        status, headers = started
        kind = dict(headers).get("Content-Type", "")
        is_feed = "xml" in kind and now in ("bare-lists", "parked", "bot-check")
        if status.startswith("200") and ("html" in kind or is_feed):
            status, html = act(path, body.decode())
            body = html.encode()
            if is_feed:
                body = b"<?xml version='1.0'?><rss version='2.0'><channel><title>-</title></channel></rss>"
            dropped = ("content-length", "etag")
            headers = [item for item in headers if item[0].lower() not in dropped]
            headers.append(("Content-Length", str(len(body))))
        start_response(status, headers)
        return [body]

    return wrapped
