"""From what a person typed to the neutral tree. Never raises; each liberty taken is told as a hint.

A tokenizer of one regular expression and a parser with its own stack, rather than a grammar for a parser
generator: every input has a reading here, so there are no syntax errors to recover from, and neither 10,000
characters nor 3,000 brackets can exhaust the machine (`docs/decisions/0010-query-grammar.md`).

::

    question  = any ("OR" any)*            AND binds tighter than OR
    any       = ("NOT" | "-")? (field ":")? operand ("AND"? …)*
    operand   = word | prefix "*" | quoted ("~" n)? | "(" question ")" | "[" date "TO" date "]"
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from archive.search.backend import Hint, HintKind
from archive.search.days import parse_day, parse_range
from archive.search.query import (
    DEFAULT_FIELDS,
    KEYWORDS,
    And,
    DateRange,
    Everything,
    Keyword,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
    conjunction,
    disjunction,
)
from archive.text.vietnamese import fold, normal_word, whole_words, words

MAX_CHARACTERS = 10_000
MAX_WORDS = 200
"""Words looked for at most; the rest is left out, with a hint."""
MAX_DEPTH = 40
"""Brackets within brackets; deeper ones are read as if they were not there."""
MIN_PREFIX = 3
MAX_SLOP = 1_000

FIELD_NAMES = {
    "tieude": "title",
    "title": "title",
    "sapo": "lead",
    "lead": "lead",
    "than": "body",
    "body": "body",
    "chuthich": "caption",
    "caption": "caption",
    "tacgia": "author",
    "author": "author",
    "trang": "site",
    "site": "site",
    "muc": "section",
    "section": "section",
    "dinhkem": "attachment",
    "attachment": "attachment",
    "nguoi": "person",
    "person": "person",
    "noi": "place",
    "place": "place",
    "sukien": "event",
    "event": "event",
    "ngay": "date",
    "date": "date",
}
"""Field names people type, accents off, and the field meant. `date` is no field of words, `person`, `place`
and `event` are names found as a whole."""

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″〝〞＂", '"'))
_TOKEN = re.compile(
    r"""
      (?P<quoted>"(?P<inner>[^"]*)(?P<close>"?)(?:~(?P<slop>\d+))?)
    | (?P<range>\[[^\[\]]*\])
    | (?P<open>\()
    | (?P<close_bracket>\))
    | (?P<minus>(?<![^\s(])-(?=[^\s\-)]))
    | (?P<field>(?<![^\s(\-])(?P<name>[^\W\d_]+):(?=[^\s:]))
    | (?P<chunk>[^\s"()\[\]]+)
    | (?P<other>\S)
    """,
    re.VERBOSE,
)
_LOWERCASE = frozenset(("and", "or", "not"))
_JOINERS = frozenset("-/&.,'’_+@")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a question was read."""

    tree: Node
    hints: tuple[Hint, ...] = ()


def parse(text: str) -> Reading:
    """Read a question.

    :param text: as typed, in any normal form.
    """
    return _plain(text) or _Parser().read(text)


def _plain(text: str) -> Reading | None:
    """The reading of a question of nothing but words, as most are, at a fraction of the cost; None for any
    other, and the parser's for each it is given."""
    chunks = unicodedata.normalize("NFC", text).split()
    if not chunks or len(chunks) > MAX_WORDS or len(text) > MAX_CHARACTERS:
        return None
    for chunk in chunks:
        if not chunk.isalnum() or chunk.lower() in _LOWERCASE:
            return None
    return Reading(conjunction(_without_repeats([Word(normal_word(chunk)) for chunk in chunks])))


@dataclass(slots=True)
class _Frame:
    """One level of brackets."""

    fields: tuple[str, ...]
    negated: bool = False
    """Whether the bracket as a whole stands under NOT."""
    dates: bool = False
    """Whether its words are dates: `ngay:(2021 OR 2022)`."""
    alternatives: list[list[Node]] = field(default_factory=lambda: [[]])
    operator: str = ""
    """An operator that still waits for its right side."""


@dataclass(slots=True)
class _Parser:
    hints: dict[Hint, None] = field(default_factory=dict)
    stack: list[_Frame] = field(default_factory=lambda: [_Frame(DEFAULT_FIELDS)])
    negate: bool = False
    named: str = ""
    """The field named right before the next operand."""
    ignored: int = 0
    """Brackets beyond the depth that are open."""
    count: int = 0

    def read(self, text: str) -> Reading:
        if len(text) > MAX_CHARACTERS:
            self.hint(HintKind.TOO_LONG, f"{MAX_CHARACTERS} characters")
            text = text[:MAX_CHARACTERS]
        text = unicodedata.normalize("NFC", text).translate(_QUOTES)
        if not text.isprintable():
            text = "".join(c if c.isprintable() else " " for c in text)
        for match in _TOKEN.finditer(text):
            self.token(match)
        if self.ignored or len(self.stack) > 1:
            self.hint(HintKind.UNBALANCED_BRACKET, "(")
        while len(self.stack) > 1:
            self.close()
        self.waiting(self.stack[0])
        tree = self.whole(self.stack[0])
        if isinstance(tree, Not) or (
            isinstance(tree, And) and all(isinstance(c, Not) for c in tree.children)
        ):
            self.hint(HintKind.ONLY_NOT)
            rest = tree.children if isinstance(tree, And) else (tree,)
            tree = And((Everything(), *rest))
        return Reading(tree, tuple(self.hints))

    def hint(self, kind: HintKind, detail: str = "") -> None:
        self.hints[Hint(kind, detail[:80])] = None

    def token(self, match: re.Match[str]) -> None:
        match match.lastgroup:
            case "quoted":
                self.quoted(match)
            case "range":
                self.range(match[0])
            case "open":
                self.open()
            case "close_bracket":
                self.close_bracket()
            case "minus":
                self.negate = not self.negate
            case "field":
                self.field(match["name"])
            case "chunk":
                self.chunk(match[0])
            case _:
                self.hint(HintKind.UNBALANCED_BRACKET, match[0])

    # ------------------------------------------------------------------------------------- operands

    def quoted(self, match: re.Match[str]) -> None:
        if not match["close"]:
            self.hint(HintKind.UNBALANCED_QUOTE, match[0])
        found = whole_words(match["inner"])
        if self.named == "date" or self.stack[-1].dates:
            self.date(match["inner"])
            return
        if self.keyword(found):
            return
        slop = min(int(match["slop"][:6]), MAX_SLOP) if match["slop"] else None
        if len(found) == 1:
            self.add(Word(found[0], self.fields()))
        elif found:
            if len(found) > MAX_WORDS:
                self.hint(HintKind.TOO_LONG, f"{MAX_WORDS} words")
                found = found[:MAX_WORDS]
            self.add(Phrase(tuple(found), self.fields(), slop), weight=len(found))
        else:
            self.drop()

    def keyword(self, found: list[str]) -> bool:
        """Add the name that a field of names asks for; False where other fields are asked."""
        (name, *_) = self.fields()
        if name not in KEYWORDS:
            return False
        if len(found) > MAX_WORDS:
            self.hint(HintKind.TOO_LONG, f"{MAX_WORDS} words")
        if found:
            self.add(Keyword(name, " ".join(found[:MAX_WORDS])))
        else:
            self.drop()
        return True

    def range(self, text: str) -> None:
        days = parse_range(text[1:-1])
        if self.named in ("", "date") and days is not None:
            self.add(DateRange(*days))
        elif self.named in ("", "date"):
            self.hint(HintKind.BAD_DATE, text)
            self.drop()
        else:
            self.words(text)

    def date(self, text: str) -> None:
        days = parse_day(text)
        if days is None:
            self.hint(HintKind.BAD_DATE, text)
            self.drop()
        else:
            self.add(DateRange(*days))

    def chunk(self, text: str) -> None:
        if text in ("AND", "OR", "NOT") and not self.named:
            self.operator(text)
            return
        if text in _LOWERCASE:
            self.hint(HintKind.LOWERCASE_OPERATOR, text)
        if self.named == "date" or self.stack[-1].dates:
            self.date(text)
        else:
            self.words(text)

    def words(self, text: str) -> None:
        """A run without spaces: one word, a compound (a phrase of its parts), or several words."""
        runs = list(_runs(text))
        if not runs:
            self.drop()
            return
        if self.keyword([word for run in runs for word in run]):
            return
        negate, named = self.negate, self.named
        starred = text.rstrip(".,;:!?").endswith("*")
        for place, run in enumerate(runs):
            self.negate, self.named = negate, named
            if starred and place == len(runs) - 1:
                self.prefix(run)
            elif len(run) == 1:
                self.add(Word(run[0], self.fields()))
            else:
                self.add(Phrase(tuple(run), self.fields()), weight=len(run))

    def prefix(self, run: list[str]) -> None:
        *before, last = run
        if len(last) < MIN_PREFIX:
            self.hint(HintKind.SHORT_PREFIX, f"{last}*")
            node: Node = Word(last, self.fields())
        else:
            node = Prefix(last, self.fields())
        self.add(conjunction([*(Word(word, self.fields()) for word in before), node]), weight=len(run))

    # ------------------------------------------------------------------------------------ structure

    def fields(self) -> tuple[str, ...]:
        return (self.named,) if self.named else self.stack[-1].fields

    def field(self, name: str) -> None:
        known = FIELD_NAMES.get(fold(name))
        if known:
            self.named = known
        else:
            self.hint(HintKind.UNKNOWN_FIELD, name)
            self.words(name)

    def operator(self, name: str) -> None:
        frame = self.stack[-1]
        if name == "NOT":
            self.negate = not self.negate
            return
        if not frame.alternatives[-1] or frame.operator or self.negate:
            self.hint(HintKind.LONE_OPERATOR, name)
            return
        frame.operator = name

    def add(self, node: Node, weight: int = 1) -> None:
        self.count += weight
        if self.count > MAX_WORDS:
            self.hint(HintKind.TOO_LONG, f"{MAX_WORDS} words")
            self.drop()
            return
        frame = self.stack[-1]
        if frame.operator == "OR":
            frame.alternatives.append([])
        frame.operator = ""
        frame.alternatives[-1].append(Not(node) if self.negate else node)
        self.negate, self.named = False, ""

    def drop(self) -> None:
        """The operand is left out, with what stood before it."""
        self.negate, self.named = False, ""

    def open(self) -> None:
        if len(self.stack) > MAX_DEPTH:
            self.hint(HintKind.TOO_DEEP, str(MAX_DEPTH))
            self.ignored += 1
            return
        dates = self.stack[-1].dates or self.named == "date"
        fields = self.stack[-1].fields if self.named in ("", "date") else (self.named,)
        self.stack.append(_Frame(fields, self.negate, dates))
        self.negate, self.named = False, ""

    def close_bracket(self) -> None:
        if self.ignored:
            self.ignored -= 1
        elif len(self.stack) == 1:
            self.hint(HintKind.UNBALANCED_BRACKET, ")")
        else:
            self.close()

    def close(self) -> None:
        frame = self.stack.pop()
        self.waiting(frame)
        node = self.whole(frame)
        self.negate, self.named = frame.negated, ""
        if isinstance(node, Everything):
            self.drop()
            return
        self.add(node, weight=0)

    def waiting(self, frame: _Frame) -> None:
        if frame.operator or self.negate:
            self.hint(HintKind.LONE_OPERATOR, frame.operator or "NOT")
        if self.named:
            self.hint(HintKind.LONE_OPERATOR, f"{self.named}:")
        self.negate, self.named = False, ""

    def whole(self, frame: _Frame) -> Node:
        sides = []
        for side in frame.alternatives:
            flat: list[Node] = []
            for node in side:
                flat.extend(node.children if isinstance(node, And) else (node,))
            if flat:
                sides.append(conjunction(_without_repeats(flat)))
        flat_sides: list[Node] = []
        for alternative in sides:
            flat_sides.extend(alternative.children if isinstance(alternative, Or) else (alternative,))
        return disjunction(_without_repeats(flat_sides))


def _without_repeats(nodes: list[Node]) -> list[Node]:
    return list(dict.fromkeys(nodes))


def _runs(text: str) -> list[list[str]]:
    """Words of a chunk, those with only a joiner (`-`, `/`, `&` …) between them kept together."""
    runs: list[list[str]] = []
    end = -1
    for word, start, stop in words(text):
        if start < end:
            continue  # a part of the figure before it
        if runs and start - end == 1 and text[end] in _JOINERS:
            runs[-1].append(word)
        else:
            runs.append([word])
        end = stop
    return runs
