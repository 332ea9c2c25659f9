"""A captured page made fit to be shown again: its addresses led into the archive, nothing in it that acts.

What keeps a hostile page from acting is the policy it is served with (`sandbox`, no script, nothing from
other hosts: `archive.web.replay`). What is taken out here is the second line, and spares the page trying.

The work is bounded: `archive.extract.tree` bounds characters and depth, style sheets have a budget a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree, html
from lxml.html import builder

from archive.errors import UrlError
from archive.extract.tree import Element, parse, remove
from archive.memento import css
from archive.urls import canonical

_GONE = frozenset(
    {
        *("script", "template", "object", "embed", "applet", "portal", "param", "bgsound", "keygen"),
        *("plaintext", "xml", "isindex"),
    }
)
"""Elements that run something, or that end the reading of what follows."""
_FRAMES = frozenset({"iframe", "frame"})
_STYLE_LINKS = frozenset({"stylesheet", "icon"})
_FORM_FIELDS = frozenset({"input", "button", "select", "textarea"})
_DROPPED = frozenset(
    {
        *("target", "ping", "download", "attributionsrc", "autofocus", "autoplay", "http-equiv", "srcdoc"),
        *("action", "method", "formaction", "integrity", "crossorigin", "nonce", "manifest", "is", "slot"),
        *("codebase", "classid", "archive", "dynsrc", "lowsrc", "profile", "contextmenu"),
    }
)
"""Attributes that act, or that would send the reader or the browser elsewhere."""
# Attribute → what stands at the address: `im_` a picture or another thing shown, `cs_` a style sheet.
_EMBEDDED = {"src": "im_", "poster": "im_", "background": "im_"}
_LINKS = frozenset({"href", "cite", "longdesc"})
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-lazy")
"""Where pages that load their pictures by script keep the addresses."""
_SHOWN_BY_HREF = frozenset({"image", "feimage", "use"})
"""Elements of SVG whose `href` is no link but what is shown."""
_KEPT_SCHEMES = re.compile(r"\s*(?:mailto|tel):", re.IGNORECASE)
_REFRESH = re.compile(r"\s*[\d.]*\s*[;,]?\s*(?:url\s*=\s*)?[\"']?([^\"'>]+)", re.IGNORECASE)
_SRCSET = re.compile(r"\s*([^\s,]\S*[^\s,]|[^\s,])(\s+[^,]*)?(?:,|\Z)")
_MAX_SRCSET = 20_000
_MAX_STYLE = 300_000
"""Characters of style that a page may carry with addresses in it, a second's work; more goes unstyled."""
_LOCAL_NAME = re.compile(r"(?:.*[}:])?([^}:]+)\Z", re.DOTALL)

MAX_CHARS = 4_000_000
"""Characters of a page that are shown. Real ones stay below."""
MAX_ADDRESSES = 20_000
"""Different addresses of a page that are led into the archive, a second's work; no real one has as many."""

Address = Callable[[str, str], str]
"""From an absolute address and a modifier ("" for a page, `im_`, `cs_`) to the one in the archive."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as it is served."""

    html: str
    """The whole document, to be sent as UTF-8."""
    refresh: str
    """Where the page sent its readers by itself, absolute; "" when nowhere."""


def rewrite(text: str, url: str, address: Address, banner: Callable[[str], str]) -> Shown:
    """A page with its addresses in the archive and without anything that acts.

    :param text: the page's markup.
    :param url: where it was captured; relative addresses are resolved against it, or against its `base`.
    :param banner: makes the markup to stand at the top of the body, given `Shown.refresh`.
    """
    root = parse(text[:MAX_CHARS])
    if root is None:
        root = html.Element("html")
    page = _Page(root, _base(root, url), address)
    page.clean()
    _finish(root, banner(page.refresh))
    written: str = html.tostring(root, encoding="unicode", doctype=_doctype(text))
    return Shown(written, page.refresh)


def in_sheet(url: str, address: Address) -> css.Rewrite:
    """How addresses in a style sheet that was captured at `url` lead into the archive."""

    def changed(href: str, kind: str) -> str:
        if href.startswith(("#", "data:image/", "data:font/")):
            return href
        target = _absolute(href, url)
        return address(target, kind) if target else ""

    return changed


def _base(root: Element, url: str) -> str:
    for element in root.iter("base"):
        if href := element.get("href"):
            return _absolute(href, url) or url
    return url


def _doctype(text: str) -> str:
    """The page's own: it decides whether browsers lay the page out by the standards or as of old."""
    found = re.match(r"\s*(?:<!--.{0,2000}?-->\s*)?(<!doctype[^<>]{0,300}>)", text, re.IGNORECASE | re.DOTALL)
    return found[1] if found else ""


def _absolute(href: str, base: str) -> str:
    try:
        return canonical(href, base)
    except UrlError:
        return ""


class _Page:
    """One tree being cleaned."""

    def __init__(self, root: Element, base: str, address: Address) -> None:
        self._root, self._base, self._address = root, base, address
        self._known: dict[str, str] = {}
        self._budget = _MAX_STYLE
        self._in_sheet = in_sheet(base, address)
        self.refresh = ""

    def clean(self) -> None:
        for element in list(self._root.iter()):
            if not isinstance(element.tag, str):
                remove(element)
                continue
            name = _local(element.tag)
            if name in _GONE:
                remove(element)
            elif name == "meta":
                self._meta(element)
            elif name == "base":
                remove(element)
            elif name == "link":
                self._link(element)
            elif name in _FRAMES:
                self._frame(element)
            elif name == "style":
                element.text = self._sheet(element.text or "")
                self._attributes(element, name)
            else:
                self._attributes(element, name)

    def _absolute(self, href: str) -> str:
        """The address in full; "" for what is none. Pages name the same address many times."""
        if href not in self._known:
            if len(self._known) >= MAX_ADDRESSES:
                return ""
            self._known[href] = _absolute(href, self._base)
        return self._known[href]

    # ------------------------------------------------------------------------------------- elements

    def _meta(self, element: Element) -> None:
        """Descriptions may stay; what acts as a header (refresh, a policy, cookies, the charset) goes."""
        kind = (element.get("http-equiv") or "").strip().lower()
        if kind == "refresh" and not self.refresh:
            found = _REFRESH.match(element.get("content") or "")
            self.refresh = self._absolute(found[1]) if found and "=" in found[0] else ""
        if kind or element.get("charset") is not None:
            remove(element)
        elif (element.get("name") or "").strip().lower() == "viewport":
            self._attributes(element, "meta")
        else:
            remove(element)

    def _link(self, element: Element) -> None:
        relations = set((element.get("rel") or "").lower().split())
        href = self._absolute(element.get("href") or "") if element.get("href") else ""
        if not href or not relations & _STYLE_LINKS or relations & {"preload", "prefetch", "alternate"}:
            remove(element)
            return
        kind = "cs_" if "stylesheet" in relations else "im_"
        media = element.get("media")
        element.attrib.clear()
        element.set("rel", "stylesheet" if kind == "cs_" else "icon")
        element.set("href", self._address(href, kind))
        if media:
            element.set("media", media)

    def _frame(self, element: Element) -> None:
        """A page within the page is a link to that page."""
        source = element.get("src") or next((element.get(name) for name in _LAZY if element.get(name)), "")
        target = self._absolute(source) if source else ""
        tail, element.tail = element.tail, None
        if not target:
            element.tail = tail
            remove(element)
            return
        link = html.Element("a", href=self._address(target, ""))
        link.text = target
        holder = html.Element("p")
        holder.append(link)
        holder.tail = tail
        element.getparent().replace(element, holder)

    def _sheet(self, text: str) -> str:
        if not css.is_plain(text):
            self._budget -= len(text)
            if self._budget < 0:
                return ""
        # Only the end of its element could end a style sheet early.
        return css.sheet(text, self._in_sheet).replace("</", "<\\/")

    # ----------------------------------------------------------------------------------- attributes

    def _attributes(self, element: Element, tag: str) -> None:
        if tag in ("img", "source", "video", "audio") or tag in _FORM_FIELDS:
            _promote_lazy(element)
        for written, value in list(element.attrib.items()):
            name = _local(written)
            changed = self._attribute(tag, name, value)
            if changed is None:
                del element.attrib[written]
            elif changed != value:
                element.set(written, changed)
        if tag in _FORM_FIELDS:
            element.set("disabled", "disabled")

    def _attribute(self, tag: str, name: str, value: str) -> str | None:
        """The value to stand there; None: none."""
        if name.startswith("on") or name in _DROPPED:
            return None
        if name in _EMBEDDED:
            return self._embedded(value, _EMBEDDED[name])
        if name in ("srcset", "imagesrcset"):
            return self._srcset(value)
        if name in _LINKS:
            # In SVG, `href` of an image is what is shown.
            return (
                self._embedded(value, "im_") if tag in ("image", "feimage", "use") else self._link_to(value)
            )
        if name == "style":
            if css.is_plain(value):
                return value
            self._budget -= len(value)
            return css.declarations(value, self._in_sheet) if self._budget >= 0 else None
        if name in ("content", "value", "to", "from", "values") and "javascript:" in value.lower():
            return None
        return value

    def _embedded(self, value: str, kind: str) -> str | None:
        text = value.strip()
        if text.startswith("#"):
            return text
        if text[:11].lower() == "data:image/":
            return text
        target = self._absolute(text) if text else ""
        return self._address(target, kind) if target else None

    def _link_to(self, value: str) -> str | None:
        text = value.strip()
        if text.startswith("#") or _KEPT_SCHEMES.match(text):
            return text
        target = self._absolute(text)
        if not target:
            return None
        _, mark, fragment = text.partition("#")
        return self._address(target, "") + (f"#{_fragment(fragment)}" if mark and fragment else "")

    def _srcset(self, value: str) -> str | None:
        kept = []
        for source, size in _SRCSET.findall(value[:_MAX_SRCSET]):
            if made := self._embedded(source, "im_"):
                kept.append(f"{made}{size.rstrip()}")
        return ", ".join(kept) or None


def _promote_lazy(element: Element) -> None:
    """Show the pictures that a script would have put in place."""
    lazy = next((element.get(name) for name in _LAZY if element.get(name)), None)
    source = (element.get("src") or "").strip()
    if lazy and (not source or source[:5].lower() == "data:"):
        element.set("src", lazy)
    if (lazy_set := element.get("data-srcset")) and not element.get("srcset"):
        element.set("srcset", lazy_set)
    for name in (*_LAZY, "data-srcset"):
        element.attrib.pop(name, None)


def _fragment(text: str) -> str:
    return re.sub(r"[^\w%!$&'()*+,;=:@/?.~-]", "", text)


def _local(name: str) -> str:
    """The name without namespace and prefix, in lower case: `xlink:href` is `href`."""
    found = _LOCAL_NAME.match(name)
    return (found[1] if found else name).lower()


def _finish(root: Element, banner: str) -> None:
    """The charset that is sent, and the banner as the first thing in the body."""
    head, body = root.find("head"), root.find("body")
    if head is None:
        head = html.Element("head")
        root.insert(0, head)
    head.insert(0, builder.META(charset="utf-8"))
    frames = list(root.iter("frameset"))
    if body is None:
        body = html.Element("body")
        root.append(body)
    for frameset in frames:
        # What stood in its frames is links now, and only a body shows them.
        frameset.tag = "div"
        frameset.attrib.clear()
        if frameset.getparent() is root:
            body.append(frameset)
    for element in _fragments(banner):
        element.tail = (element.tail or "") + (body.text or "")
        body.text = None
        body.insert(0, element)


def _fragments(markup: str) -> Iterator[Any]:
    yield from (item for item in html.fragments_fromstring(markup) if isinstance(item, etree.ElementBase))
