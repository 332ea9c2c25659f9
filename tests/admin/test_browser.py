"""The admin's pages in a browser: on a phone, in both themes, judged by axe-core and the Nu validator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from archive.preserve import takedown
from archive.preserve.takedown import Order
from archive.store import admins, removals
from archive.store.schema import runs
from archive.store.takedowns import Scope
from archive.web.admin import keys
from tests.admin.scene import Hiding
from tests.admin.test_pages import PASSWORD, fill
from tests.web import live
from tests.web.judges import (
    PHONE,
    axe_in_both_themes,
    needs_axe,
    needs_chromium,
    needs_nu,
    nu,
)

PAGES = {
    "overview": "/admin/",
    "site": "/admin/sites/dam-ha",
    "failures": "/admin/sites/dam-ha/failures/http",
    "runs": "/admin/runs",
    "run": "/admin/runs/1",
    "alarms": "/admin/alarms",
    "work": "/admin/jobs",
    "takedowns": "/admin/takedowns",
    "removals": "/admin/removals",
    "try": "/admin/try",
    "keys": "/admin/keys",
    "system": "/admin/system",
    "log": "/admin/log",
    "account": "/admin/account",
}
PUBLIC = {"login": "/admin/login", "go-bo": "/go-bo", "asked": f"/go-bo/{'a' * 16}"}


@pytest.fixture
def served(hiding: Hiding) -> Iterator[str]:
    """An archive with something on every page."""
    keys.ensure_key(hiding.settings.var)
    fill(hiding)
    takedown.withhold(
        hiding.store, hiding.settings, Order(Scope.ARTICLE, hiding.secret, "Theo yêu cầu.", "lan")
    )
    with hiding.store.begin() as connection:
        admins.put(connection, "lan", keys.hashed(PASSWORD))
        assert removals.listed(connection)
    with live.served(hiding.settings) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with live.chromium() as found:
        yield found


def log_in(page: Page, served: str) -> None:
    page.goto(f"{served}/admin/")
    page.get_by_label("Tên").fill("lan")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url(f"{served}/admin/")


@needs_chromium
@needs_axe
def test_every_page_is_accessible_and_fits_a_phone(served: str, browser: Browser) -> None:
    context = browser.new_context(viewport=PHONE, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    for path in PUBLIC.values():
        page.goto(served + path)
        assert axe_in_both_themes(page) == [], path
        assert _fits(page), path
    log_in(page, served)
    for path in PAGES.values():
        page.goto(served + path)
        assert axe_in_both_themes(page) == [], path
        assert _fits(page), path
    context.close()


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@needs_chromium
@needs_nu
def test_every_page_is_valid_html(
    served: str, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    context = browser.new_context()
    page = context.new_page()
    log_in(page, served)
    found = {name: context.request.get(served + path).text() for name, path in {**PUBLIC, **PAGES}.items()}
    assert nu(found, tmp_path_factory.mktemp("nu")) == []
    context.close()


@needs_chromium
def test_progress_moves_without_a_reload(served: str, browser: Browser, hiding: Hiding) -> None:
    """And what somebody is typing meanwhile is left alone."""
    run = hiding.store.begin_run("dam-ha")
    context = browser.new_context()
    page = context.new_page()
    log_in(page, served)
    page.goto(f"{served}/admin/runs/{run}")
    page.evaluate("window.stays = true")
    with hiding.store.begin() as connection:
        connection.execute(
            runs.update().where(runs.c.id == run).values(progress={"pages": 4321, "new": 7, "seconds": 1})
        )
    page.get_by_text("4.321 trang").wait_for(timeout=20_000)
    assert page.evaluate("window.stays") is True
    context.close()


@needs_chromium
def test_a_reader_asks_and_an_admin_takes_down(served: str, browser: Browser, hiding: Hiding) -> None:
    """The whole way with nothing but a browser, and without any script."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served}/go-bo")
    page.get_by_label("Địa chỉ của bài").fill(f"{served}/a/{hiding.named}")
    page.get_by_label("Điều gì sai").fill("Tên tôi bị nêu.")
    page.get_by_role("button", name="Gửi").click()
    expect(page.get_by_text("Đã nhận yêu cầu")).to_be_visible()
    asked = page.url
    log_in(page, served)
    page.get_by_role("link", name="Yêu cầu gỡ", exact=False).first.click()
    page.get_by_role("article").filter(has_text=hiding.named).get_by_role("link", name="Gỡ…").click()
    page.get_by_label("Lý do").fill("Theo yêu cầu của người được nêu tên.")
    page.get_by_role("button", name="Gỡ ngay").click()
    expect(page.get_by_text("Đã gỡ, có hiệu lực ngay.")).to_be_visible()
    answer = page.goto(f"{served}/a/{hiding.named}")
    assert answer is not None
    assert answer.status == 410
    page.goto(asked)
    assert "Chúng tôi đã làm theo yêu cầu này." in page.content()
    context.close()
