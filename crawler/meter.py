"""Counts, while a crawl goes on, how its pages are: what the alarms compare with earlier runs."""

from __future__ import annotations

import random
import statistics
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from archive.errors import UrlError
from archive.model import Exchange, Extraction, Failure, PageKind, Reason, header
from archive.model.run import Measures, status_group
from archive.urls import canonical
from crawler.discover import Kind
from crawler.frontier import Entry
from crawler.understand import REDIRECTS, Understood

EXAMPLES = 5
"""Addresses kept for each thing that is not as it should be."""
_SAMPLE = 2_000
"""Values of which a median is taken: more would only cost memory."""
_LISTS = frozenset({Kind.SEED, Kind.LIST, Kind.PAGING, Kind.FEED, Kind.SITEMAP})
_BY_RULE = frozenset({Reason.ROBOTS, Reason.OUT_OF_SCOPE, Reason.TRAP, Reason.REFUSED_ADDRESS})
"""Left out because we say so; speaks of our rules and not of the portal."""
_NO_ANSWER = frozenset({Reason.CONNECT, Reason.DNS, Reason.TIMEOUT, Reason.TLS, Reason.CUT})


@dataclass(slots=True)
class _Sample:
    """A uniform sample of a stream of numbers (reservoir sampling, Vitter's algorithm R)."""

    values: list[float] = field(default_factory=list)
    seen: int = 0
    dice: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - no secret

    def add(self, value: float) -> None:
        self.seen += 1
        if len(self.values) < _SAMPLE:
            self.values.append(value)
        elif (place := self.dice.randrange(self.seen)) < _SAMPLE:
            self.values[place] = value

    def median(self) -> float | None:
        return statistics.median(self.values) if self.values else None


class Meter:
    """The figures of one run over one site. Not for several threads."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._statuses: Counter[str] = Counter()
        self._profiles: Counter[str] = Counter()
        self._elsewhere: Counter[str] = Counter()
        self._lengths, self._times = _Sample(), _Sample()
        self._examples: dict[str, list[str]] = defaultdict(list)

    def answered(
        self, entry: Entry, exchange: Exchange, understood: Understood, failure: Failure | None
    ) -> None:
        """An answer came and was recorded."""
        if entry.kind is Kind.MEDIA:
            return
        self._counts["answers"] += 1
        group = status_group(exchange.status)
        self._statuses[group] += 1
        if group != "ok":
            self._example(f"status:{group}", entry.url)
        self._times.add(exchange.elapsed_ms)
        self._example_if(exchange.elapsed_ms > 1_000, "slow", entry.url)
        if exchange.status in REDIRECTS and failure is not None and failure.reason is Reason.OUT_OF_SCOPE:
            self._left(entry, exchange)
        if exchange.status == 304:
            # The server vouches for what we have: an article stands as it was read, a list as it was.
            self._counts["sightings"] += 1
            is_article, is_list = entry.kind is Kind.ARTICLE, entry.kind in _LISTS
            self._counts.update(known=is_article, kept=is_article, lists=is_list, listing=is_list)
        elif exchange.status == 200:
            self._page(entry, understood)

    def gave_up(self, failure: Failure) -> None:
        """An address was given up, or what came was not what was asked for."""
        if failure.reason not in _BY_RULE:
            self._counts["failed"] += 1
            self._counts["unanswered"] += failure.reason in _NO_ANSWER
            self._example("failures", failure.url)

    def gave_up_host(self, failure: Failure, number: int) -> None:
        """All that was still to be asked for on a host was given up."""
        self._counts.update(failed=number, unanswered=number)
        self._example("failures", failure.url)

    def measures(self) -> Measures:
        """The figures so far."""
        return Measures(
            **self._counts,
            statuses=dict(self._statuses),
            profiles=dict(self._profiles),
            elsewhere=dict(self._elsewhere.most_common(EXAMPLES)),
            length=self._lengths.median(),
            milliseconds=self._times.median(),
            examples={name: tuple(urls) for name, urls in self._examples.items()},
        )

    def _page(self, entry: Entry, understood: Understood) -> None:
        links = sum(link.kind is Kind.ARTICLE for link in understood.discovery.links)
        extraction = understood.extraction
        kind = extraction.kind if extraction is not None else PageKind.OTHER
        if kind is PageKind.BOT_CHECK:
            self._counts["bot_checks"] += 1
            self._example("bot-check", entry.url)
            return
        if kind is PageKind.SOFT_404:
            self._counts["soft_404s"] += 1
            self._example("soft-404", entry.url)
            return
        if entry.kind in _LISTS:
            self._counts["lists"] += 1
            self._counts["listing"] += links > 0
            self._counts["sightings"] += links
            self._example_if(not links, "lists", entry.url)
        if entry.kind is Kind.ARTICLE and entry.digest is not None:
            self._counts["known"] += 1
            self._counts["kept"] += understood.is_article
            self._example_if(not understood.is_article, "recognised", entry.url)
        if understood.is_article and extraction is not None:
            self._article(entry.url, extraction)

    def _article(self, url: str, extraction: Extraction) -> None:
        length = sum(map(len, extraction.body()))
        pictured = next(extraction.pictures(), None) is not None
        captioned = next(extraction.captions(), None) is not None
        self._counts.update(articles=1, sightings=1, pictured=pictured, captioned=pictured and captioned)
        self._profiles[extraction.profile] += 1
        self._lengths.add(length)
        self._example("length", url)
        self._example(f"profile:{extraction.profile}", url)
        found = {
            "title": bool(extraction.title.strip()),
            "date": extraction.published is not None,
            "body": length > 0,
        }
        for name, has in found.items():
            self._counts[name] += has
            self._example_if(not has, name, url)
        self._example_if(pictured and not captioned, "captions", url)

    def _left(self, entry: Entry, exchange: Exchange) -> None:
        try:
            host = urlsplit(canonical(header(exchange.headers, "Location") or "", entry.url)).netloc
        except UrlError:
            return  # no web address: it is listed with the failures
        self._elsewhere[host] += 1
        self._example("elsewhere", entry.url)

    def _example_if(self, wanted: bool, name: str, url: str) -> None:
        if wanted:
            self._example(name, url)

    def _example(self, name: str, url: str) -> None:
        if len(kept := self._examples[name]) < EXAMPLES:
            kept.append(url)
