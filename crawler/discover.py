"""What a page leads to: links told apart by how they look and where they stand. Pure.

A link's kind is a guess that decides its turn and how often it is asked for; what the page really is, its
content says once it is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lxml import etree

from archive.errors import UrlError
from archive.model import Page
from archive.text.clean import decode
from archive.urls import canonical

MAX_LINKS = 3000
"""Links of one page that are followed at most; the rest is counted."""


class Kind(StrEnum):
    """What an address seems to be; the frontier keeps it."""

    SEED = "seed"
    FEED = "feed"
    SITEMAP = "sitemap"
    LIST = "list"
    """A first page of a section."""
    PAGING = "paging"
    """A further page of a list."""
    ARTICLE = "article"
    PAGE = "page"
    """Anything else that may hold links."""
    MEDIA = "media"
    """A picture or attachment of an article."""


@dataclass(frozen=True, slots=True)
class Link:
    """One address found on a page."""

    url: str
    """Canonical."""
    kind: Kind
    order: float = 0.0
    """Its place on the page, 0 for the first; for paging, how many pages on."""
    hint: str = ""
    """What the page says of its last change (lastmod), as it stood."""
    form: tuple[tuple[str, str], ...] | None = None
    """Fields to post, for paging by postback."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """All that a page leads to."""

    links: tuple[Link, ...] = ()
    unreadable: int = 0
    """Links that are no http addresses or cannot be parsed, `javascript:` and `mailto:` not counted."""
    left_out: int = 0
    """Links beyond `MAX_LINKS`."""

    @property
    def is_list(self) -> bool:
        """Whether the page looks like a list of articles."""
        return sum(link.kind is Kind.ARTICLE for link in self.links) >= 3


# Addresses that never are news: files that are no pages, and functions of the site.
_NO_PAGE = re.compile(
    r"\.(?:css|js|json|ico|svg|png|jpe?g|gif|webp|avif|bmp|woff2?|ttf|eot|mp[34]|m4[av]|avi|wmv|flv|webm|mov|wav"
    r"|zip|rar|7z|gz|exe|apk|docx?|xlsx?|pptx?|pdf|ics|vcf)$",
    re.IGNORECASE,
)
_FUNCTION = re.compile(
    r"/(?:wp-login|wp-admin|wp-json|xmlrpc|login|logout|register|signin|dang-nhap|dang-ky|dang-xuat|users?|cart"
    r"|search|tim-kiem|_layouts|admin)(?:[./?]|$)|[?&](?:replytocom|share|print|action|s|q|keyword)=|[?&]print(?:&|$)",
    re.IGNORECASE,
)
_FEED_PATH = re.compile(
    r"/(?:feed|rss)/?$|\.(?:rss|atom)$|[?&](?:format=feed|feed=rss2?|type=rss)", re.IGNORECASE
)
_PAGING_TEXT = re.compile(
    r"^\W*(?:\d{1,5}|trang\s+\d+|(?:trang\s+)?(?:sau|tiếp(?:\s+theo)?|kế(?:\s+tiếp)?|cuối|trước|đầu)|next|last|older"
    r"(?:\s+(?:posts|entries))?|prev(?:ious)?|xem\s+thêm|»|›|>+|«|‹|<+|…)\W*$",
    re.IGNORECASE,
)
_ARROW = re.compile(r"^[\s»›>«‹<→←]+$")
_PAGE_IN_PATH = re.compile(r"/(?:page|trang)[-/]?\d+/?(?=$|\?)", re.IGNORECASE)
_PAGE_PARAMETERS = frozenset(
    {
        "page",
        "trang",
        "paged",
        "start",
        "offset",
        "_cur",
        "cur",
        "pageindex",
        "pageno",
        "pagenumber",
        "p",
        "pg",
        "limitstart",
    }
)
_ID_PARAMETER = re.compile(r"(?:^|[?&])(?:nid|id|itemid|newsid|articleid|tintucid|p|post)=\d+", re.IGNORECASE)
_POSTBACK = re.compile(r"__doPostBack\(\s*'([^']{1,200})'\s*,\s*'([^']{0,200})'\s*\)")
_FORM_LIMIT = 400_000


def discover(page: Page) -> Discovery:
    """The links of a page, feed or sitemap; never raises, whatever the bytes."""
    start = page.body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    head = start[:400].lower()
    is_xml = "xml" in page.content_type and "html" not in page.content_type
    if (is_xml or head.startswith(b"<?xml")) and b"<html" not in start.lower():
        return _from_xml(page)
    return _from_html(page)


def list_key(url: str) -> str:
    """An address without what tells one page of a list from another: the list itself."""
    parts = urlsplit(_PAGE_IN_PATH.sub("/", url))
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [f"{name}={value}" for name, value in pairs if name.lower() not in _PAGE_PARAMETERS]
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}" + (f"?{'&'.join(kept)}" if kept else "")


def shape(url: str) -> str:
    """An address with its numbers taken out: what the pages of a calendar have in common."""
    parts = urlsplit(url)
    return re.sub(r"\d+", "#", f"{parts.netloc}{parts.path}?{parts.query}")


def repeats(url: str) -> bool:
    """Whether the path goes in circles (`/a/b/a/b/a/b`), as broken relative links make it do."""
    parts = [part for part in urlsplit(url).path.split("/") if part]
    return len(parts) > 15 or any(parts.count(part) > 3 for part in set(parts)) or _runs(parts)


def _runs(parts: list[str]) -> bool:
    return any(
        parts[i : i + n] == parts[i + n : i + 2 * n] == parts[i + 2 * n : i + 3 * n]
        for n in (1, 2, 3)
        for i in range(len(parts) - 3 * n + 1)
    )


# ------------------------------------------------------------------------------------------------ HTML


@dataclass(slots=True)
class _Collector:
    page: Page
    base: str
    own_list: str
    links: dict[str, Link] = field(default_factory=dict)
    unreadable: int = 0
    left_out: int = 0

    def add(self, href: str, kind: Kind | None, text: str = "", rel: str = "") -> None:
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
        if len(self.links) >= MAX_LINKS and url not in self.links:
            self.left_out += 1
            return
        order = float(_steps(text)) if kind is Kind.PAGING else float(len(self.links))
        known = self.links.get(url)
        if known is None or (known.kind is Kind.PAGE and kind is not Kind.PAGE):
            self.links[url] = Link(url, kind, known.order if known and kind is not Kind.PAGING else order)

    def _kind(self, url: str, text: str, rel: str) -> Kind | None:
        parts = urlsplit(url)
        if _NO_PAGE.search(parts.path) or _FUNCTION.search(url):
            return None
        if _FEED_PATH.search(url):
            return Kind.FEED
        if "next" in rel.split() or (_PAGING_TEXT.match(text) and list_key(url) == self.own_list):
            return Kind.PAGING
        return Kind.ARTICLE if _like_article(url, text) else Kind.PAGE


def _from_html(page: Page) -> Discovery:
    text = decode(page.body, page.content_type).text
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return Discovery()
    if root is None:
        return Discovery()
    found = _Collector(page, _base(root, page.url), list_key(page.url))
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
    text = " ".join("".join(element.itertext()).split())
    return text[:300] or (element.get("title") or "").strip()[:300]


def _like_article(url: str, text: str) -> bool:
    """A title for a label and a slug or number for a name: how portals link their articles."""
    name = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    name = re.sub(r"\.(?:html?|aspx?|php|jsp|chn|vnp|tpo)$", "", name, flags=re.IGNORECASE)
    hyphens = name.count("-") + name.count("_") + name.count("%20")
    is_title = len(text) >= 20 and text.count(" ") >= 3
    has_id = bool(re.search(r"\d{3,}", name) or _ID_PARAMETER.search(url))
    return (is_title and (hyphens >= 3 or has_id)) or hyphens >= 5


def _steps(text: str) -> int:
    """How far a paging link leads, in pages: its number, 1 for "next"."""
    number = re.search(r"\d{1,5}", text)
    return int(number[0]) if number else 1


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
        if not (_PAGING_TEXT.match(label) or _ARROW.match(label)):
            continue
        fields = [item for item in hidden if item[0] not in ("__EVENTTARGET", "__EVENTARGUMENT")]
        fields += [("__EVENTTARGET", target), ("__EVENTARGUMENT", argument)]
        steps = _steps(argument) if argument.strip("Pp$age").isdigit() else _steps(label)
        yield Link(action, Kind.PAGING, float(steps), form=tuple(fields))


# ------------------------------------------------------------------------------------------------- XML


def _from_xml(page: Page) -> Discovery:
    # Nothing outside the document is ever read, and no entity is replaced (faults: XML).
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        recover=True,
        huge_tree=False,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(page.body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return Discovery()
    if root is None:
        return Discovery()
    found = list(_xml_items(root))
    links: dict[str, Link] = {}
    unreadable = 0
    for place, (href, kind, hint) in enumerate(found[: 10 * MAX_LINKS]):
        try:
            url = canonical(href, page.url)
        except UrlError:
            unreadable += 1
            continue
        links.setdefault(url, Link(url, kind, float(place), hint))
    return Discovery(tuple(links.values()), unreadable, max(0, len(found) - 10 * MAX_LINKS))


def _xml_items(root: Any) -> Iterator[tuple[str, Kind, str]]:
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        match etree.QName(element).localname:
            case "item":  # RSS
                if href := _child(element, "link"):
                    yield href, Kind.ARTICLE, _child(element, "pubDate")
            case "entry":  # Atom
                if href := _atom_link(element):
                    yield href, Kind.ARTICLE, _child(element, "updated")
            case "url":
                if href := _child(element, "loc"):
                    yield (
                        href,
                        Kind.ARTICLE if _like_article(href, "") else Kind.PAGE,
                        _child(element, "lastmod"),
                    )
            case "sitemap":
                if href := _child(element, "loc"):
                    yield href, Kind.SITEMAP, _child(element, "lastmod")


def _child(element: Any, name: str) -> str:
    for child in element:
        if isinstance(child.tag, str) and etree.QName(child).localname == name:
            return (child.text or "").strip()
    return ""


def _atom_link(element: Any) -> str:
    for child in element:
        is_link = isinstance(child.tag, str) and etree.QName(child).localname == "link"
        if is_link and child.get("rel", "alternate") == "alternate" and child.get("href"):
            return str(child.get("href"))
    return ""
