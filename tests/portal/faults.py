"""Misbehaviour on request: `/__fault/<name>` on every site answers as bad servers do.

Each fault writes to the bare socket, because a well-behaved framework would not let it. What each does stands in its
docstring; `names()` lists them.
"""

from __future__ import annotations

import gzip
import os
import socket
import struct
import threading
from collections.abc import Callable

Fault = Callable[["Wire"], None]
_FAULTS: dict[str, Fault] = {}


class Wire:
    """The socket of one request, with what a fault needs to answer it."""

    def __init__(self, connection: socket.socket, argument: str, stopping: threading.Event) -> None:
        self.connection, self.argument, self.stopping = connection, argument, stopping

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def head(self, status: str = "200 OK", *lines: str, kind: str = "text/html; charset=utf-8") -> None:
        """A status line and header fields; the connection is closed after the answer."""
        fields = (f"HTTP/1.1 {status}", f"Content-Type: {kind}", "Connection: close", *lines, "", "")
        self.send("\r\n".join(fields).encode("latin-1"))

    def answer(
        self, body: bytes, status: str = "200 OK", *lines: str, kind: str = "text/html; charset=utf-8"
    ) -> None:
        """A whole answer with its true length."""
        self.head(status, f"Content-Length: {len(body)}", *lines, kind=kind)
        self.send(body)

    def reset(self) -> None:
        """Close the connection with a reset instead of an end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())


def names() -> list[str]:
    """All faults that can be asked for."""
    return sorted(_FAULTS)


def serve(name: str, wire: Wire) -> None:
    """Misbehave; an unknown name is a plain 404."""
    fault = _FAULTS.get(name)
    if fault is None:
        wire.answer(f"no fault {name}; there are: {', '.join(names())}\n".encode(), "404 Not Found")
    else:
        fault(wire)


def _fault(act: Fault) -> Fault:
    _FAULTS[act.__name__.replace("_", "-")] = act
    return act


PAGE = "<html><head><title>Trang thử</title></head><body><p>Xin chào huyện nhà.</p></body></html>".encode()


@_fault
def slow_drip(wire: Wire) -> None:
    """One byte every 200 ms, for ever."""
    wire.head()
    while not wire.stopping.wait(0.2):
        wire.send(b"x")


@_fault
def endless(wire: Wire) -> None:
    """A body without end."""
    wire.head()
    while not wire.stopping.is_set():
        wire.send(b"x" * 65536)


@_fault
def cut_gzip(wire: Wire) -> None:
    """A gzip stream that ends early, with a Content-Length that fits what is sent."""
    body = gzip.compress(PAGE * 200)[:-40]
    wire.answer(body, "200 OK", "Content-Encoding: gzip")


@_fault
def length_too_long(wire: Wire) -> None:
    """Fewer bytes than Content-Length says."""
    wire.head("200 OK", f"Content-Length: {len(PAGE) + 1000}")
    wire.send(PAGE)


@_fault
def length_too_short(wire: Wire) -> None:
    """More bytes than Content-Length says."""
    wire.head("200 OK", f"Content-Length: {len(PAGE) - 20}")
    wire.send(PAGE)


@_fault
def length_negative(wire: Wire) -> None:
    """A Content-Length below zero."""
    wire.head("200 OK", "Content-Length: -5")
    wire.send(PAGE)


@_fault
def cut_chunk(wire: Wire) -> None:
    """A chunked body that stops within a chunk."""
    wire.head("200 OK", "Transfer-Encoding: chunked")
    wire.send(b"400\r\n" + PAGE)


@_fault
def gzip_bomb(wire: Wire) -> None:
    """A megabyte that unpacks to a gigabyte."""
    block = gzip.compress(b"\0" * 10_000_000)
    wire.answer(block * 100, "200 OK", "Content-Encoding: gzip")


@_fault
def unknown_coding(wire: Wire) -> None:
    """A Content-Encoding that nobody knows."""
    wire.answer(PAGE, "200 OK", "Content-Encoding: sdch")


@_fault
def redirect_loop(wire: Wire) -> None:
    """Two addresses that redirect to each other."""
    other = "b" if wire.argument != "b" else "a"
    wire.answer(b"", "302 Found", f"Location: /__fault/redirect-loop?{other}")


@_fault
def redirect_far(wire: Wire) -> None:
    """A chain of redirects without end."""
    step = int(wire.argument or 0) + 1
    wire.answer(b"", "302 Found", f"Location: /__fault/redirect-far?{step}")


@_fault
def redirect_to(wire: Wire) -> None:
    """A redirect to whatever stands after the question mark."""
    wire.answer(b"", "302 Found", f"Location: {wire.argument}")


@_fault
def busy(wire: Wire) -> None:
    """503 with the Retry-After that stands after the question mark."""
    wire.answer(b"busy", "503 Service Unavailable", f"Retry-After: {wire.argument or '1'}")


@_fault
def too_many(wire: Wire) -> None:
    """429 with the Retry-After that stands after the question mark."""
    wire.answer(b"slow down", "429 Too Many Requests", f"Retry-After: {wire.argument or '1'}")


@_fault
def many_headers(wire: Wire) -> None:
    """Ten thousand header fields."""
    wire.head("200 OK", *(f"X-Filler-{n}: {n}" for n in range(10_000)))
    wire.send(PAGE)


@_fault
def long_header(wire: Wire) -> None:
    """One header field of a megabyte."""
    wire.head("200 OK", "X-Filler: " + "x" * 1_000_000)
    wire.send(PAGE)


@_fault
def wrong_charset(wire: Wire) -> None:
    """Windows-1258 in the header, UTF-8 in the meta element and in truth."""
    page = "<html><head><meta charset='utf-8'><title>Đầm Hà</title></head><body><p>Lễ phát động thi đua</p></body></html>"
    wire.answer(page.encode(), kind="text/html; charset=windows-1258")


@_fault
def utf16(wire: Wire) -> None:
    """UTF-16 without a byte order mark and without a charset."""
    wire.answer(PAGE.decode().encode("utf-16-le"), kind="text/html")


@_fault
def deep(wire: Wire) -> None:
    """A hundred thousand nested elements."""
    wire.answer(b"<html><body>" + b"<div>" * 100_000 + "Đáy".encode() + b"</body></html>")


@_fault
def bot_check(wire: Wire) -> None:
    """A page that sets a cookie by script and loads itself again, with status 200."""
    page = b"<html><body><script>document.cookie='D1N=5f2b; path=/';window.location.reload(true);</script></body></html>"
    wire.answer(page)


@_fault
def soft_404(wire: Wire) -> None:
    """Nothing found, with status 200."""
    page = "<html><head><title>Không tìm thấy</title><meta name='robots' content='noindex'></head><body><h1>Không tìm thấy trang</h1></body></html>"
    wire.answer(page.encode())


@_fault
def empty(wire: Wire) -> None:
    """Status 200 and not a byte."""
    wire.answer(b"")


@_fault
def many_links(wire: Wire) -> None:
    """A hundred thousand links on one page."""
    links = b"".join(b"<a href='/x/%d/'>%d</a>" % (n, n) for n in range(100_000))
    wire.answer(b"<html><body>" + links + b"</body></html>")


@_fault
def reset(wire: Wire) -> None:
    """The connection is reset in the middle of the body."""
    wire.head("200 OK", "Content-Length: 100000")
    wire.send(PAGE)
    wire.reset()
