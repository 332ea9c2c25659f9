"""From a page to an extraction: the order of the steps, readable on one screen.

1. Bytes to text (charset by evidence), text to a tree (lxml, within bounds).
2. The page's claims about itself, and the family of portals it belongs to.
3. Its lines and containers; the part with the greatest weight is the article.
4. That part alone goes through BeautifulSoup, into a row of texts and pictures, into blocks.
5. Title, lead, dates, byline, section; and what the page is when it is no article.
"""

from __future__ import annotations

import logging
import re

import numpy as np
from numpy.typing import NDArray

from archive.extract import captions
from archive.extract import items as walk
from archive.extract.blocks import blocks_of
from archive.extract.datelines import without_datelines
from archive.extract.fields import Fields
from archive.extract.headline import find_title, key
from archive.extract.joined import are_shown, paging_links, with_pages
from archive.extract.kinds import list_or_article, not_article
from archive.extract.knowledge import SiteKnowledge
from archive.extract.lines import Reading, read
from archive.extract.pictures import absolute
from archive.extract.profiles import Matched, profiles, recognise
from archive.extract.prune import keep_attachments, prune
from archive.extract.published import Dates
from archive.extract.shape import Content, choose, weigh, within
from archive.extract.soup import release, soup_of, without_collection
from archive.extract.structured import Claims, read_claims
from archive.extract.tree import Element, parse, recode_tree
from archive.model import Extraction, Page, PageKind, Trace
from archive.text.clean import decode
from archive.text.legacy import repair

EXTRACTOR = "district-3"
"""Name and version of the extractor: another number whenever the same page may give another result."""

_log = logging.getLogger(__name__)
_LETTERS = "ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ"
_VIETNAMESE = re.compile(f"[{_LETTERS}{_LETTERS.upper()}]")  # both cases told: much faster than IGNORECASE


def extract(page: Page, *, profile: str | None = None, knowledge: SiteKnowledge | None = None) -> Extraction:
    """What a page says.

    Never raises and always ends: time and memory grow in proportion to the page, which is read up to
    `tree.MAX_CHARS` characters and `lines.MAX_LINES` lines.

    :param page: a body with content-coding removed, and where it came from.
    :param profile: name of a profile to use whatever the evidence; an unknown name is as None.
    :param knowledge: what recurs on the site's pages, from `learn`; the result's `extractor` names it.
    """
    try:
        with without_collection():
            found = _extract(page, profile, knowledge)
        return found if knowledge is None else knowledge.applied(found)
    except (
        Exception
    ) as error:  # the page of a stranger must not end a crawl of days; the tests let it through
        _log.exception("extracting %s failed", page.url)
        name = EXTRACTOR if knowledge is None else knowledge.name(EXTRACTOR)
        reason = f"the extractor failed: {type(error).__name__}: {error}"[:300]
        return Extraction(PageKind.OTHER, name, reason=reason)


def _extract(page: Page, forced: str | None, knowledge: SiteKnowledge | None) -> Extraction:
    decoded = decode(page.body, page.content_type)
    root = parse(decoded.text)
    if root is None:
        return Extraction(PageKind.EMPTY, EXTRACTOR, reason="no markup")
    claims = read_claims(root)
    base = absolute(page.url, claims.base) or page.url if claims.base else page.url
    source = decoded.text.encode("utf-8", "replace") if decoded.charset.startswith("utf-16") else page.body
    chosen = (
        (profiles()[forced], "asked for")
        if forced in profiles()
        else recognise(root, source, claims.first("generator")[0])
    )
    family = Matched(chosen[0], root) if chosen is not None else None
    notes = _charset_note(decoded.basis, decoded.charset)
    reading = read(root)
    title, title_rule, headline = find_title(root, reading, claims, family)
    content = _content(root, reading, claims, family, knowledge, headline, title)
    if content is not None and (found := repair(_kept_text(reading, content))) is not None:
        recode_tree(root, found.scheme)
        notes += (f"encoding: {found.scheme}, {found.words} words repaired",)
        claims, reading = read_claims(root), read(root)
        title, title_rule, headline = find_title(root, reading, claims, family)
        content = _content(root, reading, claims, family, knowledge, headline, title)
    words = _words(reading, content)
    lang = claims.lang or ""
    vietnamese = _is_vietnamese(reading, content, lang)
    canonical = absolute(base, claims.canonical) if claims.canonical else ""
    trace = [Trace("profile", chosen[1][:200], chosen[0].title)] if chosen is not None else []
    trace += [Trace("title", title_rule, title[:120])] if title else []
    other = not_article(root, decoded.text, claims, reading, page.url, title, words)
    if other is not None:
        return Extraction(
            other[0],
            EXTRACTOR,
            profile=family.name if family else "",
            title=title,
            canonical=canonical,
            lang=lang,
            reason=other[1],
            notes=notes,
            trace=tuple(trace),
        )
    links = paging_links(root, page.url)  # now: the body's part of the tree is taken apart below
    start, end = content.bounds() if content is not None else (0, 0)
    dates = Dates(claims, family, root, reading, page.url, vietnamese=vietnamese)
    published, modified = dates.published(headline, start, end), dates.modified()
    fields = Fields(root, reading, claims, family, content, headline, title, vietnamese=vietnamese)
    section = fields.section()
    outer = fields.outer_byline()
    items: list[walk.Item] = []
    dropped: list[Trace] = []
    if content is not None:
        items, dropped = _items(reading, content, base, title, vietnamese=vietnamese)
        trace.append(Trace("body", content.rule, f"{len(items)} texts and pictures"))
    byline, items = fields.byline(items, outer)
    lead, items = fields.lead(items)
    blocks = blocks_of(items)
    for name, fact in (("published", published), ("modified", modified)):
        if fact is not None:
            trace.append(Trace(name, fact.basis, fact.text))
    trace.extend(fields.trace)
    paragraphs = sum(
        isinstance(item, walk.TextItem) and item.kind == "p" and len(item.text) > 60 for item in items
    )
    kind, reason = list_or_article(
        reading,
        claims,
        family,
        page.url,
        words,
        paragraphs,
        start,
        end,
        has_body=content is not None and content.rule.startswith("profile"),
        headed=headline >= 0 and reading.lines[headline].tag in ("h1", "h2") and "confirmed" in title_rule,
        dated=published is not None,
    )
    whole = Extraction(
        kind,
        EXTRACTOR,
        profile=family.name if family else "",
        title=title,
        lead=lead,
        blocks=blocks,
        published=published,
        modified=modified,
        byline=byline,
        section=section,
        canonical=canonical,
        lang=lang,
        reason=reason,
        notes=notes,
        trace=tuple(trace),
        dropped=tuple(dropped),
    )
    return with_pages(page.url, whole, links) if links and are_shown(links, reading) else whole


def _content(
    root: Element,
    reading: Reading,
    claims: Claims,
    family: Matched | None,
    knowledge: SiteKnowledge | None,
    headline: int,
    title: str,
) -> Content | None:
    """The article's part: where the profile says, when that holds text; else by the page's shape."""
    probability = weigh(reading, claims, headline, title)
    if knowledge is not None:
        probability[[n for n, line in enumerate(reading.lines) if knowledge.is_boilerplate(line.text)]] = 0.0
    wanted = key(title)
    if wanted:
        like = [
            n
            for n, line in enumerate(reading.lines)
            if abs(len(line.text) - len(title)) < 30 and key(line.text) == wanted
        ]
        probability[like] = 0.0
    shape = choose(reading, probability)
    content = shape
    if family is not None:
        content = _by_profile(reading, probability, family, max(10, _words(reading, shape) // 2)) or shape
    if content is not None:
        keep_attachments(reading, content)
    if (
        content is not None
        and family is not None
        and (unwanted := set(family.find_all("drop", content.container.element)))
    ):
        for container in reading.containers:
            if container.element in unwanted:
                content.keep[container.start : container.end] = False
        if not content.keep.any():
            return None
    return content


def _by_profile(
    reading: Reading, probability: NDArray[np.float64], family: Matched, least: int
) -> Content | None:
    """What the profile's selectors name as the body, when it holds at least so many words."""
    for selector in family.selectors("body"):
        if elements := family.select(selector):
            content = within(reading, probability, elements, f"profile:{family.name} {selector}")
            if content is not None and _words(reading, content) >= least:
                return content
    return None


def _items(
    reading: Reading, content: Content, base: str, title: str, *, vietnamese: bool
) -> tuple[list[walk.Item], list[Trace]]:
    """The article's part as a row of texts and pictures, captions tied to their pictures."""
    dropped = prune(reading, content)
    soup = soup_of(content.container.element)
    row = walk.Walk(base).run(soup)
    release(soup)
    row = without_datelines(captions.pair(row, vietnamese=vietnamese))
    return [
        item for item in row if not (isinstance(item, walk.TextItem) and (item.dropped or item.text == title))
    ], dropped


def _kept_text(reading: Reading, content: Content) -> str:
    return "\n".join(reading.lines[index].text for index in np.flatnonzero(content.keep)[:400])


def _words(reading: Reading, content: Content | None) -> int:
    if content is None:
        return 0
    start, end = content.container.start, content.container.end
    kept = [reading.lines[start + i] for i in np.flatnonzero(content.keep[start:end]).tolist()]
    return sum(line.text.count(" ") + 1 for line in kept if line.linked * 2 < len(line.text))


def _is_vietnamese(reading: Reading, content: Content | None, lang: str) -> bool:
    if lang.lower().startswith("vi"):
        return True
    span = range(content.container.start, content.container.end) if content else range(len(reading.lines))
    text = " ".join(reading.lines[i].text for i in list(span)[:60])[:6_000]
    return len(_VIETNAMESE.findall(text)) * 25 > len(text) > 0


def _charset_note(basis: str, charset: str) -> tuple[str, ...]:
    return (f"charset: {charset} by {basis}",) if basis == "content" and charset != "utf-8" else ()
