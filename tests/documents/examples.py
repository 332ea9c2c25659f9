"""Documents of each kind that is read, small and sound."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import xlwt
from docx import Document
from openpyxl import Workbook  # type: ignore[import-untyped]
from pypdf import PdfWriter

from tests.documents.word97 import document

TEXT = "Kế hoạch số 208/KH-UBND về phát triển kinh tế - xã hội"


def saved(save: Callable[[io.BytesIO], object]) -> bytes:
    target = io.BytesIO()
    save(target)
    return target.getvalue()


def docx() -> bytes:
    made = Document()
    made.add_paragraph(TEXT)
    made.add_table(rows=1, cols=2).rows[0].cells[1].text = "Đầm Hà"
    made.add_paragraph("Nơi nhận: như trên")
    return saved(made.save)


def xlsx() -> bytes:
    made = Workbook()
    made.worksheets[0].append(["Xã", "Hộ nghèo"])
    made.worksheets[0].append(["Đầm Hà", 12])
    return saved(made.save)


def xls() -> bytes:
    made = xlwt.Workbook()
    sheet = made.add_sheet("Biểu 1")
    for row, cells in enumerate([("Xã", "Hộ nghèo"), ("Đầm Hà", 12), ("Tân Bình", 2.5)]):
        for column, value in enumerate(cells):
            sheet.write(row, column, value)
    return saved(made.save)


def encrypted_pdf(password: str) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt(password, "owner", algorithm="RC4-128")
    return saved(writer.write)


def bomb() -> bytes:
    """A Word file that unpacks to 210 MB."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package,
        package.open("word/document.xml", "w") as entry,
    ):
        for _ in range(210):
            entry.write(b"0" * 1_000_000)
    return target.getvalue()


DOC = document(
    [(f"{TEXT}\rXã\x07Hộ nghèo\x07\x07", False), ("Noi nhan: \x13 HYPERLINK x \x14nhu tren\x15\r", True)]
)
RTF = b"{\\rtf1\\ansi\\ansicpg1252 K\\u7871? ho\\u7841?ch s\\u7889? 208\\par N\\u417?i nh\\u7853?n}"
