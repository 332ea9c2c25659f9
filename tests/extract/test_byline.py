"""Authors, organisation, photographers and source, told apart."""

from __future__ import annotations

import pytest

from archive.extract.byline import parse_byline, people
from archive.model import Byline


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("Mai Thắm – Quốc Nghị (Trung tâm TT&VH)",
         {"authors": ("Mai Thắm", "Quốc Nghị"), "organisation": "Trung tâm TT&VH"}),
        ("Bài, ảnh: Đức Hùng", {"authors": ("Đức Hùng",), "photographers": ("Đức Hùng",)}),
        ("Tin, ảnh: Thu Hà, Minh Đức",
         {"authors": ("Thu Hà", "Minh Đức"), "photographers": ("Thu Hà", "Minh Đức")}),
        ("Tác giả: Tin, ảnh: Thu Hà", {"authors": ("Thu Hà",), "photographers": ("Thu Hà",)}),
        ("Ảnh: Văn Nam", {"photographers": ("Văn Nam",)}),
        ("Bài: Thu Hà - Ảnh: Văn Nam", {"authors": ("Thu Hà",), "photographers": ("Văn Nam",)}),
        ("Tác giả: Hoàng Thu Hà - Trung tâm Truyền thông và Văn hóa",
         {"authors": ("Hoàng Thu Hà",), "organisation": "Trung tâm Truyền thông và Văn hóa"}),
        ("Theo baoquangninh.com.vn", {"source": "baoquangninh.com.vn"}),
        ("Nguồn: Báo Quảng Ninh", {"source": "Báo Quảng Ninh"}),
        ("BBT", {"organisation": "BBT"}),
        ("By Linh Tran and Mark Hall", {"authors": ("Linh Tran", "Mark Hall")}),
    ],
)  # fmt: skip
def test_the_parts_of_a_signature(line: str, parts: dict[str, object]) -> None:
    assert parse_byline(line, signed=True) == Byline(text=line, **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "line",
    [
        "Theo đồng chí Bí thư Huyện ủy, kế hoạch năm nay đã hoàn thành vượt mức.",
        "Huyện không còn hộ nghèo.",
        "28/09/2022",
        "Kế hoạch số 208/KH-UBND",
        "tiếp tục đẩy mạnh học tập và làm theo tư tưởng Hồ Chí Minh",
        "",
    ],
)
def test_a_line_of_the_text_is_no_signature(line: str) -> None:
    assert parse_byline(line, signed=True) is None


def test_bare_names_count_only_in_the_place_of_a_signature() -> None:
    assert parse_byline("Đầm Hà") is None


def test_people_leaves_offices_out() -> None:
    assert people("By Anna Lee, News Desk") == ("Anna Lee",)
