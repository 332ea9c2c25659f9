"""Event pages, people pages, and the feed for calendars, judged by a reader that is not the writer."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator

import pytest
import vobject
from flask.testing import FlaskClient

from archive.model import Figure, Paragraph
from archive.preserve import takedown
from archive.store import Chronicle
from archive.store.happenings.values import EventQuery
from archive.store.takedowns import Scope
from archive.web import create_app
from tests.web.conftest import EVIL
from tests.web.library import Library, article, on

LAUNCH = (
    "Sáng ngày 28/9, huyện Đầm Hà đã tổ chức Lễ phát động đợt thi đua chào mừng kỷ niệm 60 năm Ngày thành "
    "lập tỉnh Quảng Ninh (30/10/1963 – 30/10/2023)."
)


RETOLD = "Ngày 28/9, tại Hội trường huyện, huyện Đầm Hà tổ chức lễ phát động đợt thi đua."
MEETING = "Vào 14h30 ngày 3/10, tại xã Quảng Tân, UBND huyện tổ chức hội nghị giao ban với các xã."
HOSTILE = f"Ngày 5/10, tại xã {EVIL}, huyện Đầm Hà tổ chức hội nghị {EVIL} với ông Lê Văn {EVIL}."


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    made = Library.at(tmp_path_factory.mktemp("events"))
    made.add(
        "/phat-dong.html",
        article(
            "Phát động đợt thi đua",
            published=on(2022, 9, 28),
            lead=LAUNCH,
            blocks=(
                Paragraph("Dự Lễ phát động có đồng chí Lê Thị Mơ, Tỉnh ủy viên, Bí thư Huyện ủy."),
                Figure(
                    (made.picture("/a.jpg", b"x"),),
                    "Đồng chí Trần Văn Bình, Chủ tịch UBND huyện phát động thi đua",
                ),
            ),
        ),
    )
    made.add(
        "/ke-lai.html",
        article("Đầm Hà thi đua", RETOLD,
                published=on(2022, 9, 30)),
    )  # fmt: skip
    made.add(
        "/hop.html",
        article("Họp", MEETING,
                published=on(2022, 10, 3)),
    )  # fmt: skip
    made.add(
        "/evil.html",
        article("Lạ", HOSTILE,
                published=on(2022, 10, 5)),
    )  # fmt: skip
    made.index()
    yield made
    made.store.close()


@pytest.fixture
def client(library: Library) -> FlaskClient:
    return create_app(library.settings).test_client()


def test_the_list_narrows_by_kind_place_and_month(client: FlaskClient) -> None:
    everything = client.get("/su-kien").text
    assert "Lễ phát động đợt thi đua" in everything
    assert "giao ban với các xã" in everything
    narrowed = client.get("/su-kien?loai=le-phat-dong").text
    assert "giao ban với các xã" not in narrowed
    assert "giao ban với các xã" in client.get("/su-kien?noi=xa+quang+tan").text
    september = client.get("/su-kien?nam=2022&thang=9").text
    assert "giao ban với các xã" not in september
    assert '<time datetime="2022-09-28">28</time>' in september, "the month stands as a calendar"
    assert client.get("/su-kien?trang=900").status_code == 404
    assert client.get("/su-kien?dang=x&nam=99999&thang=-1&ngay=%00&noi=%ff&trang=x").status_code == 200


def test_an_event_page_gathers_its_articles_and_leads_to_the_sentences(
    client: FlaskClient, library: Library
) -> None:
    (gathering,) = Chronicle(library.store).gatherings(EventQuery(kind="le-phat-dong"), limit=5)
    for told in gathering.told:
        page = client.get(f"/su-kien/{told.id}").text
        assert "Sáng ngày 28/9, huyện Đầm Hà đã tổ chức" in page
        assert "tại Hội trường huyện" in page
        assert "Lê Thị Mơ" in page
        assert "Trần Văn Bình" in page, "whom a caption names"
        assert f'rel="canonical" href="http://127.0.0.1:8000/su-kien/{gathering.id}"' in page
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    node = json.loads(found[1])
    assert (node["@type"], node["startDate"], node["endDate"]) == ("Event", "2022-09-28", "2022-09-28")
    assert node["location"]["name"].startswith("Hội trường huyện")
    assert len(node["subjectOf"]) == 2
    for odd in ("nothere", "x" * 99, "a%20b", "../../etc"):
        assert client.get(f"/su-kien/{odd}").status_code == 404


def test_the_article_shows_its_events_people_and_places(client: FlaskClient, library: Library) -> None:
    (gathering,) = Chronicle(library.store).gatherings(EventQuery(kind="le-phat-dong"), limit=5)
    page = client.get(f"/a/{gathering.articles[0]}", follow_redirects=True).text
    assert "Sự kiện trong bài" in page
    assert "60 năm Ngày thành lập tỉnh Quảng Ninh" in page
    assert 'href="#p1"' in page, "the sentence that names a person"
    assert "Tỉnh ủy viên, Bí thư Huyện ủy" in page
    assert "/su-kien?noi=huy%E1%BB%87n+%C4%90%E1%BA%A7m+H%C3%A0" in page


def test_a_person_has_a_page_of_claims(client: FlaskClient) -> None:
    people = client.get("/nguoi?ten=mo").text
    address = re.search(r"/nguoi/[a-z0-9]+", people)
    assert address is not None
    assert "Trần Văn Bình" not in people
    page = client.get(address[0]).text
    assert "Tỉnh ủy viên, Bí thư Huyện ủy" in page
    assert "Dự Lễ phát động có đồng chí Lê Thị Mơ" in page
    assert client.get("/nguoi/unknown").status_code == 404


def test_nothing_of_a_page_reaches_ours_unescaped(client: FlaskClient) -> None:
    for address in (
        "/su-kien",
        "/su-kien?noi=<script>alert(1)</script>",
        "/nguoi",
        "/nguoi?ten=<script>alert(1)</script>",
    ):
        assert "<script>alert" not in client.get(address).text


def test_a_part_of_a_day_is_no_hour_and_an_hour_has_its_zone(client: FlaskClient) -> None:
    answer = client.get("/su-kien.ics?nam=2022")
    assert answer.mimetype == "text/calendar"
    body = answer.data
    assert all(len(line) <= 75 for line in body.split(b"\r\n")), "folded by octets"
    assert b"\n" not in body.replace(b"\r\n", b"")
    calendar = vobject.readOne(body.decode())
    found = {event.summary.value: event for event in calendar.vevent_list}
    launch = next(event for name, event in found.items() if "phát động" in name)
    assert launch.summary.value.startswith("sáng: ")
    assert (launch.dtstart.value, launch.dtend.value) == (dt.date(2022, 9, 28), dt.date(2022, 9, 29))
    assert launch.location.value.startswith("Hội trường huyện")
    meeting = next(event for name, event in found.items() if "giao ban" in name)
    assert meeting.dtstart.value.isoformat() == "2022-10-03T14:30:00+07:00"
    again = client.get("/su-kien.ics?nam=2022")
    assert again.data == body, "the same state gives the same bytes"
    assert (
        client.get("/su-kien.ics?nam=2022", headers={"If-None-Match": answer.headers["ETag"]}).status_code
        == 304
    )
    alone = client.get(f"/su-kien/{launch.uid.value.split('@')[0]}.ics")
    assert len(vobject.readOne(alone.text).vevent_list) == 1


def test_the_line_of_time_has_anniversaries_in_the_year_they_are_celebrated(client: FlaskClient) -> None:
    page = client.get("/su-kien/dong-thoi-gian").text
    assert page.index('id="y2023"') < page.index("60 năm Ngày thành lập tỉnh Quảng Ninh")


def _withheld(library: Library, scope: Scope, target: str) -> str:
    order = takedown.Order(scope, target, reason="theo đơn", by="thử")
    return takedown.withhold(library.store, library.settings, order).takedown.id


def test_a_withheld_article_and_a_withheld_name_are_in_no_event(
    library: Library, client: FlaskClient
) -> None:
    given = _withheld(library, Scope.NAME, "Lê Thị Mơ")
    try:
        assert "Lê Thị Mơ" not in client.get("/nguoi").text
        (gathering,) = Chronicle(library.store).gatherings(EventQuery(kind="le-phat-dong"), limit=5)
        assert "Lê Thị Mơ" not in client.get(f"/su-kien/{gathering.id}").text
        assert "Lê Thị Mơ" not in client.get("/su-kien.ics").text
    finally:
        takedown.lift(library.store, library.settings, given, by="thử", why="xong")
    assert "Lê Thị Mơ" in client.get("/nguoi").text
    (meeting,) = Chronicle(library.store).gatherings(EventQuery(year=2022, month=10, day=3), limit=5)
    given = _withheld(library, Scope.ARTICLE, meeting.articles[0])
    try:
        assert "giao ban với các xã" not in client.get("/su-kien").text
        assert "giao ban" not in client.get("/su-kien.ics").text
    finally:
        takedown.lift(library.store, library.settings, given, by="thử", why="xong")
    assert "giao ban với các xã" in client.get("/su-kien").text


def test_a_search_narrows_by_person_place_and_kind(client: FlaskClient) -> None:
    page = client.get("/search?person=L%C3%AA+Th%E1%BB%8B+M%C6%A1").text
    assert "Phát động đợt thi đua" in page
    assert "/hop" not in page
    assert "person=" not in client.get("/search?q=nguoi:%22tran+van+binh%22").text.split("</form>")[0]
    assert "Phát động đợt thi đua" in client.get("/search?q=nguoi:%22tran+van+binh%22").text
    facets = client.get("/search?q=huyen").text
    assert "event=H%E1%BB%99i+ngh%E1%BB%8B" in facets, "a kind of event can be chosen"
    chosen = client.get("/search?q=huyen&event=H%E1%BB%99i+ngh%E1%BB%8B").text
    assert "Họp" in chosen
    assert "Đầm Hà thi đua" not in chosen
