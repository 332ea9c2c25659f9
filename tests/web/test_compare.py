"""What changed between two versions, as a reader and a screen reader get it."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from archive.model import Byline, Figure, Paragraph
from archive.text import parts
from archive.text.diff import Kind
from archive.web import create_app
from tests.web.conftest import EVIL, Filled
from tests.web.library import Library, article, on


def test_words_put_in_and_taken_out_are_marked_and_said(client: FlaskClient, filled: Filled) -> None:
    html = client.get(f"/a/{filled.edited}/diff/1/2").text
    changed = re.sub(r"<span class=\"sr\".*?</span>", "", html)
    assert "Bản <del>đầu</del><ins>đã sửa</ins> của kế hoạch." in changed
    assert "[bỏ: </span>đầu<span" in html, "said, not only shown"
    assert "± Đổi" in html
    assert "1 chỗ đổi" in html
    assert f'href="/a/{filled.edited}/v/1"' in html


def test_side_by_side_each_side_is_its_version(client: FlaskClient, filled: Filled) -> None:
    html = client.get(f"/a/{filled.edited}/diff/1/2?view=side").text
    cells = [
        "".join(re.sub(r"<span class=\"sr\".*?</span>|<[^>]+>", "", cell).split("\n"))
        for cell in re.findall(r'<p dir="auto">(.*?)</p>', html, re.DOTALL)
    ]
    assert "Bản đầu của kế hoạch." in cells
    assert "Bản đã sửa của kế hoạch." in cells


def test_the_article_leads_there(client: FlaskClient, filled: Filled) -> None:
    html = client.get(f"/a/{filled.edited}", follow_redirects=True).text
    assert html.count(f'href="/a/{filled.edited}/diff/1/2"') == 2, "in the banner and in the list of versions"
    assert "/diff/" not in client.get(f"/a/{filled.real}", follow_redirects=True).text


@pytest.mark.parametrize("pair", ["1/1", "1/3", "0/1", "1/99999999999", "1/x", "2/-1"])
def test_only_two_versions_that_exist_are_compared(client: FlaskClient, filled: Filled, pair: str) -> None:
    assert client.get(f"/a/{filled.edited}/diff/{pair}").status_code == 404


def test_it_is_no_page_for_an_index(client: FlaskClient, filled: Filled) -> None:
    answer = client.get(f"/a/{filled.edited}/diff/2/1")
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert (
        client.get(f"/a/{filled.edited}/diff/2/1", headers={"If-None-Match": answer.headers["ETag"]}).data
        == b""
    )


def test_every_field_is_compared(filled: Filled) -> None:
    old = article("Tên", "Thân.", published=on(2020, 1, 5), section="Tin", lead="Sapo cũ.")
    new = article(
        "Tên mới",
        published=on(2020, 1, 6),
        section="Tin",
        byline=Byline(text="Mai Thắm"),
        blocks=(Paragraph("Thân."), Figure((filled.picture("/anh/1.jpg", b"\xff\xd8\xff"),), "Chú thích")),
    )
    assert [(row.role, row.kind) for row in parts.rows(old, new)] == [
        ("title", Kind.CHANGED),
        ("published", Kind.CHANGED),
        ("section", Kind.SAME),
        ("lead", Kind.REMOVED),
        ("paragraph", Kind.SAME),
        ("picture", Kind.ADDED),
        ("caption", Kind.ADDED),
        ("byline", Kind.ADDED),
    ]


def test_markup_in_either_version_is_text_and_long_runs_fold(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    library = Library.at(tmp_path_factory.mktemp("compare"))
    texts = [f"Đoạn {number} không đổi." for number in range(30)]
    library.add("/a.html", article("Tên", *texts, EVIL, lead="x"))
    found = library.add("/a.html", article("Tên", *texts, EVIL.replace("alert", "confirm"), lead="x"))
    html = create_app(library.settings).test_client().get(f"/a/{found}/diff/1/2").text
    assert "<script>" not in html
    folded = re.search(r'<details class="folded">(.*?)</details>', html, re.DOTALL)
    assert folded
    assert "Đoạn 5 không đổi." in folded[1]
    assert "Đoạn 29 không đổi." not in folded[1], "the part next to the change stays in sight"
