"""One exchange with a server: bounded in time and size, complete or said to be not.

Of `requests` only what carries a request out is used: its session would follow redirects into any network,
read the whole body of each, and take proxies from the environment.
"""

from __future__ import annotations

import datetime as dt
import http.client
import re
import ssl
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import certifi
import requests
import urllib3
import urllib3.exceptions
from requests import PreparedRequest
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar

from archive.coding import ContentDecoder, CutError, TooLargeError
from archive.config import Settings
from archive.errors import ConfigError, ContentError, FetchError
from archive.model import Exchange, Failure, Headers, Reason, Site, header
from archive.urls import Scope, host_port
from crawler.fetch.addresses import Resolver, system_resolver
from crawler.fetch.trouble import root, translated
from crawler.fetch.wire import Wire, WireAdapter

_HEAD_BYTES = 256 * 1024
"""Status line and header fields at most; http.client itself allows 100 fields of 64 KiB."""
_STEP = 64 * 1024
ACCEPT_PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_MAX_COOKIES = 50
_MAX_COOKIE_BYTES = 4096
_NO_BODY = frozenset((204, 304))
_LEGACY_RENEGOTIATION = 0x4
"""OpenSSL's SSL_OP_LEGACY_SERVER_CONNECT: `ssl` has a name for it only from Python 3.12 on."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask for, and what the capture will say of it."""

    url: str
    """Canonical."""
    form: tuple[tuple[str, str], ...] | None = None
    """Fields of a form to post; None for GET."""
    etag: str = ""
    """For `If-None-Match`."""
    last_modified: str = ""
    """For `If-Modified-Since`."""
    accept: str = ACCEPT_PAGE
    robots: str = ""
    via: str = ""
    hops: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how far it can be used."""

    exchange: Exchange
    body: bytes | None
    """The payload with content-coding removed; None when it was cut by us."""
    failure: Failure | None = None
    """Set when the body was cut by us: the exchange is kept, marked truncated, and counts as failed."""


class Fetcher:
    """Makes exchanges for one site, one at a time; connections are kept alive between them.

    Everything comes from the constructor: no proxy, `.netrc` or other environment is looked at.
    """

    def __init__(self, settings: Settings, site: Site, *, resolver: Resolver = system_resolver) -> None:
        """
        :raises ConfigError: the site's `ca_file` cannot be used.
        """
        self._settings = settings
        self._scope = Scope.of(site)
        self._allow_private = site.allow_private
        self._wire = Wire(resolver, self._is_private_allowed, settings.connect_timeout)
        self._adapter = WireAdapter(self._wire, _context(site))
        self._cookies = RequestsCookieJar()

    @property
    def weak_tls(self) -> str:
        """The oldest TLS that a server of the site spoke, when that was below 1.2; else ""."""
        return self._wire.weak_tls

    def close(self) -> None:
        """End all connections."""
        self._adapter.close()

    def fetch(self, request: Request) -> Answer:
        """One exchange, redirects not followed.

        :raises FetchError: nothing came that may be kept: the address is refused, the server cannot be
            reached or does not speak HTTP, the body is cut or cannot be decoded.
        """
        limit = self._settings.max_body
        prepared, fields = self._prepare(request)
        at, clock = dt.datetime.now(dt.UTC), time.monotonic()
        response = self._send(prepared, request.url)
        try:
            headers = tuple(response.raw.headers.items())
            self._wire.allow(2 * limit + _HEAD_BYTES)
            payload, decoded, truncated, failure = self._read(request.url, response, headers, limit)
            self._keep_cookies(prepared, response)
        finally:
            response.close()
        exchange = Exchange(
            url=request.url,
            at=at,
            method=prepared.method or "GET",
            request_headers=fields,
            request_body=_bytes(prepared.body),
            status=response.status_code,
            reason=(response.reason or "")[:200],
            headers=headers,
            payload=payload,
            ip=self._wire.ip,
            elapsed_ms=round((time.monotonic() - clock) * 1000),
            truncated=truncated,
            robots=request.robots,
            via=request.via,
            hops=request.hops,
        )
        return Answer(exchange, decoded, failure)

    def _prepare(self, request: Request) -> tuple[PreparedRequest, Headers]:
        fields = [
            ("Host", _host_field(request.url)),
            ("User-Agent", self._settings.user_agent),
            ("Accept", request.accept),
            ("Accept-Language", "vi,en;q=0.5"),
            ("Accept-Encoding", "gzip, deflate, br"),
        ]
        if self._settings.contact:
            fields.append(("From", self._settings.contact))
        if request.etag:
            fields.append(("If-None-Match", request.etag))
        if request.last_modified:
            fields.append(("If-Modified-Since", request.last_modified))
        prepared = requests.Request(
            method="GET" if request.form is None else "POST",
            url=request.url,
            headers={name: value.encode("latin-1", "replace").decode("latin-1") for name, value in fields},
            data=None if request.form is None else list(request.form),
            cookies=self._cookies,
        ).prepare()
        return prepared, tuple((name, str(value)) for name, value in prepared.headers.items())

    def _send(self, prepared: PreparedRequest, url: str) -> requests.Response:
        for attempt in (1, 2):
            self._wire.begin(
                read_timeout=self._settings.read_timeout,
                total_timeout=self._settings.total_timeout,
                budget=_HEAD_BYTES,
            )
            try:
                return self._adapter.send(prepared, stream=True, timeout=None, proxies={})
            except (OSError, urllib3.exceptions.HTTPError) as error:
                # A kept connection that the server closed while it was idle says nothing about the address.
                if attempt == 1 and self._wire.reused and not self._wire.received:
                    continue
                raise translated(error, host_port(url)) from error
        raise AssertionError("the loop returns or raises")

    def _read(
        self, url: str, response: requests.Response, headers: Headers, limit: int
    ) -> tuple[bytes, bytes | None, str, Failure | None]:
        """Payload, decoded payload, why it was cut by us, and the failure that this is."""
        if response.status_code in _NO_BODY:
            return b"", b"", "", None
        _check_length(headers)
        payload, decoded = bytearray(), bytearray()
        try:
            coding = ", ".join(value for name, value in headers if name.lower() == "content-encoding")
            decoder = ContentDecoder(coding, limit)
            for piece in _pieces(response):
                payload += piece
                if len(payload) > limit:
                    return _too_large(url, payload, limit)
                decoded += decoder.feed(piece)
            if payload:
                decoded += decoder.finish()
        except TooLargeError:
            return _too_large(url, payload, limit)
        except CutError as error:
            # A stream without its end is a transfer that failed, however well Content-Length fits.
            raise FetchError(Reason.CUT, error.message) from error
        except ContentError as error:
            raise FetchError(Reason.BAD_CONTENT, error.message, error.mend) from error
        except FetchError as error:
            if error.reason == Reason.TIMEOUT and payload:
                detail = f"{error.message} {len(payload):,} bytes had come."
                return bytes(payload), None, "time", _failure(url, Reason.TIMEOUT, detail, retry=True)
            raise
        if self._wire.leftover:
            raise FetchError(Reason.CUT, f"The server sent more than the {len(payload)} bytes it announced.")
        return bytes(payload), bytes(decoded), "", None

    def _keep_cookies(self, prepared: PreparedRequest, response: requests.Response) -> None:
        """Take cookies as a browser would, within bounds: some portals give nothing without one."""
        given = response.raw.headers.getlist("Set-Cookie")
        if not given or len(given) > _MAX_COOKIES or any(len(item) > _MAX_COOKIE_BYTES for item in given):
            return
        extract_cookies_to_jar(self._cookies, prepared, response.raw)  # type: ignore[no-untyped-call]
        if len(self._cookies) > _MAX_COOKIES:
            self._cookies.clear()

    def _is_private_allowed(self, host: str, port: int) -> bool:
        place = f"[{host}]" if ":" in host else host
        return self._allow_private and self._scope.trusts(f"http://{place}:{port}/")


def _pieces(response: requests.Response) -> Iterator[bytes]:
    raw: urllib3.response.HTTPResponse = response.raw
    try:
        # What has come, not blocks of a size: of a body that stops, all that came is kept.
        while piece := raw.read1(_STEP, decode_content=False):
            yield piece
    except (OSError, urllib3.exceptions.HTTPError, http.client.HTTPException) as error:
        raise FetchError(Reason.CUT, f"The body was cut off: {root(error)}.") from error


def _too_large(url: str, payload: bytearray, limit: int) -> tuple[bytes, None, str, Failure]:
    detail = f"The body is larger than the {limit:,} bytes allowed (setting max_body)."
    return bytes(payload[:limit]), None, "length", _failure(url, Reason.TOO_LARGE, detail, retry=False)


def _failure(url: str, reason: Reason, detail: str, *, retry: bool) -> Failure:
    return Failure(url, reason, detail, dt.datetime.now(dt.UTC), retry)


def _check_length(headers: Headers) -> None:
    """See that the announced length, if it counts, is a number.

    :raises FetchError: it is none, or there are several that differ.
    """
    if header(headers, "Transfer-Encoding"):
        return
    given = [value for name, value in headers if name.lower() == "content-length"]
    numbers = {item.strip() for value in given for item in value.split(",")}
    if len(numbers) > 1 or not all(re.fullmatch(r"[0-9]{1,18}", item) for item in numbers):
        raise FetchError(Reason.CUT, f"Content-Length is {', '.join(sorted(numbers))[:80]}.")


def _context(site: Site) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certifi.where())
    if site.ca_file:
        try:
            context.load_verify_locations(site.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                f"The ca_file {site.ca_file} of site {site.id} cannot be used: {error}.",
                "It must hold certificates in PEM form.",
            ) from error
    if site.tls == "legacy":
        _allow_old(context)
    return context


def _allow_old(context: ssl.SSLContext) -> None:
    """What portals speak that nobody has touched for fifteen years; certificates are checked all the same."""
    with warnings.catch_warnings():
        # Python warns of TLS 1.0 and 1.1, rightly; the operator has decided so for one site.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:!aNULL:!eNULL:@SECLEVEL=0")
    context.options |= _LEGACY_RENEGOTIATION


def _host_field(url: str) -> str:
    host, _, port = host_port(url).rpartition(":")
    usual = "443" if url.startswith("https:") else "80"
    return host if port == usual else f"{host}:{port}"


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else bytes(body)
