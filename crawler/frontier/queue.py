"""The persistent queue of one site: what is known, what is next, what failed and why.

A table beside the captures, written in the same transactions: a capture and what follows from it are known
together or not at all.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import Connection, func, insert, or_, select, update

from archive.model import Exchange, Failure, Reason
from archive.store.schema import frontier as table
from archive.store.schema import runs
from crawler.discover import Kind, Link
from crawler.frontier.revisit import History, is_due
from crawler.frontier.values import Answered, Candidate, Entry, hinted_day, key_of, url_key

Transaction = Connection
"""A transaction of the store, for those who hand one on."""

QUEUED, DONE, FAILED, EXCLUDED, GONE = "queued", "done", "failed", "excluded", "gone"
MAX_ATTEMPTS = 4
"""Tries of one address in one run."""
MAX_PAUSE = dt.timedelta(hours=1)
"""Between two tries of one address."""


class Frontier:
    """The queue of one site. Every method works within the caller's transaction."""

    def __init__(self, site: str) -> None:
        self._site = site

    def is_idle(self, connection: Connection) -> bool:
        """Whether nothing is left to do of an earlier run."""
        return not self.counts(connection)[QUEUED]

    def unfinished_since(self, connection: Connection, *, before: int) -> dt.datetime | None:
        """When the first of the runs began that were stopped or killed before their end; None when the last
        run before this one ended by itself."""
        rows = connection.execute(
            select(runs.c.started_at, runs.c.result)
            .where(runs.c.site == self._site, runs.c.id < before)
            .order_by(runs.c.id.desc())
        )
        since: dt.datetime | None = None
        for row in rows:
            if row.result is not None and not row.result.get("left"):
                break
            since = row.started_at
        return since

    def sweep(
        self, connection: Connection, now: dt.datetime, *, recheck: bool, since: dt.datetime | None = None
    ) -> int:
        """Queue what is due: feeds always, lists and articles as `revisit` says, failures once more.

        :param recheck: all articles and pages are due.
        :param since: what was asked for later than this is not due: the same sweep goes on.
        :returns: how many were queued.
        """
        rows = connection.execute(
            select(
                table.c.id,
                table.c.kind,
                table.c.state,
                table.c.last_fetch,
                table.c.last_changed,
                table.c.published,
                table.c.visits,
                table.c.changes,
            )
            .where(table.c.site == self._site, table.c.state.in_((DONE, FAILED, GONE)))
            .where(table.c.kind.not_in([Kind.MEDIA.value, Kind.PAGING.value]) | (table.c.state == FAILED))
        )
        chosen = [
            row.id
            for row in rows
            if (recheck or _is_due(row, now))
            and (since is None or row.last_fetch is None or row.last_fetch < since)
        ]
        for start in range(0, len(chosen), 500):
            connection.execute(
                update(table)
                .where(table.c.id.in_(chosen[start : start + 500]))
                .values(state=QUEUED, attempts=0, not_before=None)
            )
        return len(chosen)

    def retry(self, connection: Connection, reason: str) -> int:
        """Queue what failed.

        :param reason: only what failed for this `model.Reason`; "" for any.
        :returns: how many were queued.
        """
        statement = update(table).where(table.c.site == self._site, table.c.state == FAILED)
        if reason:
            statement = statement.where(table.c.reason == reason)
        return connection.execute(statement.values(state=QUEUED, attempts=0, not_before=None)).rowcount

    def next(self, connection: Connection, now: dt.datetime) -> Entry | None:
        """The address whose turn it is, or None. It stays queued until it is answered."""
        row = connection.execute(
            select(table)
            .where(table.c.site == self._site, table.c.state == QUEUED)
            # A turn further off than any pause comes from a clock that has jumped.
            .where(
                or_(
                    table.c.not_before.is_(None),
                    table.c.not_before <= now,
                    table.c.not_before > now + 2 * MAX_PAUSE,
                )
            )
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

    def find(self, connection: Connection, url: str) -> Entry | None:
        """The entry of an address that is asked for with GET."""
        key = url_key(url)
        row = connection.execute(select(table).where(table.c.site == self._site, table.c.key == key)).first()
        return _entry(row) if row is not None else None

    def embedded(self, connection: Connection, page: str) -> list[Entry]:
        """What is queued because a page, or a style sheet, shows it."""
        statement = (
            select(table)
            .where(
                table.c.site == self._site,
                table.c.via == page,
                table.c.kind == Kind.MEDIA.value,
                table.c.state == QUEUED,
            )
            .order_by(table.c.priority, table.c.id)
        )
        return [_entry(row) for row in connection.execute(statement)]

    def find_exchange(self, connection: Connection, exchange: Exchange) -> Entry | None:
        """The entry that an exchange answered; None for one outside the queue (robots.txt)."""
        if exchange.method == "GET":
            return self.find(connection, exchange.url)
        posted = parse_qsl(exchange.request_body.decode("utf-8", "replace"), keep_blank_values=True)
        rows = connection.execute(
            select(table).where(
                table.c.site == self._site, table.c.url == exchange.url, table.c.key != url_key(exchange.url)
            )
        )
        entries = (_entry(row) for row in rows)
        return next((item for item in entries if item.form is not None and list(item.form) == posted), None)

    def unknown(self, connection: Connection, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Those of a page's candidates that are not in the queue yet."""
        keys = {key_of(item.link): item for item in candidates}
        known = self._known(connection, list(keys))
        return [item for key, item in keys.items() if key not in known]

    def add(self, connection: Connection, candidates: Sequence[Candidate], run: int) -> list[Link]:
        """Queue what is not yet known; queue again what its hint says has changed.

        Further pages of lists are queued again whenever they are found: the caller offers them only when the
        page before them showed something new.

        :returns: the links that were new.
        """
        if not candidates:
            return []
        by_key = {key_of(item.link): item for item in candidates}
        known = self._known(connection, list(by_key))
        new = [item for key, item in by_key.items() if key not in known]
        if new:
            connection.execute(insert(table), [self._row(item, run) for item in new])
        for key, row in known.items():
            self._again(connection, by_key[key], row, run)
        return [item.link for item in new]

    def _known(self, connection: Connection, keys: Sequence[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for start in range(0, len(keys), 500):
            rows = connection.execute(
                select(table.c.id, table.c.key, table.c.kind, table.c.state, table.c.hint, table.c.run).where(
                    table.c.site == self._site, table.c.key.in_(keys[start : start + 500])
                )
            )
            found |= {row.key: row for row in rows}
        return found

    def _again(self, connection: Connection, item: Candidate, row: Any, run: int) -> None:
        values: dict[str, Any] = {}
        if item.link.hint and item.link.hint != row.hint:
            values["hint"] = item.link.hint
            # The first hint for a page found otherwise says nothing about a change.
            if row.hint and row.state == DONE:
                values |= {"state": QUEUED, "attempts": 0, "not_before": None}
        if item.link.kind is Kind.PAGING and row.state in (DONE, FAILED) and row.run != run:
            values |= {"state": QUEUED, "attempts": 0, "not_before": None, "priority": item.priority}
        if item.link.form is not None and (row.state == QUEUED or "state" in values):
            values["form"] = [list(pair) for pair in item.link.form]
        if values:
            connection.execute(update(table).where(table.c.id == row.id).values(values))

    def exclude(
        self, connection: Connection, candidates: Sequence[Candidate], reason: Reason, detail: str, run: int
    ) -> int:
        """Note addresses that will not be asked for, so that they can be listed. Returns how many are new."""
        keys = {key_of(item.link): item for item in candidates}
        return self._leave_out(connection, keys, reason, detail, run)

    def exclude_hosts(self, connection: Connection, candidates: Sequence[Candidate], run: int) -> int:
        """Note links out of the site, one for each host: they are too many and too alike to list all."""
        keys = {f"host {urlsplit(item.link.url).netloc}": item for item in candidates}
        text = "Out of the site's scope: no link to this host is followed. If it is the same portal, add it."
        return self._leave_out(connection, keys, Reason.OUT_OF_SCOPE, text, run)

    def exclude_rest(self, connection: Connection, entry: Entry, number: int, run: int) -> int:
        """Note that a page had more links than are followed."""
        item = Candidate(Link(entry.url, entry.kind), 0.0, entry.depth, entry.section, entry.via, entry.hops)
        text = f"{number:,} links of this page were left out: it has more than are followed."
        return self._leave_out(connection, {f"rest {entry.url}": item}, Reason.TRAP, text, run)

    def _leave_out(
        self, connection: Connection, keys: Mapping[str, Candidate], reason: Reason, detail: str, run: int
    ) -> int:
        known = self._known(connection, list(keys))
        rows = [
            self._row(item, run)
            | {"key": key, "state": EXCLUDED, "reason": reason.value, "detail": detail, "form": None}
            for key, item in keys.items()
            if key not in known
        ]
        if rows:
            connection.execute(insert(table), rows)
        return len(rows)

    def move(self, connection: Connection, entry: Entry, target: str, run: int) -> None:
        """An address redirects to another spelling of itself: ask for that one under the same entry."""
        connection.execute(
            update(table)
            .where(table.c.id == entry.id)
            .values(url=target, hops=f"{entry.hops}R"[-64:], etag=None, last_modified=None, run=run)
        )

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
        if values["state"] == GONE and entry.digest is not None:
            values |= {"digest": None, "last_changed": answer.at}
        if entry.form is not None:
            values["form"] = []  # the server's hidden fields, by the hundred kilobytes, are of no more use
        if answer.digest is not None and answer.digest != entry.digest:
            values["digest"] = answer.digest
        if answer.changed or (entry.last_changed is None and answer.digest is not None):
            values["last_changed"] = answer.at
        if entry.digest is not None:
            values["visits"] = func.coalesce(table.c.visits, 0) + 1
            values["changes"] = func.coalesce(table.c.changes, 0) + int(answer.changed)
        if answer.published is not None:
            values["published"] = answer.published.isoformat()
        if answer.kind is not None and entry.kind is not Kind.SEED and entry.kind is not Kind.PAGING:
            values["kind"] = answer.kind.value
        connection.execute(update(table).where(table.c.id == entry.id).values(values))

    def forget_validators(self, connection: Connection, entry: Entry) -> None:
        """Ask for the whole page the next time."""
        values = {"etag": None, "last_modified": None}
        connection.execute(update(table).where(table.c.id == entry.id).values(values))

    def failed(self, connection: Connection, entry: Entry, failure: Failure, run: int, wait: float) -> bool:
        """A try failed: try again later in this run, or give up. Returns whether it was given up.

        :param wait: seconds before another try.
        """
        attempts = entry.attempts + 1
        again = failure.retry and attempts < MAX_ATTEMPTS
        pause = min(MAX_PAUSE, dt.timedelta(seconds=wait * 2 ** (attempts - 1)))
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

    def pages(self, connection: Connection) -> int:
        """How many addresses are known that are or will be asked for, pictures not counted."""
        statement = select(func.count()).where(
            table.c.site == self._site, table.c.kind != Kind.MEDIA.value, table.c.state != EXCLUDED
        )
        return connection.execute(statement).scalar_one()

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
            "published": hinted_day(link.hint),
            "via": item.via,
            "hops": item.hops,
            "form": [list(pair) for pair in link.form] if link.form is not None else None,
            "run": run,
            "reason": None,
            "detail": None,
        }


def _is_due(row: Any, now: dt.datetime) -> bool:
    if row.state == FAILED:
        return True
    history = History(
        kind=Kind(row.kind),
        last_fetch=row.last_fetch,
        last_changed=row.last_changed,
        published=dt.date.fromisoformat(row.published) if row.published else None,
        visits=row.visits or 0,
        changes=row.changes or 0,
    )
    return is_due(history, now)


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
        page=int(row.key.rpartition(" POST page ")[2]) if row.form is not None else 1,
    )
