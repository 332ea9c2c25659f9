"""What went wrong before a response had come, in our terms."""

from __future__ import annotations

import http.client
import re
import ssl
from collections.abc import Iterator

import urllib3.exceptions

from archive.errors import FetchError
from archive.model import Reason

_OLD_TLS = (
    "If the portal speaks nothing newer than TLS 1.1, or has weak keys only, write "
    'tls = "legacy" in its sites entry.'
)
_WEAK_KEY = re.compile(r"too (?:weak|small)")


def root(error: BaseException) -> str:
    """The innermost cause of an error, in words."""
    last = list(_causes(error))[-1]
    return re.sub(r"\s+", " ", str(last) or type(last).__name__)[:200].rstrip(".")


def translated(error: BaseException, host: str) -> FetchError:
    """The error of requests, urllib3, http.client or ssl as one of ours.

    They wrap each other several times over, so the chain of causes is searched.

    :param host: `host:port` that was asked.
    """
    chain = list(_causes(error))
    what = root(error)
    for cause in chain:
        if isinstance(cause, FetchError):
            return cause
        if isinstance(cause, ssl.SSLCertVerificationError) and _WEAK_KEY.search(cause.verify_message):
            return FetchError(
                Reason.TLS, f"The certificate of {host} is refused: {cause.verify_message}.", _OLD_TLS
            )
        if isinstance(cause, ssl.SSLCertVerificationError):
            return FetchError(
                Reason.TLS,
                f"The certificate of {host} is refused: {cause.verify_message}.",
                "If its chain is incomplete or its authority your own, put the missing certificates into a "
                "PEM file and name it as ca_file in the sites entry.",
            )
        if isinstance(cause, ssl.SSLError | urllib3.exceptions.SSLError) and cause is chain[-1]:
            return FetchError(Reason.TLS, f"No secure connection to {host}: {what}.", _OLD_TLS)
        if isinstance(cause, urllib3.exceptions.InvalidHeader):
            return FetchError(Reason.CUT, f"The header of {host} contradicts itself: {what}.")
        if isinstance(cause, http.client.RemoteDisconnected | ConnectionError):
            return FetchError(Reason.CONNECT, f"{host} closed the connection without an answer.")
        if isinstance(cause, http.client.HTTPException):
            return FetchError(Reason.BAD_CONTENT, f"{host} answers with something that is no HTTP: {what}.")
        if isinstance(cause, TimeoutError):
            return FetchError(Reason.TIMEOUT, f"{host} took no request in time.")
    return FetchError(Reason.CONNECT, f"The exchange with {host} failed: {what}.")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what it wraps: urllib3 keeps causes in `reason` and in `args`, others chain them."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        held = [getattr(current, "reason", None), *current.args]
        inner = next((item for item in held if isinstance(item, BaseException)), None)
        current = inner or current.__cause__ or current.__context__
