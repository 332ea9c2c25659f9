"""One visit: ask for an address, keep the answer, understand it, record all of it in one transaction."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from dataclasses import dataclass
from threading import Event

from archive.config import Settings
from archive.errors import FetchError, UrlError
from archive.extract import extract
from archive.ingest import Decision as Decided
from archive.ingest import Ingest, page_of
from archive.ingest.page import decoded
from archive.model import (
    Attachment,
    Capture,
    Exchange,
    Extraction,
    Failure,
    Page,
    PageKind,
    Reason,
    Site,
    header,
)
from archive.store import Store
from archive.urls import canonical
from archive.warc import WarcWriter, Written
from crawler.discover import Discovery, Kind, discover
from crawler.fetch import Answer, Fetcher, Request
from crawler.frontier import Answered, Candidate, Entry, Frontier, Transaction
from crawler.hosts import Host, Hosts, robots_url
from crawler.links import Sorter, too_many
from crawler.politeness import Robots, retry_after
from crawler.results import SiteResult

MAX_REDIRECTS = 10
REDIRECTS = frozenset({301, 302, 303, 307, 308})
RETRY_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
RETRY_WAIT = 2.0
"""Seconds before a failed address is tried again; doubles with each try."""
_NOT_AN_ARTICLE = {
    PageKind.SOFT_404: Reason.SOFT_404,
    PageKind.BOT_CHECK: Reason.BOT_CHECK,
    PageKind.LOGIN: Reason.LOGIN,
    PageKind.EMPTY: Reason.EMPTY,
}


ACCEPT_PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_ACCEPT_PICTURE = "image/avif,image/webp,image/*,*/*;q=0.5"
NOTHING = Discovery()


@dataclass(frozen=True, slots=True)
class Understood:
    """What an answer holds, as far as it can be told without the database."""

    body: bytes
    """Content-coding removed; b"" when it could not be."""
    digest: str
    extraction: Extraction | None = None
    discovery: Discovery = NOTHING
    problem: Failure | None = None


class Visitor:
    """Visits the addresses of one site. Not for several threads."""

    def __init__(
        self,
        settings: Settings,
        site: Site,
        *,
        store: Store,
        fetcher: Fetcher,
        writer: WarcWriter,
        run: int,
        result: SiteResult,
        stop: Event,
    ) -> None:
        self._settings, self._site, self._store = settings, site, store
        self._fetcher, self._writer, self._stop = fetcher, writer, stop
        self._run, self._result = run, result
        self._ingest = Ingest(store, settings.warc_dir)
        self._sorter = Sorter(site)
        self.frontier = Frontier(site.id)
        self.hosts = Hosts(site.delay, settings.delay)

    def visit(self, entry: Entry) -> str:
        """Ask for one address and record what comes of it. Returns a word on what that was.

        :raises WarcError, StoreError: the answer cannot be kept; nothing was acknowledged.
        """
        host = self.hosts.of(entry.url)
        if host.pace.given_up:
            return self._give_up(entry, host)
        if host.robots is None and not self._ask_robots(entry, host):
            return "no robots.txt"
        decision = host.decide(entry.url, self._site.ignore_robots)
        if not decision.allowed:
            return self._fail(entry, Failure(entry.url, Reason.ROBOTS, decision.text, _now(), False))
        if not self._wait(host):
            return "stopped"
        try:
            answer = self._fetcher.fetch(self._request(entry, decision.text))
        except FetchError as error:
            host.pace.failed(time.monotonic())
            lasting = error.reason in (Reason.REFUSED_ADDRESS, Reason.TLS)
            return self._fail(
                entry, Failure(entry.url, Reason(error.reason), str(error), _now(), not lasting)
            )
        self._note_pace(host, answer.exchange)
        return self.process(entry, answer)

    def process(self, entry: Entry, answer: Answer, written: Written | None = None) -> str:
        """Keep an answer and what follows from it.

        :param written: the answer is in a WARC file already (it was found there after a crash).
        """
        exchange = answer.exchange
        earlier = self._earlier(entry, exchange)
        if exchange.status == 304 and earlier is None:
            text = "304 (not modified), but what it vouches for is not known."
            return self._fail(entry, Failure(entry.url, Reason.HTTP, text, exchange.at, True))
        understood = self._understand(entry, answer)
        if written is None:
            revisit = earlier or self._same_payload(exchange, understood)
            written = self._writer.write(exchange, digest=understood.digest, revisit=revisit)
        self._result.pages += 1
        self._result.bytes += len(exchange.payload)
        return self._record(entry, exchange, written, understood)

    def adopt(self, exchange: Exchange, written: Written) -> None:
        """Take in an answer that an interrupted run wrote to its WARC file but not to the database."""
        with self._store.read() as connection:
            entry = self.frontier.find_exchange(connection, exchange)
        if entry is not None:
            self.process(entry, _answer_of(exchange), written)
            return
        digest = _digest(decoded(exchange) or b"")
        with self._store.begin() as connection:
            self._ingest.record(connection, exchange, written, digest, None, site=self._site)

    # -------------------------------------------------------------------------------- before the answer

    def _wait(self, host: Host) -> bool:
        """Wait for the host's turn; False when asked to stop meanwhile."""
        pause = host.pace.wait(time.monotonic())
        return not (self._stop.wait(pause) if pause > 0 else self._stop.is_set())

    @staticmethod
    def _request(entry: Entry, robots: str) -> Request:
        conditional = entry.digest is not None and entry.form is None
        return Request(
            entry.url,
            form=entry.form,
            etag=(entry.etag or "") if conditional else "",
            last_modified=(entry.last_modified or "") if conditional else "",
            accept=_ACCEPT_PICTURE if entry.kind is Kind.MEDIA else ACCEPT_PAGE,
            robots=robots,
            via=entry.via,
            hops=entry.hops,
        )

    def _note_pace(self, host: Host, exchange: Exchange) -> None:
        now = time.monotonic()
        if exchange.status in (429, 503):
            asked = retry_after(header(exchange.headers, "Retry-After"), exchange.at)
            host.pace.refused(now, asked)
        elif exchange.status >= 500:
            host.pace.failed(now)
        else:
            host.pace.succeeded(now)

    def _ask_robots(self, entry: Entry, host: Host) -> bool:
        """Fetch a host's robots.txt, following redirects (RFC 9309, 2.3.1.2). False: try again later."""
        url, status, body = robots_url(entry.url), 0, b""
        for _ in range(6):
            if not self._wait(host):
                return False
            try:
                answer = self._fetcher.fetch(
                    Request(
                        url,
                        accept="text/plain,*/*;q=0.5",
                        robots="robots.txt itself",
                        via=entry.url,
                        hops="P",
                    )
                )
            except FetchError as error:
                host.pace.failed(time.monotonic())
                self._fail(
                    entry, Failure(entry.url, Reason(error.reason), f"robots.txt: {error}", _now(), True)
                )
                return False
            exchange = answer.exchange
            self._note_pace(host, exchange)
            body = exchange.payload if answer.body is None else answer.body
            self._keep(exchange, body)
            status = exchange.status
            if status not in REDIRECTS:
                break
            try:
                url = canonical(header(exchange.headers, "Location") or "", url)
            except UrlError:
                break
        host.robots = Robots(status, body)
        if host.robots.crawl_delay > host.pace.delay:
            host.pace.delay = host.robots.crawl_delay
        self._add_sitemaps(entry, host.robots.sitemaps)
        return True

    def _add_sitemaps(self, entry: Entry, urls: tuple[str, ...]) -> None:
        found = self._sorter.sitemaps(entry, urls)
        with self._store.begin() as connection:
            self.frontier.add(connection, found, self._run)

    def _keep(self, exchange: Exchange, body: bytes) -> None:
        """Record an exchange that is no entry of the frontier."""
        digest = _digest(body)
        written = self._writer.write(exchange, digest=digest, revisit=None)
        with self._store.begin() as connection:
            self._ingest.record(connection, exchange, written, digest, None, site=self._site)

    # --------------------------------------------------------------------------------- the answer itself

    def _earlier(self, entry: Entry, exchange: Exchange) -> Capture | None:
        """The capture that a 304 vouches for."""
        if exchange.status != 304 or entry.digest is None:
            return None
        return self._store.capture_by_digest(entry.digest)

    def _same_payload(self, exchange: Exchange, understood: Understood) -> Capture | None:
        """An earlier capture of the same bytes, so that they need not be stored again."""
        if exchange.status != 200 or exchange.truncated or not understood.body:
            return None
        return self._store.capture_by_digest(understood.digest)

    def _understand(self, entry: Entry, answer: Answer) -> Understood:
        exchange, body = answer.exchange, answer.body
        if exchange.status == 304:
            return Understood(b"", entry.digest or "")
        if body is None:
            return Understood(b"", _digest(exchange.payload), problem=answer.failure)
        digest = _digest(body)
        if exchange.status != 200:
            return Understood(body, digest)
        return self._read(entry, exchange, body, digest)

    def _read(self, entry: Entry, exchange: Exchange, body: bytes, digest: str) -> Understood:
        kind = header(exchange.headers, "Content-Type") or ""
        page = page_of(exchange, body)
        if page is None or entry.kind in (Kind.MEDIA, Kind.FEED, Kind.SITEMAP):
            discovery = NOTHING if entry.kind is Kind.MEDIA else discover(Page(exchange.url, body, kind))
            extraction = extract(page, profile=self._site.profile) if page is not None else None
            return Understood(body, digest, extraction, discovery)
        discovery = discover(page)
        extraction = extract(page, profile=self._site.profile)
        reason = _NOT_AN_ARTICLE.get(extraction.kind)
        if reason is Reason.EMPTY and discovery.links:
            reason = None
        problem = None
        if reason is not None:
            text = extraction.reason or reason.value
            problem = Failure(entry.url, reason, text, exchange.at, False)
        return Understood(body, digest, extraction, discovery, problem)

    # ------------------------------------------------------------------------------- into the database

    def _record(self, entry: Entry, exchange: Exchange, written: Written, understood: Understood) -> str:
        with self._store.begin() as connection:
            outcome = self._ingest.record(
                connection, exchange, written, understood.digest, understood.extraction, site=self._site
            )
            new = 0
            if exchange.status in REDIRECTS:
                failure = self._redirect(connection, entry, exchange)
            else:
                failure = understood.problem or self._status_failure(entry, exchange)
                new = self._queue(connection, entry, understood)
            if failure is not None:
                self._note_failure(connection, entry, failure)
            else:
                self.frontier.answered(
                    connection, entry, self._answered(entry, exchange, understood), self._run
                )
        self._sorter.note(entry, understood.discovery, new)
        return self._count(entry, exchange, outcome.decision, failure)

    def _redirect(self, connection: Transaction, entry: Entry, exchange: Exchange) -> Failure | None:
        """Queue the target of a redirect in place of the address that gave it."""
        location = header(exchange.headers, "Location") or ""
        try:
            target = canonical(location, entry.url)
        except UrlError as error:
            return Failure(
                entry.url, Reason.REDIRECTS, f"It redirects to no web address: {error}", exchange.at, False
            )
        candidate = self._sorter.redirected(entry, target)
        if candidate is None:
            text = f"It redirects out of the site, to {target}. If that is the same portal, add it to scope."
            return Failure(entry.url, Reason.OUT_OF_SCOPE, text, exchange.at, False)
        chain = self._chain(connection, entry)
        if target in chain or len(chain) > MAX_REDIRECTS:
            text = f"Redirects go round, or on for more than {MAX_REDIRECTS} hops, to {target}."
            return Failure(entry.url, Reason.REDIRECTS, text, exchange.at, False)
        self.frontier.add(connection, [candidate], self._run)
        return None

    def _chain(self, connection: Transaction, entry: Entry) -> list[str]:
        """The redirects that led to an entry, itself first."""
        chain = [entry.url]
        while entry.hops.endswith("R") and len(chain) <= MAX_REDIRECTS:
            before = self.frontier.find(connection, entry.via)
            if before is None or before.url in chain:
                break
            chain.append(before.url)
            entry = before
        return chain

    def _queue(self, connection: Transaction, entry: Entry, understood: Understood) -> int:
        """Queue what a page leads to. Returns how many addresses were new."""
        extraction = understood.extraction
        is_article = extraction is not None and extraction.kind is PageKind.ARTICLE
        links = self._sorter.sort(entry, understood.discovery, is_article=is_article)
        self._result.foreign += links.foreign + understood.discovery.unreadable
        new = self._add(connection, links.wanted)
        first_visit = entry.digest is None
        # The next page of a list is worth another look only when this one showed something new.
        links.paging = links.paging if new or first_visit else self.frontier.unknown(connection, links.paging)
        new += self._add(connection, links.paging)
        self._exclude(
            connection, links.trapped, Reason.TRAP, "Too deep, in circles, or one of many that lead nowhere."
        )
        if is_article and extraction is not None:
            media, foreign = self._sorter.media(entry, _media(extraction, entry.url))
            self._result.foreign += foreign
            self.frontier.add(connection, media, self._run)
        return new

    def _add(self, connection: Transaction, candidates: list[Candidate]) -> int:
        kept: list[Candidate] = []
        known = self.frontier.counts(connection).total() if candidates else 0
        for item in candidates:
            size = (
                self.frontier.section_size(connection, item.section) if item.link.kind is Kind.PAGING else 0
            )
            if limit := too_many(item, self._site, size, known + len(kept)):
                self._exclude(connection, [item], *limit)
            else:
                kept.append(item)
        return len(self.frontier.add(connection, kept, self._run))

    def _exclude(
        self, connection: Transaction, candidates: list[Candidate], reason: Reason, text: str
    ) -> None:
        if candidates:
            number = self.frontier.exclude(connection, candidates, reason, text, self._run)
            self._result.failures[reason.value] += number

    @staticmethod
    def _status_failure(entry: Entry, exchange: Exchange) -> Failure | None:
        status = exchange.status
        if status < 400 or status in (404, 410):
            return None
        text = f"The server answered {status} {exchange.reason}.".replace(" .", ".")
        return Failure(entry.url, Reason.HTTP, text, exchange.at, status in RETRY_STATUS)

    @staticmethod
    def _answered(entry: Entry, exchange: Exchange, understood: Understood) -> Answered:
        kind = None
        if understood.extraction is not None and entry.kind in (Kind.ARTICLE, Kind.PAGE, Kind.LIST):
            if understood.extraction.kind is PageKind.ARTICLE:
                kind = Kind.ARTICLE
            else:
                kind = Kind.LIST if understood.discovery.is_list else Kind.PAGE
        return Answered(
            exchange.at,
            exchange.status,
            header(exchange.headers, "ETag"),
            header(exchange.headers, "Last-Modified"),
            understood.digest if exchange.status == 200 else None,
            kind,
        )

    # ------------------------------------------------------------------------------------------ failures

    def _fail(self, entry: Entry, failure: Failure) -> str:
        with self._store.begin() as connection:
            self._note_failure(connection, entry, failure)
        return failure.reason.value

    def _note_failure(self, connection: Transaction, entry: Entry, failure: Failure) -> None:
        wait = max(RETRY_WAIT, self.hosts.of(entry.url).pace.wait(time.monotonic()))
        if self.frontier.failed(connection, entry, failure, self._run, wait):
            self._result.failures[failure.reason.value] += 1

    def _give_up(self, entry: Entry, host: Host) -> str:
        text = f"{host.name} failed {host.pace.failures} times in a row and is left alone until the next run."
        failure = Failure(entry.url, Reason.PAUSED, text, _now(), True)
        prefix = robots_url(entry.url).removesuffix("robots.txt")
        with self._store.begin() as connection:
            number = self.frontier.give_up_host(connection, prefix, failure, self._run)
        self._result.failures[Reason.PAUSED.value] += number
        return "host given up"

    def _count(self, entry: Entry, exchange: Exchange, decided: Decided, failure: Failure | None) -> str:
        result = self._result
        if failure is not None:
            return failure.reason.value
        match decided:
            case Decided.NEW:
                result.new += 1
            case Decided.CHANGED:
                result.changed += 1
            case Decided.SAME:
                result.same += 1
            case Decided.GONE:
                result.gone += 1
            case _:
                if entry.kind is Kind.MEDIA:
                    result.pictures += 1
                    return "picture"
                return f"{exchange.status} {entry.kind.value}"
        return f"article {decided.value}"


def _media(extraction: Extraction, base: str) -> list[str]:
    """Canonical addresses of an article's pictures and attachments."""
    found = [picture.url for picture in extraction.pictures()]
    found += [block.url for block in extraction.blocks if isinstance(block, Attachment)]
    result = []
    for url in found:
        try:
            result.append(canonical(url, base))
        except UrlError:
            continue  # a data: address, or nonsense; the block keeps it as it stood
    return result


def _answer_of(exchange: Exchange) -> Answer:
    """An exchange found in a WARC file as the fetcher would have given it."""
    if not exchange.truncated:
        return Answer(exchange, decoded(exchange) or b"")
    reason = Reason.TIMEOUT if exchange.truncated == "time" else Reason.TOO_LARGE
    text = f"The body was cut off ({exchange.truncated}) after {len(exchange.payload):,} bytes."
    return Answer(exchange, None, Failure(exchange.url, reason, text, exchange.at, reason is Reason.TIMEOUT))


def _digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
