"""The text of attached documents: PDF, DOC, DOCX, XLS, XLSX, RTF; with kept libraries, within bounds.

What a file is is told by its first bytes, never by its name or its header. The libraries read what strangers
made, some in native code: `process` has them do it in a process of its own, with limits of memory and time.
"""

from __future__ import annotations

import io
import logging
import zipfile
from collections.abc import Callable, Generator
from dataclasses import dataclass

from archive.documents.word97 import OLE_MAGIC, streams, word_lines
from archive.text.clean import normalise
from archive.text.legacy import repair

READER = "documents-1"
"""Name and version: another number whenever the same file may give another text."""

MAX_CHARS = 1_000_000
"""Characters of one document that are kept."""
_MAX_UNPACKED = 200_000_000
_MAX_ENTRIES = 20_000
_MAX_PAGES = 1_000
_MAX_ROWS = 20_000
_PDF_WITHIN = 1024
"""Bytes within which `%PDF-` must begin, as readers have it."""

_Lines = Generator[str, None, str | None]
"""Lines, and as the return value what was left out; None for nothing."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DocumentText:
    """What was read in a document."""

    kind: str
    """"pdf", "doc", "docx", "xls", "xlsx", "rtf"; "" when it is none of these."""
    text: str
    """A paragraph or row a line; "" when there is none."""
    problem: str = ""
    """Why it could not be read, or not whole; "" when it was."""


class _UnreadableError(ValueError):
    """A document that cannot be read, with the reason for people."""


def kind_of(body: bytes) -> str:
    """What a file is by its bytes; "" when it is no document that can be read.

    :raises ValueError: it is a broken package, or unpacks to too much.
    """
    if body.find(b"%PDF-", 0, _PDF_WITHIN) >= 0:
        return "pdf"
    if body.startswith(b"PK\x03\x04"):
        return _office_kind(body)
    if body.startswith(OLE_MAGIC):
        names = streams(body)
        return "doc" if "WordDocument" in names else "xls" if names & {"Workbook", "Book"} else ""
    return "rtf" if body.startswith(b"{\\rtf") else ""


def read_document(body: bytes) -> DocumentText:
    """The text of a document. Never raises: what is wrong with it is told in `problem`."""
    kind = ""
    try:
        kind = kind_of(body)
        if not kind:
            return DocumentText("", "", _other(body))
        return _bounded(kind, _READERS[kind](body))
    except _UnreadableError as error:
        return DocumentText(kind, "", str(error))
    except MemoryError:
        return DocumentText(kind, "", "reading it needs more memory than is allowed")
    except Exception as error:  # the libraries raise whatever a stranger's bytes make them
        _log.info("a document of %d bytes cannot be read: %s: %s", len(body), type(error).__name__, error)
        return DocumentText(kind, "", f"the file is damaged ({type(error).__name__})")
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of Rust code is no Exception
        _log.info("a document of %d bytes makes its reader panic: %s", len(body), error)
        return DocumentText(kind, "", f"the file is damaged ({type(error).__name__})")


def _other(body: bytes) -> str:
    head = body[:512].lstrip().lower()
    if not body:
        return "the file is empty"
    if head.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml")):
        return "it is a web page, not a document"
    return "it is no PDF, Word or Excel file, whatever its name says"


def _bounded(kind: str, lines: _Lines) -> DocumentText:
    """The lines as one text, cut at the bound."""
    kept: list[str] = []
    size, problem = 0, ""
    while True:
        try:
            line = next(lines)
        except StopIteration as end:
            problem = end.value or ""
            break
        text = normalise(line)
        if not text:
            continue
        kept.append(text[: MAX_CHARS - size])
        size += len(kept[-1]) + 1
        if size >= MAX_CHARS:
            problem = f"only the first {MAX_CHARS:,} characters are kept"
            break
    whole = "\n".join(kept)
    mended = repair(whole)
    if not whole and not problem:
        problem = "there is no text in it: scanned pages, or empty"
    return DocumentText(kind, mended.text if mended is not None else whole, problem)


def _pdf(body: bytes) -> _Lines:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError

    reader = PdfReader(io.BytesIO(body))
    try:
        is_open = not reader.is_encrypted or reader.decrypt("") != 0
    except DependencyError as error:
        raise _UnreadableError("the file is encrypted") from error
    if not is_open:
        raise _UnreadableError("the file is encrypted, and opens with a password only")
    number, broken = len(reader.pages), 0
    for index in range(min(number, _MAX_PAGES)):
        try:
            text = reader.pages[index].extract_text()
        except Exception as error:  # one broken page does not take the others with it
            _log.info("page %d cannot be read: %s", index + 1, error)
            broken += 1
            continue
        yield from text.split("\n")
    if number > _MAX_PAGES:
        return f"only the first {_MAX_PAGES:,} of {number:,} pages were read"
    return f"{broken} of {number} pages are damaged" if broken else ""


def _office_kind(body: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            entries = package.infolist()
    except zipfile.BadZipFile as error:
        raise _UnreadableError("the file is damaged (its archive is cut or broken)") from error
    names = {entry.filename for entry in entries}
    kind = "docx" if "word/document.xml" in names else "xlsx" if "xl/workbook.xml" in names else ""
    if kind and (len(entries) > _MAX_ENTRIES or sum(entry.file_size for entry in entries) > _MAX_UNPACKED):
        raise _UnreadableError(f"it unpacks to more than {_MAX_UNPACKED // 1_000_000} MB")
    return kind


def _docx(body: bytes) -> _Lines:
    from docx import Document

    document = Document(io.BytesIO(body))
    for item in document.iter_inner_content():
        if hasattr(item, "rows"):
            for row in item.rows:
                # A cell that spans columns is given once for each of them.
                yield " ".join(dict.fromkeys(cell.text.replace("\n", " ") for cell in row.cells))
        else:
            yield item.text
    return None


def _workbook(body: bytes) -> _Lines:
    from python_calamine import CalamineWorkbook, PasswordError

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(body))
    except PasswordError as error:
        raise _UnreadableError("the file is encrypted, and opens with a password only") from error
    cut = False
    for name in workbook.sheet_names:
        yield name
        for number, row in enumerate(workbook.get_sheet_by_name(name).iter_rows()):
            if number >= _MAX_ROWS:
                cut = True
                break
            yield " ".join(_cell(value) for value in row if value not in (None, ""))
    return f"only the first {_MAX_ROWS:,} rows of each sheet were read" if cut else ""


def _cell(value: object) -> str:
    """A cell as people write it: whole numbers without a point, days without midnight."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).removesuffix(" 00:00:00")


def _doc(body: bytes) -> _Lines:
    try:
        yield from word_lines(body)
    except ValueError as error:
        raise _UnreadableError(str(error)) from error
    return None


def _rtf(body: bytes) -> _Lines:
    from striprtf.striprtf import rtf_to_text

    text: str = rtf_to_text(  # type: ignore[no-untyped-call]
        body.decode("cp1252", "replace"), errors="replace"
    )
    yield from text.split("\n")
    return None


_READERS: dict[str, Callable[[bytes], _Lines]] = {
    "pdf": _pdf,
    "doc": _doc,
    "docx": _docx,
    "xls": _workbook,
    "xlsx": _workbook,
    "rtf": _rtf,
}
