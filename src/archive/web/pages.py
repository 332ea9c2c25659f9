"""Pages about the archive itself."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from archive.web.caching import page
from archive.web.resources import resources

bp = Blueprint("pages", __name__)


@bp.get("/gioi-thieu")
@bp.get("/about")
def about() -> Response:
    """What the archive is, how it works, how to search."""
    return page(render_template("pages/about.html", totals=resources().store.totals()))


@bp.get("/go-bo")
def removal() -> Response:
    """How to have something corrected or taken down."""
    return page(render_template("pages/removal.html"))


@bp.get("/bot")
def bot() -> Response:
    """For the people of a portal that finds our crawler in its log."""
    return page(render_template("pages/bot.html"))
