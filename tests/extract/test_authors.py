"""Who wrote it, by claims and by the line that readers see; and when, where the two disagree."""

from __future__ import annotations

import json

import pytest

from archive.extract import extract
from archive.model import Extraction, Page

TEXT = "".join(
    f"<p>Paragraph {number} of the report tells what the council decided, and why it took so long.</p>"
    for number in range(5)
)


def _read(above: str = "", below: str = "", head: str = "", url: str = "https://example.org/a") -> Extraction:
    markup = (
        f"<html lang=en><head><title>The council decides</title>{head}</head><body><article>"
        f"<h1>The council decides</h1>{above}<div class=body>{TEXT}</div>{below}</article></body></html>"
    )
    return extract(Page(url, markup.encode(), "text/html; charset=utf-8"))


@pytest.mark.parametrize(
    ("above", "authors"),
    [
        ("<p class=byline>By Anna Lee</p>", ("Anna Lee",)),
        ("<div><span>By</span><a href=/author/anna>Anna Lee</a></div>", ("Anna Lee",)),
        ("<div>September 1st, 2023 By Anna Lee</div>", ("Anna Lee",)),
        ("<div>Dec 17, 2025<span>Anna K. Lee</span></div>", ("Anna K. Lee",)),
        ("<div class=byline><span>By Anna Lee</span><span>Updated: Dec 19, 2025</span></div>", ("Anna Lee",)),
        ("<p>Anna Lee</p><p>December 17, 2025</p>", ("Anna Lee",)),
        ("<p class=author>Anna Lee, Senior Editor</p>", ("Anna Lee",)),
        ("<p>By Anna Lee, PhD, and Mark van der Berg</p>", ("Anna Lee", "Mark van der Berg")),
        ("<p>Council Report</p><p>December 17, 2025</p>", ()),
        ("<p>Reviewed by: Mark Hall, MD</p>", ()),
    ],
)
def test_the_line_by_the_headline_names_the_authors(above: str, authors: tuple[str, ...]) -> None:
    assert _read(above).byline.authors == authors


def test_a_team_is_an_organisation() -> None:
    found = _read("<p class=author>By The Example Team</p>")

    assert found.byline.authors == ()
    assert found.byline.organisation == "The Example Team"


def test_a_visible_signature_outweighs_the_account_that_posted() -> None:
    found = _read("<p>By: Anna Lee</p><p>May 3, 2024</p>", head='<meta name="author" content="Mark Hall">')

    assert found.byline.authors == ("Anna Lee",)


def test_the_letters_after_a_name_are_no_author() -> None:
    claim = {"@type": "NewsArticle", "author": [{"@type": "Person", "name": "Anna Lee, MS, RD"}]}
    found = _read(head=f'<script type="application/ld+json">{json.dumps(claim)}</script>')

    assert found.byline.authors == ("Anna Lee",)


def test_a_catalogue_names_the_last_name_first() -> None:
    found = _read(
        head='<meta name=citation_author content="Lee, Anna"><meta name=citation_author content="Hall, M.">'
    )

    assert found.byline.authors == ("Anna Lee", "M. Hall")


@pytest.mark.parametrize(
    ("above", "head", "day", "basis"),
    [
        (
            "<p>This article was originally published on 26 Sep 2019 and has been updated.</p>",
            '<meta property="article:published_time" content="2022-09-30T04:00:00Z">',
            "2019-09-26",
            "text: first published",
        ),
        (
            "<p>Published March 9, 2026</p>",
            '<meta property="article:published_time" content="03-09-2026">',
            "2026-03-09",
            "text: date line",
        ),
        (
            "<p>Published <time pubdate datetime=2025-08-13>August 13</time></p>",
            '<meta property="article:published_time" content="2025-11-29T12:28:31-05:00">',
            "2025-08-13",
            "time[datetime]",
        ),
    ],
)
def test_what_the_page_shows_mends_what_it_claims(above: str, head: str, day: str, basis: str) -> None:
    found = _read(above, head=head)

    assert found.published is not None
    assert (found.published.iso()[:10], found.published.basis) == (day, basis)


def test_a_date_in_the_articles_own_footer_counts_and_one_in_the_pages_does_not() -> None:
    stamp = '<footer><span><time datetime="2025-08-12T11:15:06Z">12 August</time></span></footer>'

    own = _read(below=stamp)

    assert own.published is not None
    assert own.published.iso()[:10] == "2025-08-12"
    assert _read().published is None


def _day(found: Extraction) -> str:
    return found.published.iso()[:10] if found.published else ""


def test_a_line_that_tells_publication_and_update_is_read_for_the_first() -> None:
    assert _day(_read("<p>March 9, 2024 · Updated: May 3, 2025</p>")) == "2024-03-09"
    assert _day(_read("<p>Updated: May 3, 2025</p>")) == "2025-05-03"


def test_the_dates_of_a_list_above_the_headline_are_not_the_articles() -> None:
    listed = "".join(f"<h3>Another matter {n}</h3><p>{n}/04/2025</p>" for n in (14, 15, 16))
    markup = (
        f"<html lang=en-gb><body><div>{listed}</div><h1>The council decides</h1><p>03/09/2024</p>"
        f"<div>{TEXT}</div></body></html>"
    )
    assert _day(extract(Page("https://example.org/a", markup.encode(), "text/html"))) == "2024-09-03"


def test_data_for_the_pages_own_scripts_dates_it_when_nothing_else_does() -> None:
    data = json.dumps({"article": {"datePublished": "2025-11-17T09:00:00-05:00"}}).replace('"', "&quot;")
    found = _read(below=f'<div data-page="{data}"></div>')

    assert found.published is not None
    assert found.published.iso()[:10] == "2025-11-17"
    assert found.published.basis == "data:datePublished"
