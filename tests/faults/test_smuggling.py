"""19. Requests that nginx and gunicorn could read differently, forged hosts, and header fields that lie."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.admin.scene import Hiding
from tests.faults import serving
from tests.faults.serving import HOST, NGINX, raw, status

pytestmark = pytest.mark.skipif(
    not Path(NGINX).exists() and os.environ.get("CI") != "true",
    reason="needs nginx (apt-get install nginx-light)",
)

_INNER = f"GET /smuggled HTTP/1.1\r\nHost: {HOST}\r\nX: "
_HEAD = f"POST /go-bo HTTP/1.1\r\nHost: {HOST}\r\n"
_CHUNKED = f"0\r\n\r\n{_INNER}"
_LENGTH = f"Content-Length: {len(_CHUNKED)}\r\n"
_TE = "Transfer-Encoding: chunked\r\n"
# What contradicts itself, or is written so that two readers may see two things.
_FRAMINGS = {
    "CL.TE": f"{_HEAD}{_LENGTH}{_TE}\r\n{_CHUNKED}",
    "TE.CL": f"{_HEAD}{_TE}Content-Length: 4\r\n\r\n5c\r\n{_INNER}\r\n0\r\n\r\n",
    "TE, space before the colon": f"{_HEAD}{_LENGTH}Transfer-Encoding : chunked\r\n\r\n{_CHUNKED}",
    "TE, another coding": f"{_HEAD}{_LENGTH}Transfer-Encoding: xchunked\r\n\r\n{_CHUNKED}",
    "TE, identity too": f"{_HEAD}{_LENGTH}Transfer-Encoding: identity, chunked\r\n\r\n{_CHUNKED}",
    "TE twice": f"{_HEAD}{_LENGTH}{_TE}Transfer-Encoding: x\r\n\r\n{_CHUNKED}",
    "TE, a vertical tab": f"{_HEAD}{_LENGTH}Transfer-Encoding: \x0bchunked\r\n\r\n{_CHUNKED}",
    "TE folded": f"{_HEAD}{_LENGTH}Transfer-Encoding:\r\n chunked\r\n\r\n{_CHUNKED}",
    "TE by underscore": f"{_HEAD}{_LENGTH}Transfer_Encoding: chunked\r\n\r\n{_CHUNKED}",
    "TE after a bare line feed": f"{_HEAD}{_LENGTH}X: y\nTransfer-Encoding: chunked\r\n\r\n{_CHUNKED}",
    "TE after a bare return": f"{_HEAD}{_LENGTH}X: y\rTransfer-Encoding: chunked\r\n\r\n{_CHUNKED}",
    "CL twice": f"{_HEAD}Content-Length: 0\r\nContent-Length: {len(_INNER)}\r\n\r\n{_INNER}",
    "CL as a list": f"{_HEAD}Content-Length: 0, {len(_INNER)}\r\n\r\n{_INNER}",
    "CL with a sign": f"{_HEAD}Content-Length: +{len(_INNER)}\r\n\r\n{_INNER}",
    "CL in hexadecimal": f"{_HEAD}Content-Length: 0x1\r\n\r\n{_INNER}",
    "CL negative": f"{_HEAD}Content-Length: -1\r\n\r\n{_INNER}",
    "CL of a GET": f"GET / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {len(_INNER)}\r\n\r\n{_INNER}",
    "chunk size that overflows": f"{_HEAD}{_TE}\r\n10000000000000001\r\nx\r\n0\r\n\r\n",
    "chunk size with a sign": f"{_HEAD}{_TE}\r\n-1\r\nx\r\n0\r\n\r\n",
    "chunk extension with a line feed": f"{_HEAD}{_TE}\r\n1;a\nx\r\n0\r\n\r\n{_INNER}",
    "HTTP/1.0 in chunks": f"POST /go-bo HTTP/1.0\r\nHost: {HOST}\r\n{_LENGTH}{_TE}\r\n{_CHUNKED}",
    "HTTP/2 by upgrade": f"{_HEAD}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"
    f"Content-Length: 0\r\n\r\n{_INNER}",
    "a header field without a name": f"GET / HTTP/1.1\r\nHost: {HOST}\r\n: x\r\n\r\n",
    "NUL in a header field": f"GET / HTTP/1.1\r\nHost: {HOST}\r\nX: a\0b\r\n\r\n",
    "a fold as the first field": f"GET / HTTP/1.1\r\n X: y\r\nHost: {HOST}\r\n\r\n",
}  # fmt: skip
_REFUSED = (400, 405, 408, 411, 413, 501)


@pytest.fixture(scope="module")
def ports(built: Hiding, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """nginx with gunicorn behind it, and gunicorn as it is seen from this machine."""
    folder = tmp_path_factory.mktemp("nginx")
    with serving.gunicorn(built.settings, folder) as upstream, serving.nginx(upstream, folder) as front:
        yield {"nginx": front, "gunicorn": upstream}


def _get(port: int, path: str, *fields: str, host: str | None = HOST, seconds: float = 10.0) -> bytes:
    lines = [f"GET {path} HTTP/1.1", *([f"Host: {host}"] if host is not None else []), *fields]
    text = "\r\n".join((*lines, "Connection: close", "", ""))
    return raw(port, text.encode("latin-1"), seconds=seconds)


@pytest.mark.parametrize("server", ["nginx", "gunicorn"])
def test_nobody_gets_an_answer_to_what_another_hid_in_a_body(ports: dict[str, int], server: str) -> None:
    for name, text in _FRAMINGS.items():
        answer = raw(ports[server], text.encode("latin-1"), seconds=0.3)
        assert b"smuggled" not in answer, name
        for _ in range(2):  # the next readers, on whatever connections nginx keeps open to gunicorn
            other = _get(ports["nginx"], "/robots.txt")
            assert status(other) == 200, name
            assert b"User-agent: *" in other, name


@pytest.mark.parametrize(
    "name", ["CL.TE", "CL twice", "CL as a list", "CL with a sign", "CL negative", "TE twice"]
)
def test_what_contradicts_itself_is_refused(ports: dict[str, int], name: str) -> None:
    for port in ports.values():
        answer = raw(port, _FRAMINGS[name].encode("latin-1"), seconds=3)
        assert status(answer) in (*_REFUSED, 0), (name, answer[:100])


@pytest.mark.parametrize(
    "host", ["evil.example", f"{HOST}.evil.example", f"evil.example:{HOST}", f"{HOST}@evil.example", "", "[::", "a b",
             f"{HOST}/../evil", f"{HOST}, evil.example", "127.0.0.1.evil.example", "\u00e9vil"]
)  # fmt: skip
def test_an_unknown_host_is_refused(ports: dict[str, int], host: str) -> None:
    for port in ports.values():
        answer = _get(port, "/about", host=host)
        # gunicorn alone sees an empty field as an absent one of HTTP/1.0.
        assert status(answer) in (400, 0) or (host == "" and status(answer) == 200), answer[:100]
        assert b"Location" not in answer.partition(b"\r\n\r\n")[0]
        assert b"evil" not in answer


def test_a_second_host_and_an_absolute_target(ports: dict[str, int]) -> None:
    twice = f"GET /about HTTP/1.1\r\nHost: {HOST}\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    assert status(raw(ports["nginx"], twice.encode())) == 400
    for port in ports.values():
        answer = _get(port, "http://evil.example/about")
        # RFC 9112 lets the target count; then it is an unknown host. Otherwise the field does.
        assert status(answer) in (200, 400, 404)
        assert b"evil" not in answer
    assert status(_get(ports["nginx"], "http://evil.example/about")) == 400


def test_no_header_field_says_where_the_archive_is(ports: dict[str, int], built: Hiding) -> None:
    """Not those that a web server in front would send either: they come from whoever asks."""
    fields = (
        "X-Forwarded-Host: evil.example", "X-Forwarded-Proto: http", "X-Forwarded-Ssl: on",
        "X-Forwarded-Prefix: /evil", "X-Script-Name: /evil", "Forwarded: host=evil.example",
        "SCRIPT_NAME: //evil.example", "Script-Name: //evil.example", "PATH_INFO: /evil.example",
        "REMOTE_USER: evil", "Remote-User: evil", "X-Original-URL: /evil",
    )  # fmt: skip
    for port in ports.values():
        for path in (f"/a/{built.secret}", "/", "/sitemap.xml", "/tim?url=x", "/admin", "/opensearch.xml"):
            answer = _get(port, path, *fields)
            assert status(answer) in (200, 301, 303, 404, 503), (path, answer[:200])
            assert b"evil" not in answer, path
    # It may not end in an error either, which would let one reader's cache keep it from the others.
    assert (
        status(_get(ports["gunicorn"], "/about", "X-Forwarded-Proto: https", "X-Forwarded-Ssl: off")) == 200
    )


def test_what_is_too_long_is_refused_and_the_next_is_served(ports: dict[str, int]) -> None:
    assert status(_get(ports["nginx"], "/search?q=" + "x" * 105_000)) == 414
    assert status(_get(ports["nginx"], "/search?q=" + "x" * 140_000)) == 414
    endless = b"GET /search?q=" + b"x" * 3_000_000
    assert status(raw(ports["gunicorn"], endless, seconds=10)) in (400, 414, 431, 0), (
        "it waits for no end of the line"
    )
    many = "".join(f"X-{number}: y\r\n" for number in range(100_000))
    flood = f"GET / HTTP/1.1\r\nHost: {HOST}\r\n{many}\r\n".encode()
    long = f"GET / HTTP/1.1\r\nHost: {HOST}\r\nX: {'x' * 2_000_000}\r\n\r\n".encode()
    for port in ports.values():
        assert status(raw(port, flood, seconds=10)) in (400, 431, 0)
        assert status(raw(port, long, seconds=10)) in (400, 431, 0)
        assert status(_get(port, "/robots.txt")) == 200


def test_nothing_reserved_for_this_machine_is_seen_through_the_web_server(ports: dict[str, int]) -> None:
    for path in ("/metrics", "//metrics", "/metrics/", "/metrics?", "/%6detrics", "/./metrics", "/x/../metrics",
                 "/metrics%00", "/METRICS"):  # fmt: skip
        answer = _get(ports["nginx"], path, "X-Forwarded-For: 127.0.0.1")
        assert b"archive_http_requests_total" not in answer, path
