"""An article in unqualified Dublin Core, as OAI-PMH's `oai_dc` has it.

Only what is recorded with a change of the article stands in it: a value that could change by itself would
never reach a harvester. So there is no place (`coverage`), which is read out of the text later and by rules.
"""

from __future__ import annotations

from collections.abc import Iterator

from archive.model import ArticleView, Attachment
from archive.web import links

Element = tuple[str, str]
"""Name of the element, and its text."""


def elements(view: ArticleView, rights: str) -> Iterator[Element]:
    """The elements in the order of the standard; those without a value are left out."""
    extraction = view.extraction
    byline = extraction.byline
    found = [
        ("title", extraction.title),
        *(("creator", name) for name in byline.authors or (byline.organisation,)),
        ("subject", extraction.section),
        ("description", extraction.lead),
        ("publisher", view.site_name),
        *(("contributor", name) for name in byline.photographers),
        # Days only: the hour of a portal is local, and Dublin Core's dates would want its zone.
        ("date", extraction.published.day.isoformat() if extraction.published else ""),
        ("type", "Text"),
        ("format", "text/html"),
        ("identifier", links.absolute(links.article_path(view.article.id, ""))),
        ("source", links.outside(view.article.url)),
        ("language", extraction.lang or "vi"),
        ("relation", links.absolute(links.version_path(view.article.id, view.version.number))),
        *(("relation", links.outside(url)) for url in _files(view)),
        ("rights", rights),
    ]
    return (item for item in found if item[1].strip())


def _files(view: ArticleView) -> Iterator[str]:
    """Addresses of attached files, as the article names them."""
    yield from dict.fromkeys(block.url for block in view.extraction.blocks if isinstance(block, Attachment))
