"""Captures that come in later than newer ones: an import of what others saved years ago.

They fill gaps and change nothing of what stands now. The order of acquisition numbers the versions, so that a
number once cited stays what it was; the order of time says which version is the newest, and between which
two a late one belongs (docs/decisions/0041-late-captures.md).
"""

from __future__ import annotations

from archive import wire
from archive.ingest.captures import REDIRECTS, canonical_or_none
from archive.ingest.decide import Decision, article_id, has_substance, same_article
from archive.ingest.reading import PageReader
from archive.ingest.showing import note
from archive.model import Article, ArticleState, Capture, ChangeKind, Extraction, PageKind, Site, Version
from archive.store import Connection, imports, ledger, log
from archive.store.ledger import FETCHED, Alias
from archive.store.parts import PART


def is_late(connection: Connection, capture: Capture) -> bool:
    """Whether a capture was imported and is older than what is known of its address."""
    if not capture.source or capture.method != "GET":
        return False
    newest = imports.newest_at(connection, capture.site, capture.url)
    return newest is not None and newest > capture.at


class LateVisit:
    """One late capture being judged: the row of the capture, and an older version or article if it is one."""

    def __init__(
        self,
        connection: Connection,
        site: Site,
        capture: Capture,
        extraction: Extraction | None,
        pages: PageReader,
    ) -> None:
        self._connection, self._site, self._capture = connection, site, capture
        self._extraction, self._pages = extraction, pages
        self._kind = extraction.kind.value if extraction is not None else ""
        self._aliases = ledger.aliases_at(connection, site.id, capture.url)
        self.decision = Decision.NOT_ARTICLE
        self.article: str | None = None
        self.version: int | None = None

    def judge(self) -> None:
        """Decide, and write what was decided."""
        status = self._capture.status
        if self._extraction is not None and status == 200 and self._extraction.kind is PageKind.ARTICLE:
            self._read(self._extraction)
        elif status == 304 or (status == 200 and self._extraction is None):
            self._unread()
        elif status in (404, 410, *REDIRECTS) or self._kind == PageKind.SOFT_404:
            self._add_capture(self._standing_then())
        else:
            self._add_capture(None)

    def _unread(self) -> None:
        """The bytes of a known capture again, or no page at all."""
        known = ledger.judged_with_payload(
            self._connection, self._site.id, self._capture.url, self._capture.payload_digest
        )
        if known is None or known.article is None or known.kind != PageKind.ARTICLE:
            self._kind = known.kind if known is not None else ""
            self._add_capture(None)
            return
        self._kind = known.kind
        self._add_capture(known.article)
        self.decision = Decision.SAME
        ledger.seen_before(self._connection, known.article, self._capture.at)

    def _read(self, extraction: Extraction) -> None:
        if extraction.part_of or any(item.alias.basis == PART for item in self._aliases):
            # One page of several says nothing of the article as it was then: kept as evidence alone.
            self._add_capture(self._standing_then())
            return
        for article in self._candidates(extraction):
            decision = self.between(article, extraction)
            if decision is not Decision.NEW:
                self._add_capture(article)
                self.keep(article, extraction, decision)
                return
        self._new(extraction)

    def _candidates(self, extraction: Extraction) -> list[str]:
        """Articles that stood at the address, those nearest in time first, and one with the same content."""
        at = self._capture.at
        near = sorted(self._aliases, key=lambda item: (abs(item.since - at), item.alias.number))
        found = [item.alias.article for item in near]
        named = canonical_or_none(extraction.canonical, self._capture.url) if extraction.canonical else None
        if named is not None and (there := ledger.alias(self._connection, self._site.id, named)):
            found.append(there.article)
        if has_substance(extraction):
            same = ledger.article_with_content(self._connection, self._site.id, wire.content_hash(extraction))
            found += [same] if same is not None else []
        return list(dict.fromkeys(found))

    def between(self, article: str, extraction: Extraction) -> Decision:
        """What the capture is among an article's versions in time.

        :returns: SAME when it says what the version before or after it says, CHANGED when it is a state of
            its own, NEW when it shows another article.
        """
        neighbours = self._neighbours(article, extraction.extractor)
        comparable = [item for item in neighbours if item.extractor == extraction.extractor]
        content = wire.content_hash(extraction)
        if any(wire.content_hash(item) == content for item in comparable):
            return Decision.SAME
        if any(same_article(item, extraction) for item in neighbours):
            # Where nothing was read in the same way, an edit cannot be told from another reading.
            return Decision.CHANGED if comparable else Decision.SAME
        return Decision.NEW

    def keep(self, article: str, extraction: Extraction, decision: Decision) -> None:
        """Note a late capture of a known article, and the version that it is."""
        self.article, self.decision = article, decision
        standing = ledger.standing(self._connection, article)
        if standing is None:
            return
        if decision is Decision.CHANGED:
            self._add_version(article, standing.versions + 1, extraction, newest=False)
            if standing.article.state is ArticleState.LIVE:
                ledger.set_state(self._connection, article, ArticleState.CHANGED, None)
            self._log(article)
        ledger.seen_before(self._connection, article, self._capture.at)

    def at_other_address(self, article: str, extraction: Extraction) -> None:
        """A known article, seen at an address of its own earlier than it was last found elsewhere."""
        decision = self.between(article, extraction)
        self._add_capture(article)
        self.keep(article, extraction, Decision.SAME if decision is Decision.NEW else decision)
        standing = ledger.standing(self._connection, article)
        if standing is not None and not self._aliases:
            place = Alias(self._site.id, self._capture.url, 0, article, FETCHED, standing.article.gone_at)
            ledger.put_alias(self._connection, place, self._capture.at)

    def _neighbours(self, article: str, extractor: str) -> list[Extraction]:
        """What the versions next to the capture in time say, by the same extractor where that can be."""
        shown = sorted(ledger.versions_shown(self._connection, article), key=lambda item: item[0].at)
        before = [item for item in shown if item[0].at <= self._capture.at][-1:]
        after = [item for item in shown if item[0].at > self._capture.at][:1]
        found = (self._text(version, by, extractor) for version, by in (*before, *after))
        return [item for item in found if item is not None]

    def _text(self, version: Version, shown: str, extractor: str) -> Extraction | None:
        stored = ledger.extraction(self._connection, version.capture, shown)
        judged = ledger.judged(self._connection, version.capture) if shown != extractor else None
        if judged is None:
            return stored
        again = self._pages.read_capture(self._connection, self._site, judged.capture, extractor)
        return again if again is not None and again.kind is PageKind.ARTICLE else stored

    def _new(self, extraction: Extraction) -> None:
        """Another article, that stood here before what is known; it has been gone since the next capture."""
        connection, capture = self._connection, self._capture
        # Below zero, so that the highest number stays the article that stands there now.
        lowest = min((item.alias.number for item in self._aliases), default=0)
        is_taken = ledger.alias(connection, self._site.id, capture.url) is not None
        number = min(lowest, 0) - 1 if is_taken else 0
        identity = article_id(self._site.id, capture.url, number)
        gone_at = ledger.next_capture(connection, self._site.id, capture.url, capture.at) or capture.at
        self._add_capture(identity)
        article = Article(
            identity, self._site.id, capture.url, capture.at, capture.at, ArticleState.GONE, gone_at
        )
        ledger.add_article(connection, article)
        self._add_version(identity, 1, extraction, newest=True)
        ledger.put_alias(
            connection, Alias(self._site.id, capture.url, number, identity, FETCHED, gone_at), capture.at
        )
        self.decision = Decision.NEW
        self._log(identity)

    def _standing_then(self) -> str | None:
        """The article that stood at the address at the time, as far as is known."""
        earlier = [item for item in self._aliases if item.since <= self._capture.at]
        return max(earlier, key=lambda item: item.since).alias.article if earlier else None

    def _add_capture(self, article: str | None) -> None:
        self.article = article
        ledger.add_capture(self._connection, self._capture, kind=self._kind, article=article)

    def _add_version(self, article: str, number: int, extraction: Extraction, *, newest: bool) -> None:
        version = Version(
            article=article,
            number=number,
            capture=self._capture.id,
            at=self._capture.at,
            content_hash=wire.content_hash(extraction),
            extractor=extraction.extractor,
        )
        ledger.add_version(self._connection, version, extraction, newest=newest)
        note(self._connection, self._site.id, article, extraction, newest=newest)
        self.version = number

    def _log(self, article: str) -> None:
        log.append(self._connection, article, ChangeKind.UPSERT, self._capture.at)
