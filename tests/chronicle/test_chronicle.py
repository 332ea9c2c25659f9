"""Events and people follow the articles, are gathered, corrected and withheld."""

from __future__ import annotations

import datetime as dt

from archive.chronicle import corrections, follow, update
from archive.model.events import EventClass
from archive.preserve.takedown import Order, lift, withhold
from archive.store import Chronicle
from archive.store.happenings.forms import person_id
from archive.store.happenings.values import EventQuery
from archive.store.takedowns import Scope
from tests.store.scene import BASE, Scene, article_html

LAUNCH = (
    "Sáng ngày 28/9, huyện Đầm Hà đã tổ chức Lễ phát động đợt thi đua đặc biệt chào mừng kỷ niệm 60 năm Ngày "
    "thành lập tỉnh Quảng Ninh (30/10/1963 – 30/10/2023).",
    "Dự Lễ phát động có đồng chí Lê Thị Mơ, Tỉnh ủy viên, Bí thư Huyện ủy; lãnh đạo UBND huyện cùng đông đảo "
    "cán bộ, đảng viên và nhân dân các xã, thị trấn trên địa bàn huyện.",
)
RETOLD = (
    "Ngày 28/9, tại Hội trường huyện, huyện Đầm Hà tổ chức lễ phát động đợt thi đua đặc biệt lập thành tích, "
    "thu hút hơn 300 đại biểu của các cơ quan, đơn vị và địa phương trong toàn huyện tham dự.",
    "Đồng chí Lê Thị Mơ, Bí thư Huyện ủy biểu dương các tập thể và cá nhân có nhiều thành tích trong phong "
    "trào thi đua yêu nước của huyện thời gian qua.",
)


def _filled(scene: Scene) -> Chronicle:
    scene.get(f"{BASE}/phat-dong.html", article_html("Phát động đợt thi đua đặc biệt", LAUNCH))
    scene.get(
        f"{BASE}/thi-dua.html", article_html("Đầm Hà thi đua lập thành tích", RETOLD, published="2022-09-30")
    )
    update(scene.store)
    return Chronicle(scene.store)


def test_two_articles_of_one_event_are_gathered(scene: Scene) -> None:
    chronicle = _filled(scene)
    (gathering,) = chronicle.gatherings(EventQuery(), limit=10)
    assert len(gathering.articles) == 2
    assert gathering.event.when.start == dt.date(2022, 9, 28)
    assert gathering.event.places[0] == "Hội trường huyện"
    for told in gathering.told:
        assert chronicle.gathering(told.id) == gathering, "the id of each telling leads to the whole"
    assert chronicle.count(EventQuery(year=2022, month=9)) == 1
    assert chronicle.count(EventQuery(year=2021)) == 0
    assert chronicle.count(EventQuery(place="hoi truong huyen")) == 1
    (anniversary,) = chronicle.gatherings(EventQuery(sort="anniversary"), limit=10)
    assert anniversary.event.when.end == dt.date(2023, 10, 30)


def test_reading_again_changes_no_address(scene: Scene) -> None:
    chronicle = _filled(scene)
    before = chronicle.gatherings(EventQuery(sort=""), limit=10)
    scene.get(
        f"{BASE}/phat-dong.html",
        article_html(
            "Phát động đợt thi đua đặc biệt", (*LAUNCH, "Lễ phát động kết thúc tốt đẹp với nhiều kết quả.")
        ),
    )
    report = update(scene.store)
    assert report.read == 1
    assert [g.id for g in chronicle.gatherings(EventQuery(sort=""), limit=10)] == [g.id for g in before]


def test_what_was_read_in_a_withheld_version_is_gone_at_once_and_the_one_left_is_read(scene: Scene) -> None:
    scene.get(f"{BASE}/hop.html", article_html("Huyện Đầm Hà thi đua lập thành tích", RETOLD))
    scene.next_crawl()
    added = "Ngày 3/10, tại xã Quảng Tân, UBND huyện tổ chức hội nghị giao ban với các xã, thị trấn."
    article = scene.get(
        f"{BASE}/hop.html", article_html("Huyện Đầm Hà thi đua lập thành tích", (*RETOLD, added))
    ).article
    assert article is not None
    update(scene.store)
    chronicle = Chronicle(scene.store)
    assert chronicle.count(EventQuery(place="xa quang tan")) == 1

    order = Order(Scope.VERSION, f"{article}/v/2", reason="theo đơn", by="thử")
    given = withhold(scene.store, scene.settings, order, index=False).takedown.id

    assert chronicle.count(EventQuery(place="xa quang tan")) == 0
    update(scene.store)
    assert chronicle.count(EventQuery(place="xa quang tan")) == 0
    assert chronicle.count(EventQuery(place="hoi truong huyen")) == 1
    lift(scene.store, scene.settings, given, by="thử", why="xong", index=False)
    update(scene.store)
    assert chronicle.count(EventQuery(place="xa quang tan")) == 1


def test_a_correction_survives_another_reading_and_can_be_lifted(scene: Scene) -> None:
    chronicle = _filled(scene)
    (gathering,) = chronicle.gatherings(EventQuery(), limit=10)
    told = gathering.told[0]
    number = chronicle.correct("change", told.id, {"kind": "hoi-nghi"}, reason="đọc nhầm", by="lan")
    assert {t.event.kind for t in chronicle.gathering(told.id).told} == {"hoi-nghi", "le-phat-dong"}  # type: ignore[union-attr]
    with scene.store.begin() as connection:
        connection.exec_driver_sql("UPDATE chronicle SET rules = 'older'")
    assert update(scene.store).read == 2
    again = {t.id: t.event for t in chronicle.gathering(told.id).told}  # type: ignore[union-attr]
    assert again[told.id].kind == "hoi-nghi"
    assert again[told.id].rule.endswith("corrected")
    assert chronicle.lift(number, by="lan")
    assert not chronicle.lift(number, by="lan")
    assert {t.event.kind for t in chronicle.gathering(told.id).told} == {"le-phat-dong"}  # type: ignore[union-attr]
    chronicle.correct("hide", told.id, {}, reason="không có thật", by="lan")
    (left,) = chronicle.gatherings(EventQuery(), limit=10)
    assert told.id not in {t.id for t in left.told}


def test_people_are_one_within_a_site_and_joined_only_by_an_admin(scene: Scene) -> None:
    chronicle = _filled(scene)
    (person,) = chronicle.people(limit=10)
    assert (person.name, person.claims, person.articles) == ("Lê Thị Mơ", 2, 2)
    assert person.offices == ("Bí thư Huyện ủy",)
    assert [claim.claim.offices for claim in chronicle.claims(person.id)] == [
        ("Tỉnh ủy viên", "Bí thư Huyện ủy"),
        ("Bí thư Huyện ủy",),
    ]
    assert chronicle.people(name="mo", limit=10) == [person]
    assert chronicle.people(name="hoa", limit=10) == []
    other = person_id("khac", "Lê Thị Mơ")
    assert chronicle.person(other) is None
    number = chronicle.correct("same", other, {"with": person.id}, reason="cùng một người", by="lan")
    assert chronicle.person(other) == person
    chronicle.lift(number, by="lan")
    assert chronicle.person(other) is None


def test_what_an_article_tells_points_into_its_text(scene: Scene) -> None:
    chronicle = _filled(scene)
    (article_id,) = {
        g.told[0].article for g in chronicle.gatherings(EventQuery(sort="anniversary"), limit=10)
    }
    found = chronicle.of_article(article_id)
    view = scene.store.article(article_id)
    assert view is not None
    texts = {"title": view.extraction.title, "lead": view.extraction.lead} | {
        f"b{number}": getattr(block, "text", "") for number, block in enumerate(view.extraction.blocks)
    }
    for told in found.events:
        where = told.event.where
        assert texts[where.part][where.start : where.end].strip() in told.event.sentence
    for said in found.claims:
        where = said.claim.where
        assert texts[where.part][where.start : where.end] == said.claim.name
    assert "huyện Đầm Hà" in found.places
    assert {told.event.sort for told in found.events} == {EventClass.OCCASION, EventClass.ANNIVERSARY}


def test_corrections_outlive_the_database(scene: Scene) -> None:
    chronicle = _filled(scene)
    (gathering,) = chronicle.gatherings(EventQuery(), limit=10)
    told = gathering.told[0].id
    kept = corrections.correct(
        scene.store, scene.settings, "change", told, {"kind": "hoi-nghi"}, reason="đọc nhầm", by="lan"
    )
    gone = corrections.correct(
        scene.store, scene.settings, "hide", gathering.told[1].id, {}, reason="thử", by="lan"
    )
    assert corrections.lift(scene.store, scene.settings, gone, by="lan")
    assert not corrections.lift(scene.store, scene.settings, gone, by="lan")
    before = [
        (item.target, item.action, item.at, item.lifted_at is None)
        for item in chronicle.corrections(lifted=True)
    ]
    with scene.store.begin() as connection:
        connection.exec_driver_sql("DELETE FROM corrections")
        connection.exec_driver_sql("UPDATE chronicle SET rules = 'older'")
    follow(scene.store, scene.settings)
    after = [
        (item.target, item.action, item.at, item.lifted_at is None)
        for item in chronicle.corrections(lifted=True)
    ]
    assert after == before
    events = {item.id: item.event for item in chronicle.gathering(told).told}  # type: ignore[union-attr]
    assert events[told].kind == "hoi-nghi"
    assert follow(scene.store, scene.settings).read == 0
    assert [item.id for item in chronicle.corrections()] != []
    assert kept
