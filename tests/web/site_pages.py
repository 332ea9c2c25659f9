"""Every kind of page of the public site, in one list: what is added here is judged by all that judge pages.

axe-core in both themes, the Nu validator, the width of an old phone (`test_browser`, `test_valid_html`).
A new blueprint adds its addresses to `pages`; pages behind a login use `judges` in tests of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.store import Chronicle
from archive.store.happenings.values import EventQuery

if TYPE_CHECKING:
    from tests.web.conftest import Filled

MAIN = ("/", "/search?q=hoi+nghi")
"""Those that stand for all where all would take too long; an article goes with them."""


def pages(filled: Filled) -> list[str]:
    """Addresses, the error pages among them."""
    return [
        *MAIN,
        "/search?q=hoi+nghi&year=2016&media=0",
        "/search?q=zzzzqqq",
        f"/a/{filled.real}",
        f"/a/{filled.evil}",
        f"/a/{filled.edited}/v/1",
        f"/a/{filled.edited}/diff/1/2",
        f"/a/{filled.edited}/diff/1/2?view=side",
        "/site/dam-ha",
        "/site/dam-ha/2022/9",
        "/site/dam-ha/muc/Tin trong huyện",
        "/trang-nguon",
        "/about",
        "/bot",
        "/go-bo",
        "/pham-vi",
        "/pham-vi/dam-ha",
        "/search?q=zzzzqqq&site=dam-ha&year=2019",
        "/sua-doi",
        "/sua-doi?kind=gone&month=2026-11&minor=1",
        "/tim",
        "/tim?url=www.portal.example/TIN/sua.html",
        "/web/*/http://portal.example/tin/sua.html",
        "/web/202611*/http://portal.example/tin/sua.html",
        "/web/2026/http://portal.example/tin/nix-khong-co-1.html",
        *_events(filled),
        "/xu-huong?w=nong+thon&w=le&by=month&share=1",
        "/ngu-canh?q=hoi+nghi&year=2016&order=left1&order=date",
        "/ngu-canh?q=ngay:2020&width=0",
        "/di-cung?rows=word&cols=word&q=hoi",
        "/di-cung?q=zzzz",
        "/api",
        "/dumps",
        "/dumps/mau",
        "/nix",
    ]


def _events(filled: Filled) -> list[str]:
    """Events and people, as read out of the real article."""
    chronicle = Chronicle(filled.store)
    event = chronicle.gatherings(EventQuery(year=2022, month=9), limit=1)[0].id
    person = chronicle.people(name="ninh huong", limit=1)[0].id
    return [
        "/su-kien",
        "/su-kien?nam=2022&thang=9&noi=huyen+dam+ha",
        f"/su-kien/{event}",
        "/su-kien/dong-thoi-gian",
        "/nguoi",
        f"/nguoi/{person}",
    ]
