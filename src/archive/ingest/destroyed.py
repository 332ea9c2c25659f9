"""What a replay makes of a record that was destroyed by order: the same ids and numbers, and nothing else.

The tombstone says which article the capture showed and which version began with it. Both get their rows, with
an empty extraction, so that addresses, ids and numbers of whatever follows are as they were.
"""

from __future__ import annotations

from archive.ingest.captures import canonical_or_none
from archive.ingest.decide import Decision
from archive.ingest.places import Places
from archive.ingest.record import Outcome
from archive.ingest.recover import FoundExchange
from archive.model import Article, ArticleState, Capture, Extraction, PageKind, Site, Version
from archive.store import Connection, ledger
from archive.urls import surt
from archive.warc.tombstone import Destroyed

EXTRACTOR = "destroyed"
"""Name of the extractor that read nothing, because there is nothing to read."""


def record(connection: Connection, found: FoundExchange, tombstone: Destroyed, site: Site) -> Outcome:
    """Record one exchange whose response was destroyed.

    :param connection: a transaction of `Store.begin`.
    """
    facts = tombstone.facts
    capture = _capture(found, facts, site)
    article, number = facts.get("article") or None, int(facts.get("version") or 0)
    places = Places(connection, site, capture)
    ledger.add_capture(connection, capture, kind=facts.get("kind", ""), article=article)
    if article is not None and number:
        if number == 1:
            made = Article(article, site.id, capture.url, capture.at, capture.at, ArticleState.LIVE, None)
            ledger.add_article(connection, made)
        version = Version(article, number, capture.id, capture.at, facts.get("content", ""), EXTRACTOR)
        ledger.add_version(connection, version, Extraction(PageKind.ARTICLE, EXTRACTOR))
    if article is not None:
        places.found(article)
    written = found.written
    ledger.commit_file(connection, written.ref.file, site.id, written.end, found.exchange.at)
    return Outcome(Decision.SAME, article, number or None, capture)


def _capture(found: FoundExchange, facts: dict[str, str], site: Site) -> Capture:
    exchange = found.exchange
    url = canonical_or_none(exchange.url) or exchange.url
    return Capture(
        id=found.written.capture_id,
        site=site.id,
        url=url,
        urlkey=surt(url),
        at=exchange.at,
        method=exchange.method,
        status=exchange.status,
        mime=facts.get("mime", ""),
        payload_digest=facts.get("payload", ""),
        size=int(facts.get("size") or 0),
        ref=found.written.ref,
        robots=exchange.robots,
        via=exchange.via,
    )
