"""Named arrays in one file, written one after another and mapped on reading.

::

    "DARR0003"  padding  array  padding  …  table (JSON)  padding
    uint64 offset of the table  uint32 checksum of the table  "DARR0003"

The table holds `{"arrays": {name: [dtype, length, offset, [checksum, …]]}, "meta": …}`; offsets are multiples
of 64, so that every array is aligned. It comes last, so that an array can be written, and its memory given
back, before the next one is made.

A checksum (CRC-32) is of one `BLOCK` of an array, the last one of its padding too. Reading a file compares
none but that of the table: who uses an array says which part (`Checks`), and each block is compared once,
when it is first used. So damage is met before it can make an answer wrong, and opening reads no more.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from archive.errors import IndexMissingError

Array = npt.NDArray[Any]

BLOCK = 131_072
"""Bytes that one checksum stands for: compared in 60 µs."""
_MAGIC = b"DARR0003"
_TRAILER = struct.Struct("<QI8s")
_ALIGN = 64


class DamagedArraysError(IndexMissingError):
    """A file of an index is not what was written. The message names it, and the command that mends it."""

    def __init__(self, path: Path, what: str) -> None:
        """
        :param what: what is wrong with it, the rest of a sentence.
        """
        super().__init__(
            f"The search index is damaged: {path} {what}.",
            "Build it anew with `archive index rebuild`; articles stay readable meanwhile.",
        )
        self.path = path
        self.what = what


class ArraysFile:
    """A new file of arrays. Use as a context manager; without `finish` it cannot be read."""

    def __init__(self, path: Path) -> None:
        """:raises FileExistsError: segments are written once and never changed."""
        self._file = path.open("xb")
        self._table: dict[str, tuple[str, int, int, list[int]]] = {}
        self._at = 0
        self._write(memoryview(_MAGIC))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def put(self, name: str, array: Array) -> None:
        """Write one array."""
        at = self._at
        sums = self._write(np.ascontiguousarray(array).data.cast("B")) if len(array) else []
        self._table[name] = (array.dtype.str, len(array), at, sums)

    def finish(self, meta: Any) -> None:
        """Write the table, and make the file last."""
        at = self._at
        table = json.dumps({"arrays": self._table, "meta": meta}, ensure_ascii=False).encode()
        padded = table + bytes(_padding(len(table)))
        self._file.write(padded)
        self._file.write(_TRAILER.pack(at, zlib.crc32(padded), _MAGIC))
        self._file.flush()
        os.fsync(self._file.fileno())

    def _write(self, data: memoryview) -> list[int]:
        """Write bytes and padding; gives the checksums."""
        padding = bytes(_padding(len(data)))
        self._file.write(data)
        self._file.write(padding)
        self._at += len(data) + len(padding)
        sums = [zlib.crc32(data[start : start + BLOCK]) for start in range(0, len(data), BLOCK)]
        sums[-1] = zlib.crc32(padding, sums[-1])
        return sums


def _padding(size: int) -> int:
    return -size % _ALIGN


def write_arrays(path: Path, arrays: Mapping[str, Array], meta: Any) -> None:
    """Write a new file and fsync it.

    :raises FileExistsError: segments are written once and never changed.
    """
    with ArraysFile(path) as file:
        for name, array in arrays.items():
            file.put(name, array)
        file.finish(meta)


@dataclass(slots=True)
class _Due:
    """An array some of whose blocks have not been compared yet."""

    data: memoryview
    """Its bytes, with the padding."""
    item: int
    """Bytes of one item."""
    sums: list[int]
    seen: bytearray
    """By block: 1 when it was compared."""


class Checks:
    """Compares what is used of a mapped file with its checksums, each block once."""

    def __init__(self, path: Path = Path()) -> None:
        """Of arrays in memory, of which nothing is compared; `add` names those of a file."""
        self._path = path
        self._due: dict[str, _Due] = {}

    def add(self, name: str, data: memoryview, item: int, sums: list[int]) -> None:
        """An array that is to be compared.

        :param data: its bytes, with the padding.
        :param item: bytes of one item.
        :raises ValueError: there are not as many checksums as blocks.
        """
        if len(sums) != -(-len(data) // BLOCK):
            raise ValueError(f"{len(sums)} checksums of {name}, which has {len(data)} bytes")
        self._due[name] = _Due(data, item, sums, bytearray(len(sums)))

    def use(self, name: str, first: int, stop: int) -> None:
        """Say that some items of an array are going to be used.

        :raises DamagedArraysError: they are not what was written.
        """
        due = self._due.get(name)
        if due is not None and first < stop:
            low, high = first * due.item // BLOCK, (stop * due.item - 1) // BLOCK + 1
            if due.seen.find(0, low, high) >= 0:
                self._compare(name, due, low, high)

    def whole(self, name: str) -> None:
        """Say that all of an array is going to be used.

        :raises DamagedArraysError: it is not what was written.
        """
        due = self._due.get(name)
        if due is not None:
            self._compare(name, due, 0, len(due.seen))

    def all(self) -> None:
        """Compare all that has not been compared yet.

        :raises DamagedArraysError: something is not what was written.
        """
        for name in list(self._due):
            self.whole(name)

    def _compare(self, name: str, due: _Due, low: int, high: int) -> None:
        for block in range(low, high):
            if not due.seen[block]:
                if zlib.crc32(due.data[block * BLOCK : (block + 1) * BLOCK]) != due.sums[block]:
                    raise DamagedArraysError(self._path, f"has not the bytes that were written ({name})")
                due.seen[block] = 1
        if 0 not in due.seen:
            del self._due[name]


class Arrays(NamedTuple):
    """What a file holds."""

    arrays: dict[str, Array]
    """Mapped read-only. Not compared with their checksums yet."""
    meta: Any
    checks: Checks


def read_arrays(path: Path) -> Arrays:
    """Map a file.

    :raises FileNotFoundError: a commit has removed the segment.
    :raises DamagedArraysError: not such a file, or cut off, or its table is damaged.
    """
    with path.open("rb") as file:
        try:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:
            raise DamagedArraysError(path, "is empty") from None
    size = len(data)
    begins = _MAGIC + bytes(_padding(len(_MAGIC)))
    if data[: len(begins)] != begins or data[-8:] != _MAGIC or size < len(begins) + _TRAILER.size:
        raise DamagedArraysError(path, "is no file of arrays, or is cut off")
    at, checksum, _ = _TRAILER.unpack_from(data, size - _TRAILER.size)
    table = data[at : size - _TRAILER.size]
    if not table or zlib.crc32(table) != checksum:
        raise DamagedArraysError(path, "has a damaged table")
    checks = Checks(path)
    try:
        read = json.loads(table.rstrip(b"\0"))
        arrays = {}
        for name, (dtype, count, start, sums) in read["arrays"].items():
            arrays[name] = array = np.frombuffer(data, dtype, count, start)
            end = start + array.nbytes
            checks.add(name, memoryview(data)[start : end + _padding(end)], array.itemsize, sums)
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedArraysError(path, f"has a table that cannot be read: {error}") from error
    return Arrays(arrays, read["meta"], checks)


def distinct(values: Array) -> Array:
    """The values of an array in order, each once; the array is sorted. NumPy's `unique` hashes from 2.3 on,
    which takes several times as long."""
    if not len(values):
        return values
    values.sort()
    first = np.empty(len(values), bool)
    first[0] = True
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return values[first]


def give_back(mapped: Array | memoryview) -> None:
    """Give back the memory of the file that an array or view is mapped from; what is read again is mapped
    again. So passing through big files once does not hold them all in memory."""
    source: object = mapped
    while not isinstance(source, mmap.mmap):
        if isinstance(source, np.ndarray):
            source = source.base
        elif isinstance(source, memoryview):
            source = source.obj
        else:
            return  # held in memory
    source.madvise(mmap.MADV_DONTNEED)
