"""Named arrays in one file, mapped on reading: nothing is copied into memory before it is used.

::

    "DARR0001"  uint32 length of header  header (JSON)  padding  array  padding  array …

The header holds `{"arrays": {name: [dtype, length, offset]}, "meta": …}`; offsets count from the end of the
header's padding and are multiples of 64, so that every array is aligned.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_MAGIC = b"DARR0001"
_ALIGN = 64


class DamagedArraysError(Exception):
    """A file is no arrays file or is shorter than its header says."""


def write_arrays(path: Path, arrays: Mapping[str, Array], meta: Any) -> None:
    """Write a new file and fsync it.

    :raises FileExistsError: segments are written once and never changed.
    """
    table = {}
    offset = 0
    for name, array in arrays.items():
        table[name] = [array.dtype.str, len(array), offset]
        offset += _padded(array.nbytes)
    header = json.dumps({"arrays": table, "meta": meta}, ensure_ascii=False).encode()
    start = len(_MAGIC) + 4 + len(header)
    with path.open("xb") as file:
        file.write(_MAGIC + struct.pack("<I", len(header)) + header + b"\0" * (_padded(start) - start))
        for array in arrays.values():
            file.write(np.ascontiguousarray(array).data.cast("B") if len(array) else b"")
            file.write(b"\0" * (_padded(array.nbytes) - array.nbytes))
        file.flush()
        os.fsync(file.fileno())


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
    if data[:8] != _MAGIC or len(data) < 12:
        raise DamagedArraysError(f"{path} is no file of arrays")
    (length,) = struct.unpack_from("<I", data, 8)
    start = _padded(12 + length)
    try:
        header = json.loads(data[12 : 12 + length])
        arrays = {
            name: np.frombuffer(data, dtype, count, start + offset)
            for name, (dtype, count, offset) in header["arrays"].items()
        }
    except ValueError as error:
        raise DamagedArraysError(f"{path} is cut off: {error}") from error
    return arrays, header["meta"]


def _padded(size: int) -> int:
    return -(-size // _ALIGN) * _ALIGN
