"""What a reader sees on each kind of page."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Filled


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path, follow_redirects=True)
    assert answer.status_code == status, answer.text
    return answer.text


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


def test_home_has_true_numbers_and_the_newest(client: FlaskClient, filled: Filled) -> None:
    html = page(client, "/")
    assert f"<dd>{filled.store.totals().articles}</dd>" in html
    assert "2015–2023" in html
    assert "Hội nghị sơ kết" in html
    assert "Cổng TTĐT huyện Đầm Hà" in html


@pytest.mark.parametrize("query", ["thi dua dam ha", "thi đua đầm hà", '"đại biểu dự lễ phát động"'])
def test_results_mark_the_words_with_their_accents(client: FlaskClient, filled: Filled, query: str) -> None:
    answer = client.get("/search", query_string={"q": query})
    assert f"/a/{filled.real}/" in answer.text
    assert re.search(r"<mark>[^<]*(Đầm|Đại|đua)", answer.text)


def test_a_caption_hit_is_labelled(client: FlaskClient) -> None:
    html = client.get("/search", query_string={"q": '"đại biểu dự lễ phát động"'}).text
    assert "Chú thích ảnh</span>" in html


def test_filters_are_links_that_toggle_and_chips_that_remove(client: FlaskClient) -> None:
    html = page(client, "/search?q=hoi+nghi")
    assert '/search?q=hoi+nghi&amp;year=2015"' in html
    chosen = page(client, "/search?q=hoi+nghi&year=2015")
    assert "2015" in re.search(r'<div class="chips">.*?</div>', chosen, re.DOTALL)[0]  # type: ignore[index]
    assert '<a href="/search?q=hoi+nghi" rel="nofollow"' in chosen
    assert "5 bài" in text_of(chosen)


def test_the_histogram_has_a_table_with_the_same_numbers(client: FlaskClient) -> None:
    html = page(client, "/search?q=hoi+nghi")
    bars = re.findall(r"<title>(\d+): (\d+)</title>", html)
    rows = re.findall(r'<th scope="row"><a [^>]*>(\d+)</a></th><td>(\d+)</td>', html)
    assert bars == rows
    assert sum(int(count) for _, count in bars) == 45


def test_paging_covers_all_results_once(client: FlaskClient) -> None:
    found: list[str] = []
    for number in (1, 2, 3):
        html = page(client, f"/search?q=hoi+nghi+so+ket&sort=oldest&page={number}")
        found += re.findall(r'item-title"><a href="(/a/[a-z0-9]+)', html)
    assert len(found) == len(set(found)) == 45
    assert "Kết quả chỉ có 3 trang" in page(client, "/search?q=hoi+nghi+so+ket&page=9")


def test_a_wrong_parameter_is_named_and_a_strange_one_ignored(client: FlaskClient) -> None:
    html = page(client, "/search?q=hoi&from=35/13/2020&sort=best&utm_source=x&page=-3")
    assert "35/13/2020" in html
    assert "sort=best" in html
    assert "utm_source" not in html.replace("lang=en", "").split('class="languages"')[0]


def test_nothing_found_says_what_to_do(client: FlaskClient) -> None:
    html = page(client, "/search?q=zzzzqqq&year=2020")
    assert "Không tìm thấy bài nào" in html
    assert "Bỏ các bộ lọc" in html
    assert "03/01/2015" in html


def test_article_shows_all_of_it(client: FlaskClient, filled: Filled) -> None:
    html = page(client, f"/a/{filled.real}")
    text = text_of(html)
    assert "Đây là bản lưu" in text
    assert "Thứ Tư, 28 tháng 9 năm 2022, 15:30" in text
    assert 'datetime="2022-09-28T15:30:00+07:00"' in html
    assert "Tác giả: Mai Thắm, Quốc Nghị (Trung tâm TT&amp;VH)" in text
    caption = re.search(r"<figcaption>(.*?)</figcaption>", html, re.DOTALL)
    assert caption
    assert text_of(caption[1]) == "Đại biểu dự Lễ phát động ¶"
    assert 'width="1200" height="800"' in html
    assert "http://portal.example/tin/28-9.html" in html
    assert "Bản gốc còn trên mạng" in text
    cited = "Mai Thắm, Quốc Nghị, “Phát động đợt thi đua đặc biệt huyện Đầm Hà”, Cổng TTĐT huyện Đầm Hà"
    assert f"{cited}, 28/09/2022, http://portal.example/tin/28-9.html, lưu trữ ngày" in text


def test_a_day_never_becomes_an_hour(client: FlaskClient, filled: Filled) -> None:
    html = page(client, f"/a/{filled.edited}")
    assert 'datetime="2020-01-05"' in html
    assert "Chủ Nhật, 5 tháng 1 năm 2020<" in html
    assert "không rõ ngày đăng" in page(client, f"/a/{filled.undated}")


def test_versions_are_fixed_and_say_that_there_is_a_newer_one(client: FlaskClient, filled: Filled) -> None:
    first = page(client, f"/a/{filled.edited}/v/1")
    assert "Bản đầu của kế hoạch." in first
    assert "đã có bản mới hơn" in first
    newest = page(client, f"/a/{filled.edited}")
    assert "Bản đã sửa của kế hoạch." in newest
    assert f'href="/a/{filled.edited}/v/1"' in newest
    assert "Bản gốc đã đổi" in newest
    assert client.get(f"/a/{filled.edited}/v/3").status_code == 404


def test_a_lost_original_is_said_in_words(client: FlaskClient, filled: Filled) -> None:
    assert "Bản gốc đã mất" in page(client, f"/a/{filled.gone}")


def test_site_page_lists_its_articles_in_pages(client: FlaskClient) -> None:
    html = page(client, "/site/dam-ha")
    assert html.count('class="item-title"') == 20
    assert "/site/dam-ha?page=2" in html
    assert client.get("/site/dam-ha?page=99").status_code == 404
    assert client.get("/site/nowhere").status_code == 404


@pytest.mark.parametrize("path", ["/about", "/gioi-thieu", "/bot", "/go-bo"])
def test_pages_about_the_archive_name_the_contact(client: FlaskClient, path: str) -> None:
    assert "luu@example.org" in page(client, path)


@pytest.mark.parametrize(
    "path", ["/nix", "/a/nosucharticle", "/a/../../etc/passwd", "/media/xyz", "/static/../app.py"]
)
def test_what_is_not_there_is_a_helpful_404(client: FlaskClient, path: str) -> None:
    html = page(client, path, 404)
    assert "Không có trang này" in html
    assert 'href="/"' in html
