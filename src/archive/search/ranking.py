"""The weights of the ranking, and where its formulas come from.

*Words.* BM25F as Whoosh computes it: for each field its own BM25, added up with the field's weight. BM25 is
Robertson, Walker, Jones, Hancock-Beaulieu and Gatford, "Okapi at TREC-3" (1994), with k1 = 1.2, b = 0.9;
fields after Robertson, Zaragoza and Taylor, "Simple BM25 Extension to Multiple Weighted Fields" (2004)::

    idf(n) = ln(N / (n + 1)) + 1
    word(d) = Σ_field weight · idf(n_field) · tf · (k1 + 1) / (tf + k1 · (1 − b + b · length / average))

*Accents in tiers.* A word typed with accents is looked for at three levels, each a term of its own with its
own n and tf, each including the one before: exact, same letters with any tone, folded. Their scores are added
with the weights below, so an article that has the word as typed gets all three, and one that has only a
folded match the last. A word typed without accents counts at the folded level; in a question without any,
the accents that the archive most likely writes there (`archive.search.accents`) are taken as typed, so
far as `likely` says, where the archive has the word so beside its neighbour.

*Nearness.* The sequential dependence model of Metzler and Croft, "A Markov Random Field Model for Term
Dependencies" (2005): for each two words that follow each other in the question, occurrences in that order
side by side, and within a window of eight, are features of their own, saturated like tf. They are computed
for the best `WINDOW` articles by words, which keep their places above the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from archive.search.query import ATTACHMENT, AUTHOR, BODY, CAPTION, DEFAULT_FIELDS, LEAD, SECTION, TITLE

K1 = 1.2
B = 0.9
WINDOW = 400
"""Articles whose order nearness may change."""
NEAR = 8
"""Words: the unordered window of Metzler and Croft."""
MOST = 0.5
"""When no article has all that was asked for: of the weight that the best article has of a question's words,
so much makes an article one with most."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """All weights. Tuned on one half of the items of `tests/eval/search.py`; the other half is reported."""

    fields: dict[str, float] = field(
        default_factory=lambda: {
            TITLE: 2.0,
            LEAD: 1.2,
            BODY: 1.0,
            CAPTION: 1.0,
            AUTHOR: 1.0,
            SECTION: 0.3,
            ATTACHMENT: 0.3,
        }
    )
    exact: float = 0.70
    tone: float = 0.15
    folded: float = 0.15
    """The three tiers; they add up to 1, so that a word counts alike with and without accents."""
    likely: float = 0.8
    """How far the accents that `archive.search.accents` gives to words typed without any count as
    typed: 0 not at all, 1 wholly."""
    ordered: float = 1.6
    """Two words side by side, in order."""
    near: float = 0.8
    """Two words within `NEAR`."""


DEFAULT = Ranking()
PLAIN = Ranking(
    fields=dict.fromkeys(DEFAULT_FIELDS, 1.0),
    exact=0.0,
    tone=0.0,
    folded=1.0,
    likely=0.0,
    ordered=0.0,
    near=0.0,
)
"""Plain BM25F over folded words: what Whoosh's own searcher gives, and is compared with in the tests."""
