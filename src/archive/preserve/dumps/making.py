"""Making a dump: one look at the database, a site and a year at a time, whole or not at all."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from archive import __version__, chronicle
from archive.config import Settings
from archive.errors import StoreError
from archive.extract import EXTRACTOR
from archive.preserve.dumps import manifest, rows
from archive.preserve.dumps.files import Part, PartWriter, part_writers
from archive.preserve.dumps.manifest import Dump
from archive.preserve.exporting import tables
from archive.preserve.files import new_folder
from archive.store import Connection, Store, dialect, exports, journal, log, takedowns, views
from archive.store.happenings import people, write

_ARTICLES = 50
"""Articles read at once, with all their versions."""

Progress = Callable[[int, int], None]
"""Called with articles done and articles in all."""


def make(store: Store, settings: Settings, target: Path, progress: Progress | None = None) -> Dump:
    """Write a dump of everything that may be shown.

    The same archive gives the same bytes in every file but the manifest, which says when it was made.

    :param target: a folder that appears when the dump is complete.
    :raises ConfigError: it is there already, or its parent is not.
    :raises StoreError: something was taken down meanwhile.
    """
    journal.catch_up(store, settings.journal_dir)
    chronicle.follow(store, settings)
    with new_folder(target) as folder:
        with store.read() as connection:
            dialect.hold_still(connection)
            dump = _Making(connection, settings, folder, progress).all(target)
        # Ordered while the files were being written: what they hold is older.
        if manifest.held_back(dump, store.takedowns(active=True)):
            raise StoreError(
                "Something was taken down while the dump was written; it is thrown away.", "Start it again."
            )
        sums = "".join(f"{part.sha256}  {part.path}\n" for part in dump.parts)
        (folder / manifest.SUMS).write_text(sums, "utf-8")
        about = {
            "archive": settings.name,
            "address": settings.public_base,
            "operator": settings.operator,
            "software": f"district-archive/{__version__}",
            "extractor": EXTRACTOR,
            "sample": settings.sample,
        }
        (folder / manifest.FILE).write_bytes(manifest.content(dump, rows.schemas(), about))
    return dump


class _Making:
    def __init__(
        self, connection: Connection, settings: Settings, folder: Path, progress: Progress | None
    ) -> None:
        self._connection, self._folder, self._progress = connection, folder, progress
        self._settings = settings
        self._schemas = rows.schemas()
        self._leaders = people.leading(connection)
        _, read_to = write.state(connection)
        self._unread = log.changed_since(connection, read_to)
        """Articles whose newest text nobody has read for events and people yet: what is known is of an older
        one, which may be withheld by now."""
        self._total = log.article_count(connection)
        self._counts: Counter[str] = Counter()

    def all(self, target: Path) -> Dump:
        """Write all tables."""
        created = dt.datetime.now(dt.UTC)
        heeded = frozenset(item.id for item in takedowns.listed(self._connection, active=True))
        change = log.last(self._connection)
        parts: list[Part] = []
        for site in exports.sites_with_articles(self._connection):
            parts += self._site(site)
        counts = {name: self._counts[name] for name in ("articles", "versions", "events", "people")}
        return Dump(target, created, change, self._settings.rights, counts, heeded, tuple(parts))

    def _site(self, site: str) -> list[Part]:
        events = PartWriter(self._folder, self._schemas[rows.EVENTS], rows.EVENTS, site)
        named = PartWriter(self._folder, self._schemas[rows.PEOPLE], rows.PEOPLE, site)
        parts: list[Part] = []
        with part_writers(events, named) as whole:
            for year in exports.years_of(self._connection, site):
                writer = PartWriter(
                    self._folder, self._schemas[rows.ARTICLES], rows.ARTICLES, site, year or "undated"
                )
                with part_writers(writer) as done:
                    self._year(site, year, writer, events, named)
                parts += done
        return [*parts, *whole]

    def _year(self, site: str, year: str, writer: PartWriter, events: PartWriter, named: PartWriter) -> None:
        after = ("", "")
        while found := exports.ids_of(self._connection, site, year, _ARTICLES, after):
            ids = [article for _, article in found]
            for view in views.all_versions(self._connection, ids):
                writer.write(tables.row(view, self._settings.public_base))
                self._counts["versions"] += 1
            told = people.of_articles(self._connection, ids)
            for article in (item for item in ids if item not in self._unread):
                for row in rows.events(told[article]):
                    events.write(row)
                    self._counts["events"] += 1
                for row in rows.people(told[article], self._leaders):
                    named.write(row)
                    self._counts["people"] += 1
            self._counts["articles"] += len(ids)
            after = found[-1]
            if self._progress is not None:
                self._progress(self._counts["articles"], self._total)
