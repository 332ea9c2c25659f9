"""Articles as rows: JSON Lines for programs, Parquet for analysis."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.model import ArticleView, Attachment, Figure
from archive.preserve.exporting.manifest import Tally, manifest
from archive.preserve.exporting.select import Selection, views
from archive.preserve.files import Hashing, new_file, replace_file
from archive.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

_GROUP = 500
"""Rows of a row group: what is held in memory."""


def row(view: ArticleView, public_base: str) -> dict[str, Any]:
    """One version of an article as a flat record; times in UTC, publication as the page gave it."""
    article, version, capture, extraction = view.article, view.version, view.capture, view.extraction
    byline = extraction.byline
    return {
        "id": article.id,
        "version": version.number,
        "is_current": version.number == view.current,
        "versions": view.versions,
        "permalink": f"{public_base}/a/{article.id}/v/{version.number}",
        "site": article.site,
        "site_name": view.site_name,
        "url": article.url,
        "state": article.state.value,
        "first_seen": article.first_seen.isoformat(),
        "last_seen": article.last_seen.isoformat(),
        "gone_at": article.gone_at.isoformat() if article.gone_at else None,
        "published": extraction.published.iso() if extraction.published else None,
        "modified": extraction.modified.iso() if extraction.modified else None,
        "title": extraction.title,
        "lead": extraction.lead,
        "text": "\n".join(extraction.body()),
        "section": extraction.section,
        "lang": extraction.lang,
        "authors": list(byline.authors),
        "organisation": byline.organisation,
        "photographers": list(byline.photographers),
        "source": byline.source,
        "pictures": [_picture(view, picture.url, block) for block, picture in _figures(view)],
        "attachments": [
            _attachment(view, block) for block in extraction.blocks if isinstance(block, Attachment)
        ],
        "pages": [
            {"url": page.url, "capture": page.id, "payload_digest": page.payload_digest}
            for page in view.pages
        ],
        "captured_at": version.at.isoformat(),
        "captured_url": capture.url,
        "imported_from": capture.source,
        "capture": capture.id,
        "payload_digest": capture.payload_digest,
        "warc_file": capture.ref.file,
        "warc_offset": capture.ref.offset,
        "warc_length": capture.ref.length,
        "warc_sha256": capture.ref.sha256,
        "content_hash": version.content_hash,
        "extractor": extraction.extractor,
    }


def _figures(view: ArticleView) -> Iterator[tuple[Figure, Any]]:
    for block in view.extraction.blocks:
        if isinstance(block, Figure):
            yield from ((block, picture) for picture in block.pictures)


def _picture(view: ArticleView, url: str, block: Figure) -> dict[str, Any]:
    held = view.pictures.get(url)
    return {
        "url": url,
        "caption": block.caption,
        "credit": block.credit,
        "digest": held.payload_digest if held is not None else None,
    }


def _attachment(view: ArticleView, block: Attachment) -> dict[str, Any]:
    """An attached file; what is known of its content is null when it was not captured."""
    held = next((file for file in view.attachments if file.url == block.url), None)
    return {
        "url": block.url,
        "name": block.name,
        "digest": held.capture.payload_digest if held is not None else None,
        "size": held.capture.size if held is not None else None,
        "kind": held.kind if held is not None else None,
        "text": held.text if held is not None else None,
        "problem": held.problem if held is not None else None,
    }


def export_jsonl(
    store: Store,
    selection: Selection,
    target: Path,
    *,
    public_base: str,
    operator: str,
    all_versions: bool = False,
) -> Tally:
    """Write articles as JSON Lines, with `<target>.manifest.json` beside it.

    :raises ConfigError: the target is there already.
    """
    tally = Tally()
    with new_file(target) as file:
        output = Hashing(file)
        for view in views(store, selection, all_versions=all_versions):
            output.write(json.dumps(row(view, public_base), ensure_ascii=False).encode() + b"\n")
            _count(tally, view)
        tally.files.append(output.written(target.name))
        _write_manifest(target, selection, tally, "jsonl", operator)
    return tally


def export_parquet(
    store: Store,
    selection: Selection,
    target: Path,
    *,
    public_base: str,
    operator: str,
    all_versions: bool = False,
) -> Tally:
    """Write articles as Parquet, with `<target>.manifest.json` beside it.

    :raises ConfigError: the target is there already.
    """
    import pyarrow as pa  # 60 MB, and needed here only
    import pyarrow.parquet as pq

    columns = schema()
    tally = Tally()
    with new_file(target) as file:
        output = Hashing(file)
        with pq.ParquetWriter(pa.PythonFile(output, mode="w"), columns, compression="zstd") as writer:
            found = views(store, selection, all_versions=all_versions)
            while some := list(itertools.islice(found, _GROUP)):
                rows = [row(view, public_base) for view in some]
                writer.write_table(pa.Table.from_pylist(rows, schema=columns))
                for view in some:
                    _count(tally, view)
        tally.files.append(output.written(target.name))
        _write_manifest(target, selection, tally, "parquet", operator)
    return tally


def schema() -> pa.Schema:
    """The columns of `row` as Parquet has them."""
    import pyarrow as pa

    text, number = pa.string(), pa.int64()
    picture = pa.struct([(name, text) for name in ("url", "caption", "credit", "digest")])
    attachment = pa.struct(
        [(name, number if name == "size" else text) for name in ("url", "name", "digest", "size", "kind")]
        + [("text", text), ("problem", text)]
    )
    page = pa.struct([(name, text) for name in ("url", "capture", "payload_digest")])
    special: dict[str, Any] = {
        "version": number, "is_current": pa.bool_(), "versions": number, "warc_offset": number,
        "warc_length": number, "authors": pa.list_(text), "photographers": pa.list_(text),
        "pictures": pa.list_(picture), "attachments": pa.list_(attachment),
        "pages": pa.list_(page),
    }  # fmt: skip
    return pa.schema([(name, special.get(name, text)) for name in FIELDS])


FIELDS = (
    "id", "version", "is_current", "versions", "permalink", "site", "site_name", "url", "state", "first_seen",
    "last_seen", "gone_at", "published", "modified", "title", "lead", "text", "section", "lang", "authors",
    "organisation", "photographers", "source", "pictures", "attachments", "pages", "captured_at",
    "captured_url", "imported_from", "capture", "payload_digest", "warc_file", "warc_offset", "warc_length",
    "warc_sha256", "content_hash", "extractor",
)  # fmt: skip
"""The columns, in the order of `row`."""


def _count(tally: Tally, view: ArticleView) -> None:
    tally.counts["versions"] += 1
    tally.counts["articles"] += view.version.number == view.current


def _write_manifest(target: Path, selection: Selection, tally: Tally, kind: str, operator: str) -> None:
    # Before the target has its name: with that the export is complete.
    content = manifest(selection, tally, kind=kind, operator=operator)
    replace_file(target.with_name(f"{target.name}.manifest.json"), content)
