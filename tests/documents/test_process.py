"""Documents are read in a process that a hostile file may exhaust, and nothing else."""

from __future__ import annotations

import signal
import time
from contextlib import closing
from pathlib import Path

import pytest

from archive.documents import process
from archive.documents.process import DocumentReader
from tests.portal.pictures import pdf

PANICS = Path(__file__).parents[1] / "fuzz" / "found" / "document" / "index-out-of-range.bin"
"""A workbook of which a few bytes were changed; the library counts on what it says of itself."""


def test_a_document_that_takes_too_long_is_given_up_and_the_next_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process, "_START_SECONDS", 0.0)
    with closing(DocumentReader(seconds=0.2)) as hasty:
        began = time.monotonic()
        found = hasty.read(pdf("Page", 100_000))
        assert "took longer" in found.problem
        assert time.monotonic() - began < 10
    with closing(DocumentReader()) as patient:
        assert patient.read(pdf("Plan 208")).text == "Plan 208"


def test_a_document_that_needs_too_much_memory_is_given_up_and_the_next_is_read() -> None:
    with closing(DocumentReader(memory=400 << 20)) as reader:
        assert reader.read(pdf("Plan 208")).text == "Plan 208"
        found = reader.read(b"%PDF-1.4\n" + b"\0" * (500 << 20))
        assert "memory" in found.problem
        assert reader.read(pdf("Plan 209")).text == "Plan 209"


def test_a_reader_that_crashes_is_no_want_of_memory_and_the_next_is_read() -> None:
    with closing(DocumentReader()) as reader:
        reader.read(pdf("Plan 208"))
        assert reader._process is not None
        reader._process.send_signal(signal.SIGSEGV)
        assert reader.read(pdf("Plan 208")).problem == f"reading it made its reader crash ({-signal.SIGSEGV})"
        assert reader.read(pdf("Plan 209")).text == "Plan 209"


def test_a_workbook_at_which_its_reader_panics_is_damaged_and_the_process_lives_on() -> None:
    with closing(DocumentReader()) as reader:
        found = reader.read(PANICS.read_bytes())
        assert (found.kind, found.problem) == ("xls", "the file is damaged (PanicException)")
        child = reader._process
        assert reader.read(pdf("Plan 209")).text == "Plan 209"
        assert reader._process is child


def test_the_process_ends_with_its_reader() -> None:
    reader = DocumentReader()
    reader.read(pdf("Plan"))
    child = reader._process
    assert child is not None
    del reader
    assert child.poll() is not None
