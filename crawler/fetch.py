"""One exchange with a server: the only user of `requests`.

What requests does not do by itself is done here (see docs/decisions): the body is streamed raw and bounded,
a total deadline holds from the first byte to the last, redirects are left to the caller, and connections go
only to checked addresses.
"""

from __future__ import annotations

import datetime as dt
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import certifi
import requests
import urllib3
from requests.adapters import HTTPAdapter

from archive.config import Settings
from archive.errors import ConfigError, FetchError
from archive.model import Exchange, Headers, Reason, Site
from archive.urls import host_port
from crawler.connect import Connector, Resolver, resolve

PIECE = 1 << 16
MAX_COOKIES = 50
HTTP_VERSIONS = {10: "HTTP/1.0", 11: "HTTP/1.1"}


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask for."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    form: tuple[tuple[str, str], ...] | None = None
    """Fields to post; None for GET."""
    via: str = ""
    hops: str = ""
    robots: str = ""


class Fetcher:
    """Fetches for one site, one request at a time.

    :param settings: time-outs, limits and the User-Agent.
    :param resolver: how names become addresses; tests pass their own.
    """

    def __init__(self, settings: Settings, site: Site, resolver: Resolver = resolve) -> None:
        self._settings = settings
        self._connector = Connector(site.allow_private, resolver)
        self._session = requests.Session()
        # Proxies, .netrc and the like come from the environment of whoever runs the crawl: not wanted.
        self._session.trust_env = False
        adapter = _Adapter(self._connector, _tls(site))
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        self._session.headers.clear()
        self._session.headers.update(
            {
                "User-Agent": settings.user_agent,
                "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                "Accept-Language": "vi,en;q=0.5",
                "Accept-Encoding": "gzip, deflate",
            }
        )

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def fetch(self, request: Request) -> Exchange:
        """Ask once; a redirect is an answer like any other.

        A body beyond the limit is kept up to it, and the exchange is marked truncated.

        :raises FetchError: no whole answer was got; `reason` says why.
        """
        prepared = self._prepare(request)
        at = dt.datetime.now(dt.UTC)
        began = time.monotonic()
        deadline = began + self._settings.total_timeout
        with _translated(request.url), self._deadline() as expired:
            try:
                answer = self._session.send(
                    prepared,
                    stream=True,
                    allow_redirects=False,
                    timeout=(self._settings.connect_timeout, self._settings.read_timeout),
                )
                try:
                    payload, truncated = self._read(answer, deadline)
                finally:
                    answer.close()
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError):
                if expired.is_set():
                    raise FetchError(Reason.TIMEOUT, self._too_slow(request.url)) from None
                raise
            if expired.is_set():
                raise FetchError(Reason.TIMEOUT, self._too_slow(request.url))
        if len(self._session.cookies) > MAX_COOKIES:
            self._session.cookies.clear()
        return Exchange(
            url=request.url,
            at=at,
            method=prepared.method or "GET",
            request_headers=(("Host", host_port(request.url)), *_pairs(prepared.headers)),
            request_body=_bytes(prepared.body),
            status=answer.status_code,
            reason=answer.reason or "",
            headers=_pairs(answer.raw.headers),
            payload=payload,
            ip=self._connector.ip,
            elapsed_ms=round((time.monotonic() - began) * 1000),
            truncated=truncated,
            robots=request.robots,
            via=request.via,
            hops=request.hops,
        )

    def _prepare(self, request: Request) -> requests.PreparedRequest:
        method = "GET" if request.form is None else "POST"
        wanted = requests.Request(method, request.url, headers=dict(request.headers), data=request.form)
        try:
            prepared = self._session.prepare_request(wanted)
        except (requests.RequestException, ValueError) as error:
            raise FetchError(
                Reason.REFUSED_ADDRESS, f"{request.url} cannot be asked for: {error}."
            ) from error
        # requests re-quotes addresses; the frontier's form is the one to be asked for.
        prepared.url = request.url
        return prepared

    def _read(self, answer: requests.Response, deadline: float) -> tuple[bytes, str]:
        _check_length(answer)
        raw = cast("urllib3.response.HTTPResponse", answer.raw)
        body = bytearray()
        while piece := raw.read1(PIECE, decode_content=False):
            body += piece
            if len(body) > self._settings.max_body:
                return bytes(body[: self._settings.max_body]), "length"
            if time.monotonic() > deadline:
                raise FetchError(Reason.TIMEOUT, self._too_slow(answer.url))
        return bytes(body), ""

    @contextmanager
    def _deadline(self) -> Iterator[threading.Event]:
        """Cut the connection when the total time is over, even while a read waits on it."""
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            self._connector.cut()

        timer = threading.Timer(self._settings.total_timeout, expire)
        timer.daemon = True
        timer.start()
        try:
            yield expired
        finally:
            timer.cancel()

    def _too_slow(self, url: str) -> str:
        return f"{url} was not answered in full within {self._settings.total_timeout:g} s."


class _Adapter(HTTPAdapter):
    """requests' transport over our own connections."""

    def __init__(self, connector: Connector, context: ssl.SSLContext) -> None:
        self._connector = connector
        self._context = context
        super().__init__(max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        self.poolmanager = self._connector.pool_manager(
            self._context, num_pools=connections, maxsize=maxsize, block=block
        )


def _tls(site: Site) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certifi.where())
    if site.ca_file:
        try:
            context.load_verify_locations(cafile=site.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                f"The certificates of site {site.id}, {site.ca_file}, cannot be read: {error}.",
                "Set ca_file to a PEM file.",
            ) from error
    return context


def _check_length(answer: requests.Response) -> None:
    """Refuse lengths that contradict each other or make no sense (RFC 9110, 8.6)."""
    values = {
        item.strip() for item in (answer.headers.get("Content-Length") or "").split(",") if item.strip()
    }
    if len(values) > 1 or any(not item.isascii() or not item.isdigit() for item in values):
        raise FetchError(Reason.CUT, f"{answer.url} has an impossible Content-Length: {values}.")


@contextmanager
def _translated(url: str) -> Iterator[None]:
    """Turn the exceptions of three libraries into one, with a reason."""
    try:
        yield
    except FetchError:
        raise
    except requests.exceptions.SSLError as error:
        raise FetchError(
            Reason.TLS,
            f"The certificate of {host_port(url)} is not accepted: {_root(error)}.",
            "If its chain is incomplete, save what is missing as PEM and set ca_file in the sites entry.",
        ) from error
    except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError) as error:
        raise FetchError(Reason.TIMEOUT, f"{url} did not answer in time.") from error
    except (requests.exceptions.ChunkedEncodingError, urllib3.exceptions.ProtocolError) as error:
        raise FetchError(Reason.CUT, f"{url} broke off: {_root(error)}.") from error
    except (requests.exceptions.ConnectionError, OSError) as error:
        root = _root(error)
        broke_off = isinstance(root, urllib3.exceptions.ProtocolError | ConnectionResetError)
        reason = Reason.CUT if broke_off else Reason.CONNECT
        raise FetchError(reason, f"{host_port(url)} cannot be reached: {root}.") from error
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise FetchError(Reason.CONNECT, f"{url} cannot be asked for: {_root(error)}.") from error


def _root(error: BaseException) -> BaseException:
    """The exception at the bottom of a chain, which says what happened."""
    seen = 0
    while seen < 10:
        below = getattr(error, "reason", None)
        if not isinstance(below, BaseException):
            below = next((item for item in error.args if isinstance(item, BaseException)), None)
        if below is None:
            break
        error, seen = below, seen + 1
    return error


def _pairs(headers: Mapping[str, Any]) -> Headers:
    return tuple((str(name), _text(value)) for name, value in headers.items())


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    return body if isinstance(body, bytes) else str(body).encode()
