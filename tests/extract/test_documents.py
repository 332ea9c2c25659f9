"""Attached documents give their text; broken and hostile ones give none."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document
from openpyxl import Workbook  # type: ignore[import-untyped]
from pypdf import PdfWriter

from archive.extract.documents import document_text

TEXT = "Kế hoạch số 208/KH-UBND về phát triển kinh tế - xã hội"


def _docx() -> bytes:
    document = Document()
    document.add_paragraph(TEXT)
    document.add_table(rows=1, cols=2).rows[0].cells[1].text = "Đầm Hà"
    document.add_paragraph("Nơi nhận: như trên")
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _xlsx() -> bytes:
    workbook = Workbook()
    workbook.worksheets[0].append(["Xã", "Hộ nghèo"])
    workbook.worksheets[0].append(["Đầm Hà", 12])
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def _pdf(text: str) -> bytes:
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    body, places = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % len(body)
    return body + b"xref\n0 5\n0000000000 65535 f \n" + table + trailer


def test_a_word_document_gives_paragraphs_and_tables_in_order() -> None:
    assert document_text(_docx()).split("\n") == [TEXT, "Đầm Hà", "Nơi nhận: như trên"]


def test_a_workbook_gives_its_rows() -> None:
    assert document_text(_xlsx()).split("\n")[1:] == ["Xã Hộ nghèo", "Đầm Hà 12"]


def test_a_pdf_gives_its_text() -> None:
    assert document_text(_pdf("Plan 208 of the district")) == "Plan 208 of the district"


def test_a_scanned_pdf_has_no_text() -> None:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    target = io.BytesIO()
    writer.write(target)

    assert document_text(target.getvalue()) == ""


@pytest.mark.parametrize(
    "body", [b"", b"%PDF-1.7 broken", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0old word", _docx()[:900]]
)
def test_what_cannot_be_read_is_a_document_without_text(body: bytes) -> None:
    assert document_text(body) == ""


def test_a_bomb_is_not_unpacked() -> None:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package,
        package.open("word/document.xml", "w") as entry,
    ):
        for _ in range(210):
            entry.write(b"0" * 1_000_000)

    assert document_text(target.getvalue()) == ""
