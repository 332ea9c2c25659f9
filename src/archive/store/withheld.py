"""What readers must not see: asked by every path that shows, lists, counts or hands out anything.

The answer is read from the takedowns at each question, within the caller's transaction: a takedown acts with
its commit, whatever an index or a cache still holds. Takedowns are few; a question costs one small query.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache

from sqlalchemy import ColumnElement, Connection, bindparam, case, select, true

from archive.errors import UrlError
from archive.model import ArticleView, Capture, ChangeKind
from archive.store import masked, parts, takedowns
from archive.store.schema import aliases, articles, captures, changes, versions
from archive.store.takedowns import Bytes, Scope, Takedown
from archive.text.clean import decode
from archive.text.masking import Mask
from archive.urls import canonical, surt

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Withheld:
    """All that is withheld now."""

    articles: Mapping[str, Takedown] = field(default_factory=dict)
    """By id: named by a takedown, or with no version left to show."""
    versions: Mapping[tuple[str, int], Takedown] = field(default_factory=dict)
    """By article and number."""
    newest: Mapping[str, int] = field(default_factory=dict)
    """Of articles of which some versions are withheld: the newest by date that is not."""
    pictures: Mapping[str, Takedown] = field(default_factory=dict)
    """By payload digest: pictures, and attached files."""
    addresses: Mapping[str, Takedown] = field(default_factory=dict)
    """By SURT key."""
    names: tuple[Takedown, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.articles or self.versions or self.pictures or self.addresses or self.names)

    def mask(self) -> Mask:
        """Hides the withheld names."""
        return _mask(tuple(item.target for item in self.names))

    def visible(self) -> ColumnElement[bool]:
        """Condition on `articles`: the article may be shown."""
        return articles.c.id.not_in(list(self.articles)) if self.articles else true()

    def shown_number(self) -> ColumnElement[int]:
        """For a row of `articles`, the number of the newest version that may be shown."""
        plain = articles.c.current
        return case(dict(self.newest), value=articles.c.id, else_=plain) if self.newest else plain


@lru_cache(maxsize=8)
def _mask(names: tuple[str, ...]) -> Mask:
    return Mask(names)


def load(connection: Connection) -> Withheld:
    """What is withheld as the transaction sees it."""
    found = takedowns.listed(connection, active=True)
    if not found:
        return Withheld()
    by: dict[Scope, dict[str, Takedown]] = {scope: {} for scope in Scope}
    pictures: dict[str, Takedown] = {}
    for item in reversed(found):
        by[item.scope].setdefault(item.target, item)
        pictures |= dict.fromkeys(item.pictures, item)
    hidden = {_version_key(target): item for target, item in by[Scope.VERSION].items()}
    hidden |= _versions_at(connection, by[Scope.ADDRESS])
    newest, without = _newest(connection, hidden)
    return Withheld(
        articles=without | by[Scope.ARTICLE],
        versions=hidden,
        newest=newest,
        pictures=pictures | by[Scope.PICTURE],
        addresses=by[Scope.ADDRESS],
        names=tuple(by[Scope.NAME].values()),
    )


def _version_key(target: str) -> tuple[str, int]:
    article, _, number = target.partition("/")
    return article, int(number)


def _versions_at(
    connection: Connection, addresses: Mapping[str, Takedown]
) -> dict[tuple[str, int], Takedown]:
    """The versions that were read at withheld addresses."""
    if not addresses:
        return {}
    statement = (
        select(versions.c.article, versions.c.number, captures.c.urlkey)
        .join(captures, captures.c.id == versions.c.capture)
        .where(captures.c.urlkey.in_(list(addresses)))
    )
    return {(row.article, row.number): addresses[row.urlkey] for row in connection.execute(statement)}


def _newest(
    connection: Connection, hidden: Mapping[tuple[str, int], Takedown]
) -> tuple[dict[str, int], dict[str, Takedown]]:
    """The newest version left of each article that has withheld ones; and articles that have none left."""
    touched = {article: item for (article, _), item in hidden.items()}
    left: dict[str, int] = {}
    known: set[str] = set()
    # The oldest first, so that the last one that is left is the newest.
    for article, number in _versions_of(connection, list(touched)):
        known.add(article)
        if (article, number) not in hidden:
            left[article] = number
    return left, {key: touched[key] for key in known if key not in left}


def _versions_of(connection: Connection, ids: Sequence[str]) -> Iterator[tuple[str, int]]:
    for start in range(0, len(ids), _CHUNK):
        chosen = versions.c.article.in_(ids[start : start + _CHUNK])
        statement = select(versions.c.article, versions.c.number).where(chosen)
        for row in connection.execute(statement.order_by(versions.c.at, versions.c.number)):
            yield row.article, row.number


# ------------------------------------------------------------------------------------------- questions


def article(connection: Connection, article_id: str) -> Takedown | None:
    """Why a whole article is withheld; None when it may be shown or is not known."""
    return load(connection).articles.get(article_id)


def version(connection: Connection, article_id: str, number: int) -> Takedown | None:
    """Why one version, or the whole article, is withheld."""
    found = load(connection)
    return found.articles.get(article_id) or found.versions.get((article_id, number))


def address(connection: Connection, url: str) -> Takedown | None:
    """Why nothing captured at an address may be shown: it is withheld, or the article that stands there."""
    found = load(connection)
    if not found:
        return None
    with suppress(UrlError):
        url = canonical(url)
        if item := found.addresses.get(surt(url)):
            return item
    if found.pictures:
        seen = select(captures.c.payload_digest).where(
            captures.c.url == url, captures.c.payload_digest.in_(list(found.pictures))
        )
        digest = connection.execute(seen.limit(1)).scalar()
        if digest is not None:
            return found.pictures[digest]
    if not found.articles:
        return None
    statement = (
        select(aliases.c.article).where(aliases.c.url == url).order_by(aliases.c.number.desc()).limit(1)
    )
    here = connection.execute(statement).scalar()
    return found.articles.get(here) if here is not None else None


def captured(connection: Connection, items: Sequence[Capture]) -> dict[str, Takedown]:
    """Which of these captures must not be handed out, by id, and why.

    A capture is withheld with its address, its payload, the article that it shows (at whichever address),
    or the version that was read from it, in which case so are captures of the same bytes.
    """
    found = load(connection)
    result: dict[str, Takedown] = {}
    if not found:
        return result
    showing = _showing(connection, items) if found.articles else {}
    keys = _address_keys(connection, found.articles)
    versions_read = _versions_read(connection, found)
    for item in items:
        shown = showing.get(item.id)
        reason = (
            found.addresses.get(item.urlkey)
            or found.pictures.get(item.payload_digest)
            or (found.articles.get(shown) if shown else keys.get(item.urlkey))
            or versions_read.get(item.id)
            or versions_read.get(item.payload_digest)
        )
        if reason is not None:
            result[item.id] = reason
    return result


def _showing(connection: Connection, items: Sequence[Capture]) -> dict[str, str | None]:
    """The article that each capture showed."""
    ids = [item.id for item in items]
    result: dict[str, str | None] = {}
    for start in range(0, len(ids), _CHUNK):
        statement = select(captures.c.id, captures.c.article).where(
            captures.c.id.in_(ids[start : start + _CHUNK])
        )
        result |= {row.id: row.article for row in connection.execute(statement)}
    return result


def _address_keys(connection: Connection, withheld: Mapping[str, Takedown]) -> dict[str, Takedown]:
    """SURT keys of all addresses of withheld articles."""
    if not withheld:
        return {}
    statement = select(aliases.c.article, aliases.c.url).where(aliases.c.article.in_(list(withheld)))
    result = {}
    for row in connection.execute(statement):
        with suppress(UrlError):
            result[surt(row.url)] = withheld[row.article]
    return result


def _versions_read(connection: Connection, found: Withheld) -> dict[str, Takedown]:
    """Captures that withheld versions were read from: by id, and by payload digest."""
    if not found.versions:
        return {}
    names = list({article for article, _ in found.versions})
    statement = (
        select(versions.c.article, versions.c.number, captures.c.id, captures.c.payload_digest)
        .join(captures, captures.c.id == versions.c.capture)
        .where(versions.c.article.in_(names))
    )
    result: dict[str, Takedown] = {}
    for row in connection.execute(statement):
        if reason := found.versions.get((row.article, row.number)):
            result |= {row.id: reason, row.payload_digest: reason}
    for (article_id, number), reason in found.versions.items():
        pages = parts.pages_only_of(connection, article_id, number)
        result |= {item.id: reason for item in pages}
    return result


def in_page(connection: Connection, body: bytes, content_type: str = "") -> Takedown | None:
    """Why a captured page must not be handed out as it is: a withheld name stands in it.

    For text of any kind (HTML, feeds, JSON). A name cannot be cut out of bytes that prove something.
    """
    names = load(connection).names
    if not names:
        return None
    text = decode(body, content_type).text
    return next((item for item in names if _mask((item.target,)).found_in_page(text)), None)


def view(item: ArticleView, found: Withheld) -> ArticleView:
    """An article without what is withheld of it: names masked, pictures gone, versions counted as shown."""
    newest = found.newest.get(item.article.id, 0)
    item = replace(item, versions=newest or item.versions, current=newest or item.current)
    captured = [*item.pictures.items(), *((file.url, file.capture) for file in item.attachments)]
    if gone := {url for url, at in captured if at.payload_digest in found.pictures}:
        item = masked.without_pictures(item, gone)
    mask = found.mask()
    return masked.view(item, mask) if mask else item


_UNINDEXED = (
    select(changes.c.article)
    .where(changes.c.seq > bindparam("cursor"), changes.c.kind == ChangeKind.WITHHOLD.value)
    .distinct()
)


def unindexed(connection: Connection, cursor: int) -> set[str]:
    """Articles whose documents an index that stands at a cursor must not show any more."""
    return set(connection.execute(_UNINDEXED, {"cursor": cursor}).scalars())


def destroyed(connection: Connection, article_id: str) -> bool:
    """Whether an article's bytes were destroyed by order: what is captured there again is that article."""
    statement = select(takedowns.table.c.id).where(
        takedowns.table.c.scope == Scope.ARTICLE.value,
        takedowns.table.c.target == article_id,
        takedowns.table.c.bytes == Bytes.DESTROYED.value,
    )
    return connection.execute(statement.limit(1)).first() is not None


def destroyed_at(connection: Connection, url: str) -> bool:
    """Whether what stands at an address was destroyed by order, so that it must not be captured again."""
    gone = [
        item
        for item in takedowns.listed(connection, active=True)
        if item.bytes is Bytes.DESTROYED and item.scope is not Scope.VERSION
    ]
    if not gone:
        return False
    with suppress(UrlError):
        key = surt(canonical(url))
        if any(item.scope is Scope.ADDRESS and item.target == key for item in gone):
            return True
    whole = [item.target for item in gone if item.scope is Scope.ARTICLE]
    digests = [item.target for item in gone if item.scope is Scope.PICTURE]
    digests += [digest for item in gone for digest in item.pictures]
    here = select(aliases.c.article).where(aliases.c.url == url, aliases.c.article.in_(whole)).limit(1)
    captured = select(captures.c.id).where(captures.c.url == url, captures.c.payload_digest.in_(digests))
    return any(connection.execute(one).first() is not None for one in (here, captured.limit(1)))
