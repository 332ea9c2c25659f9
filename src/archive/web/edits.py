"""The ledger of silent edits: what portals changed, took down or moved after it had been captured.

`/sua-doi?site=…&kind=…&month=2022-09&page=2`; `kind` is a kind of edit (`archive.text.edits.Kind`) or `gone`,
`back`, `moved`. `entries` gives the same lines to whoever makes a feed of them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, render_template, request, url_for

from archive.model import ArticleView
from archive.store import edits as ledger
from archive.store.edits import Edit, Event, Wanted
from archive.text import edits as judging
from archive.text import parts
from archive.text.edits import Change, Kind
from archive.web import links, query, words
from archive.web.caching import page
from archive.web.kept import kept
from archive.web.language import gettext
from archive.web.resources import resources
from archive.web.results import Choice

bp = Blueprint("edits", __name__)

PAGE_SIZE = 20
_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
_CHANGES_SHOWN = 3
"""Changes of one edit that are shown in the list; all are on the page that compares."""
_STEPS = 100_000
_MAX_VALUES = 20
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger as it is shown, and as a feed needs it."""

    id: str
    """Stable: `<article>/<event>/<number>/<time>`."""
    title: str
    lang: str
    href: str
    """The comparison of the two versions; for another event, the article."""
    article_href: str
    site: str
    site_name: str
    at: dt.datetime
    moment: str
    what: tuple[str, ...]
    """What was done, in words: `Con số`, `Tên bài`, `Bài bị gỡ`."""
    kinds: tuple[str, ...]
    """The same as addresses have it."""
    changes: tuple[Change, ...]
    """The first of them."""
    more: int
    """How many more there are."""


@bp.get("/sua-doi")
@kept
def show() -> Response:
    """The ledger, the newest first."""
    wanted = read(request.args.to_dict(flat=False))
    number = query.parse(request.args.to_dict(flat=False)).request.page
    with resources().store.read() as connection:
        total = ledger.count(connection, wanted)
        tallies = ledger.tallies(connection, wanted)
        sites = ledger.by_site(connection, wanted)
        months = ledger.by_month(connection, wanted)
    if number > 1 and (number - 1) * PAGE_SIZE >= total:
        abort(404)
    names = {site.id: site.name for site in resources().store.sites()}
    html = render_template(
        "edits/edits.html",
        entries=entries(wanted, PAGE_SIZE, (number - 1) * PAGE_SIZE),
        total=total,
        number=number,
        start=(number - 1) * PAGE_SIZE + 1,
        kinds=tuple(_kind_choices(wanted, tallies)),
        sites=tuple(_site_choices(wanted, sites, names)),
        months=tuple(_month_choices(wanted, months)),
        minor=Choice(
            gettext("Cả sửa lỗi chính tả, dấu câu"),
            address(replace(wanted, minor=not wanted.minor)),
            tallies[Kind.MINOR.value],
            wanted.minor,
        ),
        chosen=bool(wanted.sites or wanted.kinds or wanted.events or wanted.month),
        previous=address(wanted, number - 1) if number > 1 else "",
        next=address(wanted, number + 1) if number * PAGE_SIZE < total else "",
    )
    return page(html)


def read(args: Mapping[str, Sequence[str]]) -> Wanted:
    """What an address asks for; what cannot be read is as if it were not there."""
    kinds = [value for value in args.get("kind", ()) if value][:_MAX_VALUES]
    month = next((value for value in args.get("month", ()) if _MONTH.fullmatch(value)), "")
    known, events = {item.value for item in Kind}, {item.value for item in Event} - {Event.EDIT.value}
    return Wanted(
        sites=tuple(value for value in args.get("site", ()) if query.is_site(value))[:_MAX_VALUES],
        kinds=tuple(dict.fromkeys(Kind(value) for value in kinds if value in known)),
        events=tuple(dict.fromkeys(Event(value) for value in kinds if value in events)),
        month=month if month[:4] > "0000" else "",
        minor=any(query.is_true(value) for value in args.get("minor", ())),
    )


def address(wanted: Wanted, number: int = 1) -> str:
    """The address of one page of this part of the ledger."""
    pairs = [("site", value) for value in wanted.sites]
    pairs += [("kind", value) for value in (*wanted.kinds, *wanted.events)]
    pairs += [("month", wanted.month)] if wanted.month else []
    pairs += [("minor", "1")] if wanted.minor else []
    pairs += [("page", str(number))] if number > 1 else []
    return url_for("edits.show") + (f"?{urlencode(pairs)}" if pairs else "")


def entries(wanted: Wanted, limit: int, offset: int = 0) -> tuple[Entry, ...]:
    """Lines of the ledger with what a page or a feed shows of them, the newest first."""
    store = resources().store
    with store.read() as connection:
        found = ledger.listing(connection, wanted, limit, offset)
    views = {view.article.id: view for view in store.articles([item.article for item in found])}
    return tuple(_entry(item, views[item.article]) for item in found if item.article in views)


def _entry(item: Edit, view: ArticleView) -> Entry:
    changes: list[Change] = []
    href = links.view_path(view)
    if item.event is Event.EDIT and item.before:
        href = links.compare_path(item.article, item.before, item.number)
        changes = _changes(item)
    names = item.kinds if item.event is Event.EDIT else (item.event,)
    return Entry(
        id=f"{item.article}/{item.event}/{item.number}/{item.at:%Y%m%d%H%M%S}",
        title=view.extraction.title.strip() or gettext("Không có tên bài"),
        lang=words.language_tag(view.extraction.lang),
        href=href,
        article_href=links.view_path(view),
        site=item.site,
        site_name=view.site_name,
        at=item.at,
        moment=words.moment(item.at),
        what=tuple(kind_words(name) for name in names),
        kinds=tuple(name.value for name in names),
        changes=tuple(changes[:_CHANGES_SHOWN]),
        more=max(0, len(changes) - _CHANGES_SHOWN),
    )


def _changes(item: Edit) -> list[Change]:
    """From the versions as they may be shown: withheld names are hidden in them."""
    store = resources().store
    old = store.article_version(item.article, item.before)
    new = store.article_version(item.article, item.number)
    if old is None or new is None:
        return []
    found = judging.changes(parts.rows(old.extraction, new.extraction, day=words.day_in_words, steps=_STEPS))
    told = [change for change in found if change.kinds != {Kind.MINOR}]
    return told or found


def kind_words(name: Kind | Event) -> str:
    """What a kind or an event is called."""
    names: dict[Kind | Event, str] = {
        Kind.TITLE: gettext("Tên bài"),
        Kind.LEAD: gettext("Sapo"),
        Kind.FIGURE: gettext("Con số"),
        Kind.NAME: gettext("Tên riêng"),
        Kind.DATE: gettext("Ngày giờ"),
        Kind.DELETION: gettext("Bỏ bớt lời"),
        Kind.ADDITION: gettext("Thêm lời"),
        Kind.CAPTION: gettext("Chú thích ảnh"),
        Kind.PICTURE: gettext("Ảnh, video"),
        Kind.FILE: gettext("Tệp kèm theo"),
        Kind.BYLINE: gettext("Tác giả"),
        Kind.SECTION: gettext("Chuyên mục"),
        Kind.WORDING: gettext("Câu chữ"),
        Kind.MINOR: gettext("Chính tả, dấu câu"),
        Event.GONE: gettext("Bài bị gỡ"),
        Event.BACK: gettext("Bài xuất hiện lại"),
        Event.MOVED: gettext("Bài chuyển địa chỉ"),
    }
    return names[name]


def _kind_choices(wanted: Wanted, tallies: Mapping[str, int]) -> Iterator[Choice]:
    chosen = {*wanted.kinds, *wanted.events}
    for kind in (*Kind, Event.GONE, Event.BACK, Event.MOVED):
        if tallies[kind.value] or kind in chosen:
            kinds, events = _toggled(wanted, kind)
            target = address(replace(wanted, kinds=kinds, events=events))
            yield Choice(kind_words(kind), target, tallies[kind.value], kind in chosen)


def _toggled(wanted: Wanted, kind: Kind | Event) -> tuple[tuple[Kind, ...], tuple[Event, ...]]:
    if isinstance(kind, Kind):
        return _without_or_with(wanted.kinds, kind), wanted.events
    return wanted.kinds, _without_or_with(wanted.events, kind)


def _without_or_with(values: tuple[_T, ...], value: _T) -> tuple[_T, ...]:
    return tuple(item for item in values if item != value) if value in values else (*values, value)


def _site_choices(wanted: Wanted, counts: Mapping[str, int], names: Mapping[str, str]) -> Iterator[Choice]:
    for site in sorted({*counts, *wanted.sites}, key=lambda item: names.get(item, item)):
        target = address(replace(wanted, sites=_without_or_with(wanted.sites, site)))
        yield Choice(names.get(site, site), target, counts.get(site, 0), site in wanted.sites)


def _month_choices(wanted: Wanted, counts: Mapping[str, int]) -> Iterator[Choice]:
    for month in sorted(counts, reverse=True):
        shown = month == wanted.month
        target = address(replace(wanted, month="" if shown else month))
        label = words.month_of_year(dt.date(int(month[:4]), int(month[5:]), 1))
        yield Choice(label, target, counts[month], shown)
