"""Undoing HTTP content-codings (RFC 9110, section 8.4.1) within bounds.

Python's and requests' own decoders pass a stream that was cut short and unfold a bomb whole; here the end of
each stream is demanded and the size of every stage is bounded.
"""

from __future__ import annotations

import zlib
from typing import Protocol

import brotli

from archive.errors import ContentError

_STEP = 64 * 1024
_MAX_CODINGS = 3
"""More stacked codings than any server has a reason for."""


class _Stage(Protocol):
    def feed(self, data: bytes) -> bytes: ...
    def finish(self) -> bytes: ...


class ContentDecoder:
    """Decodes a body as it arrives, so that a download can end at the moment it grows too large.

    :param content_encoding: value of the header field; "" or "identity" for none.
    :param limit: bytes that any stage may put out.
    :raises ContentError: at once for a coding that is unknown or stacked too deep.
    """

    def __init__(self, content_encoding: str, limit: int) -> None:
        names = [name.strip().lower() for name in content_encoding.split(",")]
        names = [name for name in names if name and name != "identity"]
        if len(names) > _MAX_CODINGS:
            raise ContentError(f"The body is coded {len(names)} times over ({content_encoding[:80]}).")
        self._limit = limit
        # The codings are listed in the order in which they were applied, so they come off from the last.
        self._stages: list[_Stage] = [_stage(name, limit) for name in reversed(names)]
        self._size = 0

    def feed(self, data: bytes) -> bytes:
        """What these bytes decode to, as far as is known yet.

        :raises ContentError: the stream is broken, or the decoded body passes the limit.
        """
        for stage in self._stages:
            data = stage.feed(data)
        return self._count(data)

    def finish(self) -> bytes:
        """The rest.

        :raises ContentError: the stream has no end: the body was cut.
        """
        rest = b""
        for stage in self._stages:
            rest = (stage.feed(rest) if rest else b"") + stage.finish()
        return self._count(rest)

    def _count(self, data: bytes) -> bytes:
        self._size += len(data)
        if self._size > self._limit:
            raise TooLargeError(_too_large(self._limit))
        return data


class TooLargeError(ContentError):
    """A stage put out more than the limit."""


class CutError(ContentError):
    """The stream has no end."""


def decode_content(payload: bytes, content_encoding: str, limit: int) -> bytes:
    """A whole body with its content-coding removed.

    Knows gzip and x-gzip (several members, and padding after the last), deflate (in zlib's form as the RFC
    says, and raw as some servers send it), br, identity, and chains of them.

    :param payload: the body, transfer-coding removed.
    :param content_encoding: value of the header field; "" when absent.
    :param limit: bytes that the body, or any stage on the way, may have.
    :raises ContentError: the stream is cut or broken, the coding unknown, the body beyond the limit.
    """
    decoder = ContentDecoder(content_encoding, limit)
    parts = [decoder.feed(payload[start : start + _STEP]) for start in range(0, len(payload), _STEP)]
    parts.append(decoder.finish())
    return b"".join(parts)


def _stage(name: str, limit: int) -> _Stage:
    if name in ("gzip", "x-gzip"):
        return _Gzip(limit)
    if name == "deflate":
        return _Deflate(limit)
    if name == "br":
        return _Brotli(limit)
    raise ContentError(
        f"The body has the content-coding {name[:40]!r}, which is not known.",
        "The crawler asks for gzip, deflate and br only; the server sent another one unasked.",
    )


def _too_large(limit: int) -> str:
    return f"The decoded body is larger than {limit:,} bytes."


def _inflate(stream: zlib._Decompress, data: bytes, limit: int) -> bytes:
    try:
        out = stream.decompress(data, limit + 1)
    except zlib.error as error:
        raise ContentError(f"The compressed body is broken ({error}).") from error
    if len(out) > limit:
        raise TooLargeError(_too_large(limit))
    return out


class _Gzip:
    """RFC 1952. What follows the last member and is no member is padding, as in every reader."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._stream = zlib.decompressobj(wbits=31)
        self._members = 0
        self._began = False
        self._padding = False
        self._head = b""

    def feed(self, data: bytes) -> bytes:
        out = []
        room = self._limit
        while data and not self._padding:
            if self._members and not self._began:
                # A further member, or padding? The magic number may itself be split over two pieces.
                data, self._head = self._head + data, b""
                if len(data) < 2:
                    self._head = data
                    break
                if data[:2] != b"\x1f\x8b":
                    self._padding = True
                    break
                self._stream = zlib.decompressobj(wbits=31)
            self._began = True
            piece = _inflate(self._stream, data, room)
            room -= len(piece)
            out.append(piece)
            data = b""
            if self._stream.eof:
                data = self._stream.unused_data
                self._members += 1
                self._began = False
        return b"".join(out)

    def finish(self) -> bytes:
        if self._began or not self._members:
            raise CutError("The gzip stream ends before its end: the body was cut.")
        return b""


class _Deflate:
    """RFC 9110 means zlib's form (RFC 1950); some servers send the bare stream (RFC 1951)."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._stream: zlib._Decompress | None = None
        self._head = b""

    def feed(self, data: bytes) -> bytes:
        if self._stream is None:
            self._head += data
            if len(self._head) < 2:
                return b""
            data, self._head = self._head, b""
            # CMF and FLG of a zlib header are a multiple of 31, with method 8 in the low bits.
            zlib_form = data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
            self._stream = zlib.decompressobj(wbits=15 if zlib_form else -15)
        if self._stream.eof:
            return b""
        return _inflate(self._stream, data, self._limit)

    def finish(self) -> bytes:
        if self._stream is None or not self._stream.eof:
            raise CutError("The deflate stream ends before its end: the body was cut.")
        return b""


class _Brotli:
    """RFC 7932. The window is 16 MB at most, whatever the stream unfolds to."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._stream = brotli.Decompressor()

    def feed(self, data: bytes) -> bytes:
        if not data or self._stream.is_finished():
            return b""
        try:
            out: bytes = self._stream.process(data, output_buffer_limit=self._limit + 1)
        except brotli.error as error:
            raise ContentError(f"The brotli stream is broken ({error}).") from error
        if len(out) > self._limit:
            raise TooLargeError(_too_large(self._limit))
        return out

    def finish(self) -> bytes:
        if not self._stream.is_finished():
            raise CutError("The brotli stream ends before its end: the body was cut.")
        return b""
