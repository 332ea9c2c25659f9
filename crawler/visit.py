"""One visit: ask for an address, keep the answer, understand it, record all of it in one transaction."""

from __future__ import annotations

import datetime as dt
import time
from threading import Event

from archive.config import Settings
from archive.errors import FetchError, UrlError
from archive.ingest import Decision as Decided
from archive.ingest import FoundExchange, Ingest, take
from archive.model import Capture, Exchange, Failure, Reason, Site, header
from archive.store import Store, leases
from archive.store.holding import HeldSite
from archive.urls import canonical
from archive.warc import WarcWriter, Written, capture_files
from archive.warc.read import content_encoding, media_type
from crawler.discover import Kind
from crawler.fetch import ACCEPT_PAGE, Answer, Fetcher, Request
from crawler.frontier import Candidate, Entry, Frontier, Transaction, url_key
from crawler.hosts import Host, Hosts, robots_url
from crawler.links import Sorter, too_many
from crawler.meter import Meter
from crawler.politeness import SERVER_ERROR, Robots, retry_after
from crawler.results import SiteResult
from crawler.understand import (
    NOTHING,
    REDIRECTS,
    Understood,
    answer_of,
    answered,
    digest_of,
    media_of,
    pages_of,
    understand,
)

MAX_REDIRECTS = 10
ROBOTS_REDIRECTS = 5
"""RFC 9309, 2.3.1.2."""
MAX_EXCLUDED = 20_000
"""Addresses left out that are listed one by one; what a trap makes beyond them is only counted."""
MAX_DRESSING = 2_000
"""Style sheets and what these show in one run at most: some sites make a new address of them on each page."""
MAX_EMBEDDED = 4
"""Style sheets that import one another are followed so far."""
_ACCEPT_PICTURE = "image/avif,image/webp,image/*,*/*;q=0.5"
_NO_ANSWER = frozenset({Reason.CONNECT, Reason.DNS, Reason.TIMEOUT, Reason.TLS, Reason.CUT})
"""What speaks against the host, and not against one address."""
_LASTING = frozenset({Reason.REFUSED_ADDRESS, Reason.TLS, Reason.BAD_CONTENT, Reason.TOO_LARGE})


class Visitor:
    """Visits the addresses of one site. Not for several threads."""

    def __init__(
        self,
        settings: Settings,
        site: Site,
        *,
        store: Store,
        held: HeldSite,
        fetcher: Fetcher,
        writer: WarcWriter,
        run: int,
        result: SiteResult,
        stop: Event,
        follow: bool = True,
    ) -> None:
        """
        :param held: the site, which has one writer.
        :param follow: queue what pages link to; their pictures and attachments are queued in any case.
        """
        self._follow = follow
        self._site, self._store, self.held = site, store, held
        self._fetcher, self._writer, self._stop = fetcher, writer, stop
        self._run, self._result = run, result
        self._ingest = Ingest(store, capture_files(settings))
        self._captures = capture_files(settings)
        self._sorter = Sorter(site)
        self._excluded = 0
        self._dressed = 0
        self.frontier = Frontier(site.id)
        self.hosts = Hosts(site.delay, settings.delay)
        self.meter = Meter()

    def close(self) -> None:
        """End the process that reads attached documents, if one was needed."""
        self._ingest.close()

    def visit(self, entry: Entry) -> str:
        """Ask for one address and record what comes of it. Returns a word on what that was.

        :raises WarcError, StoreError: the answer cannot be kept; nothing was acknowledged.
        """
        if self._store.destroyed_at(entry.url):
            text = "What stands here was destroyed by order, and is not captured again."
            return self._fail(entry, Failure(entry.url, Reason.WITHHELD, text, _now(), False))
        host = self.hosts.of(entry.url)
        if host.pace.given_up:
            text = f"{host.name} did not answer several times in a row; the next run tries again."
            return self._give_up(entry, host, Reason.PAUSED, text)
        if host.robots is None and not self._ask_robots(entry, host):
            return "no robots.txt"
        decision = host.decide(entry.url, self._site.ignore_robots)
        if not decision.allowed:
            if host.robots is not None and host.robots.unreachable:
                return self._give_up(entry, host, Reason.ROBOTS, decision.text)
            return self._fail(entry, Failure(entry.url, Reason.ROBOTS, decision.text, _now(), False))
        if not self._wait(host):
            return "stopped"
        try:
            answer = self._fetcher.fetch(_request(entry, decision.text))
        except FetchError as error:
            return self._fail(entry, self._unanswered(entry, host, error))
        self._note_pace(host, answer.exchange)
        return self.process(entry, answer)

    def process(self, entry: Entry, answer: Answer, written: Written | None = None) -> str:
        """Keep an answer and what follows from it.

        :param written: the answer is in a WARC file already (it was found there after a crash).
        """
        exchange = answer.exchange
        with self._store.read() as connection:
            knowledge = self._ingest.pages.knowledge(connection, self._site.id)
        understood = understand(entry, answer, self._site, knowledge)
        if written is None:
            revisit = self._earlier(exchange, understood)
            written = self._writer.write(
                exchange, digest=understood.digest, revisit=revisit, extraction=understood.extraction
            )
        self._ingest.prepare(exchange, understood.digest, answer.body)
        self._result.pages += 1
        self._result.bytes += len(exchange.payload)
        return self._record(entry, exchange, written, understood)

    def adopt(self, found: FoundExchange) -> None:
        """Take in an answer that an interrupted run or import wrote to its file but not to the database."""
        with self._store.read() as connection:
            entry = None if found.exchange.source else self.frontier.find_exchange(connection, found.exchange)
        if entry is not None:
            self.process(entry, answer_of(found.exchange), found.written)
            return
        with self.held.begin() as connection:
            take(connection, self._ingest, self._captures, found, self._site)

    # -------------------------------------------------------------------------------- before the answer

    def _wait(self, host: Host) -> bool:
        """Wait for the host's turn; False when asked to stop meanwhile.

        :raises BusyError: the site was taken over by another process meanwhile.
        """
        pause = host.pace.wait(time.monotonic())
        if pause > 0 and self._stop.wait(pause):
            return False
        if host.pace.delay > 0:
            # In turn with other processes too: of another site on the same host, or the one before this.
            with self._store.begin_rows() as connection:
                turn = leases.turn(connection, host.name, dt.timedelta(seconds=host.pace.delay))
            self._stop.wait(turn.total_seconds())
        self.held.check()
        return not self._stop.is_set()

    def _note_pace(self, host: Host, exchange: Exchange) -> None:
        now = time.monotonic()
        if exchange.status in (429, 503):
            host.pace.refused(now, retry_after(header(exchange.headers, "Retry-After"), exchange.at))
            with self._store.begin_rows() as connection:
                leases.hold_off(connection, host.name, dt.timedelta(seconds=host.pace.wait(now)))
        elif exchange.status >= 500:
            host.pace.failed(now, SERVER_ERROR)
        else:
            host.pace.succeeded(now)

    @staticmethod
    def _unanswered(entry: Entry, host: Host, error: FetchError) -> Failure:
        reason = Reason(error.reason)
        if reason in _NO_ANSWER:
            host.pace.failed(time.monotonic())
        else:
            host.pace.succeeded(time.monotonic())
        return Failure(entry.url, reason, str(error), _now(), reason not in _LASTING)

    def _ask_robots(self, entry: Entry, host: Host) -> bool:
        """Fetch a host's robots.txt, following redirects. False: it could not be had now."""
        url, status, body = robots_url(entry.url), 0, b""
        for _ in range(ROBOTS_REDIRECTS + 1):
            if not self._wait(host):
                return False
            request = Request(
                url, accept="text/plain,*/*;q=0.5", robots="robots.txt itself", via=entry.url, hops="P"
            )
            try:
                answer = self._fetcher.fetch(request)
            except FetchError as error:
                failure = self._unanswered(entry, host, error)
                text = f"robots.txt: {failure.detail}"
                self._fail(entry, Failure(entry.url, failure.reason, text, failure.at, failure.retry))
                return False
            exchange = answer.exchange
            self._note_pace(host, exchange)
            body = exchange.payload if answer.body is None else answer.body
            self._keep(exchange, body)
            status = exchange.status
            if answer.body is None and content_encoding(exchange.headers):
                # It was cut while it was still packed: no rule in it can be read, which forbids all.
                status = 0
            if status not in REDIRECTS:
                break
            try:
                url = canonical(header(exchange.headers, "Location") or "", url)
            except UrlError:
                break
        # Redirects without end are as no robots.txt at all.
        host.robots = Robots(404 if status in REDIRECTS else status, body)
        host.pace.delay = max(host.pace.delay, host.robots.crawl_delay)
        found = self._sorter.sitemaps(entry, host.robots.sitemaps) if self._follow else []
        with self.held.begin() as connection:
            self.frontier.add(connection, found, self._run)
        return True

    def _keep(self, exchange: Exchange, body: bytes) -> None:
        """Record an exchange that is no entry of the frontier."""
        digest = digest_of(body)
        written = self._writer.write(exchange, digest=digest, revisit=self._same(exchange, digest))
        with self.held.begin() as connection:
            self._ingest.record(connection, exchange, written, digest, None, site=self._site)

    # --------------------------------------------------------------------------------- the answer itself

    def _earlier(self, exchange: Exchange, understood: Understood) -> Capture | None:
        """The capture that holds the payload already: what a 304 vouches for, or the same bytes."""
        if exchange.status == 304:
            return self._store.holder(understood.digest)
        return self._same(exchange, understood.digest)

    def _same(self, exchange: Exchange, digest: str) -> Capture | None:
        if exchange.status != 200 or exchange.truncated or not exchange.payload:
            return None
        return self._store.holder(digest)

    # ------------------------------------------------------------------------------- into the database

    def _record(self, entry: Entry, exchange: Exchange, written: Written, understood: Understood) -> str:
        with self.held.begin() as connection:
            outcome = self._ingest.record(
                connection, exchange, written, understood.digest, understood.extraction, site=self._site
            )
            new, moved = 0, False
            failure = understood.problem
            if exchange.status == 304 and written.revisit_of is None:
                text = "304 (not modified), but what it vouches for is not in the archive."
                failure = Failure(entry.url, Reason.HTTP, text, exchange.at, True)
                self.frontier.forget_validators(connection, entry)
            elif exchange.status in REDIRECTS:
                failure, moved = self._redirect(connection, entry, exchange)
            else:
                new = self._queue(connection, entry, understood)
            if failure is not None:
                self._note_failure(connection, entry, failure)
            elif not moved:
                left = answered(entry, exchange, understood, outcome.decision)
                self.frontier.answered(connection, entry, left, self._run)
        self._sorter.note(entry, understood.discovery, new)
        self.meter.answered(entry, exchange, understood, failure)
        return self._count(entry, exchange, outcome.decision, failure)

    def _redirect(
        self, connection: Transaction, entry: Entry, exchange: Exchange
    ) -> tuple[Failure | None, bool]:
        """Queue the target of a redirect. Returns what is wrong with it, and whether the entry itself is to
        be asked for again, at another spelling of its address."""
        location = header(exchange.headers, "Location") or ""
        # Header fields come Latin-1 decoded, and old systems put raw UTF-8 into this one.
        location = location.encode("latin-1", "replace").decode("utf-8", "replace")
        try:
            target = canonical(location, entry.url)
        except UrlError as error:
            text = f"It redirects to no web address: {error}"
            return Failure(entry.url, Reason.REDIRECTS, text, exchange.at, False), False
        candidate = self._sorter.redirected(entry, target)
        if candidate is None:
            text = f"It redirects out of the site, to {target}. If that is the same portal, add it to scope."
            return Failure(entry.url, Reason.OUT_OF_SCOPE, text, exchange.at, False), False
        chain = self._chain(connection, entry)
        hops = len(entry.hops) - len(entry.hops.rstrip("R"))
        if target in chain or max(len(chain), hops + 1) > MAX_REDIRECTS:
            text = f"Redirects go round, or on for more than {MAX_REDIRECTS} hops, to {target}."
            return Failure(entry.url, Reason.REDIRECTS, text, exchange.at, False), False
        if entry.form is None and url_key(target) == url_key(entry.url):
            self.frontier.move(connection, entry, target, self._run)
            return None, True
        self.frontier.add(connection, [candidate], self._run)
        return None, False

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
        """Queue what a page leads to. Returns how many addresses were new, the list's next pages aside."""
        discovery = understood.discovery if self._follow else NOTHING
        links = self._sorter.sort(entry, discovery, is_article=understood.is_article)
        new = self._add(connection, links.wanted)
        first_visit = entry.digest is None
        # The next page of a list is worth another look only when this one showed something new.
        paging = links.paging if new or first_visit else self.frontier.unknown(connection, links.paging)
        self._add(connection, paging)
        foreign = links.foreign
        if understood.is_article and understood.extraction is not None:
            media, elsewhere = self._sorter.media(entry, media_of(understood.extraction, entry.url))
            self.frontier.add(connection, media, self._run)
            foreign += elsewhere
            self._add(connection, self._sorter.pages(entry, pages_of(understood.extraction, entry.url)))
        self._dress(connection, entry, understood.dressing)
        self._exclude(
            connection, links.trapped, Reason.TRAP, "Too deep, in circles, or one of many that lead nowhere."
        )
        if left_out := self.frontier.exclude_hosts(connection, foreign, self._run):
            self._result.failures[Reason.OUT_OF_SCOPE.value] += left_out
        if discovery.left_out:
            number = self.frontier.exclude_rest(connection, entry, discovery.left_out, self._run)
            self._result.failures[Reason.TRAP.value] += number
        return new

    def _dress(self, connection: Transaction, entry: Entry, addresses: tuple[str, ...]) -> None:
        """Queue what the page is dressed in, from the site's own hosts.

        What other hosts lend (fonts, widgets) is no part of the portal, and is not even listed as left out:
        every page of every site has some.
        """
        if entry.hops.endswith("E" * MAX_EMBEDDED) or self._dressed >= MAX_DRESSING:
            return
        inside, _ = self._sorter.media(entry, addresses)
        self._dressed += len(self.frontier.add(connection, inside, self._run))

    def _add(self, connection: Transaction, candidates: list[Candidate]) -> int:
        kept: list[Candidate] = []
        known = self.frontier.pages(connection) if candidates else 0
        for item in candidates:
            is_paging = item.link.kind is Kind.PAGING
            size = self.frontier.section_size(connection, item.section) if is_paging else 0
            if limit := too_many(item, self._site, size, known + len(kept)):
                self._exclude(connection, [item], *limit)
            else:
                kept.append(item)
        return len(self.frontier.add(connection, kept, self._run))

    def _exclude(
        self, connection: Transaction, candidates: list[Candidate], reason: Reason, text: str
    ) -> None:
        candidates = candidates[: MAX_EXCLUDED - self._excluded]
        if candidates:
            number = self.frontier.exclude(connection, candidates, reason, text, self._run)
            self._excluded += number
            self._result.failures[reason.value] += number

    # ------------------------------------------------------------------------------------------ failures

    def _fail(self, entry: Entry, failure: Failure) -> str:
        with self.held.begin() as connection:
            self._note_failure(connection, entry, failure)
        return failure.reason.value

    def _note_failure(self, connection: Transaction, entry: Entry, failure: Failure) -> None:
        pace = self.hosts.of(entry.url).pace
        # In step with the host's pace: on loopback there is nobody to spare.
        wait = max(0.1, 2 * pace.delay, pace.wait(time.monotonic()))
        if self.frontier.failed(connection, entry, failure, self._run, wait):
            self._result.failures[failure.reason.value] += 1
            if entry.kind is not Kind.MEDIA:
                self.meter.gave_up(failure)

    def _give_up(self, entry: Entry, host: Host, reason: Reason, text: str) -> str:
        failure = Failure(entry.url, reason, text, _now(), True)
        prefix = robots_url(entry.url).removesuffix("robots.txt")
        with self.held.begin() as connection:
            number = self.frontier.give_up_host(connection, prefix, failure, self._run)
        self._result.failures[reason.value] += number
        self.meter.gave_up_host(failure, number)
        return f"{host.name} given up"

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
                result.gone += entry.digest is not None  # once, not at each visit after
            case _:
                if entry.kind is Kind.MEDIA:
                    is_picture = not media_type(exchange.headers).startswith("text/css")
                    result.pictures += exchange.status == 200 and is_picture
                    return "picture" if exchange.status == 200 else f"{exchange.status} picture"
                return f"{exchange.status} {entry.kind.value}"
        return f"article {decided.value}"


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


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
