"""A crawl learns what stands above every article of a site, and its own first articles lose it too."""

from __future__ import annotations

import json
from contextlib import closing

from click.testing import CliRunner

from archive.cli import main
from archive.config import Settings
from archive.extract import EXTRACTOR
from archive.store import Store
from tests.crawler.crawling import Answer, Pages, article, listing, path_of, run, served, site_at

SLOGAN = "Chủ đề công tác năm 2020: Nâng cao chất lượng dịch vụ, gắn với cải cách hành chính."


def page(number: int) -> str:
    head, _, rest = article(number).partition("</time>")
    return f"{head}</time><p>{SLOGAN}</p>{rest}"


def test_all_articles_of_a_crawl_lose_the_slogan_and_none_is_edited(settings: Settings) -> None:
    numbers = range(1, 15)
    answers: dict[str, Answer] = {path_of(n): page(n) for n in numbers}
    with served(Pages({"/": listing(list(answers))} | answers)) as start:
        site = site_at(f"{start}/")
        first = run(settings, [site])
        again = run(settings, [site], recheck=True)
    assert (first.result.new, first.result.changed) == (14, 0)
    assert (again.result.same, again.result.changed) == (14, 0)
    with closing(Store.open(settings.database_url)) as store:
        views = store.newest(100)
    assert {view.extraction.extractor for view in views} == {f"{EXTRACTOR}+k1"}
    assert {view.versions for view in views} == {1}
    for view in views:
        assert SLOGAN not in (view.extraction.lead, *view.extraction.body())
        assert len(list(view.extraction.body())) >= 3


def test_try_uses_what_the_crawl_learnt_and_shows_what_it_threw_away(settings: Settings) -> None:
    numbers = range(1, 15)
    answers: dict[str, Answer] = {path_of(n): page(n) for n in range(1, 16)}
    with served(Pages({"/": listing([path_of(n) for n in numbers])} | answers)) as start:
        run(settings, [site_at(f"{start}/")])
        environment = {"ARCHIVE_VAR": str(settings.var), "ARCHIVE_INDEX": str(settings.index)}
        asked = ["try", f"{start}{path_of(15)}", "--allow-private"]
        shown = CliRunner().invoke(main, asked, env=environment)
        data = CliRunner().invoke(main, [*asked, "--json"], env=environment)
    assert shown.exit_code == 0, shown.output
    assert f"{EXTRACTOR}+k1" in shown.output
    assert "stands on many pages of the site (k1)" in " ".join(shown.output.split())
    extraction = json.loads(data.output)
    assert [text for _, rule, text in extraction["dropped"] if "many pages" in rule] == [SLOGAN]


def test_the_crawl_goes_on_to_the_next_pages_of_an_article(settings: Settings) -> None:
    paths = ["/bai-viet-dai-ve-nong-thon-moi.html", "/bai-viet-dai-ve-nong-thon-moi.html?page=2"]
    links = "".join(f'<a href="{path}">{n}</a> ' for n, path in enumerate(paths, 1))
    second = article(1).replace("thi đua số 1", "thi đua đợt 2").replace("đông đảo", "hàng trăm")
    second = second.replace("Phát biểu tại buổi lễ", "Cũng trong buổi chiều").replace("Ủy ban", "Hội đồng")
    answers: dict[str, Answer] = {
        paths[0]: article(1, extra=links),
        paths[1]: second.replace("</article>", f"{links}</article>"),
    }
    with served(Pages(answers | {"/": listing([paths[0]])})) as start:
        ran = run(settings, [site_at(f"{start}/")])
    assert ran.result.new == 1
    with closing(Store.open(settings.database_url)) as store:
        (view,) = store.newest(10)
    assert [page.url for page in view.pages] == [f"{start}{path}" for path in paths]
    assert len(list(view.extraction.body())) >= 7


def test_an_attached_file_that_cannot_be_read_is_listed_with_its_reason(settings: Settings) -> None:
    path, file = path_of(1), "/tep/ke-hoach.pdf"
    answers: dict[str, Answer] = {
        "/": listing([path]),
        path: article(1, extra=f'<p><a href="{file}">Kế hoạch kèm theo</a></p>'),
        file: ("200 OK", {"Content-Type": "application/pdf"}, b"%PDF-1.4 and no more"),
    }
    with served(Pages(answers)) as start:
        ran = run(settings, [site_at(f"{start}/")])
    (listed,) = [item for item in ran.failures if item.url == f"{start}{file}"]
    assert listed.reason.value == "bad-content"
    assert "kept, but its text was not read" in listed.detail
    assert "damaged" in listed.detail
    with closing(Store.open(settings.database_url)) as store:
        (view,) = store.newest(10)
    assert [item.name for item in view.attachments] == ["Kế hoạch kèm theo"]
