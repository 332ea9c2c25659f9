"""1, 3, 5, 7. Whole crawls of a portal whose every page leads where nothing may be asked for, or never ends."""

from __future__ import annotations

import dataclasses
import gzip
import tracemalloc
import zlib

import brotli
import pytest

from archive.config import Settings
from archive.model import Reason
from crawler.fetch import system_resolver
from tests.crawler.crawling import Pages, article, listing, path_of, run, served, site_at
from tests.crawler.servers import Connection, serving

_INSIDE = (
    "127.0.0.1", "localhost", "127.1", "0x7f.1", "0x7f000001", "2130706433", "017700000001", "0177.0.0.1", "127.000.000.1",
    "127。0。0。1", "①②⑦.⓪.⓪.①", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "0.0.0.0", "0", "127.0.0.1.", "inside.example", "user:pw@127.0.0.1",
)  # fmt: skip
"""One of them is a name that only resolves there."""


def _resolver(host: str, port: int) -> list[str]:
    return ["127.0.0.1"] if host == "inside.example" else system_resolver(host, port)


def _ways(port: int) -> list[str]:
    return [f"http://{host}:{port}/secret-{n}.html" for n, host in enumerate(_INSIDE)]


def test_nothing_inside_is_asked_for_by_link_picture_redirect_feed_or_form(settings: Settings) -> None:
    """The portal itself is allowed by its entry; another service of the same machine is not."""
    with serving(lambda c: c.answer(b"the secret", "Content-Type: text/html")) as inside:
        ways = _ways(inside.port)
        pictures = "".join(
            f'<figure><img src="{way}?p"><figcaption>Ảnh</figcaption></figure>' for way in ways
        )
        links = "".join(f'<h3><a href="{way}">Lễ phát động thi đua của huyện nhà</a></h3>' for way in ways)
        items = "".join(f"<item><link>{way}?f</link></item>" for way in ways)
        locations = "".join(f"<url><loc>{way}?s</loc></url>" for way in ways)
        heads = "".join(
            f'<link rel="next" href="{way}?n"><link rel="alternate" type="application/rss+xml" href="{way}?r">'
            f'<link rel="canonical" href="{way}?c"><link rel="amphtml" href="{way}?a">'
            for way in ways
        )
        hops = [f"/chuyen-huong-cua-huyen-nha-so-{n:03}/" for n in range(len(ways))]
        pages = Pages({
            "/": listing([path_of(0), *hops], more=links).replace("<head>", f"<head>{heads}"),
            path_of(0): article(0, extra=pictures + links, head=heads),
            "/sitemap.xml": ("200 OK", {"Content-Type": "text/xml"}, f"<urlset>{locations}</urlset>"),
            "/feed/": ("200 OK", {"Content-Type": "text/xml"}, f"<rss><channel>{items}</channel></rss>"),
            **{hop: ("302 Found", {"Location": way.encode().decode("latin-1")}, b"")
               for hop, way in zip(hops, ways, strict=True)},
        })  # fmt: skip
        with served(pages) as url:
            site = site_at(url + "/", media_hosts=("*",))
            ran = run(settings, [site], resolver=_resolver)
        assert inside.connections == 0
    assert ran.result.new == 1
    counted = {item.reason for item in ran.failures}
    assert counted & {Reason.REFUSED_ADDRESS, Reason.OUT_OF_SCOPE}, "and it is said"


_NOWHERE = (
    "file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1:25/_HELO", "data:text/html,x", "javascript:alert(1)",
    "http://", "http://[", "\\\\evil\\x", "//", "http://127.0.0.1:99999/", "dict://127.0.0.1/", "", " ", "?\x01",
    "http://a b/", "http://%00/", "\x00", "jar:http://x!/", "http://xn--/", "http://" + "a" * 300 + ".example/",
)  # fmt: skip


def test_a_redirect_to_what_is_no_web_address_ends_there(settings: Settings) -> None:
    paths = [path_of(n + 10) for n in range(len(_NOWHERE))]

    def answer(connection: Connection) -> None:
        target = connection.target
        if target == "/":
            connection.answer(
                listing([*paths, path_of(1)]).encode(), "Content-Type: text/html; charset=utf-8"
            )
        elif target in paths:
            connection.answer(b"", f"Location: {_NOWHERE[paths.index(target)]}", status="302 Found")
        elif target == path_of(1):
            connection.answer(article(1).encode(), "Content-Type: text/html; charset=utf-8")
        else:
            connection.answer(b"", status="404 Not Found")

    with serving(answer) as server:
        ran = run(settings, [site_at(server.url())])
        assert {head.split(b" ")[1].decode() for head in server.requests} >= set(paths)
    assert ran.result.new == 1, "the crawl goes on"
    # Of what is read as an address of the portal itself ("", "?") the answer counts.
    assert sum(ran.result.failures.values()) >= len(_NOWHERE) - 4, "and it is counted"


def test_header_fields_hidden_in_a_redirect_are_sent_nowhere(settings: Settings) -> None:
    """Whatever the address in `Location` holds, the next request has the fields that we gave it."""

    def answer(connection: Connection) -> None:
        if connection.target == "/":
            connection.send(
                b"HTTP/1.1 302 Found\r\nLocation: /x%0d%0aX-Evil:%201\r\n Folded: 2\r\nSet-Cookie: a=b%0d%0aX-Evil: 1;\x0bx"
                b"\r\nSet-Cookie: c=\x00\x01\r\nContent-Length: 0\r\n\r\n"
            )
        else:
            connection.answer(article(1).encode(), "Content-Type: text/html; charset=utf-8")

    with serving(answer) as server:
        run(settings, [site_at(server.url())])
        for head in server.requests:
            names = {line.partition(b":")[0].lower() for line in head.split(b"\r\n")[1:] if line}
            assert not names & {b"x-evil", b"folded", b"ded"}, head


def _nested(depth: int) -> bytes:
    data = b"\0" * 30_000_000
    for _ in range(depth):
        data = gzip.compress(data, 9)
    return data


_FLATE = zlib.compressobj(9, wbits=-15)
_BODIES = {
    "gzip": gzip.compress(b"\0" * 30_000_000),
    "br": brotli.compress(b"\0" * 30_000_000),
    "deflate": _FLATE.compress(b"\0" * 30_000_000) + _FLATE.flush(),
    "gzip, gzip": _nested(2),
    "gzip, gzip, gzip": _nested(3),
    "br, gzip": gzip.compress(brotli.compress(b"\0" * 30_000_000)),
    ", ".join(["gzip"] * 500): b"x",
    "gzip, zstd": b"x",
    "gzip,": gzip.compress(b"")[:5],
    "GZIP": gzip.compress(b"") * 100_000,
    "\x80\xff": b"x",
}


@pytest.mark.parametrize("place", ["page", "robots", "picture"])
def test_bombs_at_every_place_of_a_crawl_leave_memory_flat(settings: Settings, place: str) -> None:
    codings = list(_BODIES)
    media = [f"/anh-{n}.jpg" for n in range(len(codings))]
    bombs = [path_of(n + 10) for n in range(len(codings))]

    def bomb(connection: Connection, number: int) -> None:
        kind = "image/jpeg" if place == "picture" else "text/html"
        coding = codings[number]
        connection.answer(_BODIES[coding], f"Content-Encoding: {coding}", f"Content-Type: {kind}")

    def answer(connection: Connection) -> None:
        target = connection.target
        if target == "/":
            connection.answer(
                listing([path_of(0), *bombs]).encode(), "Content-Type: text/html; charset=utf-8"
            )
        elif target in bombs and place == "page":
            bomb(connection, bombs.index(target))
        elif target in media:
            bomb(connection, media.index(target))
        elif (target, place) == ("/robots.txt", "robots"):
            bomb(connection, 3)
        elif target == path_of(0):
            shown = "".join(f'<img src="{path}" width="600">' for path in media) if place == "picture" else ""
            connection.answer(article(0, extra=shown).encode(), "Content-Type: text/html; charset=utf-8")
        else:
            connection.answer(b"", status="404 Not Found")

    bounded = dataclasses.replace(settings, max_body=500_000)
    with serving(answer) as server:
        tracemalloc.start()
        ran = run(bounded, [site_at(server.url())])
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    # Some 25 MB is what a page, its index entry and the parsers need; one bomb would be 30 MB more.
    assert peak < 35_000_000
    if place == "robots":
        assert ran.result.new == 0, "what cannot be read forbids all (RFC 9309)"
        assert set(ran.reasons().values()) == {"robots"}
    else:
        assert ran.result.new == 1
    if place in ("page", "picture"):
        assert ran.result.failures["too-large"] >= 5
        assert ran.result.failures.total() >= len(codings) - 1


@pytest.mark.parametrize("name", ["headers", "long", "cookies", "informational"])
def test_a_flood_of_header_fields_costs_one_page_and_no_more(settings: Settings, name: str) -> None:
    flood = {
        "headers": b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(100_000)) + b"\r\n",
        "long": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n",
        "informational": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 50_000,
        "cookies": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
        + b"".join(b"Set-Cookie: c%d=%s\r\n" % (n, b"v" * 2000) for n in range(90))
        + b"\r\n",
    }[name]

    def answer(connection: Connection) -> None:
        if connection.target == "/":
            page = listing([path_of(0), path_of(1), path_of(2)])
            connection.answer(page.encode(), "Content-Type: text/html; charset=utf-8")
        elif connection.target == path_of(1):
            connection.send(flood)
            connection.sock.close()
        elif connection.target.startswith("/le-phat"):
            connection.answer(
                article(int(connection.target[-2])).encode(), "Content-Type: text/html; charset=utf-8"
            )
        else:
            connection.answer(b"", status="404 Not Found")

    with serving(answer) as server:
        ran = run(settings, [site_at(server.url())])
        assert max(len(head) for head in server.requests) < 4_000
    assert ran.result.new == 2
