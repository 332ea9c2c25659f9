"""The application: settings in, a WSGI callable out."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask, has_request_context, request
from flask.json.provider import DefaultJSONProvider

from archive import config
from archive.buckets import Buckets
from archive.config import Settings
from archive.web import (
    assets,
    caching,
    coverage,
    errors,
    front,
    language,
    limits,
    links,
    metrics,
    security,
    words,
)
from archive.web.admin import bp as admin_bp
from archive.web.admin import init as init_admin
from archive.web.alarms import bp as alarm_feed_bp
from archive.web.article import bp as article_bp
from archive.web.compare import bp as compare_bp
from archive.web.coverage import bp as coverage_bp
from archive.web.edits import bp as edits_bp
from archive.web.evidence import bp as evidence_bp
from archive.web.happenings.events import bp as happenings_bp
from archive.web.happenings.people import bp as people_bp
from archive.web.harvest.dumps import bp as dumps_bp
from archive.web.harvest.oai import bp as oai_bp
from archive.web.machines import bp as machines_bp
from archive.web.media import bp as media_bp
from archive.web.memento import bp as memento_bp
from archive.web.metrics import bp as metrics_bp
from archive.web.oembed import bp as oembed_bp
from archive.web.pages import bp as pages_bp
from archive.web.pictures import Pictures
from archive.web.removal import bp as removal_bp
from archive.web.research.api import bp as api_bp
from archive.web.research.concordance import bp as concordance_bp
from archive.web.research.cooccurrence import bp as cooccurrence_bp
from archive.web.research.exports import bp as exports_bp
from archive.web.research.feeds import bp as feeds_bp
from archive.web.research.trends import bp as trends_bp
from archive.web.resources import Resources
from archive.web.search import bp as search_bp
from archive.web.sections import bp as sections_bp
from archive.web.site import bp as site_bp
from archive.web.sitemap import bp as sitemap_bp

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_HERE = Path(__file__).parent
_BLUEPRINTS = (
    search_bp,
    article_bp,
    alarm_feed_bp,
    compare_bp,
    coverage_bp,
    site_bp,
    sections_bp,
    media_bp,
    pages_bp,
    machines_bp,
    sitemap_bp,
    metrics_bp,
    oembed_bp,
    memento_bp,
    edits_bp,
    evidence_bp,
    happenings_bp,
    people_bp,
    exports_bp,
    feeds_bp,
    trends_bp,
    concordance_bp,
    cooccurrence_bp,
    api_bp,
    oai_bp,
    dumps_bp,
    removal_bp,
    admin_bp,
)


def create_app(settings: Settings | None = None, buckets: Buckets | None = None) -> Flask:
    """The archive's site.

    Neither the database nor the index is opened here but at the first request, so that a server may fork
    after this call.

    :param settings: None means those of the environment and `archive.toml`.
    :param buckets: where the requests of each sender are counted; made before the fork, so that all workers
        count together. None makes them now, for this process and what is forked from it later.
    :raises ConfigError: a setting is wrong.
    """
    settings = settings or config.load()
    app = Site("archive.web", template_folder=str(_templates()), static_folder=None)
    app.extensions["archive"] = opened = Resources(settings)
    app.extensions["archive.pictures"] = Pictures(opened)
    # Vietnamese as it is, not six signs a letter. Before Jinja, which takes its `tojson` from here.
    app.json = json = DefaultJSONProvider(app)
    json.ensure_ascii = json.sort_keys = False
    # What a reader sends is a query string, or the form of `/go-bo`: 7,000 letters, nine bytes each as a form
    # sends Vietnamese ones.
    app.config["MAX_CONTENT_LENGTH"] = 65_536
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.globals |= {"settings": settings, "absolute": links.absolute}
    app.url_map.strict_slashes = False

    metrics.init(app)
    caching.init(app)
    security.init(app, settings)
    limits.init(app, settings, buckets or Buckets())
    language.init(app, settings)
    assets.init(app)
    words.init(app)
    coverage.init(app)
    errors.init(app)
    init_admin(app, settings)
    for blueprint in _BLUEPRINTS:
        app.register_blueprint(blueprint)
    front.init(app, opened)
    if path := urlsplit(settings.public_base).path:
        app.wsgi_app = _Mounted(app.wsgi_app, path)  # type: ignore[method-assign]
    return app


class Site(Flask):
    """Flask, with the addresses that it builds remembered.

    A page has some ninety, most of them those of the page before too; putting them together took a tenth of
    its time.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._known = lru_cache(maxsize=4_096, typed=True)(self._built)

    def url_for(self, endpoint: str, **values: Any) -> str:
        """As Flask's; its options, as `_external`, come among the values."""
        # Outside of a request, or told by what it is relative to, an endpoint hangs on more than this.
        if not has_request_context() or endpoint.startswith("."):
            return super().url_for(endpoint, **values)
        try:
            return self._known(request.script_root, endpoint, **values)
        except TypeError:
            # A value that cannot be remembered: a list of several.
            return super().url_for(endpoint, **values)

    def _built(self, _root: str, endpoint: str, /, **values: Any) -> str:
        return super().url_for(endpoint, **values)


def _templates() -> Path:
    """In a wheel the templates lie beside this module, in a checkout at its root."""
    packaged = _HERE / "templates"
    return packaged if packaged.is_dir() else _HERE.parents[2] / "templates"


class _Mounted:
    """Serve below a path: `public_base` is `https://example.org/kho`.

    Works whether the web server in front takes the path off or leaves it on.
    """

    def __init__(self, app: Any, path: str) -> None:
        self._app = app
        self._path = path

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = environ.get("PATH_INFO", "")
        if asked == self._path or asked.startswith(f"{self._path}/"):
            environ["PATH_INFO"] = asked[len(self._path) :] or "/"
        environ["SCRIPT_NAME"] = self._path
        answer: Iterable[bytes] = self._app(environ, start_response)
        return answer
