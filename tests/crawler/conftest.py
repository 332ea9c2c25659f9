"""Fixtures of the crawler's tests."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator

import pytest

from archive.config import Settings
from archive.model import Site
from crawler.fetch import Fetcher, Resolver, system_resolver

MakeFetcher = Callable[..., Fetcher]


@pytest.fixture
def fetcher(settings: Settings) -> Iterator[MakeFetcher]:
    """Makes fetchers with short time-outs and a body of 1 MB at most; closes them in the end."""
    with contextlib.ExitStack() as stack:

        def make(
            start: str,
            *,
            allow_private: bool = True,
            resolver: Resolver = system_resolver,
            ca_file: str | None = None,
            media_hosts: tuple[str, ...] = (),
            tls: str = "",
            **changes: object,
        ) -> Fetcher:
            limits = {
                "connect_timeout": 2.0,
                "read_timeout": 2.0,
                "total_timeout": 4.0,
                "max_body": 1_000_000,
            }
            site = Site(
                "s", "S", (start,), (), media_hosts, allow_private=allow_private, ca_file=ca_file, tls=tls
            )
            settled = dataclasses.replace(settings, **(limits | changes))  # type: ignore[arg-type]
            return stack.enter_context(contextlib.closing(Fetcher(settled, site, resolver=resolver)))

        yield make
