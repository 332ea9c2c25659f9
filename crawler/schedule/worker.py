"""A process that takes jobs from the queue and does them, beside others like it on whichever host."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event

from archive.config import Settings
from archive.errors import ArchiveError
from archive.store import Store, jobs, leases
from archive.store.holding import Holder
from archive.store.jobs import JobKind
from crawler.schedule import notify
from crawler.schedule.work import COMMAND_KINDS, SITE_KINDS, TROUBLE_PAUSE, Work, title
from crawler.sites import load_sites

LOG = logging.getLogger("archive.scheduler")
POLL = 1.0
"""Seconds between two looks at the clock and the table of jobs. Each look asks the clock anew, so one that
jumps cannot make it sleep for days."""


class Worker:
    """Takes crawls from the queue and does them. Nothing is lost when it is killed: others take over what it
    did, when its leases have run out.

    :param sites_file: what it knows how to crawl.
    :param holder: this process in the leases.
    :param kinds: of the jobs that it takes.
    :param now: the clock; tests move it.
    """

    def __init__(
        self,
        settings: Settings,
        sites_file: Path,
        store: Store,
        *,
        stop: Event,
        holder: Holder,
        kinds: Sequence[JobKind] = SITE_KINDS,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._settings, self._file, self._store = settings, sites_file, store
        self._stop, self._now, self._holder, self._kinds = stop, now, holder, kinds
        self._channels = notify.channels(settings)
        self._sites = load_sites(sites_file)
        self._pool = ThreadPoolExecutor(max(1, settings.crawls_at_once) + 1, "job")
        self._doing: dict[Future[None], Work] = {}

    def work_off(self, wanted: Sequence[int]) -> None:
        """Do crawls until all of some jobs are done, by this process or by others; or until asked to stop."""
        with self._holder.lease(f"{leases.WORKER}{self._holder.name}"):
            try:
                while not self._stop.is_set() and self._is_open(wanted):
                    try:
                        self.look(set())  # what is asked for by name is crawled, paused or not
                    except ArchiveError as error:
                        LOG.error("%s", error)  # the database is locked, or its server away: it may pass
                        self._stop.wait(5 * POLL)
                    self._stop.wait(POLL / 2)
            finally:
                self.finish()

    def look(self, paused: set[str]) -> None:
        """Take note of what is over, take over from the dead, begin what there is room for.

        :param paused: sites that are not to be crawled now.
        """
        self.reap()
        self.take_over()
        with self._store.read() as connection:
            unwanted = jobs.stops(connection)
        for work in self._doing.values():
            if work.job.id in unwanted:
                work.stop.set()
        while self.begin_one(self._now(), paused):
            pass

    def take_over(self) -> None:
        """Put back the jobs of processes that were killed, here or on other hosts."""
        with self._store.read() as connection:  # most looks find nothing, and need not write
            if not jobs.orphaned(connection, leases.workers(connection)):
                return
        with self._store.begin() as connection:
            for job in jobs.orphans(connection, leases.workers(connection)):
                LOG.warning("job %d was interrupted, and is begun again", job)

    def begin_one(self, now: dt.datetime, paused: set[str]) -> bool:
        """Begin a job that there is room for; False when there is none."""
        crawling = {work.job.site for work in self._doing.values() if work.job.kind in SITE_KINDS}
        commands = sum(work.job.kind in COMMAND_KINDS for work in self._doing.values())
        has_room = len(crawling) < self._settings.crawls_at_once
        kinds = [kind for kind in self._kinds if (has_room if kind in SITE_KINDS else not commands)]
        if not kinds or self._stop.is_set():
            return False
        busy = sorted(crawling | paused)
        only = None if COMMAND_KINDS[0] in self._kinds else [site.id for site in self._sites]
        with self._store.read() as connection:
            if not jobs.any_to_claim(connection, now, kinds=kinds, without_sites=busy, only_sites=only):
                return False
        with self._store.begin_rows() as connection:
            job = jobs.claim(
                connection, now, kinds=kinds, without_sites=busy, only_sites=only, worker=self._holder.name
            )
        if job is None:
            return False
        sites = {site.id: site for site in self._sites}
        work = Work(
            job, self._settings, self._store, self._channels, sites, self._file, worker=self._holder.name
        )
        self._doing[self._pool.submit(work.do)] = work
        return True

    def reap(self) -> None:
        """Take note of jobs that are over. A bug in one is told and does not end the others."""
        for future in [item for item in self._doing if item.done()]:
            work = self._doing.pop(future)
            error = future.exception()
            if error is None:
                continue
            LOG.error("job %d (%s) broke off", work.job.id, title(work.job), exc_info=error)
            with self._store.begin() as connection:
                pause = self._now() + TROUBLE_PAUSE
                jobs.again(connection, work.job.id, pause, f"{type(error).__name__}: {error}")

    def finish(self) -> None:
        """Let what is under way end in order; another process, or the next one, goes on with it."""
        for work in self._doing.values():
            work.shutdown = True
            work.stop.set()
        self._pool.shutdown(wait=True)
        self.reap()

    def _is_open(self, wanted: Sequence[int]) -> bool:
        try:
            with self._store.read() as connection:
                return bool(jobs.open_of(connection, wanted))
        except ArchiveError:
            return True  # `look` says it
