"""The scheduler: one process that keeps the schedules, and does jobs as others may."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

from archive.config import Settings
from archive.errors import ArchiveError, BusyError, ConfigError
from archive.preserve import destroy
from archive.store import Store, jobs, journal, leases
from archive.store.holding import Holder, identity
from archive.store.jobs import JobKind
from crawler.schedule import clock, notify
from crawler.schedule.work import COMMAND_KINDS, SITE_KINDS
from crawler.schedule.worker import LOG, POLL, Worker
from crawler.sites import load_sites

KEEP_JOBS = dt.timedelta(days=90)
"""Jobs that went well are forgotten after this."""


def lock_file(settings: Settings) -> Path:
    """The file whose lock the running scheduler holds."""
    return settings.var / "locks" / "scheduler.lock"


def is_running(settings: Settings, store: Store | None = None) -> bool:
    """Whether a scheduler runs over this archive.

    :param store: asked for one on another host.
    """
    if store is not None:
        with store.read() as connection:
            if leases.is_held(connection, leases.SCHEDULER):
                return True
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
    """Be the only scheduler of this archive on this host; the lock ends with the process, however it ends.

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


class Scheduler(Worker):
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
        self._stamp = sites_file.stat().st_mtime_ns if sites_file.exists() else 0
        kinds = (*SITE_KINDS, *COMMAND_KINDS)
        super().__init__(
            settings, sites_file, store, stop=stop, holder=Holder(store), kinds=kinds, now=now
        )  # fmt: skip

    def run(self, *, once: bool = False) -> None:
        """Work until the stop event is set.

        :param once: end when all that is due now is done.
        :raises BusyError: a scheduler on another host keeps the schedules.
        """
        path = lock_file(self._settings)
        with self._holder, self._holder.lease(leases.SCHEDULER, lock=identity(path) if path.exists() else ""):
            # Takedowns whose writer was killed before they were done to the end.
            journal.catch_up(self._store, self._settings.journal_dir)
            destroy.enforce(self._store, self._settings)
            self.take_over()
            with self._store.begin() as connection:
                jobs.forget(connection, self._now() - KEEP_JOBS)
                if destroy.owes_rebuild(self._settings):
                    jobs.ask(connection, JobKind.INDEX_REBUILD, by="scheduler", key="index-rebuild")
            try:
                self._run(once)
            finally:
                self.finish()

    def _run(self, once: bool) -> None:
        while not self._stop.is_set():
            try:
                self.look(set(self._store.paused()))
            except ArchiveError as error:
                if once:
                    raise
                LOG.error("%s", error)
                self._stop.wait(10 * POLL)  # the disk is full, or the database locked: it may pass
            if once and not self._doing and not self._anything_to_begin():
                break
            self._stop.wait(POLL if not once else POLL / 10)

    def look(self, paused: set[str]) -> None:
        """Make jobs of the turns that have come; then as any worker."""
        self._read_sites()
        now = self._now()
        for job in clock.ask(self._store, self._settings, self._sites, now, without=paused):
            LOG.info("job %d is due", job)
        super().look(paused)
        notify.deliver(self._store, self._settings, now)

    def _anything_to_begin(self) -> bool:
        with self._store.read() as connection:
            return jobs.any_to_claim(
                connection, self._now(), kinds=self._kinds, without_sites=sorted(self._store.paused())
            )

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
