"""Judging runs by their figures alone."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping

import pytest

from archive.model.run import Measures
from archive.store.runs import Measured
from archive.watch.fields import Field
from archive.watch.judge import History, judge, judge_weeks

AT = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
TODAY = AT.date()
SOUND = Measures(
    answers=60, statuses={"ok": 60}, articles=40, title=40, date=39, body=40, pictured=30, captioned=24,
    length=1500.0, profiles={"nukeviet": 40}, known=38, kept=38, lists=12, listing=12, sightings=200,
    milliseconds=90.0,
)  # fmt: skip


def run(number: int, measures: Measures = SOUND, **result: object) -> Measured:
    return Measured(number, AT, result, measures)


def found(newest: Measures, history: History, **result: object) -> set[str]:
    return {item.field for item in judge(run(99, newest, **result), history).findings}


def changed(**values: object) -> Measures:
    return dataclasses.replace(SOUND, **values)  # type: ignore[arg-type]


USUAL = History(tuple(run(number) for number in range(20, 0, -1)))


def test_a_night_like_the_others_is_no_alarm() -> None:
    assert found(SOUND, USUAL) == set()
    assert found(changed(date=38, captioned=22, length=1320.0, milliseconds=160.0), USUAL) == set()


@pytest.mark.parametrize(
    ("newest", "field"),
    [
        (changed(date=20), Field.DATE),
        (changed(captioned=0), Field.CAPTIONS),
        (changed(length=700.0), Field.LENGTH),
        (changed(length=3000.0), Field.LENGTH),
        (changed(kept=20), Field.RECOGNISED),
        (changed(listing=4), Field.LISTS),
        (changed(bot_checks=4), Field.BOT_CHECK),
        (changed(statuses={"ok": 40, "refused": 20}), Field.REFUSED),
        (changed(elsewhere={"x.vn": 20}), Field.ELSEWHERE),
        (changed(failed=30), Field.FAILURES),
        (changed(milliseconds=900.0), Field.SLOW),
        (changed(profiles={"wordpress": 40}), Field.PROFILE),
        (changed(sightings=0), Field.ARTICLES),
        (changed(answers=0, unanswered=9, articles=0, sightings=0), Field.RUN),
    ],
)
def test_each_field_by_itself(newest: Measures, field: Field) -> None:
    assert field in found(newest, USUAL)


def test_a_crawl_that_ended_with_an_error_is_told_with_its_words() -> None:
    verdict = judge(run(99, error="The certificate has expired."), USUAL)
    assert [(item.field, item.detail) for item in verdict.findings] == [
        (Field.RUN, "The certificate has expired.")
    ]


def test_two_articles_a_night_are_judged_together_with_those_before() -> None:
    few = Measures(answers=9, statuses={"ok": 9}, articles=2, title=2, date=2, body=2, sightings=30)
    bad = dataclasses.replace(few, date=1)
    quiet = History(tuple(run(number, few) for number in range(20, 0, -1)))
    assert found(bad, quiet) == set()
    worse = History((*(run(number, bad) for number in range(25, 20, -1)), *quiet.runs))
    assert Field.DATE in found(bad, worse)


def test_nights_in_which_something_was_wrong_are_not_what_is_usual() -> None:
    lost = changed(date=0)
    runs = (*(run(number, lost) for number in range(40, 20, -1)), *USUAL.runs)
    # Twenty nights without dates would be the median by now.
    assert Field.DATE in found(lost, History(runs, flagged={Field.DATE: ((21, 99),)}))
    assert Field.DATE not in found(lost, History(runs, since={Field.DATE: 21}))


def test_a_run_that_saw_too_little_leaves_an_alarm_as_it_is() -> None:
    verdict = judge(run(99, Measures(answers=3, statuses={"ok": 3}, sightings=5)), USUAL)
    assert Field.DATE not in verdict.judged
    assert Field.ARTICLES in verdict.judged


@pytest.mark.parametrize("result", [{"stopped": True}, {"budget": "ended after 10 requests"}, {"left": 300}])
def test_a_run_that_was_ended_early_must_have_seen_something(result: dict[str, object]) -> None:
    assert Field.ARTICLES not in found(changed(sightings=0, answers=5), USUAL, **result)
    assert Field.ARTICLES in found(changed(sightings=0), USUAL, **result)


def weeks(*numbers: int) -> Mapping[dt.date, int]:
    """New articles a week, the newest week first, each on its second day."""
    return {TODAY - dt.timedelta(days=7 * index + 2): number for index, number in enumerate(numbers)}


@pytest.mark.parametrize(
    ("numbers", "alarm"),
    [
        ((7, 6, 8, 7, 7, 6, 8, 7), False),
        ((0, 6, 8, 7, 7, 6, 8, 7, 7), True),
        ((2, 30, 28, 31, 30, 29, 30), True),
        ((90, 6, 8, 7, 7, 6, 8, 7), True),
        ((0, 1, 0, 2, 0, 1, 0, 0, 1, 1), False),  # it was always so
        ((0, 0, 0, 0, 0, 3, 2, 4, 3, 2, 3, 3, 2, 3, 4, 3, 2), True),  # a slow portal, silent for long
        ((40, 1), False),  # no history yet
    ],
)
def test_new_articles_against_the_weeks_before(numbers: tuple[int, ...], alarm: bool) -> None:
    _, finding = judge_weeks(weeks(*numbers), TODAY)
    assert (finding is not None) is alarm


def test_too_short_a_history_says_nothing() -> None:
    assert judge_weeks({}, TODAY) == (False, None)
    assert judge_weeks(weeks(0, 7, 7), TODAY) == (False, None)
    noted = TODAY - dt.timedelta(days=8)
    assert judge_weeks(weeks(0, 7, 7, 7, 7, 7, 7), TODAY, since=noted) == (False, None)
