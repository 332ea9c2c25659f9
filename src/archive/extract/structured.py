"""What a page says about itself in machine form: JSON-LD, `meta`, microdata, `link`, `html lang`.

Everything here is a claim. The fields that use it check it against what the page shows.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from archive.extract.tree import Element, text_of
from archive.text.clean import normalise

_MAX_SCRIPT = 1_500_000
_MAX_SCRIPTS = 40
_MAX_NODES = 5_000
_ARTICLE_TYPES = re.compile(
    r"(article|posting|report|newsitem|review|recipe|howto|creativework|webpage|faqpage|qapage|discussion)",
    re.I,
)
_STRONG_TYPES = re.compile(r"(article|posting|newsitem|report)", re.I)


@dataclass(slots=True)
class Claims:
    """The machine-readable claims of one page, in the order of the document."""

    meta: dict[str, list[str]] = field(default_factory=dict)
    """Lower-case `name`, `property`, `itemprop` or `http-equiv` → contents."""
    ld: list[dict[str, Any]] = field(default_factory=list)
    """JSON-LD objects that describe the page's article, the likeliest first."""
    page_title: str = ""
    canonical: str = ""
    base: str = ""
    lang: str = ""

    def first(self, *names: str) -> tuple[str, str]:
        """The first non-empty content among meta names, with the name; ("", "") when there is none."""
        for name in names:
            for value in self.meta.get(name, ()):
                if value:
                    return value, name
        return "", ""

    def ld_text(self, key: str) -> str:
        """The first text under a key of the article's JSON-LD."""
        for node in self.ld:
            value = node.get(key)
            if isinstance(value, list) and value:
                value = value[0]
            if isinstance(value, str) and value.strip():
                return clean(value)
        return ""

    def ld_names(self, key: str) -> tuple[list[str], str]:
        """Names under `author`, `publisher` and the like, and their common `@type`."""
        for node in self.ld:
            names, kinds = [], set()
            for item in _listed(node.get(key)):
                if isinstance(item, str):
                    names.append(clean(item))
                elif isinstance(item, dict):
                    for name in _listed(item.get("name")):
                        if isinstance(name, str):
                            names.append(clean(name))
                            kinds.add(str(item.get("@type", "")))
            names = [name for name in names if name]
            if names:
                return names, kinds.pop() if len(kinds) == 1 else ""
        return [], ""


def clean(value: str) -> str:
    """A claim's text: entities that were encoded twice decoded, markup out, white space in order."""
    if "&" in value:
        value = html.unescape(value)
    if "<" in value:
        value = re.sub(r"<[^<>]{0,2000}>", " ", value)
    return normalise(value)


def read_claims(root: Element) -> Claims:
    """Collect the claims of a parsed page."""
    claims = Claims(lang=(root.get("lang") or root.get("xml:lang") or "")[:35])
    objects: list[dict[str, Any]] = []
    scripts = 0
    for element in root.iter("meta", "link", "base", "title", "script"):
        tag = element.tag
        if tag == "meta":
            content = element.get("content")
            if content:
                value = clean(content[:20_000])
                for attribute in ("property", "name", "itemprop", "http-equiv"):
                    if name := element.get(attribute):
                        claims.meta.setdefault(name.strip().lower(), []).append(value)
        elif tag == "link":
            rel = (element.get("rel") or "").lower().split()
            if "canonical" in rel and not claims.canonical:
                claims.canonical = (element.get("href") or "").strip()
        elif tag == "base":
            claims.base = claims.base or (element.get("href") or "").strip()
        elif tag == "title":
            if not claims.page_title and not any(a.tag == "svg" for a in element.iterancestors("svg")):
                claims.page_title = text_of(element, 2_000)
        elif "ld+json" in (element.get("type") or "").lower() and scripts < _MAX_SCRIPTS:
            scripts += 1
            objects.extend(_parse_ld(element.text or ""))
    claims.ld = _rank(objects)
    if not claims.lang:
        claims.lang = claims.first("content-language", "og:locale", "language")[0][:35]
    return claims


_COMMENT = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)|(?:-->|//\s*\]\]>|\]\]>"
    r"|/\*\s*\]\]>\s*\*/)\s*$"
)
_TRAILING = re.compile(r",(\s*[}\]])")


def _parse_ld(text: str) -> Iterator[dict[str, Any]]:
    text = _COMMENT.sub("", text[:_MAX_SCRIPT]).strip().rstrip(";")
    if not text:
        return
    data: Any = None
    for attempt in (lambda t: t, lambda t: _TRAILING.sub(r"\1", t)):
        try:
            data = json.loads(attempt(text), strict=False)
            break
        except (ValueError, RecursionError):
            continue
    stack, seen = [data], 0
    while stack and seen < _MAX_NODES:
        node = stack.pop()
        seen += 1
        if isinstance(node, list):
            stack.extend(reversed(node[:_MAX_NODES]))
        elif isinstance(node, dict):
            yield node
            parts = (node.get(key) for key in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart", "item"))
            stack.extend(part for part in parts if isinstance(part, list | dict))


def _rank(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ranked = []
    for order, node in enumerate(objects):
        kind = " ".join(str(k) for k in _listed(node.get("@type")))
        if not _ARTICLE_TYPES.search(kind):
            continue
        score = (
            2 * bool(_STRONG_TYPES.search(kind)) + bool(node.get("headline")) + bool(node.get("articleBody"))
        )
        ranked.append((-score, order, node))
    return [node for _, _, node in sorted(ranked, key=lambda item: item[:2])]


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
