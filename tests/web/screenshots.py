"""Pictures of each page for the docs, taken in Chromium from a running archive.

`python -m tests.web.screenshots http://127.0.0.1:8000 docs/screenshots`, with `make run` in another terminal.
The pages behind the login are taken too when `--admin NAME` names an account of that archive (`archive admin
add NAME`); its password is asked for, or read from standard input. The folder's README is written from the
same list.
"""

from __future__ import annotations

import argparse
import getpass
import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.web.judges import DESK, PHONE
from tests.web.live import chromium

ARTICLE = "/search?q=thi+dua+dam+ha"
"""Finds the one real article of the sample first."""
_QUALITY = 80
_COMMAND = "python -m tests.web.screenshots http://127.0.0.1:8000 docs/screenshots --admin NAME"


@dataclass(frozen=True, slots=True)
class Shot:
    """One page to be shown."""

    name: str
    heading: str
    said: str
    address: str
    links: tuple[str, ...] = ()
    """Links that lead there, the first from the page at `address`; none for that page itself."""


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
        (".item-title a",),
    ),
    Shot(
        "versions", "What changed", "between two versions of an article", "/sua-doi", ("a[href*='/diff/']",)
    ),
    Shot(
        "captures",
        "All captures of an address",
        "by year and day",
        ARTICLE,
        (".item-title a", "a[href*='/web/*/']"),
    ),
    Shot("portals", "All portals", "what is kept of each", "/trang-nguon"),
    Shot("portal", "A portal", "by year, month and section", "/trang-nguon", (".portal-table a",)),
    Shot(
        "section",
        "A section",
        "of one portal, newest first",
        "/trang-nguon",
        (".portal-table a", ".periods a[href*='/muc/']"),
    ),
    Shot("events", "Events", "read out of the articles", "/su-kien"),
    Shot(
        "event",
        "An event",
        "with the sentences that tell of it",
        "/su-kien",
        ("main a[href^='/su-kien/']:not([href*='dong-thoi-gian'])",),
    ),
    Shot("people", "People", "and their offices, as reported", "/nguoi"),
    Shot(
        "person", "A person", "with each office and who reported it", "/nguoi", ("main a[href^='/nguoi/']",)
    ),
    Shot("trends", "Trends", "how often words stand in the news, by year", "/xu-huong?w=nong+thon&w=le"),
    Shot(
        "concordance",
        "Concordance",
        "each hit in its context, sorted by its neighbours",
        "/ngu-canh?q=%22nong+thon+moi%22&order=left1",
    ),
    Shot(
        "cooccurrence",
        "What goes together",
        "places and words, with G² and PMI",
        "/di-cung?q=nong+thon&rows=place&cols=word",
    ),
    Shot("find", "By an old address", "a link that no longer works leads to its copy", "/tim"),
    Shot("edits", "Silent edits", "what portals changed without a word", "/sua-doi"),
    Shot("coverage", "Coverage", "what the archive knows of and lacks", "/pham-vi"),
    Shot("about", "About", "with how to search and the keys", "/about"),
    Shot("removal", "Corrections and removal", "what to write, and what happens then", "/go-bo"),
    Shot("bot", "For portals", "who the crawler is and how to slow or stop it", "/bot"),
    Shot("api", "The API", "what programs can ask", "/api"),
    Shot("error", "An address without a page", "what to do next", "/nix"),
)


BEHIND_LOGIN = (
    Shot("admin", "Administration", "what needs a look today", "/admin/"),
    Shot("admin-sites", "Sites", "what each portal yields", "/admin/sites"),
    Shot("admin-site", "A site", "its runs, its failures by reason", "/admin/sites", ("main table a",)),
    Shot("admin-runs", "Runs", "of the crawler", "/admin/runs"),
    Shot("admin-alarms", "Alarms", "where a portal no longer yields what it did", "/admin/alarms"),
    Shot("admin-jobs", "Jobs", "what runs, ran, and can be started", "/admin/jobs"),
    Shot("admin-takedowns", "Takedowns", "what was withheld, by whom and why", "/admin/takedowns"),
    Shot(
        "admin-removals", "Requests for removal", "with the days that are left to answer", "/admin/removals"
    ),
    Shot("admin-keys", "Keys of the API", "who may ask more often", "/admin/keys"),
    Shot("admin-try", "Try a page", "what each rule finds in it", "/admin/try"),
    Shot("admin-log", "Log of acts", "who did what, and when", "/admin/log"),
    Shot("admin-system", "System", "disk, database, index", "/admin/system"),
    Shot("admin-account", "Account", "password and sessions", "/admin/account"),
)


def show(page: Page, shot: Shot) -> None:
    """Go to a page, by its links.

    :raises SystemExit: a link is not there.
    """
    page.goto(shot.address, wait_until="networkidle")
    for link in shot.links:
        found = page.locator(link)
        if not found.count():
            raise SystemExit(f"No {link} on {page.url}: point at the sample's archive (`make run`).")
        page.goto(found.first.get_attribute("href") or "", wait_until="networkidle")


def log_in(page: Page, name: str, password: str) -> None:
    """As an admin.

    :raises SystemExit: the archive knows no such account, or another password.
    """
    page.goto("/admin/login")
    page.fill("[name=name]", name)
    page.fill("[name=password]", password)
    page.click("main form button")
    page.wait_for_load_state("networkidle")
    if page.url.endswith("/admin/login"):
        raise SystemExit(f"{name} may not log in: `archive admin add {name}` sets the password.")


def take(browser: Browser, base: str, folder: Path, admin: tuple[str, str] | None) -> None:
    """Each page on a desk in light and on a phone in dark.

    :param admin: name and password of an account; None leaves out what stands behind the login.
    """
    for name, viewport, theme in (("desk", DESK, "light"), ("phone", PHONE, "dark")):
        context = browser.new_context(
            base_url=base,
            viewport=viewport,  # type: ignore[arg-type]
            color_scheme=theme,  # type: ignore[arg-type]
        )
        page = context.new_page()
        shots: Sequence[Shot] = SHOTS
        if admin is not None:
            log_in(page, *admin)
            shots = (*SHOTS, *BEHIND_LOGIN)
        for shot in shots:
            show(page, shot)
            with Image.open(io.BytesIO(page.screenshot())) as image:
                image.save(folder / f"{shot.name}-{name}.webp", quality=_QUALITY, method=6)
        context.close()


def readme() -> str:
    """The page that shows the pictures."""
    parts = [
        "# The site in pictures\n\n"
        "On a desk in the light theme, on a phone in the dark one, of the sample archive. Made by\n"
        f"`{_COMMAND}` while `make run` serves.\n"
        "The account is made by `archive admin add NAME`; pages that changed, by moving the portal's clock\n"
        "(`python -m tests.portal clock --today 2025-07-14`) and crawling again.\n"
    ]
    for shot in (*SHOTS, *BEHIND_LOGIN):
        said = f"{shot.heading}: {shot.said}"
        parts.append(
            f"## {shot.heading}\n\n{said}.\n\n![{said}, on a desk]({shot.name}-desk.webp)\n"
            f"![{said}, on a phone]({shot.name}-phone.webp)\n"
        )
    return "\n".join(parts)


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description="Pictures of each page of a running archive.")
    parser.add_argument("base", help="its address, as http://127.0.0.1:8000")
    parser.add_argument("folder", type=Path, help="where the pictures go, as docs/screenshots")
    parser.add_argument(
        "--admin", metavar="NAME", help="an account, to show what stands behind the login too"
    )
    asked = parser.parse_args()
    admin = None
    if asked.admin:
        password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        admin = asked.admin, password
    asked.folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        take(browser, asked.base, asked.folder, admin)
    (asked.folder / "README.md").write_text(readme(), "utf-8")


if __name__ == "__main__":
    main()
