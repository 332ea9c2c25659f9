"""Search: the question as a neutral tree, engines behind one protocol, and the indexer that feeds them."""

from __future__ import annotations

from archive.config import Settings
from archive.errors import ConfigError
from archive.search.backend import SearchBackend

WHOOSH = "whoosh"


def in_folder(settings: Settings) -> bool:
    """Whether the search index is in the folder `index`; else a cluster has it."""
    return settings.search_engine in ("", WHOOSH)


def open_backend(settings: Settings) -> SearchBackend:
    """The engine that `search_engine` names. Opening reads nothing yet: errors come with the first use.

    :raises ConfigError: it names none, or one whose packages are not installed.
    """
    if in_folder(settings):
        from archive.search.whoosh import WhooshBackend

        return WhooshBackend(settings.index, seconds=settings.search_seconds)
    try:
        from archive.search.opensearch import OpenSearchBackend, parse
    except ModuleNotFoundError as error:
        if error.name != "opensearchpy":
            raise
        raise ConfigError(
            "search_engine names an OpenSearch cluster, and the package opensearch-py is not installed.",
            'Install it: pip install "district-archive[opensearch]".',
        ) from error
    address = parse(settings.search_engine)
    return OpenSearchBackend(address, settings.index, seconds=settings.search_seconds)
