"""Each way in which portals write a caption, and what looks like one and is none."""

from __future__ import annotations

import pytest

from archive.extract import extract
from archive.model import Extraction, Figure, Page

IMG = '<img src="/upload/a.jpg" alt="mô tả" width="640" height="427">'
CAPTION = "Đại biểu dự Lễ phát động"
BEFORE = (
    "<p>Sáng ngày 28/9, huyện Đầm Hà tổ chức Lễ phát động đợt thi đua đặc biệt"
    " chào mừng ngày thành lập tỉnh.</p>"
)
AFTER = (
    "<p>Phong trào thi đua bắt đầu từ đội ngũ cán bộ, đảng viên và khởi nguồn"
    " từ người đứng đầu các cơ quan.</p>"
)
PHOTO = '<div type="Photo" class="VCSortableInPreviewMode"><div>'


def _extract(inner: str, before: str = BEFORE, after: str = AFTER) -> Extraction:
    text = (
        '<html lang="vi"><body><h1>Phát động đợt thi đua</h1>'
        f'<div class="noidung">{before}{inner}{after}{AFTER}</div></body></html>'
    )
    return extract(Page("https://huyen.gov.vn/tin/1.html", text.encode(), "text/html; charset=utf-8"))


@pytest.mark.parametrize(
    "markup",
    [
        f"<figure>{IMG}<figcaption>{CAPTION}</figcaption></figure>",
        f'<table align="center"><tr><td>{IMG}</td></tr><tr><td>{CAPTION}</td></tr></table>',
        f'<p style="text-align:center">{IMG}</p><p style="text-align:center">{CAPTION}</p>',
        f"<p>{IMG}</p><p><em>{CAPTION}</em></p>",
        f'<p>{IMG}</p><p><span style="color:#0000ff">{CAPTION}</span></p>',
        f"<p>{IMG}<br>{CAPTION}</p>",
        f'<div>{IMG}</div><div class="image-caption">{CAPTION}</div>',
        f'{PHOTO}{IMG}</div><div class="PhotoCMS_Caption"><p>{CAPTION}</p></div></div>',
        f'<table class="image"><tr><td>{IMG}</td></tr><tr><td class="image_desc">{CAPTION}</td></tr></table>',
        f"<p>{IMG}</p><p>{CAPTION}</p>",
        f"<div>{IMG}</div>{CAPTION}",
    ],
)
def test_a_caption_is_tied_to_its_picture_and_is_no_paragraph(markup: str) -> None:
    found = _extract(markup)
    (figure,) = (block for block in found.blocks if isinstance(block, Figure))

    assert figure.caption == CAPTION
    assert [picture.url for picture in figure.pictures] == ["https://huyen.gov.vn/upload/a.jpg"]
    assert figure.pictures[0].alt == "mô tả"
    assert CAPTION not in [found.lead, *found.body()]


@pytest.mark.parametrize(
    ("markup", "body"),
    [
        (f"<p>{IMG}</p>", ""),
        (f"<p>{IMG}</p><h3>Kết quả bước đầu</h3>", "Kết quả bước đầu"),
        (f"<p>{IMG}</p><p>Các nhiệm vụ trọng tâm gồm:</p>", "Các nhiệm vụ trọng tâm gồm:"),
    ],
)
def test_what_follows_a_picture_is_not_always_its_caption(markup: str, body: str) -> None:
    found = _extract(markup)

    assert list(found.captions()) == []
    assert not body or body in list(found.body())


def test_pictures_that_share_a_paragraph_share_the_caption() -> None:
    found = _extract(f'<p>{IMG}{IMG.replace("a.jpg", "b.jpg")}</p><p align="center"><i>{CAPTION}</i></p>')
    (figure,) = (block for block in found.blocks if isinstance(block, Figure))

    assert figure.caption == CAPTION
    assert len(figure.pictures) == 2


def test_decoration_is_no_picture() -> None:
    found = _extract(
        '<p><img src="/images/icon-print.png"><img src="https://t.example/pixel.gif" width="1" height="1">'
        '<img src="data:image/gif;base64,R0"></p>'
    )

    assert list(found.pictures()) == []
