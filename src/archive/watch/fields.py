"""What is watched of each portal, and from which figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from archive.model.run import Measures


class Field(StrEnum):
    """What an alarm is about. The value is what tables and notices print."""

    RUN = "run"  # the crawl ended with an error, or without a single answer
    ARTICLES = "articles"  # no sign of any article, where there were some
    NEW = "new-articles"  # new articles in seven days
    TITLE = "title"
    DATE = "date"
    BODY = "body"
    CAPTIONS = "captions"
    LENGTH = "length"  # median length of the body
    RECOGNISED = "recognised"  # pages that were articles and are still read as such
    LISTS = "lists"  # lists that name an article
    PROFILE = "profile"  # the family of pages that the extractor sees
    BOT_CHECK = "bot-check"
    SOFT_404 = "soft-404"
    FAILURES = "failures"
    MISSING = "missing"  # 404 and 410
    REFUSED = "refused"  # 401, 403, 429 …
    ERRORS = "errors"  # other errors, 5xx above all
    MOVED = "moved"  # redirects
    ELSEWHERE = "elsewhere"  # redirects to another host
    SLOW = "slow"  # median time of an answer


@dataclass(frozen=True, slots=True)
class Share:
    """A field that is a part of a whole."""

    field: Field
    count: Callable[[Measures], tuple[int, int]]
    """How many have it, and of how many."""
    low_is_bad: bool
    least: float
    """The smallest difference that matters."""
    bound: float | None
    """Beyond this it is an alarm whatever was usual, so that a portal that never had a date, or lost it
    slowly, is told of as well; None for no such bound."""


def _status(group: str) -> Callable[[Measures], tuple[int, int]]:
    return lambda m: (m.statuses.get(group, 0), m.answers)


SHARES = (
    Share(Field.TITLE, lambda m: (m.title, m.articles), True, 0.10, 0.5),
    Share(Field.DATE, lambda m: (m.date, m.articles), True, 0.10, 0.5),
    Share(Field.BODY, lambda m: (m.body, m.articles), True, 0.10, 0.5),
    Share(Field.CAPTIONS, lambda m: (m.captioned, m.pictured), True, 0.15, None),
    Share(Field.RECOGNISED, lambda m: (m.kept, m.known), True, 0.10, 0.5),
    Share(Field.LISTS, lambda m: (m.listing, m.lists), True, 0.20, None),
    Share(Field.BOT_CHECK, lambda m: (m.bot_checks, m.answers), False, 0.02, 0.2),
    Share(Field.SOFT_404, lambda m: (m.soft_404s, m.answers), False, 0.05, 0.5),
    Share(Field.FAILURES, lambda m: (m.failed, m.asked), False, 0.10, 0.5),
    Share(Field.MISSING, _status("missing"), False, 0.10, 0.5),
    Share(Field.REFUSED, _status("refused"), False, 0.05, 0.5),
    Share(Field.ERRORS, _status("error"), False, 0.05, 0.5),
    Share(Field.MOVED, _status("moved"), False, 0.20, None),
    Share(Field.ELSEWHERE, lambda m: (sum(m.elsewhere.values()), m.answers), False, 0.05, 0.5),
)

EXAMPLES_OF = {
    Field.MISSING: "status:missing",
    Field.REFUSED: "status:refused",
    Field.ERRORS: "status:error",
    Field.MOVED: "status:moved",
}
"""Where `Measures.examples` keeps the examples of a field that it has under another name."""
