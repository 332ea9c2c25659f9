"""The only projection from an article to what is indexed, and the only cutting of its texts into words."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from archive.model import ArticleView
from archive.search.backend import IndexDocument
from archive.search.query import (
    ATTACHMENT,
    AUTHOR,
    BODY,
    CAPTION,
    DEFAULT_FIELDS,
    KEYWORDS,
    LEAD,
    SECTION,
    TITLE,
)
from archive.text.vietnamese import fold_key, slug, whole_words

FINGERPRINT = f"2:{','.join((*DEFAULT_FIELDS, *KEYWORDS))}:tone-normal,fold-key"
"""Changed by hand whenever the projection, the analysis or what an engine files changes: an index with
another one is refused and rebuilt. An engine appends its own format's version."""

POSITION_GAP = 16
"""Positions left free between paragraphs and between captions: no phrase and no window reaches across."""


def document(view: ArticleView, keywords: tuple[tuple[str, str], ...] = ()) -> IndexDocument:
    """What the index is given of an article at its newest version.

    :param keywords: people, places and kinds of events that were read out of it (`archive.chronicle`).
    """
    extraction, article = view.extraction, view.article
    published = extraction.published
    captured = (view.pictures.get(picture.url) for picture in extraction.pictures())
    first = next((capture for capture in captured if capture is not None), None)
    byline = extraction.byline
    signed = (*byline.authors, byline.organisation, *byline.photographers, byline.source)
    return IndexDocument(
        id=article.id,
        title=extraction.title,
        lead=extraction.lead,
        body="\n".join(text for text in extraction.body() if text),
        captions=tuple(extraction.captions()),
        attachments=tuple(file.text for file in view.attachments if file.text),
        byline=byline.text or " ".join(dict.fromkeys(name for name in signed if name)),
        site=article.site,
        site_name=view.site_name,
        section=extraction.section,
        published=published.day if published else None,
        published_text=published.iso() if published else "",
        url=article.url,
        picture=first.payload_digest if first else "",
        has_pictures=next(extraction.pictures(), None) is not None,
        status=article.state.value,
        slug=slug(extraction.title),
        keywords=keywords,
    )


@dataclass(frozen=True, slots=True)
class FieldText:
    """One field of a document in the pieces that phrases do not cross."""

    field: str
    pieces: tuple[str, ...]


def field_texts(doc: IndexDocument) -> tuple[FieldText, ...]:
    """The fields that words are looked for in, in the order of `query.DEFAULT_FIELDS`."""
    return (
        FieldText(TITLE, (doc.title,)),
        FieldText(LEAD, (doc.lead,)),
        FieldText(BODY, tuple(doc.body.split("\n"))),
        FieldText(CAPTION, doc.captions),
        FieldText(AUTHOR, (doc.byline,)),
        FieldText(SECTION, (doc.section,)),
        FieldText(ATTACHMENT, tuple(line for text in doc.attachments for line in text.split("\n"))),
    )


def keyword_form(name: str) -> str:
    """Under which a keyword is filed and asked for: its words folded, case and punctuation apart.

    `Trần Việt Dũng`, `TRẦN VIỆT DŨNG` and `tran viet dung` are one.
    """
    return " ".join(fold_key(word) for word in whole_words(name))


_COPY_MINIMUM = 20
"""Words that lead and body must have for two articles to be called copies: shorter ones are alike by
chance ("Xem chi tiết tại đây")."""


def text_key(doc: IndexDocument) -> int:
    """A 64-bit hash that copies of a text share, whatever their titles, case and line breaks; 0 for none."""
    found = f"{doc.lead} {doc.body}".lower().split()
    if len(found) < _COPY_MINIMUM:
        return 0
    digest = hashlib.blake2b(" ".join(found).encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def id_key(article_id: str) -> int:
    """A 64-bit hash of an id: how engines find it, and the last tie-break of every order."""
    return int.from_bytes(hashlib.blake2b(article_id.encode(), digest_size=8).digest(), "little")
