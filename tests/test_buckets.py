"""A bucket lets a burst through, then the stated rate; a crowd of clients washes nobody's count away."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from archive.buckets import Buckets
from archive.config import Rate

SECOND = 1_000_000_000
START = 10**15


def test_a_burst_then_the_stated_rate() -> None:
    buckets, rate = Buckets(rows=4), Rate(3, 30)
    taken = [buckets.take("pages", b"a", rate, START) for _ in range(4)]
    assert [(item.allowed, item.left) for item in taken] == [(True, 2), (True, 1), (True, 0), (False, 0)]
    assert taken[-1].seconds == 10
    assert not buckets.take("pages", b"a", rate, START + 9 * SECOND).allowed
    assert buckets.take("pages", b"a", rate, START + 10 * SECOND).allowed
    assert buckets.take("pages", b"b", rate, START).left == 2, "another client has a bucket of its own"
    assert buckets.take("search", b"a", rate, START).left == 2, "as has the same client for another limit"


@given(st.integers(1, 20), st.integers(1, 60), st.lists(st.integers(0, 5 * SECOND), min_size=1, max_size=200))
def test_never_more_than_a_burst_and_the_rate_in_any_span(
    requests: int, seconds: int, pauses: list[int]
) -> None:
    buckets, rate = Buckets(rows=4), Rate(requests, seconds)
    step = seconds * SECOND // requests
    let_in = [
        now
        for now in itertools.accumulate(pauses, initial=START)
        if buckets.take("pages", b"client", rate, now).allowed
    ]
    assert let_in[0] == START
    for first, begin in enumerate(let_in):
        for last, end in enumerate(let_in[first:], first):
            assert last - first + 1 <= requests + (end - begin) // step + 1


def test_a_crowd_passes_by_one_who_is_being_refused() -> None:
    """Places are given up by who has nothing owing."""
    buckets, rate = Buckets(rows=1), Rate(5, 5)
    for _ in range(5):
        buckets.take("pages", b"busy", rate, START)
    for number in range(7):
        assert buckets.take("pages", number.to_bytes(4), rate, START).allowed
    for number in range(1_000):
        later = START + 2 * SECOND + number
        assert buckets.take("pages", number.to_bytes(4), rate, later).allowed
    assert buckets.take("pages", b"busy", rate, START + 2 * SECOND + 1_000).left == 1
