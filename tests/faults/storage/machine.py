"""A machine on which the archive's commands run, and whose disk, clock and power fail as a test asks for."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from archive.config import Settings

ROOT = Path(__file__).parents[3]
TRACEBACK = 99
"""Exit code of a command that ended with an exception that nobody had foreseen."""


@dataclass(frozen=True)
class Fault:
    """What is to go wrong; operations on files below `root` are counted from 1, 0 is for never."""

    root: Path
    log: Path | None = None
    """Where each operation is written down."""
    kill_at: int = 0
    """SIGKILL there, half-way through when it writes."""
    fail_at: int = 0
    """From there on each fails with `error`."""
    error: int = errno.ENOSPC
    jump_at: int = 0
    """There the clock jumps by `jump_by` seconds."""
    jump_by: int = 0
    slow: float = 0.0
    """Seconds that each fsync takes."""

    def told(self) -> list[Any]:
        return [
            str(self.root), str(self.log or ""), self.kill_at, self.fail_at, self.error, self.jump_at,
            self.jump_by, int(self.slow * 1e6),
        ]  # fmt: skip


@dataclass(frozen=True)
class Ended:
    """A command that is over."""

    code: int
    """Exit code; -9 when it was killed."""
    out: str
    err: str
    operations: int
    """Changes of files that it made; 0 when it was killed or nobody counted."""

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL


@dataclass
class Running:
    """A command under way."""

    machine: Machine
    pid: int
    base: Path
    """Names of the files with what it says, without their endings."""

    def kill(self) -> None:
        """End it and all that it started, at once; nothing when it has just ended by itself."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end in order."""
        os.kill(self.pid, signal.SIGTERM)

    def is_over(self) -> bool:
        """Whether it has ended, by itself or not."""
        return bool(self.machine.ask({"over": self.pid})["over"])

    def wait(self) -> Ended:
        code = self.machine.ask({"wait": self.pid})["status"]
        out, err, count = (self._said(name) for name in (".out", ".err", ".count"))
        return Ended(code, out, err, int(count or 0))

    def _said(self, ending: str) -> str:
        path = self.base.with_suffix(ending)
        # One that was killed at once has not come to opening it.
        return path.read_text("utf-8", "replace") if path.exists() else ""


@dataclass
class Machine:
    """Runs commands (`runner.py`). Use as a context manager.

    :param folder: for its own files.
    """

    folder: Path
    _process: subprocess.Popen[str] = field(init=False)
    _number: int = 0

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        library = self.folder / "disk.so"
        source = Path(__file__).with_name("disk.c")
        subprocess.run(
            [
                "gcc",
                "-O1",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-shared",
                "-fPIC",
                "-o",
                library,
                source,
                "-lpthread",
            ],
            check=True,
        )
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-W", "ignore::SyntaxWarning", "-W", "ignore::DeprecationWarning",
             "-m", "tests.faults.storage.runner", str(library)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "LD_PRELOAD": str(library), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        )  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()

    def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """One question to the runner, and its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def start(
        self,
        settings: Settings,
        arguments: Sequence[str],
        *,
        fault: Fault | None = None,
        constants: Mapping[str, Any] | None = None,
    ) -> Running:
        """Begin `archive <arguments>`.

        :param constants: of the program, by their full names, for scenes that would be too large otherwise.
        """
        self._number += 1
        base = self.folder / f"{self._number:06}"
        pid = self.ask(
            {
                "arguments": [str(item) for item in arguments],
                "environment": settings.to_environment(),
                "folder": str(self.folder),
                "out": str(base.with_suffix(".out")),
                "err": str(base.with_suffix(".err")),
                "count": str(base.with_suffix(".count")),
                "constants": dict(constants or {}),
                "disk": fault.told() if fault is not None else None,
            }
        )["pid"]
        return Running(self, pid, base)

    def run(
        self,
        settings: Settings,
        *arguments: object,
        fault: Fault | None = None,
        constants: Mapping[str, Any] | None = None,
    ) -> Ended:
        """Run `archive <arguments>` to its end."""
        return self.start(
            settings, [str(item) for item in arguments], fault=fault, constants=constants
        ).wait()

    def done(
        self, settings: Settings, *arguments: object, constants: Mapping[str, Any] | None = None
    ) -> Ended:
        """As `run`, and see that it went well."""
        ended = self.run(settings, *arguments, constants=constants)
        assert ended.code == 0, (arguments, ended)
        return ended
