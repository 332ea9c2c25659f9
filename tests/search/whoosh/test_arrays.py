"""The file of mapped arrays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from archive.search.whoosh.arrays import (
    BLOCK,
    Array,
    DamagedArraysError,
    give_back,
    read_arrays,
    write_arrays,
)


def test_arrays_come_back_as_written(tmp_path: Path) -> None:
    arrays: dict[str, Array] = {
        "a": np.arange(1000, dtype=np.uint32),
        "empty": np.zeros(0, np.int64),
        "b": np.array([-1, 2**40], np.int64),
    }
    write_arrays(tmp_path / "x", arrays, {"sites": [["đ", "Đầm Hà"]]})
    read, meta, checks = read_arrays(tmp_path / "x")
    checks.all()
    assert meta == {"sites": [["đ", "Đầm Hà"]]}
    for name, array in arrays.items():
        assert read[name].dtype == array.dtype
        assert np.array_equal(read[name], array)
        with pytest.raises(ValueError, match="read-only"):
            read[name][:1] = 0


def test_a_file_is_written_once(tmp_path: Path) -> None:
    write_arrays(tmp_path / "x", {}, None)
    with pytest.raises(FileExistsError):
        write_arrays(tmp_path / "x", {}, None)


@pytest.mark.parametrize("cut", [0, 4, 11, 40, 150, -1])
def test_a_cut_file_is_told(tmp_path: Path, cut: int) -> None:
    write_arrays(tmp_path / "x", {"a": np.arange(100)}, None)
    whole = (tmp_path / "x").read_bytes()
    (tmp_path / "y").write_bytes(whole[:cut])
    with pytest.raises(DamagedArraysError):
        read_arrays(tmp_path / "y")


def test_what_is_given_back_can_still_be_read(tmp_path: Path) -> None:
    write_arrays(tmp_path / "x", {"a": np.arange(100_000)}, None)
    array = read_arrays(tmp_path / "x").arrays["a"]
    assert array.sum() == 100_000 * 99_999 // 2
    give_back(array)
    give_back(array[5:7])
    give_back(np.arange(3))
    assert array.sum() == 100_000 * 99_999 // 2


def test_a_damaged_block_is_told_when_it_is_used(tmp_path: Path) -> None:
    items = BLOCK // 4
    write_arrays(tmp_path / "x", {"a": np.arange(3 * items, dtype=np.uint32)}, None)
    data = bytearray((tmp_path / "x").read_bytes())
    data[64 + BLOCK + 5] ^= 1
    (tmp_path / "x").write_bytes(data)
    read = read_arrays(tmp_path / "x")
    for first, stop in ((0, items), (2 * items, 3 * items), (items + 1, items + 1)):
        read.checks.use("a", first, stop)
    for first, stop in ((0, items + 1), (items + 9, items + 10), (2 * items - 1, 3 * items)):
        with pytest.raises(DamagedArraysError, match="archive index rebuild"):
            read.checks.use("a", first, stop)
    with pytest.raises(DamagedArraysError):
        read.checks.all()
