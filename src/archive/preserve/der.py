"""Certificates of a timestamp token in the order that DER wants.

OpenSSL, and many authorities that run on it, write the certificates of a chain in the order of the chain; DER
(X.690, 11.6) wants a set sorted, and strict readers refuse the token. They stand outside of what is signed:
sorting them changes nothing that the signature is over.
"""

from __future__ import annotations

_SEQUENCE, _CERTIFICATES = 0x30, 0xA0


def with_sorted_certificates(token: bytes) -> bytes:
    """An RFC 3161 response with its certificates sorted; as it was when it has no such form."""
    try:
        start, end = _certificates(token)
        parts = []
        place = start
        while place < end:
            _, _, after = _element(token, place)
            parts.append(token[place:after])
            place = after
    except (IndexError, ValueError):
        return token
    return token[:start] + b"".join(sorted(parts)) + token[end:] if place == end else token


def _certificates(token: bytes) -> tuple[int, int]:
    """Where the contents of `SignedData.certificates` begin and end (RFC 5652, 5.1).

    :raises ValueError, IndexError: there are none.
    """
    inside, _ = _expect(token, 0, _SEQUENCE)  # TimeStampResp
    _, _, place = _element(token, inside)  # its status
    inside, _ = _expect(token, place, _SEQUENCE)  # ContentInfo
    _, _, place = _element(token, inside)  # its type
    inside, _ = _expect(token, place, 0xA0)  # its content
    place, _ = _expect(token, inside, _SEQUENCE)  # SignedData
    for _ in range(3):  # version, digest algorithms, what is signed
        _, _, place = _element(token, place)
    return _expect(token, place, _CERTIFICATES)


def _expect(data: bytes, place: int, tag: int) -> tuple[int, int]:
    if data[place] != tag:
        raise ValueError(f"tag {data[place]:#x} in place of {tag:#x}")
    _, start, end = _element(data, place)
    return start, end


def _element(data: bytes, place: int) -> tuple[int, int, int]:
    """Tag, begin and end of the contents of the element at a place.

    :raises ValueError, IndexError: there is none, or it is longer than the data.
    """
    tag, length, start = data[place], data[place + 1], place + 2
    if length == 0x80:
        raise ValueError("an indefinite length")
    if length > 0x80:
        size = length & 0x7F
        length = int.from_bytes(data[start : start + size])
        start += size
    if start + length > len(data):
        raise ValueError("an element longer than the data")
    return tag, start, start + length
