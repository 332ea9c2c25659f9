"""Undoing HTTP content-codings, within a limit and without trusting the stream.

Codings and their names: RFC 9110, section 8.4.1. Brotli and zstd are not offered by the crawler
(`ACCEPT_ENCODING`), so a server that sends them anyway is told apart as a failure.
"""

from __future__ import annotations

import zlib

from archive.errors import ContentError

ACCEPT_ENCODING = "gzip, deflate"
"""What the crawler says it understands."""
MAX_CODINGS = 3
"""Codings on top of each other at most; more is no server's honest work."""
_PIECE = 1 << 16


def decode_content(payload: bytes, content_encoding: str, limit: int) -> bytes:
    """The payload with all its content-codings removed.

    :param payload: the body as received, transfer-coding removed.
    :param content_encoding: the header field's value; codings are undone from the last to the first.
    :param limit: bytes of the result (and of each step) at most.
    :raises ContentError: the stream is cut or damaged, the coding unknown, or the result beyond the limit.
    """
    codings = [name.strip().lower() for name in content_encoding.split(",") if name.strip()]
    codings = [name for name in codings if name != "identity"]
    if len(codings) > MAX_CODINGS:
        raise ContentError(
            f"{len(codings)} content-codings stand on top of each other: {content_encoding!r}."
        )
    body = payload
    for name in reversed(codings):
        if not body:
            return body
        match name:
            case "gzip" | "x-gzip":
                body = _gunzip(body, limit)
            case "deflate":
                body = _inflate(body, limit)
            case _:
                raise ContentError(f"The content-coding {name!r} is not known.")
    if len(body) > limit:
        raise ContentError(f"The body is longer than {limit} bytes.")
    return body


def _gunzip(data: bytes, limit: int) -> bytes:
    """All members of a gzip stream (RFC 1952); zero bytes after the last one are padding."""
    out = bytearray()
    while data:
        piece, data = _run(zlib.decompressobj(wbits=31), data, limit - len(out), "gzip")
        out += piece
        data = data.lstrip(b"\0")
        if data and not data.startswith(b"\x1f\x8b"):
            break  # servers append notes after the stream; the stream itself ended as it should
    return bytes(out)


def _inflate(data: bytes, limit: int) -> bytes:
    """A zlib stream (RFC 1950), or the bare deflate stream (RFC 1951) that many servers send for it."""
    zlib_header = len(data) >= 2 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
    return _run(zlib.decompressobj(wbits=15 if zlib_header else -15), data, limit, "deflate")[0]


def _run(machine: zlib._Decompress, data: bytes, limit: int, name: str) -> tuple[bytes, bytes]:
    """Unpack to the stream's own end, never more than the limit. Returns result and rest."""
    out = bytearray()
    try:
        while not machine.eof:
            piece = machine.decompress(data, min(_PIECE, limit - len(out) + 1))
            data = machine.unconsumed_tail
            if not piece and not data and not machine.eof:
                raise ContentError(f"The {name} stream is cut off before its end.")
            out += piece
            if len(out) > limit:
                raise ContentError(f"The {name} stream unpacks to more than {limit} bytes.")
    except zlib.error as error:
        raise ContentError(f"The {name} stream is damaged: {error}.") from error
    return bytes(out), machine.unused_data
