"""The English catalogue is complete, in step with the texts, and compiled."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from tests.web.conftest import Filled

ROOT = Path(__file__).parents[2]
WEB = ROOT / "src/archive/web"
FOLDER = WEB / "translations/en/LC_MESSAGES"
MEND = "extract with src/archive/web/babel.cfg, translate, compile (`pybabel extract|update|compile`)"
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.xml", "jinja2")]
OPTIONS = {"**.html": {"trimmed": "true"}, "**.xml": {"trimmed": "true"}}


def in_texts() -> set[object]:
    found: set[object] = set()
    for folder in (WEB, ROOT / "templates"):
        for _, _, message, _, _ in extract_from_dir(folder, METHODS, OPTIONS):
            found.add(message if isinstance(message, str) else tuple(message[:2]))
    return found


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with (FOLDER / "messages.po").open("rb") as file:
        return read_po(file, locale="en")


def test_every_text_is_translated_and_nothing_else(catalogue: Catalog) -> None:
    translated = {message.id for message in catalogue if message.id}
    assert translated == in_texts(), MEND
    for message in catalogue:
        texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
        assert all(texts) or not message.id, f"{message.id!r} has no English"
        assert not message.fuzzy or not message.id


def test_placeholders_are_the_same(catalogue: Catalog) -> None:
    for message in catalogue:
        ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
        texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if message.id:
            wanted = set(re.findall(r"%\(\w+\)s", ids[0]))
            assert all(set(re.findall(r"%\(\w+\)s", str(text))) == wanted for text in texts), message.id


def test_the_compiled_catalogue_is_the_written_one(catalogue: Catalog) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    assert compiled.getvalue() == (FOLDER / "messages.mo").read_bytes(), MEND


def test_english_pages_hold_no_vietnamese_of_ours(client: FlaskClient, filled: Filled) -> None:
    client.set_cookie("lang", "en")
    for path in ("/", "/search?q=zzzz", "/about", "/bot", "/go-bo", "/nix"):
        html = client.get(path).text
        assert '<html lang="en">' in html
        for text in ("Giới thiệu", "Tìm trong", "Không có", "Bài mới", "Dành cho"):
            assert text not in html, path
