"""Making one WARC record: named fields, explicit digests, one gzip member."""

from __future__ import annotations

import datetime as dt
import hashlib
import zlib
from collections.abc import Sequence

from warcio.statusandheaders import StatusAndHeaders

VERSION = "WARC/1.1"
REQUEST = "application/http; msgtype=request"
RESPONSE = "application/http; msgtype=response"
FIELDS = "application/warc-fields"
PROFILE_SAME_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
PROFILE_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"


def sha256(data: bytes) -> str:
    """`sha256:` and hex: the form in `Capture.payload_digest` and in the records' digest fields."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def date(moment: dt.datetime) -> str:
    """A WARC-Date with microseconds, as WARC 1.1 allows."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_date(text: str) -> dt.datetime:
    """The time of a WARC-Date of any precision.

    :raises ValueError: it is none.
    """
    moment = dt.datetime.fromisoformat(text)
    try:
        return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} is before the year 1 or after 9999 in UTC") from error


def record_id(uuid_hex: str) -> str:
    """The WARC-Record-ID of a UUID in hex."""
    return f"<urn:uuid:{uuid_hex[:8]}-{uuid_hex[8:12]}-{uuid_hex[12:16]}-{uuid_hex[16:20]}-{uuid_hex[20:]}>"


def uuid_of(text: str) -> str:
    """Hex of the UUID in a WARC-Record-ID; for ids of another form a hash that is as stable."""
    bare = text.strip().strip("<>").lower().removeprefix("urn:uuid:").replace("-", "")
    if len(bare) == 32 and all(letter in "0123456789abcdef" for letter in bare):
        return bare
    return hashlib.sha256(text.strip().encode()).hexdigest()[:32]


def warc_fields(pairs: Sequence[tuple[str, str]]) -> bytes:
    """A block of `application/warc-fields`; empty values left out."""
    lines = (f"{name}: {' '.join(value.split())}\r\n" for name, value in pairs if value)
    return "".join(lines).encode()


def parse_warc_fields(block: bytes) -> list[tuple[str, str]]:
    """The pairs in a block of `application/warc-fields`."""
    pairs = []
    for line in block.decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            pairs.append((name.strip(), value.strip()))
    return pairs


def member(kind: str, fields: Sequence[tuple[str, str]], block: bytes, content_type: str) -> bytes:
    """A whole record, as `plain` makes it, as one gzip member."""
    packer = zlib.compressobj(wbits=31)
    return packer.compress(plain(kind, fields, block, content_type)) + packer.flush()


def plain(kind: str, fields: Sequence[tuple[str, str]], block: bytes, content_type: str) -> bytes:
    """A whole record, not compressed.

    :param kind: WARC-Type.
    :param fields: named fields but WARC-Type, WARC-Block-Digest, Content-Type and Content-Length; empty
        values are left out. Digests of payloads are among them, since only the caller knows the payload.
    """
    named = [("WARC-Type", kind), *((name, value) for name, value in fields if value)]
    named += [
        ("WARC-Block-Digest", sha256(block)),
        ("Content-Type", content_type),
        ("Content-Length", str(len(block))),
    ]
    # Not through warcio's writer: it would re-encode what is not ASCII in HTTP headers, and write none of a
    # revisit's block when it has not parsed them itself.
    head: bytes = StatusAndHeaders("", named, protocol=VERSION).to_bytes()
    return head + block + b"\r\n\r\n"
