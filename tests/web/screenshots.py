"""Pictures of each page for the docs, taken in Chromium from a running archive.

`python -m tests.web.screenshots http://127.0.0.1:8000 docs/screenshots`, with `make run` in another terminal.
The folder's README is written from the same list.
"""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.web.judges import DESK, PHONE
from tests.web.live import chromium

ARTICLE = "/search?q=thi+dua+dam+ha"
"""Finds the one real article of the sample first."""
_QUALITY = 80
_COMMAND = "python -m tests.web.screenshots http://127.0.0.1:8000 docs/screenshots"


@dataclass(frozen=True, slots=True)
class Shot:
    """One page to be shown."""

    name: str
    heading: str
    said: str
    address: str
    link: str = ""
    """A link on the page at `address` that leads there; "" for that page itself."""


SHOTS = (
    Shot("home", "Home", "what is in here, the newest, this day in earlier years", "/"),
    Shot(
        "results",
        "Results",
        "how the question was read, the years, filters, found words with their accents",
        "/search?q=nong+thon+moi",
    ),
    Shot("nothing", "Nothing found", "what can be done about it", "/search?q=xyzzy+qux"),
    Shot(
        "article",
        "An article",
        "the copy as it stood, its versions, the state of the original, citations",
        ARTICLE,
        ".item-title a",
    ),
    Shot("portals", "All portals", "what is kept of each", "/trang-nguon"),
    Shot("portal", "A portal", "by year, month and section", "/trang-nguon", ".portal-table a"),
    Shot("section", "A section", "of one portal, newest first", "/trang-nguon", ".portal-table a >> nth=0"),
    Shot("events", "Events", "read out of the articles", "/su-kien"),
    Shot("people", "People", "and their offices, as reported", "/nguoi"),
    Shot("find", "By an old address", "a link that no longer works leads to its copy", "/tim"),
    Shot("edits", "Silent edits", "what portals changed without a word", "/sua-doi"),
    Shot("coverage", "Coverage", "what the archive knows of and lacks", "/pham-vi"),
    Shot("about", "About", "with how to search and the keys", "/about"),
    Shot("removal", "Corrections and removal", "what to write, and what happens then", "/go-bo"),
    Shot("bot", "For portals", "who the crawler is and how to slow or stop it", "/bot"),
    Shot("error", "An address without a page", "what to do next", "/nix"),
)


def address(page: Page, shot: Shot) -> str:
    """Where a page is."""
    if not shot.link:
        return shot.address
    page.goto(shot.address)
    found = page.locator(shot.link).first.get_attribute("href")
    if found is None:
        raise SystemExit(f"No {shot.link} on {shot.address}: point at the sample's archive (`make run`).")
    if shot.name != "section":
        return found
    page.goto(found)
    return page.locator(".periods a[href*='/muc/']").first.get_attribute("href") or found


def take(browser: Browser, base: str, folder: Path) -> None:
    """Each page on a desk in light and on a phone in dark."""
    for name, viewport, theme in (("desk", DESK, "light"), ("phone", PHONE, "dark")):
        context = browser.new_context(
            base_url=base,
            viewport=viewport,  # type: ignore[arg-type]
            color_scheme=theme,  # type: ignore[arg-type]
        )
        page = context.new_page()
        for shot in SHOTS:
            page.goto(address(page, shot), wait_until="networkidle")
            with Image.open(io.BytesIO(page.screenshot())) as image:
                image.save(folder / f"{shot.name}-{name}.webp", quality=_QUALITY, method=6)
        context.close()


def readme() -> str:
    """The page that shows the pictures."""
    parts = [
        "# The site in pictures\n\n"
        "On a desk in the light theme, on a phone in the dark one, of the sample archive. Made by\n"
        f"`{_COMMAND}` while `make run` serves.\n"
    ]
    for shot in SHOTS:
        said = f"{shot.heading}: {shot.said}"
        parts.append(
            f"## {shot.heading}\n\n{said}.\n\n![{said}, on a desk]({shot.name}-desk.webp)\n"
            f"![{said}, on a phone]({shot.name}-phone.webp)\n"
        )
    return "\n".join(parts)


def main() -> None:
    """See the module."""
    base, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        take(browser, base, folder)
    (folder / "README.md").write_text(readme(), "utf-8")


if __name__ == "__main__":
    main()
