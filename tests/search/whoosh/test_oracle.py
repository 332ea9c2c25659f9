"""The engine against Whoosh's own searcher on Whoosh's own index, and against itself built in one piece.

Whoosh's parser never sees a question: the neutral tree is turned into Whoosh's queries here.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import query as wq
from whoosh.analysis import Analyzer, Token
from whoosh.codec import whoosh3
from whoosh.fields import ID, TEXT, Schema
from whoosh.filedb.filestore import RamStorage
from whoosh.scoring import BM25F

from archive.search.backend import Batch, HintKind, IndexDocument, SearchRequest
from archive.search.document import POSITION_GAP, field_texts
from archive.search.grammar import parse
from archive.search.query import DEFAULT_FIELDS, And, Node, Not, Or, Phrase, Prefix, Word, to_text
from archive.search.ranking import DEFAULT, K1, PLAIN, B
from archive.search.whoosh import WhooshBackend, writer
from archive.text.vietnamese import fold, fold_key, words
from tests.search.samples import doc

# Few words, so that random questions meet random articles: folding apart and together, figures, i and y; no
# abbreviation, for Whoosh's index does not know what they stand for.
WORDS = (
    "đường",
    "dương",
    "duong",
    "hòa",
    "hoà",
    "tỷ",
    "tỉ",
    "ty",
    "17,5",
    "17",
    "5,5",
    "nông",
    "thôn",
    "QĐ-xã",
    "V",
)
FORMS = tuple(dict.fromkeys(word for raw in WORDS for word, _, _ in words(raw)))

texts = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)


@st.composite
def documents(draw: st.DrawFn, article_id: str) -> IndexDocument:
    return doc(
        article_id,
        draw(texts),
        lead=draw(texts),
        body=draw(st.lists(texts, max_size=3).map("\n".join)),
        captions=tuple(draw(st.lists(texts, max_size=2))),
        byline=draw(texts),
        section=draw(st.sampled_from(("", "nông thôn", "hòa"))),
        attachments=tuple(draw(st.lists(texts, max_size=1))),
    )


batches = st.lists(
    st.tuples(
        st.lists(st.integers(0, 11), unique=True, max_size=6).flatmap(
            lambda numbers: st.tuples(*(documents(f"a{number}") for number in numbers))
        ),
        st.lists(st.integers(0, 11).map(lambda number: f"a{number}"), max_size=3),
    ),
    min_size=1,
    max_size=4,
)
fields = st.sampled_from((DEFAULT_FIELDS, ("title",), ("body",), ("caption",), ("attachment",)))
leaf = st.one_of(
    st.builds(Word, st.sampled_from(FORMS), fields),
    st.builds(Phrase, st.lists(st.sampled_from(FORMS), min_size=2, max_size=5).map(tuple), fields),
    st.builds(Prefix, st.sampled_from(("duo", "nôn", "tho", "xã0")), fields),
)
trees = st.recursive(
    leaf,
    lambda children: st.one_of(
        st.lists(children, min_size=2, max_size=3).map(lambda c: And(tuple(c))),
        st.lists(children, min_size=2, max_size=3).map(lambda c: Or(tuple(c))),
        st.tuples(leaf, leaf).map(lambda pair: And((pair[0], Not(pair[1])))),
    ),
    max_leaves=5,
)


class Positions(Analyzer):  # type: ignore[misc]
    """Our words at our positions, folded, for Whoosh's own indexing; pieces are parted by newlines."""

    def __call__(self, value: str, **options: Any) -> Iterator[Token]:
        token = Token(positions=True)
        position = 0
        for piece in value.split("\n"):
            end = 0
            for word, _, stop in words(piece):
                if stop > end:
                    position += 1
                    end = stop
                token.text, token.pos, token.boost = fold_key(word), position, 1.0
                yield token
            position += POSITION_GAP


@pytest.fixture(autouse=True, scope="module")
def _whole_lengths() -> Iterator[None]:
    """Whoosh keeps the length of a field in one byte, from 11 words on roughly; here they fit as they are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(whoosh3, "length_to_byte", lambda length: min(length or 0, 255))
        patch.setattr(whoosh3, "byte_to_length", lambda byte: byte)
        yield


def whoosh_index(docs: dict[str, IndexDocument]) -> Any:
    """The same articles in an index that Whoosh wrote itself."""
    texts: dict[str, Any] = {name: TEXT(analyzer=Positions()) for name in DEFAULT_FIELDS}
    schema = Schema(id=ID(stored=True), **texts)
    index = RamStorage().create_index(schema)
    with index.writer() as out:
        for item in docs.values():
            out.add_document(id=item.id, **{f.field: "\n".join(f.pieces) for f in field_texts(item)})
    return index


def whoosh_query(node: Node) -> Any:
    match node:
        case Word(text, names):
            return wq.Or([wq.Term(name, fold_key(text)) for name in names])
        case Phrase(parts, names):
            return wq.Or([wq.Phrase(name, [fold_key(part) for part in parts]) for name in names])
        case Prefix(text, names):
            return wq.Or([wq.Prefix(name, fold(text)) for name in names])
        case And(children):
            return wq.And([whoosh_query(child) for child in children])
        case Or(children):
            return wq.Or([whoosh_query(child) for child in children])
    raise AssertionError(node)


def whoosh_answer(searcher: Any, node: Node) -> dict[str, float]:
    """Ids and scores by Whoosh's searcher. Exclusions are taken off here: Whoosh 2.7.4's `AndNot` lets
    articles through when its right side is an `Or` over several fields."""
    if isinstance(node, And) and any(isinstance(child, Not) for child in node.children):
        kept = [child for child in node.children if not isinstance(child, Not)]
        answer = whoosh_answer(searcher, And(tuple(kept)))
        for child in node.children:
            if isinstance(child, Not):
                for name in whoosh_answer(searcher, child.child):
                    answer.pop(name, None)
        return answer
    if isinstance(node, And | Or) and not without_not(node):
        answers = [whoosh_answer(searcher, child) for child in node.children]
        names = set.intersection(*map(set, answers)) if isinstance(node, And) else set().union(*answers)
        return dict.fromkeys(names, 0.0)
    return {hit["id"]: hit.score for hit in searcher.search(whoosh_query(node), limit=None)}


def without_not(node: Node) -> bool:
    match node:
        case And(children) | Or(children):
            return all(without_not(child) for child in children)
        case _:
            return not isinstance(node, Not)


def only_words(node: Node) -> bool:
    match node:
        case Word():
            return True
        case And(children) | Or(children):
            return all(only_words(child) for child in children)
        case _:
            return False


def read_back(tree: Node) -> Node:
    """The tree as the grammar reads it: without repeats, brackets flattened."""
    return parse(to_text(tree)).tree


Changes = list[tuple[tuple[IndexDocument, ...], list[str]]]
"""Batches: upserts and deletions."""


def apply_all(backend: WhooshBackend, changes: Changes) -> dict[str, IndexDocument]:
    """Apply batches, each a segment of its own; what is in the index then."""
    have: dict[str, IndexDocument] = {}
    for cursor, (upserts, deletions) in enumerate(changes, 1):
        gone = [name for name in deletions if name not in {item.id for item in upserts}]
        backend.apply(Batch(upserts, gone, cursor))
        have.update({item.id: item for item in upserts})
        for name in gone:
            have.pop(name, None)
    return have


@settings(max_examples=60)
@given(changes=batches, questions=st.lists(trees, min_size=1, max_size=4), merge_at=st.sampled_from((2, 8)))
def test_ids_totals_and_plain_scores_equal_whoosh(
    changes: Changes, questions: list[Node], merge_at: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "MERGE_AT", merge_at)
        backend = WhooshBackend(Path(folder), ranking=PLAIN)
        have = apply_all(backend, changes)
        searcher = whoosh_index(have).searcher(weighting=BM25F(B=B, K1=K1))
        for tree in map(read_back, questions):
            expected = whoosh_answer(searcher, tree)
            page = backend.search(SearchRequest(q=to_text(tree), size=100, collapse=False, facets=False))
            if any(hint.kind is HintKind.RELAXED for hint in page.hints):
                assert not expected, to_text(tree)
                continue
            assert {hit.id for hit in page.hits} == set(expected), to_text(tree)
            assert page.total == len(expected)
            if only_words(tree):
                scores = {hit.id: hit.score for hit in page.hits}
                assert scores == pytest.approx(expected, rel=1e-4), to_text(tree)
        searcher.close()
        backend.close()


@settings(max_examples=25)
@given(changes=batches, questions=st.lists(trees, min_size=1, max_size=3), exact=st.booleans())
def test_an_index_of_many_commits_answers_as_one_built_at_once(
    changes: Changes, questions: list[Node], exact: bool
) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        grown, built = WhooshBackend(Path(one), ranking=DEFAULT), WhooshBackend(Path(other))
        have = apply_all(grown, changes)
        built.apply(Batch(list(have.values()), (), 9))
        for tree in questions:
            request = SearchRequest(q=to_text(tree), size=100, exact=exact)
            pages = [backend.search(request) for backend in (grown, built)]
            first, second = (
                dataclasses.replace(page, milliseconds=0, hits=(), suggestion="") for page in pages
            )
            assert first == second
            assert [hit.id for hit in pages[0].hits] == [hit.id for hit in pages[1].hits]
            assert [hit.score for hit in pages[0].hits] == pytest.approx([h.score for h in pages[1].hits])
        grown.close()
        built.close()
