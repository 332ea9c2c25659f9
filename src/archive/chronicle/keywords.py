"""What of the readings the index files, so that a search can be narrowed by it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from archive.config import Settings
from archive.events.kinds import OTHER_KINDS, built_in, load
from archive.store import Chronicle, Store

Keywords = tuple[tuple[str, str], ...]
"""Pairs of "person", "place" or "event", and a name."""


def keywords(store: Store, settings: Settings, ids: Sequence[str]) -> dict[str, Keywords]:
    """Of each article the people and places it names, and its kinds of events by their Vietnamese names."""
    kinds = load(Path(settings.events_file)) if settings.events_file else built_in()
    names = OTHER_KINDS | {kind.id: kind.vi for kind in kinds}
    found = {}
    for article, told in Chronicle(store).of_articles(ids).items():
        pairs = [("person", claim.claim.name) for claim in told.claims]
        pairs += [("place", place) for place in told.places]
        pairs += [("event", names.get(item.event.kind, item.event.kind)) for item in told.events]
        found[article] = tuple(dict.fromkeys(pairs))
    return found
