"""Which links of a page are queued, in what turn, and which are left out as traps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from archive.errors import UrlError
from archive.model import Reason, Site
from archive.urls import Scope, canonical
from crawler.discover import Discovery, Kind, Link, list_key, repeats, shape
from crawler.frontier import Candidate, Entry

BARREN = 20
"""Pages of one shape in a row that lead to nothing new, after which more of that shape are left out."""
MAX_VARIANTS = 100
"""Pages (no articles, no paging) that differ in their query only, in one run: sorted and filtered tables."""
LISTS_FROM = 10.0
"""Priority of the first articles; what comes before (home, feeds, first pages of sections) is smaller."""
_FIRST = {Kind.SEED: 0.0, Kind.FEED: 1.0, Kind.SITEMAP: 2.0}


@dataclass(slots=True)
class Sorted:
    """The links of a page, told apart."""

    wanted: list[Candidate] = field(default_factory=list)
    paging: list[Candidate] = field(default_factory=list)
    trapped: list[Candidate] = field(default_factory=list)
    foreign: list[Candidate] = field(default_factory=list)
    """Links that lead out of the site's scope."""


class Sorter:
    """Sorts links for one site; remembers shapes of address that led to nothing in this run."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._scope = Scope.of(site)
        self._barren: dict[str, int] = defaultdict(int)
        self._seen: dict[str, set[int]] = defaultdict(set)
        self._variants: dict[str, set[str]] = defaultdict(set)

    def sort(self, entry: Entry, discovery: Discovery, *, is_article: bool) -> Sorted:
        """Tell the links of a page apart. Only a list's own paging counts as paging."""
        result = Sorted()
        for link in discovery.links:
            if link.kind is Kind.PAGING and is_article:
                continue
            candidate = self._candidate(entry, _secure(entry.url, link))
            if not self._scope.contains(link.url):
                result.foreign.append(candidate)
            elif candidate.depth > self._site.max_depth or repeats(link.url) or self._is_endless(link):
                result.trapped.append(candidate)
            elif link.kind is Kind.PAGING:
                result.paging.append(candidate)
            else:
                result.wanted.append(candidate)
        return result

    def media(self, entry: Entry, urls: Iterable[str]) -> tuple[list[Candidate], list[Candidate]]:
        """Candidates for the pictures of an article, asked for right after it; and those left out because of
        their host."""
        found: tuple[list[Candidate], list[Candidate]] = ([], [])
        for url in dict.fromkeys(urls):
            link = _secure(entry.url, Link(url, Kind.MEDIA))
            hops = f"{entry.hops}E"[-64:]
            item = Candidate(link, entry.priority - 0.5, entry.depth + 1, "", entry.url, hops)
            found[0 if self._scope.media(url) else 1].append(item)
        return found

    def pages(self, entry: Entry, urls: Iterable[str]) -> list[Candidate]:
        """Candidates for the other pages of an article, asked for right after it."""
        hops = f"{entry.hops}L"[-64:]
        return [
            Candidate(
                Link(url, Kind.ARTICLE), entry.priority - 0.4, entry.depth, entry.section, entry.url, hops
            )
            for url in dict.fromkeys(urls)
            if url != entry.url and self._scope.contains(url)
        ]

    def sitemaps(self, entry: Entry, urls: Iterable[str]) -> list[Candidate]:
        """Candidates for the sitemaps that a robots.txt names."""
        found = []
        # Where none is named, there is still often one at the usual place.
        for text in urls or ("/sitemap.xml",):
            try:
                url = canonical(text, entry.url)
            except UrlError:
                continue  # a robots.txt with nonsense in it; the rest holds
            if self._scope.contains(url) and self._scope.contains(entry.url):
                found.append(self._candidate(entry, Link(url, Kind.SITEMAP)))
        return found

    def redirected(self, entry: Entry, target: str) -> Candidate | None:
        """The candidate for the target of a redirect; None when it leads out of the scope."""
        inside = self._scope.media(target) if entry.kind is Kind.MEDIA else self._scope.contains(target)
        if not inside:
            return None
        link = Link(target, entry.kind, form=None)
        hops = f"{entry.hops}R"[-64:]
        return Candidate(link, entry.priority, entry.depth, entry.section, entry.url, hops)

    def note(self, entry: Entry, discovery: Discovery, new: int) -> None:
        """Remember whether a page of this shape led anywhere."""
        name = shape(entry.url)
        articles = {hash(link.url) for link in discovery.links if link.kind is Kind.ARTICLE}
        if new or not articles <= self._seen[name]:
            self._barren[name] = 0
        else:
            self._barren[name] += 1
        self._seen[name] |= articles

    def _is_endless(self, link: Link) -> bool:
        """Whether an address is one of many of its shape that led nowhere, or one more view of a table."""
        if link.kind not in (Kind.PAGE, Kind.PAGING):
            return False
        path, mark, query = link.url.partition("?")
        if mark and link.kind is Kind.PAGE:
            seen = self._variants[path]
            if len(seen) >= MAX_VARIANTS and query not in seen:
                return True
            seen.add(query)
        return self._barren[shape(link.url)] >= BARREN

    def _candidate(self, entry: Entry, link: Link) -> Candidate:
        depth = entry.depth if link.kind is Kind.PAGING else entry.depth + 1
        section = list_key(link.url) if link.kind is Kind.PAGING else entry.section
        if link.form is not None:
            number = link.number or entry.page + 1
            link = replace(link, number=number, order=max(1.0, number - entry.page))
        return Candidate(link, self._priority(entry, link), depth, section, entry.url, f"{entry.hops}L"[-64:])

    @staticmethod
    def _priority(entry: Entry, link: Link) -> float:
        """Newest first: a list's articles in its own order, then its next page. Sections of the home page go
        before all articles, so that the newest of each section come first."""
        if link.kind in _FIRST:
            return _FIRST[link.kind]
        base = max(entry.priority, LISTS_FROM)
        place = min(link.order, 9999.0) * 1e-4
        if link.kind is Kind.PAGING:
            return base + 2.0 * max(1.0, link.order)
        if link.kind is Kind.PAGE and entry.kind is Kind.SEED:
            return 5.0 + place / 2
        return base + 1.0 + place + (0.9 if link.kind is Kind.PAGE else 0.0)


def _secure(page: str, link: Link) -> Link:
    """An `http:` link on an `https:` page of the same host, as browsers take it: with https."""
    if page.startswith("https://") and link.url.startswith("http://"):
        host = link.url[7:].partition("/")[0]
        if host == page[8:].partition("/")[0]:
            return replace(link, url="https" + link.url[4:])
    return link


def too_many(candidate: Candidate, site: Site, section_size: int, known: int) -> tuple[Reason, str] | None:
    """Whether a limit of the site leaves a candidate out, and which."""
    if candidate.link.kind is Kind.PAGING and section_size >= site.max_section_pages:
        return Reason.TRAP, f"The list has {section_size} pages already (max_section_pages)."
    if known >= site.max_pages:
        return Reason.TRAP, f"The site has {known} pages already (max_pages)."
    return None
