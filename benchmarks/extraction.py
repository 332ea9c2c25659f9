"""Extraction against its peers in one run: pages a second, word F1, peak memory, and the ratios.

    python benchmarks/extraction.py DIR [--peers PYTHON] [--pages N]

`DIR` holds pages with truth as for `python -m tests.eval.extraction`. `PYTHON` is an interpreter that has
trafilatura and readability-lxml installed (`python -m venv peers && peers/bin/pip install -U pip &&
peers/bin/pip install trafilatura readability-lxml`); without it only what this project has is measured.
Every system runs in a process of its own and warms up on the first pages; then all read the same pages in
turns of ten, one system after the other, so that whatever else the machine does falls on all alike.
Counted is processor time.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import resource
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

_WARM = 8
_TURN = 10
"""Pages that a system reads before the next has its turn."""
_OURS = "archive (everything)"
_WORD = re.compile(r"\w+")


def _pages(folder: Path, limit: int) -> list[tuple[bytes, str, str]]:
    paths = sorted([*folder.glob("*.html"), *folder.glob("*.html.gz")])
    paths = [path for path in paths if (folder / f"{path.name.split('.html')[0]}.json").exists()]
    step = max(1, len(paths) // limit)
    result = []
    for path in paths[::step][:limit]:
        truth = json.loads((folder / f"{path.name.split('.html')[0]}.json").read_text("utf-8"))
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        result.append((body, truth.get("url") or "https://example.org/", truth.get("articleBody") or ""))
    return result


def _ours() -> Callable[[bytes, str], str]:
    sys.path[:0] = [
        str(Path(__file__).resolve().parent.parent / "src"),
        str(Path(__file__).resolve().parent.parent),
    ]
    from archive.extract import extract
    from archive.model import Page
    from tests.eval.extraction import body_text

    return lambda body, url: body_text(extract(Page(url, body, "text/html")))


def _lxml() -> Callable[[bytes, str], str]:
    from lxml import etree

    def run(body: bytes, _url: str) -> str:
        root = etree.fromstring(body, etree.HTMLParser(huge_tree=True))
        return "".join(root.itertext()) if root is not None else ""

    return run


def _soup() -> Callable[[bytes, str], str]:
    from bs4 import BeautifulSoup

    return lambda body, _url: BeautifulSoup(body, "lxml").get_text(" ")


def _trafilatura(metadata: bool) -> Callable[[bytes, str], str]:
    from trafilatura import bare_extraction

    def run(body: bytes, url: str) -> str:
        found: Any = bare_extraction(body, url=url, with_metadata=metadata, include_comments=False)
        return (found.text if found is not None else "") or ""

    return run


def _readability() -> Callable[[bytes, str], str]:
    from lxml import html
    from readability import Document

    def run(body: bytes, _url: str) -> str:
        text: str = html.fromstring(Document(body.decode("utf-8", "replace")).summary()).text_content()
        return text

    return run


_SYSTEMS: dict[str, tuple[bool, Callable[[], Callable[[bytes, str], str]]]] = {
    "lxml parse alone": (False, _lxml),
    "BeautifulSoup parse alone": (False, _soup),
    _OURS: (False, _ours),
    "trafilatura": (True, lambda: _trafilatura(False)),
    "trafilatura with metadata": (True, lambda: _trafilatura(True)),
    "readability-lxml": (True, _readability),
}


def _f1(truth: str, found: str) -> float:
    a, b = Counter(_WORD.findall(truth.lower())), Counter(_WORD.findall(found.lower()))
    common = sum((a & b).values())
    return 2 * common / (sum(a.values()) + sum(b.values())) if common else float(not a and not b)


def _work(name: str, folder: Path, limit: int) -> None:
    """One system: a line on stdin asks for the next pages and is answered by the processor time they took."""
    pages = _pages(folder, limit)
    run = _SYSTEMS[name][1]()

    def safely(body: bytes, url: str) -> str:
        try:
            return run(body, url)
        except Exception:  # a peer that fails on a page gets nothing for it
            return ""

    for body, url, _ in pages[:_WARM]:
        safely(body, url)
    print("ready", flush=True)
    scores = []
    for start in range(0, len(pages), _TURN):
        if not sys.stdin.readline():
            return
        some = pages[start : start + _TURN]
        begun = time.process_time()
        found = [safely(body, url) for body, url, _ in some]
        seconds = time.process_time() - begun
        scores += [_f1(truth, text) for (_, _, truth), text in zip(some, found, strict=True)]
        print(json.dumps(seconds), flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"f1": sum(scores) / len(scores), "peak": peak}), flush=True)


class _Worker:
    """A system in a process of its own."""

    def __init__(self, name: str, python: str, folder: Path, limit: int) -> None:
        command = [python, __file__, str(folder), "--pages", str(limit), "--only", name]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.turns: list[float] = []
        """Seconds of processor time of each turn."""

    def ready(self) -> str:
        """ "" once it has warmed up, else why it cannot."""
        if self._answer() == "ready":
            return ""
        assert self._process.stderr is not None
        return "".join(self._process.stderr.readlines()[-1:]).strip()

    def turn(self) -> None:
        """Read the next pages."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        self.turns.append(json.loads(self._answer()))

    def end(self) -> dict[str, float]:
        """Word F1 and peak memory in MiB."""
        result: dict[str, float] = json.loads(self._answer())
        self._process.wait()
        return result

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def _ratios(ours: _Worker, theirs: _Worker) -> str:
    """How many times faster we are: over all pages, and the middle half of the turns."""
    whole = sum(theirs.turns) / sum(ours.turns)
    quarters = statistics.quantiles([b / a for a, b in zip(ours.turns, theirs.turns, strict=True)], n=4)
    return f"{whole:.2f} in speed (half of the turns between {quarters[0]:.2f} and {quarters[2]:.2f})"


def main() -> int:
    """Print one line a system and the ratios; 2 when there are no pages."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peers", help="an interpreter with trafilatura and readability-lxml")
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--only", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        _work(options.only, options.folder, options.pages)
        return 0
    pages = len(_pages(options.folder, options.pages))
    if not pages:
        print(f"No pages with truth in {options.folder}.", file=sys.stderr)
        return 2
    workers: dict[str, _Worker] = {}
    for name, (peer, _) in _SYSTEMS.items():
        if peer and not options.peers:
            print(f"{name:<28}  not measured: no --peers")
            continue
        worker = _Worker(name, options.peers if peer else sys.executable, options.folder, options.pages)
        if problem := worker.ready():
            print(f"{name:<28}  failed: {problem}")
        else:
            workers[name] = worker
    for _ in range(0, pages, _TURN):
        for worker in workers.values():
            worker.turn()
    print(f"{'system':<28}{'pages/s':>9}{'word F1':>9}{'peak MB':>9}")
    for name, worker in workers.items():
        item = worker.end()
        f1 = "" if "alone" in name else f"{item['f1']:.4f}"
        print(f"{name:<28}{pages / sum(worker.turns):>9.1f}{f1:>9}{item['peak']:>9.0f}")
    ours = workers[_OURS]
    for name, worker in workers.items():
        if worker is not ours:
            print(f"archive : {name} = {_ratios(ours, worker)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
