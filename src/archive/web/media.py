"""Archived pictures by the digest of their bytes. Nothing that a portal served is ever run here."""

from __future__ import annotations

import re

from flask import Blueprint, Response, abort, request

from archive.model import Capture
from archive.web import gone
from archive.web.links import DOCUMENTS, WIDTHS
from archive.web.pictures import pictures
from archive.web.resources import resources
from archive.web.sniff import image_type

bp = Blueprint("media", __name__)

_DIGEST = re.compile(r"[0-9a-f]{64}")
_EXTENSION = re.compile(r"[a-z0-9]{1,5}")
# No script, no form, no origin of ours, whatever the bytes are and whoever opens them directly.
_POLICY = "default-src 'none'; sandbox"


@bp.get("/media/<digest>", defaults={"extension": ""})
@bp.get("/media/<digest>.<extension>")
def show(digest: str, extension: str) -> Response:
    """The bytes as captured; a picture in its own type, anything else as a download without a type."""
    if extension and not _EXTENSION.fullmatch(extension):
        abort(404)
    capture = _capture(digest)
    if (unchanged := _unchanged(digest)) is not None:
        return unchanged
    body = resources().payload(capture)
    mime = image_type(body)
    response = Response(body, content_type=mime or "application/octet-stream")
    if not mime:
        name = f"{digest[:16]}.{extension}" if extension in DOCUMENTS else digest[:16]
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return _guarded(response, digest)


@bp.get("/media/<digest>/<int:width>")
def thumb(digest: str, width: int) -> Response:
    """A small form of a picture, in one of the widths that pages use."""
    if width not in WIDTHS:
        abort(404)
    capture = _capture(digest)
    tag = f"{digest}-{width}"
    if (unchanged := _unchanged(tag)) is not None:
        return unchanged
    body = pictures().small(capture, width)
    if body is None:
        abort(404)
    return _guarded(Response(body, content_type="image/webp"), tag)


@bp.get("/media/<digest>/card.jpg")
def card(digest: str) -> Response:
    """A picture in the shape that social networks and messengers show; JPEG, as not all of them read WebP."""
    capture = _capture(digest)
    tag = f"{digest}-card"
    if (unchanged := _unchanged(tag)) is not None:
        return unchanged
    body = pictures().card(capture)
    if body is None:
        abort(404)
    return _guarded(Response(body, content_type="image/jpeg"), tag)


def _capture(digest: str) -> Capture:
    """Looked up on every request, also for a 304: what has been taken down must be gone at once."""
    if not _DIGEST.fullmatch(digest):
        abort(404)
    capture = resources().store.capture_by_digest(f"sha256:{digest}")
    if capture is None:
        gone.payload(f"sha256:{digest}")
    return capture


def _unchanged(tag: str) -> Response | None:
    if request.if_none_match.contains(tag):
        return _guarded(Response(status=304), tag)
    return None


def _guarded(response: Response, tag: str) -> Response:
    response.set_etag(tag)
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
