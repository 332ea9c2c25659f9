"""What ten million articles of 700 portals would take: arithmetic from what `benchmarks.scale` measured."""

from __future__ import annotations

import math
from dataclasses import dataclass

_GB = 1e9


@dataclass(frozen=True, slots=True)
class Measured:
    """What one side did."""

    name: str
    articles: int
    crawled: int
    """Of which these were stored by the way of a crawl; the others were filled in bulk."""
    store_seconds: float
    """Of the crawled ones."""
    bulk_seconds: float
    events_of: int
    """Articles of which events and people were read, which the index files."""
    chronicle_seconds: float
    index_seconds: float
    paces: list[float]
    """Articles indexed a second, in each tenth of them."""
    times: dict[str, list[float]]
    """Class of question → seconds, ascending."""
    cut_off: int
    """Questions answered with what had been found when their time was over."""
    pages: dict[str, float]
    """Page of the site → milliseconds, asked once, nothing kept from before."""
    wrong: list[str]
    """Pages that were not what they should be."""
    memory: dict[str, float]
    """Process → MB at most."""
    database_bytes: int
    index_bytes: int
    processor: dict[str, float]
    """Step (`storing`, `events`, `indexing`) → seconds of processor time of our own processes, an article."""

    def percentile(self, name: str, share: float) -> float:
        """Seconds within which so many of the questions of a class were answered."""
        times = self.times[name]
        return times[min(len(times) - 1, math.ceil(share * len(times)) - 1)]


@dataclass(frozen=True, slots=True)
class Prices:
    """What the model takes as given. Prices are examples, in US dollars: put in those of your provider."""

    portals: float = 700
    wanted: float = 10_000_000
    """Articles."""
    largest: float = 100_000
    """Articles of the largest portal: its host alone sets the length of a full crawl."""
    requests: float = 2.2
    """Requests an article: its page, its new pictures and attachments, its share of lists."""
    delay: float = 1.0
    """Seconds between two requests to one host (setting `delay`)."""
    answer: float = 0.5
    """Seconds that an answer takes, on top of the delay."""
    capture_kb: float = 150
    """Kilobytes of an article in WARC files, packed, its pictures included."""
    copies: float = 2
    """Copies of index and database: one to serve while another is lost."""
    spare: float = 1.5
    """Disk by what is on it, for merges, rebuilding beside and growth."""
    host_gb: float = 32
    """Memory of a host."""
    cached: float = 0.25
    """Share of index and database that is to be in memory for the times measured."""
    host_price: float = 120
    """A host a month, with `host_gb` of memory and 8 cores, without disk."""
    disk_price: float = 0.10
    """A GB of fast disk a month."""
    object_price: float = 0.023
    """A GB in a bucket a month."""
    read_price: float = 0.0004
    """A thousand range requests."""
    reads: float = 3_000_000
    """Range requests a month: replayed pages, pictures not in the cache."""


def model(found: Measured, given: Prices) -> str:
    """The section as Markdown."""
    times = given.wanted / found.articles
    database, index = found.database_bytes * times / _GB, found.index_bytes * times / _GB
    captures = given.wanted * given.capture_kb * 1e3 / _GB
    disk = (database + index) * given.copies * given.spare
    memory = (database + index) * given.copies * given.cached
    hosts = max(2, math.ceil(memory / given.host_gb)) + 1
    pace = given.delay + given.answer
    average, largest = (
        number * given.requests * pace / 86_400 for number in (given.wanted / given.portals, given.largest)
    )
    rate = given.portals / pace
    line = given.wanted * given.capture_kb * 8e3 / (largest * 86_400) / 1e6
    build = given.wanted * (found.processor["events"] + found.processor["indexing"]) / 3600
    reads = given.reads / 1000 * given.read_price
    costs = {
        f"{hosts} hosts at {given.host_price:,.0f}": hosts * given.host_price,
        f"{disk:,.0f} GB of fast disk at {given.disk_price:.2f}": disk * given.disk_price,
        f"{captures:,.0f} GB in a bucket at {given.object_price:.3f}": captures * given.object_price,
        f"{given.reads:,.0f} range requests at {given.read_price:.4f} a thousand": reads,
    }
    without = "" if found.events_of == found.articles else ", almost all without events and people"
    per_article = f"{found.database_bytes / found.articles:,.0f} bytes an article{without}"
    rows = [
        ("database", f"{database:,.0f} GB", per_article),
        ("index", f"{index:,.0f} GB", f"{found.index_bytes / found.articles:,.0f} bytes an article"),
        ("captures", f"{captures:,.0f} GB", f"{given.capture_kb:,.0f} kB an article (given)"),
        ("fast disk", f"{disk:,.0f} GB", f"{given.copies:.0f} copies, × {given.spare} to spare"),
        ("memory", f"{memory:,.0f} GB", f"{given.cached:.0%} of database and index, in all copies"),
        ("hosts", f"{hosts}", f"of {given.host_gb:.0f} GB, and one that crawls and writes"),
        (
            "a full crawl, largest portal",
            f"{largest:,.1f} days",
            f"{given.largest:,.0f} articles, {pace} s a request",
        ),
        (
            "a full crawl, average portal",
            f"{average:,.1f} days",
            f"{given.wanted / given.portals:,.0f} articles",
        ),
        ("all portals at once", f"{rate:,.0f} requests a second", f"{line:,.0f} Mbit/s on average"),
        ("index anew", f"{build:,.0f} hours of a core", "events read anew included, a server's own work not"),
    ]
    lines = [
        f"## Ten million articles on paper: {given.wanted:,.0f} articles of {given.portals:,.0f} portals",
        "",
        f"Computed by `python -m benchmarks.scale` from {found.articles:,} synthetic articles in "
        f"{found.name}: arithmetic in proportion. Times of questions do not grow so; prices are examples.",
        "",
        "| what | how much | from |",
        "|---|---|---|",
        *(f"| {name} | {value} | {basis} |" for name, value, basis in rows),
        "",
        "| a month | US$ |",
        "|---|---|",
        *(f"| {name} | {cost:,.0f} |" for name, cost in costs.items()),
        f"| **in all** | **{sum(costs.values()):,.0f}** |",
        "",
    ]  # fmt: skip
    return "\n".join(lines)
