"""What is to be exported: all of it, a site, what a search finds, or one article."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from archive.errors import UrlError
from archive.model import ArticleView, Attachment
from archive.store import Connection, Store, exports, withheld
from archive.store.exports import Selected
from archive.urls import canonical, surt

_PAGE = 200


@dataclass(frozen=True, slots=True)
class Selection:
    """What an export is of. With none of the fields: the whole archive."""

    site: str | None = None
    query: str = ""
    """As a person typed it; with it `articles` are what was found."""
    articles: tuple[str, ...] | None = None

    def to_dict(self) -> dict[str, object]:
        """For the manifest."""
        found: dict[str, object] = {"of": "all"}
        if self.articles is not None:
            found = {"of": "query", "query": self.query} if self.query else {"of": "articles"}
            found["articles"] = len(self.articles)
        if self.site is not None:
            found |= {"of": "site", "site": self.site} if self.articles is None else {"site": self.site}
        return found


def captures(connection: Connection, store: Store, selection: Selection) -> Iterator[Selected]:
    """The captures of an export, by file and place, without what is withheld."""
    if selection.articles is not None:
        ids: dict[str, None] = {}
        for article in selection.articles:
            ids |= dict.fromkeys(article_captures(connection, store, article))
        yield from exports.captures_of(connection, ids=list(ids))
        return
    if selection.site is None:
        yield from exports.captures_of(connection)
        return
    elsewhere = exports.holders_elsewhere(connection, selection.site)
    yield from _merged(exports.captures_of(connection, site=selection.site), elsewhere)


def _merged(items: Iterator[Selected], more: Sequence[Selected]) -> Iterator[Selected]:
    import heapq

    def place(item: Selected) -> tuple[str, int]:
        return item.capture.ref.file, item.capture.ref.offset

    yield from heapq.merge(items, more, key=place)


def article_captures(connection: Connection, store: Store, article: str) -> list[str]:
    """Ids of the captures that an article rests on: its pages, pictures and attachments, at all times."""
    media: dict[str, None] = {}
    for version in store.versions(article):
        view = store.article_version(article, version.number)
        if view is not None:
            media |= dict.fromkeys(media_keys(view))
    return exports.article_captures(connection, article, list(media))


def media_keys(view: ArticleView) -> list[str]:
    """URL keys of the pictures and attachments of a version."""
    named = [picture.url for picture in view.extraction.pictures()]
    named += [block.url for block in view.extraction.blocks if isinstance(block, Attachment)]
    keys = []
    for url in named:
        try:
            keys.append(surt(canonical(url, view.capture.url)))
        except UrlError:
            continue  # a data: address, or nonsense
    return keys


def views(store: Store, selection: Selection, *, all_versions: bool) -> Iterator[ArticleView]:
    """The articles of an export in order of id (those of a search in its order), a page at a time.

    :param all_versions: every version in order of time, not only the newest.
    """
    for ids in _pages(store, selection):
        for view in store.articles(ids):
            if selection.site is not None and view.article.site != selection.site:
                continue
            if not all_versions:
                yield view
                continue
            for version in store.versions(view.article.id):
                one = store.article_version(view.article.id, version.number)
                if one is not None:
                    yield one


def _pages(store: Store, selection: Selection) -> Iterator[Sequence[str]]:
    if selection.articles is not None:
        for start in range(0, len(selection.articles), _PAGE):
            yield selection.articles[start : start + _PAGE]
        return
    last = ""
    while ids := store.article_ids(last, _PAGE):
        yield ids
        last = ids[-1]


@dataclass(slots=True)
class Names:
    """Whether a page must be left out because a withheld name stands in it; asked page by page."""

    connection: Connection
    is_needed: bool = field(init=False)

    def __post_init__(self) -> None:
        self.is_needed = bool(withheld.load(self.connection).names)

    def hides(self, body: bytes, content_type: str) -> bool:
        """Whether a body holds a withheld name."""
        return self.is_needed and withheld.in_page(self.connection, body, content_type) is not None
