"""Schedule, alarms, coverage and status as their user types them."""

from __future__ import annotations

import csv
import dataclasses
import fcntl
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archive.cli import main
from archive.model import Site
from archive.store import Store, alarms
from archive.store.alarms import Finding
from archive.store.jobs import JobKind
from tests.web.library import SITE, START, Library, article, on

FINDING = Finding(
    "captions",
    0.8,
    0.0,
    31,
    "nukeviet",
    examples=("http://portal.example/tin/1.html", "http://portal.example/2"),
)


@dataclasses.dataclass
class Archive:
    """The command line over one small archive."""

    library: Library
    sites: Path

    def __call__(self, *arguments: str) -> Result:
        settings = self.library.settings
        return CliRunner().invoke(
            main, ["--var", str(settings.var), "--index", str(settings.index), *arguments]
        )


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    library = Library.at(tmp_path)
    library.add("/tin/1.html", article("Bài một", "Nội dung một.", published=on(2019, 7, 1)))
    library.add("/tin/2.html", article("Bài hai", "Nội dung hai.", published=on(2020, 8, 2)))
    library.index()
    run = library.store.begin_run(SITE.id)
    library.store.end_run(run, {"left": 0})
    sites = tmp_path / "sites.toml"
    sites.write_text(
        f'[[site]]\nid = "{SITE.id}"\nname = "Huyện"\nstart = "{SITE.start[0]}"\nschedule = "hourly"\n'
    )
    library.store.close()
    return Archive(library, sites)


def opened(archive: Archive, **values: object) -> int:
    store = Store.open(archive.library.settings.database_url)
    finding = dataclasses.replace(FINDING, **values)  # type: ignore[arg-type]
    with store.begin() as connection:
        number = alarms.open_one(connection, SITE.id, finding, 1, START).id
    store.close()
    return number


def test_the_plan_says_when_each_turn_comes(archive: Archive) -> None:
    plan = json.loads(archive("scheduler", "--sites", str(archive.sites), "--plan", "--json").stdout)
    assert plan["running"] is False
    assert [(row["site"], row["schedule"], row["last"]) for row in plan["sites"]] == [
        ("dam-ha", "hourly", None)
    ]
    shown = archive("scheduler", "--sites", str(archive.sites), "--plan").stdout
    assert "now" in shown
    assert "No scheduler is running" in shown


def test_a_second_scheduler_is_refused_with_the_number_of_the_first(archive: Archive) -> None:
    locks = archive.library.settings.var / "locks"
    locks.mkdir(exist_ok=True)
    with (locks / "scheduler.lock").open("a+") as held:
        held.write("4711")
        held.flush()
        fcntl.flock(held, fcntl.LOCK_EX)
        result = archive("scheduler", "--sites", str(archive.sites), "--once")
        status = json.loads(archive("status", "--json").stdout)
    assert result.exit_code == 3
    assert "process 4711" in result.stderr
    assert status["scheduler"]["running"] is True


def test_alarms_are_listed_shown_and_taken_note_of(archive: Archive) -> None:
    assert "No alarm" in archive("alarms").stdout
    number = opened(archive)
    listed = archive("alarms").stdout
    assert "captions" in listed
    assert "0 %, usual is 80 % (of 31 pages)" in listed
    assert "archive try http://portal.example/tin/1.html" in listed
    shown = archive("alarms", "show", str(number)).stdout
    assert "http://portal.example/2" in shown
    (row,) = [json.loads(line) for line in archive("alarms", "--json").stdout.splitlines()]
    assert (row["site"], row["field"], row["profile"], row["state"]) == (
        "dam-ha",
        "captions",
        "nukeviet",
        "open",
    )
    noted = archive("alarms", "ack", str(number), "--note", "không còn chú thích", "--by", "lan")
    assert "taken note of by lan" in noted.stdout
    assert "No alarm" in archive("alarms").stdout
    assert "không còn chú thích" in archive("alarms", "show", str(number)).stdout
    (row,) = [json.loads(line) for line in archive("alarms", "--all", "--json").stdout.splitlines()]
    assert (row["state"], row["acknowledged_by"]) == ("acknowledged", "lan")


def test_numbers_and_sites_that_do_not_exist_are_named(archive: Archive) -> None:
    for arguments in (("alarms", "show", "9"), ("alarms", "ack", "9")):
        result = archive(*arguments)
        assert result.exit_code == 2
        assert "archive alarms --all" in result.stderr
    for command in ("alarms", "coverage"):
        result = archive(command, "--site", "nowhere")
        assert result.exit_code == 2
        assert "dam-ha" in result.stderr


def test_failures_point_to_the_list_of_failures(archive: Archive) -> None:
    opened(archive, field="failures", usual=0.0, now=0.4)
    assert "archive crawl --failures --only dam-ha" in archive("alarms").stdout


def test_coverage_by_year_month_and_as_data(archive: Archive) -> None:
    assert "dam-ha" in archive("coverage").stdout
    years = archive("coverage", "--years").stdout
    assert "2019" in years
    assert "2019-07" in archive("coverage", "--months").stdout
    rows = [json.loads(line) for line in archive("coverage", "--json").stdout.splitlines()]
    assert [(row["month"], row["known"], row["extracted"]) for row in rows] == [
        ("2019-07", 1, 1),
        ("2020-08", 1, 1),
    ]
    table = list(csv.DictReader(io.StringIO(archive("coverage", "--csv").stdout)))
    assert [row["month"] for row in table] == ["2019-07", "2020-08"]


def test_status_tells_turns_alarms_coverage_jobs_and_disk(archive: Archive) -> None:
    opened(archive)
    store = Store.open(archive.library.settings.database_url)
    store.ask_job(JobKind.INDEX_REBUILD, by="lan")
    store.put_site(Site(SITE.id, SITE.name, SITE.start, schedule="never"))
    store.pause_site(SITE.id, "moves house")
    store.close()
    status = json.loads(archive("status", "--json").stdout)
    assert status["coverage"]["known"] == 2
    assert status["disk"]["database"] > 0
    assert status["disk"]["free"] <= status["disk"]["disk"]
    assert [job["kind"] for job in status["scheduler"]["jobs"]] == ["index-rebuild"]
    (site,) = status["sites"]
    assert (site["next_crawl"], site["paused"], site["alarms"]) == (None, "moves house", 1)
    shown = archive("status").stdout
    assert "2 articles known of" in shown
    assert "none is running" in shown
    assert "Illustrated articles with a caption" in shown
