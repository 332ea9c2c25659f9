"""Plain text with offsets → safe markup: found words and inline marks. Pure.

The text comes from other people's pages. It is escaped piece by piece here, and nothing but the tags that
this module writes ever becomes markup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

from markupsafe import Markup, escape

from archive.model import Span
from archive.search.backend import Snippet

_WRAPS = {
    "strong": Markup("<strong>{}</strong>"),
    "em": Markup("<em>{}</em>"),
}


def highlighted(snippet: Snippet) -> Markup:
    """A snippet with its found words in `<mark>`."""
    parts: list[Markup] = []
    place = 0
    for start, end in snippet.marks:
        if not place <= start < end <= len(snippet.text):
            continue
        parts.append(escape(snippet.text[place:start]))
        parts.append(Markup("<mark>{}</mark>").format(snippet.text[start:end]))
        place = end
    parts.append(escape(snippet.text[place:]))
    return Markup().join(parts)


def inline(text: str, spans: Iterable[Span], outside: Callable[[str], str]) -> Markup:
    """A block's text with its strong, emphasised and linked pieces.

    Spans may overlap: each stretch between two boundaries is wrapped by itself, so that tags always nest.

    :param outside: gives the address to link to, or "" when it must not be a link.
    """
    usable = [span for span in spans if 0 <= span.start < span.end <= len(text)]
    if not usable:
        return escape(text)
    bounds = sorted({0, len(text), *(s.start for s in usable), *(s.end for s in usable)})
    parts: list[Markup] = []
    for start, end in pairwise(bounds):
        piece = escape(text[start:end])
        over = [span for span in usable if span.start <= start and span.end >= end]
        for kind, wrap in _WRAPS.items():
            if any(span.kind == kind for span in over):
                piece = wrap.format(piece)
        href = next((href for span in over if span.kind == "link" and (href := outside(span.href))), "")
        if href:
            piece = Markup('<a href="{}" rel="nofollow noopener external">{}</a>').format(href, piece)
        parts.append(piece)
    return Markup().join(parts)
