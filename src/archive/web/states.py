"""How an original stands, in words: the article's own state, seen within its portal's.

An article that was found missing stays missing, whatever became of the portal later. Else a portal that is
dark or in other hands says more than what was last seen of the article.
"""

from __future__ import annotations

from dataclasses import dataclass

from archive.model import Article, ArticleState
from archive.store import standing
from archive.store.standing import SiteState, Standing
from archive.web import links, words
from archive.web.language import gettext
from archive.web.resources import resources


@dataclass(frozen=True, slots=True)
class State:
    """How an original stands."""

    key: str
    """live, changed, moved, gone, dark or taken-over: for a style sheet."""
    words: str
    """In a few words."""
    detail: str
    """Since when, and what it was before, in a sentence."""
    place: str = ""
    """Where it moved to, safe to link to; or ""."""
    safe: bool = True
    """Whether its address may be linked to: not where another's pages stand now."""


def of_article(article: Article) -> State:
    """How an article's original stands."""
    with resources().store.read() as connection:
        portal = standing.current(connection, article.site)
        led = (
            standing.led_to(connection, article.site, [article.url])
            if article.state is ArticleState.MOVED
            else None
        )
    seen = words.local_day(article.last_seen)
    gone_before = article.gone_at is not None and (portal is None or article.gone_at < portal.since)
    if portal is not None and portal.state is SiteState.TAKEN_OVER:
        since = words.local_day(portal.since)
        if gone_before and article.gone_at is not None:
            detail = gettext(
                "Bài không còn từ ngày %(gone)s. Từ ngày %(since)s tên miền hiện nội dung của người khác.",
                gone=words.local_day(article.gone_at),
                since=since,
            )
        else:
            detail = gettext(
                "Bài còn thấy ngày %(seen)s. Từ ngày %(since)s tên miền hiện nội dung của người khác.",
                seen=seen,
                since=since,
            )
        return State("taken-over", gettext("Tên miền đã đổi chủ"), detail, safe=False)
    if article.state is ArticleState.GONE and article.gone_at is not None:
        gone = words.local_day(article.gone_at)
        detail = gettext("Còn thấy ngày %(seen)s, không còn ngày %(gone)s.", seen=seen, gone=gone)
        return State("gone", words.state("gone"), detail)
    if portal is not None and portal.state is SiteState.DARK:
        detail = gettext(
            "Trang nguồn không trả lời từ ngày %(since)s. Bài còn thấy ngày %(seen)s.",
            since=words.local_day(portal.since),
            seen=seen,
        )
        return State("dark", gettext("Trang nguồn không trả lời"), detail)
    if led is not None and led.redirect_to:
        detail = gettext("Từ ngày %(day)s địa chỉ gốc dẫn tới một địa chỉ khác.", day=words.local_day(led.at))
        return State("moved", words.state("moved"), detail, place=links.outside(led.redirect_to))
    return State(article.state.value, words.state(article.state.value), _still_there(article, seen))


def _still_there(article: Article, seen: str) -> str:
    if article.state is ArticleState.CHANGED:
        return gettext(
            "Trang nguồn đã sửa bài sau khi kho lưu bản đầu. Xem lần cuối ngày %(seen)s.", seen=seen
        )
    return gettext("Xem lần cuối ngày %(seen)s.", seen=seen)


def of_site(site_id: str) -> State:
    """How a portal as a whole stands."""
    with resources().store.read() as connection:
        portal = standing.current(connection, site_id)
        answered = standing.last_answer(connection, site_id) if _is_dark(portal) else None
    if portal is None or portal.state is SiteState.LIVE:
        return State("live", gettext("Trang nguồn còn hoạt động"), "")
    since = words.local_day(portal.since)
    match portal.state:
        case SiteState.DARK:
            detail = gettext("Không trả lời từ ngày %(since)s.", since=since)
            if answered is not None:
                last = words.local_day(answered)
                detail += " " + gettext("Lần cuối còn trả lời: ngày %(day)s.", day=last)
            return State("dark", gettext("Trang nguồn không trả lời"), detail)
        case SiteState.TAKEN_OVER:
            detail = gettext(
                "Từ ngày %(since)s tên miền hiện nội dung của người khác; kho không lưu nội dung ấy như tin "
                "của trang.",
                since=since,
            )
            return State("taken-over", gettext("Tên miền đã đổi chủ"), detail, safe=False)
        case _:
            detail = gettext("Từ ngày %(since)s trang đầu dẫn tới một tên miền khác.", since=since)
            return State(
                "moved", gettext("Trang nguồn đã chuyển chỗ"), detail, place=links.outside(portal.detail)
            )


def _is_dark(portal: Standing | None) -> bool:
    return portal is not None and portal.state is SiteState.DARK
