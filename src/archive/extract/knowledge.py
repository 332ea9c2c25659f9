"""What recurs on a site's own pages: learned, stored, versioned, and given to the extractor."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from archive.errors import ConfigError
from archive.extract.lines import read
from archive.extract.tree import parse
from archive.model import Block, Extraction, Heading, Page, Paragraph, Trace
from archive.text.clean import decode

_VERSION = 1
_MAX_LINES = 5_000
_TRACED = 160
"""Characters of a line that a trace of what was dropped keeps."""


@dataclass(frozen=True, slots=True)
class SiteKnowledge:
    """Texts that stand on many pages of one site: slogan, menus, contact lines, notices."""

    pages: int = 0
    """How many pages it was learned from."""
    boilerplate: frozenset[str] = field(default_factory=frozenset)
    """Lines of text as `clean.normalise` leaves them."""
    number: int = 0
    """Which of the site's stored versions this is, from 1; 0 when it is not stored."""

    def name(self, extractor: str) -> str:
        """What an extractor that was given this is called, so that no two inputs share a name."""
        return f"{extractor}+k{self.number}"

    def is_boilerplate(self, text: str) -> bool:
        """Whether a line is one that recurs over the site."""
        return text in self.boilerplate

    def applied(self, found: Extraction) -> Extraction:
        """An extraction under its full name, without what recurs, which is told among what was dropped."""
        kept: list[Block] = []
        gone: list[str] = []
        for block in found.blocks:
            if isinstance(block, Heading | Paragraph) and block.text in self.boilerplate:
                gone.append(block.text)
            else:
                kept.append(block)
        lead = found.lead
        if lead in self.boilerplate:
            gone.append(lead)
            lead = ""
        beginnings = {text[:_TRACED] for text in self.boilerplate}
        rule = f"stands on many pages of the site (k{self.number})"
        dropped = [
            dataclasses.replace(item, rule=rule) if item.text in beginnings else item
            for item in found.dropped
        ]
        dropped += [Trace("body", rule, text[:_TRACED]) for text in gone]
        return dataclasses.replace(
            found, extractor=self.name(found.extractor), lead=lead, blocks=tuple(kept), dropped=tuple(dropped)
        )

    def to_json(self) -> str:
        """The stored form, the same text for the same knowledge."""
        return json.dumps(
            {"version": _VERSION, "pages": self.pages, "boilerplate": sorted(self.boilerplate)},
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, text: str) -> SiteKnowledge:
        """What `to_json` wrote.

        :raises ConfigError: when it is no such text, or of a version this program does not know.
        """
        try:
            data = json.loads(text)
            if data["version"] != _VERSION:
                raise ConfigError(
                    f"The site knowledge is of version {data['version']}, this program reads {_VERSION}.",
                    "Learn it anew.",
                )
            return cls(int(data["pages"]), frozenset(map(str, data["boilerplate"])))
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError(f"The site knowledge cannot be read: {error}.", "Learn it anew.") from error


def learn(pages: Iterable[Page]) -> SiteKnowledge:
    """The knowledge that a site's pages give together; best from ten or more articles of different days.

    A line is boilerplate when it stands on at least three pages and on at least a quarter of them. Copies
    of one article under several addresses count once, by their longest line.
    """
    counts: Counter[str] = Counter()
    seen: set[str] = set()
    total = 0
    for page in pages:
        root = parse(decode(page.body, page.content_type).text)
        if root is None:
            continue
        texts = {line.text for line in read(root).lines if len(line.text) <= 1_000}
        longest = max(texts, key=len, default="")
        if len(longest) > 200:
            if longest in seen:
                continue
            seen.add(longest)
        total += 1
        counts.update(texts)
    least = max(3, -(-total // 4))
    common = [text for text, count in counts.most_common(_MAX_LINES) if count >= least]
    return SiteKnowledge(total, frozenset(common))


def knowledge_number(extractor: str) -> int:
    """Which version of a site's knowledge an extraction was made with, by its extractor; 0 for none."""
    found = re.search(r"\+k(\d+)", extractor)
    return int(found[1]) if found else 0
