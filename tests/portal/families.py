"""The three portals: how each family lays out addresses, lists, feeds, sitemaps and article pages."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
import unicodedata
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from tests.portal import grammar, pictures
from tests.portal.grammar import SampleArticle
from tests.portal.newsroom import Newsroom
from tests.portal.phrases import SECTIONS

STYLE = "body { color: rgb(1, 2, 3); background: url(nen.gif) }"
PER_PAGE = 10
FEED_ITEMS = 10
WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")
PAGES = Path(__file__).parent / "pages"


class Card:
    """What a list shows of an article."""

    def __init__(self, room: Newsroom, i: int, url: str) -> None:
        sample = room.article(i)
        self.title, self.lead, self.published, self.url = sample.title, sample.lead, sample.published, url
        self.modified, self.index = room.modified(i), i
        self.picture = sample.figures[0].picture if sample.figures else ""


class Family:
    """What the families share: an app, a newsroom, pages of a list."""

    name = ""

    def __init__(self, room: Newsroom) -> None:
        self.room = room
        self.app = Flask(__name__, template_folder=str(PAGES), static_folder=None)
        self.app.jinja_env.globals.update(
            room=room, sections=SECTIONS, district=room.district, slogan=self.slogan(), weekday=weekday
        )
        self.app.jinja_env.trim_blocks = self.app.jinja_env.lstrip_blocks = True
        self.app.jinja_env.tests.update({kind.__name__.lower(): _is(kind) for kind in _PARTS})
        self.app.after_request(_finish)
        self.route("/robots.txt", self.robots)
        self.route("/kieu/trang.css", lambda: Response(STYLE, mimetype="text/css"))
        self.route("/kieu/nen.gif", lambda: Response(pictures.pixel(), mimetype="image/gif"))
        self.route("/pixel.gif", lambda: Response(pictures.pixel(), mimetype="image/gif"))

    def route(
        self, rule: str, view: Callable[..., AnyResponse | str], methods: tuple[str, ...] = ("GET",)
    ) -> None:
        self.app.add_url_rule(rule, f"{rule}-{len(methods)}", view, methods=list(methods))

    def slogan(self) -> str:
        return self.room.district.slogan or grammar.real_lines()[0]

    def url(self, i: int) -> str:
        """The path of article `i`."""
        raise AssertionError("each family has its own")

    def cards(self, indexes: list[int]) -> list[Card]:
        return [Card(self.room, i, self.url(i)) for i in indexes]

    def page_of(self, section: int | None, page: int) -> tuple[list[Card], int]:
        """The cards of one page of a list, and the number of pages."""
        indexes = self.room.indexes(section)
        last = max(1, -(-len(indexes) // PER_PAGE))
        if not 1 <= page <= last:
            abort(404)
        return self.cards(indexes[(page - 1) * PER_PAGE : page * PER_PAGE]), last

    def sample(self, i: int) -> SampleArticle:
        try:
            return self.room.article(i)
        except KeyError:
            abort(404)

    def related(self, i: int) -> list[Card]:
        around = [j for step in (1, 2, 4) if self.room.online(j := i - 3 * step)]
        return self.cards(around)

    def show(self, template: str, **context: object) -> str:
        return self.shared(f"{self.name}/{template}", **context)

    @staticmethod
    def shared(template: str, **context: object) -> str:
        return render_template(template, base=request.host_url.rstrip("/"), **context)

    def robots(self) -> Response:
        text = f"User-agent: *\nDisallow: /quan-tri/\nSitemap: {request.host_url}{self.sitemap_path}\n"
        return Response(text, mimetype="text/plain")

    sitemap_path = ""

    def sitemap(self, newest: int) -> Response:
        indexes = self.room.indexes()[:newest]
        return Response(self.shared("sitemap.xml", cards=self.cards(indexes)), mimetype="application/xml")

    def feed(self) -> Response:
        indexes = self.room.indexes()[:FEED_ITEMS]
        return Response(self.shared("feed.xml", cards=self.cards(indexes)), mimetype="application/rss+xml")

    @staticmethod
    def picture(name: str) -> Response:
        if not name.endswith(".jpg"):
            abort(404)
        return Response(pictures.jpeg(name), mimetype="image/jpeg")


class WordPress(Family):
    """huyendamha.vn as it was: slugs at the root, `?p=` aliases, categories with /page/N/."""

    name = "wordpress"
    sitemap_path = "wp-sitemap.xml"

    def __init__(self, room: Newsroom) -> None:
        super().__init__(room)
        self._slugs: dict[str, int] = {}
        self.route("/", self.home)
        self.route("/category/<slug>/", self.category)
        self.route("/category/<slug>/page/<int:page>/", self.category)
        self.route("/feed/", self.feed)
        self.route("/wp-sitemap.xml", lambda: self.sitemap(40))
        self.route("/wp-content/uploads/<path:name>", self.upload)
        self.route("/lich/<int:year>/<int:month>/", self.calendar)
        self.route("/gioi-thieu/", lambda: self.show("about.html"))
        self.route("/quan-tri/", lambda: Response("cấm", 403))
        self.route("/<slug>/", self.article)
        self.route("/<slug>/<int:page>/", self.article)
        self.route("/<slug>/print/", self.print_view)

    def url(self, i: int) -> str:
        name = self.room.slug(i)
        self._slugs[name] = i
        return f"/{name}/"

    def home(self) -> AnyResponse | str:
        if number := request.args.get("p", type=int):
            return self._page(number - 6000)
        return self.show("home.html", cards=self.cards(self.room.indexes()[:12]))

    def category(self, slug: str, page: int = 1) -> str:
        section = _section(slug)
        cards, last = self.page_of(section, page)
        return self.show("list.html", cards=cards, page=page, last=last, section=SECTIONS[section])

    def calendar(self, year: int, month: int) -> str:
        """A calendar that pages for ever: a trap."""
        following = dt.date(min(year, 9000), min(month, 12), 28) + dt.timedelta(days=7)
        return self.show("calendar.html", year=year, month=month, following=following)

    def article(self, slug: str, page: int = 1) -> AnyResponse | str:
        if slug == "page-not-here":
            return self.show("soft404.html")
        i = self._index(slug)
        if i is None or not 1 <= page <= self._pages(i):
            return Response(self.show("soft404.html"), 404)
        return self._page(i, page)

    def print_view(self, slug: str) -> AnyResponse | str:
        """The whole article on one page, without its date, as such views are."""
        i = self._index(slug)
        if i is None or not self._has_print_view(i):
            return Response(self.show("soft404.html"), 404)
        return self.show("print.html", a=self.sample(i), title=_title(self.sample(i)))

    def _index(self, slug: str) -> int | None:
        """The article on line under a name; None when there is none."""
        tail = slug.rsplit("-", 1)[-1]
        real = grammar.real_index(self.room.total)
        i = self._slugs.get(slug, int(tail) if tail.isdigit() else real)
        return i if self.room.online(i) and self.room.slug(i) == slug else None

    def _pages(self, i: int) -> int:
        """On how many pages an article stands: long ones are parted with `<!--nextpage-->`."""
        own = i // 3 % 6 == 4 and i != grammar.real_index(self.room.total)
        return 2 if own and len(self.sample(i).parts) >= 5 else 1

    @staticmethod
    def _has_print_view(i: int) -> bool:
        return i // 3 % 5 == 2

    @staticmethod
    def _file(i: int) -> str:
        """The name of the file that an article has attached; "" for most."""
        return f"ke-hoach-{i}.pdf" if i // 3 % 8 == 1 else ""

    def upload(self, name: str) -> Response:
        number = name.removeprefix("ke-hoach-").removesuffix(".pdf")
        if number.isdigit() and name == self._file(int(number)):
            return Response(pictures.pdf(f"Ke hoach so {number} cua huyen"), mimetype="application/pdf")
        return self.picture(name)

    def _page(self, i: int, page: int = 1) -> str:
        sample = self.sample(i)
        pages = self._pages(i)
        half = len(sample.parts) // 2
        parts = sample.parts if pages == 1 else (sample.parts[:half], sample.parts[half:])[page - 1]
        return self.show(
            "article.html", a=sample, i=i, url=self.url(i), related=self.related(i), title=_title(sample),
            modified=self.room.modified(i), parts=parts, page=page, pages=pages, file=self._file(i),
            has_print_view=self._has_print_view(i),
        )  # fmt: skip


class NukeViet(Family):
    """The commonest government system: one article, ending in its number, in several categories."""

    name = "nukeviet"
    sitemap_path = "sitemap-vi.news.xml"

    def __init__(self, room: Newsroom) -> None:
        super().__init__(room)
        self.route("/", lambda: redirect("/vi/", 302))
        self.route("/vi/", self.home)
        self.route("/vi/rss/", self.feed)
        self.route("/vi/news/<slug>/", self.category)
        self.route("/vi/news/<slug>/page-<int:page>", self.category)
        self.route("/vi/news/<slug>/<alias>.html", self.article)
        self.route("/vi/about/", lambda: self.show("about.html"))
        self.route("/sitemap-vi.news.xml", lambda: self.sitemap(60))
        self.route("/uploads/news/<path:name>", self.picture)

    def url(self, i: int, section: int | None = None) -> str:
        number = grammar.section_of(self.room.seed, i, self.room.total) if section is None else section
        return f"/vi/news/{SECTIONS[number][1]}/{self.room.slug(i)}-{1000 + i}.html"

    def home(self) -> str:
        session = hashlib.sha256(str(self.room.today).encode()).hexdigest()[:26]
        return self.show("home.html", cards=self.cards(self.room.indexes()[:12]), session=session)

    def category(self, slug: str, page: int = 1) -> str:
        section = _section(slug)
        cards, last = self.page_of(section, page)
        if section == 0:  # the front category repeats some articles of the others, under its own address
            others = self.room.indexes(1 + page % 4)[page * 3 : page * 3 + 2]
            cards += [Card(self.room, i, self.url(i, 0)) for i in others]
        return self.show("list.html", cards=cards, page=page, last=last, section=SECTIONS[section])

    def article(self, slug: str, alias: str) -> AnyResponse | str:
        number = alias.rsplit("-", 1)[-1]
        i = int(number) - 1000 if number.isdigit() else -1
        sample = self.sample(i)
        return self.show(
            "article.html", a=sample, i=i, url=self.url(i), related=self.related(i), title=_title(sample),
            section=SECTIONS[_section(slug)],
        )  # fmt: skip


class SharePoint(Family):
    """/Trang/…aspx pages: lists page by postback, articles are one page with a number in the query."""

    name = "sharepoint"
    sitemap_path = "sitemap.xml"

    def __init__(self, room: Newsroom) -> None:
        super().__init__(room)
        self.route("/", lambda: redirect("/Trang/Default.aspx", 301))
        self.route("/Trang/Default.aspx", self.home)
        self.route("/Trang/Tin-tuc-su-kien.aspx", self.listing, ("GET", "POST"))
        self.route("/Trang/ChiTietTinTuc.aspx", self.article)
        self.route("/Trang/Gioi thieu.aspx", lambda: self.show("about.html"))
        self.route("/sitemap.xml", lambda: self.sitemap(20))
        self.route("/PublishingImages/<path:name>", self.picture)

    def url(self, i: int) -> str:
        return f"/Trang/ChiTietTinTuc.aspx?nid={i + 1}"

    def home(self) -> str:
        return self.show("home.html", cards=self.cards(self.room.indexes()[:8]))

    def listing(self) -> str:
        number = _argument("cat") or "82"
        section = next((n for n, item in enumerate(SECTIONS) if str(item[2]) == number), None)
        if section is None:
            abort(404)
        page = 1
        if request.method == "POST":
            if request.form.get("__VIEWSTATE") != self.viewstate(number):
                abort(500)
            argument = request.form.get("__EVENTARGUMENT", "")
            if request.form.get("__EVENTTARGET") != "ctl00$pager" or not argument.isdigit():
                abort(400)
            page = int(argument)
        cards, last = self.page_of(section, page)
        return self.show(
            "list.html",
            cards=cards,
            page=page,
            last=last,
            section=SECTIONS[section],
            viewstate=self.viewstate(number),
        )

    def article(self) -> str:
        number = _argument("nid") or ""
        sample = self.sample(int(number) - 1 if number.isdigit() else -1)
        i = sample.index
        return self.show("article.html", a=sample, i=i, related=self.related(i), title=_title(sample))

    @staticmethod
    def viewstate(number: str) -> str:
        """The hidden field that a postback must bring back unchanged."""
        return random.Random(number).randbytes(60).hex()


FAMILIES: dict[str, type[Family]] = {item.name: item for item in (WordPress, NukeViet, SharePoint)}
_PARTS = (grammar.Para, grammar.Head, grammar.Items, grammar.Grid, grammar.Said, grammar.Figure)


def weekday(moment: dt.date) -> str:
    """Its Vietnamese name."""
    return WEEKDAYS[moment.weekday()]


def _is(kind: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, kind)


def _title(sample: SampleArticle) -> str:
    return unicodedata.normalize("NFD", sample.title) if sample.nfd else sample.title


def _section(slug: str) -> int:
    names = [name for _, name, _ in SECTIONS]
    return names.index(slug) if slug in names else abort(404)


def _argument(name: str) -> str | None:
    """A query argument whatever the case of its name, as these systems take it."""
    return next((value for key, value in request.args.items() if key.lower() == name), None)


def _finish(response: Response) -> Response:
    if response.status_code == 200 and request.method in ("GET", "HEAD"):
        response.add_etag()
        response.make_conditional(request)
    return response
