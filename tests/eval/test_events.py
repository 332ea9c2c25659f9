"""Events and people stay as well read as they are: floors that belong to one corpus.

Change a floor only together with the labels, and only upward.
"""

from __future__ import annotations

import pytest

from tests.eval.events import FILES, corpus, corpus_hash, score

CORPUS = "c1552762446dffcd"
FLOORS: dict[str, dict[str, tuple[float, float]]] = {
    "sentences.jsonl": {
        "event date": (0.98, 0.99),
        "event kind": (0.98, 0.99),
        "event place": (0.95, 0.97),
        "part of the day": (1.0, 1.0),
        "person": (1.0, 1.0),
        "office": (0.97, 0.87),
    },
    "articles.jsonl": {
        "event date": (0.95, 0.97),
        "event kind": (0.95, 0.97),
        "event place": (0.96, 0.96),
        "part of the day": (1.0, 1.0),
        "person": (0.96, 0.96),
        "office": (0.97, 0.97),
    },
}
"""Precision and recall of each field."""


def test_the_corpus_is_the_one_that_the_floors_are_for() -> None:
    assert corpus_hash() == CORPUS
    assert len(corpus("sentences.jsonl")) >= 150
    assert len(corpus("articles.jsonl")) >= 40


@pytest.mark.parametrize("name", FILES)
def test_no_field_is_read_worse(name: str) -> None:
    scores = score(corpus(name))
    for label, (precision, recall) in FLOORS[name].items():
        tally = scores.fields[label]
        assert tally.precision >= precision, (label, scores.wrong)
        assert tally.recall >= recall, (label, scores.wrong)


def test_the_sample_article_is_read_exactly() -> None:
    (sample,) = [line for line in corpus("articles.jsonl") if line["source"] == "sample"]
    scores = score([sample])
    assert scores.wrong == []
