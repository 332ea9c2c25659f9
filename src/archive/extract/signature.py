"""The author's line that readers see: near the headline or after the text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from archive.extract.byline import is_organisation
from archive.extract.lines import Line, Reading
from archive.extract.roles import Role
from archive.extract.shape import Content
from archive.extract.tree import Element
from archive.text.dates import page_date

_NOT_A_NAME = re.compile(
    r"^(admin(istrator)?|webmaster|root|user|author|editor|guest|quản trị( viên)?|ban quản trị"
    r"|https?://.*|.*@.*|\d+.*|by|post author|[\w.]+\.[\w.]+|(the )?author|staff|none|null"
    r"|undefined|anonymous|\w+ admin)$",
    re.I,
)
_BY = re.compile(
    r"^(?:article |story |post(?:ed)? |words |written |text |author |published |guide |review "
    r"|content |report )*(?:by|authors?|contributors?|tác giả|von|par|por|di)\b\s*:?\s*"
    r"|^(?:by|authors?:)\s?(?=[A-ZÀ-Ỹ])",
    re.I,
)
_BY_ALONE = re.compile(
    r"^(?:(?:written|posted|words|story|published|article) )?(?:by|authors?|tác giả|written by)\s*:?$",
    re.I,
)
_STAMP = re.compile(
    r"^(?:(?:posted|published|updated|last updated)(?: on)?:?\s*)?"
    r"(?:[a-z]{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d\d|\d{1,2}[ ./-][a-z\d]{1,9}[ ./-](?:19|20)\d\d"
    r"|(?:19|20)\d\d-\d\d-\d\d)\s*[|·•●,–—-]*\s*",
    re.I,
)
"""A date that stands before the name in one line."""
_TIMING = re.compile(
    r"[|·•●]|[-–—]\s*\d|\d{1,2}[/.]\d|\d+ (?:min|comments?)|\b(?:(?:on|updated|published|posted|in|follow)\b"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d|last updated\b)",
    re.I,
)
"""Where a name ends, and what the line says of dates and the like begins."""
_DEGREES = re.compile(
    r"(?:,?\s+\(?(?:M\.?D\.?|Ph\.?D\.?|MSc?|MA|BSc?|RDN?|LD|CFP®?|DVM|CPA|JD|Esq\.?|MBA|RN|FACLM|FAND|CEPF®?"
    r"|E-RYT 200|LCSW|PsyD|CPP|PSP|MPH|DO|NP)\b\)?)+(?=\s*(?:,|$))"
)
_GLUED = re.compile(
    r"(?<=[a-zà-ỹ.])(?=(?:Updated|Published|Posted|Last|Follow|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r"[a-z]*\b)"
)
"""Where two elements without space between them meet: "Anna LeeUpdated"."""
_MEETING = re.compile(r"[a-zà-ỹ.][A-Z]")
"""What is at such a place: found in a tenth of the time."""
_JOB = re.compile(
    r"\b(?:editor|writer|expert|columnist|reporter|correspondent|contributor|journalist|manager|director|author"
    r"|specialist|analyst|founder|ceo|chief|producer|researcher)\b",
    re.I,
)
_WORD = re.compile(r"^[^\W\d_][\w.'’\-]*$")
_TEAM = re.compile(
    r"^(?:the )?(?:[A-Z][\w.&']*\s+){0,4}(?:team|staff|editors|editorial(?: team)?|desk|newsroom)$", re.I
)
_COMMON = re.compile(
    r"\b(read|more|share|comments?|follow|home|news|blog|posts?|articles?|contact|about|table"
    r"|contents|minutes?|updated|published|posted|written|reviewed|category|subscribe|print"
    r"|email|facebook"
    r"|twitter|linkedin|copy|link|the|our|your|this|guide|tips|how|what|why|best|view|all|photo"
    r"|image|listen|search|menu|save|sign|log|related|finance|advertisement|spotlight|free|get|start)\b",
    re.I,
)
_PARTICLES = frozenset(("de", "van", "von", "der", "la", "di", "da", "bin", "al", "del", "den"))
_ELSEWHERE = int(Role.RELATED | Role.COMMENTS | Role.CAPTION | Role.NAV | Role.TAGS)
_AUTHOR, _META = int(Role.AUTHOR), int(Role.META)


@dataclass(frozen=True, slots=True)
class Signature:
    """What the likeliest author's line says."""

    persons: tuple[str, ...]
    organisation: str
    trust: float
    labelled: bool
    """Whether a word such as "By" says that it is one."""


def is_name(text: str) -> bool:
    """Whether a text may name an author at all, and is no account's or template's filler."""
    return 1 < len(text) < 120 and not _NOT_A_NAME.match(text)


def without_degrees(name: str) -> str:
    """A name without the academic and professional letters after it."""
    return _DEGREES.sub("", name)


def visible_author(reading: Reading, content: Content | None, headline: int) -> Signature | None:
    """The author's line near the headline or after the text, by its words, its place and its names."""
    lines = reading.lines
    kept = content.keep.nonzero()[0].tolist() if content is not None else [0]
    first, last = kept[0], kept[-1]
    anchor = headline if 0 <= headline <= last else first
    near = [*range(anchor + 1, min(anchor + 12, len(lines))), *range(max(0, anchor - 4), anchor)]
    after = [i for i in range(max(last - 3, anchor + 12), min(last + 14, len(lines))) if i not in near]
    best: Signature | None = None
    body: str | None = None
    for index in [*near, *after]:
        line = lines[index]
        if len(line.text) > 140:
            continue
        before = lines[index - 1].text if index else ""
        text = _GLUED.sub(" ", line.text) if _MEETING.search(line.text) else line.text
        text = _STAMP.sub("", text)
        stamped = len(text) < len(line.text)
        text = _TIMING.split(text, maxsplit=1)[0].strip(" -–—|·•,")
        if stamped and not text:
            text = re.sub(r"^.*?(?=\bby\b)", "", line.text, flags=re.I)
            text = _TIMING.split(text, maxsplit=1)[0].strip(" -–—|·•,")
        labelled = _BY.match(text)
        trust = 0.0
        if labelled:
            text = text[labelled.end() :].strip(" :-–—")
            trust += 3.0
        elif _BY_ALONE.match(before):
            trust += 2.5
        trust += _standing(line, index, anchor, last)
        if trust < 1.4 and 0 < index - anchor <= 3 and (stamped or _dated(reading, index)):
            # Nothing says so but the place: between headline and date. Words that the text uses as words
            # ("Buying Guides") are no name.
            if body is None:
                body = " ".join(line.text for line in lines[first : min(last + 1, first + 400)])[:40_000]
            if not any(_is_word_of(body, word.casefold()) for word in text.split()):
                trust += 1.2
        if trust < 1.4 or (best is not None and trust <= best.trust):
            continue
        persons, office = _named(text, strict=not labelled and trust < 2.5)
        if persons or office:
            best = Signature(persons, office, trust, bool(labelled) or bool(_BY_ALONE.match(before)))
    return best


def _standing(line: Line, index: int, anchor: int, last: int) -> float:
    trust = 0.0
    if line.near & _AUTHOR:
        trust += 1.5
    elif line.near & _META:
        trust += 0.6
    if _author_link(line.nodes):
        trust += 1.5
    if index >= last - 3 and index > anchor + 11:
        trust -= 1.5
    elif 1 <= index - anchor <= 3:
        trust += 0.5
    if line.near & _ELSEWHERE:
        trust -= 2.0
    return trust


def _dated(reading: Reading, index: int) -> bool:
    """Whether the line before or after is a date line."""
    return any(
        0 <= at < len(reading.lines)
        and len(reading.lines[at].text) < 60
        and page_date(reading.lines[at].text) is not None
        for at in (index - 1, index + 1)
    )


def _is_word_of(body: str, word: str) -> bool:
    """Whether a text has a word in small letters as one of its own, from its first letter to its last."""
    if not _LETTERS.fullmatch(word):
        return False
    at = body.find(word)
    while at >= 0:
        end = at + len(word)
        before, after = body[at - 1 : at], body[end : end + 1]
        if not (before.isalnum() or before == "_") and (not after.isalnum() or after.isdecimal()):
            return True
        at = body.find(word, end)
    return False


_LETTERS = re.compile(r"[^\W\d_A-Z][^\W\d_]*")


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
                        r"/(author|authors|by|people|staff|team|contributors?|profiles?|tac-gia)/",
                        node.get("href") or "",
                    )
                )
            node = node.getparent()
    return False


def _named(text: str, *, strict: bool) -> tuple[tuple[str, ...], str]:
    """Persons and organisation when a short text is nothing but names.

    :param strict: ask for two capitalised words each.
    """
    if _TEAM.match(text):
        return (), text
    names: list[str] = []
    for part in re.split(r"\s*[,;]\s*|\s+(?:and|&|und|et|y|và|with)\s+", without_degrees(text)):
        name = re.sub(r"\s*\(.*$|\d+$", "", part.removeprefix("and ")).strip(" .:*-–")
        words = name.split()
        if not words:
            continue
        if names and (len(words) > 4 or not words[0][0].isupper() or len(words) == 1 or _JOB.search(name)):
            break  # a job title after the name
        if len(words) > 5 or not all(_WORD.match(word) for word in words) or _is_common(name):
            return (tuple(names[:8]) if names else ()), ""
        if strict and not (
            len(words) > 1
            and words[0][0].isupper()
            and all(word[0].isupper() or word in _PARTICLES for word in words)
        ):
            return (), ""
        names.append(name)
    persons = tuple(name for name in names[:8] if not is_organisation(name))
    return persons, "" if persons else ", ".join(names[:1])


def _is_common(name: str) -> bool:
    return bool(_COMMON.search(name)) or not is_name(name)
