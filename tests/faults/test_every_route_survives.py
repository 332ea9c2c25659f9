"""21 and 23. Whatever stands in an address: an answer below 500, within bounds, from the archive's own files.

What the bounds are worth is counted in seconds of processor time of the request's own thread, so that a busy
machine fails nothing.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.routing import Rule

import archive
import archive.web.app as web_app
from tests.admin.scene import Hiding
from tests.faults import routes

SECONDS = 2.0
_NAMES = [
    "q",
    "page",
    "trang",
    "site",
    "section",
    "year",
    "from",
    "to",
    "status",
    "person",
    "place",
    "event",
    "media",
    "exact",
    "lang",
    "sort",
    "copies",
    "nam",
    "thang",
    "ngay",
    "noi",
    "loai",
    "dang",
    "w",
    "by",
    "share",
    "url",
    "format",
    "maxwidth",
    "maxheight",
    "month",
    "kind",
    "minor",
    "limit",
    "size",
    "cursor",
    "view",
    "name",
    "per_page",
    "offset",
    "v",
    "a",
    "b",
    "old",
    "new",
    "until",
    "resumptionToken",
    "verb",
    "identifier",
    "set",
    "metadataPrefix",
]
_WORDS = " ".join(f"tu{number}" for number in range(10_000))
_DEADLY = {
    "ten thousand words": _WORDS,
    "ten thousand common words": "huyện xã hội nghị " * 2_500,
    "brackets": "(" * 5_000 + "xã" + ")" * 5_000,
    "open brackets": "(" * 9_000,
    "a star": "*",
    "a prefix of one letter": "a*",
    "prefixes": " OR ".join(f"{a}{b}*" for a in "hntcxk" for b in "aieou"),
    "a phrase of 500 words": '"' + "huyện xã " * 250 + '"',
    "phrases far apart": '"hội nghị"~999999999999 ' * 100,
    "quotes": '"' * 9_999,
    "not": "NOT " * 2_000 + "xã",
    "or": "xã OR " * 2_000,
    "minus": "-" * 9_000 + "xã",
    "fields": "tieude:" * 1_000 + "xã",
    "nonsense of dates": "[xxxx TO 9999-99-99] ngay:[* TO *] [TO TO TO]",
    "a range without end": "[0001 TO 9999]",
    "a number of 5,000 digits": "9" * 5_000,
    "a number beyond 64 bits": str(2**63),
    "a negative number": "-1",
    "a number of foreign digits": "٣٤",
    "a float": "1e309",
    "NUL": "xã\0hội",
    "controls": "".join(map(chr, range(1, 32))) + "\x7f\x85\u2028\ufffe\uffff",
    "lone surrogates": "\ud800\udfff",
    "bidi": "\u202e\u2066" * 2_000,
    "marks without end": "a" + "\u0301" * 9_000,
    "a letter that grows": "\ufdfa" * 3_000,
    "emoji": "👨‍👩‍👧‍👦" * 500,
    "percent": "%" * 3_000,
    "template": "{{7*7}}{% raw %}${7*7}#{7*7}%(x)s{0.__class__}",
    "sql": "' OR 1=1; DROP TABLE articles; --",
    "like": "%_%_" * 1_000,
    "an address": "http://user:pw@[::1]:99999/" + "a/" * 3_000 + "?" + "x=1&" * 1_000,
    "a bad address": "http://[",
    "line breaks": "x\r\nSet-Cookie: evil=1\r\n\r\n<html>",
}
_PATHS = (
    "../../../../../../etc/passwd",
    "..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "..%252f..%252fetc%252fpasswd",
    "....//....//etc/passwd",
    "..\\..\\..\\canary.txt",
    "..%5c..%5ccanary.txt",
    "/etc/passwd",
    "//etc/passwd",
    "%2fetc%2fpasswd",
    "file:///etc/passwd",
    "C:\\windows\\win.ini",
    "\\\\host\\share",
    "canary.txt%00.css",
    "%00",
    "%c0%ae%c0%ae/%c0%ae%c0%ae/canary.txt",
    "..;/..;/canary.txt",
    "~/canary.txt",
    "/proc/self/environ",
    "nothing/../site.css",
    "./site.css",
    "..",
    ".",
    "%0d%0aX-Evil:%201",
    "%ff%fe",
    "a" * 5_000,
)


def _targets(rule: Rule, path: str, known: routes.Values, value: str) -> Iterator[str]:
    """A route with a value in all its parameters at once, and in its variables."""
    form = quote(value.encode("utf-8", "surrogatepass"), safe="")
    question = "&".join(f"{name}={form}" for name in _NAMES)
    # A long value stands once: the length of an address is bounded, and 414 says so.
    question = question if len(question) < 90_000 else f"q={form}&w=x"
    if "<address" not in rule.rule:
        yield f"{path}?{question}"
    if "<" in rule.rule and len(form) < 30_000:
        bad = dict.fromkeys(known, (form,))
        yield from (item.replace("%25", "%") for item in routes.filled(rule, bad))


def _once(app: Flask, built: Hiding) -> list[tuple[Rule, str]]:
    """Each rule with one address."""
    found = routes.addresses(app, routes.values(built))
    return list({rule.rule: (rule, path) for rule, path in reversed(list(found))}.values())


def _see(app: Flask, targets: Iterable[str]) -> None:
    client = app.test_client()
    slow, broken = [], []
    for path in targets:
        began = time.thread_time()
        with client.get(path) as answer:
            text = answer.get_data()
        took = time.thread_time() - began
        if took > SECONDS:
            slow.append((path[:100], took))
        if answer.status_code >= 500 and answer.status_code != 501:
            broken.append((path[:200], answer.status_code))
        assert b"7*7=49" not in text
        assert "evil" not in answer.headers.get("Set-Cookie", "")
    assert (slow, broken) == ([], [])


@pytest.mark.parametrize("part", range(3))
def test_an_answer_within_bounds_on_every_route(app: Flask, built: Hiding, part: int) -> None:
    """Each route with some of the values, each value on some of the routes, and all values in searches."""
    known, deadly = routes.values(built), list(_DEADLY.values())
    targets: list[str] = []
    for place, (rule, path) in enumerate(_once(app, built)):
        is_search = rule.endpoint in ("search.results", "search.complete", "api.search")
        for number, value in enumerate(deadly):
            if number % 3 == part and (is_search or (number // 3 - place) % 8 == 0):
                targets += _targets(rule, path, known, value)
    _see(app, targets)


@pytest.mark.long
@pytest.mark.parametrize("name", _DEADLY)
def test_every_value_on_every_route(app: Flask, built: Hiding, name: str) -> None:
    known = routes.values(built)
    _see(app, (t for rule, path in _once(app, built) for t in _targets(rule, path, known, _DEADLY[name])))


@pytest.fixture(scope="module")
def opened() -> Iterator[list[str]]:
    """Paths of all files that Python opens; nothing is written down while it is emptied."""
    found: list[str] = []
    active = [True]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and active[0] and isinstance(arguments[0], str | bytes | Path):
            found.append(str(arguments[0]))

    sys.addaudithook(hook)  # cannot be taken off again
    yield found
    active[0] = False


def test_no_path_in_an_address_leads_out(app: Flask, built: Hiding, opened: list[str]) -> None:
    root = built.settings.var.parent
    for place in (root, built.settings.var, root.parent):
        (place / "canary.txt").write_text("canary sings")
    inside = [
        root,
        Path(archive.__file__).parent,
        web_app._templates(),
        Path(sys.prefix),
        Path(sys.base_prefix),
    ]
    client = app.test_client()
    client.get("/")
    known = dict(routes.values(built))
    for value in _PATHS:
        bad = dict.fromkeys(known, (value,))
        for rule in list(app.url_map.iter_rules()):
            if "GET" not in (rule.methods or ()) or "<" not in rule.rule or "/admin" in rule.rule:
                continue
            for filled in routes.filled(rule, bad):
                path = filled.replace("%25", "%").replace("%5C", "\\")
                opened.clear()
                with client.get(path) as answer:
                    body = answer.get_data()
                    assert answer.status_code < 500, path
                    assert b"canary sings" not in body, path
                    assert b"root:" not in body, path
                    assert "X-Evil" not in answer.headers, path
                outside = [
                    name for name in opened
                    if not any(Path(name).resolve().is_relative_to(place) for place in inside)
                    and not name.startswith(("/dev/", "/usr/share/zoneinfo", "/etc/mime.types"))
                ]  # fmt: skip
                assert outside == [], path
                assert not any(name.endswith("canary.txt") for name in opened), path
