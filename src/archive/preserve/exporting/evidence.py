"""An evidence pack: one article with its captures, what was read from them, and how to check all of it.

Nothing in it needs this archive to be checked: `sha256sum`, `openssl` and any reader of WARC files do.
"""

from __future__ import annotations

import html
import json
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, BinaryIO, cast

from archive import wire
from archive.config import Settings
from archive.errors import ConfigError
from archive.model import (
    ArticleView,
    Attachment,
    Block,
    Figure,
    Heading,
    ListBlock,
    Paragraph,
    Quote,
    Table,
)
from archive.preserve.days import DayManifest, certificates, manifest_of
from archive.preserve.exporting.instructions import instructions
from archive.preserve.exporting.manifest import Tally, checksums, manifest
from archive.preserve.exporting.select import Selection, article_captures, views
from archive.preserve.exporting.tables import row
from archive.preserve.exporting.wacz import ZipSink
from archive.preserve.exporting.warcs import write_records
from archive.preserve.files import new_file
from archive.preserve.timestamp import request_stamp
from archive.store import Store, exports
from archive.warc import capture_files

Citations = Callable[[ArticleView], Mapping[str, str]]
"""File name → content of the forms of citation of a version."""

_SPOOLED = 8 << 20


def export_evidence(
    store: Store, settings: Settings, article: str, target: Path, *, citations: Citations, stamp: bool = True
) -> Tally:
    """Write the evidence pack of an article as a zip file.

    :param stamp: let the authority of the settings, if one is set, stamp the pack's checksums.
    :raises ConfigError: there is no such article, it is withheld, or the target is there already.
    :raises TimestampError: the authority gave no token; nothing is written.
    """
    with new_file(target) as file:
        return write_evidence(store, settings, article, file, citations=citations, stamp=stamp)


def evidence_stream(
    store: Store, settings: Settings, article: str, *, citations: Citations
) -> tuple[IO[bytes], int] | None:
    """An evidence pack to be sent to a reader, without a timestamp of its own: an open file at its beginning,
    and its size. The caller closes it. None when there is no such article, or it is withheld."""
    if store.article(article) is None:
        return None
    file = tempfile.SpooledTemporaryFile(_SPOOLED)  # noqa: SIM115 - the caller closes it
    try:
        write_evidence(store, settings, article, cast(BinaryIO, file), citations=citations, stamp=False)
        size = file.tell()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return cast(IO[bytes], file), size


def write_evidence(
    store: Store, settings: Settings, article: str, file: BinaryIO, *, citations: Citations, stamp: bool
) -> Tally:
    """Write an evidence pack to an open file; see `export_evidence`."""
    newest = store.article(article)
    if newest is None:
        raise ConfigError(f"There is no article {article!r}, or it is withheld.", "Look its id up at /a/….")
    selection = Selection(articles=(article,))
    tally, files = Tally(), capture_files(settings)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as package:
        sink = ZipSink(package)
        days: dict[str, DayManifest] = {}
        with store.read() as connection:
            ids = article_captures(connection, store, article)
            items = exports.captures_of(connection, ids=ids)
            for placed in write_records(connection, files, items, sink, tally, "captures/"):
                day = manifest_of(settings, placed.selected.capture.ref)
                if day is not None:
                    days[day.name] = day
        for view in views(store, selection, all_versions=True):
            _version(sink, tally, view, settings, citations)
        for day in days.values():
            _day(sink, tally, day)
        authority = certificates(settings)
        if authority is not None and authority.is_file():
            sink.add("proof/timestamp-authority.pem", authority.read_bytes(), tally)
        extra = {"article": article, "title": newest.extraction.title, "url": newest.article.url}
        content = manifest(selection, tally, kind="evidence", operator=settings.operator, extra=extra)
        sink.add("manifest.json", content, tally)
        is_stamped = stamp and bool(settings.timestamp_url)
        text = instructions(newest, settings, tally, list(days.values()), is_stamped=is_stamped)
        sink.add("VERIFY.txt", text.encode(), tally)
        sums = checksums(tally.files)
        unlisted = Tally()
        sink.add("SHA256SUMS", sums, unlisted)
        if is_stamped:
            token = request_stamp(settings.timestamp_url, sums, ca_file=authority)
            sink.add("SHA256SUMS.tsr", token, unlisted)
    return tally


def _version(
    sink: ZipSink, tally: Tally, view: ArticleView, settings: Settings, citations: Citations
) -> None:
    """What was read from one capture, as text, as a page and as data, and how it is cited."""
    folder = f"article/v{view.version.number}"
    data = {**row(view, settings.public_base), "extraction": wire.to_dict(view.extraction)}
    sink.add(f"{folder}.json", json.dumps(data, ensure_ascii=False, indent=1).encode() + b"\n", tally)
    sink.add(f"{folder}.txt", as_text(view).encode(), tally)
    sink.add(f"{folder}.html", as_html(view).encode(), tally)
    for name, content in citations(view).items():
        sink.add(f"citation/v{view.version.number}/{name}", content.encode(), tally)
    tally.counts["versions"] += 1
    tally.counts["articles"] += view.version.number == view.current


def _day(sink: ZipSink, tally: Tally, day: DayManifest) -> None:
    for path in (day.path, day.list_path, day.token_path):
        if path.is_file():
            name = f"proof/{path.name}"
            with sink.file(name) as output, path.open("rb") as file:
                while chunk := file.read(1 << 20):
                    output.write(chunk)
            tally.files.append(output.written(name))


def as_text(view: ArticleView) -> str:
    """A version as plain text."""
    extraction = view.extraction
    published = extraction.published.iso() if extraction.published else ""
    head = [extraction.title, extraction.byline.text, published, view.capture.url]
    parts = [line for line in head if line]
    parts += ["", *([extraction.lead, ""] if extraction.lead else [])]
    for block in extraction.blocks:
        parts += [*_lines(block), ""]
    return "\n".join(parts).rstrip() + "\n"


def _lines(block: Block) -> list[str]:
    match block:
        case Heading(text=text) | Paragraph(text=text):
            return [text]
        case ListBlock(items=items):
            return [f"- {item}" for item in items]
        case Quote(paragraphs=paragraphs):
            return [f"> {text}" for text in paragraphs]
        case Table(rows=rows):
            return [" | ".join(cells) for cells in rows]
        case Figure():
            named = [f"[{picture.url}]" for picture in block.pictures]
            return [*named, *(text for text in (block.caption, block.credit) if text)]
        case Attachment():
            return [f"[{block.name}: {block.url}]"]


def as_html(view: ArticleView) -> str:
    """A version as a page without scripts, styles or anything from elsewhere."""
    extraction = view.extraction
    title = html.escape(extraction.title)
    body = "\n".join(f"<p>{html.escape(line)}</p>" for block in extraction.blocks for line in _lines(block))
    lead = f"<p><strong>{html.escape(extraction.lead)}</strong></p>" if extraction.lead else ""
    url = html.escape(view.capture.url)
    return (
        f'<!DOCTYPE html>\n<html lang="{html.escape(extraction.lang or "vi")}">\n<head><meta charset="utf-8">'
        f"<title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n"
        f"<p>{url} · {view.version.at.isoformat()}</p>\n{lead}\n{body}\n</body>\n</html>\n"
    )
