"""Which text is a picture's caption, by where it stands and how it looks.

Portals mark captions up in seven ways (and not at all); those that the picture's own markup does not settle
(`figure > figcaption`) are settled here, over the flat row of texts and pictures.
"""

from __future__ import annotations

import re

from archive.extract.items import ImageItem, Item, TextItem

_MAX_WORDS = 80
_SOME = 4
"""Paragraphs from which on one can speak of the usual look of a page."""
_CREDIT = re.compile(
    r"[\s(\[–-]*\b(?:Ảnh|Photo(?:graph)?|Image|Picture|Credit|Foto|Ảnh chụp)(?:\s+(?:by|credit"
    r"|courtesy(?: of)?))?\s*[:/]\s*(?P<who>[^()\[\]]{2,80})[)\]]?\s*\.?$",
    re.I,
)
_CREDIT_LABEL = re.compile(r"^\W*(?:ảnh|photo(?:graph)?|image|credit|nguồn)(?:\s+by)?\s*:\s*", re.I)
_LOOKS = re.compile(
    r"^(ảnh|hình|photo|image|figure|fig\.|picture|(quang|toàn) cảnh|(các )?(đại biểu|đồng chí"
    r"|đ/c|ông|bà)\b|lãnh đạo|above|below|left|right)",
    re.I,
)
_SENTENCE = re.compile(r"[.!?…][”\"')\]]*$")
_COLON = re.compile(r"[:;,]$")
_BYLINE = re.compile(
    r"^\s*(tác giả|tin,? (bài|ảnh)|bài,? ?(và )?ảnh|theo|nguồn|thực hiện|by|source|written by)\b\s*[:.]?",
    re.I,
)
_NUMBERED = re.compile(r"^\s*(\d+[.)]|[IVX]+[.)]|[-+•*])\s")


def pair(items: list[Item], *, vietnamese: bool) -> list[Item]:
    """The items with every recognised caption taken out of the texts and tied to its pictures.

    :param vietnamese: read unmarked lines after a picture as Vietnamese portals mean them.
    """
    result: list[Item] = []
    taken: set[int] = set()
    usual = _usual_look(items)
    index = 0
    while index < len(items):
        item = items[index]
        if index in taken:
            index += 1
            continue
        if not isinstance(item, ImageItem):
            result.append(item)
            index += 1
            continue
        run = _run_of_images(items, index)
        last = index + len(run) - 1
        group = _grouped(run)
        if not group[-1].caption:
            following = _caption_after(items, last, vietnamese, usual)
            if following:
                texts = [items[i] for i in following]
                group[-1].caption = " ".join(t.text for t in texts if isinstance(t, TextItem))
                taken.update(following)
                group = _share_caption(group)
        result.extend(group)
        index = last + 1
    for item in result:
        if isinstance(item, ImageItem):
            _split_credit(item)
    return _without_doubles(result)


def _run_of_images(items: list[Item], start: int) -> list[ImageItem]:
    run: list[ImageItem] = []
    for item in items[start:]:
        if not isinstance(item, ImageItem):
            break
        run.append(item)
        if item.caption:
            break
    return run


def _grouped(run: list[ImageItem]) -> list[ImageItem]:
    """Pictures of one paragraph become one figure, so that they share a caption."""
    groups: list[ImageItem] = []
    for item in run:
        last = groups[-1] if groups else None
        if (
            last is not None
            and last.block == item.block
            and not last.video
            and not item.video
            and not last.caption
            and not item.caption
        ):
            last.pictures.extend(p for p in item.pictures if p.url not in {q.url for q in last.pictures})
        else:
            groups.append(item)
    return groups


def _share_caption(group: list[ImageItem]) -> list[ImageItem]:
    """Several pictures in a row without text between them, then one caption: it is theirs together."""
    if len(group) < 2 or any(item.caption or item.video for item in group[:-1]) or group[-1].video:
        return group
    pictures = [picture for item in group for picture in item.pictures]
    last = group[-1]
    last.pictures = list({picture.url: picture for picture in pictures}.values())
    return [last]


def _usual_look(items: list[Item]) -> tuple[bool, bool]:
    """Whether most paragraphs are centred, and whether most are in italics, small or coloured.

    On such a page that look tells no caption from the text.
    """
    texts = [
        item for item in items if isinstance(item, TextItem) and item.kind == "p" and len(item.text) > 60
    ]
    if len(texts) < _SOME:
        return False, False
    half = len(texts) / 2
    return sum(text.centred for text in texts) > half, sum(text.emphasised for text in texts) > half


def _caption_after(items: list[Item], image: int, vietnamese: bool, usual: tuple[bool, bool]) -> list[int]:
    """Indexes of the texts after a picture that are its caption; empty when it has none."""
    picture = items[image]
    if not isinstance(picture, ImageItem):
        return []
    found: list[int] = []
    for index in range(image + 1, min(image + 4, len(items))):
        text = items[index]
        if not isinstance(text, TextItem):
            break
        if not _is_caption(text, picture, vietnamese, usual, first=not found):
            break
        found.append(index)
        if not (text.caption or (picture.table and text.table == picture.table)):
            break
    return found


def _is_caption(
    text: TextItem, picture: ImageItem, vietnamese: bool, usual: tuple[bool, bool], *, first: bool
) -> bool:
    words = len(text.text.split())
    if (
        words > _MAX_WORDS
        or text.kind[0] == "h"
        or text.kind in ("li", "quote")
        or _NUMBERED.match(text.text)
    ):
        return False
    if text.linked * 2 > len(text.text) or (_BYLINE.match(text.text) and not text.caption):
        return False
    if text.caption:
        return True
    if picture.table and text.table == picture.table:
        return True
    if not first or _COLON.search(text.text):
        return False
    marked = (text.centred and not usual[0]) or (text.emphasised and not text.strong and not usual[1])
    if text.block == picture.block:
        return marked or (words <= 45 and (not _SENTENCE.search(text.text) or words <= 30))
    if text.dropped and not vietnamese:
        return marked or bool(_LOOKS.match(text.text) and words <= 40)
    if marked and words <= 60:
        return True
    if text.right or text.strong:
        return False
    if vietnamese:
        # An unmarked line: short, no sentence's end, and the article goes on after it in whole sentences.
        return words <= 40 and (
            not _SENTENCE.search(text.text) or (words <= 25 and bool(_LOOKS.match(text.text)))
        )
    return words <= 30 and bool(_LOOKS.match(text.text)) and not _SENTENCE.search(text.text)


def _split_credit(item: ImageItem) -> None:
    item.credit = _CREDIT_LABEL.sub("", item.credit).strip(" .()")
    match = _CREDIT.search(item.caption)
    if match is None:
        return
    who = match["who"].strip(" .)")
    if len(who.split()) > 8:
        return
    item.credit = item.credit or who


def _without_doubles(items: list[Item]) -> list[Item]:
    """A caption that stands a second time as a text (galleries and previews repeat it) goes."""
    captions = {item.caption for item in items if isinstance(item, ImageItem) and item.caption}
    if not captions:
        return items
    return [item for item in items if not (isinstance(item, TextItem) and item.text in captions)]
