"""Addresses and who stands at them: found, moved, redirected, gone."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from urllib.parse import urlsplit

from archive.ingest.captures import canonical_or_none
from archive.model import ArticleState, Capture, ChangeKind, Extraction, PageKind, Site
from archive.store import Connection, edits, ledger, log, standing
from archive.store.edits import Event
from archive.store.ledger import CLAIMED, FETCHED, Alias, Judged
from archive.urls import Scope

PERMANENT = (301, 308)


class Places:
    """What one capture shows of the addresses of articles, brought into the database."""

    def __init__(self, connection: Connection, site: Site, capture: Capture) -> None:
        self._connection, self._site, self._capture = connection, site, capture
        self.here = ledger.alias(connection, site.id, capture.url)
        """Who stands, or stood last, at the capture's address."""

    def present(self) -> Alias | None:
        """The article that was captured at this address, and is the last that was."""
        return self.here if self.here is not None and self.here.basis == FETCHED else None

    def named(self, extraction: Extraction) -> str | None:
        """The page's `rel=canonical`, where it can be believed: of the site, and not its front page."""
        if not extraction.canonical:
            return None
        named = canonical_or_none(extraction.canonical, self._capture.url)
        starts = {canonical_or_none(start) for start in self._site.start}
        if named is None or named == self._capture.url or named in starts:
            return None
        return named if Scope.of(self._site).contains(named) else None

    def found(self, article: str) -> None:
        """The article stands at this address: note it, and wake it when it was thought gone."""
        connection, at, here = self._connection, self._capture.at, self.here
        if here is None or here.article != article:
            number = here.number + 1 if here is not None else 0
            ledger.put_alias(
                connection, Alias(self._site.id, self._capture.url, number, article, FETCHED, None), at
            )
            if here is not None and here.basis == FETCHED:
                self.settle(here.article)  # another article took its address over
        elif here.basis != FETCHED or here.gone_at is not None:
            ledger.put_alias(connection, dataclasses.replace(here, basis=FETCHED, gone_at=None), at)
        for moved, _ in ledger.redirecting_here(connection, self._site.id, self._capture.url):
            if moved.article == article:
                ledger.put_alias(connection, dataclasses.replace(moved, gone_at=at), at)
        ledger.seen(connection, article, at)
        self.settle(article)

    def claim(self, article: str, extraction: Extraction) -> None:
        """Remember the address that the page itself names, where nothing stands yet."""
        named = self.named(extraction)
        if named is not None and ledger.alias(self._connection, self._site.id, named) is None:
            claim = Alias(self._site.id, named, 0, article, CLAIMED, None)
            ledger.put_alias(self._connection, claim, self._capture.at)

    def claim_short(self, article: str, addresses: Sequence[str]) -> None:
        """Remember short addresses of the site that the page names as its own, where nothing stands yet.

        Only those with a query: without one a careless template names the front page.
        """
        for address in addresses:
            known = ledger.alias(self._connection, self._site.id, address)
            if known is None and self.within(address) and "?" in address:
                claim = Alias(self._site.id, address, 0, article, CLAIMED, None)
                ledger.put_alias(self._connection, claim, self._capture.at)

    def leave(self, alias: Alias) -> None:
        """The article stands at this address no more."""
        if alias.gone_at is None:
            gone = dataclasses.replace(alias, gone_at=self._capture.at)
            ledger.put_alias(self._connection, gone, self._capture.at)
        self.settle(alias.article)

    def settle(self, article: str) -> None:
        """Bring an article's state in line with its addresses: gone when it stands at none."""
        known = ledger.standing(self._connection, article)
        if known is None:
            return
        places = ledger.article_aliases(self._connection, article)
        gone_at = None
        if all(place.gone_at is not None for place in places):
            wanted = ArticleState.MOVED if any(map(self._led_out, places)) else ArticleState.GONE
            if wanted is ArticleState.GONE:
                gone_at = known.article.gone_at or self._capture.at
        elif self._led_on(known.article.url, places):
            wanted = ArticleState.MOVED
        else:
            wanted = ArticleState.CHANGED if known.versions > 1 else ArticleState.LIVE
        if (before := known.article.state) is not wanted:
            ledger.set_state(self._connection, article, wanted, gone_at)
            if (event := _event(before, wanted)) is not None:
                edits.note(self._connection, article, event, self._capture.at)
            self.log(article)

    def within(self, target: str) -> bool:
        """Whether an address is one of the site's."""
        return Scope.of(self._site).contains(target)

    def leads_out(self, target: str) -> bool:
        """Whether a redirect leads to a page on a host that is none of the site's: the portal's new one.

        A redirect to another host's front page says only that the old address is no more.
        """
        return not self.within(target) and urlsplit(target).path not in ("", "/")

    def _led_out(self, place: Alias) -> bool:
        known = ledger.last_judged(self._connection, self._site.id, place.url)
        target = known.capture.redirect_to if known is not None else None
        return (
            known is not None
            and target is not None
            and known.capture.status in PERMANENT
            and self.leads_out(target)
        )

    def _led_on(self, url: str, places: Sequence[Alias]) -> bool:
        """Whether the article's first address has been left for another one, by a redirect."""
        if not any(place.url == url and place.gone_at is not None for place in places):
            return False
        return standing.led_to(self._connection, self._site.id, [url]) is not None

    def end_redirects(self, kind: str) -> None:
        """What redirects to this page, which is no article, has been taken down."""
        known = Judged(self._capture, kind, None)
        redirects = ledger.redirecting_here(self._connection, self._site.id, self._capture.url)
        for alias, status in redirects:
            if self.ends(known, status):
                self.leave(alias)

    def ends(self, target: Judged, status: int) -> bool:
        """Whether a redirect to this page means that the article is gone.

        A temporary one to a page of no clear kind may be maintenance or a login, and means nothing.
        """
        if target.capture.status in (404, 410) or target.kind in (PageKind.SOFT_404, PageKind.LIST):
            return True
        if target.capture.status in (200, 304) and target.capture.url in {
            canonical_or_none(start) for start in self._site.start
        }:
            return True
        return target.kind == PageKind.OTHER and status in PERMANENT

    def log(self, article: str) -> None:
        """Let the index follow."""
        log.append(self._connection, article, ChangeKind.UPSERT, self._capture.at)


def _event(before: ArticleState, now: ArticleState) -> Event | None:
    """What the ledger of edits says of it; None for an edit, which has a line of its own."""
    away = (ArticleState.GONE, ArticleState.MOVED)
    match now:
        case ArticleState.GONE:
            return Event.GONE
        case ArticleState.MOVED:
            return Event.MOVED
        case _:
            return Event.BACK if before in away else None
