"""Payloads that are no pages: what each is by its bytes, and as what it may be handed out."""

from __future__ import annotations

import re
from enum import Enum, auto
from urllib.parse import unquote, urlsplit

from flask import Response

from archive.memento.times import stamp
from archive.model import Capture
from archive.text.clean import decode
from archive.web.sniff import image_type

_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_MARKUP = re.compile(
    rb"\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype html|html|head|body|title|meta)\b", re.I | re.S
)
_TEXT = re.compile(r"text/(?!html)|application/(?:[\w.+-]*(?:json|xml|javascript|ecmascript))\Z|image/svg")
_MEDIA = re.compile(
    r"(?:audio|video|font)/[\w.+-]+|application/(?:x-)?font-[\w.+-]+|application/vnd\.ms-fontobject"
)
_TYPE = re.compile(r"[\w.+-]{1,80}/[\w.+-]{1,80}")
_CONTENT_TYPE = re.compile(r"[\x20-\x7e]{1,200}")
_NAME = re.compile(r"[^\w.-]+")


class Kind(Enum):
    """How a payload is handed out."""

    PAGE = auto()
    """Rewritten."""
    STYLE = auto()
    """Rewritten."""
    PICTURE = auto()
    """As it is, in the type of its bytes."""
    DRAWING = auto()
    """SVG: a picture where it is embedded; opened by itself the policy keeps its scripts from running."""
    TEXT = auto()
    """Shown as text, whatever a browser might make of it."""
    MEDIA = auto()
    """Sound, film, a font: as it is."""
    FILE = auto()
    """A download."""


def kind_of(payload: bytes, content_type: str, url: str) -> Kind:
    """What a payload is. The bytes tell of pictures; else the type that the server named, or its absence."""
    named = _named(content_type)
    if image_type(payload):
        return Kind.PICTURE
    if named == "text/css" or (not named and urlsplit(url).path.lower().endswith(".css")):
        return Kind.STYLE
    if named in _PAGE_TYPES or (named in ("", "text/plain") and _MARKUP.match(payload[:4096])):
        return Kind.PAGE
    if named == "image/svg+xml":
        return Kind.DRAWING
    if _TEXT.match(named):
        return Kind.TEXT
    if _MEDIA.fullmatch(named):
        return Kind.MEDIA
    return Kind.FILE


def other(payload: bytes, kind: Kind, content_type: str, capture: Capture) -> Response:
    """A payload that is neither page nor style sheet."""
    match kind:
        case Kind.PICTURE:
            return Response(payload, content_type=image_type(payload))
        case Kind.DRAWING:
            return Response(payload, content_type="image/svg+xml")
        case Kind.TEXT:
            return Response(decode(payload, content_type).text, content_type="text/plain; charset=utf-8")
        case Kind.MEDIA:
            return Response(payload, content_type=_named(content_type))
        case _:
            named = _named(content_type)
            fits = _TYPE.fullmatch(named) is not None and named not in _PAGE_TYPES
            response = Response(payload, content_type=named if fits else "application/octet-stream")
            response.headers["Content-Disposition"] = _disposition(capture)
            return response


def raw(payload: bytes, content_type: str, capture: Capture) -> Response:
    """The very bytes, content-coding removed, in the type that the server named; the policy does the rest."""
    given = content_type if _CONTENT_TYPE.fullmatch(content_type) else "application/octet-stream"
    response = Response(payload, content_type=given)
    if kind_of(payload, content_type, capture.url) is Kind.FILE:
        response.headers["Content-Disposition"] = _disposition(capture)
    return response


def _named(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _disposition(capture: Capture) -> str:
    """A download under the name in the address, made plain."""
    last = unquote(urlsplit(capture.url).path.rstrip("/").rpartition("/")[2])
    plain = _NAME.sub("-", last.encode("ascii", "ignore").decode()).strip(".-")[-80:]
    return f'attachment; filename="{plain or stamp(capture.at)}"'
