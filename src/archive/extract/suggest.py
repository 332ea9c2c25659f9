"""Draft a profile from a few pages of a site: what its fields' elements have in common."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from archive.extract.headline import find_title
from archive.extract.lines import Reading, read
from archive.extract.profiles import compiled
from archive.extract.published import page_date_line
from archive.extract.shape import Content, choose, weigh
from archive.extract.structured import read_claims
from archive.extract.tree import Element, parse
from archive.model import Page
from archive.text.clean import decode

_NAME = re.compile(r"^[A-Za-z][\w-]{2,40}$")
_NUMBERED = re.compile(r"\d{2,}")


def suggest_profile(pages: Iterable[Page], name: str = "my-portal") -> str:
    """A profile as TOML text, to be looked over by a person.

    Give it three or more article pages. For each field it takes the selector that names one element on most
    of the pages; a field on which they do not agree is left as a comment.
    """
    votes: dict[str, Counter[str]] = {field: Counter() for field in ("title", "body", "published")}
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
        votes["body"].update(_selectors(root, _main_part(reading, content)))
        if headline >= 0:
            votes["title"].update(_selectors(root, reading.lines[headline].element))
        dated = page_date_line(reading, headline, content.bounds()[0])
        if dated is not None:
            votes["published"].update(_selectors(root, dated))
        evidence.update({mark for element in root.iter() for mark in _marks(element)})
    return _toml(name, total, votes, evidence)


def _main_part(reading: Reading, content: Content) -> Element:
    """The smallest element with nine tenths of the kept text: a stray line must not widen the body."""
    sizes = [len(line.text) if kept else 0 for line, kept in zip(reading.lines, content.keep, strict=True)]
    total = sum(sizes)
    boxes = (box for box in reading.containers if sum(sizes[box.start : box.end]) >= 0.9 * total)
    return min(boxes, key=lambda box: box.end - box.start).element


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


def _toml(name: str, total: int, votes: dict[str, Counter[str]], evidence: Counter[str]) -> str:
    lines = [f'name = "{name}"', f'title = "Drafted from {total} pages: look it over"', "", "[evidence]"]
    chosen = {
        field: [s for s, n in counter.most_common(3) if n * 2 > total] for field, counter in votes.items()
    }
    used = {
        mark
        for selectors in chosen.values()
        for selector in selectors
        for mark in re.findall(r"[#.][\w-]+", selector)
    }
    everywhere = [mark[1:] for mark, count in evidence.most_common() if count == total and mark in used]
    lines.append(f"markup = [{', '.join(_quoted(mark) for mark in everywhere[:5])}]")
    lines.append(f"minimum = {max(1, min(2, len(everywhere[:5])))}")
    lines += ["", "[fields]"]
    for field, selectors in chosen.items():
        if selectors:
            lines.append(f"{field} = [{', '.join(map(_quoted, selectors))}]")
        else:
            lines.append(f"# {field}: the pages have no element in common; see `archive try`")
    lines += ["# lead, byline, section, drop: lists of CSS selectors, where the portal marks them", ""]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
