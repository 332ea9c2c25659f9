"""Pages that want to hurt: nothing raises, nothing hangs, nothing grows beyond the page."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import wire
from archive.extract import engine, extract
from archive.model import Extraction, Page, PageKind

GOLDEN = sorted((Path(__file__).parent.parent / "eval" / "golden").glob("*.html"))
SECONDS = 12.0
"""A page of 50 MB takes a second or two; a loaded machine several."""


def _strict(body: bytes) -> Extraction:
    """Without the net below `extract`, which would hide what a stranger's page can raise."""
    return engine._extract(Page("https://example.org/tin/1.html", body, "text/html"), None, None)


@pytest.mark.parametrize(
    "body",
    [
        b"<div>" * 100_000 + b"x",
        b"<div>" * 10_000_000 + b"x",
        b"<b><i>" * 50_000 + b"<p>chu" + b"</i></b>" * 50_000,
        b"<table><tr><td>" * 30_000 + b"x",
        b"<ul><li>" * 50_000 + b"x",
        b"<blockquote>" * 50_000 + b"<p>x</p>" * 1_000,
        b"<p title='" + b"x" * 50_000_000 + b"'>text</p>",
        b"<p>" + b"&amp;&#x1F600;&notanentity;&#99999999999;" * 40_000,
        b"<p>" + b"a&nbsp;" * 1_000_000,
        b"<!--" + b"x" * 5_000_000,
        b"<p>text<!--" + b"-" * 1_000_000,
        b"<p>" * 200_000,
        b"<a href='javascript:x'>" * 100_000,
        b"<img src='x.jpg'>" * 100_000,
        b"<br>" * 400_000,
        b"<base href='javascript:alert(1)'><p>text</p><img src='a.jpg'><a href='b.pdf'>b</a>",
        b"<figure>" * 20_000 + b"<img src='a.jpg'><figcaption>x" * 1_000,
        b'<script type="application/ld+json">' + b"[" * 200_000 + b"</script><p>text</p>",
        b'<script type="application/ld+json">{"@type":"NewsArticle","headline":"\\ud800\\udfff"'
        b',"articleBody":' + b'"x' * 50_000,
        b"<h1>" + b"x " * 500_000 + b"</h1><p>" + b"word " * 500_000,
        b"\x00" * 100_000 + b"<p>text",
        b"\xff\xfe" + b"<\x00p\x00" * 10_000,
        b"<p>" + b"\xed\xa0\x80\xf4\x90\x80\x80" * 10_000,
        b"<style>" + b"x" * 5_000_000,
        b"<meta charset='utf-7'><p>+ADw-script+AD4-",
        b"<meta charset='rot13'><p>text",
        b"(" * 100_000 + b"<p>" + b"1/" * 100_000,
    ],
    ids=lambda body: body[:24].decode("ascii", "replace") + f"…{len(body)}",
)
def test_hostile_pages_end_within_the_limit(body: bytes) -> None:
    start = time.process_time()

    found = _strict(body)

    assert time.process_time() - start < SECONDS
    assert wire.loads(wire.dumps(found)) == found


def _mangled(seed: int) -> bytes:
    """A golden page cut, flipped, repeated and spliced in a way that the seed decides."""
    chance = random.Random(seed)
    body = bytearray(chance.choice(GOLDEN).read_bytes())
    for _ in range(chance.randint(1, 4)):
        if not body:
            break
        at = chance.randrange(len(body))
        match chance.randrange(7):
            case 0:
                del body[at:]
            case 1:
                del body[:at]
            case 2:
                for _ in range(chance.randint(1, 60)):
                    body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
            case 3:
                body[at:at] = chance.choice(
                    [b"<div>", b"</table>", b"<b><i>", b"<td>", b"<!--"]
                ) * chance.randint(1, 3_000)
            case 4:
                body[at:at] = bytes(chance.randrange(256) for _ in range(200))
            case 5:
                other = chance.choice(GOLDEN).read_bytes()
                body[at:at] = other[chance.randrange(len(other)) :]
            case 6:
                body[at:at] = chance.choice(
                    [b"&#0;", b"&#xD800;", b"&amp;" * 500, b"<base href='//['>", b"]]>", b"\x00"]
                )
    return bytes(body)


def _fuzz(first: int, count: int) -> None:
    for seed in range(first, first + count):
        body = _mangled(seed)
        start = time.process_time()
        try:
            found = _strict(body)
        except Exception as error:
            raise AssertionError(f"seed {seed} raised") from error
        assert time.process_time() - start < SECONDS, f"seed {seed} is slow"
        assert wire.loads(wire.dumps(found)) == found, f"seed {seed} does not survive its stored form"


def test_mangled_pages_raise_nothing() -> None:
    _fuzz(0, 120)


@pytest.mark.long
def test_ten_thousand_mangled_pages_raise_nothing() -> None:
    _fuzz(1_000, 10_000)


_TEXT = st.text(max_size=40) | st.sampled_from(
    [
        "Sáng 28/9, huyện tổ chức hội nghị.",
        "&#xD800;",
        "&notit;",
        "\x00",
        "By Anna Lee",
        "28/20/1971",
        "Ảnh: Thu",
    ]
)
_TAGS = (
    "p div span a b table tr td th ul li figure figcaption img br h1 h2 h3 blockquote pre video iframe time"
    " script style noscript form input select article html body head meta title font x:y"
)
_NAMES = (
    "class id style href src datetime content property name itemprop width srcset data-src type rel pubdate"
)
_TAG = st.sampled_from(_TAGS.split())
_ATTRIBUTE = st.tuples(
    st.sampled_from(_NAMES.split()) | st.text(alphabet="ab:-_<'\"\x01é", min_size=1, max_size=6),
    _TEXT
    | st.sampled_from(["article:published_time", "//[", "caption", "display:none", "1x,2x", "-1", "ld+json"]),
)
_PIECE = st.one_of(
    _TEXT,
    st.builds(
        lambda tag, attributes: (
            f"<{tag} " + " ".join(f'{name}="{value}"' for name, value in attributes) + ">"
        ),
        _TAG,
        st.lists(_ATTRIBUTE, max_size=3),
    ),
    st.builds("</{}>".format, _TAG),
    st.sampled_from(["<!--", "-->", "<![CDATA[", "]]>", "<", "<?php ", "</html>", "&amp;lt;", "<plaintext>"]),
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(_PIECE, max_size=60).map("".join))
def test_markup_of_any_kind_raises_nothing_and_survives_its_stored_form(markup: str) -> None:
    found = _strict(markup.encode("utf-8", "surrogatepass"))

    assert wire.loads(wire.dumps(found)) == found


def test_time_grows_in_proportion_to_the_page() -> None:
    def seconds(paragraphs: int) -> float:
        body = (
            b"<h1>Title of it</h1><article>"
            + b"<p>A sentence of some words, and another one.</p>" * paragraphs
        )
        best = 9e9
        for _ in range(3):
            start = time.process_time()
            _strict(body)
            best = min(best, time.process_time() - start)
        return best

    _strict(b"<p>warm</p>")
    assert seconds(8_000) < 8 * 3 * max(seconds(1_000), 0.02)


def test_a_failure_of_the_extractor_is_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(engine, "read_claims", broken)

    found = extract(Page("https://example.org/", b"<p>text</p>", "text/html"))

    assert found.kind is PageKind.OTHER
    assert "boom" in found.reason
