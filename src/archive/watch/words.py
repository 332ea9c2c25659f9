"""Alarms in words, for the terminal, the log, mails and webhooks. Pure."""

from __future__ import annotations

from typing import Any

from archive.store.alarms import Alarm, Finding
from archive.watch.fields import SHARES, Field

_SUBJECTS = {
    Field.RUN: "the crawl failed",
    Field.ARTICLES: "no article was found",
    Field.NEW: "new articles in seven days",
    Field.TITLE: "articles with a title",
    Field.DATE: "articles with a date of publication",
    Field.BODY: "articles with a text",
    Field.CAPTIONS: "illustrated articles with a caption",
    Field.LENGTH: "median length of the texts",
    Field.RECOGNISED: "known articles that are still read as such",
    Field.LISTS: "lists that name an article",
    Field.PROFILE: "the pages are of another family",
    Field.BOT_CHECK: "answers that are a bot check",
    Field.SOFT_404: "answers that say with status 200 that nothing was found",
    Field.FAILURES: "addresses that failed",
    Field.MISSING: "answers 404 or 410",
    Field.REFUSED: "answers that refuse us (401, 403, 429)",
    Field.ERRORS: "error answers",
    Field.MOVED: "redirects",
    Field.ELSEWHERE: "redirects to another host",
    Field.SLOW: "median time of an answer",
}
_SHARES = {share.field for share in SHARES}
_LISTED = {Field.RUN, Field.FAILURES, Field.BOT_CHECK, Field.SOFT_404, Field.REFUSED, Field.ERRORS}
"""Fields whose pages are listed as failures."""


def value(field: str, number: float | None) -> str:
    """A figure with its unit: `97 %`, `1,840 letters`, `320 ms`."""
    if number is None:
        return "not known"
    if field in _SHARES or field == Field.PROFILE:
        return f"{100 * number:.0f} %"
    unit = {Field.LENGTH: " letters", Field.SLOW: " ms"}.get(Field(field), "")
    return f"{number:,.0f}{unit}"


def sentence(finding: Finding) -> str:
    """What is wrong, what was usual, what is now."""
    subject = _SUBJECTS[Field(finding.field)]
    if finding.field in (Field.RUN, Field.ARTICLES):
        text = f"{subject}."
    else:
        now, usual = value(finding.field, finding.now), value(finding.field, finding.usual)
        text = f"{subject}: {now}, usual is {usual}"
        text += "." if finding.field == Field.NEW else f" (of {finding.sample:,} pages)."
    profile = f" Profile: {finding.profile}." if finding.profile else ""
    return f"{text[0].upper()}{text[1:]}{' ' if finding.detail else ''}{finding.detail}{profile}"


def command(alarm: Alarm) -> str:
    """The command that shows more."""
    finding = alarm.finding
    if finding.field in _LISTED:
        return f"archive crawl --failures --only {alarm.site}"
    if finding.examples:
        return f"archive try {finding.examples[0]}"
    return f"archive alarms show {alarm.id}"


def to_dict(alarm: Alarm) -> dict[str, Any]:
    """JSON-ready form, for `archive alarms --json` and webhooks."""
    finding = alarm.finding
    return {
        "id": alarm.id,
        "site": alarm.site,
        "field": finding.field,
        "state": "acknowledged" if alarm.acknowledged_by else "open" if alarm.is_open else "closed",
        "summary": sentence(finding),
        "profile": finding.profile,
        "usual": finding.usual,
        "now": finding.now,
        "sample": finding.sample,
        "examples": list(finding.examples),
        "command": command(alarm),
        "opened_at": alarm.opened_at.isoformat(),
        "last_seen": alarm.last_seen.isoformat(),
        "closed_at": alarm.closed_at.isoformat() if alarm.closed_at else None,
        "acknowledged_by": alarm.acknowledged_by,
        "note": alarm.note,
    }
