"""The crawl: each site in a thread of its own, one address after the other, until nothing is due."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from archive.config import Settings
from archive.errors import ArchiveError, BusyError, StoreError, WarcError
from archive.ingest import recover
from archive.model import Site
from archive.model.run import Measures
from archive.preserve import catch_up
from archive.preserve.putaway import put_away_after_work
from archive.store import Store, runs, standing
from archive.store.holding import HeldSite, Holder
from archive.store.standing import SiteState, Standing
from archive.warc import WarcWriter, capture_files
from crawler.budget import Budget
from crawler.discover import Kind, Link
from crawler.fetch import Fetcher, Resolver, system_resolver
from crawler.frontier import SHORTEST, Candidate, Entry, Transaction
from crawler.report import Reporter
from crawler.results import SiteResult
from crawler.visit import Visitor

MAX_THREADS = 32
NOTE_EVERY = 2.0
"""Seconds after which a run writes down how far it is: each time is one commit, fsynced."""


def crawl(
    settings: Settings,
    sites: Sequence[Site],
    *,
    store: Store,
    reporter: Reporter,
    recheck: bool = False,
    retry: str | None = None,
    limit: int | None = None,
    stop: Event | None = None,
    resolver: Resolver = system_resolver,
) -> list[SiteResult]:
    """Crawl sites side by side, each until nothing is due; resumable at any point.

    :param recheck: ask for all known articles, due or not.
    :param retry: ask again only for what failed, with this `model.Reason` or, with "", with any.
    :param limit: pages of each site at most.
    :param stop: when set, the crawl ends after the exchanges under way.
    :returns: a result for each site, in the order given; a site that another process crawls says so.
    :raises WarcError, StoreError: captures cannot be kept (disk full, read-only); all sites stop.
    """
    stop = stop or Event()
    with (
        Holder(store) as holder,
        ThreadPoolExecutor(min(MAX_THREADS, len(sites)) or 1, "crawl") as pool,
    ):
        crawls = [
            SiteCrawl(settings, site, holder=holder, reporter=reporter, stop=stop, resolver=resolver)
            for site in sites
        ]
        futures = [pool.submit(item.run, recheck=recheck, retry=retry, limit=limit) for item in crawls]
        return [future.result() for future in futures]


class SiteCrawl:
    """One run over one site."""

    def __init__(
        self,
        settings: Settings,
        site: Site,
        *,
        holder: Holder,
        reporter: Reporter,
        stop: Event,
        resolver: Resolver,
    ) -> None:
        self._settings, self._site = settings, site
        self._holder, self._store = holder, holder.store
        self._reporter, self._stop, self._resolver = reporter, stop, resolver
        self._result = SiteResult(site.id, site.name)
        self._budget = Budget.of(site)
        self._retries = False
        self._began = self._noted = time.monotonic()

    def run(self, *, recheck: bool, retry: str | None, limit: int | None) -> SiteResult:
        """Crawl until nothing is due, `limit` or the site's budget is reached, or asked to stop."""
        try:
            with self._holder.site(self._settings.var / "locks", self._site.id) as held:
                self._crawl(held, recheck, retry, limit)
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
            self._result.seconds = self._elapsed()
        self._reporter.finished(self._result)
        return self._result

    def _crawl(self, held: HeldSite, recheck: bool, retry: str | None, limit: int | None) -> None:
        self._store.put_site(self._site, self._settings.sample)
        run = self._result.run = self._store.begin_run(self._site.id)
        with contextlib.ExitStack() as stack:
            fetcher = stack.enter_context(
                contextlib.closing(Fetcher(self._settings, self._site, resolver=self._resolver))
            )
            writer = stack.enter_context(contextlib.closing(self._writer()))
            visitor = Visitor(
                self._settings, self._site, store=self._store, held=held, fetcher=fetcher, writer=writer,
                run=run, result=self._result, stop=self._stop,
            )  # fmt: skip
            stack.callback(visitor.close)
            self._adopt(visitor)
            self._retries = retry is not None
            if retry is None:
                self._begin(visitor, recheck, run)
            else:
                self._try_again(visitor, retry)
            requests = 0
            while not self._stop.is_set() and (limit is None or self._result.pages < limit):
                entry = self._next(visitor)
                if entry is None or self._is_used_up(requests):
                    break
                what = visitor.visit(entry)
                requests += 1
                self._tell(visitor, run, entry, what)
            self._result.weak_tls = fetcher.weak_tls
            if not self._stop.is_set():
                catch_up(self._store, capture_files(self._settings), self._site.id)
            self._end(visitor, run)
        if self._stop.is_set():
            return  # whoever stops does not wait for a gigabyte to go; the next run sends it
        if problem := put_away_after_work(self._settings, self._store, [self._site.id]):
            self._reporter.remark(self._site.id, problem)

    def _measures(self, visitor: Visitor) -> Measures | None:
        """What the run says of the portal; None when it asks only for what had failed."""
        return None if self._retries else visitor.meter.measures()

    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _is_used_up(self, requests: int) -> bool:
        """Whether the budget ends the run, though something is left to do."""
        self._result.budget = self._budget.used_up(requests, self._elapsed(), self._result.bytes)
        if self._result.budget:
            self._reporter.remark(self._site.id, f"{self._result.budget}; the next run goes on from here")
        return bool(self._result.budget)

    def _writer(self) -> WarcWriter:
        settings = self._settings
        return WarcWriter(
            capture_files(settings), self._site, user_agent=settings.user_agent, operator=settings.operator,
            max_size=settings.warc_size, sample=settings.sample,
        )  # fmt: skip

    def _adopt(self, visitor: Visitor) -> None:
        """Take in what an interrupted run wrote to its WARC file but not to the database."""
        report = recover(self._store, capture_files(self._settings), self._site, visitor.adopt)
        if report.adopted or report.set_aside:
            text = f"{report.adopted} answers of an interrupted run taken in"
            text += f", {report.set_aside} bytes of a half-written one set aside" if report.set_aside else ""
            self._reporter.remark(self._site.id, text)

    def _begin(self, visitor: Visitor, recheck: bool, run: int) -> None:
        """Go on with what an interrupted run left, or begin a new sweep."""
        now = dt.datetime.now(dt.UTC)
        seeds = [Candidate(Link(url, Kind.SEED), 0.0, 0, "", "", "") for url in self._site.start]
        with visitor.held.begin() as connection:
            since = visitor.frontier.unfinished_since(connection, before=run)
            is_full = recheck or self._is_full_due(connection, now)
            if not recheck and not visitor.frontier.is_idle(connection):
                # A first crawl goes on for days; meanwhile the lists are looked at once a day.
                since = now - SHORTEST
            elif is_full and not recheck:
                since = None
            visitor.frontier.sweep(connection, now, recheck=is_full, since=since)
            if is_full or runs.last_full(connection, self._site.id) is None:
                runs.mark_full(connection, run)  # the days to the next full sweep are counted from here
            visitor.frontier.add(connection, seeds, run)
            known = visitor.frontier.counts(connection)["queued"]
        self._reporter.started(self._site.id, self._site.name, known)

    def _try_again(self, visitor: Visitor, reason: str) -> None:
        """Queue what failed, and nothing else beside what is queued already."""
        with visitor.held.begin() as connection:
            visitor.frontier.retry(connection, reason)
            known = visitor.frontier.counts(connection)["queued"]
        self._reporter.started(self._site.id, self._site.name, known)

    def _is_full_due(self, connection: Transaction, now: dt.datetime) -> bool:
        """Whether the time has come to ask for all known pages again; not while a sweep is under way."""
        last = runs.last_full(connection, self._site.id)
        days = self._site.full_sweep
        if not days or last is None:
            return False
        # One that lies in the future was begun by a clock that has been set back since.
        return last > now or now - last >= dt.timedelta(days=days)

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

    def _tell(self, visitor: Visitor, run: int, entry: Entry, what: str) -> None:
        with self._store.read() as connection:
            queued = visitor.frontier.counts(connection)["queued"]
        delay = visitor.hosts.of(entry.url).pace.delay
        self._reporter.visited(self._result, queued, delay, entry.url, what)
        if time.monotonic() - self._noted >= NOTE_EVERY:
            self._noted = time.monotonic()
            self._result.seconds = self._elapsed()
            progress = self._result.to_dict() | {"queued": queued, "delay": delay, "url": entry.url}
            self._store.note_run(run, progress, self._measures(visitor))

    def _end(self, visitor: Visitor, run: int) -> None:
        with self._store.read() as connection:
            self._result.left = visitor.frontier.counts(connection)["queued"]
        self._result.stopped = self._stop.is_set()
        self._result.seconds = self._elapsed()
        self._store.end_run(run, self._result.to_dict(), self._measures(visitor))
        if self._result.unanswered and not self._result.stopped:
            dark = Standing(self._site.id, SiteState.DARK, dt.datetime.now(dt.UTC))
            with visitor.held.begin() as connection:
                standing.note(connection, dark)
