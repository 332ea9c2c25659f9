"""A timestamp authority of our own: certificates and signatures by OpenSSL, behind a server on loopback."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.portal.server import SiteServer

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")  # made in no time
_CONFIG = """\
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/ca.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


@dataclass
class Authority:
    """A running authority."""

    url: str
    ca: Path
    asked: list[bytes]
    """Requests as they came."""


@contextlib.contextmanager
def authority(folder: Path, *, answer: bytes | None = None, status: str = "200 OK") -> Iterator[Authority]:
    """:param answer: sent in place of a signature."""
    folder.mkdir(parents=True, exist_ok=True)
    _certificates(folder)
    asked: list[bytes] = []

    def serve(environ: dict[str, Any], start: Any) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        asked.append(body)
        data = _signed(folder, body) if answer is None else answer
        start(status, [("Content-Type", "application/timestamp-reply"), ("Content-Length", str(len(data)))])
        return [data]

    server = SiteServer(serve)
    try:
        yield Authority(f"http://127.0.0.1:{server.port}/tsr", folder / "ca.pem", asked)
    finally:
        server.close()


def _certificates(folder: Path) -> None:
    _openssl(
        "req", "-x509", *_KEY, "-nodes", "-days", "3650", "-subj", "/CN=Test Root",
        "-keyout", folder / "ca.key", "-out", folder / "ca.pem",
    )  # fmt: skip
    _openssl(
        "req", *_KEY, "-nodes", "-subj", "/CN=Test Authority", "-keyout", folder / "tsa.key",
        "-out", folder / "tsa.csr",
    )  # fmt: skip
    extensions = folder / "ext"
    extensions.write_text("extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n")
    _openssl(
        "x509", "-req", "-in", folder / "tsa.csr", "-CA", folder / "ca.pem", "-CAkey", folder / "ca.key",
        "-CAcreateserial", "-days", "3650", "-extfile", extensions, "-out", folder / "tsa.pem",
    )  # fmt: skip
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder))


def _signed(folder: Path, request: bytes) -> bytes:
    (folder / "request.tsq").write_bytes(request)
    _openssl(
        "ts", "-reply", "-config", folder / "tsa.cnf", "-queryfile", folder / "request.tsq",
        "-out", folder / "answer.tsr",
    )  # fmt: skip
    return (folder / "answer.tsr").read_bytes()


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
