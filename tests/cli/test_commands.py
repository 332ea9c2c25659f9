"""Every command as its user types it, over one small archive of the sample portal."""

from __future__ import annotations

import dataclasses
import fcntl
import importlib
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archive.cli import main
from archive.config import Settings
from archive.extract import SiteKnowledge, extract
from archive.model import Extraction, Page
from tests.portal import Portal
from tests.postgresql import lose_database

pytestmark = pytest.mark.usefixtures("portal")


class Archive:
    """The command line over one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sites = folder / "sites.toml"

    def __call__(self, *arguments: str) -> Result:
        options = ["--var", str(self.folder / "var"), "--index", str(self.folder / "index")]
        return CliRunner().invoke(main, [*options, *arguments])


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with Portal(articles=24) as running:
        yield running


@pytest.fixture(scope="module")
def archive(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    archive = Archive(tmp_path_factory.mktemp("cli"))
    archive.sites.write_text(portal.sites_toml(), "utf-8")
    crawled = archive("crawl", "--sites", str(archive.sites), "--json")
    assert crawled.exit_code == 0, crawled.output
    results = [json.loads(line) for line in crawled.stdout.splitlines() if line.startswith("{")]
    assert sum(result["new"] for result in results) == 24
    assert archive("index", "update").exit_code == 0
    return archive


def test_search_answers_as_json(archive: Archive) -> None:
    answer = json.loads(archive("search", "--json", "thi dua dam ha").stdout)
    assert answer["total"] >= 1
    first = answer["hits"][0]
    assert first["title"].startswith("Phát động đợt thi đua")
    assert first["date"] == "2022-09-28T15:30:00+07:00"
    marked = [first["title"][start:end].lower() for start, end in first["title_marks"]]
    assert "thi đua" in " ".join(marked)
    assert {"id", "title", "site", "date", "score", "snippet"} <= first.keys()
    assert {"facets", "hints", "milliseconds"} <= answer.keys()
    assert first["snippet"]


def test_search_for_a_person_shows_title_facts_and_snippet(archive: Archive) -> None:
    shown = archive("search", '"đại biểu dự lễ phát động"').stdout
    assert "1. Phát động đợt thi đua" in shown
    assert "28/09/2022" in shown
    assert "caption: Đại biểu dự Lễ phát động" in shown


def test_filters_narrow_the_search(archive: Archive) -> None:
    everything = json.loads(archive("search", "--json").stdout)
    one_site = json.loads(archive("search", "--json", "--site", "tien-yen").stdout)
    one_year = json.loads(archive("search", "--json", "--from", "2022-01-01", "--to", "2022-12-31").stdout)
    assert everything["total"] == 24
    assert one_site["total"] == 8
    assert {hit["date"][:4] for hit in one_year["hits"]} == {"2022"}
    for name, flag in (("year", "--year"), ("section", "--section"), ("status", "--status")):
        for value in everything["facets"][name]:
            found = json.loads(archive("search", "--json", flag, value["value"]).stdout)
            assert found["total"] == value["count"]
    pictured = json.loads(archive("search", "--json", "--media").stdout)["total"]
    assert pictured + json.loads(archive("search", "--json", "--no-media").stdout)["total"] == 24
    assert json.loads(archive("search", "--json", "--person", "nobody at all").stdout)["total"] == 0


def test_search_leaves_out_what_has_other_accents_when_asked(archive: Archive) -> None:
    assert json.loads(archive("search", "--json", "thi dua").stdout)["total"] > 0
    assert json.loads(archive("search", "--json", "--exact", '"thi dua"').stdout)["total"] == 0


def test_search_lists_the_copies_of_a_text(archive: Archive) -> None:
    first = json.loads(archive("search", "--json", "thi dua dam ha").stdout)["hits"][0]
    copies = json.loads(archive("search", "--json", "--copies-of", first["id"]).stdout)
    assert copies["total"] == first["copies"]
    assert first["id"] in [hit["id"] for hit in copies["hits"]]


def test_status_counts_and_says_that_the_index_is_in_step(archive: Archive) -> None:
    status = json.loads(archive("status", "--json").stdout)
    assert (status["articles"], status["versions"], status["index"]["behind"]) == (24, 24, 0)
    assert {site["id"] for site in status["sites"]} == {"dam-ha", "cam-xuyen", "tien-yen"}
    assert "24 articles" in archive("status").stdout


def test_verify_finds_everything_sound_and_then_a_flipped_byte(archive: Archive) -> None:
    assert archive("verify").exit_code == 0
    warc = next((archive.folder / "var" / "warc").glob("dam-ha-*.warc.gz"))
    whole = warc.read_bytes()
    damaged = bytearray(whole)
    damaged[len(damaged) // 2] ^= 0xFF
    warc.write_bytes(damaged)
    try:
        result = archive("verify")
        assert result.exit_code == 1
        assert warc.name in result.stdout
    finally:
        warc.write_bytes(whole)


def test_failures_are_listed_with_their_reason(archive: Archive) -> None:
    rows = [json.loads(line) for line in archive("crawl", "--failures", "--json").stdout.splitlines()]
    reasons = {row["url"].rpartition(":")[2].partition("/")[2]: row["reason"] for row in rows}
    assert reasons["quan-tri/"] == "robots"
    assert reasons["page-not-here/"] == "soft-404"
    assert "robots" in archive("crawl", "--failures").stdout


def test_replay_refuses_to_write_over_an_archive_and_makes_the_same_one_anew(archive: Archive) -> None:
    refused = archive("replay")
    assert refused.exit_code == 1
    assert "move" in refused.stderr.lower()
    before = json.loads(archive("search", "--json", "--size", "100").stdout)
    lose_database(Settings(var=archive.folder / "var"))
    assert archive("replay").exit_code == 0
    assert archive("index", "rebuild").exit_code == 0
    after = json.loads(archive("search", "--json", "--size", "100").stdout)
    assert [hit["id"] for hit in after["hits"]] == [hit["id"] for hit in before["hits"]]
    assert archive("verify").exit_code == 0


def test_try_names_the_rule_behind_each_field(portal: Portal, archive: Archive) -> None:
    shown = archive("try", "--allow-private", portal.real_url).stdout
    assert re.search(r"^authors\s+Mai Thắm, Quốc Nghị", shown, re.MULTILINE)
    assert re.search(r"^published\s+2022-09-28T15:30:00\+07:00 .*\[.+\]$", shown, re.MULTILINE)
    data = json.loads(archive("try", "--allow-private", "--json", portal.real_url).stdout)
    assert data["byline"]["organisation"] == "Trung tâm TT&VH"


def test_a_profile_is_drafted_from_a_few_articles(portal: Portal, archive: Archive) -> None:
    urls = [url for url, _ in portal.truth(portal.site("nukeviet"))][:4]
    profile = tomllib.loads(archive("try", "--allow-private", "--suggest-profile", *urls).stdout)
    assert "news-bodyhtml" in json.dumps(profile)


def test_a_better_extractor_is_applied_to_what_is_captured(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def better(page: Page, *, knowledge: SiteKnowledge | None = None, **_: object) -> Extraction:
        found = extract(page, knowledge=knowledge)
        name = "better-2" if knowledge is None else knowledge.name("better-2")
        return dataclasses.replace(found, extractor=name, section="Mục mới", title=f"{found.title}!")

    module = importlib.import_module("archive.ingest.reading")
    monkeypatch.setattr(module, "EXTRACTOR", "better-2")
    monkeypatch.setattr(module, "extract", better)
    report = json.loads(archive("replay", "--extract", "--json").stdout)
    assert (report["articles"], report["versions"], report["changed"]) == (24, 24, 24)
    again = json.loads(archive("replay", "--extract", "--json").stdout)
    assert again["versions"] == 0
    status = json.loads(archive("status", "--json").stdout)
    assert (status["versions"], status["index"]["behind"]) == (24, 24)
    archive("index", "update")
    hits = json.loads(archive("search", "--json", "--section", "Mục mới").stdout)
    assert hits["total"] == 24
    assert {hit["status"] for hit in hits["hits"]} == {"live"}


def test_try_reads_a_saved_file(archive: Archive, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<h1>Lễ khai giảng</h1>" + "<p>Sáng ngày 5/9, nhà trường tổ chức lễ khai giảng.</p>" * 4)
    assert "Lễ khai giảng" in archive("try", str(page)).stdout
    missing = archive("try", str(tmp_path / "absent.html"))
    assert missing.exit_code == 2
    assert "http://" in missing.stderr


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[site]\n", "TOML"),
        ('[[site]]\nname = "A"\n', "start"),
        ('[[site]]\nname = "A"\nstart = "http://a.vn/"\nstrat = "x"\n', "strat"),
        ('[[site]]\nname = "A"\nstart = "ftp://a.vn/"\n', "start"),
    ],
)
def test_a_broken_sites_file_is_explained(archive: Archive, tmp_path: Path, text: str, says: str) -> None:
    sites = tmp_path / "sites.toml"
    sites.write_text(text, "utf-8")
    result = archive("crawl", "--sites", str(sites))
    assert result.exit_code == 2
    assert says in result.stderr
    assert str(sites) in result.stderr


def test_a_site_that_the_file_does_not_have_is_named(archive: Archive) -> None:
    result = archive("crawl", "--sites", str(archive.sites), "--only", "dam-xa")
    assert result.exit_code == 2
    assert "dam-ha" in result.stderr


def test_a_site_that_is_being_crawled_already_is_told_so(archive: Archive) -> None:
    locks = archive.folder / "var" / "locks"
    with (locks / "dam-ha.lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        result = archive("crawl", "--sites", str(archive.sites), "--only", "dam-ha")
    assert result.exit_code == 3
    assert "another process" in result.output


def test_a_search_without_an_index_names_the_command_that_makes_it(tmp_path: Path) -> None:
    result = Archive(tmp_path)("search", "x")
    assert result.exit_code == 1
    assert "archive index" in result.stderr


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_has_help_and_stands_in_the_readme_or_the_guide(command: str) -> None:
    shown = CliRunner().invoke(main, [command, "--help"])
    assert shown.exit_code == 0
    assert len(shown.stdout.splitlines()) > 4
    documented = Path("README.md").read_text("utf-8") + Path("docs/admin.md").read_text("utf-8")
    assert f"archive {command}" in documented
