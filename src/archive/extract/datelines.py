"""Date lines above the text: they belong to the page, not to the article."""

from __future__ import annotations

import re

from archive.extract.items import Item, TextItem

_STAMP = re.compile(
    r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)?\d\d"
    r"|\d{1,2}\s+tháng\s+\d{1,2}[,\s]+(?:năm\s+)?\d{4}"
    r"|\b[a-zäéû]{3,9}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}"
    r"|\d{1,2}\.?\s+[a-zäéû]{3,9}\.?,?\s+\d{4}|\d{1,2}[:hg]\d\d(?::\d\d)?\s*(?:[ap]\.?m\.?)?"
    r"|gmt\s*[+-]?\d*|\d+",
    re.I,
)
_STAMP_WORDS = re.compile(
    r"\b(thứ (hai|ba|tư|năm|sáu|bảy|[2-7])|chủ nhật|cập nhật|ngày|đăng|lúc|được|xuất bản|tải"
    r"|viết|tạo|bởi|lượt xem|trước|giờ|phút|posted|published|updated|last|modified|on|at|date"
    r"|(mon|tues|wednes|thurs|fri|satur|sun)day|ago|hours?|minutes?|days?|min read|min|read|by)\b",
    re.I,
)


def without_datelines(items: list[Item]) -> list[Item]:
    """The items without date lines above the first paragraph: they are the page's, not the article's."""
    result: list[Item] = []
    begun = False
    for item in items:
        if isinstance(item, TextItem) and not begun:
            if len(item.text) >= 80:
                begun = True
            elif re.search(r"\d", item.text) and not re.search(
                r"[^\W\d_]", _STAMP_WORDS.sub("", _STAMP.sub("", item.text))
            ):
                continue
        result.append(item)
    return result
