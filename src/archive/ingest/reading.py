"""Reading pages with what is known of their site, now and as it was known before."""

from __future__ import annotations

import dataclasses
import hashlib
import logging

from archive.errors import ContentError, DamagedRecordError
from archive.extract import EXTRACTOR, SiteKnowledge, extract, knowledge_number, learn
from archive.ingest.ahead import ReadAhead
from archive.model import Capture, Extraction, Page, Site, header
from archive.store import Connection, knowledge, queries
from archive.warc import Folder, read_exchange, read_payload

_LOG = logging.getLogger(__name__)

_FIRST = (12, 48)
"""Articles of a site at which it is first learnt what recurs there."""
_LATER = 200
"""Further on, once in so many articles: chosen by the article's id, so that nothing need be counted."""
_PAGES = 40
"""Pages that are learnt from: the site's newest articles."""
_AT_THE_EDGE = 0.8


class PageReader:
    """Reads pages, with the newest knowledge of their site or an earlier version of it."""

    def __init__(self, warc_dir: Folder) -> None:
        self._warc_dir = warc_dir
        self._kept: dict[tuple[str, int], SiteKnowledge] = {}
        self.ahead: ReadAhead | None = None
        """Other processes that may have read a page already."""

    def knowledge(self, connection: Connection, site: str, number: int | None = None) -> SiteKnowledge | None:
        """What was learnt of a site; None when nothing was.

        :param number: which version; None for the newest.
        """
        if number is None:
            number = knowledge.newest(connection, site)
        if not number:
            return None
        key = site, number
        if key not in self._kept:
            text = knowledge.text(connection, site, number)
            if text is None:
                return None
            self._kept[key] = dataclasses.replace(SiteKnowledge.from_json(text), number=number)
        return self._kept[key]

    def name(self, connection: Connection, site: str) -> str:
        """What an extraction of a page of the site would be called now."""
        known = self.knowledge(connection, site)
        return EXTRACTOR if known is None else known.name(EXTRACTOR)

    def read(self, connection: Connection, site: Site, page: Page) -> Extraction:
        """What a page says, by the newest knowledge."""
        known = self.knowledge(connection, site.id)
        if self.ahead is not None:
            found = self.ahead.take(page, site.profile, known.number if known is not None else 0)
            if found is not None:
                return found
        return extract(page, profile=site.profile, knowledge=known)

    def read_capture(
        self, connection: Connection, site: Site, capture: Capture, extractor: str
    ) -> Extraction | None:
        """What a captured page says to the extractor of a name.

        :param extractor: name of another extraction, as it stands there: with the same knowledge of the site.
        :returns: None when the record cannot be read, or when this program no longer has that extractor.
        """
        try:
            page = self._page(connection, capture)
        except (DamagedRecordError, ContentError) as error:
            _LOG.warning("%s cannot be read again: %s", capture.url, error)
            return None
        known = self.knowledge(connection, site.id, knowledge_number(extractor))
        found = extract(page, profile=site.profile, knowledge=known)
        return found if found.extractor == extractor else None

    def learn(self, connection: Connection, site: Site, article: str, capture: Capture) -> bool:
        """After a site's new article: learn, if it is time to, what recurs on its pages.

        When it is time, and from which pages, follows from what was captured before in the same order; so a
        replay learns the same. What was learnt once is kept, since old pages bear old slogans.

        :returns: whether the site has a new version of its knowledge.
        """
        if not _is_due(connection, site.id, article):
            return False
        before = self.knowledge(connection, site.id)
        known = before.boilerplate if before is not None else frozenset()
        pages = self._pages(connection, site.id)
        found = known | _template_lines(pages, site)
        if found == known:
            return False
        number = knowledge.newest(connection, site.id) + 1
        made = SiteKnowledge(len(pages), frozenset(found))
        knowledge.add(connection, site.id, number, made.to_json(), capture.at)
        return True

    def _pages(self, connection: Connection, site: str) -> list[Page]:
        pages = []
        for capture in knowledge.newest_pages(connection, site, _PAGES):
            try:
                pages.append(self._page(connection, capture))
            except (DamagedRecordError, ContentError):
                continue  # `archive verify` names it
        return pages

    def payload(self, connection: Connection, capture: Capture) -> bytes:
        """What an earlier capture brought, content-coding removed.

        :raises DamagedRecordError, ContentError: as `read_payload`.
        """
        return read_payload(self._warc_dir, capture, lambda item: queries.capture(connection, item))

    def _page(self, connection: Connection, capture: Capture) -> Page:
        kind = header(read_exchange(self._warc_dir, capture.ref).headers, "content-type")
        return Page(capture.url, self.payload(connection, capture), kind or capture.mime)


def _is_due(connection: Connection, site: str, article: str) -> bool:
    last = _FIRST[-1]
    number = knowledge.article_count(connection, site, last + 1)
    if number <= last:
        return number in _FIRST
    return int.from_bytes(hashlib.sha256(article.encode()).digest()[:4]) % _LATER == 0


def _template_lines(pages: list[Page], site: Site) -> set[str]:
    """Lines that recur over the site, and that would be taken for the beginning or end of its articles.

    A line that recurs elsewhere does no harm, and one that recurs amid the text is a turn of phrase: what a
    template sets around every article stands above or below it. Signatures and captions are never learnt.
    """
    recurring = learn(pages).boilerplate
    taken: dict[str, int] = {}
    at_the_edge: dict[str, int] = {}
    apart: set[str] = set()
    for page in pages:
        plain = extract(page, profile=site.profile)
        texts = [plain.lead, *plain.body()]
        apart |= {plain.title, plain.byline.text, *plain.captions()}
        for text in recurring.intersection(texts):
            taken[text] = taken.get(text, 0) + 1
        for text in _edges(texts, recurring):
            at_the_edge[text] = at_the_edge.get(text, 0) + 1
    return {
        text
        for text, number in taken.items()
        if at_the_edge.get(text, 0) >= _AT_THE_EDGE * number and text and text not in apart
    }


def _edges(texts: list[str], recurring: frozenset[str]) -> set[str]:
    """The recurring texts that stand before and after all others."""
    shown = [text for text in texts if text]
    own = [index for index, text in enumerate(shown) if text not in recurring]
    if not own:
        return set()
    return set(shown[: own[0]]) | set(shown[own[-1] + 1 :])
