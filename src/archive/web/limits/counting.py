"""Each request is counted before anything is done for it; what goes over the limit gets a 429.

Fields as in draft-ietf-httpapi-ratelimit-headers-11 (23 May 2026): `RateLimit-Policy` states the limit that
a request fell under, `RateLimit` what is left of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request

from archive.buckets import Buckets
from archive.config import Settings
from archive.web import client
from archive.web.limits import gates, keys
from archive.web.limits.policies import Policy, name_of_request, policies
from archive.web.limits.refused import KeyRefusedError, QuotaError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_KEY = "key"


@dataclass(frozen=True, slots=True)
class Counted:
    """A request that was counted."""

    policy: Policy
    allowed: bool
    left: int
    """Requests that may still follow at once."""
    wait: int
    """Seconds until there is room for one more; 0 for at once."""

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """What the answer tells its sender."""
        name, rate = self.policy.name, self.policy.rate
        return (
            ("RateLimit-Policy", f'"{name}";q={rate.requests};w={rate.seconds}'),
            ("RateLimit", f'"{name}";r={self.left};t={self.wait}'),
        )


class Counting:
    """Counts requests by sender."""

    def __init__(self, settings: Settings, buckets: Buckets) -> None:
        self._settings = settings
        self._buckets = buckets
        self._policies = policies(settings)

    def of_sender(self, policy: str, environ: WSGIEnvironment) -> Counted | None:
        """Count a request for its sender's address; None when he has no limit.

        :param policy: its name; "" for none.
        """
        if not policy or not (limit := self._policies[policy]).rate.requests:
            return None
        address = client.sender(environ, self._settings)
        if client.is_loopback(address) and not self._settings.limit_loopback:
            return None
        return self.take(limit, client.network(address))

    def take(self, policy: Policy, sender: bytes) -> Counted:
        """Count a request of whoever is told apart by these bytes."""
        taken = self._buckets.take(policy.name, sender, policy.rate)
        return Counted(policy, taken.allowed, taken.left, math.ceil(taken.seconds))


def init(app: Flask, settings: Settings, buckets: Buckets) -> None:
    """Count every request, and tell each sender what is left."""
    counting = app.extensions["archive.counting"] = Counting(settings, buckets)

    @app.before_request
    def _count() -> None:
        name = name_of_request()
        if not name:
            return
        if (given := keys.sent()) is not None:
            key = keys.find(given)
            if key is not None:
                if key.rate.requests:
                    _admit(counting.take(Policy(_KEY, key.rate), key.id.encode()))
                return
            # Counted as its sender's, so that nobody guesses faster than he may ask.
            _admit(counting.of_sender(name, request.environ))
            raise KeyRefusedError
        _admit(counting.of_sender(name, request.environ))

    @app.after_request
    def _tell(response: Response) -> Response:
        counted: Counted | None = g.get("limit")
        if counted is not None:
            response.headers.update(counted.fields)
        return response

    gates.init(app)


def _admit(counted: Counted | None) -> None:
    if counted is None:
        return
    g.limit = counted
    if not counted.allowed:
        raise QuotaError(counted.policy.name, counted.policy.rate, max(1, counted.wait))
