"""A better extractor, or better knowledge of a site, applied to what is already captured.

New extractions, never new versions: numbers, ids and states stay as they are.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

from archive import wire
from archive.documents import READER
from archive.documents.process import DocumentReader
from archive.errors import ContentError, DamagedRecordError
from archive.extract import EXTRACTOR
from archive.ingest.parts import Parts, extractor_of
from archive.ingest.reading import PageReader
from archive.ingest.showing import show
from archive.model import ChangeKind, Extraction, PageKind, Site, Version
from archive.store import Connection, Store, attachments, knowledge, ledger, log, queries
from archive.store.attachments import DocumentRow
from archive.store.ledger import Standing
from archive.store.parts import parts_of
from archive.warc import Folder, read_payload

_LOG = logging.getLogger(__name__)
_BATCH = 50
"""Articles a transaction: what is committed is not read again after an interruption."""

Progress = Callable[[int, int], None]
"""Called with articles done and articles in all."""


@dataclass(slots=True)
class ReextractReport:
    """What was read again."""

    articles: int = 0
    """Looked at."""
    versions: int = 0
    """Read again, because another extractor had read them, or with less knowledge of the site."""
    changed: int = 0
    """Versions that read differently now."""
    refused: int = 0
    """Versions in which the extractor sees no article; they keep their earlier extraction."""
    damaged: int = 0
    """Versions whose record cannot be read; `archive verify` names them."""
    documents: int = 0
    """Attached files that were read."""

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return asdict(self)


def reextract(store: Store, warc_dir: Folder, progress: Progress | None = None) -> ReextractReport:
    """Read every version again that was read by another extractor than the present one with the newest
    knowledge of its site; and every attached file that another reader has read, or none.

    Articles that read differently go to the change log, so that the index follows. Interrupted, it goes on
    where it was.
    """
    again = _Again(store, warc_dir)
    total = store.article_count()
    for ids in _batches(store):
        again.articles(ids)
        if progress is not None:
            progress(again.report.articles, total)
    again.documents()
    return again.report


def catch_up(store: Store, warc_dir: Folder, site: str) -> ReextractReport:
    """Read the versions of a site again that the present extractor read before it learnt what recurs there.

    What an older extractor has read is left to `reextract`, which may take long.
    """
    again = _Again(store, warc_dir)
    last = ""
    while True:
        with store.read() as connection:
            name = again.pages.name(connection, site)
            ids = knowledge.articles_behind(connection, site, EXTRACTOR, name, last, _BATCH)
        if not ids:
            return again.report
        again.articles(ids)
        last = ids[-1]


def _batches(store: Store) -> Iterator[list[str]]:
    last = ""
    while ids := store.article_ids(last, _BATCH):
        yield ids
        last = ids[-1]


class _Again:
    """One pass over captured pages and files."""

    def __init__(self, store: Store, warc_dir: Folder) -> None:
        self._store, self._warc_dir = store, warc_dir
        self.pages = PageReader(warc_dir)
        self.report = ReextractReport()
        with store.read() as connection:
            self._sites = {site.id: site for site in queries.site_entries(connection)}

    def articles(self, ids: list[str]) -> None:
        """Read the versions of some articles again, in one transaction."""
        with self._store.begin() as connection:
            for article in ids:
                standing = ledger.standing(connection, article)
                if standing is not None:
                    self._article(connection, standing)
        self.report.articles += len(ids)

    def _article(self, connection: Connection, standing: Standing) -> None:
        article, site = standing.article.id, self._sites[standing.article.site]
        name = self.pages.name(connection, site.id)
        is_changed = False
        for version, shown in ledger.versions_shown(connection, article):
            if extractor_of(shown) == name:
                continue
            before = ledger.extraction(connection, version.capture, shown)
            newest = version.number == standing.version.number
            after = self._version(connection, site, version, name, newest=newest)
            if after is None:
                continue
            self.report.versions += 1
            if before is None or wire.content_hash(before) != wire.content_hash(after):
                self.report.changed += 1
                is_changed = True
        if is_changed:
            log.append(connection, article, ChangeKind.UPSERT, standing.version.at)

    def _version(
        self, connection: Connection, site: Site, version: Version, name: str, *, newest: bool
    ) -> Extraction | None:
        """Show a version as it is read now; None when it keeps what it has."""
        pages = parts_of(connection, version.article, version.number)
        capture = queries.capture(connection, version.capture)
        after: Extraction | None = None
        if pages:
            after = Parts(connection, site, self.pages).joined(pages, name)
        elif capture is not None:
            after = self.pages.read_capture(connection, site, capture, name)
        if after is None:
            self.report.damaged += 1
        elif after.kind is not PageKind.ARTICLE:
            self.report.refused += 1
        else:
            show(connection, site.id, version, after, newest=newest)
            return after
        return None

    def documents(self) -> None:
        """Read the attached files that the present reader has not read."""
        with closing(DocumentReader()) as reader:
            last = ""
            while True:
                with self._store.read() as connection:
                    digests = attachments.to_read(connection, READER, last, _BATCH)
                if not digests:
                    return
                for digest in digests:
                    self._document(reader, digest)
                last = digests[-1]

    def _document(self, reader: DocumentReader, digest: str) -> None:
        with self._store.read() as connection:
            capture = queries.capture_by_digest(connection, digest)
            if capture is None:
                return
            try:
                body = read_payload(self._warc_dir, capture, lambda item: queries.capture(connection, item))
            except (DamagedRecordError, ContentError) as error:
                _LOG.warning("%s cannot be read again: %s", capture.url, error)
                return
        found = reader.read(body)
        self.report.documents += 1
        with self._store.begin() as connection:
            row = DocumentRow(digest, READER, found.kind, found.text, found.problem)
            before = attachments.document(connection, digest)
            attachments.put_document(connection, row)
            if before is None or before.text != row.text:
                for article in attachments.articles_with(connection, digest):
                    log.append(connection, article, ChangeKind.UPSERT, capture.at)
