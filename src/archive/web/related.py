"""Which of the articles that share telling words are shown beside one.

The index scores by words that few articles have; here the phrases of the titles, the place and the time are
added: a report of the same campaign in the next commune says more than one that shares a rare name.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence, Set
from itertools import pairwise

from archive.search.backend import SearchHit
from archive.text.vietnamese import fold, raw_words

ASKED = 40
"""Articles that the index is asked for, to choose from."""
SHOWN = 5
_SAME_SITE = 1.3
_NEAR = 0.6
"""What the same day adds to a score, as a part of it; less with every day between."""
_DAYS = 120.0
"""Days after which that has fallen to 1/e: a campaign, a season."""
_TITLE = 2.0
"""What a title of the same phrases adds to a score, as a part of it."""
_LEAST = 0.3
"""Part of the best score below which an article has hardly more in common than the district's name."""


def choose(hits: Sequence[SearchHit], title: str, site: str, published: dt.date | None) -> list[SearchHit]:
    """The articles to show, best first.

    :param hits: as the index scored them, by the words of title and lead that few articles have.
    :param title: of the article itself.
    :param site: the site of the article itself.
    :param published: its day, if it has one.
    """
    if not hits:
        return []
    floor = max(hit.score for hit in hits) * _LEAST
    pairs = _pairs(title)
    weighed = [(_weight(hit, pairs, site, published), hit) for hit in hits if hit.score >= floor]
    weighed.sort(key=lambda pair: -pair[0])
    return [hit for _, hit in weighed[:SHOWN]]


def _weight(hit: SearchHit, pairs: Set[tuple[str, str]], site: str, published: dt.date | None) -> float:
    others = _pairs(hit.title.text)
    shared = 2 * len(pairs & others) / max(1, len(pairs) + len(others))
    weight = hit.score * (1 + _TITLE * shared) * (_SAME_SITE if hit.site == site else 1)
    if published is None or not hit.published:
        return weight
    apart = abs((dt.date.fromisoformat(hit.published[:10]) - published).days)
    return weight * (1 + _NEAR * math.exp(-apart / _DAYS))


def _pairs(title: str) -> set[tuple[str, str]]:
    """Neighbouring syllables: most Vietnamese words have two. Numbers name a year, not a matter."""
    words = [fold(word) for word in raw_words(title)]
    return {pair for pair in pairwise(words) if not any(word.isdigit() for word in pair)}
