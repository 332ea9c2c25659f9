"""Pictures of each page for the docs, taken in Chromium from a running archive.

`python -m tests.web.screenshots http://127.0.0.1:8000 docs/screenshots`, with `make run` in another terminal.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.web.judges import ARGUMENTS, CHROMIUM, DESK, PHONE

ARTICLE = "/search?q=thi+dua+dam+ha"
"""Finds the one real article of the sample."""
RESULTS = "/search?q=nong+thon+moi"
_QUALITY = 80


def shown(page: Page) -> dict[str, str]:
    """Name of a picture → address of the page; the article is the first that is found."""
    page.goto(ARTICLE)
    article = page.locator(".item-title a").first.get_attribute("href")
    site = page.locator(".item-facts a").first.get_attribute("href")
    if article is None or site is None:
        raise SystemExit("Nothing found: point at an archive that holds the sample (`make run`).")
    return {"home": "/", "results": RESULTS, "article": article, "portal": site, "about": "/about"}


def take(browser: Browser, base: str, folder: Path) -> None:
    """Each page on a desk in light and on a phone in dark."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, viewport, theme in (("desk", DESK, "light"), ("phone", PHONE, "dark")):
        context = browser.new_context(
            base_url=base,
            viewport=viewport,  # type: ignore[arg-type]
            color_scheme=theme,  # type: ignore[arg-type]
        )
        page = context.new_page()
        for page_name, path in shown(page).items():
            page.goto(path, wait_until="networkidle")
            with Image.open(io.BytesIO(page.screenshot())) as image:
                image.save(folder / f"{page_name}-{name}.webp", quality=_QUALITY, method=6)
        context.close()


def main() -> None:
    """See the module."""
    base, folder = sys.argv[1:]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        take(browser, base, Path(folder))
        browser.close()


if __name__ == "__main__":
    main()
