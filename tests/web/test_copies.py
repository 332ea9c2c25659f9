"""The same text under several addresses: one result that leads to the list of its copies."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from archive.web import create_app
from tests.web.library import Library, article, on

TEXT = "Ủy ban nhân dân huyện thông báo lịch tiêm vắc xin phòng bệnh cho trẻ em trên địa bàn các xã. " * 2


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    library = Library.at(Path(tmp_path_factory.mktemp("copies")))
    for number in range(3):
        made = article(f"Lịch tiêm {number}", TEXT, published=on(2022, 1, number + 1))
        library.add(f"/tin/{number}.html", made)
    library.add("/tin/khac.html", article("Lịch tiêm khác", "Tiêm ở nơi khác.", published=on(2022, 2, 1)))
    library.index()
    app = create_app(library.settings)
    app.testing = True
    return app.test_client()


def titles(html: str) -> list[str]:
    found = re.findall(r'<h\d class="item-title"><a [^>]*>(.*?)</a>', html, re.DOTALL)
    return sorted(re.sub(r"<[^>]+>", "", title) for title in found)


def test_copies_are_one_result_that_leads_to_all_of_them(site: FlaskClient) -> None:
    html = site.get("/search?q=lịch+tiêm").text
    assert len(titles(html)) == 2
    (href,) = re.findall(r'<a href="([^"]*copies=[^"]*)">3 bản giống nhau</a>', html)
    listed = site.get(unescape(href)).text
    assert titles(listed) == ["Lịch tiêm 0", "Lịch tiêm 1", "Lịch tiêm 2"]
    assert "bản giống nhau</a>" not in listed


def test_the_list_of_copies_is_left_by_its_chip(site: FlaskClient) -> None:
    href = unescape(re.findall(r'href="([^"]*copies=[^"]*)"', site.get("/search?q=tiêm").text)[0])
    html = site.get(href).text
    (leave,) = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>(?:(?!</a>).)*Các bản giống nhau', html, re.DOTALL)
    assert "copies=" not in leave


def test_a_wrong_id_of_copies_is_named(site: FlaskClient) -> None:
    answer = site.get("/search?copies=../../etc")
    assert answer.status_code == 200
    assert "copies" in answer.text
