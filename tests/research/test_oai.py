"""A harvester takes all records, keeps up with what changes, and never misses anything."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import etree
from oaipmh_scythe import Scythe
from oaipmh_scythe.config import HTTPConfig
from sickle import Sickle  # type: ignore[import-untyped]
from sickle.oaiexceptions import NoRecordsMatch  # type: ignore[import-untyped]
from sqlalchemy import event

from archive.config import Settings
from archive.model import Byline, ChangeKind, Site
from archive.preserve import destroy, takedown
from archive.preserve.replay import replay
from archive.store import Store, harvest, log, stamps
from archive.store.takedowns import Scope
from archive.web import create_app
from archive.web.harvest import oai, tokens
from tests.postgresql import lose_database
from tests.research.oai_schema import needs_schema, schema
from tests.store.scene import Scene, article_html
from tests.web.library import SITE, Library, article, on
from tests.web.live import served

NS = {"o": "http://www.openarchives.org/OAI/2.0/", "dc": "http://purl.org/dc/elements/1.1/"}
COUNT = 12
HIDDEN = "Hồ sơ của ông Nguyễn Văn Kín"


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oai, "RECORDS", 4)
    monkeypatch.setattr(oai, "HEADERS", 5)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Shared by all: each test asks for what changed since it began."""
    library = Library.at(tmp_path_factory.mktemp("oai"))
    for number in range(COUNT):
        library.add(
            f"/tin/{number}.html",
            article(
                f"Tin số {number} <b> & \x0b",
                f"Đoạn một của tin {number}.",
                lead="Lời dẫn có “ngoặc”.",
                published=on(2020, 1, 1 + number, dt.time(15, 30)) if number else None,
                section="Kinh tế",
                byline=Byline(("Mai Thắm", "Quốc Nghị"), "Trung tâm TT&VH", ("Văn Ảnh",)),
            ),
        )
    yield library
    library.store.close()


@pytest.fixture(scope="module")
def client(made: Library) -> FlaskClient:
    return create_app(made.settings).test_client()


def ask(client: FlaskClient, asked: str) -> Any:
    answer = client.get(f"/oai?{asked}")
    assert answer.status_code == 200
    assert answer.content_type == "text/xml; charset=utf-8"
    return etree.fromstring(answer.data)


def headers(client: FlaskClient, asked: str = "", verb: str = "ListIdentifiers") -> dict[str, Any]:
    """Article → header, of a whole list."""
    found: dict[str, Any] = {}
    question = f"verb={verb}&metadataPrefix=oai_dc{asked}"
    while True:
        root = ask(client, question)
        if [item.get("code") for item in root.iterfind("o:error", NS)] == ["noRecordsMatch"]:
            return found
        for header in root.iterfind(".//o:header", NS):
            name = header.findtext("o:identifier", namespaces=NS)
            found[name.rpartition(":")[2]] = header
        token = root.findtext(".//o:resumptionToken", namespaces=NS)
        if not token:
            return found
        question = f"verb={verb}&resumptionToken={token}"


def listed(client: FlaskClient, asked: str = "") -> dict[str, bool]:
    """Article → whether it is deleted."""
    return {item: header.get("status") == "deleted" for item, header in headers(client, asked).items()}


def stamped(client: FlaskClient) -> dict[str, str]:
    """Article → datestamp."""
    return {item: header.findtext("o:datestamp", namespaces=NS) for item, header in headers(client).items()}


def response_date(client: FlaskClient) -> str:
    found: str = ask(client, "verb=Identify").findtext("o:responseDate", namespaces=NS)
    return found


# ------------------------------------------------------------------------------------- real harvesters


def test_two_harvesters_take_every_record_whole(made: Library) -> None:
    with served(made.settings) as base:
        sickle = Sickle(f"{base}/oai")
        by_get = {item.header.identifier: item for item in sickle.ListRecords(metadataPrefix="oai_dc")}
        assert sickle.Identify().deletedRecord == "persistent"
        assert [item.setSpec for item in sickle.ListSets()] == [SITE.id]
        assert [item.metadataPrefix for item in sickle.ListMetadataFormats()] == ["oai_dc"]
        one = sickle.GetRecord(identifier=next(iter(by_get)), metadataPrefix="oai_dc")
        with Scythe(f"{base}/oai", http_config=HTTPConfig(http_method="POST")) as scythe:
            posted: Any = scythe.list_records()
            by_post = {item.header.identifier: item for item in posted}
            headed: Any = scythe.list_identifiers()
            names = [item.identifier for item in headed]
    ids = made.store.article_ids()
    assert len(ids) == COUNT
    assert sorted(by_get) == sorted(by_post) == sorted(names) == [f"oai:127.0.0.1:{item}" for item in ids]
    assert one.metadata == by_get[one.header.identifier].metadata
    for view in made.store.articles(ids):
        found = by_get[f"oai:127.0.0.1:{view.article.id}"].metadata
        extraction = view.extraction
        assert found["title"] == [extraction.title.replace("\x0b", "")]
        assert found["creator"] == ["Mai Thắm", "Quốc Nghị"]
        assert found["contributor"] == ["Văn Ảnh"]
        assert found["description"] == ["Lời dẫn có “ngoặc”."]
        assert found["subject"] == ["Kinh tế"]
        assert found["publisher"] == [SITE.name]
        assert found.get("date") == ([extraction.published.day.isoformat()] if extraction.published else None)
        assert found["identifier"] == [f"{made.settings.public_base}/a/{view.article.id}"]
        assert found["source"] == [view.article.url]
        assert found["language"] == ["vi"]
        assert found["rights"] == [made.settings.rights]


def test_a_harvester_that_comes_daily_hears_of_every_change(made: Library) -> None:
    with served(made.settings) as base:
        sickle = Sickle(f"{base}/oai")
        copy = {item.header.identifier: item.metadata for item in sickle.ListRecords(metadataPrefix="oai_dc")}
        newest = max(item.datestamp for item in sickle.ListIdentifiers(metadataPrefix="oai_dc"))
        with pytest.raises(NoRecordsMatch):
            sickle.ListRecords(metadataPrefix="oai_dc", **{"from": "2099-01-01"})
        edited, withheld = made.store.article_ids()[:2]
        before = made.store.article(edited)
        assert before is not None
        path = before.article.url.removeprefix("http://portal.example")
        assert made.add(path, replace(before.extraction, lead="Lời dẫn đã sửa.")) == edited
        order = takedown.Order(Scope.ARTICLE, withheld, reason="theo đơn", by="thử")
        takedown.withhold(made.store, made.settings, order, index=False)
        changed = list(sickle.ListRecords(metadataPrefix="oai_dc", **{"from": newest, "set": SITE.id}))
    for item in changed:
        if item.header.deleted:
            assert not item.raw.count("metadata>")
            del copy[item.header.identifier]
        else:
            copy[item.header.identifier] = item.metadata
    assert copy[f"oai:127.0.0.1:{edited}"]["description"] == ["Lời dẫn đã sửa."]
    assert sorted(copy) == [f"oai:127.0.0.1:{item}" for item in made.store.article_ids()]
    assert f"oai:127.0.0.1:{withheld}" not in copy


# ------------------------------------------------------------------------------------- nothing is missed


def test_what_an_import_brings_is_news_however_old_its_captures(made: Library, client: FlaskClient) -> None:
    asked = response_date(client)
    made.clock = dt.datetime(2011, 5, 1, tzinfo=dt.UTC)
    old = made.add("/2011.html", article("Bài năm 2011", "Một đoạn.", published=on(2011, 5, 1)))
    assert old in listed(client, f"&from={asked}")


def test_what_is_committed_after_an_answer_has_a_later_stamp(made: Library, client: FlaskClient) -> None:
    """A change that is under way while a harvester asks: it cannot be seen yet, and must be seen next time,
    from whichever time the harvester remembers."""
    everything = listed(client)
    edited = made.store.article_ids()[3]
    with made.store.begin() as connection:
        log.append(connection, edited, ChangeKind.UPSERT, dt.datetime(2001, 1, 1, tzinfo=dt.UTC))
        assert listed(client) == everything, "readers are not blocked"
        answered = response_date(client)
        newest = max(stamped(client).values())
        assert stamped(client)[edited] <= newest
    for remembered in (answered, newest):
        assert edited in listed(client, f"&from={remembered}")
    assert stamped(client)[edited] > answered


def test_stamps_never_fall_when_the_clock_does(
    made: Library, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with made.store.read() as connection:
        newest = max(item.at for item in harvest.page(connection, harvest.Selected(), 100))
    monkeypatch.setattr(stamps, "_now", lambda: dt.datetime(1999, 1, 1, tzinfo=dt.UTC))
    late = made.add("/muon.html", article("Sau khi đồng hồ lùi", "Một đoạn."))
    with made.store.read() as connection:
        found = harvest.record(connection, late)
    assert found is not None
    assert found.at >= newest
    assert late in listed(client, f"&from={newest:%Y-%m-%dT%H:%M:%SZ}")


def test_a_list_goes_on_while_the_archive_changes(made: Library, client: FlaskClient) -> None:
    size = len(listed(client))
    first = ask(client, "verb=ListRecords&metadataPrefix=oai_dc")
    seen = [item.text.rpartition(":")[2] for item in first.iterfind(".//o:identifier", NS)]
    token = first.find(".//o:resumptionToken", NS)
    assert (token.get("completeListSize"), token.get("cursor")) == (str(size), "0")
    assert token.get("expirationDate") is None, "it holds as long as the archive does"
    new = made.add("/moi.html", article("Bài mới", "Một đoạn."))
    waiting = next(item for item in made.store.article_ids() if item not in seen and item != new)
    with made.store.begin() as connection:
        for changed in (seen[0], waiting):
            log.append(connection, changed, ChangeKind.UPSERT, made.clock)
    places = []
    while token is not None and token.text:
        root = ask(client, f"verb=ListRecords&resumptionToken={token.text}")
        again = ask(client, f"verb=ListRecords&resumptionToken={token.text}")
        names = [item.text for item in root.iterfind(".//o:header/o:identifier", NS)]
        assert names == [item.text for item in again.iterfind(".//o:header/o:identifier", NS)]
        seen += [name.rpartition(":")[2] for name in names]
        token = root.find(".//o:resumptionToken", NS)
        places.append((int(token.get("cursor")), int(token.get("completeListSize"))))
    assert set(seen) == set(listed(client))
    assert token is not None
    assert not token.text, "the last part ends with an empty token"
    assert places[-1][1] == len(seen)
    assert [cursor for cursor, _ in places] == list(range(4, len(seen), 4))


def test_a_database_made_anew_gives_everything_out_again(settings: Settings) -> None:
    with closing(Scene(settings)) as scene:
        scene.get("/a.html", article_html())
        ids = scene.store.article_ids()
        order = takedown.Order(Scope.ARTICLE, ids[0], reason="theo đơn", by="thử")
        given = takedown.withhold(scene.store, settings, order, index=False).takedown
        destroy.destroy(scene.store, settings, given.id, by="tòa án")
        assert listed(create_app(settings).test_client()) == {ids[0]: True}
    lose_database(settings)
    begun = dt.datetime.now(dt.UTC).replace(microsecond=0)
    replay(settings)
    client = create_app(settings).test_client()
    assert listed(client, f"&from={begun:%Y-%m-%dT%H:%M:%SZ}") == {ids[0]: True}, "deleted as before"


def test_a_portal_under_a_new_name_gives_its_records_again(made: Library, client: FlaskClient) -> None:
    other = Site("ba-che", "Cổng huyện Ba Chẽ", ("http://ba-che.example/",))
    made.store.put_site(other)
    newest = max(stamped(client).values())
    after = dt.datetime.fromisoformat(newest) + dt.timedelta(seconds=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stamps, "_now", lambda: after)
        made.store.put_site(replace(SITE, name="Trang tin Đầm Hà"))
    assert listed(client, f"&from={after:%Y-%m-%dT%H:%M:%SZ}") == listed(client)
    assert listed(client, "&set=ba-che") == {}


# ------------------------------------------------------------------------------------- withheld


def test_what_is_withheld_is_a_deleted_record_at_once_and_returns_when_lifted(
    made: Library, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oai, "RECORDS", 100)
    target = made.add("/kin.html", article(HIDDEN, f"{HIDDEN} ở đây.", lead=HIDDEN))
    asked = response_date(client)
    one = f"verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:127.0.0.1:{target}"
    assert HIDDEN in client.get(f"/oai?{one}").text
    order = takedown.Order(Scope.ARTICLE, target, reason="theo đơn", by="thử")
    given = takedown.withhold(made.store, made.settings, order, index=False).takedown
    for question in (one, f"verb=ListRecords&metadataPrefix=oai_dc&from={asked}&set={SITE.id}"):
        text = client.get(f"/oai?{question}").text
        assert f'<header status="deleted"><identifier>oai:127.0.0.1:{target}<' in text
        assert HIDDEN not in text
        assert "kin.html" not in text
    assert listed(client)[target] is True
    takedown.lift(made.store, made.settings, given.id, by="thử", why="xong", index=False)
    assert listed(client, f"&from={asked}")[target] is False
    assert HIDDEN in client.get(f"/oai?{one}").text


def test_a_withheld_name_is_masked_and_the_record_comes_again(
    made: Library, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oai, "RECORDS", 100)
    target = made.add("/ten.html", article(HIDDEN, "Một đoạn.", byline=Byline(("Nguyễn Văn Kín",))))
    newest = max(stamped(client).values())
    assert "Nguyễn Văn Kín" in client.get(f"/oai?{LIST}&from={newest}").text
    order = takedown.Order(Scope.NAME, "Nguyễn Văn Kín", reason="theo đơn", by="thử")
    takedown.withhold(made.store, made.settings, order, index=False)
    assert listed(client, f"&from={newest}")[target] is False
    text = client.get(f"/oai?verb=ListRecords&metadataPrefix=oai_dc&from={newest}").text
    assert "Nguyễn Văn Kín" not in text
    assert target in text


# ------------------------------------------------------------------------------------- the protocol

TOKEN = tokens.write(
    tokens.Token("ListRecords", harvest.Selected(), None, 5, 23), (dt.datetime(2020, 1, 1, tzinfo=dt.UTC), "")
)
LIST = "verb=ListRecords&metadataPrefix=oai_dc"
FAULTS = (
    ("", "badVerb"),
    ("verb=Harvest", "badVerb"),
    ("verb=Identify&verb=Identify", "badVerb"),
    ("verb=Identify&metadataPrefix=oai_dc", "badArgument"),
    ("verb=ListRecords", "badArgument"),
    (f"{LIST}&metadataPrefix=oai_dc", "badArgument"),
    (f"{LIST}&from=2020-02-31", "badArgument"),
    (f"{LIST}&from=yesterday", "badArgument"),
    (f"{LIST}&from=2020-01-01&until=2020-01-01T00:00:00Z", "badArgument"),
    (f"{LIST}&from=2020-01-02&until=2020-01-01", "badArgument"),
    (f"{LIST}&set=%20", "badArgument"),
    (f"{LIST}&set=a%3A%3Ab", "badArgument"),
    (f"{LIST}&resumptionToken={TOKEN}", "badArgument"),
    (f"verb=GetRecord&metadataPrefix=oai_dc&identifier=%00{'x' * 600}", "badArgument"),
    ("verb=GetRecord&metadataPrefix=m%C3%A3&identifier=a", "badArgument"),
    ("verb=ListRecords&resumptionToken=abc", "badResumptionToken"),
    (f"verb=ListIdentifiers&resumptionToken={TOKEN}", "badResumptionToken"),
    ("verb=ListSets&resumptionToken=abc", "badResumptionToken"),
    ("verb=ListRecords&metadataPrefix=marc21", "cannotDisseminateFormat"),
    ("verb=GetRecord&metadataPrefix=marc21&identifier=oai:127.0.0.1:abcdef234567", "cannotDisseminateFormat"),
    ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:127.0.0.1:abcdef234567", "idDoesNotExist"),
    ("verb=GetRecord&metadataPrefix=oai_dc&identifier=http://x/", "idDoesNotExist"),
    ("verb=ListMetadataFormats&identifier=oai:127.0.0.1:", "idDoesNotExist"),
    (f"{LIST}&until=2001-01-01", "noRecordsMatch"),
    (f"{LIST}&from=2099-01-01T00:00:00Z", "noRecordsMatch"),
    (f"{LIST}&set=nowhere", "noRecordsMatch"),
)


def test_every_fault_is_told_by_its_code_with_what_would_be_right(client: FlaskClient) -> None:
    for asked, code in FAULTS:
        root = ask(client, asked)
        errors = root.findall("o:error", NS)
        assert {item.get("code") for item in errors} == {code}, asked
        assert all(len(item.text) > 20 for item in errors)
        told = dict(root.find("o:request", NS).attrib)
        assert bool(told) is (code not in ("badVerb", "badArgument")), asked
    several = ask(client, "verb=GetRecord&x=1").findall("o:error", NS)
    assert len(several) == 3, "all that is wrong is told at once"


def test_day_and_second_bound_a_list_on_both_sides(made: Library, client: FlaskClient) -> None:
    found = stamped(client)
    stamp = sorted(found.values())[0]
    same = {item for item, at in found.items() if at == stamp}
    assert set(listed(client, f"&from={stamp}&until={stamp}")) == same
    assert len(listed(client, f"&from={stamp[:10]}&until={max(found.values())[:10]}")) == len(found)


@needs_schema
def test_every_answer_keeps_to_the_published_schema(made: Library, tmp_path: Path) -> None:
    target = made.store.article_ids()[0]
    order = takedown.Order(Scope.ARTICLE, target, reason="theo đơn", by="thử")
    takedown.withhold(made.store, made.settings, order, index=False)
    judge = schema(tmp_path)
    client = create_app(replace(made.settings, public_base="https://luu-tru.example/kho")).test_client()
    questions = [asked for asked, _ in FAULTS]
    questions += [
        "verb=Identify",
        "verb=ListSets",
        "verb=ListMetadataFormats",
        f"verb=ListMetadataFormats&identifier=oai:luu-tru.example:{target}",
        LIST,
        f"{LIST}&from=2020-01-01&until=2099-01-01&set={SITE.id}",
        f"verb=ListRecords&resumptionToken={TOKEN}",
        "verb=ListIdentifiers&metadataPrefix=oai_dc",
        f"verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:luu-tru.example:{target}",
    ]
    for asked in questions:
        root = ask(client, asked)
        assert judge.validate(root), f"{asked}: {judge.error_log}"
    assert "oai:luu-tru.example:abcdef234567" in client.get("/oai?verb=Identify").text


def test_any_text_as_a_token_is_refused(client: FlaskClient) -> None:
    whole = tokens.read(TOKEN, "ListRecords")
    assert whole is not None
    for cut in range(len(TOKEN)):
        for text in (TOKEN[:cut], TOKEN[:cut] + "A" + TOKEN[cut + 1 :]):
            found = tokens.read(text, "ListRecords")
            answer = client.get(f"/oai?verb=ListRecords&resumptionToken={text}")
            assert answer.status_code == 200, text
            assert found is not None or re.search("badResumptionToken|badArgument", answer.text)


def test_a_part_costs_the_same_few_queries_whatever_its_length(
    made: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = create_app(made.settings).test_client()
    ask(client, LIST)
    counted = []
    for size in (6, 12):
        monkeypatch.setattr(oai, "RECORDS", size)
        store: Store = client.application.extensions["archive"].store
        statements: list[str] = []
        listen = (store._engine, "before_cursor_execute", lambda *args, to=statements: to.append(args[2]))
        event.listen(*listen)
        root = ask(client, LIST)
        event.remove(*listen)
        assert len(root.findall(".//o:record", NS)) == size
        counted.append(len(statements))
    assert counted[0] == counted[1] <= 8


def test_without_a_contact_it_is_off_and_says_which_setting_it_wants(made: Library) -> None:
    client = create_app(replace(made.settings, contact="")).test_client()
    answer = client.get("/oai?verb=Identify")
    assert answer.status_code == 404
    assert "contact" in answer.text


def test_a_database_that_cannot_be_read_asks_the_harvester_to_come_again(tmp_path: Path) -> None:
    nowhere = f"sqlite:///{tmp_path / 'none' / 'archive.db'}"
    client = create_app(Settings(var=tmp_path, database=nowhere, contact="x@example.org")).test_client()
    answer = client.get("/oai?verb=Identify")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
