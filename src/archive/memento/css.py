"""Style sheets with their addresses led into the archive (CSS Syntax Level 3, read by tinycss2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import tinycss2

MAX_CHARS = 600_000
"""Characters of a style sheet at most, two seconds' work. Real ones stay below; a longer one is left out."""
_TOO_LONG = "/* too long to be shown in a replayed page */"
_NOT_READ = "/* nested too deep to be shown in a replayed page */"
# Functions whose string argument is an address (CSS Images 4, CSS Values 5).
_WITH_ADDRESS = frozenset({"url", "src", "image-set", "-webkit-image-set", "image"})
_PLAIN = re.compile(r"(?!.*(?:url\s*\(|src\s*\(|image|@import|expression|\\))", re.IGNORECASE | re.DOTALL)
"""Matches a text in which no address and no script can stand: most of what pages carry."""
_SCRIPT = frozenset({"expression"})
"""Ran script in browsers of the time when the pages were made; nothing today reads it, nor shall it."""

Rewrite = Callable[[str, str], str]
"""From an address as written and what is wanted there (`im_`, `cs_`) to the one to write; "" for none."""


def is_plain(text: str) -> bool:
    """Whether no address and no script can stand in a piece of style."""
    return _PLAIN.match(text) is not None


def sheet(text: str, rewrite: Rewrite) -> str:
    """A style sheet."""
    if len(text) > MAX_CHARS:
        return _TOO_LONG
    if is_plain(text):
        return text
    return _written(tinycss2.parse_stylesheet(text), rewrite)


def declarations(text: str, rewrite: Rewrite) -> str:
    """The content of a `style` attribute."""
    if len(text) > MAX_CHARS:
        return ""
    if is_plain(text):
        return text
    return _written(tinycss2.parse_component_value_list(text), rewrite)


def _written(nodes: list[Any], rewrite: Rewrite) -> str:
    _walk(nodes, rewrite)
    try:
        written: str = tinycss2.serialize(nodes)
    except RecursionError:
        return _NOT_READ
    return written


def _walk(nodes: list[Any], rewrite: Rewrite) -> None:
    """Change addresses in place, without recursion: hostile sheets nest deeper than Python does."""
    open_lists = [nodes]
    while open_lists:
        for node in open_lists.pop():
            match node.type:
                case "url":
                    _set(node, rewrite(node.value, "im_"))
                case "function":
                    name = node.lower_name
                    if name in _SCRIPT:
                        node.arguments.clear()
                    elif name in _WITH_ADDRESS:
                        _strings(node.arguments, rewrite, "im_")
                    open_lists.append(node.arguments)
                case "at-rule":
                    if node.lower_at_keyword == "import":
                        _import(node.prelude, rewrite)
                    else:
                        open_lists.append(node.prelude)
                    if node.content is not None:
                        open_lists.append(node.content)
                case "qualified-rule":
                    open_lists += [node.prelude, node.content]
                case "() block" | "[] block" | "{} block":
                    open_lists.append(node.content)


def _import(prelude: list[Any], rewrite: Rewrite) -> None:
    """`@import "x.css"`, `@import url(x.css)`, `@import url("x.css")`, each perhaps with conditions."""
    for node in prelude:
        if node.type in ("string", "url"):
            _set(node, rewrite(node.value, "cs_"))
        elif node.type == "function" and node.lower_name in _WITH_ADDRESS:
            _strings(node.arguments, rewrite, "cs_")


def _strings(arguments: list[Any], rewrite: Rewrite, kind: str) -> None:
    for node in arguments:
        if node.type == "string":
            _set(node, rewrite(node.value, kind))


def _set(node: Any, address: str) -> None:
    node.value = address
    # What is written is the representation, as a quoted string whichever form stood there.
    quoted = '"' + address.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "") + '"'
    node.representation = f"url({quoted})" if node.type == "url" else quoted
