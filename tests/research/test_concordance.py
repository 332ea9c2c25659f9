"""Every hit is a line, in the order asked for, the same on the page, in the files and in the API."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import pytest
from flask.testing import FlaskClient

from archive.model import Attachment, Figure, Heading, ListBlock, Paragraph, Quote, Table
from archive.preserve import takedown
from archive.store.takedowns import Scope
from archive.text.collation import sort_key
from archive.text.vietnamese import fold, raw_words
from archive.web import create_app
from archive.web.research.lines import FIELDS
from archive.web.research.spill import Sorter
from tests.research.conftest import COUNT
from tests.web.library import Library, article, jpeg, on

PHRASE = '"nông thôn mới"'


def lines(client: FlaskClient, **asked: object) -> list[dict[str, str]]:
    """All lines of a question, page by page by the API's own links."""
    found: list[dict[str, str]] = []
    address = "/api/v1/concordance?" + urlencode({"limit": 20, **asked}, doseq=True)
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.text
        body = answer.get_json()
        found += body["results"]
        parts = urlsplit(body["next"] or "")
        address = f"{parts.path}?{parts.query}" if parts.path else ""
    assert len(found) == body["count"]
    return found


def on_screen(client: FlaskClient, asked: str) -> list[str]:
    found: list[str] = []
    for number in range(1, 9):
        html = client.get(f"/ngu-canh?{asked}&page={number}").text
        links = re.findall(r'<span class="kwic-right"><a href="([^"]+)"', html)
        if not links:
            break
        found += links
    return found


def test_there_is_a_line_for_every_hit(client: FlaskClient) -> None:
    found = lines(client, q=PHRASE)
    # Once in each title and once in each text, and once in the article that has neither.
    assert len(found) == 2 * COUNT + 1
    assert {line["keyword"].lower() for line in found} == {"nông thôn mới"}
    assert {line["field"] for line in found} == {"title", "body"}
    assert lines(client, q=fold(PHRASE)) == found, "accents folded to find"
    assert lines(client, q=PHRASE, **{"in": "title"}) == [line for line in found if line["field"] == "title"]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize(
    "asked",
    [
        {"q": PHRASE},
        {"q": "hội nghị OR bí*", "order": ["left1", "left2", "date"], "width": "3"},
        {"q": PHRASE, "order": "newest", "year": "2020"},
        {"q": PHRASE, "order": "found", "sort": "oldest"},
        {"q": "zzz"},
    ],
)
def test_a_file_has_the_lines_of_the_screen_in_their_order(
    client: FlaskClient, form: str, asked: dict[str, object]
) -> None:
    told = lines(client, **asked)
    query = urlencode(asked, doseq=True)
    data = client.get(f"/ngu-canh.{form}?{query}").data
    assert client.get(f"/api/v1/concordance?{query}&format={form}").data == data
    if form == "csv":
        assert data.startswith(b"\xef\xbb\xbf")
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        cells = [{name: "" if value is None else str(value) for name, value in line.items()} for line in told]
        assert [{k: v.removeprefix("'") for k, v in row.items()} for row in rows] == cells
        assert not any(value.startswith(("=", "+", "-", "@")) for row in rows for value in row.values())
    else:
        assert [json.loads(line) for line in data.splitlines()] == told
    shown = [urlsplit(line["permalink"]) for line in told]
    assert on_screen(client, query) == [f"{p.path}#{p.fragment}" if p.fragment else p.path for p in shown]


def test_lines_are_sorted_by_the_words_beside_the_keyword(client: FlaskClient) -> None:
    def nth(text: str, at: int) -> str:
        words = raw_words(text)
        return sort_key(words[at]) if -len(words) <= at < len(words) else ""

    right = [tuple(nth(line["right"], at) for at in range(3)) for line in lines(client, q=PHRASE)]
    assert right == sorted(right)
    assert len(set(right)) > 2
    left = [
        (nth(line["left"], -2), line["published"] or "~")
        for line in lines(client, q="hội nghị", order=["left2", "date"])
    ]
    assert left == sorted(left)
    days = [line["published"] or "~" for line in lines(client, q=PHRASE, order="date")]
    assert days == sorted(days)


@pytest.mark.parametrize(
    "q",
    [
        "hoi nghi",
        '"xã Quảng Tân"',
        '"nghị huyện"~3',
        "quả* OR mơ",
        "muc:kinh",
        '"việc 7" OR "bàn việc"',
        '"bí thư huyện ủy" -xyz',
        "HYPERLINK",
    ],
)
def test_every_article_that_is_found_has_a_line(client: FlaskClient, q: str) -> None:
    body = client.get(
        "/api/v1/concordance", query_string={"q": q, "limit": 1, "every": 1, "in": list(FIELDS)}
    ).get_json()
    assert body["articles_found"] == body["articles_with_lines"] > 0
    assert body["hints"] == []


def test_words_apart_are_told_to_be_so(client: FlaskClient) -> None:
    page = client.get("/ngu-canh?q=nong+thon").text
    assert 'href="/ngu-canh?q=%22nong+thon%22"' in page
    assert "không có từ nào để xếp dòng" in client.get("/ngu-canh?q=ngay:2020").text
    assert "kwic-right" in client.get("/ngu-canh?person=L%C3%AA+Th%E1%BB%8B+M%C6%A1").text
    assert client.get("/ngu-canh").status_code == 200


def test_whatever_is_typed_is_answered(client: FlaskClient) -> None:
    for asked in ("q=%00", "q=" + "a" * 12000, "q=%22&order=x&width=0&in=y&every=2", "q=(((&page=99999"):
        assert client.get(f"/ngu-canh?{asked}").status_code == 200
    page = client.get("/ngu-canh?q=%3Cscript%3E&width=1000").text
    assert "<script>" not in page.replace("<script src=", "")
    assert "width=1000" in page


@pytest.mark.parametrize(("name", "value"), [("order", "best"), ("width", "0"), ("in", "x"), ("order", "")])
def test_a_wrong_parameter_is_named(client: FlaskClient, name: str, value: str) -> None:
    answer = client.get(f"/api/v1/concordance?q=nong&{name}={value}")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert [item["name"] for item in answer.get_json()["errors"]] == [name]


def test_a_sample_says_so_and_the_file_has_all(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = lines(client, q=PHRASE, order="date", width=9)
    monkeypatch.setattr("archive.web.research.concordance.MOST", 10)
    body = client.get(
        f"/api/v1/concordance?q={PHRASE}&limit=100&order=date&width=9&every=0&in=title&in=body"
    ).get_json()
    assert (body["articles_found"], body["articles_read"], body["complete"]) == (COUNT + 1, 10, False)
    assert body["results"] == [
        line for line in whole if line["article"] in {x["article"] for x in body["results"]}
    ]
    years = {line["published"][:4] for line in body["results"] if line["published"]}
    assert len(years) >= 4, "spread over the years"
    page = client.get(f"/ngu-canh?q={PHRASE}&width=9&x=sample").text
    assert f"có {COUNT + 1} bài" in page
    data = client.get(f"/ngu-canh.jsonl?q={PHRASE}&order=date&width=9").data
    assert [json.loads(line) for line in data.splitlines()] == whole


def test_copies_have_no_lines_unless_asked_for(copied: FlaskClient) -> None:
    assert len(lines(copied, q='"phong trào"')) == 1
    assert len(lines(copied, q='"phong trào"', every=1)) == 2


def test_what_is_withheld_has_no_line(client: FlaskClient, library: Library) -> None:
    target = lines(client, q=PHRASE)[0]["article"]
    orders = [
        takedown.Order(Scope.ARTICLE, target, reason="theo đơn", by="thử"),
        takedown.Order(Scope.NAME, "Lê Thị Mơ", reason="theo đơn", by="thử"),
    ]
    given = [takedown.withhold(library.store, library.settings, order).takedown for order in orders]
    try:
        assert target not in {line["article"] for line in lines(client, q=PHRASE)}
        for address in ("/ngu-canh.csv?", "/ngu-canh.jsonl?", "/ngu-canh?width=50&"):
            text = client.get(f"{address}q=dong+chi").text
            assert "Lê Thị Mơ" not in text
            assert target not in text
    finally:
        for one in given:
            takedown.lift(library.store, library.settings, one.id, by="thử", why="xong")
    assert target in {line["article"] for line in lines(client, q=PHRASE)}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """An archive with two copies of a text, and an article of every kind of block."""
    made = Library.at(tmp_path_factory.mktemp("kwic"))
    text = "Phong trào thi đua yêu nước của cả huyện trong năm qua đã có nhiều kết quả tốt, được nhân rộng"
    for number in (1, 2):
        made.add(f"/ban-{number}.html", article(f"Bài {number}", text, published=on(2020, 1, number)))
    blocks = (
        Paragraph("dấu một"),
        Heading("dấu hai", 3),
        ListBlock(("không", "dấu ba")),
        Table((("a", "b"), ("dấu", "bốn"))),
        Quote(("không", "dấu năm")),
        Figure((made.picture("/anh.jpg", jpeg(300, 200)),), "dấu sáu"),
        Attachment("http://portal.example/qd.pdf", "Quyết định"),
    )
    made.add("/khoi.html", article("dấu không", lead="dấu dẫn", blocks=blocks, published=on(2021, 1, 1)))
    made.index()
    yield create_app(made.settings).test_client()
    made.store.close()


def test_a_line_leads_to_its_paragraph(copied: FlaskClient) -> None:
    found = lines(copied, q="tieude:không OR dấu", order="found")
    assert [line["field"] for line in found] == ["title", "lead", *["body"] * 5, "caption"]
    for line in found:
        parts = urlsplit(line["permalink"])
        page = copied.get(parts.path).text
        if parts.fragment:
            start = page.index(f'id="{parts.fragment}"')
            text = " ".join(re.sub(r"<[^>]+>", " ", page[start : start + 900]).split())
            assert line["keyword"] + line["right"] in text
    assert [urlsplit(line["permalink"]).fragment for line in found] == [
        "", "sapo", "p1", "p2", "p3", "p4", "p5-1", "p6",
    ]  # fmt: skip


def test_any_number_is_sorted_in_flat_memory() -> None:
    with Sorter(run=7) as sorter:
        for number in range(1000):
            sorter.add(f"{number * 7919 % 1000:04}", [number, "đ\udcff"])
        assert sorter.count == 1000
        found = list(sorter)
    assert [number * 7919 % 1000 for number, _ in found] == list(range(1000))
    assert found[0][1] == "đ\udcff"
