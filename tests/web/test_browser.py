"""A reader's main ways in real Chromium, without script, and axe-core on every page in both themes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.conftest import Filled
from tests.web.judges import (
    DESK,
    PHONE,
    axe,
    axe_in_both_themes,
    needs_axe,
    needs_chromium,
)
from tests.web.site_pages import MAIN, pages

pytestmark = [pytest.mark.browser, needs_chromium]


@pytest.fixture
def reader(browser: Browser, base: str) -> Iterator[Page]:
    """A phone without script."""
    context = browser.new_context(base_url=base, viewport=PHONE, java_script_enabled=False)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def test_search_filter_open_read_cite_on_a_phone_without_script(reader: Page) -> None:
    reader.goto("/")
    reader.get_by_role("searchbox").fill("thi dua dam ha")
    reader.get_by_role("searchbox").press("Enter")
    assert reader.locator("mark").first.inner_text() in ("thi đua", "thi", "Phát")
    reader.locator(".item-title a").first.click()
    assert reader.locator("h1").inner_text() == "Phát động đợt thi đua đặc biệt huyện Đầm Hà"
    picture = reader.locator("figure img")
    picture.scroll_into_view_if_needed()
    assert picture.bounding_box()["width"] <= PHONE["width"]  # type: ignore[index]
    assert "Mai Thắm, Quốc Nghị" in reader.locator(".citation").first.inner_text()


def test_a_picture_is_enlarged_and_closed_without_script(reader: Page, filled: Filled) -> None:
    reader.goto(f"/a/{filled.real}")
    reader.locator(".picture").click()
    large = reader.locator("#anh-1 img")
    expect(large).to_be_visible()
    assert large.evaluate("image => image.complete && image.naturalWidth") == 1200
    assert "Đại biểu dự Lễ phát động" in reader.locator("#anh-1").inner_text()
    reader.get_by_role("link", name="Đóng").click()
    expect(large).not_to_be_visible()
    assert reader.url.endswith("#p2"), "back at the figure"


def test_the_difference_is_seen_without_script(reader: Page, filled: Filled) -> None:
    reader.goto(f"/a/{filled.edited}")
    reader.get_by_role("link", name="Xem bài đã đổi những gì").click()
    assert "đầu" in reader.locator(".changes del").inner_text()
    assert "đã sửa" in reader.locator(".changes ins").inner_text()


def test_every_paragraph_links_to_itself(reader: Page, filled: Filled) -> None:
    reader.goto(f"/a/{filled.evil}/v/1")
    assert reader.locator(".body > p:not(.file):not(:has(> .para))").count() == 0
    assert reader.locator(".body blockquote > p:not(:has(> .para))").count() == 0
    for mark in reader.locator(".para").all():
        target = mark.get_attribute("href") or ""
        assert reader.locator(target).count() == 1, target


def test_filters_open_behind_their_button_on_a_phone(reader: Page) -> None:
    reader.goto("/search?q=hoi+nghi")
    year = reader.locator("#filters").get_by_role("link", name="2016", exact=True)
    assert not year.is_visible()
    reader.get_by_role("link", name="Lọc và sắp xếp").click()
    year.click()
    expect(reader).to_have_url(re.compile("year=2016"))
    reader.get_by_role("link", name="Bỏ lọc: 2016").click()
    expect(reader).not_to_have_url(re.compile("year"))


def test_the_histogram_is_clicked(browser: Browser, base: str) -> None:
    context = browser.new_context(base_url=base, viewport=DESK)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/search?q=hoi+nghi")
    page.locator(".bars a").nth(2).click()
    page.wait_for_url("**year=2017*")
    context.close()


def test_keyboard_alone_reaches_content_and_search(browser: Browser, base: str) -> None:
    context = browser.new_context(base_url=base, viewport=DESK)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/about")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    context.close()


def test_the_language_switch(reader: Page) -> None:
    reader.goto("/search?q=hoi+nghi")
    reader.get_by_role("link", name="English").click()
    assert reader.locator("html").get_attribute("lang") == "en"
    reader.goto("/about")
    assert reader.locator("h1").inner_text() == "About"


@pytest.fixture
def typist(browser: Browser, base: str) -> Iterator[Page]:
    """A desk with script; nothing may be said on the console."""
    context = browser.new_context(base_url=base, viewport=DESK)  # type: ignore[arg-type]
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert said == []


def test_completion_while_typing_by_keyboard(typist: Page) -> None:
    typist.goto("/")
    box = typist.get_by_role("combobox")
    assert box.get_attribute("aria-expanded") == "false"
    # At once, so that there is one answer only: several keys may bring several.
    box.fill("hoi ng")
    first = typist.get_by_role("option").first
    first.wait_for()
    assert box.get_attribute("aria-expanded") == "true"
    text = first.locator("span").first.inner_text()
    box.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") == first.get_attribute("id")
    assert box.input_value() == text
    box.press("ArrowUp")
    assert box.input_value() == "hoi ng", "back in the box stands what was typed"
    box.press("ArrowDown")
    box.press("Escape")
    assert not first.is_visible()
    assert box.input_value() == "hoi ng"
    box.press("h")
    first.wait_for()
    box.press("ArrowDown")
    box.press("Enter")
    typist.wait_for_url("**/search?q=*")
    assert typist.locator("#q").input_value() == text
    assert typist.locator("mark").first.is_visible()


def test_completion_by_mouse_keeps_the_filters(typist: Page) -> None:
    typist.goto("/search?q=hoi&year=2016")
    typist.locator("#q").fill("hoi ngh")
    typist.get_by_role("option").first.click()
    typist.wait_for_url("**/search?q=h*ngh*year=2016")


def test_completion_goes_when_the_box_is_left_or_emptied(typist: Page) -> None:
    typist.goto("/about")
    box = typist.locator("#head-q")
    box.fill("hoi ng")
    option = typist.get_by_role("option").first
    option.wait_for()
    box.fill("")
    option.wait_for(state="hidden")
    box.fill("hoi ng")
    option.wait_for()
    typist.keyboard.press("Tab")
    option.wait_for(state="hidden")


def test_without_script_nothing_of_it_is_seen(reader: Page) -> None:
    reader.goto("/about")
    assert not reader.get_by_label("Dùng các phím tắt").is_visible()


def test_no_page_is_wider_than_an_old_phone(browser: Browser, base: str, filled: Filled) -> None:
    context = browser.new_context(base_url=base, viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    for path in pages(filled):
        page.goto(path)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, path
    context.close()


def test_data_blocks_pass_our_own_content_policy(browser: Browser, base: str, filled: Filled) -> None:
    context = browser.new_context(base_url=base)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    for path in ("/", f"/a/{filled.real}", f"/a/{filled.evil}"):
        page.goto(path)
        assert page.locator('script[type="application/ld+json"]').count() == 1
    assert said == []
    context.close()


@needs_axe
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_axe_finds_nothing(browser: Browser, base: str, filled: Filled, viewport: dict[str, int]) -> None:
    context = browser.new_context(base_url=base, viewport=viewport, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    # A phone shows the same elements in another order: its three main pages stand for all.
    for path in (*MAIN, f"/a/{filled.real}") if viewport == PHONE else pages(filled):
        page.goto(path)
        assert axe_in_both_themes(page) == [], path
    context.close()


@needs_axe
def test_axe_finds_nothing_in_an_open_completion(browser: Browser, base: str) -> None:
    context = browser.new_context(base_url=base, viewport=DESK, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/")
    page.get_by_role("combobox").fill("hoi ng")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    # What the list covers for a moment is no target.
    assert axe(page, within=".box") == []
    context.close()
