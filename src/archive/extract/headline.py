"""The article's title: the headline that readers see, as the page's machine-readable claims confirm it."""

from __future__ import annotations

import re

from archive.extract.lines import Reading
from archive.extract.profiles import Matched
from archive.extract.roles import Role
from archive.extract.structured import Claims
from archive.extract.tree import Element, text_of

_PARTS = re.compile(r"\s+[|–—·•»\\]\s+|\s+[-:]{1,2}\s+|\s*\|\s*|\s+::\s+")
_KEY = re.compile(r"[\W_]+")


def key(text: str) -> str:
    """A text without case, spaces and punctuation, to compare titles by."""
    if text.isascii():  # in a tenth of the time
        return text.encode().translate(_SMALL, _NO_KEY).decode()
    return _KEY.sub("", text).casefold()


_NO_KEY = bytes(byte for byte in range(128) if not chr(byte).isalnum())
_SMALL = bytes(range(256)).lower()


def find_title(
    root: Element, reading: Reading, claims: Claims, profile: Matched | None
) -> tuple[str, str, int]:
    """The title, the rule that found it, and the index of its line (-1 when it is not visible as one)."""
    if profile is not None and (found := profile.find("title")) is not None:
        text = text_of(found[0], 2_000)
        if 3 < len(text) < 400:
            return text, f"profile:{profile.name} {found[1]}", _line_of(reading, text)
    site = claims.first("og:site_name", "application-name")[0]
    claimed = [
        (text, rule)
        for text, rule in (
            (claims.ld_text("headline"), "jsonld:headline"),
            (claims.first("og:title", "twitter:title", "dc.title")[0], "meta:og:title"),
            (claims.page_title, "title"),
        )
        if text
    ]
    best = _headline(reading, [key(text) for text, _ in claimed], _site_names(claims.page_title, site))
    if best is not None and (best[0] >= 2.0 or not claimed):
        return best[1], best[2], best[3]
    for text, rule in claimed:
        cut = without_site(text, site)
        index = _line_of(reading, cut)
        if index < 0 and (named := _named_title(reading)) is not None:
            return named[0], "an element named title", named[1]
        return cut, rule, index
    return "", "", -1


def _headline(reading: Reading, claimed: list[str], sites: set[str]) -> tuple[float, str, str, int] | None:
    """The heading that looks most like the headline: its level, its place, and what the claims say."""
    best: tuple[float, str, str, int] | None = None
    firsts = [line for line in reading.lines if line.tag == "h1"]
    for index, line in enumerate(reading.lines):
        if line.tag not in ("h1", "h2", "h3") or not 2 < len(line.text) < 400:
            continue
        mine = key(line.text)
        if not mine:
            continue
        agreement = max((_agreement(mine, other) for other in claimed), default=0.0)
        if line.tag != "h1" and agreement < 0.6:
            continue
        score = {"h1": 3.0, "h2": 1.0, "h3": 0.3}[line.tag] - 0.002 * index + 4.0 * agreement
        if line.near & (Role.FOOTER | Role.NAV | Role.RELATED | Role.COMMENTS | Role.DIALOG):
            score -= 2.0
        if agreement < 0.6:
            if mine in sites:
                score -= 3.0  # the site's name, set as a heading
            if len(firsts) > 1:
                score -= 0.7
            if len(mine) < 8 or (line.linked > len(line.text) // 2 and claimed):
                score -= 1.2
        if best is None or score > best[0]:
            rule = f"{line.tag}, confirmed by the page's claims" if agreement >= 0.6 else line.tag
            best = (score, line.text, rule, index)
    return best


def _named_title(reading: Reading) -> tuple[str, int] | None:
    """A line whose element is named a title: for pages without headings whose `title` is the site's."""
    for index, line in enumerate(reading.lines):
        if not 15 <= len(line.text) <= 300 or line.linked * 2 > len(line.text) or line.near & _ELSEWHERE:
            continue
        parent = line.element.getparent()
        names = [line.element.get("class") or "", line.element.get("id") or ""]
        names += [parent.get("class") or "", parent.get("id") or ""] if parent is not None else []
        if _TITLE_NAMES.search(" ".join(names)):
            return line.text, index
    return None


_TITLE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:tieu-?de|title|headline|lbltitle)(?:[\s_-]|$)|tieude|newstitle|lbltitle", re.I
)
_ELSEWHERE = int(Role.RELATED | Role.NAV | Role.FOOTER | Role.ASIDE | Role.COMMENTS | Role.TEASER)


def _site_names(page_title: str, site: str) -> set[str]:
    """What may be the site's own name: `og:site_name` and the outer parts of the page's title."""
    parts = _PARTS.split(page_title)
    return {key(site), *((key(parts[0]), key(parts[-1])) if len(parts) > 1 else ())} - {""}


def without_site(title: str, site: str) -> str:
    """A page title without the site's name at its beginning or end."""
    parts = _PARTS.split(title)
    if len(parts) < 2:
        return title
    if site:
        wanted = key(site)
        if key(parts[-1]) == wanted:
            return title[: title.rfind(parts[-1])].rstrip(" |–—-·•»:\\")
        if key(parts[0]) == wanted:
            return title[len(parts[0]) :].lstrip(" |–—-·•»:\\")
    cut = title[: title.rfind(parts[-1])].rstrip(" |–—-·•»:\\")
    separator = title[len(cut) : title.rfind(parts[-1])].strip()
    if len(parts[-1].split()) <= 6 and len(cut) > len(parts[-1]) and separator not in (":",):
        return cut
    return title


def _agreement(mine: str, other: str) -> float:
    if not mine or not other:
        return 0.0
    if mine == other:
        return 1.0
    short, long = sorted((mine, other), key=len)
    if short in long:
        return max(0.5, len(short) / len(long)) if len(short) >= 8 else 0.3
    return 0.0


def _line_of(reading: Reading, title: str) -> int:
    wanted = key(title)
    if len(wanted) < 3:
        return -1
    for tags in (("h1",), ("h2", "h3"), ()):
        for index, line in enumerate(reading.lines):
            if (
                (not tags or line.tag in tags)
                and abs(len(line.text) - len(title)) < 40
                and key(line.text) == wanted
            ):
                return index
    return -1
