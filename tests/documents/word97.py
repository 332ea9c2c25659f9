"""Word 97 files made by hand, since nothing kept writes them: an OLE container with a FIB and a piece table.

[MS-CFB] for the container, [MS-DOC] 2.5.1 (Fib), 2.8.35 (PlcPcd), 2.9.38 (Clx).
"""

from __future__ import annotations

import struct

_SECTOR = 512
_SMALL = 4096
"""Streams below this size live in the mini stream, which is avoided by filling them up."""
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def container(streams: dict[str, bytes]) -> bytes:
    """An OLE container with these streams at its top."""
    chains: list[bytes] = []
    fat: list[int] = []
    starts: list[int] = []
    for data in streams.values():
        size = -(-max(len(data), _SMALL) // _SECTOR) * _SECTOR
        starts.append(len(fat))
        chains.append(data.ljust(size, b"\0"))
        number = size // _SECTOR
        fat += [len(fat) + step + 1 for step in range(number - 1)] + [_END]
    entries = [_entry("Root Entry", 5, child=1, start=_END, size=0)]
    for index, (name, data) in enumerate(streams.items(), 1):
        right = index + 1 if index < len(streams) else _FREE
        entries.append(_entry(name, 2, right=right, start=starts[index - 1], size=max(len(data), _SMALL)))
    directory = b"".join(entries)
    directory = directory.ljust(-(-len(directory) // _SECTOR) * _SECTOR, b"\0")
    place = len(fat)
    number = len(directory) // _SECTOR
    fat += [place + step + 1 for step in range(number - 1)] + [_END]
    fat_place = len(fat)
    fat.append(_FAT)
    assert len(fat) <= 128, "one sector of the table is enough for a test"
    table = struct.pack("<128I", *fat, *[_FREE] * (128 - len(fat)))
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
        0, 1, place, 0, _SMALL, _END, 0, _END, 0,
    ) + struct.pack("<109I", fat_place, *[_FREE] * 108)  # fmt: skip
    return header + b"".join(chains) + directory + table


def _entry(name: str, kind: int, *, child: int = _FREE, right: int = _FREE, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII16xI16xIQ", encoded, len(encoded), kind, 1, _FREE, right, child, 0, start, size
    )


def document(pieces: list[tuple[str, bool]], *, encrypted: bool = False) -> bytes:
    """A Word 97 file.

    :param pieces: runs of text, and whether each is kept in 8-bit characters (cp1252) or in UTF-16.
    """
    body, table_rows, bounds = b"", [], [0]
    start = 0x600
    for text, narrow in pieces:
        place = start + len(body)
        encoded = text.encode("cp1252") if narrow else text.encode("utf-16-le")
        table_rows.append(struct.pack("<HIH", 0, place * 2 | 1 << 30 if narrow else place, 0))
        body += encoded + b"\0" * (len(encoded) % 2)
        bounds.append(bounds[-1] + len(text))
    plc = struct.pack(f"<{len(bounds)}I", *bounds) + b"".join(table_rows)
    clx = b"\x02" + struct.pack("<I", len(plc)) + plc
    fib = bytearray(start)
    struct.pack_into("<HHHHHH", fib, 0, 0xA5EC, 0x00C1, 0, 0x0409, 0, 0x0100 if encrypted else 0)
    struct.pack_into("<H", fib, 0x0A, 0x1000 | (0x0100 if encrypted else 0))
    struct.pack_into("<II", fib, 0x18, start, start + len(body))
    struct.pack_into("<H", fib, 0x20, 14)
    struct.pack_into("<H", fib, 0x3E, 22)
    struct.pack_into("<I", fib, 0x40, start + len(body))
    struct.pack_into("<I", fib, 0x4C, bounds[-1])
    struct.pack_into("<H", fib, 0x98, 0x5D)
    struct.pack_into("<II", fib, 0x01A2, 0, len(clx))
    return container({"WordDocument": bytes(fib) + body, "0Table": clx})
