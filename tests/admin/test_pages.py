"""The admin's pages: who comes in, what they show; every act is a job or a row, and a line of the log."""

from __future__ import annotations

import datetime as dt
import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from archive.cli import main
from archive.store import acts, admins, removals
from archive.store.alarms import Finding, open_one
from archive.store.jobs import JobKind
from archive.store.removals import RequestState
from archive.web import create_app
from archive.web.admin import keys
from tests.admin.scene import TELLING, Hiding

PASSWORD = "bốn từ không liên quan"  # noqa: S105 - of a test
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture(scope="session")
def encoded() -> str:
    """Hashing takes its time on purpose; once is enough."""
    return keys.hashed(PASSWORD)


@pytest.fixture
def client(hiding: Hiding, encoded: str) -> FlaskClient:
    """Of an archive with the account `lan`, nobody logged in."""
    keys.ensure_key(hiding.settings.var)
    with hiding.store.begin() as connection:
        admins.put(connection, "lan", encoded)
    app = create_app(hiding.settings)
    app.testing = True
    return app.test_client()


def add(hiding: Hiding, name: str, password: str) -> Result:
    """`archive admin add`, as an operator runs it."""
    here = ["--var", str(hiding.settings.var), "--index", str(hiding.settings.index)]
    return CliRunner().invoke(main, [*here, "admin", "add", name], input=f"{password}\n")


def token(client: FlaskClient, path: str = "/admin/login") -> str:
    found = TOKEN.search(client.get(path).text)
    assert found, path
    return found[1]


def log_in(client: FlaskClient, name: str = "lan", password: str = PASSWORD) -> int:
    form = {"name": name, "password": password, "csrf_token": token(client)}
    return client.post("/admin/login", data=form).status_code


@pytest.fixture
def lan(client: FlaskClient) -> FlaskClient:
    """Logged in."""
    assert log_in(client) == 303
    return client


def post(client: FlaskClient, path: str, **form: str) -> TestResponse:
    return client.post(path, data={**form, "csrf_token": token(client, "/admin/system")})


# --------------------------------------------------------------------------------------------- coming in


def rules(client: FlaskClient, hiding: Hiding) -> Iterator[tuple[str, Rule]]:
    values = {"site_id": "dam-ha", "reason": "http", "run_id": "1", "job_id": "1", "alarm_id": "1"}
    values |= {"key_id": "4f1c9a20"}
    values |= {"takedown_id": "4f1c9a20be", "identity": "0123456789abcdef"}
    for rule in client.application.url_map.iter_rules():
        if rule.rule.startswith("/admin"):
            yield re.sub(r"<(?:\w+:)?(\w+)>", lambda match: values[match[1]], rule.rule), rule


def test_nothing_is_answered_without_a_login(client: FlaskClient, hiding: Hiding) -> None:
    asked = 0
    for path, rule in rules(client, hiding):
        if rule.endpoint in ("admin.login", "admin.log_in"):
            continue
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            asked += 1
            answer = client.open(path, method=method, data={"csrf_token": token(client)})
            if method == "GET":
                assert answer.status_code == 303, path
                assert "/admin/login" in answer.headers["Location"]
            else:
                assert answer.status_code == 401, path
            assert answer.headers["Cache-Control"] == "no-store"
    assert asked > 25


def test_nothing_is_changed_without_a_token_or_by_get(lan: FlaskClient, hiding: Hiding) -> None:
    with hiding.store.read() as connection:
        before = len(acts.listed(connection, 100))
    for path, rule in rules(lan, hiding):
        if "POST" not in (rule.methods or ()):
            continue
        for form in ({}, {"csrf_token": "forged"}):
            assert lan.post(path, data=form).status_code == 400, path
        gets = {other.rule for _, other in rules(lan, hiding) if "GET" in (other.methods or ())}
        if rule.rule not in gets:
            assert lan.get(path).status_code == 405, path
    with hiding.store.read() as connection:
        assert len(acts.listed(connection, 100)) == before
    assert hiding.store.jobs() == []


def test_a_token_of_another_session_is_worth_nothing(lan: FlaskClient) -> None:
    other = lan.application.test_client()
    foreign = token(other)
    assert lan.post("/admin/logout", data={"csrf_token": foreign}).status_code == 400


def test_a_wrong_name_and_a_wrong_password_look_the_same(client: FlaskClient) -> None:
    form = {"password": "sai mật khẩu rồi", "csrf_token": token(client)}
    one = client.post("/admin/login", data={**form, "name": "lan"})
    other = client.post("/admin/login", data={**form, "name": "khong-co"})
    assert one.status_code == other.status_code == 403
    pages = [TOKEN.sub("", answer.text) for answer in (one, other)]
    assert pages[0].replace('value="lan"', "") == pages[1].replace('value="khong-co"', "")


def test_after_some_failures_even_the_right_password_must_wait(client: FlaskClient, hiding: Hiding) -> None:
    for _ in range(admins.FREE_TRIES):
        assert log_in(client, password="sai mật khẩu rồi") == 403  # noqa: S106 - a wrong one
    assert log_in(client) == 429
    form = {"name": "lan", "password": PASSWORD, "csrf_token": token(client)}
    assert int(client.post("/admin/login", data=form).headers["Retry-After"]) <= 60
    later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=2)
    with hiding.store.read() as connection:
        assert admins.waits_until(connection, ["name:lan"], later) is None


def test_the_wait_grows_with_each_failure_and_is_bounded(hiding: Hiding) -> None:
    now = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
    waits = []
    with hiding.store.begin() as connection:
        for _ in range(20):
            admins.failed(connection, "name:x", now)
            until = admins.waits_until(connection, ["name:x"], now)
            waits.append((until - now).total_seconds() if until else 0)
        assert waits[:6] == [0, 0, 0, 0, 60, 120]
        assert waits[-1] == 3600
        assert admins.failed(connection, "name:x", now + dt.timedelta(days=2)) == 1


def test_a_session_begins_anew_and_ends_for_every_copy_of_its_cookie(client: FlaskClient) -> None:
    token(client)
    before = client.get_cookie("archive_admin", path="/admin")
    assert log_in(client) == 303
    cookie = client.get_cookie("archive_admin", path="/admin")
    assert cookie is not None
    assert before is None or cookie.value != before.value
    stolen = client.application.test_client()
    stolen.set_cookie("archive_admin", cookie.value, path="/admin")
    assert stolen.get("/admin/").status_code == 200
    client.post("/admin/logout", data={"csrf_token": token(client, "/admin/system")})
    assert client.get("/admin/").status_code == 303
    assert stolen.get("/admin/").status_code == 303


def test_another_password_ends_the_sessions_with_the_old_one(lan: FlaskClient) -> None:
    new = "một mật khẩu hoàn toàn khác"
    post(lan, "/admin/account", old=PASSWORD, new=new, again=new)
    assert lan.get("/admin/").status_code == 303
    assert log_in(lan) == 403
    assert log_in(lan, password=new) == 303


def test_the_cookie_is_guarded(hiding: Hiding, client: FlaskClient) -> None:
    cookie = client.get("/admin/login").headers["Set-Cookie"]
    assert cookie.startswith("archive_admin=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/admin" in cookie
    assert "Secure" not in cookie
    public = create_app(replace(hiding.settings, public_base="https://kho.example")).test_client()
    answer = public.get("/admin/login", base_url="https://kho.example")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Set-Cookie"].startswith("__Secure-")


def test_public_pages_have_no_part_in_it(lan: FlaskClient, hiding: Hiding) -> None:
    for path in ("/", "/search?q=a", f"/media/{hiding.shared[7:]}", "/complete?q=kết"):
        answer = lan.get(path)
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] != "no-store"
    assert "admin" not in lan.get("/robots.txt").text
    assert "/admin" not in lan.get("/").text


def test_without_a_key_there_are_no_admin_pages(hiding: Hiding) -> None:
    app = create_app(hiding.settings)
    app.testing = True
    answer = app.test_client().get("/admin/")
    assert answer.status_code == 503
    assert "archive admin add NAME" in answer.text
    keys.ensure_key(hiding.settings.var)
    assert app.test_client().get("/admin/").status_code == 303
    path = keys.key_file(hiding.settings.var)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_text().strip()) == 64


def test_passwords_are_hashed_and_never_arguments(hiding: Hiding) -> None:
    added = add(hiding, "lan", PASSWORD)
    assert added.exit_code == 0, added.output
    assert "/admin" in added.stdout
    assert PASSWORD not in added.output
    with hiding.store.read() as connection:
        admin = admins.get(connection, "lan")
    assert admin is not None
    assert admin.password.startswith("$argon2id$")
    short = add(hiding, "minh", "ngắn")
    assert short.exit_code == 2
    assert "12 to" in short.output
    assert "password" not in CliRunner().invoke(main, ["admin", "add", "--help"]).output.split("Options:")[1]


def test_a_login_leads_nowhere_else(client: FlaskClient) -> None:
    for to in ("https://evil.example/", "//evil.example", "/admin/../\\evil", "/search"):
        form = {"name": "lan", "password": PASSWORD, "to": to, "csrf_token": token(client)}
        assert client.post("/admin/login", data=form).headers["Location"] == "/admin/"
    form = {"name": "lan", "password": PASSWORD, "to": "/admin/jobs", "csrf_token": token(client)}
    assert client.post("/admin/login", data=form).headers["Location"] == "/admin/jobs"


# ------------------------------------------------------------------------------------------ what is shown


def fill(hiding: Hiding) -> None:
    """Something of everything."""
    store = hiding.store
    done = store.begin_run("dam-ha")
    store.end_run(done, {"pages": 40, "new": 3, "changed": 1, "gone": 0, "failures": {"http": 2}})
    store.begin_run("dam-ha")
    store.ask_job(JobKind.CRAWL, site="dam-ha", by="lan")
    finding = Finding("date", 0.99, 0.2, 50, "nukeviet", "", ("http://portal.example/tin/hop.html",))
    with store.begin() as connection:
        open_one(connection, "dam-ha", finding, done, dt.datetime.now(dt.UTC))
        removals.ask(
            connection, "a" * 16, target="/a/abc", reason="Sai <b>tên</b>", contact="0900", origin="x"
        )


def test_every_page_is_shown_full_and_empty(lan: FlaskClient, hiding: Hiding) -> None:
    for round_ in ("empty", "full"):
        if round_ == "full":
            fill(hiding)
        for path, rule in rules(lan, hiding):
            if "GET" not in (rule.methods or ()) or rule.endpoint in ("admin.takedown_shown",):
                continue
            answer = lan.get(path)
            expected = 404 if rule.endpoint == "admin.run" and round_ == "empty" else 200
            assert answer.status_code == expected, (round_, path)
            assert answer.headers["X-Robots-Tag"] == "noindex"
            english = lan.get(path, headers={"Cookie": _with_language(lan, "en")})
            assert english.status_code == expected
    page = lan.get("/admin/removals").text
    assert "Sai &lt;b&gt;tên&lt;/b&gt;" in page
    assert "0900" in page
    assert "20 %" in lan.get("/admin/alarms").text


def _with_language(client: FlaskClient, code: str) -> str:
    cookie = client.get_cookie("archive_admin", path="/admin")
    assert cookie is not None
    return f"archive_admin={cookie.value}; lang={code}"


def test_the_first_screen_says_whether_all_is_well(lan: FlaskClient, hiding: Hiding) -> None:
    run = hiding.store.begin_run("dam-ha")
    hiding.store.end_run(run, {"pages": 4})
    assert "Mọi trang nguồn đều ổn" in lan.get("/admin/").text
    run = hiding.store.begin_run("dam-ha")
    hiding.store.end_run(run, {"pages": 0, "error": "The site did not answer."})
    page = lan.get("/admin/").text
    assert "1 trang nguồn cần xem" in page
    assert "cần xem" in page


def test_a_profile_is_tried_on_a_captured_page(lan: FlaskClient, hiding: Hiding) -> None:
    page = lan.get(f"/admin/try?page=/a/{hiding.other}").text
    assert "Luật đã tìm ra" in page
    page = lan.get("/admin/try?page=http://portal.example/la-lam.html").text
    assert "Trang này chưa được lưu" in page
    assert "Lưu ngay" in page


# ------------------------------------------------------------------------------------------ what is done


def test_acts_are_jobs_and_lines_of_the_log(lan: FlaskClient, hiding: Hiding) -> None:
    fill(hiding)
    for path, form in (
        ("/admin/sites/dam-ha/crawl", {"recheck": "1"}),
        ("/admin/sites/dam-ha/retry", {"reason": "http"}),
        ("/admin/capture", {"url": "http://portal.example/moi.html"}),
        ("/admin/jobs", {"kind": "index-rebuild"}),
        ("/admin/jobs", {"kind": "index-rebuild"}),
        ("/admin/sites/dam-ha/pause", {"why": "Máy chủ đang bảo trì"}),
        ("/admin/alarms/1/acknowledge", {"note": "Đã đổi giao diện"}),
        (f"/admin/removals/{'a' * 16}/answer", {"state": "refused", "text": "Đây là tin công khai."}),
    ):
        assert post(lan, path, **form).status_code == 303, path
    jobs = {(job.kind.value, job.site, str(job.args.get("url", ""))) for job in hiding.store.jobs()}
    assert ("retry", "dam-ha", "") in jobs
    assert ("capture", "", "http://portal.example/moi.html") in jobs
    assert [job.kind.value for job in hiding.store.jobs()].count("index-rebuild") == 1
    assert hiding.store.paused() == {"dam-ha": "Máy chủ đang bảo trì"}
    assert hiding.store.alarms(open_only=True) == []
    with hiding.store.read() as connection:
        log = acts.listed(connection, 50)
        removal = removals.get(connection, "a" * 16)
    assert {line.act for line in log} >= {
        "site.crawl",
        "site.retry",
        "capture",
        "job.ask",
        "site.pause",
        "alarm.acknowledge",
        "removal.answer",
        "login",
    }
    assert all(line.who == "lan" for line in log)
    assert removal is not None
    assert removal.contact == ""
    page = lan.get("/admin/log").text
    assert "Máy chủ đang bảo trì" in page
    post(lan, "/admin/sites/dam-ha/resume")
    assert hiding.store.paused() == {}
    number = hiding.store.jobs()[0].id
    post(lan, f"/admin/jobs/{number}/cancel")
    assert hiding.store.jobs()[0].state.value == "cancelled"


def test_a_takedown_is_ordered_and_lifted_here(lan: FlaskClient, hiding: Hiding) -> None:
    form = {"scope": "article", "target": f"http://127.0.0.1:8000/a/{hiding.secret}", "status": "410"}
    wrong = post(lan, "/admin/takedowns", **form, reason="")
    assert wrong.status_code == 400
    assert "needs a reason" in wrong.text
    answer = post(lan, "/admin/takedowns", **form, reason="Yêu cầu của gia đình.")
    assert answer.status_code == 303
    assert lan.get(f"/a/{hiding.secret}").status_code == 410
    results = lan.get("/search?q=đất").text
    assert not any(word in results for word in TELLING)
    assert [job.kind.value for job in hiding.store.jobs()] == ["index-update"]
    (item,) = hiding.store.takedowns()
    assert item.ordered_by == "lan"
    assert post(lan, f"/admin/takedowns/{item.id}/lift", why="Đã rút đơn.").status_code == 303
    assert lan.get(f"/a/{hiding.secret}", follow_redirects=True).status_code == 200
    assert lan.get(f"/admin/takedowns/{item.id}").status_code == 200


# ------------------------------------------------------------------------------------------- /go-bo


def test_anybody_may_ask_and_see_the_state(client: FlaskClient, hiding: Hiding) -> None:
    form = {"target": f"/a/{hiding.named}", "reason": "Tôi là người trong bài.", "contact": "0912 345 678"}
    answer = client.post("/go-bo", data=form)
    assert answer.status_code == 303
    place = answer.headers["Location"]
    page = client.get(place)
    assert "Đã nhận yêu cầu" in page.text
    assert "0912" not in page.text
    assert "người trong bài" not in page.text
    with hiding.store.read() as connection:
        (asked,) = removals.listed(connection, RequestState.NEW)
    assert (asked.target, asked.contact) == (f"/a/{hiding.named}", "0912 345 678")
    assert "127.0.0.1" not in asked.origin
    with hiding.store.begin() as connection:
        removals.answer(connection, asked.id, RequestState.REFUSED, "Đây là tin công khai.", "lan")
    page = client.get(place)
    assert "Đây là tin công khai." in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_a_program_that_fills_in_everything_is_not_heard(client: FlaskClient, hiding: Hiding) -> None:
    form = {"target": "x", "reason": "y", "website": "http://spam.example"}
    assert client.post("/go-bo", data=form).status_code == 303
    with hiding.store.read() as connection:
        assert removals.listed(connection) == []


def test_what_is_missing_is_told_and_nothing_typed_is_lost(client: FlaskClient) -> None:
    answer = client.post("/go-bo", data={"target": "/a/abc<script>", "reason": ""})
    assert answer.status_code == 400
    assert "Hãy ghi cả địa chỉ và lý do." in answer.text
    assert "/a/abc&lt;script&gt;" in answer.text


def test_senders_behind_a_web_server_are_told_apart_and_cannot_lie(client: FlaskClient) -> None:
    """The server in front adds the last entry; what stands before it came from the sender."""
    form = {"target": "/a/abc", "reason": "Lý do."}

    def ask(forwarded: str, direct: str = "127.0.0.1") -> int:
        headers, seen = {"X-Forwarded-For": forwarded}, {"REMOTE_ADDR": direct}
        return client.post("/go-bo", data=form, headers=headers, environ_overrides=seen).status_code

    assert [ask(f"203.0.113.{number}, 198.51.100.7") for number in range(6)] == [303] * 5 + [429]
    assert ask("198.51.100.8") == 303
    assert [ask(f"192.0.2.{number}", "198.51.100.9") for number in range(6)] == [303] * 5 + [429]


def test_a_long_story_in_vietnamese_is_taken_whole(client: FlaskClient, hiding: Hiding) -> None:
    assert client.post("/go-bo", data={"target": "/a/abc", "reason": "ạ" * 5_000}).status_code == 303
    with hiding.store.read() as connection:
        assert removals.listed(connection)[0].reason == "ạ" * 5_000
    assert client.post("/go-bo", data={"target": "/a/abc", "reason": "ạ" * 5_001}).status_code == 400
    assert client.post("/go-bo", data={"target": "/a/abc", "reason": "ạ" * 50_000}).status_code == 413


def test_requests_are_limited_by_sender(client: FlaskClient) -> None:
    form = {"target": "/a/abc", "reason": "Lý do."}
    codes = [client.post("/go-bo", data=form).status_code for _ in range(6)]
    assert codes == [303] * 5 + [429]
    assert client.get("/go-bo").status_code == 200


def test_the_answer_to_a_request_follows_its_takedown(lan: FlaskClient, hiding: Hiding) -> None:
    with hiding.store.begin() as connection:
        removals.ask(connection, "b" * 16, target=hiding.secret, reason="r", contact="c", origin="o")
    post(
        lan,
        "/admin/takedowns",
        scope="article",
        target=hiding.secret,
        status="410",
        reason="Theo yêu cầu.",
        removal="b" * 16,
    )
    with hiding.store.read() as connection:
        found = removals.get(connection, "b" * 16)
    assert found is not None
    assert found.state is RequestState.GRANTED
    assert found.takedown == hiding.store.takedowns()[0].id
    assert found.contact == ""


def test_the_first_account_can_log_in_at_once_while_the_site_is_up(hiding: Hiding) -> None:
    client = create_app(hiding.settings).test_client()
    assert client.get("/admin/login").status_code == 503
    assert add(hiding, "lan", PASSWORD).exit_code == 0
    assert client.get("/admin/login").status_code == 200
    assert log_in(client) == 303


def test_the_key_lies_where_backups_of_captures_do_not_look(hiding: Hiding) -> None:
    assert keys.key_file(hiding.settings.var) == Path(hiding.settings.var) / "secret" / "session.key"


# ---------------------------------------------------------------------------------------------------- keys


def test_a_key_is_shown_once_and_revoked_at_once(lan: FlaskClient, hiding: Hiding) -> None:
    given = post(lan, "/admin/keys", name=" Viện  <Sử học> ", requests="3000")
    found = re.search(r"kho_([0-9a-f]{8})_[\w-]{43}", given.text)
    assert found
    bearer = {"Authorization": f"Bearer {found[0]}"}
    answer = lan.get("/api/v1/sites", headers=bearer)
    assert (answer.status_code, answer.headers["RateLimit-Policy"]) == (200, '"key";q=3000;w=60')
    page = lan.get("/admin/keys").text
    assert found[1] in page
    assert found[0] not in page
    assert "Viện &lt;Sử học&gt;" in page
    assert "3.000" in page
    assert post(lan, f"/admin/keys/{found[1]}/revoke").status_code == 303
    assert lan.get("/api/v1/sites", headers=bearer).status_code == 401
    assert "đã thu hồi" in lan.get("/admin/keys").text
    assert post(lan, f"/admin/keys/{found[1]}/revoke").status_code == 404
    with hiding.store.read() as connection:
        lines = acts.listed(connection, 10, act="key.")
    assert [(item.act, item.target, item.who) for item in lines] == [
        ("key.revoke", found[1], "lan"),
        ("key.add", found[1], "lan"),
    ]
    assert found[0] not in str(lines)


@pytest.mark.parametrize(
    ("name", "requests"), [("", "5"), ("Ai đó", "-1"), ("Ai đó", "x"), ("Ai đó", "9" * 9)]
)
def test_a_key_for_nobody_or_without_a_number_is_not_given(
    lan: FlaskClient, hiding: Hiding, name: str, requests: str
) -> None:
    answer = post(lan, "/admin/keys", name=name, requests=requests)
    assert answer.status_code == 400
    assert "Cần ghi khóa cho ai" in answer.text
    assert "Chưa cấp khóa nào" in answer.text
