"""What a takedown touches: articles whose pages and documents change, pictures that nothing else shows.

Names and addresses of pictures stand inside stored extractions, so the answers come from reading all of them
once (some 10 s for 100,000 articles). A takedown is rare; a list kept for it would have to be kept always.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress

from sqlalchemy import Connection, select

from archive import wire
from archive.errors import UrlError
from archive.model import Attachment, Extraction
from archive.store import attachments
from archive.store.schema import articles, captures, changes, extractions, versions
from archive.store.takedowns import Scope, Takedown
from archive.text.masking import Mask, slug_of
from archive.text.vietnamese import fold
from archive.urls import canonical, surt

_CHUNK = 500


def articles_of(connection: Connection, item: Takedown, since: int | None = None) -> set[str]:
    """Articles of which something is shown otherwise when a takedown begins or ends.

    :param since: only those that changed after this place in the change log.
    """
    if item.scope is Scope.ARTICLE:
        return _known(connection, [item.target])
    if item.scope is Scope.VERSION:
        return _known(connection, [item.target.partition("/")[0]])
    if item.scope is Scope.ADDRESS:
        read_there = (
            select(versions.c.article)
            .join(captures, captures.c.id == versions.c.capture)
            .where(captures.c.urlkey == item.target)
        )
        return set(connection.execute(read_there).scalars())
    if item.scope is Scope.NAME:
        return _naming(connection, item.target, since)
    return _showing(connection, item.target, since)


def only_here(connection: Connection, article: str, numbers: Sequence[int] | None = None) -> tuple[str, ...]:
    """Payload digests of pictures and files that an article shows and no other does.

    :param numbers: only what these versions show, and no other version of the article either.
    """
    mine: set[str] = set()
    others: set[str] = set()
    own = select(versions.c.number, extractions.c.data).join(
        extractions,
        (extractions.c.capture == versions.c.capture) & (extractions.c.extractor == versions.c.shown),
    )
    for row in connection.execute(own.where(versions.c.article == article)):
        keys = set(picture_keys(wire.loads(row.data)))
        (mine if numbers is None or row.number in numbers else others).update(keys)
    names = {key.rpartition("/")[2] for key in mine}
    if mine:
        for other, data in _shown(connection, None):
            if other != article and any(name in data for name in names):
                others.update(mine.intersection(picture_keys(wire.loads(data))))
    return tuple(sorted(_digests(connection, mine - others) - _digests(connection, others)))


def picture_keys(extraction: Extraction) -> Iterator[str]:
    """SURT keys of the pictures and attached files of an extraction."""
    urls = [picture.url for picture in extraction.pictures()]
    urls += [block.url for block in extraction.blocks if isinstance(block, Attachment)]
    for url in urls:
        with suppress(UrlError):
            yield surt(canonical(url))


def _known(connection: Connection, ids: Sequence[str]) -> set[str]:
    return set(connection.execute(select(articles.c.id).where(articles.c.id.in_(ids))).scalars())


def _digests(connection: Connection, keys: Iterable[str]) -> set[str]:
    wanted, found = sorted(keys), set[str]()
    for start in range(0, len(wanted), _CHUNK):
        chosen = captures.c.urlkey.in_(wanted[start : start + _CHUNK])
        statement = select(captures.c.payload_digest).where(chosen, captures.c.status == 200).distinct()
        found.update(connection.execute(statement).scalars())
    return found


def _showing(connection: Connection, digest: str, since: int | None) -> set[str]:
    """Articles that show a picture."""
    where = select(captures.c.urlkey).where(captures.c.payload_digest == digest).distinct()
    keys = set(connection.execute(where).scalars())
    names = {key.rpartition("/")[2] for key in keys}

    def shows(data: str) -> bool:
        return any(name in data for name in names) and bool(keys.intersection(picture_keys(wire.loads(data))))

    return _where(connection, shows, since) if keys else set()


def _naming(connection: Connection, name: str, since: int | None) -> set[str]:
    """Articles in which a name stands."""
    mask = Mask([name])
    words = fold(name).split()

    def names(data: str) -> bool:
        plain = fold(data)
        if not all(word in plain for word in words):
            return False
        return mask.found(data) or mask.address(f"x://x/{slug_of(data)}") != f"x://x/{slug_of(data)}"

    in_files = select(attachments.documents.c.digest, attachments.documents.c.text)
    found = _where(connection, names, since)
    for row in connection.execute(in_files):
        if names(row.text):
            found.update(attachments.articles_with(connection, row.digest))
    return found


def _where(connection: Connection, test: Callable[[str], bool], since: int | None) -> set[str]:
    return {article for article, data in _shown(connection, since) if test(data)}


def _shown(connection: Connection, since: int | None) -> Iterator[tuple[str, str]]:
    """Article and stored extraction of every version, or of those of articles that changed lately."""
    statement = select(versions.c.article, extractions.c.data).join(
        extractions,
        (extractions.c.capture == versions.c.capture) & (extractions.c.extractor == versions.c.shown),
    )
    if since is not None:
        statement = statement.where(
            versions.c.article.in_(select(changes.c.article).where(changes.c.seq > since))
        )
    for row in connection.execute(statement.execution_options(yield_per=500)):
        yield row.article, row.data
