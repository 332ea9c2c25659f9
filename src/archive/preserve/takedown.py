"""Taking down, and lifting: the journal first, then the database, then the index, within one act."""

from __future__ import annotations

import datetime as dt
import re
import secrets
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from archive.config import Settings
from archive.errors import ConfigError, IndexBusyError, SearchError, StoreError, UrlError
from archive.search import indexer, open_backend
from archive.search.backend import SearchRequest
from archive.store import Store, affected, journal
from archive.store.journal import Journal
from archive.store.takedowns import Bytes, Scope, Takedown
from archive.text.vietnamese import raw_words
from archive.urls import canonical, surt
from archive.warc.lock import held

_ID = re.compile(r"[a-z0-9]{4,16}")
_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
_VERSION = re.compile(r"([a-z0-9]{4,16})/(?:v/)?(\d{1,9})")
_INDEX_SECONDS = 20.0
"""How long the act waits for another process that writes the index."""


@dataclass(frozen=True, slots=True)
class Order:
    """What an admin asks for."""

    scope: Scope
    target: str
    """As typed: an id, a permalink, an address, a digest, a name."""
    reason: str
    by: str
    reference: str = ""
    status: int = 410
    blocked_by: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act did."""

    takedown: Takedown
    articles: tuple[str, ...]
    """Ids of articles that are shown otherwise from now on."""
    copies: tuple[str, ...] = ()
    """Ids of other articles with the same text, which are not withheld."""
    waiting: str = ""
    """Why the index could not follow at once; "" when it did. What is withheld is hidden all the same."""


def withhold(store: Store, settings: Settings, order: Order, *, index: bool = True) -> Outcome:
    """Take something down: gone from every reading path when this returns.

    :param index: write the index as well; False leaves that to the caller, for a process that must not
        wait: `archive.search.guard` hides meanwhile what the index still has.
    :raises ConfigError: the target is not understood, or the order contradicts itself.
    :raises StoreError: there is no such thing, or it is withheld already; the journal cannot be written.
    """
    with one_at_a_time(settings):
        journal.catch_up(store, settings.journal_dir)
        item = _checked(store, order)
        copies = _copies(store, settings, item)
        since = store.last_change()
        with store.read() as connection:
            touched = affected.articles_of(connection, item)
            item = replace(item, pictures=_pictures(store, item))
        Journal(settings.journal_dir).append(journal.line_of(item))
        with store.begin() as connection:
            # What was recorded while the archive was read through.
            touched |= affected.articles_of(connection, item, since)
            journal.apply(connection, journal.line_of(item), touched)
    _forget_small_pictures(
        settings, (*item.pictures, *((item.target,) if item.scope is Scope.PICTURE else ()))
    )
    return Outcome(item, tuple(sorted(touched)), copies, _index(store, settings) if index else "")


def lift(
    store: Store, settings: Settings, takedown_id: str, *, by: str, why: str, index: bool = True
) -> Outcome:
    """End a takedown: everything is shown again, under the ids that it had.

    :param index: as in `withhold`.
    :raises StoreError: there is no such takedown, it is lifted already, or its bytes were destroyed.
    """
    with one_at_a_time(settings):
        journal.catch_up(store, settings.journal_dir)
        item = find(store, takedown_id)
        if not item.active:
            raise StoreError(f"Takedown {item.id} was lifted already.", "See `archive takedown list`.")
        if item.bytes is Bytes.DESTROYED:
            raise StoreError(
                f"The bytes of takedown {item.id} were destroyed; there is nothing to show again.",
                "It stays in force, so that nothing takes its id.",
            )
        since = store.last_change()
        with store.read() as connection:
            touched = affected.articles_of(connection, item)
        line = {"act": journal.LIFT, "id": item.id, "at": _now().isoformat(), "by": by, "why": why}
        Journal(settings.journal_dir).append(line)
        with store.begin() as connection:
            touched |= affected.articles_of(connection, item, since)
            journal.apply(connection, line, touched)
    waiting = _index(store, settings) if index else ""
    return Outcome(find(store, item.id), tuple(sorted(touched)), (), waiting)


@contextmanager
def one_at_a_time(settings: Settings) -> Iterator[None]:
    """Let acts wait for each other: of two on the same thing the second is told what the first did."""
    path = settings.var / "locks" / ".takedown.lock"
    with held(path, "Another process takes something down.", waiting=lambda: None):
        yield


def find(store: Store, takedown_id: str) -> Takedown:
    """A takedown by its id.

    :raises StoreError: there is no such.
    """
    item = store.takedown(takedown_id)
    if item is None:
        raise StoreError(f"There is no takedown {takedown_id!r}.", "See `archive takedown list`.")
    return item


def _checked(store: Store, order: Order) -> Takedown:
    if not order.reason.strip():
        raise ConfigError("A takedown needs a reason.", "Readers are told it in place of what is gone.")
    if order.status not in (410, 451):
        raise ConfigError(
            f"Status {order.status} is none of a takedown.", "Use 410, or 451 for legal reasons."
        )
    if order.blocked_by and order.status != 451:
        raise ConfigError("Only status 451 names who enforces a block.", "Add --status 451.")
    if order.blocked_by and not urlsplit(order.blocked_by).scheme.startswith("http"):
        raise ConfigError(f"{order.blocked_by!r} is no web address.", "Give one that begins with https://.")
    target = resolve(store, order.scope, order.target)
    for known in store.takedowns(active=True):
        if (known.scope, known.target) == (order.scope, target):
            raise StoreError(
                f"It is withheld already, by takedown {known.id}.", f"See `archive takedown show {known.id}`."
            )
    return Takedown(
        id=secrets.token_hex(5),
        scope=order.scope,
        target=target,
        reason=" ".join(order.reason.split()),
        reference=order.reference.strip(),
        status=order.status,
        blocked_by=order.blocked_by,
        bytes=Bytes.SEALED,
        ordered_by=order.by,
        at=_now(),
    )


def resolve(store: Store, scope: Scope, text: str) -> str:
    """The target that an admin means, in the form in which it is kept.

    :param text: an id or a permalink for an article (or the portal's address of it), the same with `/v/<n>`
        for a version, a digest or the address of a picture here, a name in full, an address of a portal.
    :raises ConfigError: it is not understood.
    :raises StoreError: there is no such thing in the archive.
    """
    text = unicodedata.normalize("NFC", text.strip())
    path = urlsplit(text).path if "://" in text else text
    match scope:
        case Scope.NAME:
            if len(raw_words(text)) < 2:
                raise ConfigError(
                    f"{text!r} is no name in full.",
                    "One word would be hidden wherever it stands: give family, middle and given name.",
                )
            return " ".join(text.split())
        case Scope.ADDRESS:
            return _surt(text)
        case Scope.PICTURE:
            found = _DIGEST.search(path)
            if found is None:
                raise ConfigError(
                    f"{text!r} names no picture.", "Copy its address in the archive: /media/<64 hex digits>."
                )
            digest = f"sha256:{found[1]}"
            if store.holder(digest) is None and store.withheld_payload(digest) is None:
                raise StoreError(f"There is no picture {digest} in the archive.", "Check the address.")
            return digest
        case Scope.VERSION:
            version = _VERSION.fullmatch(path.strip("/").removeprefix("a/"))
            if version is None:
                raise ConfigError(f"{text!r} names no version.", "Write <article id>/v/<number>.")
            if not store.has_version(version[1], int(version[2])):
                raise StoreError(f"There is no version {version[2]} of {version[1]}.", "Check the address.")
            return f"{version[1]}/{int(version[2])}"
        case Scope.ARTICLE:
            return _article(store, text, path)


def _article(store: Store, text: str, path: str) -> str:
    first = path.strip("/").removeprefix("a/").split("/")[0]
    if _ID.fullmatch(first) and store.has_article(first):
        return first
    if "://" in text:
        try:
            found = store.article_id_by_url(canonical(text))
        except UrlError:
            found = None
        if found is not None:
            return found
    raise StoreError(
        f"There is no article {text!r} in the archive.", "Give its id, its permalink, or its address."
    )


def _surt(text: str) -> str:
    try:
        return surt(canonical(text))
    except UrlError as error:
        raise ConfigError(f"{text!r} is no address: {error}", "Give it whole, with http://.") from error


def _pictures(store: Store, item: Takedown) -> tuple[str, ...]:
    with store.read() as connection:
        if item.scope is Scope.ARTICLE:
            return affected.only_here(connection, item.target)
        if item.scope is Scope.VERSION:
            article, _, number = item.target.partition("/")
            return affected.only_here(connection, article, [int(number)])
    return ()


def _copies(store: Store, settings: Settings, item: Takedown) -> tuple[str, ...]:
    """Other articles with the same text, as the index knows them; asked before it is gone from there."""
    if item.scope is not Scope.ARTICLE:
        return ()
    backend = open_backend(settings)
    try:
        request = SearchRequest(copies_of=item.target, collapse=False, facets=False, size=100)
        return tuple(hit.id for hit in backend.search(request).hits if hit.id != item.target)
    except SearchError:
        return ()
    finally:
        backend.close()


def _index(store: Store, settings: Settings) -> str:
    """Bring the index up to date; why that could not be done now, or ""."""
    try:
        if indexer.status(settings, store).problem:
            return "There is no usable index."
        patiently(lambda: indexer.update(store, settings))
    except SearchError as error:
        return str(error)
    return ""


def patiently(write: Callable[[], object]) -> None:
    """Write the index, waiting a while for another process that does.

    :raises IndexBusyError: it takes too long.
    """
    deadline = time.monotonic() + _INDEX_SECONDS
    while True:
        try:
            write()
            return
        except IndexBusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _forget_small_pictures(settings: Settings, digests: Iterable[str]) -> None:
    """Take the small forms of pictures away; they are made again when a takedown is lifted."""
    folder = settings.var / "cache" / "pictures"
    for digest in digests:
        for path in folder.glob(f"{digest.removeprefix('sha256:')}-*"):
            path.unlink(missing_ok=True)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
