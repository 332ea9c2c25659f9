"""The words of several syllables that some texts have, learnt from these texts themselves.

Vietnamese writes syllables apart and most words have two or more: `nông thôn mới`, not `nông`, `thôn`,
`mới`. Two neighbours are taken for a word when they stand side by side much more often than their numbers
would have it, by normalised pointwise mutual information (Bouma, "Normalized (pointwise) mutual information
in collocation extraction", 2009), and belong together more closely than either does with its other
neighbour. A second round over the words so made finds those of three and four syllables. A shorter word
that is nearly always a part of one longer one is left out for it. Function words and figures are in no
word. This finds names and set phrases as well as words of a dictionary: what is counted is what is written,
and no list of words can be out of date.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from archive.search.snippets import form_of
from archive.text.vietnamese import raw_words

Array = np.ndarray[Any, Any]

LONGEST = 4
"""Syllables of a word at most."""
LEAST = 4
"""Times that a word is met at least: fewer tell nothing of how its syllables belong together."""
BELONGING = 0.45
"""Least normalised mutual information of neighbours, where 1 is "never apart" and 0 chance."""
_PART = 0.8
"""Share of a word's occurrences within one longer word from which on it is but a part of that."""
_FUNCTION = """
và với của các những một này kia đó ấy nào gì ai đâu là thì mà nhưng hoặc hay nếu vì do bởi nên cho để từ
đến tới trong ngoài trên dưới tại ở vào ra lên xuống qua về theo như cũng đã đang sẽ vẫn còn được bị có
không chưa chẳng rất quá lắm hơn nhất cùng cả mọi mỗi từng đều chỉ khi lúc sau trước giữa nơi đây đấy rồi
lại phải cần nhằm ông bà anh chị tôi họ ta chúng mình việc sự cuộc ngày tháng giờ phút hai ba bốn sáu bảy
tám chín mười
"""
FUNCTION_WORDS = frozenset(_FUNCTION.split())
"""Syllables that join, point, count and address rather than name: they end a word. Not those that many words
are made of (`đồng`: hợp đồng; `năm`: năm học)."""
_ROUNDS = 2
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_LOOKED_AT = 200
"""Occurrences that tell how a word is mostly spelt."""
_END = -1
"""Stands where a word cannot go on."""
_CLAUSE = re.compile(r"[^\w\s.,]|[.,](?!\d)|\n")


@dataclass(slots=True)
class Texts:
    """Texts taken one by one, as numbers of syllables."""

    _numbers: dict[str, int] = field(default_factory=dict)
    _tokens: list[int] = field(default_factory=list)
    _units: list[int] = field(default_factory=list)
    _spelt: list[str] = field(default_factory=list)

    def add(self, unit: int, text: str) -> None:
        """Take a text.

        :param unit: number of the article or paragraph that it belongs to.
        """
        numbers = self._numbers
        for clause in _CLAUSE.split(text):
            for raw in raw_words(clause):
                form = form_of(raw)
                names = form.normal.isalpha() and form.normal not in FUNCTION_WORDS
                self._tokens.append(numbers.setdefault(form.key, len(numbers)) if names else _END)
                self._spelt.append(form.normal)
                self._units.append(unit)
            self._tokens.append(_END)
            self._spelt.append("")
            self._units.append(unit)

    def words(self) -> Iterator[tuple[str, Array]]:
        """Each word as it is mostly spelt, and the units that have it, ascending."""
        tokens = np.array(self._tokens, np.int64)
        units = np.array(self._units, np.int64)
        found = [
            (np.flatnonzero(codes == code), length)
            for length, codes, wanted in _learnt(tokens, len(self._numbers))
            for code in wanted
        ]
        longer = np.zeros((LONGEST + 1, len(tokens)), np.int32)
        """By length, how often the commonest longer word around a place is met."""
        for places, length in found:
            for shorter in range(2, length):
                for shift in range(length - shorter + 1):
                    at = places + shift
                    longer[shorter, at] = np.maximum(longer[shorter, at], len(places))
        for places, length in found:
            if longer[length, places].max(initial=0) < _PART * len(places):
                yield self._mostly(places, length), np.unique(units[places])

    def _mostly(self, places: Array, length: int) -> str:
        counts = Counter(" ".join(self._spelt[at : at + length]) for at in places[:_LOOKED_AT].tolist())
        return counts.most_common(1)[0][0]


def _learnt(tokens: Array, vocabulary: int) -> Iterator[tuple[int, Array, Array]]:
    """By length in syllables: a code of the run of syllables at each place, and the codes that are words."""
    codes = {1: tokens.astype(np.uint64)}
    for length in range(2, LONGEST + 1):
        codes[length] = _following(codes[length - 1], tokens, length)
    words: dict[int, list[Array]] = {length: [] for length in range(2, LONGEST + 1)}
    stream, places = tokens.copy(), np.arange(len(tokens))
    lengths = np.ones(len(tokens), np.int64)
    for _ in range(_ROUNDS):
        chosen = _closest(stream, lengths)
        for length, found in words.items():
            mine = places[chosen[lengths[chosen] + lengths[chosen + 1] == length]]
            kinds, counts = np.unique(codes[length][mine], return_counts=True)
            found.append(kinds[counts >= LEAST])
        # What was found goes on as one word, numbered by the two that it is made of.
        pairs = stream[chosen] * (stream.max(initial=0) + 1) + stream[chosen + 1]
        stream[chosen] = vocabulary + np.unique(pairs, return_inverse=True)[1]
        vocabulary = int(stream.max(initial=0)) + 1
        lengths[chosen] += lengths[chosen + 1]
        keep = np.ones(len(stream), bool)
        keep[chosen + 1] = False
        stream, places, lengths = stream[keep], places[keep], lengths[keep]
    for length, found in words.items():
        yield length, codes[length], np.unique(np.concatenate(found))


def _following(shorter: Array, tokens: Array, length: int) -> Array:
    """Codes of runs one syllable longer, of 64 bits, so that no two runs share one; 0 where one would go over
    an end."""
    result = np.zeros(len(tokens), np.uint64)
    last = tokens[length - 1 :]
    first = shorter[: len(last)]
    inside = (last != _END) & (first != np.uint64(0) if length > 2 else tokens[: len(last)] != _END)
    value = (first + np.uint64(1)) * _FACTOR + last.astype(np.uint64) + np.uint64(1)
    result[: len(last)] = np.where(inside, value, np.uint64(0))
    return result


def _closest(stream: Array, lengths: Array) -> Array:
    """The places where a word and the next belong together, more closely than with their other neighbours."""
    left, right = stream[:-1], stream[1:]
    at = np.flatnonzero((left != _END) & (right != _END) & (lengths[:-1] + lengths[1:] <= LONGEST))
    if not len(at):
        return at
    counts = np.bincount(stream[stream != _END])
    keys, inverse, together = np.unique(
        left[at] * len(counts) + right[at], return_inverse=True, return_counts=True
    )
    share = together / len(at)
    apart = counts[keys // len(counts)] * counts[keys % len(counts)] / counts.sum() ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        # A pair that is all there is has share 1, whose logarithm is 0: that is no number, and no word.
        belonging = np.log(share / apart) / -np.log(share)
    belonging[together < LEAST] = 0
    close = np.zeros(len(stream) + 1)
    close[at + 1] = np.nan_to_num(belonging[inverse])
    close[close < BELONGING] = 0
    chosen: list[Array] = [at[:0]]
    # The closest first: once two are one word, neither can be half of another.
    while close.any():
        best = np.flatnonzero((close[1:-1] > close[:-2]) & (close[1:-1] >= close[2:]))
        chosen.append(best)
        close[best] = close[best + 1] = close[best + 2] = 0
    return np.sort(np.concatenate(chosen))


def within(names: Iterable[str]) -> set[str]:
    """All runs of two and more words of some names: what a word must not be, to be told apart from them."""
    found = set()
    for name in names:
        parts = name.split(" ")
        for start in range(len(parts)):
            for end in range(start + 2, len(parts) + 1):
                found.add(" ".join(parts[start:end]))
    return found
