"""A PostgreSQL of the tests' own: a cluster in a temporary folder, and a fresh database for each archive.

`--store=postgresql` lets every test keep its archives there, child processes of tests too: an archive that
would have its SQLite file in a folder gets a database named after that folder instead.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import functools
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from archive.config import Settings
from archive.store import Store, on_server

EVERYWHERE = "TESTS_POSTGRESQL"
"""Variable with the socket folder of the cluster in which every archive is kept; for child processes."""
_TEMPLATE = "empty_archive"


def binaries() -> Path | None:
    """The folder of the newest server that Debian installed, or of the one on the path; None without one."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


class Cluster:
    """A running server.

    :param folder: of its socket.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def url(self, name: str) -> str:
        """The address of one of its databases, as the setting `database` takes it."""
        return f"postgresql://archive@/{name}?host={self.folder}"

    @contextlib.contextmanager
    def connected(self, name: str = "postgres") -> Iterator[psycopg.Connection[Any]]:
        """A connection of the tests' own, outside of any transaction."""
        with psycopg.connect(
            host=str(self.folder), user="archive", dbname=name, autocommit=True
        ) as connection:
            yield connection

    def create(self, name: str, *, template: str = "template0", note: str = "") -> str:
        """Make a database, unless it is there; returns its address.

        :param note: kept with it, for `drop_below`.
        """
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
        noted = sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(note))
        with self.connected() as connection, contextlib.suppress(psycopg.errors.DuplicateDatabase):
            connection.execute(made)
            connection.execute(noted)
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        with self.connected() as connection:
            statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            connection.execute(statement)

    def archive(self, place: Path) -> str:
        """The address of the empty archive that belongs to a folder; made when there is none yet."""
        return self.create(name_of(place), template=_TEMPLATE, note=str(place.resolve()))

    def drop_below(self, folder: Path) -> None:
        """Remove the databases of all archives in a folder: each takes ten megabytes."""
        with self.connected() as connection:
            found = connection.execute(
                "SELECT datname FROM pg_database "
                "WHERE starts_with(shobj_description(oid, 'pg_database'), %s)",
                [f"{folder.resolve()}/"],
            ).fetchall()
        for (name,) in found:
            self.drop(name)


def name_of(place: Path) -> str:
    """The database of the archive that belongs to a folder."""
    return "a_" + hashlib.md5(str(place.resolve()).encode(), usedforsecurity=False).hexdigest()


@functools.cache
def cluster(*, durable: bool = False) -> Cluster:
    """The one of this process, or of the one that started it; started when it is first asked for.

    :param durable: what is committed is on disk, as everywhere but in tests.
    """
    if os.environ.get(EVERYWHERE):
        return Cluster(Path(os.environ[EVERYWHERE]))
    # Short, because the path of a socket has 107 bytes at most; not below pytest's folder, which only its
    # own user may enter.
    home = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    # It lives no longer than the tests.
    careless = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    server = Server(home, {"shared_buffers": "64MB", "autovacuum": "off"} | ({} if durable else careless))
    server.start()
    atexit.register(server.stop)
    Store.open(server.cluster.create(_TEMPLATE)).close()
    return server.cluster


class Server:
    """A server with its data in a folder, which are kept when it stops."""

    def __init__(self, home: Path, options: Mapping[str, str]) -> None:
        """
        :param home: of its data and its socket; only a short path has room for one.
        :param options: settings for `postgresql.conf`, where the data are made anew.
        """
        programs = binaries()
        assert programs is not None, "apt-get install postgresql"
        self.cluster = Cluster(home)
        self._programs, self._home, self._options = programs, home, options

    def start(self) -> None:
        """Start it, and make its data when there are none; returns when it takes connections."""
        data = self._home / "data"
        if not data.exists():
            self._home.mkdir(parents=True, exist_ok=True)
            self._run(
                "initdb", "-U", "archive", "-E", "UTF8", "--locale=C.UTF-8", "--auth=trust", "--no-sync"
            )
            options = {
                "listen_addresses": "", "unix_socket_directories": str(self._home), "max_connections": "200",
                "lc_messages": "C", **self._options,
            }  # fmt: skip
            with (data / "postgresql.conf").open("a") as file:
                file.writelines(f"{name} = '{value}'\n" for name, value in options.items())
        self._run("pg_ctl", "-l", str(self._home / "log"), "-w", "start")

    def stop(self, mode: str = "immediate") -> None:
        """End it.

        :param mode: `immediate`, which leaves the next start to recover; `fast`.
        """
        self._run("pg_ctl", "-m", mode, "-t", "600", "-w", "stop")

    @property
    def pid(self) -> int:
        """Of its first process."""
        return int((self._home / "data" / "postmaster.pid").read_text().split()[0])

    def _run(self, program: str, *arguments: str) -> None:
        _run(self._home, [str(self._programs / program), "-D", str(self._home / "data"), *arguments])


def lose_database(settings: Settings) -> None:
    """An archive's database is gone; an empty one has its place where a server keeps it."""
    if settings.database:
        name = settings.database.partition("@/")[2].partition("?")[0]
        cluster().drop(name)
        cluster().create(name, template=_TEMPLATE)
    for path in settings.var.glob("archive.db*"):
        path.rename(path.with_name("lost-" + path.name))


def copy_database(source: Settings, target: Settings) -> None:
    """What a copy of an archive's folder lacks where a server keeps the database."""
    if source.database:
        copied = target.var / "copied.dump"
        with contextlib.closing(Store.open(source.database)) as store:
            on_server.dump(store, source.database, copied)
        on_server.load(target.database, copied)
        copied.unlink()


def database_exists(settings: Settings) -> bool:
    """Whether there is a database that holds anything."""
    if not settings.database:
        return (settings.var / "archive.db").exists()
    with contextlib.closing(Store.open(settings.database)) as store:
        return store.totals().captures > 0


def _run(home: Path, command: list[str]) -> None:
    """Run a program of the server, which refuses to be run by root."""
    if os.getuid() == 0:
        names = {item.pw_name for item in pwd.getpwall()}
        user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
        os.chown(home, user.pw_uid, user.pw_gid)
        command = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *command]
    done = subprocess.run(
        command, cwd=home, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()


def without_everywhere() -> dict[str, str]:
    """The environment of a child process whose settings say themselves where its archive is."""
    return {name: value for name, value in os.environ.items() if name != EVERYWHERE}


def everywhere() -> None:
    """From now on, here and in child processes, settings that name no database mean one of the cluster."""
    running = cluster()
    os.environ[EVERYWHERE] = str(running.folder)
    hook = str(Path(__file__).parent / "hook")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [hook, os.environ.get("PYTHONPATH")]))
    original = Settings.__init__

    @functools.wraps(original)
    def made(self: Settings, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        # A copy of settings with another folder (a replay, a restored backup) is another archive.
        if not self.database or self.database.startswith("postgresql://archive@/a_"):
            # A restore makes ready beside its place what is that archive already.
            place = self.var.with_name(self.var.name.removesuffix(".restore"))
            object.__setattr__(self, "database", running.archive(place))

    Settings.__init__ = made  # type: ignore[method-assign]
    assert dataclasses.replace(Settings(var=Path("/nowhere")), name="x").database
    running.drop(name_of(Path("/nowhere")))
