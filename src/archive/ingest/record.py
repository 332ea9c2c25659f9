"""Recording one exchange: its capture, and what it says of an article."""

from __future__ import annotations

from dataclasses import dataclass

from archive.documents import READER, DocumentText, kind_of
from archive.documents.process import DocumentReader
from archive.ingest import portal
from archive.ingest.captures import canonical_or_none, capture_of
from archive.ingest.decide import Decision
from archive.ingest.late import LateVisit, is_late
from archive.ingest.page import decoded, page_of
from archive.ingest.places import Places
from archive.ingest.reading import PageReader
from archive.ingest.shortlinks import shortlinks
from archive.ingest.visit import Visit
from archive.model import Capture, ChangeKind, Exchange, Extraction, Site
from archive.store import Connection, Store, attachments, journal, ledger, log
from archive.store.attachments import DocumentRow
from archive.warc import Folder, Written, files_in


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

    def __init__(self, store: Store, warc_dir: Folder) -> None:
        """
        :param warc_dir: to read earlier captures again, when the extractor or what is known of a site has
            changed since.
        """
        # Before anything is taken in: what comes again of what was taken down is withheld from the start.
        journal.catch_up(store, files_in(warc_dir).folder.parent / "journal")
        self._store = store
        self.pages = PageReader(warc_dir)
        """Reads pages as they are to be read for `record`: with the newest knowledge of their site."""
        self._documents = DocumentReader()
        self._read: dict[str, DocumentText] = {}

    def close(self) -> None:
        """End the process that reads documents, if there is one."""
        self._documents.close()

    def prepare(self, exchange: Exchange, digest: str, body: bytes | None) -> None:
        """Read an attached document before the transaction that records it, which then is a brief one.

        :param body: the payload with its content-coding removed; None when it was cut off.
        """
        if body is None or not _may_be_document(exchange, body):
            return
        with self._store.read() as connection:
            known = attachments.document(connection, digest)
        if known is None:
            self._read = {digest: self._documents.read(body)}

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
        :param extraction: what the page says (`pages.read`); None when it is no page (`page_of`). Not used
            when the page has the bytes of the last answer at its address.
        """
        if extraction is not None and is_unchanged(connection, site, exchange, digest):
            extraction = None
        capture = capture_of(connection, exchange, written, digest, site)
        is_foreign = portal.judge(connection, exchange, capture, site, self.pages)
        visit: Visit | LateVisit
        if is_late(connection, capture):
            visit = LateVisit(connection, site, capture, extraction, self.pages)
        else:
            visit = Visit(connection, site, capture, extraction, self.pages, is_foreign=is_foreign)
        visit.judge()
        if extraction is None:
            self._document(connection, exchange, capture)
        if visit.decision is Decision.NEW and visit.article is not None:
            self.pages.learn(connection, site, visit.article, capture)
        if visit.decision in (Decision.NEW, Decision.CHANGED) and visit.article is not None:
            named = shortlinks(exchange, decoded(exchange))
            Places(connection, site, capture).claim_short(visit.article, named)
        ledger.commit_file(connection, written.ref.file, site.id, written.end, exchange.at)
        return Outcome(visit.decision, visit.article, visit.version, capture)

    def _document(self, connection: Connection, exchange: Exchange, capture: Capture) -> None:
        """Keep the text of an attached document, and let the index take up the articles that link to it."""
        if capture.status != 200 or capture.truncated or capture.mime.startswith("image/"):
            return
        linking = attachments.linking(connection, capture.site, capture.urlkey)
        body = None if capture.revisit_of else decoded(exchange)
        if body is not None and (linking or _may_be_document(exchange, body)):
            self._keep_text(connection, capture.payload_digest, body)
        for article in linking:
            log.append(connection, article, ChangeKind.UPSERT, capture.at)

    def _keep_text(self, connection: Connection, digest: str, body: bytes) -> None:
        if attachments.document(connection, digest) is not None:
            return
        found = self._read.pop(digest, None) or self._documents.read(body)
        row = DocumentRow(digest, READER, found.kind, found.text, found.problem)
        attachments.put_document(connection, row)


def is_unchanged(connection: Connection, site: Site, exchange: Exchange, digest: str) -> bool:
    """Whether the last answer (200 or 304) at this address had the same bytes, so that nothing new can be in
    them."""
    url = canonical_or_none(exchange.url)
    if exchange.method != "GET" or url is None:
        return False
    earlier = ledger.last_judged(connection, site.id, url, answered=True)
    return earlier is not None and earlier.capture.payload_digest == digest and earlier.kind != ""


def _may_be_document(exchange: Exchange, body: bytes) -> bool:
    """Whether an answer that was asked for as a picture or file may be a document.

    A page is never one, whatever it begins with.
    """
    if exchange.status != 200 or exchange.truncated or page_of(exchange, body) is not None:
        return False
    try:
        return kind_of(body) != ""
    except ValueError:
        return True  # broken, which the reader is to say
