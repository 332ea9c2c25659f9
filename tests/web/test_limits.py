"""Limits, keys and gates at a real `archive serve` with two workers, asked as by nginx in front of it."""

from __future__ import annotations

import contextlib
import contextvars
import http.client
import json
import resource
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import select

from archive.cli import main
from archive.config import Rate
from archive.store import Store, acts
from archive.store.schema import metadata
from archive.web import create_app
from archive.web.limits.gates import Gate, Gates, Size
from tests.web.library import Library, article, on
from tests.web.live import gunicorn

PAGES, API, EXPORTS = Rate(40, 3600), Rate(6, 3600), Rate(2, 3600)
# An hour for so few, so that none comes back while a test runs.


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str


@dataclass
class Site:
    """A served archive."""

    library: Library
    port: int
    article: str
    long: str
    """Of more than a megabyte."""

    def get(self, path: str, sender: str = "", **headers: str) -> Answer:
        """Ask on a connection of its own, which either worker may take."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if sender:
            fields["X-Forwarded-For"] = sender
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=fields)
            response = connection.getresponse()
            return Answer(response.status, dict(response.headers), response.read().decode())

    def command(self, *arguments: str) -> str:
        here = ["--var", str(self.library.settings.var), "--index", str(self.library.settings.index)]
        done = CliRunner().invoke(main, [*here, *arguments])
        assert done.exit_code == 0, done.output
        return done.stdout


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    library = Library.at(
        tmp_path_factory.mktemp("limits"), limit_pages=PAGES, limit_api=API, limit_exports=EXPORTS
    )
    text = "UBND huyện tổ chức hội nghị sơ kết công tác sáu tháng đầu năm. "
    for number in range(6):
        title = f"Hội nghị sơ kết lần {number}"
        library.add(f"/tin/{number}.html", article(title, text * 40, published=on(2015 + number % 9, 3, 3)))
    # So long that no buffer of the system takes it over at once.
    long = article("Báo cáo dài", *[f"{n} {text * 20}" for n in range(800)])
    identity = library.add("/tin/dai.html", long)
    short = library.add("/tin/ngan.html", article("Tin ngắn", "Một tin ngắn của huyện."))
    library.index()
    with gunicorn(library.settings) as port:
        served = Site(library, port, f"/a/{short}/v/1", f"/a/{identity}/v/1")
        # Both workers have read their templates before anything is in a hurry.
        for _ in range(10):
            served.get(served.article)
            served.get("/api/v1/search?q=hoi+nghi")
        yield served
    library.store.close()


# ------------------------------------------------------------------------------------------------ limits


def test_who_asks_too_often_is_told_to_wait_and_nobody_else_notices(site: Site) -> None:
    path = site.article
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: site.get(path, "203.0.113.1"), range(200)))
        others = list(pool.map(lambda n: site.get(path, f"198.51.100.{n}"), range(1, 41)))
        own = list(pool.map(lambda _: site.get(path), range(60)))
    told = Counter(item.status for item in answers)
    # Two workers that answer within the same microsecond may let one too many through.
    assert told[200] + told[429] == 200, [item.text for item in answers if item.status == 503]
    assert PAGES.requests <= told[200] <= PAGES.requests + 2, told
    assert {item.status for item in others} == {200}
    assert {item.status for item in own} == {200}, "who asks on this machine is not counted"
    assert "RateLimit" not in own[0].headers
    first, refused = others[0].headers, next(item for item in answers if item.status == 429)
    assert first["RateLimit-Policy"] == '"pages";q=40;w=3600'
    assert first["RateLimit"] == '"pages";r=39;t=90'
    # 3,600 s for 40: the next after 90.
    assert 1 <= int(refused.headers["Retry-After"]) <= 90
    assert refused.headers["RateLimit"].startswith('"pages";r=0;t=')
    assert "Quá nhiều yêu cầu" in refused.text
    english = site.get(f"{path}?lang=en", "203.0.113.1")
    assert english.status == 429
    assert "answers 40 requests of this kind in 3600 seconds" in english.text


@pytest.mark.parametrize("count", [800, pytest.param(10_000, marks=pytest.mark.long)])
def test_a_flood_from_one_address_reaches_nobody_else(site: Site, count: int) -> None:
    """Of each kind of request in turn, by 16 clients at once; others ask all the while."""
    search, api, files = "/search?q=hoi+nghi", "/api/v1/search?q=so+ket", "/static/nothing.css"
    paths = (site.article, search, api, "/", files)
    flood = f"203.0.{count % 256}.50"
    asked: list[Future[Answer]] = []
    others: list[Future[Answer]] = []
    with ThreadPoolExecutor(16) as pool:
        for number in range(count):
            asked.append(pool.submit(site.get, paths[number % len(paths)], flood))
            if number % (count // 40) == 0:
                sender = f"2001:db8:{count:x}:{len(others):x}::1"
                others.append(pool.submit(site.get, site.article, sender))
        told = Counter(
            (paths[number % len(paths)], item.result().status) for number, item in enumerate(asked)
        )
        assert {item.result().status for item in others} == {200}
    assert {status for _, status in told} == {200, 404, 429}, told
    assert PAGES.requests <= told[site.article, 200] + told["/", 200] <= PAGES.requests + 2, told
    assert API.requests <= told[api, 200] <= API.requests + 2, told
    assert told[search, 429] or count < 2_000, told
    assert told[files, 404] >= min(count // len(paths), site.library.settings.limit_files.requests), told
    assert site.get(site.article, flood).headers["Retry-After"]


def test_what_a_sender_writes_into_the_header_itself_is_not_believed(site: Site) -> None:
    for number in range(PAGES.requests + 3):
        site.get("/robots.txt", f"10.0.0.{number}, 203.0.113.2")
    assert site.get("/robots.txt", "192.0.2.77, 203.0.113.2").status == 429
    assert site.get("/robots.txt", "203.0.113.2, 192.0.2.77").status == 200


def test_the_header_is_believed_from_the_named_proxies_only(site: Site) -> None:
    settings = replace(
        site.library.settings, limit_pages=Rate(1, 3600), trusted_proxies="127.0.0.1, 192.0.2.0/24"
    )
    client = create_app(settings).test_client()

    def asked(peer: str, forwarded: str) -> int:
        headers = {"X-Forwarded-For": forwarded}
        return client.get("/robots.txt", environ_base={"REMOTE_ADDR": peer}, headers=headers).status_code

    assert asked("203.0.113.9", "198.51.100.1") == 200
    assert asked("203.0.113.9", "198.51.100.2") == 429, "no proxy of ours: what it says of others is nothing"
    assert asked("127.0.0.1", "198.51.100.3, 192.0.2.5") == 200
    assert asked("127.0.0.1", "198.51.100.3, 192.0.2.6") == 429, "one proxy behind another"
    assert asked("127.0.0.1", "198.51.100.4, 192.0.2.6") == 200
    assert asked("127.0.0.1", "'; DROP TABLE, \x00") == 200, "what is no address is passed over"


def test_an_ipv6_subscriber_is_one_sender(site: Site) -> None:
    for number in range(API.requests):
        assert site.get("/api/v1/sites", f"2001:db8:1:2:{number:x}::9").status == 200
    assert site.get("/api/v1/sites", "2001:db8:1:2:ffff::1").status == 429
    assert site.get("/api/v1/sites", "2001:db8:1:3::1").status == 200
    for _ in range(API.requests):
        site.get("/api/v1/sites", "::ffff:203.0.113.4")
    assert site.get("/api/v1/sites", "203.0.113.4").status == 429, "the same address, written as IPv6"


def test_the_api_says_which_limit_it_was(site: Site) -> None:
    for _ in range(API.requests):
        assert site.get("/api/v1/sites", "203.0.113.3").status == 200
    refused = site.get("/api/v1/sites", "203.0.113.3")
    assert refused.headers["Content-Type"] == "application/problem+json"
    body = json.loads(refused.text)
    assert body["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded"
    assert (body["status"], body["violated-policies"]) == (429, ["api"])
    # RFC 9110, 10.2.3, and the draft: not before the window that `t` tells of has passed.
    assert refused.headers["Retry-After"] == refused.headers["RateLimit"].rpartition("=")[2]
    assert site.get("/", "203.0.113.3").status == 200, "pages have a limit of their own"
    for _ in range(EXPORTS.requests):
        assert site.get("/api/v1/search?format=csv&q=nix", "203.0.113.3").status == 200
    assert '["exports"]' in site.get("/api/v1/search?format=jsonl&q=nix", "203.0.113.3").text
    assert site.get("/search.csv?q=nix", "203.0.113.3").status == 429


def test_what_watches_over_the_site_is_never_refused(site: Site) -> None:
    statuses = {site.get("/healthz", "203.0.113.5").status for _ in range(PAGES.requests + 5)}
    assert statuses == {200}


# ------------------------------------------------------------------------------------------------- keys


def all_rows(store: Store) -> str:
    """Whatever the database holds."""
    with store.read() as connection:
        return repr([list(connection.execute(select(table))) for table in metadata.sorted_tables])


def test_a_key_lets_its_holder_ask_more_often_until_it_is_revoked(site: Site) -> None:
    added = site.command("admin", "key", "add", "Viện Sử học")
    text = added.splitlines()[0]
    bearer, sender = f"Bearer {text}", "203.0.113.6"
    for _ in range(API.requests + 5):
        answer = site.get("/api/v1/sites", sender, Authorization=bearer)
        assert (answer.status, answer.headers.get("RateLimit")) == (200, None)
    assert site.get("/api/v1/sites", sender).status == 200, "what is asked with a key is not its sender's"
    identity = text.split("_")[1]
    listed = site.command("admin", "key", "list")
    assert f"{identity}  Viện Sử học  no limit" in listed
    assert text not in listed
    assert text not in all_rows(site.library.store)
    site.command("admin", "key", "revoke", identity)
    for _ in range(6):
        answer = site.get("/api/v1/sites", "203.0.113.7", Authorization=bearer)
        assert answer.status in (401, 429)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert site.get("/api/v1/sites", "203.0.113.7", Authorization=bearer).status == 429, "guesses are counted"
    assert "revoked" in site.command("admin", "key", "list")
    with site.library.store.read() as connection:
        assert [item.act for item in acts.listed(connection, 2)] == ["key.revoke", "key.add"]


def test_a_key_may_have_a_limit_of_its_own(site: Site) -> None:
    text = site.command("admin", "key", "add", "Trường học", "--per-minute", "3").splitlines()[0]
    told = [site.get("/", f"203.0.113.{n}", Authorization=f"Bearer {text}") for n in range(10, 14)]
    assert [item.status for item in told] == [200, 200, 200, 429], "from wherever it is used"
    assert told[0].headers["RateLimit-Policy"] == '"key";q=3;w=60'


@pytest.mark.parametrize("text", ["kho_", "x" * 5_000, "kho_01234567_" + "a" * 43, "kho_01234567_" + "é"])
def test_what_is_no_key_is_told_so(site: Site, text: str) -> None:
    answer = site.get("/api/v1/sites", Authorization=f"Bearer {text}".encode().decode("latin-1"))
    assert answer.status == 401
    assert json.loads(answer.text)["status"] == 401


# -------------------------------------------------------------------------------------------- slow ones


@contextlib.contextmanager
def opened(port: int, count: int, sent: bytes, receive: int = 0) -> Iterator[list[socket.socket]]:
    """Connections that sent so much and then do nothing."""
    made = []
    try:
        for _ in range(count):
            client = socket.socket()
            made.append(client)
            if receive:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
            client.connect(("127.0.0.1", port))
            client.sendall(sent)
        yield made
    finally:
        for client in made:
            # No farewell: the server finds out when it next writes.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()


@pytest.mark.parametrize(
    ("count", "sent"),
    [
        (300, b""),
        (300, b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "),
        (300, b"POST /go-bo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\ntarget="),
        (60, b"GET /robots.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
    ],
    ids=["nothing", "half a head", "half a form", "an answer and no end"],
)
def test_slow_writers_keep_nobody_out(site: Site, count: int, sent: bytes) -> None:
    with opened(site.port, count, sent):
        for _ in range(20):
            assert site.get(site.article).status == 200


def _is_open(client: socket.socket) -> bool:
    """Whether the server has not closed a connection on which it sends nothing."""
    try:
        return bool(client.recv(1, socket.MSG_DONTWAIT))
    except BlockingIOError:
        return True
    except ConnectionError:
        return False


@pytest.fixture
def many_files() -> Iterator[None]:
    """This process may open as many files as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize(
    ("wrapper", "kept"),
    [((), 1_000), (("prlimit", "--nofile=500:500"), 200), (("prlimit", "--nofile=100:2000"), 1_000)],
    ids=["as it is", "few files", "more files when asked for"],
)
@pytest.mark.usefixtures("many_files")
def test_more_silent_connections_than_are_kept_keep_nobody_out(
    site: Site, wrapper: tuple[str, ...], kept: int
) -> None:
    """One worker, which makes room for each new connection by closing one, never more, and not who has begun
    to ask."""
    half = b"GET /robots.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    with gunicorn(replace(site.library.settings, workers=1), *wrapper) as port:
        crowded = replace(site, port=port)
        with opened(port, 1, half) as (begun,), opened(port, kept * 3 // 2, b"") as silent:
            for _ in range(20):
                assert crowded.get(site.article).status == 200
            left = [place for place, client in enumerate(silent) if _is_open(client)]
            # Ten seconds later all but the last of them would have been closed.
            assert len(left) > kept * 9 // 10, "nobody had to wait until the time of the silent was up"
            assert left[0] > kept // 3, "those that waited longest went first"
            begun.sendall(b"\r\n")
            begun.settimeout(30)
            assert begun.makefile("rb").read().startswith(b"HTTP/1.1 200")


def test_slow_readers_keep_nobody_out(site: Site) -> None:
    assert len(site.get(site.long).text) > 1_000_000
    request = f"GET {site.long} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with opened(site.port, 80, request, receive=4_096):
        for _ in range(20):
            assert site.get("/robots.txt").status == 200


def test_an_answer_that_is_taken_slowly_arrives_whole(site: Site) -> None:
    whole = site.get(site.long).text.encode()
    request = f"GET {site.long} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with opened(site.port, 1, request, receive=4_096) as (client,):
        assert site.get("/robots.txt").status == 200
        client.settimeout(60)
        answer = http.client.HTTPResponse(client)
        answer.begin()
        assert answer.read() == whole
        client.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: localhost\r\n\r\n")
        after = http.client.HTTPResponse(client)
        after.begin()
        assert after.status == 200, "and the connection is good for the next request"


def test_a_request_in_pieces_is_answered(site: Site) -> None:
    with opened(site.port, 1, b"GET /robots.txt HT") as (client,):
        for piece in (b"TP/1.1\r\nHost: local", b"host\r\n", b"Connection: close\r\n\r", b"\n"):
            assert site.get("/robots.txt").status == 200
            client.sendall(piece)
        client.settimeout(30)
        assert client.makefile("rb").read().startswith(b"HTTP/1.1 200 OK")
    with opened(site.port, 1, b"POST /go-bo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n") as (
        client,
    ):
        client.settimeout(30)
        assert client.recv(100).startswith(b"HTTP/1.1 411 ")
    with opened(site.port, 1, b"GET / HTTP/1.1\r\nX: " + b"x" * 300_000) as (client,):
        client.settimeout(30)
        assert client.recv(100).startswith(b"HTTP/1.1 431 ")


# ---------------------------------------------------------------------------------------------- too much


def test_a_crowd_of_searches_is_answered_or_sent_away_at_once(site: Site) -> None:
    with ThreadPoolExecutor(100) as pool:
        asked = [pool.submit(site.get, f"/api/v1/search?q=hoi+nghi+{n}") for n in range(300)]
        watched = [site.get(path).status for path in ("/healthz", "/admin/", "/robots.txt") for _ in range(3)]
        answers = [item.result() for item in asked]
    # No admin has been made here: a page that says so, and not that of a crowd.
    assert watched == [200] * 3 + [503] * 3 + [200] * 3
    for item in answers:
        assert item.status in (200, 503)
        if item.status == 503:
            assert 2 <= int(item.headers["Retry-After"]) <= 5
            assert json.loads(item.text)["type"].endswith("#temporary-reduced-capacity")
    assert any(item.status == 200 for item in answers)
    assert site.get("/api/v1/search?q=hoi+nghi").status == 200, "and afterwards all is as before"


@pytest.fixture
def client(site: Site) -> FlaskClient:
    return create_app(replace(site.library.settings, var=site.library.settings.var)).test_client()


def gates(client: FlaskClient) -> Gates:
    found: Gates = client.application.extensions["archive.gates"]
    return found


def test_each_kind_of_work_has_room_of_its_own(client: FlaskClient, site: Site) -> None:
    narrow = gates(client).heavy = Gate(Size(1, 0))
    assert narrow.enter()
    refused = client.get("/search?q=hoi")
    assert (refused.status_code, refused.headers["Cache-Control"]) == (503, "no-store")
    assert "Kho đang quá đông" in refused.text
    assert client.get("/xu-huong").status_code == 503
    for path in (site.article, "/", "/search.csv?q=nix", "/healthz", "/static/site.css"):
        assert client.get(path).status_code == 200, path
    narrow.leave(0.0)
    assert client.get("/search?q=hoi").status_code == 200
    assert client.get("/search?q=hoi").status_code == 200, "who was inside has gone out again"


def test_an_export_keeps_its_place_until_it_is_sent_or_given_up(client: FlaskClient) -> None:
    gates(client).streams = Gate(Size(1, 0))
    # As in a thread of its own: an answer that is still being sent keeps its request's context.
    thread = contextvars.copy_context()
    export = thread.run(client.get, "/search.csv?q=hoi", buffered=False)
    assert export.status_code == 200
    assert client.get("/search.csv?q=hoi").status_code == 503
    thread.run(export.close)
    for _ in range(2):
        assert client.get("/search.csv?q=hoi", buffered=True).status_code == 200


def waiting(gate: Gate) -> threading.Thread:
    """A thread that waits before a gate, and goes out again as soon as it was let in."""

    def go_through() -> None:
        if gate.enter():
            gate.leave(0.0)

    before = gate._waiting
    thread = threading.Thread(target=go_through)
    thread.start()
    while gate._waiting == before:
        pass
    return thread


def test_who_waits_is_let_in_when_there_is_room() -> None:
    gate = Gate(Size(1, 1))
    assert gate.enter()
    one = waiting(gate)
    assert not gate.enter(), "one waits already: refused at once"
    gate.leave(0.0)
    one.join(30)
    assert not one.is_alive()
    assert gate.enter()


def test_the_slower_the_machine_the_fewer_may_wait() -> None:
    gate = Gate(Size(1, 100))
    for _ in range(100):
        assert gate.enter()
        gate.leave(1.0)
    assert gate.enter()
    one = waiting(gate)
    assert not gate.enter(), "two seconds would have to be waited for"
    gate.leave(1.0)
    one.join(30)
    for _ in range(100):
        assert gate.enter(), "and where there is room nobody has to wait"
        gate.leave(0.001)
    assert gate.enter()
    many = [waiting(gate) for _ in range(5)]
    gate.leave(0.001)
    for thread in many:
        thread.join(30)
        assert not thread.is_alive()


def test_the_limits_in_force_are_told(client: FlaskClient) -> None:
    said = client.get("/api/openapi.json").get_json()
    assert "`api`, questions: 6 in 3600 seconds." in said["info"]["description"]
    assert said["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert "<code>exports</code>: 2 yêu cầu trong 3.600 giây" in client.get("/api").text
    assert Path("docs/api.md").exists()
