"""Concordance and co-occurrence as a reader meets them, in real Chromium, without script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.web.judges import DESK, PHONE, needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium]


def test_keywords_are_lined_up_and_lead_to_their_paragraph(browser: Browser, base: str) -> None:
    context = browser.new_context(base_url=base, viewport=DESK, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/search?q=hoi+nghi&year=2016")
    page.get_by_role("navigation", name="Cùng câu hỏi này").get_by_role("link", name="Ngữ cảnh").click()
    expect(page).to_have_url(re.compile(r"/ngu-canh\?q=hoi\+nghi&year=2016"))
    boxes = [line.bounding_box() for line in page.locator(".kwic-right").all()]
    assert len(boxes) > 5
    assert len({round(box["x"]) for box in boxes if box}) == 1, "one under the other"
    page.locator("summary").click()
    page.get_by_label("trước hết").select_option("left1")
    page.get_by_role("button", name="Xem").click()
    expect(page).to_have_url(re.compile("order=left1.*year=2016"))
    link = page.locator(".kwic li").filter(has_text="UBND huyện").locator("a").first
    link.click()
    expect(page).to_have_url(re.compile(r"/a/[a-z0-9]+/v/1#p1$"))
    context.close()


def test_a_line_is_read_through_on_a_phone(browser: Browser, base: str) -> None:
    context = browser.new_context(base_url=base, viewport=PHONE, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/ngu-canh?q=hoi+nghi&in=body")
    text = page.locator(".kwic-text").first
    box = text.bounding_box()
    assert box is not None
    assert box["width"] <= PHONE["width"]
    assert text.inner_text().startswith("UBND huyện tổ chức hội nghị sơ kết lần"), "nothing cut off"
    page.goto("/di-cung?rows=word&cols=word")
    region = page.get_by_role("region", name="Biểu đồ")
    region.focus()
    expect(region).to_be_focused()
    assert page.locator("body").evaluate("body => document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("link", name="PMI").click()
    expect(page.locator("th[aria-sort]")).to_have_text(re.compile("PMI"))
    context.close()
