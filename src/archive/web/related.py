"""Which of the articles that share telling words are shown beside one: the near in place and time first."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

from archive.search.backend import SearchHit

ASKED = 24
"""Articles that the index is asked for, to choose from."""
SHOWN = 5
_SAME_SITE = 1.3
_NEAR = 0.6
"""What the same day adds to a score, as a part of it; less with every day between."""
_DAYS = 120.0
"""Days after which that has fallen to 1/e: a campaign, a season."""
_LEAST = 0.4
"""Part of the best score below which an article has hardly more in common than the district's name."""


def choose(hits: Sequence[SearchHit], site: str, published: dt.date | None) -> list[SearchHit]:
    """The articles to show, best first.

    :param hits: as the index scored them, by the words of title and lead that few articles have.
    :param site: the site of the article itself.
    :param published: its day, if it has one.
    """
    if not hits:
        return []
    floor = max(hit.score for hit in hits) * _LEAST
    weighed = [(_weight(hit, site, published), hit) for hit in hits if hit.score >= floor]
    weighed.sort(key=lambda pair: -pair[0])
    return [hit for _, hit in weighed[:SHOWN]]


def _weight(hit: SearchHit, site: str, published: dt.date | None) -> float:
    weight = hit.score * (_SAME_SITE if hit.site == site else 1)
    if published is None or not hit.published:
        return weight
    apart = abs((dt.date.fromisoformat(hit.published[:10]) - published).days)
    return weight * (1 + _NEAR * math.exp(-apart / _DAYS))
