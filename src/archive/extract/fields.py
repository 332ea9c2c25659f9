"""Lead, byline and section of an article."""

from __future__ import annotations

import re

from archive.extract.authors import claimed_authors
from archive.extract.byline import merge, parse_byline
from archive.extract.headline import key
from archive.extract.items import ImageItem, Item, TextItem
from archive.extract.lines import Line, Reading
from archive.extract.profiles import Matched
from archive.extract.roles import Role
from archive.extract.shape import Content
from archive.extract.structured import Claims
from archive.extract.tree import Element, text_of
from archive.model import Byline, Trace
from archive.text.dates import page_date

_LEAD_NAMES = re.compile(
    r"\b(sapo|lead|lede|standfirst|hometext|trichyeu|tomtat|tom-tat|mo-ta|intro)\b|sapo|__lead", re.I
)


def _without_date(line: str) -> str:
    """A line of several parts ("By Anna Lee | January 18, 2023") without those that are dates."""
    parts = re.split(r"\s*[|•·]\s*", line)
    return line if len(parts) == 1 else " | ".join(part for part in parts if page_date(part) is None)


def _is_crumb(line: Line) -> bool:
    around = (line.element, *line.element.iterancestors())
    return any("breadcrumb" in (element.get("class") or "").lower() for element in around)


class Fields:
    """Reads what stands around the body of one article."""

    def __init__(
        self,
        root: Element,
        reading: Reading,
        claims: Claims,
        profile: Matched | None,
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
        if self._profile is not None and (found := self._profile.find("lead")) is not None:
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
        if not isinstance(first, TextItem):
            return "", items
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
            for element in self._profile.find_all("byline")[:4]:
                text = text_of(element, 400)
                if (found := parse_byline(text, signed=True)) is not None:
                    self.trace.append(Trace("byline", f"profile:{self._profile.name}", text[:120]))
                    result = merge(result, found)
            if (source := self._profile.find("source")) is not None:
                text = re.sub(r"^\s*(nguồn( tin)?|theo)\s*:?\s*", "", text_of(source[0], 300), flags=re.I)
                if text:
                    result = merge(result, Byline(source=text))
        return result

    def byline(self, items: list[Item], outer: Byline) -> tuple[Byline, list[Item]]:
        """The whole byline, and the items without the lines that were part of it."""
        result = outer
        taken: set[int] = set()
        texts = [n for n, item in enumerate(items) if isinstance(item, TextItem)]
        for n in reversed(texts[-4:]):
            item = items[n]
            if not isinstance(item, TextItem):
                continue
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
            if (
                isinstance(first, TextItem)
                and len(first.text) < 120
                and (found := parse_byline(_without_date(first.text))) is not None
                and len(texts) > 1
            ):
                result = merge(result, found)
                taken.add(texts[0])
                self.trace.append(Trace("byline", "first line of the article", first.text[:120]))
        if not result.authors:
            names, office, rule = claimed_authors(self._reading, self._claims, self._content, self._headline)
            if names or office:
                result = merge(result, Byline(authors=names, organisation=office))
                self.trace.append(Trace("byline", rule, ", ".join(names) or office))
        credited = tuple(dict.fromkeys(i.credit for i in items if isinstance(i, ImageItem) and i.credit))
        if credited and not result.photographers:
            result = merge(result, Byline(photographers=credited))
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
            for element in self._profile.find_all("section"):
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
        for line in reversed(self._reading.lines[: max(self._headline, 40) + 4]):
            if line.roles & Role.NAV and line.linked and self._good_section(line.text) and _is_crumb(line):
                self.trace.append(Trace("section", "breadcrumb", line.text))
                return line.text
        return ""

    def _good_section(self, text: str) -> bool:
        return (
            1 < len(text) < 80
            and key(text) != key(self._title)
            and key(text) not in ("trangchủ", "home", "trangchu", "tintức" * 3)
        )
