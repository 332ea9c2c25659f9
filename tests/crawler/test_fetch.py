"""One exchange: complete, or a failure with its reason; bounded in time, size and memory, whatever comes."""

from __future__ import annotations

import gzip
import socket
import time
import tracemalloc
import zlib

import brotli
import pytest

from archive.errors import FetchError
from archive.model import Reason, header
from crawler.fetch import Fetcher, Request
from tests.crawler.conftest import MakeFetcher
from tests.crawler.servers import Connection, Handler, serving
from tests.portal import faults
from tests.portal.server import SiteServer

PAGE = ("<html><body><p>Lễ phát động thi đua huyện Đầm Hà</p></body></html>" * 20).encode()


def failure(fetcher: MakeFetcher, handler: Handler, **changes: object) -> FetchError:
    with serving(handler) as server, pytest.raises(FetchError) as caught:
        fetcher(server.url(), **changes).fetch(Request(server.url()))
    return caught.value


def test_an_exchange_is_told_as_it_went_over_the_wire(fetcher: MakeFetcher) -> None:
    body = gzip.compress(PAGE)

    def handler(connection: Connection) -> None:
        connection.answer(
            body, "Content-Type: text/html", "Content-Encoding: gzip", "X-Tên: a".encode().decode("latin-1")
        )

    with serving(handler) as server:
        answer = fetcher(server.url()).fetch(
            Request(
                server.url("/tin?a=%C4%90"),
                etag='"x"',
                last_modified="Wed",
                via="v",
                hops="L",
                robots="allowed",
            )
        )
        sent = server.requests[0].decode()
    exchange = answer.exchange
    assert answer.body == PAGE
    assert exchange.payload == body
    assert (exchange.status, exchange.reason, exchange.method, exchange.ip) == (200, "OK", "GET", "127.0.0.1")
    assert (exchange.via, exchange.hops, exchange.robots) == ("v", "L", "allowed")
    assert sent.startswith("GET /tin?a=%C4%90 HTTP/1.1\r\n")
    for name, value in exchange.request_headers:
        assert f"{name}: {value}\r\n" in sent
    assert sent.count("\r\n") == len(exchange.request_headers) + 2
    assert "DistrictArchive/" in (header(exchange.request_headers, "user-agent") or "")
    assert header(exchange.request_headers, "If-None-Match") == '"x"'
    assert header(exchange.headers, "content-encoding") == "gzip"


def test_a_form_is_posted_as_it_was_given(fetcher: MakeFetcher) -> None:
    def handler(connection: Connection) -> None:
        connection.answer(connection.head.partition(b"\r\n\r\n")[2] or connection.sock.recv(1000))

    with serving(handler) as server:
        form = (("__VIEWSTATE", "a+b="), ("__EVENTTARGET", "ctl00$pager"), ("__EVENTARGUMENT", "2"))
        answer = fetcher(server.url()).fetch(Request(server.url(), form=form))
    assert answer.exchange.method == "POST"
    assert (
        answer.body
        == answer.exchange.request_body
        == b"__VIEWSTATE=a%2Bb%3D&__EVENTTARGET=ctl00%24pager&__EVENTARGUMENT=2"
    )


def test_connections_are_kept_and_a_stale_one_is_replaced(fetcher: MakeFetcher) -> None:
    answers = []

    def handler(connection: Connection) -> None:
        answers.append(1)
        connection.answer(PAGE)
        if len(answers) == 2:
            connection.sock.shutdown(socket.SHUT_RDWR)

    with serving(handler) as server:
        ours = fetcher(server.url())
        for _ in range(4):
            assert ours.fetch(Request(server.url())).body == PAGE
            assert ours.fetch(Request(server.url())).exchange.ip == "127.0.0.1"
        assert server.connections == 2


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nshort", Reason.CUT),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nfar too long", Reason.CUT),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nbody", Reason.CUT),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody", Reason.CUT),
        (b"HTTP/1.1 200 OK\r\nContent-Length: four\r\n\r\nbody", Reason.CUT),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n400\r\nbody", Reason.CUT),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n", Reason.CUT),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nbody\r\n", Reason.CUT),
        (b"", Reason.CONNECT),
        (b"SSH-2.0-OpenSSH\r\n", Reason.BAD_CONTENT),
        (b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 100_000 + b"\r\n", Reason.BAD_CONTENT),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n", Reason.BAD_CONTENT),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 100_000, Reason.TOO_LARGE),
    ],
)  # fmt: skip
def test_broken_answers_are_failures(fetcher: MakeFetcher, raw: bytes, reason: Reason) -> None:
    def handler(connection: Connection) -> None:
        connection.send(raw)
        connection.sock.shutdown(socket.SHUT_WR)

    assert failure(fetcher, handler).reason == reason


def test_a_chunk_size_without_end_is_bounded(fetcher: MakeFetcher) -> None:
    def handler(connection: Connection) -> None:
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not connection.stopping.is_set():
            connection.send(b"1" * 65536)

    assert failure(fetcher, handler).reason in (Reason.TOO_LARGE, Reason.CUT)


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n" + PAGE])
def test_a_reset_is_a_failure(fetcher: MakeFetcher, sent: bytes) -> None:
    def handler(connection: Connection) -> None:
        connection.send(sent)
        connection.reset()

    assert failure(fetcher, handler).reason in (Reason.CUT, Reason.CONNECT)


@pytest.mark.parametrize(
    ("body", "coding", "reason"),
    [
        (gzip.compress(PAGE)[:-9], "gzip", Reason.CUT),
        (zlib.compress(PAGE)[:-9], "deflate", Reason.CUT),
        (brotli.compress(PAGE)[:-9], "br", Reason.CUT),
        (PAGE, "gzip", Reason.BAD_CONTENT),
        (PAGE, "br", Reason.BAD_CONTENT),
    ],
)
def test_a_coded_body_must_have_its_end(
    fetcher: MakeFetcher, body: bytes, coding: str, reason: Reason
) -> None:
    """Cut short with a Content-Length that fits the cut: requests itself takes that for a whole page."""
    assert failure(fetcher, lambda c: c.answer(body, f"Content-Encoding: {coding}")).reason == reason


def test_a_body_without_end_is_kept_up_to_the_limit_with_flat_memory(fetcher: MakeFetcher) -> None:
    def handler(connection: Connection) -> None:
        connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while not connection.stopping.is_set():
            connection.send(b"x" * 65536)

    with serving(handler) as server:
        tracemalloc.start()
        answer = fetcher(server.url()).fetch(Request(server.url()))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert answer.body is None
    assert answer.exchange.truncated == "length"
    assert len(answer.exchange.payload) == 1_000_000
    assert answer.failure is not None
    assert (answer.failure.reason, answer.failure.retry) == (Reason.TOO_LARGE, False)
    assert peak < 8_000_000


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, gzip"])
def test_a_bomb_is_stopped_while_it_unfolds(fetcher: MakeFetcher, coding: str) -> None:
    zeros = b"\0" * 100_000_000
    pack = {"deflate": zlib.compress, "br": brotli.compress}.get(coding, gzip.compress)
    body = pack(zeros)
    body = gzip.compress(body) if coding == "gzip, gzip" else body
    del zeros
    with serving(lambda c: c.answer(body, f"Content-Encoding: {coding}")) as server:
        tracemalloc.start()
        answer = fetcher(server.url()).fetch(Request(server.url()))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert answer.exchange.truncated == "length"
    assert answer.failure is not None
    assert answer.failure.reason is Reason.TOO_LARGE
    assert peak < 8_000_000


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\nX-Slow: "])
def test_a_drip_ends_at_the_total_time(fetcher: MakeFetcher, head: bytes) -> None:
    """In the body, before the status line and within a header field: requests' time-out never ends these."""

    def handler(connection: Connection) -> None:
        connection.send(head)
        while not connection.stopping.wait(0.05):
            connection.send(b"x")

    with serving(handler) as server:
        began = time.monotonic()
        ours = fetcher(server.url(), total_timeout=0.7)
        if head.endswith(b"\r\n\r\n"):
            answer = ours.fetch(Request(server.url()))
            assert answer.exchange.truncated == "time"
            assert answer.exchange.payload.startswith(b"xx")
            assert answer.failure is not None
            assert answer.failure.retry
        else:
            with pytest.raises(FetchError) as caught:
                ours.fetch(Request(server.url()))
            assert caught.value.reason == Reason.TIMEOUT
        assert time.monotonic() - began < 2


def test_silence_ends_at_the_read_timeout(fetcher: MakeFetcher) -> None:
    def handler(connection: Connection) -> None:
        connection.stopping.wait(10)

    began = time.monotonic()
    error = failure(fetcher, handler, read_timeout=0.3)
    assert error.reason == Reason.TIMEOUT
    assert time.monotonic() - began < 2


def test_nobody_listens(fetcher: MakeFetcher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/"
    with pytest.raises(FetchError) as caught:
        fetcher(url).fetch(Request(url))
    assert caught.value.reason == Reason.CONNECT


def test_a_private_address_is_refused_before_a_byte_is_sent(fetcher: MakeFetcher) -> None:
    with serving(lambda c: c.answer(PAGE)) as server:
        for host in ("127.0.0.1", "2130706433", "0x7f.1", "127.1", "0177.0.0.1", "localhost"):
            url = server.url(host=host)
            with pytest.raises(FetchError, match="allow_private") as caught:
                fetcher(url, allow_private=False).fetch(Request(url))
            assert caught.value.reason == Reason.REFUSED_ADDRESS
        assert server.connections == 0


def test_what_is_allowed_for_the_portal_is_not_allowed_for_others(fetcher: MakeFetcher) -> None:
    """An intranet portal with `media_hosts = ["*"]` must not open the intranet to its links."""
    with serving(lambda c: c.answer(PAGE)) as portal, serving(lambda c: c.answer(PAGE)) as other:
        ours = fetcher(portal.url(), media_hosts=("*",))
        assert ours.fetch(Request(portal.url())).body == PAGE
        with pytest.raises(FetchError) as caught:
            ours.fetch(Request(other.url()))
        assert caught.value.reason == Reason.REFUSED_ADDRESS
        assert other.connections == 0


def test_the_checked_address_is_the_one_connected_to(fetcher: MakeFetcher) -> None:
    """A name that resolves to a public address when checked and to loopback at connect (rebinding)."""
    answers = iter([["192.0.2.1", "127.0.0.1"], ["127.0.0.1"]])
    asked = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    with serving(lambda c: c.answer(PAGE)) as server:
        url = server.url(host="portal.example")
        with pytest.raises(FetchError) as caught:
            fetcher(url, allow_private=False, resolver=resolver).fetch(Request(url))
        assert caught.value.reason == Reason.REFUSED_ADDRESS
        assert asked == ["portal.example"]
        assert server.connections == 0


def test_the_name_is_resolved_once_and_kept_in_the_host_field(fetcher: MakeFetcher) -> None:
    with serving(lambda c: c.answer(PAGE)) as server:
        url = server.url(host="portal.example")
        answer = fetcher(url, resolver=lambda host, port: ["127.0.0.1"]).fetch(Request(url))
        assert answer.exchange.ip == "127.0.0.1"
        assert f"Host: portal.example:{server.port}\r\n".encode() in server.requests[0]


def test_an_unknown_name(fetcher: MakeFetcher) -> None:
    def resolver(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(FetchError, match="not known") as caught:
        fetcher("http://nobody.example/", resolver=resolver).fetch(Request("http://nobody.example/"))
    assert caught.value.reason == Reason.DNS


def test_a_redirect_is_an_answer_and_is_not_followed(fetcher: MakeFetcher) -> None:
    with serving(lambda c: c.answer(b"", "Location: http://169.254.169.254/", status="302 Found")) as server:
        answer = fetcher(server.url()).fetch(Request(server.url()))
        assert answer.exchange.status == 302
        assert len(server.requests) == 1


def test_cookies_are_kept_within_bounds(fetcher: MakeFetcher) -> None:
    def handler(connection: Connection) -> None:
        if connection.target == "/many":
            connection.answer(b"", *(f"Set-Cookie: c{n}=1" for n in range(60)))
        elif connection.target == "/big":
            connection.answer(b"", f"Set-Cookie: big={'x' * 5000}")
        else:
            connection.answer(b"", f"Set-Cookie: s{connection.target[1:]}=1")

    with serving(handler) as server:
        ours = fetcher(server.url())
        for path in ("/1", "/many", "/big", "/2"):
            ours.fetch(Request(server.url(path)))
        assert b"Cookie: s1=1\r\n" in server.requests[-1]
        for number in range(200):
            ours.fetch(Request(server.url(f"/{number}")))
        assert max(len(head) for head in server.requests) < 2000


# What each fault of the sample portal must come to; others are answers.
EXPECTED: dict[str, Reason] = {
    "slow-drip": Reason.TIMEOUT,
    "endless": Reason.TOO_LARGE,
    "gzip-bomb": Reason.TOO_LARGE,
    "cut-gzip": Reason.CUT,
    "length-too-long": Reason.CUT,
    "length-too-short": Reason.CUT,
    "length-negative": Reason.CUT,
    "cut-chunk": Reason.CUT,
    "reset": Reason.CUT,
    "unknown-coding": Reason.BAD_CONTENT,
    "many-headers": Reason.BAD_CONTENT,
    "long-header": Reason.BAD_CONTENT,
}


@pytest.mark.parametrize("name", faults.names())
def test_every_fault_of_the_portal_is_an_answer_or_a_failure(fetcher: MakeFetcher, name: str) -> None:
    server = SiteServer(lambda environ, start: [b""])
    url = f"http://127.0.0.1:{server.port}/__fault/{name}"
    ours = fetcher(url, total_timeout=1.0, max_body=9_000_000)
    try:
        outcome = _outcome(ours, url)
    finally:
        server.close()
    assert outcome == EXPECTED.get(name)


def _outcome(ours: Fetcher, url: str) -> Reason | None:
    try:
        answer = ours.fetch(Request(url))
    except FetchError as error:
        return Reason(error.reason)
    return answer.failure.reason if answer.failure else None
