"""Reading attached documents in a process of its own, so that a hostile file costs a bounded time and memory.

The process is started with the first document and kept; one that takes too long or too much is ended, and the
next document gets a new one. `python -m archive.documents.process` is that process: it reads a length and a
file from its input and answers with a length and JSON, until its input ends.
"""

from __future__ import annotations

import json
import os
import resource
import selectors
import signal
import struct
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from typing import IO

from archive.documents.read import DocumentText, read_document

SECONDS = 30.0
"""For one document. A file of a thousand pages takes a tenth of that."""
MEMORY = 2 << 30
"""Bytes of address space that the process may have."""
_START_SECONDS = 60.0
"""More for the first one, with which the process starts."""
_ENDS_WITHIN = 10.0
_HEAD = struct.Struct(">Q")
_OUT_OF_MEMORY = 12
_NO_MEMORY = (_OUT_OF_MEMORY, -signal.SIGABRT, -signal.SIGKILL)
"""How the process ends for want of memory: by itself, in native code that cannot allocate, by the kernel."""


class DocumentReader:
    """Reads documents one after the other; safe to share between threads."""

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        """
        :param seconds: that one document may take.
        :param memory: bytes that the process may take.
        """
        self._seconds, self._memory = seconds, memory
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()
        self._end: Callable[[], object] = lambda: None

    def read(self, body: bytes) -> DocumentText:
        """What a document says. Never raises for what a document is."""
        with self._turn:
            first = self._process is None
            process = self._process or self._start()
            try:
                answer = _ask(process, body, self._seconds + (_START_SECONDS if first else 0.0))
            except TimeoutError:
                self._stop()
                return DocumentText("", "", f"reading it took longer than {self._seconds:.0f} s")
            except (OSError, EOFError):
                is_short = _code(process) in _NO_MEMORY
                self._stop()
                needs = f"needs more than {self._memory >> 20} MB of memory"
                crash = f"made its reader crash ({process.returncode})"
                return DocumentText("", "", f"reading it {needs if is_short else crash}")
            return DocumentText(*answer)

    def close(self) -> None:
        """End the process; a later `read` starts another."""
        with self._turn:
            self._stop()

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603 - this program itself
            [sys.executable, "-m", "archive.documents.process", str(self._memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            # One thread of linear algebra is enough to read a text, and each more takes address space.
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
        self._process = process
        # Whoever forgets to close it leaves no process behind.
        self._end = weakref.finalize(self, _end, process)
        return process

    def _stop(self) -> None:
        self._end()
        self._process = None


def _code(process: subprocess.Popen[bytes]) -> int | None:
    """How a process ended that has let go of its pipes; None when it has not ended all the same."""
    try:
        return process.wait(_ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        return None


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _ask(process: subprocess.Popen[bytes], body: bytes, seconds: float) -> list[str]:
    """
    :raises TimeoutError: no answer in time.
    :raises EOFError, OSError: the process ended.
    """
    assert process.stdin is not None  # noqa: S101 - for the type: both were asked for as pipes
    assert process.stdout is not None  # noqa: S101
    deadline = time.monotonic() + seconds
    _write(process.stdin, _HEAD.pack(len(body)) + body)
    size = _HEAD.unpack(_read(process.stdout, _HEAD.size, deadline))[0]
    found: list[str] = json.loads(_read(process.stdout, size, deadline))
    return found


def _write(pipe: IO[bytes], data: bytes) -> None:
    """The process reads all of a document before it does anything else, so this does not wait for long."""
    view = memoryview(data)
    while view:
        view = view[os.write(pipe.fileno(), view) :]


def _read(pipe: IO[bytes], size: int, deadline: float) -> bytes:
    found = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while len(found) < size:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise TimeoutError
            piece = os.read(pipe.fileno(), min(1 << 20, size - len(found)))
            if not piece:
                raise EOFError
            found += piece
    return bytes(found)


def _serve() -> None:
    """The process itself: nothing but its two pipes."""
    memory = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source, target = sys.stdin.buffer, sys.stdout.buffer
    # What a library prints must not get into the answers.
    sys.stdout = sys.stderr
    while head := source.read(_HEAD.size):
        body = source.read(_HEAD.unpack(head)[0])
        found = read_document(body)
        answer = json.dumps([found.kind, found.text, found.problem]).encode()
        target.write(_HEAD.pack(len(answer)) + answer)
        target.flush()


if __name__ == "__main__":
    try:
        _serve()
    except MemoryError:
        sys.exit(_OUT_OF_MEMORY)
