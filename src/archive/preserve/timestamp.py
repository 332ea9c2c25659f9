"""RFC 3161: a signature of an outside authority that some bytes existed at a time.

Our own hashes prove that nothing was changed since they were made, but not when that was. The token (`.tsr`,
the authority's whole response in DER) can be checked offline, here and with `openssl ts -verify`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import Path

import urllib3
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from archive.errors import ConfigError, TimestampError
from archive.preserve.der import with_sorted_certificates

_MAX_RESPONSE = 1_000_000
_CHECK = "Check the setting timestamp_url, or try again later."


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a token says."""

    at: dt.datetime
    """The authority's time (UTC)."""
    authority: str
    """Subject of the certificate that signed, "" when it is not in the token."""
    serial: int
    policy: str
    trusted: bool
    """Checked against certificates that the operator named; else only that it is of these bytes."""


def request_stamp(url: str, data: bytes, *, seconds: float = 30.0, ca_file: Path | None = None) -> bytes:
    """Let an authority stamp some bytes; only their SHA-256 is sent.

    :param url: the authority's HTTP address (RFC 3161, 3.4).
    :param ca_file: when given, what it sends must verify against these certificates.
    :returns: the response in DER, seen to be granted and to be of these bytes.
    :raises TimestampError: there was no answer, or none that is good.
    """
    request = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    try:
        with urllib3.PoolManager() as pool:
            answer = pool.request(
                "POST", url, body=request.as_bytes(), headers=headers, timeout=seconds, retries=False,
                redirect=False, preload_content=False,
            )  # fmt: skip
            body = answer.read(_MAX_RESPONSE)
            answer.release_conn()
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise TimestampError(f"The timestamp authority {url} cannot be reached: {error}.", _CHECK) from error
    if answer.status != 200:
        raise TimestampError(f"The timestamp authority {url} answered {answer.status}.", _CHECK)
    response = _decode(body, f"what {url} sent")
    if request.nonce is not None and response.tst_info.nonce != request.nonce:
        raise TimestampError(f"The timestamp authority {url} answered another question.", _CHECK)
    check_stamp(body, data, ca_file=ca_file)
    return body


def check_stamp(token: bytes, data: bytes, *, ca_file: Path | None = None) -> Stamp:
    """Check offline that a token is of these bytes.

    :param ca_file: certificates in PEM form that are trusted; without them the signature is checked against
        none, and the result says so.
    :raises TimestampError: it is of other bytes, damaged, or signed by nobody who is trusted.
    """
    response = _decode(token, "the timestamp")
    imprint = response.tst_info.message_imprint
    if imprint.message != _hashed(imprint.hash_algorithm.dotted_string, data):
        raise TimestampError("The timestamp is of other bytes.")
    certificates = [x509.load_der_x509_certificate(item) for item in response.signed_data.certificates]
    roots = _certificates(ca_file) if ca_file is not None else []
    if ca_file is not None:
        _verify(response, data, roots, certificates)
    leaf = _signer(certificates)
    return Stamp(
        at=response.tst_info.gen_time.astimezone(dt.UTC),
        authority=leaf.subject.rfc4514_string() if leaf is not None else "",
        serial=response.tst_info.serial_number,
        policy=response.tst_info.policy.dotted_string if response.tst_info.policy else "",
        trusted=bool(roots),
    )


def _verify(
    response: TimeStampResponse,
    data: bytes,
    roots: list[x509.Certificate],
    certificates: list[x509.Certificate],
) -> None:
    builder = VerifierBuilder()
    for certificate in roots:
        builder = builder.add_root_certificate(certificate)
    leaf = _signer([*certificates, *roots])
    if leaf is not None:
        builder = builder.tsa_certificate(leaf)
    try:
        builder.build().verify_message(response, data)
    except (VerificationError, ValueError) as error:
        text = f"The timestamp is not signed by an authority that is trusted here: {error}."
        raise TimestampError(text, "Check the setting timestamp_ca.") from error


def _signer(certificates: list[x509.Certificate]) -> x509.Certificate | None:
    """The certificate for stamping times among those of a chain."""
    for certificate in certificates:
        try:
            usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        except x509.ExtensionNotFound:
            continue
        if ExtendedKeyUsageOID.TIME_STAMPING in usage:
            return certificate
    return None


def _certificates(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"The certificates {path} of the timestamp authority cannot be read: {error}.",
            "Give a PEM file in the setting timestamp_ca.",
        ) from error


def _decode(token: bytes, what: str) -> TimeStampResponse:
    try:
        response = decode_timestamp_response(with_sorted_certificates(token))
        status = response.status
        if status not in (0, 1):  # granted, granted with modifications
            raise TimestampError(f"The timestamp was not granted ({what}: status {status}).", _CHECK)
        _ = response.tst_info
    except ValueError as error:
        raise TimestampError(f"There is no timestamp in {what}: {error}.", _CHECK) from error
    return response


_HASHES = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}


def _hashed(algorithm: str, data: bytes) -> bytes:
    if algorithm not in _HASHES:
        raise TimestampError(f"The timestamp is over a hash of an unknown kind ({algorithm}).")
    return hashlib.new(_HASHES[algorithm], data).digest()
