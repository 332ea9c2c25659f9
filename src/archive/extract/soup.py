"""BeautifulSoup over a part of an lxml tree, without writing the markup out and parsing it again.

BeautifulSoup takes its events from a tree builder; this one reads them off elements that lxml has parsed.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bs4 import BeautifulSoup, Tag
from bs4.builder import HTMLTreeBuilder
from bs4.element import NavigableString
from lxml import etree

from archive.extract.tree import BLOCKS, Element

_SPACES = frozenset("\n\t\f\r ")
"""White space to BeautifulSoup, which keeps of a text of nothing else one character."""


class _Elements(HTMLTreeBuilder):
    """A tree builder whose markup is an lxml element.

    It ties the nodes together itself: `BeautifulSoup.handle_starttag` asks of every tag what cannot be here
    (tags left open, multi-valued attributes, character sets), which took more than half of the time. What a
    tag holds besides its place comes from one of the same name that BeautifulSoup made.
    """

    def prepare_markup(self, markup: Any, *_: Any, **__: Any) -> Iterator[tuple[Any, None, None, bool]]:
        """The element as it is: there is nothing to decode."""
        yield markup, None, None, False

    def feed(self, markup: Any) -> None:
        """Build the tags and strings of an element and of all below it."""
        soup = self.soup
        if soup is None:
            return
        models: dict[str, dict[str, Any]] = {}
        here: Any = soup
        last: Any = soup
        kinds = [NavigableString]
        kept = 0
        """How many elements around keep their white space."""
        for event, node in etree.iterwalk(markup, events=("start", "end")):
            name = node.tag
            if event == "start":
                if (model := models.get(name)) is None:
                    model = models[name] = vars(Tag(builder=self, name=name))
                tag: Any = _new_tag(Tag)
                tag.__dict__ = {**model, "attrs": dict(node.items()), "contents": []}
                _tie(tag, here, last)
                here = last = tag
                if name in _TELLING:
                    kept += name in self.preserve_whitespace_tags
                    if name in self.string_containers:
                        kinds.append(self.string_containers[name])
                said = node.text
            else:
                here = here.parent
                if name in _TELLING:
                    kept -= name in self.preserve_whitespace_tags
                    if name in self.string_containers:
                        kinds.pop()
                said = node.tail if node is not markup else None
            if said:
                if said.isspace():
                    if name in BLOCKS:
                        continue  # space beside a block's bounds says nothing
                    if not kept and _SPACES.issuperset(said):
                        said = "\n" if "\n" in said else " "
                text = kinds[-1](said)
                _tie(text, here, last)
                last = text


_new_tag = Tag.__new__
_TELLING = frozenset(
    (*HTMLTreeBuilder.DEFAULT_STRING_CONTAINERS, *HTMLTreeBuilder.DEFAULT_PRESERVE_WHITESPACE_TAGS)
)


def _tie(node: Any, parent: Any, last: Any) -> None:
    """Put a node at the end of its parent and of all that was built before."""
    siblings = parent.contents
    node.parent = parent
    node.previous_element = last
    last.next_element = node
    if siblings:
        node.previous_sibling = siblings[-1]
        siblings[-1].next_sibling = node
    siblings.append(node)


def soup_of(element: Element) -> Tag:
    """BeautifulSoup over an element of an lxml tree that holds neither comments nor instructions."""
    return BeautifulSoup(element, builder=_Elements(multi_valued_attributes={}, store_line_numbers=False))


def release(soup: Tag) -> None:
    """Untie a soup that is not needed any more.

    Its nodes refer to each other, so that else the next collection would have to find them all.
    """
    node: Any = soup
    while node is not None:
        following = node.next_element
        node.__dict__.clear()
        node = following


@contextmanager
def without_collection() -> Iterator[None]:
    """No garbage collection within: it finds nothing while a tree grows, and takes a fifth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
