"""The articles of `benchmarks.scale`, the same for the same number, and the questions put to them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import random
from collections.abc import Iterator

from archive.model import Extraction, Site
from archive.search.backend import SearchRequest
from archive.text.vietnamese import fold, raw_words
from benchmarks.web_store import extraction_of, site_of
from tests.portal import grammar

POOL = 2_000
"""Articles of the sample portal whose parts are put together anew."""
CLASSES = ("no filter", "accents", "phrase", "facets", "date range")


@functools.cache
def _pool() -> list[tuple[Site, Extraction]]:
    made = (grammar.article(1, index, POOL) for index in range(POOL))
    return [(site_of(item.district.name), extraction_of(item, site_of(item.district.name))) for item in made]


def articles(start: int, stop: int) -> Iterator[tuple[int, Site, Extraction]]:
    """Articles by number; each is the same in every run."""
    pool = _pool()
    for index in range(start, stop):
        site, base = pool[index % POOL]
        _, other = pool[(index * 7_919 + index // POOL) % POOL]
        cut = 1 + index % max(1, len(base.blocks))
        title = f"{base.title} – kỳ {index}"
        yield (
            index,
            site,
            dataclasses.replace(base, title=title, blocks=base.blocks[:cut] + other.blocks[-cut:]),
        )


def questions(each: int, seed: int = 7) -> list[tuple[str, SearchRequest]]:
    """The mix: so many of every class, drawn from the articles."""
    draw = random.Random(seed)
    texts = ["\n".join([item.title, *item.body()]) for _, item in _pool()]
    asked: list[tuple[str, SearchRequest]] = []
    for _ in range(each):
        words = [raw_words(draw.choice(texts)) for _ in range(5)]
        run = [draw.randrange(len(found) - 4) for found in words]
        years = sorted(draw.sample(range(2016, 2024), 2))
        first, last = dt.date(years[0], 1, 1), dt.date(years[1], 12, 31)
        plain = fold(" ".join(words[0][run[0] : run[0] + 2]))
        phrase = " ".join(words[2][run[2] : run[2] + 3])
        asked += [
            ("no filter", SearchRequest(plain)),
            ("accents", SearchRequest(" ".join(words[1][run[1] : run[1] + 2]), exact=True, facets=False)),
            ("phrase", SearchRequest(f'"{phrase}"', facets=False)),
            ("facets", SearchRequest(words[3][run[3]], sites=(draw.choice(_pool())[0].id,))),
            ("date range", SearchRequest(words[4][run[4]], date_from=first, date_to=last, facets=False)),
        ]
    return asked


def portals() -> list[Site]:
    """The sites that the articles are of."""
    return list({site.id: site for site, _ in _pool()}.values())
