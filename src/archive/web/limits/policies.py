"""Which limit a request falls under, by what answers it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from archive.config import Rate, Settings

PAGES, FILES, SEARCH, API, EXPORTS, ADMIN = "pages", "files", "search", "api", "exports", "admin"

_FREE = frozenset(("machines.health", "machines.ready", "metrics.show"))
"""What watches over the site asks as often as it likes."""
_BY_ENDPOINT = {
    "static": FILES,
    # A replayed page brings its pictures and style sheets along; they are told apart by the address only.
    "memento.web": FILES,
    "search.results": SEARCH,
    "feeds.results": SEARCH,
    # A line for every hit, as a file.
    "concordance.data": EXPORTS,
    # A dump is many files, each sent as it lies on the disk.
    "dumps.file": FILES,
    "api.readable": PAGES,
    "api.description": PAGES,
}
_BY_BLUEPRINT = {
    "media": FILES,
    "trends": SEARCH,
    "concordance": SEARCH,
    "cooccurrence": SEARCH,
    "api": API,
    "oai": API,
    "exports": EXPORTS,
    "evidence": EXPORTS,
    "admin": ADMIN,
}
_WITH_FILES = frozenset(("api.search", "api.concordance"))
"""Answer with the whole of what was found when a `format` other than json is asked for."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A limit by its name, which stands in the `RateLimit` fields and in the API's description."""

    name: str
    rate: Rate


def policies(settings: Settings) -> dict[str, Policy]:
    """All limits by name."""
    rates = {
        PAGES: settings.limit_pages,
        FILES: settings.limit_files,
        SEARCH: settings.limit_search,
        API: settings.limit_api,
        EXPORTS: settings.limit_exports,
        # Its own buckets: who used up the pages from the same address does not lock an admin out.
        ADMIN: settings.limit_pages,
    }
    return {name: Policy(name, rate) for name, rate in rates.items()}


def name_of_request() -> str:
    """Name of the limit that the current request falls under; "" for none."""
    endpoint = request.endpoint or ""
    if endpoint in _FREE:
        return ""
    if endpoint in _WITH_FILES and request.args.get("format", "json") != "json":
        return EXPORTS
    if endpoint in _BY_ENDPOINT:
        return _BY_ENDPOINT[endpoint]
    return _BY_BLUEPRINT.get(endpoint.partition(".")[0], PAGES)
