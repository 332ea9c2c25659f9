"""Who signed: authors, organisation, photographers and source, told apart.

A byline is recognised by its words ("Tác giả:", "Bài, ảnh:", "Theo …", "BBT") or, as the last line of an
article, by its look: right-aligned or bold, short, made of names, perhaps with an office in brackets.
"""

from __future__ import annotations

import re

from archive.model import Byline

_LABEL = re.compile(
    r"^[\s(\[*–-]*(?P<label>tin,? ?(?:và )?bài,? ?(?:và )?ảnh|bài,? ?(?:và |& ?)?ảnh|tin,?"
    r" ?(?:và |& ?)?ảnh|tin,? ?(?:và |& ?)?bài|ảnh,? ?(?:và )?bài"
    r"|ảnh(?: chụp| bìa)?|bài(?: viết)?|tin|video|clip|thực hiện|tác giả(?: bài viết)?|người"
    r" (?:viết|đăng|đưa tin)|biên tập|phóng viên|pv|nguồn(?: tin| bài| ảnh)?"
    r"|theo|by|words by|written by|text by|story by|posted by|reviewed by|author|authors"
    r"|photos?(?: by)?|photograph(?:s|y)?(?: by)?|source|von|por|par|de|di)"
    r"(?:\s*[:/]\s*|\s+)(?P<rest>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_PHOTO = re.compile(r"ảnh|photo", re.IGNORECASE)
_TEXT = re.compile(
    r"tin|bài|tác giả|người|thực hiện|phóng viên|pv|by|author|biên tập|von|por|par", re.IGNORECASE
)
_SOURCE = re.compile(r"^(nguồn|theo|source)", re.IGNORECASE)
_SPLIT = re.compile(r"\s+[–—-]\s+|\s*[;,/|+]\s*|\s*[–—]\s*")
_AND = re.compile(r"\s+(?:và|and|&|und|et|y)\s+", re.IGNORECASE)
_ORGANISATION = re.compile(
    r"\b(trung tâm|ban|phòng|ubnd|hđnd|mttq|ủy ban|sở|huyện|tỉnh|thành phố|thị xã|xã|phường|đài"
    r"|báo|tạp chí|cổng|hội|đoàn|công an|bộ|cục|chi cục|văn phòng"
    r"|trường|bệnh viện|tt&vh|ttvh|tt-vh|tttt|vh-tt|vhtt|ttttvh|bbt|bch|cttđt|đoàn thanh niên"
    r"|team|staff|editorial|editors?|newsroom|desk|press|news|media|agency"
    r"|inc|ltd|llc|group|company|university|institute|association|council|committee|reuters|afp"
    r"|associated press|ttxvn|chinhphu)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"^[^\W\d_][\w.'’\-]*(?:\s+[^\W\d_(][\w.'’\-]*){0,6}$")
_UPPER = re.compile(r"^[A-ZÀ-ỸĐ]")
_DATEISH = re.compile(r"\d{1,2}[/.:-]\d|\b(19|20)\d\d\b|\bngày\b|\bupdated\b|\bpublished\b", re.IGNORECASE)
_MEDIA = re.compile(r"^(?:[\w-]+\.)+(?:vn|com|net|org|gov)\b|báo |đài |cổng |tạp chí|ttxvn", re.IGNORECASE)


def parse_byline(line: str, *, signed: bool = False) -> Byline | None:
    """The parts of a byline, or None when the line is none.

    :param signed: the line's place and look say that it is a signature, so that bare names count too.
    """
    text = line.strip()
    if not text or len(text) > 200:
        return None
    match = _LABEL.match(text)
    if match is not None:
        return _labelled(match, text)
    if not signed or any(map(str.isdigit, text)) or (text.endswith(".") and len(text.split()) > 4):
        return None
    body, organisation = _bracketed(text)
    names = _names(body)
    if names:
        people = tuple(name for name in names if not is_organisation(name))
        offices = [name for name in names if is_organisation(name)]
        if not people and not offices:
            return None
        return Byline(authors=people, organisation=organisation or ", ".join(offices), text=text)
    if is_organisation(text) and len(text.split()) <= 14 and not text.endswith("."):
        return Byline(organisation=text.strip("()[] "), text=text)
    return None


def is_organisation(name: str) -> bool:
    """Whether a name is an office, a medium or an editorial board rather than a person."""
    return bool(_ORGANISATION.search(name)) or (name.isupper() and len(name) > 2 and " " not in name)


def people(text: str) -> tuple[str, ...]:
    """The names in a list of names ("A – B", "A, B and C"), labels and job titles left out."""
    match = _LABEL.match(text)
    if match is not None:
        text = match["rest"]
    return tuple(name for name in _names(_bracketed(text)[0]) if not is_organisation(name))


def merge(first: Byline, second: Byline) -> Byline:
    """Fill what `first` leaves open from `second`."""
    return Byline(
        authors=first.authors or second.authors,
        organisation=first.organisation or second.organisation,
        photographers=first.photographers or second.photographers,
        source=first.source or second.source,
        text=first.text or second.text,
    )


def _labelled(match: re.Match[str], text: str) -> Byline | None:
    label, rest = match["label"].lower(), match["rest"].strip()
    explicit = re.match(r"\s*[:/]", match.string[match.end("label") :]) is not None
    inner = _LABEL.match(rest) if explicit else None
    if inner is not None and ":" in rest[: inner.start("rest")]:
        return _labelled(inner, text) if inner.start("rest") < len(rest) else None  # "Tác giả: Tin, ảnh: …"
    second = re.search(r"\s*[;.,–-]\s*(?:ảnh|photos?)\s*:\s*(?P<who>.+)$", rest, re.IGNORECASE)
    photographers: tuple[str, ...] = ()
    if second is not None:
        photographers = tuple(_names(second["who"]))
        rest = rest[: second.start()]
    if not explicit and (
        rest.endswith(".") or len(rest.split()) > 8 or not (_UPPER.match(rest) or _MEDIA.match(rest))
    ):
        return None  # "Theo đồng chí …, kế hoạch …": a sentence
    if _SOURCE.match(label):
        source = rest.strip("() .")
        if not explicit and not (
            _MEDIA.search(source) or is_organisation(source) or len(source.split()) <= 4
        ):
            return None
        if len(source) > 120:
            return None
        return Byline(source=source, photographers=photographers, text=text)
    body, organisation = _bracketed(rest)
    names = _names(body)
    if not names:
        if explicit and len(body.split()) <= 10 and is_organisation(body):
            return Byline(organisation=organisation or body, text=text)
        return None
    persons = tuple(name for name in names if not is_organisation(name))
    offices = ", ".join(name for name in names if is_organisation(name))
    photo = bool(_PHOTO.search(label))
    written = bool(_TEXT.search(label)) or not photo
    return Byline(
        authors=persons if written else (),
        organisation=organisation or offices,
        photographers=photographers or (persons if photo else ()),
        text=text,
    )


def _bracketed(text: str) -> tuple[str, str]:
    match = re.match(r"^(?P<names>[^()]+?)\s*\((?P<inner>[^()]{2,80})\)\s*\.?$", text)
    if match is None:
        return text.strip("()[] ."), ""
    inner = match["inner"].strip()
    organisation = re.sub(r"^(?:theo|nguồn)\s*:?\s*", "", inner, flags=re.IGNORECASE)
    return match["names"].strip(), organisation


def _names(text: str) -> list[str]:
    """The parts of a list of names; empty when any part is no name."""
    text = text.strip(" .*()[]")
    names: list[str] = []
    for part in _parts(text):
        name = part.strip(" .*:")
        if not name:
            continue
        if len(name.split()) > 8 or not _UPPER.match(name) or _DATEISH.search(name):
            return []
        if not (_NAME.match(name) or is_organisation(name)):
            return []
        names.append(name)
    return names if len(names) <= 12 else []


def _parts(text: str) -> list[str]:
    """The text split where names part; an office keeps its "và": "Trung tâm Truyền thông và Văn hóa"."""
    parts: list[str] = []
    for part in _SPLIT.split(text):
        parts.extend([part] if is_organisation(part) else _AND.split(part))
    return parts
