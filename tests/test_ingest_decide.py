from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.ingest import Decision, decide
from archive.ingest.decide import article_id, has_substance, same_article
from archive.model import DateFact, Extraction, Figure, PageKind, Paragraph, Picture
from tests.store.scene import BODY, OTHER_BODY, OTHER_TITLE, TITLE

ARTICLE = Extraction(
    PageKind.ARTICLE, "x-1", title=TITLE, lead=BODY[0], blocks=tuple(map(Paragraph, BODY[1:]))
)
OTHER = Extraction(PageKind.ARTICLE, "x-1", title=OTHER_TITLE, blocks=tuple(map(Paragraph, OTHER_BODY)))


@pytest.mark.parametrize(
    ("previous", "current", "decision"),
    [
        (None, ARTICLE, Decision.NEW),
        (ARTICLE, ARTICLE, Decision.SAME),
        (ARTICLE, dataclasses.replace(ARTICLE, section="Tin mới", profile="wordpress"), Decision.SAME),
        (ARTICLE, dataclasses.replace(ARTICLE, lead="Khác."), Decision.CHANGED),
        (ARTICLE, OTHER, Decision.NEW),
        (ARTICLE, Extraction(PageKind.SOFT_404, "x-1"), Decision.GONE),
        (None, Extraction(PageKind.SOFT_404, "x-1"), Decision.NOT_ARTICLE),
        (ARTICLE, Extraction(PageKind.BOT_CHECK, "x-1"), Decision.NOT_ARTICLE),
        (ARTICLE, Extraction(PageKind.LIST, "x-1"), Decision.NOT_ARTICLE),
    ],
)
def test_what_a_page_means_for_the_article_at_its_address(
    previous: Extraction | None, current: Extraction, decision: Decision
) -> None:
    assert decide(previous, current) is decision


def _picture(url: str) -> tuple[Figure]:
    return (Figure((Picture(url),)),)


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"title": "Huyện Đầm Hà phát động phong trào thi đua năm 2023", "blocks": (), "lead": ""}, True),
        ({"title": OTHER_TITLE}, True),
        ({"title": "", "lead": "", "blocks": ARTICLE.blocks[:1]}, True),
        ({"title": OTHER_TITLE, "lead": "", "blocks": OTHER.blocks}, False),
    ],
)
def test_an_edit_leaves_something_standing(changes: dict[str, object], same: bool) -> None:
    assert same_article(ARTICLE, dataclasses.replace(ARTICLE, **changes)) is same  # type: ignore[arg-type]


def test_pictures_identify_but_the_minute_of_publication_does_not() -> None:
    one = dataclasses.replace(ARTICLE, blocks=_picture("http://x/1.jpg"), lead="")
    other = dataclasses.replace(OTHER, blocks=_picture("http://x/1.jpg"))
    assert same_article(one, other)
    assert not same_article(one, dataclasses.replace(other, blocks=_picture("http://x/2.jpg")))
    fact = DateFact(dt.date(2022, 9, 28), dt.time(0, 0), "meta", "")
    one, other = (dataclasses.replace(item, published=fact) for item in (ARTICLE, OTHER))
    assert not same_article(one, other)


texts = st.text(st.sampled_from("đầm hà tin "), max_size=40)
extractions = st.builds(
    Extraction,
    kind=st.sampled_from(PageKind),
    extractor=st.just("x-1"),
    title=texts,
    lead=texts,
    blocks=st.lists(st.builds(Paragraph, texts), max_size=3).map(tuple),
)


@given(extractions, extractions)
def test_likeness_is_mutual_and_a_page_is_like_itself(one: Extraction, other: Extraction) -> None:
    assert same_article(one, other) == same_article(other, one)
    if one.kind is PageKind.ARTICLE:
        assert decide(one, one) is Decision.SAME
    assert (decide(None, other) is Decision.NEW) == (other.kind is PageKind.ARTICLE)


def test_ids_are_stable_and_differ_by_site_address_and_count() -> None:
    assert article_id("dam-ha", "http://dam-ha.example/a.html", 0) == "7fsb7ihd5e4k"
    ids = {article_id(site, url, n) for site in ("a", "b") for url in ("x", "y") for n in (0, 1)}
    assert len(ids) == 8
    assert all((len(item) == 12 and item.isalnum() and item.islower()) or item.isdigit() for item in ids)


def test_little_text_is_no_proof_of_identity() -> None:
    assert has_substance(ARTICLE)
    assert not has_substance(Extraction(PageKind.ARTICLE, "x-1", title="Ảnh đẹp", lead="Ảnh."))
