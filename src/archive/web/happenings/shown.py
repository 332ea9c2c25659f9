"""Events and people in words and links, in the language of the page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from flask import url_for

from archive.events import gazetteer
from archive.events.kinds import Kinds, built_in, load
from archive.model import ArticleView
from archive.model.events import Event, EventClass, When, Where
from archive.store.happenings.values import ClaimTold, Gathering, OfArticle, Told
from archive.text.vietnamese import slug
from archive.web import links, words
from archive.web.language import gettext, locale
from archive.web.resources import settings


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event in a list."""

    id: str
    href: str
    kind: str
    name: str
    when: str
    iso: str
    place: str
    articles: int


@dataclass(frozen=True, slots=True)
class Telling:
    """A sentence that tells something, and where it stands."""

    sentence: str
    href: str
    title: str
    day: str
    rule: str
    site_name: str


def kinds() -> Kinds:
    """The kinds of events of this archive."""
    file = settings().events_file
    return load(Path(file)) if file else built_in()


def place_note(name: str) -> str:
    """What became of a place, in a sentence; "" when the gazetteer does not know."""
    file = settings().gazetteer
    places = gazetteer.load(Path(file)) if file else gazetteer.built_in()
    place = places.find(name)
    if place is None or place.until is None:
        return ""
    ended = gettext(
        "%(place)s có tên này đến hết ngày %(day)s.", place=place.name, day=words.day(place.until)
    )
    if not place.became:
        return ended
    now = gettext("Địa bàn nay thuộc %(places)s.", places=", ".join(place.became))
    return f"{ended} {now}"


def kind_label(kind: str) -> str:
    """The name of a kind."""
    fixed = {
        "han": gettext("Hạn cuối"),
        "ky-niem-nam": gettext("Ngày kỷ niệm"),
        "dot-thi-dua": gettext("Đợt thi đua"),
        "chien-dich": gettext("Chiến dịch, đợt vận động"),
    }
    if kind in fixed:
        return fixed[kind]
    known = kinds().get(kind)
    if known is None:
        return kind
    return known.vi if locale() == "vi" else known.en


def sort_label(sort: str) -> str:
    """The name of a class of events."""
    return {
        EventClass.OCCASION.value: gettext("Sự kiện"),
        EventClass.ANNIVERSARY.value: gettext("Ngày kỷ niệm"),
        EventClass.CAMPAIGN.value: gettext("Đợt thi đua, chiến dịch"),
        EventClass.DEADLINE.value: gettext("Hạn cuối"),
    }[sort]


def when(event: Event) -> str:
    """`Sáng 28/09/2022, 07:30`, `từ 08/03/2023 đến 13/03/2023`: never more than the text said."""
    given = event.when
    if event.sort is EventClass.ANNIVERSARY:
        return _anniversary(given)
    if given.start is None or given.end is None:
        last = given.end or given.start
        return gettext("đến %(day)s", day=_day(last, given.precision)) if last else gettext("không rõ ngày")
    if given.start != given.end:
        if given.precision == "month" and (given.start.year, given.start.month) == (
            given.end.year,
            given.end.month,
        ):
            return words.month_of_year(given.start)
        return gettext("từ %(first)s đến %(last)s", first=words.day(given.start), last=words.day(given.end))
    text = words.day(given.start)
    if given.part:
        text = f"{_part(given.part)} {text}"
    return f"{text}, {given.time:%H:%M}" if given.time else text


def _anniversary(given: When) -> str:
    if given.start and given.end:
        return f"{_day(given.start, given.precision)} – {_day(given.end, given.precision)}"
    return (
        _day(given.end or given.start, given.precision)
        if given.end or given.start
        else gettext("không rõ ngày")
    )


def _day(day: dt.date | None, precision: str) -> str:
    if day is None:
        return ""
    if precision == "year":
        return str(day.year)
    return words.month_of_year(day) if precision == "month" else words.day(day)


def _part(part: str) -> str:
    return {
        "sáng": gettext("sáng"),
        "trưa": gettext("trưa"),
        "chiều": gettext("chiều"),
        "tối": gettext("tối"),
        "đêm": gettext("đêm"),
    }.get(part, part)


def line(gathering: Gathering) -> EventLine:
    """An event as a line of a list."""
    event = gathering.event
    iso = event.when.start.isoformat() if event.when.start and event.when.start == event.when.end else ""
    return EventLine(
        id=gathering.id,
        href=url_for("happenings.event", event_id=gathering.id),
        kind=kind_label(event.kind),
        name=event.name[:1].upper() + event.name[1:],
        when=when(event),
        iso=iso if event.when.precision == "day" else "",
        place=", ".join(event.places),
        articles=len(gathering.articles),
    )


def of_told(told: Told) -> EventLine:
    """An event as one article tells it."""
    return line(Gathering(told.id, (told,)))


def telling(view: ArticleView, sentence: str, where: Where, rule: str) -> Telling:
    """A sentence with a link to the paragraph that it stands in."""
    published = view.extraction.published
    return Telling(
        sentence=sentence,
        href=f"{links.article_path(view.article.id, slug(view.extraction.title))}{anchor(where)}",
        title=view.extraction.title,
        day=words.day(published.day) if published else "",
        rule=rule,
        site_name=view.site_name,
    )


def anchor(where: Where) -> str:
    """The fragment of a paragraph's place on the article's page; "" for title and lead."""
    return f"#p{int(where.part[1:]) + 1}" if where.part.startswith("b") else ""


def person_path(person: str) -> str:
    """The page of a person."""
    return url_for("people.person", person_id=person)


def offices(claim: ClaimTold) -> str:
    """The offices of a claim, as written."""
    return ", ".join(claim.claim.offices)


@dataclass(frozen=True, slots=True)
class ReadEvent:
    """An event on the page of an article that tells of it."""

    href: str
    name: str
    kind: str
    when: str
    place: str
    sentence_href: str


@dataclass(frozen=True, slots=True)
class ReadPerson:
    """A person on the page of an article."""

    href: str
    name: str
    offices: str
    sentence_href: str


@dataclass(frozen=True, slots=True)
class ReadPlace:
    """A place on the page of an article; it leads to what happened there."""

    href: str
    name: str


@dataclass(frozen=True, slots=True)
class Readings:
    """What was read out of an article."""

    events: tuple[ReadEvent, ...]
    people: tuple[ReadPerson, ...]
    places: tuple[ReadPlace, ...]


def readings(found: OfArticle) -> Readings:
    """What was read out of an article, each person once, with the most that is said of them."""
    fullest: dict[str, ClaimTold] = {}
    for claim in found.claims:
        known = fullest.get(claim.person)
        if known is None or len(offices(claim)) > len(offices(known)):
            fullest[claim.person] = claim
    lines = [(told, of_told(told)) for told in found.events]
    return Readings(
        events=tuple(
            ReadEvent(line.href, line.name, line.kind, line.when, line.place, anchor(told.event.where))
            for told, line in lines
        ),
        people=tuple(
            ReadPerson(person_path(item.person), item.claim.name, offices(item), anchor(item.claim.where))
            for item in fullest.values()
        ),
        places=tuple(ReadPlace(url_for("happenings.listing", noi=place), place) for place in found.places),
    )
