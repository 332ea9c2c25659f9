"""What a power cut leaves of the files of a command: worked out from all that it asked the kernel for.

POSIX promises little. What a file holds is on the disk when it was fsynced, a name (new, changed or gone)
when its folder was; of all else any part may be there and any other not, in whatever order, and a write may
be torn between two sectors. Here that is taken at its word, more harshly than most file systems do: only
that a rename within one folder is whole or not at all is kept.
"""

from __future__ import annotations

import random
import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_HEAD = struct.Struct("<cQqIIQ")
SECTOR = 512
_SHARED_MEMORY = "-shm"
"""SQLite's index of its log: made anew at the first opening after a crash, whatever it holds."""


@dataclass(frozen=True)
class Operation:
    """One line of the log that disk.c writes."""

    kind: str
    inode: int
    offset: int
    path: str
    other: str
    data: bytes


def read_log(path: Path) -> Iterator[Operation]:
    """The operations in the order in which they were done."""
    data = path.read_bytes()
    at = 0
    while at < len(data):
        kind, inode, offset, first, second, size = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        names = data[at : at + first].decode(), data[at + first : at + first + second].decode()
        at += first + second
        yield Operation(kind.decode(), inode, offset, *names, data[at : at + size])
        at += size


@dataclass
class _File:
    """Contents: what lasts, and what was done since the last fsync."""

    durable: bytearray
    pending: list[Operation] = field(default_factory=list)

    def sync(self) -> None:
        for item in self.pending:
            _apply(self.durable, item)
        self.pending = []

    def after(self, chance: random.Random, share: float) -> bytes:
        """What is there after the power came back."""
        result = bytearray(self.durable)
        for item in self.pending:
            if chance.random() < share:
                _apply(result, item, torn=chance if chance.random() < 0.3 else None)
        return bytes(result)


def _apply(content: bytearray, item: Operation, torn: random.Random | None = None) -> None:
    if item.kind == "t":
        del content[item.offset :]
        content.extend(bytes(item.offset - len(content)))
        return
    data = item.data
    if torn is not None and len(data) > SECTOR:
        data = data[: torn.randrange(0, len(data), SECTOR)]
    content.extend(bytes(max(0, item.offset + len(data) - len(content))))
    content[item.offset : item.offset + len(data)] = data


@dataclass(frozen=True)
class _Change:
    """Names of one folder that change together: to what each leads now, None for nothing."""

    names: tuple[tuple[str, _File | None], ...]


class Disk:
    """The files below a folder as they were, and what a log says was done to them since.

    :param root: the folder at the beginning; all of it lasts.
    :param told: the folder's path in the log.
    """

    def __init__(self, root: Path, told: Path) -> None:
        self._told = str(told)
        self._folders: set[str] = {""} | {str(p.relative_to(root)) for p in root.rglob("*") if p.is_dir()}
        """All folders that were ever there; that a folder is there goes with its name in `_durable`."""
        self._durable: dict[str, _File | None] = {}
        self._now: dict[str, _File | None] = {}
        self._by_inode: dict[int, _File] = {}
        self._pending: dict[str, list[_Change]] = {}
        self._is_folder: dict[int, bool] = {}
        self._made: dict[int, _File] = {}
        for path in sorted(root.rglob("*")):
            name = str(path.relative_to(root))
            content = _FOLDER if path.is_dir() else _File(bytearray(path.read_bytes()))
            self._durable[name] = self._now[name] = content

    def do(self, item: Operation) -> None:
        """One operation more."""
        name = self._name(item.path)
        match item.kind:
            case "c":
                self._by_inode[item.inode] = made = _File(bytearray())
                self._change((name, made))
            case "w" | "t":
                self._file(item.inode, name).pending.append(item)
            case "s":
                self._file(item.inode, name).sync()
            case "d":
                self._sync_folder(name)
            case "m":
                self._folders.add(name)
                self._change((name, _FOLDER))
            case "u" | "x":
                self._change((name, None))
            case "l":
                self._change((self._name(item.other), self._now.get(name)))
            case "r":
                self._rename(name, self._name(item.other))

    def crash(self, target: Path, chance: random.Random, share: float) -> None:
        """Write what is left to a new folder.

        :param share: of what was not brought to the disk by an fsync, this much is there all the same.
        """
        names = dict(self._durable)
        for changes in self._pending.values():
            for change in changes:
                if chance.random() < share:
                    names.update(change.names)
        target.mkdir()
        # A name in a folder whose own name is lost, is lost.
        there = {""}
        for name, file in sorted(names.items()):
            if file is None or _parent(name) not in there or name.endswith(_SHARED_MEMORY):
                continue
            if file is _FOLDER:
                (target / name).mkdir()
                there.add(name)
            else:
                (target / name).write_bytes(file.after(chance, share))

    # ---------------------------------------------------------------------------------------- the parts

    def _name(self, path: str) -> str:
        return path.removesuffix(" (deleted)").removeprefix(self._told).strip("/")

    def _file(self, inode: int, name: str) -> _File:
        """By number: a name may lead elsewhere by now. A file that was there from the start, by its name."""
        if inode not in self._by_inode:
            found = self._now.get(name)
            assert found is not None, name
            self._by_inode[inode] = found
        return self._by_inode[inode]

    def _change(self, *names: tuple[str, _File | None]) -> None:
        self._now.update(names)
        folders = {_parent(name) for name, _ in names}
        if len(folders) == 1:
            self._pending.setdefault(folders.pop(), []).append(_Change(names))
        else:
            for pair in names:
                self._pending.setdefault(_parent(pair[0]), []).append(_Change((pair,)))

    def _rename(self, old: str, new: str) -> None:
        moved = self._now.get(old)
        pairs = [(old, None), (new, moved)]
        if moved is _FOLDER:
            # All below goes with it; what of that lasts is as it was.
            self._move_below(old, new)
            self._durable_folder(old, new)
        self._change(*pairs)

    def _move_below(self, old: str, new: str) -> None:
        for name in [name for name in self._now if name.startswith(f"{old}/")]:
            self._now[new + name[len(old) :]] = self._now.pop(name)

    def _durable_folder(self, old: str, new: str) -> None:
        """What is in a folder belongs to the folder, by whatever name it is found: kept under both."""
        for name in [name for name in self._durable if name.startswith(f"{old}/")]:
            self._durable[new + name[len(old) :]] = self._durable[name]
        for folder in [name for name in self._pending if name == old or name.startswith(f"{old}/")]:
            self._pending[new + folder[len(old) :]] = [
                _Change(tuple((new + name[len(old) :], file) for name, file in change.names))
                for change in self._pending[folder]
            ]

    def _sync_folder(self, name: str) -> None:
        for change in self._pending.pop(name, []):
            self._durable.update(change.names)


_FOLDER = _File(bytearray())
"""Stands for any folder."""


def _parent(name: str) -> str:
    return name.rpartition("/")[0]


def after_power_cut(
    before: Path, told: Path, log: Path, target: Path, *, at: int | None, chance: random.Random, share: float
) -> None:
    """Write to a new folder what a power cut leaves.

    :param before: the folder when the command began.
    :param told: the folder in which it ran.
    :param log: what it did there.
    :param at: after how many operations; None when it had ended, and said so.
    :param share: see `Disk.crash`.
    """
    disk = Disk(before, told)
    for number, item in enumerate(read_log(log)):
        if at is not None and number >= at:
            break
        disk.do(item)
    shutil.rmtree(target, ignore_errors=True)
    disk.crash(target, chance, share)
