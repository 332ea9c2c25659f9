"""Whole crawls of small sites: what is found, what is left out and why, and how a crawl goes on."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import update

from archive.config import Settings
from archive.store import Store
from archive.store.schema import frontier as table
from crawler import crawl
from crawler.frontier import Frontier
from tests.crawler.crawling import (
    Pages,
    Recorder,
    article,
    contents,
    listing,
    path_of,
    run,
    served,
    site_at,
)

FIGURE = (
    '<figure><img src="/anh/le.jpg" width="600" height="400"><figcaption>Đại biểu dự lễ</figcaption></figure>'
)
HOME = listing([path_of(n) for n in range(3)])


def small(**more: object) -> Pages:
    return Pages({"/": HOME, **{path_of(n): article(n) for n in range(3)}, **more})  # type: ignore[dict-item]


def ten() -> Pages:
    pages = Pages({path_of(n): article(n) for n in range(10)})
    pages.pages["/"] = listing([path_of(n) for n in range(10)])
    return pages


def test_the_next_page_of_a_list_comes_after_its_articles(settings: Settings) -> None:
    pages = Pages({path_of(n): article(n) for n in range(9)})
    pages.pages["/"] = '<a href="/tin/">Tin tức</a>'
    for page in (1, 2, 3):
        address = "/tin/" if page == 1 else f"/tin/page/{page}/"
        paths = [path_of(n) for n in range((page - 1) * 3, page * 3)]
        pages.pages[address] = listing(paths, more=f'<a href="/tin/page/{page + 1}/">Sau</a>')
    with served(pages) as url:
        ran = run(settings, [site_at(url + "/")])
    asked = pages.pages_asked()
    assert ran.result.new == 9
    assert asked[:5] == ["/", "/tin/", path_of(0), path_of(1), path_of(2)]
    assert asked.index("/tin/page/2/") > asked.index(path_of(2))
    assert asked.index(path_of(3)) < asked.index("/tin/page/3/")
    assert len(asked) == len(set(asked))


def test_a_second_crawl_asks_for_lists_only_and_conditionally(settings: Settings) -> None:
    pages = small()
    tag = {"ETag": '"1"'}
    pages.pages["/"] = ("200 OK", tag, HOME)
    with served(pages) as url:
        run(settings, [site_at(url + "/")])
        pages.asked.clear()
        pages.headers.clear()
        pages.pages["/"] = ("304 Not Modified", tag, b"")
        ran = run(settings, [site_at(url + "/")])
    assert pages.pages_asked() == ["/"]
    assert pages.headers[pages.asked.index("/")]["IF_NONE_MATCH"] == '"1"'
    assert (ran.result.new, ran.result.changed) == (0, 0)


def test_an_edit_is_one_version_and_a_loss_is_marked(settings: Settings) -> None:
    pages = small()
    with served(pages) as url:
        run(settings, [site_at(url + "/")])
        added = "<p>Tin bổ sung: buổi lễ kết thúc vào lúc 17 giờ cùng ngày.</p>"
        pages.pages[path_of(1)] = article(1, extra=added)
        del pages.pages[path_of(2)]
        ran = run(settings, [site_at(url + "/")], recheck=True)
        assert (ran.result.changed, ran.result.gone, ran.result.same) == (1, 1, 1)
        again = run(settings, [site_at(url + "/")], recheck=True)
        assert (again.result.changed, again.result.new) == (0, 0)
    states = {address.removeprefix(url): (kept[1], kept[2]) for address, kept in contents(settings).items()}
    assert states == {path_of(0): (1, "live"), path_of(1): (2, "changed"), path_of(2): (1, "gone")}


def test_a_site_that_does_not_answer_loses_nothing(settings: Settings) -> None:
    pages = small()
    with served(pages) as url:
        run(settings, [site_at(url + "/")])
    ran = run(settings, [site_at(url + "/")], recheck=True)
    assert ran.result.gone == 0
    assert ran.result.failures.total() > 0
    assert {item.reason.value for item in ran.failures} <= {"connect", "paused"}
    assert {kept[2] for kept in contents(settings).values()} == {"live"}


def test_robots_are_obeyed_and_the_operators_override_is_kept(settings: Settings) -> None:
    pages = small(**{"/robots.txt": ("200 OK", {}, f"User-agent: *\nDisallow: {path_of(1)}")})
    with served(pages) as url:
        ran = run(settings, [site_at(url + "/")])
        assert path_of(1) not in pages.asked
        assert ran.reasons() == {path_of(1)[1:]: "robots"}
        run(settings, [site_at(url + "/", ignore_robots="agreed by letter")])
        store = Store.open(settings.database_url)
        view = next(item for item in store.newest(10) if item.article.url == url + path_of(1))
        store.close()
    assert view.capture.robots == "override: agreed by letter"


def test_a_robots_txt_that_cannot_be_read_forbids_all_for_this_run(settings: Settings) -> None:
    pages = small(**{"/robots.txt": ("500 Oops", {}, b"")})
    with served(pages) as url:
        ran = run(settings, [site_at(url + "/")])
        assert pages.pages_asked() == []
        assert set(ran.reasons().values()) == {"robots"}
        del pages.pages["/robots.txt"]
        assert run(settings, [site_at(url + "/")]).result.new == 3


def test_redirects_are_followed_by_hand_and_told_when_they_lead_astray(settings: Settings) -> None:
    def to(target: str) -> tuple[str, dict[str, str], bytes]:
        return ("302 Found", {"Location": target}, b"")

    moved, circle, outside, inside, astray, far = (
        f"/{word}-cua-huyen-nha-ta-so-0/" for word in ("chuyen", "vong", "ngoai", "trong", "lac", "dai")
    )
    pages = small()
    pages.pages["/"] = listing([moved, circle, outside, inside, astray, far])
    pages.pages |= {
        moved: to(path_of(1)),
        circle: to("/vong-hai/"),
        "/vong-hai/": to(circle),
        outside: to("http://elsewhere.example/"),
        inside: to("http://169.254.169.254/latest/meta-data/"),
        astray: to("javascript:alert(1)"),
    }
    pages.pages |= {far.replace("0", str(n)): to(far.replace("0", str(n + 1))) for n in range(30)}
    with served(pages) as url:
        ran = run(settings, [site_at(url + "/")])
    reasons = ran.reasons()
    assert ran.result.new == 1
    assert reasons["vong-hai/"] == "redirects"
    assert reasons[outside[1:]] == "out-of-scope"
    assert reasons[inside[1:]] == "out-of-scope"
    assert reasons[astray[1:]] == "redirects"
    assert sum(path.startswith("/dai-") for path in pages.asked) <= 12
    assert list(reasons.values()).count("redirects") == 3


def test_an_address_that_only_changes_its_spelling_is_asked_for_again(settings: Settings) -> None:
    pages = small(**{
        "/": listing(["/xem.aspx?NID=12&b=1"]),
        "/xem.aspx?NID=12&b=1": ("301 Moved", {"Location": "/xem.aspx?b=1&nid=12"}, b""),
        "/xem.aspx?b=1&nid=12": article(4),
    })  # fmt: skip
    with served(pages) as url:
        assert run(settings, [site_at(url + "/")]).result.new == 1


def test_retry_after_is_waited_for(settings: Settings) -> None:
    pages = small()
    refused: list[float] = []

    def page(path: str) -> tuple[str, dict[str, str], bytes] | None:
        if path == "/" and not refused:
            refused.append(time.monotonic())
            return ("429 Too Many Requests", {"Retry-After": "1"}, b"")
        return None

    home = pages.pages.pop("/")
    pages.otherwise = lambda path: page(path) or (home if path == "/" else None)
    with served(pages) as url:
        began = time.monotonic()
        assert run(settings, [site_at(url + "/")]).result.new == 3
        assert time.monotonic() - began >= 1


def test_a_host_that_refuses_again_and_again_is_left_alone_until_the_next_run(settings: Settings) -> None:
    pages = small()
    home = pages.pages["/"]
    pages.pages = {"/": home}
    pages.otherwise = lambda path: None if path == "/robots.txt" else ("503 Busy", {"Retry-After": "0"}, b"")
    with served(pages) as url:
        ran = run(settings, [site_at(url + "/")])
        assert set(ran.reasons().values()) <= {"http", "paused"}
        assert "paused" in ran.reasons().values()
        assert len(pages.asked) < 20
        pages.pages |= {path_of(n): article(n) for n in range(3)}
        assert run(settings, [site_at(url + "/")]).result.new == 3


def test_one_failure_is_tried_again_and_counted_when_it_lasts(settings: Settings) -> None:
    pages = small(**{path_of(1): ("500 Oops", {}, b"x")})
    with served(pages) as url:
        ran = run(settings, [site_at(url + "/")])
    assert pages.asked.count(path_of(1)) == 4
    assert ran.result.failures == {"http": 1}
    assert ran.failures[0].detail == "The server answered 500 Oops."


def calendar(path: str) -> str:
    return f'<a href="/lich/{int(path.split("/")[2]) + 1}/">Tháng sau</a>'


def circle(path: str) -> str:
    return '<a href="a/b/">Tin</a>'


def paging(path: str) -> str:
    following = int(path.split("/")[3]) + 1
    return listing([path_of(0)], more=f'<a href="/tin/page/{following}/">Sau</a>')


def variants(path: str) -> str:
    number = int(path.rpartition("=")[2])
    return "".join(f'<a href="/bang/?{"abc"[n % 3]}={n}">{n}</a>' for n in range(number, number + 9))


@pytest.mark.parametrize(
    ("start", "trap"),
    [("/lich/1/", calendar), ("/vong/", circle), ("/tin/page/1/", paging), ("/bang/?a=0", variants)],
)
def test_traps_end(settings: Settings, start: str, trap: Callable[[str], str]) -> None:
    pages = small(**{"/": HOME.replace("</body>", f'<a href="{start}">Xem</a></body>')})
    prefix = start[: start.index("/", 1)]
    pages.otherwise = lambda path: trap(path) if path.startswith(prefix) else None
    with served(pages) as url:
        ran = run(settings, [site_at(url + "/")])
    assert ran.result.new == 3
    assert len(pages.asked) < 120
    assert ran.result.left == 0
    assert "trap" in ran.result.failures


def test_limits_of_the_entry(settings: Settings) -> None:
    pages = Pages()
    pages.pages["/"] = listing([path_of(n) for n in range(40)])
    pages.pages |= {path_of(n): article(n) for n in range(40)}
    with served(pages) as url:
        ran = run(settings, [site_at(url + "/", max_pages=10)])
    assert 5 <= ran.result.new <= 10
    assert ran.result.failures["trap"] >= 30


def test_more_links_than_are_followed_are_counted(settings: Settings) -> None:
    pages = small()
    pages.pages["/"] = HOME + "".join(f"<a href='/anh/{n}'>x</a>" for n in range(5000))
    with served(pages) as url:
        ran = run(settings, [site_at(url + "/", max_pages=20)])
    assert any("links of this page were left out" in item.detail for item in ran.failures)


def test_links_out_of_the_site_are_listed_once_for_each_host(settings: Settings) -> None:
    more = "".join(f'<a href="https://facebook.com/s?u={n}">Chia sẻ</a>' for n in range(5))
    pages = small(**{"/": HOME.replace("</body>", f'{more}<a href="http://127.0.0.1:9/">x</a></body>')})
    with served(pages) as url:
        ran = run(settings, [site_at(url + "/")])
    assert ran.result.failures == {"out-of-scope": 2}


def test_kinds_of_page_that_are_no_article(settings: Settings) -> None:
    bot = "<script>document.cookie='D1N=1; path=/';window.location.reload(true);</script>"
    form = "<form><input name=u><input type=password name=p><button>Đăng nhập</button></form>"
    login = f"<title>Đăng nhập</title><h1>Đăng nhập</h1><p>Vui lòng đăng nhập để xem nội dung này.</p>{form}"
    gone = "<title>404</title><meta name=robots content=noindex><h1>Không tìm thấy trang</h1>"
    pages = small(**{path_of(0): bot, path_of(1): login, path_of(2): gone})
    with served(pages) as url:
        ran = run(settings, [site_at(url + "/")])
    assert ran.result.new == 0
    assert ran.result.failures == {"bot-check": 1, "login": 1, "soft-404": 1}


def test_pictures_follow_their_article_and_are_asked_for_once(settings: Settings) -> None:
    picture = ("200 OK", {"Content-Type": "image/jpeg"}, b"\xff\xd8\xff" + b"x" * 100)
    pages = small(**{path_of(0): article(0, extra=FIGURE), "/anh/le.jpg": picture})
    with served(pages) as url:
        ran = run(settings, [site_at(url + "/")])
        assert ran.result.pictures == 1
        asked = pages.pages_asked()
        assert asked.index("/anh/le.jpg") == asked.index(path_of(0)) + 1
        run(settings, [site_at(url + "/")], recheck=True)
    assert pages.asked.count("/anh/le.jpg") == 1
    assert pages.asked.count(path_of(0)) == 2
    assert contents(settings)[url + path_of(0)][3] == 1


def test_a_page_in_place_of_a_picture_is_a_failure(settings: Settings) -> None:
    pages = small(**{path_of(0): article(0, extra=FIGURE), "/anh/le.jpg": "<p>Không có</p>"})
    with served(pages) as url:
        ran = run(settings, [site_at(url + "/")])
    assert ran.reasons() == {"anh/le.jpg": "bad-content"}


def test_a_body_that_is_too_large_is_kept_in_part_and_counted(settings: Settings) -> None:
    pages = small(**{path_of(0): "x" * 500_000})
    with served(pages) as url:
        ran = run(dataclasses.replace(settings, max_body=100_000), [site_at(url + "/")])
    assert ran.reasons() == {path_of(0)[1:]: "too-large"}
    assert ran.result.new == 2


@pytest.mark.parametrize("stop_after", [1, 3, 5, 8])
def test_a_crawl_that_was_stopped_goes_on_without_asking_again(settings: Settings, stop_after: int) -> None:
    pages = ten()
    with served(pages) as url:
        first = run(settings, [site_at(url + "/")], stop_after=stop_after)
        assert first.result.stopped
        second = run(settings, [site_at(url + "/")])
    assert first.result.new + second.result.new == 10
    assert len(pages.pages_asked()) == 11


def test_a_limit_ends_a_run_and_the_next_goes_on(settings: Settings) -> None:
    pages = ten()
    with served(pages) as url:
        assert run(settings, [site_at(url + "/")], limit=4).result.left == 8
        run(settings, [site_at(url + "/")])
    assert len(pages.pages_asked()) == 11


def test_a_recheck_that_was_stopped_goes_on_too(settings: Settings) -> None:
    pages = ten()
    with served(pages) as url:
        run(settings, [site_at(url + "/")])
        pages.asked.clear()
        run(settings, [site_at(url + "/")], recheck=True, stop_after=6)
        run(settings, [site_at(url + "/")], recheck=True)
    assert sorted(pages.pages_asked()) == sorted({"/", *(path_of(n) for n in range(10))})


def test_two_crawls_of_a_site_at_once(settings: Settings) -> None:
    """The second says so and ends; the first is not disturbed."""
    seen: list[str] = []
    pages = small()
    with served(pages) as url:
        sites = [site_at(url + "/")]

        class Second(Recorder):
            def visited(self, *args: object) -> None:
                if not seen:
                    seen.append("")
                    seen[0] = run_again()

        def run_again() -> str:
            other = Store.open(settings.database_url)
            (result,) = crawl(settings, sites, store=other, reporter=Recorder(), stop=threading.Event())
            other.close()
            assert result.busy
            return result.error

        store = Store.open(settings.database_url)
        (result,) = crawl(settings, sites, store=store, reporter=Second(), stop=threading.Event())
        store.close()
    assert "is being crawled by another process" in seen[0]
    assert result.new == 3
    assert len(pages.pages_asked()) == 4


def test_a_feed_that_tells_of_a_change_makes_the_article_due(settings: Settings) -> None:
    def feed(date: str) -> tuple[str, dict[str, str], str]:
        item = f"<item><link>{path_of(1)}</link><pubDate>{date}</pubDate></item>"
        return ("200 OK", {"Content-Type": "application/rss+xml"}, f"<rss><channel>{item}</channel></rss>")

    head = '<head><link rel="alternate" type="application/rss+xml" href="/feed/">'
    pages = small(**{"/": HOME.replace("<head>", head), "/feed/": feed("Wed, 28 Sep 2022 15:30:00 +0700")})
    with served(pages) as url:
        run(settings, [site_at(url + "/")])
        pages.pages["/feed/"] = feed("Thu, 29 Sep 2022 09:00:00 +0700")
        pages.asked.clear()
        run(settings, [site_at(url + "/")])
    assert pages.asked.count(path_of(1)) == 1
    assert path_of(0) not in pages.asked


def test_a_clock_that_jumps_delays_nothing_for_ever(settings: Settings) -> None:
    """Turns and visits that lie in the far future come from a clock that was wrong."""
    pages = small()
    with served(pages) as url:
        run(settings, [site_at(url + "/")], limit=2)
        store = Store.open(settings.database_url)
        ahead = dt.datetime.now(dt.UTC) + dt.timedelta(days=365)
        with store.begin() as connection:
            connection.execute(update(table).values(not_before=ahead))
        run(settings, [site_at(url + "/")])
        assert len(contents(settings)) == 3
        with store.begin() as connection:
            connection.execute(update(table).values(last_fetch=ahead))
            due = Frontier("huyen").sweep(connection, dt.datetime.now(dt.UTC), recheck=False)
        store.close()
    assert due >= 4
