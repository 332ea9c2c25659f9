"""A source in portions that are committed one by one."""

from __future__ import annotations

from collections.abc import Iterator

from archive.preserve.importing.source import Item, Skipped
from archive.warc.read import media_type

_ITEMS = 50
_BYTES = 16 << 20
"""An interruption loses no more than a batch; a batch holds up other writers for about a second."""


def batches(items: Iterator[Item | Skipped], start: int) -> Iterator[list[Item | Skipped]]:
    """Items from a position on, in bounded portions."""
    batch: list[Item | Skipped] = []
    size = 0
    for number, item in enumerate(items):
        if number < start:
            continue
        if isinstance(item, Item) and _is_document(item):
            if batch:
                yield batch
            yield [item]
            batch, size = [], 0
            continue
        batch.append(item)
        size += len(item.exchange.payload) if isinstance(item, Item) else 0
        if len(batch) >= _ITEMS or size >= _BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _is_document(item: Item) -> bool:
    """Whether an item may be an attached file, whose text is read in a process of its own."""
    kind = media_type(item.exchange.headers)
    return kind.startswith("application/") and not kind.endswith(("javascript", "json", "xml"))
