"""What is fuzzed: each target takes bytes, and raises when something happens that must not."""

from __future__ import annotations

import datetime as dt
import functools
import gzip
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from flask.testing import FlaskClient
from hypothesis import strategies as st

from archive import wire
from archive.config import Settings
from archive.documents.process import DocumentReader
from archive.documents.read import MAX_CHARS
from archive.errors import ArchiveError, UrlError
from archive.events import when
from archive.extract import engine
from archive.memento import times
from archive.model import Page
from archive.preserve import verify
from archive.preserve.importing import Target as ImportTarget
from archive.preserve.importing import import_source, open_source
from archive.search import grammar
from archive.search.days import parse_day, parse_range
from archive.store import Store, admins
from archive.text import dates
from archive.urls import canonical, host_port, surt
from archive.warc.record import parse_date
from archive.warc.scan import Tail, scan
from archive.web import create_app, query
from archive.web.admin import keys
from crawler.discover import discover
from crawler.politeness import Robots, retry_after
from tests.fuzz import corpora
from tests.fuzz.mutate import mutated, mutated_within, texts

SECONDS = 12.0
"""Of processor time that one case may take: far above what any takes, far below what hangs."""


@dataclass(frozen=True)
class Target:
    """One thing that reads what strangers send."""

    run: Callable[[bytes], None]
    cases: st.SearchStrategy[bytes]
    examples: int
    """In the default run: some seconds."""


def bounded(run: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """The same, and a case that takes long is a failure."""

    @functools.wraps(run)
    def timed(data: bytes) -> None:
        began = time.process_time()
        run(data)
        took = time.process_time() - began
        assert took < SECONDS, f"{took:.1f} s for {len(data)} bytes"

    return timed


def extraction(data: bytes) -> None:
    """A page of a portal: anything but an exception; what is read survives its stored form."""
    page = Page("https://example.org/tin/1.html", data, "text/html")
    found = engine._extract(page, None, None)
    assert wire.loads(wire.dumps(found)) == found
    discover(page)
    discover(Page(page.url, data, "application/xml"))


def question(data: bytes) -> None:
    """A search box and an address: a tree; and an address made of what was read is read the same."""
    text = data.decode("utf-8", "replace")
    reading = grammar.parse(text)
    assert len(reading.hints) <= 2 * grammar.MAX_WORDS
    # As many parameters as an address can hold: the site's own reader of addresses counts none.
    asked = query.parse(parse_qs(text.replace("\n", "&"), keep_blank_values=True)).request
    again = query.parse(parse_qs(urlencode(query.arguments(asked)))).request
    assert again == asked, (again, asked)
    query.parse({"q": [text], "from": [text], "to": [text], "year": [text], "page": [text], "sort": [text]})


def address(data: bytes) -> None:
    """An address from a page: refused, or one form that stays what it is and names one server."""
    base, _, relative = data.decode("utf-8", "surrogatepass" if _is_text(data) else "replace").partition("\n")
    for text, below in ((base, ""), (relative, base), (relative, "https://a.vn/x/y?z")):
        try:
            found = canonical(text, below)
        except UrlError:
            continue
        assert canonical(found) == found, found
        parts = urlsplit(found)
        assert parts.scheme in ("http", "https")
        assert parts.hostname
        assert parts.username is None
        assert "#" not in found
        assert found.isascii()
        assert not any(ord(letter) <= 32 for letter in found), found
        assert surt(found)
        assert host_port(found)


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def days(data: bytes) -> None:
    """Dates wherever they are read: a date, nothing, or the one error that is promised."""
    text = data.decode("utf-8", "replace")
    for month_first in (False, True):
        dates.page_date(text, month_first=month_first)
    dates.iso_date(text)
    dates.iso_date(text, local=False)
    dates.is_relative(text)
    parse_day(text)
    parse_range(text)
    for moment in (times.aim(text), times.read_http_date(text)):
        if moment is not None:
            assert times.stamp(moment)
            assert times.http_date(moment)
    seconds = retry_after(text, dt.datetime(2026, 11, 29, tzinfo=dt.UTC))
    assert seconds is None or seconds >= 0
    query.read_day(text, last=True)
    for reference in (dt.date(2026, 11, 29), dt.date.min, dt.date.max, None):
        for found in when.dates(text, reference):
            assert 0 <= found.start <= found.end <= len(text)
    with suppress(ValueError):
        assert parse_date(text).tzinfo is dt.UTC
    Robots(200, data).decide("https://a.vn/x?y=z")


def warc(data: bytes) -> None:
    """A foreign WARC file: walked to its end, and imported with whatever is wrong in it listed."""
    with tempfile.TemporaryDirectory() as folder:
        for name, body in (
            ("a.warc.gz", data),
            ("b.warc", _unpacked(data)),
            ("c.warc.gz", gzip.compress(data, 1)),
        ):
            path = Path(folder, name)
            path.write_bytes(body)
            found = list(scan(path))
            assert sum(isinstance(item, Tail) for item in found) <= 1
        _import(Path(folder), Path(folder, "b.warc" if data[:2] == b"\x1f\x8b" else "c.warc.gz"))


def _unpacked(data: bytes) -> bytes:
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        return data


def wacz(data: bytes) -> None:
    """A foreign package: refused, or imported with whatever is wrong in it listed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.wacz")
        path.write_bytes(data)
        outside = {item.name for item in Path(folder).parent.iterdir()}
        _import(Path(folder), path)
        assert not {
            name for name in {i.name for i in Path(folder).parent.iterdir()} - outside if "canary" in name
        }


def _import(folder: Path, path: Path) -> None:
    settings = Settings(var=folder / "var", index=folder / "index", contact="x@example.org")
    with closing(_store(settings)) as store:
        with suppress(ArchiveError):
            import_source(settings, store, open_source(path), target=ImportTarget(new_name="Huyện"))
        assert verify(store, settings.warc_dir).findings == []


@functools.cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(var=Path(folder), index=Path(folder, "index"))
        Store.open(settings.database_url).close()
        return Path(folder, "archive.db").read_bytes()


def _store(settings: Settings) -> Store:
    """An empty database: its migrations would take most of the time."""
    settings.var.mkdir(parents=True)
    if not settings.database:
        (settings.var / "archive.db").write_bytes(_empty())
    return Store.open(settings.database_url)


_PASSWORD = "bốn từ không liên quan"  # noqa: S105 - of a test


@functools.cache
def _admin() -> tuple[FlaskClient, list[str], str]:
    """Somebody who is logged in, the addresses that change something, and the token of the session's forms."""
    folder = Path(tempfile.mkdtemp(prefix="archive-fuzz-"))
    settings = Settings(var=folder / "var", index=folder / "index", contact="x@example.org")
    store = _store(settings)
    keys.ensure_key(settings.var)
    with store.begin() as connection:
        admins.put(connection, "lan", keys.hashed(_PASSWORD))
    store.close()
    app = create_app(replace(settings, sample=False))
    client = app.test_client()
    client.post(
        "/admin/login",
        data={"name": "lan", "password": _PASSWORD, "csrf_token": _token(client, "/admin/login")},
    )
    rules = [
        r
        for r in app.url_map.iter_rules()
        if "POST" in (r.methods or ()) and r.rule.startswith(("/admin", "/go-bo"))
    ]
    quiet = ("admin.log_out", "admin.log_in", "admin.change_password")
    return client, sorted(r.rule for r in rules if r.endpoint not in quiet), _token(client, "/admin/system")


def _token(client: FlaskClient, path: str) -> str:
    return client.get(path).text.partition('name="csrf_token" value="')[2].partition('"')[0]


_FIELDS = [
    "site",
    "target",
    "scope",
    "reason",
    "by",
    "reference",
    "status",
    "blocked_by",
    "url",
    "kind",
    "note",
    "why",
    "answer",
    "state",
    "name",
    "password",
    "old",
    "new",
    "again",
    "to",
    "text",
    "seconds",
    "hours",
    "profile",
    "html",
    "contact",
    "website",
    "confirm",
    "minutes",
    "since",
    "limit",
    "what",
    "q",
    "page",
    "address",
    "body",
    "mode",
    "days",
]


def admin_forms(data: bytes) -> None:
    """Every form of the admin's with any values: an answer that says what is wrong, and never an error."""
    client, paths, token = _admin()
    parts = data.split(b"\n")
    path = paths[len(data) % len(paths)]
    filled = "".join(
        part if number % 2 == 0 else ("1" if ":" in part else "dam-ha")
        for number, part in enumerate(_split(path))
    )
    form = {name: parts[n % len(parts)] for n, name in enumerate(_FIELDS)}
    answer = client.post(filled, data={**form, "csrf_token": token})
    assert answer.status_code < 500, (filled, answer.status_code)
    shown = client.get("/admin/try", query_string={"url": parts[0], "profile": parts[-1], "q": parts[0]})
    assert shown.status_code < 500, shown.status_code
    for page in ("/admin/takedowns", "/admin/removals", "/admin/jobs", "/admin/log", "/admin/"):
        assert (
            client.get(page, query_string={"q": parts[0], "page": parts[-1], "said": parts[0]}).status_code
            < 500
        ), page


@functools.cache
def _reader() -> DocumentReader:
    return DocumentReader()


def document(data: bytes) -> None:
    """An attached file: text that can be kept, or what is wrong with it; its reader lives on."""
    found = _reader().read(data)
    assert found.kind in ("pdf", "doc", "docx", "xls", "xlsx", "rtf", "")
    assert len(found.text) <= MAX_CHARS
    assert "\0" not in found.text
    assert (found.text + found.problem).encode("utf-8")
    assert "crash" not in found.problem, found.problem
    assert "longer" not in found.problem, found.problem


def _split(rule: str) -> Iterator[str]:
    text = rule
    while "<" in text:
        before, _, rest = text.partition("<")
        variable, _, text = rest.partition(">")
        yield before
        yield variable
    yield text


TARGETS: dict[str, Target] = {
    "extraction": Target(bounded(extraction), mutated(corpora.pages()) | texts(corpora.MARKUP), 60),
    "query": Target(bounded(question), texts(corpora.QUESTIONS), 250),
    "url": Target(bounded(address), texts(corpora.ADDRESSES), 300),
    "dates": Target(bounded(days), texts(corpora.DAYS), 150),
    "warc": Target(bounded(warc), mutated(corpora.warcs()), 12),
    "wacz": Target(bounded(wacz), mutated(corpora.waczs()), 12),
    "document": Target(document, mutated(corpora.documents()) | mutated_within(corpora.packages()), 40),
    "admin": Target(bounded(admin_forms), texts(corpora.FORMS), 20),
}
