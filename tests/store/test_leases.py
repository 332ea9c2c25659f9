"""Leases, the turns of hosts and the queue of jobs, as several processes meet them."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from archive.config import Settings
from archive.errors import BusyError
from archive.store import Store, jobs, leases, schema
from archive.store.holding import Holder
from archive.store.jobs import JobKind
from tests.store.scene import SITE, START

pytestmark = pytest.mark.both_stores


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with closing(Store.open(settings.database_url)) as opened:
        opened.put_site(SITE)
        yield opened


def _expire(store: Store) -> None:
    """A minute goes by in which nobody renewed anything."""
    with store.begin() as connection:
        connection.execute(update(leases.leases).values(until=START))


def test_what_one_holds_no_other_takes_until_it_is_let_go_of(store: Store, tmp_path: Path) -> None:
    with Holder(store) as one, Holder(store) as two:
        with (
            one.site(tmp_path / "host-1", SITE.id),
            pytest.raises(BusyError, match=rf"{SITE.id} is being crawled .*{one.name}"),
            two.site(tmp_path / "host-2", SITE.id),
        ):
            pass
        with two.site(tmp_path / "host-2", SITE.id):
            pass
        with (
            one.lease(leases.SCHEDULER),
            pytest.raises(BusyError, match=rf"Another scheduler \({one.name}\) works"),
            two.lease(leases.SCHEDULER),
        ):
            pass


def test_a_holder_that_stood_still_for_too_long_writes_nothing_more(store: Store, tmp_path: Path) -> None:
    def write() -> None:
        with frozen.begin() as connection:
            connection.execute(insert(schema.runs).values(site=SITE.id, started_at=START))

    with Holder(store) as one, Holder(store) as two, one.site(tmp_path / "host-1", SITE.id) as frozen:
        write()
        _expire(store)
        with two.site(tmp_path / "host-2", SITE.id):
            with pytest.raises(BusyError, match=rf"taken over by {two.name}"):
                write()
            assert len(store.runs()) == 1
        with pytest.raises(BusyError):
            write()


def test_on_one_host_what_a_dead_process_held_is_taken_at_once(store: Store, tmp_path: Path) -> None:
    with store.begin_rows() as connection:  # and killed before it let go
        leases.take(connection, [f"site:{SITE.id}"], "dead", lock="same lock file")
        assert leases.take(connection, [f"site:{SITE.id}"], "other") is None
        assert leases.take(connection, [f"site:{SITE.id}"], "next", lock="same lock file") is not None


@pytest.mark.sqlite
def test_what_was_held_before_a_power_cut_is_taken_at_once(store: Store, tmp_path: Path) -> None:
    """The kernel is another one: so are all processes. Of a server's users that cannot be known."""
    site = f"site:{SITE.id}"
    with store.begin_rows() as connection:  # and the power fails
        leases.take(connection, [site], "dead", lock="a-kernel:8:1")
        assert leases.take(connection, [site], "beside", lock="a-kernel:8:2") is None
    with Holder(store) as holder, holder.site(tmp_path, SITE.id):
        pass


def test_of_many_things_each_is_taken_by_one(store: Store) -> None:
    names = [f"site:{number}" for number in range(12)]
    taken: list[str] = []

    def take(holder: str) -> None:
        while True:
            with store.begin_rows() as connection:
                found = leases.take(connection, names, holder)
            if found is None:
                return
            taken.append(found)

    _at_once(take)
    assert sorted(taken) == sorted(names)


def test_a_thread_renews_what_is_held(store: Store) -> None:
    with Holder(store, term=dt.timedelta(seconds=0.4)) as holder, holder.lease("site:x"):
        first = _until(store)
        _wait_until(lambda: _until(store) > first + 3 * holder.term)
        assert holder.is_sure()


def test_turns_of_a_host_are_a_pause_apart_whoever_asks(store: Store) -> None:
    waits: list[float] = []

    def ask(_name: str) -> None:
        for _ in range(3):
            with store.begin_rows() as connection:
                waits.append(leases.turn(connection, "h:80", dt.timedelta(seconds=100)).total_seconds())

    _at_once(ask, 3)
    # Turn n is n pauses after the first, less the little that the asking itself takes.
    assert [round(wait / 100) for wait in sorted(waits)] == list(range(9))


def test_a_turn_beyond_any_pause_comes_from_a_clock_that_jumped(store: Store) -> None:
    with store.begin_rows() as connection:
        leases.hold_off(connection, "h:80", dt.timedelta(days=365))
        assert leases.turn(connection, "h:80", dt.timedelta(seconds=1)) == dt.timedelta(0)
        leases.hold_off(connection, "h:80", dt.timedelta(minutes=10))
        assert leases.turn(connection, "h:80", dt.timedelta(seconds=1)) > dt.timedelta(minutes=9)


def test_each_job_is_claimed_by_one_worker_and_by_another_when_that_one_dies(store: Store) -> None:
    with store.begin() as connection:
        asked = [jobs.ask(connection, JobKind.CRAWL, site=f"s{number}") for number in range(20)]
    claimed: list[tuple[int, str]] = []
    now = dt.datetime.now(dt.UTC)

    def claim(worker: str) -> None:
        while True:
            with store.begin_rows() as connection:
                job = jobs.claim(connection, now, kinds=[JobKind.CRAWL], worker=worker)
            if job is None:
                with store.read() as connection:  # what another was just taking is passed over
                    if not jobs.any_to_claim(connection, now, kinds=[JobKind.CRAWL]):
                        return
            else:
                claimed.append((job.id, worker))

    _at_once(claim)
    assert sorted(number for number, _ in claimed) == asked
    dead = Counter(worker for _, worker in claimed).most_common(1)[0][0]
    with store.begin() as connection:
        orphans = jobs.orphans(connection, {worker for _, worker in claimed} - {dead})
        assert orphans == sorted(number for number, worker in claimed if worker == dead)
        assert not jobs.is_done_by(connection, orphans[0], dead)


def _at_once(work: Callable[[str], None], number: int = 4) -> None:
    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _until(store: Store) -> dt.datetime:
    with store.read() as connection:
        return connection.execute(leases.leases.select()).one().until  # type: ignore[no-any-return]


def _wait_until(condition: Callable[[], bool]) -> None:
    ended = threading.Event()
    for _ in range(2_000):
        if condition():
            return
        ended.wait(0.01)
    raise AssertionError("nothing happened in 20 s")
