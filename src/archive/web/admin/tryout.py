"""What a profile makes of a captured page: every field with the rule that found it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request

from archive.errors import ContentError, UrlError, WarcError
from archive.extract import extract
from archive.extract.profiles import profiles
from archive.model import Capture, Extraction, Figure, Page
from archive.store import mementos
from archive.urls import canonical, surt
from archive.web import query
from archive.web.admin.blueprint import bp, shown
from archive.web.language import gettext
from archive.web.resources import resources


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the result."""

    name: str
    text: str
    rule: str


@bp.get("/try")
def try_out() -> Response:
    """The form, and the result for what it was sent with."""
    asked, profile = request.args.get("page", "").strip(), request.args.get("profile", "")
    capture = _capture(asked) if asked else None
    wrong, found = "", None
    if asked and capture is None:
        wrong = gettext("Trang này chưa được lưu. Hãy lưu ngay, rồi thử lại.")
    if capture is not None:
        try:
            body = resources().payload(capture)
            found = extract(Page(capture.url, body, capture.mime), profile=profile or None)
        except (WarcError, ContentError) as error:
            wrong = str(error)
    return shown(
        "try.html",
        asked=asked,
        profile=profile,
        profiles=sorted(profiles()),
        capture=capture,
        wrong=wrong,
        found=found,
        fields=_fields(found) if found is not None else (),
        figures=[block for block in found.blocks if isinstance(block, Figure)] if found else (),
    )


def _capture(asked: str) -> Capture | None:
    """The newest capture of an article's id, a permalink here, or an address of a portal."""
    store = resources().store
    identity = asked.rstrip("/").rpartition("/a/")[2].split("/")[0]
    if query.is_article(identity) and (view := store.article(identity)) is not None:
        return view.capture
    try:
        key = surt(canonical(asked))
    except UrlError:
        return None
    with store.read() as connection:
        found = mementos.nearest(connection, key, None)
    return found.capture if found is not None else None


def _fields(found: Extraction) -> list[Field]:
    rules = {item.field: item.rule for item in found.trace}
    byline = found.byline
    facts = [
        ("kind", f"{found.kind.value} {found.reason}".strip()),
        ("profile", found.profile or gettext("không có: luật chung")),
        ("title", found.title),
        ("lead", found.lead),
        ("published", f"{found.published.iso()} · {found.published.text}" if found.published else ""),
        ("modified", f"{found.modified.iso()} · {found.modified.text}" if found.modified else ""),
        ("authors", ", ".join(byline.authors)),
        ("organisation", byline.organisation),
        ("photographers", ", ".join(byline.photographers)),
        ("source", byline.source),
        ("section", found.section),
        ("canonical", found.canonical),
    ]
    return [Field(name, text, rules.get(name, "")) for name, text in facts if text]
