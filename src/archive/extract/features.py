"""Each line of a page as numbers: what it is, what stands around it, and where it stands in the page.

Nothing here knows a site. The same numbers serve the learned reading (`boost`) at training and at work, so
their order is part of the model's form: `NAMES` is stored in it and compared on loading.
"""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from archive.extract.headline import key
from archive.extract.layout import Layout
from archive.extract.lines import Container, Reading
from archive.extract.roles import ROLES
from archive.extract.structured import Claims

Floats = NDArray[np.float32]

_TAGS = {
    "p": 1, "li": 2, "h1": 3, "h2": 4, "h3": 5, "h4": 6, "h5": 6, "h6": 6, "td": 7, "th": 7, "blockquote":
    8, "pre": 9, "dt": 10, "dd": 10, "figcaption": 11, "caption": 11, "summary": 12,
}  # fmt: skip
_ENDS = ".!?…。！？"
"""What ends a sentence; quotation marks and brackets may follow it."""
_CLOSERS = "\"'”’»)]"
_DATE = re.compile(r"\b(19|20)\d\d\b|\d{1,2}[/.]\d{1,2}|\d{1,2}:\d\d")
_TAIL = re.compile(
    r"^\W*(related|recommended|more (from|on|in|stories|news|articles|posts)|you (may|might)"
    r" (also )?(like|enjoy|be interested)|read (more|next|also)|see also|also read|up next|next"
    r" up|latest|popular|trending|most (read|viewed|popular)"
    r"|recent (posts|articles|news)|similar|comments?\b|leave a (reply|comment)|post a comment"
    r"|join the (discussion|conversation)|\d+ (comments?|replies|responses)|responses|share"
    r" (this|on|via)|share:|about the author|author bio|tags?\b|filed under|categories|topics"
    r"|sign up|subscribe|newsletter|get (the )?(latest|our)|join (our|the|us)|follow us|stay (up"
    r" to date|updated|informed|connected)|download (the|our)|footnotes$|references$|sources$"
    r"|advertisement|sponsored|previous( post| article)?$|next( post| article)?$"
    r"|tin (liên quan|khác|mới|đã đưa|cùng)|các tin|bài (liên quan|viết (cùng|liên quan|khác))"
    r"|cùng chuyên mục|từ khóa|từ khoá|thẻ|ý kiến|bình luận|chia sẻ|xem thêm|đọc thêm|tags:"
    r"|das könnte|mehr zum thema|weitere|lire aussi|à lire|sur le même|articles? (similaires"
    r"|liés)|también|te puede interesar|noticias relacionadas|artículos relacionados|leggi anche"
    r"|potrebbe interessarti|leia (também|mais)|veja também|lees ook|czytaj także|関連|相关|추천)"
)
_CALL_WORDS = (
    "subscribe newsletter sign log login cookie cookies privacy terms rights reserved copyright"
    " © click contact call learn"
    " read find shop buy cart book free trial quote consultation download follow share tweet"
    " facebook twitter linkedin"
    " pinterest whatsapp instagram youtube email advertisement affiliate sponsored min mins"
    " minutes skip menu search loading"
    " print join get discover explore view bản quyền đăng nhập liên hệ lượt xem chia sẻ"
)
_CALL = frozenset(_CALL_WORDS.split())
"""Words of calls to act and of legal small print: evidence by their share of a line, none by themselves."""
_CREDIT_WORDS = (
    "photo photos image picture illustration credit getty shutterstock istock unsplash pexels"
    " courtesy reuters afp ảnh ảnh: nguồn"
)
_CREDIT = frozenset(_CREDIT_WORDS.split())
_BY = re.compile(
    r"^\W*(by\b|written by|posted|published|updated|last (updated|modified|reviewed)|author"
    r"|reviewed by|edited by|tác giả|đăng|ngày|thứ|von |par |por )"
)

_PLAIN = (
    "chars", "words", "density", "links", "bold", "emphasis", "sentence", "colon", "commas", "digits",
    "capitals", "tag", "alone", "date", "tail", "call", "credit", "by", "claimed", "claims_body",
    "title_like", "described", "repeated", "seen_before",
)  # fmt: skip
_PLACE = (
    "index", "share_before", "from_headline", "after_headline", "lines", "depth", "since_tail",
    "since_heading", "images_before", "to_end",
)  # fmt: skip
_AROUND = ("words", "density", "tag", "sentence", "same_parent")
_NEAR = (-3, -2, -1, 1, 2, 3)
_BOX = ("lines", "prose", "density", "share", "items", "headings", "position")
_LEVELS = 4
NAMES: tuple[str, ...] = (
    *_PLAIN,
    *_PLACE,
    *(f"{name}@{offset}" for offset in _NEAR for name in _AROUND),
    *(f"prose±{width}" for width in (3, 8, 20)),
    *(f"linked±{width}" for width in (3, 8, 20)),
    *(f"box{level}.{name}" for level in range(_LEVELS) for name in _BOX),
    "twins",
    "twin_share",
    *(f"role.{role.name}" for role in ROLES),
    *(f"near.{role.name}" for role in ROLES),
    *(f"dist.{role.name}" for role in ROLES if role.name in ("CONTENT", "ARTICLE", "MAIN")),
)


def features(reading: Reading, layout: Layout, claims: Claims, headline: int, title: str) -> Floats:
    """One row of `NAMES` for each line of a page that has lines."""
    lines = reading.lines
    plain = _plain(reading, claims, title)
    sizes, density, tags, sentence = plain[:, 0], plain[:, 2], plain[:, 11], plain[:, 6]
    prose = np.where((density < 0.4) & ((sizes > 60) | (sentence > 0)), sizes, 0.0)
    parents = np.array([id(line.element.getparent()) for line in lines])
    parts = [
        plain,
        _place(reading, plain, headline, prose),
        _around(sizes, density, tags, sentence, parents),
        _windows(prose, sizes * density),
        _boxes(reading, layout, sizes, density, prose, tags),
        _roles(reading),
    ]
    return np.hstack(parts).astype(np.float32, copy=False)


def _plain(reading: Reading, claims: Claims, title: str) -> NDArray[np.float64]:
    lines = reading.lines
    ld_body = key(claims.ld_text("articleBody"))
    claims_body = float(len(ld_body) > 400)
    wanted = set(title.lower().split())
    description = claims.first("og:description", "description")[0]
    described, opening = key(description), description[:6].casefold()
    texts = [line.text for line in lines]
    times = Counter(texts)
    sizes = np.array([len(text) for text in texts], dtype=float)
    words = np.array([text.count(" ") for text in texts]) + 1.0
    rows = np.zeros((len(lines), len(_PLAIN)))
    rows[:, 0] = sizes
    rows[:, 1] = words
    rows[:, 2] = np.array([line.linked for line in lines]) / sizes
    rows[:, 3] = [line.links for line in lines]
    rows[:, 4] = np.array([line.bold for line in lines]) / sizes
    rows[:, 5] = np.array([line.emphasis for line in lines]) / sizes
    rows[:, 6] = [(text[-6:].rstrip(_CLOSERS) or " ")[-1] in _ENDS for text in texts]
    rows[:, 7] = [text[-1] in ":：" for text in texts]
    rows[:, 8] = np.array([text.count(",") for text in texts]) / words
    rows[:, 11] = [_TAGS.get(line.tag, 0) for line in lines]
    rows[:, 12] = [line.alone for line in lines]
    rows[:, 19] = claims_body
    rows[:, 22] = [times[text] for text in texts]
    seen: set[str] = set()
    for number, text in enumerate(texts):
        size = len(text)
        if size < 200:
            _short(rows[number], text, text.lower(), wanted)
        if claims_body or (described and size > 20 and text[:6].casefold() == opening):
            mine = key(text)
            if claims_body:
                rows[number, 18] = 1.0 if size > 3 and mine and mine[:200] in ld_body else -1.0
            rows[number, 21] = bool(described) and len(mine) > 20 and mine[:60] == described[:60]
        if text in seen:
            rows[number, 23] = 1.0
        else:
            seen.add(text)
    return rows


def _short(row: NDArray[np.float64], text: str, lower: str, wanted: set[str]) -> None:
    """What the words and letters of a short line say; a column stays 0 where nothing does."""
    size, words = len(text), text.count(" ") + 1
    plain = text.encode("ascii", "ignore")
    if digits := len(plain) - len(plain.translate(None, _DIGITS)):
        row[9] = digits / size
        if digits > 2 and _DATE.search(text) is not None:
            row[13] = 1.0
    if capitals := len(plain) - len(plain.translate(None, _CAPITALS)):
        row[10] = capitals / size
    # In small letters `re` passes by the alternatives that begin otherwise without trying them.
    if _TAIL.match(lower) is not None:
        row[14] = 1.0
    if _BY.match(lower) is not None:
        row[17] = 1.0
    own = set(lower.split())
    if calls := len(own & _CALL):
        row[15] = calls / words
    if not own.isdisjoint(_CREDIT):
        row[16] = 1.0
    if wanted and (common := len(own & wanted)):
        row[20] = common / len(own | wanted)


_DIGITS = b"0123456789"
_CAPITALS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _place(
    reading: Reading, plain: NDArray[np.float64], headline: int, prose: NDArray[np.float64]
) -> NDArray[np.float64]:
    count = len(reading.lines)
    index = np.arange(count)
    total = max(prose.sum(), 1.0)
    images = np.zeros(count + 2)
    for before, _ in reading.images:
        images[min(before, count)] += 1
    headings = (plain[:, 11] >= 3) & (plain[:, 11] <= 6)
    out = np.empty((count, len(_PLACE)))
    out[:, 0] = index
    out[:, 1] = (np.cumsum(prose) - prose) / total
    out[:, 2] = np.clip(index - headline, -60, 200) if headline >= 0 else -100
    out[:, 3] = (index > headline) if headline >= 0 else 0.5
    out[:, 4] = count
    out[:, 5] = [line.depth for line in reading.lines]
    out[:, 6] = _since(plain[:, 14] > 0)
    out[:, 7] = _since(headings)
    out[:, 8] = images[:count]
    out[:, 9] = count - index
    return out


def _since(marks: NDArray[np.bool_]) -> NDArray[np.float64]:
    """For each position, how far back the last mark is; 99 when there is none within 98."""
    index = np.arange(len(marks))
    last = np.maximum.accumulate(np.where(marks, index, -1000))
    return np.minimum(index - last, 99).astype(float)


def _around(*columns: NDArray[np.float64]) -> NDArray[np.float64]:
    *measures, parents = columns
    count = len(parents)
    out = np.full((count, len(_NEAR) * len(_AROUND)), -1.0)
    at = 0
    for offset in _NEAR:
        if offset < 0:
            here, there = slice(-offset, None), slice(None, offset)
        else:
            here, there = slice(None, -offset), slice(offset, None)
        if abs(offset) < count:
            for shift, column in enumerate(measures):
                out[here, at + shift] = column[there]
            out[here, at + 4] = parents[here] == parents[there]
        at += len(_AROUND)
    return out


def _windows(prose: NDArray[np.float64], linked: NDArray[np.float64]) -> NDArray[np.float64]:
    count = len(prose)
    columns = []
    index = np.arange(count)
    for column in (prose, linked):
        sums = np.concatenate(([0.0], np.cumsum(column)))
        for width in (3, 8, 20):
            low, high = np.maximum(index - width, 0), np.minimum(index + width + 1, count)
            columns.append(sums[high] - sums[low])
    return np.column_stack(columns)


def _boxes(
    reading: Reading,
    layout: Layout,
    sizes: NDArray[np.float64],
    density: NDArray[np.float64],
    prose: NDArray[np.float64],
    tags: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The containers around each line that hold more than the one below, nearest first; and their twins."""
    count = len(sizes)
    boxes = reading.containers
    start, end = layout.start, layout.end

    def within(column: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = np.concatenate(([0.0], np.cumsum(column)))
        return np.asarray(sums[end] - sums[start])

    total = np.maximum(within(sizes), 1.0)
    box_prose = within(prose)
    measures = np.column_stack(
        (
            end - start,
            box_prose,
            within(sizes * density) / total,
            box_prose / max(prose.sum(), 1.0),
            within((tags == 2).astype(float)) / (end - start),
            within(((tags >= 3) & (tags <= 6)).astype(float)) / (end - start),
        )
    )
    most, share = _twins(boxes), box_prose.tolist()
    for number in range(len(boxes) - 1, -1, -1):  # parents first
        parent = boxes[number].parent
        if parent >= 0 and most[parent] >= most[number]:
            most[number], share[number] = most[parent], share[parent]
    width = len(_BOX)
    out = np.full((count, _LEVELS * width + 2), -1.0)
    index = np.arange(count)
    for level in range(_LEVELS):
        chosen = layout.around[:, level]
        known = chosen >= 0
        at = level * width
        out[known, at : at + 6] = measures[chosen[known]]
        out[known, at + 6] = (index[known] - start[chosen[known]]) / (end - start)[chosen[known]]
    out[:, -2] = np.array(most)[layout.innermost]
    out[:, -1] = np.array(share)[layout.innermost]
    return out


def _twins(boxes: list[Container]) -> list[int]:
    """How many sister containers have the same tag and class, as the cards of a list have."""
    signs: dict[tuple[int, str, str], int] = {}
    marks = []
    for box in boxes:
        element = box.element
        sign = (box.parent, element.tag, element.get("class") or "")
        signs[sign] = signs.get(sign, 0) + 1
        marks.append(sign)
    return [1 if sign[1] in _PARTS else signs[sign] for sign in marks]


_PARTS = frozenset(("p", "li", "h2", "h3", "tr", "td", "th"))


def _roles(reading: Reading) -> NDArray[np.float64]:
    bits = np.array([int(role) for role in ROLES])
    around = np.array([line.roles for line in reading.lines])[:, None]
    near = np.array([line.near for line in reading.lines])[:, None]
    distances = np.full((len(reading.lines), 3), 30.0)
    wanted = [int(role) for role in ROLES if role.name in ("CONTENT", "ARTICLE", "MAIN")]
    for box in reversed(reading.containers):
        if box.own:
            for column, bit in enumerate(wanted):
                if box.own & bit:
                    distances[box.start : box.end, column] = box.depth
    depth = np.array([line.depth for line in reading.lines])[:, None]
    return np.hstack(((around & bits) > 0, (near & bits) > 0, np.minimum(depth - distances, 30)))
