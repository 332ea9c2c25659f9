"""Lead, byline and section of an article."""

from __future__ import annotations

import re

from archive.extract.byline import is_organisation, merge, parse_byline, people
from archive.extract.headline import key
from archive.extract.items import ImageItem, Item, TextItem
from archive.extract.lines import Reading
from archive.extract.profiles import Profile
from archive.extract.roles import Role
from archive.extract.shape import Content
from archive.extract.structured import Claims
from archive.extract.tree import Element, text_of
from archive.model import Byline, Trace

_AUTHOR_META = (
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "citation_author",
    "byl",
    "authors",
    "dc.contributor",
)
_NOT_A_NAME = re.compile(
    r"^(admin(istrator)?|webmaster|root|user|author|editor|guest|quản trị( viên)?|ban quản trị|https?://.*|.*@.*|\d+.*|by|post author|[\w.]+\.[\w.]+|(the )?author|staff|none|null|undefined|anonymous)$",
    re.I,
)
_LEAD_NAMES = re.compile(
    r"\b(sapo|lead|lede|standfirst|hometext|trichyeu|tomtat|tom-tat|mo-ta|intro)\b|sapo|__lead", re.I
)
_BY = re.compile(
    r"^(?:article |story |post(?:ed)? |words |written |text |reviewed |author |published |content )*(?:by|author|tác giả|von|par|por|di)\b\s*:?\s*",
    re.I,
)
_BY_ALONE = re.compile(
    r"^(?:(?:written|posted|words|story|published|article|reviewed) )?(?:by|author|tác giả|written by)\s*:?$",
    re.I,
)
_TIMING = re.compile(
    r"\s*(?:[|·•]|\bon\b|\bupdated\b|\bpublished\b|\bposted\b|\bin\b|[-–—]\s*\d|\d{1,2}[/.]\d|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d|\d+ min|\bfollow\b)",
    re.I,
)
_DEGREES = re.compile(
    r",?\s+\(?(?:M\.?D\.?|Ph\.?D\.?|MS|MA|RD|CFP®?|DVM|CPA|JD|Esq\.?|MBA|RN|FACLM|FAND|CEPF®?|E-RYT 200|LCSW|PsyD)\b\)?.*$"
)
_WORD = re.compile(r"^[^\W\d_][\w.'’\-]*$")


def _is_name(text: str) -> bool:
    return 1 < len(text) < 120 and not _NOT_A_NAME.match(text)


def _author_link(nodes: list[tuple[Element, bool]]) -> bool:
    """Whether the text stands in a link to an author's page."""
    for element, tail in nodes[:6]:
        node = element.getparent() if tail else element
        for _ in range(3):
            if node is None:
                break
            if node.tag == "a":
                return node.get("rel") == "author" or bool(
                    re.search(
                        r"/(author|authors|by|people|staff|team|contributors?|tac-gia)/",
                        node.get("href") or "",
                    )
                )
            node = node.getparent()
    return False


def _looks_like_names(text: str, *, strict: bool) -> tuple[str, ...]:
    """The names when a short text is nothing but names; `strict` asks for two capitalised words each."""
    text = _DEGREES.sub("", text)
    names: list[str] = []
    for part in re.split(r"\s*,\s*|\s+(?:and|&|und|et|y|và|with)\s+", text):
        name = part.removeprefix("and ").strip(" .:*-–")
        words = name.split()
        if not words:
            continue
        if names and (len(words) > 4 or not words[0][0].isupper() or len(words) == 1):
            break  # a job title after the name
        if len(words) > 5 or not all(_WORD.match(word) for word in words) or _is_common(name):
            return ()
        if strict and (
            len(words) < 2
            or not all(word[0].isupper() or word in ("de", "van", "von", "der", "la", "di") for word in words)
        ):
            return ()
        if not words[0][0].isupper() and strict:
            return ()
        names.append(name)
    return tuple(names[:8])


def _is_common(name: str) -> bool:
    return bool(_COMMON.search(name)) or not _is_name(name)


_COMMON = re.compile(
    r"\b(read|more|share|comments?|follow|home|news|blog|posts?|articles?|contact|about|table|contents|minutes?|updated|published|posted|written|reviewed|category|subscribe|print|email|facebook"
    r"|twitter|linkedin|copy|link|the|our|your|this|guide|tips|how|what|why|best|view|all|photo|image|listen|search|menu|save|sign|log|related|finance|advertisement)\b",
    re.I,
)


class Fields:
    """Reads what stands around the body of one article."""

    def __init__(
        self,
        root: Element,
        reading: Reading,
        claims: Claims,
        profile: Profile | None,
        content: Content | None,
        headline: int,
        title: str,
        *,
        vietnamese: bool,
    ) -> None:
        self._root = root
        self._reading = reading
        self._claims = claims
        self._profile = profile
        self._content = content
        self._headline = headline
        self._title = title
        self._vietnamese = vietnamese
        self.trace: list[Trace] = []

    # ------------------------------------------------------------------------------------------ lead

    def lead(self, items: list[Item]) -> tuple[str, list[Item]]:
        """The lead, and the items without it."""
        if self._profile is not None and (found := self._profile.find(self._root, "lead")) is not None:
            text = text_of(found[0], 5_000)
            if len(text) > 20 and key(text) != key(self._title):
                self.trace.append(Trace("lead", f"profile:{self._profile.name} {found[1]}", text[:120]))
                return text, [i for i in items if not (isinstance(i, TextItem) and i.text == text)]
        if (deck := self._deck()) and not any(isinstance(i, TextItem) and i.text == deck for i in items):
            self.trace.append(Trace("lead", "a lead between headline and text", deck[:120]))
            return deck, items
        position = next((n for n, item in enumerate(items) if isinstance(item, TextItem)), None)
        if position is None:
            return "", items
        first = items[position]
        assert isinstance(first, TextItem)
        rest = [item for n, item in enumerate(items) if n != position]
        if first.kind != "p" or not 40 <= len(first.text) <= 1_500:
            return "", items
        paragraphs = sum(isinstance(item, TextItem) and item.kind == "p" for item in rest)
        rule = ""
        description = self._claims.first("og:description", "description", "twitter:description")[0]
        if _LEAD_NAMES.search(first.names):
            rule = "class of the first paragraph"
        elif self._vietnamese and first.strong and paragraphs >= 1:
            rule = "bold first paragraph"
        elif (
            self._vietnamese
            and paragraphs >= 2
            and description
            and key(first.text).startswith(key(description)[:40])
        ):
            rule = "first paragraph, the same as the page's description"
        elif self._vietnamese and paragraphs >= 2 and position == 0:
            rule = "first paragraph"
        if not rule:
            return "", items
        self.trace.append(Trace("lead", rule, first.text[:120]))
        return first.text, rest

    def _deck(self) -> str:
        """A lead that stands by itself between the headline and the text."""
        if self._content is None:
            return ""
        first = int(self._content.keep.nonzero()[0][0])
        start = self._headline + 1 if 0 <= self._headline < first else max(0, first - 4)
        description = key(self._claims.first("og:description", "description")[0])[:40]
        for line in self._reading.lines[start:first]:
            if not 40 <= len(line.text) <= 1_500 or line.linked * 3 > len(line.text):
                continue
            if line.near & (Role.RELATED | Role.NAV | Role.COMMENTS | Role.CAPTION):
                continue
            bold = self._vietnamese and line.bold >= 0.9 * len(line.text)
            if (
                line.near & Role.LEAD
                or bold
                or (len(description) == 40 and key(line.text).startswith(description))
            ):
                return line.text
        return ""

    # ---------------------------------------------------------------------------------------- byline

    def outer_byline(self) -> Byline:
        """What the page says of its authors outside the text: profile, claims, author elements."""
        result = Byline()
        if self._profile is not None:
            for element in self._profile.find_all(self._root, "byline")[:4]:
                text = text_of(element, 400)
                if (found := parse_byline(text, signed=True)) is not None:
                    self.trace.append(Trace("byline", f"profile:{self._profile.name}", text[:120]))
                    result = merge(result, found)
            if (source := self._profile.find(self._root, "source")) is not None:
                text = re.sub(r"^\s*(nguồn( tin)?|theo)\s*:?\s*", "", text_of(source[0], 300), flags=re.I)
                if text:
                    result = merge(result, Byline(source=text))
        return result

    def claimed_authors(self) -> tuple[tuple[str, ...], str, str]:
        """Author names by the page's claims and its visible author lines: persons, organisation, rule."""
        names, kind = self._claims.ld_names("author")
        names = [name for name in names if _is_name(name)]
        rule = "jsonld:author"
        if not names:
            for meta in self._author_metas():
                values = [v for v in self._claims.meta.get(meta, ()) if _is_name(v) and len(v) < 120]
                if values:
                    names, rule = values, f"meta:{meta}"
                    break
        persons: list[str] = []
        offices: list[str] = []
        for name in names:
            split = people(name)
            if split and not (kind.lower() == "organization" and is_organisation(name)):
                persons.extend(split)
            elif is_organisation(name) or kind.lower() == "organization":
                offices.append(name)
            else:
                persons.append(name)
        if not persons or all(self._is_site(name) or " " not in name for name in persons):
            visible = self._visible_author()
            if visible:
                return visible, ", ".join(offices), "visible author"
        return tuple(dict.fromkeys(persons)), ", ".join(dict.fromkeys(offices)), rule

    def _author_metas(self) -> list[str]:
        names = list(_AUTHOR_META)
        for number in ("1", "2"):
            if re.search(
                r"written|author|by\b|tác giả", self._claims.first(f"twitter:label{number}")[0], re.I
            ):
                names.append(f"twitter:data{number}")
        return names

    def _is_site(self, name: str) -> bool:
        site = key(self._claims.first("og:site_name")[0] or "")
        return bool(site) and (key(name) in site or site in key(name))

    def _visible_author(self) -> tuple[str, ...]:
        """The author's line near the headline or after the text, by its words, its place, its names."""
        lines = self._reading.lines
        kept = self._content.keep.nonzero()[0].tolist() if self._content is not None else [0]
        first, last = kept[0], kept[-1]
        anchor = self._headline if 0 <= self._headline <= last else first
        near = [*range(anchor + 1, min(anchor + 12, len(lines))), *range(max(0, anchor - 4), anchor)]
        after = [index for index in range(last, min(last + 14, len(lines))) if index not in near]
        best: tuple[float, tuple[str, ...]] = (0.0, ())
        for index in [*near, *after]:
            line = lines[index]
            if len(line.text) > 140:
                continue
            score = 0.0
            before = lines[index - 1].text if index else ""
            text = _TIMING.split(line.text, maxsplit=1)[0].strip(" -–—|·•,")
            labelled = _BY.match(text)
            if labelled:
                text = text[labelled.end() :].strip(" :-–—")
                score += 3.0
            elif _BY_ALONE.match(before):
                score += 2.5
            if line.near & Role.AUTHOR:
                score += 1.5
            elif line.near & Role.META:
                score += 0.6
            if _author_link(line.nodes):
                score += 1.5
            if index >= last:
                score -= 1.6
            elif index in (anchor + 1, anchor + 2, anchor + 3):
                score += 0.5
            if line.near & (Role.RELATED | Role.COMMENTS | Role.CAPTION | Role.NAV | Role.TAGS):
                score -= 2.0
            if score < 1.4 or score <= best[0]:
                continue
            if names := _looks_like_names(text, strict=not labelled and score < 2.5):
                best = (score, names)
        return best[1]

    def byline(self, items: list[Item], outer: Byline) -> tuple[Byline, list[Item]]:
        """The whole byline, and the items without the lines that were part of it."""
        result = outer
        taken: set[int] = set()
        texts = [n for n, item in enumerate(items) if isinstance(item, TextItem)]
        for n in reversed(texts[-4:]):
            item = items[n]
            assert isinstance(item, TextItem)
            signed = (
                item.right
                or item.strong
                or item.emphasised
                or bool(re.search(r"tac-?gia|author|byline", item.names, re.I))
            )
            last = n == texts[-1] or all(m in taken for m in texts[texts.index(n) + 1 :])
            if item.kind not in ("p", "li") and not item.kind.startswith("h"):
                break
            found = parse_byline(item.text, signed=self._vietnamese and (signed or last) and len(texts) > 1)
            if found is None:
                if len(item.text) > 120:
                    break
                continue
            if not last and not signed:
                continue
            result = merge(found, result) if not outer.text else merge(result, found)
            taken.add(n)
            self.trace.append(Trace("byline", "last line of the article", item.text[:120]))
        if not taken and (found := self._signature_after()) is not None:
            result = merge(result, found)
        if texts and not taken:
            first = items[texts[0]]
            assert isinstance(first, TextItem)
            if len(first.text) < 120 and (found := parse_byline(first.text)) is not None and len(texts) > 1:
                result = merge(result, found)
                taken.add(texts[0])
                self.trace.append(Trace("byline", "first line of the article", first.text[:120]))
        if not result.authors:
            names, office, rule = self.claimed_authors()
            if names or office:
                result = merge(result, Byline(authors=names, organisation=office))
                self.trace.append(Trace("byline", rule, ", ".join(names) or office))
        credits = tuple(dict.fromkeys(i.credit for i in items if isinstance(i, ImageItem) and i.credit))
        if credits and not result.photographers:
            result = merge(result, Byline(photographers=credits))
        return result, [item for n, item in enumerate(items) if n not in taken]

    def _signature_after(self) -> Byline | None:
        """A signature that the reading of the shape left out: the lines right after the last one kept."""
        if self._content is None:
            return None
        last = int(self._content.keep.nonzero()[0][-1])
        for line in self._reading.lines[last + 1 : last + 5]:
            if line.near & (Role.RELATED | Role.COMMENTS | Role.TAGS | Role.NAV | Role.CAPTION):
                break
            if line.linked:
                continue
            size = len(line.text)
            signed = self._vietnamese and (
                line.bold >= 0.9 * size
                or line.emphasis >= 0.9 * size
                or bool(line.near & Role.AUTHOR)
                or "right"
                in f"{line.element.get('style')} {line.element.get('align')} {line.element.get('class')}"
            )
            found = parse_byline(line.text, signed=signed)
            if found is not None and (signed or ":" in line.text):
                self.trace.append(Trace("byline", "the line after the article", line.text[:120]))
                return found
            if size > 160:
                break
        return None

    # --------------------------------------------------------------------------------------- section

    def section(self) -> str:
        """The section that the page files the article under."""
        if self._profile is not None:
            for element in self._profile.find_all(self._root, "section"):
                text = text_of(element, 200)
                if self._good_section(text):
                    self.trace.append(Trace("section", f"profile:{self._profile.name}", text))
                    return text
        for rule, text in (
            ("meta:article:section", self._claims.first("article:section")[0]),
            ("jsonld:articleSection", self._claims.ld_text("articleSection")),
        ):
            if self._good_section(text):
                self.trace.append(Trace("section", rule, text))
                return text
        crumbs = [
            line.text
            for line in self._reading.lines[: max(self._headline, 40) + 4]
            if line.roles & Role.NAV
            and line.linked
            and any(
                "breadcrumb" in (e.get("class") or "").lower()
                for e in (line.element, *line.element.iterancestors())
                if isinstance(e.tag, str)
            )
        ]
        for text in reversed(crumbs):
            if self._good_section(text):
                self.trace.append(Trace("section", "breadcrumb", text))
                return text
        return ""

    def _good_section(self, text: str) -> bool:
        return (
            1 < len(text) < 80
            and key(text) != key(self._title)
            and key(text) not in ("trangchủ", "home", "trangchu", "tintức" * 3)
        )


_STAMP = re.compile(
    r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)?\d\d|\d{1,2}\s+tháng\s+\d{1,2}[,\s]+(?:năm\s+)?\d{4}"
    r"|\b[a-zäéû]{3,9}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}|\d{1,2}\.?\s+[a-zäéû]{3,9}\.?,?\s+\d{4}|\d{1,2}[:hg]\d\d(?::\d\d)?\s*(?:[ap]\.?m\.?)?|gmt\s*[+-]?\d*|\d+",
    re.I,
)
_STAMP_WORDS = re.compile(
    r"\b(thứ (hai|ba|tư|năm|sáu|bảy|[2-7])|chủ nhật|cập nhật|ngày|đăng|lúc|được|xuất bản|tải|viết|tạo|bởi|lượt xem|trước|giờ|phút|posted|published|updated|last|modified|on|at|date"
    r"|(mon|tues|wednes|thurs|fri|satur|sun)day|ago|hours?|minutes?|days?|min read|min|read|by)\b",
    re.I,
)


def without_datelines(items: list[Item]) -> list[Item]:
    """The items without date lines above the first paragraph: they are the page's, not the article's."""
    result: list[Item] = []
    begun = False
    for item in items:
        if isinstance(item, TextItem) and not begun:
            if len(item.text) >= 80:
                begun = True
            elif re.search(r"\d", item.text) and not re.search(
                r"[^\W\d_]", _STAMP_WORDS.sub("", _STAMP.sub("", item.text))
            ):
                continue
        result.append(item)
    return result
