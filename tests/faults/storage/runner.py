"""Runs the archive's commands, each in a process forked from this one: `python -m
tests.faults.storage.runner`.

Starting Python and loading the program takes a second, again and again. Here it is loaded once; what a
command does is done by the same code, in a process of its own, in a session of its own, that can be killed.
Requests and answers are lines of JSON on standard input and output.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

import archive.cli

_LOADED = (
    "alembic.command", "archive.preserve.importing", "archive.search.whoosh", "archive.web", "crawler", "crawler.now",
    "crawler.schedule.scheduler", "sqlalchemy.dialects.sqlite",
)  # fmt: skip
"""What commands import when they are run."""
PASSWORD = "bốn chữ chẳng liên quan"  # noqa: S105
"""On the standard input of every command: only one that asks for a password reads it."""


def main(library: str) -> None:
    """:param library: path of the compiled disk.c, which is loaded already."""
    for name in _LOADED:
        importlib.import_module(name)
    disk = ctypes.CDLL(library)
    disk.disk_arm.argtypes = [ctypes.c_char_p, ctypes.c_char_p, *[ctypes.c_long] * 6]
    disk.disk_arm.argtypes[4] = ctypes.c_int
    disk.disk_count.restype = ctypes.c_long
    for line in sys.stdin:
        asked = json.loads(line)
        if "over" in asked:
            # It stays to be waited for.
            over = os.waitid(os.P_PID, asked["over"], os.WEXITED | os.WNOHANG | os.WNOWAIT)
            answer: dict[str, Any] = {"over": over is not None}
        elif "wait" in asked:
            answer = {"status": os.waitstatus_to_exitcode(os.waitpid(asked["wait"], 0)[1])}
        else:
            pid = os.fork()
            if pid == 0:
                os._exit(_child(asked, disk))
            answer = {"pid": pid}
        print(json.dumps(answer), flush=True)


def _child(asked: dict[str, Any], disk: Any) -> int:
    """Run one command. Returns its exit code; 99 for a traceback, which no command may show."""
    os.setsid()
    typed = os.memfd_create("typed")
    os.write(typed, f"{PASSWORD}\n".encode())
    os.lseek(typed, 0, os.SEEK_SET)
    os.dup2(typed, 0)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(asked[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(0), os.fdopen(1, "w", encoding="utf-8"), os.fdopen(2, "w", encoding="utf-8"),
    )  # fmt: skip
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    for place, value in asked["constants"].items():
        module, _, name = place.rpartition(".")
        setattr(importlib.import_module(module), name, value)
    if asked["disk"] is not None:
        root, log, *numbers = asked["disk"]
        disk.disk_arm(root.encode(), log.encode(), *numbers)
    code = 0
    try:
        archive.cli.main(asked["arguments"], prog_name="archive")
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except BaseException:
        traceback.print_exc()
        code = 99
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    if asked["disk"] is not None:
        Path(asked["count"]).write_text(str(disk.disk_count()), "ascii")
    return code


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main(sys.argv[1])
