"""The finder of old links: what is held under an address, or under one like it, and how it was recognised."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.memento import variants
from archive.memento.variants import Difference
from archive.model import ArticleView
from archive.store import Connection, lookup
from archive.store.lookup import Held
from archive.web import links, query, words
from archive.web.caching import page
from archive.web.gone import refuse
from archive.web.language import gettext
from archive.web.memento import asked
from archive.web.resources import resources

_MAX_SHOWN = 20
_MAX_LENGTH = 4_096


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that the link may have meant."""

    url: str
    title: str
    """Of the article; "" for another page or a picture."""
    how: str
    """How it was recognised, in words."""
    article: str
    """Its address here, or ""."""
    replay: str
    calendar: str
    captures: int
    moment: str
    """When it was last captured with content, or ""."""
    status: int
    """Of that capture."""


Ranked = tuple[tuple[int, ...], Candidate]
"""A candidate with its rank: the smallest comes first."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found for an address."""

    url: str
    candidates: tuple[Candidate, ...]
    host: str
    site: str
    """Id of the site that the host belongs to; "" for an unknown host."""
    site_name: str
    articles: int
    """Articles that are held of that site."""
    search: str
    """Address of a search for the words in the link, or ""."""


def show(text: str) -> AnyResponse:
    """The page `/tim`; with `go=1` straight to the best candidate.

    :param text: the link as it was given.
    """
    url = asked.read(text[:_MAX_LENGTH]) if text.strip() else ""
    answer = find(url) if url else None
    if answer is not None and answer.candidates and request.args.get("go") == "1":
        best = answer.candidates[0]
        return redirect(best.article or best.replay, 302)
    status = 404 if text.strip() and not (answer and answer.candidates) else 200
    html = render_template("memento/find.html", text=text, answer=answer, live=links.outside(url))
    return page(html, status, robots="noindex")


def missing(url: str, text: str, kind: str = "") -> Response:
    """404 for an address that was never captured: what is known of it, what is like it, and the live link.

    :param kind: the modifier; what a page embeds gets a short text.
    """
    if url and (why := resources().store.withheld_address(url)):
        refuse(why)
    if kind not in ("", "if_", "mp_", "fw_"):
        return Response("Not in the archive.\n", status=404, content_type="text/plain; charset=utf-8")
    answer = find(url) if url else None
    html = render_template(
        "memento/missing.html", text=text[:_MAX_LENGTH], answer=answer, live=links.outside(url)
    )
    return page(html, 404, robots="noindex")


def find(url: str) -> Answer:
    """Everything that a canonical address may have meant, the likeliest first."""
    key = asked.key(url)
    with resources().store.read() as connection:
        held = lookup.by_keys(connection, variants.keys(url))
        named = lookup.claimed(connection, [url, *_schemes(url)])
        alike = [] if held or named else _alike(connection, url)
        host = lookup.known_host(connection, key)
    site = resources().store.site(host[1]) if host is not None else None
    ids = [item.article for item in held if item.article] + named + [article for article, _ in alike]
    views = {view.article.id: view for view in resources().store.articles(list(dict.fromkeys(ids)))}
    found = [
        *_by_address(url, held, views),
        *_by_claim(named, views),
        *_by_tail(url, alike, views),
    ]
    searched = variants.words(url)
    return Answer(
        url=url,
        candidates=tuple(_once(found))[:_MAX_SHOWN],
        host=key.partition(")")[0],
        site=site.id if site else "",
        site_name=site.name if site else "",
        articles=site.articles if site else 0,
        search=url_for("search.results", q=searched) if len(searched) > 3 else "",
    )


def _schemes(url: str) -> Iterator[str]:
    """The other spellings of an address that a page may name it by."""
    rest = url.partition("://")[2]
    bare = rest.removeprefix("www.")
    yield from (f"{scheme}://{www}{bare}" for scheme in ("http", "https") for www in ("", "www."))


def _alike(connection: Connection, url: str) -> list[tuple[str, str]]:
    tail = variants.tail(url)
    return lookup.by_tail(connection, tail) if tail else []


def _by_address(url: str, held: Iterable[Held], views: dict[str, ArticleView]) -> Iterator[Ranked]:
    for item in held:
        differences = variants.differences(url, item.url)
        near = [difference for difference in differences if difference in _NO_DOUBT]
        view = views.get(item.article) if item.article else None
        rank = (len(differences) - len(near), item.best.status >= 400, view is None, len(near))
        yield rank, _candidate(item.url, how(differences), view, item)


def _by_claim(ids: Iterable[str], views: dict[str, ArticleView]) -> Iterator[Ranked]:
    for article_id in ids:
        if (view := views.get(article_id)) is not None:
            text = gettext("Trang của bài tự ghi địa chỉ này là của mình.")
            yield (0, 0, 0, 9), _candidate(view.article.url, text, view)


def _by_tail(url: str, alike: Iterable[tuple[str, str]], views: dict[str, ArticleView]) -> Iterator[Ranked]:
    for article_id, address in alike:
        if (view := views.get(article_id)) is not None:
            yield (9,), _candidate(address, how(variants.differences(url, address)), view)


def _once(found: Iterable[Ranked]) -> Iterator[Candidate]:
    """By rank; of one article only the nearest address."""
    seen = set()
    for _, candidate in sorted(found, key=lambda item: item[0]):
        what = candidate.article or candidate.url
        if what not in seen:
            seen.add(what)
            yield candidate


def _candidate(url: str, text: str, view: ArticleView | None, held: Held | None = None) -> Candidate:
    capture = held.best if held is not None else view.capture if view is not None else None
    return Candidate(
        url=url,
        title=(view.extraction.title.strip() or gettext("Không có tên bài")) if view is not None else "",
        how=text,
        article=links.view_path(view) if view is not None and query.is_article(view.article.id) else "",
        replay=asked.memento(capture) if capture is not None else asked.page(url),
        calendar=asked.calendar(url),
        captures=held.captures if held is not None else 0,
        moment=words.moment(capture.at) if capture is not None else "",
        status=capture.status if capture is not None else 0,
    )


_NO_DOUBT = frozenset({Difference.SCHEME, Difference.WWW, Difference.SLASH, Difference.INDEX})
"""Differences that servers themselves make nothing of."""


def how(differences: Iterable[Difference]) -> str:
    """How an address was recognised, as a sentence."""
    names = {
        Difference.SCHEME: gettext("http hay https"),
        Difference.WWW: gettext("có hay không có www"),
        Difference.MOBILE: gettext("bản dành cho điện thoại"),
        Difference.CASE: gettext("chữ hoa hay chữ thường"),
        Difference.SLASH: gettext("dấu / ở cuối"),
        Difference.INDEX: gettext("tên trang mặc định (index…)"),
        Difference.EXTENSION: gettext("đuôi của tên tệp"),
        Difference.QUERY: gettext("phần sau dấu hỏi"),
        Difference.SUBSITE: gettext("tên miền hoặc thư mục, cùng tên ở cuối"),
    }
    said = [names[item] for item in differences]
    if not said:
        return gettext("Đúng địa chỉ này.")
    return gettext("Khác ở: %(what)s.", what=", ".join(said))
