"""Comparing a page with an article whose bytes were destroyed by order: there is no text left to compare."""

from __future__ import annotations

from archive import wire
from archive.ingest.decide import Decision
from archive.model import Extraction
from archive.store import Connection, withheld
from archive.store.ledger import Standing


def is_emptied(standing: Standing) -> bool:
    """Whether what an article said was destroyed."""
    return not standing.extraction.title and not standing.extraction.blocks


def decide_emptied(connection: Connection, standing: Standing, extraction: Extraction) -> Decision:
    """What a page at the address of such an article shows.

    Of a whole article that was destroyed: that article, whatever it says now, so that its text never comes
    back under another id. Of a version: the same, if it still says so; else an edit.
    """
    if withheld.destroyed(connection, standing.article.id):
        return Decision.SAME
    same = wire.content_hash(extraction) == standing.version.content_hash
    return Decision.SAME if same else Decision.CHANGED
