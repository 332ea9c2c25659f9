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


@pytest.mark.parametrize(
    "look",
    [
        '<p style="text-align:center">{}</p>',
        '<p align="center">{}</p>',
        "<p><em>{}</em></p>",
    ],
)
def test_where_all_text_looks_like_captions_the_look_says_nothing(look: str) -> None:
    texts = [
        f"Đoạn {number} của bài viết kể về lễ hội truyền thống của xã và những người giữ nghề ở đây."
        for number in range(6)
    ]
    found = _extract(f"<p>{IMG}</p>".join(look.format(text) for text in texts), before="", after="")

    assert not list(found.captions())
    assert set(texts) <= {found.lead, *found.body()}


def test_a_style_outranks_the_attribute_of_alignment() -> None:
    text = "Cuộc thi thu hút hơn hai trăm thí sinh, chia thành các đội thi đến từ các xã của huyện nhà."
    found = _extract(f'<p align="center">{IMG}</p><p align="center" style="text-align: left">{text}</p>')

    assert text in list(found.body())


def test_a_quotation_set_as_a_figure_stays_text() -> None:
    said = "Chúng tôi rất phấn khởi khi con đường mới được làm xong trước Tết, bà con đi lại thuận tiện hơn."
    found = _extract(f"<figure>{IMG}<blockquote><p>{said}</p></blockquote></figure>")

    assert said in list(found.body())
    assert said not in list(found.captions())


def test_a_video_and_a_gallery_have_captions_of_their_own() -> None:
    video = '<figure><video src="/v/le-hoi.mp4"></video><figcaption>Toàn cảnh lễ hội</figcaption></figure>'
    gallery = "".join(
        f'<figure><img src="/upload/{n}.jpg" width="640"><figcaption>Tiết mục số {n}</figcaption></figure>'
        for n in (1, 2, 3)
    )
    found = _extract(f"{video}<div class=gallery>{gallery}</div>")
    figures = [block for block in found.blocks if isinstance(block, Figure)]

    assert [(figure.video, figure.caption) for figure in figures[:1]] == [
        ("https://huyen.gov.vn/v/le-hoi.mp4", "Toàn cảnh lễ hội")
    ]
    assert [(figure.pictures[0].url[-5:], figure.caption) for figure in figures[1:]] == [
        (f"{n}.jpg", f"Tiết mục số {n}") for n in (1, 2, 3)
    ]
