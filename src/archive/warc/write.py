"""Appending exchanges to capture files: one write and one fsync each, before anything counts on them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import errno
import hashlib
import json
import logging
import os
import re
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from archive import __version__, wire
from archive.durable import fsync_folder, make_folder
from archive.errors import WarcError
from archive.model import Capture, Exchange, Extraction, PageKind, Site, WarcRef
from archive.warc import http, read, record
from archive.warc.files import Folder, files_in

_LOG = logging.getLogger(__name__)
_NAME = re.compile(r"(?P<site>.+)-(?P<made>\d{14})-(?P<token>[0-9a-z]+)-(?P<serial>\d{5,})\.warc\.gz")


@dataclass(frozen=True, slots=True)
class Written:
    """Where an exchange stands now."""

    capture_id: str
    """Hex of the UUID of its response or revisit record."""
    ref: WarcRef
    """Of that record."""
    end: int
    """Size of the file after the exchange: all its records lie before."""
    revisit_of: str | None = None
    """The capture that holds the payload, when a revisit record was written."""


@dataclass(frozen=True, slots=True)
class FileName:
    """What the name of a capture file says."""

    name: str
    site: str
    serial: int
    """Rises with each file of a site, also when clocks jump: the order of acquisition."""

    @classmethod
    def parse(cls, name: str) -> FileName | None:
        """None for a file that no `WarcWriter` made."""
        match = _NAME.fullmatch(name)
        return cls(name, match["site"], int(match["serial"])) if match else None


def site_files(folder: Folder, site: str) -> list[FileName]:
    """The capture files of one site in order of acquisition.

    :raises StorageError: some are in a bucket that does not serve.
    """
    names = map(FileName.parse, files_in(folder).sizes(site))
    return sorted((item for item in names if item and item.site == site), key=lambda x: (x.serial, x.name))


class WarcWriter:
    """Writes the captures of one crawl of one site.

    Files are `<site>-<YYYYMMDDHHMMSS>-<token>-<serial>.warc.gz`, made at the first exchange and followed
    by another when they reach `max_size`. One writer a site at a time (the crawl's lock sees to it); a
    writer is used by one thread.
    """

    def __init__(
        self,
        folder: Folder,
        site: Site,
        *,
        user_agent: str,
        operator: str,
        max_size: int,
        sample: bool = False,
        origin: Mapping[str, str] | None = None,
    ) -> None:
        """
        :param folder: where capture files are; made when missing. Whatever is written goes to the folder, and
            to no bucket: that is for finished files.
        :param site: written into each file, so that a replay knows it.
        :param operator: who runs the archive; "" when not said.
        :param max_size: bytes after which a new file is begun.
        :param sample: the site is invented.
        :param origin: of an import: what the files' warcinfo records tell of it, so that a replay knows it.
        """
        self._files = files_in(folder)
        self._folder = self._files.folder
        self._site = site
        self._user_agent = user_agent
        self._operator = operator
        self._max_size = max_size
        self._sample = sample
        self._origin = origin
        self._synced = True
        self._fd: int | None = None
        self._name = ""
        self._serial: int | None = None
        self._info_id = ""
        self._size = 0

    def write(
        self,
        exchange: Exchange,
        *,
        digest: str,
        revisit: Capture | None = None,
        capture_id: str = "",
        extraction: Extraction | None = None,
        sync: bool = True,
    ) -> Written:
        """Append request, response and metadata of one exchange, and fsync.

        With `revisit`, a revisit record is written in place of the response, if that is honest: for a 304,
        or when the payload's stored bytes are the same and the record that holds them is sound.

        :param digest: of the payload with content-coding removed; told in the metadata record when the
            payload is coded, where the record's own digest says something else.
        :param revisit: the earlier capture with this payload, itself no revisit.
        :param capture_id: hex of the UUID that the record is to have, for a capture that has one already.
        :param extraction: what was read on the page; the metadata record tells kind, extractor, title and the
            hash of the content, so that the file by itself says what was taken for what.
        :param sync: False when the caller calls `sync` before anything counts on the exchange.
        :raises WarcError: the disk is full, read-only …; the file is as it was before.
        """
        fd = self._file(exchange.at)
        head = b""
        if self._size == 0:
            self._info_id = uuid.uuid4().hex
            head = self._warcinfo(exchange.at)
        capture_id = capture_id or uuid.uuid4().hex
        answer, revisit_of = self._answer(exchange, capture_id, revisit)
        data = b"".join(
            (
                head,
                answer,
                self._request(exchange, capture_id),
                self._metadata(exchange, capture_id, digest, extraction),
            )
        )
        offset = self._size + len(head)
        self._append(fd, data, sync)
        ref = WarcRef(self._name, offset, len(answer), hashlib.sha256(answer).hexdigest())
        return Written(capture_id, ref, self._size, revisit_of)

    def sync(self) -> None:
        """Bring to the disk what `write` appended with `sync=False`.

        :raises WarcError: that failed; nothing may count on those exchanges.
        """
        if self._fd is None or self._synced:
            return
        try:
            os.fsync(self._fd)
        except OSError as error:
            self.close()
            raise self._error(error) from error
        self._synced = True

    def close(self) -> None:
        """Close the file; the writer begins a new one when used again."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    # ------------------------------------------------------------------------------------- the file

    def _file(self, at: dt.datetime) -> int:
        if self._fd is not None and self._size >= self._max_size:
            self.sync()
            self.close()
        if self._fd is None:
            self._fd = self._create(at)
            self._size = 0
        return self._fd

    def _create(self, at: dt.datetime) -> int:
        try:
            make_folder(self._folder)
            if self._serial is None:
                earlier = site_files(self._files, self._site.id)
                self._serial = earlier[-1].serial if earlier else -1
            # Nobody else begins files of this site meanwhile: only the first has to look for those before.
            self._serial += 1
            stamp = at.astimezone(dt.UTC).strftime("%Y%m%d%H%M%S")
            self._name = f"{self._site.id}-{stamp}-{secrets.token_hex(4)}-{self._serial:05}.warc.gz"
            fd = os.open(self._folder / self._name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
            fsync_folder(self._folder)
        except OSError as error:
            raise self._error(error) from error
        return fd

    def _append(self, fd: int, data: bytes, sync: bool) -> None:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(fd, view) :]
            if sync:
                os.fsync(fd)
        except OSError as error:
            self._undo(fd)
            raise self._error(error) from error
        self._size += len(data)
        self._synced = sync

    def _undo(self, fd: int) -> None:
        """Take a half-written exchange away. The file is not used again: after a failed fsync nobody knows
        which of its pages reached the disk."""
        try:
            os.ftruncate(fd, self._size)
            os.fsync(fd)
            if self._size == 0:
                (self._folder / self._name).unlink()
        except OSError as error:
            # The next crawl of the site sets the tail aside.
            _LOG.warning("%s keeps a half-written record at %d: %s", self._name, self._size, error.strerror)
        self.close()

    def _error(self, error: OSError) -> WarcError:
        place = self._folder / self._name
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return WarcError(
                f"The disk is full: {place} could not be written.",
                "Nothing captured before was lost: make room and start the same command again.",
            )
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            return WarcError(
                f"{place} could not be written: {error.strerror}.",
                "Give this user the right to write there, or change the setting `var`.",
            )
        return WarcError(f"{place} could not be written: {error.strerror}.", "Check the disk.")

    # ---------------------------------------------------------------------------------- the records

    def _warcinfo(self, at: dt.datetime) -> bytes:
        site = dataclasses.asdict(self._site)
        del site["ca_file"]  # a path of one machine
        block = record.warc_fields(
            [
                ("software", f"district-archive/{__version__}"),
                ("format", "WARC File Format 1.1"),
                (
                    "conformsTo",
                    "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
                ),
                ("operator", self._operator),
                ("http-header-user-agent", self._user_agent),
                ("robots", "override" if self._site.ignore_robots else "obey"),
                ("isPartOf", self._site.id),
                ("description", self._site.name),
                ("archive-site", json.dumps(site, ensure_ascii=False)),
                ("archive-sample", "yes" if self._sample else ""),
                (
                    "archive-import",
                    json.dumps(dict(self._origin), ensure_ascii=False) if self._origin else "",
                ),
            ]
        )
        fields = [
            ("WARC-Record-ID", record.record_id(self._info_id)),
            ("WARC-Date", record.date(at)),
            ("WARC-Filename", self._name),
        ]
        return record.member("warcinfo", fields, block, record.FIELDS)

    def _answer(
        self, exchange: Exchange, capture_id: str, revisit: Capture | None
    ) -> tuple[bytes, str | None]:
        head = http.response_head(exchange)
        digest = record.sha256(exchange.payload)
        fields = [
            ("WARC-Record-ID", record.record_id(capture_id)),
            ("WARC-Warcinfo-ID", record.record_id(self._info_id)),
            ("WARC-Date", record.date(exchange.at)),
            ("WARC-Target-URI", exchange.url),
            ("WARC-IP-Address", exchange.ip),
            ("WARC-Truncated", exchange.truncated),
        ]
        if revisit is not None and exchange.status == 304:
            profile = record.PROFILE_NOT_MODIFIED
            digest = ""  # of a payload that was not sent
        elif revisit is not None and self._holds(revisit, digest):
            profile = record.PROFILE_SAME_PAYLOAD
        else:
            fields.append(("WARC-Payload-Digest", digest))
            return record.member("response", fields, head + exchange.payload, record.RESPONSE), None
        fields += [
            ("WARC-Payload-Digest", digest),
            ("WARC-Profile", profile),
            ("WARC-Refers-To", record.record_id(revisit.id)),
            ("WARC-Refers-To-Target-URI", revisit.url),
            ("WARC-Refers-To-Date", record.date(revisit.at)),
        ]
        return record.member("revisit", fields, head, record.RESPONSE), revisit.id

    def _holds(self, earlier: Capture, digest: str) -> bool:
        """Whether an earlier record is sound and holds a payload of this digest, byte for byte."""
        try:
            found = read.read_record(self._files, earlier.ref)
        except WarcError as error:
            _LOG.warning("Captured in full again: %s", error)
            return False
        return found.kind == "response" and found.get("WARC-Payload-Digest") == digest

    def _request(self, exchange: Exchange, capture_id: str) -> bytes:
        fields = [
            ("WARC-Record-ID", record.record_id(uuid.uuid4().hex)),
            ("WARC-Warcinfo-ID", record.record_id(self._info_id)),
            ("WARC-Date", record.date(exchange.at)),
            ("WARC-Target-URI", exchange.url),
            ("WARC-Concurrent-To", record.record_id(capture_id)),
            ("WARC-Payload-Digest", record.sha256(exchange.request_body)),
        ]
        return record.member("request", fields, http.request_block(exchange), record.REQUEST)

    def _metadata(
        self, exchange: Exchange, capture_id: str, digest: str, extraction: Extraction | None
    ) -> bytes:
        coded = exchange.payload and digest != record.sha256(exchange.payload)
        block = record.warc_fields(
            [
                ("via", exchange.via),
                ("hopsFromSeed", exchange.hops),
                ("fetchTimeMs", str(exchange.elapsed_ms)),
                ("robots", exchange.robots),
                ("decoded-payload-digest", digest if coded else ""),
                ("imported-from", exchange.source),
                *(_read_facts(extraction) if extraction is not None else ()),
            ]
        )
        fields = [
            ("WARC-Record-ID", record.record_id(uuid.uuid4().hex)),
            ("WARC-Warcinfo-ID", record.record_id(self._info_id)),
            ("WARC-Date", record.date(exchange.at)),
            ("WARC-Target-URI", exchange.url),
            ("WARC-Refers-To", record.record_id(capture_id)),
            ("WARC-Payload-Digest", record.sha256(block)),
        ]
        return record.member("metadata", fields, block, record.FIELDS)


def _read_facts(extraction: Extraction) -> list[tuple[str, str]]:
    facts = [("page-kind", extraction.kind.value), ("extractor", extraction.extractor)]
    if extraction.kind is PageKind.ARTICLE:
        facts += [("title", extraction.title), ("content-sha256", wire.content_hash(extraction))]
    return facts
