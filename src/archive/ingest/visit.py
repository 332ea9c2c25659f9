"""Judging one capture: which article it shows, and whether that is as it was."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from archive import wire
from archive.ingest.captures import REDIRECTS, canonical_or_none
from archive.ingest.decide import Decision, article_id, decide, has_substance, same_text
from archive.ingest.late import LateVisit
from archive.ingest.places import Places
from archive.model import Article, ArticleState, Capture, Extraction, PageKind, Site, Version
from archive.store import Connection, ledger
from archive.store.ledger import CLAIMED, FETCHED, Standing

ReadAgain = Callable[[Connection, Capture, Site], Extraction | None]
"""What the present extractor finds in an earlier capture."""


class Visit:
    """One exchange being judged: reads first, then the rows of capture, article and version."""

    def __init__(
        self,
        connection: Connection,
        site: Site,
        capture: Capture,
        extraction: Extraction | None,
        read_again: ReadAgain,
    ) -> None:
        self._connection = connection
        self._read_again = read_again
        self._site = site
        self._capture = capture
        self._extraction = extraction
        self._places = Places(connection, site, capture)
        self._kind = extraction.kind.value if extraction is not None else ""
        self.decision = Decision.NOT_ARTICLE
        self.article: str | None = None
        self.version: int | None = None

    def judge(self) -> None:
        """Decide, and write what was decided."""
        status = self._capture.status
        if self._capture.method != "GET":
            self._add_capture(None)
        elif status in (404, 410) or self._kind == PageKind.SOFT_404:
            self._missing()
        elif status in REDIRECTS:
            self._redirected()
        elif status == 304 or (status == 200 and self._extraction is None):
            self._unread()
        elif status == 200 and self._extraction is not None and self._extraction.kind is PageKind.ARTICLE:
            self._read(self._extraction)
        else:
            self._add_capture(None)
            if status == 200:
                self._places.end_redirects(self._kind)

    # ------------------------------------------------------------------------- what a visit can show

    def _missing(self) -> None:
        """404, 410 or a page that says so: whatever stood here is gone, and so is what redirects here."""
        here = self._places.present()
        self._add_capture(here.article if here else None)
        if here is not None:
            self.decision = Decision.GONE
            self._places.leave(here)
        self._places.end_redirects(self._kind)

    def _redirected(self) -> None:
        """The article moved, or its address now leads to a list: seen when the target is known."""
        here = self._places.present()
        self._add_capture(here.article if here else None)
        target = self._capture.redirect_to
        if here is None or target is None or target == here.url:
            return
        there = ledger.alias(self._connection, self._site.id, target)
        if there is not None and there.article == here.article:
            self._places.leave(here)
            return
        known = ledger.last_judged(self._connection, self._site.id, target)
        if known is not None and self._places.ends(known, self._capture.status):
            self.decision = Decision.GONE
            self._places.leave(here)

    def _unread(self) -> None:
        """The bytes of an earlier capture again, or no page at all."""
        capture = self._capture
        earlier = ledger.last_judged(self._connection, self._site.id, capture.url, answered=True)
        if earlier is None and capture.status == 304 and capture.revisit_of is not None:
            earlier = ledger.judged(self._connection, capture.revisit_of)
        if earlier is not None and (
            earlier.capture.payload_digest != capture.payload_digest or earlier.capture.site != self._site.id
        ):
            earlier = None
        if earlier is not None:
            self._kind = earlier.kind
        if self._kind == PageKind.SOFT_404:
            self._missing()
        elif earlier is not None and earlier.article is not None and self._kind == PageKind.ARTICLE:
            self._add_capture(earlier.article)
            self.decision = Decision.SAME
            self._places.found(earlier.article)
        else:
            self._add_capture(None)
            if capture.mime.startswith("image/") and capture.status == 200:
                self._picture()
            elif self._kind:
                self._places.end_redirects(self._kind)

    def _read(self, extraction: Extraction) -> None:
        """An article: which one, and is it as it was?"""
        standing, decision = self._whose(extraction)
        if standing is None:
            self._new(extraction)
            return
        if self._capture.source and self._capture.at < standing.article.last_seen:
            self._late(standing.article.id, extraction)
            return
        self.decision = decision
        self._add_capture(standing.article.id)
        if decision is Decision.CHANGED:
            self._add_version(standing.article.id, standing.versions + 1, extraction)
            ledger.set_state(self._connection, standing.article.id, ArticleState.CHANGED, None)
            self._places.log(standing.article.id)
        self._places.found(standing.article.id)
        self._places.claim(standing.article.id, extraction)

    def _late(self, article: str, extraction: Extraction) -> None:
        """An import shows a known article at an unknown address, earlier than it was last found."""
        late = LateVisit(self._connection, self._site, self._capture, extraction, self._read_again)
        late.at_other_address(article, extraction)
        self.decision, self.article, self.version = late.decision, late.article, late.version

    # ---------------------------------------------------------------------------- which article it is

    def _whose(self, extraction: Extraction) -> tuple[Standing | None, Decision]:
        """The known article that the page shows, and whether it changed; None for a new one."""
        here = self._places.here
        if here is not None and here.basis == FETCHED:
            found = self._compare(here.article, extraction)
            if found is not None:
                standing, decision = found
                if decision is Decision.CHANGED and self._secondary(standing):
                    decision = Decision.SAME
                return standing, decision
        for article in self._candidates(extraction):
            found = self._compare(article, extraction)
            if found is not None and same_text(found[0].extraction, extraction):
                standing, decision = found
                return standing, Decision.SAME if self._secondary(standing) else decision
        return None, Decision.NEW

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

    def _compare(self, article: str, extraction: Extraction) -> tuple[Standing, Decision] | None:
        """The article and SAME or CHANGED; None when the page shows another article."""
        standing = ledger.standing(self._connection, article)
        if standing is None:
            return None
        standing = self._up_to_date(standing, extraction.extractor)
        decision = decide(standing.extraction, extraction)
        return None if decision is Decision.NEW else (standing, decision)

    def _up_to_date(self, standing: Standing, extractor: str) -> Standing:
        """Compare only what one extractor read: the earlier capture is read again when it has moved on."""
        if standing.shown == extractor:
            return standing
        again = self._read_again(self._connection, standing.capture, self._site)
        if again is None or again.extractor != extractor or again.kind is not PageKind.ARTICLE:
            return standing
        ledger.show(self._connection, standing.version, again)
        if wire.content_hash(again) != wire.content_hash(standing.extraction):
            self._places.log(standing.article.id)
        return dataclasses.replace(standing, extraction=again, shown=extractor)

    def _secondary(self, standing: Standing) -> bool:
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

    # ------------------------------------------------------------------------------------ writing it

    def _new(self, extraction: Extraction) -> None:
        connection, capture = self._connection, self._capture
        number = self._places.here.number + 1 if self._places.here is not None else 0
        identity = article_id(self._site.id, capture.url, number)
        self._add_capture(identity)
        article = Article(
            identity, self._site.id, capture.url, capture.at, capture.at, ArticleState.LIVE, None
        )
        ledger.add_article(connection, article)
        self._add_version(identity, 1, extraction)
        self.decision = Decision.NEW
        self._places.log(identity)
        self._places.found(identity)
        self._places.claim(identity, extraction)

    def _add_capture(self, article: str | None) -> None:
        self.article = article
        ledger.add_capture(self._connection, self._capture, kind=self._kind, article=article)

    def _add_version(self, article: str, number: int, extraction: Extraction) -> None:
        version = Version(
            article=article,
            number=number,
            capture=self._capture.id,
            at=self._capture.at,
            content_hash=wire.content_hash(extraction),
            extractor=extraction.extractor,
        )
        ledger.add_version(self._connection, version, extraction)
        self.version = number

    def _picture(self) -> None:
        """A picture came in: the article that shows it is to be indexed with it."""
        via = canonical_or_none(self._capture.via) if self._capture.via else None
        page = ledger.alias(self._connection, self._site.id, via) if via else None
        if page is not None:
            self._places.log(page.article)
