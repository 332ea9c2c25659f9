"""Our WACZ in the player that readers of the field use: ReplayWeb.page, in Chromium, from loopback alone."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from archive.preserve.exporting import Selection, export_wacz
from tests.portal.server import SiteServer
from tests.store.scene import BASE, BODY, OTHER_BODY, OTHER_TITLE, Scene, article_html
from tests.web.judges import needs_chromium
from tests.web.live import chromium

PLAYER = Path(".venv/judges/replaywebpage/package").absolute()
pytestmark = [
    pytest.mark.browser,
    needs_chromium,
    pytest.mark.skipif(
        not (PLAYER / "ui.js").is_file(), reason="needs replaywebpage in .venv/judges: make judges"
    ),
]
_PAGE = """<!doctype html><meta charset="utf-8"><script src="/ui.js"></script>
<replay-web-page source="/out.wacz" url="{url}" ts="{ts}" replayBase="/replay/" embed="default"
  style="display:block;height:700px"></replay-web-page>"""

_INNER = b"""<!doctype html><meta charset="utf-8"><script src="./ui.js"></script>
<replay-app-main></replay-app-main>"""
"""What the player's service worker serves once it is there."""


def _app(wacz: Path, page: str) -> Any:
    """Player, page and package; the package in ranges, as the player asks for it."""
    files = {
        "/ui.js": PLAYER / "ui.js",
        "/replay/ui.js": PLAYER / "ui.js",
        "/replay/sw.js": PLAYER / "sw.js",
        "/out.wacz": wacz,
    }

    def serve(environ: dict[str, Any], start: Any) -> list[bytes]:
        path = environ["PATH_INFO"]
        data = {"/": page.encode(), "/replay/": _INNER}.get(path, b"")
        if path in files:
            data = files[path].read_bytes()
        elif not data:
            start("404 Not Found", [("Content-Length", "0")])
            return [b""]
        kind = "text/javascript" if path.endswith(".js") else "text/html"
        headers = [("Content-Type", kind), ("Accept-Ranges", "bytes")]
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", environ.get("HTTP_RANGE", ""))
        status = "200 OK"
        if asked and asked[0] != "bytes=-":
            size = len(data)
            first = int(asked[1]) if asked[1] else max(0, size - int(asked[2]))
            last = min(int(asked[2]), size - 1) if asked[1] and asked[2] else size - 1
            headers.append(("Content-Range", f"bytes {first}-{last}/{size}"))
            status, data = "206 Partial Content", data[first : last + 1]
        start(status, [*headers, ("Content-Length", str(len(data)))])
        return [data]

    return serve


def test_a_wacz_opens_in_replayweb_page(scene: Scene, tmp_path: Path) -> None:
    scene.get("/a.html", article_html(pictures=[("/1.png", "Đại biểu")]), compressed=True)
    scene.get("/1.png", _png(), content_type="image/png", hops="LE", via=f"{BASE}/a.html")
    held = scene.get("/b.html", article_html(OTHER_TITLE, OTHER_BODY)).capture
    scene.next_crawl()
    revisit = scene.get("/b.html", article_html(OTHER_TITLE, OTHER_BODY), revisit=held).capture
    path = tmp_path / "out.wacz"
    export_wacz(scene.store, scene.warcs, Selection(), path, operator="", title="Kho")
    with chromium() as browser:
        _see(browser.new_page(), path, f"{BASE}/a.html", "20220928090000", BODY[0])
        shown = f"{revisit.at:%Y%m%d%H%M%S}"
        _see(browser.new_page(), path, f"{BASE}/b.html", shown, OTHER_BODY[0])


def _see(page: Page, wacz: Path, url: str, moment: str, text: str) -> None:
    server = SiteServer(_app(wacz, _PAGE.format(url=url, ts=moment)))
    try:
        page.goto(f"http://127.0.0.1:{server.port}/")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            for frame in page.frames:
                if text in (frame.locator("body").all_text_contents() or [""])[0]:
                    if url.endswith("a.html"):
                        frame.wait_for_function("document.images[0].naturalWidth === 2")
                    return
            page.wait_for_timeout(100)
        raise AssertionError([frame.url for frame in page.frames])
    finally:
        server.close()


def _png() -> bytes:
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (2, 2), "red").save(buffer, "PNG")
    return buffer.getvalue()
