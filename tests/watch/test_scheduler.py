"""The scheduler as an operator runs it: turns kept once, jobs done, ended in order."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archive.config import Settings
from archive.errors import BusyError
from archive.model import Site
from archive.store import Store, jobs, schedules
from archive.store.jobs import JobKind, JobState
from crawler import load_sites
from crawler.schedule import clock
from crawler.schedule.scheduler import Scheduler, is_running, only_one
from crawler.schedule.work import Work
from tests.portal import Portal

NOW = dt.datetime(2026, 11, 24, 3, tzinfo=dt.UTC)
"""Ten in the morning in Vietnam."""
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with Portal(articles=9) as running:
        yield running


@dataclasses.dataclass
class Service:
    """A scheduler over one archive, with a clock of its own."""

    settings: Settings
    file: Path
    now: dt.datetime = NOW

    def once(self) -> None:
        """What is due now, to its end."""
        store = Store.open(self.settings.database_url)
        try:
            Scheduler(self.settings, self.file, store, stop=threading.Event(), now=lambda: self.now).run(
                once=True
            )
        finally:
            store.close()

    def jobs(self, kind: JobKind | None = None) -> list[jobs.Job]:
        store = Store.open(self.settings.database_url)
        try:
            return [job for job in reversed(store.jobs(1000)) if kind is None or job.kind is kind]
        finally:
            store.close()

    def sites(self) -> list[Site]:
        return load_sites(self.file)

    def turn(self, later: dt.timedelta = dt.timedelta(0), *, done: bool = True) -> int:
        """Let time pass and make jobs of the turns that have come, done at once; how many."""
        self.now += later
        store = Store.open(self.settings.database_url)
        try:
            asked = clock.ask(store, self.settings, self.sites(), self.now, without=store.paused())
            if done:
                with store.begin() as connection:
                    for job in asked:
                        jobs.end(connection, job, JobState.DONE, {})
            return len([job for job in store.jobs() if job.id in asked and job.kind is JobKind.CRAWL])
        finally:
            store.close()


@pytest.fixture
def service(portal: Portal, settings: Settings, tmp_path: Path) -> Service:
    file = tmp_path / "sites.toml"
    text = portal.sites_toml().split("\n\n")[0]  # one site is enough
    file.write_text(f'{text}\nschedule = "0 * * * *"\n', "utf-8")
    return Service(dataclasses.replace(settings, verify_minutes=0.0), file)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that are not about commands: each is over at once, and no process is started."""
    monkeypatch.setattr(Work, "_command", lambda self: self._end(JobState.DONE, {}))


def test_a_new_site_is_crawled_at_once_and_indexed(service: Service) -> None:
    service.once()
    done = [(job.kind, job.state) for job in service.jobs()]
    assert done == [(JobKind.CRAWL, JobState.DONE), (JobKind.INDEX_UPDATE, JobState.DONE)]
    crawl, index = service.jobs()
    assert crawl.result["new"] == 3
    assert (index.result["articles"], index.asked_by) == (3, "schedule")


def test_each_turn_is_taken_once_and_missed_ones_together(service: Service) -> None:
    assert service.turn() == 1
    assert service.turn() == 0
    assert service.turn(HOUR) == 1
    assert service.turn() == 0
    assert service.turn(3 * DAY) == 1  # it was down: 72 turns
    assert service.turn() == 0
    assert service.turn(59 * dt.timedelta(minutes=1)) == 0


def test_a_turn_that_comes_while_the_last_one_is_under_way_makes_no_second_job(service: Service) -> None:
    assert service.turn(done=False) == 1
    assert service.turn(HOUR, done=False) == 1
    assert len(service.jobs()) == 1


def test_a_clock_that_jumps_stops_no_schedule(service: Service) -> None:
    assert service.turn() == 1
    assert service.turn(366 * DAY) == 1
    assert service.turn(-366 * DAY) == 0  # set right again: the turn of next year is not waited for
    assert service.turn(HOUR) == 1


def test_a_paused_site_waits_and_is_caught_up_once(service: Service) -> None:
    assert service.turn() == 1
    store = Store.open(service.settings.database_url)
    store.put_site(service.sites()[0])
    store.pause_site("dam-ha", "moves house")
    assert store.paused() == {"dam-ha": "moves house"}
    assert service.turn(5 * HOUR) == 0
    store.pause_site("dam-ha", "")
    store.close()
    assert service.turn() == 1
    assert service.turn() == 0


def test_what_admins_ask_for_is_done_and_what_they_take_back_is_not(service: Service) -> None:
    service.turn()
    store = Store.open(service.settings.database_url)
    first = store.ask_job(JobKind.RETRY, site="dam-ha", by="lan", key="retry:dam-ha")
    assert store.ask_job(JobKind.RETRY, site="dam-ha", by="minh", key="retry:dam-ha") == first
    rebuild = store.ask_job(JobKind.INDEX_REBUILD, by="lan")
    unwanted = store.ask_job(JobKind.CRAWL, site="dam-ha", args={"recheck": True}, by="lan")
    unknown = store.ask_job(JobKind.CRAWL, site="nowhere", by="lan")
    assert store.cancel_job(unwanted) is JobState.CANCELLED
    store.close()
    service.once()
    states = {job.id: job.state for job in service.jobs()}
    assert (states[first], states[rebuild]) == (JobState.DONE, JobState.DONE), [
        job.error for job in service.jobs()
    ]
    assert (states[unwanted], states[unknown]) == (JobState.CANCELLED, JobState.FAILED)
    error = next(job.error for job in service.jobs() if job.id == unknown)
    assert "nowhere" in error


@pytest.mark.usefixtures("quick")
def test_a_job_whose_scheduler_was_killed_is_done_by_the_next(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store.open(service.settings.database_url)
    job = store.ask_job(JobKind.CRAWL, site="dam-ha", key="crawl:dam-ha")
    with store.begin() as connection:
        assert jobs.claim(connection, NOW, kinds=[JobKind.CRAWL]) is not None
    store.close()
    service.once()
    assert [(item.id, item.state) for item in service.jobs(JobKind.CRAWL)] == [(job, JobState.DONE)]
    assert f"job {job} was interrupted" in caplog.text


def test_a_job_that_never_ends_well_is_given_up(service: Service) -> None:
    store = Store.open(service.settings.database_url)
    with store.begin() as connection:
        job = jobs.ask(connection, JobKind.CRAWL, site="dam-ha")
        for _ in range(jobs.MAX_ATTEMPTS):
            assert jobs.claim(connection, NOW, kinds=[JobKind.CRAWL]) is not None
            jobs.orphans(connection)
        found = jobs.get(connection, job)
    store.close()
    assert found is not None
    assert found.state is JobState.FAILED
    assert "killed" in found.error


@pytest.mark.usefixtures("quick")
def test_an_edited_sites_file_is_taken_over_and_a_broken_one_is_not(
    service: Service, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    store, stop = Store.open(service.settings.database_url), threading.Event()
    running = Scheduler(service.settings, service.file, store, stop=stop, now=lambda: service.now)
    thread = threading.Thread(target=running.run)
    thread.start()
    try:
        wait_for(lambda: len(service.jobs(JobKind.CRAWL)) == 1)
        service.file.write_text("[[site]]\nname = 'x'\n", "utf-8")
        wait_for(lambda: "stay as they were" in caplog.text)
        service.file.write_text(portal.sites_toml(), "utf-8")
        wait_for(
            lambda: {job.site for job in service.jobs(JobKind.CRAWL)} == {"dam-ha", "cam-xuyen", "tien-yen"}
        )
    finally:
        stop.set()
        thread.join()
        store.close()


@pytest.mark.usefixtures("quick")
def test_asked_to_stop_it_ends_in_order_and_the_next_goes_on(service: Service, portal: Portal) -> None:
    portal.set_mood("dam-ha", "slow")
    store, stop = Store.open(service.settings.database_url), threading.Event()
    running = Scheduler(service.settings, service.file, store, stop=stop, now=lambda: service.now)
    thread = threading.Thread(target=running.run)
    thread.start()
    try:
        wait_for(lambda: bool(store.runs(1)))
    finally:
        portal.set_mood("dam-ha", "")
        stop.set()
        thread.join()
        store.close()
    crawl = service.jobs(JobKind.CRAWL)[0]
    assert (crawl.state, crawl.attempts) == (JobState.QUEUED, 0)
    service.now = dt.datetime.now(dt.UTC)
    service.once()
    assert service.jobs(JobKind.CRAWL)[0].state is JobState.DONE


def test_a_second_scheduler_says_that_there_is_one(settings: Settings) -> None:
    assert not is_running(settings)
    with only_one(settings):
        assert is_running(settings)
        with pytest.raises(BusyError, match=r"process \d+") as caught, only_one(settings):
            pass
    assert caught.value.exit_code == 3
    assert not is_running(settings)


def test_the_nightly_work_is_asked_for_at_its_hour(service: Service) -> None:
    settings = dataclasses.replace(service.settings, verify_minutes=5.0)
    store = Store.open(settings.database_url)
    assert clock.ask(store, settings, [], NOW) == []  # not on the first day, in the middle of it
    assert clock.ask(store, settings, [], NOW + 10 * HOUR) == []
    asked = clock.ask(store, settings, [], NOW + 23 * HOUR)
    kinds = [(job.kind, dict(job.args)) for job in store.jobs() if job.id in asked]
    with store.read() as connection:
        kept = schedules.kept(connection)
    store.close()
    assert sorted(kinds, key=str) == [(JobKind.MANIFEST, {}), (JobKind.VERIFY, {"minutes": 5.0})]
    assert kept.keys() == {"*verify", "*manifest"}


@pytest.mark.usefixtures("quick")
def test_a_run_writes_down_how_far_it_is(
    service: Service, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.engine.NOTE_EVERY", 0.0)
    monkeypatch.setattr("crawler.schedule.work.NOTE_EVERY", 0.0)
    service.once()
    job = service.jobs(JobKind.CRAWL)[0]
    assert job.progress["pages"] > 1
    assert job.progress["url"].startswith(portal.site("dam-ha").base_url)
    json.dumps(dict(job.progress))


def wait_for(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Poll until it holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)
