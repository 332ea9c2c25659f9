from __future__ import annotations

import dataclasses
import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from archive import wire
from archive.model import (
    Attachment,
    Byline,
    DateFact,
    Extraction,
    Figure,
    Heading,
    ListBlock,
    PageKind,
    Paragraph,
    Picture,
    Quote,
    Span,
    Table,
    Trace,
)

texts = st.text(max_size=20)
pictures = st.builds(Picture, url=texts, alt=texts, width=st.integers(0, 99), height=st.integers(0, 99))
spans = st.builds(
    Span, st.integers(0, 9), st.integers(0, 9), st.sampled_from(["strong", "em", "link"]), texts
)
some_texts = st.lists(texts, max_size=3).map(tuple)
blocks = st.one_of(
    st.builds(Heading, texts, st.integers(1, 6)),
    st.builds(Paragraph, texts, st.lists(spans, max_size=2).map(tuple)),
    st.builds(ListBlock, some_texts, st.booleans()),
    st.builds(Table, st.lists(some_texts, max_size=3).map(tuple), st.booleans()),
    st.builds(Quote, some_texts),
    st.builds(Figure, st.lists(pictures, max_size=2).map(tuple), texts, texts, texts),
    st.builds(Attachment, texts, texts),
)
times = st.none() | st.times().map(lambda time: time.replace(microsecond=0))
dates = st.none() | st.builds(DateFact, st.dates(), times, texts, texts)
extractions = st.builds(
    Extraction,
    kind=st.sampled_from(PageKind),
    extractor=texts,
    profile=texts,
    title=texts,
    lead=texts,
    blocks=st.lists(blocks, max_size=4).map(tuple),
    published=dates,
    modified=dates,
    byline=st.builds(Byline, some_texts, texts, some_texts, texts, texts),
    section=texts,
    canonical=texts,
    lang=texts,
    reason=texts,
    notes=some_texts,
    trace=st.lists(st.builds(Trace, texts, texts, texts), max_size=2).map(tuple),
    dropped=st.lists(st.builds(Trace, texts, texts, texts), max_size=2).map(tuple),
)


@given(extractions)
def test_what_is_stored_comes_back_the_same(extraction: Extraction) -> None:
    assert wire.loads(wire.dumps(extraction)) == extraction


ARTICLE = Extraction(
    kind=PageKind.ARTICLE,
    extractor="test-1",
    title="Lễ phát động",
    blocks=(Paragraph("Sáng ngày 28/9"), Figure((Picture("http://x/a.jpg"),), caption="Đại biểu")),
    published=DateFact(dt.date(2022, 9, 28), None, "meta", "28/09/2022"),
)


def test_a_better_rule_is_no_edit_but_a_changed_caption_is() -> None:
    same = dataclasses.replace(
        ARTICLE,
        extractor="test-2",
        profile="wordpress",
        trace=(Trace("title", "h1", ""),),
        published=DateFact(dt.date(2022, 9, 28), None, "jsonld", "2022-09-28"),
    )
    edited = dataclasses.replace(
        ARTICLE, blocks=(ARTICLE.blocks[0], Figure((Picture("http://x/a.jpg"),), caption="Đại biểu dự lễ"))
    )
    assert wire.content_hash(same) == wire.content_hash(ARTICLE)
    assert wire.content_hash(edited) != wire.content_hash(ARTICLE)


def test_unknown_keys_of_a_later_program_are_ignored() -> None:
    data = wire.to_dict(ARTICLE) | {"mood": "festive"}
    assert wire.from_dict(data) == ARTICLE
