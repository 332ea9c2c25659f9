"""What a run shows to be other than usual. Pure: figures in, findings out."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from archive.model.run import Measures
from archive.store.alarms import Finding
from archive.store.runs import Measured
from archive.watch.fields import EXAMPLES_OF, SHARES, Field, Share
from archive.watch.statistics import ALPHA, DEVIATIONS, Usual, is_high, is_low, poisson_at_most

HISTORY = 20
"""Earlier runs of which the median is what is usual."""
NEEDED = 3
"""Pages without which a run says nothing of a share."""
ENOUGH = 10
"""Pages below which those of earlier runs are added to the newest one's, up to `POOLED` runs."""
POOLED = 7
PART = 20
"""Answers that a run which was ended early must have had before it says that there are no articles."""
LENGTH_FACTOR = 1.6
"""A median length that many times shorter or longer matters."""
SLOW_FACTOR, SLOW_LEAST = 2.0, 500.0
"""Answers that many times slower, and that many milliseconds slower, matter."""
DOMINANT = 0.6
"""A profile that reads this share of the pages is the site's."""
WEEKS = 26
WEEKS_NEEDED = 4
MANY = 10
"""New articles above what is usual that matter."""


@dataclass(frozen=True, slots=True)
class History:
    """What is known of one site before a run."""

    runs: tuple[Measured, ...]
    """Earlier runs, the newest first."""
    flagged: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    """By field: first and last run of alarms: what was wrong then is not what is usual."""
    since: Mapping[str, int] = field(default_factory=dict)
    """By field: the run from which somebody said that things are as they are now."""

    def of(self, name: Field, fits: Callable[[Measures], bool]) -> list[Measured]:
        """The runs that say what is usual for a field."""
        spans, since = self.flagged.get(name, ()), self.since.get(name, 0)
        found = [
            item
            for item in self.runs
            if item.run >= since
            and not any(first <= item.run <= last for first, last in spans)
            and fits(item.measures)
        ]
        return found[:HISTORY]

    def is_accepted(self, name: Field) -> bool:
        """Whether somebody took note of an alarm, so that bounds that know no history no longer hold."""
        return name in self.since


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of looking at one run."""

    findings: tuple[Finding, ...]
    judged: frozenset[Field]
    """Fields of which the run said enough: an alarm for one of them that was not found again is over."""


def judge(newest: Measured, history: History) -> Verdict:
    """Compare a run with those before it."""
    checks = (_run, _articles, *map(_share, SHARES), _length, _slow, _profile)
    findings, judged = [], set()
    for check in checks:
        found = check(newest, history)
        if found is not None:
            name, finding = found
            judged.add(name)
            if finding is not None:
                findings.append(finding)
    return Verdict(tuple(findings), frozenset(judged))


Checked = tuple[Field, Finding | None] | None
"""None: the run says nothing of it. Else the field, and what is wrong with it."""


def _run(newest: Measured, history: History) -> Checked:
    """The crawl ended with an error, or nobody answered."""
    error = str(newest.result.get("error") or "")
    wrong = bool(error) or (newest.measures.answers == 0 and newest.measures.unanswered > 0)
    accepted = history.is_accepted(Field.RUN) and not any(
        item.measures.answers for item in history.of(Field.RUN, lambda m: True)
    )
    if not wrong or accepted:
        return Field.RUN, None
    detail = error or f"No answer to any of {newest.measures.unanswered:,} addresses."
    return Field.RUN, _finding(
        Field.RUN, newest.measures, 0.0, 1.0, newest.measures.asked, detail, "failures"
    )


def _articles(newest: Measured, history: History) -> Checked:
    """No sign of an article, though the crawl itself went well."""
    now = newest.measures
    is_part = any(newest.result.get(name) for name in ("stopped", "budget", "left"))
    if not now.answers or (is_part and now.answers < PART):
        return None
    usual = Usual.of(
        [item.measures.sightings for item in history.of(Field.ARTICLES, lambda m: m.answers > 0)]
    )
    if now.sightings or (history.is_accepted(Field.ARTICLES) and usual is not None and not usual.value):
        return Field.ARTICLES, None
    detail = f"{now.answers:,} answers, and not one article or link to one in them."
    value = usual.value if usual is not None else None
    return Field.ARTICLES, _finding(Field.ARTICLES, now, value, 0.0, now.answers, detail, "lists")


def _share(share: Share) -> Callable[[Measured, History], Checked]:
    """A part of the pages is smaller, or larger, than it was."""

    def check(newest: Measured, history: History) -> Checked:
        hits, of, pooled = _pooled(share, newest, history)
        if of < NEEDED:
            return None
        usual = _usual(share, history, pooled)
        compare = is_low if share.low_is_bad else is_high
        wrong = usual is not None and compare(hits, of, usual, share.least)
        if share.bound is not None and not history.is_accepted(share.field):
            wrong |= hits / of < share.bound if share.low_is_bad else hits / of > share.bound
        if not wrong:
            return share.field, None
        value = usual.value if usual is not None else None
        detail = ""
        if share.field is Field.ELSEWHERE:
            detail = "To " + ", ".join(newest.measures.elsewhere) + "."
        return share.field, _finding(share.field, newest.measures, value, hits / of, of, detail)

    return check


def _pooled(share: Share, newest: Measured, history: History) -> tuple[int, int, frozenset[int]]:
    """The newest run's counts; where it is small, with those of the runs just before it, which are named."""
    hits, of = share.count(newest.measures)
    since, pooled = history.since.get(share.field, 0), set()
    # Pooling must not dilute: what a portal lost since the last run, one run shows already.
    if of >= ENOUGH or of == 0 or hits == (0 if share.low_is_bad else of):
        return hits, of, frozenset()
    for item in history.runs[: POOLED - 1]:
        if item.run < since or of >= ENOUGH:
            break
        more = share.count(item.measures)
        hits, of = hits + more[0], of + more[1]
        pooled.add(item.run)
    return hits, of, frozenset(pooled)


def _usual(share: Share, history: History, without: frozenset[int]) -> Usual | None:
    runs = history.of(share.field, lambda m: share.count(m)[1] > 0)
    counts = [share.count(item.measures) for item in runs if item.run not in without]
    sample = sum(of for _, of in counts)
    if sample < NEEDED:
        return None
    whole = [hits / of for hits, of in counts if of >= NEEDED]
    return Usual.of(whole or [sum(hits for hits, _ in counts) / sample], sample)


def _length(newest: Measured, history: History) -> Checked:
    """The texts have become much shorter or longer: the reading cuts off, or takes in what is not text."""
    now = newest.measures
    if now.length is None or now.articles < NEEDED:
        return None
    runs = history.of(Field.LENGTH, lambda m: m.length is not None and m.articles >= NEEDED)
    usual = Usual.of([item.measures.length or 0.0 for item in runs], sum(r.measures.articles for r in runs))
    if usual is None or not usual.value:
        return None
    low, high = usual.value / LENGTH_FACTOR, usual.value * LENGTH_FACTOR
    margin = DEVIATIONS * usual.spread
    wrong = now.length < min(low, usual.value - margin) or now.length > max(high, usual.value + margin)
    if not wrong:
        return Field.LENGTH, None
    return Field.LENGTH, _finding(Field.LENGTH, now, usual.value, now.length, now.articles)


def _slow(newest: Measured, history: History) -> Checked:
    now = newest.measures
    if now.milliseconds is None or now.answers < NEEDED:
        return None
    runs = history.of(Field.SLOW, lambda m: m.milliseconds is not None and m.answers >= NEEDED)
    usual = Usual.of([item.measures.milliseconds or 0.0 for item in runs])
    if usual is None:
        return None
    margin = max(SLOW_LEAST, DEVIATIONS * usual.spread)
    if now.milliseconds <= max(SLOW_FACTOR * usual.value, usual.value + margin):
        return Field.SLOW, None
    return Field.SLOW, _finding(Field.SLOW, now, usual.value, now.milliseconds, now.answers)


def _profile(newest: Measured, history: History) -> Checked:
    """The pages are of another family than before: the portal has changed its system or its template."""
    now = newest.measures
    if now.articles < NEEDED:
        return None
    before: Counter[str] = Counter()
    for item in history.of(Field.PROFILE, lambda m: m.articles > 0):
        before.update(item.measures.profiles)
    usual, present = _dominant(before), _dominant(now.profiles)
    if usual is None or present is None or sum(before.values()) < NEEDED:
        return None
    if usual == present:
        return Field.PROFILE, None
    share = now.profiles.get(usual, 0) / now.articles
    detail = f"{present or 'the generic rules'} in place of {usual or 'the generic rules'}."
    finding = _finding(
        Field.PROFILE, now, before[usual] / sum(before.values()), share, now.articles, detail,
        f"profile:{present}",
    )  # fmt: skip
    return Field.PROFILE, finding


def judge_weeks(
    appeared: Mapping[dt.date, int], today: dt.date, *, since: dt.date | None = None
) -> tuple[bool, Finding | None]:
    """Compare the new articles of the last seven days with those of the weeks before.

    :param appeared: new articles by day.
    :param since: weeks that begin earlier say nothing of what is usual.
    :returns: whether there is history enough to say anything, and what is wrong.
    """
    weeks = [
        sum(appeared.get(today - dt.timedelta(days=7 * n + d), 0) for d in range(1, 8))
        for n in range(WEEKS + 1)
    ]
    first = min((day for day, number in appeared.items() if number), default=today)
    first = max(first, since or first)
    whole = min(WEEKS, max(0, (today - first).days // 7 - 1))
    now, before = weeks[0] + appeared.get(today, 0), weeks[1 : whole + 1]
    usual = Usual.of([float(number) for number in before])
    if usual is None or len(before) < WEEKS_NEEDED:
        return False, None
    silent = _silence(appeared, today)
    low = poisson_at_most(now, usual.value) < ALPHA and now < usual.value - DEVIATIONS * usual.spread
    quiet = (
        now == 0
        and poisson_at_most(0, usual.value * silent.days / 7) < ALPHA
        and silent.days > silent.longest
    )
    high = (
        now - usual.value >= MANY
        and now > 2 * usual.value
        and 1 - poisson_at_most(now - 1, max(usual.value, 0.5)) < ALPHA
        and now > usual.value + DEVIATIONS * usual.spread
    )
    if not (low or quiet or high):
        return True, None
    detail = f"None for {silent.days} days." if now == 0 else ""
    return True, Finding(Field.NEW, usual.value, float(now), 7, detail=detail)


@dataclass(frozen=True, slots=True)
class _Silence:
    days: int
    """Days without a new article up to today."""
    longest: int
    """The longest such stretch before."""


def _silence(appeared: Mapping[dt.date, int], today: dt.date) -> _Silence:
    days = sorted(day for day, number in appeared.items() if number and day <= today)
    if not days:
        return _Silence(0, 0)
    longest = max(((later - day).days for day, later in pairwise(days)), default=0)
    return _Silence((today - days[-1]).days, longest)


def _dominant(profiles: Mapping[str, int]) -> str | None:
    whole = sum(profiles.values())
    if not whole:
        return None
    name, number = max(profiles.items(), key=lambda item: item[1])
    return name if number >= DOMINANT * whole else None


def _finding(
    name: Field, now: Measures, usual: float | None, value: float, sample: int, detail: str = "",
    examples: str = "",
) -> Finding:  # fmt: skip
    wanted = examples or EXAMPLES_OF.get(name, name.value)
    profile = max(now.profiles.items(), key=lambda item: item[1])[0] if now.profiles else ""
    return Finding(name, usual, value, sample, profile, detail, now.examples.get(wanted, ()))
