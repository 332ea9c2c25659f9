"""Draft a profile from a few pages of a site: what its fields' elements have in common."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

import numpy as np

from archive.extract.byline import parse_byline
from archive.extract.headline import find_title
from archive.extract.lines import Line, Reading, read
from archive.extract.profiles import compiled
from archive.extract.published import page_date_line
from archive.extract.roles import Role, is_utility
from archive.extract.shape import Content, choose, weigh
from archive.extract.structured import read_claims
from archive.extract.tree import Element, parse
from archive.model import Page
from archive.text.clean import decode

_DRAFTED = ("title", "lead", "body", "published", "byline", "section", "drop")
_NAME = re.compile(r"^[A-Za-z][\w-]{2,40}$")
_NUMBERED = re.compile(r"\d{2,}")
_COMMON = re.compile(
    r"^(?:(?:nav|text|btn|fa|icon|col|clear|margin|padding|float|img|d|is|has|pull|table|list|panel|modal|form)-"
    r"|(?:container|wrapper|content|header|footer|sidebar|main|menu|navbar|breadcrumb|clearfix|article|title|date"
    r"|category|description|active|current|hidden|page|post|body|search|social|item)s?$)",
    re.I,
)
"""Names that pages of any system have: no evidence of a family."""
_BODY = 0.75
"""Share of the kept text that the body's element must hold: the lead often stands outside."""


def suggest_profile(pages: Iterable[Page], name: str = "my-portal") -> str:
    """A profile as TOML text, to be looked over by a person.

    Give it three or more article pages. For each field it takes the selector that names one element on most
    of the pages; a field on which they do not agree is left as a comment.
    """
    votes: dict[str, Counter[str]] = {field: Counter() for field in _DRAFTED}
    evidence: Counter[str] = Counter()
    total = 0
    for page in pages:
        root = parse(decode(page.body, page.content_type).text)
        if root is None:
            continue
        claims, reading = read_claims(root), read(root)
        title, _, headline = find_title(root, reading, claims, None)
        content = choose(reading, weigh(reading, claims, headline, title))
        if content is None:
            continue
        total += 1
        body = _main_part(reading, content)
        votes["body"].update(_selectors(root, body))
        if headline >= 0:
            votes["title"].update(_selectors(root, reading.lines[headline].element))
        dated = page_date_line(reading, headline, content.bounds()[0])
        if dated is not None:
            votes["published"].update(_selectors(root, dated))
        for field, line in _marked_lines(reading, content):
            votes[field].update(_selectors(root, line.element))
        votes["section"].update(_breadcrumbs(root))
        votes["drop"].update(_foreign(reading, body))
        evidence.update(set(_evidence(root)))
    return _toml(name, total, votes, evidence)


def _main_part(reading: Reading, content: Content) -> Element:
    """The smallest element with most of the kept text: a stray line must not widen the body."""
    sizes = [len(line.text) if kept else 0 for line, kept in zip(reading.lines, content.keep, strict=True)]
    total = sum(sizes)
    boxes = (box for box in reading.containers if sum(sizes[box.start : box.end]) >= _BODY * total)
    return min(boxes, key=lambda box: box.end - box.start).element


def _marked_lines(reading: Reading, content: Content) -> Iterator[tuple[str, Line]]:
    """The lead and the signature, where elements of their own hold them."""
    kept = np.flatnonzero(content.keep).tolist()
    first, last = kept[0], kept[-1]
    for line in reading.lines[max(0, first - 3) : first + 1]:
        if line.near & Role.LEAD and len(line.text) > 40:
            yield "lead", line
            break
    for line in reading.lines[max(first + 1, last - 1) : last + 4]:
        if line.near & Role.AUTHOR and parse_byline(line.text, signed=True) is not None:
            yield "byline", line
            break


def _breadcrumbs(root: Element) -> list[str]:
    return [
        f"{mark} li:last-child a" if element.find(".//li") is not None else f"{mark} a"
        for element in root.iter("ul", "ol", "div", "nav")
        for mark in _marks(element)
        if "breadcrumb" in mark.lower() and element.find(".//a") is not None
    ][:4]


def _foreign(reading: Reading, body: Element) -> list[str]:
    """What stands within the body and names itself as other articles, sharing or tags."""
    found = []
    for box in reading.containers:
        if box.own & (Role.RELATED | Role.SHARE | Role.TAGS) and body in box.element.iterancestors():
            found += _marks(box.element)[:1]
    return list(dict.fromkeys(found))


def _selectors(root: Element, element: Element) -> list[str]:
    """Selectors that find this element alone on its page, the most telling first."""
    found: list[str] = []
    node = element
    for _ in range(4):
        if node is None or not isinstance(node.tag, str) or node.tag in ("body", "html"):
            break
        descend = "" if node is element else f" {element.tag}"
        for mark in (*_marks(node), node.tag if node is element else ""):
            selector = (mark if mark[:1] in "#." or mark == node.tag else "") + descend
            if mark and len(compiled(selector)(root)) == 1:
                found.append(selector)
        if found:
            break
        node = node.getparent()
    return found


def _marks(element: Element) -> list[str]:
    marks = []
    own = element.get("id") or ""
    if _NAME.match(own) and not _NUMBERED.search(own):
        marks.append(f"#{own}")
    if isinstance(element.tag, str):
        marks += [
            f".{c}"
            for c in (element.get("class") or "").split()[:8]
            if _NAME.match(c) and not _NUMBERED.search(c)
        ]
    return marks


def _evidence(root: Element) -> Iterator[str]:
    """Strings of the page's source that few other systems have: telling names, folders of the theme."""
    for element in root.iter():
        for mark in _marks(element):
            own = mark[1:]
            if len(own) > 5 and ("-" in own or "_" in own or own[1:] != own[1:].lower()) and _is_telling(own):
                yield own
    for element in root.iter("script", "link", "img"):
        address = element.get("src") or element.get("href") or ""
        folders = (
            [part for part in urlsplit(address).path.split("/")[:-1] if part] if ".." not in address else []
        )
        if len(folders) > 1 and not any(map(_NUMBERED.search, folders[:2])):
            yield f"/{folders[0]}/{folders[1]}/"


def _is_telling(name: str) -> bool:
    return not _COMMON.match(name) and not is_utility(name)


def _toml(name: str, total: int, votes: dict[str, Counter[str]], evidence: Counter[str]) -> str:
    lines = [f'name = "{name}"', f'title = "Drafted from {total} pages: look it over"', "", "[evidence]"]
    chosen = {
        field: [s for s, n in counter.most_common(3) if n * 2 > total] for field, counter in votes.items()
    }
    used = {
        mark for selectors in chosen.values() for s in selectors for mark in re.findall(r"[#.]([\w-]+)", s)
    }
    everywhere = [mark for mark, count in evidence.items() if count == total]
    everywhere.sort(key=lambda mark: (mark not in used, not mark.startswith("/"), -len(mark), mark))
    lines.append(f"markup = [{', '.join(map(_quoted, everywhere[:6]))}]")
    lines.append(f"minimum = {max(1, min(3, len(everywhere[:6]) - 1))}")
    lines += ["", "[fields]"]
    for field, selectors in chosen.items():
        if selectors:
            lines.append(f"{field} = [{', '.join(map(_quoted, selectors))}]")
        else:
            lines.append(f"# {field} = []  # the pages have no element in common; see `archive try`")
    lines += ["", "# [pages]", "# article = []  # patterns of addresses (path and query)", "# list = []", ""]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
