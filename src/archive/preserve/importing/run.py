"""An import: from a source into our own WARC files, and from these into the database, as a crawl does.

Restartable: what is taken in is committed with the position in the source, under the source's hash.
Repeatable: an exchange whose address, moment and payload are known is passed over.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import getpass
import logging
import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import Event

from archive.config import Settings
from archive.errors import StorageError, UrlError, WarcError
from archive.ingest import Decision, Ingest, recover, take
from archive.ingest.ahead import ReadAhead
from archive.ingest.page import decoded
from archive.ingest.recover import FoundExchange
from archive.model import Capture, Exchange, Site
from archive.preserve.importing.batches import batches
from archive.preserve.importing.report import ImportReport
from archive.preserve.importing.sites import Chooser, Target
from archive.preserve.importing.source import Item, Original, Skipped, Source
from archive.preserve.putaway import put_away_after_work
from archive.preserve.reextract import catch_up
from archive.store import Connection, Store, imports, queries
from archive.store import sites as site_rows
from archive.store.holding import HeldSite, Holder
from archive.store.imports import MAX_SKIPPED, Import
from archive.urls import canonical, surt
from archive.warc import WarcWriter, capture_files, read_record
from archive.warc.record import sha256

_LOG = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Called with items done and items in all."""

_BATCHES_AHEAD = 2
"""Batches whose pages are read ahead: bounds memory, and what is read in vain as a site is learnt of."""
_LASTING = ("taken", "articles", "versions")
"""What a repeated import adds to."""
NO_PAYLOAD = "the record that holds its payload is not here; import that file too, then this one again"


def import_source(
    settings: Settings,
    store: Store,
    source: Source,
    *,
    target: Target,
    sites: Sequence[Site] = (),
    by: str = "",
    stop: Event | None = None,
    progress: Progress | None = None,
    waiting: Callable[[str], None] | None = None,
    processes: int = 1,
) -> ImportReport:
    """Take in one source.

    :param sites: the entries of the sites file; the database's own come after them.
    :param by: who imports, for the record.
    :param stop: when set, the import ends after the batch under way and can go on later.
    :param processes: how many work on it: one writes, the others read pages before their turn comes. What
        comes of it is the same.
    :param waiting: called with a site's id before another process is waited for; without it that is an error.
    :raises SourceError: nothing of it belongs to a known site.
    :raises BusyError: another process holds one of its sites.
    :raises WarcError, StoreError: captures cannot be kept; what was taken in before stays.
    """
    work = _Import(settings, store, source, target, by, stop or Event())
    with work.helped_by(processes - 1):
        return work.run(sites, progress, waiting)


class _Import:
    def __init__(
        self, settings: Settings, store: Store, source: Source, target: Target, by: str, stop: Event
    ) -> None:
        self._settings, self._store, self._source, self._stop = settings, store, source, stop
        self._folder = capture_files(settings)
        self._ingest = Ingest(store, self._folder)
        self._target, self._by = target, by
        self._writers: dict[str, WarcWriter] = {}
        self._written_sites: set[Site] = set()
        self._row: Import
        self._held: dict[str, HeldSite] = {}
        self._earlier: Counter[str] = Counter()
        """What finished imports of the same source took in."""
        self._label = ""
        self.report = ImportReport(source.name, "")

    @contextlib.contextmanager
    def helped_by(self, processes: int) -> Iterator[None]:
        """Let other processes read pages ahead."""
        if processes < 1:
            yield
            return
        with contextlib.closing(ReadAhead(processes)) as ahead:
            self._ingest.pages.ahead = ahead
            yield

    def run(
        self, sites: Sequence[Site], progress: Progress | None, waiting: Callable[[str], None] | None
    ) -> ImportReport:
        with self._store.read() as connection:
            known = [*sites, *queries.site_entries(connection)]
        chooser = Chooser(self._target, known)
        total = 0
        for item in self._source.items():
            total += 1
            if isinstance(item, Item):
                chooser.look(item)
        chooser.decide(self._source.name)
        self.report.sha256 = self._source.fingerprint()
        self.report.sites = sorted(chooser.sites)
        self._label = f"{self._source.name} sha256:{self.report.sha256}"
        with contextlib.ExitStack() as stack:
            holder = stack.enter_context(Holder(self._store))
            self._held = stack.enter_context(
                holder.sites(self._settings.var / "locks", chooser.sites, waiting=waiting)
            )
            stack.callback(self._close)
            self._begin()
            self._adopt(chooser.sites.values())
            self._items(chooser, total, progress)
            self._close()
            if not self._stop.is_set():
                problem = put_away_after_work(self._settings, self._store, chooser.sites)
                if problem:
                    _LOG.warning("%s", problem)
        return self.report

    # ---------------------------------------------------------------------------- begin, go on, end

    def _begin(self) -> None:
        """The row of this import; that of an interrupted one is gone on with."""
        with self._transaction() as connection:
            row = imports.find(connection, self.report.sha256, self._target.key)
            if row is None:
                row = Import(
                    self.report.sha256, self._target.key, self._source.name, self._source.kind,
                    self._source.size, self._by, dt.datetime.now(dt.UTC),
                )  # fmt: skip
            elif row.ended_at is not None:
                self._earlier.update({name: row.counts.get(name, 0) for name in _LASTING})
                row = dataclasses.replace(row, ended_at=None, position=0, counts={}, skipped=())
            self._row = row
            self.report.begun_before = row.position
            self.report.counts.update(row.counts)
            self.report.skipped = list(row.skipped)
            imports.put(connection, row)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """A transaction that writes rows of all the import's sites, as long as it holds them."""
        with self._store.begin() as connection:
            for site in self._held.values():
                site.check_in(connection)
            yield connection

    def _adopt(self, sites: Iterable[Site]) -> None:
        """Take in what an interrupted crawl or import wrote but did not commit."""
        for site in sites:
            self._put_site(site)

            def adopt(found: FoundExchange, site: Site = site) -> None:
                with self._transaction() as connection:
                    take(connection, self._ingest, self._folder, found, site)

            recover(self._store, self._folder, site, adopt)

    def _put_site(self, site: Site, sample: bool = False) -> None:
        with self._transaction() as connection:
            if site not in self._written_sites:
                site_rows.write(connection, site, sample or self._settings.sample)
                self._written_sites.add(site)

    def _close(self) -> None:
        self._ingest.close()
        for writer in self._writers.values():
            writer.close()

    def _items(self, chooser: Chooser, total: int, progress: Progress | None) -> None:
        portions = batches(self._source.items(), self._row.position)
        for batch in self._begun_ahead(portions, chooser):
            if self._stop.is_set():
                return
            self._batch(batch, chooser, len(batch))
            if progress is not None:
                progress(self._row.position, total)
        if not self._again(chooser):
            return
        for site in chooser.sites:
            # What recurs on a site is learnt on the way, as in a crawl: what was read before is read again.
            catch_up(self._store, self._folder, site)
        with self._transaction() as connection:
            self._note(connection, 0, ended=dt.datetime.now(dt.UTC))
        self.report.complete = True

    def _begun_ahead(
        self, portions: Iterator[list[Item | Skipped]], chooser: Chooser
    ) -> Iterator[list[Item | Skipped]]:
        """The batches in order; with helpers, the pages of the following ones are being read meanwhile."""
        ahead = self._ingest.pages.ahead
        if ahead is None:
            yield from portions
            return
        begun: deque[list[Item | Skipped]] = deque()
        for batch in portions:
            ahead.begin_batch()
            with self._store.read() as connection:
                for item in batch:
                    if isinstance(item, Item) and self._is_new(connection, item):
                        self._read_ahead(connection, ahead, item, chooser.site_of(item))
            begun.append(batch)
            if len(begun) > _BATCHES_AHEAD:
                yield begun.popleft()
                ahead.end_batch()
        while begun:
            yield begun.popleft()
            ahead.end_batch()

    def _read_ahead(self, connection: Connection, ahead: ReadAhead, item: Item, site: Site | None) -> None:
        if site is not None and item.original is None:
            known = self._ingest.pages.knowledge(connection, site.id)
            ahead.begin(item.exchange, site.profile, known)

    @staticmethod
    def _is_new(connection: Connection, item: Item) -> bool:
        """Whether an exchange is likely to be unknown; one that is known need not be read."""
        try:
            return imports.at_moment(connection, surt(canonical(item.exchange.url)), item.exchange.at) is None
        except UrlError:
            return False

    def _batch(self, batch: list[Item | Skipped], chooser: Chooser, more: int) -> None:
        if len(batch) == 1 and isinstance(batch[0], Item):
            # A document, which takes its time: it is read before the transaction.
            body = decoded(batch[0].exchange)
            self._ingest.prepare(batch[0].exchange, sha256(body or b""), body)
        with self._transaction() as connection:
            for item in batch:
                if isinstance(item, Skipped):
                    self._skip(item)
                else:
                    self._item(connection, item, chooser.site_of(item))
            # The order of writing: capture files on disk, then the rows that name them.
            for writer in self._writers.values():
                writer.sync()
            self._note(connection, more)

    def _again(self, chooser: Chooser) -> bool:
        """Revisits that stood before the record with their payload, tried once more; False when stopped."""
        lacking = [pair for pair in self.report.skipped if pair[1] == NO_PAYLOAD]
        if not lacking:
            return True
        counts = self.report.counts
        known = counts["known"]
        counts["skipped"] -= len(lacking)
        self.report.skipped = [pair for pair in self.report.skipped if pair[1] != NO_PAYLOAD]
        revisits = (item for item in self._source.items() if isinstance(item, Item) and item.original)
        for batch in batches(revisits, 0):
            if self._stop.is_set():
                return False
            self._batch(batch, chooser, 0)
        counts["known"] = known
        return True

    def _note(self, connection: Connection, more: int, ended: dt.datetime | None = None) -> None:
        self._row = dataclasses.replace(
            self._row,
            position=self._row.position + more,
            counts=dict(self.report.counts + self._earlier),
            skipped=tuple(self.report.skipped),
            ended_at=ended,
        )
        imports.put(connection, self._row)

    def _skip(self, item: Skipped) -> None:
        self.report.counts["skipped"] += 1
        if len(self.report.skipped) < MAX_SKIPPED:
            self.report.skipped.append((item.place, item.reason))

    # ------------------------------------------------------------------------------------- one item

    def _item(self, connection: Connection, item: Item, site: Site | None) -> None:
        if site is None:
            self._skip(Skipped(item.place, f"{item.exchange.url[:200]} belongs to no known site"))
            return
        if site not in self._written_sites:
            site_rows.write(connection, site, item.sample or self._settings.sample)
            self._written_sites.add(site)
        holder = self._original(connection, item.original, site) if item.original is not None else None
        exchange = item.exchange
        if item.original is not None and exchange.status != 304:
            payload = self._stored_payload(holder) if holder is not None else None
            if payload is None:
                self._skip(Skipped(item.place, NO_PAYLOAD))
                return
            exchange = dataclasses.replace(exchange, payload=payload)
        if exchange.status == 304:
            digest = holder.payload_digest if holder is not None else sha256(b"")
        else:
            body = decoded(exchange)
            digest = sha256(exchange.payload if body is None else body)
            holder = self._same(connection, exchange, digest, site)
        url = canonical(exchange.url)
        if imports.known(connection, surt(url), exchange.at, digest) is not None:
            self.report.counts["known"] += 1
            return
        self._take(connection, item, exchange, digest, holder, site)

    def _take(
        self,
        connection: Connection,
        item: Item,
        exchange: Exchange,
        digest: str,
        holder: Capture | None,
        site: Site,
    ) -> None:
        label = "; ".join(part for part in (self._label, item.note, exchange.source) if part)
        exchange = dataclasses.replace(exchange, source=label)
        identity = item.capture_id
        if identity and queries.capture(connection, identity) is not None:
            identity = ""  # a record id that is used already says nothing about this record
        written = self._writer(site, item.sample).write(
            exchange, digest=digest, revisit=holder, capture_id=identity, sync=False
        )
        is_revisit = written.revisit_of is not None
        if is_revisit:
            exchange = dataclasses.replace(exchange, payload=b"")
        found = FoundExchange(exchange, written, is_revisit, digest)
        outcome = take(connection, self._ingest, self._folder, found, site)
        counts = self.report.counts
        counts["taken"] += 1
        counts["articles"] += outcome.decision is Decision.NEW
        counts["versions"] += outcome.version is not None

    def _writer(self, site: Site, sample: bool) -> WarcWriter:
        if site.id not in self._writers:
            settings, row = self._settings, self._row
            origin = {
                "name": row.name,
                "sha256": row.sha256,
                "kind": row.kind,
                "size": str(row.size),
                "target": row.target,
                "by": row.imported_by,
                "at": row.began_at.isoformat(),
            }
            self._writers[site.id] = WarcWriter(
                self._folder, site, user_agent=settings.user_agent, operator=settings.operator,
                max_size=settings.warc_size, sample=sample or settings.sample, origin=origin,
            )  # fmt: skip
        return self._writers[site.id]

    # ------------------------------------------------------------------------- payloads of revisits

    def _original(self, connection: Connection, told: Original, site: Site) -> Capture | None:
        """The capture that a revisit of the source rests on; it may have come in by another file."""
        found = queries.capture(connection, told.capture_id) if told.capture_id else None
        if found is None and told.at is not None:
            with contextlib.suppress(UrlError):
                found = imports.at_moment(connection, surt(canonical(told.url)), told.at)
        seen: set[str] = set()
        while found is not None and found.revisit_of is not None and found.id not in seen:
            seen.add(found.id)
            found = queries.capture(connection, found.revisit_of)
        return found if found is not None and found.revisit_of is None else None

    def _stored_payload(self, holder: Capture) -> bytes | None:
        """A payload as it stands in our files, content-coding kept."""
        try:
            return read_record(self._folder, holder.ref).payload()
        except StorageError:
            raise  # it is there, but not to be had now: nothing may be passed over for that
        except (WarcError, ValueError):
            return None

    def _same(self, connection: Connection, exchange: Exchange, digest: str, site: Site) -> Capture | None:
        """A capture of the same site that has these bytes, so that they need not be kept twice."""
        if exchange.status != 200 or exchange.truncated or not exchange.payload:
            return None
        found = queries.capture_by_digest(connection, digest)
        return found if found is not None and found.site == site.id else None


def importer() -> str:
    """The name of the person at the terminal, as the system knows it."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        return ""
