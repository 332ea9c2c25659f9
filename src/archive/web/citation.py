"""How an archived article is cited. Pure: one value, one function per format."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from archive.model import ArticleView
from archive.web.words import VIETNAM, day, plain


@dataclass(frozen=True, slots=True)
class Citation:
    """What a citation names."""

    key: str
    title: str
    authors: tuple[str, ...]
    """As signed; Vietnamese names are never split into family and given name."""
    organisation: str
    portal: str
    issued: dt.date | None
    original: str
    permalink: str
    """The fixed version, absolute."""
    archived: dt.date
    """Day of the capture, in Vietnam."""
    archive: str = ""
    """Name of the archive that holds the copy."""


def of(view: ArticleView, permalink: str, archive: str = "") -> Citation:
    """The citation of one version."""
    extraction = view.extraction
    return Citation(
        key=f"{view.article.id}v{view.version.number}",
        title=plain(extraction.title),
        authors=tuple(plain(name) for name in extraction.byline.authors),
        organisation=plain(extraction.byline.organisation),
        portal=plain(view.site_name),
        issued=extraction.published.day if extraction.published else None,
        original=view.article.url,
        permalink=permalink,
        archived=view.version.at.astimezone(VIETNAM).date(),
        archive=plain(archive),
    )


def text(item: Citation) -> str:
    """One line, in Vietnamese as the article is: author, title, portal, date, original, archived copy."""
    parts = [
        ", ".join(item.authors) or item.organisation,
        f"“{item.title}”" if item.title else "",
        item.portal,
        day(item.issued) if item.issued else "không rõ ngày đăng",
        item.original,
        f"lưu trữ ngày {day(item.archived)}",
        item.permalink,
    ]
    return ", ".join(part for part in parts if part) + "."


def bibtex(item: Citation) -> str:
    """A biblatex `@online` entry, UTF-8; names in double braces, for they have no family and given part."""
    fields = {
        "title": f"{{{_tex(item.title)}}}",
        "author": " and ".join(f"{{{_tex(name)}}}" for name in item.authors),
        "organization": _tex(item.portal),
        "date": item.issued.isoformat() if item.issued else "",
        "url": _verbatim(item.permalink),
        "urldate": item.archived.isoformat(),
        "note": _tex(f"Bản gốc: {item.original}"),
        "langid": "vietnamese",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value not in ("", "{}")]
    return "\n".join([f"@online{{{item.key},", *lines, "}", ""])


_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        # Not \{ and \}: BibTeX counts those too, and a lone one would swallow the rest of the file.
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "%": r"\%",
        "&": r"\&",
        "#": r"\#",
        "_": r"\_",
        "$": r"\$",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)


def _tex(text: str) -> str:
    return _one_line(text).translate(_TEX)


def _verbatim(url: str) -> str:
    """An address stands as it is, but a brace would end the field."""
    return _one_line(url).replace("{", "%7B").replace("}", "%7D")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def ris(item: Citation) -> str:
    """RIS, type NEWS; lines end in CRLF as the format wants."""
    pairs = [
        ("TY", "NEWS"),
        ("TI", item.title),
        *(("AU", name) for name in item.authors),
        ("T2", item.portal),
        ("PB", item.organisation or item.portal),
        ("PY", str(item.issued.year) if item.issued else ""),
        ("DA", item.issued.strftime("%Y/%m/%d/") if item.issued else ""),
        ("UR", item.permalink),
        ("Y2", item.archived.strftime("%Y/%m/%d/")),
        ("AN", item.key),
        ("LA", "vi"),
        ("N1", f"Bản gốc: {item.original}"),
    ]
    lines = [f"{tag}  - {_one_line(value)}" for tag, value in pairs if value]
    return "\r\n".join([*lines, "ER  - ", ""])


def csl(item: Citation) -> list[dict[str, Any]]:
    """CSL-JSON: a list with one `article-newspaper`; authors literal."""
    entry: dict[str, Any] = {
        "type": "article-newspaper",
        "id": item.key,
        "title": _one_line(item.title),
        "author": [{"literal": name} for name in item.authors],
        "container-title": item.portal,
        "publisher": item.organisation or item.portal,
        "issued": {"date-parts": [_parts(item.issued)]} if item.issued else None,
        "accessed": {"date-parts": [_parts(item.archived)]},
        "URL": item.permalink,
        "archive": item.archive,
        "archive_location": item.permalink if item.archive else "",
        "language": "vi",
        "note": f"Bản gốc: {item.original}",
    }
    return [{name: value for name, value in entry.items() if value}]


def _parts(day_: dt.date) -> list[int]:
    return [day_.year, day_.month, day_.day]


def wikipedia(item: Citation) -> str:
    """The template `{{Chú thích web}}` of the Vietnamese Wikipedia."""
    pairs = {
        "tác giả": ", ".join(item.authors) or item.organisation,
        "tựa đề": item.title,
        "url": item.original,
        "website": item.portal,
        "ngày": item.issued.isoformat() if item.issued else "",
        "url lưu trữ": item.permalink,
        "ngày lưu trữ": item.archived.isoformat(),
        "ngôn ngữ": "vi",
    }
    shown = (f"|{name}={_wiki(value)}" for name, value in pairs.items() if value)
    return "{{Chú thích web " + " ".join(shown) + "}}"


def _wiki(text: str) -> str:
    """Signs that would end the template or begin another, as entities."""
    signs = {
        "|": "&#124;",
        "{": "&#123;",
        "}": "&#125;",
        "[": "&#91;",
        "]": "&#93;",
        "<": "&lt;",
        ">": "&gt;",
    }
    return "".join(signs.get(letter, letter) for letter in _one_line(text))


def robust_link(item: Citation) -> str:
    """HTML of a Robust Link (robustlinks.mementoweb.org): original address, archived copy, its day."""
    return str(
        Markup('<a href="{}" data-originalurl="{}" data-versionurl="{}" data-versiondate="{}">{}</a>').format(
            item.permalink, item.original, item.permalink, item.archived.isoformat(), item.title
        )
    )
