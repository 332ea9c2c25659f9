"""Whose name it is when an office's own words could be one."""

from __future__ import annotations

import pytest

from archive.events.people import people


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "Ông Hồ Minh Mạnh - trưởng thôn Hà Dong Nam cho biết: bà con rất phấn khởi.",
            [("Hồ Minh Mạnh", ("trưởng thôn Hà Dong Nam",))],
        ),
        (
            "Bà Lê Thị Hoa (Trưởng khu Vũ Xá Đông) nói.",
            [("Lê Thị Hoa", ("Trưởng khu Vũ Xá Đông",))],
        ),
        ("Trưởng thôn Nguyễn Văn Bình cho biết.", [("Nguyễn Văn Bình", ("Trưởng thôn",))]),
        (
            "Dự có đồng chí Đỗ Thị Hường, Trưởng thôn Nguyễn Văn Bình.",
            [("Đỗ Thị Hường", ()), ("Nguyễn Văn Bình", ("Trưởng thôn",))],
        ),
        (
            "Dự có đồng chí Đỗ Thị Hường, Bí thư Huyện ủy, Chủ tịch UBND huyện Trần Việt Dũng.",
            [("Đỗ Thị Hường", ("Bí thư Huyện ủy",)), ("Trần Việt Dũng", ("Chủ tịch UBND huyện",))],
        ),
    ],
)
def test_a_village_is_no_person(sentence: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    assert [(found.name, found.offices) for found in people(sentence)] == expected
