"""SIGKILL at random moments of crawl, import and export: nothing kept is lost, nothing comes twice."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
import zipfile
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.config import Settings
from archive.preserve import verify
from archive.preserve.exporting import Selection, export_warc
from archive.store import Store, imports, schema
from tests.crawler.crawling import contents
from tests.portal import Portal

ROOT = Path(__file__).parents[2]


def _start(what: str, var: Path, *arguments: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-W", "error", "-m", "tests.preserve.kill_child", what, str(var)]
    return subprocess.Popen([*command, *map(str, arguments)], cwd=ROOT, stdout=subprocess.DEVNULL)


def _kill(child: subprocess.Popen[bytes], after: float) -> bool:
    """Kill it after some seconds, whatever it does then; False when it had ended."""
    try:
        child.wait(after)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGKILL)
        child.wait()
        return True
    assert child.returncode == 0
    return False


def _finished(what: str, var: Path, *arguments: Path) -> float:
    began = time.monotonic()
    assert _start(what, var, *arguments).wait() == 0
    return time.monotonic() - began


def _captures(var: Path) -> Counter[tuple[str, str, str]]:
    """Address, moment and payload of all captures: each must be there once."""
    with closing(Store.open(Settings(var=var).database_url)) as store, store.read() as connection:
        columns = schema.captures.c
        rows = connection.execute(select(columns.url, columns.at, columns.payload_digest))
        return Counter((row.url, row.at.isoformat(), row.payload_digest) for row in rows)


def _check(var: Path) -> None:
    """Every record verifies, no article stands twice, no capture either."""
    with closing(Store.open(Settings(var=var).database_url)) as store:
        report = verify(store, var / "warc")
        assert report.findings == []
        assert report.pending == []
    assert set(_captures(var).values()) <= {1}


def _killed(folder: Path, articles: int, kills: int, seed: int) -> None:
    dice = random.Random(seed)
    one, two, mixed = folder / "one", folder / "two", folder / "mixed"
    with Portal(articles, seed=seed) as portal:
        sites = folder / "sites.toml"
        sites.write_text(portal.sites_toml())
        _finished("crawl", one, sites)
        expected = contents(Settings(var=one))
        # A crawl into an archive of its own, killed and gone on with.
        for _ in range(kills // 3):
            _kill(_start("crawl", two, sites), 0.6 + dice.random() * 2)
        _finished("crawl", two, sites)
    assert contents(Settings(var=two)) == expected
    _check(two)

    with closing(Store.open(Settings(var=one).database_url)) as store:
        export_warc(store, one / "warc", Selection(), folder / "out", operator="")
    files = sorted((folder / "out").glob("*.warc.gz"))
    for _ in range(kills // 3):
        _kill(_start("import", mixed, *files), 0.6 + dice.random() * 3)
    _finished("import", mixed, *files)
    assert contents(Settings(var=mixed)) == expected
    assert _captures(mixed) == _captures(one)
    _check(mixed)
    with closing(Store.open(Settings(var=mixed).database_url)) as store, store.read() as connection:
        rows = imports.listed(connection)
    assert sum(row.counts["taken"] + row.counts.get("known", 0) for row in rows) >= len(_captures(one))
    assert all(row.ended_at is not None for row in rows)

    for number in range(kills - 2 * (kills // 3)):
        target = folder / f"{number}.wacz"
        if _kill(_start("export", mixed, target), 0.6 + dice.random()):
            assert not target.exists() or zipfile.is_zipfile(target)
    _finished("export", mixed, folder / "whole.wacz")
    with zipfile.ZipFile(folder / "whole.wacz") as package:
        assert package.testzip() is None
    _check(mixed)


def test_an_import_by_two_processes_is_killed(tmp_path: Path) -> None:
    """Its helper goes with it, and what comes of it in the end is what one process makes."""
    one, two = tmp_path / "one", tmp_path / "two"
    with Portal(6, seed=9) as portal:
        sites = tmp_path / "sites.toml"
        sites.write_text(portal.sites_toml())
        _finished("crawl", one, sites)
    with closing(Store.open(Settings(var=one).database_url)) as store:
        export_warc(store, one / "warc", Selection(), tmp_path / "out", operator="")
    files = sorted((tmp_path / "out").glob("*.warc.gz"))
    for after in (2.5,):
        child = _start("import-by-two", two, *files)
        helpers: set[str] = set()
        until = time.monotonic() + after
        while time.monotonic() < until and child.poll() is None:
            helpers |= _children(child.pid)
            time.sleep(0.05)
        child.kill()
        child.wait()
        until = time.monotonic() + 30
        while any(Path("/proc", pid, "cmdline").exists() and _is_python(pid) for pid in helpers):
            assert time.monotonic() < until, "a helper outlives its parent"
            time.sleep(0.05)
    _finished("import-by-two", two, *files)
    assert contents(Settings(var=two)) == contents(Settings(var=one))
    assert _captures(two) == _captures(one)
    _check(two)


def _children(pid: int) -> set[str]:
    try:
        return set(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    except OSError:
        return set()


def _is_python(pid: str) -> bool:
    """Whether a process still runs; one that ended and is not yet waited for has no command line."""
    try:
        return b"python" in Path("/proc", pid, "cmdline").read_bytes()
    except OSError:
        return False


def test_three_kills(tmp_path: Path) -> None:
    _killed(tmp_path, articles=4, kills=3, seed=5)


@pytest.mark.long
@pytest.mark.parametrize("seed", [11])
def test_a_hundred_kills(tmp_path: Path, seed: int) -> None:
    _killed(tmp_path, articles=120, kills=100, seed=seed)


def test_several_imports_at_once_do_not_hurt_each_other(tmp_path: Path) -> None:
    one, many = tmp_path / "one", tmp_path / "many"
    with Portal(4, seed=3) as portal:
        sites = tmp_path / "sites.toml"
        sites.write_text(portal.sites_toml())
        _finished("crawl", one, sites)
    with closing(Store.open(Settings(var=one).database_url)) as store:
        export_warc(store, one / "warc", Selection(), tmp_path / "out", operator="")
    files = sorted((tmp_path / "out").glob("*.warc.gz"))
    children = [_start("import", many, *files) for _ in range(2)]
    assert [child.wait() for child in children] == [0, 0]
    assert contents(Settings(var=many)) == contents(Settings(var=one))
    assert _captures(many) == _captures(one)
    _check(many)
