"""Archived pictures: what one is, and small forms of it, made once and kept below `<var>/cache`."""

from __future__ import annotations

import io
import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import current_app
from PIL import Image, ImageFile, ImageOps

from archive.errors import ContentError, WarcError
from archive.model import Capture
from archive.web.resources import Resources
from archive.web.sniff import image_type

_MAX_PIXELS = 60_000_000
"""A picture with more is not decoded: a few kilobytes of PNG can claim gigabytes."""
CARD = (1200, 630)
"""Width and height of a shared picture in pixels, as OpenGraph's readers want it."""
_KEPT = 10_000
_QUALITY = 78

# Old portals cut pictures off; what is there is shown, the rest stays grey.
ImageFile.LOAD_TRUNCATED_IMAGES = True


@dataclass(frozen=True, slots=True)
class PictureInfo:
    """What the bytes of a picture say of themselves."""

    mime: str
    width: int
    height: int
    """In pixels, as shown (turned by EXIF); 0 when the header cannot be read."""


class Pictures:
    """Reads pictures out of the captures. What it remembers hangs on the digest, so it never goes stale."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._lock = threading.Lock()
        self._known: OrderedDict[str, PictureInfo] = OrderedDict()

    def info(self, capture: Capture) -> PictureInfo | None:
        """What a captured picture is; None when it is no picture, or its record cannot be read."""
        with self._lock:
            if found := self._known.get(capture.payload_digest):
                return found
        try:
            body = self._resources.payload(capture)
        except (WarcError, ContentError):
            return None
        mime = image_type(body)
        if not mime:
            return None
        made = PictureInfo(mime, *_size(body))
        with self._lock:
            self._known[capture.payload_digest] = made
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return made

    def small(self, capture: Capture, width: int) -> bytes | None:
        """A WebP at most `width` pixels wide; None when the picture cannot be decoded.

        :raises WarcError: the record is missing or damaged.
        """
        return self._made(capture, f"{width}.webp", lambda body: shrink(body, width))

    def card(self, capture: Capture) -> bytes | None:
        """A JPEG of `CARD`; None when the picture cannot be decoded.

        :raises WarcError: the record is missing or damaged.
        """
        return self._made(capture, "card.jpg", card)

    def _made(self, capture: Capture, form: str, make: Callable[[bytes], bytes | None]) -> bytes | None:
        folder = self._resources.settings.var / "cache" / "pictures"
        name = f"{capture.payload_digest.removeprefix('sha256:')}-{form}"
        try:
            return (folder / name).read_bytes()
        except OSError:
            pass
        made = make(self._resources.payload(capture))
        if made is not None:
            _keep(folder, name, made)
        return made


def pictures() -> Pictures:
    """The current application's."""
    found: Pictures = current_app.extensions["archive.pictures"]
    return found


def shrink(body: bytes, width: int) -> bytes | None:
    """Re-encode a picture as WebP, at most `width` pixels wide; None when it cannot be decoded."""

    def small(image: Image.Image) -> bytes:
        image.thumbnail((width, width * 4), Image.Resampling.LANCZOS)
        return _encoded(image, "WEBP", quality=_QUALITY, method=4)

    return _decoded(body, width, small)


def card(body: bytes) -> bytes | None:
    """Re-encode a picture as a JPEG of the size `CARD`, cut to its shape; None when it cannot be decoded."""

    def cut(image: Image.Image) -> bytes:
        plain = Image.new("RGB", image.size, "white")
        plain.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
        # Faces and banners stand in the upper part of most news pictures.
        fitted = ImageOps.fit(plain, CARD, Image.Resampling.LANCZOS, centering=(0.5, 0.35))
        return _encoded(fitted, "JPEG", quality=_QUALITY, optimize=True)

    return _decoded(body, CARD[0], cut)


def _decoded(body: bytes, width: int, use: Callable[[Image.Image], bytes]) -> bytes | None:
    """What `use` makes of the picture, turned as EXIF says, in RGB or RGBA.

    :param width: pixels that will be needed; a JPEG is decoded at no more than twice that.
    """
    if not image_type(body):
        return None
    try:
        with Image.open(io.BytesIO(body)) as image:
            if image.width * image.height > _MAX_PIXELS:
                return None
            image.draft("RGB", (width * 2, width * 2))
            turned = ImageOps.exif_transpose(image)
            if turned.mode not in ("RGB", "RGBA"):
                turned = turned.convert("RGBA" if "transparency" in turned.info else "RGB")
            return use(turned)
    # Pillow's decoders raise these and more on damaged input; each means "cannot be decoded".
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError):
        return None


def _encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def _size(body: bytes) -> tuple[int, int]:
    try:
        with Image.open(io.BytesIO(body)) as image:
            width, height = image.size
            turned = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
            return (height, width) if turned else (width, height)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return (0, 0)


def _keep(folder: Path, name: str, body: bytes) -> None:
    """Write whole or not at all; a disk that is full or read-only costs only the time of making it again."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(body)
            Path(temporary).replace(folder / name)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
    except OSError:
        return
