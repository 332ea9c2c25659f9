"""The text of attached documents: PDF, DOCX, XLSX; with kept libraries, within bounds.

The older binary DOC and XLS have no kept reader in Python: they are captured, and their text is "".
"""

from __future__ import annotations

import io
import logging
import zipfile
from collections.abc import Iterator

from docx import Document
from openpyxl import load_workbook  # type: ignore[import-untyped]
from pypdf import PdfReader

from archive.text.clean import normalise
from archive.text.legacy import repair

MAX_CHARS = 2_000_000
"""Characters of one document that are kept."""
_MAX_UNPACKED = 200_000_000
_MAX_PAGES = 1_000
_MAX_ROWS = 20_000
_log = logging.getLogger(__name__)


def document_text(body: bytes) -> str:
    """The text of a document, one paragraph or row a line; "" when it has none or cannot be read.

    What it is is told by its first bytes, not by its name. Never raises: a broken document is a document
    without text.
    """
    try:
        if body.startswith(b"%PDF-"):
            lines = _pdf(body)
        elif body.startswith(b"PK\x03\x04"):
            lines = _office(body)
        else:
            return ""
        return _bounded(lines)
    except Exception as error:  # the libraries raise whatever a stranger's bytes make them
        _log.warning("a document of %d bytes cannot be read: %s: %s", len(body), type(error).__name__, error)
        return ""


def _bounded(lines: Iterator[str]) -> str:
    kept: list[str] = []
    size = 0
    for line in lines:
        text = normalise(line)
        if not text:
            continue
        kept.append(text)
        size += len(text)
        if size > MAX_CHARS:
            break
    whole = "\n".join(kept)
    mended = repair(whole)
    return mended.text if mended is not None else whole


def _pdf(body: bytes) -> Iterator[str]:
    for number, page in enumerate(PdfReader(io.BytesIO(body)).pages):
        if number >= _MAX_PAGES:
            break
        yield from page.extract_text().split("\n")


def _office(body: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        entries = package.infolist()
        if sum(entry.file_size for entry in entries) > _MAX_UNPACKED:
            raise ValueError("unpacks to more than is allowed")
        names = {entry.filename for entry in entries}
    if "word/document.xml" in names:
        yield from _docx(body)
    elif "xl/workbook.xml" in names:
        yield from _xlsx(body)


def _docx(body: bytes) -> Iterator[str]:
    document = Document(io.BytesIO(body))
    for item in document.iter_inner_content():
        if hasattr(item, "rows"):
            for row in item.rows:
                yield " ".join(cell.text for cell in row.cells)
        else:
            yield item.text


def _xlsx(body: bytes) -> Iterator[str]:
    workbook = load_workbook(io.BytesIO(body), read_only=True, data_only=True)
    for sheet in workbook.worksheets:
        yield sheet.title
        for row in sheet.iter_rows(max_row=_MAX_ROWS, values_only=True):
            yield " ".join(str(value) for value in row if value is not None)
