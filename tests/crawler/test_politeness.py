"""Robots as RFC 9309 says, pace, patience; all with a clock that is passed in."""

from __future__ import annotations

import datetime as dt

import pytest

from crawler.hosts import Hosts
from crawler.politeness import GIVE_UP, MAX_RETRY_AFTER, SERVER_ERROR, Pace, Robots, retry_after

NOW = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
BASE = "http://a.vn"


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("", "/x", True),
        ("User-agent: *\nDisallow:", "/x", True),
        ("User-agent: *\nDisallow: /", "/x", False),
        ("USER-AGENT: *\nDISALLOW: /quan-tri", "/quan-tri/a", False),
        ("User-agent: *\nDisallow: /quan-tri", "/Quan-tri", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nAllow: /a\nDisallow: /a", "/a", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/van-ban/a.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/van-ban/a.pdf?x=1", True),
        ("User-agent: *\nDisallow: /*?print=", "/a?print=1", False),
        ("User-agent: *\nDisallow: /l%E1%BB%85", "/l%E1%BB%85-hoi", False),
        ("User-agent: *\nDisallow: /lễ", "/l%E1%BB%85-hoi", False),
        ("User-agent: districtarchive\nDisallow: /\n\nUser-agent: *\nAllow: /", "/x", False),
        ("User-agent: Googlebot\nDisallow: /\n", "/x", True),
        ("User-agent: DistrictArchive\nAllow: /\n\nUser-agent: *\nDisallow: /", "/x", True),
        ("\ufeffUser-agent: *\nDisallow: /", "/x", False),
        ("<html><body>Trang chủ</body></html>", "/x", True),
        ("User-agent: *\rDisallow: /", "/x", False),
        ("# " + "x" * 600_000 + "\nUser-agent: *\nDisallow: /", "/x", True),
    ],
)
def test_rules(rules: str, path: str, allowed: bool) -> None:
    assert Robots(200, rules.encode()).decide(BASE + path).allowed is allowed


@pytest.mark.parametrize(
    ("status", "allowed"),
    [(404, True), (401, True), (403, True), (410, True), (500, False), (503, False), (0, False)],
)
def test_statuses(status: int, allowed: bool) -> None:
    robots = Robots(status, b"User-agent: *\nDisallow: /")
    decision = robots.decide(f"{BASE}/x")
    assert decision.allowed is allowed
    assert robots.unreachable is not allowed
    assert str(status) in decision.text


def test_an_override_is_recorded_as_that() -> None:
    robots = Robots(200, b"User-agent: *\nDisallow: /a")
    assert (
        robots.decide(f"{BASE}/a", "agreed by letter of 3 May").text == "override: agreed by letter of 3 May"
    )
    assert robots.decide(f"{BASE}/b", "agreed by letter of 3 May").text == "allowed"


def test_five_megabytes_of_robots_are_read_in_part() -> None:
    rules = b"User-agent: *\nDisallow: /a\n" + b"Disallow: /b\n" * 400_000
    robots = Robots(200, rules)
    assert not robots.decide(f"{BASE}/a").allowed


def test_sitemaps_and_a_delay_within_reason() -> None:
    robots = Robots(200, b"Sitemap: /s.xml\nUser-agent: *\nCrawl-delay: 5\n")
    assert robots.sitemaps == ("/s.xml",)
    assert robots.crawl_delay == 5
    assert Robots(200, b"User-agent: *\nCrawl-delay: 86400\n").crawl_delay == 30


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("Fri, 02 Jan 2026 03:05:05 GMT", 60.0),
        ("Fri, 02 Jan 2026 03:00:05 GMT", 0.0),
        ("Fri, 99 Jan 2026 03:00:05 GMT", None),
        ("999999999999999999999999", 999999999.0),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_pace_keeps_the_delay_after_each_answer() -> None:
    pace = Pace(1.0)
    assert pace.wait(100.0) == 0
    pace.succeeded(100.0)
    assert pace.wait(100.25) == 0.75
    assert pace.wait(101.5) == 0


def test_a_refusal_is_obeyed_within_a_bound_and_then_slower() -> None:
    pace = Pace(1.0)
    pace.refused(0.0, 40.0)
    assert pace.wait(0.0) == 40
    pace.refused(0.0, 1e9)
    assert pace.wait(0.0) == MAX_RETRY_AFTER
    pace.succeeded(1000.0)
    slower = pace.wait(1000.0)
    assert slower > 1
    for _ in range(12):
        pace.succeeded(2000.0)
    assert pace.wait(2000.0) == 1


def test_a_host_is_given_up_after_failures_in_a_row() -> None:
    pace = Pace(1.0)
    for _ in range(int(GIVE_UP) - 1):
        pace.failed(0.0)
    assert not pace.given_up
    pace.succeeded(0.0)
    for _ in range(int(GIVE_UP)):
        assert not pace.given_up
        pace.failed(0.0)
    assert pace.given_up


def test_single_error_pages_do_not_end_a_crawl() -> None:
    """Old sections answer 500 page after page, while the portal is well."""
    pace = Pace(0.0)
    for _ in range(int(GIVE_UP)):
        pace.failed(0.0, SERVER_ERROR)
    assert not pace.given_up
    for _ in range(int(GIVE_UP / SERVER_ERROR)):
        pace.failed(0.0, SERVER_ERROR)
    assert pace.given_up


def test_hosts_are_told_apart_by_port_and_loopback_needs_no_delay() -> None:
    hosts = Hosts(None, 1.0)
    assert hosts.of("http://a.vn/x") is hosts.of("http://a.vn:80/y")
    assert hosts.of("http://a.vn/x") is not hosts.of("http://a.vn:81/x")
    assert hosts.of("http://a.vn/").pace.delay == 1
    assert hosts.of("http://127.0.0.1:8081/").pace.delay == 0
    assert Hosts(2.0, 1.0).of("http://127.0.0.1/").pace.delay == 2
