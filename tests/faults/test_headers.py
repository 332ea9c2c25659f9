"""26. Headers that guard readers and caches, on every route; nothing in a page hangs on what a cache ignores."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.admin.scene import Hiding
from tests.faults import routes

_EVIL = "evil.example"
_FORGED = (
    {"X-Forwarded-Host": _EVIL},
    {"X-Forwarded-Proto": "https", "X-Forwarded-Port": "444", "X-Forwarded-Ssl": "on"},
    {"X-Forwarded-Prefix": "/evil", "X-Script-Name": "/evil"},
    {"Forwarded": f"for=192.0.2.9;host={_EVIL};proto=https"},
    {"X-Original-Url": "/admin", "X-Rewrite-Url": "/admin"},
    {"X-Host": _EVIL, "X-Forwarded-Server": _EVIL, "X-Http-Host-Override": _EVIL},
    {"X-Http-Method-Override": "POST", "X-Method-Override": "DELETE"},
    {"Referer": f"http://{_EVIL}/", "Origin": f"http://{_EVIL}", "User-Agent": f"<script>{_EVIL}"},
    {"Accept": "application/x-evil", "Accept-Language": "en", "Accept-Charset": "utf-7"},
    {"Cookie": "lang=en; session=x"},
    {"Cookie": "lang=<script>; archive_admin=forged"},
)
_OF_ONE_ANSWER = {"date", "server-timing", "set-cookie"}


def _addresses(app: Flask, built: Hiding) -> Iterator[tuple[str, str]]:
    """One address of each route (of variables the first value), its endpoint before it; and some errors."""
    seen = set()
    for rule, path in routes.addresses(app, routes.values(built)):
        if rule.rule not in seen:
            seen.add(rule.rule)
            permalink = quote(f"{built.settings.public_base}/a/{built.other}")
            question = f"?q=h%E1%BB%99i&w=h%E1%BB%99i&url={permalink}" if "<address" not in rule.rule else ""
            yield rule.endpoint, path + question
    yield "error", "/nothing-here"
    yield "error", "/a/nothing-here"
    yield "error", "/api/v1/nothing-here"


def test_every_answer_carries_the_headers(app: Flask, built: Hiding) -> None:
    """No page may load, frame or send anything elsewhere; no inline script or style may run in it."""
    client = app.test_client()
    for endpoint, path in _addresses(app, built):
        for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "TRACE"):
            with client.open(path, method=method) as answer:
                headers = answer.headers
            policy = {name: rest for name, _, rest in
                      (item.strip().partition(" ") for item in headers["Content-Security-Policy"].split(";"))}  # fmt: skip
            assert policy["default-src"] == "'none'", path
            replayed = "sandbox" in policy
            for name, value in policy.items():
                inline = "'unsafe-inline'" in value
                # A replayed page keeps its own styles, in a sandbox that has neither script nor an origin.
                assert not inline or (replayed and endpoint == "memento.web" and name == "style-src"), path
                assert not {"*", "http:", "https:", "'unsafe-eval'"} & set(value.split()), path
                assert "data:" not in value.split() or replayed, path
            if replayed:
                assert "allow" not in policy["sandbox"], path
                assert "script-src" not in policy, path
            elif endpoint != "media.show":
                assert policy["script-src"] == policy["form-action"] == "'self'", path
                assert policy["base-uri"] == policy["frame-ancestors"] == "'none'", path
            assert headers["X-Content-Type-Options"] == "nosniff", path
            assert headers["X-Frame-Options"] == "DENY", path
            assert headers["Referrer-Policy"] == "same-origin", path
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin", path
            assert "camera=()" in headers["Permissions-Policy"], path


def test_only_files_named_by_their_content_may_be_kept_without_asking(app: Flask, built: Hiding) -> None:
    client = app.test_client()
    for endpoint, path in _addresses(app, built):
        with client.get(path) as answer:
            pass
        kept = answer.headers["Cache-Control"]
        if endpoint == "static":
            continue
        assert kept in ("no-cache", "no-store", "private, no-cache"), (path, kept)
        assert "Expires" not in answer.headers, path
        if answer.status_code >= 400:
            assert kept in ("no-store", "no-cache"), path
    private = ("alarm_feed.feed", "metrics.show", "removal.state", "machines.health", "machines.ready")
    for endpoint, path in _addresses(app, built):
        if endpoint in private:
            assert client.get(path).headers["Cache-Control"] in ("no-store", "private, no-cache"), path


def _face(answer: TestResponse) -> tuple[object, ...]:
    headers = sorted((n.lower(), v) for n, v in answer.headers if n.lower() not in _OF_ONE_ANSWER)
    return answer.status_code, headers, answer.get_data()


@pytest.mark.parametrize("forged", _FORGED, ids=lambda forged: "+".join(forged)[:40])
def test_no_header_changes_a_page_unless_caches_are_told(
    app: Flask, built: Hiding, forged: dict[str, str]
) -> None:
    """What one reader sends can never become what a shared cache gives to the next one."""
    unlike = {"machines.health", "machines.ready", "metrics.show"}  # counts and clocks; never kept (above)
    client = app.test_client(use_cookies=False)
    for endpoint, path in _addresses(app, built):
        if endpoint in unlike or "parquet" in path or endpoint == "evidence.pack":
            continue
        plain, other = client.get(path), client.get(path, headers=forged)
        assert _EVIL not in other.get_data(as_text=False).decode("utf-8", "replace"), path
        assert _EVIL not in str(other.headers), path
        if _face(plain) != _face(other):
            told = {name.strip().lower() for name in plain.headers.get("Vary", "").split(",")}
            stored = "no-store" in plain.headers["Cache-Control"]
            assert stored or told & {name.lower() for name in forged}, (path, forged)
            assert other.headers.get("Vary") == plain.headers.get("Vary"), path


def test_an_admin_sees_public_pages_as_everybody_does(app: Flask, built: Hiding) -> None:
    """No public page looks at the session: it can hold nothing of one, and no cookie makes it private."""
    for _, path in _addresses(app, built):
        answer = app.test_client().get(path, headers={"Cookie": "archive_admin=x"})
        assert not [c for c in answer.headers.getlist("Set-Cookie") if not c.startswith("lang=")], path
