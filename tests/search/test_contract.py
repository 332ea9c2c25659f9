"""What every search backend must do, whichever it is."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

import pytest

from archive.errors import SearchError
from archive.search.backend import (
    Batch,
    DocumentWriter,
    HintKind,
    IndexDocument,
    SearchBackend,
    SearchRequest,
    Sort,
)
from tests.search.samples import REAL_ID, doc


def fill(backend: SearchBackend, docs: Sequence[IndexDocument], cursor: int = 1) -> None:
    backend.apply(Batch(docs, (), cursor))


def ids(backend: SearchBackend, q: str, **parameters: object) -> list[str]:
    request = SearchRequest(q=q, **{"size": 100, **parameters})  # type: ignore[arg-type]
    return [hit.id for hit in backend.search(request).hits]


# ---------------------------------------------------------------------------------------- the real article


@pytest.mark.parametrize(
    "q",
    [
        "thi dua dam ha",
        "thi đua đầm hà",
        unicodedata.normalize("NFD", "thi đua đầm hà"),
        "THI ĐUA ĐẦM HÀ",
        "Thi dua, Dam Ha!",
    ],
)
def test_the_real_article_is_found_first_however_it_is_typed(sampled: SearchBackend, q: str) -> None:
    page = sampled.search(SearchRequest(q=q))
    assert page.hits[0].id == REAL_ID
    marked = [page.hits[0].title.text[start:end] for start, end in page.hits[0].title.marks]
    assert "thi đua" in marked
    assert "Đầm Hà" in marked


def test_a_caption_is_found_by_its_phrase_and_named_as_one(sampled: SearchBackend) -> None:
    page = sampled.search(SearchRequest(q='"đại biểu dự lễ phát động"'))
    assert [hit.id for hit in page.hits] == [REAL_ID]
    (snippet,) = page.hits[0].snippets
    assert snippet.field == "caption"
    assert [snippet.text[start:end] for start, end in snippet.marks] == ["Đại biểu dự Lễ phát động"]


# ------------------------------------------------------------------------------------------------- spelling


def test_accents_are_not_needed_and_count_when_typed(backend: SearchBackend) -> None:
    fill(backend, [doc("road", "Con đường mới"), doc("sugar", "Ngành mía duong"), doc("lake", "Cây dương")])
    assert set(ids(backend, "duong")) == {"road", "sugar", "lake"}
    assert ids(backend, "đường")[0] == "road"
    assert ids(backend, "dương")[0] == "lake"
    assert set(ids(backend, "đường")) == {"road", "sugar", "lake"}


def test_exact_keeps_words_with_the_accents_as_typed(backend: SearchBackend) -> None:
    fill(backend, [doc("road", "Con đường mới"), doc("sugar", "Ngành mía duong"), doc("lake", "Cây dương")])
    assert ids(backend, "đường", exact=True) == ["road"]
    assert ids(backend, "duong", exact=True) == ["sugar"]
    assert ids(backend, '"con đường"', exact=True) == ["road"]
    assert ids(backend, '"con đương"', exact=True) == []


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("hoà bình", "hòa bình"),
        ("uỷ ban", "ủy ban"),
        ("bác sĩ", "bác sỹ"),
        ("tỷ lệ", "tỉ lệ"),
        ("công ty", "cong ti"),
        ("Công An", "công an"),
        ("y tế", "Y TẾ"),
    ],
)
@pytest.mark.parametrize("exact", [False, True])
def test_spellings_of_one_word_find_each_other(
    backend: SearchBackend, stored: str, typed: str, exact: bool
) -> None:
    fill(backend, [doc("a", stored), doc("b", "khác hẳn")])
    if exact and typed == "cong ti":
        return
    assert ids(backend, typed, exact=exact) == ["a"]
    assert ids(backend, f'"{typed}"', exact=exact) == ["a"]


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("Chủ tịch UBND huyện", "ủy ban nhân dân"),
        ("Chủ tịch UBND huyện", "uy ban nhan dan huyen"),
        ("Chủ tịch UBND huyện", '"chủ tịch ủy ban nhân dân huyện"'),
        ("Chủ tịch Ủy ban nhân dân huyện", "UBND"),
        ("Chủ tịch Ủy ban nhân dân huyện", '"chủ tịch ubnd"'),
        ("Xã đạt chuẩn NTM nâng cao", "nông thôn mới"),
        ("phát triển kinh tế - xã hội", "KT-XH"),
        ("Trung tâm TT&VH huyện", "truyền thông và văn hóa"),
        ("Phòng Giáo dục và Đào tạo", "GD-ĐT"),
    ],
)
def test_abbreviations_both_ways(backend: SearchBackend, stored: str, typed: str) -> None:
    fill(backend, [doc("a", stored), doc("b", "khác hẳn")])
    assert ids(backend, typed) == ["a"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("123/QĐ-UBND", ["decree"]),
        ("qd-ubnd", ["decree"]),
        ("123", ["decree"]),
        ("26/TB-HĐ", ["notice"]),
        ("17,5%", ["figures"]),
        ("17,5", ["figures"]),
        ("17/5", ["day"]),
        ("3.950", ["figures"]),
        ("3950", ["figures"]),
        ("TT&VH", ["centre"]),
        ("GD-ĐT", ["centre"]),
        ('"tăng 17,5 trở lên"', ["figures"]),
        ('"tăng 17"', ["figures"]),
        ('"5 trở lên"', ["figures"]),
        ('"5 triệu"', []),
    ],
)
def test_numbers_of_documents_figures_and_compounds(
    backend: SearchBackend, typed: str, found: list[str]
) -> None:
    fill(
        backend,
        [
            doc("decree", "Quyết định số 123/QĐ-UBND ngày 2 tháng 1"),
            doc("notice", "Thông báo số 26/TB-HĐ"),
            doc("figures", "Giá trị tăng 17,5% trở lên, đạt 3.950 USD"),
            doc("day", "Sáng ngày 17/5, tại huyện 5,5 ha"),
            doc("centre", "Mai Thắm (Trung tâm TT&VH) và phòng GD-ĐT"),
        ],
    )
    assert ids(backend, typed) == found


# --------------------------------------------------------------------------------------- the query language


@pytest.fixture
def language(backend: SearchBackend) -> SearchBackend:
    fill(
        backend,
        [
            doc(
                "a",
                "Nông thôn mới",
                lead="Huyện Đầm Hà",
                body="Phong trào thi đua\nđặc biệt",
                published=dt.date(2022, 9, 28),
            ),
            doc("b", "Thi đua", body="nông dân thôn bản", published=dt.date(2021, 3, 1), section="Kinh tế"),
            doc("c", "Covid", captions=("Nông thôn mới nâng cao",), byline="Mai Thắm", site="ba-che"),
            doc("d", "Không và hoặc", body="thi công, đua xe", site="ba-che", site_name="Cổng Ba Chẽ"),
        ],
    )
    return backend


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("thi đua", "abd"),
        ('"thi đua"', "ab"),
        ('"nông thôn"', "ac"),
        ('"nông thôn" AND covid', "c"),
        ("covid OR đua", "abcd"),
        ("thi -nông", "d"),
        ("thi NOT nông", "d"),
        ("-thi", "c"),
        ("(covid OR công) thôn", "c"),
        ("thi (covid OR công)", "d"),
        ("tieude:thi", "b"),
        ("title:(nông OR covid)", "ac"),
        ("chuthich:nông", "c"),
        ("than:nông", "b"),
        ("sapo:đầm", "a"),
        ("tacgia:thắm", "c"),
        ("muc:kinh", "b"),
        ("trang:ba-che", "cd"),
        ('trang:"ba chẽ"', "cd"),
        ('trang:"cổng ba chẽ"', "d"),
        ("ngay:2022", "a"),
        ("ngay:03/2021", "b"),
        ("ngay:28/09/2022", "a"),
        ("date:2021", "b"),
        ("[2021-01-01 TO 2021-12-31]", "b"),
        ("[2021-06-01 TO *]", "a"),
        ("[* TO 2021]", "b"),
        ("-ngay:2022 thi", "bd"),
        ("thi ngay:2021", "b"),
        ("nôn*", "abc"),
        ("nong* -covid", "ab"),
        ('"thi xe"~5', "d"),
        ('"xe thi"~5', "d"),
        ('"thi xe"~1', ""),
        ('"đua đặc"', ""),
        ('"đua đặc"~5', ""),
        ("không và", "d"),
        ("", "abcd"),
        ("NOT", "abcd"),
        ("xyzzy", ""),
    ],
)
def test_query_language(language: SearchBackend, q: str, found: str) -> None:
    page = language.search(SearchRequest(q=q, size=100))
    assert sorted(hit.id for hit in page.hits) == list(found)
    assert page.total == len(found)


def test_no_article_with_all_words_gives_those_with_most(language: SearchBackend) -> None:
    page = language.search(SearchRequest(q="phong trào thi đua xyzzy"))
    assert page.hits[0].id == "a"
    assert "c" not in [hit.id for hit in page.hits]
    assert HintKind.RELAXED in [hint.kind for hint in page.hints]


# --------------------------------------------------------------------------- totals, facets, orders, paging


@pytest.fixture
def dated(backend: SearchBackend) -> SearchBackend:
    fill(
        backend,
        [
            doc(
                f"{number:02}",
                f"Tin {number}",
                published=dt.date(2019 + number % 4, 1 + number % 12, 1) if number % 5 else None,
                site=("dam-ha", "ba-che", "tien-yen")[number % 3],
                section=("Kinh tế", "Xã hội")[number % 2],
                has_pictures=number % 4 == 0,
                status="gone" if number % 7 == 0 else "live",
            )
            for number in range(60)
        ],
    )
    return backend


def test_totals_are_exact_and_pages_neither_repeat_nor_skip(dated: SearchBackend) -> None:
    for sort in Sort:
        seen: list[str] = []
        for page in range(1, 20):
            answer = dated.search(SearchRequest(q="tin", page=page, size=7, sort=sort))
            assert answer.total == answer.distinct == 60
            seen += [hit.id for hit in answer.hits]
        assert len(seen) == len(set(seen)) == 60


def test_all_ids_are_those_of_all_pages_in_order(dated: SearchBackend) -> None:
    for request in (
        SearchRequest(size=7),
        SearchRequest(q="tin", size=3, sort=Sort.OLDEST),
        SearchRequest(q="zzz"),
    ):
        pages: list[str] = []
        number = 1
        while hits := dated.search(replace(request, page=number)).hits:
            pages += [hit.id for hit in hits]
            number += 1
        assert list(dated.ids(replace(request, page=2))) == pages


def test_a_page_beyond_the_end_is_empty_and_still_counts(dated: SearchBackend) -> None:
    answer = dated.search(SearchRequest(q="tin", page=10**9, size=20))
    assert answer.hits == ()
    assert answer.total == 60


def test_newest_and_oldest_put_the_undated_last(dated: SearchBackend) -> None:
    for sort, ordered in ((Sort.NEWEST, True), (Sort.OLDEST, False)):
        hits = dated.search(SearchRequest(q="tin", size=100, sort=sort)).hits
        days = [hit.published for hit in hits if hit.published]
        assert days == sorted(days, reverse=ordered)
        assert all(not hit.published for hit in hits[len(days) :])


def test_no_question_shows_the_newest_first(dated: SearchBackend) -> None:
    hits = dated.search(SearchRequest(size=100)).hits
    assert [hit.published for hit in hits] == sorted((hit.published for hit in hits), reverse=True)


def test_facets_count_under_the_other_filters(dated: SearchBackend) -> None:
    def counts(name: str, **parameters: object) -> dict[str, int]:
        answer = dated.search(SearchRequest(q="tin", **parameters))  # type: ignore[arg-type]
        return {item.value: item.count for item in answer.facets[name]}

    assert counts("site") == {"dam-ha": 20, "ba-che": 20, "tien-yen": 20}
    assert counts("site", sites=("dam-ha",)) == {"dam-ha": 20, "ba-che": 20, "tien-yen": 20}
    assert counts("section", sites=("dam-ha",)) == {"Kinh tế": 10, "Xã hội": 10}
    assert counts("year")[""] == 12
    assert sum(counts("year").values()) == 60
    assert counts("media") == {"0": 45, "1": 15}
    assert counts("status", status=("gone",)) == {"live": 51, "gone": 9}
    assert sum(counts("media", status=("gone",)).values()) == 9


@pytest.mark.parametrize(
    ("parameters", "total"),
    [
        ({"sites": ("dam-ha", "ba-che")}, 40),
        ({"sections": ("Kinh tế",)}, 30),
        ({"sites": ("nowhere",)}, 0),
        ({"media": True}, 15),
        ({"media": False}, 45),
        ({"status": ("gone",)}, 9),
        ({"years": (2019, 2020)}, 24),
        ({"date_from": dt.date(2022, 1, 1)}, 12),
        ({"date_to": dt.date(2019, 12, 31)}, 12),
        ({"date_from": dt.date(2019, 1, 1), "date_to": dt.date(2022, 12, 31)}, 48),
    ],
)
def test_filters(dated: SearchBackend, parameters: dict[str, object], total: int) -> None:
    answer = dated.search(SearchRequest(q="tin", size=100, **parameters))  # type: ignore[arg-type]
    assert answer.total == len(answer.hits) == total


def test_months_and_the_undated_add_up(dated: SearchBackend) -> None:
    answer = dated.search(SearchRequest(q="tin", years=(2021,)))
    assert {month[:4] for month in answer.months} == {"2021"}
    everything = dated.search(SearchRequest(q="tin"))
    assert sum(everything.months.values()) + everything.undated == 60
    assert everything.undated == 12
    assert list(everything.months) == sorted(everything.months)


# ------------------------------------------------------------------------------------- names and attachments


@pytest.fixture
def named(backend: SearchBackend) -> SearchBackend:
    people = (("person", "Trần Việt Dũng"), ("person", "Đỗ Thị Ninh Hường"))
    fill(
        backend,
        [
            doc("a", "Tin một", keywords=(*people, ("place", "xã Quảng Tân"), ("event", "Hội nghị"))),
            doc("b", "Tin hai", keywords=(people[0], ("place", "Xã Quảng Tân"), ("place", "Đầm Hà"))),
            doc("c", "Tin ba", body="Trần Việt Dũng", site="ba-che"),
            doc("d", "Tin bốn", keywords=(("person", "Trần Viết Dũng"),), site="ba-che"),
        ],
    )
    return backend


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ('nguoi:"Trần Việt Dũng"', "abd"),
        ('person:"tran viet dung"', "abd"),
        ('person:"việt dũng"', ""),
        ('nguoi:"Trần Việt Dũng" nguoi:"đỗ thị ninh hường"', "a"),
        ('tin -nguoi:"Trần Việt Dũng"', "c"),
        ('noi:"quảng tân"', ""),
        ('noi:"XÃ QUẢNG TÂN" sukien:"hội nghị"', "a"),
        ("noi:(Đầm-Hà OR nowhere)", "b"),
        ("event:( )", "abcd"),
    ],
)
def test_names_are_found_whole(named: SearchBackend, q: str, found: str) -> None:
    assert sorted(ids(named, q)) == list(found)


def test_names_with_the_accents_as_typed(named: SearchBackend) -> None:
    assert sorted(ids(named, 'nguoi:"trần việt dũng"', exact=True)) == ["a", "b"]
    assert ids(named, 'nguoi:"trần viết dũng"', exact=True) == ["d"]


def test_names_filter_and_are_counted(named: SearchBackend) -> None:
    def counts(name: str, **parameters: object) -> dict[str, int]:
        answer = named.search(SearchRequest(q="tin", **parameters))  # type: ignore[arg-type]
        return {item.value: item.count for item in answer.facets[name]}

    dung = ("person", "Trần Việt Dũng")
    assert counts("person") == {"Trần Việt Dũng": 2, "Trần Viết Dũng": 1, "Đỗ Thị Ninh Hường": 1}
    assert counts("person", keywords=(dung,))["Đỗ Thị Ninh Hường"] == 1
    assert counts("event", keywords=(dung,)) == {"Hội nghị": 1}
    assert counts("person", sites=("ba-che",)) == {"Trần Viết Dũng": 1}
    assert counts("site", keywords=(dung, ("place", "đầm hà"))) == {"dam-ha": 1}
    assert sorted(ids(named, "", keywords=(dung, ("person", "nobody")))) == ["a", "b", "d"]
    assert ids(named, "", keywords=(dung, ("place", "đầm hà"))) == ["b"]


def test_kinds_of_names_that_no_article_has_are_no_facets(backend: SearchBackend) -> None:
    fill(backend, [doc("a", keywords=(("person", "Trần Việt Dũng"),))])
    assert "person" in backend.search(SearchRequest()).facets
    backend.apply(Batch([doc("a")], (), 2))
    assert "person" not in backend.search(SearchRequest()).facets


def test_attachments_are_found_as_part_of_the_article_and_named(backend: SearchBackend) -> None:
    attached = "Quyết định\nVề việc phân bổ chỉ tiêu\nĐiều 1. Phê duyệt danh sách"
    fill(backend, [doc("a", "Thông báo", body="Xem tệp", attachments=(attached,)), doc("b", "phê duyệt")])
    page = backend.search(SearchRequest(q='"phân bổ chỉ tiêu" thông báo'))
    assert [hit.id for hit in page.hits] == ["a"]
    assert [hit.id for hit in backend.search(SearchRequest(q="phê duyệt")).hits] == ["b", "a"]
    assert ids(backend, 'dinhkem:"phê duyệt"') == ["a"]
    assert ids(backend, '"quyết định về việc"') == []
    (snippet,) = backend.search(SearchRequest(q='"phân bổ chỉ tiêu"')).hits[0].snippets
    assert snippet.field == "attachment"
    assert [snippet.text[start:end] for start, end in snippet.marks] == ["phân bổ chỉ tiêu"]


# ----------------------------------------------------------------------------------------------------- copies

_TEXT = (
    "Ủy ban nhân dân huyện thông báo lịch tiêm vắc xin phòng bệnh cho trẻ em trên địa bàn các xã thị trấn "
    * 2
)


def test_copies_of_a_text_are_one_hit_that_says_how_many(backend: SearchBackend) -> None:
    fill(
        backend,
        [
            doc("one", "Thông báo tiêm", body=_TEXT, site="dam-ha"),
            doc("two", "Lịch tiêm", body=_TEXT.upper(), site="ba-che"),
            doc("three", "Tiêm vắc xin", body=_TEXT, site="tien-yen"),
            doc("other", "Tiêm", body=_TEXT + " khác"),
        ],
    )
    page = backend.search(SearchRequest(q="tiêm vắc xin"))
    assert page.total == 4
    assert page.distinct == len(page.hits) == 2
    assert sorted(hit.copies for hit in page.hits) == [1, 3]
    assert len(backend.search(SearchRequest(q="tiêm", collapse=False)).hits) == 4
    copies = backend.search(SearchRequest(copies_of="two", collapse=False))
    assert {hit.id for hit in copies.hits} == {"one", "two", "three"}
    assert [hit.id for hit in backend.search(SearchRequest(copies_of="other", collapse=False)).hits] == [
        "other"
    ]


# --------------------------------------------------------------------------------------------------- changes


def test_updates_replace_and_deletions_remove(backend: SearchBackend) -> None:
    fill(backend, [doc("a", "bản cũ"), doc("b", "bản khác")], cursor=2)
    backend.apply(Batch([doc("a", "bản mới")], ["b", "never-there"], 5))
    assert backend.cursor() == 5
    assert backend.count() == 1
    assert ids(backend, "bản") == ["a"]
    assert ids(backend, "cũ") == []
    assert ids(backend, '"bản cũ"') == ids(backend, '"bản cũ"~2') == ids(backend, "cũ*") == []
    assert ids(backend, "mới") == ["a"]


def test_applying_a_batch_again_is_harmless(backend: SearchBackend) -> None:
    batch = Batch([doc("a", "một"), doc("b", "hai")], ["c"], 3)
    for _ in range(3):
        backend.apply(batch)
    assert backend.count() == 2
    assert backend.cursor() == 3
    assert len(ids(backend, "")) == 2


def test_a_rebuilt_index_takes_the_place_of_the_old_one(backend: SearchBackend) -> None:
    fill(backend, [doc("old", "bản cũ")], cursor=9)
    before = backend.generation()

    def refill(writer: DocumentWriter) -> int:
        for number in range(5):
            writer.add(doc(str(number), f"bản mới {number}"))
        assert ids(backend, "bản") == ["old"]
        return 4

    counted: list[int] = []
    backend.rebuild(refill, counted.append)
    assert counted == [5]
    assert (backend.cursor(), backend.count()) == (4, 5)
    assert backend.generation() != before
    assert ids(backend, "cũ") == []
    fill(backend, [doc("6", "bản sau")], cursor=5)
    assert backend.count() == 6


def test_a_discarded_index_is_built_anew_from_an_earlier_place(backend: SearchBackend) -> None:
    fill(backend, [doc("a", "bản cũ"), doc("b", "bản cũ")], cursor=90)
    backend.discard()
    fill(backend, [doc("a", "bản mới")], cursor=3)
    assert (backend.cursor(), ids(backend, "bản")) == (3, ["a"])
    assert ids(backend, "mới") == ["a"]


def test_a_rebuild_that_fails_its_check_keeps_the_old_index(backend: SearchBackend) -> None:
    fill(backend, [doc("old", "bản cũ")], cursor=9)

    def refuse(count: int) -> None:
        raise SearchError("The counts differ.")

    with pytest.raises(SearchError, match="differ"):
        backend.rebuild(lambda writer: 1, refuse)
    assert (backend.cursor(), ids(backend, "")) == (9, ["old"])


def test_an_empty_batch_makes_an_empty_index(backend: SearchBackend) -> None:
    backend.apply(Batch((), (), 0))
    page = backend.search(SearchRequest(q="thi đua -x ngay:2022"))
    assert (page.total, page.hits, backend.count()) == (0, (), 0)
    assert backend.search(SearchRequest()).total == 0
    assert backend.complete("thi", 5) == []
    assert backend.related("a", 5) == []


# ----------------------------------------------------------------------------------- completion and related


def test_completion_goes_on_in_words_with_accents(sampled: SearchBackend) -> None:
    for typed in ("nong thon m", "nông thôn m", "NÔNG THÔN M"):
        texts = [item.text for item in sampled.complete(typed, 8)]
        assert 0 < len(texts) <= 8
        assert all("nông thôn m" in text.lower() for text in texts)
    assert sampled.complete("", 8) == []
    assert sampled.complete("\x00*(", 8) == []


def test_related_articles_are_others(sampled: SearchBackend) -> None:
    related = sampled.related(REAL_ID, 5)
    assert len(related) == 5
    assert REAL_ID not in [hit.id for hit in related]
    assert sampled.related("no-such-article", 5) == []


# ----------------------------------------------------------------------------------------- anything at all


@pytest.mark.parametrize(
    "q",
    [
        "(" * 3000 + "thi" + ")" * 3000,
        "NOT " * 2000 + "thi",
        '"' + "thi đua " * 500,
        "thi " * 2500,
        "a OR " * 2000 + "b",
        "*",
        "*a*",
        "a*",
        "[ TO ] [9999 TO 0000]",
        "ngay:99/99/9999 ngay:",
        "\x00\x01\ud800 thi",
        "tieude: muc:( than:)",
        "AND OR NOT",
        "-" * 9000,
        '"" "~5 ~3 "a"~99999999999999999999',
        "\u202e\u0301\u0301\u0301",
    ],
)
def test_anything_typed_has_an_answer(language: SearchBackend, q: str) -> None:
    page = language.search(SearchRequest(q=q))
    assert page.total >= 0
    assert language.search(SearchRequest(q=q, page=3, size=1, sort=Sort.OLDEST, exact=True)).total >= 0
