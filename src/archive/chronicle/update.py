"""The readings follow the store's change log, as the index does; new rules read everything again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from archive.chronicle import corrections
from archive.config import Settings
from archive.events import RULES, read
from archive.events.kinds import built_in, load
from archive.store import Store
from archive.store.chronicle import Chronicle

_BATCH = 200
"""Articles that are read and committed together: bounds memory and how long other writers wait."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ChronicleReport:
    """What an update did."""

    read: int
    """Articles."""
    events: int
    claims: int
    seconds: float


def follow(store: Store, settings: Settings, progress: Progress | None = None) -> ChronicleReport:
    """`update` with the archive's settings, and with the corrections that the journal has."""
    corrections.catch_up(store, settings)
    return update(store, Path(settings.events_file) if settings.events_file else None, progress)


def update(
    store: Store, events_file: Path | None = None, progress: Progress | None = None
) -> ChronicleReport:
    """Read what changed since the last update; everything when the rules or the kinds are others.

    Interrupted, the next update goes on from the last batch that was committed.

    :param events_file: the archive's own kinds of events, if it has any.
    :raises ConfigError: that file is at fault.
    """
    began = time.monotonic()
    kinds = load(events_file) if events_file else built_in()
    rules = f"{RULES}+{kinds.fingerprint}" if events_file else RULES
    chronicle = Chronicle(store)
    known, first = chronicle.state()
    if known != rules:
        first = 0
    last, done, events, claims = store.last_change(), 0, 0, 0
    begin = first
    while first < last:
        changes = store.changes(first, _BATCH)
        if not changes:
            break
        ids = list(dict.fromkeys(change.article for change in changes))
        views = store.articles(ids)
        readings = [(view, read(view.extraction, kinds)) for view in views]
        gone = set(ids) - {view.article.id for view in views}
        first = changes[-1].seq
        chronicle.put(readings, gone, rules, first)
        done += len(readings)
        events += sum(len(reading.events) for _, reading in readings)
        claims += sum(len(reading.people) for _, reading in readings)
        if progress is not None:
            progress(first - begin, last - begin)
    return ChronicleReport(done, events, claims, time.monotonic() - began)
