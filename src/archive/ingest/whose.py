"""Which known article a page shows, and whether it is as it was.

Only what one extractor has read, with one knowledge of the site, is compared: an earlier capture that was
read otherwise is read again.
"""

from __future__ import annotations

import dataclasses

from archive import wire
from archive.extract import is_print_view, relation, title_key
from archive.ingest.decide import Decision, decide, has_substance, same_article, same_text
from archive.ingest.emptied import decide_emptied, is_emptied
from archive.ingest.parts import Parts
from archive.ingest.places import Places
from archive.ingest.reading import PageReader
from archive.ingest.showing import show
from archive.model import Capture, Extraction, PageKind, Site
from archive.store import Connection, ledger, titles
from archive.store.ledger import CLAIMED, FETCHED, Standing

_TITLED = 8
"""Articles of one title that are compared: "Thông báo" is the title of hundreds."""


class Whose:
    """The known articles that one capture may show. Reads; and shows what it had to read again."""

    def __init__(
        self,
        connection: Connection,
        site: Site,
        capture: Capture,
        places: Places,
        pages: PageReader,
        parts: Parts,
    ) -> None:
        self._connection, self._site, self._capture = connection, site, capture
        self._places, self._pages, self._parts = places, pages, parts

    def find(self, extraction: Extraction) -> tuple[Standing | None, Decision]:
        """The known article that the page shows, and whether it changed; None for a new one."""
        here = self._places.here
        if here is not None and here.basis == FETCHED:
            found = self._compare(here.article, extraction)
            if found is not None:
                standing, decision = found
                if decision is Decision.CHANGED and self.is_secondary(standing):
                    decision = Decision.SAME
                return standing, decision
        claimed = self._candidates(extraction)
        for article in claimed:
            found = self._compare(article, extraction)
            if found is not None and (is_emptied(found[0]) or same_text(found[0].extraction, extraction)):
                return self._seen_elsewhere(*found)
        for article in self._titled(extraction):
            found = self._compare(article, extraction) if article not in claimed else None
            if found is not None and self._is_view(found[0], extraction):
                return self._seen_elsewhere(*found)
        return None, Decision.NEW

    def _seen_elsewhere(self, standing: Standing, decision: Decision) -> tuple[Standing, Decision]:
        return standing, Decision.SAME if self.is_secondary(standing) else decision

    def _candidates(self, extraction: Extraction) -> list[str]:
        """Articles that could stand at this address for another reason than having stood here."""
        connection, site, url = self._connection, self._site.id, self._capture.url
        found = (
            [self._places.here.article]
            if self._places.here is not None and self._places.here.basis == CLAIMED
            else []
        )
        named = self._places.named(extraction)
        if named is not None and (there := ledger.alias(connection, site, named)) is not None:
            found.append(there.article)
        found += [alias.article for alias, _ in ledger.redirecting_here(connection, site, url)]
        if has_substance(extraction):
            same = ledger.article_with_content(connection, site, wire.content_hash(extraction))
            found += [same] if same is not None else []
        return list(dict.fromkeys(found))

    def _titled(self, extraction: Extraction) -> list[str]:
        """Articles that bear the page's title, where it says enough to be compared by."""
        if not has_substance(extraction):
            return []
        title = title_key(extraction.title)
        return titles.articles_titled(self._connection, self._site.id, title, _TITLED)

    def _is_view(self, standing: Standing, extraction: Extraction) -> bool:
        """Whether a page of the same title is another view of an article: its text, and no other day.

        A print view often bears no date, or that of the printing.
        """
        if relation(standing.extraction, extraction) != "same":
            return False
        one, other = standing.extraction.published, extraction.published
        is_print = is_print_view(self._capture.url) or is_print_view(standing.article.url)
        return is_print or one is None or other is None or one.day == other.day

    def _compare(self, article: str, extraction: Extraction) -> tuple[Standing, Decision] | None:
        """The article and SAME or CHANGED; None when the page shows another article."""
        standing = ledger.standing(self._connection, article)
        if standing is None:
            return None
        if is_emptied(standing):
            return standing, decide_emptied(self._connection, standing, extraction)
        standing = self._parts.first_alone(standing)
        earlier = self._as_read_by(standing, extraction.extractor)
        if earlier is None:
            # Only what was read in the same way tells an edit; whether it is the article shows all the same.
            decision = Decision.SAME
        elif earlier.kind is PageKind.ARTICLE:
            standing = dataclasses.replace(standing, extraction=earlier)
            decision = decide(earlier, extraction)
            return None if decision is Decision.NEW else (standing, decision)
        else:
            decision = Decision.CHANGED
        return (standing, decision) if same_article(standing.extraction, extraction) else None

    def _as_read_by(self, standing: Standing, extractor: str) -> Extraction | None:
        """What the article's newest version says to an extractor, and readers are shown it from now on.

        None when no capture of it can be read so.
        """
        if standing.shown == extractor:
            return standing.extraction
        again = self._pages.read_capture(self._connection, self._site, standing.capture, extractor)
        if again is None:
            return self._other_evidence(standing, extractor)
        if again.kind is not PageKind.ARTICLE:
            return again
        parts = self._parts.of(standing)
        if len(parts) > 1:
            ledger.put_extraction(self._connection, standing.capture.id, again)
            self._parts.show(standing.version, parts, extractor, newest=True)
        else:
            show(self._connection, self._site.id, standing.version, again)
        if wire.content_hash(again) != wire.content_hash(standing.extraction):
            self._places.log(standing.article.id)
        return again

    def _other_evidence(self, standing: Standing, extractor: str) -> Extraction | None:
        """What another capture of the same version says, when that of the version itself is damaged."""
        since = standing.version.at
        for capture in ledger.captures_of(self._connection, standing.article.id, standing.capture.url, since):
            found = self._pages.read_capture(self._connection, self._site, capture, extractor)
            if found is not None:
                return found
        return None

    def is_secondary(self, standing: Standing) -> bool:
        """Whether this address is only another view of the article, whose first address still stands.

        A print view or a feed's view differs a little; if it counted, each crawl would see two edits.
        """
        if self._capture.url == standing.article.url:
            return False
        first = ledger.alias(self._connection, self._site.id, standing.article.url)
        moved = {
            item.url
            for item, _ in ledger.redirecting_here(self._connection, self._site.id, self._capture.url)
        }
        return (
            first is not None
            and first.article == standing.article.id
            and first.gone_at is None
            and first.url not in moved
        )
