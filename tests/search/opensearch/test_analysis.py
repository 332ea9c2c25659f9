"""The engine takes words as they are given: Vietnamese is ours alone."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

from archive.search.backend import Batch
from archive.search.opensearch.analysis import EXACT, FOLDED, LETTERS, term, tokens
from archive.text.vietnamese import fold
from tests.opensearch.node import Node
from tests.search.conftest import on_node
from tests.search.samples import doc

LETTERS_146 = [
    unicodedata.normalize("NFC", base + tone)
    for base in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
    for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
]
"""The vowels with each tone, of both cases, and đ: 146, of which 12 are plain ASCII."""
LETTERS_146 += ["đ", "Đ"]


def _analyzed(node: Node, index: str, text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = node.ask("POST", f"/{index}/_analyze", {"analyzer": "forms", "text": text})[
        "tokens"
    ]
    return found


def test_all_letters_reach_the_index_as_they_were_analysed(opensearch_node: Node, tmp_path: Path) -> None:
    assert len(set(LETTERS_146)) == 146
    with on_node(opensearch_node, tmp_path) as backend:
        backend.apply(Batch([doc("a")], (), 1))
        found = _analyzed(opensearch_node, backend.generation(), tokens(" ".join(LETTERS_146)))
    assert [(item["token"], item["position"]) for item in found] == [
        (term(form, letter.lower()), place)
        for place, letter in enumerate(LETTERS_146)
        for form in (EXACT, LETTERS, FOLDED)
    ]


def test_lucene_folds_the_letters_as_we_do(opensearch_node: Node) -> None:
    """A second opinion: the engine's own folding, which no question goes through."""
    told = opensearch_node.ask(
        "POST",
        "/_analyze",
        {"tokenizer": "whitespace", "filter": ["lowercase", "asciifolding"], "text": " ".join(LETTERS_146)},
    )
    assert [item["token"] for item in told["tokens"]] == [fold(letter) for letter in LETTERS_146]


def test_parts_of_a_figure_share_its_place_and_long_words_stay_words(
    opensearch_node: Node, tmp_path: Path
) -> None:
    endless = "a" * 5_000
    with on_node(opensearch_node, tmp_path) as backend:
        backend.apply(Batch([doc("a")], (), 1))
        found = _analyzed(opensearch_node, backend.generation(), tokens(f"đạt 17,5% {endless} rồi"))
    exact = [(item["token"][1:], item["position"]) for item in found if item["token"].startswith(EXACT)]
    assert exact[:4] == [("đạt", 0), ("17,5", 1), ("17", 1), ("5", 1)]
    assert exact[4][0].startswith("a" * 80)
    assert exact[5] == ("rồi", 3)
