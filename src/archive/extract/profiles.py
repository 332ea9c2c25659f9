"""Profiles: what is known of a family of portals, as data.

A profile is a TOML file of selectors (CSS) and of the evidence by which a page is recognised as of that
family. It sharpens the generic reading and never replaces it: a selector that finds nothing falls back.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from cssselect import HTMLTranslator, SelectorError
from lxml import etree

from archive.errors import ConfigError
from archive.extract.marks import Marks
from archive.extract.tree import Element

_FIELDS = (
    "title",
    "lead",
    "body",
    "published",
    "modified",
    "byline",
    "source",
    "section",
    "drop",
)
_TABLES = {
    "evidence": ("generator", "markup", "select", "minimum"),
    "fields": _FIELDS,
    "pages": ("article", "list"),
}
_EVIDENCE = 64_000
"""Bytes of the source that are searched for a family's marks."""
_TOP = ("name", "title", *_TABLES)


@dataclass(frozen=True, slots=True)
class Profile:
    """One family of portals."""

    name: str
    title: str = ""
    """What it is, for people."""
    generator: tuple[str, ...] = ()
    """Beginnings of `meta name=generator`, any of which is proof enough."""
    markup: tuple[str, ...] = ()
    """Strings of the page's source, each a point of evidence."""
    select: tuple[str, ...] = ()
    """Selectors, each a point of evidence when it finds something."""
    minimum: int = 2
    """Points that make the page one of this family."""
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Field → selectors, the best first."""
    article: tuple[re.Pattern[str], ...] = ()
    """Patterns of addresses (path and query) that are articles."""
    lists: tuple[re.Pattern[str], ...] = ()
    """Patterns of addresses that are lists."""

    def evidence(self, root: Element, source: bytes, *, marks: frozenset[str] | None = None) -> list[str]:
        """What in a page speaks for this family: strings of its source, selectors that find something.

        :param marks: which of all profiles' strings stand in the source, when that is known.
        """
        found = [
            text for text in self.markup if (text.encode() in source if marks is None else text in marks)
        ]
        if 0 < len(found) < self.minimum:  # a selector costs more than a search, so it only confirms
            found += [
                selector
                for selector in self.select
                if all(name.encode() in source for name in needed(selector)) and compiled(selector)(root)
            ]
        return found


class Matched:
    """A profile together with the page that it is applied to."""

    def __init__(self, profile: Profile, root: Element) -> None:
        self.profile = profile
        self.name = profile.name
        """The profile's name."""
        self._root = root
        self._names: frozenset[str] | None = None

    def selectors(self, field_name: str) -> tuple[str, ...]:
        """The selectors of a field, the best first."""
        return self.profile.fields.get(field_name, ())

    def find(self, field_name: str) -> tuple[Element, str] | None:
        """The first element that a field's selectors find, with the selector."""
        for selector in self.selectors(field_name):
            if found := self.select(selector):
                return found[0], selector
        return None

    def find_all(self, field_name: str, within: Element | None = None) -> list[Element]:
        """All elements that a field's selectors find, in the page or within an element."""
        return [e for selector in self.selectors(field_name) for e in self.select(selector, within)]

    def select(self, selector: str, within: Element | None = None) -> list[Element]:
        """The elements that a selector finds, in the page or within an element.

        Most selectors of a profile find nothing on most pages: the names of the page, gathered once, tell it
        without a search. That pass takes as long as half a search.
        """
        if self._names is None:
            self._names = _names_of(self._root)
        if not needed(selector) <= self._names:
            return []
        found: list[Element] = compiled(selector)(self._root if within is None else within)
        return found


_CLASSES = etree.XPath("//@class", smart_strings=False)
_IDS = etree.XPath("//@id", smart_strings=False)
_SPACES = re.compile(r"[ \t\r\n]+")


def _names_of(root: Element) -> frozenset[str]:
    """The classes and ids of a page."""
    names = set(_IDS(root))
    for value in set(_CLASSES(root)):
        names.update(value.split() if value.isascii() else _SPACES.split(value))
    return frozenset(names)


@cache
def needed(selector: str) -> frozenset[str]:
    """Classes and ids without which a selector finds nothing."""
    if "," in selector or ":" in selector:  # alternatives and negations: no name need be there
        return frozenset()
    return frozenset(re.findall(r"[#.]([A-Za-z][\w-]*)", re.sub(r"\[[^\]]*\]", "", selector)))


@cache
def compiled(selector: str) -> etree.XPath:
    """A CSS selector as a compiled XPath.

    :raises ConfigError: when it is no selector that can be understood.
    """
    try:
        return etree.XPath(HTMLTranslator().css_to_xpath(selector))
    except (SelectorError, etree.XPathError) as error:
        raise ConfigError(
            f"The selector {selector!r} cannot be read: {error}.", "See docs/extraction.md."
        ) from error


def parse_profile(text: str, origin: str = "the profile") -> Profile:
    """A profile from its TOML text.

    :raises ConfigError: names the key or selector that is wrong.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{origin} is not valid TOML: {error}.") from error
    for key in data:
        if key not in _TOP:
            raise ConfigError(f"{origin} has an unknown key {key!r}.", f"Known are {', '.join(_TOP)}.")
    for table, keys in _TABLES.items():
        for key in data.get(table, {}):
            if key not in keys:
                raise ConfigError(
                    f"{origin} has an unknown key {key!r} in [{table}].", f"Known are {', '.join(keys)}."
                )
    name = data.get("name")
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9-]+", name):
        raise ConfigError(f"{origin} needs a `name` of lower-case letters, digits and '-', got {name!r}.")
    evidence, pages = data.get("evidence", {}), data.get("pages", {})
    profile = Profile(
        name=name,
        title=str(data.get("title", "")),
        generator=_strings(evidence, "generator", origin),
        markup=_strings(evidence, "markup", origin),
        select=_strings(evidence, "select", origin),
        minimum=int(evidence.get("minimum", 2)),
        fields={key: _strings(data["fields"], key, origin) for key in data.get("fields", {})},
        article=_patterns(pages, "article", origin),
        lists=_patterns(pages, "list", origin),
    )
    for selector in (*profile.select, *(s for values in profile.fields.values() for s in values)):
        compiled(selector)
    return profile


@cache
def profiles() -> dict[str, Profile]:
    """The profiles that come with the package, by name."""
    folder = resources.files("archive.extract") / "profiles"
    found = {}
    for item in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if item.name.endswith(".toml"):
            profile = parse_profile(item.read_text("utf-8"), item.name)
            found[profile.name] = profile
    return found


@cache
def _marks() -> Marks:
    """The strings of all profiles."""
    return Marks(text for profile in profiles().values() for text in profile.markup)


def recognise(root: Element, source: bytes, generator: str) -> tuple[Profile, str] | None:
    """The profile with the most evidence in a page, and that evidence; None when no family has enough."""
    if generator:
        for profile in profiles().values():
            if any(generator.lower().startswith(start.lower()) for start in profile.generator):
                return profile, f"generator {generator}"
    head = source[:_EVIDENCE]
    marks = _marks().found(head)
    best: tuple[Profile, list[str]] | None = None
    for profile in profiles().values():
        found = profile.evidence(root, head, marks=marks)
        if len(found) >= profile.minimum and (best is None or len(found) > len(best[1])):
            best = profile, found
    return (best[0], ", ".join(best[1])) if best is not None else None


def _strings(table: dict[str, Any], key: str, origin: str) -> tuple[str, ...]:
    value = table.get(key, ())
    if isinstance(value, str):
        value = [value]
    if not all(isinstance(item, str) for item in value):
        raise ConfigError(f"{origin}: {key!r} must be a string or a list of strings, got {value!r}.")
    return tuple(value)


def _patterns(table: dict[str, Any], key: str, origin: str) -> tuple[re.Pattern[str], ...]:
    try:
        return tuple(re.compile(text) for text in _strings(table, key, origin))
    except re.error as error:
        raise ConfigError(f"{origin}: a pattern under {key!r} cannot be read: {error}.") from error
