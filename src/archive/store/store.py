"""The door to the database: opening, transactions, and the questions that readers ask."""

from __future__ import annotations

import datetime as dt
import os
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, Engine

from archive.errors import StoreSchemaError
from archive.model import (
    ArticleView,
    Capture,
    Change,
    Failure,
    Site,
    Version,
)
from archive.model.run import Measures
from archive.store import (
    address,
    alarms,
    coverage,
    dialect,
    edits,
    jobs,
    log,
    migrate,
    queries,
    runs,
    sites,
    stamps,
    takedowns,
    views,
    withheld,
)
from archive.store.alarms import Alarm
from archive.store.coverage import Ledger
from archive.store.jobs import Job, JobKind, JobState
from archive.store.rows import Listed, OnDay, Run, SiteSummary, Totals
from archive.store.state import StateReader
from archive.store.takedowns import Takedown


class Store:
    """The database of one archive.

    Safe to share between threads: writers take turns, readers are free. Not safe to share across a
    `fork`: open one in each process.
    """

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self._place = place
        self._writing = threading.Lock()
        self._state = StateReader(engine)
        # One that was forgotten, as with an application that is dropped, keeps no connection of the server.
        weakref.finalize(self, _give_back, self._state, engine, os.getpid()).atexit = False

    @classmethod
    def open(cls, url: str, *, migrate: bool = True) -> Store:
        """Open a database, making or migrating it when asked to.

        :param url: SQLAlchemy URL, as `Settings.database_url` gives it.
        :param migrate: make what is missing and bring an older schema up to date; False for processes
            that only read, which leave that to a writer.
        :raises ConfigError: the URL cannot be understood.
        :raises StoreSchemaError: the schema is newer, foreign, or (without `migrate`) missing or older.
        :raises StoreError: the database cannot be opened.
        """
        store = cls(*address.engine_of(url, new=migrate))
        try:
            store._prepare(migrate)
        except BaseException:
            store.close()
            raise
        return store

    def _prepare(self, may_migrate: bool) -> None:
        with self.read() as connection:
            found = migrate.revision(connection)
        if migrate.check(found, self._place):
            return
        if not may_migrate:
            state = "is empty" if found is None else f"has the older schema {found}"
            raise StoreSchemaError(
                f"The database {self._place} {state}.", "Run `archive status` once: it brings it up to date."
            )
        with dialect.translated(self._place), self._engine.connect() as connection:
            dialect.prepare_new(connection, self._place)
        with self.begin() as connection:
            # Another process may have migrated while this one waited for the lock.
            if not migrate.check(migrate.revision(connection), self._place):
                migrate.upgrade(connection)
                edits.catch_up(connection)

    @property
    def place(self) -> str:
        """The database, as an operator knows it: no password."""
        return self._place

    @property
    def dialect_name(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    def close(self) -> None:
        """Give back all connections."""
        _give_back(self._state, self._engine, os.getpid())

    @contextmanager
    def begin(self, site: str = dialect.ALL) -> Iterator[Connection]:
        """One write transaction: committed, and on disk, when the block ends without an exception.

        Hold it briefly: no other writer works meanwhile. On PostgreSQL a writer that names its site works
        beside those of other sites; it may write rows of that site only, and append to the change log. SQLite
        has one writer whatever it writes.

        :param site: the one site that is written to.
        :raises StoreBusyError: another process writes for too long.
        :raises StoreError: the disk is full, the file read-only …; nothing of the block is kept.
        """
        with (
            self._turn(),
            dialect.translated(self._place),
            self._engine.connect().execution_options(**{dialect.WRITE: site, log.PENDING: []}) as connection,
            connection.begin(),
        ):
            yield connection
            stamps.seal(connection)
            log.write(connection)

    def begin_rows(self) -> AbstractContextManager[Connection]:
        """A write transaction beside all others, for statements that lock each row that they write: the
        queue of jobs, leases, the turns of hosts."""
        return self.begin(dialect.ROWS)

    def _turn(self) -> AbstractContextManager[object]:
        """Threads of one process wait for each other here, where they need not ask again and again."""
        return self._writing if self._engine.dialect.name == "sqlite" else nullcontext()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent look at the database, not blocked by writers."""
        options = dialect.READ_OPTIONS.get(self._engine.dialect.name, {})
        with (
            dialect.translated(self._place),
            self._engine.connect().execution_options(**options) as connection,
        ):
            yield connection

    def checkpoint(self) -> None:
        """Bring everything into the database file itself and empty SQLite's log beside it."""
        if self._engine.dialect.name == "sqlite":
            with self.read() as connection:
                connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def size(self) -> int:
        """Bytes that the database takes on its disk."""
        path = address.sqlite_path(self._engine.url.render_as_string(hide_password=False))
        if path is not None:
            return sum(item.stat().st_size for item in path.parent.glob(f"{path.name}*") if item.exists())
        with self.read() as connection:
            return dialect.file_size(connection) or 0

    def state(self) -> tuple[int, str]:
        """A value that differs from an earlier one when anything was committed in between, by any process."""
        return self._state.state()

    # -------------------------------------------------------------------------------- sites and runs

    def put_site(self, site: Site, sample: bool = False) -> None:
        """Record a site as the sites file now has it."""
        with self.begin(site.id) as connection:
            sites.write(connection, site, sample)

    def sites(self) -> list[SiteSummary]:
        """All sites by name."""
        with self.read() as connection:
            return queries.sites(connection)

    def site(self, site_id: str) -> SiteSummary | None:
        """One site; None when there is no such."""
        with self.read() as connection:
            return next(iter(queries.sites(connection, site_id)), None)

    def site_entries(self) -> list[Site]:
        """All sites as their entries were when last crawled or imported into."""
        with self.read() as connection:
            return queries.site_entries(connection)

    def begin_run(self, site: str) -> int:
        """Note that a crawl of a site begins; returns the run's number."""
        with self.begin(site) as connection:
            return runs.begin(connection, site)

    def note_run(self, run: int, progress: Mapping[str, Any], measures: Measures | None) -> None:
        """Note how far a run is."""
        with self.begin_rows() as connection:
            runs.note(connection, run, progress, measures)

    def end_run(self, run: int, result: Mapping[str, Any], measures: Measures | None = None) -> None:
        """Note that a run ended, with its row of the results table."""
        with self.begin_rows() as connection:
            runs.end(connection, run, result, measures)

    def runs(self, limit: int = 20) -> list[Run]:
        """The newest runs first."""
        with self.read() as connection:
            return queries.run_list(connection, limit)

    def failures(self, site: str | None = None, run: int | None = None) -> list[Failure]:
        """Addresses that failed or were left out, newest first."""
        with self.read() as connection:
            return queries.failures(connection, site, run)

    # ------------------------------------------------------------------- jobs, alarms and coverage

    def ask_job(
        self,
        kind: JobKind,
        *,
        site: str = "",
        args: Mapping[str, Any] | None = None,
        by: str = "",
        key: str = "",
    ) -> int:
        """Ask the scheduler for a job; returns its number, or that of an open one with the same key."""
        with self.begin() as connection:
            return jobs.ask(connection, kind, site=site, args=args, by=by, key=key)

    def jobs(self, limit: int = 50, states: Sequence[JobState] = ()) -> list[Job]:
        """The newest jobs first."""
        with self.read() as connection:
            return jobs.listed(connection, limit, states)

    def cancel_job(self, job: int) -> JobState | None:
        """Take a job back, or ask a running one to end early; its state now, None when there is none."""
        with self.begin() as connection:
            return jobs.cancel(connection, job)

    def pause_site(self, site: str, reason: str) -> None:
        """Let a site not be crawled by schedule; "" lets it be crawled again."""
        with self.begin() as connection:
            sites.pause(connection, site, reason)

    def paused(self) -> dict[str, str]:
        """Why sites are not crawled, by site."""
        with self.read() as connection:
            return sites.paused(connection)

    def alarms(self, *, site: str | None = None, open_only: bool = False) -> list[Alarm]:
        """Alarms, the newest first."""
        with self.read() as connection:
            return alarms.listed(connection, site=site, open_only=open_only)

    def acknowledge_alarm(self, alarm: int, by: str, note: str = "") -> Alarm | None:
        """Take note of an alarm: what it found is usual from then on. None when there is no such."""
        with self.begin() as connection:
            return alarms.acknowledge(connection, alarm, by, note, dt.datetime.now(dt.UTC))

    def coverage(self, site: str | None = None) -> Ledger:
        """What is known of and what became of it, by site and month (`YYYY-MM`, "" for no known month)."""
        with self.read() as connection:
            return coverage.ledger(connection, site)

    # -------------------------------------------------------------------------------------- articles

    def article(self, article_id: str) -> ArticleView | None:
        """An article at its newest version."""
        return next(iter(self.articles([article_id])), None)

    def article_version(self, article_id: str, number: int) -> ArticleView | None:
        """An article as it was at one version."""
        with self.read() as connection:
            return views.version(connection, article_id, number)

    def articles(self, ids: Sequence[str]) -> list[ArticleView]:
        """Articles at their newest versions, in the order asked for, unknown ones left out.

        Three queries for any number: what is withheld, the rows, their pictures.
        """
        with self.read() as connection:
            return views.newest_versions(connection, ids)

    def newest(
        self, limit: int, *, site: str | None = None, offset: int = 0, published: str = ""
    ) -> list[ArticleView]:
        """Articles by day of publication, newest first, undated last.

        :param published: only of a year or month: `2022`, `2022-09`.
        """
        with self.read() as connection:
            ids = queries.newest(connection, limit, site, offset, published)
            return views.newest_versions(connection, ids)

    def months(self, site: str) -> dict[str, int]:
        """`YYYY-MM` → number of a site's articles published then, in order of time; undated left out."""
        with self.read() as connection:
            return queries.months(connection, site)

    def on_days(self, days: Sequence[dt.date]) -> list[OnDay]:
        """Those of these days on which something was published, newest first."""
        with self.read() as connection:
            return queries.on_days(connection, days)

    def listed(self, limit: int, offset: int = 0) -> list[Listed]:
        """All articles in order of id, a page at a time, with their titles."""
        with self.read() as connection:
            return queries.listed(connection, limit, offset)

    def versions(self, article_id: str) -> list[Version]:
        """All versions of an article, the first first."""
        with self.read() as connection:
            return queries.versions(connection, article_id)

    def article_id_by_url(self, url: str) -> str | None:
        """The article now at a canonical address; None when there is none.

        :raises UrlError: never; an address that cannot be read has no article.
        """
        with self.read() as connection:
            return queries.article_by_url(connection, url)

    def capture_by_digest(self, digest: str) -> Capture | None:
        """The newest 200 capture of a payload that holds the bytes itself (no revisit); None when the
        payload is withheld."""
        with self.read() as connection:
            if digest in withheld.load(connection).pictures:
                return None
            found = queries.capture_by_digest(connection, digest)
            hidden = withheld.captured(connection, [found] if found is not None else [])
            return None if hidden else found

    def holder(self, digest: str) -> Capture | None:
        """As `capture_by_digest`, withheld or not: for writing captures, never for showing them."""
        with self.read() as connection:
            return queries.capture_by_digest(connection, digest)

    def capture(self, capture_id: str) -> Capture | None:
        """One capture, withheld or not (see `withheld_capture`); None when there is no such."""
        with self.read() as connection:
            return queries.capture(connection, capture_id)

    def totals(self) -> Totals:
        """What the archive holds in all."""
        with self.read() as connection:
            return queries.totals(connection)

    # ------------------------------------------------------------------------------------- withheld

    def takedowns(self, *, active: bool = False) -> list[Takedown]:
        """All takedowns, the newest first; with `active`, only those in force."""
        with self.read() as connection:
            return takedowns.listed(connection, active=active)

    def takedown(self, takedown_id: str) -> Takedown | None:
        """One takedown; None when there is no such."""
        with self.read() as connection:
            return takedowns.get(connection, takedown_id)

    def has_article(self, article_id: str) -> bool:
        """Whether there is such an article, withheld or not."""
        return self.has_version(article_id, 1)

    def has_version(self, article_id: str, number: int) -> bool:
        """Whether there is such a version, withheld or not."""
        with self.read() as connection:
            return queries.has_version(connection, article_id, number)

    def withheld_article(self, article_id: str) -> Takedown | None:
        """Why an article is withheld; None when it may be shown, or is not known."""
        with self.read() as connection:
            return withheld.article(connection, article_id)

    def withheld_version(self, article_id: str, number: int) -> Takedown | None:
        """Why a version, or its whole article, is withheld."""
        with self.read() as connection:
            return withheld.version(connection, article_id, number)

    def withheld_payload(self, digest: str) -> Takedown | None:
        """Why a picture or file is withheld, by payload digest."""
        with self.read() as connection:
            if reason := withheld.load(connection).pictures.get(digest):
                return reason
            found = queries.capture_by_digest(connection, digest)
            hidden = withheld.captured(connection, [found] if found is not None else [])
            return next(iter(hidden.values()), None)

    def withheld_address(self, url: str) -> Takedown | None:
        """Why nothing captured at an address may be shown: neither replayed nor listed in a TimeMap."""
        with self.read() as connection:
            return withheld.address(connection, url)

    def destroyed_at(self, url: str) -> bool:
        """Whether what stands at an address was destroyed by order: not to be captured again."""
        with self.read() as connection:
            return withheld.destroyed_at(connection, url)

    def withheld_capture(self, capture: Capture) -> Takedown | None:
        """Why a capture must not be handed out. To be asked before its bytes are served or exported;
        for text, ask `withheld_page` with the bytes as well."""
        return self.withheld_captures([capture]).get(capture.id)

    def withheld_captures(self, captures: Sequence[Capture]) -> dict[str, Takedown]:
        """`withheld_capture` for many: those that must not be handed out, by id."""
        with self.read() as connection:
            return withheld.captured(connection, captures)

    def withheld_page(self, body: bytes, content_type: str = "") -> Takedown | None:
        """Why a captured page must not be handed out as it is: a withheld name stands in its text.

        :param body: decoded payload of HTML, XML, JSON or plain text.
        """
        with self.read() as connection:
            return withheld.in_page(connection, body, content_type)

    def unindexed_takedowns(self, cursor: int) -> set[str]:
        """Articles whose documents an index at a cursor of the change log must not show any more."""
        with self.read() as connection:
            return withheld.unindexed(connection, cursor)

    # ------------------------------------------------------------------------------------ change log

    def changes(self, after: int, limit: int) -> list[Change]:
        """The change log after a sequence number, in order."""
        with self.read() as connection:
            return log.changes(connection, after, limit)

    def last_change(self) -> int:
        """Sequence number of the newest change; 0 when there is none."""
        with self.read() as connection:
            return log.last(connection)

    def article_ids(self, after: str = "", limit: int = 1000, site: str = "") -> list[str]:
        """Ids of all articles, or of one site's, in order of id, a page at a time."""
        with self.read() as connection:
            return log.article_ids(connection, after, limit, site)

    def article_count(self) -> int:
        """How many articles there are."""
        with self.read() as connection:
            return log.article_count(connection)


def _give_back(state: StateReader, engine: Engine, pid: int) -> None:
    """Close the connections that a process opened."""
    if pid == os.getpid():  # after a fork they are the parent's, who goes on using them
        state.close()
        engine.dispose()
