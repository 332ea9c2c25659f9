"""What only PostgreSQL does: its own order of text, writers side by side, a server that fails."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import insert, select, text

from archive.config import Settings
from archive.errors import ConfigError, StoreBusyError, StoreError, StoreSchemaError
from archive.model import ChangeKind, Site
from archive.store import Store, dialect, log, schema
from tests import postgresql
from tests.postgresql import Cluster
from tests.store.scene import BASE, OTHER_BODY, OTHER_TITLE, SITE, Scene, article_html

NOW = dt.datetime(2022, 9, 28, tzinfo=dt.UTC)
OTHER = Site("ba-che", "Cổng TTĐT huyện Ba Chẽ", ("http://ba-che.example/",))


@pytest.fixture
def running() -> Cluster:
    return postgresql.cluster()


@pytest.fixture
def store(settings: Settings, running: Cluster) -> Iterator[Store]:
    with closing(Store.open(running.archive(settings.var))) as opened:
        opened.put_site(SITE)
        opened.put_site(OTHER)
        yield opened
    running.drop(postgresql.name_of(settings.var))


# ---------------------------------------------------------------------------------------- what it holds


def test_text_has_the_order_of_bytes_whatever_the_locale_of_the_database(running: Cluster) -> None:
    name = "with_a_locale"
    with running.connected() as connection:
        connection.execute(
            "CREATE DATABASE with_a_locale TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'vi' LOCALE 'C'"
        )
    with closing(Store.open(running.url(name))) as opened:
        for title in ("b", "Z", "đ", "a", "_", "A"):
            opened.put_site(Site(f"s{ord(title)}", title, (f"{BASE}/",)))
        assert [site.name for site in opened.sites()] == ["A", "Z", "_", "a", "b", "đ"]
        with opened.read() as connection:
            others = connection.execute(
                text(
                    "SELECT table_name || '.' || column_name FROM information_schema.columns "
                    "WHERE table_schema = 'public' AND data_type IN ('text', 'character varying') "
                    "AND (collation_name IS DISTINCT FROM 'C' OR character_maximum_length IS NOT NULL)"
                )
            )
            assert set(others.scalars()) == set()
    running.drop(name)


def test_text_with_nul_and_longer_than_the_schema_says_is_kept(store: Store) -> None:
    long = "x" * 500
    with store.begin() as connection:
        values = {"name": long, "site": "a\0b", "committed": 1, "created_at": NOW}
        connection.execute(insert(schema.warc_files).values(values))
    with store.read() as connection:
        row = connection.execute(select(schema.warc_files.c.name, schema.warc_files.c.site)).one()
    assert tuple(row) == (long, "ab")


def test_a_long_address_fits_the_indexes(settings: Settings, running: Cluster) -> None:
    import hashlib

    noise = "".join(hashlib.sha256(str(n).encode()).hexdigest() for n in range(60))[:2_400]
    scene = Scene(Settings(var=settings.var, index=settings.index, database=running.archive(settings.var)))
    made = scene.get(f"/{noise}", article_html())
    assert scene.store.article_id_by_url(f"{BASE}/{noise}") == made.article
    scene.close()
    running.drop(postgresql.name_of(settings.var))


def test_a_database_that_cannot_hold_vietnamese_is_refused(running: Cluster) -> None:
    with running.connected() as connection:
        connection.execute("CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
    with pytest.raises(StoreSchemaError, match=r"SQL_ASCII.*createdb .*--encoding=UTF8"):
        Store.open(running.url("ascii"))
    running.drop("ascii")


# ------------------------------------------------------------------------------------------- the writers


def test_numbers_of_the_change_log_never_become_visible_out_of_order(store: Store) -> None:
    """Writers of several sites at once, each holding its transaction open for a while after its change; a
    reader that remembers the last number it saw, as the index does, misses none."""
    sites = [f"site-{number}" for number in range(6)]
    for site in sites:
        store.put_site(Site(site, site, (f"{BASE}/",)))
    seen: list[str] = []
    done = threading.Event()

    def write(site: str) -> None:
        for number in range(30):
            with store.begin(site) as connection:
                log.append(connection, f"{site}-{number}"[-16:], ChangeKind.UPSERT, NOW)
                # Transactions of unequal length: what is numbered early may well commit late.
                connection.execute(text(f"SELECT pg_sleep({hash((site, number)) % 5 / 1000})"))

    def follow() -> None:
        cursor = 0
        while True:
            last_look = done.is_set()
            found = store.changes(cursor, 7)
            seen.extend(change.article for change in found)
            cursor = found[-1].seq if found else cursor
            if last_look and not found:
                return

    reader = threading.Thread(target=follow)
    reader.start()
    writers = [threading.Thread(target=write, args=(site,)) for site in sites]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    assert sorted(seen) == sorted(f"{site}-{number}"[-16:] for site in sites for number in range(30))


def test_writers_of_two_sites_work_side_by_side_and_of_one_site_in_turn(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.begin(SITE.id) as first, store.begin(OTHER.id) as second:
        log.append(first, "a", ChangeKind.UPSERT, NOW)
        log.append(second, "b", ChangeKind.UPSERT, NOW)
    assert len(store.changes(0, 10)) == 2
    monkeypatch.setattr(dialect, "BUSY_SECONDS", 0.05)
    with closing(Store.open(store._engine.url.render_as_string(hide_password=False))) as impatient:
        for mine, other in ((SITE.id, SITE.id), (SITE.id, dialect.ALL), (dialect.ALL, OTHER.id)):
            with (
                store.begin(mine) as connection,
                pytest.raises(StoreBusyError, match="another writer"),
                impatient.begin(other),
            ):
                log.append(connection, "never", ChangeKind.UPSERT, NOW)


def test_two_crawls_that_find_one_picture_at_once_count_it_once(settings: Settings, running: Cluster) -> None:
    kept = Settings(var=settings.var, index=settings.index, database=running.archive(settings.var))
    scenes = [Scene(kept, site) for site in (SITE, OTHER)]
    barrier = threading.Barrier(2)

    def capture(scene: Scene) -> None:
        for number in range(10):
            barrier.wait()
            exchange = scene.exchange(f"/{number}.jpg", b"%d" % number, content_type="image/jpeg", hops="LE")
            digest = f"sha256:{number:064}"
            written = scene.writer.write(exchange, digest=digest)
            with scene.store.begin(scene.site.id) as connection:
                scene.ingest.record(connection, exchange, written, digest, None, site=scene.site)

    threads = [threading.Thread(target=capture, args=(scene,)) for scene in scenes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    totals = scenes[0].store.totals()
    assert (totals.captures, totals.pictures) == (20, 10)
    for scene in scenes:
        scene.close()
    running.drop(postgresql.name_of(settings.var))


def test_a_reader_sees_one_moment(settings: Settings, running: Cluster) -> None:
    scene = Scene(Settings(var=settings.var, index=settings.index, database=running.archive(settings.var)))
    scene.get("/a.html", article_html())
    with scene.store.read() as connection:
        before = log.article_count(connection)
        scene.get("/b.html", article_html(OTHER_TITLE, OTHER_BODY))
        assert log.article_count(connection) == before == 1
        with pytest.raises(StoreError, match="read-only"), dialect.translated("x"):
            connection.execute(text("DELETE FROM changes"))
    assert scene.store.article_count() == 2
    scene.close()
    running.drop(postgresql.name_of(settings.var))


# ------------------------------------------------------------------------------------- a server that fails


def test_the_driver_is_asked_for_only_by_the_address(running: Cluster, tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from archive.store import Store\n"
        "Store.open(sys.argv[1]).close()"
    )
    subprocess.run([sys.executable, "-c", code, f"sqlite:///{tmp_path / 'archive.db'}"], check=True)
    asked = [sys.executable, "-c", code, running.url("postgres")]
    failed = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert "pip install 'district-archive[postgres]'" in failed.stderr


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://archive@/none?host={folder}", r"There is no database .*createdb .*--encoding=UTF8"),
        ("postgresql://nobody@/postgres?host={folder}", r"no such user .*createuser"),
        ("postgresql://archive@/x?host=/nowhere", r"cannot be reached .*pg_lsclusters"),
        ("postgresql://archive@127.0.0.1:9/x", r"cannot be reached .*Nothing that was acknowledged is lost"),
    ],
)
def test_what_is_wrong_with_an_address_is_told(running: Cluster, url: str, message: str) -> None:
    with pytest.raises(StoreError, match=message):
        Store.open(url.format(folder=running.folder))


def test_a_wrong_password_is_told_and_no_password_is_shown() -> None:
    # What a server with passwords says; the tests' own trusts everybody who may enter its folder.
    said = psycopg.OperationalError('FATAL: password authentication failed for user "archive"')
    from sqlalchemy.exc import OperationalError

    with (
        pytest.raises(StoreError, match=r"does not let this user in .*pg_hba\.conf"),
        dialect.translated("x"),
    ):
        raise OperationalError("SELECT 1", {}, said)
    with pytest.raises(ConfigError) as caught:
        Store.open("postgresql//archive:geheim@host/name")
    assert "geheim" not in str(caught.value)


def test_another_database_than_the_two_is_an_error_of_the_settings() -> None:
    with pytest.raises(ConfigError, match=r"asks for mysql.*postgresql://user@host/name"):
        Store.open("mysql://user@host/name")


def test_a_read_only_standby_is_read_and_not_written(store: Store, running: Cluster) -> None:
    name = str(store._engine.url.database)
    with running.connected() as connection:
        statement = "ALTER DATABASE {} SET default_transaction_read_only = on"
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
    with closing(Store.open(running.url(name), migrate=False)) as standby:
        assert len(standby.sites()) == 2
        with pytest.raises(StoreError, match=r"read-only standby.*primary"):
            standby.begin_run(SITE.id)


def test_a_question_cancelled_on_the_server_is_told(store: Store) -> None:
    def ask() -> None:
        with store.read() as connection:
            connection.execute(text("SET LOCAL statement_timeout = 10"))
            connection.execute(text("SELECT pg_sleep(10)"))

    with pytest.raises(StoreError, match=r"cancelled .*statement_timeout"):
        ask()


def test_a_connection_that_the_server_ended_loses_only_what_was_not_committed(
    store: Store, running: Cluster
) -> None:
    run = store.begin_run(SITE.id)

    def write() -> None:
        with store.begin() as connection:
            connection.execute(insert(schema.runs).values(site=SITE.id, started_at=NOW))
            with running.connected() as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                    [str(store._engine.url.database)],
                )
            connection.execute(text("SELECT 1"))

    with pytest.raises(StoreError, match=r"Nothing that was acknowledged is lost"):
        write()
    assert [item.id for item in store.runs()] == [run], "the next question is asked on a sound connection"


def test_too_many_connections_are_told(store: Store, running: Cluster) -> None:
    name = str(store._engine.url.database)
    with running.connected() as connection:
        limited = sql.SQL("CREATE ROLE few LOGIN CONNECTION LIMIT 0; GRANT ALL ON DATABASE {} TO few")
        connection.execute(limited.format(sql.Identifier(name)))
    with pytest.raises(StoreBusyError, match=r"no connection left.*max_connections"):
        Store.open(running.url(name).replace("archive@", "few@"))
    with running.connected() as connection:
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM few").format(sql.Identifier(name)))
        connection.execute("DROP ROLE few")


def test_a_writer_that_stands_still_is_ended(store: Store) -> None:
    with store.begin(SITE.id) as connection:
        shown = connection.execute(text("SHOW idle_in_transaction_session_timeout")).scalar()
    assert shown == "5min"
