"""What a site's own pages teach: boilerplate, a drafted profile, pages that are one article."""

from __future__ import annotations

import dataclasses

import pytest

from archive.errors import ConfigError
from archive.extract import (
    SiteKnowledge,
    extract,
    further_pages,
    is_print_view,
    join,
    learn,
    parse_profile,
    profiles,
    relation,
    suggest_profile,
)
from archive.extract.tree import Element, parse
from archive.model import Page
from tests.eval.extraction_golden import load
from tests.portal.grammar import SampleArticle, article

SLOGAN = "Toàn huyện chung sức xây dựng nông thôn mới, đô thị văn minh giai đoạn hiện nay."


def _page(sample: SampleArticle, url: str = "") -> Page:
    body = "".join(f"<p>{text}</p>" for text in sample.paragraphs)
    text = (
        f'<html lang="vi"><head><title>{sample.title}</title></head><body>'
        '<ul class="menu"><li><a href="/">Trang chủ</a></li></ul><div class="tin-chi-tiet">'
        f'<h1 class="tieu-de-tin">{sample.title}</h1>'
        f'<span class="ngay-dang-tin">{sample.published:%d/%m/%Y %H:%M}</span>'
        f'<div class="noi-dung-tin"><p>{SLOGAN}</p>{body}</div></div></body></html>'
    )
    return Page(
        url or f"https://huyen.gov.vn/tin/{sample.index}.html", text.encode(), "text/html; charset=utf-8"
    )


PAGES = [_page(article(3, index)) for index in range(40, 70, 3)]


def test_what_recurs_on_the_sites_pages_is_learned_and_left_out() -> None:
    knowledge = learn(PAGES)
    found = extract(PAGES[0], knowledge=knowledge)

    assert knowledge.is_boilerplate(SLOGAN)
    assert SLOGAN not in [found.lead, *found.body()]
    assert len(list(found.body())) >= 2


def test_knowledge_survives_its_stored_form() -> None:
    knowledge = learn(PAGES)

    assert SiteKnowledge.from_json(knowledge.to_json()) == knowledge
    with pytest.raises(ConfigError, match="version 99"):
        SiteKnowledge.from_json('{"version": 99, "pages": 1, "boilerplate": []}')
    with pytest.raises(ConfigError, match="cannot be read"):
        SiteKnowledge.from_json("nonsense")


def test_copies_of_one_article_teach_nothing() -> None:
    copies = [dataclasses.replace(PAGES[0], url=f"https://huyen.gov.vn/{number}") for number in range(8)]

    assert learn(copies).boilerplate == frozenset()


def test_a_drafted_profile_names_the_fields_and_can_be_read() -> None:
    text = suggest_profile(PAGES, "huyen")
    profile = parse_profile(text)

    assert profile.name == "huyen"
    assert ".tieu-de-tin" in profile.fields["title"]
    assert ".noi-dung-tin" in profile.fields["body"]
    assert ".ngay-dang-tin" in profile.fields["published"]


def test_a_drafted_profile_fits_the_family_and_no_other() -> None:
    def page(stem: str) -> tuple[bytes, Element]:
        body = load(stem)[0].body
        return body, parse(body.decode())

    drawn = ("25-vnpt-caption-1", "26-vnpt-caption-7", "06-vnpt-real")
    profile = parse_profile(suggest_profile([load(stem)[0] for stem in drawn], "vnpt-x"))

    assert profile.fields["body"] == (".detail-content",)
    assert profile.fields["lead"] == (".sapo-detail",)
    assert len(profile.evidence(*reversed(page("06-vnpt-real")))) >= profile.minimum
    for stranger in ("02-nukeviet-real", "08-joomla-real", "35-baogialai", "61-english-news"):
        assert len(profile.evidence(*reversed(page(stranger)))) < profile.minimum


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = ", "not valid TOML"),
        ('name = "x"\nspeed = 1', "unknown key 'speed'"),
        ('name = "x"\n[fields]\nbdoy = [".a"]', "unknown key 'bdoy'"),
        ('name = "x"\n[fields]\nbody = [".a["]', "cannot be read"),
        ('name = "X y"', "lower-case"),
        ('name = "x"\n[pages]\nlist = ["("]', "cannot be read"),
    ],
)
def test_a_wrong_profile_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_profile(text, "test.toml")


def test_the_profiles_of_the_package_are_sound() -> None:
    assert {"wordpress", "nukeviet", "sharepoint"} <= set(profiles())


def test_parts_of_an_article_are_found_and_joined() -> None:
    first = _page(article(3, 40), "https://huyen.gov.vn/tin/bai.html")
    links = (
        b'<a href="bai.html?page=2">2</a> <a href="/tin/bai.html?page=3">3</a>'
        b' <a href="/tin/other.html">2</a>'
    )
    first = dataclasses.replace(first, body=first.body.replace(b"</body>", links + b"</body>"))

    assert further_pages(first) == (
        "https://huyen.gov.vn/tin/bai.html?page=2",
        "https://huyen.gov.vn/tin/bai.html?page=3",
    )
    one, two = extract(first), extract(_page(dataclasses.replace(article(3, 43), title=article(3, 40).title)))
    whole = join([one, two])
    assert list(whole.body()) == [*one.body(), *two.body()]
    assert whole.title == one.title


def test_a_print_view_is_the_same_article() -> None:
    page = PAGES[0]
    plain = b"<html><body><h1>" + page.body.split(b'<h1 class="tieu-de-tin">')[1]
    printed = extract(Page("https://huyen.gov.vn/print/40.html", plain, "text/html; charset=utf-8"))

    assert is_print_view("https://huyen.gov.vn/print/40.html")
    assert not is_print_view(page.url)
    assert relation(extract(page), printed) == "same"
    assert relation(extract(page), extract(PAGES[1])) == ""
