"""An S3 bucket as a place of capture files (Amazon's, or any server that speaks its protocol).

Credentials, region and proxies come from where every AWS tool has them: AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY, AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL_S3, ~/.aws/config, a role of the machine.
https://docs.aws.amazon.com/AmazonS3/latest/API/
"""

from __future__ import annotations

import base64
import errno
import hashlib
import io
import os
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast
from urllib.parse import urlsplit

from archive.errors import ConfigError, StorageError

try:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        HTTPClientError,
        NoCredentialsError,
        ParamValidationError,
        PartialCredentialsError,
    )
except ImportError as error:
    raise ConfigError(
        f"The setting `captures` names a bucket, and its client is not installed ({error.name}).",
        "Install it: pip install 'district-archive[s3]'.",
    ) from error

MOST = 5_000_000_000
"""Bytes of an object that is sent in one request at most, by the protocol."""
_TRIES = 4
"""Times that a broken answer is asked for again from where it broke off."""
_CHUNK = 1 << 20
_T = TypeVar("_T")
_KEPT = "Nothing was lost: what is not there yet stays in var/warc, and goes there the next time."


class Bucket:
    """The objects below a prefix of a bucket."""

    def __init__(
        self, address: str, endpoint: str = "", *, connect: float = 10.0, read: float = 60.0
    ) -> None:
        """
        :param address: `s3://bucket/prefix`.
        :param endpoint: http(s) address of the server; "" for what the AWS variables say, else Amazon's.
        :param connect: seconds to connect.
        :param read: seconds without a byte.
        :raises ConfigError: the address is none.
        """
        parts = urlsplit(address)
        if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment:
            raise ConfigError(
                f"The setting `captures` is {address!r}, which is no address of a bucket.",
                "Write s3://bucket or s3://bucket/prefix, or leave it empty for the folder var/warc.",
            )
        if endpoint and urlsplit(endpoint).scheme not in ("http", "https"):
            raise ConfigError(
                f"The setting `captures_endpoint` is {endpoint!r}.",
                "Write https://host or https://host:port.",
            )
        self._bucket = parts.netloc
        self._prefix = parts.path.strip("/")
        self.place = f"s3://{self._bucket}" + (f"/{self._prefix}" if self._prefix else "")
        self._endpoint = endpoint
        self._config = Config(
            connect_timeout=connect,
            read_timeout=read,
            # Answers that ask to slow down (503), and cut connections, are tried again, later each time.
            retries={"mode": "standard", "max_attempts": _TRIES},
            # We give a SHA-256 ourselves, and read back what was written.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path"} if endpoint else None,
        )
        self._lock = threading.Lock()
        self._pid = 0
        self._made: Any = None

    # --------------------------------------------------------------------------------- what is there

    def sizes(self, prefix: str = "") -> dict[str, int]:
        """Names and bytes of the objects whose names begin with `prefix`; those in deeper folders not."""
        base = self._key("")

        def ask() -> dict[str, int]:
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=base + prefix, Delimiter="/"
            )
            return {
                item["Key"].removeprefix(base): item["Size"]
                for page in pages
                for item in page.get("Contents", ())
            }

        return self._asked(ask)

    def size(self, name: str) -> int | None:
        """Bytes of an object; None when it is not there."""
        head = self._head(name)
        return None if head is None else int(head["ContentLength"])

    def modified_ns(self, name: str) -> int:
        """When an object was put there."""
        head = self._head(name)
        if head is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), f"{self.place}/{name}")
        return int(head["LastModified"].timestamp()) * 1_000_000_000

    def sha256(self, name: str) -> str:
        """The hash with which an object was sent."""
        head = self._head(name)
        return "" if head is None else str(head.get("Metadata", {}).get("sha256", ""))

    def _head(self, name: str) -> dict[str, Any] | None:
        def ask() -> dict[str, Any] | None:
            try:
                head: dict[str, Any] = self._client.head_object(Bucket=self._bucket, Key=self._key(name))
            except ClientError as error:
                if _code(error) not in ("404", "NoSuchKey"):
                    raise
                # The answer to a HEAD has no body that would say whether it is the bucket that is missing.
                self._client.head_bucket(Bucket=self._bucket)
                return None
            return head

        return self._asked(ask)

    # ----------------------------------------------------------------------------------------- reading

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Some bytes of an object, by a range request."""
        if length <= 0:
            return b""
        with closing(_Stream(self, name, offset, offset + length)) as stream:
            return stream.readall()

    def open(self, name: str, start: int = 0) -> BinaryIO:
        """An object from a byte on."""
        stream = _Stream(self, name, start, None)
        stream.begin()
        return io.BufferedReader(stream, _CHUNK)

    def get(self, name: str, start: int, end: int | None) -> Any:
        """The body of an answer to a range request; None where the object ends before `start`.

        :param end: the first byte that is not wanted; None for all.
        :raises FileNotFoundError: there is no such object.
        """
        wanted = f"bytes={start}-" + ("" if end is None else str(end - 1))

        def ask() -> Any:
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=self._key(name), Range=wanted)
            except ClientError as error:
                if _code(error) in ("416", "InvalidRange"):
                    return None
                if _code(error) in ("404", "NoSuchKey"):
                    raise FileNotFoundError(
                        errno.ENOENT, os.strerror(errno.ENOENT), f"{self.place}/{name}"
                    ) from error
                raise
            return answer["Body"]

        return self._asked(ask)

    # ----------------------------------------------------------------------------------------- writing

    def put(self, name: str, path: Path, sha256: str, *, replace: bool = False) -> None:
        """Send a file in one request, which the server checks, and read it back.

        With `replace` False the request bears `If-None-Match: *`, so that the server itself refuses to write
        over an object. One that has these very bytes (a crash came before the file was noted) is no error.
        """
        size = path.stat().st_size
        if size > MOST:
            raise StorageError(
                f"{path} has {size:,} bytes; an object takes {MOST:,} in one request.",
                "Set `warc_size` lower for what comes from now on; move this file by the server's tools.",
            )
        if not replace and self.size(name) is not None:
            self._must_be(name, sha256, size)
            return

        def ask() -> bool:
            with path.open("rb") as body:
                condition = {} if replace else {"IfNoneMatch": "*"}
                try:
                    self._client.put_object(
                        Bucket=self._bucket,
                        Key=self._key(name),
                        Body=body,
                        ContentLength=size,
                        ContentType="application/warc",
                        ChecksumSHA256=base64.b64encode(bytes.fromhex(sha256)).decode(),
                        Metadata={"sha256": sha256},
                        **condition,
                    )
                except ClientError as error:
                    if _code(error) not in ("PreconditionFailed", "412", "ConditionalRequestConflict"):
                        raise
            return True

        self._asked(ask)
        self._must_be(name, sha256, size)

    def _must_be(self, name: str, sha256: str, size: int) -> None:
        """:raises StorageError: what stands under a name has another content."""
        digest, read = hashlib.sha256(), 0
        with closing(self.open(name)) as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                read += len(chunk)
        if digest.hexdigest() != sha256:
            raise StorageError(
                f"{self.place}/{name} has another content than the file of that name here "
                f"({read:,} and {size:,} bytes).",
                "Neither was changed. Find out who else writes to this bucket; give each archive a prefix.",
            )

    # ------------------------------------------------------------------------------------------ inside

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}" if self._prefix else name

    @property
    def _client(self) -> Any:
        # Connections must not be shared over a fork.
        with self._lock:
            if self._made is None or self._pid != os.getpid():
                self._made = boto3.session.Session().client(
                    "s3", endpoint_url=self._endpoint or None, config=self._config
                )
                self._pid = os.getpid()
            return self._made

    def _asked(self, ask: Callable[[], _T]) -> _T:
        """Ask the server; turn its errors into ours."""
        try:
            return ask()
        except (ClientError, BotoCoreError, HTTPClientError, ValueError) as error:
            raise self.told(error) from error

    def told(self, error: Exception) -> StorageError:
        """What an error of the client means, and what mends it."""
        if isinstance(error, NoCredentialsError | PartialCredentialsError):
            return StorageError(
                f"There are no credentials for {self.place}.",
                "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE.",
            )
        if isinstance(error, ParamValidationError):
            return StorageError(
                f"{self.place} is no name that a bucket can have.", "Check the setting `captures`."
            )
        if not isinstance(error, ClientError):
            return StorageError(
                f"{self.place} does not answer{self._at()}: {error}".rstrip(".") + ".",
                f"Check the network and the setting `captures_endpoint`. {_KEPT}",
            )
        code = _code(error)
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code == "NoSuchBucket" or (error.operation_name == "HeadBucket" and status == 404):
            return StorageError(
                f"There is no bucket {self._bucket!r}{self._at()}.",
                f"Make it, or check the setting `captures`. {_KEPT}",
            )
        if status in (401, 403):
            return StorageError(
                f"{self.place} refuses these credentials{self._at()} ({code}).",
                "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the rights of that key: it must list, "
                f"read and write objects. {_KEPT}",
            )
        if status in (429, 503) or code == "SlowDown":
            return StorageError(
                f"{self.place} is too busy ({code}), after {_TRIES} tries.", f"Try again later. {_KEPT}"
            )
        return StorageError(f"{self.place} refused {error.operation_name}: {code}.", _KEPT)

    def _at(self) -> str:
        return f" at {self._endpoint}" if self._endpoint else ""


class _Stream(io.RawIOBase):
    """Bytes of an object, asked for again from where an answer broke off."""

    def __init__(self, bucket: Bucket, name: str, start: int, end: int | None) -> None:
        self._bucket, self._name = bucket, name
        self._place, self._end = start, end
        self._body: Any = None
        self._is_over = False
        self._left = _TRIES

    def begin(self) -> None:
        """Ask, so that a missing object is told at once."""
        self._body = self._bucket.get(self._name, self._place, self._end)
        self._is_over = self._body is None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        while True:
            if self._body is None and not self._is_over:
                self.begin()
            if self._is_over:
                return 0
            try:
                data = self._body.read(len(view))
            except (BotoCoreError, HTTPClientError, OSError) as error:
                self._drop()
                self._left -= 1
                if self._left <= 0:
                    raise self._bucket.told(error) from error
                continue
            if not data:
                self._drop()
                self._is_over = True
            view[: len(data)] = data
            self._place += len(data)
            return len(data)

    def readall(self) -> bytes:
        parts = []
        buffer = bytearray(_CHUNK)
        while count := self.readinto(buffer):
            parts.append(bytes(buffer[:count]))
        return b"".join(parts)

    def close(self) -> None:
        self._drop()
        super().close()

    def _drop(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None


def _code(error: ClientError) -> str:
    return cast(str, error.response.get("Error", {}).get("Code", ""))
