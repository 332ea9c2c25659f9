"""Keys under which names are filed, ids, and the stored form of an event."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from base64 import b32encode
from typing import Any

from archive.model.events import Event, EventClass, When, Where
from archive.text.vietnamese import fold, whole_words


def key(name: str) -> str:
    """Under which a name is filed: folded words, case and punctuation apart; 120 characters at most."""
    return " ".join(fold(word) for word in whole_words(name))[:120]


def person_id(site: str, name: str) -> str:
    """Of the person whom a site's articles call so: the same name in two districts is two persons."""
    return _hash("person", site, key(name))


def event_id(article: str, event: Event, nth: int) -> str:
    """Stable as long as the sentence stands, whatever a later version of the rules reads in it."""
    return _hash("event", article, event.sort.value, " ".join(event.sentence.split()), str(nth))


def _hash(*parts: str) -> str:
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).digest()
    return b32encode(digest).decode("ascii").lower()[:12]


def plain(event: Event) -> dict[str, Any]:
    """The JSON-ready form of an event."""
    data = dataclasses.asdict(event)
    when = data["when"]
    for name in ("start", "end", "time"):
        when[name] = when[name].isoformat() if when[name] else None
    data["sort"] = event.sort.value
    return data


def event_of(data: dict[str, Any]) -> Event:
    """An event from its stored form."""
    when = dict(data["when"])
    for name, parse in (
        ("start", dt.date.fromisoformat),
        ("end", dt.date.fromisoformat),
        ("time", dt.time.fromisoformat),
    ):
        when[name] = parse(when[name]) if when[name] else None
    plain = {name: data[name] for name in ("kind", "name", "organiser", "sentence", "rule")}
    return Event(
        sort=EventClass(data["sort"]),
        when=When(**when),
        places=tuple(data["places"]),
        people=tuple(data["people"]),
        where=Where(**data["where"]),
        **plain,
    )
