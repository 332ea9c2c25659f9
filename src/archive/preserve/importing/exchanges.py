"""Records that belong together, as one exchange: response, request, metadata, in whatever order."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from warcio.bufferedreaders import ChunkedDataReader

from archive.coding import decode_content
from archive.errors import ContentError, UrlError
from archive.model import Exchange, header
from archive.preserve.importing.records import Read
from archive.preserve.importing.source import Item, Original, Skipped, sound_moment
from archive.urls import canonical
from archive.warc import Record, http
from archive.warc.read import MAX_PAYLOAD, content_encoding, exchange_of
from archive.warc.record import parse_date, parse_warc_fields, uuid_of
from archive.warc.scan import digest_holds

_ANSWERS = ("response", "revisit", "resource")


class Grouping:
    """Collects the records of a file into items."""

    def __init__(self, *, lasting_ids: bool) -> None:
        """
        :param lasting_ids: the records have ids of their own; those of ARC files are made up while reading.
        """
        self._lasting_ids = lasting_ids
        self._answer: Read | None = None
        self._request: Record | None = None
        self._before: Record | None = None
        self._metadata: Record | None = None
        self._site: dict[str, Any] | None = None
        self._sample = False

    def items(self, records: Iterable[Read | Skipped]) -> Iterator[Item | Skipped]:
        """The items of a file, in its order."""
        for read in records:
            if isinstance(read, Skipped):
                yield from self._finish()
                yield read
                continue
            kind = read.record.kind
            if kind in _ANSWERS:
                yield from self._finish()
                self._begin(read)
            elif kind == "request":
                self._note_request(read.record)
            elif kind == "metadata":
                self._note_metadata(read.record)
            elif kind == "warcinfo":
                yield from self._finish()
                self._note_info(read.record)
            else:
                yield Skipped(f"record {read.number}", f"a {kind or 'nameless'} record is no capture", False)
        yield from self._finish()

    def _begin(self, read: Read) -> None:
        self._answer = read
        before, self._before = self._before, None
        if before is not None and (_linked(before, read.record) or _same_target(before, read.record)):
            self._request = before

    def _note_request(self, request: Record) -> None:
        answer = self._answer.record if self._answer is not None else None
        if answer is not None and self._request is None and (
            _linked(request, answer) or (_same_target(request, answer) and not _points(request))
        ):  # fmt: skip
            self._request = request
        else:
            self._before = request

    def _note_metadata(self, metadata: Record) -> None:
        answer = self._answer.record if self._answer is not None else None
        if answer is not None and (_linked(metadata, answer) or _same_target(metadata, answer)):
            self._metadata = metadata

    def _note_info(self, info: Record) -> None:
        facts = dict(parse_warc_fields(info.block))
        try:
            site = json.loads(facts.get("archive-site", "null"))
        except ValueError:
            site = None
        self._site = site if isinstance(site, dict) else None
        self._sample = facts.get("archive-sample") == "yes"

    def _finish(self) -> Iterator[Item | Skipped]:
        read, request, metadata = self._answer, self._request, self._metadata
        self._answer = self._request = self._metadata = None
        if read is None:
            return
        place = f"record {read.number}"
        try:
            exchange = _exchange(read.record, request, metadata)
        except (ValueError, UrlError) as error:
            yield Skipped(place, str(error), not isinstance(error, _NoWebAddressError))
            return
        yield Item(
            place=place,
            exchange=exchange,
            capture_id=uuid_of(read.record.get("WARC-Record-ID")) if self._lasting_ids else "",
            original=_original(read.record),
            site=self._site,
            sample=self._sample,
            note="a saved file, its HTTP head made up" if read.record.kind == "resource" else "",
        )


class _NoWebAddressError(ValueError):
    """A record of a DNS answer and the like."""


def _exchange(answer: Record, request: Record | None, metadata: Record | None) -> Exchange:
    """:raises ValueError, UrlError: why the record cannot be taken in."""
    url = answer.get("WARC-Target-URI").strip("<>")
    if not url.lower().startswith(("http://", "https://")):
        raise _NoWebAddressError(f"{url[:80]!r} is no web address")
    canonical(url)
    if problem := sound_moment(parse_date(answer.get("WARC-Date"))):
        raise ValueError(problem)
    if answer.kind == "resource":
        kind = answer.get("Content-Type") or "application/octet-stream"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode("latin-1", "replace")
        answer = Record(answer.version, answer.fields, head + answer.block)
    elif not answer.block and answer.kind == "revisit":
        # Early crawlers wrote revisits without a head: what they vouch for was a 200.
        answer = Record(answer.version, answer.fields, b"HTTP/1.1 200 OK\r\n\r\n")
    elif answer.kind == "response" and not answer.block.startswith(b"HTTP/"):
        raise ValueError("it holds no HTTP response")
    if request is not None and b"\r\n" not in request.block:
        request = None
    exchange = exchange_of(answer, request, metadata)
    if answer.kind == "revisit":
        return exchange
    return _cleared(answer, exchange)


def _cleared(answer: Record, exchange: Exchange) -> Exchange:
    """The payload with transfer-coding removed, and seen to be whole."""
    _, fields, stored = http.split_message(answer.block)
    stated = answer.get("WARC-Payload-Digest")
    chunked = "chunked" in (header(fields, "transfer-encoding") or "").lower()
    payload = _dechunked(stored) if chunked else stored
    # Writers differ in whether the digest is over the payload with its transfer-coding or without.
    if answer.kind == "response" and not (digest_holds(stated, stored) or digest_holds(stated, payload)):
        raise ValueError("its payload digest does not hold")
    headers = exchange.headers
    length = header(fields, "content-length") or ""
    if (
        not chunked
        and not exchange.truncated
        and exchange.method != "HEAD"
        and length.isdigit()
        and int(length) > len(payload)
        and not content_encoding(fields)
    ):
        raise ValueError(f"it is cut off: {len(payload)} of {length} bytes are there")
    coding = content_encoding(fields)
    if coding and payload and not exchange.truncated and not _decodes(payload, coding):
        # Browsers hand their recorders the body unpacked, but the head as it was.
        headers = tuple(
            (f"X-Orig-{name}" if name.lower() == "content-encoding" else name, value)
            for name, value in headers
        )
    return dataclasses.replace(exchange, payload=payload, headers=headers)


def _decodes(payload: bytes, coding: str) -> bool:
    try:
        decode_content(payload, coding, MAX_PAYLOAD)
    except ContentError:
        return False
    return True


def _dechunked(stored: bytes) -> bytes:
    """Without its chunks; as it is when it has none, whatever the head says."""
    reader = ChunkedDataReader(io.BytesIO(stored), decomp_type=None)
    parts = []
    while part := reader.read(1 << 16):
        parts.append(part)
    return b"".join(parts)


def _original(answer: Record) -> Original | None:
    if answer.kind != "revisit":
        return None
    refers_to = answer.get("WARC-Refers-To")
    at: dt.datetime | None
    try:
        at = parse_date(answer.get("WARC-Refers-To-Date"))
    except ValueError:
        at = None
    url = answer.get("WARC-Refers-To-Target-URI").strip("<>") or answer.get("WARC-Target-URI").strip("<>")
    return Original(uuid_of(refers_to) if refers_to else "", url, at)


def _points(record: Record) -> str:
    return record.get("WARC-Concurrent-To") or record.get("WARC-Refers-To")


def _linked(one: Record, other: Record) -> bool:
    """Whether one of two records names the other."""
    names = {one.get("WARC-Concurrent-To"), one.get("WARC-Refers-To")}
    return other.get("WARC-Record-ID") in names or (
        bool(other.get("WARC-Concurrent-To")) and other.get("WARC-Concurrent-To") == one.get("WARC-Record-ID")
    )


def _same_target(one: Record, other: Record) -> bool:
    return one.get("WARC-Target-URI").strip("<>") == other.get("WARC-Target-URI").strip("<>")
