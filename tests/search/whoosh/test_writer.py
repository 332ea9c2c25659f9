"""Commits: one writer, kills at any moment, readers meanwhile, merges, rebuilds."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from whoosh.index import open_dir
from whoosh.query import Term

from archive.errors import IndexBusyError, IndexMismatchError, IndexMissingError, SearchError
from archive.search.backend import Batch, DocumentWriter, IndexDocument, SearchRequest
from archive.search.lock import write_lock
from archive.search.whoosh import WhooshBackend, generations, writer
from archive.search.whoosh.segment import ARRAYS_EXT
from tests.search.samples import doc

# Commits batches of 50 articles without end, each batch under the next cursor, and merges often.
_WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from archive.search.backend import Batch
from archive.search.whoosh import WhooshBackend, writer
from tests.search.samples import doc
writer.MERGE_AT = 3
backend = WhooshBackend(Path(sys.argv[1]))
first = int(sys.argv[2])
for cursor in range(first, first + int(sys.argv[3])):
    docs = [doc(f"{cursor}-{n}", f"Tin số {n}", body="thi đua " * 30) for n in range(50)]
    backend.apply(Batch(docs, (), cursor))
    print(cursor, flush=True)
"""


def rebuild(
    backend: WhooshBackend, docs: Sequence[IndexDocument], check: Callable[[int], None] = lambda count: None
) -> None:
    """Build anew from documents, at cursor 7."""

    def fill(out: DocumentWriter) -> int:
        for item in docs:
            out.add(item)
        return 7

    backend.rebuild(fill, check)


def start_writer(root: Path, first: int, batches: int = 10**6) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _WRITER, str(root), str(first), str(batches)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def kill_at_random(root: Path, kills: int, seed: int) -> None:
    """Kill a writer again and again; after each, the index is whole and the next writer goes on."""
    draw = random.Random(seed)
    acknowledged = 0
    for _ in range(kills):
        with start_writer(root, acknowledged + 1) as process:
            assert process.stdout is not None
            for _ in range(draw.randrange(1, 4)):
                acknowledged = int(process.stdout.readline())
            time.sleep(draw.random() * 0.05)  # the moment of the kill is what the test draws
            process.send_signal(signal.SIGKILL)
            rest = process.stdout.read().split()
        acknowledged = max([acknowledged, *map(int, rest)])
        backend = WhooshBackend(root)
        cursor = backend.cursor()
        assert cursor >= acknowledged, "an acknowledged commit is gone"
        assert backend.count() == cursor * 50
        assert backend.search(SearchRequest(q='"thi đua"', size=1)).total == cursor * 50
        acknowledged = cursor
        backend.close()
    backend = WhooshBackend(root)
    backend.apply(Batch([doc("last")], (), acknowledged + 1))
    folder = generations.read_pointer(root).folder(root)
    named = {entry.segment_id() for entry in writer.read_toc(folder).segments}
    assert {path.stem for path in folder.glob(f"*{ARRAYS_EXT}")} == named, "left-overs were not removed"
    backend.close()


def test_killed_commits_leave_the_last_good_index(tmp_path: Path) -> None:
    kill_at_random(tmp_path, 4, seed=1)


@pytest.mark.long
def test_fifty_killed_commits(tmp_path: Path) -> None:
    kill_at_random(tmp_path, 50, seed=2)


def test_readers_go_on_during_commits_merges_and_rebuilds(tmp_path: Path) -> None:
    process = start_writer(tmp_path, 1, batches=25)
    assert process.stdout is not None
    process.stdout.readline()
    backend = WhooshBackend(tmp_path)
    failures: list[BaseException] = []
    rebuilt = threading.Event()

    def read() -> None:
        last = 0
        try:
            while not rebuilt.is_set():
                total = backend.search(SearchRequest(q="thi đua")).total
                assert total >= last
                assert total % 50 == 0
                last = total
        except BaseException as error:
            failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    process.stdout.read()
    assert process.wait() == 0
    process.stdout.close()
    everything = [doc(f"{n}", body="thi đua") for n in range(25 * 50)]
    for _ in range(3):
        rebuild(WhooshBackend(tmp_path), everything)
    rebuilt.set()
    reader.join()
    assert not failures
    assert backend.count() == 25 * 50
    backend.close()


def test_a_second_writer_is_told_so(engine: WhooshBackend, tmp_path: Path) -> None:
    engine.apply(Batch([doc("a")], (), 1))
    with write_lock(tmp_path / "index"):
        with pytest.raises(IndexBusyError, match="Another process is writing"):
            engine.apply(Batch([doc("b")], (), 2))
        with pytest.raises(IndexBusyError):
            rebuild(engine, [])
        assert engine.count() == 1
    engine.apply(Batch([doc("b")], (), 2))
    assert engine.count() == 2


def test_no_index_names_the_command_that_builds_one(engine: WhooshBackend) -> None:
    for question in (engine.count, engine.cursor, lambda: engine.search(SearchRequest(q="a"))):
        with pytest.raises(IndexMissingError, match="archive index update"):
            question()


def test_another_fingerprint_names_the_command_that_mends_it(engine: WhooshBackend, tmp_path: Path) -> None:
    engine.apply(Batch([doc("a")], (), 1))
    root = tmp_path / "index"
    generations.write_pointer(root, replace(generations.read_pointer(root), fingerprint="older"))
    with pytest.raises(IndexMismatchError, match="archive index rebuild"):
        engine.search(SearchRequest(q="a"))
    with pytest.raises(IndexMismatchError, match="archive index rebuild"):
        engine.apply(Batch([doc("b")], (), 2))
    rebuild(engine, [doc("a")])
    assert engine.count() == 1


@pytest.mark.parametrize("content", ["", "{}", "not json", '{"generation": "../../etc"}'])
def test_a_damaged_pointer_is_told(engine: WhooshBackend, tmp_path: Path, content: str) -> None:
    engine.apply(Batch([doc("a")], (), 1))
    (tmp_path / "index" / generations.POINTER).write_text(content)
    with pytest.raises(IndexMissingError, match="archive index rebuild"):
        engine.count()


def test_a_damaged_segment_is_told(engine: WhooshBackend, tmp_path: Path) -> None:
    engine.apply(Batch([doc("a")], (), 1))
    (path,) = (tmp_path / "index").rglob(f"*{ARRAYS_EXT}")
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(IndexMissingError, match="damaged"):
        WhooshBackend(tmp_path / "index").count()


@pytest.mark.parametrize("kept", [0, 10, 100])
def test_a_damaged_table_of_contents_is_told(engine: WhooshBackend, tmp_path: Path, kept: int) -> None:
    engine.apply(Batch([doc("a")], (), 1))
    (path,) = (tmp_path / "index").rglob("*.toc")
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(IndexMissingError, match="archive index rebuild"):
        WhooshBackend(tmp_path / "index").count()


def test_a_folder_that_is_being_removed_is_looked_for_again(engine: WhooshBackend, tmp_path: Path) -> None:
    engine.apply(Batch([doc("a")], (), 1))
    root = tmp_path / "index"
    (path,) = root.rglob("*.toc")
    path.unlink()
    with pytest.raises(FileNotFoundError):
        writer.read_toc(generations.read_pointer(root).folder(root))


def test_a_rebuild_that_fails_its_check_changes_nothing(engine: WhooshBackend) -> None:
    engine.apply(Batch([doc("a"), doc("b")], (), 1))

    def refuse(count: int) -> None:
        raise SearchError(f"{count} is not enough")

    with pytest.raises(SearchError, match="1 is not enough"):
        rebuild(engine, [doc("a")], refuse)
    assert engine.count() == 2


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a file where the folder should be")
    with pytest.raises(SearchError, match="cannot be written"):
        WhooshBackend(tmp_path / "index").apply(Batch([doc("a")], (), 1))


def test_many_commits_stay_few_segments(engine: WhooshBackend, tmp_path: Path) -> None:
    for cursor in range(1, 40):
        engine.apply(Batch([doc(f"{cursor}")], (f"{cursor - 5}",), cursor))
    folder = generations.read_pointer(tmp_path / "index").folder(tmp_path / "index")
    assert len(writer.read_toc(folder).segments) < writer.MERGE_AT
    assert engine.count() == 5


def test_building_in_runs_gives_one_segment(
    engine: WhooshBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "SPILL_TOKENS", 300)
    rebuild(engine, [doc(f"{n}", "Tin", body="thi đua " * 20) for n in range(100)])
    folder = generations.read_pointer(tmp_path / "index").folder(tmp_path / "index")
    assert len(writer.read_toc(folder).segments) == 1
    assert engine.search(SearchRequest(q='"thi đua"')).total == engine.count() == 100
    assert engine.cursor() == 7


def test_whoosh_itself_reads_the_index(engine: WhooshBackend, tmp_path: Path) -> None:
    """The codec: Whoosh's own reader and searcher over our segments, deletions included."""
    engine.apply(Batch([doc("a", "Con đường"), doc("b", "Cây dương", body="đường")], (), 1))
    engine.apply(Batch([doc("c", "Đường lớn")], ("a",), 2))
    folder = generations.read_pointer(tmp_path / "index").folder(tmp_path / "index")
    with open_dir(str(folder)).searcher() as searcher:

        def found(field: str, word: str) -> set[str]:
            return {hit["id"] for hit in searcher.search(Term(field, word), limit=None)}

        assert found("title", "duong") == {"b", "c"}
        assert found("title_exact", "đường") == {"c"}
        assert found("body", "duong") == {"b"}
        assert searcher.reader().doc_count() == 2
        terms = set(searcher.reader().field_terms("title_exact"))
        assert {"đường", "dương", "cây", "lớn"} <= terms


def test_words_beyond_the_last_position_stay_findable(engine: WhooshBackend) -> None:
    long = "thi " * 70_000 + "cuối cùng"
    engine.apply(Batch([doc("a", body=long)], (), 1))
    assert engine.search(SearchRequest(q="cuối")).total == 1
    assert engine.search(SearchRequest(q="thi")).total == 1


@pytest.fixture(autouse=True)
def _no_threads_left() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() == before
