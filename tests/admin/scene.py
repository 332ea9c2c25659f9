"""An archive with something to hide, and all the ways by which a reader could come upon it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

from flask.testing import FlaskClient
from markupsafe import escape

from archive.model import Attachment, Byline, Figure, Paragraph
from archive.web import create_app
from tests.web.library import Library, article, jpeg, on

NAME = "Lường Thị Xuân Quýnh"
TITLE = "Kết luận thanh tra thửa đất Bãi Vọoc"
TELLING = ("Vọoc", "Vooc", "vooc", "thửa 17B", "Đoàn kiểm tra liên ngành")
"""Words that stand in the secret article and nowhere else."""
FILE = b"%PDF-1.4 thua 17B"
SECTION = "Đất đai Vọoc"
ADDRESS = "http://portal.example/tin/ket-luan.html"
CAPTION = "Thửa 17B nhìn từ đường liên xã"


class Hiding(Library):
    """The archive, with the ids of what is taken down in tests."""

    secret: str
    other: str
    edited: str
    named: str
    own: str
    """Digest of the picture that only the secret article shows."""
    shared: str
    """Digest of a picture that the secret article shares with another."""
    file: str
    """Digest of the file attached to the secret article."""


def build(library: Hiding) -> Hiding:
    """Fill the archive."""
    photo = library.picture("/anh/thua-17b.jpg", jpeg(900, 600, "brown"))
    shared = library.picture("/anh/tru-so.jpg", jpeg(900, 600, "navy"))
    library.put("/tep/ket-luan.pdf", FILE, mime="application/pdf")
    body = (
        "Sáng 3/4/2021, tại Bãi Vọoc, Đoàn kiểm tra liên ngành tổ chức Hội nghị công bố kết luận thửa 17B. "
        "Đoàn kiểm tra liên ngành làm việc tại Bãi Vọoc trong ba ngày liền, có sự chứng kiến "
        "của chính quyền xã và đại diện các hộ dân sinh sống quanh khu vực từ nhiều năm nay."
    )
    library.secret = library.add(
        "/tin/ket-luan.html",
        article(
            TITLE,
            lead="Chiều 3/4, Đoàn kiểm tra liên ngành công bố kết luận về Bãi Vọoc.",
            published=on(2021, 4, 3),
            section=SECTION,
            byline=Byline(("Vọoc Văn Ký",), text="Vọoc Văn Ký"),
            blocks=(
                Paragraph(body),
                Figure((photo,), CAPTION),
                Figure((shared,), "Trụ sở"),
                Attachment("http://portal.example/tep/ket-luan.pdf", "Kết luận Bãi Vọoc"),
            ),
        ),
    )
    library.other = library.add(
        "/tin/hop.html",
        article(
            "Kết luận hội nghị Ban Chấp hành",
            "Hội nghị bàn về công tác đất đai của các xã trong năm.",
            published=on(2021, 4, 3),
            section="Tin huyện",
            blocks=(
                Paragraph("Hội nghị bàn về công tác đất đai của các xã trong năm."),
                Figure((shared,), "Trụ sở UBND huyện"),
            ),
        ),
    )
    library.edited = library.add(
        "/tin/sua.html", article("Bài được sửa", "Bản đầu nói về con số bảy mươi mốt.")
    )
    library.add("/tin/sua.html", article("Bài được sửa", "Bản sau nói về con số tám mươi hai."))
    library.named = library.add(
        "/tin/luong-thi-xuan-quynh-nhan-bang-khen.html",
        article(
            f"Bà {NAME} nhận bằng khen",
            f"Bà {NAME} (LƯỜNG THỊ XUÂN QUÝNH) là hộ gia đình tiêu biểu.",
            lead=f"Sáng nay, bà {NAME} được biểu dương.",
            published=on(2022, 4, 3),
            section="Tin huyện",
            byline=Byline((NAME,), text=f"Tin: {NAME}"),
        ),
    )
    for number in range(12):
        library.add(
            f"/tin/{number}.html",
            article(
                f"Hội nghị lần {number}", f"Hội nghị lần {number} bàn việc xã.", published=on(2020, 4, 3)
            ),
        )
    store = library.store
    view = store.article(library.secret)
    assert view is not None
    library.own = view.pictures[photo.url].payload_digest
    library.shared = view.pictures[shared.url].payload_digest
    library.file = f"sha256:{hashlib.sha256(FILE).hexdigest()}"
    library.index()
    return library


@dataclass(frozen=True)
class Shown:
    """One answer."""

    address: str
    status: int
    text: str


def addresses(library: Hiding) -> Iterator[str]:
    """Where a reader could look, the articles themselves left out."""
    yield from ("/", "/gioi-thieu", "/healthz", "/opensearch.xml", "/robots.txt", "/sitemap.xml", "/go-bo")
    yield from ("/site/dam-ha", "/site/dam-ha/2021", "/site/dam-ha/2021/4")
    for q in (
        "",
        "đất",
        "kết luận",
        "vooc",
        "Bãi Vọoc",
        '"thửa 17B"',
        "bai vool",
        "quynh",
        "con số",
        "xuan quin",
    ):
        yield f"/search?q={quote(q)}"
    yield f"/search?q={quote('đất')}&sort=oldest&year=2021"
    for typed in ("kết", "kết luận", "thửa", "bãi v", "đất đ", "lường th", "bà l"):
        yield f"/complete?q={quote(typed)}"
    for one in (library.other, library.edited):
        yield f"/a/{one}"
        yield f"/a/{one}/v/1"
    yield from ("/trang-nguon", "/pham-vi", "/pham-vi.json", "/pham-vi.csv", "/pham-vi/dam-ha", "/sua-doi")
    yield from ("/site/dam-ha/muc/Tin huyện", f"/site/dam-ha/muc/{SECTION}")
    yield from ("/su-kien", "/su-kien?year=2021", "/su-kien.ics", "/su-kien/dong-thoi-gian", "/nguoi")
    for form in ("csv", "jsonl", "ris"):
        yield f"/search.{form}?q="
        yield f"/search.{form}?q={quote('đất')}"
    for path in ("search?q=", f"search?q={quote('đất')}", "events", "people", "sites"):
        yield f"/api/v1/{path}"
    yield f"/tim?url={quote(ADDRESS)}"
    yield f"/tim?q={quote(ADDRESS)}"


def refused(library: Hiding) -> Iterator[str]:
    """Addresses of the secret article and of what only it has."""
    yield f"/a/{library.secret}"
    yield f"/a/{library.secret}/ket-luan"
    for path in ("v/1", "v/1/cite.bib", "v/1/cite.ris", "v/1/cite.json", "diff/1/2", "evidence.zip"):
        yield f"/a/{library.secret}/{path}"
    for path in ("", ".jpg", "/240", "/800", "/card.jpg"):
        yield f"/media/{library.own[7:]}{path}"
    yield f"/media/{library.file[7:]}"
    for address in (
        ADDRESS,
        "http://portal.example/anh/thua-17b.jpg",
        "http://portal.example/tep/ket-luan.pdf",
    ):
        yield f"/web/{address}"
        yield f"/web/2026/{address}"
        yield f"/web/2026im_/{address}"
    for form in ("link", "json"):
        yield f"/timemap/{form}/{ADDRESS}"
    yield f"/web/*/{ADDRESS}"
    yield f"/api/v1/articles/{library.secret}"
    yield f"/api/v1/articles/{library.secret}/versions/1"
    yield f"/oembed?url={quote(f'http://127.0.0.1:8000/a/{library.secret}')}"


def look(library: Hiding, paths: Iterator[str] | None = None) -> list[Shown]:
    """Every answer, redirects followed."""
    client = client_of(library)
    found = []
    for address in paths or addresses(library):
        answer = client.get(address, follow_redirects=True)
        text = answer.get_data(as_text=True)
        if "json" in (answer.content_type or ""):
            text = text.encode().decode("unicode_escape", "replace") if "\\u" in text else text
        found.append(Shown(address, answer.status_code, _without_the_question(address, text)))
    return found


def _without_the_question(address: str, text: str) -> str:
    """What was typed is said again on the page, and is no news to who typed it."""
    parts = urlsplit(address)
    for typed in (*parse_qs(parts.query).get("q", ()), parts.path.rpartition("/muc/")[2]):
        forms = {
            typed,
            typed.replace(" ", "%20"),
            quote(typed),
            quote_plus(typed),
            str(escape(typed)),
            typed.replace('"', '\\"'),
        }
        for form in sorted(filter(None, forms), key=len, reverse=True):
            text = re.sub(re.escape(form), "", text, flags=re.IGNORECASE)
    return text


def client_of(library: Hiding) -> FlaskClient:
    app = create_app(replace(library.settings, sample=False))
    app.testing = True
    return app.test_client()
