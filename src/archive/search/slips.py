"""Slips of the typing hand: which words may have been meant."""

from __future__ import annotations

from collections.abc import Iterator

_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def slips(key: str) -> Iterator[str]:
    """Words one edit away: a letter left out, doubled, swapped with the next, or another (Damerau 1964).

    :param key: a folded word; very short and very long ones have none.
    """
    if not 2 <= len(key) <= 20:
        return
    for at in range(len(key) + 1):
        before, after = key[:at], key[at:]
        if after:
            yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        for letter in _ALPHABET:
            yield before + letter + after
            if after and letter != after[0]:
                yield before + letter + after[1:]
