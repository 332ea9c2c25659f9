"""Alarms told outside: to a real mail server and a real web server on loopback, again until it works."""

from __future__ import annotations

import dataclasses
import datetime as dt
import email
import email.policy
import json
import socket
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from archive.config import Settings
from archive.errors import ConfigError
from archive.model import Site
from archive.store import Store, alarms
from archive.store.alarms import Finding
from crawler.schedule import notify

NOW = dt.datetime(2026, 11, 24, 3, tzinfo=dt.UTC)
FINDING = Finding(
    "date", 1.0, 0.0, 39, "nukeviet", examples=("http://huyen.vn/tin/1.html", "http://huyen.vn/tin/2.html")
)


class Mailbox:
    """What a mail server took."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"kho", b"m@t khau")
        return AuthResult(success=right, handled=right)  # not handled: the server sends the refusal

    # The controller connects to itself by number, so it cannot be given port 0.
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=port,
        server_hostname="localhost",
        authenticator=check,
        auth_require_tls=False,
    )
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


class Hook(BaseHTTPRequestHandler):
    """Keeps what is posted; answers with the server's `status`."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append(json.loads(body))  # type: ignore[attr-defined]
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Quiet."""


@pytest.fixture
def hook() -> Iterator[Any]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    server.posted, server.status = [], 204  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = Store.open(settings.database_url)
    opened.put_site(Site("huyen", "Huyện", ("http://huyen.vn/",)))
    yield opened
    opened.close()


def alarm(store: Store, *channels: str) -> int:
    with store.begin() as connection:
        return alarms.open_one(connection, "huyen", FINDING, 7, NOW, channels).id


def test_a_mail_says_what_is_wrong_where_and_what_to_do(
    store: Store, settings: Settings, mailbox: tuple[Mailbox, int]
) -> None:
    box, port = mailbox
    settings = dataclasses.replace(
        settings,
        smtp=f"smtp://kho:m%40t%20khau@127.0.0.1:{port}",
        alarm_mail="lan@example.vn, minh@example.vn",
    )
    assert notify.channels(settings) == ("mail",)
    number = alarm(store, "mail")
    assert notify.deliver(store, settings, NOW) == 1
    assert notify.deliver(store, settings, NOW) == 0
    mail = box.mails[0]
    assert "huyen: date" in mail["Subject"]
    assert [address.addr_spec for address in mail["To"].addresses] == ["lan@example.vn", "minh@example.vn"]
    text = mail.get_content()
    assert "0 %, usual is 100 % (of 39 pages)" in text
    assert "Profile: nukeviet" in text
    assert "http://huyen.vn/tin/2.html" in text
    assert "archive try http://huyen.vn/tin/1.html" in text
    assert f"archive alarms ack {number}" in text


def test_a_webhook_gets_each_event_once(store: Store, settings: Settings, hook: Any) -> None:
    settings = dataclasses.replace(settings, alarm_webhook=f"http://127.0.0.1:{hook.server_port}/hook")
    assert notify.channels(settings) == ("webhook",)
    number = alarm(store, "webhook")
    assert notify.deliver(store, settings, NOW) == 1
    with store.begin() as connection:
        alarms.close(connection, number, NOW, ("webhook",))
    assert notify.deliver(store, settings, NOW) == 1
    assert [(item["event"], item["alarm"]["state"]) for item in hook.posted] == [
        ("opened", "open"),
        ("closed", "closed"),
    ]
    assert hook.posted[0]["alarm"]["command"] == "archive try http://huyen.vn/tin/1.html"


def test_what_fails_is_tried_again_later_and_told_meanwhile(
    store: Store, settings: Settings, hook: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings = dataclasses.replace(settings, alarm_webhook=f"http://127.0.0.1:{hook.server_port}/hook")
    alarm(store, "webhook")
    hook.status = 500
    assert notify.deliver(store, settings, NOW) == 0
    assert "answered 500" in caplog.text
    assert notify.deliver(store, settings, NOW) == 0  # not at once
    assert len(hook.posted) == 1
    with store.read() as connection:
        assert [item.error for item in alarms.untold(connection)] != []
    hook.status = 204
    assert notify.deliver(store, settings, NOW + dt.timedelta(minutes=2)) == 1
    assert hook.posted[0] == hook.posted[1]  # the same notice: a receiver can tell


def test_a_redirect_of_the_hook_is_not_followed(store: Store, settings: Settings, hook: Any) -> None:
    settings = dataclasses.replace(settings, alarm_webhook=f"http://127.0.0.1:{hook.server_port}/hook")
    alarm(store, "webhook")
    hook.status = 307
    assert notify.deliver(store, settings, NOW) == 0


def test_a_mail_server_that_is_down_loses_nothing(
    store: Store, settings: Settings, mailbox: tuple[Mailbox, int]
) -> None:
    box, port = mailbox
    settings = dataclasses.replace(settings, alarm_mail="lan@example.vn")
    down = dataclasses.replace(settings, smtp="smtp://127.0.0.1:9")
    wrong = dataclasses.replace(settings, smtp=f"smtp://kho:wrong@127.0.0.1:{port}")
    right = dataclasses.replace(settings, smtp=f"smtp://kho:m%40t%20khau@127.0.0.1:{port}")
    alarm(store, "mail")
    assert notify.deliver(store, down, NOW) == 0
    assert notify.deliver(store, wrong, NOW + dt.timedelta(hours=1)) == 0
    with store.read() as connection:
        assert all("wrong" not in item.error.split() for item in alarms.untold(connection))
    assert notify.deliver(store, right, NOW + dt.timedelta(hours=2)) == 1
    assert len(box.mails) == 1


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"alarm_mail": "lan@example.vn"}, "smtp"),
        ({"alarm_mail": "lan", "smtp": "smtp://localhost"}, "alarm_mail"),
        ({"alarm_mail": "a@b.vn", "smtp": "mail.example.vn"}, "smtp"),
        ({"alarm_webhook": "example.vn/hook"}, "alarm_webhook"),
    ],
)
def test_a_wrong_setting_is_told_before_the_first_alarm_is_lost(
    settings: Settings, values: dict[str, str], says: str
) -> None:
    with pytest.raises(ConfigError, match=says):
        notify.channels(dataclasses.replace(settings, **values))  # type: ignore[arg-type]
