"""One portal: what it is, what is kept of it, its newest articles."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, request, url_for

from archive.web import items, links, query
from archive.web.caching import page
from archive.web.resources import resources

bp = Blueprint("site", __name__)


@bp.get("/site/<site_id>")
def show(site_id: str) -> Response:
    """A portal's page, newest articles first."""
    store = resources().store
    site = store.site(site_id) if query.is_site(site_id) else None
    if site is None:
        abort(404)
    number = query.parse(request.args.to_dict(flat=False)).request.page
    start = (number - 1) * query.PAGE_SIZE
    newest = store.newest(query.PAGE_SIZE, site=site_id, offset=start)
    if not newest and number > 1:
        abort(404)
    more = start + len(newest) < site.articles
    html = render_template(
        "site/site.html",
        site=site,
        original=links.outside(next(iter(site.start), "")),
        newest=[items.of_view(view) for view in newest],
        number=number,
        previous=_address(site_id, number - 1) if number > 1 else "",
        next=_address(site_id, number + 1) if more else "",
    )
    return page(html)


def _address(site_id: str, number: int) -> str:
    if number > 1:
        return url_for("site.show", site_id=site_id, page=number)
    return url_for("site.show", site_id=site_id)
