"""Families of portals: recognised by evidence in the page, read by their own marks."""

from __future__ import annotations

import pytest

from archive.extract import extract, profiles
from archive.model import Page
from tests.eval.extraction_golden import load

FAMILIES = {
    "01-wordpress-real": "wordpress",
    "02-nukeviet-real": "nukeviet",
    "03-sharepoint-real": "sharepoint",
    "04-ministry-real": "sharepoint",
    "05-liferay-real": "liferay",
    "06-vnpt-real": "vnpt",
    "07-dnn-real": "dotnetnuke",
    "08-joomla-real": "joomla",
    "09-vccorp-real": "vccorp",
}


@pytest.mark.parametrize(("stem", "family"), FAMILIES.items())
def test_a_family_is_recognised_by_its_page_whatever_its_host(stem: str, family: str) -> None:
    page, _ = load(stem)
    elsewhere = Page("https://example.org/bai-viet", page.body, page.content_type)

    found = extract(elsewhere)
    rules = {trace.field: trace.rule for trace in found.trace}

    assert found.profile == family
    assert rules["title"].startswith(f"profile:{family}")
    assert rules["body"].startswith(f"profile:{family}")


def test_every_family_that_portals_use_has_a_profile() -> None:
    assert set(profiles()) >= set(FAMILIES.values())


def test_names_in_the_text_do_not_make_a_family() -> None:
    body = (
        "<h1>Hướng dẫn đổi hệ thống</h1><p>Bài viết này nói về WordPress, NukeViet và Joomla, ba hệ thống mà"
        " nhiều cổng thông tin đang dùng, và cách chuyển bài từ hệ thống này sang hệ thống khác.</p>" * 3
    )

    assert extract(Page("https://example.org/a", body.encode(), "text/html; charset=utf-8")).profile == ""
