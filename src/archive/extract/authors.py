"""Who wrote the article, by the page's claims, checked against the author's line that readers see."""

from __future__ import annotations

import re

from archive.extract.byline import is_organisation, people
from archive.extract.headline import key
from archive.extract.lines import Reading
from archive.extract.shape import Content
from archive.extract.signature import Signature, is_name, visible_author, without_degrees
from archive.extract.structured import Claims

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
_CATALOGUE = frozenset(("citation_author", "dc.creator", "dcterms.creator", "dc.contributor"))
"""Bibliographic fields: "Last, First" is one person there, and each author has a field."""
_POSTED = frozenset(("meta:author", "meta:twitter:data1", "meta:twitter:data2"))
"""Claims that a publishing system fills with the account that posted the article."""
_CLEAR = 3.0
"""Trust from which on a visible signature outweighs the account that posted."""


def claimed_authors(
    reading: Reading, claims: Claims, content: Content | None, headline: int
) -> tuple[tuple[str, ...], str, str]:
    """Author names by the page's claims and its visible author lines: persons, organisation, rule."""
    names, kind, rule = _claimed(claims)
    persons: list[str] = []
    offices: list[str] = []
    for name in names:
        name = without_degrees(name)
        split = (name,) if rule.removeprefix("meta:") in _CATALOGUE else people(name)
        if split and not (kind.lower() == "organization" and is_organisation(name)):
            persons.extend(split)
        elif is_organisation(name) or kind.lower() == "organization":
            offices.append(name)
        else:
            persons.append(name)
    persons = list(dict.fromkeys(persons))
    seen = visible_author(reading, content, headline)
    weak = not persons or all(_is_site(claims, name) or " " not in name for name in persons)
    if seen is not None and (weak or _outweighs(seen, persons, rule)):
        return seen.persons, seen.organisation or ", ".join(dict.fromkeys(offices)), "visible author"
    return tuple(persons), ", ".join(dict.fromkeys(offices)), rule


def _claimed(claims: Claims) -> tuple[list[str], str, str]:
    names, kind = claims.ld_names("author")
    names = [name for name in names if is_name(name)]
    if names:
        return names, kind, "jsonld:author"
    for meta in _author_metas(claims):
        values = [value for value in claims.meta.get(meta, ()) if is_name(value)]
        if values:
            if meta in _CATALOGUE:
                values = [re.sub(r"^([^,]+), ([^,]+)$", r"\2 \1", value) for value in values]
            return values, "", f"meta:{meta}"
    return [], "", ""


def _outweighs(seen: Signature, persons: list[str], rule: str) -> bool:
    """Whether readers see clearly that somebody else, or more people, wrote the article."""
    known = {key(name) for name in persons}
    shown = {key(name) for name in seen.persons}
    if known < shown:
        return seen.trust >= 2.0
    if rule not in _POSTED or not seen.labelled or seen.trust < _CLEAR or not shown:
        return False
    return not any(one in other or other in one for one in known for other in shown)


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
