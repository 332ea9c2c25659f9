"""Extraction against its peers in one run: pages a second, word F1, peak memory, and the ratios.

    python benchmarks/extraction.py DIR [--peers PYTHON] [--pages N]

`DIR` holds pages with truth as for `python -m tests.eval.extraction`. `PYTHON` is an interpreter that has
trafilatura and readability-lxml installed (`python -m venv peers && peers/bin/pip install trafilatura
readability-lxml`); without it only what this project has is measured. Every system runs in a process of
its own, on the same pages in the same order, one pass to warm up on the first pages and one that counts
(process time, one core).
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

_WARM = 8
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
    "archive (everything)": (False, _ours),
    "trafilatura": (True, lambda: _trafilatura(False)),
    "trafilatura with metadata": (True, lambda: _trafilatura(True)),
    "readability-lxml": (True, _readability),
}


def _f1(truth: str, found: str) -> float:
    a, b = Counter(_WORD.findall(truth.lower())), Counter(_WORD.findall(found.lower()))
    common = sum((a & b).values())
    return 2 * common / (sum(a.values()) + sum(b.values())) if common else float(not a and not b)


def _measure(name: str, folder: Path, limit: int) -> dict[str, float]:
    pages = _pages(folder, limit)
    run = _SYSTEMS[name][1]()

    def safely(body: bytes, url: str) -> str:
        try:
            return run(body, url)
        except Exception:  # a peer that fails on a page gets nothing for it
            return ""

    for body, url, _ in pages[:_WARM]:
        safely(body, url)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    found = [safely(body, url) for body, url, _ in pages]
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    scores = [_f1(truth, text) for (_, _, truth), text in zip(pages, found, strict=True)]
    return {
        "rate": len(pages) / seconds,
        "f1": sum(scores) / len(scores),
        "peak": peak / 1024,
        "before": before / 1024,
    }


def main() -> int:
    """Print one line a system and the ratios; 2 when there are no pages."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peers", help="an interpreter with trafilatura and readability-lxml")
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--only", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        print(json.dumps(_measure(options.only, options.folder, options.pages)))
        return 0
    if not _pages(options.folder, 1):
        print(f"No pages with truth in {options.folder}.", file=sys.stderr)
        return 2
    results: dict[str, dict[str, float]] = {}
    print(f"{'system':<28}{'pages/s':>9}{'word F1':>9}{'peak MB':>9}")
    for name, (peer, _) in _SYSTEMS.items():
        if peer and not options.peers:
            print(f"{name:<28}  not measured: no --peers")
            continue
        command = [
            options.peers if peer else sys.executable,
            __file__,
            str(options.folder),
            "--pages",
            str(options.pages),
            "--only",
            name,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{name:<28}  failed: {done.stderr.strip().splitlines()[-1:]}")
            continue
        item = results[name] = json.loads(done.stdout.splitlines()[-1])
        f1 = "" if "alone" in name else f"{item['f1']:.4f}"
        print(f"{name:<28}{item['rate']:>9.1f}{f1:>9}{item['peak']:>9.0f}")
    ours = results.get("archive (everything)")
    for name, item in results.items():
        if ours is not None and item is not ours:
            print(f"archive : {name} = {ours['rate'] / item['rate']:.2f} in speed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
