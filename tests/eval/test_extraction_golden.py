"""No change may lower a score of the golden pages unseen."""

from __future__ import annotations

import json

import pytest

from archive.extract import extract
from tests.eval.extraction_golden import PINS, corpus_hash, load, run, score, stems


def test_scores_do_not_fall_below_their_pins() -> None:
    pins = json.loads(PINS.read_text("utf-8"))
    means, pages = run()
    low = {stem: scores for stem, scores in pages.items() if min(scores.values()) < 1}

    assert pins["corpus"] == corpus_hash(), (
        "The golden pages changed: run python -m tests.eval.extraction_golden --pin"
    )
    assert not {
        name: (means.get(name), pin) for name, pin in pins["scores"].items() if means.get(name, 0) < pin
    }, low


def test_there_are_goldens_for_every_family_and_kind() -> None:
    names = stems()
    kinds = {load(stem)[1]["kind"] for stem in names}

    assert len(names) >= 60
    assert kinds >= {"article", "list", "soft-404", "bot-check", "login", "empty"}


@pytest.mark.parametrize("stem", [stem for stem in stems() if stem.endswith("-real")])
def test_the_sample_article_comes_out_whole_from_every_layout(stem: str) -> None:
    page, truth = load(stem)
    found = extract(page)

    assert set(score(truth, found).values()) == {1.0}
    assert len(list(found.captions())) == 3
    if "authors" in truth:
        assert found.byline.authors == ("Mai Thắm", "Quốc Nghị")
        assert found.byline.organisation == truth["organisation"]
    assert not any("Chủ đề công tác năm 2020" in text for text in (found.title, found.lead, *found.body()))
