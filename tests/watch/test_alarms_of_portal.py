"""The sample portal changes overnight; the archive says so, on which field, and where to look."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive.cli import main
from archive.store import Store
from archive.watch import words
from archive.watch.fields import Field
from tests.portal import Portal
from tests.portal.grammar import BASE_DAY
from tests.watch.watching import Watched


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with Portal(articles=24) as running:
        yield running


@pytest.fixture(scope="module")
def usual(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """An archive in which all is as usual: two nights, and no alarm after either."""
    watched = Watched.at(tmp_path_factory.mktemp("usual"), portal, "nukeviet")
    for _ in range(2):
        assert watched.night().opened == ()
    return watched


@pytest.mark.parametrize(
    ("mood", "field", "low"),
    [
        ("no-titles", Field.TITLE, True),
        ("no-dates", Field.DATE, True),
        ("no-captions", Field.CAPTIONS, True),
        ("short", Field.LENGTH, True),
        ("script-only", Field.RECOGNISED, True),
        ("bare-lists", Field.LISTS, True),
        ("new-template", Field.PROFILE, True),
        ("bot-check", Field.BOT_CHECK, False),
        ("soft-404", Field.SOFT_404, False),
        ("missing", Field.MISSING, False),
        ("refused", Field.REFUSED, False),
        ("errors", Field.ERRORS, False),
        ("moved", Field.ELSEWHERE, False),
    ],
)
def test_what_changes_overnight_is_told_with_its_field_and_pages(
    usual: Watched, tmp_path: Path, mood: str, field: Field, low: bool
) -> None:
    watched = usual.copy(tmp_path)
    opened = {alarm.finding.field: alarm for alarm in watched.night(mood).opened}
    assert field in opened, sorted(opened)
    finding = opened[field].finding
    assert finding.usual is not None
    assert (finding.now < finding.usual) is low
    assert finding.examples
    assert all(url.startswith(watched.sample.base_url) for url in finding.examples)
    if finding.profile:
        assert finding.profile in words.sentence(finding)
    assert [alarm.id for alarm in watched.alarms()] == [
        alarm.id for alarm in sorted(opened.values(), key=lambda alarm: -alarm.id)
    ]


def test_a_lost_date_names_the_profile_and_the_command_that_shows_more(
    usual: Watched, tmp_path: Path
) -> None:
    watched = usual.copy(tmp_path)
    opened = [alarm for alarm in watched.night("no-dates").opened if alarm.finding.field == Field.DATE]
    assert [alarm.finding.profile for alarm in opened] == ["nukeviet"]
    text = words.sentence(opened[0].finding)
    assert "date of publication: 0 %, usual is 100 %" in text
    assert words.command(opened[0]) == f"archive try {opened[0].finding.examples[0]}"


def test_a_sold_name_is_told_although_every_page_came_with_status_200(usual: Watched, tmp_path: Path) -> None:
    watched = usual.copy(tmp_path)
    opened = {alarm.finding.field: alarm.finding for alarm in watched.night("parked").opened}
    assert watched.results[-1].error == ""
    assert (opened[Field.ARTICLES].now, opened[Field.ARTICLES].sample > 0) == (0.0, True)
    assert (opened[Field.ARTICLES].usual or 0) > 0


def test_a_portal_that_answers_nothing_is_told(usual: Watched, portal: Portal, tmp_path: Path) -> None:
    watched = usual.copy(tmp_path)
    portal.dark = {watched.sample.id}
    try:
        opened = [alarm.finding.field for alarm in watched.night().opened]
    finally:
        portal.dark = set()
    assert Field.RUN in opened


def test_a_slow_portal_is_told(usual: Watched, tmp_path: Path) -> None:
    watched = usual.copy(tmp_path)
    opened = {alarm.finding.field: alarm.finding for alarm in watched.night("slow", limit=4).opened}
    assert opened.keys() == {Field.SLOW}
    assert opened[Field.SLOW].now > 500


def test_an_alarm_is_opened_once_and_closes_by_itself(usual: Watched, tmp_path: Path) -> None:
    watched = usual.copy(tmp_path)
    first = watched.night("no-captions")
    assert [alarm.finding.field for alarm in first.opened] == [Field.CAPTIONS]
    second = watched.night("no-captions")
    assert (second.opened, [alarm.id for alarm in second.standing]) == ((), [first.opened[0].id])
    third = watched.night()
    assert [alarm.id for alarm in third.closed] == [first.opened[0].id]
    assert watched.alarms() == []
    closed = watched.alarms(open_only=False)[0]
    assert closed.closed_at is not None
    assert not closed.acknowledged_by


def test_what_is_taken_note_of_is_usual_from_then_on(usual: Watched, tmp_path: Path) -> None:
    watched = usual.copy(tmp_path)
    alarm = watched.night("no-dates").opened[0]
    assert alarm.finding.field == Field.DATE
    store = Store.open(watched.settings.database_url)
    noted = store.acknowledge_alarm(alarm.id, "lan", "new template")
    store.close()
    assert noted is not None
    assert (noted.is_open, noted.acknowledged_by, noted.note) == (False, "lan", "new template")
    assert [item.finding.field for item in watched.night("no-dates").opened] == []
    # The same again for another field is still told.
    assert Field.TITLE in [item.finding.field for item in watched.night("no-titles").opened]


def test_a_crawl_from_the_command_line_tells_its_alarms(portal: Portal, tmp_path: Path) -> None:
    sites = tmp_path / "sites.toml"
    sites.write_text(portal.sites_toml(), "utf-8")
    options = ["--var", str(tmp_path / "var"), "--index", str(tmp_path / "index")]
    portal.set_mood("dam-ha", "no-titles")
    try:
        crawled = CliRunner().invoke(main, [*options, "crawl", "--sites", str(sites), "--only", "dam-ha"])
    finally:
        portal.set_mood("dam-ha", "")
    assert crawled.exit_code == 0
    listed = CliRunner().invoke(main, [*options, "alarms", "--json"]).stdout
    (alarm,) = (json.loads(line) for line in listed.splitlines())
    assert (alarm["site"], alarm["field"], alarm["usual"]) == ("dam-ha", "title", None)
    assert alarm["examples"]


def test_a_portal_that_never_had_dates_is_told_in_its_first_night(portal: Portal, tmp_path: Path) -> None:
    watched = Watched.at(tmp_path, portal, "wordpress")
    opened = {alarm.finding.field: alarm.finding for alarm in watched.night("no-dates").opened}
    assert opened.keys() == {Field.DATE}
    assert opened[Field.DATE].usual is None


def test_a_portal_that_falls_silent_is_told(tmp_path: Path) -> None:
    """Every day one new article; then the clock goes on, and nothing more comes."""
    with Portal(articles=6) as portal:
        portal.today = BASE_DAY + dt.timedelta(days=42)
        watched = Watched.at(tmp_path, portal, "sharepoint")
        noon = dt.datetime.combine(portal.today, dt.time(12), dt.UTC)
        assert watched.night(now=noon).opened == ()
        assert watched.night(now=noon + dt.timedelta(days=1), recheck=False).opened == ()
        later = watched.night(now=noon + dt.timedelta(days=14), recheck=False)
        assert [alarm.finding.field for alarm in later.opened] == [Field.NEW]
        finding = later.opened[0].finding
        assert (finding.now, finding.usual) == (0.0, 7.0)
        assert "None for 14 days" in words.sentence(finding)
        portal.today += dt.timedelta(days=21)
        noon += dt.timedelta(days=21)
        assert [alarm.finding.field for alarm in watched.night(now=noon, recheck=False).closed] == [Field.NEW]
