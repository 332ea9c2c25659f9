"""From bytes to clean text: which charset a body is in, and what is noise in its characters.

A body's charset is decided by evidence in the order of the HTML standard (byte order mark, HTTP header,
`meta`), and the declared one is believed only as far as the bytes bear it out: a portal that announces
`iso-8859-1` and sends UTF-8 is read as UTF-8.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decoded:
    """A body as text."""

    text: str
    charset: str
    """The codec that was used, in Python's naming."""
    basis: str
    """What decided: "bom", "header", "meta" or "content"."""


# Labels that the WHATWG Encoding Standard maps to a superset, because that is what servers mean by them.
_SUPERSETS = {
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "big5": "big5hkscs",
}
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META = re.compile(
    rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)",
    re.IGNORECASE,
)
_HEAD = 4096
"""How many bytes are searched for a declaration; browsers look at 1,024, portals put scripts before it."""


def decode(body: bytes, content_type: str = "") -> Decoded:
    """The text of an HTML body. Never raises; NUL characters and a byte order mark are left out.

    :param content_type: the value of the HTTP header, "" when there was none.
    """
    for bom, name in _BOMS:
        if body.startswith(bom):
            return Decoded(_clean(body[len(bom) :].decode(name, "replace")), name, "bom")
    if (wide := _utf16_without_bom(body)) is not None:
        return Decoded(_clean(body.decode(wide, "replace")), wide, "content")
    declared = _declared(body, content_type)
    try:
        # UTF-8 proves itself: other encodings hardly ever form valid sequences by chance.
        text = _strict_utf8(body)
    except UnicodeDecodeError:
        return _decode_damaged(body, declared)
    charset, basis = next(((c, b) for c, b in declared if c == "utf-8"), ("utf-8", "content"))
    if declared and declared[0][0] != "utf-8" and body.isascii():
        charset, basis = declared[0]
        text = body.decode(charset, "replace")  # ISO-2022-JP and UTF-7-like codecs are ASCII bytes
    # Looked for among the bytes: a NUL is half of every other character in Python's two-byte strings.
    return Decoded(_clean(text) if 0 in body else text.lstrip("\ufeff"), charset, basis)


def normalise(text: str) -> str:
    """One line of clean text: NFC, no invisible characters, runs of white space as one space, no edges.

    Entities must have been decoded before: pages mix `tr&ocirc;` with a bare combining mark, and only
    the decoded whole composes. The Icelandic capital Eth, which old fonts put for Đ, becomes Đ.
    """
    line = " ".join(text.split())
    if line.isprintable():  # nothing invisible in it, as in nearly all: a pattern takes much longer to tell
        if line.isascii():
            return line
        if "\xd0" not in line:
            return unicodedata.normalize("NFC", line)
    return " ".join(unicodedata.normalize("NFC", text.translate(_INVISIBLE)).split())


_INVISIBLE = dict.fromkeys(
    [*range(9), *range(14, 28), 0x7F, 0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0xD800, 0xE000)]
)
_INVISIBLE[0xD0] = 0x110  # Ð → Đ


def _clean(text: str) -> str:
    return text.lstrip("\ufeff").replace("\x00", "")


def _strict_utf8(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(body) - 3 and error.reason == "unexpected end of data":
            return body[: error.start].decode("utf-8")  # the body was cut within a character
        raise


def _declared(body: bytes, content_type: str) -> list[tuple[str, str]]:
    found = []
    if match := _CHARSET.search(content_type):
        found.append((match[1], "header"))
    if meta := _META.search(body[:_HEAD]):
        found.append(((meta[1] or meta[2]).decode("ascii", "replace"), "meta"))
    known = []
    for label, basis in found:
        try:
            name = codecs.lookup(label.lower()).name
        except (LookupError, UnicodeError, ValueError):
            continue
        if name.startswith(("utf-16", "utf-32")):
            name = "utf-8"  # as browsers do: were it so, the declaration could not have been read
        name = _SUPERSETS.get(name, name)
        try:
            b"a".decode(name)  # base64, rot13 and other codecs that give no text
        except (LookupError, TypeError, ValueError):
            continue
        if name == "utf-7":  # no browser reads it, and `+ADw-` would become markup
            continue
        known.append((name, basis))
    return known


def _decode_damaged(body: bytes, declared: list[tuple[str, str]]) -> Decoded:
    """Not valid UTF-8: a declared charset that fits, else UTF-8 with damage, else cp1252."""
    for charset, basis in declared:
        if charset == "utf-8":
            continue
        text = body.decode(charset, "replace")
        if text.count("\ufffd") <= len(text) // 1000:
            return Decoded(_clean(text), charset, basis)
    text = body.decode("utf-8", "replace")
    high = sum(byte >= 0x80 for byte in body[: 1 << 20])
    damaged = text[: 1 << 20].count("\ufffd")
    named = next((basis for charset, basis in declared if charset == "utf-8"), "")
    if damaged * (2 if named else 10) < max(high, 1):
        return Decoded(_clean(text), "utf-8", named or "content")
    return Decoded(_clean(body.decode("cp1252", "replace")), "cp1252", "content")


def _utf16_without_bom(body: bytes) -> str | None:
    """Markup in UTF-16 has NUL in every other byte of its ASCII part."""
    head = body[:512]
    if len(head) < 8 or head.count(0) * 3 < len(head):
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 4 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 4 * odd else None
