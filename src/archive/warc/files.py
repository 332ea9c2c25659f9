"""Capture files, wherever they stand: in the folder where they are written or, once finished, in a bucket.

A file is looked for in the folder first. So the file that is being written needs no bucket, and one that is
on its way there can be read at every moment.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from archive.config import Settings
from archive.errors import WarcError

SUFFIX = ".warc.gz"


class ObjectStore(Protocol):
    """A place of finished, immutable files. All methods raise `StorageError` when it does not serve."""

    place: str
    """Its address, for messages."""

    def sizes(self, prefix: str = "") -> dict[str, int]:
        """Names and bytes of the files whose names begin with `prefix`."""
        ...

    def size(self, name: str) -> int | None:
        """Bytes of a file; None when it is not there."""
        ...

    def modified_ns(self, name: str) -> int:
        """When a file was put there, in nanoseconds since 1970.

        :raises FileNotFoundError: it is not there.
        """
        ...

    def sha256(self, name: str) -> str:
        """The hash with which a file was sent; "" when another program put it there, or it is not there."""
        ...

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Bytes of a file; fewer at its end.

        :raises FileNotFoundError: it is not there.
        """
        ...

    def open(self, name: str, start: int = 0) -> BinaryIO:
        """A file from a byte on, to be read once from there to its end.

        :raises FileNotFoundError: it is not there.
        """
        ...

    def put(self, name: str, path: Path, sha256: str, *, replace: bool = False) -> None:
        """Keep a local file under a name; when this returns, it was read back and has the hash.

        :param sha256: hex over the file.
        :param replace: overwrite what is there; else other content under the name is an error.
        """
        ...


class CaptureFiles:
    """All capture files of an archive; safe to share between threads."""

    def __init__(self, folder: Path, remote: ObjectStore | None = None) -> None:
        """
        :param folder: where files are written; need not exist yet.
        :param remote: where finished files go; None when they stay in the folder.
        """
        self.folder = folder
        self.remote = remote

    def local(self, site: str = "") -> dict[str, int]:
        """Names and bytes of the files in the folder, in order of name.

        :param site: only those whose names begin with this id.
        """
        found: dict[str, int] = {}
        for path in sorted(self.folder.glob(f"{site}*{SUFFIX}")):
            try:
                found[path.name] = path.stat().st_size
            except FileNotFoundError:  # it went to the bucket meanwhile
                continue
        return found

    def sizes(self, site: str = "") -> dict[str, int]:
        """Names and bytes of all files, in order of name.

        :raises StorageError: the bucket cannot be listed.
        """
        found = self.local(site)
        if self.remote is not None:
            # Listed after the folder: a file that goes from one to the other meanwhile is in both lists.
            away = {name: size for name, size in self.remote.sizes(site).items() if name.endswith(SUFFIX)}
            found = away | found
        return dict(sorted(found.items()))

    def file(self, name: str) -> CaptureFile:
        """The file of a name, there or not.

        :raises WarcError: it is no name of a file.
        """
        if "/" in name or "\\" in name or name in ("", ".", ".."):
            raise WarcError(f"{name!r} is no name of a capture file.", "Run `archive verify`.")
        return CaptureFile(self, name)


@dataclass(frozen=True, slots=True)
class CaptureFile:
    """One capture file. A file that is nowhere raises `FileNotFoundError`, as any other would."""

    files: CaptureFiles
    name: str

    @property
    def path(self) -> Path:
        """Where it is, or would be, in the folder."""
        return self.files.folder / self.name

    def size(self) -> int | None:
        """Bytes; None when it is nowhere.

        :raises StorageError: the bucket does not serve.
        """
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return self.files.remote.size(self.name) if self.files.remote is not None else None

    def modified_ns(self) -> int:
        """When it was last changed, in nanoseconds since 1970; errors as `read`."""
        try:
            return self.path.stat().st_mtime_ns
        except FileNotFoundError:
            if self.files.remote is None:
                raise
            return self.files.remote.modified_ns(self.name)

    def read(self, offset: int, length: int) -> bytes:
        """Some bytes of it; fewer at its end.

        :raises OSError: it is missing, or the disk fails.
        :raises StorageError: the bucket does not serve.
        """
        try:
            with self.path.open("rb") as file:
                file.seek(offset)
                return file.read(length)
        except FileNotFoundError:
            if self.files.remote is None:
                raise
            return self.files.remote.read(self.name, offset, length)

    def open(self, start: int = 0) -> BinaryIO:
        """The file from a byte on, to be read once from there to its end; errors as `read`."""
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            if self.files.remote is None:
                raise
            return self.files.remote.open(self.name, start)
        file.seek(start)
        return file

    def __str__(self) -> str:
        """Where it is, for messages."""
        if self.files.remote is None or self.path.exists():
            return str(self.path)
        return f"{self.files.remote.place}/{self.name}"


Folder = Path | CaptureFiles
"""Where capture files are: a folder alone serves as well."""


def files_in(folder: Folder) -> CaptureFiles:
    """The capture files in a folder, which may be that of an archive with a bucket."""
    return folder if isinstance(folder, CaptureFiles) else CaptureFiles(folder)


def file_at(file: Path | CaptureFile) -> CaptureFile:
    """A capture file given by its path, or as it is."""
    return file if isinstance(file, CaptureFile) else CaptureFiles(file.parent).file(file.name)


def capture_files(settings: Settings) -> CaptureFiles:
    """All capture files of an archive.

    :raises ConfigError: the setting `captures` is no address of a bucket, or its client is not installed.
    """
    if not settings.captures:
        return CaptureFiles(settings.warc_dir)
    return CaptureFiles(settings.warc_dir, bucket(settings.captures, settings.captures_endpoint))


@functools.cache
def bucket(address: str, endpoint: str = "") -> ObjectStore:
    """The bucket of an address; one for each, since its connections are kept.

    :param address: `s3://bucket/prefix`.
    :param endpoint: address of an S3 server other than Amazon's; "" for what the AWS variables say.
    :raises ConfigError: as `capture_files`.
    """
    from archive.warc.s3 import Bucket  # an extra: imported when it is chosen

    return Bucket(address, endpoint)
