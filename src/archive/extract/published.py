"""When the article was published: which of the page's claims to believe.

A claim in machine form counts before a visible date, a visible date near the headline before one further
off. A date inside the text never counts: it is what the article speaks of. No claim, no date.
"""

from __future__ import annotations

import datetime as dt
import re

from lxml import etree

from archive.extract.lines import Line, Reading
from archive.extract.profiles import Matched
from archive.extract.roles import Role
from archive.extract.structured import Claims
from archive.extract.tree import Element, text_of
from archive.model import DateFact
from archive.text.dates import Found, has_year, is_relative, iso_date, page_date

_PUBLISHED = (
    "article:published_time", "published-date", "publication-date", "published_date", "date_published",
    "date-published", "citation_date", "og:article:published_time", "og:published_time", "datepublished",
    "publishdate", "publish_date", "publish-date", "pubdate", "article.published", "published_time",
    "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created", "dc.date.created", "dc.date",
    "dcterms.date", "citation_publication_date", "citation_online_date", "date", "article_date_original",
    "originalpublicationdate", "cxenseparse:recs:publishtime", "bt:pubdate", "datecreated", "og:pubdate",
    "publication_date", "uploaddate", "published",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:updated_time", "datemodified", "last-modified", "lastmod",
    "dcterms.modified", "dc.date.modified", "article:updated", "date_updated", "modified_time",
)  # fmt: skip
_LABEL = re.compile(
    r"(ngày đăng|đăng (lúc|ngày|tải)|ngày (xuất bản|tạo)|xuất bản|cập nhật|thứ (hai|ba|tư|năm"
    r"|sáu|bảy|[2-7])|chủ nhật|posted|published|publié|veröffentlicht|date|on)\b",
    re.I,
)
_UPDATED = re.compile(
    r"(?:\b|(?<=\d))(cập nhật|updated|modified|last (edited|reviewed)|aktualisiert|mis à jour|revised)\b",
    re.I,
)
_URL_DATE = re.compile(
    r"/(?P<y>(?:19|20)\d\d)[/-](?P<m>0?[1-9]|1[0-2])[/-](?P<d>0?[1-9]|[12]\d|3[01])(?:[/-]|$)"
    r"|/(?P<c>(?:19|20)\d{6})(?=[/\-_.]|$)"
)
_SCRIPT_DATE = re.compile(
    r"\\?[\"'](?P<key>datePublished|publish_?date|published_?(?:at|on|date|time)?"
    r"|first_?published_?(?:at|date)?|publication_?date|pub_?date)"
    r"\\?[\"']\s*:\s*\\?[\"'](?P<date>(?:19|20)\d\d-\d\d-\d\d[^\"'\\]{0,20})",
    re.I,
)
_DATA = etree.XPath("//@*[starts-with(normalize-space(), '{') and contains(., 'ublish')]")
"""Attributes in which a page keeps data for its own scripts."""
_FIRST = re.compile(
    r"\b(?:originally|first) (?:published|posted|appeared)\b[^.]{0,30}?(?=\d|[a-z]{3,9} \d)", re.I
)
"""An article that was set anew says when it first came out."""
_SWAPPABLE = re.compile(r"^\s*(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>(?:19|20)\d\d)\b")
_SURE = 2.2
"""Trust from which on a date line outweighs a later claim in machine form."""
_UPDATE = 0.7
"""What a date line that speaks of an update loses in trust."""
_LISTED = 1.5
"""What each of several date lines above the headline loses: they are those of a list."""
_META = int(Role.META)
_ELSEWHERE = int(Role.RELATED | Role.FOOTER | Role.COMMENTS)
_TEASERS = int(_ELSEWHERE | Role.TEASER)
_EARLIEST = dt.date(1990, 1, 1)


class Dates:
    """Reads the dates of one page."""

    def __init__(
        self,
        claims: Claims,
        profile: Matched | None,
        root: Element,
        reading: Reading,
        url: str,
        *,
        vietnamese: bool,
    ) -> None:
        self._claims = claims
        self._profile = profile
        self._root = root
        self._reading = reading
        self._url = url
        self._local = vietnamese
        self._month_first = (
            claims.lang.lower() in ("en", "en-us", "en_us", "") and not vietnamese and not _british(url)
        )

    def published(self, before: int, start: int, end: int) -> DateFact | None:
        """The publication date.

        :param before: index of the headline's line, -1 when unknown.
        :param start: first line of the article's part.
        :param end: one past its last line.
        """
        visible, trust = self._visible(before, start, end)
        claimed = self._machine("published", _PUBLISHED, "datePublished")
        if claimed is not None and visible is not None:
            if trust >= _SURE and visible.day < claimed.day:
                claimed = visible  # a template stamps the day of its build, or an instant across midnight
            elif _is_swapped(claimed, visible.day):
                claimed = visible
        return (
            self._first_published(before, start, end)
            or claimed
            or self._by_profile("published")
            or visible
            or self._in_url()
            or self._anywhere(start, end)
            or self._in_scripts()
        )

    def modified(self) -> DateFact | None:
        """The date of the last edit, as far as the page claims one."""
        return self._by_profile("modified") or self._machine("modified", _MODIFIED, "dateModified")

    def _first_published(self, headline: int, start: int, end: int) -> DateFact | None:
        """What a line by the headline or at the end says of the article's first publication."""
        lines = self._reading.lines
        anchor = headline if 0 <= headline < end else start
        for index in [*range(max(0, anchor - 3), anchor + 12), *range(max(end - 3, anchor + 12), end + 3)]:
            if index < len(lines) and (match := _FIRST.search(lines[index].text[:300])):
                text = lines[index].text[match.start() : match.end() + 40]
                if found := page_date(text, month_first=self._month_first):
                    return _fact(found, "text: first published", text)
        return None

    def _by_profile(self, field: str) -> DateFact | None:
        if self._profile is None:
            return None
        for selector in self._profile.selectors(field):
            for element in self._profile.select(selector)[:8]:
                fact = self._element(element, f"profile:{self._profile.name} {selector}")
                if fact is not None:
                    return fact
        return None

    def _element(self, element: Element, basis: str) -> DateFact | None:
        for name in ("datetime", "content", "title"):
            if (value := element.get(name)) and (found := iso_date(value, local=self._local)):
                return _fact(found, basis, value)
        text = text_of(element, 400)
        found = page_date(text, month_first=self._month_first)
        return _fact(found, basis, text) if found else None

    def _machine(self, field: str, names: tuple[str, ...], key: str) -> DateFact | None:
        candidates: list[DateFact] = []
        text = self._claims.ld_text(key)
        found = iso_date(text, local=self._local) if text else None
        if found and (fact := _fact(found, f"jsonld:{key}", text)):
            candidates.append(fact)
        for name in names:
            for text in self._claims.meta.get(name, ())[:3]:
                malformed = "+" in text[:14]
                if (
                    not malformed
                    and (found := iso_date(text, local=self._local))
                    and (fact := _fact(found, f"meta:{name}", text))
                ):
                    candidates.append(fact)
        best = candidates[0] if candidates else None
        if best is not None and best.time is None:
            best = next((c for c in candidates if c.day == best.day and c.time is not None), best)
        if best is None and field == "published":
            for element in self._root.iterfind(".//*[@itemprop='datePublished']"):
                if fact := self._element(element, "microdata:datePublished"):
                    return fact
        return best

    def _visible(self, headline: int, start: int, end: int) -> tuple[DateFact | None, float]:
        """The likeliest date line around the headline, and how much it is to be trusted."""
        lines = self._reading.lines
        best: tuple[float, DateFact] | None = None
        anchor = headline if headline >= 0 and headline < end else start
        span = list(range(max(0, anchor - 12), min(len(lines), max(anchor, start) + 14)))
        span += [i for i in range(max(end - 3, 0), min(end + 8, len(lines))) if i not in span]
        above = (lines[index].text for index in range(max(0, anchor - 12), anchor))
        listed = len({self._line_date(text)[0] for text in above if len(text) <= 160} - {None}) > 1
        for index in span:
            line = lines[index]
            if len(line.text) > 160:
                continue
            found, updated = self._line_date(line.text)
            if found is None or is_relative(line.text):
                continue
            score = self._trust(line, index, anchor, end)
            if updated:
                score -= _UPDATE
            if index < anchor and listed:
                score -= _LISTED
            label = lines[index - 1].text if index and len(lines[index - 1].text) < 40 else ""
            if _UPDATED.search(label):
                score -= _UPDATE
            elif _LABEL.search(label):
                score += 1.0
            fact = _fact(found, "text: date line", line.text)
            if fact is not None and score > 0 and (best is None or score > best[0]):
                best = (score, fact)
        for element in self._root.iter("time"):
            stamp = element.get("datetime")
            if (
                stamp
                and (best is None or best[1].time is None)
                and (found := iso_date(stamp, local=self._local))
            ):
                if best is not None and found[0] != best[1].day:
                    continue
                if not _of_the_page(element):
                    said = element.get("pubdate") is not None or "published" in (element.get("class") or "")
                    return _fact(found, "time[datetime]", stamp), best[0] if best else 1.0 + 2 * said
        return (best[1], best[0]) if best else (None, 0.0)

    def _line_date(self, text: str) -> tuple[Found | None, bool]:
        """The day in a line, and whether it is that of an update: of both, that of publication."""
        if not has_year(text):
            return None, False
        update = _UPDATED.search(text)
        before = text[: update.start()] if update else text
        if found := page_date(before, month_first=self._month_first):
            return found, False
        return (page_date(text, month_first=self._month_first), True) if update else (None, False)

    @staticmethod
    def _trust(line: Line, index: int, anchor: int, end: int) -> float:
        score = 3.0 - 0.15 * abs(index - anchor) if index < end else 0.8
        if len(line.text) > 80:
            score -= 2.0
        if _LABEL.search(line.text):
            score += 1.5
        if line.roles & _META:
            score += 1.0
        if line.near & _TEASERS:
            score -= 1.5
        if not -6 <= index - anchor <= 8 and line.roles & _ELSEWHERE:
            score -= 1.5
        if line.linked * 2 > len(line.text):
            score -= 1.0
        if line.tag == "p" and len(line.text) > 50 and not line.roles & _META:
            score -= 2.0
        return score

    def _anywhere(self, start: int, end: int) -> DateFact | None:
        """A short labelled date line further off, outside the article's text and its neighbours' teasers."""
        lines = self._reading.lines
        for index in [*range(end, min(end + 60, len(lines))), *range(max(start - 60, 0), start)]:
            line = lines[index]
            if len(line.text) > 60 or line.near & _TEASERS:
                continue
            if not (_LABEL.search(line.text) or line.near & _META or len(line.text) < 20) or "©" in line.text:
                continue
            found = page_date(line.text, month_first=self._month_first)
            if found and (fact := _fact(found, "text: date line further off", line.text)) is not None:
                return fact
        return None

    def _in_scripts(self) -> DateFact | None:
        """The page's data for its own scripts, when nothing else dates it."""
        for script in self._root.iter("script"):
            match = _SCRIPT_DATE.search((script.text or "")[:400_000])
            if match and (found := iso_date(match["date"], local=self._local)):
                return _fact(found, f"script:{match['key']}", match["date"])
        for value in _DATA(self._root):
            match = _SCRIPT_DATE.search(value[:400_000])
            if match and (found := iso_date(match["date"], local=self._local)):
                return _fact(found, f"data:{match['key']}", match["date"])
        return None

    def _in_url(self) -> DateFact | None:
        match = _URL_DATE.search(self._url)
        if match is None:
            return None
        text = match["c"] or f"{match['y']}-{int(match['m']):02}-{int(match['d']):02}"
        found = page_date(text)
        return _fact(found, "address", match[0]) if found else None


def _fact(found: Found, basis: str, text: str) -> DateFact | None:
    day, time = found
    if day < _EARLIEST:
        return None
    return DateFact(day, time, basis, text[:200])


def _is_swapped(claimed: DateFact, shown: dt.date) -> bool:
    """Whether the claim's day and month, the other way round, are the date that readers see."""
    match = _SWAPPABLE.match(claimed.text)
    if match is None or claimed.day == shown:
        return False
    return (int(match["y"]), {int(match["a"]), int(match["b"])}) == (shown.year, {shown.month, shown.day})


def _of_the_page(element: Element) -> bool:
    """Whether an element stands in a part that is the page's; a footer within an article is the article's."""
    within = [ancestor.tag for ancestor in element.iterancestors("aside", "footer", "nav", "article")]
    return bool(within) and within[0] != "article" and not (within[0] == "footer" and "article" in within)


def _british(url: str) -> bool:
    return bool(re.search(r"\.(uk|au|nz|ie|in|za|sg|my|eu|de|fr)(?:[:/]|$)", url[:100]))


def page_date_line(reading: Reading, headline: int, start: int) -> Element | None:
    """The element of the date line nearest to the headline, for drafting a profile."""
    anchor = headline if headline >= 0 else start
    near = range(max(0, anchor - 6), min(len(reading.lines), anchor + 10))
    for index in sorted(near, key=lambda i: abs(i - anchor)):
        line = reading.lines[index]
        if len(line.text) <= 80 and index != headline and page_date(line.text) is not None:
            element, is_tail = line.nodes[0]
            return line.element if is_tail else element
    return None
