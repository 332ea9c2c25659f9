"""Corrections are people's own facts: written to a journal beside the takedowns', then to the database.

`<var>/journal/corrections.jsonl` is what a replay of the capture files cannot tell again; `catch_up` gives a
database what it lacks of it, and is safe to repeat.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from archive.config import Settings
from archive.store import Chronicle, Store
from archive.store.happenings.corrections import Correction
from archive.store.journal import Journal

FILE = "corrections.jsonl"


def correct(
    store: Store, settings: Settings, action: str, target: str, data: dict[str, Any], *, reason: str, by: str
) -> int:
    """Correct a reading (`Chronicle.correct`); its number, by which it is lifted.

    :raises StoreError: the journal cannot be written; nothing was changed.
    """
    at = dt.datetime.now(dt.UTC)
    line = {"act": "correct", "id": target, "action": action, "data": data, "reason": reason, "by": by}
    Journal(settings.journal_dir, FILE).append({**line, "at": at.isoformat()})
    return Chronicle(store).correct(action, target, data, reason=reason, by=by, at=at)


def lift(store: Store, settings: Settings, number: int, *, by: str) -> bool:
    """Take a correction back; False when there is none in force with that number.

    :raises StoreError: the journal cannot be written; nothing was changed.
    """
    found = next((item for item in Chronicle(store).corrections() if item.id == number), None)
    if found is None:
        return False
    line = {"act": "lift", "id": found.target, "of": found.at.isoformat(), "by": by}
    Journal(settings.journal_dir, FILE).append({**line, "at": dt.datetime.now(dt.UTC).isoformat()})
    return Chronicle(store).lift(number, by=by)


def catch_up(store: Store, settings: Settings) -> int:
    """Give a database the corrections of the journal that it lacks; how many acts that were.

    :raises StoreError: the journal cannot be read.
    """
    chronicle, done = Chronicle(store), 0
    for line in Journal(settings.journal_dir, FILE).lines():
        known = _known(chronicle.corrections(lifted=True), line)
        if line["act"] == "correct" and known is None:
            chronicle.correct(
                line["action"],
                line["id"],
                line["data"],
                reason=line["reason"],
                by=line["by"],
                at=_at(line["at"]),
            )
            done += 1
        elif line["act"] == "lift" and known is not None and known.lifted_at is None:
            chronicle.lift(known.id, by=line["by"])
            done += 1
    return done


def _known(corrections: list[Correction], line: Any) -> Correction | None:
    at = _at(line["at"] if line["act"] == "correct" else line["of"])
    return next((item for item in corrections if item.target == line["id"] and item.at == at), None)


def _at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
