"""When an address is due, what a run may use, and full sweeps: as rules, and in real crawls."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select, update

from archive.config import Settings
from archive.store import Store
from archive.store.schema import frontier as queue
from archive.store.schema import runs
from crawler.budget import Budget
from crawler.discover import Kind
from crawler.frontier.revisit import LONGEST, SHORTEST, History, is_due, pause
from tests.crawler.crawling import Pages, article, listing, path_of, run, served, site_at

NOW = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def known(kind: Kind = Kind.ARTICLE, *, unchanged: dt.timedelta, **values: object) -> History:
    return History(kind, NOW, NOW - unchanged, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("unchanged", "waits"),
    [
        (dt.timedelta(0), SHORTEST),
        (10 * DAY, SHORTEST),
        (40 * DAY, 2 * DAY),
        (1000 * DAY, 50 * DAY),
        (9000 * DAY, LONGEST),
    ],
)
def test_an_article_is_asked_for_by_a_twentieth_of_its_age(
    unchanged: dt.timedelta, waits: dt.timedelta
) -> None:
    assert pause(known(unchanged=unchanged)) == waits


def test_what_was_old_when_first_captured_is_not_asked_for_every_day() -> None:
    old = known(unchanged=dt.timedelta(0), published=(NOW - 2000 * DAY).date())
    assert pause(old) > 89 * DAY
    edited = known(unchanged=40 * DAY, published=(NOW - 2000 * DAY).date(), visits=5, changes=1)
    assert pause(edited) < 3 * DAY


def test_what_changes_often_is_asked_for_sooner() -> None:
    pauses = [pause(known(unchanged=400 * DAY, visits=10, changes=n)) for n in (0, 1, 5, 10)]
    assert pauses == sorted(pauses, reverse=True)
    assert pauses[0] == 20 * DAY
    assert pauses[2] == pytest.approx(20 * DAY * 5.5 / 10.5, abs=dt.timedelta(seconds=1))


def test_lists_are_asked_for_each_time_while_they_change_and_daily_when_quiet() -> None:
    assert pause(known(Kind.LIST, unchanged=dt.timedelta(hours=2))) == dt.timedelta(minutes=6)
    assert pause(known(Kind.LIST, unchanged=400 * DAY)) == SHORTEST
    for kind in (Kind.SEED, Kind.FEED, Kind.SITEMAP):
        assert pause(known(kind, unchanged=400 * DAY)) == dt.timedelta(0)


def test_a_clock_that_was_wrong_makes_nothing_wait_for_years() -> None:
    assert is_due(known(unchanged=400 * DAY), NOW - 300 * DAY)
    assert not is_due(known(unchanged=400 * DAY), NOW + 19 * DAY)
    assert is_due(known(unchanged=400 * DAY), NOW + 20 * DAY)


def test_each_bound_of_a_budget_names_its_setting() -> None:
    budget = Budget(100, 60.0, 5_000)
    assert budget.used_up(99, 59.0, 4_999) == ""
    assert "run_requests" in budget.used_up(100, 1.0, 1)
    assert "run_minutes" in budget.used_up(1, 60.0, 1)
    assert "run_bytes" in budget.used_up(1, 1.0, 5_000)
    assert Budget(None, None, None).used_up(10**9, 1e9, 10**12) == ""


def portal(number: int) -> Pages:
    paths = [path_of(n) for n in range(number)]
    return Pages({"/": listing(paths), **{path: article(n) for n, path in enumerate(paths)}})


def test_a_run_ends_with_its_budget_says_so_and_the_next_goes_on(settings: Settings) -> None:
    pages = portal(12)
    with served(pages) as url:
        site = site_at(f"{url}/", run_requests=5)
        first = run(settings, [site])
        assert "run_requests" in first.result.budget
        assert any("next run goes on" in remark for remark in first.remarks)
        assert first.result.left > 0
        runs = 1
        while run(settings, [site]).result.budget:
            runs += 1
            assert runs < 10
    articles = [path for path in pages.pages_asked() if path != "/"]
    assert sorted(articles) == sorted(set(articles))
    assert len(articles) == 12


def test_a_run_ends_when_its_bytes_or_minutes_are_used_up(settings: Settings) -> None:
    with served(portal(12)) as url:
        assert "run_bytes" in run(settings, [site_at(f"{url}/", run_bytes=3_000)]).result.budget
        assert "run_minutes" in run(settings, [site_at(f"{url}/", run_minutes=1e-9)]).result.budget


def test_a_full_sweep_comes_now_and_then(settings: Settings) -> None:
    pages = portal(4)
    with served(pages) as url:
        site = site_at(f"{url}/", full_sweep=30)
        run(settings, [site])
        pages.asked.clear()
        run(settings, [site])
        assert len(pages.pages_asked()) == 1  # the home page; no article is due
        store = Store.open(settings.database_url)
        with store.begin() as connection:  # a month goes by
            begun = connection.execute(select(runs.c.id, runs.c.started_at)).all()
            for number, at in begun:
                connection.execute(
                    update(runs).where(runs.c.id == number).values(started_at=at - dt.timedelta(days=31))
                )
        store.close()
        pages.asked.clear()
        run(settings, [site])
        assert len(pages.pages_asked()) == 5
        pages.asked.clear()
        run(settings, [site])
        assert len(pages.pages_asked()) == 1


def test_only_what_failed_is_tried_again(settings: Settings) -> None:
    pages = portal(4)
    broken = path_of(2)
    sound = pages.pages[broken]
    pages.pages[broken] = ("403 Forbidden", {}, "nein")
    with served(pages) as url:
        site = site_at(f"{url}/")
        assert run(settings, [site]).result.failures == {"http": 1}
        pages.pages[broken] = sound
        pages.asked.clear()
        assert run(settings, [site], retry="dns").result.pages == 0
        assert run(settings, [site], retry="http").result.new == 1
        assert pages.pages_asked() == [broken]


def test_a_counter_of_visits_is_no_change(settings: Settings) -> None:
    pages = portal(1)
    visits = iter(range(100))
    path = path_of(0)
    del pages.pages[path]
    pages.otherwise = lambda asked: (
        article(0, extra=f"<p class='views'>Lượt xem: {next(visits)}</p>") if asked == path else None
    )
    with served(pages) as url:
        for _ in range(3):
            run(settings, [site_at(f"{url}/")], recheck=True)
    store = Store.open(settings.database_url)
    with store.read() as connection:
        columns = (queue.c.visits, queue.c.changes, queue.c.published)
        row = connection.execute(select(*columns).where(queue.c.kind == "article")).one()
    store.close()
    assert tuple(row) == (2, 0, "2022-09-28")
