"""One filled archive for the whole area: pages only read it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from archive.model import (
    Attachment,
    Figure,
    Heading,
    ListBlock,
    Paragraph,
    Picture,
    Quote,
    Span,
    Table,
)
from archive.preserve import dumps
from archive.web import create_app
from tests.web.library import Library, article, jpeg, on, real_article
from tests.web.live import chromium, served

EVIL = "<script>alert(1)</script> {{7*7}} </title> \u202egpj.exe"


class Filled(Library):
    """The archive that most tests read, with the ids of its articles."""

    real: str
    evil: str
    edited: str
    gone: str
    undated: str


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    root = tmp_path_factory.mktemp("web")
    library = Filled.at(root, dumps=str(root / "dumps"))
    library.real = library.add("/tin/28-9.html", real_article(library))
    library.evil = library.add(
        "/tin/evil.html",
        article(
            EVIL,
            lead=EVIL,
            published=on(2021, 5, 21),
            section="Mục <b>",
            blocks=(
                Heading("Tiêu đề nhỏ <i>", 5),
                Paragraph(
                    "Nhấn vào đây để xem",
                    (
                        Span(0, 4, "link", "javascript:alert(1)"),
                        Span(5, 8, "link", "https://example.org/?a=1&b=2"),
                    ),
                ),
                ListBlock(("một <b>", "hai"), ordered=True),
                Table((("Xã", "Số hộ"), ("Quảng An", "1.200")), header=True),
                Quote(("Trích lời",)),
                Figure(
                    (
                        library.picture("/anh/nho.jpg", jpeg(300, 200)),
                        Picture("http://portal.example/mat.jpg", EVIL),
                    ),
                    EVIL,
                    "Đức Hùng",
                ),
                Attachment("http://portal.example/qd.pdf", "Quyết định 123"),
                Attachment("javascript:alert(1)", "bẫy"),
            ),
        ),
    )
    first = article("Kế hoạch năm 2020", "Bản đầu của kế hoạch.", published=on(2020, 1, 5))
    library.edited = library.add("/tin/sua.html", first)
    library.add(
        "/tin/sua.html", article("Kế hoạch năm 2020", "Bản đã sửa của kế hoạch.", published=on(2020, 1, 5))
    )
    library.gone = library.add("/tin/mat.html", article("Thông báo cũ", "Sẽ mất.", published=on(2019, 7, 1)))
    library.put("/tin/mat.html", b"not found", status=404)
    library.undated = library.add("/tin/khong-ngay.html", article("Bài không ngày", "Không ai ghi ngày."))
    for number in range(45):
        year = 2015 + number % 9
        title = f"Hội nghị sơ kết lần {number} năm {year}"
        text = f"UBND huyện tổ chức hội nghị sơ kết lần {number}."
        library.add(
            f"/tin/hoi-nghi-{number}.html", article(title, text, published=on(year, 1 + number % 12, 3))
        )
    library.index()
    (root / "dumps").mkdir()
    dumps.make(library.store, library.settings, root / "dumps" / "mau")
    return library


@pytest.fixture
def client(filled: Filled) -> FlaskClient:
    app = create_app(filled.settings)
    app.testing = True
    return app.test_client()


@pytest.fixture(scope="package")
def base(filled: Filled) -> Iterator[str]:
    """Address of the filled archive, really served."""
    with served(filled.settings) as address:
        yield address


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with chromium() as started:
        yield started
