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
    "twitter:data1",
    "authors",
    "dc.contributor",
)
_NOT_A_NAME = re.compile(
    r"^(admin(istrator)?|webmaster|root|user|author|editor|guest|quản trị( viên)?|ban quản trị|https?://.*|.*@.*|\d+|by|post author)$",
    re.I,
)
_LEAD_NAMES = re.compile(
    r"\b(sapo|lead|lede|standfirst|hometext|trichyeu|tomtat|tom-tat|mo-ta|intro)\b|sapo|__lead", re.I
)
_JOB = re.compile(r"\s*(?:,|\||–| - | • ).*$")


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
        """Author names by the page's claims and by its visible author elements, with an organisation and the rule."""
        names, kind = self._claims.ld_names("author")
        names = [name for name in names if not _NOT_A_NAME.match(name)]
        rule = "jsonld:author"
        if not names:
            for meta in _AUTHOR_META:
                values = [
                    v for v in self._claims.meta.get(meta, ()) if not _NOT_A_NAME.match(v) and len(v) < 120
                ]
                if values:
                    names, rule = values, f"meta:{meta}"
                    break
        visible = self._visible_author()
        if not names and visible:
            names, rule = [visible], "visible author"
        persons: list[str] = []
        office = ""
        for name in names:
            split = people(name) or (() if is_organisation(name) else (name,))
            if not split or kind.lower().endswith("organization"):
                office = office or name
                persons.extend(split if not is_organisation(name) and kind.lower() != "organization" else ())
            else:
                persons.extend(split)
        return tuple(dict.fromkeys(persons)), office, rule

    def _visible_author(self) -> str:
        for element in self._root.iterfind(".//*[@rel='author']"):
            text = text_of(element, 200)
            if 2 < len(text) < 80 and not _NOT_A_NAME.match(text):
                return text
        for element in self._root.iterfind(".//*[@itemprop='author']"):
            text = text_of(element, 200)
            if 2 < len(text) < 80 and not _NOT_A_NAME.match(text):
                return text
        lines = self._reading.lines
        anchor = max(self._headline, 0)
        for line in lines[max(0, anchor - 4) : anchor + 14]:
            if len(line.text) > 120:
                continue
            if line.roles & Role.AUTHOR or re.match(r"(by|written by|author|tác giả)\b", line.text, re.I):
                names = people(line.text)
                if names:
                    return ", ".join(names)
        return ""

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
            found = parse_byline(item.text, signed=(signed or (last and self._vietnamese)) and len(texts) > 1)
            if found is None:
                if len(item.text) > 120:
                    break
                continue
            if not last and not signed:
                continue
            result = merge(found, result) if not outer.text else merge(result, found)
            taken.add(n)
            self.trace.append(Trace("byline", "last line of the article", item.text[:120]))
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
