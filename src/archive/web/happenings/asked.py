"""The state of the event pages in their addresses: read from them, written into links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import url_for

from archive.model.events import EventClass
from archive.store.happenings.values import EventQuery
from archive.web import query

_NUMBERS = {"nam": ("year", 1, 2999), "thang": ("month", 1, 12), "ngay": ("day", 1, 31)}
_LONGEST_PLACE = 100
_ENGLISH = {"sort": "dang", "kind": "loai", "place": "noi", "year": "nam", "month": "thang", "day": "ngay"}
"""Names that the API uses; the pages understand both."""


def parse(args: Mapping[str, str]) -> EventQuery:
    """What an address asks for; what cannot be read in it counts as not asked."""
    args = {_ENGLISH.get(name, name): value for name, value in args.items()}
    sort = args.get("dang", "")
    values: dict[str, Any] = {
        "sort": sort if sort in {item.value for item in EventClass} else EventClass.OCCASION.value,
        "kind": args.get("loai", "")[:40],
        "site": site if query.is_site(site := args.get("site", "")) else "",
        "place": args.get("noi", "")[:_LONGEST_PLACE],
    }
    for name, (field, least, most) in _NUMBERS.items():
        text = args.get(name, "")
        if text.isascii() and text.isdigit() and len(text) <= 4 and least <= int(text) <= most:
            values[field] = int(text)
    found = EventQuery(**values)
    return found if found.year else replace(found, month=0, day=0)


def wrong(args: Mapping[str, str]) -> list[str]:
    """The parameters, by the names that were used, whose values `parse` leaves out."""
    kept = fields(parse(args))
    plain = {"dang": EventClass.OCCASION.value}
    known = {"dang", "loai", "site", "noi", *_NUMBERS}
    found = []
    for name, value in args.items():
        own = _ENGLISH.get(name, name)
        given = str(int(value)) if own in _NUMBERS and value.isascii() and value.isdigit() else value
        if own in known and value and str(kept.get(own, plain.get(own, ""))) != given:
            found.append(name)
    return found


def page_number(args: Mapping[str, str]) -> int:
    """Which page of the list; the first when it cannot be read."""
    text = args.get("trang", "")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) <= 5 else 1


def fields(asked: EventQuery) -> dict[str, Any]:
    """The parameters that say it, defaults left out."""
    values = {
        "dang": asked.sort if asked.sort != EventClass.OCCASION.value else "",
        "loai": asked.kind,
        "site": asked.site,
        "noi": asked.place,
        "nam": asked.year,
        "thang": asked.month,
        "ngay": asked.day,
    }
    return {name: value for name, value in values.items() if value}


def address(asked: EventQuery, page: int = 1, *, feed: bool = False) -> str:
    """The address of a list of events, or of its feed for calendars."""
    values = fields(asked)
    if page > 1:
        values["trang"] = page
    return url_for("happenings.feed" if feed else "happenings.listing", **values)
