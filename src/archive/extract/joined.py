"""Several pages that are one article: its parts 1, 2, 3, its print view, its other addresses.

Nothing is fetched here: `further_pages` says where the rest of an article is, `relation` how two extractions
stand to each other, and `join` makes one of the parts.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from archive.extract.headline import key
from archive.extract.pictures import absolute
from archive.extract.tree import parse
from archive.model import Block, Extraction, Figure, Page, PageKind
from archive.text.clean import decode

_RUN = 5
_SAME = 0.9
_PRINT = re.compile(r"(?:^|[/_.?&=-])(?:print|in|ban-in|viewprint)(?:[/_.?&=-]|$)", re.IGNORECASE)


def further_pages(page: Page) -> tuple[str, ...]:
    """Addresses of the article's other parts, in order; empty for nearly all pages.

    A link counts when its text is a number (or `rel=next` says so) and its address is the page's own but for
    that number: `…/bai.html?page=2`, `…/bai/2/`, `…/bai-p2.html`. A list's paging looks the same: the caller
    asks only for articles.
    """
    root = parse(decode(page.body, page.content_type).text)
    if root is None:
        return ()
    found: dict[int, str] = {}
    for link in root.iter("a", "link"):
        href = link.get("href")
        if not href:
            continue
        text = "".join(link.itertext()).strip()
        is_next = "next" in (link.get("rel") or "").lower().split()
        if not (text.isdecimal() and len(text) < 3) and not is_next:
            continue
        url = absolute(page.url, href.split("#")[0])
        number = _part_number(page.url, url) if url else 0
        if number > 1 and (is_next or int(text) == number):
            found.setdefault(number, url)
    return tuple(found[number] for number in sorted(found) if number < 100)


def _part_number(base: str, url: str) -> int:
    """Which part of the article at `base` an address is; 0 when it is none."""
    own, other = urlsplit(base), urlsplit(url)
    if own.netloc != other.netloc:
        return 0
    if own.path == other.path:
        mine, theirs = dict(parse_qsl(own.query)), dict(parse_qsl(other.query))
        extra = [name for name, value in theirs.items() if mine.get(name) != value]
        if len(extra) == 1 and re.fullmatch(r"p|page|trang|pg|paged", extra[0], re.IGNORECASE):
            return int(theirs[extra[0]]) if theirs[extra[0]].isdecimal() else 0
        return 0
    stem, ending = re.fullmatch(r"(.*?)/?((?:\.\w{2,5})?)", own.path).groups()  # type: ignore[union-attr]
    match = re.fullmatch(
        rf"{re.escape(stem)}(?:/|[-_](?:p|page|trang)[-_]?|/page/|/trang-)(\d{{1,2}})/?{re.escape(ending)}",
        other.path,
    )
    return int(match[1]) if match else 0


def relation(first: Extraction, second: Extraction) -> str:
    """How two articles of one site stand to each other.

    "same": a print view or another address of it; "part": another part under the same title; "" otherwise.
    """
    if PageKind.ARTICLE not in (first.kind, second.kind) or key(first.title) != key(second.title):
        return ""
    a, b = _runs(first), _runs(second)
    if not a or not b:
        return "same" if not a and not b and first.title else ""
    common = len(a & b) / min(len(a), len(b))
    if common >= _SAME:
        return "same"
    return "part" if common < 0.2 and first.published == second.published else ""


def is_print_view(url: str) -> bool:
    """Whether an address looks like a print view, so that the other one is the article's own."""
    parts = urlsplit(url)
    return _PRINT.search(f"{parts.path}?{parts.query}") is not None


def join(parts: Sequence[Extraction]) -> Extraction:
    """One extraction of an article's parts in order: the first part's fields, the blocks of all.

    :raises ValueError: when there is no part.
    """
    if not parts:
        raise ValueError("An article has one part at least.")
    blocks: list[Block] = []
    seen: set[Block] = set()
    for part in parts:
        for block in part.blocks:
            if isinstance(block, Figure) and block in seen:
                continue  # the picture that heads every part
            seen.add(block)
            blocks.append(block)
    signed = next((part.byline for part in reversed(parts) if part.byline.text), parts[0].byline)
    return dataclasses.replace(parts[0], blocks=tuple(blocks), byline=signed)


def _runs(extraction: Extraction) -> set[tuple[str, ...]]:
    words = " ".join((extraction.lead, *extraction.body())).casefold().split()
    return {tuple(words[i : i + _RUN]) for i in range(max(0, len(words) - _RUN + 1))}
