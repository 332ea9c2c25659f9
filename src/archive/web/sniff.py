"""What a body is by its first bytes: the header that a portal sent is never believed. Pure.

Signatures from the WHATWG MIME Sniffing standard, section 6.1 (image types), and ISO/IEC 14496-12's
`ftyp` box for AVIF. SVG is left out on purpose: it is a document that can hold script.
"""

from __future__ import annotations

IMAGE_SUFFIX = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
}


def image_type(body: bytes) -> str:
    """The media type of a picture that any browser shows safely; "" for everything else."""
    if body.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if body.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if body[:4] == b"RIFF" and body[8:14] == b"WEBPVP":
        return "image/webp"
    if body[4:8] == b"ftyp" and (body[8:12] in (b"avif", b"avis") or b"avif" in body[16:64]):
        return "image/avif"
    return ""
