"""Walking through a portal by year, month and section, and this day in earlier years."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient

from archive.web import anniversaries, create_app
from tests.web.conftest import Filled
from tests.web.library import Library, article, on

PERIOD = re.compile(r'<li><a href="(/[^"]+)"[^>]*><bdi>([^<]+)</bdi> <span class="count">(\d+)</span>')
ITEM = re.compile(r'class="item-title"><a href="(/a/[a-z0-9]+)')


def periods(client: FlaskClient, path: str) -> dict[str, tuple[str, int]]:
    html = client.get(path).text.replace("&amp;", "&")
    return {label: (href, int(count)) for href, label, count in PERIOD.findall(html)}


def test_every_dated_article_is_reached_by_year_and_month(client: FlaskClient, filled: Filled) -> None:
    years = {name: at for name, at in periods(client, "/site/dam-ha").items() if name.isdigit()}
    assert list(years) == sorted(years)
    reached: list[str] = []
    for year, (href, count) in years.items():
        months = {name: at for name, at in periods(client, href).items() if name.startswith("Tháng")}
        assert sum(number for _, number in months.values()) == count, year
        for path, number in months.values():
            found = ITEM.findall(client.get(path).text)
            assert len(found) == number
            reached += found
    assert len(reached) == len(set(reached)) == filled.store.totals().articles - 1
    assert f"/a/{filled.undated}" not in reached
    assert "1 bài không rõ ngày đăng." in client.get("/site/dam-ha").text


def test_a_section_leads_to_as_many_results_as_it_says(client: FlaskClient) -> None:
    sections = {name: at for name, at in periods(client, "/site/dam-ha").items() if "/muc/" in at[0]}
    assert "Tin trong huyện" in sections
    for href, count in sections.values():
        html = client.get(href).text
        assert f"{count} bài trong mục này" in html
        assert len(ITEM.findall(html)) == count


def test_a_section_goes_on_over_pages_and_ends(tmp_path_factory: pytest.TempPathFactory) -> None:
    library = Library.at(tmp_path_factory.mktemp("section"))
    for number in range(23):
        made = article(
            f"Tin {number}", f"Chuyện số {number}.", published=on(2020, 1, 1 + number), section="A/B"
        )
        library.add(f"/{number}.html", made)
    library.add("/khac.html", article("Tin khác", "Ở mục khác.", section="C"))
    library.index()
    client = create_app(library.settings).test_client()
    assert '/site/dam-ha/muc/A/B"' in client.get("/site/dam-ha").text
    first, second = (client.get("/site/dam-ha/muc/A/B", query_string={"page": n}).text for n in (1, 2))
    assert len(ITEM.findall(first)) == 20
    assert len(set(ITEM.findall(first) + ITEM.findall(second))) == 23
    assert 'rel="next"' in first
    assert 'rel="next"' not in second
    assert client.get("/site/dam-ha/muc/A/B?page=3").status_code == 404
    assert client.get("/site/dam-ha/muc/Nix").status_code == 404


def test_every_portal_is_listed(client: FlaskClient, filled: Filled) -> None:
    for path in ("/trang-nguon", "/sites"):
        html = client.get(path).text
        assert '<a href="/site/dam-ha"><bdi>Cổng TTĐT huyện Đầm Hà</bdi></a>' in html
        assert f'<td class="figure">{filled.store.totals().articles}</td>' in html


def test_the_search_of_a_month_stays_in_it(client: FlaskClient) -> None:
    html = client.get("/site/dam-ha/2022/9").text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', html))
    assert hidden == {"site": "dam-ha", "from": "2022-09-01", "to": "2022-09-30"}
    assert '<link rel="canonical" href="http://127.0.0.1:8000/site/dam-ha/2022/9">' in html


@pytest.mark.parametrize(
    "path", ["1999", "2022/0", "2022/13", "2022/1", "22", "2022/9?page=2", "0000", "20222"]
)
def test_an_empty_time_is_no_page(client: FlaskClient, path: str) -> None:
    assert client.get(f"/site/dam-ha/{path}").status_code == 404


def test_a_site_without_articles_and_an_index_has_a_page(tmp_path_factory: pytest.TempPathFactory) -> None:
    library = Library.at(tmp_path_factory.mktemp("bare"))
    answer = create_app(library.settings).test_client().get("/site/dam-ha")
    assert answer.status_code == 200
    assert "Chưa có bài nào được lưu." in answer.text


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library.at(tmp_path_factory.mktemp("days"))
    days = (
        (219, 11, 24),
        (2016, 2, 29),
        (2019, 11, 24),
        (2019, 11, 24),
        (2021, 11, 24),
        (2021, 11, 25),
        (2026, 11, 24),
    )
    for number, day in enumerate(days):
        made = article(f"Tin số {number}", f"Nội dung {number}.", published=on(*day, dt.time(8)))
        library.add(f"/{number}.html", made)
    library.index()
    return library


@pytest.mark.parametrize(
    ("today", "years"),
    [
        (dt.date(2026, 11, 24), ["2021", "2019"]),
        (dt.date(2028, 2, 29), ["2016"]),
        (dt.date(2026, 3, 1), []),
        (dt.date(2000, 11, 24), []),
    ],
)
def test_this_day_in_earlier_years(
    dated: Library, monkeypatch: pytest.MonkeyPatch, today: dt.date, years: list[str]
) -> None:
    monkeypatch.setattr(anniversaries, "today", lambda: today)
    client = create_app(dated.settings).test_client()
    html = client.get("/").text
    shown = html.split('id="anniversaries"')[1].split("</section>")[0] if "anniversaries" in html else ""
    assert re.findall(r'<li><span class="count">(\d+)</span>', shown) == years
    if "2019" in years:
        href = re.search(r'href="(/search[^"]+)" rel="nofollow">1 bài khác ngày đó', shown)
        assert href
        assert "<strong>2 bài</strong>" in client.get(href[1].replace("&amp;", "&")).text
