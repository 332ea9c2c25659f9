"""A better extractor, applied to what is already captured: new extractions, never new versions."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from archive import wire
from archive.errors import ContentError, DamagedRecordError
from archive.extract import EXTRACTOR, extract
from archive.model import ChangeKind, Extraction, Page, PageKind, Version, header
from archive.store import Connection, Store, ledger, log, queries
from archive.warc import read_exchange, read_payload

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
    """Read again, because another extractor had read them."""
    changed: int = 0
    """Versions that read differently now."""
    refused: int = 0
    """Versions in which the extractor sees no article; they keep their earlier extraction."""
    damaged: int = 0
    """Versions whose record cannot be read; `archive verify` names them."""

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return asdict(self)


def reextract(store: Store, warc_dir: Path, progress: Progress | None = None) -> ReextractReport:
    """Read every version again that another extractor than the present one has read.

    Version numbers, ids and states stay as they are; articles that read differently go to the change log,
    so that the index follows. Interrupted, it goes on where it was.
    """
    report = ReextractReport()
    total = store.article_count()
    with store.read() as connection:
        profiles = {site.id: site.profile for site in queries.site_entries(connection)}
    for ids in _batches(store):
        with store.begin() as connection:
            for article in ids:
                _article(connection, warc_dir, article, profiles, report)
        report.articles += len(ids)
        if progress is not None:
            progress(report.articles, total)
    return report


def _batches(store: Store) -> Iterator[list[str]]:
    last = ""
    while ids := store.article_ids(last, _BATCH):
        yield ids
        last = ids[-1]


def _article(
    connection: Connection,
    warc_dir: Path,
    article: str,
    profiles: dict[str, str | None],
    report: ReextractReport,
) -> None:
    standing = ledger.standing(connection, article)
    if standing is None:
        return
    is_changed = False
    for version, shown in ledger.versions_shown(connection, article):
        if shown == EXTRACTOR:
            continue
        again = _read(connection, warc_dir, version, profiles.get(standing.article.site), report)
        if again is None:
            continue
        report.versions += 1
        before = ledger.extraction(connection, version.capture, shown)
        ledger.show(connection, version, again, newest=version.number == standing.version.number)
        if before is None or wire.content_hash(before) != wire.content_hash(again):
            report.changed += 1
            is_changed = True
    if is_changed:
        log.append(connection, article, ChangeKind.UPSERT, standing.version.at)


def _read(
    connection: Connection, warc_dir: Path, version: Version, profile: str | None, report: ReextractReport
) -> Extraction | None:
    capture = queries.capture(connection, version.capture)
    if capture is None:
        report.damaged += 1
        return None
    try:
        kind = header(read_exchange(warc_dir, capture.ref).headers, "content-type")
        body = read_payload(warc_dir, capture, lambda item: queries.capture(connection, item))
    except (DamagedRecordError, ContentError) as error:
        _LOG.warning("%s, version %d, cannot be read again: %s", capture.url, version.number, error)
        report.damaged += 1
        return None
    again = extract(Page(capture.url, body, kind or capture.mime), profile=profile)
    if again.kind is not PageKind.ARTICLE:
        report.refused += 1
        return None
    return again
