"""Runs of characters with their marks, put together into one clean text with spans."""

from __future__ import annotations

from collections.abc import Iterator

from archive.model import Span
from archive.text.clean import normalise

Run = tuple[str, str, str, bool]
"""Characters, names of their marks, address of the link around them, whether small or coloured."""


def join(runs: list[Run]) -> tuple[str, tuple[Span, ...], int, bool, bool, bool]:
    """Runs of characters as one normalised text, with its marks as spans."""
    if len(runs) == 1 and not runs[0][1] and not runs[0][2]:
        text = normalise(runs[0][0])
        return text, (), 0, runs[0][3] and bool(text), False, False
    text = ""
    marks: list[tuple[int, int, str, str]] = []
    sizes = {"em": 0, "strong": 0, "caption": 0}
    linked = 0
    for raw, names, href, emphasised in runs:
        piece = normalise(raw)
        if not piece:
            if raw and text and not text.endswith(" "):
                text += " "
            continue
        if raw[0].isspace() and text and not text.endswith(" "):
            text += " "
        start = len(text)
        text += piece
        if raw[-1].isspace():
            text += " "
        size = len(piece)
        if emphasised or "small" in names:
            sizes["em"] += size
        if "caption" in names:
            sizes["caption"] += size
        if "strong" in names:
            sizes["strong"] += size
            marks.append((start, start + size, "strong", ""))
        if "em" in names:
            marks.append((start, start + size, "em", ""))
        if href:
            linked += size
            if href != "#":
                marks.append((start, start + size, "link", href))
    final = normalise(text)
    if final != text.rstrip():  # characters composed across runs: positions would lie
        marks = []
    total = max(len(final), 1)
    spans = tuple(
        Span(a, min(b, len(final)), kind, href) for a, b, kind, href in _merged(marks) if a < len(final)
    )
    full = total * 0.9 - 2
    return (
        final,
        spans,
        min(linked, total),
        sizes["em"] >= full,
        sizes["strong"] >= full,
        sizes["caption"] >= full,
    )


def _merged(marks: list[tuple[int, int, str, str]]) -> Iterator[tuple[int, int, str, str]]:
    last: dict[tuple[str, str], list[int]] = {}
    done: list[tuple[int, int, str, str]] = []
    for start, end, kind, href in marks:
        known = last.get((kind, href))
        if known is not None and start - known[1] <= 1:
            known[1] = end
            continue
        if known is not None:
            done.append((known[0], known[1], kind, href))
        last[(kind, href)] = [start, end]
    done.extend((a, b, kind, href) for (kind, href), (a, b) in last.items())
    return iter(sorted(done))
