"""Reading records back by their place, checked against what the database knows of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from archive.coding import decode_content
from archive.errors import DamagedRecordError, WarcError
from archive.model import Capture, Exchange, Headers, WarcRef, header
from archive.warc import http, record
from archive.warc.files import CaptureFile, Folder, files_in
from archive.warc.scan import MAX_RECORD, Record, ScannedRecord, parse_member, scan

MAX_PAYLOAD = 1 << 28
"""Bytes of a decoded payload at most: what was captured under a limit is read back under a wider one."""

HEAD = 1 << 20
"""Bytes of a record besides its payload at most: the fields of both its heads."""

_VERIFY = "Run `archive verify` to see what depends on it, and restore the file from a backup."


def read_record(folder: Folder, ref: WarcRef, limit: int = MAX_RECORD) -> Record:
    """The record at a place.

    :param limit: bytes that it may have when it is unfolded.
    :raises TooLargeError: it has more.
    :raises DamagedRecordError: the file is missing, cut or changed.
    :raises StorageError: it is in a bucket that does not serve.
    """
    path = _file(folder, ref)
    try:
        data = path.read(ref.offset, ref.length)
    except OSError as error:
        raise DamagedRecordError(
            f"The record at {ref.offset} in {path} cannot be read: {error.strerror}.", _VERIFY
        ) from error
    if hashlib.sha256(data).hexdigest() != ref.sha256:
        state = "is cut off" if len(data) < ref.length else "has changed since it was written"
        raise DamagedRecordError(f"The record at {ref.offset} in {path} {state}.", _VERIFY)
    try:
        return parse_member(data, limit)
    except ValueError as error:
        raise DamagedRecordError(
            f"The record at {ref.offset} in {path} is no WARC record: {error}.", _VERIFY
        ) from error


def read_exchange(folder: Folder, ref: WarcRef) -> Exchange:
    """The exchange whose response or revisit record is at a place.

    Request and metadata are taken from the records that follow it, when they belong to it. The payload of a
    revisit is empty: `read_payload` finds it.

    :raises DamagedRecordError: the file is missing, cut or changed.
    """
    answer = read_record(folder, ref)
    request = metadata = None
    mine = answer.get("WARC-Record-ID")
    for item in scan(_file(folder, ref), ref.offset + ref.length):
        if not isinstance(item, ScannedRecord):
            break
        if item.record.kind == "request" and item.record.get("WARC-Concurrent-To") == mine:
            request = item.record
        elif item.record.kind == "metadata" and item.record.get("WARC-Refers-To") == mine:
            metadata = item.record
        else:
            break
    try:
        return exchange_of(answer, request, metadata)
    except ValueError as error:
        raise DamagedRecordError(
            f"The record at {ref.offset} in {_file(folder, ref)} holds no HTTP response: {error}.", _VERIFY
        ) from error


def _file(folder: Folder, ref: WarcRef) -> CaptureFile:
    try:
        return files_in(folder).file(ref.file)
    except WarcError as error:
        raise DamagedRecordError(error.message, _VERIFY) from error


def exchange_of(answer: Record, request: Record | None, metadata: Record | None) -> Exchange:
    """The exchange that a response (or revisit), a request and a metadata record tell of.

    :raises ValueError: the records hold no HTTP messages.
    """
    first, fields, payload = http.split_message(answer.block)
    _, status, *reason = [*first.split(" ", 2), ""]
    method, request_fields, request_body = "GET", (), b""  # type: tuple[str, Headers, bytes]
    if request is not None:
        line, request_fields, request_body = http.split_message(request.block)
        method = line.split(" ", 1)[0]
    facts = dict(record.parse_warc_fields(metadata.block)) if metadata is not None else {}
    elapsed = facts.get("fetchTimeMs", "")
    return Exchange(
        url=answer.get("WARC-Target-URI").strip("<>"),
        at=record.parse_date(answer.get("WARC-Date")),
        method=method,
        request_headers=request_fields,
        request_body=request_body,
        status=int(status),
        reason=reason[0],
        headers=http.response_fields(fields),
        payload=b"" if answer.kind == "revisit" else payload,
        ip=answer.get("WARC-IP-Address"),
        elapsed_ms=int(elapsed) if elapsed.isdigit() else 0,
        truncated=answer.get("WARC-Truncated"),
        robots=facts.get("robots", ""),
        via=facts.get("via", ""),
        hops=facts.get("hopsFromSeed", ""),
        source=facts.get("imported-from", ""),
    )


def read_payload(
    folder: Folder,
    capture: Capture,
    resolve: Callable[[str], Capture | None],
    limit: int = MAX_PAYLOAD,
) -> bytes:
    """The payload of a capture with its content-coding removed.

    :param limit: bytes that it may have, coded or not.
    :param resolve: finds a capture by id (`Store.capture`): a revisit's payload stands in another record.
    :raises DamagedRecordError: the record is missing or changed, or is not what the capture says.
    :raises ContentError: the content-coding cannot be undone.
    :raises TooLargeError: it has more bytes than the limit.
    """
    holder: Capture | None = capture
    seen = set()
    while holder is not None and holder.revisit_of is not None and holder.id not in seen:
        seen.add(holder.id)
        holder = resolve(holder.revisit_of)
    if holder is None or holder.revisit_of is not None:
        raise DamagedRecordError(f"The capture that holds the payload of {capture.id} is not known.", _VERIFY)
    answer = read_record(folder, holder.ref, limit + HEAD)
    try:
        _, fields, stored = http.split_message(answer.block)
    except ValueError as error:
        raise DamagedRecordError(
            f"The record at {holder.ref.offset} in {_file(folder, holder.ref)} is no HTTP response: {error}.",
            _VERIFY,
        ) from error
    return stored if holder.truncated else decode_content(stored, content_encoding(fields), limit)


def content_encoding(fields: Headers) -> str:
    """The content-codings of a response, in order, as one value."""
    return ", ".join(value for name, value in fields if name.lower() == "content-encoding")


def media_type(fields: Headers) -> str:
    """The media type without parameters, lower case; "" when not given."""
    return (header(fields, "content-type") or "").partition(";")[0].strip().lower()[:200]
