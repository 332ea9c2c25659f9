"""Attached documents give their text; broken, encrypted and hostile ones give none, and say why."""

from __future__ import annotations

import time

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfWriter

from archive.documents import kind_of, read_document
from archive.documents.read import MAX_CHARS
from tests.documents.examples import DOC, RTF, TEXT, bomb, docx, encrypted_pdf, saved, xls, xlsx
from tests.documents.word97 import container, document
from tests.portal.pictures import pdf


@pytest.mark.parametrize(
    ("body", "kind", "lines"),
    [
        (docx(), "docx", [TEXT, "Đầm Hà", "Nơi nhận: như trên"]),
        (xlsx(), "xlsx", ["Sheet", "Xã Hộ nghèo", "Đầm Hà 12"]),
        (xls(), "xls", ["Biểu 1", "Xã Hộ nghèo", "Đầm Hà 12", "Tân Bình 2.5"]),
        (DOC, "doc", [TEXT, "Xã Hộ nghèo", "Noi nhan: nhu tren"]),
        (RTF, "rtf", ["Kế hoạch số 208", "Nơi nhận"]),
        (pdf("Plan 208 of the district"), "pdf", ["Plan 208 of the district"]),
        (b"\n" * 200 + pdf("A preamble before it"), "pdf", ["A preamble before it"]),
    ],
    ids=["docx", "xlsx", "xls", "doc", "rtf", "pdf", "pdf after a preamble"],
)
def test_a_document_gives_its_paragraphs_and_rows_in_order(body: bytes, kind: str, lines: list[str]) -> None:
    found = read_document(body)
    assert (found.kind, found.text.split("\n"), found.problem) == (kind, lines, "")


@pytest.mark.parametrize(
    ("body", "kind", "problem"),
    [
        (b"", "", "empty"),
        (b"%PDF-1.7 broken", "pdf", "damaged"),
        (b"PK\x03\x04broken", "", "damaged"),
        (docx()[:900], "", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and no more", "", "no PDF, Word or Excel file"),
        (DOC[: len(DOC) // 2], "", "no PDF, Word or Excel file"),
        (container({"WordDocument": b"\xec\xa5" + b"\0" * 4000}), "doc", "damaged"),
        (container({"WordDocument": b"\xdc\xa5" + b"\0" * 4000}), "doc", "older than Word 97"),
        (document([("x\r", True)], encrypted=True), "doc", "encrypted"),
        (encrypted_pdf("bí mật"), "pdf", "encrypted"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "", "web page"),
        (b"GIF89a\x01\0", "", "no PDF, Word or Excel file, whatever its name says"),
        (bomb(), "", "unpacks to more than 200 MB"),
    ],
)
def test_what_cannot_be_read_says_why(body: bytes, kind: str, problem: str) -> None:
    found = read_document(body)
    assert (found.kind, found.text) == (kind, "")
    assert problem in found.problem


def test_a_pdf_that_opens_without_a_password_is_read() -> None:
    assert "encrypted" not in read_document(encrypted_pdf("")).problem


def test_a_scanned_pdf_says_that_it_has_no_text() -> None:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    assert "no text" in read_document(saved(writer.write)).problem


def test_of_a_hundred_thousand_pages_the_first_are_read() -> None:
    began = time.monotonic()
    found = read_document(pdf("Page", 100_000))
    assert found.text.count("Page") == 1_000
    assert found.problem == "only the first 1,000 of 100,000 pages were read"
    assert time.monotonic() - began < 60


def test_a_text_without_end_is_cut() -> None:
    made = Document()
    for _ in range(12):
        made.add_paragraph("Đầm Hà " * 15_000)
    found = read_document(saved(made.save))
    assert len(found.text) <= MAX_CHARS
    assert found.problem == "only the first 1,000,000 characters are kept"


def test_a_package_that_lies_about_its_size_is_bounded() -> None:
    body = bytearray(bomb())
    at = body.rfind(b"PK\x01\x02")
    body[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    found = read_document(bytes(body))
    assert (found.text, bool(found.problem)) == ("", True)


@pytest.mark.parametrize("whole", [docx(), xlsx(), xls(), DOC, RTF, pdf("Plan")], ids=kind_of)
@given(data=st.data())
def test_mangled_documents_raise_nothing(whole: bytes, data: st.DataObject) -> None:
    body = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 8))):
        if body:
            body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    read_document(bytes(body))


def test_text_in_an_old_vietnamese_encoding_is_mended() -> None:
    """Typed with a TCVN3 font, as offices did until 2010; repaired as pages are."""
    typed = "§Çm Hµ ph¸t ®éng phong trµo thi ®ua x©y dùng n«ng th«n míi trªn ®Þa bµn huyÖn\r" * 4
    found = read_document(document([(typed, True)]))
    assert found.text.startswith("Đầm Hà phát động phong trào thi đua xây dựng nông thôn mới")
