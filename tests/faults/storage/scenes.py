"""Every command that writes, each in the archive in which it has something to do, and what must hold after
it."""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet
from sqlalchemy import create_engine, select

from archive.config import Settings
from archive.preserve import fixity
from archive.preserve.backup import find_backup, read_manifest
from archive.preserve.files import sha256_of
from archive.preserve.verify import VerifyReport, verify
from archive.search import indexer
from archive.store import Chronicle, Store, journal, migrate, schema
from archive.store.happenings.values import EventQuery
from archive.store.jobs import JobState
from archive.store.journal import Journal
from archive.store.takedowns import Bytes
from tests.crawler.crawling import Answer, Pages, article, contents, listing, path_of
from tests.faults.storage import deeds
from tests.faults.storage.deeds import ARTICLES, EMPTY
from tests.faults.storage.machine import Ended, Fault, Machine
from tests.web.library import jpeg

Contents = dict[str, tuple[str, int, str, int]]


def portal() -> Pages:
    """A small portal: a list, articles, pictures, an attached file."""
    paths = [path_of(number) for number in range(ARTICLES)]
    pages: dict[str, Answer] = {
        "/": listing(paths),
        "/robots.txt": ("200 OK", {}, "User-agent: *\nAllow: /\n"),
        EMPTY: listing([]),
    }
    for number, path in enumerate(paths):
        picture = f"/anh/{number % 3}.jpg"
        pages[path] = article(
            number, extra=f'<figure><img src="{picture}" width="600" height="400"></figure>'
        )
        kind = {"Content-Type": "image/jpeg"}
        pages[picture] = ("200 OK", kind, jpeg(600, 400, ("navy", "brown", "olive")[number % 3]))
    return Pages(pages)


@dataclass(frozen=True)
class Recording:
    """A command that was run to its end."""

    before: Path
    """The folder as it was when the command began."""
    told: Path
    """The folder in which it ran, as the log names it."""
    log: Path
    operations: int
    seconds: float


@dataclass(frozen=True)
class Base:
    """An archive that every scene begins with a copy of, and what is known of it."""

    root: Path
    sites: Path
    url: str
    machine: Machine
    contents: Contents = field(default_factory=dict)
    captures: Counter[tuple[str, str]] = field(default_factory=Counter)
    ids: tuple[str, ...] = ()
    takedown: str = ""
    telling: str = ""
    correction: str = ""
    asked: list[str] = field(default_factory=list)
    """Paths that the portal was asked for, as they come."""
    _recordings: dict[str, Recording] = field(default_factory=dict)

    def recording(self, scene: Scene) -> Recording:
        """The command run undisturbed, once for all tests; with a log of all that it asked the disk for."""
        if scene.name not in self._recordings:
            folder = self.root.parent / "recorded" / scene.name
            folder.mkdir(parents=True)
            place = scene.place(self, folder / "x")
            shutil.copytree(place.root, folder / "before")
            began = time.monotonic()
            ended = self.machine.run(
                place.settings, *scene.words(place), constants=scene.constants,
                fault=Fault(place.root, log=folder / "log"),
            )  # fmt: skip
            seconds = time.monotonic() - began
            assert ended.code == 0, ended
            scene.check(place)
            self._recordings[scene.name] = Recording(
                folder / "before", place.root, folder / "log", ended.operations, seconds
            )
        return self._recordings[scene.name]


@dataclass(frozen=True)
class Place:
    """A copy of the base, in which a scene takes place."""

    root: Path
    base: Base

    @property
    def settings(self) -> Settings:
        return settings_of(self.root)

    def remove(self, *names: str) -> None:
        for name in names:
            for path in self.root.glob(name):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def settings_of(root: Path) -> Settings:
    """The archive in a folder."""
    return Settings(
        var=root / "var", index=root / "index", backup=root / "backup", contact="a@example.org", delay=0,
        verify_minutes=0,
    )  # fmt: skip


def make_base(machine: Machine, root: Path, url: str, asked: list[str]) -> Base:
    """Crawl the portal, index, take something down, correct something, export and back up."""
    sites = root.parent / "sites.toml"
    sites.write_text(
        f'[[site]]\nid = "huyen"\nname = "Huyện"\nstart = "{url}/"\nallow_private = true\ndelay = 0\n'
        'schedule = "0 0 1 1 *"\n',
        "utf-8",
    )
    settings = settings_of(root)
    machine.done(settings, "crawl", "--sites", sites)
    machine.done(settings, "index", "update")
    whole = contents(settings)
    assert len(whole) == ARTICLES
    with closing(Store.open(settings.database_url)) as store:
        ids = tuple(store.article_ids())
        found = Chronicle(store).gatherings(EventQuery(), limit=9)
        tellings = [told.id for item in found for told in item.told if told.article != ids[0]]
    assert len(tellings) >= 2
    machine.done(settings, "export", root / "out")
    said = machine.done(settings, "takedown", "add", "article", ids[0], "--reason", "Theo đơn.", "--json")
    machine.done(settings, "events", "correct", tellings[0], "--hide", "--reason", "Không phải.")
    machine.done(settings, "manifest")
    machine.done(settings, "backup")
    with closing(Store.open(settings.database_url)) as store:
        corrections = Chronicle(store).corrections()
    return Base(
        root, sites, url, machine, whole, captures_of(settings), ids, json.loads(said.out)["id"], tellings[1],
        str(corrections[0].id), asked,
    )  # fmt: skip


# ------------------------------------------------------------------------------------- what must always hold


def captures_of(settings: Settings) -> Counter[tuple[str, str]]:
    """Address and payload of all captures; asserts that none stands twice."""
    with closing(Store.open(settings.database_url)) as store, store.read() as connection:
        columns = schema.captures.c
        rows = list(connection.execute(select(columns.url, columns.at, columns.payload_digest)))
    assert set(Counter((row.url, row.at, row.payload_digest) for row in rows).values()) <= {1}
    return Counter((row.url, row.payload_digest) for row in rows)


def checked(place: Place) -> VerifyReport | None:
    """What `verify` says just after something went wrong; None when there is no database to be read."""
    settings = place.settings
    if not (settings.var / "archive.db").exists():
        return None
    with closing(sqlite3.connect(settings.var / "archive.db")) as raw:
        assert [row[0] for row in raw.execute("PRAGMA integrity_check")] == ["ok"]
    with closing(Store.open(settings.database_url)) as store:
        return verify(store, settings.warc_dir)


def sound(place: Place) -> None:
    """The archive is whole: everything verifies, nothing is left over, the index has what the database
    has."""
    settings = place.settings
    with closing(Store.open(settings.database_url)) as store:
        report = fixity.check(settings, store)
        assert [str(item) for item in report.findings] == []
        assert report.pending == []
        assert report.complete
        acts = [(line["act"], line["id"]) for line in Journal(settings.journal_dir).lines()]
        assert len(set(acts)) == len(acts), "an act stands twice in the journal"
        journal.catch_up(store, settings.journal_dir)
        indexer.update(store, settings)
        status = indexer.status(settings, store)
        assert (status.articles, status.behind, status.problem) == (store.article_count(), 0, "")
    captures_of(settings)
    left = [
        path.relative_to(place.root)
        for path in place.root.rglob("*")
        if path.suffix in (".part", ".partial", ".replay", ".restore", ".new")
    ]
    assert left == []


# -------------------------------------------------------------------------------------------------- scenes

Words = Callable[[Place], list[object]]
Act = Callable[[Place], None]


def _nothing(place: Place) -> None:
    """Nothing to prepare, nothing more to hold."""


def _fresh(place: Place) -> None:
    place.remove("var", "index")


def _all_there(place: Place) -> None:
    """Everything that the base has, and each once; what is withheld there may be shown here."""
    found = contents(place.settings)
    expected = place.base.contents
    assert found.keys() <= expected.keys()
    assert all(found[url] == expected[url] for url in found)
    with closing(Store.open(place.settings.database_url)) as store:
        assert len(store.article_ids()) + sum(item.active for item in store.takedowns()) == ARTICLES
    assert captures_of(place.settings) >= place.base.captures


@dataclass(frozen=True)
class Scene:
    """One command with something to do."""

    name: str
    words: Words
    """The command line."""
    prepare: Act = _nothing
    holds: Act = _all_there
    """What must be so when the command was done, beside `sound`."""
    done_already: str = ""
    """What the command says, with an error's exit code, when a killed one had done the work."""
    constants: Mapping[str, Any] = field(default_factory=dict)
    whole_midway: bool = True
    """Whether the archive verifies at every moment of it: not while it mends or destroys."""

    def place(self, base: Base, root: Path) -> Place:
        """A place in which the command can be run."""
        shutil.copytree(base.root, root)
        place = Place(root, base)
        self.prepare(place)
        return place

    def again(self, place: Place, constants: Mapping[str, Any] | None = None) -> Ended:
        """Run the command, after something went wrong, as an operator does, and see that it ends well.

        :param constants: more of the program's that are otherwise now.
        """
        constants = {**self.constants, **(constants or {})}
        ended = place.base.machine.run(place.settings, *self.words(place), constants=constants)
        if ended.code in (1, 2) and self.done_already and self.done_already in ended.err:
            return ended
        assert ended.code == 0, (self.name, ended)
        return ended

    def check(self, place: Place) -> None:
        """See that all is well, and that the command's work is done."""
        sound(place)
        self.holds(place)


def _older(place: Place) -> None:
    """A database of the first schema, with what the present one holds of its tables."""
    new, old = place.settings.var / "archive.db", place.root / "old.db"
    engine = create_engine(f"sqlite:///{old}")
    with engine.begin() as connection:
        migrate.upgrade(connection, "0001")
    engine.dispose()
    with closing(sqlite3.connect(old)) as raw:
        raw.execute("ATTACH ? AS new", (str(new),))
        for (table,) in raw.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall():
            if table != "alembic_version" and not table.startswith("sqlite_"):
                names = ", ".join(row[1] for row in raw.execute(f"PRAGMA main.table_info({table})"))
                raw.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM new.{table}")  # noqa: S608
        raw.commit()
        raw.execute("DETACH new")
        raw.execute("PRAGMA journal_mode = WAL")
    old.replace(new)
    # What a migrated database cannot have: the index follows its change log, which the first program kept.
    place.remove("index")


def _takedown_holds(place: Place) -> None:
    with closing(Store.open(place.settings.database_url)) as store:
        targets = Counter(item.target for item in store.takedowns(active=True))
        assert targets == {place.base.ids[0]: 1, place.base.ids[1]: 1}
        assert store.article(place.base.ids[1]) is None


def _lifted(place: Place) -> None:
    with closing(Store.open(place.settings.database_url)) as store:
        assert store.takedowns(active=True) == []
        assert store.article(place.base.ids[0]) is not None


def _destroyed(place: Place) -> None:
    with closing(Store.open(place.settings.database_url)) as store:
        (item,) = store.takedowns()
        assert item.bytes is Bytes.DESTROYED
        assert verify(store, place.settings.warc_dir).destroyed


def _corrections(place: Place) -> list[str]:
    with closing(Store.open(place.settings.database_url)) as store:
        return [item.target for item in Chronicle(store).corrections()]


def _corrected(place: Place) -> None:
    assert place.base.telling in _corrections(place)
    lines = [line["id"] for line in Journal(place.settings.journal_dir, "corrections.jsonl").lines()]
    assert len(lines) >= 2


def _correction_lifted(place: Place) -> None:
    assert _corrections(place) == []


def _backed_up(place: Place) -> None:
    """The newest backup is whole, and gives the archive back."""
    newest = find_backup(place.root / "backup")
    for item in read_manifest(newest):
        path = newest / item.path
        assert (path.stat().st_size, sha256_of(path)) == (item.size, item.sha256)
    there = [path for path in (place.root / "backup").iterdir() if path.is_dir()]
    assert len(there) == 1, "the older backup stays behind, or half of it"


def _read_again(place: Place) -> None:
    with closing(Store.open(place.settings.database_url)) as store, store.read() as connection:
        # What is withheld is not read again.
        seen = schema.versions.c.article != place.base.ids[0]
        shown = set(connection.execute(select(schema.versions.c.shown).where(seen)).scalars())
    assert {name.partition("+")[0] for name in shown} == {"district-9"}


def _scheduled(place: Place) -> None:
    with closing(Store.open(place.settings.database_url)) as store:
        assert {job.state for job in store.jobs()} == {JobState.DONE}
    _all_there(place)


def _export(name: str, *, of_one: bool) -> Words:
    return lambda at: ["export", at.root / name, *(["--article", at.base.ids[2]] if of_one else [])]


def _exported(name: str) -> Act:
    def holds(place: Place) -> None:
        path = place.root / name
        if path.is_dir():
            told = json.loads((path / "manifest.json").read_bytes())
            assert told["files"]
            for item in told["files"]:
                assert sha256_of(path / item["path"]) == item["sha256"]
        elif path.suffix in (".wacz", ".zip"):
            with zipfile.ZipFile(path) as package:
                assert package.testzip() is None
        elif path.suffix == ".parquet":
            assert pyarrow.parquet.read_table(path).num_rows == ARTICLES - 1
        else:
            assert len(path.read_text("utf-8").splitlines()) == ARTICLES - 1

    return holds


_READER = [
    f"archive.{module}.EXTRACTOR" for module in ("extract.engine", "ingest.reading", "preserve.reextract")
]
_THERE = "is there already"

SCENES = (
    Scene("crawl", lambda at: ["crawl", "--sites", at.base.sites], _fresh),
    Scene("crawl-again", lambda at: ["crawl", "--sites", at.base.sites, "--recheck"]),
    Scene(
        "capture",
        lambda at: ["capture", at.base.url + path_of(2), "--allow-private", "--sites", at.base.sites],
    ),
    Scene(
        "import",
        lambda at: ["import", *sorted(at.root.glob("out/*.warc.gz")), "--sites", at.base.sites],
        _fresh, constants={"archive.preserve.importing.run._BATCH_ITEMS": 3},
    ),
    Scene(
        "replay", lambda at: ["replay"], lambda at: at.remove("var/archive.db*"),
        done_already="captures. Move it away",
    ),
    Scene(
        "replay-extract", lambda at: ["replay", "--extract"], holds=_read_again,
        constants={**dict.fromkeys(_READER, "district-9"), "archive.preserve.reextract._BATCH": 2},
    ),
    Scene(
        "index-update", lambda at: ["index", "update"], lambda at: at.remove("index"),
        constants={"archive.search.indexer.BATCH": 1, "archive.search.whoosh.writer.MERGE_AT": 3},
    ),
    Scene("index-rebuild", lambda at: ["index", "rebuild"]),
    Scene("backup", lambda at: ["backup", "--keep", "1"], holds=_backed_up),
    Scene(
        "restore", lambda at: ["restore", at.root / "backup"], _fresh, done_already="holds something already"
    ),
    Scene("migration", lambda at: ["status"], _older),
    Scene(
        "takedown",
        lambda at: ["takedown", "add", "article", at.base.ids[1], "--reason", "Theo đơn."],
        holds=_takedown_holds, done_already="It is withheld already",
    ),
    Scene(
        "takedown-lift", lambda at: ["takedown", "lift", at.base.takedown, "--why", "Rút đơn."],
        holds=_lifted, done_already="was lifted already",
    ),
    Scene(
        "takedown-destroy", lambda at: ["takedown", "destroy", at.base.takedown, "--yes"], holds=_destroyed,
        whole_midway=False,
    ),
    Scene(
        "events-correct",
        lambda at: ["events", "correct", at.base.telling, "--hide", "--reason", "Không phải."],
        holds=_corrected,
    ),
    Scene(
        "events-lift", lambda at: ["events", "lift", at.base.correction], holds=_correction_lifted,
        done_already="There is no correction",
    ),
    Scene(
        "events-update", lambda at: ["events", "update"],
        constants={"archive.chronicle.update.RULES": "others", "archive.chronicle.update._BATCH": 2},
    ),
    Scene(
        "mend", lambda at: ["mend", at.root / "backup"], lambda at: at.remove("var/warc/*.warc.gz"),
        whole_midway=False,
    ),
    Scene("admin-add", lambda at: ["admin", "add", "lan"], holds=deeds.can_log_in),
    Scene(
        "admin-remove", lambda at: ["admin", "remove", "lan"], deeds.has_account, deeds.cannot_log_in,
        done_already="There is no account",
    ),
    Scene("key-add", lambda at: ["admin", "key", "add", "Viện Sử học"], holds=deeds.has_keys),
    Scene(
        "key-revoke", lambda at: ["admin", "key", "revoke", deeds.keys(at)[0].id], deeds.has_key,
        deeds.has_no_key_in_force,
        done_already="There is no key",
    ),
    Scene(
        "alarm", lambda at: ["crawl", "--sites", at.base.root.parent / "empty.toml"],
        deeds.empty_portal, deeds.alarmed,
    ),
    Scene(
        "alarm-ack", lambda at: ["alarms", "ack", "1", "--by", "lan", "--note", "Cổng đổi mẫu."],
        deeds.has_alarm, deeds.taken_note,
    ),
    Scene(
        "dump", lambda at: ["dump", "make", at.root / "dump"], holds=deeds.dumped, done_already=_THERE,
    ),
    Scene("manifest", lambda at: ["manifest"], lambda at: at.remove("var/manifests")),
    Scene("verify", lambda at: ["verify"]),
    Scene("scheduler", lambda at: ["scheduler", "--sites", at.base.sites, "--once"], holds=_scheduled),
    *(
        Scene(
            f"export-{kind}", _export(name, of_one=of_one),
            holds=_exported(name), done_already=_THERE,
        )
        for kind, name, of_one in (
            ("warc", "other", False),
            ("wacz", "other.wacz", False),
            ("jsonl", "other.jsonl", False),
            ("parquet", "other.parquet", False),
            ("evidence", "other.zip", True),
        )
    ),
)  # fmt: skip
BY_NAME = {scene.name: scene for scene in SCENES}
IMPORT_AHEAD = Scene(
    "import-ahead",
    lambda at: [*BY_NAME["import"].words(at), "--processes", 2],
    _fresh, constants=BY_NAME["import"].constants,
)  # fmt: skip
"""The import with processes that read ahead: it writes what "import" writes, so only kills are told apart."""
