"""The persistent queue of one site: what is known, what is next, what failed and why.

A table beside the captures, written in the same transactions: a capture and what follows from it are known
together or not at all.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from archive.model import Exchange, Failure, Reason
from archive.store import Store
from archive.store.schema import frontier as table
from crawler.discover import Kind, Link

Transaction = Connection
"""A transaction of the store, for those who hand one on."""

QUEUED, DONE, FAILED, EXCLUDED, GONE = "queued", "done", "failed", "excluded", "gone"
MAX_ATTEMPTS = 4
"""Tries of one address in one run."""
ALWAYS = (Kind.SEED, Kind.LIST, Kind.FEED, Kind.SITEMAP)
"""What each crawl asks for again."""
SHORTEST, LONGEST = dt.timedelta(hours=20), dt.timedelta(days=90)
"""Bounds of the pause before an article is looked at again."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One address of the frontier, taken out to be asked for."""

    id: int
    url: str
    kind: Kind
    depth: int
    section: str
    priority: float
    attempts: int
    etag: str | None
    last_modified: str | None
    digest: str | None
    last_fetch: dt.datetime | None
    last_changed: dt.datetime | None
    via: str
    hops: str
    form: tuple[tuple[str, str], ...] | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A link that passed all checks, with the place in the queue that it is given."""

    link: Link
    priority: float
    depth: int
    section: str
    via: str
    hops: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer leaves in the frontier."""

    at: dt.datetime
    status: int
    etag: str | None = None
    last_modified: str | None = None
    digest: str | None = None
    """Of the payload; None leaves the earlier one (304)."""
    kind: Kind | None = None
    """What the page turned out to be; None leaves the guess."""


class Frontier:
    """The queue of one site. Every method works within the caller's transaction."""

    def __init__(self, site: str) -> None:
        self._site = site

    def is_idle(self, connection: Connection) -> bool:
        """Whether nothing is left to do of an earlier run."""
        return not self.counts(connection)[QUEUED]

    def sweep(self, connection: Connection, now: dt.datetime, *, recheck: bool) -> int:
        """Queue what is due: lists and feeds always, articles by their age, failures once more.

        An article is due when a twentieth of the time for which it has stood unchanged has passed since it
        was last looked at, between 20 hours and 90 days: what was edited yesterday is watched, what stood for
        years is looked at every three months.

        :param recheck: all articles and pages are due.
        :returns: how many were queued.
        """
        rows = connection.execute(
            select(table.c.id, table.c.kind, table.c.state, table.c.last_fetch, table.c.last_changed)
            .where(table.c.site == self._site, table.c.state.in_((DONE, FAILED, GONE)))
            .where(table.c.kind.not_in([Kind.MEDIA.value, Kind.PAGING.value]) | (table.c.state == FAILED))
        )
        chosen = [row.id for row in rows if recheck or _is_due(row, now)]
        for start in range(0, len(chosen), 500):
            connection.execute(
                update(table)
                .where(table.c.id.in_(chosen[start : start + 500]))
                .values(state=QUEUED, attempts=0, not_before=None)
            )
        return len(chosen)

    def next(self, connection: Connection, now: dt.datetime) -> Entry | None:
        """The address whose turn it is, or None. It stays queued until it is answered."""
        row = connection.execute(
            select(table)
            .where(table.c.site == self._site, table.c.state == QUEUED)
            .where(or_(table.c.not_before.is_(None), table.c.not_before <= now))
            .order_by(table.c.priority, table.c.id)
            .limit(1)
        ).first()
        return _entry(row) if row is not None else None

    def earliest(self, connection: Connection) -> dt.datetime | None:
        """When the next postponed address may be asked for; None when none is queued."""
        found: dt.datetime | None = connection.execute(
            select(func.min(table.c.not_before)).where(table.c.site == self._site, table.c.state == QUEUED)
        ).scalar()
        return found

    def find(self, connection: Connection, key: str) -> Entry | None:
        """An address by its key."""
        row = connection.execute(select(table).where(table.c.site == self._site, table.c.key == key)).first()
        return _entry(row) if row is not None else None

    def find_exchange(self, connection: Connection, exchange: Exchange) -> Entry | None:
        """The address that an exchange answered; None for one outside the queue (robots.txt)."""
        if exchange.method == "GET":
            return self.find(connection, exchange.url)
        posted = dict(parse_qsl(exchange.request_body.decode("utf-8", "replace"), keep_blank_values=True))
        return self.find(connection, form_key(exchange.url, posted))

    def unknown(self, connection: Connection, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Those of a page's candidates that are not in the queue yet."""
        return [item for item in candidates if self.find(connection, key_of(item.link)) is None]

    def add(self, connection: Connection, candidates: Sequence[Candidate], run: int) -> list[Link]:
        """Queue what is not yet known; queue again what its hint says has changed.

        Further pages of lists are queued again whenever they are found: the caller offers them only when the
        page before them showed something new.

        :returns: the links that were new.
        """
        if not candidates:
            return []
        by_key = {key_of(item.link): item for item in candidates}
        known: dict[str, Any] = {}
        keys = list(by_key)
        for start in range(0, len(keys), 500):
            rows = connection.execute(
                select(table.c.id, table.c.key, table.c.kind, table.c.state, table.c.hint, table.c.run).where(
                    table.c.site == self._site, table.c.key.in_(keys[start : start + 500])
                )
            )
            known |= {row.key: row for row in rows}
        new = [item for key, item in by_key.items() if key not in known]
        if new:
            connection.execute(insert(table), [self._row(item, run) for item in new])
        for key, row in known.items():
            self._again(connection, by_key[key], row, run)
        return [item.link for item in new]

    def _again(self, connection: Connection, item: Candidate, row: Any, run: int) -> None:
        values: dict[str, Any] = {}
        if item.link.hint and item.link.hint != row.hint:
            values["hint"] = item.link.hint
            # The first hint for a page found otherwise says nothing about a change.
            if row.hint and row.state == DONE:
                values |= {"state": QUEUED, "attempts": 0, "not_before": None}
        if item.link.kind is Kind.PAGING and row.state in (DONE, FAILED) and row.run != run:
            values |= {"state": QUEUED, "attempts": 0, "not_before": None, "priority": item.priority}
        if item.link.form is not None:
            values["form"] = [list(pair) for pair in item.link.form]
        if values:
            connection.execute(update(table).where(table.c.id == row.id).values(values))

    def exclude(
        self, connection: Connection, candidates: Sequence[Candidate], reason: Reason, detail: str, run: int
    ) -> int:
        """Note addresses that will not be asked for, so that they can be listed. Returns how many are new."""
        keys = {key_of(item.link): item for item in candidates}
        known = set(
            connection.execute(
                select(table.c.key).where(table.c.site == self._site, table.c.key.in_(list(keys)[:500]))
            ).scalars()
        )
        new = [item for key, item in list(keys.items())[:500] if key not in known]
        if new:
            rows = [
                self._row(item, run)
                | {"state": EXCLUDED, "reason": reason.value, "detail": detail, "last_fetch": None}
                for item in new
            ]
            connection.execute(insert(table), rows)
        return len(new)

    def answered(self, connection: Connection, entry: Entry, answer: Answered, run: int) -> None:
        """An address was asked for and its answer recorded."""
        values: dict[str, Any] = {
            "state": GONE if answer.status in (404, 410) else DONE,
            "attempts": 0,
            "not_before": None,
            "last_fetch": answer.at,
            "last_status": answer.status,
            "reason": None,
            "detail": None,
            "run": run,
        }
        if answer.status != 304:
            values |= {"etag": answer.etag, "last_modified": answer.last_modified}
        if answer.digest is not None and answer.digest != entry.digest:
            values |= {"digest": answer.digest, "last_changed": answer.at}
        if answer.kind is not None and entry.kind is not Kind.SEED and entry.kind is not Kind.PAGING:
            values["kind"] = answer.kind.value
        connection.execute(update(table).where(table.c.id == entry.id).values(values))

    def failed(self, connection: Connection, entry: Entry, failure: Failure, run: int, wait: float) -> bool:
        """A try failed: try again later in this run, or give up. Returns whether it was given up.

        :param wait: seconds before another try.
        """
        attempts = entry.attempts + 1
        again = failure.retry and attempts < MAX_ATTEMPTS
        pause = dt.timedelta(seconds=wait * 2 ** (attempts - 1))
        connection.execute(
            update(table)
            .where(table.c.id == entry.id)
            .values(
                state=QUEUED if again else FAILED,
                attempts=attempts,
                not_before=failure.at + pause if again else None,
                last_fetch=failure.at,
                reason=failure.reason.value,
                detail=failure.detail,
                run=run,
            )
        )
        return not again

    def give_up_host(self, connection: Connection, prefix: str, failure: Failure, run: int) -> int:
        """Everything queued on a host fails for this run; the next run tries again. Returns how many."""
        result = connection.execute(
            update(table)
            .where(
                table.c.site == self._site,
                table.c.state == QUEUED,
                table.c.url.startswith(prefix, autoescape=True),
            )
            .values(
                state=FAILED,
                reason=failure.reason.value,
                detail=failure.detail,
                last_fetch=failure.at,
                run=run,
            )
        )
        return result.rowcount

    def counts(self, connection: Connection) -> Counter[str]:
        """How many addresses are in each state."""
        rows = connection.execute(
            select(table.c.state, func.count()).where(table.c.site == self._site).group_by(table.c.state)
        )
        return Counter(dict(tuple(row) for row in rows))

    def section_size(self, connection: Connection, section: str) -> int:
        """Pages known of one list."""
        statement = select(func.count()).where(
            table.c.site == self._site, table.c.kind == Kind.PAGING.value, table.c.section == section
        )
        return connection.execute(statement).scalar_one()

    def _row(self, item: Candidate, run: int) -> dict[str, Any]:
        link = item.link
        return {
            "site": self._site,
            "key": key_of(link),
            "url": link.url,
            "kind": link.kind.value,
            "depth": item.depth,
            "section": item.section,
            "priority": item.priority,
            "state": QUEUED,
            "attempts": 0,
            "hint": link.hint or None,
            "via": item.via,
            "hops": item.hops,
            "form": [list(pair) for pair in link.form] if link.form is not None else None,
            "run": run,
            "reason": None,
            "detail": None,
        }


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
    """All that failed or was left out, by site and reason."""
    with store.read() as connection:
        rows = connection.execute(
            select(
                table.c.site, table.c.url, table.c.reason, table.c.detail, table.c.last_fetch, table.c.state
            )
            .where(and_(table.c.reason.is_not(None), table.c.state != DONE))
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
    ]


def key_of(link: Link) -> str:
    """What tells an entry from others of its site: the address, and what is posted to it."""
    return form_key(link.url, dict(link.form)) if link.form is not None else link.url


def form_key(url: str, fields: Mapping[str, str]) -> str:
    """The key of a posting: what the server's own state fields hold does not tell two postings apart."""
    return f"{url} POST {fields.get('__EVENTTARGET', '')}|{fields.get('__EVENTARGUMENT', '')}"


def _is_due(row: Any, now: dt.datetime) -> bool:
    if row.kind in ALWAYS or row.state == FAILED or row.last_fetch is None:
        return True
    unchanged: dt.timedelta = row.last_fetch - (row.last_changed or row.last_fetch)
    pause = min(LONGEST, max(SHORTEST, unchanged / 20))
    return bool(now - row.last_fetch >= pause)


def _entry(row: Any) -> Entry:
    return Entry(
        id=row.id,
        url=row.url,
        kind=Kind(row.kind),
        depth=row.depth,
        section=row.section,
        priority=row.priority,
        attempts=row.attempts,
        etag=row.etag,
        last_modified=row.last_modified,
        digest=row.digest,
        last_fetch=row.last_fetch,
        last_changed=row.last_changed,
        via=row.via,
        hops=row.hops,
        form=tuple((name, value) for name, value in row.form) if row.form is not None else None,
    )
