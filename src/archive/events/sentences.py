"""Where the sentences of a paragraph are."""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 1_500
"""Characters of a sentence that the rules look at; what is longer is read in pieces of this size."""

_END = re.compile(
    r"[.!?…]+[\"”’)\]]*(?=\s|[A-ZĐÂĂÊÔƠƯÁÀẢÃẠẤẦẨẪẬẮẰẲẴẶÉÈẺẼẸẾỀỂỄỆÍÌỈĨỊÓÒỎÕỌỐỒỔỖỘỚỜỞỠỢÚÙỦŨỤỨỪỬỮỰÝỲỶỸỴ]|$)|\n"
)
# A point after these ends no sentence: abbreviations of places, degrees and offices, initials, numbers of lists.
_ABBREVIATED = re.compile(
    r"(?:^|[\s(,;–-])(?:TP|Tp|TX|Tx|TT|Th|ThS|Ths|TS|PGS|GS|BS|KS|CN|LS|Mr|Mrs|Dr|đ/c|Đ/c|Q|P|H|X|tr|St|[A-ZĐ]|\d{1,2})$"
)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """The sentences of a text as `(start, end)`, white space at their ends left out.

    Points within numbers, dates, addresses and after the usual abbreviations ("TP. Hạ Long", "ThS. Lê A")
    end no sentence. A sentence longer than `LONGEST` is given in pieces, cut between words.
    """
    start = 0
    for match in _END.finditer(text):
        end = match.end()
        if (
            match[0][0] == "."
            and end < len(text)
            and _ABBREVIATED.search(text[max(0, match.start() - 6) : match.start()])
        ):
            continue
        yield from _pieces(text, start, end)
        start = end
    yield from _pieces(text, start, len(text))


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > LONGEST:
        cut = text.rfind(" ", start + 1, start + LONGEST)
        cut = cut if cut > start else start + LONGEST
        yield from _trimmed(text, start, cut)
        start = cut
    yield from _trimmed(text, start, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end
