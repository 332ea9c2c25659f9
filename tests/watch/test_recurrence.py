"""Schedules as a sites file has them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from crawler.schedule import recurrence

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = dt.datetime(2026, 11, 24, 18, tzinfo=dt.UTC)  # Wednesday, one at night in Vietnam


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=VIETNAM).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("schedule", "turn"),
    [
        ("10 2 * * *", "2026-11-25T02:10"),
        ("0 0 * * 0", "2026-11-29T00:00"),  # 0 is Sunday, as in every crontab
        ("0 0 * * 7", "2026-11-29T00:00"),
        ("*/15 8-9 * * 1-5", "2026-11-25T08:00"),
        ("0 0 31 * *", "2026-12-31T00:00"),
    ],
)
def test_a_cron_expression_is_read_in_the_zone_of_the_archive(schedule: str, turn: str) -> None:
    assert recurrence.following(recurrence.checked(schedule), "dam-ha", NOW, VIETNAM) == at(turn)


def test_words_give_each_site_a_minute_of_its_own_at_night() -> None:
    turns = {recurrence.expression("daily", f"huyen-{number}") for number in range(60)}
    assert len(turns) > 40
    assert {int(turn.split()[1]) for turn in turns} == {1, 2, 3, 4}
    assert recurrence.expression("daily", "dam-ha") == recurrence.expression("daily", "dam-ha")
    assert recurrence.expression("never", "dam-ha") == ""
    for word in ("hourly", "daily", "weekly"):
        assert recurrence.following(word, "dam-ha", NOW, VIETNAM) is not None


@pytest.mark.parametrize("schedule", ["", "nightly", "61 * * * *", "* * * *", "0 0 30 2 *", "@daily; rm"])
def test_what_is_no_schedule_is_refused_in_words(schedule: str) -> None:
    with pytest.raises(ValueError, match="it is"):
        recurrence.checked(schedule)


def test_of_many_missed_turns_the_newest_is_given() -> None:
    kept = NOW - dt.timedelta(days=30)
    assert recurrence.missed("10 2 * * *", "x", kept, NOW, VIETNAM) == at("2026-11-24T02:10")
    assert recurrence.missed("10 2 * * *", "x", NOW, NOW, VIETNAM) is None
    assert recurrence.missed("* * * * *", "x", NOW - dt.timedelta(days=900), NOW, VIETNAM) == NOW
    assert recurrence.missed("never", "x", kept, NOW, VIETNAM) is None
