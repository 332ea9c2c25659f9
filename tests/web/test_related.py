"""Which relatives of an article are shown."""

from __future__ import annotations

import datetime as dt

from archive.search.backend import SearchHit, Snippet
from archive.web import related

DAY = dt.date(2020, 5, 1)


def hit(title: str, score: float = 1.0, site: str = "dam-ha", published: str = "") -> SearchHit:
    shown = Snippet(title, (), "title")
    return SearchHit(title, score, shown, (), site, site, "", published, "", "", "live", "")


def titles(*hits: SearchHit, title: str = "Lễ giao nhận quân năm 2020") -> list[str]:
    return [item.id for item in related.choose(hits, title, "dam-ha", DAY)]


def test_the_same_matter_goes_before_a_shared_rare_word() -> None:
    assert titles(hit("Xã Dực Yên đón danh hiệu năm 2020", 1.4), hit("Lễ giao nhận quân năm 2015")) == [
        "Lễ giao nhận quân năm 2015",
        "Xã Dực Yên đón danh hiệu năm 2020",
    ]


def test_a_year_in_common_is_no_matter_in_common() -> None:
    assert titles(hit("Thu hoạch năm 2020"), hit("Thu hoạch xong", 1.01)) == [
        "Thu hoạch xong",
        "Thu hoạch năm 2020",
    ]


def test_near_in_place_and_time_goes_first() -> None:
    assert titles(hit("xa", 1, "tien-yen"), hit("gần")) == ["gần", "xa"]
    assert titles(hit("xa", published="2012-05-01"), hit("gần", published="2020-05-09T07:30:00+07:00")) == [
        "gần",
        "xa",
    ]


def test_what_has_hardly_anything_in_common_is_left_out() -> None:
    assert titles(hit("giống", 10), hit("khác", 1)) == ["giống"]
    assert len(titles(*(hit(str(number)) for number in range(40)))) == related.SHOWN
    assert titles() == []
