"""Pairs: for each two words that follow each other, the addresses where they do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from archive.search.whoosh.arrays import Array

WORD_BITS = 32
"""Of a pair's key: `first << 32 | second`, by the words' numbers."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs of a segment, as `SegmentArrays` holds them."""

    keys: Array
    at: Array
    places: Array


def pairs_of(words: Array, addresses: Array, vocabulary: int) -> Pairs:
    """The pairs among tokens.

    :param words: the word of each token, by number.
    :param addresses: uint32, of each token, ascending; a figure's whole and its parts share one.
    :param vocabulary: how many words there are.
    """
    left, right = _neighbours(addresses)
    if not len(left):
        return Pairs(np.zeros(0, np.uint64), np.zeros(1, np.uint32), np.zeros(0, np.uint32))
    keys = words[left].astype(np.uint64)
    word_bits, token_bits = np.uint64(vocabulary.bit_length()), np.uint64(len(words).bit_length())
    if 2 * word_bits + token_bits <= 64:
        # Plain 64-bit values are sorted several times faster than an order is: both words and the token.
        keys <<= word_bits
        keys |= words[right]
        del right
        keys <<= token_bits
        keys |= left.astype(np.uint64)
        del left
        keys.sort()
        places = addresses[keys & ((np.uint64(1) << token_bits) - np.uint64(1))]
        keys >>= token_bits
        mask = (np.uint64(1) << word_bits) - np.uint64(1)
        second = keys & mask
        keys >>= word_bits
        keys <<= np.uint64(WORD_BITS)
        keys |= second
    else:
        keys = keys << np.uint64(WORD_BITS) | words[right]
        order = np.lexsort((left, keys))
        keys, places = keys[order], addresses[left[order]]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    return Pairs(keys[starts], np.append(starts, len(keys)).astype(np.uint32), places)


def _neighbours(addresses: Array) -> tuple[Array, Array]:
    """Numbers of tokens and of those that stand right after them."""
    lefts, rights = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    # Nearly always the next token is the neighbour. Tokens that share an address are each followed by each
    # of those at the next one, which lie the farther ahead the more there are; at no step less than the
    # farthest is there nothing.
    for step in range(1, len(addresses)):
        left = np.flatnonzero(addresses[step:] - addresses[:-step] == 1)
        if not len(left):
            break
        lefts.append(left)
        rights.append(left + step)
    return np.concatenate(lefts), np.concatenate(rights)
