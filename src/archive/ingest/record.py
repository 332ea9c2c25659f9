"""Recording one exchange: its capture, and what it says of an article."""

from __future__ import annotations

import dataclasses
import logging
from dataclasses import dataclass
from pathlib import Path

from archive import wire
from archive.errors import ContentError, DamagedRecordError, UrlError
from archive.extract import extract
from archive.ingest.decide import Decision, article_id, decide, has_substance, same_text
from archive.ingest.page import decoded
from archive.model import (
    Article,
    ArticleState,
    Capture,
    ChangeKind,
    Exchange,
    Extraction,
    Page,
    PageKind,
    Site,
    Version,
    header,
)
from archive.store import Connection, Store, ledger, log, queries
from archive.store.ledger import CLAIMED, FETCHED, Alias, Judged, Standing
from archive.urls import Scope, canonical, surt
from archive.warc import Written, read_payload
from archive.warc.read import media_type

_LOG = logging.getLogger(__name__)
_REDIRECTS = (301, 302, 303, 307, 308)
_PERMANENT = (301, 308)


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
        capture = _capture(connection, exchange, written, digest, site)
        visit = _Visit(connection, self, site, capture, extraction)
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


def _capture(
    connection: Connection, exchange: Exchange, written: Written, digest: str, site: Site
) -> Capture:
    url = _canonical(exchange.url) or exchange.url
    mime = media_type(exchange.headers)
    holder = ledger.judged(connection, written.revisit_of) if written.revisit_of else None
    if holder is not None:
        digest, size, mime = holder.capture.payload_digest, holder.capture.size, mime or holder.capture.mime
    else:
        body = decoded(exchange)
        size = len(exchange.payload if body is None else body)
    location = header(exchange.headers, "location") if exchange.status in _REDIRECTS else None
    return Capture(
        id=written.capture_id,
        site=site.id,
        url=url,
        urlkey=_key(url),
        at=exchange.at,
        method=exchange.method,
        status=exchange.status,
        mime=mime,
        payload_digest=digest,
        size=size,
        ref=written.ref,
        revisit_of=written.revisit_of,
        truncated=exchange.truncated,
        redirect_to=_canonical(location, url) if location else None,
        robots=exchange.robots,
        via=exchange.via,
    )


class _Visit:
    """One exchange being judged: reads first, then the rows of capture, article and version."""

    def __init__(
        self,
        connection: Connection,
        ingest: Ingest,
        site: Site,
        capture: Capture,
        extraction: Extraction | None,
    ) -> None:
        self._connection = connection
        self._ingest = ingest
        self._site = site
        self._capture = capture
        self._extraction = extraction
        self._alias = ledger.alias(connection, site.id, capture.url)
        self._kind = extraction.kind.value if extraction is not None else ""
        self.decision = Decision.NOT_ARTICLE
        self.article: str | None = None
        self.version: int | None = None

    def judge(self) -> None:
        status = self._capture.status
        if self._capture.method != "GET":
            self._add_capture(None)
        elif status in (404, 410) or self._kind == PageKind.SOFT_404:
            self._missing()
        elif status in _REDIRECTS:
            self._redirected()
        elif status == 304 or (status == 200 and self._extraction is None):
            self._unread()
        elif status == 200 and self._extraction is not None and self._extraction.kind is PageKind.ARTICLE:
            self._read(self._extraction)
        else:
            self._add_capture(None)
            if status == 200:
                self._end_redirects()

    # ------------------------------------------------------------------------- what a visit can show

    def _missing(self) -> None:
        """404, 410 or a page that says so: whatever stood here is gone, and so is what redirects here."""
        here = self._present()
        self._add_capture(here.article if here else None)
        if here is not None:
            self.decision = Decision.GONE
            self._leave(here)
        self._end_redirects()

    def _redirected(self) -> None:
        """The article moved, or its address now leads to a list: seen when the target is known."""
        here = self._present()
        self._add_capture(here.article if here else None)
        target = self._capture.redirect_to
        if here is None or target is None or target == here.url:
            return
        there = ledger.alias(self._connection, self._site.id, target)
        if there is not None and there.article == here.article:
            self._leave(here)
            return
        known = ledger.last_judged(self._connection, self._site.id, target)
        if known is not None and self._ends(known, self._capture.status):
            self.decision = Decision.GONE
            self._leave(here)

    def _unread(self) -> None:
        """The bytes of an earlier capture again, or no page at all."""
        capture = self._capture
        earlier = ledger.last_judged(self._connection, self._site.id, capture.url, answered=True)
        if earlier is None and capture.status == 304 and capture.revisit_of is not None:
            earlier = ledger.judged(self._connection, capture.revisit_of)
        if earlier is not None and (
            earlier.capture.payload_digest != capture.payload_digest or earlier.capture.site != self._site.id
        ):
            earlier = None
        if earlier is not None:
            self._kind = earlier.kind
        if self._kind == PageKind.SOFT_404:
            self._missing()
        elif earlier is not None and earlier.article is not None and self._kind == PageKind.ARTICLE:
            self._add_capture(earlier.article)
            self.decision = Decision.SAME
            self._found(earlier.article)
        else:
            self._add_capture(None)
            if capture.mime.startswith("image/") and capture.status == 200:
                self._picture()
            elif self._kind:
                self._end_redirects()

    def _read(self, extraction: Extraction) -> None:
        """An article: which one, and is it as it was?"""
        standing, decision = self._whose(extraction)
        if standing is None:
            self._new(extraction)
            return
        self.decision = decision
        self._add_capture(standing.article.id)
        if decision is Decision.CHANGED:
            self._add_version(standing.article.id, standing.version.number + 1, extraction)
            ledger.set_state(self._connection, standing.article.id, ArticleState.CHANGED, None)
            self._log(standing.article.id)
        self._found(standing.article.id)
        self._claim(standing.article.id, extraction)

    # ---------------------------------------------------------------------------- which article it is

    def _whose(self, extraction: Extraction) -> tuple[Standing | None, Decision]:
        """The known article that the page shows, and whether it changed; None for a new one."""
        here = self._alias
        if here is not None and here.basis == FETCHED:
            found = self._compare(here.article, extraction)
            if found is not None:
                standing, decision = found
                if decision is Decision.CHANGED and self._secondary(standing):
                    decision = Decision.SAME
                return standing, decision
        for article in self._candidates(extraction):
            found = self._compare(article, extraction)
            if found is not None and same_text(found[0].extraction, extraction):
                standing, decision = found
                return standing, Decision.SAME if self._secondary(standing) else decision
        return None, Decision.NEW

    def _candidates(self, extraction: Extraction) -> list[str]:
        """Articles that could stand at this address for another reason than having stood here."""
        connection, site, url = self._connection, self._site.id, self._capture.url
        found = [self._alias.article] if self._alias is not None and self._alias.basis == CLAIMED else []
        named = self._named(extraction)
        if named is not None and (there := ledger.alias(connection, site, named)) is not None:
            found.append(there.article)
        found += [alias.article for alias, _ in ledger.redirecting_here(connection, site, url)]
        if has_substance(extraction):
            same = ledger.article_with_content(connection, site, wire.content_hash(extraction))
            found += [same] if same is not None else []
        return list(dict.fromkeys(found))

    def _compare(self, article: str, extraction: Extraction) -> tuple[Standing, Decision] | None:
        """The article and SAME or CHANGED; None when the page shows another article."""
        standing = ledger.standing(self._connection, article)
        if standing is None:
            return None
        standing = self._up_to_date(standing, extraction.extractor)
        decision = decide(standing.extraction, extraction)
        return None if decision is Decision.NEW else (standing, decision)

    def _up_to_date(self, standing: Standing, extractor: str) -> Standing:
        """Compare only what one extractor read: the earlier capture is read again when it has moved on."""
        if standing.shown == extractor:
            return standing
        again = self._ingest.extract_again(self._connection, standing.capture, self._site)
        if again is None or again.extractor != extractor or again.kind is not PageKind.ARTICLE:
            return standing
        ledger.show(self._connection, standing.version, again)
        if wire.content_hash(again) != wire.content_hash(standing.extraction):
            self._log(standing.article.id)
        return dataclasses.replace(standing, extraction=again, shown=extractor)

    def _secondary(self, standing: Standing) -> bool:
        """Whether this address is only another view of the article, whose first address still stands.

        A print view or a feed's view differs a little; if it counted, each crawl would see two edits.
        """
        if self._capture.url == standing.article.url:
            return False
        first = ledger.alias(self._connection, self._site.id, standing.article.url)
        moved = {
            item.url
            for item, _ in ledger.redirecting_here(self._connection, self._site.id, self._capture.url)
        }
        return (
            first is not None
            and first.article == standing.article.id
            and first.gone_at is None
            and first.url not in moved
        )

    def _named(self, extraction: Extraction) -> str | None:
        """The page's `rel=canonical`, where it can be believed: of the site, and not its front page."""
        if not extraction.canonical:
            return None
        named = _canonical(extraction.canonical, self._capture.url)
        starts = {_canonical(start) for start in self._site.start}
        if named is None or named == self._capture.url or named in starts:
            return None
        return named if Scope.of(self._site).contains(named) else None

    # ------------------------------------------------------------------------------------ writing it

    def _new(self, extraction: Extraction) -> None:
        connection, capture = self._connection, self._capture
        number = self._alias.number + 1 if self._alias is not None else 0
        identity = article_id(self._site.id, capture.url, number)
        self._add_capture(identity)
        article = Article(
            identity, self._site.id, capture.url, capture.at, capture.at, ArticleState.LIVE, None
        )
        ledger.add_article(connection, article)
        self._add_version(identity, 1, extraction)
        self.decision = Decision.NEW
        self._log(identity)
        self._found(identity)
        self._claim(identity, extraction)

    def _add_capture(self, article: str | None) -> None:
        self.article = article
        ledger.add_capture(self._connection, self._capture, kind=self._kind, article=article)

    def _add_version(self, article: str, number: int, extraction: Extraction) -> None:
        version = Version(
            article=article,
            number=number,
            capture=self._capture.id,
            at=self._capture.at,
            content_hash=wire.content_hash(extraction),
            extractor=extraction.extractor,
        )
        ledger.add_version(self._connection, version, extraction)
        self.version = number

    def _found(self, article: str) -> None:
        """The article stands at this address: note it, and wake it when it was thought gone."""
        connection, at, here = self._connection, self._capture.at, self._alias
        if here is None or here.article != article:
            number = here.number + 1 if here is not None else 0
            ledger.put_alias(
                connection, Alias(self._site.id, self._capture.url, number, article, FETCHED, None), at
            )
            if here is not None and here.basis == FETCHED:
                self._settle(here.article)  # another article took its address over
        elif here.basis != FETCHED or here.gone_at is not None:
            ledger.put_alias(connection, dataclasses.replace(here, basis=FETCHED, gone_at=None), at)
        for moved, _ in ledger.redirecting_here(connection, self._site.id, self._capture.url):
            if moved.article == article:
                ledger.put_alias(connection, dataclasses.replace(moved, gone_at=at), at)
        ledger.seen(connection, article, at)
        self._settle(article)

    def _claim(self, article: str, extraction: Extraction) -> None:
        """Remember the address that the page itself names, where nothing stands yet."""
        named = self._named(extraction)
        if named is not None and ledger.alias(self._connection, self._site.id, named) is None:
            claim = Alias(self._site.id, named, 0, article, CLAIMED, None)
            ledger.put_alias(self._connection, claim, self._capture.at)

    def _leave(self, alias: Alias) -> None:
        """The article stands at this address no more."""
        if alias.gone_at is None:
            gone = dataclasses.replace(alias, gone_at=self._capture.at)
            ledger.put_alias(self._connection, gone, self._capture.at)
        self._settle(alias.article)

    def _settle(self, article: str) -> None:
        """Bring an article's state in line with its addresses: gone when it stands at none."""
        standing = ledger.standing(self._connection, article)
        if standing is None:
            return
        places = ledger.article_aliases(self._connection, article)
        if all(place.gone_at is not None for place in places):
            wanted, gone_at = ArticleState.GONE, standing.article.gone_at or self._capture.at
        else:
            edited = standing.version.number > 1
            wanted, gone_at = (ArticleState.CHANGED if edited else ArticleState.LIVE), None
        if standing.article.state is not wanted:
            ledger.set_state(self._connection, article, wanted, gone_at)
            self._log(article)

    def _end_redirects(self) -> None:
        """What redirects to this page, which is no article, has been taken down."""
        known = Judged(self._capture, self._kind, None)
        redirects = ledger.redirecting_here(self._connection, self._site.id, self._capture.url)
        for alias, status in redirects:
            if self._ends(known, status):
                self._leave(alias)

    def _ends(self, target: Judged, status: int) -> bool:
        """Whether a redirect to this page means that the article is gone.

        A temporary one to a page of no clear kind may be maintenance or a login, and means nothing.
        """
        if target.capture.status in (404, 410) or target.kind in (PageKind.SOFT_404, PageKind.LIST):
            return True
        if target.capture.status in (200, 304) and target.capture.url in {
            _canonical(start) for start in self._site.start
        }:
            return True
        return target.kind == PageKind.OTHER and status in _PERMANENT

    def _picture(self) -> None:
        """A picture came in: the article that shows it is to be indexed with it."""
        via = _canonical(self._capture.via) if self._capture.via else None
        page = ledger.alias(self._connection, self._site.id, via) if via else None
        if page is not None:
            self._log(page.article)

    def _present(self) -> Alias | None:
        """The article that was captured at this address, and is the last that was."""
        return self._alias if self._alias is not None and self._alias.basis == FETCHED else None

    def _log(self, article: str) -> None:
        log.append(self._connection, article, ChangeKind.UPSERT, self._capture.at)


def _canonical(url: str, base: str = "") -> str | None:
    try:
        return canonical(url, base)
    except UrlError:
        return None


def _key(url: str) -> str:
    try:
        return surt(url)
    except UrlError:
        return url
