"""What a person is told: bars on a terminal, lines elsewhere, a table at the end, failures with reasons."""

from __future__ import annotations

import io
import json

from rich.console import Console

from archive.config import Settings
from archive.store import Store
from crawler import SiteResult, failures, fetch_page, reporter, results_table
from crawler.report import LogReporter, RichReporter
from tests.crawler.crawling import Pages, article, listing, path_of, run, served, site_at


def console(*, terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=200, _environ={})


def text(shown: Console) -> str:
    assert isinstance(shown.file, io.StringIO)
    return shown.file.getvalue()


def result() -> SiteResult:
    made = SiteResult("dam-ha", "Huyện Đầm Hà", pages=120, pictures=40, new=60, seconds=60.0)
    made.failures.update({"timeout": 2, "robots": 1})
    return made


def tell(shown: Console) -> None:
    with reporter(shown) as told:
        told.started("dam-ha", "Huyện Đầm Hà", 5)
        told.visited(result(), 7200, 1.0, "https://a.vn/x", "article new")
        told.remark("dam-ha", "an answer was [taken] in")
        told.finished(result())


def test_without_a_terminal_there_is_a_line_for_each_event() -> None:
    shown = console(terminal=False)
    tell(shown)
    lines = text(shown).splitlines()
    assert len(lines) == 4
    assert lines[1].endswith("dam-ha article new queued=7200 https://a.vn/x")
    assert lines[2].endswith("[taken] in")


def test_a_terminal_shows_what_is_done_left_failed_and_an_honest_time() -> None:
    shown = console(terminal=True)
    tell(shown)
    for part in ("120 done", "7200 left", "60 articles", "3 failed", "at least 2 h left"):
        assert part in text(shown)


def test_the_right_reporter_is_chosen() -> None:
    with reporter(console(terminal=True)) as told:
        assert isinstance(told, RichReporter)
    with reporter(console(terminal=False)) as told:
        assert isinstance(told, LogReporter)


def test_the_table_of_results() -> None:
    shown = console(terminal=False)
    shown.print(results_table([result()]))
    assert "dam-ha" in text(shown)
    assert "2 timeout, 1 robots" in text(shown)
    assert json.loads(json.dumps(result().to_dict()))["failures"] == {"timeout": 2, "robots": 1}


def test_failures_are_listed_with_site_and_reason(settings: Settings) -> None:
    pages = Pages(
        {"/": listing([path_of(0), path_of(1)]), path_of(0): article(0), path_of(1): ("403 No", {}, b"x")}
    )
    with served(pages) as url:
        run(settings, [site_at(url + "/")])
        store = Store.open(settings.database_url)
        (row,) = failures(store)
        store.close()
        told = row.to_dict()
    assert (told["site"], told["url"], told["retry"]) == ("huyen", url + path_of(1), False)
    assert (told["reason"], told["detail"]) == ("http", "The server answered 403 No.")


def test_one_page_can_be_looked_at_without_being_kept(settings: Settings) -> None:
    pages = Pages({"/cu/": ("301 Moved", {"Location": path_of(0)}, b""), path_of(0): article(0)})
    with served(pages) as url:
        page = fetch_page(settings, f"{url}/cu/", allow_private=True)
    assert page.url == url + path_of(0)
    assert b"thi \xc4\x91ua" in page.body
    assert not settings.var.exists()
