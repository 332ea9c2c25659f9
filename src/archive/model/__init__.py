"""Every value that passes between the archive's parts. All frozen; no input or output here.

Reading order: a `Site` is crawled, an `Exchange` with its server becomes a `Capture`, the `Page` in it
yields an `Extraction`, which becomes a `Version` of an `Article` and a `Change` that the index follows.

Times are timezone-aware UTC `datetime`s. Dates read from pages are local to Asia/Ho_Chi_Minh and are
kept as `DateFact`, so that a day never silently becomes an instant.
"""

from archive.model.article import (
    Article,
    ArticleState,
    ArticleView,
    AttachedFile,
    Change,
    ChangeKind,
    Version,
)
from archive.model.capture import Capture, Exchange, Failure, Headers, Reason, WarcRef, header
from archive.model.extraction import (
    Attachment,
    Block,
    Byline,
    DateFact,
    Extraction,
    Figure,
    Heading,
    ListBlock,
    Page,
    PageKind,
    Paragraph,
    Picture,
    Quote,
    Span,
    Table,
    Trace,
)
from archive.model.site import Site

__all__ = [
    "Article",
    "ArticleState",
    "ArticleView",
    "AttachedFile",
    "Attachment",
    "Block",
    "Byline",
    "Capture",
    "Change",
    "ChangeKind",
    "DateFact",
    "Exchange",
    "Extraction",
    "Failure",
    "Figure",
    "Headers",
    "Heading",
    "ListBlock",
    "Page",
    "PageKind",
    "Paragraph",
    "Picture",
    "Quote",
    "Reason",
    "Site",
    "Span",
    "Table",
    "Trace",
    "Version",
    "WarcRef",
    "header",
]
