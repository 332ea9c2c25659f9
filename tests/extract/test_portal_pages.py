"""Every page of the sample portal is read as its truth says: three families, seven caption forms."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator

import pytest

from archive.extract import extract, join
from archive.model import Attachment, Extraction, Page, PageKind
from archive.text.clean import normalise
from tests.portal import Portal


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with Portal(articles=45) as running:
        yield running


def _read(url: str) -> Extraction:
    with urllib.request.urlopen(url) as answer:
        return extract(Page(url, answer.read(), answer.headers.get("Content-Type", "")))


def _whole(url: str) -> Extraction:
    """An article with its further pages."""
    first = _read(url)
    return join([first, *map(_read, first.parts)])


def test_every_article_has_its_fields(portal: Portal) -> None:
    seen = 0
    for site in portal.sites:
        for url, truth in portal.truth(site):
            found = _whole(url)
            seen += 1
            assert found.kind is PageKind.ARTICLE, (url, found.reason)
            assert found.title == normalise(truth.title), url
            assert found.lead == normalise(truth.lead), url
            files = [block.name for block in found.blocks if isinstance(block, Attachment)]
            body = [text for text in found.body() if text not in files]
            assert body == [normalise(text) for text in truth.body()], url
            assert list(found.captions()) == [normalise(text) for text in truth.captions], url
            assert found.published is not None
            assert found.published.day == truth.published.date(), url
            assert found.byline.authors == truth.authors, url
            assert found.byline.organisation == truth.organisation, url
            assert found.profile, url
    assert seen >= 40


def test_home_pages_are_lists(portal: Portal) -> None:
    for site in portal.sites:
        assert _read(site.base_url + "/").kind is PageKind.LIST, site.base_url
