"""The crawler's public face: read a sites file, crawl, say how it went."""

from __future__ import annotations

import contextlib

from archive.config import Settings
from archive.errors import FetchError
from archive.model import Page, Reason, Site, header
from archive.urls import canonical
from crawler.engine import crawl
from crawler.fetch import Fetcher, Request
from crawler.frontier import SiteFailure, failures
from crawler.now import Captured, capture_now
from crawler.report import LogReporter, Reporter, RichReporter, reporter
from crawler.results import SiteResult, results_table
from crawler.sites import load_sites

__all__ = [
    "Captured",
    "LogReporter",
    "Reporter",
    "RichReporter",
    "SiteFailure",
    "SiteResult",
    "capture_now",
    "crawl",
    "failures",
    "fetch_page",
    "load_sites",
    "reporter",
    "results_table",
]

_HOPS = 10


def fetch_page(settings: Settings, url: str, *, allow_private: bool = False) -> Page:
    """Fetch one page for a look at it; nothing is stored. Follows redirects.

    :raises FetchError: no whole answer was got, or it is an error.
    :raises UrlError: the address cannot be read.
    """
    address = canonical(url)
    site = Site(id="try", name="try", start=(address,), allow_private=allow_private)
    with contextlib.closing(Fetcher(settings, site)) as fetcher:
        for _ in range(_HOPS):
            answer = fetcher.fetch(Request(address))
            exchange = answer.exchange
            location = header(exchange.headers, "Location")
            if 300 <= exchange.status < 400 and location:
                address = canonical(location, address)
                continue
            if exchange.status >= 400:
                raise FetchError(Reason.HTTP, f"{address} answered {exchange.status} {exchange.reason}.")
            if answer.body is None:
                raise FetchError(Reason.TOO_LARGE, f"{address} was cut off: it is too large or too slow.")
            return Page(address, answer.body, header(exchange.headers, "Content-Type") or "")
    raise FetchError(Reason.REDIRECTS, f"{url} redirects more than {_HOPS} times.")
