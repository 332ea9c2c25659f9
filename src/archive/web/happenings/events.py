"""Events: a list and a calendar with filters, a page each, a line of time, a feed for calendars."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from flask import Blueprint, Response, abort, render_template, request

from archive.model.events import EventClass
from archive.store import Chronicle
from archive.store.happenings.values import EventQuery, Gathering
from archive.web import links, schema_org, words
from archive.web.caching import page, validated
from archive.web.happenings import asked, shown
from archive.web.happenings import calendar as icalendar
from archive.web.kept import kept
from archive.web.language import gettext
from archive.web.resources import resources, settings

bp = Blueprint("happenings", __name__)

PAGE_SIZE = 40
_FEED_SIZE = 5_000
"""Events of a calendar feed at most, the newest; what is more is for a narrower query."""
_ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter."""

    label: str
    count: int
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of a month's calendar; `day` 0 for the days of other months."""

    day: int
    iso: str = ""
    count: int = 0
    href: str = ""


@bp.get("/su-kien")
@kept
def listing() -> Response:
    """Events by day, the newest first; a month as a calendar; filters by kind, portal, place and year."""
    question, number = asked.parse(request.args), asked.page_number(request.args)
    chronicle = Chronicle(resources().store)
    total = chronicle.count(question)
    offset = (number - 1) * PAGE_SIZE
    if offset >= total and number > 1:
        abort(404)
    found = chronicle.gatherings(question, limit=PAGE_SIZE, offset=offset)
    month = question.month and chronicle.days(replace(question, day=0))
    return page(
        render_template(
            "happenings/events.html",
            question=question,
            place_note=shown.place_note(question.place) if question.place else "",
            total=total,
            number=number,
            first=offset + 1,
            lines=[shown.line(item) for item in found],
            weeks=list(_weeks(question, month)) if month else (),
            month_label=words.month_of_year(dt.date(question.year, question.month, 1))
            if question.month
            else "",
            before=_turned(question, -1),
            after=_turned(question, 1),
            sorts=[
                Choice(shown.sort_label(item), 0, asked.address(EventQuery(sort=item)), item == question.sort)
                for item in (sort.value for sort in EventClass)
            ],
            filters=list(_filters(chronicle, question)),
            hidden=[(name, value) for name, value in asked.fields(question).items() if name != "noi"],
            feed=asked.address(question, feed=True),
            earlier=asked.address(question, number - 1) if number > 1 else "",
            later=asked.address(question, number + 1) if offset + PAGE_SIZE < total else "",
        ),
        robots="noindex, follow" if request.args else "",
    )


def _weeks(question: EventQuery, counts: Mapping[str, int]) -> Iterator[list[Cell]]:
    for week in calendar.Calendar().monthdayscalendar(question.year, question.month):
        cells = []
        for day in week:
            iso = f"{question.year:04}-{question.month:02}-{day:02}"
            count = counts.get(iso, 0) if day else 0
            cells.append(Cell(day, iso, count, asked.address(replace(question, day=day)) if count else ""))
        yield cells


def _turned(question: EventQuery, by: int) -> tuple[str, str]:
    """Address and name of the month before or after; both "" when no month is shown."""
    if not question.month:
        return "", ""
    months = question.year * 12 + question.month - 1 + by
    if not 12 <= months < 3000 * 12:
        return "", ""
    turned = replace(question, year=months // 12, month=months % 12 + 1, day=0)
    return asked.address(turned), words.month_of_year(dt.date(turned.year, turned.month, 1))


def _filters(chronicle: Chronicle, question: EventQuery) -> Iterator[tuple[str, list[Choice]]]:
    kinds = chronicle.kinds(replace(question, kind=""))
    yield (
        gettext("Loại"),
        [
            _choice(
                shown.kind_label(kind), count, replace(question, kind=kind), kind == question.kind, "kind"
            )
            for kind, count in sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
        ],
    )
    years = chronicle.years(replace(question, year=0, month=0, day=0))
    yield (
        gettext("Năm"),
        [
            _choice(
                year,
                count,
                replace(question, year=int(year), month=0, day=0),
                int(year) == question.year,
                "year",
            )
            for year, count in sorted(years.items(), reverse=True)
            if year.isdigit() and int(year)
        ],
    )
    if question.year:
        months: dict[int, int] = {}
        for day, count in chronicle.days(replace(question, month=0, day=0)).items():
            months[int(day[5:7])] = months.get(int(day[5:7]), 0) + count
        yield (
            gettext("Tháng"),
            [
                _choice(
                    str(month),
                    months[month],
                    replace(question, month=month, day=0),
                    month == question.month,
                    "month",
                )
                for month in sorted(months)
            ],
        )
    sites = resources().store.sites()
    if len(sites) > 1:
        yield gettext("Trang nguồn"), [
            _choice(
                site.name, chronicle.count(replace(question, site=site.id)), replace(question, site=site.id),
                site.id == question.site, "site",
            )
            for site in sites
        ]  # fmt: skip


def _choice(label: str, count: int, to: EventQuery, chosen: bool, field: str) -> Choice:
    """A value of a filter; the chosen one leads back to all."""
    if chosen:
        none: dict[str, int | str] = {field: 0 if field in ("year", "month") else ""}
        if field == "year":
            none |= {"month": 0, "day": 0}
        if field == "month":
            none |= {"day": 0}
        to = replace(to, **none)  # type: ignore[arg-type]
    return Choice(label, count, asked.address(to), chosen)


@bp.get("/su-kien.ics")
def feed() -> Response:
    """The events of a query, to subscribe to (RFC 5545)."""
    question = asked.parse(request.args)
    store = resources().store
    found = Chronicle(store).gatherings(question, limit=_FEED_SIZE)
    name = f"{settings().name}: {shown.sort_label(question.sort)}"
    return _calendar(name, found, "su-kien.ics")


@bp.get("/su-kien/<event_id>.ics")
def event_feed(event_id: str) -> Response:
    """One event, to put into a calendar."""
    return _calendar(settings().name, [_known(event_id)], f"su-kien-{event_id}.ics")


def _calendar(name: str, found: list[Gathering], file: str) -> Response:
    stamp = resources().store.totals().last_crawl or dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    response = Response(icalendar.write(name, found, stamp), content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'inline; filename="{file}"'
    return validated(response)


@bp.get("/su-kien/<event_id>")
@kept
def event(event_id: str) -> Response:
    """One event: when, where, who, and every article that tells of it with its sentence."""
    gathering = _known(event_id)
    store = resources().store
    views = {view.article.id: view for view in store.articles(gathering.articles)}
    told = [item for item in gathering.told if item.article in views]
    if not told:
        abort(404)
    line = shown.line(gathering)
    chronicle = Chronicle(store)
    best = gathering.event
    response = page(
        render_template(
            "happenings/event.html",
            line=line,
            event=best,
            sort=shown.sort_label(best.sort.value),
            sort_href=asked.address(EventQuery(sort=best.sort.value)),
            kind_href=asked.address(EventQuery(sort=best.sort.value, kind=best.kind)),
            people=_people(chronicle, gathering),
            tellings=[
                shown.telling(views[item.article], item.event.sentence, item.event.where, item.event.rule)
                for item in told
            ],
            canonical=links.absolute(line.href),
            linked=schema_org.event(
                line, gathering, [links.absolute(links.view_path(v)) for v in views.values()]
            ),
            around=[
                shown.line(item)
                for item in chronicle.gatherings(_same_day(gathering), limit=8)
                if item.id != gathering.id
            ],
        )
    )
    response.headers["Link"] = f'<{links.absolute(line.href)}>; rel="canonical"'
    return response


def _same_day(gathering: Gathering) -> EventQuery:
    first = gathering.event.when.start or gathering.event.when.end
    if first is None or gathering.event.sort is not EventClass.OCCASION:
        return EventQuery(year=1)
    return EventQuery(year=first.year, month=first.month, day=first.day)


def _people(chronicle: Chronicle, gathering: Gathering) -> list[tuple[str, str, str]]:
    """Name, offices, and the person's page, of those who took part."""
    names = dict.fromkeys(name for told in gathering.told for name in told.event.people)
    known = {
        claim.claim.name: claim
        for found in chronicle.of_articles(gathering.articles).values()
        for claim in sorted(found.claims, key=lambda item: len(item.claim.offices))
    }
    return [
        (name, shown.offices(known[name]), shown.person_path(known[name].person))
        for name in names
        if name in known
    ]


def _known(event_id: str) -> Gathering:
    fits = len(event_id) <= _ID_LENGTH and event_id.isalnum() and event_id.isascii()
    found = Chronicle(resources().store).gathering(event_id) if fits else None
    if found is None:
        abort(404)
    return found


@bp.get("/su-kien/dong-thoi-gian")
@kept
def timeline() -> Response:
    """Anniversaries and campaigns over the years."""
    chronicle = Chronicle(resources().store)
    years: dict[str, list[shown.EventLine]] = {}
    for sort in (EventClass.ANNIVERSARY, EventClass.CAMPAIGN):
        for gathering in chronicle.gatherings(EventQuery(sort=sort.value), limit=1_000):
            when = gathering.event.when
            last = when.end if sort is EventClass.ANNIVERSARY else when.start or when.end
            if last:
                years.setdefault(str(last.year), []).append(shown.line(gathering))
    return page(render_template("happenings/timeline.html", years=sorted(years.items(), reverse=True)))
