"""The public site: Flask, read-only on store, captures and index; works without script.

Reading order: `app` puts it together, `resources` opens store and index once per worker, one module per
blueprint turns a request into a view model (`results`, `reading`), a template per blueprint shows it.
"""

from archive.web.app import create_app

__all__ = ["create_app"]
