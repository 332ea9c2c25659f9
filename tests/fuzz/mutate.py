"""Cases from good examples: cut, flipped, repeated, spliced, with what hurts put in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

from hypothesis import strategies as st

_HURTS = (
    b"", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\r\n", b"\n\n", b"-1", b"0", b"9" * 400, b"1e999", b"%00", b"%", b"../",
    b"\\", b"//", b"[", b"]", b"(", b'"', b"'", b"<", b"<!--", b"<![CDATA[", b"&#0;", b"&#xD800;", b"{{", b"\xef\xbb\xbf",
    "İ".encode(), "\u202e".encode(), "ﷺ".encode(), "①".encode(), "\u0301".encode(), b"PK\x03\x04", b"\x1f\x8b\x08", b"WARC/1.1\r\n",
    b"0001-01-01T00:00:00+23:59", b"9999-12-31T23:59:59-23:59", b"31/12/9999", b"29/2/1900", b"Content-Length: -1\r\n",
)  # fmt: skip
_NUMBERS = (
    b"\x00\x00", b"\xff\xff", b"\x00\x80", b"\x00" * 4, b"\xff" * 4, b"\xff\xff\xff\x7f", b"\x00\x00\x00\x80", b"\x01\x00\x00\x00",
)  # fmt: skip
"""Lengths, counts and places as binary files have them."""


@st.composite
def mutated(draw: st.DrawFn, corpus: Sequence[bytes], most: int = 6) -> bytes:
    """One example of a corpus, changed in a few places."""
    body = bytearray(draw(st.sampled_from(list(corpus))))
    for _ in range(draw(st.integers(0, most))):
        at = draw(st.integers(0, len(body)))
        end = draw(st.integers(at, min(len(body), at + 200)))
        match draw(st.integers(0, 8)):
            case 0:
                del body[at:]
            case 1:
                del body[at:end]
            case 2 if at < len(body):
                body[at] ^= 1 << draw(st.integers(0, 7))
            case 3:
                body[at:at] = body[at:end] * draw(st.integers(1, 50))
            case 4:
                body[at:end] = draw(st.sampled_from(_HURTS))
            case 5:
                body[at:at] = draw(st.sampled_from(_HURTS)) * draw(st.integers(1, 20))
            case 6:
                body[at:at] = draw(st.binary(max_size=40))
            case 7:
                number = draw(st.sampled_from(_NUMBERS))
                body[at : at + len(number)] = number
            case _:
                body[at:at] = draw(st.sampled_from(list(corpus)))[at:end]
    return bytes(body)


@st.composite
def mutated_within(draw: st.DrawFn, packages: Sequence[bytes]) -> bytes:
    """One ZIP archive with a part of it changed: what its sums would give away is sound."""
    with zipfile.ZipFile(io.BytesIO(draw(st.sampled_from(list(packages))))) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    for _ in range(draw(st.integers(1, 2))):
        name = draw(st.sampled_from(sorted(parts)))
        parts[name] = draw(mutated([parts[name]]))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as package:
        for name, data in parts.items():
            package.writestr(zipfile.ZipInfo(name), data)
    return made.getvalue()


def texts(corpus: Sequence[str], most: int = 6) -> st.SearchStrategy[bytes]:
    """UTF-8, mostly: changed examples, and texts of any letters."""
    examples = [text.encode("utf-8", "surrogatepass") for text in corpus]
    free = st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass"))
    return mutated(examples, most) | free
