"""The stored JSON form of an extraction, and the hash of its content.

The form is versioned by its keys alone: a reader ignores keys it does not know, a missing key takes the
field's default. Blocks carry their type under `t`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from typing import Any

from archive.model import (
    Attachment,
    Block,
    Byline,
    DateFact,
    Extraction,
    Figure,
    Heading,
    ListBlock,
    PageKind,
    Paragraph,
    Picture,
    Quote,
    Span,
    Table,
    Trace,
)

_BLOCK_TYPES: dict[str, type[Any]] = {
    "heading": Heading,
    "paragraph": Paragraph,
    "list": ListBlock,
    "table": Table,
    "quote": Quote,
    "figure": Figure,
    "attachment": Attachment,
}
_BLOCK_NAMES = {cls: name for name, cls in _BLOCK_TYPES.items()}


def to_dict(extraction: Extraction) -> dict[str, Any]:
    """The JSON-ready form of an extraction, empty fields left out."""
    result: dict[str, Any] = {"kind": extraction.kind.value, "extractor": extraction.extractor}
    for name in ("profile", "title", "lead", "section", "canonical", "part_of", "lang", "reason"):
        if value := getattr(extraction, name):
            result[name] = value
    if extraction.parts:
        result["parts"] = list(extraction.parts)
    if extraction.blocks:
        result["blocks"] = [_block_dict(block) for block in extraction.blocks]
    for name in ("published", "modified"):
        if (fact := getattr(extraction, name)) is not None:
            result[name] = _date_dict(fact)
    if byline := _compact(dataclasses.asdict(extraction.byline)):
        result["byline"] = byline
    if extraction.notes:
        result["notes"] = list(extraction.notes)
    for name in ("trace", "dropped"):
        if traces := getattr(extraction, name):
            result[name] = [[item.field, item.rule, item.text] for item in traces]
    return result


def from_dict(data: dict[str, Any]) -> Extraction:
    """The extraction that `to_dict` wrote.

    :raises KeyError: when `kind` or `extractor` is missing.
    """
    return Extraction(
        kind=PageKind(data["kind"]),
        extractor=data["extractor"],
        profile=data.get("profile", ""),
        title=data.get("title", ""),
        lead=data.get("lead", ""),
        blocks=tuple(_block(item) for item in data.get("blocks", ())),
        published=_date(data.get("published")),
        modified=_date(data.get("modified")),
        byline=_byline(data.get("byline", {})),
        section=data.get("section", ""),
        canonical=data.get("canonical", ""),
        parts=tuple(data.get("parts", ())),
        part_of=data.get("part_of", ""),
        lang=data.get("lang", ""),
        reason=data.get("reason", ""),
        notes=tuple(data.get("notes", ())),
        trace=tuple(Trace(*item) for item in data.get("trace", ())),
        dropped=tuple(Trace(*item) for item in data.get("dropped", ())),
    )


def dumps(extraction: Extraction) -> str:
    """Compact JSON text of an extraction."""
    return json.dumps(to_dict(extraction), ensure_ascii=False, separators=(",", ":"))


def loads(text: str) -> Extraction:
    """The extraction that `dumps` wrote."""
    return from_dict(json.loads(text))


def content_hash(extraction: Extraction) -> str:
    """Hex SHA-256 over what a reader would see: title, lead, blocks, dates, byline.

    Rules, traces, the extractor's version and the section (a portal re-files articles without editing
    them) are not content; nor is the basis of a date.
    """
    content = {
        "title": extraction.title,
        "lead": extraction.lead,
        "blocks": [_block_dict(block) for block in extraction.blocks],
        "published": extraction.published.iso() if extraction.published else None,
        "byline": _compact(dataclasses.asdict(extraction.byline)),
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _compact(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value not in ("", (), 0, False, None)}


def _block_dict(block: Block) -> dict[str, Any]:
    return {"t": _BLOCK_NAMES[type(block)], **_compact(dataclasses.asdict(block))}


def _block(data: dict[str, Any]) -> Block:
    cls = _BLOCK_TYPES[data["t"]]
    names = {item.name: item for item in dataclasses.fields(cls)}
    values: dict[str, Any] = {}
    for name, item in names.items():
        if name in data:
            values[name] = _freeze(name, data[name])
        elif item.default is dataclasses.MISSING:
            values[name] = 0 if item.type == "int" else "" if item.type == "str" else ()
    block: Block = cls(**values)
    return block


def _freeze(name: str, value: Any) -> Any:
    if name == "spans":
        return tuple(Span(**item) for item in value)
    if name == "pictures":
        return tuple(Picture(**item) for item in value)
    if name == "rows":
        return tuple(tuple(row) for row in value)
    return tuple(value) if isinstance(value, list) else value


def _date_dict(fact: DateFact) -> dict[str, str]:
    result = {"day": fact.day.isoformat(), "basis": fact.basis, "text": fact.text}
    if fact.time is not None:
        result["time"] = fact.time.isoformat()
    return result


def _date(data: dict[str, str] | None) -> DateFact | None:
    if data is None:
        return None
    time = dt.time.fromisoformat(data["time"]) if "time" in data else None
    return DateFact(dt.date.fromisoformat(data["day"]), time, data["basis"], data["text"])


def _byline(data: dict[str, Any]) -> Byline:
    return Byline(
        authors=tuple(data.get("authors", ())),
        organisation=data.get("organisation", ""),
        photographers=tuple(data.get("photographers", ())),
        source=data.get("source", ""),
        text=data.get("text", ""),
    )
