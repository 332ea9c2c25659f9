"""A dozen pages of the site over the archive that `benchmarks.scale` filled, in the real application."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import quote

from archive.config import Settings
from archive.web import create_app
from benchmarks.scale_articles import articles, portals


def pages(settings: Settings, count: int) -> dict[str, Any]:
    """Ask for each page once, with nothing kept from before, and see that it is what it should be."""
    client = create_app(settings).test_client()
    times: dict[str, float] = {}
    wrong: list[str] = []

    def ask(name: str, path: str, wanted: str) -> str:
        began = time.perf_counter()
        answer = client.get(path)
        text = answer.get_data(as_text=True)
        times[name] = (time.perf_counter() - began) * 1000
        if answer.status_code != 200 or wanted not in text:
            wrong.append(f"{path} answered {answer.status_code} without {wanted!r}: {text[:200]!r}")
        return text

    site = portals()[0]
    ask("front page", "/", site.name)
    ask("portal", f"/site/{site.id}", "/a/")
    ask("portal, a year", f"/site/{site.id}/2019", "/a/")
    for where, index in (("first", 0), ("middle", count // 2), ("last", count - 1)):
        (_, portal, extraction) = next(articles(index, index + 1))
        told = ask(f"search for the {where} article", f"/search?q={quote(_phrase(extraction.title))}", "/a/")
        found = re.search(r'href="(/a/[a-z2-7]+[^"#?]*)', told)
        title = extraction.title.rsplit(" ", 1)[1]
        ask(f"the {where} article", found[1] if found is not None else "/a/none", title)
        ask(
            f"its address at the portal, {where}",
            f"/timemap/link/{portal.start[0]}tin/{index}.html",
            "memento",
        )
    filters = f"site={site.id}&from=2018-01-01&to=2018-12-31"
    ask("search with filters", f"/search?q=huy%E1%BB%87n&{filters}", "/a/")
    ask("coverage", "/pham-vi", site.name)
    ask("sitemap", "/sitemap.xml", "sitemap")
    ask("harvest, first page", "/oai?verb=ListRecords&metadataPrefix=oai_dc", "resumptionToken")
    ask("search by the API", "/api/v1/search?q=h%E1%BB%99i+ngh%E1%BB%8B", "results")
    ask("trend of a word", "/xu-huong?q=l%C5%A9", "<svg")
    return {"pages": times, "wrong": wrong}


def _phrase(title: str) -> str:
    """The words of a title, side by side: nothing else has all of them."""
    return '"' + re.sub(r"\W+", " ", title).strip() + '"'
