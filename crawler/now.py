"""One address at once: an admin's "capture this", with what belongs to the page, not what it links to."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any
from urllib.parse import urlsplit

from archive.config import Settings
from archive.ingest import recover
from archive.model import Capture, Site
from archive.preserve.importing import new_site
from archive.preserve.putaway import put_away_after_work
from archive.store import Connection, Store, ledger
from archive.store.holding import Holder
from archive.urls import Scope, canonical
from archive.warc import WarcWriter, capture_files
from crawler.discover import Kind, Link
from crawler.fetch import Fetcher, Resolver, system_resolver
from crawler.frontier import Candidate, failures
from crawler.results import SiteResult
from crawler.understand import media_of
from crawler.visit import MAX_REDIRECTS, Visitor

_LOG = logging.getLogger(__name__)

_MAX_EMBEDDED = 500
_NO_RUN = 0
"""A capture on request is no crawl: it counts in no run's figures."""


@dataclass(frozen=True, slots=True)
class Captured:
    """What came of a capture on request."""

    url: str
    """Where the page was in the end, redirects followed."""
    site: str
    capture: Capture | None
    """None when there was no answer, or it was not asked for; `problem` says why."""
    article: str | None = None
    version: int | None = None
    """Number of the article's newest version."""
    media: tuple[tuple[str, bool], ...] = ()
    """Addresses of pictures, attachments and further pages, and whether each is captured."""
    problem: str = ""

    def to_dict(self, public_base: str) -> dict[str, Any]:
        """JSON-ready form, with the archived addresses."""
        return {
            "url": self.url,
            "site": self.site,
            "captured": self.capture is not None,
            "status": self.capture.status if self.capture else None,
            "at": self.capture.at.isoformat() if self.capture else None,
            "replay": self.replay(public_base),
            "article": f"{public_base}/a/{self.article}" if self.article else None,
            "version": self.version,
            "media": [{"url": url, "captured": is_there} for url, is_there in self.media],
            "problem": self.problem,
        }

    def replay(self, public_base: str) -> str | None:
        """The address at which the capture is shown."""
        if self.capture is None:
            return None
        return f"{public_base}/web/{self.capture.at:%Y%m%d%H%M%S}/{self.capture.url}"


def capture_now(
    settings: Settings,
    store: Store,
    url: str,
    *,
    sites: Sequence[Site] = (),
    site_name: str = "",
    ignore_robots: str = "",
    allow_private: bool = False,
    stop: Event | None = None,
    resolver: Resolver = system_resolver,
) -> Captured:
    """Capture an address with its pictures and attachments, as politely as a crawl does.

    It goes into the site whose scope holds it, of `sites` or of the database; else into a site made for its
    host.

    :param sites: the entries of the sites file.
    :param site_name: of a site that has to be made; "" means its host.
    :param ignore_robots: why robots.txt is passed over for this once; kept with each capture.
    :param allow_private: a site that has to be made may be at a private address.
    :raises UrlError: the address cannot be read.
    :raises SourceError: no site can be made for it.
    :raises BusyError: the site is being crawled; a crawl takes new pages by itself.
    :raises WarcError, StoreError: the answers cannot be kept.
    """
    address = canonical(url)
    site = _site_for(store, address, sites, site_name, allow_private)
    with contextlib.ExitStack() as stack:
        holder = stack.enter_context(Holder(store))
        held = stack.enter_context(holder.site(settings.var / "locks", site.id))
        store.put_site(site, settings.sample)
        asked = dataclasses.replace(site, ignore_robots=ignore_robots or site.ignore_robots)
        fetcher = stack.enter_context(contextlib.closing(Fetcher(settings, asked, resolver=resolver)))
        writer = stack.enter_context(
            contextlib.closing(
                WarcWriter(
                    capture_files(settings),
                    site,
                    user_agent=settings.user_agent,
                    operator=settings.operator,
                    max_size=settings.warc_size,
                    sample=settings.sample,
                )
            )
        )
        visitor = Visitor(
            settings, asked, store=store, held=held, fetcher=fetcher, writer=writer, run=_NO_RUN,
            result=SiteResult(site.id, site.name), stop=stop or Event(), follow=False,
        )  # fmt: skip
        stack.callback(visitor.close)
        recover(store, capture_files(settings), site, visitor.adopt)
        captured = _Now(store, site, visitor).take(address)
        writer.close()
        if problem := put_away_after_work(settings, store, [site.id]):
            _LOG.warning("%s", problem)
        return captured


def _site_for(store: Store, url: str, sites: Sequence[Site], name: str, allow_private: bool) -> Site:
    for site in [*sites, *store.site_entries()]:
        if Scope.of(site).contains(url):
            return site
    parts = urlsplit(url)
    made = new_site(name or parts.netloc, f"{parts.scheme}://{parts.netloc}/", [parts.netloc])
    known = {item.id for item in store.site_entries()}
    number, identity = 2, made.id
    while identity in known:
        identity, number = f"{made.id}-{number}", number + 1
    return dataclasses.replace(made, id=identity, allow_private=allow_private)


class _Now:
    """The visits of one capture on request."""

    def __init__(self, store: Store, site: Site, visitor: Visitor) -> None:
        self._store, self._site, self._visitor = store, site, visitor

    def take(self, url: str) -> Captured:
        began = dt.datetime.now(dt.UTC)
        problem, final = "", url
        for _ in range(MAX_REDIRECTS + 1):
            final = url
            problem = self._visit(url, Kind.PAGE)
            with self._store.read() as connection:
                last = ledger.last_judged(connection, self._site.id, url)
            if last is None or last.capture.at < began or last.capture.redirect_to is None or problem:
                break
            url = last.capture.redirect_to
        if last is None or last.capture.at < began:
            return Captured(final, self._site.id, None, problem=problem or "There was no answer.")
        self._embedded(final)
        media = tuple(self._media(final, last.article))
        version = None
        if last.article is not None and (view := self._store.article(last.article)) is not None:
            version = view.current
        return Captured(final, self._site.id, last.capture, last.article, version, media, problem)

    def _visit(self, url: str, kind: Kind) -> str:
        """Ask for an address, due or not. Returns what went wrong, in a sentence."""
        with self._visitor.held.begin() as connection:
            entry = self._visitor.frontier.find(connection, url)
            if entry is None:
                wanted = Candidate(Link(url, kind), 0.0, 0, "", "", "")
                self._visitor.frontier.add(connection, [wanted], _NO_RUN)
                entry = self._visitor.frontier.find(connection, url)
        if entry is None:
            return f"{url} cannot be asked for."
        self._visitor.visit(entry)
        found = (item.failure for item in failures(self._store) if item.site == self._site.id)
        return next((item.detail for item in found if item.url == url), "")

    def _embedded(self, page: str) -> None:
        """Capture what the page shows and what it is dressed in: pictures, style sheets and their own."""
        pending, number = [page], 0
        while pending and number < _MAX_EMBEDDED:
            with self._store.read() as connection:
                entries = self._visitor.frontier.embedded(connection, pending.pop(0))
            for entry in entries[: _MAX_EMBEDDED - number]:
                self._visitor.visit(entry)
                number += 1
                pending.append(entry.url)

    def _media(self, page: str, article: str | None) -> list[tuple[str, bool]]:
        """Capture what belongs to an article."""
        view = self._store.article(article) if article is not None else None
        if view is None:
            return []
        wanted = media_of(view.extraction, page)
        wanted += [url for url in view.extraction.parts if url not in wanted]
        result = []
        for url in dict.fromkeys(wanted):
            if not Scope.of(self._site).media(url):
                result.append((url, self._is_captured(url)))
                continue
            if not self._is_captured(url):
                self._visit(url, Kind.MEDIA)
            result.append((url, self._is_captured(url)))
        return result

    def _is_captured(self, url: str) -> bool:
        with self._store.read() as connection:
            return _captured(connection, self._site.id, url)


def _captured(connection: Connection, site: str, url: str) -> bool:
    last = ledger.last_judged(connection, site, url, answered=True)
    return last is not None and not last.capture.truncated
