"""What an answer holds: the page, what it says, what it leads to. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from archive.errors import UrlError
from archive.extract import SiteKnowledge, extract
from archive.ingest import Decision, page_of
from archive.ingest.page import decoded
from archive.model import Attachment, Exchange, Extraction, Failure, Page, PageKind, Reason, Site, header
from archive.urls import canonical
from crawler.discover import Discovery, Kind, discover, dressing
from crawler.fetch import Answer
from crawler.frontier import Answered, Entry

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_RETRY_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_NOT_AN_ARTICLE = {
    PageKind.SOFT_404: Reason.SOFT_404,
    PageKind.BOT_CHECK: Reason.BOT_CHECK,
    PageKind.LOGIN: Reason.LOGIN,
    PageKind.EMPTY: Reason.EMPTY,
}
NOTHING = Discovery()


@dataclass(frozen=True, slots=True)
class Understood:
    """What an answer holds, as far as it can be told without the database."""

    digest: str
    """`sha256:` and hex over the payload with content-coding removed."""
    extraction: Extraction | None = None
    discovery: Discovery = NOTHING
    problem: Failure | None = None
    dressing: tuple[str, ...] = ()
    """Addresses of style sheets and of what these show."""

    @property
    def is_article(self) -> bool:
        return self.extraction is not None and self.extraction.kind is PageKind.ARTICLE


def understand(
    entry: Entry, answer: Answer, site: Site, knowledge: SiteKnowledge | None = None
) -> Understood:
    """Read an answer: what kind of page it is, what it says and what it leads to.

    :param knowledge: what was learnt of the site, if anything.
    """
    exchange, body = answer.exchange, answer.body
    if exchange.status == 304:
        return Understood(entry.digest or "")
    if body is None:
        return Understood(digest_of(exchange.payload), problem=answer.failure)
    digest = digest_of(body)
    if exchange.status != 200:
        return Understood(digest, problem=_status_failure(entry, exchange))
    kind = header(exchange.headers, "Content-Type") or ""
    if entry.kind is Kind.MEDIA:
        dressed = dressing(Page(exchange.url, body, kind)) if kind.lower().startswith("text/css") else ()
        return Understood(digest, problem=_no_picture(entry, exchange, kind), dressing=dressed)
    page = page_of(exchange, body)
    discovery = discover(page or Page(exchange.url, body, kind))
    if page is None or entry.kind in (Kind.FEED, Kind.SITEMAP):
        return Understood(digest, discovery=discovery)
    extraction = extract(page, profile=site.profile, knowledge=knowledge)
    dressed = dressing(page, is_front=entry.kind is Kind.SEED)
    reason = _NOT_AN_ARTICLE.get(extraction.kind)
    if reason is None or (reason is Reason.EMPTY and discovery.links):
        return Understood(digest, extraction, discovery, dressing=dressed)
    problem = Failure(entry.url, reason, extraction.reason or reason.value, exchange.at, False)
    return Understood(digest, extraction, discovery, problem)


def answered(entry: Entry, exchange: Exchange, understood: Understood, decided: Decision) -> Answered:
    """What the frontier keeps of an answer.

    :param decided: what the ingest made of it: an article has changed when its content has, whatever a
        counter of visits or a date of today did to the bytes.
    """
    kind = None
    if understood.extraction is not None and entry.kind in (Kind.ARTICLE, Kind.PAGE, Kind.LIST):
        if understood.is_article:
            kind = Kind.ARTICLE
        else:
            kind = Kind.LIST if understood.discovery.is_list else Kind.PAGE
    published = understood.extraction.published if understood.extraction is not None else None
    digest = understood.digest if exchange.status == 200 else None
    is_other = digest is not None and digest != entry.digest
    return Answered(
        exchange.at,
        exchange.status,
        header(exchange.headers, "ETag"),
        header(exchange.headers, "Last-Modified"),
        digest,
        kind,
        decided in (Decision.NEW, Decision.CHANGED) if understood.is_article else is_other,
        published.day if understood.is_article and published is not None else None,
    )


def answer_of(exchange: Exchange) -> Answer:
    """An exchange found in a WARC file as the fetcher would have given it."""
    if not exchange.truncated:
        return Answer(exchange, decoded(exchange) or b"")
    reason = Reason.TIMEOUT if exchange.truncated == "time" else Reason.TOO_LARGE
    text = f"The body was cut off ({exchange.truncated}) after {len(exchange.payload):,} bytes."
    return Answer(exchange, None, Failure(exchange.url, reason, text, exchange.at, reason is Reason.TIMEOUT))


def media_of(extraction: Extraction, base: str) -> list[str]:
    """Canonical addresses of an article's pictures and attachments."""
    found = [picture.url for picture in extraction.pictures()]
    found += [block.url for block in extraction.blocks if isinstance(block, Attachment)]
    return _canonical(found, base)


def pages_of(extraction: Extraction, base: str) -> list[str]:
    """Canonical addresses of an article's other pages."""
    return _canonical(extraction.parts, base)


def _canonical(urls: Iterable[str], base: str) -> list[str]:
    result = []
    for url in urls:
        try:
            result.append(canonical(url, base))
        except UrlError:
            continue  # a data: address, or nonsense; the block keeps it as it stood
    return result


def digest_of(body: bytes) -> str:
    """`sha256:` and hex."""
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def _status_failure(entry: Entry, exchange: Exchange) -> Failure | None:
    """An error page as a failure; that a page is not there (404, 410) is none: it is what it is."""
    status = exchange.status
    if status < 400 or status in (404, 410):
        return None
    text = f"The server answered {status} {exchange.reason}".rstrip() + "."
    return Failure(entry.url, Reason.HTTP, text, exchange.at, status in _RETRY_STATUS)


def _no_picture(entry: Entry, exchange: Exchange, kind: str) -> Failure | None:
    if not kind.lower().startswith("text/html"):
        return None
    text = "A page came in place of the picture or attachment."
    return Failure(entry.url, Reason.BAD_CONTENT, text, exchange.at, False)
