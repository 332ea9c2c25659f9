"""Judging one capture: which article it shows, and whether that is as it was."""

from __future__ import annotations

import dataclasses

from archive import wire
from archive.extract import is_print_view, part_number, relation, title_key
from archive.ingest.captures import REDIRECTS, canonical_or_none
from archive.ingest.decide import Decision, article_id, decide, has_substance, same_article, same_text
from archive.ingest.emptied import decide_emptied, is_emptied
from archive.ingest.late import LateVisit
from archive.ingest.parts import GATHERING, Parts, carried, extractor_of
from archive.ingest.places import PERMANENT, Places
from archive.ingest.reading import PageReader
from archive.ingest.showing import note, show
from archive.model import Article, ArticleState, Capture, Extraction, PageKind, Site, Version
from archive.store import Connection, ledger, titles
from archive.store.ledger import CLAIMED, FETCHED, Alias, Standing
from archive.store.parts import PART

_TITLED = 8
"""Articles of one title that are compared: "Thông báo" is the title of hundreds."""


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
            self._edited(standing, extraction)
        self._places.found(standing.article.id)
        self._places.claim(standing.article.id, extraction)
        if not self._secondary(standing):
            self._claim_pages(standing.article.id, extraction)

    def _late(self, article: str, extraction: Extraction) -> None:
        """An import shows a known article at an unknown address, earlier than it was last found."""
        late = LateVisit(self._connection, self._site, self._capture, extraction, self._pages)
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
        return standing, Decision.SAME if self._secondary(standing) else decision

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
        first = self._parts.of(standing)[1]
        same_title = title_key(standing.extraction.title) == title_key(extraction.title)
        return same_title and part_number(first.url, self._capture.url) > 1

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
        position = part_number(parts[1].url, capture.url)
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
        """A later page is there no more: the article is shorter, which is an edit."""
        self._add_capture(page.article)
        gone = dataclasses.replace(page, gone_at=self._capture.at)
        ledger.put_alias(self._connection, gone, self._capture.at)
        standing = ledger.standing(self._connection, page.article)
        if standing is None:
            return
        parts = self._parts.of(standing)
        position = part_number(parts[1].url, page.url)
        if parts.pop(position, None) is not None:
            self.decision = self._page_edited(standing, parts, extractor_of(standing.shown))

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
