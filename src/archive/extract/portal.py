"""Whether two front pages are of one portal: what tells a new design from a new owner. Pure.

A portal that is redesigned keeps its name, its place names and some of its addresses. A domain that lapsed
and was bought by somebody else (a parking page, a betting site, a shop) keeps none of them. So a page is
taken for another's only when nothing at all is left: not the name, hardly a word of the title, no address.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from archive.errors import UrlError
from archive.extract.tree import parse, text_of
from archive.text.clean import decode
from archive.text.vietnamese import fold, whole_words
from archive.urls import canonical

_GENERIC = frozenset(
    {
        *("cong", "thong", "tin", "dien", "tu", "trang", "ttdt", "tttt", "huyen", "thi", "xa", "tinh"),
        *("thanh", "pho", "quan", "phuong", "ubnd", "uy", "ban", "nhan", "dan", "bao", "web", "website"),
        *("site", "home", "chu", "cua", "va", "the", "of", "portal", "page", "news", "index", "truyen"),
        *("hinh", "dai", "phat"),
    }
)
"""Words, without accents, that stand in the name of any portal."""
_TITLE_KEPT = 0.3
_ADDRESSES_KEPT = 0.05
_MAX_LINKS = 2_000


@dataclass(frozen=True, slots=True)
class FrontPage:
    """What is compared of a front page."""

    title: frozenset[str]
    """Its words without accents."""
    text: str
    """All of it, folded, with single spaces and one at each end."""
    paths: frozenset[str]
    """Paths of the links within its own host."""

    @classmethod
    def of(cls, body: bytes, content_type: str, url: str) -> FrontPage:
        """Read a page's bytes; never raises: of what is no page nothing is known."""
        root = parse(decode(body, content_type).text)
        if root is None:
            return cls(frozenset(), " ", frozenset())
        title = next((text_of(element) for element in root.iter("title")), "")
        paths = set()
        host = _host(url)
        for element in root.iter("a"):
            try:
                target = canonical(element.get("href") or "", url)
            except UrlError:
                continue
            parts = urlsplit(target)
            if _host(target) == host and parts.path not in ("", "/"):
                paths.add(parts.path.lower())
            if len(paths) >= _MAX_LINKS:
                break
        return cls(_words(title), f" {' '.join(map(fold, whole_words(text_of(root))))} ", frozenset(paths))


def taken_over(before: FrontPage, now: FrontPage, name: str) -> str:
    """What speaks for another's page standing where a portal's stood, in a sentence; "" for the portal's own.

    :param name: the portal's, as readers see it.
    """
    if not before.paths and not before.title:
        return ""
    own = _words(name)
    phrase = " ".join(word for word in map(fold, whole_words(name)) if word in own)
    if phrase and f" {phrase} " in now.text:
        return ""
    if before.title and len(before.title & now.title) / len(before.title) >= _TITLE_KEPT:
        return ""
    if before.paths and len(before.paths & now.paths) / min(len(before.paths), max(1, len(now.paths))) > (
        _ADDRESSES_KEPT
    ):
        return ""
    return (
        f"Its front page names neither {name} nor anything of its former title, and none of the "
        f"{len(before.paths)} addresses that it led to."
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(map(fold, whole_words(text))) - _GENERIC


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")
