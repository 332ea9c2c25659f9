"""What the one script adds, in real Chromium; `test_browser` does the same ways without it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.conftest import Filled
from tests.web.judges import DESK, PHONE, axe, needs_axe, needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium]

SAID = "[role=status]"
FOCUSED = "document.activeElement"


@pytest.fixture
def page(browser: Browser, base: str) -> Iterator[Page]:
    """A desk with script; nothing may be said on the console, and no page may be loaded by the browser
    itself once `window.same` is set."""
    context = browser.new_context(base_url=base, viewport=DESK)  # type: ignore[arg-type]
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown = context.new_page()
    said: list[str] = []
    shown.on("console", lambda message: said.append(message.text))
    shown.on("pageerror", lambda error: said.append(str(error)))
    yield shown
    context.close()
    assert said == []


def opened(page: Page, path: str) -> None:
    page.goto(path)
    page.evaluate("window.same = true")


def is_same(page: Page) -> bool:
    return page.evaluate("window.same === true") is True


def test_a_filter_changes_the_results_and_keeps_the_page(page: Page) -> None:
    opened(page, "/search?q=hoi+nghi")
    page.locator("#filters").get_by_role("link", name="2016", exact=True).click()
    page.wait_for_url("**/search?q=hoi+nghi&year=2016")
    chip = page.get_by_role("link", name="Bỏ lọc: 2016")
    expect(chip).to_be_visible()
    assert page.locator(".item-title").count() == 5
    assert is_same(page)
    assert page.title() == "Tìm: hoi nghi · Kho lưu trữ tin huyện"
    expect(page.locator(SAID)).to_have_text("5 bài")
    assert page.evaluate(f"{FOCUSED}.textContent") == "2016", "the focus stays where it was pressed"
    chip.click()
    page.wait_for_url("**/search?q=hoi+nghi")
    expect(page.locator(SAID)).to_have_text("45 bài")
    assert is_same(page)


def test_back_and_forward_and_the_address_alone_show_the_same(page: Page) -> None:
    opened(page, "/search?q=hoi+nghi")
    page.locator(".bars a").nth(2).click()
    page.wait_for_url("**year=2017")
    expect(page.locator(SAID)).to_have_text("5 bài")
    found = page.locator(".items").inner_text()
    page.go_back()
    expect(page.locator(SAID)).to_have_text("45 bài")
    assert page.url.endswith("/search?q=hoi+nghi")
    page.go_forward()
    expect(page.locator(SAID)).to_have_text("5 bài")
    assert is_same(page)
    page.reload()
    assert page.locator(".items").inner_text() == found
    assert not is_same(page)
    page.locator(".item-title a").first.click()
    page.wait_for_url("**/a/**")
    page.go_back()
    assert page.locator(".items").inner_text() == found


def test_paging_sorting_dates_and_a_new_question_keep_the_page_too(page: Page) -> None:
    opened(page, "/search?q=hoi+nghi")
    page.locator(".paging").get_by_role("link", name="Sau").click()
    page.wait_for_url("**page=2")
    expect(page.locator(".paging .here")).to_have_text(re.compile("2"))
    assert page.evaluate(f"{FOCUSED}.id") == "found"
    page.get_by_role("link", name="Cũ nhất").click()
    page.wait_for_url("**sort=oldest")
    page.get_by_label("Từ").fill("2016")
    page.get_by_label("Đến").fill("6/2017")
    page.get_by_role("button", name="Áp dụng").click()
    page.wait_for_url("**from=2016**to=6%2F2017**")
    expect(page.get_by_role("link", name="Bỏ lọc: 01/01/2016 – 30/06/2017")).to_be_visible()
    page.locator("#q").fill("so ket")
    page.locator("#q").press("Enter")
    page.wait_for_url("**q=so+ket**")
    expect(page.locator("#q")).to_have_value("so ket")
    assert page.get_by_role("combobox").count() == 1, "completion works in the box that came"
    assert is_same(page)


def test_dragging_over_the_bars_chooses_their_years(page: Page) -> None:
    opened(page, "/search?q=hoi+nghi")
    boxes = [page.locator(".bars .place").nth(place).bounding_box() for place in (1, 3)]
    assert boxes[0]
    assert boxes[1]
    page.mouse.move(boxes[0]["x"] + 20, boxes[0]["y"] + 30)
    page.mouse.down()
    page.mouse.move(boxes[1]["x"] + 20, boxes[1]["y"] + 30, steps=4)
    assert page.locator(".bars .frame").count() == 1
    page.mouse.up()
    page.wait_for_url("**from=2016&to=2018")
    expect(page.locator(SAID)).to_have_text("15 bài")
    assert is_same(page)


def test_a_list_that_was_opened_stays_open(page: Page) -> None:
    opened(page, "/search?q=hoi+nghi")
    page.locator(".numbers summary").click()
    page.locator("#filters").get_by_role("link", name="2016", exact=True).click()
    page.wait_for_url("**year=2016")
    page.get_by_role("link", name="Bỏ lọc: 2016").click()
    page.wait_for_url("**/search?q=hoi+nghi")
    expect(page.locator(".numbers table")).to_be_visible()


def test_an_answer_that_is_no_result_page_is_gone_to(page: Page) -> None:
    opened(page, "/search?q=hoi+nghi")
    page.route("**/search?*year=2016*", lambda route: route.fulfill(status=200, body="<p>Something else</p>"))
    page.locator("#filters").get_by_role("link", name="2016", exact=True).click()
    page.wait_for_url("**year=2016")
    expect(page.locator("body")).to_contain_text("Something else")
    assert not is_same(page)


def test_without_its_marks_a_page_is_the_browsers_own_affair(page: Page) -> None:
    opened(page, "/search?q=hoi+nghi")
    page.evaluate("document.querySelector('[data-results]').removeAttribute('data-results')")
    page.get_by_role("link", name="Mới nhất").click()
    page.wait_for_url("**sort=newest**")
    assert not is_same(page)


def test_keys_walk_through_the_results(page: Page) -> None:
    opened(page, "/search?q=hoi+nghi")
    titles = page.locator(".item-title a")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(titles.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(titles.nth(0)).to_be_focused()
    page.keyboard.press("n")
    page.wait_for_url("**page=2")
    page.keyboard.press("p")
    page.wait_for_url("**/search?q=hoi+nghi")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("j")
    assert page.locator("#q").input_value() == "j", "in a box it is a letter"
    page.keyboard.press("Escape")
    page.goto("/about")
    for key in ("/", "j", "k", "n", "p", "c"):
        assert page.locator("kbd", has_text=key).count(), f"{key} is told on the page"


def test_keys_can_be_turned_off(page: Page) -> None:
    page.goto("/about")
    page.get_by_label("Dùng các phím tắt một chữ").uncheck()
    page.goto("/search?q=hoi+nghi")
    page.keyboard.press("j")
    assert page.evaluate(f"{FOCUSED} === document.body")


def select(page: Page, text: str) -> None:
    """Select a text of the article as a mouse would."""
    page.evaluate(
        """(text) => {
          const walker = document.createTreeWalker(document.querySelector(".body"), NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const at = walker.currentNode.data.indexOf(text);
            if (at < 0) continue;
            const range = document.createRange();
            range.setStart(walker.currentNode, at);
            range.setEnd(walker.currentNode, at + text.length);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
            return;
          }
        }""",
        text,
    )


def test_a_selection_is_quoted_with_an_address_that_leads_to_it(page: Page, filled: Filled) -> None:
    page.goto(f"/a/{filled.real}")
    button = page.get_by_role("button", name="Trích dẫn đoạn đã chọn")
    assert not button.is_visible()
    select(page, "đồng chí Đỗ Thị Ninh Hường")
    button.click()
    text = page.get_by_role("textbox", name="Đoạn trích").input_value()
    quoted, source = text.split("\n")
    assert quoted == "“đồng chí Đỗ Thị Ninh Hường”"
    assert source.startswith("Mai Thắm, Quốc Nghị, “Phát động đợt thi đua")
    assert "lưu trữ ngày 2" in source
    place = re.search(rf"http://127\.0\.0\.1:8000(/a/{filled.real}/v/1#p1:~:text=\S+?)\.$", source)
    assert place
    page.get_by_role("button", name="Chép").click()
    expect(page.get_by_role("button", name="Đã chép")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == text
    page.get_by_role("button", name="Đóng").click()
    page.goto(place[1])
    assert page.locator("#p1").evaluate("element => element.getBoundingClientRect().top < innerHeight")
    select(page, "Bí thư Huyện ủy")
    page.keyboard.press("c")
    assert "Bí thư Huyện ủy" in page.get_by_role("textbox", name="Đoạn trích").input_value()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).not_to_be_visible()


def test_what_is_no_part_of_the_text_is_not_quoted(page: Page, filled: Filled) -> None:
    page.goto(f"/a/{filled.real}")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.facts'))")
    assert not page.get_by_role("button", name="Trích dẫn đoạn đã chọn").is_visible()


def test_escape_closes_an_enlarged_picture(page: Page, filled: Filled) -> None:
    page.goto(f"/a/{filled.real}")
    page.locator(".picture").click()
    expect(page.locator("#anh-1")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#anh-1")).not_to_be_visible()


@needs_axe
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_axe_finds_nothing_in_what_opens(
    browser: Browser, base: str, filled: Filled, viewport: dict[str, int]
) -> None:
    context = browser.new_context(base_url=base, viewport=viewport, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"/a/{filled.real}#anh-1")
    # What lies beneath the picture is no target while it is there.
    assert axe(page, within="#anh-1") == []
    page.goto(f"/a/{filled.real}")
    select(page, "Tỉnh ủy viên")
    page.keyboard.press("c")
    assert axe(page, within="dialog") == []
    page.goto("/search?q=hoi+nghi#filters")
    assert axe(page) == []
    context.close()
