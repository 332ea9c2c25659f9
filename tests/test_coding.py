from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.coding import decode_content
from archive.errors import ContentError

TEXT = "Lễ phát động thi đua. ".encode() * 50


def raw_deflate(data: bytes) -> bytes:
    machine = zlib.compressobj(wbits=-15)
    return machine.compress(data) + machine.flush()


@pytest.mark.parametrize(
    ("payload", "coding"),
    [
        (TEXT, ""),
        (TEXT, "identity"),
        (gzip.compress(TEXT), "gzip"),
        (gzip.compress(TEXT), "X-GZIP"),
        (gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]), "gzip"),
        (gzip.compress(TEXT) + b"\0\0\0", "gzip"),
        (gzip.compress(TEXT) + b"<!-- cached -->", "gzip"),
        (zlib.compress(TEXT), "deflate"),
        (raw_deflate(TEXT), "deflate"),
        (gzip.compress(zlib.compress(TEXT)), "deflate, gzip"),
    ],
)
def test_known_codings_are_undone(payload: bytes, coding: str) -> None:
    assert decode_content(payload, coding, 10_000) == TEXT


@given(st.integers(1, 60), st.sampled_from(["gzip", "deflate"]))
def test_a_cut_stream_is_an_error_wherever_it_is_cut(cut: int, coding: str) -> None:
    whole = gzip.compress(TEXT) if coding == "gzip" else zlib.compress(TEXT)
    with pytest.raises(ContentError, match=r"cut off|damaged"):
        decode_content(whole[: -min(cut, len(whole) - 1)], coding, 10_000)


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate"]))
def test_noise_is_an_error_or_bytes_and_nothing_else(noise: bytes, coding: str) -> None:
    try:
        assert len(decode_content(noise, coding, 1000)) <= 1000
    except ContentError as error:
        assert coding in str(error)  # noqa: PT017


def test_a_bomb_is_stopped_at_the_limit() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    with pytest.raises(ContentError, match="more than 1000000 bytes"):
        decode_content(bomb, "gzip", 1_000_000)
    with pytest.raises(ContentError, match="more than 1000000 bytes"):
        decode_content(gzip.compress(bomb), "gzip, gzip", 1_000_000)


def test_a_body_of_exactly_the_limit_passes() -> None:
    assert decode_content(gzip.compress(TEXT), "gzip", len(TEXT)) == TEXT


@pytest.mark.parametrize("coding", ["br", "sdch", "gzip, gzip, gzip, gzip"])
def test_what_is_not_understood_is_named(coding: str) -> None:
    with pytest.raises(ContentError, match=coding.split(",", maxsplit=1)[0]):
        decode_content(gzip.compress(TEXT), coding, 10_000)
