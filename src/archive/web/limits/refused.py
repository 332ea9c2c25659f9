"""Why a request is not answered now, as errors that the pages and the API each tell in their own form."""

from __future__ import annotations

from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests, Unauthorized

from archive.config import Rate


class QuotaError(TooManyRequests):
    """A sender, or the holder of a key, asked more often than is allowed."""

    def __init__(self, policy: str, rate: Rate, wait: int) -> None:
        """
        :param wait: seconds until the next request is let through.
        """
        asked = f"{rate.requests} requests in {rate.seconds} seconds are answered; try again in {wait} s."
        super().__init__(asked, retry_after=wait)
        self.policy = policy
        self.rate = rate
        self.wait = wait


class BusyError(ServiceUnavailable):
    """More is asked for at once than can be answered."""

    def __init__(self, wait: int) -> None:
        """
        :param wait: seconds after which to try again.
        """
        super().__init__("More is asked for than can be answered now; try again.", retry_after=wait)
        self.wait = wait


class KeyRefusedError(Unauthorized):
    """A key was sent that is none, or none any more (RFC 6750, 3.1)."""

    def __init__(self) -> None:
        super().__init__(
            "This key is not known or was revoked; without one the stated limits hold.",
            www_authenticate=WWWAuthenticate("bearer", {"error": "invalid_token"}),
        )
