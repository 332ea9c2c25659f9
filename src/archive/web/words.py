"""Numbers, days and states as a reader says them, in the language of the page."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Flask

from archive.model import ArticleState, DateFact
from archive.web.language import gettext, locale

VIETNAM = dt.timezone(dt.timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Vietnam's time since 1975; captures are never older."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
# Marks that turn the direction of what follows. Elements isolate them (`dir="auto"`, `<bdi>`); a `<title>`
# or an attribute cannot, so there they go.
_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def init(app: Flask) -> None:
    """Give the templates these functions as filters."""
    for function in (
        number,
        decimal,
        day,
        day_in_words,
        day_of_year,
        moment,
        local_day,
        iso_day,
        plain,
        state,
    ):
        app.jinja_env.filters[function.__name__] = function


def number(value: int) -> str:
    """`1.234` in Vietnamese, `1,234` in English."""
    return _written(value, locale())


@lru_cache(maxsize=10_000)
def _written(value: int, language: str) -> str:
    """A result page has some two hundred numbers, most of them small."""
    return str(format_decimal(value, locale=language))


def decimal(value: float) -> str:
    """`0,5` in Vietnamese, `0.5` in English."""
    return str(format_decimal(value, locale=locale()))


def day(value: dt.date) -> str:
    """`28/09/2022`, in both languages."""
    return f"{value.day:02}/{value.month:02}/{value.year}"


def iso_day(value: str) -> str:
    """The day of an ISO 8601 text as `day` gives it; "" for an undated article."""
    return day(dt.date.fromisoformat(value[:10])) if value else ""


def day_in_words(fact: DateFact) -> str:
    """`Thứ Tư, 28 tháng 9 năm 2022, 15:30`: with the hour only where the page gave one."""
    pattern = "EEEE, d 'tháng' M 'năm' y" if locale() == "vi" else "EEEE, d MMMM y"
    words = str(format_date(fact.day, pattern, locale=locale()))
    return words if fact.time is None else f"{words}, {fact.time:%H:%M}"


def day_of_year(value: dt.date) -> str:
    """`28 tháng 9`, `28 September`."""
    pattern = "d 'tháng' M" if locale() == "vi" else "d MMMM"
    return str(format_date(value, pattern, locale=locale()))


def month(number: int) -> str:
    """`Tháng 9`, `September`."""
    return str(format_date(dt.date(2000, number, 1), "LLLL", locale=locale()))


def month_of_year(value: dt.date) -> str:
    """`tháng 9/2022`, `September 2022`."""
    return str(format_date(value, "'tháng' M/y" if locale() == "vi" else "MMMM y", locale=locale()))


def moment(value: dt.datetime) -> str:
    """A moment of our own work, in Vietnam's time: `22:15 ngày 24/11/2026`."""
    local = value.astimezone(VIETNAM)
    return gettext("%(time)s ngày %(day)s", time=f"{local:%H:%M}", day=day(local.date()))


def local_day(value: dt.datetime) -> str:
    """The day of such a moment, in Vietnam."""
    return day(value.astimezone(VIETNAM).date())


def language_tag(code: str) -> str:
    """A page's own `lang` where it has the form of BCP 47; else Vietnamese."""
    return code if _LANGUAGE.fullmatch(code) else "vi"


def plain(text: str) -> str:
    """Text for a place that cannot isolate direction marks: `<title>`, attributes, citations."""
    return _DIRECTION.sub("", text)


def state(value: str) -> str:
    """How the original stands, in three words more."""
    match ArticleState(value):
        case ArticleState.LIVE:
            return gettext("Bản gốc còn trên mạng")
        case ArticleState.CHANGED:
            return gettext("Bản gốc đã đổi")
        case ArticleState.MOVED:
            return gettext("Bản gốc đã chuyển chỗ")
        case ArticleState.GONE:
            return gettext("Bản gốc đã mất")
