"""What a page is when it is no article: by which signs, and why."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from archive.extract.lines import Reading
from archive.extract.profiles import Matched
from archive.extract.prune import links_to_document
from archive.extract.roles import Role
from archive.extract.structured import Claims
from archive.extract.tree import Element
from archive.model import PageKind

_NOT_FOUND = re.compile(
    r"(không (tìm thấy|tồn tại)|trang (này )?(bạn|quý vị).{0,40}không|đã (bị )?(xóa|xoá|gỡ)|404"
    r"|page (was |could )?not (be )?found|not found|no longer (available|exists)|doesn.t exist"
    r"|nothing (was )?found|error 404|oops)",
    re.I,
)
_NOT_FOUND_STRICT = re.compile(
    r"^\W*(404|lỗi 404|error 404|(trang |page |bài viết )?(không (tìm thấy|tồn tại)|not found))", re.I
)
_BOT = re.compile(
    r"(document\.cookie\s*=\s*[\"'][\w]+=[^;]+;?.{0,200}?(?:location\.(?:reload|href|replace)"
    r"|window\.location)|cf-browser-verification|cf_chl_|_cf_chl_opt|just a moment\.\.\."
    r"|checking your browser"
    r"|ddos-guard|g-recaptcha.{0,400}?(?:robot|verify)|are you (?:a )?human|captcha-delivery"
    r"|px-captcha|incapsula incident|aes\.js.{0,400}?__test=)",
    re.I | re.S,
)
_LOGIN = re.compile(r"(đăng nhập|log ?in|sign ?in)", re.I)


def not_article(
    root: Element, source: str, claims: Claims, reading: Reading, url: str, title: str, words: int
) -> tuple[PageKind, str] | None:
    """The kind and the reason when a page shows itself to be something else than content.

    :param words: how many words the likeliest article part holds.
    """
    total = sum(len(line.text) for line in reading.lines)
    if total < 1_500 and _BOT.search(source[:60_000]):
        return (
            PageKind.BOT_CHECK,
            "a script that sets a cookie or asks for proof of a human, and hardly any text",
        )
    if total < 20 and not reading.images:
        return PageKind.EMPTY, "no text on the page"
    heads = [title, claims.page_title, *(line.text for line in reading.lines if line.tag in ("h1", "h2"))][:6]
    if words < 150:
        said = next((text for text in heads if _NOT_FOUND_STRICT.search(text)), "")
        if not said and total < 4_000:
            said = next(
                (
                    line.text
                    for line in reading.lines
                    if len(line.text) < 160 and _NOT_FOUND.search(line.text)
                ),
                "",
            )
            if said and not (words < 60 or "noindex" in claims.first("robots")[0].lower()):
                said = ""
        if said:
            return PageKind.SOFT_404, f"the page says so: {said[:100]}"
    if words < 120 and (form := _password_form(root)) is not None and _LOGIN.search(" ".join(heads) + form):
        return PageKind.LOGIN, "a form that asks for a password stands where the article should"
    return None


def list_or_article(
    reading: Reading,
    claims: Claims,
    profile: Matched | None,
    url: str,
    words: int,
    paragraphs: int,
    start: int,
    end: int,
    *,
    has_body: bool,
    headed: bool,
    dated: bool,
) -> tuple[PageKind, str]:
    """Whether a page with content is an article, a list of articles, or another page."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    root = (
        parts.path
        in (
            "",
            "/",
            "/index.html",
            "/index.php",
            "/default.aspx",
            "/Trang/default.aspx",
            "/Pages/default.aspx",
        )
        and not parts.query
    )
    og = claims.first("og:type")[0].lower()
    known_list = profile is not None and any(p.search(path) for p in profile.profile.lists)
    known_article = profile is not None and any(p.search(path) for p in profile.profile.article)
    teasers = _teasers(reading)
    marked = has_body or og == "article" or known_article
    inside = _teasers(reading, start, end)
    if not marked and inside >= 2 and (2 * inside >= paragraphs if inside > 2 else paragraphs <= inside):
        return PageKind.LIST, f"{inside} linked headlines stand between its paragraphs, as in a list of news"
    if known_list and not (has_body and og == "article"):
        return PageKind.LIST, "the address is one of a list in this family of portals"
    evidence = (
        2.0 * (og == "article")
        + 2.0 * has_body
        + 1.5
        * any(
            "article" in str(n.get("@type", "")).lower() or "posting" in str(n.get("@type", "")).lower()
            for n in claims.ld[:3]
        )
        + 1.0 * dated
        + 1.0 * headed
        + 1.5 * known_article
        + min(words / 120, 3.0)
        + 0.5 * min(paragraphs, 4)
        - 2.5 * root
        - min(teasers / 4, 4.0) * (words < 250)
        - 1.0 * (og == "website")
    )
    if evidence >= 2.0 and words >= 15:
        return PageKind.ARTICLE, ""
    if teasers >= 4 or root:
        return PageKind.LIST, f"{teasers} linked headlines and little text of its own"
    if words < 15 and not has_body:
        return PageKind.OTHER, "too little text for an article"
    return PageKind.OTHER, "no sign of an article: no date, no article markup, little text"


_ELSEWHERE = int(Role.NAV | Role.FOOTER | Role.RELATED | Role.ASIDE)


def _teasers(reading: Reading, start: int = 0, end: int | None = None) -> int:
    """Headlines that are links, on the whole page or in a range of its lines: the mark of a list."""
    return sum(
        line.linked > 0.7 * len(line.text)
        and len(line.text) > 25
        and not line.roles & _ELSEWHERE
        and not links_to_document(line)  # a list of documents is what many an article is about
        for line in reading.lines[start:end]
    )


def _password_form(root: Element) -> str | None:
    for field in root.iter("input"):
        if (field.get("type") or "").lower() == "password":
            return " ".join(field.get(name) or "" for name in ("name", "placeholder", "id"))
    return None
