from __future__ import annotations

import dataclasses
import datetime as dt
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event, insert, select, text, update
from sqlalchemy.exc import StatementError

from archive.config import Settings
from archive.errors import ConfigError, StoreBusyError, StoreError, StoreSchemaError
from archive.model import Reason
from archive.store import Store, dialect, migrate, schema
from tests.store.scene import BASE, OTHER_BODY, OTHER_TITLE, SITE, Scene, article_html


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'deep' / 'archive.db'}"


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


# ------------------------------------------------------------------------------- opening and migrating


def test_a_new_database_is_made_and_then_found(url: str) -> None:
    Store.open(url).close()
    store = Store.open(url, migrate=False)
    assert store.sites() == []
    store.close()


def test_the_migrations_make_exactly_the_schema_of_the_code(url: str) -> None:
    store = Store.open(url)
    with store.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
        plan = connection.execute(
            text("EXPLAIN QUERY PLAN SELECT 1 FROM captures WHERE lower(urlkey) = 'x'")
        ).all()
    assert "ix_captures_urlkey_lower" in str(plan)
    store.close()
    assert ScriptDirectory(str(migrate._FOLDER)).get_current_head() == migrate.HEAD


def test_every_column_says_whose_fact_it_is() -> None:
    silent = [
        str(column)
        for table in schema.metadata.tables.values()
        for column in table.columns
        if not column.comment and column.name != "id"
    ]
    assert silent == []


def test_a_newer_schema_is_refused_and_left_alone(url: str) -> None:
    Store.open(url).close()
    with closing(sqlite3.connect(_file(url))) as raw, raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    with pytest.raises(StoreSchemaError, match=r"9999, newer .* Update the program"):
        Store.open(url)


def test_a_foreign_database_is_refused(url: str) -> None:
    _file(url).parent.mkdir()
    with closing(sqlite3.connect(_file(url))) as raw, raw:
        raw.execute("CREATE TABLE recipes (id INTEGER)")
    raw.close()
    with pytest.raises(StoreSchemaError, match="recipes"):
        Store.open(url)


def test_a_reader_does_not_make_a_database(url: str) -> None:
    with pytest.raises(StoreSchemaError, match="archive crawl"):
        Store.open(url, migrate=False)
    assert not _file(url).exists()


def test_a_file_that_is_no_database_is_named_with_the_way_out(url: str) -> None:
    _file(url).parent.mkdir()
    _file(url).write_bytes(b"this is no database at all " * 100)
    with pytest.raises(StoreSchemaError, match="archive replay"):
        Store.open(url)


@pytest.mark.parametrize("wrong", ["no address", "sqlite://", "sqlite:///:memory:"])
def test_an_address_that_cannot_hold_an_archive_is_an_error_of_the_settings(wrong: str) -> None:
    with pytest.raises(ConfigError):
        Store.open(wrong)


def test_of_two_that_open_a_new_database_at_once_both_work(url: str) -> None:
    failed: list[BaseException] = []
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        try:
            Store.open(url).close()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_a_migration_that_fails_leaves_nothing_behind(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = migrate.upgrade

    def half(connection: object) -> None:
        real(connection)  # type: ignore[arg-type]
        raise StoreError("the light went out")

    monkeypatch.setattr(migrate, "upgrade", half)
    with pytest.raises(StoreError, match="light"):
        Store.open(url)
    with closing(sqlite3.connect(_file(url))) as raw, raw:
        assert raw.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    raw.close()
    monkeypatch.setattr(migrate, "upgrade", real)
    Store.open(url).close()


# ----------------------------------------------------------------------------------------- transactions


def test_what_fails_within_a_transaction_never_was(scene: Scene) -> None:
    def work() -> None:
        with scene.store.begin() as connection:
            connection.execute(insert(schema.runs).values(site=SITE.id, started_at=scene.now))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        work()
    assert scene.store.runs() == []


def test_a_commit_is_fsynced(scene: Scene) -> None:
    with scene.store.read() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_threads_take_turns_in_writing(scene: Scene) -> None:
    def work() -> None:
        for _ in range(20):
            scene.store.begin_run(SITE.id)

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(run.id for run in scene.store.runs(1000)) == list(range(1, 101))


def test_a_reader_is_not_held_up_by_a_writer_and_sees_whole_transactions(scene: Scene) -> None:
    with scene.store.begin() as connection:
        connection.execute(insert(schema.runs).values(site=SITE.id, started_at=scene.now))
        assert scene.store.runs() == []
    assert len(scene.store.runs()) == 1


def test_a_database_locked_by_another_process_is_named_as_such(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialect, "BUSY_SECONDS", 0.05)
    impatient = Store.open(scene.settings.database_url)
    other = sqlite3.connect(scene.settings.var / "archive.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusyError, match="another process"):
        impatient.begin_run(SITE.id)
    other.execute("ROLLBACK")
    other.close()
    assert impatient.begin_run(SITE.id) == 1
    impatient.close()


def test_a_full_disk_is_told_and_loses_nothing(scene: Scene) -> None:
    first = scene.get("/a.html", article_html())
    # SQLite's own limit of pages gives the same error as a full disk.
    with scene.store.read() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()

    @event.listens_for(scene.store._engine, "checkout")
    def limit(raw: sqlite3.Connection, _record: object, _proxy: object) -> None:
        raw.execute(f"PRAGMA max_page_count = {pages}").close()

    def fill() -> None:
        for number in range(50):
            scene.get(f"/b{number}.html", article_html(OTHER_TITLE, [*OTHER_BODY, f"Số {number}. " * 500]))

    with pytest.raises(StoreError, match=r"full .*make room"):
        fill()
    event.remove(scene.store._engine, "checkout", limit)
    assert first.article is not None
    assert scene.store.article(first.article) is not None
    with scene.store.read() as connection:
        connection.execute(text("PRAGMA max_page_count = 1000000"))
        assert connection.execute(text("PRAGMA quick_check")).scalar() == "ok"


def test_a_read_only_database_is_told(scene: Scene) -> None:
    @event.listens_for(scene.store._engine, "checkout")
    def protect(raw: sqlite3.Connection, _record: object, _proxy: object) -> None:
        raw.execute("PRAGMA query_only = ON").close()

    with pytest.raises(StoreError, match="read-only"):
        scene.store.begin_run(SITE.id)


# ---------------------------------------------------------------------------------------- sites and runs


def test_a_site_is_renamed_by_the_sites_file(scene: Scene) -> None:
    scene.store.put_site(dataclasses.replace(SITE, name="Đầm Hà"), sample=True)
    summary = scene.store.site(SITE.id)
    assert summary is not None
    assert (summary.name, summary.start, summary.sample) == ("Đầm Hà", SITE.start, True)
    assert scene.store.site("ba-che") is None


def test_sites_tell_what_is_archived_of_them(scene: Scene) -> None:
    scene.get("/a.html", article_html(published="2019-01-05"))
    scene.get("/b.html", article_html(OTHER_TITLE, OTHER_BODY, published="2023-10-15"))
    run = scene.store.begin_run(SITE.id)
    scene.store.end_run(run, {"new": 2})
    (summary,) = scene.store.sites()
    assert (summary.articles, summary.first_day, summary.last_day) == (
        2, dt.date(2019, 1, 5), dt.date(2023, 10, 15),
    )  # fmt: skip
    (stored,) = scene.store.runs()
    assert stored.result == {"new": 2}
    assert summary.last_crawl == stored.started_at


def test_failures_are_read_from_the_frontier(scene: Scene) -> None:
    row = {
        "site": SITE.id, "key": "x", "url": f"{BASE}/x", "kind": "article", "depth": 1, "section": "",
        "priority": 1.0, "state": "failed", "attempts": 3, "last_fetch": scene.now, "reason": "timeout",
        "detail": "No answer within 30 s.", "via": "", "hops": "L", "run": 7,
    }  # fmt: skip
    with scene.store.begin() as connection:
        connection.execute(insert(schema.frontier).values(row))
    (failure,) = scene.store.failures(SITE.id, run=7)
    assert (failure.reason, failure.detail, failure.retry) == (
        Reason.TIMEOUT, "No answer within 30 s.", False,
    )  # fmt: skip
    assert scene.store.failures(run=8) == []


# -------------------------------------------------------------------------------------------- articles


def test_a_page_of_articles_takes_three_queries(scene: Scene) -> None:
    pictures = [(f"/{name}.jpg", f"Ảnh {name}") for name in "abc"]
    ids = []
    for number in range(25):
        text_ = [f"Đoạn {number} {item}" for item in OTHER_BODY]
        page = article_html(f"{OTHER_TITLE} đợt {number}", text_, pictures=pictures)
        ids.append(scene.get(f"/bai-{number}.html", page).article)
    for address, _ in pictures:
        scene.get(address, address.encode(), content_type="image/jpeg", hops="LE")
    count = 0

    @event.listens_for(scene.store._engine, "before_cursor_execute")
    def counted(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal count
        count += statement.startswith("SELECT")

    views = scene.store.articles([item for item in reversed(ids) if item] + ["unknown"])
    assert count == 3
    assert [view.article.id for view in views] == ids[::-1]
    assert all(len(view.pictures) == 3 for view in views)
    assert views[0].site_name == SITE.name
    count = 0
    assert len(scene.store.newest(20)) == 20
    assert count == 5


def test_newest_goes_by_publication_and_undated_come_last(scene: Scene) -> None:
    old = scene.get("/old.html", article_html(published="2017-03-01")).article
    new = scene.get("/new.html", article_html(OTHER_TITLE, OTHER_BODY, published="2023-10-15")).article
    undated = scene.get("/undated.html", article_html("Không ngày", ["Một đoạn văn khác hẳn. " * 20])).article
    with scene.store.begin() as connection:
        table = schema.articles
        connection.execute(update(table).where(table.c.id == undated).values(published=""))
    assert [view.article.id for view in scene.store.newest(10)] == [new, old, undated]
    assert [view.article.id for view in scene.store.newest(1, offset=1, site=SITE.id)] == [old]
    assert scene.store.newest(10, site="ba-che") == []


def test_each_version_shows_the_pictures_of_its_time(scene: Scene) -> None:
    page = article_html(pictures=[("/1.jpg", "Đại biểu")])
    first = scene.get("/a.html", page)
    early = scene.get("/1.jpg", b"early", content_type="image/jpeg", hops="LE", via=f"{BASE}/a.html")
    scene.now += dt.timedelta(days=30)
    second = scene.get("/a.html", page.replace("500 cây", "600 cây"))
    late = scene.get("/1.jpg", b"late", content_type="image/jpeg", hops="LE", via=f"{BASE}/a.html")
    assert first.article is not None
    assert second.version == 2
    one = scene.store.article_version(first.article, 1)
    two = scene.store.article_version(first.article, 2)
    assert one is not None
    assert two is not None
    assert [item.id for item in one.pictures.values()] == [early.capture.id]
    assert [item.id for item in two.pictures.values()] == [late.capture.id]
    assert (one.versions, two.versions) == (2, 2)
    assert scene.store.article_version(first.article, 3) is None


def test_the_change_log_names_what_the_index_must_read_again(scene: Scene) -> None:
    made = scene.get("/a.html", article_html(pictures=[("/1.jpg", "Đại biểu")]))
    scene.get("/1.jpg", b"jpeg", content_type="image/jpeg", hops="LE", via=f"{BASE}/a.html")
    seen = scene.store.last_change()
    scene.get("/a.html", article_html(pictures=[("/1.jpg", "Đại biểu")]))
    assert scene.store.last_change() == seen, "an unchanged page is no change"
    scene.get("/a.html", "", status=404)
    (gone,) = scene.store.changes(seen, 10)
    assert gone.article == made.article
    assert scene.store.changes(gone.seq, 10) == []
    assert scene.store.article_ids() == [made.article]
    assert scene.store.article_ids(after=str(made.article)) == []
    assert scene.store.article_count() == 1


def test_media_are_found_by_digest_but_not_as_revisits_or_cut_off(scene: Scene) -> None:
    held = scene.get("/1.jpg", b"jpeg", content_type="image/jpeg", hops="LE").capture
    again = scene.get("/2.jpg", b"jpeg", content_type="image/jpeg", hops="LE", revisit=held).capture
    assert again.revisit_of == held.id
    assert scene.store.capture_by_digest(held.payload_digest) == held
    assert scene.store.capture(again.id) == again
    assert scene.store.capture_by_digest("sha256:0") is None
    totals = scene.store.totals()
    assert (totals.captures, totals.pictures, totals.articles) == (2, 1, 0)


def test_an_article_is_found_by_its_address(scene: Scene, settings: Settings) -> None:
    made = scene.get("/a.html", article_html())
    assert scene.store.article_id_by_url(f"{BASE}/a.html") == made.article
    assert scene.store.article_id_by_url(f"{BASE}/b.html") is None


def test_times_keep_their_microseconds_and_order(scene: Scene) -> None:
    moments = [
        dt.datetime(2022, 1, 1, 0, 0, 0, micro, tzinfo=dt.timezone(dt.timedelta(hours=7)))
        for micro in (0, 1, 999_999)
    ]
    with scene.store.begin() as connection:
        for moment in moments:
            connection.execute(insert(schema.runs).values(site=SITE.id, started_at=moment))
    with scene.store.read() as connection:
        statement = select(schema.runs.c.started_at).order_by(schema.runs.c.started_at)
        assert list(connection.execute(statement).scalars()) == moments
    with pytest.raises(StatementError, match="naive"), scene.store.begin() as connection:
        connection.execute(insert(schema.runs).values(site=SITE.id, started_at=dt.datetime(2022, 1, 1)))  # noqa: DTZ001


def test_an_older_schema_is_brought_up_to_date_with_what_it_holds(scene: Scene) -> None:
    """An archive of the first program: its schema, with what the present one holds of its tables."""
    scene.get("/a.html", article_html())
    for path in ("/1.jpg", "/2.jpg"):
        scene.get(path, b"jpeg", content_type="image/jpeg", hops="LE")
    before = scene.store.totals()
    assert (before.captures, before.pictures) == (3, 1)
    old = scene.settings.var / "old.db"
    engine = create_engine(f"sqlite:///{old}")
    with engine.begin() as connection:
        migrate.upgrade(connection, "0001")
    engine.dispose()
    with closing(sqlite3.connect(old)) as connected:
        connected.execute("ATTACH ? AS new", (str(scene.settings.var / "archive.db"),))
        tables = connected.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            if table != "alembic_version" and not table.startswith("sqlite_"):
                names = ", ".join(row[1] for row in connected.execute(f"PRAGMA main.table_info({table})"))
                connected.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM new.{table}")  # noqa: S608
        connected.commit()
    url = f"sqlite:///{old}"
    with pytest.raises(StoreSchemaError, match=r"older schema 0001.*archive status"):
        Store.open(url, migrate=False)
    migrated = Store.open(url)
    assert migrated.totals() == before
    with migrated.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
        assert connection.execute(select(schema.articles.c.recorded_at)).scalar_one() is not None
    migrated.close()
