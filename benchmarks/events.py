"""How much reading events and people adds to reading a page: processor time, in one run.

    python -m benchmarks.events [--articles 120]

The pages are the sample portal's, of three families. The share that events take of both together is to stay
below a quarter.
"""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Callable
from typing import TypeVar

import click

from archive.events import read
from archive.extract import extract
from archive.model import Page
from tests.portal import Portal

_T = TypeVar("_T")
_R = TypeVar("_R")


@click.command()
@click.option("--articles", default=120, show_default=True)
@click.option("--rounds", default=3, show_default=True, help="The best of so many counts.")
def main(articles: int, rounds: int) -> None:
    """Print milliseconds a page for extraction and for events, and the share of the latter."""
    with Portal(articles=articles) as portal:
        pages = [_page(url) for site in portal.sites for url, _ in portal.truth(site)]
    extraction, found = _timed(extract, pages, rounds)
    events, readings = _timed(read, found, rounds)
    told = sum(len(reading.events) for reading in readings)
    people = sum(len(reading.people) for reading in readings)
    print(f"{len(pages)} pages, {told} events, {people} claims of people")
    print(f"extraction {extraction:6.2f} ms a page")
    print(f"events     {events:6.2f} ms a page: {events / (events + extraction):.1%} of both")


def _page(url: str) -> Page:
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - the portal on loopback
        return Page(url, answer.read(), answer.headers.get("Content-Type", ""))


def _timed(work: Callable[[_T], _R], items: list[_T], rounds: int) -> tuple[float, list[_R]]:
    """Milliseconds of processor time an item, and the results."""
    best, results = float("inf"), []
    for _ in range(rounds):
        began = time.process_time()
        results = [work(item) for item in items]
        best = min(best, (time.process_time() - began) / len(items) * 1000)
    return best, results


if __name__ == "__main__":
    main()
