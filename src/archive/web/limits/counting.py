"""Each request is counted before anything is done for it; what goes over the limit gets a 429.

Fields as in draft-ietf-httpapi-ratelimit-headers-11 (23 May 2026): `RateLimit-Policy` states the limit that
a request fell under, `RateLimit` what is left of it.
"""

from __future__ import annotations

import math

from flask import Flask, Response, g

from archive.buckets import Buckets
from archive.config import Settings
from archive.web import client
from archive.web.limits import gates, keys
from archive.web.limits.policies import Policy, name_of_request, policies
from archive.web.limits.refused import KeyRefusedError, QuotaError

_KEY = "key"


def init(app: Flask, settings: Settings, buckets: Buckets) -> None:
    """Count every request, and tell each sender what is left."""
    limits = policies(settings)

    @app.before_request
    def _count() -> None:
        name = name_of_request()
        if not name:
            return
        policy = limits[name]
        if (given := keys.sent()) is not None:
            key = keys.find(given)
            if key is not None:
                if key.rate.requests:
                    _take(buckets, Policy(_KEY, key.rate), key.id.encode())
                return
            # Counted as its sender's, so that nobody guesses faster than he may ask.
            _count_address(buckets, policy, settings)
            raise KeyRefusedError
        _count_address(buckets, policy, settings)

    @app.after_request
    def _tell(response: Response) -> Response:
        fields: tuple[str, str] | None = g.get("limit")
        if fields is not None:
            response.headers["RateLimit-Policy"], response.headers["RateLimit"] = fields
        return response

    gates.init(app)


def _count_address(buckets: Buckets, policy: Policy, settings: Settings) -> None:
    if policy.rate.requests and (settings.limit_loopback or not client.is_loopback()):
        _take(buckets, policy, client.network())


def _take(buckets: Buckets, policy: Policy, sender: bytes) -> None:
    taken = buckets.take(policy.name, sender, policy.rate)
    wait = math.ceil(taken.seconds)
    g.limit = (
        f'"{policy.name}";q={policy.rate.requests};w={policy.rate.seconds}',
        f'"{policy.name}";r={taken.left};t={wait}',
    )
    if not taken.allowed:
        raise QuotaError(policy.name, policy.rate, max(1, wait))
