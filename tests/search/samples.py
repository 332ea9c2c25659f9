"""Documents to index: the real article, and those of the sample portal's grammar."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

from archive.search.backend import IndexDocument
from archive.text.vietnamese import slug
from tests.portal import grammar
from tests.portal.grammar import Figure, Grid, Head, Items, Para, Said
from tests.portal.phrases import SECTIONS

REAL_ID = "real"


def doc(article_id: str, title: str = "", **values: Any) -> IndexDocument:
    """A document, with what a test does not name left empty."""
    published = values.pop("published", None)
    values.setdefault("published_text", published.isoformat() if published else "")
    fields: dict[str, Any] = {
        "lead": "",
        "body": "",
        "captions": (),
        "byline": "",
        "site": "dam-ha",
        "site_name": "Cổng TTĐT huyện Đầm Hà",
        "section": "",
        "url": f"http://portal.example/{article_id}",
        "picture": "",
        "has_pictures": False,
        "status": "live",
        "slug": slug(title),
    }
    return IndexDocument(id=article_id, title=title, published=published, **{**fields, **values})


def sample(index: int, total: int, seed: int = 1) -> IndexDocument:
    """One article of the sample portal; the real one has the id `real`."""
    article = grammar.article(seed, index, total)
    body: list[str] = []
    captions: list[str] = []
    for part in article.parts:
        match part:
            case Figure():
                captions += [part.caption] if part.caption else []
            case Para() | Head() | Said():
                body.append(part.text)
            case Items():
                body += part.items
            case Grid():
                body += [" ".join(row) for row in part.rows]
    day: dt.datetime = article.published
    return doc(
        REAL_ID if article.title.startswith("Phát động đợt thi đua đặc biệt") else f"{seed}-{index:06}",
        article.title,
        lead=article.lead,
        body="\n".join(body),
        captions=tuple(captions),
        byline=article.byline,
        site=slug(article.district.name),
        site_name=f"Cổng thông tin điện tử huyện {article.district.name}",
        section=SECTIONS[article.section][0],
        published=day.date(),
        published_text=f"{day.isoformat()}+07:00",
        has_pictures=bool(captions),
    )


@lru_cache(maxsize=2)
def samples(total: int) -> tuple[IndexDocument, ...]:
    """Articles of the sample portal, the real one among them."""
    return tuple(sample(index, total) for index in range(total))
