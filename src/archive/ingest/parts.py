"""Articles of several pages: one article, whose evidence is all of their captures.

Each page is compared with the same page as it was, read by the same extractor; what readers see is made of
all pages. The article's id and its first version come from page 1; that the others come in after it is no
edit. An edit of any page begins a version (docs/decisions/0043-pages-of-one-article.md).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping

from archive.extract import join, part_number
from archive.ingest.captures import canonical_or_none
from archive.ingest.reading import PageReader
from archive.ingest.showing import show
from archive.model import Capture, Extraction, PageKind, Site, Version
from archive.store import Connection, ledger
from archive.store.ledger import Alias, Standing
from archive.store.parts import PAGES_MARK, PART, parts_of, put_parts

GATHERING = dt.timedelta(days=1)
"""How long after the beginning of a version its other pages, seen for the first time since, belong to it."""


def joined_name(extractor: str, number: int) -> str:
    """The name under which an extraction made of so many pages is kept."""
    return f"{extractor}{PAGES_MARK}{number}"


def extractor_of(shown: str) -> str:
    """The extractor that read the pages of what is kept under a name."""
    return shown.partition(PAGES_MARK)[0]


class Parts:
    """The pages of a site's articles, within one transaction."""

    def __init__(self, connection: Connection, site: Site, pages: PageReader) -> None:
        self._connection, self._site, self._pages = connection, site, pages

    def position(self, article: str, url: str) -> int:
        """Which page of an article an address is, from 2, by any of its addresses; 0 when it is none."""
        addresses = ledger.article_aliases(self._connection, article)
        return max((part_number(place.url, url) for place in addresses), default=0)

    def of(self, standing: Standing) -> dict[int, Capture]:
        """The captures that make up an article's newest version, page 1 always among them."""
        found = parts_of(self._connection, standing.article.id, standing.version.number)
        return found or {1: standing.capture}

    def first_alone(self, standing: Standing) -> Standing:
        """An article as its page 1 alone says it: what page 1 is compared with."""
        parts = parts_of(self._connection, standing.article.id, standing.version.number)
        if not parts:
            return standing
        name = extractor_of(standing.shown)
        found = ledger.extraction(self._connection, parts[1].id, name) or self.read(parts[1], name)
        return dataclasses.replace(
            standing,
            extraction=found if found is not None else standing.extraction,
            shown=name if found is not None else standing.shown,
            capture=parts[1],
        )

    def read(self, capture: Capture, extractor: str) -> Extraction | None:
        """What a page says to an extractor; kept, so that it is read once. None when it cannot be read so."""
        stored = ledger.extraction(self._connection, capture.id, extractor)
        if stored is not None:
            return stored
        found = self._pages.read_capture(self._connection, self._site, capture, extractor)
        if found is not None:
            ledger.put_extraction(self._connection, capture.id, found)
        return found

    def show(self, version: Version, parts: Mapping[int, Capture], extractor: str, *, newest: bool) -> bool:
        """Note which captures make up a version, and let readers see what they say together.

        :returns: False when page 1 cannot be read by that extractor; nothing is changed then.
        """
        whole = self.joined(parts, extractor)
        if whole is None:
            return False
        numbers = {position: capture.id for position, capture in parts.items()}
        put_parts(self._connection, version.article, version.number, numbers)
        show(self._connection, self._site.id, version, whole, newest=newest)
        return True

    def joined(self, parts: Mapping[int, Capture], extractor: str) -> Extraction | None:
        """One extraction of an article's pages; None when page 1 cannot be read, or is no article."""
        found = [self.read(parts[position], extractor) for position in sorted(parts)]
        if found[0] is None or found[0].kind is not PageKind.ARTICLE:
            return None
        articles = [item for item in found if item is not None and item.kind is PageKind.ARTICLE]
        return dataclasses.replace(join(articles), extractor=joined_name(extractor, len(parts)))

    def claim(self, article: str, first: str, extraction: Extraction, at: dt.datetime) -> list[Capture]:
        """Note the addresses of an article's further pages, where nothing else stands.

        :param first: address of page 1.
        :returns: captures of such pages that came in before page 1 was known.
        """
        waiting = []
        for named in extraction.parts:
            url = canonical_or_none(named)
            if url is None or not part_number(first, url):
                continue
            there = ledger.alias(self._connection, self._site.id, url)
            if there is not None:
                continue
            ledger.put_alias(self._connection, Alias(self._site.id, url, 0, article, PART, None), at)
            known = ledger.last_judged(self._connection, self._site.id, url, answered=True)
            if known is not None and known.kind == PageKind.ARTICLE and known.article is None:
                waiting.append(known.capture)
        return waiting


def carried(parts: Mapping[int, Capture], first: Capture, extraction: Extraction) -> dict[int, Capture]:
    """The pages of a version that begins with another capture of page 1: as far as that still leads."""
    last = max((part_number(first.url, url) for url in extraction.parts), default=1)
    return {1: first} | {position: item for position, item in parts.items() if 1 < position <= last}
