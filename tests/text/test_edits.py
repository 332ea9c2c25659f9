"""Kinds of edits, by cases as portals make them."""

from __future__ import annotations

import pytest

from archive.model import Figure, Paragraph, Picture
from archive.text import diff, edits, parts
from archive.text.diff import Kind as Fate
from archive.text.diff import Piece, Row
from archive.text.edits import Kind
from tests.web.library import article, on

SAID = [
    # figures
    ("Đã trao 12 suất quà cho các hộ nghèo.", "Đã trao 15 suất quà cho các hộ nghèo.", {Kind.FIGURE}),
    ("Kinh phí 2,5 tỷ đồng.", "Kinh phí 3,5 tỷ đồng.", {Kind.FIGURE}),
    ("Tỷ lệ hộ nghèo còn 1,2%.", "Tỷ lệ hộ nghèo còn 2,1%.", {Kind.FIGURE}),
    ("Có ba hộ được nhận.", "Có bốn hộ được nhận.", {Kind.FIGURE}),
    ("Sản lượng đạt 2000 tấn.", "Sản lượng đạt 2500 tấn.", {Kind.FIGURE}),
    # names
    ("Ông Nguyễn Văn Hung phát biểu.", "Ông Nguyễn Văn Hùng phát biểu.", {Kind.NAME}),
    ("Xã Quảng An đạt chuẩn.", "Xã Quảng Tân đạt chuẩn.", {Kind.NAME}),
    ("Dự có đồng chí Đỗ Thị Hường.", "Dự có đồng chí Trần Văn Nam.", {Kind.NAME}),
    # dates and hours
    ("Sáng ngày 28/9, huyện tổ chức.", "Sáng ngày 29/9, huyện tổ chức.", {Kind.DATE}),
    ("Sáng ngày 28 tháng 9, huyện tổ chức.", "Sáng ngày 30 tháng 9, huyện tổ chức.", {Kind.DATE}),
    ("Trong năm 2021 xã đạt chuẩn.", "Trong năm 2022 xã đạt chuẩn.", {Kind.DATE}),
    ("Bắt đầu lúc 8h30 tại nhà văn hoá.", "Bắt đầu lúc 14h00 tại nhà văn hoá.", {Kind.DATE}),
    # taken out, put in, said otherwise
    (
        "Đồng chí Bí thư dự và phát biểu chỉ đạo tại hội nghị.",
        "Đồng chí Bí thư dự.",
        {Kind.DELETION},
    ),
    ("Hội nghị đã thông qua nghị quyết.", "Hội nghị đã thảo luận và thông qua nghị quyết.", {Kind.ADDITION}),
    ("Hội nghị thành công.", "Hội nghị chưa thành công.", {Kind.WORDING}),
    ("Nông thôn mới kiểu mẫu.", "Nông thôn mới nâng cao.", {Kind.WORDING}),
    # several at once
    (
        "Ngày 5/3, xã Đại Bình trao 10 suất quà.",
        "Ngày 6/3, xã Đại Thành trao 12 suất quà.",
        {Kind.DATE, Kind.NAME, Kind.FIGURE},
    ),
    # minor
    ("Toàn nghành giáo dục thưc hiện.", "Toàn ngành giáo dục thực hiện.", {Kind.MINOR}),
    ("Huyện tổ chức hội nghị , sơ kết.", "Huyện tổ chức hội nghị, sơ kết.", {Kind.MINOR}),
    ("Có 1200 hộ tham gia.", "Có 1.200 hộ tham gia.", {Kind.MINOR}),
    ("Ngày 05/3 khai mạc.", "Ngày 5/3 khai mạc.", {Kind.MINOR}),
    ("Tỉnh ủy viên dự, hoà giải viên nói.", "Tỉnh uỷ viên dự, hòa giải viên nói.", {Kind.MINOR}),
    ("HUYỆN ĐẦM HÀ RA QUÂN", "Huyện Đầm Hà ra quân", {Kind.MINOR}),
    ("Các đơn vị ,trường học.", "Các đơn vị, trường học.", {Kind.MINOR}),
    ("Đông chí Bí thư dự.", "Đồng chí Bí thư dự.", {Kind.MINOR}),
]


@pytest.mark.parametrize(("old", "new", "kinds"), SAID)
def test_the_kind_of_an_edit_in_a_paragraph(old: str, new: str, kinds: set[Kind]) -> None:
    assert _kinds("paragraph", old, new) == kinds


@pytest.mark.parametrize(("old", "new", "kinds"), SAID)
def test_an_edit_undone_is_of_the_same_kind(old: str, new: str, kinds: set[Kind]) -> None:
    turned = {Kind.DELETION: Kind.ADDITION, Kind.ADDITION: Kind.DELETION}
    assert _kinds("paragraph", new, old) == {turned.get(kind, kind) for kind in kinds}


@pytest.mark.parametrize(
    ("role", "kind"),
    [("title", Kind.TITLE), ("lead", Kind.LEAD), ("caption", Kind.CAPTION), ("byline", Kind.BYLINE)],
)
def test_what_stands_in_a_place_of_its_own_is_told_by_the_place(role: str, kind: Kind) -> None:
    assert _kinds(role, "Trao quà cho hộ khó khăn", "Trao nhà cho hộ khó khăn") == {kind}
    assert _kinds(role, "Trao 10 suất quà", "Trao 12 suất quà") == {kind, Kind.FIGURE}
    assert _kinds(role, "Trao quà.", "Trao quà") == {Kind.MINOR}


def test_whole_articles() -> None:
    old = article("Tên", "Đoạn một vẫn ở đó.", "Đoạn hai sẽ bị bỏ đi hết.", published=on(2022, 9, 28))
    cut = article("Tên", "Đoạn một vẫn ở đó.", published=on(2022, 9, 28))
    assert _between(old, cut) == {Kind.DELETION}
    assert _between(cut, article("Tên", "Đoạn một vẫn ở đó.", published=on(2022, 9, 29))) == {Kind.DATE}
    blocks = (Paragraph("Đoạn một vẫn ở đó."), Figure((Picture("http://a/1.jpg"),), ""))
    pictured = article("Tên", published=on(2022, 9, 28), blocks=blocks)
    assert _between(cut, pictured) == {Kind.PICTURE}


def test_a_paragraph_that_moved_says_nothing_else() -> None:
    one, two, three = "Đoạn thứ nhất nói một điều.", "Kế đó là chuyện khác hẳn.", "Cuối cùng là lời kết."
    assert _between(article("Tên", one, two, three), article("Tên", three, one, two)) == {Kind.MINOR}


def test_a_change_is_told_with_the_words_around_it() -> None:
    before = "Sáng nay tại hội trường lớn của huyện lỵ, trước sự chứng kiến của đông đảo bà con nhân dân, "
    row = diff.single("paragraph", f"{before}đã trao 12 suất quà.", f"{before}đã trao 15 suất quà.")
    assert row is not None
    (change,) = edits.changes([row])
    shown = change.excerpt()
    assert shown[0].startswith("… ")
    assert shown[0].endswith("đã trao ")
    assert shown[1:] == ("12", "15", " suất quà.")


def test_no_text_is_ever_too_odd() -> None:
    for old, new in (("", "x"), ("x", ""), ("…", "—"), ("\u0301", "a\u0301"), ("1" * 500, "2" * 500)):
        rows = [Row("paragraph", Fate.CHANGED, (Piece(Fate.REMOVED, old), Piece(Fate.ADDED, new)))]
        assert edits.kinds(rows)


def _kinds(role: str, old: str, new: str) -> set[Kind]:
    row = diff.single(role, old, new)
    assert row is not None
    return set(edits.kinds([row]))


def _between(old: object, new: object) -> set[Kind]:
    return set(edits.kinds(parts.rows(old, new)))  # type: ignore[arg-type]
