"""Many strings looked for at once: the answer is that of looking for each."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archive.extract.marks import Marks

_TEXTS = ("/o/", "o/", "abab", "wp-block-", "entry-content", "ảnh-đẹp", "/Portals/_default/")
_MARKS = Marks(_TEXTS)


@given(st.lists(st.one_of(st.sampled_from(_TEXTS), st.text("/oabnwp-", max_size=9)), max_size=9).map("".join))
def test_marks_are_found_wherever_they_stand(text: str) -> None:
    source = text.encode()
    assert _MARKS.found(source) == {mark for mark in _TEXTS if mark.encode() in source}
