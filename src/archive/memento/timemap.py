"""TimeMaps: all mementos of an address, in the three forms that the field reads.

- `link`: RFC 7089, section 5, in `application/link-format`; a long one is parted, and each part names the
  others with `from` and `until` (section 5.1.1's TimeMap of TimeMaps, within the first part);
- `json`: the form of the Memento aggregator (http://timetravel.mementoweb.org/guide/api/);
- `cdxj`: one line a capture, as pywb's capture indexes have them.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.memento import linkformat
from archive.memento.linkformat import Link
from archive.memento.times import http_date, stamp
from archive.model import Capture

CDXJ_TYPE = "text/x-cdxj"
FORMS = ("link", "json", "cdxj")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a TimeMap."""

    number: int
    """From 1."""
    since: dt.datetime
    until: dt.datetime


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the resources of RFC 7089 for one original address are, all absolute."""

    original: str
    timegate: str
    timemaps: dict[str, str]
    """By form."""

    def common(self) -> Iterator[Link]:
        """The links that go with every answer about the address."""
        yield Link(self.original, "original")
        yield Link(self.timegate, "timegate")
        yield Link(self.timemaps["link"], "timemap", linkformat.MEDIA_TYPE)


@dataclass(frozen=True, slots=True)
class Entry:
    """A memento in a TimeMap."""

    capture: Capture
    address: str
    """Absolute address of the memento."""


def link(
    addresses: Addresses,
    entries: Sequence[Entry],
    part: Part,
    parts: Sequence[tuple[Part, str]],
    own: str,
) -> str:
    """One part in link format.

    :param entries: the mementos of this part, by time.
    :param part: this part, with the times of its first and last memento.
    :param parts: all parts with their addresses; one when the TimeMap is not parted.
    :param own: address of this part.
    """
    links = [
        Link(addresses.original, "original"),
        Link(addresses.timegate, "timegate"),
        Link(own, "self", linkformat.MEDIA_TYPE, since=part.since, until=part.until),
    ]
    links += [
        Link(target, "timemap", linkformat.MEDIA_TYPE, since=other.since, until=other.until)
        for other, target in parts
        if other.number != part.number
    ]
    last_part = max((item.number for item, _ in parts), default=1)
    for place, entry in enumerate(entries):
        rel = "memento"
        if part.number == last_part and place == len(entries) - 1:
            rel = f"last {rel}"
        if part.number == 1 and place == 0:
            rel = f"first {rel}"
        links.append(Link(entry.address, rel, at=entry.capture.at))
    return linkformat.document(links)


def as_json(addresses: Addresses, entries: Sequence[Entry], own: str, others: Sequence[str] = ()) -> str:
    """The same in JSON.

    :param own: address of this part.
    :param others: addresses of the other parts.
    """

    def told(entry: Entry) -> dict[str, str]:
        return {"datetime": entry.capture.at.strftime("%Y-%m-%dT%H:%M:%SZ"), "uri": entry.address}

    value: dict[str, object] = {
        "original_uri": addresses.original,
        "self": own,
        "timegate_uri": addresses.timegate,
        "timemap_uri": {f"{form}_format": addresses.timemaps[form] for form in FORMS},
        "mementos": {
            "first": told(entries[0]),
            "last": told(entries[-1]),
            "list": [told(entry) for entry in entries],
        },
    }
    if others:
        value["pages"] = list(others)
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def cdxj(entries: Sequence[Entry]) -> str:
    """The same as lines of a capture index: URL key, stamp, and what is known of the record in JSON."""
    return "".join(f"{_key(entry.capture)} {stamp(entry.capture.at)} {_record(entry)}\n" for entry in entries)


def _key(capture: Capture) -> str:
    """In lower case, as the indexes of other tools are."""
    return capture.urlkey.lower().replace(" ", "%20")


def _record(entry: Entry) -> str:
    capture = entry.capture
    value = {
        "url": capture.url,
        "mime": capture.mime or "unk",
        "status": str(capture.status),
        "digest": capture.payload_digest,
        "length": str(capture.ref.length),
        "offset": str(capture.ref.offset),
        "filename": capture.ref.file,
        "load_url": entry.address,
        "memento_datetime": http_date(capture.at),
    }
    if capture.revisit_of is not None:
        value["mime"] = "warc/revisit"
    if capture.redirect_to:
        value["redirect"] = capture.redirect_to
    return json.dumps(value, ensure_ascii=False)
