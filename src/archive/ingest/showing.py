"""Letting readers see an extraction of a version, with all that is looked up by what it says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from archive.errors import UrlError
from archive.extract import title_key
from archive.model import Attachment, Extraction, Version
from archive.store import Connection, attachments, ledger, titles
from archive.urls import canonical, surt


def show(
    connection: Connection, site: str, version: Version, extraction: Extraction, *, newest: bool = True
) -> None:
    """Let readers of a version see another extraction of it.

    :param newest: it is the article's newest version by date.
    """
    ledger.show(connection, version, extraction, newest=newest)
    note(connection, site, version.article, extraction, newest=newest)


def note(
    connection: Connection, site: str, article: str, extraction: Extraction, *, newest: bool = True
) -> None:
    """Note by what an article is looked up: its title and, for the newest version, the files it links to."""
    titles.put(connection, site, title_key(extraction.title), article)
    if newest:
        attachments.put_links(connection, site, article, _files(extraction))


def _files(extraction: Extraction) -> Iterator[str]:
    """URL keys of the files that an article links to."""
    for block in extraction.blocks:
        if isinstance(block, Attachment):
            with suppress(UrlError):  # the block keeps the address as it stood
                yield surt(canonical(block.url))
