"""The crawl: each site in a thread of its own, one address after the other, until nothing is due."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from archive.config import Settings
from archive.errors import ArchiveError, BusyError, StoreError, WarcError
from archive.ingest import recover
from archive.model import Site
from archive.store import Store
from archive.warc import WarcWriter
from crawler.discover import Kind, Link
from crawler.fetch import Fetcher, Resolver, system_resolver
from crawler.frontier import SHORTEST, Candidate, Entry
from crawler.report import Reporter
from crawler.results import SiteResult
from crawler.visit import Visitor

MAX_THREADS = 32


def crawl(
    settings: Settings,
    sites: Sequence[Site],
    *,
    store: Store,
    reporter: Reporter,
    recheck: bool = False,
    limit: int | None = None,
    stop: Event | None = None,
    resolver: Resolver = system_resolver,
) -> list[SiteResult]:
    """Crawl sites side by side, each until nothing is due; resumable at any point.

    :param recheck: ask for all known articles, due or not.
    :param limit: pages of each site at most.
    :param stop: when set, the crawl ends after the exchanges under way.
    :returns: a result for each site, in the order given; a site that another process crawls says so.
    :raises WarcError, StoreError: captures cannot be kept (disk full, read-only); all sites stop.
    """
    stop = stop or Event()
    with ThreadPoolExecutor(min(MAX_THREADS, len(sites)) or 1, "crawl") as pool:
        crawls = [
            SiteCrawl(settings, site, store=store, reporter=reporter, stop=stop, resolver=resolver)
            for site in sites
        ]
        futures = [pool.submit(item.run, recheck=recheck, limit=limit) for item in crawls]
        return [future.result() for future in futures]


class SiteCrawl:
    """One run over one site."""

    def __init__(
        self,
        settings: Settings,
        site: Site,
        *,
        store: Store,
        reporter: Reporter,
        stop: Event,
        resolver: Resolver,
    ) -> None:
        self._settings, self._site, self._store = settings, site, store
        self._reporter, self._stop, self._resolver = reporter, stop, resolver
        self._result = SiteResult(site.id, site.name)

    def run(self, *, recheck: bool, limit: int | None) -> SiteResult:
        """Crawl until nothing is due, `limit` is reached, or asked to stop."""
        began = time.monotonic()
        try:
            with _lock(self._settings.var / "locks", self._site):
                self._crawl(recheck, limit)
        except BusyError as error:
            self._result.busy, self._result.error = True, str(error)
            self._reporter.remark(self._site.id, str(error))
        except (WarcError, StoreError):
            self._stop.set()  # what cannot be kept must not be asked for, on any site
            raise
        except ArchiveError as error:
            self._result.error = str(error)
            self._reporter.remark(self._site.id, str(error))
        finally:
            self._result.seconds = time.monotonic() - began
        self._reporter.finished(self._result)
        return self._result

    def _crawl(self, recheck: bool, limit: int | None) -> None:
        self._store.put_site(self._site, self._settings.sample)
        run = self._store.begin_run(self._site.id)
        with contextlib.ExitStack() as stack:
            fetcher = stack.enter_context(
                contextlib.closing(Fetcher(self._settings, self._site, resolver=self._resolver))
            )
            writer = stack.enter_context(contextlib.closing(self._writer()))
            visitor = Visitor(
                self._settings, self._site, store=self._store, fetcher=fetcher, writer=writer, run=run,
                result=self._result, stop=self._stop,
            )  # fmt: skip
            self._adopt(visitor)
            self._begin(visitor, recheck, run)
            while not self._stop.is_set() and (limit is None or self._result.pages < limit):
                entry = self._next(visitor)
                if entry is None:
                    break
                what = visitor.visit(entry)
                self._tell(visitor, entry, what)
            self._result.weak_tls = fetcher.weak_tls
            self._end(visitor, run)

    def _writer(self) -> WarcWriter:
        settings = self._settings
        return WarcWriter(
            settings.warc_dir, self._site, user_agent=settings.user_agent, operator=settings.operator,
            max_size=settings.warc_size, sample=settings.sample,
        )  # fmt: skip

    def _adopt(self, visitor: Visitor) -> None:
        """Take in what an interrupted run wrote to its WARC file but not to the database."""
        report = recover(self._store, self._settings.warc_dir, self._site, visitor.adopt)
        if report.adopted or report.set_aside:
            text = f"{report.adopted} answers of an interrupted run taken in"
            text += f", {report.set_aside} bytes of a half-written one set aside" if report.set_aside else ""
            self._reporter.remark(self._site.id, text)

    def _begin(self, visitor: Visitor, recheck: bool, run: int) -> None:
        """Go on with what an interrupted run left, or begin a new sweep."""
        now = dt.datetime.now(dt.UTC)
        seeds = [Candidate(Link(url, Kind.SEED), 0.0, 0, "", "", "") for url in self._site.start]
        with self._store.begin() as connection:
            since = visitor.frontier.unfinished_since(connection, before=run)
            if not recheck and not visitor.frontier.is_idle(connection):
                # A first crawl goes on for days; meanwhile the lists are looked at once a day.
                since = now - SHORTEST
            visitor.frontier.sweep(connection, now, recheck=recheck, since=since)
            visitor.frontier.add(connection, seeds, run)
            known = visitor.frontier.counts(connection)["queued"]
        self._reporter.started(self._site.id, self._site.name, known)

    def _next(self, visitor: Visitor) -> Entry | None:
        """The next address, waiting for one that was postponed; None when there is none or on a stop."""
        while not self._stop.is_set():
            now = dt.datetime.now(dt.UTC)
            with self._store.read() as connection:
                entry = visitor.frontier.next(connection, now)
                earliest = visitor.frontier.earliest(connection) if entry is None else None
            if entry is not None or earliest is None:
                return entry
            # Bounded, so that a clock that jumped back cannot make this wait for days.
            self._stop.wait(min(60.0, max(0.01, (earliest - now).total_seconds())))
        return None

    def _tell(self, visitor: Visitor, entry: Entry, what: str) -> None:
        with self._store.read() as connection:
            queued = visitor.frontier.counts(connection)["queued"]
        delay = visitor.hosts.of(entry.url).pace.delay
        self._reporter.visited(self._result, queued, delay, entry.url, what)

    def _end(self, visitor: Visitor, run: int) -> None:
        with self._store.read() as connection:
            self._result.left = visitor.frontier.counts(connection)["queued"]
        self._result.stopped = self._stop.is_set()
        self._store.end_run(run, self._result.to_dict())


@contextlib.contextmanager
def _lock(folder: Path, site: Site) -> Iterator[None]:
    """Hold the site for this process; the lock ends with the process, however it ends.

    :raises BusyError: another process crawls the site.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{site.id}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(
                f"{site.name} ({site.id}) is being crawled by another process.",
                "Wait for it to end, or stop it; then start again.",
            ) from None
        yield
