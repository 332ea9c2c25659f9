"""What `benchmarks.scale` tells, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.scale_articles import CLASSES
from benchmarks.scale_model import Measured


def report(measured: Sequence[Measured], agreeing: str) -> str:
    """Both sides beside each other, the peer last.

    :param agreeing: how the totals of the two compare; "" when they are not to be compared.
    """
    lines = [
        "| | " + " | ".join(item.name for item in measured) + " | ratio |",
        "|---" * (len(measured) + 2) + "|",
    ]
    columns = [list(_rows(item)) for item in measured]
    for rows in zip(*columns, strict=True):
        values = [value for _, value in rows]
        ratio = f"{values[0] / values[-1]:.2f}" if len(values) > 1 and values[0] and values[-1] else ""
        told = " | ".join(f"{value:,.0f}" if value >= 100 else f"{value:,.1f}" for value in values)
        lines.append(f"| {rows[0][0]} | {told} | {ratio} |")
    return "\n".join(
        ["", *lines, "", *(line for item in measured for line in _sentences(item)), agreeing, ""]
    )


def _rows(item: Measured) -> Iterator[tuple[str, float]]:
    yield "articles", item.articles
    yield "stored a second, by the way of a crawl", item.crawled / item.store_seconds
    yield "filled in bulk", item.articles - item.crawled
    yield "events read a second", item.events_of / item.chronicle_seconds
    yield "indexed a second", item.articles / item.index_seconds
    yield "database, bytes an article", item.database_bytes / item.articles
    yield "index, bytes an article", item.index_bytes / item.articles
    for name in CLASSES:
        for share in (0.5, 0.95, 0.99):
            yield f"{name}, {share:.0%} within ms", item.percentile(name, share) * 1000
    yield "answers cut off by time", item.cut_off
    for name, value in item.pages.items():
        yield f"{name}, ms", value


def _sentences(item: Measured) -> Iterator[str]:
    yield f"**{item.name}, {item.articles:,} articles.**"
    if item.articles > item.crawled:
        yield (
            f"The first {item.crawled:,} were stored by the way of a crawl, which the rate of storing is of; "
            f"the other {item.articles - item.crawled:,} were filled in bulk, past the ingest, in "
            f"{item.bulk_seconds:,.0f} s. Events and people were read of the first {item.events_of:,} only: "
            "the index files none for the others."
        )
    pace = ", ".join(f"{rate:,.0f}" for rate in item.paces)
    yield f"Indexing took {item.index_seconds:,.0f} s; articles a second in each tenth: {pace}."
    used = ", ".join(f"{name} {seconds * 1000:.1f}" for name, seconds in item.processor.items())
    yield f"Processor time of the archive's own processes, ms an article: {used}."
    yield from (f"WRONG: {found}" for found in item.wrong)
    memory = ", ".join(f"{name} {value:,.0f}" for name, value in item.memory.items())
    yield f"Memory at most, MB: {memory}.\n"
