"""The learned reading of lines: two looks, one choice, and a model that fits its program."""

from __future__ import annotations

import json

import numpy as np
import pytest

from archive.extract.boost import Reader, reader
from archive.extract.context import CONTEXT, context
from archive.extract.features import NAMES, features
from archive.extract.layout import layout
from archive.extract.lines import Reading, read
from archive.extract.shape import choose, likeliest, weigh
from archive.extract.structured import read_claims
from archive.extract.tree import parse

SENTENCE = "The council has decided to build the bridge, after two years of talks with the villages."
PAGE = (
    "<html lang=en><head><title>A bridge</title></head><body><div class=menu><ul>"
    + "<li><a href=/a>Home</a></li><li><a href=/b>News of the week</a></li>" * 4
    + "</ul></div><div class=page><h1>A bridge</h1><div class=part>"
    + f"<p>{SENTENCE}</p><h2>What it costs</h2>" * 3
    + "</div><div class=part>"
    + f"<p>{SENTENCE[:-1]}, and more.</p>" * 2
    + "</div></div><div class=footer><p>Imprint and contact of the county.</p></div></body></html>"
)


def _reading(markup: str = PAGE) -> tuple[Reading, np.ndarray]:
    root = parse(markup)
    assert root is not None
    reading, claims = read(root), read_claims(root)
    return reading, weigh(reading, claims, 8, "A bridge")


def test_a_body_split_over_siblings_is_chosen_whole() -> None:
    reading, probability = _reading()
    content = choose(reading, probability)

    assert content is not None
    chosen = [line.text for line, kept in zip(reading.lines, content.keep, strict=True) if kept]
    assert SENTENCE in chosen
    assert f"{SENTENCE[:-1]}, and more." in chosen
    assert not {"Home", "News of the week", "Imprint and contact of the county."} & set(chosen)


def test_the_second_look_sees_what_the_first_thought_of_everything_around() -> None:
    reading, _ = _reading()
    laid = layout(reading)
    first = np.where([line.element.tag == "p" for line in reading.lines], 0.9, 0.1)
    around = context(laid, first)
    row = dict(zip(CONTEXT, around[[line.tag for line in reading.lines].index("h2")], strict=True))

    assert around.shape == (len(reading.lines), len(CONTEXT))
    assert np.isfinite(around).all()
    assert row["first.odds@-1"] == pytest.approx(np.log(9), rel=1e-3)  # the paragraph before
    assert row["first.odds@1"] == pytest.approx(np.log(9), rel=1e-3)  # and the one after
    assert row["first.odds"] == pytest.approx(-np.log(9), rel=1e-3)
    assert row["first.section_mean"] > 0.5
    assert row["first.alike_mean"] == pytest.approx(0.1, rel=1e-3)


def test_the_chosen_lines_have_the_greatest_expected_f1() -> None:
    probability, words = np.array([0.9, 0.5, 0.3, 0.05]), np.array([10.0, 10.0, 10.0, 100.0])

    def expected(keep: np.ndarray) -> float:
        return float(
            2 * (probability * words)[keep].sum() / (words[keep].sum() + (probability * words).sum())
        )

    every = [np.array([bool(n & 1), bool(n & 2), bool(n & 4), bool(n & 8)]) for n in range(1, 16)]

    assert expected(likeliest(probability, words)) == pytest.approx(max(map(expected, every)))


def test_the_stored_model_gives_the_same_and_one_of_other_features_is_refused() -> None:
    text = reader().to_json()
    reading, _ = _reading()
    root = parse(PAGE)
    laid = layout(reading)
    rows = features(reading, laid, read_claims(root), 8, "A bridge")

    assert np.array_equal(Reader.from_json(text).probability(rows, laid), reader().probability(rows, laid))
    other = json.loads(text)
    other["names"] = [*NAMES, "another"]
    with pytest.raises(ValueError, match="extraction_model"):
        Reader.from_json(json.dumps(other))


def test_a_page_without_lines_has_no_choice() -> None:
    reading, probability = _reading("<html><body><div></div></body></html>")

    assert choose(reading, probability) is None
