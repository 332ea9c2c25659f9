"""What the Whoosh engine adds to the contract: suggestions, the time bound, the ranking's tiers."""

from __future__ import annotations

import time

import pytest

from archive.search.backend import Batch, HintKind, SearchRequest
from archive.search.whoosh import WhooshBackend
from tests.search.samples import REAL_ID, doc, samples


@pytest.fixture
def sampled(engine: WhooshBackend) -> WhooshBackend:
    engine.apply(Batch(samples(600), (), 1))
    return engine


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("nong thon moi", "nông thôn mới"),
        ("nông thôn mới", ""),
        ("nông thnô mới", "nông thôn mới"),
        ("nôngthôn mới", "nông thôn mới"),
        ("nông thôn mớii", "nông thôn mới"),
        ("qwxzkj", ""),
        ("2022", ""),
        ('"nong thon"', ""),
    ],
)
def test_did_you_mean_in_words_with_accents(sampled: WhooshBackend, typed: str, suggested: str) -> None:
    assert sampled.search(SearchRequest(q=typed)).suggestion == suggested


def test_accents_come_in_tiers(engine: WhooshBackend) -> None:
    """Even many folded matches do not outweigh one word as typed."""
    engine.apply(
        Batch(
            [
                doc("folded", "Cái gương", body="duong dưỡng dướng " * 50),
                doc("letters", "Cái gương", body="đương sự và nhiều chữ khác trong bài này"),
                doc("typed", "Cái gương", body="đường và nhiều chữ khác trong bài này"),
            ],
            (),
            1,
        )
    )
    assert [hit.id for hit in engine.search(SearchRequest(q="đường")).hits] == ["typed", "letters", "folded"]


def test_words_typed_without_accents_are_taken_as_the_archive_writes_them(engine: WhooshBackend) -> None:
    written = [doc(f"w{number}", body=f"phong trào thi đua số {number}") for number in range(5)]
    meant = doc("meant", body="giữ thói đua đòi, thi đua cả năm")
    other = doc("other", body="giữ thói đưa đón, thì đưa cả năm")
    engine.apply(Batch([*written, meant, other], (), 1))
    hits = [hit.id for hit in engine.search(SearchRequest(q="thi dua ca nam")).hits]
    assert hits == ["meant", "other"]


def test_words_side_by_side_come_first(engine: WhooshBackend) -> None:
    engine.apply(
        Batch(
            [
                doc("apart", body="thi " + "chuyện khác " * 10 + "đua"),
                doc("near", body="đua xe thi " + "chuyện khác " * 10),
                doc("together", body="thi đua " + "chuyện khác " * 10 + "nữa"),
            ],
            (),
            1,
        )
    )
    assert [hit.id for hit in engine.search(SearchRequest(q="thi đua")).hits] == ["together", "near", "apart"]


def test_a_search_out_of_time_says_that_it_was_cut_off(engine: WhooshBackend, tmp_path: object) -> None:
    engine.apply(Batch([doc("a", "thi đua"), doc("b", "thi")], (), 1))
    engine._seconds = -1.0
    page = engine.search(SearchRequest(q="thi đua"))
    assert HintKind.CUT_OFF in [hint.kind for hint in page.hints]


@pytest.mark.parametrize(
    "q",
    [
        "t* OR h* OR c* OR ng*",
        "tha* nhâ* côn*",
        " ".join(["huyện", "xã", "đồng", "chí", "ủy", "ban"] * 40),
        " OR ".join(f"({a}* {b})" for a in ("tha", "nha", "con") for b in ("huyện", "xã", "đồng", "chí")),
        '"' + "đồng chí chủ tịch " * 50 + '"',
        '"huyện xã đồng chí ủy ban"~1000',
        "-a " * 100,
    ],
)
def test_no_question_takes_two_seconds(sampled: WhooshBackend, q: str) -> None:
    began = time.perf_counter()
    sampled.search(SearchRequest(q=q, page=50))
    assert time.perf_counter() - began < 2


def test_completion_knows_sections_phrases_and_titles(sampled: WhooshBackend) -> None:
    typed = ("van hoa", "nong thon", "phat dong")
    kinds = {item.kind for text in typed for item in sampled.complete(text, 9)}
    assert kinds == {"section", "phrase", "title"}
    assert sampled.complete("văn hó", 9)[0].text == "Văn hóa - Xã hội"
    (title,) = (item.title for item in samples(600) if item.id == REAL_ID)
    found = sampled.complete("Phát động đợt thi đua đặc b", 9)
    assert [item.text for item in found if item.kind == "title"] == [title]
