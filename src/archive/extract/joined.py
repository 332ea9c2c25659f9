"""Several pages that are one article: its parts 1, 2, 3, its print view, its other addresses.

Nothing is fetched here: `with_pages` notes where the rest of an article is, `relation` how two extractions
stand to each other, and `join` makes one of the parts.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from archive.extract.headline import key
from archive.extract.lines import Reading
from archive.extract.pictures import absolute
from archive.extract.tree import Element, parse
from archive.model import Block, Extraction, Figure, Page, PageKind, Paragraph
from archive.text.clean import decode

_RUN = 5
_MAX_PARTS = 100
_FIRST = frozenset("12")
_TELLING = frozenset(("next", "prev", "first"))
_NONE: frozenset[str] = frozenset()
_SAME = 0.9
_PRINT = re.compile(r"(?:^|[/_.?&=-])(?:print|in|ban-in|viewprint)(?:[/_.?&=-]|$)", re.IGNORECASE)


def with_pages(url: str, found: Extraction, links: Sequence[Link]) -> Extraction:
    """An article's extraction with the addresses of its other pages.

    :param links: the page's `paging_links`.
    """
    if found.kind is not PageKind.ARTICLE:
        return found
    first = _first_page(url, links)
    if first:
        return dataclasses.replace(found, part_of=first)
    return dataclasses.replace(found, parts=_further(url, links))


def further_pages(page: Page) -> tuple[str, ...]:
    """Addresses of the article's other parts, in order; empty for nearly all pages.

    A link counts when its text is a number (or `rel=next` says so) and its address is the page's own but for
    that number: `…/bai.html?page=2`, `…/bai/2/`, `…/bai-p2.html`. A list's paging looks the same: the caller
    asks only for articles.
    """
    root = parse(decode(page.body, page.content_type).text)
    return _further(page.url, paging_links(root, page.url) if root is not None else ())


def part_number(first: str, url: str) -> int:
    """Which part, from 2, of the article that begins at `first` an address is; 0 when it is none."""
    number = _part_number(first, url)
    return number if 1 < number < _MAX_PARTS else 0


@dataclass(frozen=True, slots=True)
class Link:
    """A link that could lead from page to page of an article."""

    url: str
    text: str
    rel: frozenset[str]


def paging_links(root: Element, url: str) -> list[Link]:
    """The links that could lead from page to page of an article: numbered ones, and those that say so."""
    found = []
    for link in root.iter("a", "link"):
        href = link.get("href")
        if not href:
            continue
        text = (link.text or "").strip()
        if len(text) < 3 and len(link):  # a longer one is no number, whatever follows
            text = "".join(link.itertext()).strip()
        said = link.get("rel")
        rel = frozenset(said.lower().split()) if said else _NONE
        if (text.isdecimal() and len(text) < 3) or rel & _TELLING:
            found.append(Link(absolute(url, href.split("#")[0]), text, rel))
    return [link for link in found if link.url]


def are_shown(links: Sequence[Link], reading: Reading) -> bool:
    """Whether a reader sees that the page is one of several, or a link says so."""
    return any(link.rel & _TELLING for link in links) or any(
        line.links
        and ("1" in line.text or "2" in line.text)
        and len(line.text) < 80
        and not _FIRST.isdisjoint(line.text.split())
        for line in reading.lines
    )


def _further(url: str, links: Sequence[Link]) -> tuple[str, ...]:
    found: dict[int, str] = {}
    for link in links:
        number = part_number(url, link.url)
        if number and ("next" in link.rel or link.text == str(number)):
            found.setdefault(number, link.url)
    return tuple(found[number] for number in sorted(found))


def _first_page(url: str, links: Sequence[Link]) -> str:
    """The address of page 1, when this is a later one that links back to it as "1" or as the one before."""
    for link in links:
        number = part_number(link.url, url)
        if number and (link.text == "1" or "first" in link.rel or ("prev" in link.rel and number == 2)):
            return link.url
    return ""


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
        if part.lead and part.lead != parts[0].lead:
            blocks.append(Paragraph(part.lead))  # only page 1 has a lead; on the others it is how they begin
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
