"""Outside judges of pages: axe-core for accessibility, the Nu validator for HTML.

`.ci/run` installs both with npm into `.venv/axe`; a test that needs one names it as the reason of its skip.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Page

_MODULES = Path(".venv/axe/node_modules")
AXE = _MODULES / "axe-core/axe.min.js"
NU = (_MODULES / "vnu-jar/build/dist/vnu.jar").resolve()
CHROMIUM = "/usr/bin/chromium"
PHONE = {"width": 360, "height": 740}
TABLET = {"width": 768, "height": 1024}
DESK = {"width": 1280, "height": 900}

# Contrast of 7:1, which is more than AA asks.
_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"color-contrast-enhanced": {"enabled": True}},
}
# The dark theme changes colours and nothing else.
_COLOURS = {"runOnly": ["color-contrast", "color-contrast-enhanced"]}

needs_chromium = pytest.mark.skipif(
    shutil.which(CHROMIUM) is None and os.environ.get("CI") != "true",
    reason="needs Debian's chromium (apt-get install chromium)",
)
needs_axe = pytest.mark.skipif(
    not AXE.is_file(), reason="needs axe-core: npm install --prefix .venv/axe axe-core"
)
needs_nu = pytest.mark.skipif(
    not NU.is_file() or shutil.which("java") is None,
    reason="needs the Nu validator: npm install --prefix .venv/axe vnu-jar, and a JRE",
)


def axe(page: Page, *, within: str = "html", colours_only: bool = False) -> list[tuple[str, list[str]]]:
    """What axe-core finds wrong on the page shown: rule and the first elements that break it.

    The page's context must have `bypass_csp`: our own policy would refuse axe's script.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.read_text())
    options = {**(_COLOURS if colours_only else _RULES), "resultTypes": ["violations"]}
    found = page.evaluate("([within, options]) => axe.run(within, options)", [within, options])
    return [(item["id"], [node["html"][:120] for node in item["nodes"][:3]]) for item in found["violations"]]


def axe_in_both_themes(page: Page) -> list[tuple[str, list[str]]]:
    """`axe` in the light theme, and once more for the colours of the dark one."""
    page.emulate_media(color_scheme="light")
    found = axe(page)
    page.emulate_media(color_scheme="dark")
    return found + axe(page, colours_only=True)


def nu(documents: Mapping[str, str], folder: Path) -> list[str]:
    """What the Nu validator finds wrong in these HTML documents, warnings too: `name: line: message`.

    :param documents: name (an address, say) → HTML.
    :param folder: an empty one; the documents are checked as files in one run, as Java starts slowly.
    """
    names = {}
    for number, (name, html) in enumerate(documents.items()):
        file = folder / f"{number}.html"
        file.write_text(html, "utf-8")
        names[file.name] = name
    done = subprocess.run(
        ["java", "-jar", str(NU), "--format", "json", "--stdout", "--exit-zero-always", *names],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return [
        f"{names[item['url'].rsplit('/', 1)[-1]]}: {item.get('lastLine', 0)}: {item['message']}"
        for item in json.loads(done.stdout)["messages"]
    ]
