"""The sites file: two lines are enough, and every mistake is named with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.errors import ConfigError
from crawler.sites import load_sites

ENTRY = '[[site]]\nname = "Cổng huyện Đầm Hà"\nstart = "https://huyendamha.vn/"\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "sites.toml"
    path.write_text(text, "utf-8")
    return path


def test_two_lines_are_enough(tmp_path: Path) -> None:
    (site,) = load_sites(write(tmp_path, ENTRY))
    assert (site.id, site.name, site.start) == (
        "huyendamha-vn",
        "Cổng huyện Đầm Hà",
        ("https://huyendamha.vn/",),
    )
    assert site.delay is None
    assert not site.allow_private


def test_every_key_reaches_the_site(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("x")
    (site,) = load_sites(
        write(
            tmp_path,
            ENTRY.replace('"https://huyendamha.vn/"', '["huyendamha.vn", "https://huyendamha.vn/vi"]')
            + 'id = "dam-ha"\nscope = ["huyendamha.vn", "damha.quangninh.gov.vn/vi"]\nmedia_hosts = ["*"]\n'
            'delay = 2\nprofile = "wordpress"\nallow_private = true\nignore_robots = "agreed by letter"\n'
            'ca_file = "ca.pem"\nmax_depth = 3\nmax_pages = 10\nmax_section_pages = 4\n',
        )
    )
    assert site.id == "dam-ha"
    assert site.start == ("https://huyendamha.vn/", "https://huyendamha.vn/vi")
    assert site.media_hosts == ("*",)
    assert (site.delay, site.profile, site.allow_private) == (2.0, "wordpress", True)
    assert site.ignore_robots == "agreed by letter"
    assert site.ca_file == str(tmp_path / "ca.pem")
    assert (site.max_depth, site.max_pages, site.max_section_pages) == (3, 10, 4)


@pytest.mark.parametrize(
    ("start", "site_id"),
    [
        ("https://www.HuyenDamHa.vn/", "huyendamha-vn"),
        ("http://127.0.0.1:18081/", "cong-huyen-dam-ha"),
        ("http://portal.example:8080/", "portal-example-8080"),
    ],
)
def test_an_id_comes_from_the_host(tmp_path: Path, start: str, site_id: str) -> None:
    (site,) = load_sites(write(tmp_path, ENTRY.replace("https://huyendamha.vn/", start)))
    assert site.id == site_id


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "lists no portal"),
        ("[[site]", "not valid TOML"),
        ("[[sites]]\n", "top-level 'sites'"),
        ("[site]\nname = 'a'\n", "two brackets"),
        ("site = 'a'", "no table"),
        ("[[site]]\nname = 'A'\n", r"entry 1 \(A\), `start`: it is missing"),
        ("[[site]]\nstart = 'https://a.vn'\n", "entry 1, `name`: it is missing"),
        (ENTRY + "dealy = 3\n", "`dealy`: no such key is known. Did you mean delay"),
        (ENTRY + "delay = -1\n", "`delay`: it is -1"),
        (ENTRY + "delay = '1'\n", "`delay`: it is '1'"),
        (ENTRY + "delay = nan\n", "`delay`"),
        (ENTRY + "allow_private = 'yes'\n", "true or false"),
        (ENTRY + "ignore_robots = true\n", "reason as a text"),
        (ENTRY + "max_pages = 0\n", "`max_pages`"),
        (ENTRY + "schedule = 'nightly'\n", '`schedule`.*no cron expression.*"daily"'),
        (ENTRY + "schedule = '70 2 * * *'\n", "Bad minute"),
        (ENTRY + "full_sweep = -1\n", "0 for never"),
        (ENTRY + "run_minutes = 0\n", "`run_minutes`"),
        (ENTRY + "run_requests = 1.5\n", "`run_requests`"),
        (ENTRY + "profile = 'wordpres'\n", "Did you mean wordpress"),
        (ENTRY + "ca_file = 'no.pem'\n", "there is no file"),
        (ENTRY + "id = 'Đầm Hà'\n", "`id`"),
        (ENTRY + "scope = ['https://huyendamha.vn/']\n", "Leave the scheme out"),
        (ENTRY + "scope = ['other.vn']\n", "own start address"),
        (ENTRY.replace("https:", "ftp:"), "no http or https address"),
        (ENTRY + ENTRY, "entries 1 and 2 both have the id 'huyendamha-vn'"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        load_sites(write(tmp_path, text))
    assert "sites.toml" in str(caught.value)


def test_a_missing_file_shows_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"\[\[site\]\]"):
        load_sites(tmp_path / "none.toml")


def test_bytes_that_are_no_utf8(tmp_path: Path) -> None:
    path = tmp_path / "sites.toml"
    path.write_bytes(b"\xff\xfe[")
    with pytest.raises(ConfigError, match="not valid TOML"):
        load_sites(path)


def test_a_schedule_and_the_budget_of_a_run_are_read(tmp_path: Path) -> None:
    more = "schedule = ' 10  2 * * * '\nfull_sweep = 0\nrun_requests = 500\nrun_minutes = 30\n"
    (site,) = load_sites(write(tmp_path, ENTRY + more))
    assert (site.schedule, site.full_sweep) == ("10 2 * * *", 0)
    assert (site.run_requests, site.run_minutes, site.run_bytes) == (500, 30.0, None)
    (plain,) = load_sites(write(tmp_path, ENTRY))
    assert plain.schedule == "daily"
