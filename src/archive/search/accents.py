"""Which accents words typed without any most likely have, by what the archive itself writes.

A bigram model: of all accentings of the words in their row, the one that the archive is the most likely to
write (Viterbi, 1967), each probability smoothed by that of the word alone (Dirichlet prior: Zhai and
Lafferty, "A Study of Smoothing Methods for Language Models", 2001)::

    p(b | a) = (pairs(a, b) + μ · tokens(b) / tokens) / (tokens(a) + μ)

Engines count; the reckoning is the same for all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

_PRIOR = 20.0
"""μ."""
MAX_WORDS = 24
"""Of longer questions the rest stays as it is."""

Pairs = Mapping[tuple[str, str], int]


def likely(
    row: Sequence[str], counts: Sequence[Mapping[str, int]], pairs: Sequence[Pairs], total: int
) -> dict[str, str]:
    """The accented form of each word that the archive most likely means by it. A word is left out that has
    none, or none that the archive has beside its neighbours.

    :param row: words as typed, without accents.
    :param counts: of each, the words that differ from it in accents only, with their occurrences.
    :param pairs: of each two neighbours, how often each two of their forms stand side by side.
    :param total: occurrences of all words.
    """
    if len(row) < 2 or not all(counts):
        return {}
    total = max(total, 1)
    best = {form: math.log(count / total) for form, count in counts[0].items()}
    steps: list[dict[str, str]] = []
    for place in range(1, len(row)):
        following: dict[str, float] = {}
        came_from: dict[str, str] = {}
        for form, count in counts[place].items():
            prior = _PRIOR * count / total
            for before, log in best.items():
                seen = pairs[place - 1].get((before, form), 0)
                value = log + math.log((seen + prior) / (counts[place - 1][before] + _PRIOR))
                if form not in following or value > following[form]:
                    following[form], came_from[form] = value, before
        best = following
        steps.append(came_from)
    form = max(best, key=lambda item: (best[item], item))
    path = [form]
    for came_from in reversed(steps):
        path.append(came_from[path[-1]])
    path.reverse()
    result: dict[str, str] = {}
    for place, (typed, form) in enumerate(zip(row, path, strict=True)):
        follows = place > 0 and (path[place - 1], form) in pairs[place - 1]
        leads = place < len(pairs) and (form, path[place + 1]) in pairs[place]
        # Without a neighbour that the archive has it beside, a form is a guess.
        if form != typed and (follows or leads):
            result.setdefault(typed, form)
    return result
