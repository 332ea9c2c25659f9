"""Posting JSON to an address that the operator chose.

Unlike the addresses that pages name, this one is trusted: it may lie in the operator's own network, so it
is not checked against private ranges; redirects are not followed, since they are the other side's choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from archive.errors import FetchError
from archive.model import Reason

TIMEOUT = 15.0
"""Seconds without a byte."""


def post_json(url: str, data: Mapping[str, Any], *, user_agent: str) -> None:
    """Post an object as JSON.

    :raises FetchError: no answer, or one that is no success (2xx).
    """
    host = urlsplit(url).netloc.rpartition("@")[2]
    try:
        # Streamed, and closed unread: whatever the other side sends back is of no use.
        with requests.post(
            url,
            json=data,
            headers={"User-Agent": user_agent},
            timeout=TIMEOUT,
            allow_redirects=False,
            stream=True,
        ) as answer:
            status = answer.status_code
    except requests.RequestException as error:
        raise FetchError(
            Reason.CONNECT, f"The webhook at {host} did not answer ({type(error).__name__})."
        ) from error
    if not 200 <= status < 300:
        raise FetchError(Reason.HTTP, f"The webhook at {host} answered {status}.")
