"""Ctrl-C and SIGTERM as a request to stop after the current exchange; a second one ends at once."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


class Stop(threading.Event):
    """Set when the process was asked to end; remembers by which signal."""

    def __init__(self) -> None:
        super().__init__()
        self.signal = 0

    @property
    def exit_code(self) -> int:
        """128 and the signal's number, as shells expect; 0 when nobody asked."""
        return 128 + self.signal if self.signal else 0


@contextlib.contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Within the block the first SIGINT or SIGTERM sets the event; the second acts as it normally does."""
    stop = Stop()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def ask(number: int, _frame: FrameType | None) -> None:
        stop.signal = number
        stop.set()
        for each, handler in before.items():
            signal.signal(each, handler)

    for number in before:
        signal.signal(number, ask)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
