"""The scheduler: one process that keeps the schedules and does the jobs."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event

from archive.config import Settings
from archive.errors import ArchiveError, BusyError, ConfigError
from archive.preserve import destroy
from archive.store import Store, jobs, journal
from crawler.schedule import clock, notify
from crawler.schedule.work import COMMAND_KINDS, SITE_KINDS, TROUBLE_PAUSE, Work, title
from crawler.sites import load_sites

LOG = logging.getLogger("archive.scheduler")
POLL = 1.0
"""Seconds between two looks at the clock and the table of jobs. Each look asks the clock anew, so one that
jumps cannot make it sleep for days."""
KEEP_JOBS = dt.timedelta(days=90)
"""Jobs that went well are forgotten after this."""


def lock_file(settings: Settings) -> Path:
    """The file whose lock the running scheduler holds."""
    return settings.var / "locks" / "scheduler.lock"


def is_running(settings: Settings) -> bool:
    """Whether a scheduler runs over this archive."""
    try:
        with lock_file(settings).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


@contextlib.contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Be the only scheduler of this archive; the lock ends with the process, however it ends.

    :raises BusyError: another one runs.
    :raises ArchiveError: the folder of locks cannot be written.
    """
    path = lock_file(settings)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        opened = path.open("a+")
    except OSError as error:
        raise ArchiveError(
            f"{path} cannot be written: {error.strerror}.",
            "Make room, or give this user the right to write there, and start again.",
        ) from error
    with opened as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            process = file.read().strip() or "?"
            raise BusyError(
                f"Another scheduler (process {process}) keeps this archive's schedules already.",
                "There is nothing to do; `archive scheduler --plan` shows what comes next.",
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


class Scheduler:
    """Keeps schedules and does jobs until it is asked to stop. Hold `only_one` around it.

    :param sites_file: read again whenever it has changed.
    :param now: the clock; tests move it.
    """

    def __init__(
        self,
        settings: Settings,
        sites_file: Path,
        store: Store,
        *,
        stop: Event,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._settings, self._file, self._store = settings, sites_file, store
        self._stop, self._now = stop, now
        self._channels = notify.channels(settings)
        self._stamp = sites_file.stat().st_mtime_ns if sites_file.exists() else 0
        self._sites = load_sites(sites_file)
        self._pool = ThreadPoolExecutor(max(1, settings.crawls_at_once) + 1, "job")
        self._doing: dict[Future[None], Work] = {}

    def run(self, *, once: bool = False) -> None:
        """Work until the stop event is set.

        :param once: end when all that is due now is done.
        """
        # Takedowns whose writer was killed before they were done to the end.
        journal.catch_up(self._store, self._settings.journal_dir)
        destroy.enforce(self._store, self._settings)
        with self._store.begin() as connection:
            for job in jobs.orphans(connection):
                LOG.warning("job %d was interrupted, and is begun again", job)
            jobs.forget(connection, self._now() - KEEP_JOBS)
        try:
            while not self._stop.is_set():
                try:
                    self._look()
                except ArchiveError as error:
                    if once:
                        raise
                    LOG.error("%s", error)
                    self._stop.wait(10 * POLL)  # the disk is full, or the database locked: it may pass
                if once and not self._doing and not self._anything_to_begin():
                    break
                self._stop.wait(POLL if not once else POLL / 10)
        finally:
            self._finish()

    def _look(self) -> None:
        self._reap()
        self._read_sites()
        now, paused = self._now(), self._store.paused()
        for job in clock.ask(self._store, self._settings, self._sites, now, without=paused):
            LOG.info("job %d is due", job)
        with self._store.read() as connection:
            unwanted = jobs.stops(connection)
        for work in self._doing.values():
            if work.job.id in unwanted:
                work.stop.set()
        while self._begin_one(now, set(paused)):
            pass
        notify.deliver(self._store, self._settings, now)

    def _begin_one(self, now: dt.datetime, paused: set[str]) -> bool:
        """Begin a job that there is room for; False when there is none."""
        crawling = {work.job.site for work in self._doing.values() if work.job.kind in SITE_KINDS}
        commands = sum(work.job.kind in COMMAND_KINDS for work in self._doing.values())
        kinds = [kind for kind in SITE_KINDS if len(crawling) < self._settings.crawls_at_once]
        kinds += [kind for kind in COMMAND_KINDS if not commands]
        if not kinds or self._stop.is_set():
            return False
        busy = sorted(crawling | paused)
        with self._store.read() as connection:  # most looks find nothing, and need not write
            if not jobs.any_to_claim(connection, now, kinds=kinds, without_sites=busy):
                return False
        with self._store.begin() as connection:
            job = jobs.claim(connection, now, kinds=kinds, without_sites=busy)
        if job is None:
            return False
        sites = {site.id: site for site in self._sites}
        work = Work(job, self._settings, self._store, self._channels, sites, self._file)
        self._doing[self._pool.submit(work.do)] = work
        return True

    def _anything_to_begin(self) -> bool:
        with self._store.read() as connection:
            return jobs.any_to_claim(
                connection,
                self._now(),
                kinds=[*SITE_KINDS, *COMMAND_KINDS],
                without_sites=sorted(self._store.paused()),
            )

    def _reap(self) -> None:
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

    def _read_sites(self) -> None:
        """Take over a sites file that was edited; a wrong one is told, and the last right one stays."""
        try:
            stamp = self._file.stat().st_mtime_ns
            if stamp == self._stamp:
                return
            self._stamp = stamp
            self._sites = load_sites(self._file)
            LOG.info("%s was read again: %d sites", self._file, len(self._sites))
        except (ConfigError, OSError) as error:
            if not isinstance(error, FileNotFoundError):
                LOG.error("The sites stay as they were: %s", error)

    def _finish(self) -> None:
        """Let what is under way end in order; the next scheduler goes on with it."""
        for work in self._doing.values():
            work.shutdown = True
            work.stop.set()
        self._pool.shutdown(wait=True)
        self._reap()
