"""Bits flipped all over an index: every answer is right or says what is damaged; and the check finds each."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from archive.errors import IndexMissingError, SearchError
from archive.search.backend import Batch, SearchRequest, Sort
from archive.search.whoosh import WhooshBackend
from archive.search.whoosh.arrays import BLOCK
from archive.search.whoosh.generations import POINTER
from archive.search.whoosh.segment import ARRAYS_EXT, STORED_EXT
from tests.search.samples import REAL_ID, doc, samples

_QUESTIONS = (
    "nong thon moi",
    "chuyển đổi số",
    '"nông thôn mới"',
    '"hội đồng nhân dân huyện"',
    "tuyen*",
    '"nông mới"~3',
    "thi đua OR lễ hội",
    "huyện -xã",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of two segments with deleted documents."""
    root = tmp_path_factory.mktemp("built") / "index"
    with opened(root) as backend:
        backend.apply(Batch(samples(500), (), 1))
        backend.apply(Batch([doc(f"n{n}", "Nông thôn mới", body="thi đua") for n in range(9)], ("a3",), 2))
    return root


@contextmanager
def opened(root: Path) -> Iterator[WhooshBackend]:
    backend = WhooshBackend(root)
    try:
        yield backend
    finally:
        backend.close()


def files(root: Path) -> list[Path]:
    """What is written of an index: all but the lock, which has no contents."""
    return sorted(path for path in root.rglob("*") if path.is_file() and path.stat().st_size)


def ask(backend: WhooshBackend, request: SearchRequest) -> object:
    """What a reader sees of an answer."""
    return replace(backend.search(request), milliseconds=0)


def answers(root: Path) -> list[object]:
    """The answer to each question by an archive that opens the index for it, or the error that it gives."""
    found: list[object] = []
    days = dt.date(2018, 1, 1), dt.date(2020, 12, 31)
    with opened(root) as backend:
        for act in (
            *(lambda q=q: ask(backend, SearchRequest(q=q)) for q in _QUESTIONS),
            lambda: ask(backend, SearchRequest(sort=Sort.NEWEST, size=40)),
            lambda: ask(backend, SearchRequest(q="nông thôn", date_from=days[0], date_to=days[1])),
            lambda: backend.complete("nong t", 8),
            lambda: backend.related(REAL_ID, 5),
            lambda: backend.ids(SearchRequest(q="huyện")),
            backend.count,
            backend.cursor,
        ):
            try:
                found.append(act())
            except SearchError as error:
                found.append(error)
    return found


def flip(path: Path, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(bit // 8)
        (byte,) = file.read(1)
        file.seek(bit // 8)
        file.write(bytes([byte ^ 1 << bit % 8]))


@pytest.mark.parametrize("flips", [12, pytest.param(400, marks=pytest.mark.long)])
def test_no_flipped_bit_makes_a_wrong_answer(built: Path, tmp_path: Path, flips: int) -> None:
    right = answers(built)
    assert not any(isinstance(answer, SearchError) for answer in right)
    root = tmp_path / "index"
    shutil.copytree(built, root)
    draw = random.Random(flips)
    told = 0
    for path in files(root):
        size = path.stat().st_size * 8
        for bit in draw.sample(range(size), min(flips, size)):
            flip(path, bit)
            where = f"bit {bit} of {path.name}"
            for answer, wanted in zip(answers(root), right, strict=True):
                if isinstance(answer, SearchError):
                    assert "`archive index rebuild`" in str(answer), where
                    told += 1
                else:
                    assert answer == wanted, where
            with opened(root) as backend:
                assert [item.file for item in backend.damage()] == [str(path)], where
            flip(path, bit)
    assert told
    with opened(root) as backend:
        assert backend.damage() == []
    assert answers(root) == right


def test_the_error_names_the_file_and_other_questions_are_answered(tmp_path: Path) -> None:
    """A big array is compared where it is used: what does not need the damaged part is answered."""
    root = tmp_path / "index"
    with opened(root) as backend:
        words = [f"a{n:05}" for n in range(40_000)]
        backend.apply(Batch([doc("one", body=" ".join(words)), doc("two", body="zz")], (), 1))
    (path,) = root.rglob(f"*{ARRAYS_EXT}")
    # The codes come after the words' tables, four bytes a word: past one block stands the end of them.
    with opened(root) as backend:
        (item,) = backend._reader.snapshot().segments
        data = path.read_bytes()
        at = data.index(item.arrays.codes.tobytes()) + item.arrays.codes.nbytes - 4
    assert item.arrays.codes.nbytes > BLOCK
    flip(path, at * 8)
    with opened(root) as backend:
        assert backend.search(SearchRequest(q="a00007")).total == 1
        with pytest.raises(IndexMissingError, match=f"{path.name} has not the bytes that were written"):
            backend.search(SearchRequest(q="zz"))
        assert backend.search(SearchRequest(q="a00008")).total == 1


def test_damage_does_not_go_on_into_a_merged_segment(tmp_path: Path) -> None:
    root = tmp_path / "index"
    with opened(root) as backend:
        for number in range(7):
            backend.apply(Batch([doc(f"x{number}", "Lễ hội", body="thi đua " * 9)], (), number))
        path = sorted(root.rglob(f"*{STORED_EXT}"))[0]
        flip(path, path.stat().st_size * 4)
        with pytest.raises(IndexMissingError, match="archive index rebuild"):
            backend.apply(Batch([doc("x8", "Lễ hội")], (), 8))
        assert backend.cursor() == 6


@pytest.mark.parametrize("extension", [ARRAYS_EXT, STORED_EXT, ".toc"])
def test_a_missing_file_is_named(built: Path, tmp_path: Path, extension: str) -> None:
    root = tmp_path / "index"
    shutil.copytree(built, root)
    path = next(root.rglob(f"*{extension}"))
    path.unlink()
    with opened(root) as backend:
        (found,) = backend.damage()
        with pytest.raises(IndexMissingError, match="archive index rebuild"):
            backend.search(SearchRequest(q="thi đua"))
    assert str(path if extension != ".toc" else path.parent) == found.file


def test_an_index_of_another_program_is_no_damage(built: Path, tmp_path: Path) -> None:
    root = tmp_path / "index"
    shutil.copytree(built, root)
    (root / POINTER).write_text('{"generation": "generation-000001", "fingerprint": "older"}')
    with opened(root) as backend:
        assert backend.damage() == []
