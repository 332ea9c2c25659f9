"""Judging one capture: which article it shows, and whether that is as it was."""

from __future__ import annotations

import dataclasses

from archive import wire
from archive.extract import relation, title_key
from archive.ingest.captures import REDIRECTS, canonical_or_none
from archive.ingest.decide import Decision, article_id
from archive.ingest.late import LateVisit
from archive.ingest.parts import GATHERING, Parts, carried, extractor_of
from archive.ingest.places import PERMANENT, Places
from archive.ingest.reading import PageReader
from archive.ingest.showing import note
from archive.ingest.whose import Whose
from archive.model import Article, ArticleState, Capture, Extraction, PageKind, Site, Version
from archive.store import Connection, ledger
from archive.store.ledger import FETCHED, Alias, Standing
from archive.store.parts import PART


class Visit:
    """One exchange being judged: reads first, then the rows of capture, article and version."""

    def __init__(
        self,
        connection: Connection,
        site: Site,
        capture: Capture,
        extraction: Extraction | None,
        pages: PageReader,
        *,
        is_foreign: bool = False,
    ) -> None:
        """
        :param is_foreign: the portal's domain is in other hands.
        """
        self._connection = connection
        self._is_foreign = is_foreign
        self._pages = pages
        self._parts = Parts(connection, site, pages)
        self._site = site
        self._capture = capture
        self._extraction = extraction
        self._places = Places(connection, site, capture)
        self._articles = Whose(connection, site, capture, self._places, pages, self._parts)
        self._kind = extraction.kind.value if extraction is not None else ""
        self.decision = Decision.NOT_ARTICLE
        self.article: str | None = None
        self.version: int | None = None

    def judge(self) -> None:
        """Decide, and write what was decided."""
        status = self._capture.status
        if self._capture.method != "GET":
            self._add_capture(None)
        elif self._is_foreign and status == 200:
            self._foreign()
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
        page = self._places.here
        if page is not None and page.basis == PART and page.gone_at is None:
            self._page_missing(page)
            return
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
        elif self._capture.status in PERMANENT and not self._places.within(target):
            if not self._places.leads_out(target):
                self.decision = Decision.GONE
            self._places.leave(here)

    def _foreign(self) -> None:
        """Another's page, since the portal's domain changed hands: what stood here is gone."""
        here = self._places.present()
        self._add_capture(here.article if here else None)
        if here is not None:
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
            if self._is_page_again(earlier.capture):
                return
            self._add_capture(earlier.article)
            self.decision = Decision.SAME
            self._places.found(earlier.article)
            self._drop_missing_pages(earlier.article)
        else:
            self._add_capture(None)
            if capture.mime.startswith("image/") and capture.status == 200:
                self._picture()
            elif self._kind:
                self._places.end_redirects(self._kind)

    def _read(self, extraction: Extraction) -> None:
        """An article: which one, and is it as it was?"""
        if self._is_later_page(extraction):
            return
        standing, decision = self._articles.find(extraction)
        if standing is None:
            self._new(extraction)
            return
        if self._capture.source and self._capture.at < standing.article.last_seen:
            self._late(standing.article.id, extraction)
            return
        self.decision = decision
        self._add_capture(standing.article.id)
        if decision is Decision.CHANGED:
            self._edited(standing, extraction)
        self._places.found(standing.article.id)
        self._places.claim(standing.article.id, extraction)
        if not self._articles.is_secondary(standing):
            self._claim_pages(standing.article.id, extraction)
            self._drop_missing_pages(standing.article.id)

    def _late(self, article: str, extraction: Extraction) -> None:
        """An import shows a known article at an unknown address, earlier than it was last found."""
        late = LateVisit(self._connection, self._site, self._capture, extraction, self._pages)
        late.at_other_address(article, extraction)
        self.decision, self.article, self.version = late.decision, late.article, late.version

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
        self._claim_pages(identity, extraction)

    def _edited(self, standing: Standing, extraction: Extraction) -> None:
        """Another text of page 1 begins a version, with the further pages as far as it still names them."""
        article, parts = standing.article.id, self._parts.of(standing)
        version = self._add_version(article, standing.versions + 1, extraction)
        if len(parts) > 1:
            kept = carried(parts, self._capture, extraction)
            self._parts.show(version, kept, extraction.extractor, newest=True)
        self._mark_edited(article)

    def _mark_edited(self, article: str) -> None:
        self._places.settle(article)
        self._places.log(article)

    # --------------------------------------------------------------------------- pages of one article

    def _claim_pages(self, article: str, extraction: Extraction) -> None:
        """Note where the article goes on, and take in what came from there already."""
        at, first = self._capture.at, self._capture.url
        for capture in self._parts.claim(article, first, extraction, at):
            page = self._parts.read(capture, extraction.extractor)
            if page is not None and page.kind is PageKind.ARTICLE:
                ledger.attribute(self._connection, capture.id, article)
                self._add_page(article, capture, page)

    def _is_later_page(self, extraction: Extraction) -> bool:
        """Take in page 2, 3 … of an article; False when the capture is no such page."""
        here = self._places.here
        article = here.article if here is not None and here.basis == PART else None
        if article is None and here is None:
            article = self._moved_page_of()
        if article is None and extraction.part_of and (here is None or here.basis != FETCHED):
            first = canonical_or_none(extraction.part_of)
            there = ledger.alias(self._connection, self._site.id, first) if first else None
            if there is None or there.basis != FETCHED:
                self._add_capture(None)  # it waits for page 1
                return True
            article = there.article
        if article is None or not self._is_page_of(article, extraction):
            return False
        self._add_capture(article)
        self.decision = self._add_page(article, self._capture, extraction)
        if here is None or here.basis != PART or here.gone_at is not None:
            number = here.number if here is not None else 0
            page = Alias(self._site.id, self._capture.url, number, article, PART, None)
            ledger.put_alias(self._connection, page, self._capture.at)
        ledger.seen(self._connection, article, self._capture.at)
        return True

    def _is_page_of(self, article: str, extraction: Extraction) -> bool:
        standing = ledger.standing(self._connection, article)
        if standing is None:
            return False
        same_title = title_key(standing.extraction.title) == title_key(extraction.title)
        return same_title and self._parts.position(article, self._capture.url) > 1

    def _moved_page_of(self) -> str | None:
        """The article a later page of which now redirects here."""
        moved = ledger.redirecting_here(self._connection, self._site.id, self._capture.url, basis=PART)
        return next((alias.article for alias, _ in moved), None)

    def _is_page_again(self, earlier: Capture) -> bool:
        """The bytes of an earlier capture of a later page: nothing new, unless it had been missing."""
        here = self._places.here
        if here is None or here.basis != PART:
            return False
        standing = ledger.standing(self._connection, here.article)
        if here.gone_at is not None and standing is not None:
            name = extractor_of(standing.shown)
            page = self._pages.read_capture(self._connection, self._site, earlier, name)
            if page is not None and self._is_later_page(page):
                return True
        self._add_capture(here.article)
        self.decision = Decision.SAME
        ledger.seen(self._connection, here.article, self._capture.at)
        return True

    def _add_page(self, article: str, capture: Capture, page: Extraction) -> Decision:
        """A later page: the first of its place, as it was, or edited."""
        standing = ledger.standing(self._connection, article)
        if standing is None:
            return Decision.NOT_ARTICLE
        parts = self._parts.of(standing)
        if relation(self._parts.first_alone(standing).extraction, page) == "same":
            return Decision.SAME  # page 1 again, under the number of its comments' second page
        position = self._parts.position(article, capture.url)
        ledger.put_extraction(self._connection, capture.id, page)
        known = parts.get(position)
        if known is not None:
            before = self._parts.read(known, page.extractor)
            if before is None or wire.content_hash(before) == wire.content_hash(page):
                return Decision.SAME
        parts |= {position: capture}
        begun = standing.version.at
        is_carried = known is not None and standing.version.number > 1 and known.at < begun
        is_gathering = known is None or (is_carried and capture.at - begun <= GATHERING)
        if is_gathering and not self._was_missing(capture):
            self._parts.show(standing.version, parts, page.extractor, newest=True)
            self._places.log(article)
            return Decision.SAME
        return self._page_edited(standing, parts, page.extractor)

    def _was_missing(self, capture: Capture) -> bool:
        here = self._places.here
        return here is not None and here.gone_at is not None and capture.url == here.url

    def _page_edited(self, standing: Standing, parts: dict[int, Capture], extractor: str) -> Decision:
        """Another text of a later page, or its end, begins a version."""
        article = standing.article.id
        whole = self._parts.joined(parts, extractor)
        if whole is None:
            return Decision.SAME
        version = self._add_version(article, standing.versions + 1, whole)
        self._parts.show(version, parts, extractor, newest=True)
        self._mark_edited(article)
        return Decision.CHANGED

    def _page_missing(self, page: Alias) -> None:
        """A later page is there no more: the article is shorter, or is gone with all its pages.

        Which of the two shows as soon as page 1 has been seen after the last time this one was.
        """
        self._add_capture(page.article)
        last = ledger.last_judged(self._connection, self._site.id, page.url, answered=True)
        gone = dataclasses.replace(page, gone_at=self._capture.at)
        ledger.put_alias(self._connection, gone, self._capture.at)
        standing = ledger.standing(self._connection, page.article)
        if standing is None or standing.article.state is ArticleState.GONE or last is None:
            return
        first = self._parts.of(standing)[1]
        seen = ledger.last_judged(self._connection, self._site.id, first.url, answered=True)
        if seen is not None and seen.capture.at > last.capture.at:
            self._drop_missing_pages(page.article)

    def _drop_missing_pages(self, article: str) -> None:
        """Page 1 stands, and another was found missing: the article is shorter, which is an edit."""
        standing = ledger.standing(self._connection, article)
        parts = self._parts.of(standing) if standing is not None else {}
        if standing is None or len(parts) == 1:
            return
        kept = {place: page for place, page in parts.items() if place == 1 or self._is_there(page.url)}
        if len(kept) < len(parts):
            self.decision = self._page_edited(standing, kept, extractor_of(standing.shown))

    def _is_there(self, url: str) -> bool:
        alias = ledger.alias(self._connection, self._site.id, url)
        return alias is None or alias.gone_at is None

    # ------------------------------------------------------------------------------------ rows

    def _add_capture(self, article: str | None) -> None:
        self.article = article
        ledger.add_capture(self._connection, self._capture, kind=self._kind, article=article)

    def _add_version(self, article: str, number: int, extraction: Extraction) -> Version:
        version = Version(
            article=article,
            number=number,
            capture=self._capture.id,
            at=self._capture.at,
            content_hash=wire.content_hash(extraction),
            extractor=extraction.extractor,
        )
        ledger.add_version(self._connection, version, extraction)
        note(self._connection, self._site.id, article, extraction)
        self.version = number
        return version

    def _picture(self) -> None:
        """A picture came in: the article that shows it is to be indexed with it."""
        via = canonical_or_none(self._capture.via) if self._capture.via else None
        page = ledger.alias(self._connection, self._site.id, via) if via else None
        if page is not None:
            self._places.log(page.article)
