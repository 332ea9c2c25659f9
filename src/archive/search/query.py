"""The neutral tree of a question: what every engine is given, and how it is written back as text.

A tree is made by `archive.search.grammar.parse` from what a person typed. Depth and number of leaves are
bounded there, so engines may walk it recursively.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

TITLE, LEAD, BODY, CAPTION, AUTHOR, SECTION, ATTACHMENT, SITE = (
    "title",
    "lead",
    "body",
    "caption",
    "author",
    "section",
    "attachment",
    "site",
)
FIELDS = (TITLE, LEAD, BODY, CAPTION, AUTHOR, SECTION, ATTACHMENT, SITE)
"""Every field that can be searched by words."""
DEFAULT_FIELDS = FIELDS[:-1]
"""Where a word without a field is looked for. Not the portal's name: it would match all its articles."""
PERSON, PLACE, EVENT = "person", "place", "event"
KEYWORDS = (PERSON, PLACE, EVENT)
"""Kinds of names that an article has any number of, each found as a whole only."""


@dataclass(frozen=True, slots=True)
class Word:
    """Articles that have a word."""

    text: str
    """In the form of `archive.text.vietnamese.tone_normal`."""
    fields: tuple[str, ...] = DEFAULT_FIELDS


@dataclass(frozen=True, slots=True)
class Phrase:
    """Articles that have all the words near each other in one field."""

    words: tuple[str, ...]
    """Two or more, each as in `Word.text`."""
    fields: tuple[str, ...] = DEFAULT_FIELDS
    slop: int | None = None
    """None: next to each other, in this order. A number: in any order, with at most so many other words
    among them."""


@dataclass(frozen=True, slots=True)
class Prefix:
    """Articles that have a word that begins so."""

    text: str
    fields: tuple[str, ...] = DEFAULT_FIELDS


@dataclass(frozen=True, slots=True)
class Keyword:
    """Articles that have a name, as a whole: case, punctuation and, unless exact, accents apart."""

    kind: str
    """One of `KEYWORDS`."""
    name: str
    """Words as in `Word.text`, a space between them."""


@dataclass(frozen=True, slots=True)
class DateRange:
    """Articles published within these days, both included; None is an open end. Undated ones are not."""

    start: dt.date | None
    end: dt.date | None


@dataclass(frozen=True, slots=True)
class And:
    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    child: Node


@dataclass(frozen=True, slots=True)
class Everything:
    """All articles: an empty question, or what a lone `NOT` is taken from."""


Node = Word | Phrase | Prefix | Keyword | DateRange | And | Or | Not | Everything


def conjunction(children: list[Node]) -> Node:
    """All of them; a single one is itself, none is everything."""
    if not children:
        return Everything()
    return children[0] if len(children) == 1 else And(tuple(children))


def disjunction(children: list[Node]) -> Node:
    """Any of them; a single one is itself, none is everything."""
    if not children:
        return Everything()
    return children[0] if len(children) == 1 else Or(tuple(children))


def plain_words(node: Node) -> tuple[Word, ...]:
    """The words of a question that is nothing but words, in the order typed; () for any other."""
    children = node.children if isinstance(node, And) else (node,)
    words = tuple(child for child in children if isinstance(child, Word))
    return words if len(words) == len(children) else ()


def parts(node: Node) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """Of a conjunction: the words, phrases and prefixes that are wanted, and the names, dates and exclusions
    beside them. Both are empty when it has alternatives in brackets: then it says what it means."""
    children = node.children if isinstance(node, And) else (node,)
    wanted = tuple(child for child in children if isinstance(child, Word | Phrase | Prefix))
    others = tuple(child for child in children if isinstance(child, Keyword | DateRange | Not))
    return (wanted, others) if len(wanted) + len(others) == len(children) else ((), ())


def leaves(node: Node) -> Iterator[Word | Phrase | Prefix]:
    """What is looked for, left to right; what is excluded is not among it."""
    match node:
        case Word() | Phrase() | Prefix():
            yield node
        case And(children) | Or(children):
            for child in children:
                yield from leaves(child)
        case _:
            return


_OPERATORS = frozenset(("AND", "OR", "NOT"))


def to_text(node: Node) -> str:
    """The tree in the query syntax: how the question was read."""
    match node:
        case Word(text, fields):
            return _prefix(fields) + text
        case Prefix(text, fields):
            return f"{_prefix(fields)}{text}*"
        case Phrase(words, fields, slop):
            return f'{_prefix(fields)}"{" ".join(words)}"' + ("" if slop is None else f"~{slop}")
        case Keyword(kind, name):
            return f'{kind}:"{name}"'
        case DateRange(start, end):
            return f"date:[{start or '*'} TO {end or '*'}]"
        case And(children):
            return " ".join(f"({to_text(c)})" if isinstance(c, Or) else to_text(c) for c in children)
        case Or(children):
            return " OR ".join(f"({to_text(c)})" if isinstance(c, And | Or) else to_text(c) for c in children)
        case Not(child):
            inner = to_text(child)
            return f"-({inner})" if isinstance(child, And | Or | Not) else f"-{inner}"
        case Everything():
            return ""


def _prefix(fields: tuple[str, ...]) -> str:
    return "" if fields == DEFAULT_FIELDS else f"{fields[0]}:"
