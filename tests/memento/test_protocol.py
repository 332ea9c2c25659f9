"""RFC 7089 as a client sees it: headers, negotiation, TimeMaps, and that each address told of answers."""

from __future__ import annotations

import datetime as dt
import json
import re
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from requests.utils import parse_header_links
from werkzeug.test import TestResponse

from archive.web.memento import timemaps
from tests.memento.scene import BASE, PORTAL, Scene, at

PAGE = f"{PORTAL}/tin/mot.html"
STAMPS = ("20200105080000", "20210601120000", "20220928083015")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    scene = Scene.at(tmp_path_factory.mktemp("memento"))
    scene.article("/tin/mot.html", STAMPS[0], "Một", "Bản đầu của bài này.")
    scene.article("/tin/mot.html", STAMPS[1], "Một", "Bản hai của bài này.")
    scene.article("/tin/mot.html", STAMPS[2], "Một", "Bản hai của bài này.")  # the same bytes: a revisit
    scene.capture("/tin/mot.html", "20230101000000", b"gone", status=404)
    scene.capture("/cu.html", "20210101000000", status=301, headers=(("Location", "/tin/mot.html"),))
    scene.capture("/", "20220101000000", status=301, headers=(("Location", "https://portal.example/"),))
    scene.capture("https://portal.example/", "20220101000000", b"<h1>front</h1>")
    return scene


@pytest.fixture
def client(scene: Scene) -> FlaskClient:
    return scene.client()


def links(answer: TestResponse) -> dict[str, dict[str, str]]:
    """Relation → link, by a parser that is not ours; combined relations stand under each."""
    found = parse_header_links(answer.headers["Link"])
    return {rel: link for link in found for rel in link["rel"].split() if rel != "memento"} | {
        link["rel"]: link for link in found
    }


def path(url: str) -> str:
    assert url.startswith(BASE), url
    return url.removeprefix(BASE)


# ------------------------------------------------------------------------------------------- TimeGate


@pytest.mark.parametrize(
    ("wanted", "stamp"),
    [
        ("Sun, 05 Jan 2020 08:00:00 GMT", STAMPS[0]),
        ("Mon, 01 Jan 1990 00:00:00 GMT", STAMPS[0]),
        ("Tue, 01 Jun 2021 11:59:00 GMT", STAMPS[1]),
        ("Sat, 31 Dec 2022 23:59:59 GMT", STAMPS[2]),
        ("Fri, 01 Jan 2100 00:00:00 GMT", STAMPS[2]),
    ],
)
def test_a_timegate_leads_to_the_nearest_memento(client: FlaskClient, wanted: str, stamp: str) -> None:
    answer = client.get(f"/web/{PAGE}", headers={"Accept-Datetime": wanted})
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/web/{stamp}/{PAGE}"
    assert "accept-datetime" in answer.headers["Vary"].lower()
    assert "Memento-Datetime" not in answer.headers
    told = links(answer)
    assert told["original"]["url"] == PAGE
    assert told["timemap"]["url"] == f"{BASE}/timemap/link/{PAGE}"
    assert told["timemap"]["type"] == "application/link-format"


def test_without_a_date_the_newest_that_brought_something(client: FlaskClient) -> None:
    assert client.get(f"/web/{PAGE}").headers["Location"] == f"/web/{STAMPS[2]}/{PAGE}"


@pytest.mark.parametrize(
    "wanted",
    [
        "yesterday",
        "2022-09-28",
        "Wed, 28 Sep 2022 08:30:15 +0700",
        "Thu, 31 Feb 2022 00:00:00 GMT",
        "",
    ],
)
def test_a_date_that_is_none_is_a_bad_request(client: FlaskClient, wanted: str) -> None:
    answer = client.get(f"/web/{PAGE}", headers={"Accept-Datetime": wanted})
    assert answer.status_code == 400
    assert "Wed, 28 Sep 2022" in answer.text


def test_no_memento_is_not_found(client: FlaskClient) -> None:
    answer = client.get(f"/web/{PORTAL}/nix.html")
    assert answer.status_code == 404
    assert "accept-datetime" in answer.headers["Vary"].lower()
    assert client.get(f"/timemap/link/{PORTAL}/nix.html").status_code == 404


# ------------------------------------------------------------------------------------------- mementos


@pytest.mark.parametrize("stamp", STAMPS)
def test_a_memento_says_when_it_is_from_and_what_stands_around_it(client: FlaskClient, stamp: str) -> None:
    answer = client.get(f"/web/{stamp}/{PAGE}")
    assert answer.status_code == 200
    assert answer.headers["Memento-Datetime"] == at(stamp).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert answer.headers["Content-Location"] == f"/web/{stamp}/{PAGE}"
    told = links(answer)
    assert {"original", "timegate", "timemap", "first", "last"} <= told.keys()
    assert told["first"]["url"] == f"{BASE}/web/{STAMPS[0]}/{PAGE}"
    assert told["first"]["datetime"] == "Sun, 05 Jan 2020 08:00:00 GMT"
    assert ("prev" in told) == (stamp != STAMPS[0])
    own = [link for link in told.values() if link["url"] == f"{BASE}/web/{stamp}/{PAGE}"]
    assert own
    assert all("memento" in link["rel"].split() for link in own)


@pytest.mark.parametrize(
    ("asked", "stamp"),
    [("2020", STAMPS[0]), ("202106", STAMPS[1]), ("20220928", STAMPS[2]), ("20220928083014", STAMPS[2])],
)
def test_a_time_that_is_not_exact_leads_to_the_exact_one(client: FlaskClient, asked: str, stamp: str) -> None:
    answer = client.get(f"/web/{asked}/{PAGE}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/web/{stamp}/{PAGE}")
    assert "Memento-Datetime" not in answer.headers


def test_a_captured_redirect_is_replayed_into_the_archive(client: FlaskClient) -> None:
    answer = client.get(f"/web/20210101000000/{PORTAL}/cu.html")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"/web/20210101000000/{PAGE}")
    assert answer.headers["Memento-Datetime"] == "Fri, 01 Jan 2021 00:00:00 GMT"


def test_a_captured_error_keeps_its_status(client: FlaskClient) -> None:
    answer = client.get(f"/web/20230101000000/{PAGE}")
    assert answer.status_code == 404
    assert answer.headers["Memento-Datetime"] == "Sun, 01 Jan 2023 00:00:00 GMT"
    assert "trang báo lỗi 404" in answer.text


def test_a_redirect_to_another_spelling_does_not_lead_round(client: FlaskClient) -> None:
    answer = client.get(f"/web/20220101000000/{PORTAL}/")
    assert answer.headers["Location"] == "/web/20220101000000/https://portal.example/"
    assert "front" in client.get(answer.headers["Location"]).text
    assert client.get(f"/timemap/cdxj/{PORTAL}/").text.count("\n") == 1


@pytest.mark.parametrize(
    "spelling",
    [
        "http:/portal.example/tin/mot.html",
        "portal.example/tin/mot.html",
        "https://www.portal.example/tin/mot.html",
        "HTTP://PORTAL.example:80/tin/../tin/mot.html#x",
    ],
)
def test_spellings_of_an_address_lead_to_its_mementos(client: FlaskClient, spelling: str) -> None:
    assert client.get(f"/web/2021/{spelling}").headers["Location"] == f"/web/{STAMPS[1]}/{PAGE}"


@pytest.mark.parametrize("kind", ["", "id_", "im_"])
def test_unchanged_is_told_in_no_bytes(client: FlaskClient, kind: str) -> None:
    first = client.get(f"/web/{STAMPS[0]}{kind}/{PAGE}")
    tag = first.headers["ETag"]
    assert not tag.startswith("W/")
    again = client.get(f"/web/{STAMPS[0]}{kind}/{PAGE}", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


# ------------------------------------------------------------------------------------------- TimeMaps


def test_a_link_timemap_has_every_memento_once(client: FlaskClient) -> None:
    answer = client.get(f"/timemap/link/{PAGE}")
    assert answer.mimetype == "application/link-format"
    found = parse_header_links(answer.text.replace("\n", " "))
    mementos = [link for link in found if "memento" in link["rel"].split()]
    assert [urlsplit(link["url"]).path.split("/")[2] for link in mementos] == [*STAMPS, "20230101000000"]
    assert [link["rel"] for link in mementos] == ["first memento", "memento", "memento", "last memento"]
    own = next(link for link in found if link["rel"] == "self")
    assert own["url"] == f"{BASE}/timemap/link/{PAGE}"
    assert (own["from"], own["until"]) == (mementos[0]["datetime"], mementos[-1]["datetime"])


def test_every_address_that_is_told_answers(client: FlaskClient) -> None:
    told = parse_header_links(client.get(f"/timemap/link/{PAGE}").text.replace("\n", " "))
    told += parse_header_links(client.get(f"/web/{STAMPS[1]}/{PAGE}").headers["Link"])
    listed = client.get(f"/timemap/json/{PAGE}").json
    assert listed is not None
    addresses = {link["url"] for link in told if link["rel"] != "original"}
    addresses |= set(listed["timemap_uri"].values()) | {listed["timegate_uri"], listed["self"]}
    for address in addresses:
        status = client.get(path(address)).status_code
        assert status in (200, 302) or "/web/20230101000000/" in address, address


def test_json_and_cdxj_say_the_same(client: FlaskClient) -> None:
    listed = client.get(f"/timemap/json/{PAGE}").json
    assert listed is not None
    assert listed["original_uri"] == PAGE
    assert listed["mementos"]["last"] == listed["mementos"]["list"][-1]
    lines = client.get(f"/timemap/cdxj/{PAGE}").text.splitlines()
    fields = [line.split(" ", 2) for line in lines]
    assert {key for key, _, _ in fields} == {"example,portal)/tin/mot.html"}
    records = [json.loads(record) for _, _, record in fields]
    assert [record["load_url"] for record in records] == [one["uri"] for one in listed["mementos"]["list"]]
    assert [record["status"] for record in records] == ["200", "200", "200", "404"]
    assert records[2]["mime"] == "warc/revisit"
    assert records[1]["digest"] == records[2]["digest"]


def test_a_long_timemap_comes_in_parts_that_name_each_other(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timemaps, "PART_SIZE", 3)
    seen = []
    for number in (1, 2):
        own = f"{BASE}/timemap/link/{'' if number == 1 else '2/'}{PAGE}"
        found = parse_header_links(client.get(path(own)).text.replace("\n", " "))
        others = [link for link in found if link["rel"] == "timemap"]
        assert [link["url"] for link in others] != [own]
        assert all(
            parsedate_to_datetime(link["from"]) <= parsedate_to_datetime(link["until"]) for link in others
        )
        seen += [link["rel"] for link in found if "memento" in link["rel"].split()]
    assert seen == ["first memento", "memento", "memento", "last memento"]
    assert client.get(f"/timemap/link/3/{PAGE}").status_code == 404


def _moment(text: str) -> dt.datetime:
    return parsedate_to_datetime(text)


def test_unknown_forms_are_not_found(client: FlaskClient) -> None:
    assert client.get(f"/timemap/xml/{PAGE}").status_code == 404


# ------------------------------------------------------------------------------------------- the calendar


def test_the_calendar_counts_and_leads_on(client: FlaskClient) -> None:
    html = client.get(f"/web/*/{PAGE}").text
    assert "Kho đã lưu địa chỉ này 4 lần" in html
    years = re.findall(r"/web/(\d{4})\*/", html)
    assert years[:4] == ["2020", "2021", "2022", "2023"]
    month = client.get(f"/web/2022*/{PAGE}").text
    assert f"/web/20220928*/{PAGE}" in month
    day = client.get(f"/web/20220928*/{PAGE}").text
    assert f'href="/web/{STAMPS[2]}/{PAGE}"' in day
    assert "15:30 ngày 28/09/2022" in day
    assert client.get(f"/web/2022*/{PORTAL}/nix").status_code == 404
    assert client.get(f"/web/%2A/{PAGE}").status_code == 200


def test_the_article_page_points_to_its_mementos_and_is_none(client: FlaskClient, scene: Scene) -> None:
    view = scene.store.newest(1)[0]
    answer = client.get(f"/a/{view.article.id}/v/2")
    told = links(answer)
    assert told["original"]["url"] == PAGE
    assert told["timegate"]["url"] == f"{BASE}/web/{PAGE}"
    assert told["memento"]["url"] == f"{BASE}/web/{STAMPS[1]}/{PAGE}"
    assert "Memento-Datetime" not in answer.headers
    assert f'href="/web/*/{PAGE}"' in answer.text


def test_the_query_of_an_archived_address_is_its_own(scene: Scene, client: FlaskClient) -> None:
    url = f"{PORTAL}/chi-tiet.aspx?id=7&lang=en"
    scene.capture(url, "20220303030303", b"<p>seven</p>")
    answer = client.get(f"/web/20220303030303/{url}")
    assert "seven" in answer.text
    assert 'lang="vi"' in answer.text
    assert "Set-Cookie" not in answer.headers
    assert client.get(f"/web/20220303030303/{PORTAL}/chi-tiet.aspx?id=8").status_code == 404
