"""Named arrays in one file, written one after another and mapped on reading.

::

    "DARR0002"  padding  array  padding  …  table (JSON)  padding  uint64 offset of the table  "DARR0002"

The table holds `{"arrays": {name: [dtype, length, offset]}, "meta": …}`; offsets are multiples of 64, so that
every array is aligned. It comes last, so that an array can be written, and its memory given back, before the
next one is made.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_MAGIC = b"DARR0002"
_TRAILER = struct.Struct("<Q8s")
_ALIGN = 64


class DamagedArraysError(Exception):
    """A file is no arrays file or is shorter than its header says."""


class ArraysFile:
    """A new file of arrays. Use as a context manager; without `finish` it cannot be read."""

    def __init__(self, path: Path) -> None:
        """:raises FileExistsError: segments are written once and never changed."""
        self._file = path.open("xb")
        self._table: dict[str, tuple[str, int, int]] = {}
        self._at = 0
        self._write(_MAGIC)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def put(self, name: str, array: Array) -> None:
        """Write one array."""
        self._table[name] = (array.dtype.str, len(array), self._at)
        if len(array):
            self._write(np.ascontiguousarray(array).data.cast("B"))

    def finish(self, meta: Any) -> None:
        """Write the table, and make the file last."""
        at = self._at
        self._write(json.dumps({"arrays": self._table, "meta": meta}, ensure_ascii=False).encode())
        self._file.write(_TRAILER.pack(at, _MAGIC))
        self._file.flush()
        os.fsync(self._file.fileno())

    def _write(self, data: bytes | memoryview) -> None:
        padded = -(-len(data) // _ALIGN) * _ALIGN
        self._file.write(data)
        self._file.write(bytes(padded - len(data)))
        self._at += padded


def write_arrays(path: Path, arrays: Mapping[str, Array], meta: Any) -> None:
    """Write a new file and fsync it.

    :raises FileExistsError: segments are written once and never changed.
    """
    with ArraysFile(path) as file:
        for name, array in arrays.items():
            file.put(name, array)
        file.finish(meta)


def read_arrays(path: Path) -> tuple[dict[str, Array], Any]:
    """The arrays, mapped read-only, and the meta value.

    :raises FileNotFoundError: a commit has removed the segment.
    :raises DamagedArraysError: not such a file, or cut off.
    """
    with path.open("rb") as file:
        try:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:
            raise DamagedArraysError(f"{path} is empty") from None
    size = len(data)
    if data[:8] != _MAGIC or data[-8:] != _MAGIC or size < _ALIGN + _TRAILER.size:
        raise DamagedArraysError(f"{path} is no file of arrays, or is cut off")
    at, _ = _TRAILER.unpack_from(data, size - _TRAILER.size)
    try:
        table = json.loads(data[at : size - _TRAILER.size].rstrip(b"\0"))
        arrays = {
            name: np.frombuffer(data, dtype, count, start)
            for name, (dtype, count, start) in table["arrays"].items()
        }
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedArraysError(f"{path} is damaged: {error}") from error
    return arrays, table["meta"]


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
