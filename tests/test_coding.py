"""Content-codings come off whole or not at all, and never beyond the limit."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.coding import ContentDecoder, decode_content
from archive.errors import ContentError

TEXT = "Lễ phát động thi đua trên địa bàn huyện Đầm Hà. ".encode() * 50
LIMIT = 1_000_000
_PACK = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress}


def raw_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


@pytest.mark.parametrize(
    ("payload", "coding"),
    [
        (TEXT, ""),
        (TEXT, "identity"),
        (gzip.compress(TEXT), "gzip"),
        (gzip.compress(TEXT), " GZIP "),
        (gzip.compress(TEXT), "x-gzip"),
        (zlib.compress(TEXT), "deflate"),
        (raw_deflate(TEXT), "deflate"),
        (gzip.compress(gzip.compress(TEXT)), "gzip, gzip"),
        (gzip.compress(zlib.compress(TEXT)), "deflate, gzip"),
        (gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]), "gzip"),
        (gzip.compress(TEXT) + b"\0" * 512, "gzip"),
        (brotli.compress(TEXT), "br"),
        (brotli.compress(gzip.compress(TEXT)), "gzip, br"),
    ],
)
def test_what_servers_send_is_decoded(payload: bytes, coding: str) -> None:
    assert decode_content(payload, coding, LIMIT) == TEXT


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
@given(cut=st.integers(0, 10_000))
def test_a_stream_cut_anywhere_is_refused(coding: str, cut: int) -> None:
    whole = _PACK[coding](TEXT)
    with pytest.raises(ContentError):
        decode_content(whole[: cut % len(whole)], coding, LIMIT)


def test_a_changed_byte_is_noticed_by_the_checksum() -> None:
    whole = bytearray(gzip.compress(TEXT))
    whole[-6] ^= 1
    with pytest.raises(ContentError, match="broken"):
        decode_content(bytes(whole), "gzip", LIMIT)


@given(st.binary(max_size=3000), st.lists(st.integers(1, 400), min_size=1, max_size=20))
def test_pieces_of_any_size_give_the_same(data: bytes, sizes: list[int]) -> None:
    payload = gzip.compress(data[:700]) + gzip.compress(data[700:])
    decoder = ContentDecoder("gzip", LIMIT)
    out, at, turn = [], 0, 0
    while at < len(payload):
        size = sizes[turn % len(sizes)]
        out.append(decoder.feed(payload[at : at + size]))
        at, turn = at + size, turn + 1
    out.append(decoder.finish())
    assert b"".join(out) == data


@pytest.mark.parametrize("coding", ["gzip", "gzip, gzip", "deflate", "br"])
def test_a_bomb_ends_at_the_limit_with_flat_memory(coding: str) -> None:
    big = b"\0" * 50_000_000
    payload = _PACK[coding.partition(",")[0]](big)
    if coding == "gzip, gzip":
        payload = gzip.compress(payload)
    del big
    tracemalloc.start()
    with pytest.raises(ContentError, match="larger than 1,000,000 bytes"):
        decode_content(payload, coding, LIMIT)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * LIMIT


@pytest.mark.parametrize("coding", ["sdch", "zstd", "gzip, gzip, gzip, gzip"])
def test_unknown_and_stacked_codings_are_refused(coding: str) -> None:
    with pytest.raises(ContentError):
        decode_content(TEXT, coding, LIMIT)


def test_plain_text_under_a_gzip_label_is_refused() -> None:
    with pytest.raises(ContentError):
        decode_content(TEXT, "gzip", LIMIT)
