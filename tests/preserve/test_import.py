from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.config import Settings
from archive.errors import SourceError
from archive.model import ArticleState, ArticleView, Site
from archive.preserve import replay, verify
from archive.preserve.importing import (
    ImportReport,
    Target,
    expand,
    import_all,
    import_source,
    open_source,
)
from archive.store import Store, imports
from tests.postgresql import lose_database
from tests.store.scene import BASE, BODY, NOT_FOUND, OTHER_BODY, OTHER_TITLE, SITE, Scene, article_html

_NEW = Target(new_name="Cổng TTĐT huyện Đầm Hà")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with closing(Store.open(settings.database_url)) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _sound(settings: Settings, request: pytest.FixtureRequest) -> object:
    """After each import everything verifies, and a replay of our own files gives the same articles."""
    yield
    with closing(Store.open(settings.database_url)) as store:
        assert verify(store, settings.warc_dir).findings == []
        before = _articles(store)
        with store.read() as connection:
            listed = [(row.sha256, row.name, row.target) for row in imports.listed(connection)]
            rows = imports.listed(connection)
            is_filled = {(row.sha256, row.target) for row in rows if row.counts.get("taken")}
    if not before:
        return
    lose_database(settings)
    replay(settings)
    with closing(Store.open(settings.database_url)) as store:
        assert _articles(store) == before
        with store.read() as connection:
            again = [(row.sha256, row.name, row.target) for row in imports.listed(connection)]
    assert sorted(again) == sorted(row for row in listed if (row[0], row[2]) in is_filled)


def _articles(store: Store) -> dict[str, object]:
    found: dict[str, object] = {}
    for identity in store.article_ids(limit=10_000):
        view = _view(store, identity)
        versions = [(item.number, item.at, item.capture) for item in store.versions(identity)]
        found[identity] = (view.article, view.current, view.extraction.title, versions)
    return found


def _view(store: Store, identity: str) -> ArticleView:
    view = store.article(identity)
    assert view is not None
    return view


def _import(
    settings: Settings,
    store: Store,
    path: Path,
    target: Target = _NEW,
    sites: tuple[Site, ...] = (),
    base: str = "",
) -> ImportReport:
    return import_source(
        settings, store, open_source(path, base=base), target=target, sites=sites, by="Người lưu"
    )


class Foreign:
    """A WARC file as another program writes it: with warcio, request first, chunked bodies as received."""

    def __init__(self, path: Path, *, packed: bool = True) -> None:
        self.path = path
        self._file = path.open("wb")
        self._writer = WARCWriter(self._file, gzip=packed)
        self._writer.write_record(self._writer.create_warcinfo_record(path.name, {"software": "Wget/1.21"}))

    def page(
        self, path: str, body: str | bytes, *, at: str = "2019-05-01T08:00:00Z", status: str = "200 OK",
        headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),),
    ) -> str:  # fmt: skip
        data = body.encode() if isinstance(body, str) else body
        url = path if "://" in path else BASE + path
        dated = {"WARC-Date": at}
        request = self._writer.create_warc_record(
            url, "request", payload=io.BytesIO(b""), warc_headers_dict=dated,
            http_headers=StatusAndHeaders("GET / HTTP/1.1", [("Host", "x")], is_http_request=True),
        )  # fmt: skip
        head = StatusAndHeaders(status, list(headers), protocol="HTTP/1.1")
        answer = self._writer.create_warc_record(
            url, "response", payload=io.BytesIO(data), http_headers=head, warc_headers_dict=dated
        )
        self._writer.write_request_response_pair(request, answer)
        for record in (request, answer):
            record.raw_stream.close()  # warcio leaves its temporary files open
        return str(answer.rec_headers.get_header("WARC-Record-ID"))

    def revisit(self, path: str, of: str, of_at: str, at: str) -> None:
        record = self._writer.create_revisit_record(
            BASE + path, "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", BASE + of, of_at,
            http_headers=StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": at},
        )  # fmt: skip
        self._writer.write_record(record)

    def close(self) -> Path:
        self._file.close()
        return self.path


def _chunked(text: str) -> bytes:
    data = text.encode()
    middle = len(data) // 2
    pieces = (data[:middle], data[middle:])
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


# ------------------------------------------------------------------------------------------ WARC files


@pytest.mark.parametrize("packed", [True, False])
def test_a_foreign_warc_becomes_articles_at_their_own_dates(
    settings: Settings, store: Store, tmp_path: Path, packed: bool
) -> None:
    made = Foreign(tmp_path / ("a.warc.gz" if packed else "a.warc"), packed=packed)
    html = article_html(pictures=[("/1.jpg", "Đại biểu")])
    coded = (("Content-Type", "text/html; charset=utf-8"), ("Transfer-Encoding", "chunked"))
    made.page("/a.html", _chunked(html), headers=coded)
    made.page("/1.jpg", b"\xff\xd8jpeg" * 20, headers=(("Content-Type", "image/jpeg"),))
    made.page("/a.html", article_html(body=BODY[:2]), at="2020-02-02T08:00:00Z")
    report = _import(settings, store, made.close())
    assert report.complete
    assert (report.counts["taken"], report.counts["articles"], report.counts["versions"]) == (3, 1, 2)
    (view,) = store.newest(5)
    assert [item.at.year for item in store.versions(view.article.id)] == [2019, 2020]
    assert view.capture.source.startswith(f"{made.path.name} sha256:{report.sha256}")
    assert store.article_version(view.article.id, 1).pictures  # type: ignore[union-attr]
    assert [site.name for site in store.sites()] == [_NEW.new_name]


def test_what_was_imported_once_is_known(settings: Settings, store: Store, tmp_path: Path) -> None:
    made = Foreign(tmp_path / "a.warc.gz")
    made.page("/a.html", article_html())
    made.page("/b.html", article_html(OTHER_TITLE, OTHER_BODY))
    path = made.close()
    _import(settings, store, path)
    again = _import(settings, store, path, Target(site=store.site_entries()[0]))
    assert (again.counts["taken"], again.counts["known"], again.counts["skipped"]) == (0, 2, 0)
    _import(settings, store, path)
    with store.read() as connection:
        told = {row.target: row.counts.get("taken", 0) for row in imports.listed(connection)}
    assert told == {_NEW.key: 2, "site:dam-ha-example": 0}
    with closing(gzip.open(path)) as packed:
        plain = tmp_path / "same-in-another-form.warc"
        plain.write_bytes(packed.read())
    other = _import(settings, store, plain, Target(site=store.site_entries()[0]))
    assert (other.counts["taken"], other.counts["known"]) == (0, 2)
    assert store.totals().captures == 2


def test_a_revisit_finds_its_payload_in_another_file(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    first = Foreign(tmp_path / "1.warc.gz")
    first.page("/a.html", article_html(), at="2019-05-01T08:00:00Z")
    second = Foreign(tmp_path / "2.warc.gz")
    second.revisit("/a.html", "/a.html", "2019-05-01T08:00:00Z", "2021-05-01T08:00:00Z")
    second.close()
    early = _import(settings, store, second.path)
    assert early.counts["taken"] == 0
    assert "holds its payload is not here" in early.skipped[0][1]
    site = Target(site=store.site_entries()[0])
    _import(settings, store, first.close(), site)
    late = _import(settings, store, second.path, site)
    assert late.counts["taken"] == 1
    (view,) = store.newest(5)
    assert (view.versions, view.article.last_seen.year) == (1, 2021)


def test_files_given_at_once_may_rest_on_each_other(settings: Settings, store: Store, tmp_path: Path) -> None:
    first = Foreign(tmp_path / "1.warc.gz")
    first.revisit("/a.html", "/a.html", "2019-05-01T08:00:00Z", "2021-05-01T08:00:00Z")
    first.close()
    second = Foreign(tmp_path / "2.warc.gz")
    second.page("/a.html", article_html(), at="2019-05-01T08:00:00Z")
    second.close()
    broken = tmp_path / "broken.txt"
    broken.write_text("?")
    reports, refused = import_all(
        settings, store, [first.path, broken, second.path], target=Target(site=SITE)
    )
    assert [report.counts["taken"] for report in reports] == [1, 1]
    assert [report.skipped for report in reports] == [[], []]
    assert "is no WARC, ARC or WACZ file" in str(refused[0])


def test_a_revisit_may_stand_before_its_payload(settings: Settings, store: Store, tmp_path: Path) -> None:
    made = Foreign(tmp_path / "a.warc.gz")
    made.revisit("/a.html", "/a.html", "2019-05-01T08:00:00Z", "2021-05-01T08:00:00Z")
    made.page("/a.html", article_html(), at="2019-05-01T08:00:00Z")
    report = _import(settings, store, made.close())
    assert (report.counts["taken"], report.counts["known"], report.skipped) == (2, 0, [])
    (view,) = store.newest(5)
    assert (view.versions, view.article.first_seen.year) == (1, 2019)


def test_an_arc_file(settings: Settings, store: Store, tmp_path: Path) -> None:
    page = article_html().encode()
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page
    version = b"1 0 Heritrix\nURL IP-address Archive-date Content-type Archive-length\n"
    head = f"filedesc://a.arc 0.0.0.0 20120304050607 text/plain {len(version)}\n".encode()
    line = f"{BASE}/a.html 127.0.0.1 20120304050607 text/html {len(http)}\n".encode()
    path = tmp_path / "a.arc.gz"
    path.write_bytes(gzip.compress(head + version + b"\n") + gzip.compress(line + http + b"\n"))
    report = _import(settings, store, path)
    assert report.counts["articles"] == 1
    (view,) = store.newest(5)
    assert view.version.at == dt.datetime(2012, 3, 4, 5, 6, 7, tzinfo=dt.UTC)
    assert _import(settings, store, path, Target(site=store.site_entries()[0])).counts["known"] == 1


# ------------------------------------------------------------------------------------ whose pages they are


def test_pages_go_to_the_sites_that_are_known(settings: Settings, store: Store, tmp_path: Path) -> None:
    made = Foreign(tmp_path / "a.warc.gz")
    made.page("/a.html", article_html())
    made.page("http://elsewhere.example/x", article_html(OTHER_TITLE, OTHER_BODY))
    path = made.close()
    with pytest.raises(SourceError, match=r"dam-ha\.example \(1\).*--new-site"):
        _import(settings, store, path, Target())
    report = _import(settings, store, path, Target(), (SITE,))
    assert (report.sites, report.counts["taken"]) == (["dam-ha"], 1)
    assert [reason for _, reason in report.skipped] == ["http://elsewhere.example/x belongs to no known site"]


# --------------------------------------------------------------------------------- older than what is known


def _crawled(settings: Settings) -> Scene:
    scene = Scene(settings)
    scene.now = dt.datetime(2022, 9, 28, 8, tzinfo=dt.UTC)
    return scene


def test_an_older_state_is_a_version_of_its_own_and_changes_nothing_that_stands(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    scene = _crawled(settings)
    first = scene.get("/a.html", article_html())
    scene.next_crawl()
    scene.now += dt.timedelta(days=300)
    scene.get("/a.html", article_html(body=[*BODY, "Tin đã được bổ sung một đoạn cuối."]))
    scene.close()
    made = Foreign(tmp_path / "old.warc.gz")
    made.page("/a.html", article_html(body=BODY[:2]), at="2019-01-01T00:00:00Z")
    made.page("/a.html", article_html(), at="2020-01-01T00:00:00Z")
    made.page("/a.html", article_html(body=BODY[1:]), at="2022-12-01T00:00:00Z")
    report = _import(settings, store, made.close(), Target(), (SITE,))
    assert (report.counts["taken"], report.counts["articles"], report.counts["versions"]) == (3, 0, 2)
    assert first.article is not None
    view = _view(store, first.article)
    # Numbers are those of acquisition, the order is that of time, the newest stays the newest.
    assert [(item.number, item.at.year) for item in store.versions(first.article)] == [
        (3, 2019), (1, 2022), (4, 2022), (2, 2023),
    ]  # fmt: skip
    assert (view.current, view.version.number, view.versions) == (2, 2, 4)
    assert (view.article.first_seen.year, view.article.state) == (2019, ArticleState.CHANGED)
    assert store.changes(0, 99)[-1].article == first.article


def test_another_article_that_stood_there_before_does_not_push_out_the_present_one(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    scene = _crawled(settings)
    now = scene.get("/?id=7", article_html()).article
    scene.close()
    made = Foreign(tmp_path / "old.warc.gz")
    made.page("/?id=7", article_html(OTHER_TITLE, OTHER_BODY), at="2015-01-01T00:00:00Z")
    made.page("/gone.html", NOT_FOUND, at="2015-01-01T00:00:00Z", status="404 Not Found")
    report = _import(settings, store, made.close(), Target(), (SITE,))
    assert report.counts["articles"] == 1
    assert store.article_id_by_url(f"{BASE}/?id=7") == now
    (old,) = [view for view in store.newest(9) if view.article.id != now]
    assert (old.article.state, old.article.gone_at) == (ArticleState.GONE, scene.now)


def test_an_older_answer_that_a_page_is_not_there_does_not_make_it_gone(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    scene = _crawled(settings)
    scene.get("/a.html", article_html())
    scene.close()
    made = Foreign(tmp_path / "old.warc.gz")
    made.page("/a.html", NOT_FOUND, at="2019-01-01T00:00:00Z", status="404 Not Found")
    _import(settings, store, made.close(), Target(), (SITE,))
    (view,) = store.newest(9)
    assert view.article.state is ArticleState.LIVE


# ---------------------------------------------------------------------------------- damaged and hostile


def test_a_cut_file_is_taken_in_as_far_as_it_is_whole(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    made = Foreign(tmp_path / "a.warc.gz")
    made.page("/a.html", article_html())
    made.page("/b.html", article_html(OTHER_TITLE, OTHER_BODY))
    path = made.close()
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])
    report = _import(settings, store, path)
    assert (report.counts["taken"], report.counts["articles"]) == (1, 1)
    assert "cut off" in report.skipped[0][1] or "ends after" in report.skipped[0][1]


def _break_payload(data: bytes) -> bytes:
    return data.replace("phát động".encode(), "PHÁT ĐỘNG".encode())


def _lie(data: bytes) -> bytes:
    """A block that says it is shorter than it is."""
    at = data.index(b"Content-Length:", data.index(b"WARC-Type: response"))
    end = data.index(b"\r\n", at)
    return data[:at] + b"Content-Length: 100" + data[end:]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_break_payload, "digest does not hold"),
        (_lie, "digest does not hold"),
        (lambda data: data.replace(b"WARC-Date: 2019", b"WARC-Date: 2919"), "lies in the future"),
        (lambda data: data.replace(b"WARC-Date: 2019", b"WARC-Date: 0019"), "before the first web page"),
        (lambda data: data.replace(b"WARC-Date: 2019-05", b"WARC-Date: 2019-55"), ""),
        (lambda data: data.replace(BASE.encode(), b"http://[::broken/"[:22].ljust(22, b"x")), ""),
        (lambda data: data.replace(b"Content-Length: ", b"Content-Length: 99999999999"), "more than"),
    ],
)
def test_a_record_that_contradicts_itself_is_left_out_with_the_reason(
    settings: Settings, store: Store, tmp_path: Path, spoil: Callable[[bytes], bytes], reason: str
) -> None:
    made = Foreign(tmp_path / "a.warc", packed=False)
    made.page("/a.html", article_html())
    path = made.close()
    path.write_bytes(spoil(path.read_bytes()))
    report = _import(settings, store, path, Target(site=SITE))
    assert report.counts["taken"] == 0
    assert report.skipped
    assert reason in report.skipped[0][1]


def test_bombs_are_not_unpacked(settings: Settings, store: Store, tmp_path: Path) -> None:
    made = Foreign(tmp_path / "ok.warc.gz")
    made.page("/a.html", article_html())
    good = made.close().read_bytes()
    head = (
        b"WARC/1.0\r\nWARC-Type: resource\r\n"
        b"WARC-Record-ID: <urn:uuid:0b8b4a9e-0000-4000-8000-000000000000>\r\n"
        b"WARC-Date: 2019-05-01T08:00:00Z\r\nWARC-Target-URI: http://dam-ha.example/bomb\r\n"
        b"Content-Length: 9000000000\r\n\r\n"
    )
    packer = gzip.compress(head + bytes(1 << 20))
    bomb = tmp_path / "bomb.warc.gz"
    with bomb.open("wb") as file:
        file.write(good)
        file.write(packer)
        for _ in range(300):
            file.write(gzip.compress(bytes(1 << 20), 9))
    report = _import(settings, store, bomb)
    assert report.counts["taken"] == 1
    assert any("more than 200 times its size" in reason for _, reason in report.skipped)
    nested = tmp_path / "nested.warc.gz"
    nested.write_bytes(gzip.compress(good))
    twice = _import(settings, store, nested, Target(site=store.site_entries()[0]))
    assert (twice.counts["taken"], "gzip within gzip" in twice.skipped[0][1]) == (0, True)


@pytest.mark.parametrize(
    "package",
    [
        {"profile": "data-package", "wacz_version": "1.1.1"},
        {"profile": "wacz", "software": "another program"},
    ],
)
def test_a_wacz_of_either_version(
    settings: Settings, store: Store, tmp_path: Path, package: dict[str, str]
) -> None:
    path, warc = _wacz(tmp_path, package)
    report = _import(settings, store, path)
    assert (report.counts["taken"], report.counts["articles"]) == (1, 1)
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("../../climbs.warc.gz", warc)
        file.writestr("archive/more.warc.gz", warc)
        file.writestr("archive/inner.wacz", b"PK")
    again = _import(settings, store, path, Target(site=store.site_entries()[0]))
    assert again.counts["known"] == 2
    assert sorted(reason for _, reason in again.skipped) == [
        "a WACZ within a WACZ; import it by itself", "its name climbs out of the package",
    ]  # fmt: skip
    assert not (tmp_path.parent / "climbs.warc.gz").exists()


def test_a_package_that_unpacks_without_end_is_not_read(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "bomb.wacz"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package,
        package.open("archive/bomb.warc", "w") as file,
    ):
        for _ in range(300):
            file.write(bytes(1 << 20))
    report = _import(settings, store, path, Target(site=SITE))
    assert report.skipped == [("archive/bomb.warc", "it unpacks to more than 200 times its size")]


def _wacz(folder: Path, package: dict[str, str], digest: str = "") -> tuple[Path, bytes]:
    import hashlib

    made = Foreign(folder / "data.warc.gz")
    made.page("/a.html", article_html())
    warc = made.close().read_bytes()
    name = "archive/data.warc.gz"
    stated = digest or f"sha256:{hashlib.sha256(warc).hexdigest()}"
    resources = [{"name": "data.warc.gz", "path": name, "hash": stated, "bytes": len(warc)}]
    path = folder / "a.wacz"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(name, warc)
        file.writestr("datapackage.json", json.dumps({**package, "resources": resources}))
    return path, warc


def test_a_wacz_whose_hash_does_not_hold_is_refused(settings: Settings, store: Store, tmp_path: Path) -> None:
    path, _ = _wacz(tmp_path, {"profile": "data-package"}, "sha256:" + "0" * 64)
    report = _import(settings, store, path, Target(site=SITE))
    assert (report.counts["taken"], len(report.skipped)) == (0, 1)
    assert "SHA-256 is not the one" in report.skipped[0][1]


# ------------------------------------------------------------------------------------------- saved folders


def test_a_httrack_mirror(settings: Settings, store: Store, tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    page = mirror / "dam-ha.example" / "tin" / "bai1a2b.html"
    page.parent.mkdir(parents=True)
    mark = (
        "<!-- Mirrored from dam-ha.example/tin/bai.php?id=7 by HTTrack Website Copier/3.x [XR&CO'2014], "
        "Sat, 12 Mar 2016 08:22:11 GMT -->"
    )
    html = article_html(pictures=[("../../anh.example/1.jpg", "Đại biểu")])
    page.write_text(html.replace("<head>", f"{mark}<head>"), "utf-8")
    picture = mirror / "anh.example" / "1.jpg"
    picture.parent.mkdir()
    picture.write_bytes(b"\xff\xd8jpeg" * 9)
    (mirror / "hts-log.txt").write_text("log")
    (mirror / "etc").symlink_to("/etc")
    report = _import(settings, store, mirror)
    assert (report.counts["taken"], report.counts["articles"]) == (2, 1)
    assert report.skipped == [("etc", "a symbolic link; it is not followed")]
    (view,) = store.newest(5)
    assert view.article.url == f"{BASE}/tin/bai.php?id=7"
    assert view.version.at == dt.datetime(2016, 3, 12, 8, 22, 11, tzinfo=dt.UTC)
    # The link to the other host's picture is the original one again, and finds it.
    assert [item.url for item in view.extraction.pictures()] == ["http://anh.example/1.jpg"]
    assert len(view.pictures) == 1
    assert "date from HTTrack's comment" in view.capture.source
    assert "1 links restored" in view.capture.source


def test_httracks_own_list_goes_before_folders(settings: Settings, store: Store, tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    page = mirror / "dam-ha.example" / "tin8f3c.html"
    page.parent.mkdir(parents=True)
    page.write_text(article_html(), "utf-8")
    cache = mirror / "hts-cache"
    cache.mkdir()
    head = "date\tsize'/'remotesize\tflags\tstatuscode\tstatus\tMIME\tEtag|Date\tURL\tlocalfile\t(from URL)"
    line = "08:22:11\t900/900\t---M--\t200\tadded ('OK')\ttext/html\t\t{}\t{}\t(from )"
    url = "https://dam-ha.example/tin.aspx?id=8"
    (cache / "new.txt").write_text(
        "\n".join([head, line.format(url, "/home/x/mirror/dam-ha.example/tin8f3c.html")]), "utf-8"
    )
    assert _import(settings, store, mirror).counts["taken"] == 1
    (view,) = store.newest(5)
    assert view.article.url == url


def test_a_wget_mirror_has_its_addresses_from_its_folders(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    mirror = tmp_path / "dam-ha.example"
    (mirror / "tin").mkdir(parents=True)
    (mirror / "index.html").write_text("<html><body><a href='tin/a.html'>a</a></body></html>")
    (mirror / "tin" / "a.html").write_text(article_html(body=BODY[:2]), "utf-8")
    (mirror / "tin" / "a.html.orig").write_text(article_html(), "utf-8")
    (mirror / "tin" / "bai?id=3.html").write_text(article_html(OTHER_TITLE, OTHER_BODY), "utf-8")
    for number, path in enumerate(sorted(mirror.rglob("*.*"))):
        os.utime(path, (1_400_000_000 + number, 1_400_000_000 + number))
    report = _import(settings, store, mirror)
    assert (report.counts["taken"], report.counts["articles"]) == (3, 2)
    views = {view.article.url: view for view in store.newest(5)}
    assert set(views) == {f"{BASE}/tin/a.html", f"{BASE}/tin/bai?id=3"}
    # The server's own bytes, which wget kept beside the file whose links it rewrote.
    assert BODY[2] in views[f"{BASE}/tin/a.html"].extraction.body()
    assert views[f"{BASE}/tin/a.html"].version.at.year == 2014
    assert "the file's time of change" in views[f"{BASE}/tin/a.html"].capture.source


def test_a_folder_without_addresses_needs_one(settings: Settings, store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "a.html").write_text(article_html(), "utf-8")
    report = _import(settings, store, folder, Target(site=SITE))
    assert "--url" in report.skipped[0][1]
    assert _import(settings, store, folder, _NEW, base=BASE).counts["articles"] == 1


# ----------------------------------------------------------------------------------- order, and going on


def test_our_own_files_come_in_the_order_in_which_they_were_written(tmp_path: Path) -> None:
    names = [
        "b-20220101000000-aa-00001.warc.gz", "a-20230101000000-aa-00000.warc.gz",
        "b-20210601000000-zz-00002.warc.gz", "b-20200101000000-aa-00000.warc.gz", "else.warc.gz",
    ]  # fmt: skip
    for name in names:
        (tmp_path / name).touch()
    ordered = [path.name for path in expand([tmp_path])]
    assert [name for name in ordered if name.startswith("b-")] == [names[3], names[0], names[2]]
    assert ordered[-1] == "else.warc.gz"


def test_a_stopped_import_goes_on_where_it_was(settings: Settings, store: Store, tmp_path: Path) -> None:
    made = Foreign(tmp_path / "a.warc.gz")
    for number in range(120):
        made.page(
            f"/{number}.html",
            article_html(f"Bài {number} của huyện Đầm Hà về lễ hội", [BODY[number % 3], f"Đoạn {number}."]),
        )
    path = made.close()
    from threading import Event

    stop = Event()
    first = import_source(
        settings, store, open_source(path), target=_NEW, stop=stop,
        progress=lambda done, total: stop.set() if done >= 50 else None,
    )  # fmt: skip
    assert not first.complete
    assert 50 <= first.counts["taken"] < 120
    second = _import(settings, store, path)
    assert second.complete
    assert second.begun_before == first.counts["taken"]
    assert (second.counts["taken"], second.counts["known"]) == (120, 0)
    assert store.totals().captures == 120
