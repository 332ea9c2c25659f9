"""One filled archive for the area: pages and the API only read it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from archive.web import create_app
from tests.web.library import Library, article, on

COUNT = 45


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    made = Library.at(tmp_path_factory.mktemp("research"))
    for number in range(COUNT):
        day = dt.date(2019 + number % 4, 1 + number % 12, 1 + number % 28)
        made.add(
            f"/tin/{number}.html",
            article(
                f"Tin nông thôn mới số {number}",
                f"Sáng ngày {day.day}/{day.month}, tại xã Quảng Tân, huyện Đầm Hà tổ chức "
                f"hội nghị bàn việc {number}.",
                "Đồng chí Lê Thị Mơ, Bí thư Huyện ủy dự hội nghị và nói về nông thôn mới của huyện.",
                lead=f'Lời dẫn của tin {number}, có dấu phẩy, và "ngoặc".',
                published=on(day.year, day.month, day.day) if number else None,
                section="Kinh tế" if number % 2 else "Xã hội",
            ),
        )
    made.add(
        "/tin/cong-thuc.html",
        article('=HYPERLINK("http://x")', "Một bài nông thôn mới.", published=on(2018, 5, 1)),
    )
    made.index()
    yield made
    made.store.close()


@pytest.fixture(scope="session")
def client(library: Library) -> FlaskClient:
    return create_app(library.settings).test_client()
