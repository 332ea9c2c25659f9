"""Search: the question as a neutral tree, engines behind one protocol, and the indexer that feeds them."""

from __future__ import annotations

from archive.config import Settings
from archive.search.backend import SearchBackend
from archive.search.whoosh import WhooshBackend


def open_backend(settings: Settings) -> SearchBackend:
    """The engine that the settings name. Opening reads nothing yet: errors come with the first use."""
    return WhooshBackend(settings.index, seconds=settings.search_seconds)
