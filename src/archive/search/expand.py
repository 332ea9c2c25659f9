"""Abbreviations, both ways: `UBND` also finds "Ủy ban nhân dân" and the long form finds `UBND`.

Done on the question, not in the index, so that the table can grow without a rebuild and positions stay true.
"""

from __future__ import annotations

from archive.search.query import And, Node, Not, Or, Phrase, Word, conjunction
from archive.text.vietnamese import ABBREVIATIONS, fold_key, words

_Parts = tuple[str, ...]


def _parts(text: str) -> _Parts:
    return tuple(word for word, _, _ in words(text))


def _keys(parts: _Parts) -> _Parts:
    return tuple(fold_key(part) for part in parts)


_PAIRS = tuple((_parts(short), _parts(long)) for short, long in ABBREVIATIONS)
_LONG: dict[_Parts, list[_Parts]] = {}
"""Folded abbreviation → what it stands for."""
_SHORT: dict[_Parts, list[_Parts]] = {}
"""Folded long form → its abbreviations."""
for _short, _long in _PAIRS:
    _LONG.setdefault(_keys(_short), []).append(_long)
    _SHORT.setdefault(_keys(_long), []).append(_short)
_LENGTHS = sorted({len(long) for long in _SHORT}, reverse=True)


def expand(node: Node) -> Node:
    """The same question with each abbreviation's other form as an alternative."""
    match node:
        case Word(text, fields):
            return _either(node, [_sought(long, fields) for long in _LONG.get((fold_key(text),), ())])
        case Phrase(parts, fields, None):
            return _phrase(node, parts, fields)
        case And(children):
            return _conjunction(children)
        case Or(children):
            return Or(tuple(expand(child) for child in children))
        case Not(child):
            return Not(expand(child))
        case _:
            return node


def _either(node: Node, others: list[Node]) -> Node:
    return Or((node, *dict.fromkeys(others))) if others else node


def _sought(parts: _Parts, fields: tuple[str, ...]) -> Node:
    return Word(parts[0], fields) if len(parts) == 1 else Phrase(parts, fields)


def _phrase(node: Phrase, parts: _Parts, fields: tuple[str, ...]) -> Node:
    keys = _keys(parts)
    others: list[Node] = []
    for table in (_LONG, _SHORT):
        for start in range(len(keys)):
            for length in (*_LENGTHS, 1, 3):
                for other in table.get(keys[start : start + length], ()):
                    changed = parts[:start] + other + parts[start + length :]
                    others.append(_sought(changed, fields))
    return _either(node, others)


def _conjunction(children: tuple[Node, ...]) -> Node:
    """A long form typed as plain words, in a row, may also be met as its abbreviation."""
    result: list[Node] = []
    at = 0
    while at < len(children):
        run = _long_form(children, at)
        if run is None:
            result.append(expand(children[at]))
            at += 1
            continue
        length, shorts = run
        typed = conjunction(list(children[at : at + length]))
        result.append(_either(typed, [_sought(short, _fields(children[at])) for short in shorts]))
        at += length
    return And(tuple(result))


def _long_form(children: tuple[Node, ...], at: int) -> tuple[int, list[_Parts]] | None:
    for length in _LENGTHS:
        run = children[at : at + length]
        if len(run) < length:
            continue
        same = [child for child in run if isinstance(child, Word) and child.fields == _fields(run[0])]
        if len(same) == length and (shorts := _SHORT.get(_keys(tuple(child.text for child in same)))):
            return length, shorts
    return None


def _fields(node: Node) -> tuple[str, ...]:
    return node.fields if isinstance(node, Word) else ()
