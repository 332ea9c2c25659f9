"""Who wrote the article, by the page's claims and by the author's line that readers see."""

from __future__ import annotations

import re

from archive.extract.byline import is_organisation, people
from archive.extract.headline import key
from archive.extract.lines import Reading
from archive.extract.roles import Role
from archive.extract.shape import Content
from archive.extract.structured import Claims
from archive.extract.tree import Element

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
    r"^(admin(istrator)?|webmaster|root|user|author|editor|guest|quản trị( viên)?|ban quản trị"
    r"|https?://.*|.*@.*|\d+.*|by|post author|[\w.]+\.[\w.]+|(the )?author|staff|none|null"
    r"|undefined|anonymous)$",
    re.I,
)
_BY = re.compile(
    r"^(?:article |story |post(?:ed)? |words |written |text |reviewed |author |published "
    r"|content )*(?:by|author|tác giả|von|par|por|di)\b\s*:?\s*",
    re.I,
)
_BY_ALONE = re.compile(
    r"^(?:(?:written|posted|words|story|published|article|reviewed) )?(?:by|author|tác giả|written by)\s*:?$",
    re.I,
)
_TIMING = re.compile(
    r"\s*(?:[|·•]|\bon\b|\bupdated\b|\bpublished\b|\bposted\b|\bin\b|[-–—]\s*\d|\d{1,2}[/.]\d"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d|\d+ min|\bfollow\b)",
    re.I,
)
_DEGREES = re.compile(
    r",?\s+\(?(?:M\.?D\.?|Ph\.?D\.?|MS|MA|RD|CFP®?|DVM|CPA|JD|Esq\.?|MBA|RN|FACLM|FAND|CEPF®?"
    r"|E-RYT 200|LCSW|PsyD)\b\)?.*$"
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
    r"\b(read|more|share|comments?|follow|home|news|blog|posts?|articles?|contact|about|table"
    r"|contents|minutes?|updated|published|posted|written|reviewed|category|subscribe|print"
    r"|email|facebook"
    r"|twitter|linkedin|copy|link|the|our|your|this|guide|tips|how|what|why|best|view|all|photo"
    r"|image|listen|search|menu|save|sign|log|related|finance|advertisement)\b",
    re.I,
)


def claimed_authors(
    reading: Reading, claims: Claims, content: Content | None, headline: int
) -> tuple[tuple[str, ...], str, str]:
    """Author names by the page's claims and its visible author lines: persons, organisation, rule."""
    names, kind = claims.ld_names("author")
    names = [name for name in names if _is_name(name)]
    rule = "jsonld:author"
    if not names:
        for meta in _author_metas(claims):
            values = [v for v in claims.meta.get(meta, ()) if _is_name(v) and len(v) < 120]
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
    if not persons or all(_is_site(claims, name) or " " not in name for name in persons):
        visible = _visible_author(reading, content, headline)
        if visible:
            return visible, ", ".join(offices), "visible author"
    return tuple(dict.fromkeys(persons)), ", ".join(dict.fromkeys(offices)), rule


def _author_metas(claims: Claims) -> list[str]:
    names = list(_AUTHOR_META)
    names += [
        f"twitter:data{number}"
        for number in (1, 2)
        if re.search(r"written|author|by\b|tác giả", claims.first(f"twitter:label{number}")[0], re.I)
    ]
    return names


def _is_site(claims: Claims, name: str) -> bool:
    site = key(claims.first("og:site_name")[0] or "")
    return bool(site) and (key(name) in site or site in key(name))


def _visible_author(reading: Reading, content: Content | None, headline: int) -> tuple[str, ...]:
    """The author's line near the headline or after the text, by its words, its place, its names."""
    lines = reading.lines
    kept = content.keep.nonzero()[0].tolist() if content is not None else [0]
    first, last = kept[0], kept[-1]
    anchor = headline if 0 <= headline <= last else first
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
