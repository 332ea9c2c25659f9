"""Which image elements are pictures of the article, and what their real addresses are."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin, urlsplit

from bs4 import Tag

from archive.model import Picture
from archive.text.clean import normalise

# Where loaders of lazy images keep the real address, the better quality first.
_LAZY = (
    "data-original", "data-src", "data-lazy-src", "data-orig-file", "data-large-file", "data-full-src",
    "data-original-src", "data-img-src", "data-actualsrc", "data-lazyload", "data-lazy", "data-url",
    "data-image", "data-hi-res-src",
)  # fmt: skip
_SETS = ("data-srcset", "data-lazy-srcset", "srcset")
LAZY_ATTRIBUTES = frozenset((*_LAZY, *_SETS))
"""Attributes by which an image may give its real address."""
_PLACEHOLDER = re.compile(
    r"(blank|spacer|placeholder|loading|lazy|transparent|pixel|dummy|grey|gray|1x1"
    r"|default)[\w-]*\.(gif|png|svg|jpe?g|webp)",
    re.I,
)
_DECORATION = re.compile(
    r"(^|[/_\-.])(icons?|logos?|spacer|pixel|emoji|smil(ey|ies)|avatars?|gravatar|badge|button"
    r"|btn|share|sprite|rating|stars?"
    r"|arrow|bullet|print|rss|tracking|counter|beacon|captcha)([/_\-.\d]|$)|doubleclick"
    r"|facebook\.com/tr|/b/ss/|google-analytics"
    r"|scorecardresearch|quantserve|feedburner|\.ico$",
    re.I,
)
_DECORATION_CLASS = re.compile(
    r"\b(icons?|logo|avatar|emoji|wp-smiley|author-(image|photo)|share|tracking|pixel)\b", re.I
)
_SMALL = 48
"""Pictures that say they are smaller than this in one direction, in pixels, are decoration."""
_DOCUMENT = re.compile(r"\.(pdf|docx?|xlsx?|pptx?|odt|ods|rtf)(?:$|[?#])", re.I)
_VIDEO = re.compile(
    r"(youtube(-nocookie)?\.com/embed|youtu\.be/|player\.vimeo\.com|dailymotion\.com/embed"
    r"|facebook\.com/plugins/video|\.mp4|\.m3u8|\.webm)",
    re.I,
)


def absolute(base: str, address: str) -> str:
    """An address as the page means it, "" for what is no http address. Never raises."""
    if _WHOLE.fullmatch(address):
        return address
    address = "".join(address.split("\n")).strip().replace("\\", "/")
    if not address:
        return ""
    try:
        joined = urljoin(base, address)
        parts = urlsplit(joined)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ""
    joined = joined.replace(" ", "%20")
    if not joined.isascii():  # as browsers send it; the characters themselves stay as they are written
        start = len(parts.scheme) + len("://") + len(parts.netloc)
        joined = joined[:start] + quote(joined[start:], safe=_ASCII)
    return joined


_ASCII = "".join(map(chr, range(33, 127)))
_WHOLE = re.compile(r"https?://[\w.-]+(?:/[\w/.~%!$&*+,=:@()-]*)?(?:\?[\w/.~%!$&*+,=:@()-]+)?", re.ASCII)
"""Addresses that stay as they are: nine in ten, told in a tenth of the time that taking them apart needs."""


def picture(image: Tag, base: str) -> Picture | None:
    """The picture that an `img` shows, None for decoration and what has no address."""
    url = ""
    for name in _LAZY:
        if (value := _text(image, name)) and not value.startswith("data:") and not _PLACEHOLDER.search(value):
            url = value
            break
    source = _text(image, "src")
    if not url and source and not source.startswith("data:") and not _PLACEHOLDER.search(source):
        url = source
    if not url:
        url = next((best for name in _SETS if (best := _largest(_text(image, name)))), "")
    if not url and source and not source.startswith("data:"):
        url = source
    url = absolute(base, url)
    width, height = _pixels(image, "width"), _pixels(image, "height")
    if not url or 0 < width < _SMALL or 0 < height < _SMALL:
        return None
    parts = urlsplit(url)
    if width < 200 and (_DECORATION.search(parts.path) or _DECORATION.search(parts.netloc + "/")):
        return None
    names = f"{_text(image, 'class')} {_text(image, 'id')}"
    if _DECORATION_CLASS.search(names) and width < 200:
        return None
    alt = normalise(_text(image, "alt"))
    return Picture(url, alt, width, height)


def document(base: str, href: str) -> str:
    """The absolute address when a link leads to a document (PDF, Word, Excel …), else ""."""
    if _DOCUMENT.search(href[-80:]) or _DOCUMENT.search(href[:2000]):
        return absolute(base, href)
    return ""


def video(element: Tag, base: str) -> str:
    """The address of the video in a `video` or `iframe`, else ""."""
    candidates = [_text(element, name) for name in ("src", "data-src", "data-lazy-src")]
    if element.name == "video":
        candidates += [_text(source, "src") for source in element.find_all("source", limit=4)]
        return next((url for c in candidates if (url := absolute(base, c))), "")
    return next((url for c in candidates if _VIDEO.search(c) and (url := absolute(base, c))), "")


def _text(tag: Tag, name: str) -> str:
    value = tag.get(name)
    if value is None:
        return ""
    return value if isinstance(value, str) else " ".join(value)


def _largest(srcset: str) -> str:
    best, size = "", -1.0
    for part in re.split(r",\s+|,(?=https?:|/)", srcset[:20_000]):
        words = part.split()
        if not words or words[0].startswith("data:"):
            continue
        try:
            weight = float(words[1][:-1]) if len(words) > 1 else 0.0
        except ValueError:
            weight = 0.0
        if weight > size:
            best, size = words[0], weight
    return best


def _pixels(image: Tag, name: str) -> int:
    match = re.match(r"\s*(\d{1,5})(?:px)?\s*$", _text(image, name))
    if match is None:
        match = re.search(rf"(?<![-\w]){name}\s*:\s*(\d{{1,5}})px", _text(image, "style"))
    return int(match[1]) if match else 0
