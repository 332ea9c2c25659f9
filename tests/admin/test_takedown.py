"""A takedown acts on every reading path at once, and is undone by lifting it."""

from __future__ import annotations

import gzip
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet
import pytest
from click.testing import CliRunner

from archive.cli import main
from archive.errors import ConfigError, StoreError
from archive.preserve import takedown
from archive.preserve.takedown import Order, Outcome
from archive.search import indexer
from archive.search.lock import write_lock
from archive.store.journal import Journal
from archive.store.takedowns import Scope
from archive.text.masking import HIDDEN
from tests.admin.scene import CAPTION, NAME, TELLING, TITLE, Hiding, client_of, look, refused

REASON = "Theo yêu cầu của người được nêu tên."


def withhold(library: Hiding, scope: Scope, target: str, **fields: object) -> Outcome:
    order = Order(scope, target, REASON, "quản trị", "HS-12", **fields)  # type: ignore[arg-type]
    return takedown.withhold(library.store, library.settings, order)


def leaks(library: Hiding, *words: str) -> list[str]:
    """Where any of these words can still be read."""
    return [f"{item.address}: {word}" for item in look(library) for word in words if word in item.text]


# ------------------------------------------------------------------------------------------- an article


def test_the_scene_tells_what_is_to_be_hidden(hiding: Hiding) -> None:
    told = "\n".join(leaks(hiding, *TELLING, hiding.secret, hiding.own[7:]))
    for path in ("/:", "/search?q=:", "/complete", "/sitemap.xml", "/site/dam-ha", f"/a/{hiding.other}:"):
        assert path in told or path == "/:", path


@pytest.mark.parametrize("busy", [False, True], ids=["index-free", "index-busy"])
def test_an_article_is_gone_from_every_path(
    hiding: Hiding, busy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when another process holds the index just then, which so still has the document."""
    if busy:
        monkeypatch.setattr(takedown, "_INDEX_SECONDS", 0.0)
        with write_lock(hiding.settings.index):
            outcome = withhold(hiding, Scope.ARTICLE, hiding.secret)
        assert "another process" in outcome.waiting.lower()
    else:
        outcome = withhold(hiding, Scope.ARTICLE, hiding.secret)
        assert outcome.waiting == ""
    assert leaks(hiding, *TELLING, hiding.secret, hiding.own[7:], hiding.file[7:]) == []
    client = client_of(hiding)
    for path in refused(hiding):
        answer = client.get(path)
        assert answer.status_code == 410, path
        assert answer.headers["Cache-Control"] == "no-store", path
        assert not any(word in answer.text for word in TELLING), path
        assert "HS-12" not in answer.text
    assert REASON in client.get(f"/a/{hiding.secret}").text
    assert client.get(f"/media/{hiding.shared[7:]}").status_code == 200


@pytest.mark.parametrize("name", ["out", "out.wacz", "out.jsonl", "out.parquet"])
def test_no_export_has_it(hiding: Hiding, tmp_path: Path, name: str) -> None:
    def exported(place: Path) -> bytes:
        here = ["--var", str(hiding.settings.var), "--index", str(hiding.settings.index)]
        place.parent.mkdir()
        made = CliRunner().invoke(main, [*here, "export", str(place)])
        assert made.exit_code == 0, made.output
        files = [place] if place.is_file() else [path for path in place.rglob("*") if path.is_file()]
        return b"".join(unpacked(path) for path in files)

    secrets = ("Vọoc".encode(), b"17B", NAME.encode())
    before = exported(tmp_path / "before" / name)
    assert all(secret in before for secret in secrets)
    withhold(hiding, Scope.ARTICLE, hiding.secret)
    withhold(hiding, Scope.NAME, NAME)
    after = exported(tmp_path / "after" / name)
    assert [secret for secret in secrets if secret in after] == []
    assert "Hội nghị lần 3".encode() in after


def unpacked(path: Path) -> bytes:
    """All bytes of a file, of what is packed in it too."""
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            members = [packed.read(name) for name in packed.namelist()]
        return b"".join(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data for data in members)
    if path.suffix == ".parquet":
        return repr(pyarrow.parquet.read_table(path).to_pylist()).encode()
    return path.read_bytes()


def test_the_command_line_finds_it_no_more(hiding: Hiding) -> None:
    here = ["--var", str(hiding.settings.var), "--index", str(hiding.settings.index)]
    assert "Vọoc" in CliRunner().invoke(main, [*here, "search", "đất"]).output
    withhold(hiding, Scope.ARTICLE, hiding.secret)
    for arguments in (["search", "đất"], ["search", "vooc", "--json"], ["search", "", "--json"]):
        found = CliRunner().invoke(main, [*here, *arguments])
        assert found.exit_code == 0, found.output
        assert hiding.secret not in found.output
        assert "Bãi Vọoc" not in found.output


def test_numbers_do_not_tell_of_it(hiding: Hiding) -> None:
    before = hiding.store.totals()
    withhold(hiding, Scope.ARTICLE, hiding.secret)
    after = hiding.store.totals()
    assert (after.articles, after.versions, after.pictures) == (
        before.articles - 1,
        before.versions - 1,
        before.pictures - 1,
    )
    assert hiding.store.article_count() == after.articles
    assert hiding.store.sites()[0].articles == after.articles
    assert "2021-04" in hiding.store.months("dam-ha")
    assert hiding.store.months("dam-ha")["2021-04"] == 1
    client = client_of(hiding)
    page = client.get("/search?q=&year=2021").text
    assert len(set(re.findall(r"/a/([0-9a-z]{8,16})", page))) == 1
    health = client.get("/healthz").get_json()
    assert health["articles"] == health["index"]["articles"] == after.articles


def test_what_a_reader_or_cache_holds_is_not_confirmed(hiding: Hiding) -> None:
    """No 304 for what was taken down, whatever validators a cache sends."""
    client = client_of(hiding)
    paths = [f"/a/{hiding.secret}/v/1", f"/media/{hiding.own[7:]}", f"/media/{hiding.own[7:]}/240"]
    tags = {path: client.get(path).headers["ETag"] for path in paths}
    assert all(client.get(path, headers={"If-None-Match": tags[path]}).status_code == 304 for path in paths)
    withhold(hiding, Scope.ARTICLE, hiding.secret)
    for path in paths:
        assert client.get(path, headers={"If-None-Match": tags[path]}).status_code == 410
    assert not list((hiding.settings.var / "cache" / "pictures").glob(f"{hiding.own[7:]}*"))


def test_a_running_site_learns_of_it_with_the_next_request(hiding: Hiding) -> None:
    client = client_of(hiding)
    assert client.get("/search?q=Vọoc").text.count(hiding.secret)
    assert client.get(f"/a/{hiding.secret}", follow_redirects=True).status_code == 200
    withhold(hiding, Scope.ARTICLE, hiding.secret)
    assert hiding.secret not in client.get("/search?q=Vọoc").text
    assert client.get(f"/a/{hiding.secret}").status_code == 410


def test_legal_reasons_are_451_and_name_who_blocks(hiding: Hiding) -> None:
    withhold(hiding, Scope.ARTICLE, hiding.secret, status=451, blocked_by="https://toaan.example/")
    answer = client_of(hiding).get(f"/a/{hiding.secret}")
    assert answer.status_code == 451
    assert answer.headers["Link"] == '<https://toaan.example/>; rel="blocked-by"'
    withhold(hiding, Scope.VERSION, f"{hiding.edited}/2", status=451)
    answer = client_of(hiding).get(f"/a/{hiding.edited}/v/2")
    assert answer.headers["Link"] == f'<{hiding.settings.public_base}>; rel="blocked-by"'


def test_lifting_brings_everything_back_under_its_id(hiding: Hiding) -> None:
    before = {item.address: item.text for item in look(hiding)}
    outcome = withhold(hiding, Scope.ARTICLE, hiding.secret)
    takedown.lift(hiding.store, hiding.settings, outcome.takedown.id, by="quản trị", why="Đơn đã rút.")
    indexer.rebuild(hiding.store, hiding.settings)
    after = {item.address: item.text for item in look(hiding)}
    assert {key: text for key, text in after.items() if text != before[key]} == {}
    client = client_of(hiding)
    assert client.get(f"/a/{hiding.secret}", follow_redirects=True).status_code == 200
    assert client.get(f"/media/{hiding.own[7:]}").status_code == 200


def test_a_new_capture_does_not_bring_it_back(hiding: Hiding) -> None:
    """The portal still has it, edits it, and has it under another address too."""
    from tests.web.library import article

    view = hiding.store.article(hiding.secret)
    assert view is not None
    withhold(hiding, Scope.ARTICLE, hiding.secret)
    assert hiding.add("/tin/ket-luan.html", view.extraction) == hiding.secret
    edited = article(TITLE + " (cập nhật)", *view.extraction.body(), "Thêm một câu.")
    assert hiding.add("/tin/ket-luan.html", edited) == hiding.secret
    hiding.index()
    assert leaks(hiding, *TELLING, hiding.secret) == []


def test_a_rebuilt_index_has_it_not(hiding: Hiding) -> None:
    withhold(hiding, Scope.ARTICLE, hiding.secret)
    report = indexer.rebuild(hiding.store, hiding.settings)
    assert report.articles == hiding.store.article_count()
    assert leaks(hiding, *TELLING, hiding.secret) == []


# --------------------------------------------------------------------------------------- other scopes


def test_a_version_is_gone_and_the_article_shows_another(hiding: Hiding) -> None:
    withhold(hiding, Scope.VERSION, f"{hiding.edited}/v/2")
    client = client_of(hiding)
    assert leaks(hiding, "tám mươi hai", "/diff/") == []
    page = client.get(f"/a/{hiding.edited}", follow_redirects=True)
    assert page.status_code == 200
    assert "bảy mươi mốt" in page.text
    for path in ("v/2", "v/2/cite.bib", "diff/1/2", "diff/2/1"):
        assert client.get(f"/a/{hiding.edited}/{path}").status_code == 410, path
    assert [item.number for item in hiding.store.versions(hiding.edited)] == [1]
    withhold(hiding, Scope.VERSION, f"{hiding.edited}/1")
    assert client.get(f"/a/{hiding.edited}").status_code == 410
    assert all(f"/a/{hiding.edited}" in leak for leak in leaks(hiding, hiding.edited))


def test_a_picture_is_gone_wherever_it_stands(hiding: Hiding) -> None:
    outcome = withhold(hiding, Scope.PICTURE, f"/media/{hiding.shared[7:]}.jpg")
    assert set(outcome.articles) == {hiding.secret, hiding.other}
    client = client_of(hiding)
    for path in ("", ".jpg", "/240", "/800"):
        assert client.get(f"/media/{hiding.shared[7:]}{path}").status_code == 410
    assert leaks(hiding, hiding.shared[7:], "tru-so.jpg") == []
    page = client.get(f"/a/{hiding.other}", follow_redirects=True).text
    assert "Trụ sở UBND huyện" in page
    assert hiding.shared[7:] not in page


def test_a_name_is_hidden_in_every_text(hiding: Hiding) -> None:
    outcome = withhold(hiding, Scope.NAME, NAME)
    assert outcome.articles == (hiding.named,)
    client = client_of(hiding)
    words = ("Quýnh", "QUÝNH", "Quynh", "quynh", "Lường Thị")
    assert leaks(hiding, *words) == []
    for path in ("", "/v/1", "/v/1/cite.bib", "/v/1/cite.ris", "/v/1/cite.json"):
        answer = client.get(f"/a/{hiding.named}{path}", follow_redirects=True)
        assert answer.status_code == 200
        assert not any(word in answer.text for word in words), path
    page = client.get(f"/a/{hiding.named}", follow_redirects=True)
    assert HIDDEN in page.text
    assert "nhận bằng khen" in page.text
    assert hiding.named in client.get("/search?q=bằng khen tiêu biểu").text
    assert hiding.named not in client.get("/search?q=Xuân Quýnh").text


def test_a_name_in_a_captured_page_withholds_its_bytes(hiding: Hiding) -> None:
    withhold(hiding, Scope.NAME, NAME)
    for text in (
        f"<p>Bà {NAME} nhận</p>",
        "<p>Bà L&#432;&#7901;ng <b>Thị</b> Xuân\n Qu&yacute;nh</p>",
        "<img alt='LƯỜNG THỊ XUÂN QUÝNH'>",
        "<p>Luong Thi Xuan Quynh</p>",
    ):
        assert hiding.store.withheld_page(text.encode()) is not None, text
    assert hiding.store.withheld_page("<p>Bà Lường Thị Xuân Quỳnh</p>".encode()) is None


def test_an_address_withholds_its_captures_and_versions(hiding: Hiding) -> None:
    url = "http://portal.example/tin/sua.html"
    withhold(hiding, Scope.ADDRESS, url)
    assert hiding.store.withheld_address("https://www.portal.example/tin/sua.html") is not None
    assert client_of(hiding).get(f"/a/{hiding.edited}").status_code == 410


def test_captures_are_withheld_with_what_they_show(hiding: Hiding) -> None:
    view, other = hiding.store.article(hiding.secret), hiding.store.article(hiding.other)
    assert view is not None
    assert other is not None
    picture = hiding.store.capture_by_digest(hiding.own)
    assert picture is not None
    withhold(hiding, Scope.ARTICLE, hiding.secret)
    found = hiding.store.withheld_captures([view.capture, other.capture, picture])
    assert set(found) == {view.capture.id, picture.id}
    assert hiding.store.withheld_address(view.article.url) is not None
    assert hiding.store.article_id_by_url(view.article.url) is None


# ------------------------------------------------------------------------------------ orders and refusals


@pytest.mark.parametrize(
    ("scope", "target", "error", "said"),
    [
        (Scope.ARTICLE, "khongcobai", StoreError, "permalink"),
        (Scope.VERSION, "abc", ConfigError, "<article id>/v/<number>"),
        (Scope.PICTURE, "anh.jpg", ConfigError, "/media/<64 hex digits>"),
        (Scope.NAME, "Quýnh", ConfigError, "family, middle and given name"),
        (Scope.ADDRESS, "http://", ConfigError, "http://"),
    ],
)
def test_a_target_that_is_not_understood_is_refused(
    hiding: Hiding, scope: Scope, target: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=re.escape(said)):
        withhold(hiding, scope, target)
    assert Journal(hiding.settings.journal_dir).lines() == []


def test_the_same_is_not_withheld_twice(hiding: Hiding) -> None:
    first = withhold(hiding, Scope.ARTICLE, f"https://kho.example/a/{hiding.secret}/ten-bai")
    with pytest.raises(StoreError, match=first.takedown.id):
        withhold(hiding, Scope.ARTICLE, hiding.secret)


def test_the_journal_has_every_act(hiding: Hiding) -> None:
    outcome = withhold(hiding, Scope.ARTICLE, hiding.secret)
    takedown.lift(hiding.store, hiding.settings, outcome.takedown.id, by="B", why="Rút đơn.")
    text = Journal(hiding.settings.journal_dir).path.read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["act"] for line in lines] == ["withhold", "lift"]
    assert lines[0]["target"] == hiding.secret
    assert lines[0]["reference"] == "HS-12"
    assert set(lines[0]["pictures"]) == {hiding.own, hiding.file}


def test_a_caption_of_another_article_stays(hiding: Hiding) -> None:
    withhold(hiding, Scope.ARTICLE, hiding.secret)
    told: Callable[[str], list[str]] = lambda word: leaks(hiding, word)  # noqa: E731
    assert told(CAPTION) == []
    assert told("Trụ sở UBND huyện")
