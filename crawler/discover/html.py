"""The links of an HTML page, told apart by how they look and where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from lxml import etree

from archive.errors import UrlError
from archive.model import Page
from archive.text.clean import decode
from archive.urls import canonical
from crawler.discover.links import Discovery, Kind, Link
from crawler.discover.shapes import is_feed, is_no_page, like_article, list_key, page_number

MAX_LINKS = 3000
"""Links of one page that are followed at most; the rest is counted."""
_PAGING_TEXT = re.compile(
    r"^\W*(?:\d{1,5}|trang\s+\d+|(?:trang\s+)?(?:sau|tiếp(?:\s+theo)?|kế(?:\s+tiếp)?|cuối|trước|đầu)|next|last|older"
    r"(?:\s+(?:posts|entries))?|prev(?:ious)?|xem\s+thêm|»|›|>+|«|‹|<+|…)\W*$",
    re.IGNORECASE,
)
_NEXT_TEXT = re.compile(
    r"^\W*(?:trang\s+)?(?:sau|tiếp(?:\s+theo)?|kế(?:\s+tiếp)?|next|older)\W*$|^\s*[»›>→]\s*$|^\s*(?:\.\.\.|…)\s*$",
    re.IGNORECASE,
)
_POSTBACK = re.compile(r"__doPostBack\(\s*'([^']{1,200})'\s*,\s*'([^']{0,200})'\s*\)")
_FORM_LIMIT = 400_000


@dataclass(slots=True)
class _Collector:
    page: Page
    base: str
    own_list: str
    own_number: int
    links: dict[str, Link] = field(default_factory=dict)
    unreadable: int = 0
    left_out: int = 0

    def add(self, href: str, kind: Kind | None, text: str = "", rel: str = "") -> None:
        if len(self.links) >= MAX_LINKS:
            self.left_out += 1
            return
        href = href.strip()
        scheme = href.partition(":")[0].lower()
        if not href or href.startswith("#") or scheme in ("javascript", "mailto", "tel", "data", "about"):
            return
        try:
            url = canonical(href, self.base)
        except UrlError:
            self.unreadable += 1
            return
        if kind is None:
            kind = self._kind(url, text, rel)
        if kind is None:
            return
        order = float(len(self.links))
        if kind is Kind.PAGING:
            order = float(max(1, _number(text, self.own_number + 1) - self.own_number))
        known = self.links.get(url)
        if known is None or (known.kind is Kind.PAGE and kind is not Kind.PAGE):
            self.links[url] = Link(url, kind, known.order if known and kind is not Kind.PAGING else order)

    def _kind(self, url: str, text: str, rel: str) -> Kind | None:
        if is_no_page(url):
            return None
        if is_feed(url):
            return Kind.FEED
        if "next" in rel.split() or (_PAGING_TEXT.match(text) and list_key(url) == self.own_list):
            return Kind.PAGING
        return Kind.ARTICLE if like_article(url, text) else Kind.PAGE


def from_html(page: Page) -> Discovery:
    """The links, the paging and the postbacks of a page; never raises."""
    text = decode(page.body, page.content_type).text
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return Discovery()
    if root is None:
        return Discovery()
    # What follows an early </html> is parsed as a second document beside the first.
    root.extend(list(root.itersiblings()))
    found = _Collector(page, _base(root, page.url), list_key(page.url), page_number(page.url))
    postbacks: list[tuple[str, str, str]] = []
    for element in root.iter("a", "area", "link"):
        href = element.get("href") or ""
        rel = (element.get("rel") or "").lower()
        if element.tag == "link":
            kind = element.get("type", "").lower()
            if "alternate" in rel and ("rss" in kind or "atom" in kind):
                found.add(href, Kind.FEED)
            elif rel == "next":
                found.add(href, Kind.PAGING, "next")
            continue
        label = _label(element)
        if action := _POSTBACK.search(href):
            postbacks.append((action[1], action[2], label))
        else:
            found.add(href, None, label, rel)
    forms = _postback_links(root, page, found.base, postbacks) if postbacks else []
    return Discovery((*found.links.values(), *forms), found.unreadable, found.left_out)


def _base(root: Any, url: str) -> str:
    for element in root.iter("base"):
        if href := element.get("href"):
            try:
                return canonical(href, url)
            except UrlError:
                break
    return url


def _label(element: Any) -> str:
    # Bounded, for a link that is never closed holds the rest of the page.
    text = " ".join("".join(islice(element.itertext(), 100)).split())
    return text[:300] or (element.get("title") or "").strip()[:300]


def _number(text: str, otherwise: int) -> int:
    number = re.search(r"\d{1,5}", text)
    return int(number[0]) if number else otherwise


def _postback_links(
    root: Any, page: Page, base: str, postbacks: Iterable[tuple[str, str, str]]
) -> Iterator[Link]:
    """Paging by `__doPostBack`: the page's own form, with its hidden fields, sent back to its address."""
    form = next((item for item in root.iter("form") if (item.get("method") or "").lower() == "post"), None)
    if form is None:
        return
    hidden = [
        (item.get("name"), item.get("value") or "")
        for item in form.iter("input")
        if (item.get("type") or "").lower() == "hidden" and item.get("name")
    ]
    if sum(len(name) + len(value) for name, value in hidden) > _FORM_LIMIT:
        return
    try:
        action = canonical(form.get("action") or page.url, base)
    except UrlError:
        return
    for target, argument, label in dict.fromkeys(postbacks):
        number = None
        if _PAGING_TEXT.match(label):
            asked = re.search(r"\d{1,5}", label) or re.fullmatch(r"(?:Page\$)?(\d{1,5})", argument)
            number = int(asked[asked.lastindex or 0]) if asked else None
        # Back and to the end lead nowhere new: the pages between are reached one by one.
        if number is None and not _NEXT_TEXT.match(label):
            continue
        fields = [item for item in hidden if item[0] not in ("__EVENTTARGET", "__EVENTARGUMENT")]
        fields += [("__EVENTTARGET", target), ("__EVENTARGUMENT", argument)]
        yield Link(action, Kind.PAGING, 1.0, form=tuple(fields), number=number)
