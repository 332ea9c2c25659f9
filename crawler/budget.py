"""What one run may use of a portal's and our own resources. Pure: the clock is passed in."""

from __future__ import annotations

from dataclasses import dataclass

from archive.model import Site


@dataclass(frozen=True, slots=True)
class Budget:
    """The bounds of one run; None for no bound."""

    requests: int | None
    seconds: float | None
    bytes: int | None

    @classmethod
    def of(cls, site: Site) -> Budget:
        """As the site's entry has it."""
        seconds = site.run_minutes * 60 if site.run_minutes is not None else None
        return cls(site.run_requests, seconds, site.run_bytes)

    def used_up(self, requests: int, seconds: float, received: int) -> str:
        """Which bound is reached, in words that name the setting; "" while there is room.

        :param requests: made so far, those without an answer among them.
        :param seconds: since the run began.
        :param received: bytes.
        """
        if self.requests is not None and requests >= self.requests:
            return f"ended after {requests:,} requests (run_requests)"
        if self.seconds is not None and seconds >= self.seconds:
            return f"ended after {seconds / 60:.1f} minutes (run_minutes)"
        if self.bytes is not None and received >= self.bytes:
            return f"ended after {received:,} bytes (run_bytes)"
        return ""
