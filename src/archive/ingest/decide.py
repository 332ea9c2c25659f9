"""Pure decisions: is this the same article, an edited one, or another one?"""

from __future__ import annotations

import base64
import hashlib
import re
from enum import StrEnum

from archive import wire
from archive.model import Extraction, PageKind

ID_LENGTH = 12
"""Letters of an article id: 60 bits, so that a million articles collide with a chance of 1 in 2 million."""

MIN_TEXT = 200
"""Letters from which the same content under two addresses is no accident."""

_SAME_TITLE = 0.4
_SAME_BODY = 0.2
_SAME_TEXT = 0.5
_WORD = re.compile(r"\w+")


class Decision(StrEnum):
    """What a capture means for an article."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    GONE = "gone"
    NOT_ARTICLE = "not-article"


def decide(previous: Extraction | None, current: Extraction) -> Decision:
    """What a page says about the article that stood at its address.

    :param previous: the article's newest version, by the same extractor; None when there is none.
    :param current: the page now.
    :returns: NEW with a `previous` means: another article stands there now.
    """
    if current.kind is PageKind.SOFT_404:
        return Decision.GONE if previous is not None else Decision.NOT_ARTICLE
    if current.kind is not PageKind.ARTICLE:
        return Decision.NOT_ARTICLE
    if previous is None:
        return Decision.NEW
    if wire.content_hash(previous) == wire.content_hash(current):
        return Decision.SAME
    return Decision.CHANGED if same_article(previous, current) else Decision.NEW


def same_article(one: Extraction, other: Extraction) -> bool:
    """Whether two different texts are states of one article.

    An edit leaves something standing: most of the title, a part of the body, or the pictures. Only where
    nothing of these is shared has another article taken the address over. The date does not tell: portals
    publish several articles in one minute, or give all of them midnight.
    """
    if _overlap(_words(one.title, 1), _words(other.title, 1)) >= _SAME_TITLE:
        return True
    if _overlap(_words(_text(one), 3), _words(_text(other), 3)) >= _SAME_BODY:
        return True
    pictures = {picture.url for picture in one.pictures()}, {picture.url for picture in other.pictures()}
    return _overlap(*pictures) >= 0.5


def same_text(one: Extraction, other: Extraction) -> bool:
    """Whether pages at two addresses are views of one article: alike in title and in most of the body.

    Stricter than `same_article`, since a portal that names one canonical address on all its pages must not
    make one article of "Thông báo số 1" and "Thông báo số 2".
    """
    if wire.content_hash(one) == wire.content_hash(other):
        return True
    titles = _overlap(_words(one.title, 1), _words(other.title, 1))
    texts = _overlap(_words(_text(one), 3), _words(_text(other), 3))
    return titles >= _SAME_TITLE and texts >= _SAME_TEXT


def has_substance(extraction: Extraction) -> bool:
    """Whether there is enough text that two equal ones must be one article."""
    return sum(map(len, (extraction.title, extraction.lead, *extraction.body()))) >= MIN_TEXT


def article_id(site: str, url: str, number: int) -> str:
    """A stable id from what the WARC files hold.

    :param url: canonical address of the article's first capture.
    :param number: how many articles stood at that address before.
    :returns: lower-case base32, `ID_LENGTH` letters.
    """
    digest = hashlib.sha256(f"{site}\n{url}\n{number}".encode()).digest()
    return base64.b32encode(digest).decode().lower()[:ID_LENGTH]


def _text(extraction: Extraction) -> str:
    return " ".join((extraction.lead, *extraction.body(), *extraction.captions()))


def _words(text: str, size: int) -> set[str]:
    """All runs of `size` words; of a shorter text the whole."""
    words = _WORD.findall(text.lower())
    if len(words) < size:
        return {" ".join(words)} if words else set()
    return {" ".join(words[start : start + size]) for start in range(len(words) - size + 1)}


def _overlap(one: set[str], other: set[str]) -> float:
    """The shared part of the smaller set: a text that grew or shrank is still the same."""
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0
