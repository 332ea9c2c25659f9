"""28. A withheld article: asked for on every route that the site has, found on none."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from urllib.parse import quote, unquote

import pyarrow.parquet
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from archive.preserve import takedown
from archive.preserve.takedown import Order
from archive.store.takedowns import Scope
from tests.admin.scene import ADDRESS, NAME, TELLING, Hiding, client_of
from tests.faults import routes

_TELLING = (*TELLING, NAME, "LƯỜNG THỊ XUÂN QUÝNH", "luong-thi-xuan-quynh")
_OWN = ("article_id", "digest", "address", "event_id", "person_id")
"""Variables whose values in `routes` belong to the secret articles alone."""
_QUERY = (
    "q={word}&w={word}&noi={word}&name={word}&person={word}&place={word}&url={url}&verb=ListRecords"
    "&metadataPrefix=oai_dc"
)


@dataclass(frozen=True)
class Asked:
    endpoint: str
    path: str
    status: int
    tells: bool
    etag: str


def _questions(library: Hiding) -> tuple[str, ...]:
    permalink = quote(f"{library.settings.public_base}/a/{library.secret}")
    return (
        "",
        _QUERY.format(word=quote("kết luận"), url=permalink),
        _QUERY.format(word=quote("bằng khen"), url=quote(ADDRESS)),
    )


def _look(library: Hiding, client: FlaskClient) -> list[Asked]:
    known = routes.values(library)
    found = []
    for rule, path in routes.addresses(client.application, known):
        for question in _questions(library):
            if "address>" in rule.rule and question:
                continue  # there the query belongs to the archived address
            target = f"{path}?{question}" if question else path
            answer = client.get(target)
            text = _readable(answer)
            tells = any(word in text or quote(word) in text for word in _TELLING if word not in unquote(path))
            found.append(
                Asked(rule.endpoint, target, answer.status_code, tells, answer.headers.get("ETag", ""))
            )
    return found


def _readable(answer: TestResponse) -> str:
    """Body and header fields that name things, of what is packed the contents."""
    body = answer.get_data()
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = b"\n".join(packed.read(name) for name in packed.namelist())
    elif body.startswith(b"PAR1"):
        body = repr(pyarrow.parquet.read_table(io.BytesIO(body)).to_pylist()).encode()
    text = body.decode("utf-8", "replace")
    if "json" in (answer.content_type or "") and "\\u" in text:
        text = text.encode().decode("unicode_escape", "replace")
    return "\n".join((text, answer.headers.get("Location", ""), answer.headers.get("Link", "")))


def test_no_route_tells_of_what_was_taken_down(hiding: Hiding, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_of(hiding)
    before = _look(hiding, client)
    telling = {item.endpoint for item in before if item.tells}
    assert telling >= {
        "article.show", "article.version", "article.cite", "memento.web", "search.results",
        "search.complete", "sitemap.first", "exports.results", "feeds.search", "api.search", "api.article",
        "oembed.show", "happenings.listing", "happenings.event", "people.people", "people.person", "site.show",
    }, "the scene no longer shows what it is to hide"  # fmt: skip
    known = routes.values(hiding)
    own = [value for name in _OWN for value in known[name]]
    for article, status in ((hiding.secret, 410), (hiding.named, 451)):
        order = Order(Scope.ARTICLE, article, "Theo yêu cầu.", "quản trị", "HS-1", status=status)
        takedown.withhold(hiding.store, hiding.settings, order)
    # The same addresses as before: what the archive names no more must not answer either.
    monkeypatch.setattr(routes, "values", lambda _: known)
    after = _look(hiding, client)
    assert [item.path for item in after] == [item.path for item in before]
    assert [item.path for item in after if item.tells] == []
    for old, new in zip(before, after, strict=True):
        if old.status < 400 and any(value in unquote(old.path.partition("?")[0]) for value in own):
            # An event or a person is what articles tell; without any it is unknown, not withheld.
            derived = "event" in new.path or "/su-kien/" in new.path or "/nguoi/" in new.path
            expected = (404,) if derived or "/people/" in new.path else (410, 451)
            assert new.status in expected, new.path
        if old.tells and old.etag:
            again = client.get(old.path, headers={"If-None-Match": old.etag})
            assert again.status_code != 304, old.path
        if new.status in (410, 451):
            assert client.head(new.path).status_code == new.status, new.path
            ranged = client.get(new.path, headers={"Range": "bytes=0-9"})
            assert ranged.status_code == new.status, new.path
