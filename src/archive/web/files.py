"""An attached file as an article's page shows it: what it is, where it is kept, how it begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from archive.model import AttachedFile
from archive.web import links, words
from archive.web.language import gettext

_LINES = 8
_CHARS = 1_200
"""Characters of the beginning that a page shows at most."""
_KB, _MB = 1_000, 1_000_000
_NBSP = "\u00a0"


@dataclass(frozen=True, slots=True)
class FileView:
    kind: ClassVar[str] = "file"
    name: str
    href: str
    archived: bool
    anchor: str
    facts: str = ""
    """What it is and how large: "PDF, 120 KB"; "" when it is not captured."""
    beginning: tuple[str, ...] = ()
    """The first lines of what it says."""
    longer: bool = False
    """Whether it says more than these."""
    problem: str = ""
    """Why its text is not here, or not all of it; "" when all went well."""


def file_view(url: str, name: str, file: AttachedFile | None, anchor: str) -> FileView:
    """What a page shows of a file.

    :param file: None when it was not captured; then the link leads to the portal.
    """
    if file is None:
        return FileView(words.plain(name) or url, links.outside(url), archived=False, anchor=anchor)
    lines = file.text.split("\n") if file.text else []
    beginning: list[str] = []
    room = _CHARS
    for line in lines[:_LINES]:
        if room <= 0:
            break
        beginning.append(line[:room])
        room -= len(line)
    return FileView(
        name=words.plain(name) or url,
        href=links.media_path(file.capture.payload_digest, file.kind),
        archived=True,
        anchor=anchor,
        facts=", ".join(part for part in (file.kind.upper(), _size(file.capture.size)) if part),
        beginning=tuple(beginning),
        longer=sum(map(len, beginning)) + len(beginning) - 1 < len(file.text),
        problem=_problem(file),
    )


def _size(size: int) -> str:
    if size >= _MB:
        return f"{words.decimal(size / _MB)}{_NBSP}MB"
    return f"{words.number(max(1, round(size / _KB)))}{_NBSP}KB"


def _problem(file: AttachedFile) -> str:
    if not file.problem:
        return ""
    if file.text:
        return gettext("Chỉ đọc được một phần chữ trong tệp.")
    return gettext("Không đọc được chữ trong tệp; tệp vẫn được giữ nguyên.")
