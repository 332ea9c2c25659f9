"""People in their offices, as the articles report them over time."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for

from archive.store import Chronicle
from archive.web import links, query, words
from archive.web.caching import page
from archive.web.happenings import asked, shown
from archive.web.kept import kept
from archive.web.resources import resources

bp = Blueprint("people", __name__)

PAGE_SIZE = 60
_LONGEST_NAME = 100


@bp.get("/nguoi")
@kept
def people() -> Response:
    """Everybody whom articles name with an office or a word of courtesy, the most named first."""
    name = request.args.get("ten", "")[:_LONGEST_NAME].strip()
    site = site if query.is_site(site := request.args.get("site", "")) else ""
    number = asked.page_number(request.args)
    chronicle = Chronicle(resources().store)
    total = chronicle.count_people(site=site, name=name)
    offset = (number - 1) * PAGE_SIZE
    if offset >= total and number > 1:
        abort(404)
    sites = {item.id: item.name for item in resources().store.sites()}

    def address(page_number: int) -> str:
        values: dict[str, Any] = {"ten": name, "site": site, "trang": page_number if page_number > 1 else ""}
        return url_for("people.people", **{key: value for key, value in values.items() if value})

    return page(
        render_template(
            "happenings/people.html",
            name=name,
            site=site,
            sites=sites,
            total=total,
            number=number,
            first=offset + 1,
            people=chronicle.people(site=site, name=name, limit=PAGE_SIZE, offset=offset),
            earlier=address(number - 1) if number > 1 else "",
            later=address(number + 1) if offset + PAGE_SIZE < total else "",
        ),
        robots="noindex, follow" if request.args else "",
    )


@bp.get("/nguoi/<person_id>")
@kept
def person(person_id: str) -> Response:
    """One person: the offices reported over time, each with its sentence and its article."""
    chronicle = Chronicle(resources().store)
    fits = len(person_id) <= 16 and person_id.isalnum() and person_id.isascii()
    found = chronicle.person(person_id) if fits else None
    if found is None:
        abort(404)
    claims = chronicle.claims(found.id)
    views = {
        view.article.id: view for view in resources().store.articles([claim.article for claim in claims])
    }
    periods: dict[str, list[tuple[str, shown.Telling]]] = {}
    for claim in claims:
        if claim.article in views:
            told = shown.telling(
                views[claim.article], claim.claim.sentence, claim.claim.where, claim.claim.rule
            )
            periods.setdefault(shown.offices(claim), []).append((claim.day, told))
    sites = {item.id: item.name for item in resources().store.sites()}
    return page(
        render_template(
            "happenings/person.html",
            person=found,
            canonical=links.absolute(url_for("people.person", person_id=found.id)),
            site_names=[sites.get(site, site) for site in found.sites],
            periods=[
                (offices, words.iso_day(min(days)) if (days := [d for d, _ in told if d]) else "",
                 words.iso_day(max(days)) if days else "", [item for _, item in told])
                for offices, told in periods.items()
            ],
            namesakes=[
                (item, ", ".join(sites.get(site, site) for site in item.sites))
                for item in chronicle.namesakes(found)
            ],
            search=url_for("search.results", q=f'nguoi:"{found.name}"'),
        )
    )  # fmt: skip
