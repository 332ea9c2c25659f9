"""What failed or was left out, to be listed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from archive.model import Capture, Failure, Reason
from archive.store import Store, attachments
from archive.store.schema import frontier as table
from crawler.frontier.queue import DONE, QUEUED


@dataclass(frozen=True, slots=True)
class SiteFailure:
    """A failure or exclusion with the site that it belongs to."""

    site: str
    failure: Failure

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        failure = self.failure
        return {
            "site": self.site,
            "url": failure.url,
            "reason": failure.reason.value,
            "detail": failure.detail,
            "at": failure.at.isoformat() if failure.at > _NEVER else None,
            "retry": failure.retry,
        }


_NEVER = dt.datetime(1970, 1, 2, tzinfo=dt.UTC)


def failures(store: Store) -> list[SiteFailure]:
    """All that failed or was left out, by site and reason; and attached files whose text was not read."""
    with store.read() as connection:
        unread = attachments.with_problems(connection)
        rows = connection.execute(
            select(
                table.c.site, table.c.url, table.c.reason, table.c.detail, table.c.last_fetch, table.c.state
            )
            .where(table.c.reason.is_not(None), table.c.state != DONE)
            .order_by(table.c.site, table.c.reason, table.c.id)
        ).all()
    return [
        SiteFailure(
            row.site,
            Failure(
                row.url, Reason(row.reason), row.detail or "", row.last_fetch or _NEVER, row.state == QUEUED
            ),
        )
        for row in rows
    ] + [_unread(capture, problem) for capture, problem in unread]


def _unread(capture: Capture, problem: str) -> SiteFailure:
    detail = f"The file is kept, but its text was not read, or not whole: {problem}."
    return SiteFailure(
        capture.site, Failure(capture.url, Reason.BAD_CONTENT, detail, capture.at, retry=False)
    )
