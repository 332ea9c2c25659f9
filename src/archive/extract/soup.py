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
from lxml import etree

from archive.extract.tree import BLOCKS, Element


class _Elements(HTMLTreeBuilder):
    """A tree builder whose markup is an lxml element."""

    def prepare_markup(self, markup: Any, *_: Any, **__: Any) -> Iterator[tuple[Any, None, None, bool]]:
        """The element as it is: there is nothing to decode."""
        yield markup, None, None, False

    def feed(self, markup: Any) -> None:
        """Tell the soup of every element and text below the given one, and of itself."""
        soup = self.soup
        if soup is None:
            return
        start, end, text = soup.handle_starttag, soup.handle_endtag, soup.handle_data
        for event, node in etree.iterwalk(markup, events=("start", "end")):
            tag = node.tag
            if event == "start":
                start(tag, None, None, dict(node.items()))
                said = node.text
            else:
                end(tag)
                said = node.tail if node is not markup else None
            if said and not (tag in BLOCKS and said.isspace()):  # space beside a block's bounds says nothing
                text(said)


def soup_of(element: Element) -> Tag:
    """BeautifulSoup over an element of an lxml tree that holds neither comments nor instructions."""
    return BeautifulSoup(element, builder=_Elements(multi_valued_attributes={}, store_line_numbers=False))


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
