"""What an article says of events, people and places: each with its rule and its place in the text."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Where:
    """A stretch of an article's text: `text[start:end]` of one of its parts."""

    part: str
    """"title", "lead", or "b" and the number of the block from 0: "b3". A figure's part is its caption."""
    start: int
    end: int


class EventClass(StrEnum):
    """What sort of a thing an event is; only an occasion happens on its day."""

    OCCASION = "occasion"
    """Something that people held or attended: a meeting, a ceremony."""
    ANNIVERSARY = "anniversary"
    """A day long ago that is remembered; its date is never the article's."""
    CAMPAIGN = "campaign"
    """A drive over a span of time."""
    DEADLINE = "deadline"
    """A day by which something is due."""


@dataclass(frozen=True, slots=True)
class When:
    """A day or a span of days as a text gives it."""

    start: dt.date | None
    """First day; None when the text leaves it open ("từ nay …" on an undated page, "trước ngày …")."""
    end: dt.date | None
    """Last day, itself included; equal to `start` for one day; None when the text leaves it open."""
    precision: str = "day"
    """"day", "month" or "year": how exactly the text gives its ends."""
    part: str = ""
    """"sáng", "trưa", "chiều", "tối" or "đêm": a part of the day, never made an hour."""
    time: dt.time | None = None
    """Local time (Asia/Ho_Chi_Minh), when the text gives one."""
    basis: str = "text"
    """What the year comes from: "text"; "page", the page's date; "relative", as in "sáng nay"."""
    lunar: str = ""
    """The words of the lunar calendar, when the day was converted or could not be."""
    text: str = ""
    """The words as they stand."""


@dataclass(frozen=True, slots=True)
class Claim:
    """That somebody held offices, as one sentence has it."""

    name: str
    """As written, titles of courtesy off: "Đỗ Thị Ninh Hường"."""
    offices: tuple[str, ...]
    """In the order of the text, as written; empty when the text gives none."""
    courtesy: str
    """"đồng chí", "ông", "bà" …, "" when there is none."""
    sentence: str
    where: Where
    """Of the name."""
    rule: str
    pictured: bool = False
    """Whether a caption says it."""


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """A place that a text names."""

    name: str
    """As written, with its kind: "xã Quảng Tân"."""
    kind: str
    """"tỉnh", "huyện", "xã", "thôn" …; "" when the text does not say."""
    place: str
    """Id in the gazetteer, "" when it is not there."""
    where: Where
    rule: str


@dataclass(frozen=True, slots=True)
class Event:
    """One event as one sentence reports it."""

    sort: EventClass
    kind: str
    """Id of a kind in `kinds.toml`: "hoi-nghi"."""
    name: str
    """The words that name it: "Lễ phát động đợt thi đua đặc biệt …"."""
    when: When
    places: tuple[str, ...] = ()
    """Where it took place, from the narrower to the wider, as written."""
    organiser: str = ""
    people: tuple[str, ...] = ()
    """Names of those who led or attended, as far as the text ties them to it."""
    sentence: str = ""
    where: Where = field(default_factory=lambda: Where("lead", 0, 0))
    """Of the words that gave the date or, without one, the kind."""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """All that the rules of one version read out of one article."""

    events: tuple[Event, ...] = ()
    people: tuple[Claim, ...] = ()
    places: tuple[PlaceMention, ...] = ()
    rules: str = ""
    """Name and version of the rules."""
    cut: tuple[str, ...] = ()
    """What was left out because a bound was reached."""
