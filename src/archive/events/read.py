"""Reads events, people and places out of an article: pure, bounded, the same for the same input."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from archive.events.anniversaries import AnniversaryFound, anniversaries
from archive.events.kinds import Kinds, built_in
from archive.events.occasions import OccasionFound, occasions, undated
from archive.events.people import PersonFound, people
from archive.events.places import areas
from archive.events.sentences import sentences
from archive.events.when import Role
from archive.model.events import Claim, Event, EventClass, PlaceMention, Reading, When, Where
from archive.model.extraction import (
    Attachment,
    Extraction,
    Figure,
    Heading,
    ListBlock,
    Paragraph,
    Quote,
    Table,
)

RULES = "events-2"
"""Name and version of the rules; bump on each change of output."""

MOST_EVENTS = 40
MOST_CLAIMS = 300
MOST_PLACES = 200
MOST_CHARACTERS = 200_000

_ATTENDS = re.compile(
    r"^(?:(?:tham |đến |tới |cùng |về )?dự|cùng (?:dự|tham dự|đi)|chủ trì|phát biểu|tham gia|tại (?:hội nghị|buổi|lễ|kỳ họp|đại hội|đây|cuộc)|thay mặt|khai mạc|kết luận|đồng chủ trì)(?!\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    part: str
    start: int
    caption: bool


def read(extraction: Extraction, kinds: Kinds | None = None) -> Reading:
    """What an article's title, lead, body and captions say of events, people and places.

    Never raises on any text. Beyond `MOST_…` the rest is left out and named in `Reading.cut`.

    :param extraction: of a page that is an article; its `published` supplies missing years.
    :param kinds: the kinds of events; by default the built-in ones.
    """
    kinds = kinds or built_in()
    reference = extraction.published.day if extraction.published else None
    events: list[Event] = []
    claims: list[Claim] = []
    places: list[PlaceMention] = []
    previous: dt.date | None = None
    held: int | None = None
    seen = 0
    for order, sentence in enumerate(_sentences(extraction)):
        seen += len(sentence.text)
        if seen > MOST_CHARACTERS:
            break
        named = people(sentence.text)
        claims += [_claim(sentence, person) for person in named]
        places += [
            PlaceMention(
                sentence.text[a.start : a.end], a.kind, "", _where(sentence, a.start, a.end), "kind + name"
            )
            for a in areas(sentence.text)
        ]
        for anniversary in anniversaries(sentence.text):
            _add_anniversary(events, _anniversary(sentence, anniversary))
        if sentence.caption:
            continue
        found, days = occasions(sentence.text, kinds, reference, previous)
        if (
            not found
            and order < 4
            and sentence.part != "title"
            and not any(e.sort is EventClass.OCCASION for e in events)
        ):
            alone = undated(sentence.text, kinds)
            found = [alone] if alone and not any(d.role is Role.DAY for d in days) else []
        for occasion in found:
            at = _add(events, _event(sentence, occasion, [person.name for person in named]))
            if occasion.sort is EventClass.OCCASION:
                held = at
        if not found and held is not None and named and _ATTENDS.match(sentence.text):
            names = dict.fromkeys((*events[held].people, *(person.name for person in named)))
            events[held] = replace(events[held], people=tuple(names))
        for day in days:
            if day.role is Role.DAY and day.when.start:
                previous = day.when.start
    _add_pictured(events, claims)
    cut = [
        name
        for name, items, most in (
            ("events", events, MOST_EVENTS),
            ("people", claims, MOST_CLAIMS),
            ("places", places, MOST_PLACES),
        )
        if len(items) > most
    ]
    if seen > MOST_CHARACTERS:
        cut.append("text")
    return Reading(
        tuple(events[:MOST_EVENTS]),
        tuple(claims[:MOST_CLAIMS]),
        tuple(places[:MOST_PLACES]),
        RULES,
        tuple(cut),
    )


def _add_pictured(events: list[Event], claims: list[Claim]) -> None:
    """Who speaks or hands over in the pictures took part in the occasion, when the article has only one."""
    held = [at for at, event in enumerate(events) if event.sort is EventClass.OCCASION]
    if len(held) == 1:
        pictured = [claim.name for claim in claims if claim.pictured]
        event = events[held[0]]
        events[held[0]] = replace(event, people=tuple(dict.fromkeys((*event.people, *pictured))))


def _sentences(extraction: Extraction) -> Iterator[_Sentence]:
    for text, part, caption in _parts(extraction):
        for start, end in sentences(text):
            yield _Sentence(text[start:end], part, start, caption)


def _parts(extraction: Extraction) -> Iterator[tuple[str, str, bool]]:
    """The texts of an article with the names of their parts; whether each is a caption."""
    yield extraction.lead, "lead", False
    for number, block in enumerate(extraction.blocks):
        name = f"b{number}"
        match block:
            case Paragraph(text=text) | Heading(text=text):
                yield text, name, False
            case ListBlock(items=items):
                yield "\n".join(items), name, False
            case Quote(paragraphs=paragraphs):
                yield "\n".join(paragraphs), name, False
            case Figure(caption=caption):
                yield caption, name, True
            case Table(rows=rows):
                yield "\n".join("\n".join(cells) for cells in rows), name, True
            case Attachment():
                pass
    yield extraction.title, "title", False


def _where(sentence: _Sentence, start: int, end: int) -> Where:
    return Where(sentence.part, sentence.start + start, sentence.start + end)


def _claim(sentence: _Sentence, person: PersonFound) -> Claim:
    where = _where(sentence, person.start, person.end)
    return Claim(
        person.name,
        person.offices,
        person.courtesy,
        sentence.text,
        where,
        person.rule,
        pictured=sentence.caption,
    )


def _event(sentence: _Sentence, found: OccasionFound, names: list[str]) -> Event:
    return Event(
        sort=found.sort,
        kind=found.kind,
        name=found.name,
        when=found.when,
        places=found.places,
        organiser=found.organiser,
        people=tuple(dict.fromkeys(names)) if found.sort is EventClass.OCCASION else (),
        sentence=sentence.text,
        where=_where(sentence, found.start, found.end),
        rule=found.rule,
    )


def _anniversary(sentence: _Sentence, found: AnniversaryFound) -> Event:
    when = When(found.first, found.last, found.precision, text=found.text)
    name = f"{found.years} năm {found.what}"
    where = _where(sentence, found.start, found.end)
    return Event(
        EventClass.ANNIVERSARY,
        "ky-niem-nam",
        name,
        when,
        sentence=sentence.text,
        where=where,
        rule="years + what",
    )


def _add(events: list[Event], event: Event) -> int:
    """Add an event, or join it to the one that says the same; returns its place."""
    for at, other in enumerate(events):
        if other.sort is event.sort and _same(other, event):
            people_of = tuple(dict.fromkeys((*other.people, *event.people)))
            events[at] = replace(other, people=people_of, places=_fuller(other, event))
            return at
    events.append(event)
    return len(events) - 1


def _fuller(one: Event, other: Event) -> tuple[str, ...]:
    by_organiser = one.rule.endswith("organiser") and "tại" in other.rule
    return other.places if other.places and (not one.places or by_organiser) else one.places


def _same(one: Event, other: Event) -> bool:
    if one.sort is EventClass.DEADLINE:
        return one.when.end == other.when.end
    if one.sort is EventClass.CAMPAIGN:
        return (one.when.start, one.when.end) == (other.when.start, other.when.end)
    return one.kind == other.kind and (one.when.start, one.when.end) == (other.when.start, other.when.end)


def _add_anniversary(events: list[Event], event: Event) -> None:
    """Keep one of the tellings of an anniversary: the one with the day, else the first."""
    for at, other in enumerate(events):
        if other.sort is EventClass.ANNIVERSARY and _same_anniversary(other.name, event.name):
            if other.when.start is None and event.when.start is not None:
                events[at] = event
            return
    events.append(event)


def _same_anniversary(one: str, other: str) -> bool:
    """Whether two tellings begin alike: "60 năm Ngày thành lập tỉnh" and "… thành lập tỉnh Quảng Ninh"."""
    first, second = one.lower().split(), other.lower().split()
    alike = 0
    for left, right in zip(first, second, strict=False):
        if left != right:
            break
        alike += 1
    return alike >= min(len(first), len(second)) or alike >= 6
