"""Articles as pages and the index need them: everything of many articles in two queries.

Statements that each page asks stand ready with parameters: putting one together took three times as long as
asking it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, select, true

from archive import wire
from archive.errors import UrlError
from archive.model import ArticleView, AttachedFile, Attachment, Capture, Extraction
from archive.store import attachments, parts, withheld
from archive.store.attachments import DocumentRow
from archive.store.parts import PAGES_MARK
from archive.store.rows import article_of, capture_of, version_of
from archive.store.schema import articles, captures, extractions, sites, versions
from archive.store.withheld import Withheld
from archive.urls import canonical, surt

# Below the number of parameters that any SQLite takes in one statement.
_CHUNK = 500


def newest_versions(connection: Connection, ids: Sequence[str]) -> list[ArticleView]:
    """Articles at the newest versions that may be shown, in the order of `ids`."""
    hidden = withheld.load(connection)
    found: dict[str, Row[Any]] = {}
    statement = _newest(hidden.shown_number()) if hidden.newest else _NEWEST
    for chunk in _chunks([item for item in ids if item not in hidden.articles]):
        found |= {row.id: row for row in connection.execute(statement, {"ids": chunk})}
    return _views(connection, [found[item] for item in ids if item in found], hidden)


def version(connection: Connection, article_id: str, number: int) -> ArticleView | None:
    """An article at one version; None when there is no such, or it is withheld."""
    hidden = withheld.load(connection)
    if article_id in hidden.articles or (article_id, number) in hidden.versions:
        return None
    rows = list(connection.execute(_ONE, {"id": article_id, "number": number}))
    return next(iter(_views(connection, rows, hidden)), None)


def all_versions(connection: Connection, ids: Sequence[str]) -> list[ArticleView]:
    """Articles at every version that may be shown: in the order of `ids`, the oldest version first."""
    hidden = withheld.load(connection)
    order = {item: place for place, item in enumerate(ids) if item not in hidden.articles}
    found: list[Row[Any]] = []
    for chunk in _chunks(list(order)):
        statement = _statement(true()).where(articles.c.id.in_(chunk))
        found += (row for row in connection.execute(statement) if (row.id, row.number) not in hidden.versions)
    # `at` and `number` are of the version: the article has neither.
    found.sort(key=lambda row: (order[row.id], row._mapping[versions.c.at], row.number))
    return _views(connection, found, hidden)


def _statement(which: ColumnElement[bool]) -> Select[Any]:
    return (
        select(articles, versions, captures, extractions.c.data, sites.c.name)
        .join(versions, (versions.c.article == articles.c.id) & which)
        .join(captures, captures.c.id == versions.c.capture)
        .join(
            extractions,
            (extractions.c.capture == versions.c.capture) & (extractions.c.extractor == versions.c.shown),
        )
        .join(sites, sites.c.id == articles.c.site)
    )


def _newest(number: ColumnElement[int]) -> Select[Any]:
    return _statement(versions.c.number == number).where(articles.c.id.in_(bindparam("ids", expanding=True)))


_NEWEST = _newest(articles.c.current)
_ONE = _statement(versions.c.number == bindparam("number")).where(articles.c.id == bindparam("id"))
_MEDIA = select(captures).where(
    captures.c.urlkey.in_(bindparam("keys", expanding=True)),
    captures.c.status == 200,
    captures.c.truncated == "",
)


def _views(connection: Connection, rows: Sequence[Row[Any]], hidden: Withheld) -> list[ArticleView]:
    read = [(row, wire.loads(row._mapping[extractions.c.data])) for row in rows]
    media = _media(connection, (extraction for _, extraction in read))
    files = {
        row.id: _chosen(_file_keys(extraction), media, row._mapping[versions.c.at])
        for row, extraction in read
    }
    texts = attachments.documents_of(
        connection, (capture.payload_digest for chosen in files.values() for capture in chosen.values())
    )
    pages = parts.parts_of_many(
        connection, [(row.id, row.number) for row, extraction in read if PAGES_MARK in extraction.extractor]
    )
    result = []
    for row, extraction in read:
        version = version_of(row)
        made = ArticleView(
            article=article_of(row),
            version=version,
            extraction=extraction,
            capture=capture_of(row),
            versions=row._mapping[articles.c.versions],
            current=row._mapping[articles.c.current],
            site_name=row._mapping[sites.c.name],
            pictures=_chosen(_picture_keys(extraction), media, version.at),
            attachments=_attached(extraction, files[row.id], texts),
            pages=tuple(pages.get((row.id, row.number), ())),
        )
        result.append(withheld.view(made, hidden) if hidden else made)
    return result


def _media(connection: Connection, extractions: Iterable[Extraction]) -> dict[str, list[Capture]]:
    """All 200 captures of the pictures and files that the blocks name, by URL key."""
    wanted = {
        key
        for extraction in extractions
        for key in (*_picture_keys(extraction).values(), *_file_keys(extraction).values())
    }
    found: dict[str, list[Capture]] = {}
    for chunk in _chunks(sorted(wanted)):
        for row in connection.execute(_MEDIA, {"keys": chunk}):
            found.setdefault(row.urlkey, []).append(capture_of(row))
    return found


def _chosen(
    keys: Mapping[str, str], media: Mapping[str, Sequence[Capture]], at: dt.datetime
) -> dict[str, Capture]:
    """For each address the capture nearest in time to the version: what was replaced keeps its version."""
    return {
        named: min(media[key], key=lambda capture: (abs(capture.at - at), capture.id))
        for named, key in keys.items()
        if key in media
    }


def _attached(
    extraction: Extraction, chosen: Mapping[str, Capture], texts: Mapping[str, DocumentRow]
) -> tuple[AttachedFile, ...]:
    """The files of an article that are captured, with what was read in them."""
    names = {block.url: block.name for block in reversed(extraction.blocks) if isinstance(block, Attachment)}
    found = []
    for url, name in reversed(names.items()):
        if (capture := chosen.get(url)) is not None:
            row = texts.get(capture.payload_digest)
            kind, text, problem = (row.kind, row.text, row.problem) if row is not None else ("", "", "")
            found.append(AttachedFile(url, name, capture, kind, text, problem))
    return tuple(found)


def _picture_keys(extraction: Extraction) -> dict[str, str]:
    """The addresses of pictures as the blocks name them, with their URL keys."""
    return _keys(picture.url for picture in extraction.pictures())


def _file_keys(extraction: Extraction) -> dict[str, str]:
    """The addresses of attached files as the blocks name them, with their URL keys."""
    return _keys(block.url for block in extraction.blocks if isinstance(block, Attachment))


def _keys(urls: Iterable[str]) -> dict[str, str]:
    result = {}
    for url in urls:
        with suppress(UrlError):
            result[url] = surt(canonical(url))
    return result


def _chunks(items: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]
