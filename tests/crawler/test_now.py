from __future__ import annotations

from contextlib import closing

import pytest

from archive.config import Settings
from archive.errors import BusyError, UrlError
from archive.model import Site
from archive.preserve import verify
from archive.store import Store
from archive.warc.lock import site_lock
from crawler import Captured, capture_now
from tests.crawler.crawling import Pages, article, path_of, served, site_at

_PICTURE = ("200 OK", {"Content-Type": "image/jpeg"}, b"\xff\xd8\xffjpeg" * 40)


def _take(settings: Settings, url: str, sites: tuple[Site, ...] = (), **more: str) -> Captured:
    with closing(Store.open(settings.database_url)) as store:
        done = capture_now(
            settings, store, url, sites=sites, allow_private=True, ignore_robots=more.get("ignore_robots", "")
        )
        assert verify(store, settings.warc_dir).findings == []
        return done


def test_a_page_comes_with_its_pictures_and_nothing_else(settings: Settings) -> None:
    extra = (
        '<figure><img src="/1.jpg" width="800" height="600"><figcaption>Đại biểu</figcaption></figure>'
        f'<p><a href="{path_of(2)}">Bài khác</a></p>'
    )
    pages = Pages({path_of(1): article(1, extra=extra), "/1.jpg": _PICTURE, path_of(2): article(2)})
    with served(pages) as base:
        site = site_at(base + "/")
        done = _take(settings, base + path_of(1), (site,))
        assert sorted(pages.pages_asked()) == sorted([path_of(1), "/1.jpg"])
        assert (done.site, done.version, done.problem) == (site.id, 1, "")
        assert done.media == ((f"{base}/1.jpg", True),)
        assert done.capture is not None
        shown = done.to_dict("http://kho.example")
        assert shown["replay"] == f"http://kho.example/web/{done.capture.at:%Y%m%d%H%M%S}/{base}{path_of(1)}"
        assert shown["article"] == f"http://kho.example/a/{done.article}"
        again = _take(settings, base + path_of(1), (site,))
        assert (again.article, again.version) == (done.article, 1)


def test_an_unknown_host_gets_a_site_of_its_own_and_redirects_are_followed(settings: Settings) -> None:
    pages = Pages({"/cu": ("301 Moved", {"Location": path_of(1)}, ""), path_of(1): article(1)})
    with served(pages) as base:
        done = _take(settings, f"{base}/cu")
        assert done.url == base + path_of(1)
        assert done.article is not None
        with closing(Store.open(settings.database_url)) as store:
            (site,) = store.sites()
            assert (site.id, site.articles) == (done.site, 1)
            assert store.runs() == []  # no crawl, so no figures of one


def test_robots_are_honoured_unless_there_is_a_reason(settings: Settings) -> None:
    robots = ("200 OK", {"Content-Type": "text/plain"}, "User-agent: *\nDisallow: /")
    pages = Pages({"/robots.txt": robots, path_of(1): article(1)})
    with served(pages) as base:
        refused = _take(settings, base + path_of(1))
        assert refused.capture is None
        assert "robots.txt" in refused.problem
        assert pages.pages_asked() == []
        done = _take(settings, base + path_of(1), ignore_robots="Cổng sắp đóng")
        assert done.capture is not None
        assert "Cổng sắp đóng" in done.capture.robots
        with closing(Store.open(settings.database_url)) as store:
            assert store.site_entries()[0].ignore_robots == ""


def test_a_page_that_is_not_there_is_captured_as_that(settings: Settings) -> None:
    with served(Pages()) as base:
        done = _take(settings, f"{base}/khong-co")
    assert done.capture is not None
    assert (done.capture.status, done.article) == (404, None)


def test_a_site_that_is_being_crawled_is_left_alone(settings: Settings) -> None:
    with served(Pages({path_of(1): article(1)})) as base:
        site = site_at(base + "/")
        with (
            site_lock(settings.var / "locks", site.id),
            pytest.raises(BusyError, match="is being crawled by another process"),
        ):
            _take(settings, base + path_of(1), (site,))
    with pytest.raises(UrlError):
        _take(settings, "ftp://x/")
