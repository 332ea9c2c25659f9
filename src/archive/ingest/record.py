"""Recording one exchange: its capture, and what it says of an article."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from archive.errors import ContentError, DamagedRecordError
from archive.extract import extract
from archive.ingest.captures import capture_of
from archive.ingest.decide import Decision
from archive.ingest.late import LateVisit, is_late
from archive.ingest.visit import Visit
from archive.model import Capture, Exchange, Extraction, Page, Site
from archive.store import Connection, Store, ledger, queries
from archive.warc import Written, read_payload

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one exchange meant."""

    decision: Decision
    article: str | None
    """The article that it showed, or whose absence it showed."""
    version: int | None
    """The number of the version that it began; None when it began none."""
    capture: Capture


class Ingest:
    """Records exchanges in the database, within the caller's transactions."""

    def __init__(self, store: Store, warc_dir: Path) -> None:
        """
        :param warc_dir: to read an earlier capture again when the extractor has changed since.
        """
        self._store = store
        self._warc_dir = warc_dir

    def record(
        self,
        connection: Connection,
        exchange: Exchange,
        written: Written,
        digest: str,
        extraction: Extraction | None,
        *,
        site: Site,
    ) -> Outcome:
        """Record one exchange that stands in a WARC file.

        :param connection: a transaction of `Store.begin`; nothing counts before it is committed.
        :param digest: `sha256:` and hex over the payload with content-coding removed.
        :param extraction: what the page says; None when it is no page (`page_of`), or when it has the bytes
            of the last capture at its address that was a 200 or a 304, so that nothing new can be in it.
        """
        capture = capture_of(connection, exchange, written, digest, site)
        kind = LateVisit if is_late(connection, capture) else Visit
        visit = kind(connection, site, capture, extraction, self.extract_again)
        visit.judge()
        ledger.commit_file(connection, written.ref.file, site.id, written.end, exchange.at)
        return Outcome(visit.decision, visit.article, visit.version, capture)

    def extract_again(self, connection: Connection, capture: Capture, site: Site) -> Extraction | None:
        """What the present extractor finds in an earlier capture; None when its record is damaged."""
        try:
            body = read_payload(self._warc_dir, capture, lambda item: queries.capture(connection, item))
        except (DamagedRecordError, ContentError) as error:
            _LOG.warning("%s cannot be extracted again: %s", capture.url, error)
            return None
        return extract(Page(capture.url, body, capture.mime), profile=site.profile)
