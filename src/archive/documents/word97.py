"""The text of Word 97-2003 files (.doc), out of the piece table.

No kept library reads them in Python; the format is published: [MS-DOC], "Retrieving Text" (2.4.1). The
file is an OLE container, which olefile reads; its stream `WordDocument` begins with the FIB, which tells
where in the table stream the piece table (Clx) stands; each piece is a run of 16-bit or 8-bit characters.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator

import olefile

OLE_MAGIC = olefile.MAGIC

_WORD = 0xA5EC
_ENCRYPTED, _WHICH_TABLE = 0x0100, 0x0200
_FLAGS = 0x0A
_CCP_TEXT = 0x4C
"""FibRgLw97.ccpText: characters of the main text; headers, notes and boxes follow it."""
_FC_CLX = 0x01A2
_PIECE, _PROPERTIES = 2, 1
_COMPRESSED = 1 << 30
_MAX_STREAM = 50_000_000
_FIELD = re.compile(r"\x13[^\x13\x14\x15]*\x14?([^\x13\x14\x15]*)\x15")
"""A field's instruction, and the result that readers see."""
_ENDS = re.compile(r"[\r\x07\x0b\x0c\n]")
_OTHERS = re.compile(r"[\x00-\x08\x0e-\x1f]")


def streams(body: bytes) -> set[str]:
    """Names of the streams at the top of an OLE container; empty when it is broken."""
    try:
        with olefile.OleFileIO(io.BytesIO(body)) as container:
            return {path[0] for path in container.listdir() if len(path) == 1}
    except OSError:
        return set()


def word_lines(body: bytes) -> Iterator[str]:
    """The paragraphs and rows of a document's main text.

    :raises ValueError: it is encrypted, older than Word 97, or broken; the text says which.
    """
    with olefile.OleFileIO(io.BytesIO(body)) as container:
        fib = _stream(container, "WordDocument")
        if len(fib) < _FC_CLX + 8 or struct.unpack_from("<H", fib)[0] != _WORD:
            raise ValueError("it is older than Word 97, or damaged")
        flags = struct.unpack_from("<H", fib, _FLAGS)[0]
        if flags & _ENCRYPTED:
            raise ValueError("the file is encrypted, and opens with a password only")
        table = _stream(container, "1Table" if flags & _WHICH_TABLE else "0Table")
    length = struct.unpack_from("<I", fib, _CCP_TEXT)[0]
    start, size = struct.unpack_from("<II", fib, _FC_CLX)
    text = "".join(_pieces(fib, table[start : start + size]))[:length]
    while (plain := _FIELD.sub(r"\1", text)) != text:  # fields stand within fields
        text = plain
    # A cell ends with one mark, and a row with one more.
    text = text.replace("\x07\x07", "\r").replace("\x07", " ").replace("\x1e", "-").replace("\x1f", "")
    for line in _ENDS.split(text):
        yield _OTHERS.sub(" ", line)


def _stream(container: olefile.OleFileIO, name: str) -> bytes:
    if not container.exists(name):
        raise ValueError("the file is damaged (a stream is missing)")
    data: bytes = container.openstream(name).read(_MAX_STREAM)
    return data


def _pieces(fib: bytes, clx: bytes) -> Iterator[str]:
    """The pieces of the text in order."""
    at = 0
    while at < len(clx) and clx[at] == _PROPERTIES:
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    if at + 5 > len(clx) or clx[at] != _PIECE:
        raise ValueError("the file is damaged (it has no piece table)")
    size = min(struct.unpack_from("<I", clx, at + 1)[0], len(clx) - at - 5)
    plc = clx[at + 5 : at + 5 + size]
    number = (len(plc) - 4) // 12
    bounds = struct.unpack_from(f"<{number + 1}I", plc)
    for index in range(number):
        place = struct.unpack_from("<I", plc, 4 * (number + 1) + 8 * index + 2)[0]
        count = max(0, bounds[index + 1] - bounds[index])
        if place & _COMPRESSED:
            start = (place & ~_COMPRESSED) // 2
            yield fib[start : start + count].decode("cp1252", "replace")
        else:
            yield fib[place : place + 2 * count].decode("utf-16-le", "replace")
