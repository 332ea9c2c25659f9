"""Events as iCalendar (RFC 5545), written with the package icalendar.

A part of a day is no hour: what happened "sáng 28/9" is an event of the whole day with "sáng" in its words.
Only an hour that the text gives becomes a time, in Vietnam's zone, whose rules are in the file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from flask import url_for
from icalendar import Calendar, Timezone, TimezoneStandard
from icalendar import Event as Entry

from archive.model.events import EventClass
from archive.store.happenings.values import Gathering
from archive.web import links
from archive.web.happenings import shown
from archive.web.language import gettext
from archive.web.words import plain

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_LONGEST = 2_000
"""Characters of a description."""


def write(name: str, gatherings: Iterable[Gathering], stamp: dt.datetime) -> bytes:
    """A calendar of these events; those without a day are left out.

    :param stamp: when the archive last changed: the same state gives the same bytes.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//District Archive//Events//VI")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", plain(name))
    calendar.add_component(_zone())
    for gathering in gatherings:
        entry = _entry(gathering, stamp)
        if entry is not None:
            calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _zone() -> Timezone:
    """Vietnam's time since 1975, without summer time."""
    standard = TimezoneStandard()
    standard.add("tzname", "+07")
    standard.add("dtstart", dt.datetime(1975, 6, 13))  # noqa: DTZ001 - RFC 5545 wants local time here
    standard.add("tzoffsetfrom", dt.timedelta(hours=8))
    standard.add("tzoffsetto", dt.timedelta(hours=7))
    zone = Timezone()
    zone.add("tzid", "Asia/Ho_Chi_Minh")
    zone.add_component(standard)
    return zone


def _entry(gathering: Gathering, stamp: dt.datetime) -> Entry | None:
    event = gathering.event
    days = _days(gathering)
    if days is None:
        return None
    first, last = days
    entry = Entry()
    entry.add("uid", f"{gathering.id}@{_host()}")
    entry.add("dtstamp", stamp)
    given = event.when
    if given.time and first == last:
        entry.add("dtstart", dt.datetime.combine(first, given.time, tzinfo=ZONE))
    else:
        entry.add("dtstart", first)
        try:
            # The end is exclusive.
            entry.add("dtend", last + dt.timedelta(days=1))
        except OverflowError:
            return None
    name = event.name[:1].upper() + event.name[1:]
    part = gettext("%(part)s: ", part=given.part) if given.part and not given.time else ""
    entry.add("summary", plain(f"{part}{name}"))
    entry.add("description", plain(f"{shown.when(event)}. {event.sentence}")[:_LONGEST])
    if event.places:
        entry.add("location", plain(", ".join(event.places)))
    entry.add("categories", [plain(shown.kind_label(event.kind))])
    entry.add("url", links.absolute(url_for("happenings.event", event_id=gathering.id)))
    entry.add("status", "CONFIRMED")
    return entry


def _days(gathering: Gathering) -> tuple[dt.date, dt.date] | None:
    given = gathering.event.when
    if gathering.event.sort in (EventClass.ANNIVERSARY, EventClass.DEADLINE):
        return (given.end, given.end) if given.end else None
    first = given.start or given.end
    return (first, given.end or first) if first else None


def _host() -> str:
    return links.absolute("").split("//", 1)[-1].split("/", 1)[0]
